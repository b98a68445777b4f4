//! The record's header: which record, how it ended, the tabs; who, how and when.

use jiff::civil::DateTime;
use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};
use strum::VariantArray;

use super::RecordScreen;
use crate::{
    error::Result,
    model::{
        format::{date_time, duration, time_of_day},
        outcome::Outcome,
        timestamp::Timestamp,
    },
    services::{record_head::RecordHead, request::Answer, run_progress::RunProgress, run_row::RunRow},
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screens::loadable::paragraph,
        screens::progress_words,
        screens::words::{row_kind, time_text},
        tab::TabId,
        widgets::text::{Span, cut, put, put_spans, spans_width, width},
    },
};

/// What the header knows.
#[derive(Debug, Default)]
pub(super) enum Header {
    #[default]
    Waiting,
    /// With how far it has come, and as of when.
    Known(Box<KnownHead>),
    /// There is no such record (any more).
    Missing(String),
    Failed(String),
}

/// A record that is there.
#[derive(Debug)]
pub(super) struct KnownHead {
    row: RunRow,
    /// Of one that runs or waits.
    progress: Option<RunProgress>,
    as_of: DateTime,
}

/// Windows from this height on have an empty line below the header.
const ROOMY: u16 = 15;

fn height(size: Size) -> u16 {
    if size.height >= ROOMY { 3 } else { size.height.min(2) }
}

/// What is left for a tab.
pub(super) fn tab_size(size: Size) -> Size {
    Size { width: size.width, height: size.height.saturating_sub(height(size)) }
}

fn back() -> String {
    key_of(Context::Record, Action::Back)
}

impl Header {
    pub fn gone(run: i64) -> Self {
        Header::Missing(format!("Record {run} was deleted. {} goes back to the list.", back()))
    }

    pub fn learn(&mut self, run: i64, result: Result<Answer>) {
        let known = matches!(self, Header::Known(..));
        match result {
            Ok(Answer::Record(head)) => {
                let RecordHead { row, progress, as_of } = *head;
                *self = match row {
                    Some(row) => Header::Known(Box::new(KnownHead { row, progress, as_of })),
                    None if known => Header::Missing(format!(
                        "Record {run} is gone: it is not in the file any more. {} goes back.",
                        back()
                    )),
                    None => Header::Missing(format!(
                        "There is no record {run} in this file. {} goes back.",
                        back()
                    )),
                }
            }
            Err(e) if !known => *self = Header::Failed(e.on_screen()),
            _ => {}
        }
    }

    pub fn row(&self) -> Option<&RunRow> {
        self.known().map(|known| &known.row)
    }

    fn known(&self) -> Option<&KnownHead> {
        if let Header::Known(known) = self { Some(known) } else { None }
    }

    pub fn is_missing(&self) -> bool {
        matches!(self, Header::Missing(_))
    }

    /// Says that the record is gone, in the place of a tab; false where it is there.
    pub fn missing(&self, theme: &Theme, area: Rect, buf: &mut Buffer) -> bool {
        if let Header::Missing(text) = self {
            paragraph(text, Role::Normal, theme, area, buf);
            return true;
        }
        false
    }
}

/// Draws the header and gives what is left of the area.
pub(super) fn view(record: &RecordScreen, theme: &Theme, area: Rect, buf: &mut Buffer) -> Rect {
    let taken = height(area.as_size());
    let row = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    if taken > 0 {
        first_line(record, theme, row(0), buf);
    }
    if taken > 1 {
        second_line(record, theme, row(1), buf);
    }
    Rect { y: area.y + taken, height: area.height - taken, ..area }
}

/// All titles and the outcome in words stand in one line from here on.
const WIDE: u16 = 112;
/// All titles from here on; below only that of the tab on top.
const MIDDLE: u16 = 76;

/// Columns of the second line that are kept for who and how.
const LEFT: usize = 24;

/// Narrower windows have the outcome's glyph only.
const NARROW: u16 = 60;

/// How a record looks in its head.
fn kind(row: &RunRow) -> Role {
    row_kind(row, 0, Role::Normal)
}

fn first_line(record: &RecordScreen, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let tabs = tab_bar(record.tab, row.width >= MIDDLE);
    let bar = u16::try_from(spans_width(&tabs)).unwrap_or(row.width);
    let left = row.width.saturating_sub(bar + 1);
    let known = record.header.row();
    let mut spans = vec![Span::plain(" ")];
    spans.push(match known {
        Some(known) => Span::new(known.glyph(theme.ascii), kind(known)),
        None => Span::plain(" "),
    });
    spans.push(Span::plain(" "));
    spans.push(Span::dim(format!("#{}  ", record.run)));
    let used = spans_width(&spans);
    let label = known.filter(|_| row.width >= WIDE).map(|k| (k.label(), kind(k)));
    let reserved = label.map_or(0, |(text, _)| width(text) + 2);
    let room = usize::from(left).saturating_sub(used + reserved + 2);
    let name = known.map_or(theme.ellipsis(), |k| k.run.shown_name());
    spans.push(Span::new(cut(name, room, theme.ellipsis()), Role::Heading));
    if let Some((text, kind)) = label {
        spans.extend([Span::plain("  "), Span::new(text, kind)]);
    }
    put_spans(buf, row, (0, 0, left), &spans, theme);
    put_spans(buf, row, (left.min(row.width), 0, bar), &tabs, theme);
}

