//! The selected record beside the list: how it ended, why it failed, its phases, its numbers.

use jiff::civil::DateTime;
use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    formats::{
        number::{self, stored},
        spark::{spark_values, sparkline},
    },
    model::{
        downsample::Downsampled,
        format::{clock, clock_short, count, count_of, duration, time_of_day},
        outcome::Outcome,
        phase_summary::PhaseSummary,
        run_tally::RunTally,
    },
    services::{
        overview::Overview,
        why::{report, types::Failure},
    },
    style::{Role, Theme},
    tui::{
        screens::words::{row_kind, time_text},
        screens::{mark_words, progress_words},
        widgets::text::{Span, cut, put, put_spans, width},
    },
};

/// What is known of the selected record.
#[derive(Debug, Default)]
pub struct Preview {
    /// The record that it is, or will be, about; `None` where it is to be read again.
    pub run: Option<i64>,
    /// The last overview that came; it is shown until the next one is there.
    pub shown: Option<Box<Overview>>,
    /// Why there is none.
    pub trouble: Option<String>,
    /// The next one takes long enough to tell that this is the last one.
    pub late: bool,
}

impl Preview {
    /// The overview of this record, if it is the one that is here.
    pub fn of(&self, run: i64) -> Option<&Overview> {
        self.shown.as_deref().filter(|shown| shown.row.run.id == run)
    }

    /// Draws behind the rule at its left.
    pub fn view(&self, now: DateTime, theme: &Theme, area: Rect, buf: &mut Buffer) {
        for y in 0..area.height {
            put(buf, area, 0, y, theme.upright_rule(), theme.style(Role::Dim));
        }
        let inside = Rect { x: area.x + 2.min(area.width), width: area.width.saturating_sub(3), ..area };
        let lines = match (&self.trouble, &self.shown) {
            (Some(trouble), _) => {
                wrapped(trouble, usize::from(inside.width), 4).map(|line| vec![Span::plain(line)]).collect()
            }
            (None, Some(overview)) => lines(overview, now, inside.as_size().into(), theme),
            (None, None) if self.run.is_some() => vec![vec![Span::pending(theme)]],
            (None, None) => Vec::new(),
        };
        for (y, mut line) in (0..inside.height).zip(lines) {
            if self.late {
                line.iter_mut().for_each(|span| span.kind = Role::Dim);
            }
            put_spans(buf, inside, (0, y, inside.width), &line, theme);
        }
    }
}

type Line = Vec<Span<'static>>;

fn lines(overview: &Overview, now: DateTime, (columns, rows): (u16, u16), theme: &Theme) -> Vec<Line> {
    let columns = usize::from(columns);
    let row = &overview.row;
    let mut out = vec![both(
        Span::new(row.run.shown_name().to_owned(), Role::Heading),
        Span::dim(format!("#{}", row.run.id)),
        columns,
        theme,
    )];
    let times = match (row.run.start.at(), row.took) {
        (Some(start), Some(took)) => format!("{}, {}", start_text(start, now), duration(took)),
        (Some(start), None) => start_text(start, now),
        _ => time_text(&row.run.start, |at| clock_short(at, now)),
    };
    let outcome = format!("{} {}", row.glyph(theme.ascii), row.label());
    let kind = row_kind(
        row,
        RunTally::of(&overview.phases).failures,
        if row.outcome == Outcome::Ended { Role::Dim } else { Role::Normal },
    );
    out.push(both(Span::new(outcome, kind), Span::dim(times), columns, theme));
    if let Some(evidence) = overview.row.evidence() {
        out.extend(wrapped(evidence, columns, 4).map(|line| vec![Span::dim(line)]));
    }
    if let Some(mark) = &row.mark {
        out.extend(mark_words::lines(mark, columns, NOTE_LINES));
    }
    let progress = overview.progress.as_ref();
    let progress = progress.and_then(|told| progress_words::fitting(told, now, 2 * columns, theme));
    out.extend(
        progress.iter().flat_map(|words| wrapped(words, columns, 2)).map(|line| vec![Span::plain(line)]),
    );
    if let Some(failure) = &overview.first_failure {
        out.push(Vec::new());
        out.extend(reason_lines(failure, columns, theme));
        out.push(Vec::new());
    }
    let who = [row.run.submitted_by.as_deref(), row.run.repeat_mode.as_deref(), Some(&*row.run.platform)];
    let who: Vec<_> = who.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    out.push(vec![Span::dim(who.join(&format!(" {} ", theme.dot())))]);
    out.push(Vec::new());
    out.push(vec![Span::plain(match &overview.partial {
        None => phases(&overview.phases, row.outcome == Outcome::Running),
        Some(all) => count_of(all.phases, "phase", "phases"),
    })]);
    let room = usize::from(rows).saturating_sub(out.len() + 1);
    if !overview.outputs.is_empty() && room > 0 {
        out.push(Vec::new());
        out.extend(series_lines(&overview.outputs, columns, room, theme));
    }
    out
}

