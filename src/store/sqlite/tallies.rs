//! Counts the iterations, steps and failures of many records: the phases' rows by their ids, their steps from the index, and
//! the events of those that were stopped.

use std::collections::HashMap;

use rusqlite::{
    Row,
    types::{Value as SqlValue, ValueRef},
};

use super::{
    Store,
    id_order::IdOrder,
    index::{IdRange, Kind, lookup::sorted},
    phase_summaries::count_within,
    rows::{is_word, number},
    runs::cell,
    source::lacking_rows,
};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::Result,
    model::{
        event_end::EventEnd,
        partial::Partial,
        run_tally::{PhaseCounts, RunTally, TallyCounter},
    },
};

/// Rows read by one statement.
const ROWS: usize = 1_000;

/// Ids that are read over, so that records which are neighbours are read together.
const APART: i64 = 64;

/// What is counted of a phase.
struct CountedPhase {
    id: i64,
    run: i64,
    counts: PhaseCounts,
}

impl Store {
    /// The counts of these records, in this order; with `soon` none before the index is complete.
    pub(super) fn tallies_of(
        &self,
        runs: &[i64],
        soon: bool,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Partial<Vec<RunTally>>> {
        self.prepare(soon, checkpoint)?;
        if !self.is_whole() {
            return Ok(Partial::lacking(Vec::new(), lacking_rows(true)));
        }
        if !self.columns.has_phases {
            let located = self.find(runs, checkpoint)?;
            let of = |run: &i64| Ok(RunTally::of(&self.phase_summaries_of(&located.of(*run))?));
            return Ok(Partial::whole(runs.iter().map(of).collect::<Result<_>>()?));
        }
        let mut counters: HashMap<i64, TallyCounter> =
            runs.iter().map(|run| (*run, TallyCounter::default())).collect();
        let wanted = sorted(runs.iter().copied());
        let ranges = self.index.borrow().table(Kind::Phases).ranges.owned(&wanted);
        for (first, last) in near_ranges(&ranges) {
            let mut from = Some(first);
            while let Some(next) = from.filter(|from| *from <= last) {
                from = self.count_rows((next, last), &mut counters)?;
                checkpoint.check(Progress::default())?;
            }
        }
        self.see_events(&wanted, &mut counters, checkpoint)?;
        let tally = |run: &i64| counters.get(run).map(|counter| counter.tally).unwrap_or_default();
        Ok(Partial::whole(runs.iter().map(tally).collect()))
    }

    /// Counts the first phases of a range of ids; and where to go on, if there may be more.
    fn count_rows(
        &self,
        (first, last): (i64, i64),
        counters: &mut HashMap<i64, TallyCounter>,
    ) -> Result<Option<i64>> {
        let sql = format!(
            "SELECT {} FROM workflow_phases WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
            self.columns.phase_counts
        );
        let rows = i64::try_from(ROWS).unwrap_or(i64::MAX);
        let mut places = IdOrder::rising(first, last);
        let mut phases = self.collect(&sql, [first, last, rows].map(SqlValue::Integer).into(), |row| {
            places.next(row.get(0)?)?;
            counted(row)
        })?;
        let next = phases.last().filter(|_| phases.len() == ROWS).and_then(|last| last.id.checked_add(1));
        phases.retain(|phase| counters.contains_key(&phase.run));
        self.count_steps(&mut phases);
        for phase in &phases {
            if let Some(counter) = counters.get_mut(&phase.run) {
                counter.add(&phase.counts);
            }
        }
        Ok(next)
    }

    /// Which of these records, which come by id, were stopped in an error.
    fn see_events(
        &self,
        runs: &[i64],
        counters: &mut HashMap<i64, TallyCounter>,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<()> {
        let Some(sql) = self.columns.stopped_events else { return Ok(()) };
        let is_near = |a: &i64, b: &i64| b.saturating_sub(*a) <= APART;
        for some in runs.chunks(ROWS).flat_map(|some| some.chunk_by(is_near)) {
            let (Some(first), Some(last)) = (some.first().copied(), some.last().copied()) else { continue };
            let mut places = IdOrder::rising(first, last);
            let ends = self.collect(sql, [first, last].map(SqlValue::Integer).into(), |row| {
                Ok((places.next(row.get(0)?)?, EventEnd::of(&cell(row, 1)?)))
            })?;
            for (run, end) in ends {
                if let Some(counter) = counters.get_mut(&run) {
                    counter.tally.stopped_in_error = end.in_error;
                }
            }
            checkpoint.check(Progress::default())?;
        }
        Ok(())
    }

    /// How many steps each of these phases, which come by id, has, and how many of them failed.
    fn count_steps(&self, phases: &mut [CountedPhase]) {
        let ids: Vec<i64> = phases.iter().map(|phase| phase.id).collect();
        let index = self.index.borrow();
        let table = index.table(Kind::Steps);
        let ranges = table.ranges.owned(&ids);
        let known = table.failed_among(&ranges);
        for range in ranges {
            let place = ids.binary_search(&range.owner).ok();
            if let Some(phase) = place.and_then(|place| phases.get_mut(place)) {
                phase.counts.steps += range.rows();
                phase.counts.failed_steps += count_within(&known, &range);
            }
        }
    }
}

/// The ends of stretches of ids that are read in one go: of ranges that stand near each other.
pub(super) fn near_ranges(ranges: &[IdRange]) -> impl Iterator<Item = (i64, i64)> {
    let is_near = |a: &IdRange, b: &IdRange| b.first.saturating_sub(a.last) <= APART;
    ranges.chunk_by(is_near).filter_map(|near| Some((near.first()?.first, near.last()?.last)))
}

fn counted(row: &Row<'_>) -> rusqlite::Result<CountedPhase> {
    Ok(CountedPhase {
        id: row.get(0)?,
        run: match row.get_ref(1)? {
            ValueRef::Integer(run) => run,
            _ => i64::MIN,
        },
        counts: PhaseCounts {
            is_main: is_word(row, 2, b"main")?,
            repeat_index: number(row, 3)?,
            has_failed: is_word(row, 4, b"failed")?,
            ..PhaseCounts::default()
        },
    })
}
