//! The steps of a phase: which try, sample or loop round each is, its inputs, and what it added to its context.

use std::collections::HashMap;

use super::{
    sample_steps::{Parameters, returned, samples},
    step_errors::ErrorTexts,
};
use crate::{
    formats::python_repr,
    model::{
        run::{Phase, Step},
        timestamp::Timestamp,
        value::{Cell, Dict, Value},
    },
};

/// A step's place in its record.
#[derive(Debug, Clone, PartialEq)]
pub struct StepPlace {
    pub step: i64,
    pub phase: i64,
    pub phase_name: String,
    pub repeat_index: Option<i64>,
    pub step_index: Option<i64>,
    pub method_name: String,
    pub attempt: Attempt,
}

/// Which of several steps with the same index in the same phase this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Attempt {
    #[default]
    Only,
    /// The same step again after an error; from 1.
    Try { n: u32, of: u32 },
    /// The step of another sample of a batch; from 1.
    Sample { n: u32, of: u32 },
    /// The same step again in a loop; from 1.
    Round { n: u32, of: u32 },
}

/// A step as a line of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLine {
    pub id: i64,
    pub step_index: Option<i64>,
    pub method_name: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub failed: Option<bool>,
    pub attempt: Attempt,
    /// What the step added to its context or changed in it: names and values, short.
    pub added: Vec<(String, String)>,
    /// The arguments of its call as the log has them, where nothing was added: names and values, short.
    pub arguments: Vec<(String, String)>,
    /// The error's text, of a failed step.
    pub error: Option<String>,
}

/// One step, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDetail {
    pub place: StepPlace,
    pub start: Timestamp,
    pub end: Timestamp,
    pub failed: Option<bool>,
    /// The arguments of its call, as the log has them.
    pub arguments: Option<Dict>,
    /// The sample's parameters.
    pub inputs: Dict,
    /// What the step added to its context or changed in it.
    pub added: Dict,
    /// The output as it is stored.
    pub output: Cell,
    pub error: Option<String>,
}

/// For each step, which of the steps with its index it is: (from 0, of how many).
pub fn turns(steps: &[Step]) -> Vec<(usize, usize)> {
    let mut of: HashMap<Option<i64>, usize> = HashMap::new();
    let mut turns = Vec::with_capacity(steps.len());
    for step in steps {
        let n = of.entry(step.step_index).or_default();
        turns.push((*n, 0));
        *n += 1;
    }
    for (turn, step) in turns.iter_mut().zip(steps) {
        turn.1 = of.get(&step.step_index).copied().unwrap_or(1);
    }
    turns
}

/// Says of each step whether it is a try after an error, a sample of a batch, or a round of a loop.
pub fn attempts(steps: &[Step], samples: usize) -> Vec<Attempt> {
    let mut groups: HashMap<Option<i64>, Vec<usize>> = HashMap::new();
    for (n, step) in steps.iter().enumerate() {
        groups.entry(step.step_index).or_default().push(n);
    }
    let mut all = vec![Attempt::Only; steps.len()];
    for group in groups.values().filter(|g| g.len() > 1) {
        let failed: Vec<bool> =
            group.iter().filter_map(|n| steps.get(*n)).map(|s| s.run_error == Some(true)).collect();
        for (n, attempt) in group.iter().zip(of_group(&failed, samples)) {
            if let Some(slot) = all.get_mut(*n) {
                *slot = attempt;
            }
        }
    }
    all
}

/// What the steps with one index are, by which of them failed.
fn of_group(failed: &[bool], samples: usize) -> Vec<Attempt> {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let of = small(failed.len());
    let tried = failed.iter().rev().skip(1).any(|f| *f);
    if samples > 1 && (failed.len() <= samples || !tried) {
        return (1..=of).map(|n| Attempt::Sample { n, of }).collect();
    }
    // A step that did not fail ends a round; those that failed before it are earlier tries of the same.
    let rounds: Vec<&[bool]> = failed.split_inclusive(|f| !f).collect();
    let round = |(at, tries): (usize, &&[bool])| -> Vec<Attempt> {
        let of = small(tries.len());
        match tries.len() {
            1 => vec![Attempt::Round { n: small(at + 1), of: small(rounds.len()) }],
            _ => (1..=of).map(|n| Attempt::Try { n, of }).collect(),
        }
    };
    rounds.iter().enumerate().flat_map(round).collect()
}

