//! The numbers of a record over its iterations, as IvoryOS plots them.

use std::collections::HashMap;

use super::{lab::Lab, steps::Parameters};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Missing, Result},
    formats::plot_json,
    model::{
        downsample::{Downsampled, Downsampler, WHOLE},
        partial::Partial,
        phase_summary::{PhaseRef, PhaseSummary},
        run::Phase,
        series::{Point, Series},
        value::Text,
    },
};

/// The numeric outputs of a record: results, then parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Charts {
    pub outputs: Vec<Downsampled>,
    /// Every how many-th iteration was read: 1 for all of them.
    pub every: u64,
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
        let mut series = collect(lab, &shown_phases(Lab::main_phases(&summaries)), cx)?;
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

/// The first numeric output of a record's last iterations.
pub fn first_output(lab: &Lab, summaries: &[PhaseSummary], cx: &mut Cx<'_>) -> Result<Option<Series>> {
    let shown = shown_phases(Lab::main_phases(summaries));
    let last = shown.get(shown.len().saturating_sub(SPARK)..).unwrap_or_default();
    cx.check(Progress::default())?;
    Ok(collect(lab, last, cx)?.into_iter().next())
}

/// How many iterations of a long record are read for its first charts: that takes some milliseconds.
const FIRST_LOOK: usize = 256;

/// The charts of a record at once: of a long record from iterations that are spread over it.
pub fn first_look(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Charts>> {
    if let Some((spread, every)) = lab.spread(run, FIRST_LOOK, cx)? {
        let outputs = read(lab, &spread.iter().collect::<Vec<_>>(), cx, Collector::default())?;
        return Ok(Partial::whole(Charts { outputs, every }));
    }
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let shown = shown_phases(Lab::main_phases(&summaries));
        // Of an iteration or two in each place nothing is left out.
        let every = Some(shown.len().div_ceil(FIRST_LOOK)).filter(|every| *every > 2).unwrap_or(1);
        // The last iteration is always among them: it is what people look for.
        let spread: Vec<_> =
            shown.iter().rev().step_by(every).rev().map(|summary| &summary.phase_ref).collect();
        Ok(Charts { outputs: read(lab, &spread, cx, Collector::default())?, every: every as u64 })
    })
}

/// The charts of a record from all its iterations.
pub fn all(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Charts>> {
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let shown = shown_phases(Lab::main_phases(&summaries));
        Ok(Charts { outputs: read(lab, &phase_refs(&shown), cx, Collector::default())?, every: 1 })
    })
}

/// One output in some iterations, from the first to the last of these.
pub fn part(
    lab: &Lab,
    run: i64,
    output: &str,
    (from, to): (i64, i64),
    cx: &mut Cx<'_>,
) -> Result<Partial<ChartPart>> {
    lab.phase_summaries(run, cx)?.try_map(|summaries| {
        let shown = shown_phases(Lab::main_phases(&summaries));
        let place = |iteration: i64| shown.partition_point(|summary| summary.repeat_index < Some(iteration));
        let some = shown.get(place(from)..place(to.saturating_add(1))).unwrap_or_default();
        let only = Collector { only: Some(output), ..Collector::default() };
        let found = read(lab, &phase_refs(some), cx, only)?.pop();
        let (points, whole) = found.map_or((Vec::new(), true), |one| (one.series.points, one.whole));
        Ok(ChartPart { output: output.to_owned(), from, to, points, whole })
    })
}

fn phase_refs<'a>(summaries: &[&'a PhaseSummary]) -> Vec<&'a PhaseRef> {
    summaries.iter().map(|summary| &summary.phase_ref).collect()
}

fn collect(lab: &Lab, summaries: &[&PhaseSummary], cx: &mut Cx<'_>) -> Result<Vec<Series>> {
    let whole = Collector { limit: usize::MAX, ..Collector::default() };
    Ok(read(lab, &phase_refs(summaries), cx, whole)?.into_iter().map(|one| one.series).collect())
}

fn read(
    lab: &Lab,
    phases: &[&PhaseRef],
    cx: &mut Cx<'_>,
    mut made: Collector<'_>,
) -> Result<Vec<Downsampled>> {
    lab.each_phase(phases, cx, |_, phase| {
        if let Some(iteration) = phase.repeat_index.filter(|_| phase.name == "main") {
            made.phase(iteration, &phase);
        }
        Ok(())
    })?;
    Ok(made.finish())
}

/// Gathers the numbers of phases, output by output.
struct Collector<'a> {
    /// Points up to which an output is kept whole.
    limit: usize,
    /// Set where only the output of this name is gathered.
    only: Option<&'a str>,
    outputs: Vec<Gathered>,
    place: HashMap<Text, usize>,
}

struct Gathered {
    name: String,
    is_parameter: bool,
    digest: Downsampler,
}

impl Default for Collector<'_> {
    fn default() -> Self {
        Collector { limit: WHOLE, only: None, outputs: Vec::new(), place: HashMap::new() }
    }
}

impl Collector<'_> {
    fn phase(&mut self, iteration: i64, phase: &Phase) {
        let parameters = Parameters::of(phase);
        for (name, numbers) in plot_json::numbers_of(&phase.outputs.read()) {
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
            if let Some(output) = self.outputs.get_mut(n) {
                plot_json::spread(iteration, &numbers).for_each(|point| output.digest.take(point));
            }
        }
    }

    /// Results first, then parameters, each in order of first appearance.
    fn finish(mut self) -> Vec<Downsampled> {
        self.outputs.sort_by_key(|output| output.is_parameter);
        self.outputs.into_iter().map(|o| o.digest.finish(o.name, o.is_parameter)).collect()
    }
}
