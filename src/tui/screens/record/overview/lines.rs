//! The overview as lines: made when the data or the width changes, so that drawing costs what is on screen.

use std::borrow::Cow;

use super::phases::{PhaseLine, Phases};
use crate::{
    formats::{
        number::{counted, figures},
        spark::spark_values,
    },
    model::{
        downsample::Downsampled,
        format::{bytes, count, count_of, time_of_day},
        map_cell::MapCell,
        mark::RecordMark,
        sanitize::sanitize_lines,
    },
    services::{
        events::RunEvent,
        files::FileEntry,
        overview::Overview,
        slow_steps::types::SlowSteps,
        why::{
            report,
            types::{Failure, FailureKind},
        },
    },
    style::{Role, cell_role},
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screens::{
            mark_words,
            words::{row_kind, time_text},
        },
        tab::TabId,
        widgets::{
            pane::{wrapped, wrapped_rows},
            text::{Span, spans_width, width},
        },
    },
};

/// What there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    pub columns: u16,
    pub rows: u16,
    /// All of long texts.
    pub unfolded: bool,
    /// Nothing but these lines is there of the record: no key leads on.
    pub alone: bool,
}

impl Room {
    /// So many rows of one kind at most.
    fn rows_of(self, usual: usize) -> usize {
        if self.unfolded { usize::MAX } else { usual }
    }
}

/// A line, and what it needs to be drawn for a theme.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum OverviewLine {
    Empty,
    Text(Vec<Span<'static>>),
    /// The outcome's glyph and label, then facts.
    Outcome {
        glyphs: [&'static str; 2],
        label: &'static str,
        kind: Role,
        facts: Vec<String>,
    },
    /// Where it failed, when, and where its reason is told.
    Place {
        place: String,
        time: String,
        told: &'static str,
        /// A key leads on to more of it.
        leads_on: bool,
    },
    Phase(Box<PhaseLine>, Widths),
    Series(Box<SeriesRow>, Widths),
}

/// Widths that rows of one kind share.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Widths {
    pub label: usize,
    /// Seconds of the time axis.
    pub total: f64,
    /// Of what stands behind the bars.
    pub facts: usize,
    /// Points of the longest series, as far as a sparkline shows them.
    pub spark: usize,
    /// Of last, min, mean, max, n and the standard deviation.
    pub numbers: [usize; 6],
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct SeriesRow {
    pub name: String,
    pub is_parameter: bool,
    pub points: Vec<f64>,
    /// Last, min, mean, max, n, standard deviation; empty without a finite point.
    pub numbers: Vec<String>,
}

/// Rows of the evidence for what a record without an end does, at most.
const EVIDENCE_LINES: usize = 3;

/// Lines of a text that the overview shows before all are wanted: of an error, of an event, and of each of many events.
const REASON_LINES: usize = 6;
const NOTE_LINES: usize = 6;
const EVENT_LINES: usize = 8;
const SHORT_EVENT: usize = 2;
/// Names longer than this are cut.
const LABEL: usize = 24;
/// What stands behind the bars of phases takes no more from them.
const FACTS: usize = 40;
/// Events that are shown before all are wanted, and the lines of them that leave room for the rest.
pub(super) const EVENTS: usize = 60;
/// Columns in front of an event's words: its time.
const EVENT_INDENT: usize = 11;

/// What is told beside the record itself, and comes later.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    pub calls: Option<&'a str>,
    pub slow: Option<&'a SlowSteps>,
}

pub(super) const OVERVIEW: Context = Context::Tab(TabId::Overview);

/// What stands below the first line: calls by hand, slow steps, and why it failed.
pub(super) fn top(data: &Overview, beside: Beside<'_>, room: Room) -> Vec<OverviewLine> {
    let calls =
        beside.calls.map(|calls| note(format!(" {calls}; {} shows them", key_of(OVERVIEW, Action::Calls))));
    let mut lines: Vec<_> = data.row.mark.as_deref().into_iter().flat_map(|mark| marks(mark, room)).collect();
    lines.extend(calls);
    if let Some(words) = beside.slow.and_then(|slow| slow.words("·")) {
        let words = Span::new(words, cell_role(MapCell::Slow));
        lines.push(OverviewLine::Text(vec![
            Span::plain(" "),
            words,
            Span::dim(format!("; {} shows where", key_of(OVERVIEW, Action::Show(TabId::Map)))),
        ]));
    }
    if let Some(failure) = &data.first_failure {
        lines.push(OverviewLine::Empty);
        lines.extend(reason(failure, room));
    }
    lines
}

/// What is said of it.
fn marks(mark: &RecordMark, room: Room) -> Vec<OverviewLine> {
    let columns = usize::from(room.columns).saturating_sub(2);
    let indented =
        |line: Vec<Span<'static>>| OverviewLine::Text([Span::plain(" ")].into_iter().chain(line).collect());
    mark_words::lines(mark, columns, room.rows_of(NOTE_LINES)).into_iter().map(indented).collect()
}

