//! The walk through a record from one spot that failed to the next, in the order that the phases ran.

use std::iter;

use super::{lab::Lab, pulse::Pulse};
use crate::{error::Result, model::heads::PhaseHead};

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
    fn phase(self) -> i64 {
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
    pulse: &mut dyn Pulse,
) -> Result<Option<Spot>> {
    let heads = lab.heads(run, pulse)?;
    let at = from.and_then(|spot| heads.iter().position(|head| head.id() == spot.phase()));
    let ahead = match (at, forward) {
        (None, _) => heads.get(..),
        (Some(at), true) => heads.get(at..),
        (Some(at), false) => heads.get(..=at),
    };
    let mut ahead = ahead.unwrap_or_default().iter();
    while let Some(head) = if forward { ahead.next() } else { ahead.next_back() } {
        let found = next_in(lab, head, from.filter(|spot| spot.phase() == head.id()), forward)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The same within one phase, which is read only if steps of it failed.
fn next_in(lab: &Lab, head: &PhaseHead, from: Option<Spot>, forward: bool) -> Result<Option<Spot>> {
    let phase = head.id();
    let steps = if head.failed_steps() > 0 { lab.store.steps(&head.span)? } else { Vec::new() };
    let steps = steps.iter().map(|s| (Spot::Step { phase, step: s.id }, s.run_error == Some(true)));
    let mut all = iter::once((Spot::Phase(phase), head.failed_without_step())).chain(steps);
    let failed = |(spot, failed): (Spot, bool)| failed.then_some(spot);
    let is_from = |spot: Spot| from == Some(spot);
    Ok(match (from, forward) {
        (Some(_), true) => all.skip_while(|(spot, _)| !is_from(*spot)).skip(1).find_map(failed),
        (None, true) => all.find_map(failed),
        (_, false) => all.take_while(|(spot, _)| !is_from(*spot)).filter_map(failed).last(),
    })
}
