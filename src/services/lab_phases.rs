//! The phases and steps of a record, read for who asks for them and kept until the file changes.

use std::sync::Arc;

use super::{lab::Lab, memo::PhaseSummaries};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        partial::Partial,
        phase_summary::{PhaseRef, PhaseSummary},
        run::{Phase, Step},
    },
    store::Beginning,
};

/// How many phases are read in one go: a few milliseconds with long outputs.
const TOGETHER: usize = 256;
/// The same with their steps.
const WITH_STEPS: usize = 64;

impl Lab {
    /// The phase summaries of a record, cached until the file changes.
    pub fn phase_summaries(&self, run: i64, cx: &mut Cx<'_>) -> Result<Partial<PhaseSummaries>> {
        if let Some(summaries) = self.known_phases(run, cx) {
            return Ok(summaries);
        }
        let version = self.version(cx);
        let read = self.source().phase_summaries(run, cx)?;
        let summaries = read.map(|mut summaries| {
            summaries.sort_by(|a, b| a.start.cmp(&b.start).then(a.id().cmp(&b.id())));
            Arc::new(summaries)
        });
        self.memo.keep_phases(version, run, &summaries);
        Ok(summaries)
    }

    /// The cached phase summaries of a record, if nothing has to be read for them. Those that lack something serve for
    /// answers at once, until it is known.
    pub(super) fn known_phases(&self, run: i64, cx: &Cx<'_>) -> Option<Partial<PhaseSummaries>> {
        let known = self.memo.phases(self.version(cx)?, run)?;
        (known.lacks.nothing() || cx.is_at_once()).then_some(known)
    }

    /// What can be shown of a long record before all its phase summaries are read; `None` where they are cached or few.
    pub fn beginning(&self, run: i64, sums: bool, cx: &mut Cx<'_>) -> Result<Option<Beginning>> {
        if self.known_phases(run, cx).is_some() {
            return Ok(None);
        }
        self.source().beginning(run, sums, cx)
    }

    /// About so many phases spread evenly over a long record, and every how many-th they are; `None` where
    /// [`Lab::phase_summaries`] takes no time.
    pub(super) fn spread(
        &self,
        run: i64,
        phases: usize,
        cx: &mut Cx<'_>,
    ) -> Result<Option<(Vec<PhaseRef>, u64)>> {
        if self.known_phases(run, cx).is_some() { Ok(None) } else { self.source().spread(run, phases, cx) }
    }

    /// References to some phases of a record by their ids. Phases that were made from old steps are found in the cached
    /// summaries.
    pub(super) fn phase_refs(
        &self,
        run: i64,
        phases: &[i64],
        with_steps: bool,
        cx: &mut Cx<'_>,
    ) -> Result<Partial<Vec<PhaseRef>>> {
        if self.source().features().keeps_outputs {
            return self.source().phase_refs(run, phases, with_steps, cx);
        }
        let wanted = |phase: &&PhaseRef| phases.contains(&phase.id);
        Ok(self.phase_summaries(run, cx)?.map(|summaries| {
            let mut found: Vec<_> =
                summaries.iter().map(|summary| &summary.phase_ref).filter(wanted).cloned().collect();
            found.sort_by_key(|phase| phase.id);
            found
        }))
    }

    /// A phase with all its columns; `None` when it is gone or belongs to another record by now.
    pub(super) fn phase(&self, phase_ref: &PhaseRef, cx: &Cx<'_>) -> Result<Option<Phase>> {
        Ok(self.source().phases(&[phase_ref], cx)?.pop().flatten())
    }

    /// All steps of a phase by id.
    pub(super) fn steps(&self, phase_ref: &PhaseRef, cx: &Cx<'_>) -> Result<Vec<Step>> {
        Ok(self.source().steps(&[phase_ref], cx)?.pop().unwrap_or_default())
    }

    /// Reads phases, `TOGETHER` at a time, and calls `see` for each that is still there, with its position in
    /// `phase_refs`.
    pub fn each_phase(
        &self,
        phase_refs: &[&PhaseRef],
        cx: &mut Cx<'_>,
        mut see: impl FnMut(usize, Phase) -> Result<()>,
    ) -> Result<()> {
        let total = Some(phase_refs.len() as u64);
        let mut done = 0;
        for some in phase_refs.chunks(TOGETHER) {
            for (n, phase) in self.source().phases(some, cx)?.into_iter().enumerate() {
                phase.map_or(Ok(()), |phase| see(done + n, phase))?;
            }
            done += some.len();
            if done < phase_refs.len() {
                cx.check(Progress { done: done as u64, total })?;
            }
        }
        Ok(())
    }

    /// Reads phases with their steps, some at a time, and calls `see` for each that is still there, with its position in
    /// `phase_refs` and its id; phases that were made from old steps have no row, so no id.
    pub fn each_phase_with_steps(
        &self,
        phase_refs: &[&PhaseRef],
        cx: &mut Cx<'_>,
        mut see: impl FnMut(usize, Phase, Option<i64>, Vec<Step>) -> Result<()>,
    ) -> Result<()> {
        let have_rows = self.source().features().keeps_outputs;
        for (piece, some) in phase_refs.chunks(WITH_STEPS).enumerate() {
            let phases = self.source().phases(some, cx)?;
            for (n, (phase, steps)) in phases.into_iter().zip(self.source().steps(some, cx)?).enumerate() {
                let Some(phase) = phase else { continue };
                let id = have_rows.then_some(phase.id);
                see(piece * WITH_STEPS + n, phase, id, steps)?;
            }
            cx.check(Progress::default())?;
        }
        Ok(())
    }

    /// The phases of main by iteration, then id.
    pub fn main_phases(summaries: &[PhaseSummary]) -> Vec<&PhaseSummary> {
        let mut main: Vec<_> = summaries.iter().filter(|h| h.is_main()).collect();
        main.sort_by_key(|h| (h.repeat_index, h.id()));
        main
    }
}