/// The figures of its outputs.
pub(super) fn numbers(data: &Overview) -> Vec<OverviewLine> {
    match data.partial {
        Some(_) => vec![note(" Its numbers are being read")],
        None => series_lines(&data.outputs),
    }
}

/// What is not as IvoryOS writes it.
pub(super) fn odd(data: &Overview) -> Vec<OverviewLine> {
    data.odd.iter().map(|odd| note(format!(" {odd}"))).collect()
}

/// Leaves so many lines at most, the last of which says that there are more; was it longer?
pub(super) fn shorten(lines: &mut Vec<OverviewLine>, most: usize) -> bool {
    if lines.len() <= most {
        return false;
    }
    lines.truncate(most.saturating_sub(1));
    lines.push(more_of_a_text());
    true
}

pub(super) fn is_more_of_a_text(line: &OverviewLine) -> bool {
    *line == more_of_a_text()
}

/// Behind the first rows of a long text.
fn more_of_a_text() -> OverviewLine {
    let [open, copy] = [Action::Open, Action::Copy].map(|action| key_of(OVERVIEW, action));
    note(format!("{:EVENT_INDENT$}and more lines: {open} shows all, {copy} copies", ""))
}

/// A line of secondary text.
fn note(text: impl Into<Cow<'static, str>>) -> OverviewLine {
    OverviewLine::Text(vec![Span::dim(text)])
}

pub(super) fn outcome(data: &Overview, phases: &Phases) -> OverviewLine {
    let mut facts = Vec::new();
    let (steps, failed) = phases.totals.steps.unwrap_or_default();
    // What failed is the last to give way where the line is short.
    if failed > 0 {
        facts.push(format!("{} of {} failed", count(failed), count_of(steps, "step", "steps")));
    }
    if phases.iterations > 0 {
        facts.push(count_of(phases.iterations, "iteration", "iterations"));
    }
    if data.partial.is_some() {
        facts.push(count_of(phases.totals.phases, "phase", "phases"));
    }
    if steps > 0 && failed == 0 {
        facts.push(count_of(steps, "step", "steps"));
    }
    let row = &data.row;
    let glyphs = [row.glyph(false), row.glyph(true)];
    OverviewLine::Outcome { glyphs, label: row.label(), kind: row_kind(row, failed, Role::Normal), facts }
}

/// Why it is thought to run, wait or have died.
pub(super) fn evidence(data: &Overview, columns: u16) -> Vec<OverviewLine> {
    let Some(evidence) = data.row.evidence() else { return Vec::new() };
    let columns = usize::from(columns).saturating_sub(4).max(1);
    wrapped(evidence, columns).take(EVIDENCE_LINES).map(|row| note(format!("   {row}"))).collect()
}

/// The reason in red, then its place.
fn reason(failure: &Failure, room: Room) -> Vec<OverviewLine> {
    let text = report::reason(failure);
    let columns = usize::from(room.columns).saturating_sub(2).max(1);
    let (rows, more) = first_rows(wrapped(&text, columns), room.rows_of(REASON_LINES));
    let red = |row: &str| OverviewLine::Text(vec![Span::plain(" "), Span::new(row.to_owned(), Role::Failed)]);
    let mut lines: Vec<OverviewLine> = rows.into_iter().map(red).collect();
    lines.extend(more.then(more_of_a_text));
    let place = report::place(failure);
    let last = failure.kind == FailureKind::Unfinished && !place.is_empty();
    lines.push(OverviewLine::Place {
        place: if last { format!("last: {place}") } else { place },
        time: time_text(&failure.start, time_of_day),
        told: failure.text.as_ref().map(|told| told.origin.words()).unwrap_or_default(),
        leads_on: !room.alone,
    });
    lines
}

/// The first rows, and whether there are more. A single one more takes no more room than to say so.
fn first_rows<R>(mut rows: impl Iterator<Item = R>, most: usize) -> (Vec<R>, bool) {
    let mut first: Vec<R> = rows.by_ref().take(most.saturating_add(1)).collect();
    let more = rows.next().is_some();
    if more {
        first.truncate(most);
    }
    (first, more)
}