fn second_line(record: &RecordScreen, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let Some(head) = record.header.known() else {
        if let Header::Failed(text) = &record.header {
            put(buf, row, 1, 0, text, theme.style(Role::Failed));
        }
        return;
    };
    let known = &head.row;
    let shown = when(head, usize::from(row.width).saturating_sub(LEFT), theme);
    let told = (NARROW..WIDE).contains(&row.width);
    let mut facts: Vec<&str> = told.then(|| known.label()).into_iter().collect();
    let run = &known.run;
    facts.extend(run.submitted_by.as_deref());
    facts.extend(run.repeat_mode.as_deref());
    facts.push(&run.platform);
    facts.retain(|fact| !fact.is_empty());
    let as_of = (!record.follows).then(|| format!("as of {}", time_of_day(head.as_of)));
    facts.extend(as_of.as_deref());
    let dot = format!(" {} ", theme.dot());
    let right = u16::try_from(width(&shown)).unwrap_or(row.width).min(row.width.saturating_sub(2));
    let left = row.width.saturating_sub(right + 4);
    // Whole words only: what has no room is left out, the last ones first.
    let needs = |facts: &[&str]| facts.iter().map(|fact| width(fact) + width(&dot)).sum::<usize>();
    while facts.len() > 1 && needs(&facts) > usize::from(left) + width(&dot).saturating_sub(1) {
        // When it was read is said before who, how and where.
        let kept = usize::from(as_of.is_some() && facts.len() > 2);
        facts.remove(facts.len() - 1 - kept);
    }
    let mut spans = vec![Span::plain(" ")];
    for (n, fact) in facts.iter().enumerate() {
        if n > 0 {
            spans.push(Span::dim(dot.clone()));
        }
        let outcome = n == 0 && told;
        spans.push(Span::new(*fact, if outcome { kind(known) } else { Role::Dim }));
    }
    put_spans(buf, row, (0, 0, left), &spans, theme);
    put(buf, row, row.width.saturating_sub(right + 1), 0, &shown, theme.style(Role::Dim));
}

/// When it was; of a record that runs or waits, how far it has come.
fn when(head: &KnownHead, columns: usize, theme: &Theme) -> String {
    let progress = head.progress.as_ref();
    // It is worth more than who.
    let room = columns + LEFT / 4;
    if let Some(words) = progress.and_then(|told| progress_words::fitting(told, head.as_of, room, theme)) {
        return words;
    }
    let whole = times(&head.row, theme, true);
    if width(&whole) <= columns { whole } else { times(&head.row, theme, false) }
}

/// The digits of all tabs, with all titles or only that of the tab on top.
fn tab_bar(top: TabId, titles: bool) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for tab in TabId::VARIANTS.iter().copied() {
        let kind = if tab == top { Role::Selected } else { Role::Dim };
        let facts = tab.facts();
        let mut text = facts.keys.concat();
        if titles || tab == top {
            text = format!("{text} {}", facts.title);
        }
        if !spans.is_empty() {
            spans.push(Span::plain(" "));
        }
        spans.push(Span::new(text, kind));
    }
    spans
}

/// `2026-11-24 03:01:48 → 03:01:51   2.4 s`.
fn times(row: &RunRow, theme: &Theme, with_date: bool) -> String {
    let arrow = theme.arrow();
    let start = moment(&row.run.start, None, with_date);
    let end = match (&row.run.end, row.outcome) {
        (Timestamp::None, Outcome::Running) => "running".to_owned(),
        (Timestamp::None, _) => "no end time".to_owned(),
        (end, _) => moment(end, row.run.start.at(), with_date),
    };
    let took = row.took.map(|took| format!("   {}", duration(took))).unwrap_or_default();
    let start = if start.is_empty() { "no start" } else { &start };
    format!("{start} {arrow} {end}{took}")
}

/// With its date unless it is that of `same`.
fn moment(stamp: &Timestamp, same: Option<DateTime>, with_date: bool) -> String {
    time_text(stamp, |at| {
        let other_day = same.is_none_or(|same| same.date() != at.date());
        if with_date && other_day { date_time(at) } else { time_of_day(at) }
    })
}
