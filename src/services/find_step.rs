//! Finds the next phase or step of a record that has some words: in its name, its error, what it got or what it added.

use super::{
    failures,
    find_value::{CellFilter, has},
    lab::Lab,
    next_failure::Spot,
    sample_steps::{Parameters, samples},
    step_errors::{ErrorTexts, phase_error},
    steps,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        needle::Needle,
        partial::{Lacks, Partial},
        phase_summary::PhaseSummary,
        run::{Phase, Step},
        value::{Cell, Value},
    },
};

/// What is looked for in a record's steps, and from where.
#[derive(Debug, Clone, PartialEq)]
pub struct StepSearch {
    pub words: String,
    /// From the record's start or end when `None`, or when it is gone.
    pub from: Option<Spot>,
    /// The spot itself counts too.
    pub here: bool,
    pub forward: bool,
}

/// Phases that are read at once at most, with their steps.
const TOGETHER: usize = 64;

/// The next phase or step with the words, round the end of the record; from the spot on, which comes last unless it
/// counts itself. `None` where no other has them.
pub fn find(lab: &Lab, run: i64, search: &StepSearch, cx: &mut Cx<'_>) -> Result<Partial<Option<Spot>>> {
    let needle = Needle::new(&search.words);
    if needle.is_empty() {
        return Ok(Partial::default());
    }
    let mut lacks = Lacks::default();
    let texts = failures::of_record(lab, &lab.run(run, cx)?, cx)?.into(&mut lacks);
    let summaries = lab.phase_summaries(run, cx)?.into(&mut lacks);
    let at = search.from.and_then(|spot| summaries.iter().position(|s| s.id() == spot.phase()));
    let way = way(summaries.len(), at, search.forward);
    let searched = Searched { filter: CellFilter::new(&needle), needle: &needle, texts: &texts };
    let (mut done, mut together, total) = (0, 1, way.len());
    while done < total {
        let places: Vec<usize> = way.iter().skip(done).take(together).copied().collect();
        let some: Vec<&PhaseSummary> = places.iter().filter_map(|place| summaries.get(*place)).collect();
        let refs: Vec<_> = some.iter().map(|summary| &summary.phase_ref).collect();
        let phases = lab.source().phases(&refs, cx)?.into_iter().zip(lab.source().steps(&refs, cx)?);
        for (n, (summary, (phase, steps))) in (done..).zip(some.into_iter().zip(phases)) {
            let spots = searched.spots(summary, phase.as_ref(), &steps);
            let part = part(&spots, search, at.is_some(), n == 0, n + 1 == total);
            let mut part = part
                .iter()
                .filter(|(spot, place)| searched.has(*spot, *place, summary, phase.as_ref(), &steps));
            let found = if search.forward { part.next() } else { part.next_back() };
            if let Some((spot, _)) = found {
                return Ok(Partial::lacking(Some(*spot), lacks));
            }
        }
        done += places.len();
        together = (together * 2).min(TOGETHER);
        cx.check(Progress { done: done as u64, total: Some(total as u64) })?;
    }
    Ok(Partial::lacking(None, lacks))
}

/// The phases in the order that they are looked at. The one where it begins comes at both ends: first what lies ahead
/// of the spot in it, at last what lies behind.
fn way(phases: usize, at: Option<usize>, forward: bool) -> Vec<usize> {
    let mut way: Vec<usize> = match (at, forward) {
        (Some(at), true) => (at..phases).chain(0..=at).collect(),
        (Some(at), false) => (at..phases).chain(0..=at).rev().collect(),
        (None, _) => (0..phases).collect(),
    };
    if at.is_none() && !forward {
        way.reverse();
    }
    way
}

/// A spot, and which of its phase's steps it is.
type PlacedSpot = (Spot, Option<usize>);

/// Of a phase's spots those that are to be looked at on this visit.
fn part<'s>(
    spots: &'s [PlacedSpot],
    search: &StepSearch,
    begins_there: bool,
    first: bool,
    last: bool,
) -> &'s [PlacedSpot] {
    if !begins_there || !(first || last) {
        return spots;
    }
    let at = spots.iter().position(|(spot, _)| Some(*spot) == search.from).unwrap_or(0);
    // On the first visit the spot itself counts where it was meant, on the last where it was not.
    let part = match (search.forward, first) {
        (true, true) => spots.get(at + usize::from(!search.here)..),
        (true, false) => spots.get(..at + usize::from(!search.here)),
        (false, true) => spots.get(..at + usize::from(search.here)),
        (false, false) => spots.get(at + usize::from(search.here)..),
    };
    part.unwrap_or_default()
}

/// What each phase and step is looked through for.
struct Searched<'a> {
    needle: &'a Needle,
    filter: CellFilter<'a>,
    texts: &'a ErrorTexts,
}

impl Searched<'_> {
    fn spots(&self, summary: &PhaseSummary, phase: Option<&Phase>, steps: &[Step]) -> Vec<PlacedSpot> {
        let id = summary.id();
        let steps = steps.iter().enumerate().filter(|_| phase.is_some());
        let of_step = |(n, step): (usize, &Step)| (Spot::Step { phase: id, step: step.id }, Some(n));
        std::iter::once((Spot::Phase(id), None)).chain(steps.map(of_step)).collect()
    }

    fn has(
        &self,
        spot: Spot,
        place: Option<usize>,
        summary: &PhaseSummary,
        phase: Option<&Phase>,
        steps: &[Step],
    ) -> bool {
        match (spot, phase, place) {
            (Spot::Phase(_), phase, _) => {
                let error = phase.and_then(phase_error);
                self.needle.is_in(&summary.label()) || error.is_some_and(|error| self.needle.is_in(&error))
            }
            (_, Some(phase), Some(n)) => self.step_has(phase, steps, n),
            _ => false,
        }
    }

    fn step_has(&self, phase: &Phase, steps: &[Step], n: usize) -> bool {
        let Some(step) = steps.get(n) else { return false };
        let of_step = self.texts.of_step(step.id);
        if self.needle.is_in(&step.method_name) || of_step.is_some_and(|text| self.needle.is_in(text)) {
            return true;
        }
        let output = self.filter.read(&step.output);
        let inputs = self.filter.read(&phase.parameters).is_some();
        if output.is_none() && !inputs {
            return false;
        }
        let parameters = Parameters::of(phase);
        let of = samples(steps, parameters.samples());
        let sample = |n: usize| of.get(n).copied().unwrap_or(0);
        let before: Vec<&Step> = steps
            .iter()
            .take(n)
            .enumerate()
            .filter(|(at, _)| sample(*at) == sample(n))
            .map(|(_, s)| s)
            .collect();
        let inputs = parameters.sample(sample(n));
        // What a sample got is told with its first step.
        if before.is_empty() && inputs.is_some_and(|inputs| has(&Value::Dict(inputs.clone()), self.needle)) {
            return true;
        }
        match output {
            Some(Cell::Json(Value::Dict(output))) => {
                let before = before.into_iter().rev().find_map(steps::dict);
                has(&Value::Dict(steps::added(&output, before.as_ref().or(inputs))), self.needle)
            }
            Some(Cell::Json(output)) => has(&output, self.needle),
            Some(Cell::Odd(text)) => self.needle.is_in(&text.lossy()),
            Some(Cell::Null) | None => false,
        }
    }
}