pub(super) fn phase_lines(phases: Phases, data: &Overview, room: Room) -> Vec<OverviewLine> {
    if data.phases.is_empty() {
        return vec![note(" No phases: nothing of this record's steps is in the file.")];
    }
    let widest = phases.rows.iter().map(|row| width(&row.label)).max().unwrap_or(0);
    // Iterations that come with the rest have as long a name.
    let coming = data.partial.map_or(0, |all| width("main ") + all.phases.to_string().len());
    let label = widest.max(coming).min(LABEL);
    let facts = phases.rows.iter().map(|row| spans_width(&row.facts())).max().unwrap_or(0).clamp(11, FACTS);
    let columns = Widths { label, total: phases.total, facts, ..Widths::default() };
    let row = |row: PhaseLine| OverviewLine::Phase(Box::new(row), columns);
    let mut lines: Vec<OverviewLine> = phases.rows.into_iter().map(row).collect();
    if phases.hidden > 0 {
        let steps = key_of(OVERVIEW, Action::Show(TabId::Steps));
        let all = if room.alone { String::new() } else { format!("; {steps} shows them all") };
        lines.push(note(format!(" and {} more phases{all}", count(phases.hidden))));
    }
    lines
}

pub(super) fn event_lines(events: &[RunEvent], room: Room) -> Vec<OverviewLine> {
    let shown = room.rows_of(EVENTS);
    let all = |most: usize| -> Vec<OverviewLine> {
        events.iter().take(shown).flat_map(|one| event(one, room.columns, room.rows_of(most))).collect()
    };
    let mut lines = all(EVENT_LINES);
    if !room.unfolded && lines.len() > EVENTS {
        lines = all(SHORT_EVENT);
    }
    let hidden = events.len().saturating_sub(shown);
    if hidden > 0 {
        lines.push(note(format!(
            " and {} more events: {} shows all",
            count(hidden as u64),
            key_of(OVERVIEW, Action::Open)
        )));
    }
    lines
}

/// `10:00:41  Intervention needed  Take the vial out`, with the rest of its text below.
fn event(event: &RunEvent, columns: u16, most: usize) -> Vec<OverviewLine> {
    let kind = if event.kind == "error" { Role::Failed } else { Role::Normal };
    let label = sanitize_lines(&event.label).into_owned();
    let detail = event.detail.as_deref().map(str::trim).filter(|detail| !detail.is_empty());
    let text = detail.map_or(label.clone(), |detail| format!("{label}  {}", sanitize_lines(detail)));
    let columns = usize::from(columns).saturating_sub(EVENT_INDENT + 1).max(1);
    let (rows, more) = first_rows(wrapped_rows(&text, columns), most);
    let mut lines = Vec::new();
    for row in rows {
        let before = match lines.is_empty() {
            true => format!(" {:8}  ", time_text(&event.time, time_of_day)),
            false => " ".repeat(EVENT_INDENT),
        };
        // What happened, then its text.
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
        let end = label.len().clamp(row.start, row.end);
        let spans = [Span::dim(before), Span::new(part(row.start, end), kind), Span::dim(part(end, row.end))];
        lines.push(OverviewLine::Text(spans.into()));
    }
    lines.extend(more.then(more_of_a_text));
    lines
}

fn series_lines(outputs: &[Downsampled]) -> Vec<OverviewLine> {
    let rows: Vec<SeriesRow> = outputs.iter().map(series_row).collect();
    let mut numbers = [0; 6];
    for row in &rows {
        for (widest, text) in numbers.iter_mut().zip(&row.numbers) {
            *widest = (*widest).max(width(text));
        }
    }
    let label = rows.iter().map(|row| width(&row.name)).max().unwrap_or(0).min(LABEL);
    let spark = rows.iter().map(|row| row.points.len()).max().unwrap_or(0);
    let columns = Widths { label, spark, numbers, ..Widths::default() };
    let mut lines: Vec<_> =
        rows.into_iter().map(|row| OverviewLine::Series(Box::new(row), columns)).collect();
    if outputs.iter().any(|one| one.series.from_steps) {
        lines.push(note(" from the steps: the phases keep no numbers"));
    }
    lines
}

fn series_row(output: &Downsampled) -> SeriesRow {
    let series = &output.series;
    let numbers = output.tally.stats().map(|s| {
        let [last, min, mean, max, sd] = figures(&s);
        vec![last, min, mean, max, counted(output), sd]
    });
    SeriesRow {
        name: series.name.clone(),
        is_parameter: series.is_parameter,
        points: spark_values(series),
        numbers: numbers.unwrap_or_default(),
    }
}

/// The files on disk and those that can't be looked at, not those that an export would make.
pub(super) fn file_lines(files: &[FileEntry]) -> Vec<OverviewLine> {
    let line = |file: &FileEntry| {
        if file.why_unusable().is_some() {
            let spans = vec![
                Span::dim(format!(" {:>8}  ", "?")),
                Span::plain(file.name.clone()),
                Span::new(format!("  {}", file.note()), Role::Failed),
            ];
            return Some(OverviewLine::Text(spans));
        }
        let size = file.size().map(bytes)?;
        let note = file.content().map(|content| Span::dim(format!("  {content}")));
        let mut spans = vec![Span::dim(format!(" {size:>8}  ")), Span::plain(file.name.clone())];
        spans.extend(note);
        Some(OverviewLine::Text(spans))
    };
    files.iter().filter_map(line).collect()
}