/// Text at the left, and at the right as far as there is room.
fn both(left: Span<'static>, right: Span<'static>, columns: usize, theme: &Theme) -> Line {
    let taken = width(&right.text);
    let room = columns.saturating_sub(if taken > 0 { taken + 2 } else { 0 });
    let text = cut(&left.text, room, theme.ellipsis());
    let gap = columns.saturating_sub(width(&text) + taken);
    vec![Span::new(text, left.kind), Span::plain(" ".repeat(gap)), right]
}

fn start_text(start: DateTime, now: DateTime) -> String {
    if start.date() == now.date() { time_of_day(start) } else { clock(start, now) }
}

/// `3 iterations done, 1 failed`; where the file keeps no status, as many as there are.
pub fn phases(phases: &[PhaseSummary], running: bool) -> String {
    let main = || phases.iter().filter(|phase| phase.is_main());
    let with = |status: &str| main().filter(|phase| phase.status.as_deref() == Some(status)).count() as u64;
    let all = main().count() as u64;
    let (done, failed, stopped) = (with("done"), with("failed"), with("stopped"));
    let open = |phase: &&PhaseSummary| phase.status.is_none() && phase.end.is_none();
    let unended = main().filter(open).count() as u64;
    let other = all - (done + failed + stopped + unended).min(all);
    let mut parts = Vec::new();
    let mut say = |n: u64, what: &str| {
        if n > 0 {
            let unit = if parts.is_empty() { count_of(n, "iteration", "iterations") } else { count(n) };
            parts.push(format!("{unit}{what}"));
        }
    };
    say(done, " done");
    say(failed, " failed");
    say(stopped, " stopped");
    let errors = main().filter(|phase| phase.failed_steps() > 0).count() as u64;
    if done + failed + stopped == 0 {
        say(all, "");
        say(errors, " with errors");
    } else {
        say(other, " ended");
        say(unended, if running { " running" } else { " without an end" });
    }
    for name in ["prep", "cleanup"] {
        let failed = |phase: &&PhaseSummary| &*phase.name == name && phase.has_failed();
        if phases.iter().any(|phase| failed(&phase)) {
            parts.push(format!("{name} failed"));
        }
    }
    if parts.is_empty() { "no iterations".to_owned() } else { parts.join(", ") }
}

/// Lines of a note that the preview shows.
const NOTE_LINES: usize = 8;

/// Lines of a reason that the preview shows.
const REASON_LINES: usize = 5;

/// The reason, then where it failed and where that is told.
fn reason_lines(failure: &Failure, columns: usize, theme: &Theme) -> Vec<Line> {
    let text = wrapped(&report::reason(failure), columns, REASON_LINES).collect::<Vec<_>>();
    let mut out: Vec<Line> = text.into_iter().map(|line| vec![Span::new(line, Role::Failed)]).collect();
    let place = report::place(failure);
    let told = failure.text.as_ref().map(|told| told.origin.words()).unwrap_or_default();
    // The place is worth more than where that is told.
    let fits = width(&place) + width(told) + 2 <= columns;
    let beside = if fits { told } else { "" };
    out.push(both(Span::dim(place), Span::dim(beside), columns, theme));
    if !fits {
        out.push(vec![Span::dim(told)]);
    }
    out
}

/// Columns of a last value at least, if it needs them.
const LAST: usize = 9;