/// The steps of a phase as lines of the tree.
pub fn lines(phase: &Phase, steps: &[Step], texts: &ErrorTexts) -> Vec<StepLine> {
    let parameters = Parameters::of(phase);
    let attempts = attempts(steps, parameters.samples());
    let mut contexts: HashMap<usize, Dict> = HashMap::new();
    let mut lines = Vec::with_capacity(steps.len());
    let samples = samples(steps, parameters.samples());
    for ((step, attempt), sample) in steps.iter().zip(attempts).zip(samples) {
        let output = returned(step);
        let before = contexts.get(&sample).or_else(|| parameters.sample(sample));
        let added = output.as_ref().map(|o| added(o, before)).unwrap_or_default();
        lines.push(StepLine {
            id: step.id,
            step_index: step.step_index,
            method_name: step.method_name.clone(),
            start: step.start.clone(),
            end: step.end.clone(),
            failed: step.run_error,
            attempt,
            added: in_short(&added),
            arguments: Vec::new(),
            error: texts.of_step(step.id).map(str::to_owned),
        });
        if let Some(output) = output {
            contexts.insert(sample, output);
        }
    }
    lines
}

/// One step of a phase, whole; `None` when it is not one of them.
pub fn detail(phase: &Phase, steps: &[Step], step: i64, texts: &ErrorTexts) -> Option<StepDetail> {
    let at = steps.iter().position(|s| s.id == step)?;
    let parameters = Parameters::of(phase);
    let attempts = attempts(steps, parameters.samples());
    let step = steps.get(at)?;
    let attempt = attempts.get(at).copied().unwrap_or_default();
    let samples = samples(steps, parameters.samples());
    let sample = samples.get(at).copied().unwrap_or_default();
    let earlier = steps.iter().zip(&samples).take(at).rev().filter(|(_, of)| **of == sample);
    let before = earlier.into_iter().find_map(|(s, _)| returned(s));
    let inputs = parameters.sample(sample).cloned().unwrap_or_default();
    let output = step.output.read();
    let added = returned(step).map(|o| added(&o, before.as_ref().or(Some(&inputs)))).unwrap_or_default();
    Some(StepDetail {
        place: place(phase, step, attempt),
        start: step.start.clone(),
        end: step.end.clone(),
        failed: step.run_error,
        arguments: None,
        inputs,
        added,
        output,
        error: texts.of_step(step.id).map(str::to_owned),
    })
}

pub fn place(phase: &Phase, step: &Step, attempt: Attempt) -> StepPlace {
    StepPlace {
        step: step.id,
        phase: phase.id,
        phase_name: phase.name.clone(),
        repeat_index: phase.repeat_index,
        step_index: step.step_index,
        method_name: step.method_name.clone(),
        attempt,
    }
}

/// Entries that are new or have another value than before.
pub(super) fn added(output: &Dict, before: Option<&Dict>) -> Dict {
    let old: HashMap<_, _> = before.into_iter().flat_map(Dict::iter).collect();
    let fresh = output.iter().filter(|(k, v)| old.get(k) != Some(v));
    Dict::from_entries(fresh.map(|(k, v)| (k.clone(), v.clone())).collect())
}

/// Names and values as they stand in a line of the tree.
pub fn in_short(dict: &Dict) -> Vec<(String, String)> {
    dict.iter().map(|(name, value)| (name.lossy().into_owned(), short(value))).collect()
}

/// Characters of a value that a line of the tree has room for at most.
const SHORT: usize = 80;

/// A value as one short line.
fn short(value: &Value) -> String {
    if let Value::List(items) = value
        && items.len() > 8
    {
        return format!("[{} values]", items.len());
    }
    let text = python_repr::py_repr(value);
    match text.char_indices().nth(SHORT) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `F` failed, `.` did not; `t1/2` a try, `r1/3` a round, `s1/2` a sample.
    fn said(failed: &str, samples: usize) -> String {
        let failed: Vec<bool> = failed.chars().map(|c| c == 'F').collect();
        let word = |attempt: Attempt| match attempt {
            Attempt::Only => "only".to_owned(),
            Attempt::Try { n, of } => format!("t{n}/{of}"),
            Attempt::Sample { n, of } => format!("s{n}/{of}"),
            Attempt::Round { n, of } => format!("r{n}/{of}"),
        };
        of_group(&failed, samples).into_iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tries_rounds_and_samples_are_told_apart() {
        assert_eq!(said("FF.", 1), "t1/3 t2/3 t3/3");
        assert_eq!(said("...", 0), "r1/3 r2/3 r3/3");
        assert_eq!(said("..F..", 1), "r1/4 r2/4 t1/2 t2/2 r4/4");
        assert_eq!(said("FF", 1), "t1/2 t2/2");
        assert_eq!(said(".F", 2), "s1/2 s2/2");
        assert_eq!(said("F.", 2), "s1/2 s2/2");
        assert_eq!(said("F..", 2), "t1/2 t2/2 r2/2");
    }
}
