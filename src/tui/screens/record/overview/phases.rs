//! Which phases the overview shows: all of a few; of many the first, the failed, the slowest and the last.

use super::super::state;
use crate::{
    model::{outcome::Outcome, stamp::seconds_between},
    services::ask::PhaseHead,
};

/// More phases than this are told in sum.
pub(super) const MANY: usize = 40;
/// Of many phases, so many failed and so many slow ones are shown.
const FAILED: usize = 6;
const SLOW: usize = 3;

/// A phase on the record's time axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PhaseRow {
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

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Phases {
    pub rows: Vec<PhaseRow>,
    /// Seconds of the whole time axis.
    pub total: f64,
    /// Phases that are not shown.
    pub hidden: usize,
    pub iterations: u64,
    pub steps: u64,
    pub failed_steps: u64,
}

/// `main 3`, `prep`: only iterations have numbers.
pub(in super::super) fn label(phase: &PhaseHead) -> String {
    match phase.repeat_index {
        Some(n) if phase.name == "main" => format!("main {n}"),
        _ => phase.name.clone(),
    }
}

/// Seconds that a phase took; NaN where that is not known.
pub(in super::super) fn took(phase: &PhaseHead) -> f64 {
    match (phase.start.at(), phase.end.at()) {
        (Some(from), Some(to)) => seconds_between(from, to),
        _ => f64::NAN,
    }
}

pub(super) fn of(phases: &[PhaseHead], outcome: Outcome) -> Phases {
    let origin = phases.iter().filter_map(|p| p.start.at()).min();
    let since = |at: jiff::civil::DateTime| origin.map_or(f64::NAN, |o| seconds_between(o, at));
    let ends = phases.iter().flat_map(|p| [p.start.at(), p.end.at()]).flatten();
    let chosen = choose(phases);
    let row = |(n, why): &(usize, &'static str)| {
        let phase = phases.get(*n)?;
        Some(PhaseRow {
            label: label(phase),
            from: phase.start.at().map_or(f64::NAN, since),
            took: took(phase),
            steps: phase.steps,
            failed: phase.failed_steps,
            status: phase
                .status
                .as_deref()
                .filter(|s| !s.is_empty() && *s != "done")
                .map(|stored| state::word(stored, Some(outcome)).to_owned()),
            why,
        })
    };
    Phases {
        rows: chosen.iter().filter_map(row).collect(),
        total: ends.max().map_or(0.0, since),
        hidden: phases.len() - chosen.len(),
        iterations: phases.iter().filter(|p| p.name == "main").count() as u64,
        steps: phases.iter().map(|p| p.steps).sum(),
        failed_steps: phases.iter().map(|p| p.failed_steps).sum(),
    }
}

/// Places of the phases to show, in order, each with the reason.
fn choose(phases: &[PhaseHead]) -> Vec<(usize, &'static str)> {
    if phases.len() <= MANY {
        return (0..phases.len()).map(|n| (n, "")).collect();
    }
    let mut chosen = vec![(0, "first"), (phases.len() - 1, "last")];
    let mut add = |n: usize, why| {
        if chosen.iter().all(|(known, _)| *known != n) {
            chosen.push((n, why));
        }
    };
    let failed = |p: &PhaseHead| p.failed_steps > 0 || p.status.as_deref() == Some("failed");
    for (n, _) in phases.iter().enumerate().filter(|(_, p)| failed(p)).take(FAILED) {
        add(n, "failed");
    }
    let mut slow: Vec<(usize, f64)> =
        phases.iter().map(took).enumerate().filter(|(_, took)| took.is_finite()).collect();
    slow.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (n, _) in slow.into_iter().take(SLOW) {
        add(n, "slow");
    }
    chosen.sort_by_key(|(n, _)| *n);
    chosen
}
