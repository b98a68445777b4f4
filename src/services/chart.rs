//! The numbers of a record over its iterations, as IvoryOS plots them; where its phases keep none, those of its steps.

use super::{collector::Collector, lab::Lab, table::is_batch};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Missing, Result},
    model::{
        downsample::Downsampled,
        partial::{Lacks, Partial},
        phase_summary::{PhaseRef, PhaseSummary},
        series::{Point, Series},
    },
};

/// The numeric outputs of a record: results, then parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Charts {
    pub outputs: Vec<Downsampled>,
    /// Every how many-th iteration was read: 1 for all of them.
    pub every: u64,
}

/// An output of a record by its name, and where its numbers are found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutputName {
    pub name: String,
    pub from_steps: bool,
}

/// One output in some iterations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChartPart {
    pub output: String,
    pub from: i64,
    pub to: i64,
    pub points: Vec<Point>,
    /// No point of these iterations is left out.
    pub whole: bool,
}

/// All outputs of a record that have a number, results before parameters. A later phase with the same repeat_index
/// replaces the earlier one, as in the plot JSON.
///
/// # Errors
/// [`Missing::Numbers`] where there is none.
pub fn series(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Vec<Series>>> {
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let shown = shown_phases(Lab::main_phases(&summaries));
        let made = Collector::whole().apart(of_table(lab, run, cx)?);
        let found = numbers(lab, &phase_refs(&shown), &made, cx)?;
        let mut series: Vec<Series> = found.into_iter().map(|one| one.series).collect();
        series.retain(|one| one.stats().is_some());
        if series.is_empty() { Err(Error::Missing(Missing::Numbers { run })) } else { Ok(series) }
    })
}

/// The last phase of each repeat_index, in order; phases without one are left out.
pub fn shown_phases(summaries: Vec<&PhaseSummary>) -> Vec<&PhaseSummary> {
    let mut shown: Vec<&PhaseSummary> = Vec::with_capacity(summaries.len());
    for summary in summaries {
        if summary.repeat_index.is_none() {
            continue;
        }
        match shown.last_mut() {
            Some(last) if last.repeat_index == summary.repeat_index => *last = summary,
            _ => shown.push(summary),
        }
    }
    shown
}

/// How many of the last iterations the list's sparkline is made of.
const SPARK: usize = 64;
/// How many steps are read at most for it, where the phases keep no numbers.
const SPARK_STEPS: u64 = 256;

/// The first numeric output of a record's last iterations.
pub fn first_output(lab: &Lab, summaries: &[PhaseSummary], cx: &mut Cx<'_>) -> Result<Option<Series>> {
    let shown = phase_refs(&shown_phases(Lab::main_phases(summaries)));
    let (earlier, last) = shown.split_at(shown.len().saturating_sub(SPARK));
    cx.check(Progress::default())?;
    let mut found = from_phases(lab, last, Collector::whole(), cx)?;
    if !has_results(&found) && lab.source().features().keeps_outputs {
        // Last iterations that all failed are no sign that the record keeps no numbers.
        let first = earlier.get(..earlier.len().min(SPARK)).unwrap_or_default();
        if !has_results(&from_phases(lab, first, Collector::whole(), cx)?) {
            let mut left = SPARK_STEPS;
            let affordable = |phase: &&&PhaseRef| {
                left = left.saturating_sub(phase.steps.max(1));
                left > 0
            };
            let few = last.iter().rev().take_while(affordable).count();
            let some = last.get(last.len() - few..).unwrap_or_default();
            let of_steps = from_steps(lab, some, Collector::whole(), cx)?;
            if has_results(&of_steps) {
                found = of_steps;
            }
        }
    }
    Ok(found.into_iter().next().map(|one| one.series))
}

/// How many iterations of a long record are read for its first charts: that takes some milliseconds.
const FIRST_LOOK: usize = 256;

