//! Which phases the overview shows: all of a few; of many the first, the failed, the longest and the last.

use super::super::status_word;
use crate::{
    model::{format::count, phase_summary::PhaseSummary, run_tally::RunTally, timestamp::seconds_between},
    services::overview::{Overview, Totals},
    style::Role,
    tui::widgets::text::Span,
};

/// Of more phases than this only some are shown.
pub(super) const MANY: usize = 40;
/// Of many phases, so many failed and so many long ones are shown.
const FAILED: usize = 6;
const LONG: usize = 3;

/// A phase on the record's time axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PhaseLine {
    pub label: String,
    /// Seconds from the record's first phase to this one's start.
    pub from: f64,
    /// Seconds that it took; NaN without an end.
    pub took: f64,
    pub steps: u64,
    pub failed: u64,
    /// A word about its state, where it is not simply done.
    pub status: Option<String>,
    /// Why it stands here, among many.
    pub why: &'static str,
}

impl PhaseLine {
    /// What stands behind its bar: its steps, how many failed, words about its state.
    pub fn facts(&self) -> Vec<Span<'static>> {
        let word = if self.steps == 1 { "step " } else { "steps" };
        let mut spans = vec![Span::dim(format!("  {:>3} {word}", count(self.steps)))];
        if self.failed > 0 {
            spans.push(Span::new(format!("  {} failed", count(self.failed)), Role::Failed));
        }
        let known = self.status.as_deref().filter(|s| *s != "failed" || self.failed == 0);
        for word in known.into_iter().chain([self.why]).filter(|word| !word.is_empty() && *word != "failed") {
            spans.push(Span::dim(format!("  {word}")));
        }
        spans
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phases {
    pub rows: Vec<PhaseLine>,
    /// Seconds of the whole time axis.
    pub total: f64,
    /// Phases that are not shown.
    pub hidden: u64,
    /// 0 where only some phases are known.
    pub iterations: u64,
    pub totals: Totals,
}

/// Seconds that a phase took; NaN where that is not known.
pub(in super::super) fn took(phase: &PhaseSummary) -> f64 {
    match (phase.start.at(), phase.end.at()) {
        (Some(from), Some(to)) => seconds_between(from, to),
        _ => f64::NAN,
    }
}

/// So many phases at most, with a line for the others.
pub(super) fn of(data: &Overview, most: usize) -> Phases {
    let (phases, outcome) = (&data.phases, data.row.outcome);
    let origin = phases.iter().filter_map(|p| p.start.at()).min();
    let since = |at: jiff::civil::DateTime| origin.map_or(f64::NAN, |o| seconds_between(o, at));
    let ends = phases.iter().flat_map(|p| [p.start.at(), p.end.at()]).flatten();
    let whole = data.partial.is_none();
    let all = data.partial.unwrap_or_else(|| Totals {
        phases: phases.len() as u64,
        steps: Some((
            phases.iter().map(PhaseSummary::steps).sum(),
            phases.iter().map(PhaseSummary::failed_steps).sum(),
        )),
    });
    let chosen = choose(phases, data.partial.is_some(), most);
    let row = |(n, why): &(usize, &'static str)| {
        let phase = phases.get(*n)?;
        Some(PhaseLine {
            label: phase.label(),
            from: phase.start.at().map_or(f64::NAN, since),
            took: took(phase),
            steps: phase.steps(),
            failed: phase.failed_steps(),
            status: phase
                .status
                .as_deref()
                .filter(|s| !s.is_empty() && *s != "done")
                .map(|stored| status_word::word(stored, Some(outcome)).to_owned()),
            why,
        })
    };
    Phases {
        rows: chosen.iter().filter_map(row).collect(),
        total: ends.max().map_or(0.0, since),
        hidden: all.phases.saturating_sub(chosen.len() as u64),
        iterations: if whole { RunTally::of(phases).iterations } else { 0 },
        totals: all,
    }
}

/// Places of the phases to show, in order, each with the reason: of those that have no room the ones that tell least go.
fn choose(phases: &[PhaseSummary], partial: bool, most: usize) -> Vec<(usize, &'static str)> {
    let few = phases.len() <= MANY && !partial;
    if few && phases.len() <= most {
        return (0..phases.len()).map(|n| (n, "")).collect();
    }
    let Some(last) = phases.len().checked_sub(1) else { return Vec::new() };
    let failed = |p: &PhaseSummary| p.failed_steps() > 0 || p.has_failed();
    let mut failed = phases.iter().enumerate().filter(|(_, p)| failed(p)).map(|(n, _)| (n, "failed"));
    let mut wanted: Vec<(usize, &'static str)> = failed.by_ref().take(1).collect();
    wanted.extend([(0, "first"), (last, "last")]);
    wanted.extend(failed.take(FAILED - 1));
    // Which are the longest is known when all are.
    let timed = phases.iter().map(took).enumerate().filter(|(_, took)| !partial && took.is_finite());
    let mut long: Vec<(usize, f64)> = timed.collect();
    long.sort_by(|a, b| b.1.total_cmp(&a.1));
    wanted.extend(long.into_iter().take(LONG).map(|(n, _)| (n, "long")));
    if few {
        wanted.extend((0..phases.len()).map(|n| (n, "")));
    }
    let mut chosen: Vec<(usize, &'static str)> = Vec::new();
    for (n, why) in wanted {
        if chosen.len() + 1 < most && chosen.iter().all(|(known, _)| *known != n) {
            chosen.push((n, why));
        }
    }
    chosen.sort_by_key(|(n, _)| *n);
    chosen
}
