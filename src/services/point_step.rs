//! The step that made a point of a chart.

use super::{
    chart::{OutputName, shown_phases},
    lab::Lab,
    next_failure::Spot,
    sample_steps::{Parameters, left_by_steps, setter},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    formats::{pandas::rows_of_samples, plot_json::points},
    model::{
        partial::Partial,
        run::{Phase, Step},
        value::{Dict, Text, Value},
    },
};

/// The last step that set an output to what the chart shows of it for a sample (0 for a single value) of an iteration;
/// `None` where no step can be told.
pub fn step_of_point(
    lab: &Lab,
    run: i64,
    output: &OutputName,
    (iteration, sample): (i64, u32),
    cx: &mut Cx<'_>,
) -> Result<Partial<Option<Spot>>> {
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let shown = shown_phases(Lab::main_phases(&summaries));
        let at = shown.partition_point(|summary| summary.repeat_index < Some(iteration));
        let Some(found) = shown.get(at).filter(|summary| summary.repeat_index == Some(iteration)) else {
            return Ok(None);
        };
        let Some(phase) = lab.phase(&found.phase_ref, cx)? else { return Ok(None) };
        let steps = lab.steps(&found.phase_ref, cx)?;
        let step = maker(&phase, &steps, output, (iteration, sample));
        Ok(step.map(|step| Spot::Step { phase: phase.id, step }))
    })
}

fn maker(phase: &Phase, steps: &[Step], output: &OutputName, point: (i64, u32)) -> Option<i64> {
    if output.from_steps {
        let rows = left_by_steps(phase, steps);
        let rows = rows.iter().map(|row| row.iter().map(|(name, value)| (name, value)).collect());
        return of_rows(phase, steps, output, point, rows.collect());
    }
    let outputs = phase.outputs.read();
    let rows =
        rows_of_samples(&outputs).into_iter().map(|row| row.into_iter().flat_map(Dict::iter).collect());
    of_rows(phase, steps, output, point, rows.collect())
}

/// Of the row that the point stands in, the step that set its value.
fn of_rows(
    phase: &Phase,
    steps: &[Step],
    output: &OutputName,
    (iteration, sample): (i64, u32),
    rows: Vec<Vec<(&Text, &Value)>>,
) -> Option<i64> {
    let named = |name: &Text| name.lossy() == output.name;
    let all = points(iteration, rows.iter().map(|row| row.iter().copied()));
    let (_, numbers) = all.into_iter().find(|(name, _)| named(name))?;
    let row = numbers.iter().find(|placed| placed.point.sample == sample)?.row;
    let (name, value) = rows.get(row)?.iter().rev().find(|(name, _)| named(name))?;
    let samples = Parameters::of(phase).samples().max(rows.len());
    setter(phase, steps, name, (row, samples), value)
}
