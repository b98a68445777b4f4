//! Draws the list of calls: a header line, the table, and the selected call beside it.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{preview::CallPreview, window::CallWindow};
use crate::{
    model::{
        call::CallQuery,
        format::{clock_short, count, count_of, date_time, duration_short, time_of_day},
    },
    services::calls::{CallLine, CallPage},
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screens::words::time_text,
        widgets::{
            pane::wrapped,
            table::{Column, Hidden, Overflow, TableView, layout},
            text::{Span, cut, put, put_spans, spans_width, width},
        },
    },
};

/// From this width on the selected call stands beside the list.
const WITH_PREVIEW: u16 = 120;
/// Columns of a time to the second, of one to the minute, and of a time today or a day.
const SECONDS: u16 = 19;
const MINUTES: u16 = 16;
const DAY: u16 = 12;
/// From these widths of the list on times are shown to the minute, and to the second.
const MINUTES_FROM: u16 = 70;
const SECONDS_FROM: u16 = 100;

/// Where the parts stand, by nothing but the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallParts {
    pub header: Rect,
    /// Titles and rows.
    pub list: Rect,
    /// Empty where there is no room for one.
    pub preview: Rect,
}

impl CallParts {
    pub fn of(size: Size) -> Self {
        Self::within(Rect { x: 0, y: 0, width: size.width, height: size.height })
    }

    fn within(area: Rect) -> Self {
        let beside = if area.width < WITH_PREVIEW { 0 } else { (area.width / 3).clamp(40, 72) };
        let header = Rect { height: 1.min(area.height), ..area };
        let below = Rect { y: area.y + header.height, height: area.height - header.height, ..area };
        let list = Rect { width: area.width - beside, ..below };
        CallParts { header, list, preview: Rect { x: list.right(), width: beside, ..below } }
    }

    /// Rows of the table.
    pub fn rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(1))
    }
}

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub struct CallsView<'a> {
    pub window: &'a CallWindow,
    /// What the list is.
    pub shown: &'a CallQuery,
    /// The record that they are around.
    pub record: Option<i64>,
    /// The selected call, or the one before it.
    pub whole: Option<&'a CallPreview>,
    pub follows: bool,
    /// Why there is no list.
    pub trouble: Option<&'a str>,
    pub opened: &'a str,
    pub id_width: u16,
}

pub fn draw(calls: &CallsView<'_>, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let parts = CallParts::within(area);
    header(calls, theme, parts.header, buf);
    match calls.window.page() {
        Some(page) if page.total > 0 => table(calls, page, theme, parts, buf),
        page => nothing(calls, page, theme, parts.list, buf),
    }
    beside(calls, theme, parts.preview, buf);
}

/// The opened data, and how many calls there are, which ones, and as of when.
fn header(calls: &CallsView<'_>, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut right = counts(calls, theme);
    match calls.window.page() {
        Some(page) if !calls.follows => {
            right.push(Span::dim(format!("   as of {}", time_of_day(page.as_of))))
        }
        _ => {}
    }
    let room = usize::from(area.width).saturating_sub(2);
    // The time gives way to the numbers, the opened data to both.
    if spans_width(&right) + 12 > room && right.len() > 1 {
        right.pop();
    }
    let taken = spans_width(&right).min(room);
    let left_room = room.saturating_sub(taken + 3);
    let mut left = vec![Span::plain(calls.opened)];
    if left_room >= width(calls.opened) + 11 {
        left.splice(0..0, [Span::new("ivorylens", Role::Heading), Span::plain("  ")]);
    }
    put_spans(buf, area, (1, 0, u16::try_from(left_room).unwrap_or(0)), &left, theme);
    let taken = u16::try_from(taken).unwrap_or(u16::MAX);
    let x = area.width.saturating_sub(taken).saturating_sub(1);
    put_spans(buf, area, (x, 0, taken), &right, theme);
}

