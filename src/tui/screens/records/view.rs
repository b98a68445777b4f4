//! Draws the list: a header line, the table, and the preview beside it.

use jiff::civil::DateTime;
use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{
    Records,
    columns::{cell, columns, order_text},
    preview::wrapped,
};
use crate::{
    model::{
        filter::{
            field::FilterField,
            tree::{FilterOp, FilterTerm},
        },
        format::{count, count_of, time_of_day},
    },
    services::{marks::Sharing, page::Page, request::Slot},
    style::{Role, Theme},
    tui::screens::words::{only_word, told_filter},
    tui::widgets::{
        table::{Hidden, Overflow, TableView, layout},
        text::{Span, cut, put, put_spans, spans_width, width},
    },
    tui::{action::Action, bindings::key_of, keymap::Context, list_columns::ListColumn},
};

/// A header with less room than this is short of words.
const NARROW: usize = 60;

/// One with less room than this says what it counts in one word.
const WORDY: usize = 110;

/// From this width on the selected record stands beside the list.
const WITH_PREVIEW: u16 = 120;

/// Where the parts stand, by nothing but the size:
///
/// ```text
/// header
/// titles   │ preview
/// rows     │
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub header: Rect,
    /// Titles and rows.
    pub list: Rect,
    /// Empty where there is no room for one.
    pub preview: Rect,
}

impl Parts {
    pub fn of(size: Size) -> Self {
        let area = Rect { x: 0, y: 0, width: size.width, height: size.height };
        let beside =
            if size.width < WITH_PREVIEW { 0 } else { (size.width.saturating_mul(3) / 10).clamp(44, 72) };
        let below = Rect { y: 1.min(area.height), height: area.height.saturating_sub(1), ..area };
        let list = Rect { width: area.width - beside, ..below };
        let preview = Rect { x: list.right(), width: beside, ..below };
        Parts { header: Rect { height: 1.min(area.height), ..area }, list, preview }
    }

    pub fn has_preview(&self) -> bool {
        self.preview.width > 0
    }

    /// Rows of the table.
    pub fn rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(1))
    }

    /// Columns of the table: the rule of the preview does not touch the last one.
    pub fn table_width(&self) -> u16 {
        self.list.width.saturating_sub(u16::from(self.has_preview()))
    }

    fn within(self, area: Rect) -> Self {
        let shifted = |part: Rect| {
            Rect { x: part.x.saturating_add(area.x), y: part.y.saturating_add(area.y), ..part }
                .intersection(area)
        };
        Parts { header: shifted(self.header), list: shifted(self.list), preview: shifted(self.preview) }
    }
}

pub fn draw(records: &Records, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let parts = Parts::of(area.as_size()).within(area);
    header(records, theme, parts.header, buf);
    let page = records.list.page();
    let now = page.map(|page| page.as_of).unwrap_or_default();
    match page {
        Some(page) if page.total > 0 => table(records, now, theme, parts.list, buf),
        _ => nothing(records, theme, parts.list, buf),
    }
    if parts.preview.width > 0 {
        records.preview.view(now, theme, parts.preview, buf);
    }
}

