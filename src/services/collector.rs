//! Gathers the numbers of phases, or of their steps, output by output.

use std::collections::HashMap;

use super::sample_steps::{Parameters, left_by_steps};
use crate::{
    formats::{
        pandas::rows_of_samples,
        plot_json::{PlacedPoint, points},
    },
    model::{
        downsample::{Downsampled, Downsampler, WHOLE},
        run::{Phase, Step},
        series::Series,
        value::{Dict, Text},
    },
};

/// Phases are given to it in the order of their iterations.
#[derive(Debug, Clone)]
pub struct Collector<'a> {
    /// Points up to which an output is kept whole.
    limit: usize,
    /// Set where only the output of this name is gathered.
    only: Option<&'a str>,
    /// The rows of a config table: each is a sample of its own, and no line leads from one to the next.
    apart: bool,
    /// Of the iterations before this one it is only remembered whether a line leads on.
    from: i64,
    outputs: Vec<Gathered>,
    place: HashMap<Text, usize>,
    /// The first and the last iteration that were seen.
    iterations: Option<(i64, i64)>,
}

#[derive(Debug, Clone)]
struct Gathered {
    name: String,
    is_parameter: bool,
    digest: Downsampler,
}

impl Default for Collector<'_> {
    /// Of a long output what a chart needs.
    fn default() -> Self {
        let (outputs, place) = (Vec::new(), HashMap::new());
        let (only, apart, iterations) = (None, false, None);
        Collector { limit: WHOLE, only, apart, from: i64::MIN, outputs, place, iterations }
    }
}

impl<'a> Collector<'a> {
    /// Every point of every output.
    pub fn whole() -> Self {
        Collector { limit: usize::MAX, ..Collector::default() }
    }

    /// The points of one output from an iteration on.
    pub fn of_one(name: &'a str, from: i64) -> Self {
        Collector { only: Some(name), from, ..Collector::default() }
    }

    /// With the numbers of samples that have nothing to do with each other.
    pub fn apart(self, apart: bool) -> Self {
        Collector { apart, ..self }
    }

    /// What a phase of main returned.
    pub fn phase(&mut self, phase: &Phase) {
        let Some(iteration) = self.enter(phase) else { return };
        let outputs = phase.outputs.read();
        let found = points(
            iteration,
            rows_of_samples(&outputs).into_iter().map(|row| row.into_iter().flat_map(Dict::iter)),
        );
        self.take(iteration, found, &Parameters::of(phase), has_failed(phase));
    }

    /// What the steps of a phase of main returned, sample by sample.
    pub fn steps(&mut self, phase: &Phase, steps: &[Step]) {
        let Some(iteration) = self.enter(phase) else { return };
        let rows = left_by_steps(phase, steps);
        let found = points(iteration, rows.iter().map(|row| row.iter().map(|(name, value)| (name, value))));
        let ended_badly = steps.last().is_some_and(|step| step.run_error == Some(true));
        let failed = has_failed(phase) || phase.status.is_none() && ended_badly;
        self.take(iteration, found, &Parameters::of(phase), failed);
    }

    /// The iteration of a phase of main.
    fn enter(&mut self, phase: &Phase) -> Option<i64> {
        let iteration = phase.repeat_index.filter(|_| phase.name == "main")?;
        let (first, last) = self.iterations.unwrap_or((iteration, iteration));
        self.iterations = Some((first.min(iteration), last.max(iteration)));
        Some(iteration)
    }

    /// The numbers of an iteration. No line leads to or from those of one that failed.
    fn take(
        &mut self,
        iteration: i64,
        found: Vec<(&Text, Vec<PlacedPoint>)>,
        parameters: &Parameters,
        failed: bool,
    ) {
        let alone = failed || self.apart;
        for (name, numbers) in found {
            if self.only.is_some_and(|only| only != name.lossy()) {
                continue;
            }
            let n = match self.place.get(name) {
                Some(n) => *n,
                None => {
                    self.place.insert(name.clone(), self.outputs.len());
                    self.outputs.push(Gathered {
                        name: name.lossy().into_owned(),
                        is_parameter: parameters.has(name),
                        digest: Downsampler::new(self.limit),
                    });
                    self.outputs.len() - 1
                }
            };
            let Some(Gathered { digest, is_parameter, .. }) = self.outputs.get_mut(n) else { continue };
            for PlacedPoint { point, row } in numbers {
                // An output may have the name of a parameter.
                *is_parameter &= parameters.number(row, name).is_none_or(|given| given == point.y);
                match alone {
                    _ if iteration < self.from => digest.pass(point, alone),
                    true => digest.take_alone(point),
                    false => digest.take(point),
                }
            }
        }
    }

    /// Results first, then parameters, each in order of first appearance.
    pub fn finish(mut self, from_steps: bool) -> Vec<Downsampled> {
        self.outputs.sort_by_key(|output| output.is_parameter);
        let iterations = self.iterations;
        let finish = |Gathered { name, is_parameter, digest }: Gathered| {
            digest.finish(Series { name, is_parameter, from_steps, iterations, points: Vec::new() })
        };
        self.outputs.into_iter().map(finish).collect()
    }
}

fn has_failed(phase: &Phase) -> bool {
    phase.status.as_deref() == Some("failed")
}
