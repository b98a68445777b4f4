//! The numbers of a record over its iterations, as IvoryOS plots them.

use std::collections::HashMap;

use super::{
    lab::Lab,
    pulse::{Progress, Pulse},
    steps::Parameters,
};
use crate::{
    error::Result,
    export::plot,
    model::{run::Phase, series::Series, value::Text},
    store::PhaseSpan,
};

/// All numeric outputs of a record, results before parameters. A later phase with the same repeat_index
/// replaces the earlier one, as in the plot JSON.
pub fn series(lab: &Lab, run: i64, pulse: &mut dyn Pulse) -> Result<Vec<Series>> {
    let heads = shown_phases(lab.main_heads(run, pulse)?);
    let total = heads.len() as u64;
    let mut made = Collector::default();
    for (n, (head, span)) in heads.iter().enumerate() {
        if let (Some(iteration), Some(phase)) = (head.repeat_index, lab.store.phase(span)?) {
            made.phase(iteration, &phase);
        }
        if n % 512 == 511 {
            pulse.beat(Progress { done: n as u64, total: Some(total) })?;
        }
    }
    Ok(made.finish())
}

/// The last phase of each repeat_index, in order; phases without one are left out.
pub fn shown_phases(heads: Vec<(Phase, PhaseSpan)>) -> Vec<(Phase, PhaseSpan)> {
    let mut shown: Vec<(Phase, PhaseSpan)> = Vec::with_capacity(heads.len());
    for head in heads {
        if head.0.repeat_index.is_none() {
            continue;
        }
        match shown.last_mut() {
            Some(last) if last.0.repeat_index == head.0.repeat_index => *last = head,
            _ => shown.push(head),
        }
    }
    shown
}

/// Iterations that the list's sparkline is made of: the last ones.
const SPARK: usize = 64;

/// The first numeric output of a record's last iterations.
pub fn first_output(
    lab: &Lab,
    mut heads: Vec<(Phase, PhaseSpan)>,
    pulse: &mut dyn Pulse,
) -> Result<Option<Series>> {
    heads.retain(|(p, _)| p.name == "main");
    heads.sort_by_key(|(p, _)| (p.repeat_index, p.id));
    let mut shown = shown_phases(heads);
    let mut made = Collector::default();
    for (head, span) in shown.split_off(shown.len().saturating_sub(SPARK)) {
        if let (Some(iteration), Some(phase)) = (head.repeat_index, lab.store.phase(&span)?) {
            made.phase(iteration, &phase);
        }
    }
    pulse.beat(Progress::default())?;
    Ok(made.finish().into_iter().next())
}

#[derive(Default)]
struct Collector {
    series: Vec<Series>,
    place: HashMap<Text, usize>,
}

impl Collector {
    fn phase(&mut self, iteration: i64, phase: &Phase) {
        let parameters = Parameters::of(phase);
        for (name, numbers) in plot::numbers_of(&phase.outputs.read()) {
            let n = match self.place.get(name) {
                Some(n) => *n,
                None => {
                    self.place.insert(name.clone(), self.series.len());
                    self.series.push(Series {
                        name: name.lossy().into_owned(),
                        is_parameter: parameters.has(name),
                        points: Vec::new(),
                    });
                    self.series.len() - 1
                }
            };
            if let Some(series) = self.series.get_mut(n) {
                series.points.extend(plot::spread(iteration, &numbers));
            }
        }
    }

    /// Results first, then parameters, each in order of first appearance.
    fn finish(mut self) -> Vec<Series> {
        self.series.sort_by_key(|s| s.is_parameter);
        self.series
    }
}
