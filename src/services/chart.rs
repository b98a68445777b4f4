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
    model::{heads::PhaseHead, run::Phase, series::Series, value::Text},
};

/// All numeric outputs of a record, results before parameters. A later phase with the same repeat_index
/// replaces the earlier one, as in the plot JSON.
pub fn series(lab: &Lab, run: i64, pulse: &mut dyn Pulse) -> Result<Vec<Series>> {
    let heads = lab.heads(run, pulse)?;
    collect(lab, &shown_phases(Lab::main_heads(&heads)), pulse)
}

/// The last phase of each repeat_index, in order; phases without one are left out.
pub fn shown_phases(heads: Vec<&PhaseHead>) -> Vec<&PhaseHead> {
    let mut shown: Vec<&PhaseHead> = Vec::with_capacity(heads.len());
    for head in heads {
        if head.repeat_index.is_none() {
            continue;
        }
        match shown.last_mut() {
            Some(last) if last.repeat_index == head.repeat_index => *last = head,
            _ => shown.push(head),
        }
    }
    shown
}

/// Iterations that the list's sparkline is made of: the last ones.
const SPARK: usize = 64;

/// The first numeric output of a record's last iterations.
pub fn first_output(lab: &Lab, heads: &[PhaseHead], pulse: &mut dyn Pulse) -> Result<Option<Series>> {
    let shown = shown_phases(Lab::main_heads(heads));
    let last = shown.get(shown.len().saturating_sub(SPARK)..).unwrap_or_default();
    pulse.beat(Progress::default())?;
    Ok(collect(lab, last, pulse)?.into_iter().next())
}

fn collect(lab: &Lab, heads: &[&PhaseHead], pulse: &mut dyn Pulse) -> Result<Vec<Series>> {
    let mut made = Collector::default();
    let spans: Vec<_> = heads.iter().map(|h| &h.span).collect();
    lab.each_phase(&spans, pulse, |n, phase| {
        if let Some(iteration) = heads.get(n).and_then(|head| head.repeat_index) {
            made.phase(iteration, &phase);
        }
        Ok(())
    })?;
    Ok(made.finish())
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