/// Name, sparkline and last value of each output.
fn series_lines(outputs: &[Downsampled], columns: usize, room: usize, theme: &Theme) -> Vec<Line> {
    let fits = if outputs.len() > room { room.saturating_sub(1) } else { outputs.len() };
    let names =
        outputs.iter().take(fits).map(|one| width(&one.series.name)).max().unwrap_or(0).min(columns / 3);
    let last = |one: &Downsampled| {
        let text = one.tally.stats().map(|stats| stored(stats.last)).unwrap_or_default();
        number::cut(&text, LAST.max(columns / 4), theme.ellipsis())
    };
    let values: Vec<String> = outputs.iter().take(fits).map(last).collect();
    let most = values.iter().map(|text| width(text)).max().unwrap_or(0);
    let bars = columns.saturating_sub(names + most + 4).min(32);
    let mut out: Vec<Line> = outputs
        .iter()
        .zip(&values)
        .map(|(Downsampled { series: one, .. }, last)| {
            let name = cut(&one.name, names, theme.ellipsis());
            let pad = " ".repeat(names - width(&name).min(names) + 2);
            let line = sparkline(&spark_values(one), bars, theme.ascii);
            let gap = " ".repeat((bars + most + 2).saturating_sub(width(&line) + width(last)));
            vec![
                Span::new(format!("{name}{pad}"), if one.is_parameter { Role::Dim } else { Role::Normal }),
                Span::new(line, Role::Accent),
                Span::plain(format!("{gap}{last}")),
            ]
        })
        .collect();
    if fits < outputs.len() && room > 0 {
        out.push(vec![Span::dim(format!("and {} more", count((outputs.len() - fits) as u64)))]);
    }
    if outputs.len() < room && outputs.iter().any(|one| one.series.from_steps) {
        out.push(vec![Span::dim("from the steps")]);
    }
    out
}

/// Text in lines of at most so many columns, cut at spaces where there are any; the last one says if there is more.
pub fn wrapped(text: &str, columns: usize, most: usize) -> impl Iterator<Item = String> + use<> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        // A megabyte on one line is not walked through to the end for a few lines.
        let mut rest: String = line.chars().take(columns.saturating_mul(most + 1)).collect();
        while lines.len() <= most {
            let fit = cut(&rest, columns, "");
            if fit.is_empty() || width(&rest) <= columns {
                lines.push(rest);
                break;
            }
            let chars = fit.chars().count();
            let space = fit.rfind(' ').filter(|at| *at > fit.len() / 2);
            let taken = space.map_or(chars, |at| fit.get(..at).map_or(chars, |s| s.chars().count() + 1));
            lines.push(rest.chars().take(taken).collect::<String>().trim_end().to_owned());
            rest = rest.chars().skip(taken).collect();
            if space.is_none() && rest.starts_with(' ') {
                rest.remove(0);
            }
        }
        if lines.len() > most {
            break;
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} ..."), columns, "...");
        }
    }
    lines.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::phase_summary::PhaseRef;

    fn phase(name: &str, status: Option<&str>, failed_steps: u64) -> PhaseSummary {
        PhaseSummary {
            phase_ref: PhaseRef { steps: 1, failed: failed_steps, ..PhaseRef::default() },
            name: name.into(),
            repeat_index: Some(1),
            status: status.map(Into::into),
            ..PhaseSummary::default()
        }
    }

    #[test]
    fn phases_in_one_line() {
        let (done, failed) = (phase("main", Some("done"), 0), phase("main", Some("failed"), 1));
        assert_eq!(
            phases(&[done.clone(), done.clone(), done.clone(), failed.clone()], false),
            "3 iterations done, 1 failed"
        );
        assert_eq!(
            phases(&[failed, phase("cleanup", Some("failed"), 1)], false),
            "1 iteration failed, cleanup failed"
        );
        let both = [done, phase("main", None, 0)];
        assert_eq!(phases(&both, false), "1 iteration done, 1 without an end");
        assert_eq!(phases(&both, true), "1 iteration done, 1 running");
        let (old, bad) = (phase("main", None, 0), phase("main", None, 2));
        assert_eq!(phases(&[old.clone(), bad], false), "2 iterations, 1 with errors");
        assert_eq!(phases(&[old], false), "1 iteration");
        assert_eq!(phases(&[phase("prep", None, 0)], false), "no iterations");
    }

    #[test]
    fn long_texts_wrap_and_say_that_there_is_more() {
        let lines = |text: &str, columns, most| wrapped(text, columns, most).collect::<Vec<_>>();
        assert_eq!(lines("sensor 'probe' timed out", 14, 5), ["sensor 'probe'", "timed out"]);
        assert_eq!(lines("a\nb\nc", 10, 2), ["a", "b ..."]);
        assert_eq!(lines("abcdefgh", 3, 9), ["abc", "def", "gh"]);
        assert_eq!(lines("日本語", 3, 9), ["日", "本", "語"]);
        assert_eq!(lines("日本", 1, 2).len(), 1);
        assert_eq!(lines("", 5, 2), [""; 0]);
    }
}
