//! Finds the next failed step or phase of a record from another one, in the order that the phases ran.

use std::iter;

use super::lab::Lab;
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{partial::Partial, phase_summary::PhaseSummary},
};

/// A place in a record where something can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    Step {
        phase: i64,
        step: i64,
    },
    /// The phase itself, in front of its steps: it counts where it failed without a failed step.
    Phase(i64),
}

impl Spot {
    pub fn phase(self) -> i64 {
        match self {
            Spot::Step { phase, .. } | Spot::Phase(phase) => phase,
        }
    }
}

/// The failed spot next to another in a record; from its start or end when `from` is `None` or gone.
pub fn next_failed(
    lab: &Lab,
    run: i64,
    from: Option<Spot>,
    forward: bool,
    cx: &mut Cx<'_>,
) -> Result<Partial<Option<Spot>>> {
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let at = from.and_then(|spot| summaries.iter().position(|summary| summary.id() == spot.phase()));
        let ahead = match (at, forward) {
            (None, _) => summaries.get(..),
            (Some(at), true) => summaries.get(at..),
            (Some(at), false) => summaries.get(..=at),
        };
        let mut ahead = ahead.unwrap_or_default().iter();
        while let Some(summary) = if forward { ahead.next() } else { ahead.next_back() } {
            let found = next_in(lab, summary, from.filter(|spot| spot.phase() == summary.id()), forward, cx)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    })
}

/// The next failed spot within one phase, whose steps are read only if some of them failed.
fn next_in(
    lab: &Lab,
    summary: &PhaseSummary,
    from: Option<Spot>,
    forward: bool,
    cx: &Cx<'_>,
) -> Result<Option<Spot>> {
    let phase = summary.id();
    let steps = if summary.failed_steps() > 0 { lab.steps(&summary.phase_ref, cx)? } else { Vec::new() };
    let steps = steps.iter().map(|s| (Spot::Step { phase, step: s.id }, s.run_error == Some(true)));
    let mut all = iter::once((Spot::Phase(phase), summary.failed_without_step())).chain(steps);
    let failed = |(spot, failed): (Spot, bool)| failed.then_some(spot);
    let is_from = |spot: Spot| from == Some(spot);
    Ok(match (from, forward) {
        (Some(_), true) => all.skip_while(|(spot, _)| !is_from(*spot)).skip(1).find_map(failed),
        (None, true) => all.find_map(failed),
        (_, false) => all.take_while(|(spot, _)| !is_from(*spot)).filter_map(failed).last(),
    })
}
