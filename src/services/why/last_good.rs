//! The same step when it last ended without an error: in an earlier iteration of the record, else in the last iteration of
//! the newest earlier record of the same name.

use std::collections::HashMap;

use super::{
    arguments, attempts,
    run_log::{self, RunLog},
    types::{Difference, Failure, FailureKind, LastGood, Origin, Share},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        partial::{Lacks, Partial},
        phase_summary::PhaseSummary,
        query::Order,
        run::{Phase, Run, Step},
        value::{Dict, Text},
    },
    services::{
        lab::Lab,
        run_row,
        sample_steps::{Parameters, returned, same},
    },
    store::IdPlace,
};

/// Earlier records that are looked through, and phases of all of them.
const RECORDS: usize = 2_000;
const SAME_NAME: usize = 20;
const PHASES: usize = 4_000;

/// The same step in every iteration: phase's name, index, method, sample.
type StepKey = (String, Option<i64>, String, u32);

/// A step that ended well.
#[derive(Clone)]
struct Good {
    run: i64,
    iteration: Option<i64>,
    step: Step,
    inputs: Dict,
    outputs: Dict,
}

/// Adds to each failed step when it last ended well.
pub fn add(
    lab: &Lab,
    run: &Run,
    summaries: &[PhaseSummary],
    failures: &mut [Failure],
    log: Option<&RunLog>,
    cx: &mut Cx<'_>,
) -> Result<Partial<()>> {
    let mut lacks = Lacks::default();
    let mut search = Search { lab, left: PHASES, known: HashMap::new(), elsewhere: HashMap::new() };
    let places: HashMap<i64, usize> = summaries.iter().map(PhaseSummary::id).zip(0..).collect();
    for failure in failures.iter_mut().filter(|failure| failure.kind == FailureKind::Step) {
        let place = failure.phase_id.and_then(|id| places.get(&id)).copied();
        let (Some(place), Some(key)) = (place, key_of(failure)) else { continue };
        let mut good = search.earlier(summaries, place, &key, cx)?;
        if good.is_none() {
            good = search.in_earlier_records(run, &key, &mut lacks, cx)?;
        }
        let Some(good) = good else { continue };
        if let Some(summary) = summaries.get(place)
            && let Some(now) = search.step_of(summary, failure, cx)?
        {
            let called = search.called(run, log, (&good, &now), failure, cx)?;
            failure.last_good = Some(compared(&good, &now, called));
        }
    }
    Ok(Partial::lacking((), lacks))
}

fn key_of(failure: &Failure) -> Option<StepKey> {
    let sample = failure.sample.map_or(1, |share| share.n);
    Some((failure.phase.clone()?, failure.step_index, failure.method.clone()?, sample))
}

struct Search<'a> {
    lab: &'a Lab,
    /// Phases that may still be read.
    left: usize,
    /// Of a step the phase up to which it was looked for last, and what was found.
    known: HashMap<StepKey, (usize, Option<Good>)>,
    elsewhere: HashMap<StepKey, Option<Good>>,
}

