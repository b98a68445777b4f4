//! Finds the next phase or step of a record that has some words: in its name, its error, what it got or what it added.

use std::collections::HashMap;

use super::{
    failures,
    find_value::{CellFilter, has},
    lab::Lab,
    next_failure::Spot,
    sample_steps::{Parameters, returned, samples},
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
        value::{Cell, Dict, Value},
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
            let spots = spots(summary, phase.as_ref(), &steps);
            let part = part(&spots, search, at.is_some(), n == 0, n + 1 == total);
            let read = phase.as_ref().map(|phase| PhaseRead::new(phase, &steps, &searched.filter));
            let mut part =
                part.iter().filter(|(_, place)| searched.has(*place, summary, phase.as_ref(), read.as_ref()));
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

/// The phase, then its steps.
fn spots(summary: &PhaseSummary, phase: Option<&Phase>, steps: &[Step]) -> Vec<PlacedSpot> {
    let id = summary.id();
    let steps = steps.iter().enumerate().filter(|_| phase.is_some());
    let of_step = |(n, step): (usize, &Step)| (Spot::Step { phase: id, step: step.id }, Some(n));
    std::iter::once((Spot::Phase(id), None)).chain(steps.map(of_step)).collect()
}

/// What the steps of a phase have in common, read once for all of them.
struct PhaseRead<'a> {
    steps: &'a [Step],
    parameters: Parameters,
    /// The inputs may have the words.
    inputs: bool,
    /// The sample of each step, from 0, and the step before that worked on the same one.
    samples: Vec<usize>,
    before: Vec<Option<usize>>,
}

impl<'a> PhaseRead<'a> {
    fn new(phase: &Phase, steps: &'a [Step], filter: &CellFilter<'_>) -> Self {
        let parameters = Parameters::of(phase);
        let samples = samples(steps, parameters.samples());
        let mut last: HashMap<usize, usize> = HashMap::new();
        let before = samples.iter().enumerate().map(|(n, sample)| last.insert(*sample, n)).collect();
        PhaseRead { steps, parameters, inputs: filter.read(&phase.parameters).is_some(), samples, before }
    }

    /// The context that a step got: what the last step before it with a dict left for the same sample.
    fn context(&self, n: usize) -> Option<Dict> {
        let before = |n: &usize| self.before.get(*n).copied().flatten();
        std::iter::successors(before(&n), before).find_map(|n| returned(self.steps.get(n)?))
    }
}

/// What each phase and step is looked through for.
struct Searched<'a> {
    needle: &'a Needle,
    filter: CellFilter<'a>,
    texts: &'a ErrorTexts,
}

impl Searched<'_> {
    /// Has the step at this place of the phase the words, or without a place the phase itself?
    fn has(
        &self,
        place: Option<usize>,
        summary: &PhaseSummary,
        phase: Option<&Phase>,
        read: Option<&PhaseRead<'_>>,
    ) -> bool {
        match (place, read) {
            (None, _) => {
                let error = phase.and_then(phase_error);
                self.needle.is_in(&summary.label()) || error.is_some_and(|error| self.needle.is_in(&error))
            }
            (Some(n), Some(read)) => self.step_has(read, n),
            (Some(_), None) => false,
        }
    }

    fn step_has(&self, phase: &PhaseRead<'_>, n: usize) -> bool {
        let Some(step) = phase.steps.get(n) else { return false };
        let of_step = self.texts.of_step(step.id);
        if self.needle.is_in(&step.method_name) || of_step.is_some_and(|text| self.needle.is_in(text)) {
            return true;
        }
        let inputs = phase.parameters.sample(phase.samples.get(n).copied().unwrap_or(0));
        // What a sample got is told with its first step.
        let is_first = phase.before.get(n) == Some(&None);
        if phase.inputs
            && is_first
            && inputs.is_some_and(|inputs| has(&Value::Dict(inputs.clone()), self.needle))
        {
            return true;
        }
        match self.filter.read(&step.output) {
            Some(Cell::Json(Value::Dict(output))) => {
                let before = phase.context(n);
                has(&Value::Dict(steps::added(&output, before.as_ref().or(inputs))), self.needle)
            }
            Some(Cell::Json(output)) => has(&output, self.needle),
            Some(Cell::Odd(text)) => self.needle.is_in(&text.lossy()),
            Some(Cell::Null) | None => false,
        }
    }
}