/// The opened data, how many records there are and how they are, the words, the order.
fn header(records: &Records, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(2);
    let (parts, counts) = header_parts(records, room, theme);
    let size = |part: &[Span<'_>]| spans_width(part) + 3;
    // The program's name gives way to the order, the opened data only to the counts.
    let opened = width(&records.opened);
    let least = opened.min(if room < NARROW { 8 } else { 16 });
    let wanted = opened.min(room / 2);
    let (mut used, mut shown) = (0, 0);
    for (n, part) in parts.iter().enumerate() {
        if used + size(part) + if n < counts { least } else { wanted } > room {
            break;
        }
        used += size(part);
        shown += 1;
    }
    let left_width = room - used.min(room);
    let mut left = vec![Span::plain(records.opened.as_str())];
    if left_width >= opened.min(20) + 11 {
        left.splice(0..0, [Span::new("ivorylens", Role::Heading), Span::plain("  ")]);
    }
    let left_width = u16::try_from(left_width).unwrap_or(0);
    put_spans(buf, area, (1, 0, left_width), &left, theme);
    let mut x = area.width.saturating_sub(u16::try_from(used).unwrap_or(0)).saturating_add(2);
    for part in parts.iter().take(shown) {
        x = put_spans(buf, area, (x, 0, area.width.saturating_sub(x)), part, theme).saturating_add(3);
    }
}

/// How many records there are of each kind that is worth a word in header and title.
fn states(page: &Page, is_short: bool) -> impl Iterator<Item = (String, Role)> {
    let stopped = if is_short { "stopped" } else { "stopped after an error" };
    let waits = if page.waiting == 1 { "waits" } else { "wait" };
    let states = [
        (page.failed, "failed", Role::Failed),
        (page.waiting, waits, Role::Failed),
        (page.died, "died", Role::Failed),
        (page.stopped, stopped, Role::Failed),
        (page.running, "running", Role::Selected),
    ];
    states
        .into_iter()
        .filter(|(many, ..)| *many > 0)
        .map(|(many, word, role)| (format!("{} {word}", count(many)), role))
}

/// The window's title.
pub(super) fn title(records: &Records, opened: &str) -> String {
    let page = records.list.page().filter(|page| !page.uncounted);
    let states = page.into_iter().flat_map(|page| states(page, false)).map(|(text, _)| format!(" · {text}"));
    format!("ivorylens {opened}{}", states.collect::<String>())
}

/// What the header says at the right, the most important first, and how many parts of it are counts.
fn header_parts(records: &Records, room: usize, theme: &Theme) -> (Vec<Vec<Span<'static>>>, usize) {
    let picked = records.picked_words().map(|words| vec![Span::new(words, Role::Selected)]);
    let Some(page) = records.list.page().filter(|page| !page.uncounted) else {
        let parts: Vec<_> = picked.into_iter().chain([vec![Span::pending(theme)]]).collect();
        return (parts.clone(), parts.len());
    };
    let filter = &records.shown.filter;
    let number = if filter.is_empty() {
        vec![Span::plain(count_of(page.all, "record", "records"))]
    } else {
        let all = count_of(page.all, "record", "records");
        let of = if room < NARROW { " with ".to_owned() } else { format!(" of {all} with ") };
        let most = (room / 4).max(8);
        // The quote at the end is never cut.
        let words = match only_word(filter) {
            Some(word) => format!("\"{}\"", cut(word, most, theme.ellipsis())),
            None => cut(filter.text(), most + 2, theme.ellipsis()),
        };
        let mut number = vec![Span::plain(count(page.total))];
        // Others may be found.
        number.extend(page.unread.map(|_| Span::pending(theme)));
        number.extend([Span::dim(of), Span::new(words, Role::Accent)]);
        number
    };
    // What an action would be about is never left out.
    let mut parts: Vec<_> = picked.into_iter().chain([number]).collect();
    parts.extend(states(page, room < WORDY).map(|(text, role)| vec![Span::new(text, role)]));
    if page.uncounted_stops {
        parts.push(vec![Span::pending(theme)]);
    }
    if page.sharing == Sharing::ReadOnly {
        parts.push(vec![Span::dim("shared marks: only read")]);
    }
    let counts = parts.len();
    let mut order = vec![Span::dim(order_text(&records.shown, theme))];
    if page.unsorted {
        order.extend([Span::plain(" "), Span::pending(theme)]);
    }
    parts.push(order);
    if !records.follows {
        parts.push(vec![Span::dim(format!("as of {}", time_of_day(page.as_of)))]);
    }
    (parts, counts)
}

fn table(records: &Records, now: DateTime, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let area = Rect { width: Parts::of(records.size).table_width().min(area.width), ..area };
    let all = records.its_columns(area.width, theme);
    let mut columns = columns(&all, &records.columns, records.id_width, &records.shown, theme);
    let active = all.iter().position(|col| *col == records.cursor);
    // The cursor is seen on a column without a title too.
    if let Some(untitled) = active.and_then(|at| columns.get_mut(at)).filter(|col| col.title.is_empty()) {
        untitled.title = theme.dot().into();
    }
    let placed = layout(&columns, area.width, Overflow::Drop);
    let range = records.pick_range();
    let width_of = |at: usize| placed.iter().find(|place| place.column == at).map_or(0, |place| place.width);
    TableView {
        columns: &columns,
        placed: &placed,
        scroll: records.list.scroll(),
        row: |at| {
            let row = records.list.row(at)?;
            let details = records.details.of(row);
            let is_kept = records.picking.has(row);
            let is_picked = is_kept || range.as_ref().is_some_and(|range| range.contains(&at));
            let cells = all.iter().enumerate().map(|(n, col)| match col {
                ListColumn::Spark if !records.shows_sparks() => Span::default(),
                _ => {
                    let mut cell = cell(*col, row, details, (now, width_of(n)), theme);
                    match col {
                        ListColumn::Outcome if is_picked => cell.text += theme.picked(is_kept),
                        ListColumn::Id if is_picked => cell.kind = Role::Selected,
                        _ => {}
                    }
                    cell
                }
            });
            Some(cells.collect())
        },
        active,
        hidden: Hidden::default(),
        theme,
    }
    .draw(area, buf);
}

/// The key of an action on the list.
fn key(action: Action) -> String {
    key_of(Context::List, action)
}

/// In the place of rows: that they are on their way, that there are none, or why, and what to do.
fn nothing(records: &Records, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (title, advice) = match (&records.trouble, records.list.page()) {
        (Some(trouble), None) => {
            (trouble.clone(), format!("{} reads again, {} leaves.", key(Action::Reload), key(Action::Close)))
        }
        (None, None) => (theme.ellipsis().to_owned(), String::new()),
        (_, Some(page)) => empty(records, page),
    };
    let columns = usize::from(area.width).saturating_sub(4);
    let kind = if records.list.page().is_some() { Role::Heading } else { Role::Dim };
    let lines = wrapped(&title, columns, 4).map(|line| (line, kind));
    let advice = wrapped(&advice, columns, 4).map(|line| (line, Role::Dim));
    for (y, (line, kind)) in (1..area.height).zip(lines.chain(advice)) {
        put(buf, area, 2, y, &line, theme.style(kind));
    }
}

/// What a list without records says, and what to do.
fn empty(records: &Records, page: &Page) -> (String, String) {
    let filter = &records.shown.filter;
    if filter.is_empty() {
        let advice = format!(
            "IvoryOS writes one as a run starts. {} reads again; {} follows, and shows it as it comes.",
            key(Action::Reload),
            key(Action::Follow)
        );
        return match page.calls {
            0 => ("No records yet.".to_owned(), advice),
            calls => {
                let calls = count_of(calls, "call by hand", "calls by hand");
                let advice = advice.replacen("writes one", "writes a record", 1);
                (format!("No records. {calls}: {} shows them.", key(Action::Calls)), advice)
            }
        };
    }
    let words = told_filter(filter);
    if let Some(unread) = page.unread {
        let left =
            count_of(unread.total.unwrap_or(0).saturating_sub(unread.done), "record is", "records are");
        let advice = if records.requests.is_coming(Slot::PageWhole) {
            format!("It goes on: hits appear here as they are found; {} ends it.", key(Action::Back))
        } else {
            format!("{left} not searched yet; {} searches on.", key(Action::Reload))
        };
        return (format!("No record with {words} was found yet."), advice);
    }
    let (back, search) = (key(Action::Back), key(Action::Search));
    let esc = match page.all {
        _ if *filter == records.base => format!("{back} goes back"),
        _ if !records.base.is_empty() => format!("{back} shows the records from before again"),
        1 => format!("{back} shows the one record again"),
        n => format!("{back} shows all {} records again", count(n)),
    };
    let Some(word) = only_word(filter) else {
        let advice = format!(
            "{esc}; {search} changes the words, where {} offers what there is.",
            key_of(Context::Prompt, Action::Complete)
        );
        return (format!("No record matches {words}."), advice);
    };
    if word.trim_start_matches('#').parse::<i64>().is_ok() {
        let advice = format!("{esc}; {search} changes the words.");
        return (format!("No record has {words} in its name or user, or as its id."), advice);
    }
    let within = |field| FilterTerm::of(field, FilterOp::Has, word);
    let (step, error) = (within(FilterField::Step), within(FilterField::Error));
    let advice = format!("{esc}; {search} changes the words: {step} looks in methods, {error} in failures.");
    (format!("No record has {words} in its name or user."), advice)
}