impl Search<'_> {
    /// In the nearest earlier phase of the record: what was found for an earlier failure of the same step is not looked
    /// for again.
    fn earlier(
        &mut self,
        summaries: &[PhaseSummary],
        place: usize,
        key: &StepKey,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Good>> {
        let (until, before) = self.known.get(key).cloned().unwrap_or((0, None));
        let mut found = None;
        for summary in summaries.get(until..place).unwrap_or_default().iter().rev() {
            if *summary.name != *key.0 {
                continue;
            }
            found = self.good_in(summary, key, cx)?;
            if found.is_some() || self.left == 0 {
                break;
            }
        }
        let found = found.or(before);
        self.known.insert(key.clone(), (place, found.clone()));
        Ok(found)
    }

    fn in_earlier_records(
        &mut self,
        run: &Run,
        key: &StepKey,
        lacks: &mut Lacks,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Good>> {
        if let Some(known) = self.elsewhere.get(key) {
            return Ok(known.clone());
        }
        let found = self.search_records(run, key, lacks, cx)?;
        self.elsewhere.insert(key.clone(), found.clone());
        Ok(found)
    }

    fn search_records(
        &mut self,
        run: &Run,
        key: &StepKey,
        lacks: &mut Lacks,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Good>> {
        let ids = self.lab.source().run_ids(IdPlace::Behind(run.id), Order::Descending, RECORDS, cx)?;
        let mut seen = 0;
        for some in ids.chunks(100) {
            for other in self.lab.source().runs(some, cx)? {
                if other.name != run.name {
                    continue;
                }
                let summaries = self.lab.phase_summaries(other.id, cx)?.into(lacks);
                for summary in summaries.iter().rev().filter(|summary| *summary.name == *key.0) {
                    let found = self.good_in(summary, key, cx)?;
                    if found.is_some() || self.left == 0 {
                        return Ok(found);
                    }
                }
                seen += 1;
                if seen >= SAME_NAME {
                    return Ok(None);
                }
            }
            cx.check(Progress::default())?;
        }
        Ok(None)
    }

    /// The step in a phase, where it ended without an error there: its last run of that sample.
    fn good_in(&mut self, summary: &PhaseSummary, key: &StepKey, cx: &mut Cx<'_>) -> Result<Option<Good>> {
        self.left = self.left.saturating_sub(1);
        let Some((phase, steps)) = self.read(summary, cx)? else { return Ok(None) };
        let parameters = Parameters::of(&phase);
        let shares = attempts::shares(&steps, parameters.samples(), None);
        let of_sample = |share: Option<Share>| share.map_or(1, |share| share.n) == key.3;
        let ended_well = |step: &Step| step.run_error != Some(true) && !step.end.is_none();
        let fits = |step: &Step| step.step_index == key.1 && step.method_name == key.2 && ended_well(step);
        let found =
            steps.iter().zip(&shares).rposition(|(step, (sample, _))| fits(step) && of_sample(*sample));
        cx.check(Progress::default())?;
        Ok(found.and_then(|at| told(summary, &parameters, &steps, at, key.3)))
    }

    /// The failed step with its inputs and outputs.
    fn step_of(
        &mut self,
        summary: &PhaseSummary,
        failure: &Failure,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Good>> {
        let Some((phase, steps)) = self.read(summary, cx)? else { return Ok(None) };
        let at = steps.iter().position(|step| Some(step.id) == failure.step);
        let sample = failure.sample.map_or(1, |share| share.n);
        Ok(at.and_then(|at| told(summary, &Parameters::of(&phase), &steps, at, sample)))
    }

    /// The arguments of both as logs have them: then, now. `None` where a log lacks one of them.
    fn called(
        &self,
        run: &Run,
        log: Option<&RunLog>,
        (good, now): (&Good, &Good),
        failure: &Failure,
        cx: &mut Cx<'_>,
    ) -> Result<Option<(Dict, Dict)>> {
        let told = failure.inputs.as_ref().filter(|told| told.origin != Origin::Phase);
        let (Some(log), Some(told)) = (log, told) else { return Ok(None) };
        let arguments = |log: &RunLog| arguments::of_steps(&[&good.step], &log.entries).pop()??.arguments();
        let then = if good.run == now.run {
            arguments(log)
        } else {
            let other = self.lab.source().runs(&[good.run], cx)?.pop().filter(|other| other.id != run.id);
            let moments: Vec<_> = good.step.start.at().into_iter().collect();
            let log = other
                .map(|other| run_log::read(self.lab, &other, &moments, false, cx))
                .transpose()?
                .flatten();
            log.as_ref().and_then(arguments)
        };
        Ok(then.map(|then| (then, told.value.clone())))
    }

    fn read(&self, summary: &PhaseSummary, cx: &Cx<'_>) -> Result<Option<(Phase, Vec<Step>)>> {
        if summary.steps() == 0 {
            return Ok(None);
        }
        let Some(phase) = self.lab.phase(&summary.phase_ref, cx)? else { return Ok(None) };
        Ok(Some((phase, self.lab.steps(&summary.phase_ref, cx)?)))
    }
}

/// A step with the parameters of its sample, and what it returned without them.
fn told(
    summary: &PhaseSummary,
    parameters: &Parameters,
    steps: &[Step],
    at: usize,
    sample: u32,
) -> Option<Good> {
    let step = steps.get(at)?.clone();
    let inputs = parameters.sample(sample as usize - 1).cloned().unwrap_or_default();
    let output = returned(&step).unwrap_or_default();
    let own = output.without(&inputs).into_iter().map(|(name, value)| (name.clone(), value.clone()));
    let outputs = Dict::from_entries(own.collect());
    Some(Good { run: summary.phase_ref.run, iteration: summary.repeat_index, step, inputs, outputs })
}

fn compared(then: &Good, now: &Good, called: Option<(Dict, Dict)>) -> LastGood {
    let took = |step: &Step| run_row::took(&step.start, &step.end);
    LastGood {
        run: then.run,
        iteration: then.iteration,
        step: then.step.id,
        inputs: match called {
            Some((then, now)) => differences(&then, &now),
            None => differences(&then.inputs, &now.inputs),
        },
        outputs: differences(&then.outputs, &now.outputs)
            .into_iter()
            .filter(|output| !then.inputs.has(&output.name) && !now.inputs.has(&output.name))
            .collect(),
        took: (took(&then.step), took(&now.step)),
    }
}

/// Values that differ, by the names of both.
fn differences(then: &Dict, now: &Dict) -> Vec<Difference> {
    let value = |dict: &Dict, name: &Text| dict.iter().find(|(key, _)| *key == name).map(|(_, v)| v.clone());
    let names = then.iter().map(|(name, _)| name).chain(now.without(then).into_iter().map(|(name, _)| name));
    let pairs =
        names.map(|name| Difference { name: name.clone(), then: value(then, name), now: value(now, name) });
    let differ = |pair: &Difference| match (&pair.then, &pair.now) {
        (Some(then), Some(now)) => !same(then, now),
        (then, now) => then.is_some() != now.is_some(),
    };
    pairs.filter(differ).collect()
}
