//! The data CSV: what the iterations returned, as pandas writes it, in two passes.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use super::outlet::{Outlet, PHASES, copy, odd_cell};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Missing, Result},
    formats::pandas::{self, DataFrame},
    model::{
        format::count_of,
        phase_summary::{PhaseRef, PhaseSummary},
        run::{Phase, Run},
        value::{Cell, Dict, RawCell},
    },
    services::{
        lab::{Lab, PhaseSummaries},
        paths,
    },
};

/// Bytes of outputs up to which they are kept between the two passes, so that both see the same.
const KEPT: usize = 8 << 20;

pub(super) fn write(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, cx: &mut Cx<'_>) -> Result<()> {
    if !lab.source().features().keeps_outputs {
        return copy(&paths::legacy_data(lab, run)?, outlet, cx);
    }
    let (frame, rows) = learn(lab, run, outlet, cx)?;
    if !frame.has_columns() {
        let rows = count_of(frame.rows(), "row", "rows");
        outlet.note(|| {
            format!("record {} returned no values: the {rows} of its data CSV are empty lines", run.id)
        });
    }
    let target = &outlet.target;
    let out = BufWriter::with_capacity(1 << 16, &mut *outlet.out);
    let mut writer = frame.writer(out).map_err(Error::io(target))?;
    rows.each(lab, target, cx, |row| writer.row(row))?;
    writer.into_inner().flush().map_err(Error::io(target))
}

/// The rows of a data CSV for the second pass.
pub(super) struct DataRows {
    summaries: PhaseSummaries,
    /// What the first pass read, where that is little.
    kept: Option<Vec<Given>>,
}

/// The first pass: the columns, and where the rows are. Odd cells are noted.
///
/// # Errors
/// [`Missing::Data`] where there are no rows.
pub(super) fn learn(
    lab: &Lab,
    run: &Run,
    outlet: &mut Outlet<'_>,
    cx: &mut Cx<'_>,
) -> Result<(DataFrame, DataRows)> {
    let summaries = lab.phase_summaries(run.id, cx)?.into(&mut outlet.lacks);
    let phase_refs = main_refs(&summaries);
    let total = phase_refs.len() as u64 * 2;
    let mut frame = DataFrame::new();
    let (mut kept, mut bytes) = (Some(Vec::new()), 0);
    let mut done = 0;
    for some in phase_refs.chunks(PHASES) {
        for given in given(lab, some, Some(outlet), cx)? {
            given
                .each_row(|row| {
                    frame.learn(row);
                    Ok(())
                })
                .map_err(Error::io(&outlet.target))?;
            bytes += given.bytes();
            if bytes > KEPT {
                kept = None;
            } else if let Some(kept) = &mut kept {
                kept.push(given);
            }
        }
        done += some.len() as u64;
        cx.check(Progress { done, total: Some(total) })?;
    }
    if frame.rows() == 0 {
        return Err(Error::Missing(Missing::Data { run: run.id }));
    }
    Ok((frame, DataRows { summaries, kept }))
}

impl DataRows {
    /// The second pass.
    ///
    /// # Errors
    /// As any read; what `each` gives is about `target`.
    pub(super) fn each(
        self,
        lab: &Lab,
        target: &Path,
        cx: &mut Cx<'_>,
        mut each: impl FnMut(&Dict) -> io::Result<()>,
    ) -> Result<()> {
        let phase_refs = main_refs(&self.summaries);
        let mut done = phase_refs.len() as u64;
        let total = Some(done * 2);
        let mut kept = self.kept.map(Vec::into_iter);
        for some in phase_refs.chunks(PHASES) {
            let given = match &mut kept {
                Some(kept) => kept.take(some.len()).collect(),
                None => given(lab, some, None, cx)?,
            };
            for given in given {
                given.each_row(&mut each).map_err(Error::io(target))?;
            }
            done += some.len() as u64;
            cx.check(Progress { done, total })?;
        }
        Ok(())
    }
}

fn main_refs(summaries: &[PhaseSummary]) -> Vec<&PhaseRef> {
    Lab::main_phases(summaries).into_iter().map(|phase| &phase.phase_ref).collect()
}

/// What a phase gives to the data CSV.
enum Given {
    /// Its outputs.
    Outputs(RawCell),
    /// The output of its last finished step, where it has no outputs.
    LastStep(RawCell),
}

/// What each of some phases gives.
fn given(
    lab: &Lab,
    phase_refs: &[&PhaseRef],
    mut outlet: Option<&mut Outlet<'_>>,
    cx: &Cx<'_>,
) -> Result<Vec<Given>> {
    let phases = lab.source().phases(phase_refs, cx)?.into_iter().zip(phase_refs);
    phases.map(|(phase, phase_ref)| Given::by(lab, phase, phase_ref, outlet.as_deref_mut(), cx)).collect()
}

impl Given {
    fn by(
        lab: &Lab,
        phase: Option<Phase>,
        phase_ref: &PhaseRef,
        outlet: Option<&mut Outlet<'_>>,
        cx: &Cx<'_>,
    ) -> Result<Self> {
        let Some(phase) = phase else {
            return Ok(Given::LastStep(RawCell(None)));
        };
        let outputs = phase.outputs.read();
        if let (Cell::Odd(_), Some(outlet)) = (&outputs, outlet) {
            outlet.note(|| odd_cell(&phase, "outputs"));
        }
        if !pandas::is_empty(&outputs) {
            return Ok(Given::Outputs(phase.outputs));
        }
        let finished = lab.steps(phase_ref, cx)?.into_iter().filter(|s| !s.end.is_none());
        // Of several with the largest index the lowest id: the first, as steps come by id.
        let last = finished.reduce(|best, s| if s.step_index > best.step_index { s } else { best });
        Ok(Given::LastStep(last.map(|s| s.output).unwrap_or_default()))
    }

    fn bytes(&self) -> usize {
        let (Given::Outputs(cell) | Given::LastStep(cell)) = self;
        cell.0.as_ref().map_or(0, |c| c.len())
    }

    fn each_row(&self, each: impl FnMut(&Dict) -> io::Result<()>) -> io::Result<()> {
        match self {
            Given::Outputs(cell) => pandas::rows_of_outputs(&cell.read()).into_iter().try_for_each(each),
            Given::LastStep(cell) => pandas::row_of_step(cell.read()).iter().try_for_each(each),
        }
    }
}