/// The charts of a record at once: of a long record from iterations that are spread over it.
pub fn first_look(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Charts>> {
    if let Some((spread, every)) = lab.spread(run, FIRST_LOOK, cx)? {
        let mut lacks = Lacks::default();
        let made = Collector::default().apart(of_table(lab, run, cx)?);
        let spread: Vec<&PhaseRef> = spread.iter().collect();
        let mut outputs = from_phases(lab, &spread, made.clone(), cx)?;
        if !has_results(&outputs) && lab.source().features().keeps_outputs {
            let ids: Vec<i64> = spread.iter().map(|phase_ref| phase_ref.id).collect();
            let with_steps = lab.phase_refs(run, &ids, true, cx)?.into(&mut lacks);
            let of_steps = from_steps(lab, &with_steps.iter().collect::<Vec<_>>(), made, cx)?;
            if has_results(&of_steps) {
                outputs = of_steps;
            }
        }
        return Ok(Partial::lacking(Charts { outputs, every }, lacks));
    }
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let shown = shown_phases(Lab::main_phases(&summaries));
        // Of an iteration or two in each place nothing is left out.
        let every = Some(shown.len().div_ceil(FIRST_LOOK)).filter(|every| *every > 2).unwrap_or(1);
        // The last iteration is always among them: it is what people look for.
        let spread: Vec<_> =
            shown.iter().rev().step_by(every).rev().map(|summary| &summary.phase_ref).collect();
        let made = Collector::default().apart(of_table(lab, run, cx)?);
        Ok(Charts { outputs: numbers(lab, &spread, &made, cx)?, every: every as u64 })
    })
}

/// The charts of a record from all its iterations.
pub fn all(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Charts>> {
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let shown = shown_phases(Lab::main_phases(&summaries));
        let made = Collector::default().apart(of_table(lab, run, cx)?);
        Ok(Charts { outputs: numbers(lab, &phase_refs(&shown), &made, cx)?, every: 1 })
    })
}

/// One output in some iterations, from the first to the last of these.
pub fn part(
    lab: &Lab,
    run: i64,
    output: &OutputName,
    (from, to): (i64, i64),
    cx: &mut Cx<'_>,
) -> Result<Partial<ChartPart>> {
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let shown = shown_phases(Lab::main_phases(&summaries));
        let place = |iteration: i64| shown.partition_point(|summary| summary.repeat_index < Some(iteration));
        // The one before tells whether a line leads to the first.
        let first = place(from).saturating_sub(1);
        let some = phase_refs(shown.get(first..place(to.saturating_add(1))).unwrap_or_default());
        let only = Collector::of_one(&output.name, from).apart(of_table(lab, run, cx)?);
        let read = if output.from_steps { from_steps } else { from_phases };
        let found = read(lab, &some, only, cx)?.pop();
        let (points, whole) = found.map_or((Vec::new(), true), |one| (one.series.points, one.whole));
        Ok(ChartPart { output: output.name.clone(), from, to, points, whole })
    })
}

/// Are the iterations the rows of a config table, samples that were made one after another?
fn of_table(lab: &Lab, run: i64, cx: &Cx<'_>) -> Result<bool> {
    Ok(is_batch(&lab.run(run, cx)?))
}

fn phase_refs<'a>(summaries: &[&'a PhaseSummary]) -> Vec<&'a PhaseRef> {
    summaries.iter().map(|summary| &summary.phase_ref).collect()
}

/// A number that is no parameter.
fn has_results(outputs: &[Downsampled]) -> bool {
    outputs.iter().any(|one| !one.series.is_parameter && one.values > 0)
}

/// The numbers of the phases' outputs. Where they have none, as before IvoryOS kept any, those of their steps.
fn numbers(
    lab: &Lab,
    phases: &[&PhaseRef],
    made: &Collector<'_>,
    cx: &mut Cx<'_>,
) -> Result<Vec<Downsampled>> {
    let found = from_phases(lab, phases, made.clone(), cx)?;
    if has_results(&found) || !lab.source().features().keeps_outputs {
        return Ok(found);
    }
    let of_steps = from_steps(lab, phases, made.clone(), cx)?;
    Ok(if has_results(&of_steps) { of_steps } else { found })
}

fn from_phases(
    lab: &Lab,
    phases: &[&PhaseRef],
    mut made: Collector<'_>,
    cx: &mut Cx<'_>,
) -> Result<Vec<Downsampled>> {
    lab.each_phase(phases, cx, |_, phase| {
        made.phase(&phase);
        Ok(())
    })?;
    Ok(made.finish(false))
}

fn from_steps(
    lab: &Lab,
    phases: &[&PhaseRef],
    mut made: Collector<'_>,
    cx: &mut Cx<'_>,
) -> Result<Vec<Downsampled>> {
    lab.each_phase_with_steps(phases, cx, |_, phase, _, steps| {
        made.steps(&phase, &steps);
        Ok(())
    })?;
    Ok(made.finish(true))
}
