//! The overview as lines: made when the data or the width changes, so that drawing costs what is on screen.

use std::borrow::Cow;

use super::phases::{self, PhaseLine, Phases};
use crate::{
    formats::{number::figures, spark::spark_values},
    model::{
        downsample::Downsampled,
        format::{bytes, count, count_of, time_of_day},
        outcome::Outcome,
        sanitize::sanitize_lines,
    },
    services::{events::RunEvent, failures::ErrorSite, files::FileEntry, overview::Overview},
    style::Role,
    tui::{
        screens::words::{place_words, time_text},
        widgets::{
            pane::wrapped,
            text::{Span, width},
        },
    },
};

/// A line, and what it needs to be drawn for a theme.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum OverviewLine {
    Empty,
    Text(Vec<Span<'static>>),
    /// The outcome's glyph and label, then facts.
    Outcome(Outcome, Vec<String>),
    /// The place of the first error, then its time.
    Place(Vec<String>, String),
    Phase(Box<PhaseLine>, Widths),
    Series(Box<SeriesRow>, Widths),
}

/// Widths that rows of one kind share.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Widths {
    pub label: usize,
    /// Seconds of the time axis.
    pub total: f64,
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

/// Lines of an error's text that the overview shows at most.
const ERROR_LINES: usize = 6;
/// Names longer than this are cut.
const LABEL: usize = 24;
/// Events that are shown at most.
const EVENTS: usize = 60;

pub(super) fn of(data: &Overview, columns: u16) -> Vec<OverviewLine> {
    let phases = phases::of(data);
    let mut lines = vec![outcome(data, &phases)];
    if let Some(site) = &data.first_error {
        lines.push(OverviewLine::Empty);
        lines.extend(error(site, usize::from(columns)));
    } else if data.row.outcome == Outcome::Error {
        let text = " The database has no text of the error; 6 shows the log.";
        lines.extend([OverviewLine::Empty, note(text)]);
    }
    let blocks = [
        phase_lines(phases, data),
        event_lines(&data.events),
        match data.partial {
            Some(_) => vec![note(" Its numbers are being read")],
            None => series_lines(&data.outputs),
        },
        file_lines(&data.files),
        data.odd.iter().map(|odd| note(format!(" {odd}"))).collect(),
    ];
    for block in blocks.into_iter().filter(|block| !block.is_empty()) {
        lines.push(OverviewLine::Empty);
        lines.extend(block);
    }
    lines
}

/// A line of secondary text.
fn note(text: impl Into<Cow<'static, str>>) -> OverviewLine {
    OverviewLine::Text(vec![Span::dim(text)])
}

fn outcome(data: &Overview, phases: &Phases) -> OverviewLine {
    let mut facts: Vec<String> = data.evidence.iter().cloned().collect();
    if phases.iterations > 0 {
        facts.push(count_of(phases.iterations, "iteration", "iterations"));
    }
    if data.partial.is_some() {
        facts.push(count_of(phases.totals.phases, "phase", "phases"));
    }
    let (steps, failed) = phases.totals.steps.unwrap_or_default();
    if steps > 0 {
        facts.push(count_of(steps, "step", "steps"));
    }
    if failed > 0 {
        facts.push(format!("{} failed", count(failed)));
    }
    OverviewLine::Outcome(data.row.outcome, facts)
}

fn error(site: &ErrorSite, columns: usize) -> Vec<OverviewLine> {
    let mut lines = vec![OverviewLine::Place(
        site.place.as_ref().map(place_words).unwrap_or_default(),
        time_text(&site.time, time_of_day),
    )];
    let text = sanitize_lines(&site.message);
    let room = columns.saturating_sub(2).max(1);
    let all: Vec<&str> = wrapped(&text, room).take(ERROR_LINES + 1).collect();
    for row in all.iter().take(ERROR_LINES) {
        lines.push(OverviewLine::Text(vec![Span::plain(" "), Span::new((*row).to_owned(), Role::Failed)]));
    }
    if all.len() > ERROR_LINES {
        lines.push(note(" and more lines: e shows the step with all of them"));
    }
    lines
}

fn phase_lines(phases: Phases, data: &Overview) -> Vec<OverviewLine> {
    if data.phases.is_empty() {
        return vec![note(" No phases: nothing of this record's steps is in the file.")];
    }
    let widest = phases.rows.iter().map(|row| width(&row.label)).max().unwrap_or(0);
    // Iterations that come with the rest have as long a name.
    let coming = data.partial.map_or(0, |all| width("main ") + all.phases.to_string().len());
    let label = widest.max(coming).min(LABEL);
    let columns = Widths { label, total: phases.total, ..Widths::default() };
    let row = |row: PhaseLine| OverviewLine::Phase(Box::new(row), columns);
    let mut lines: Vec<OverviewLine> = phases.rows.into_iter().map(row).collect();
    if phases.hidden > 0 {
        lines.push(note(format!(" and {} more phases; 2 shows them all", count(phases.hidden))));
    }
    lines
}

fn event_lines(events: &[RunEvent]) -> Vec<OverviewLine> {
    let line = |event: &RunEvent| {
        let failed = event.kind == "error";
        let mut spans = vec![Span::dim(format!(" {:8}  ", time_text(&event.time, time_of_day)))];
        spans.push(Span::new(event.label.clone(), if failed { Role::Failed } else { Role::Normal }));
        let detail = event.detail.as_deref().and_then(|d| d.lines().find(|line| !line.trim().is_empty()));
        spans.extend(detail.map(|d| Span::dim(format!("  {d}"))));
        OverviewLine::Text(spans)
    };
    let hidden = events.len().saturating_sub(EVENTS);
    let mut lines: Vec<OverviewLine> = events.iter().take(EVENTS).map(line).collect();
    if hidden > 0 {
        lines.push(note(format!(" and {} more events", count(hidden as u64))));
    }
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
        vec![last, min, mean, max, count(s.n as u64), sd]
    });
    SeriesRow {
        name: series.name.clone(),
        is_parameter: series.is_parameter,
        points: spark_values(series),
        numbers: numbers.unwrap_or_default(),
    }
}

/// The files on disk and those that can't be looked at, not those that an export would make.
fn file_lines(files: &[FileEntry]) -> Vec<OverviewLine> {
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