fn counts(calls: &CallsView<'_>, theme: &Theme) -> Vec<Span<'static>> {
    let Some(page) = calls.window.page().filter(|page| !page.uncounted) else {
        return vec![Span::plain("calls by hand "), Span::pending(theme)];
    };
    let shown = calls.shown;
    if shown.is_all() {
        return vec![Span::plain(count_of(page.total, "call by hand", "calls by hand"))];
    }
    let of = page.all.map(|all| format!(" of {}", count(all))).unwrap_or_default();
    let mut spans = vec![Span::plain(count(page.total)), Span::dim(format!("{of} calls by hand"))];
    if let Some(run) = calls.record.filter(|_| !shown.began.is_all()) {
        spans.push(Span::dim(" around "));
        spans.push(Span::new(format!("#{run}"), Role::Accent));
    }
    if !shown.words.is_empty() {
        spans.push(Span::dim(" with "));
        let words = cut(&shown.words, 24, theme.ellipsis());
        spans.push(Span::new(format!("\"{words}\""), Role::Accent));
    }
    spans
}

fn table(calls: &CallsView<'_>, page: &CallPage, theme: &Theme, parts: CallParts, buf: &mut Buffer) {
    // The rule of the preview does not touch the last column.
    let has_preview = parts.preview.width > 0;
    let area = Rect { width: parts.list.width.saturating_sub(u16::from(has_preview)), ..parts.list };
    let widest = |of: &dyn Fn(&CallLine) -> usize| {
        let widest = page.rows.iter().map(of).max().unwrap_or(0);
        u16::try_from(widest).unwrap_or(u16::MAX)
    };
    let took = |row: &CallLine| row.took().map(duration_short).unwrap_or_default();
    let started = match area.width {
        SECONDS_FROM.. => SECONDS,
        MINUTES_FROM.. => MINUTES,
        _ => DAY,
    };
    let form = |at| match started {
        SECONDS => date_time(at),
        MINUTES => at.strftime("%Y-%m-%d %H:%M").to_string(),
        _ => clock_short(at, page.as_of),
    };
    let columns = [
        Column::new("id", calls.id_width.max(2)).right().priority(1),
        Column::new("started", started).priority(5),
        Column::soft("method", 18, 20).grow(2).priority(6),
        Column::soft("arguments", 12, 12).grow(3).priority(3),
        Column::new("took", widest(&|row| width(&took(row))).max(4)).right().priority(2),
        Column::soft("result or error", 12, 15).grow(3).priority(4),
    ];
    let placed = layout(&columns, area.width, Overflow::Drop);
    let row = |at: usize| {
        let row = calls.window.row(at)?;
        let result = match &row.error {
            Some(error) => Span::new(error.clone(), Role::Failed),
            None => Span::plain(row.result.clone()),
        };
        Some(vec![
            Span::dim(row.id.to_string()),
            Span::dim(time_text(&row.start, form)),
            Span::plain(row.method.clone()),
            Span::plain(row.arguments.clone()),
            Span::dim(took(row)),
            result,
        ])
    };
    TableView {
        columns: &columns,
        placed: &placed,
        scroll: calls.window.scroll(),
        row,
        active: None,
        hidden: Hidden::default(),
        theme,
    }
    .draw(area, buf);
}

/// In the place of rows: that they are on their way, that there are none, or why, and what to do.
fn nothing(calls: &CallsView<'_>, page: Option<&CallPage>, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let key = |action| key_of(Context::Calls, action);
    let (title, advice) = match (&calls.trouble, page) {
        (Some(trouble), _) => (
            (*trouble).to_owned(),
            format!("{} reads again, {} goes back.", key(Action::Reload), key(Action::Back)),
        ),
        (None, None) => (theme.ellipsis().to_owned(), String::new()),
        (_, Some(page)) if page.uncounted => (theme.ellipsis().to_owned(), String::new()),
        (_, Some(_)) if calls.shown.words.is_empty() => (
            "No calls by hand.".to_owned(),
            format!(
                "IvoryOS writes one as somebody calls a method on an instrument's page. {} reads again; {} follows, and \
                 shows it as it comes.",
                key(Action::Reload),
                key(Action::Follow)
            ),
        ),
        (_, Some(_)) => (
            format!(
                "No call by hand has \"{}\" in its method, arguments, result or error.",
                calls.shown.words
            ),
            format!("{} shows all again; {} changes the words.", key(Action::Back), key(Action::Search)),
        ),
    };
    let columns = usize::from(area.width).saturating_sub(4).max(1);
    let kind = if page.is_some() { Role::Heading } else { Role::Dim };
    let lines = wrapped(&title, columns).map(|line| (line, kind));
    let advice = wrapped(&advice, columns).map(|line| (line, Role::Dim));
    for (y, (line, kind)) in (1..area.height).zip(lines.chain(advice)) {
        put(buf, area, 2, y, line, theme.style(kind));
    }
}

/// The selected call behind a rule.
fn beside(calls: &CallsView<'_>, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.width == 0 {
        return;
    }
    for y in 0..area.height {
        put(buf, area, 0, y, theme.upright_rule(), theme.style(Role::Dim));
    }
    let Some(whole) = calls.whole.filter(|_| !calls.window.scroll().is_empty()) else { return };
    // Until the next one has come the last one is shown, dim.
    let is_last = calls.window.selected_id() != Some(whole.call.id);
    let inside = Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area };
    whole.view(is_last, theme, inside, buf);
}
