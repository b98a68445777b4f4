//! Windows of a table's rows: its snapshot is made once, then any rows are found in it and read from the file.

use std::sync::Arc;

use super::{
    rows::{gone, is_batch, not_run, of_phase},
    shape::Shaping,
    snapshot::{NONE, TableSnapshot},
    sort::{self, SortValue},
    types::{TableAt, TablePart, TableRow, TableRows, TableShape, TableSort},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        partial::Partial,
        phase_summary::{PhaseRef, PhaseSummary},
        run::Run,
    },
    services::lab::{Lab, PhaseSummaries},
};

/// How many phases of a longer table are read for its first shape: that takes some milliseconds.
const BEGINNING: usize = 128;
/// The phases of the table in its order: by iteration, of the same one by start.
pub(super) fn phases(summaries: &[PhaseSummary]) -> Vec<&PhaseSummary> {
    let mut main: Vec<_> = summaries.iter().filter(|summary| summary.is_main()).collect();
    main.sort_by_key(|summary| summary.repeat_index);
    main
}

/// The shape of a table at once: of a long one that of its beginning, unless a snapshot of it is kept.
pub fn beginning(lab: &Lab, run: &Run, cx: &mut Cx<'_>) -> Result<Partial<TableShape>> {
    if let Some(some) = lab.beginning(run.id, false, cx)? {
        return Ok(Partial::whole(first_rows(lab, run, &phases(&some.first), some.phases, cx)?));
    }
    if let Some(snapshot) = known(lab, run.id, cx) {
        return Ok(snapshot.map(|snapshot| snapshot.shape.clone()));
    }
    let summaries = lab.phase_summaries(run.id, cx)?;
    let phases = phases(&summaries.value);
    if phases.len() <= BEGINNING * 2 {
        return Ok(take_snapshot(lab, run, cx)?.map(|snapshot| snapshot.shape.clone()));
    }
    let first = phases.get(..BEGINNING).unwrap_or_default();
    let shape = first_rows(lab, run, first, phases.len() as u64, cx)?;
    Ok(Partial::lacking(shape, summaries.lacks))
}

/// The shape of a table as far as some phases tell it.
fn first_rows(
    lab: &Lab,
    run: &Run,
    phases: &[&PhaseSummary],
    total: u64,
    cx: &mut Cx<'_>,
) -> Result<TableShape> {
    let phase_refs: Vec<_> = phases.iter().map(|summary| &summary.phase_ref).collect();
    let mut shaping = Shaping::new(is_batch(run));
    lab.each_phase(&phase_refs, cx, |_, phase| {
        shaping.phase(of_phase(&phase, is_batch(run), shaping.rows() + 1));
        Ok(())
    })?;
    let mut shape = shaping.finish(0, false);
    // As far as it can be told now: nothing is to move when the rest is known.
    shape.highest_iteration = shape.highest_iteration.max(i64::try_from(total).unwrap_or(0));
    shape.rows = shape.first_rows().len() as u64;
    Ok(shape)
}

/// The shape of a whole table, its rows put in order, and some of them.
pub fn whole(lab: &Lab, run: &Run, wanted: &TablePart, cx: &mut Cx<'_>) -> Result<Partial<TableShape>> {
    let snapshot = match lab.memo.table(run.id, wanted.look) {
        Some(snapshot) => Partial::whole(snapshot),
        None => match known(lab, run.id, cx) {
            Some(snapshot) => snapshot,
            None => take_snapshot(lab, run, cx)?,
        },
    };
    snapshot.try_map(|snapshot| {
        let window = window(lab, run, &snapshot, wanted, cx)?;
        Ok(TableShape { sort: wanted.sort.clone(), window, ..snapshot.shape.clone() })
    })
}

/// Some rows of a table.
pub fn rows(lab: &Lab, run: &Run, wanted: &TablePart, cx: &mut Cx<'_>) -> Result<Partial<TableRows>> {
    let snapshot = match lab.memo.table(run.id, wanted.look) {
        Some(snapshot) => Partial::whole(snapshot),
        None => take_snapshot(lab, run, cx)?,
    };
    snapshot.try_map(|snapshot| window(lab, run, &snapshot, wanted, cx))
}

fn window(
    lab: &Lab,
    run: &Run,
    snapshot: &TableSnapshot,
    wanted: &TablePart,
    cx: &mut Cx<'_>,
) -> Result<TableRows> {
    let order = order(lab, run, snapshot, wanted.sort.as_ref(), cx)?;
    let order = order.as_ref().map(|order| order.as_slice());
    let about = |place: u64| place.saturating_sub(wanted.rows as u64 / 2);
    let (from, found) = match wanted.at {
        TableAt::Place(place) => (place, None),
        TableAt::Row(row) => {
            let found = place_of(snapshot, order, row);
            (found.map_or(snapshot.shape.rows, about), found)
        }
        TableAt::Iteration(n) => {
            let phase = snapshot.iterations.iter().position(|iteration| *iteration == n);
            let found = phase.and_then(|phase| place_of(snapshot, order, snapshot.before(phase) + 1));
            (found.map_or(0, about), found)
        }
        TableAt::Beside { place, forward } => {
            let found = beside(snapshot, order, place, forward);
            (about(found.unwrap_or(place)), found)
        }
    };
    let to = from.saturating_add(wanted.rows as u64).min(snapshot.shape.rows);
    let numbers: Vec<u64> = (from..to).filter_map(|place| row_at(order, place)).collect();
    Ok(TableRows { look: snapshot.shape.look, from, rows: read(lab, run, snapshot, &numbers, cx)?, found })
}

/// The snapshot that is kept of this record's table, if its phase summaries are still the same.
fn known(lab: &Lab, run: i64, cx: &Cx<'_>) -> Option<Partial<Arc<TableSnapshot>>> {
    let summaries = lab.known_phases(run, cx)?;
    let snapshot = lab.memo.table_of(run, &summaries.value)?;
    Some(Partial::lacking(snapshot, summaries.lacks))
}

/// Reads the whole table once and keeps a snapshot of it.
fn take_snapshot(lab: &Lab, run: &Run, cx: &mut Cx<'_>) -> Result<Partial<Arc<TableSnapshot>>> {
    lab.phase_summaries(run.id, cx)?.try_map(|summaries| snapshot_of(lab, run, &summaries, cx))
}

fn snapshot_of(
    lab: &Lab,
    run: &Run,
    summaries: &PhaseSummaries,
    cx: &mut Cx<'_>,
) -> Result<Arc<TableSnapshot>> {
    let phases = phases(summaries);
    let phase_refs: Vec<_> = phases.iter().map(|summary| &summary.phase_ref).collect();
    let mut snapshot = TableSnapshot {
        run: run.id,
        of: Arc::downgrade(summaries),
        shape: TableShape::default(),
        ids: phases.iter().map(|summary| summary.id()).collect(),
        before: Vec::with_capacity(phases.len() + 1),
        iterations: phases.iter().map(|summary| summary.repeat_index.unwrap_or(NONE)).collect(),
    };
    let mut shaping = Shaping::new(is_batch(run));
    let count = |rows: u64| u32::try_from(rows).unwrap_or(u32::MAX);
    lab.each_phase(&phase_refs, cx, |n, phase| {
        // One that went away meanwhile gives nothing.
        snapshot.before.resize(n + 1, count(shaping.rows()));
        shaping.phase(of_phase(&phase, is_batch(run), shaping.rows() + 1));
        Ok(())
    })?;
    snapshot.before.resize(phases.len() + 1, count(shaping.rows()));
    if is_batch(run) {
        not_run(run, shaping.rows() + 1).into_iter().for_each(|row| shaping.row(row));
    }
    snapshot.shape = shaping.finish(lab.memo.next_table(), true);
    let snapshot = Arc::new(snapshot);
    lab.memo.keep_table(&snapshot);
    Ok(snapshot)
}

/// The order of a table's rows, made when it is asked for the first time; `None` for that of the record.
fn order(
    lab: &Lab,
    run: &Run,
    snapshot: &TableSnapshot,
    sort: Option<&TableSort>,
    cx: &mut Cx<'_>,
) -> Result<Option<Arc<Vec<u32>>>> {
    let Some(sort) = sort else { return Ok(None) };
    if let Some(order) = lab.memo.table_order(snapshot.shape.look, sort) {
        return Ok(Some(order));
    }
    let mut keys = Vec::with_capacity(usize::try_from(snapshot.shape.rows).unwrap_or(0));
    let phase_refs = phase_refs(lab, snapshot, 0..snapshot.ids.len(), cx)?;
    let phase_refs: Vec<_> = phase_refs.iter().collect();
    // As many as there were: a phase that changed meanwhile moves no other.
    let mut see = |rows: Vec<TableRow>, from: u64, to: u64| {
        let [from, to] = [from, to].map(|n| usize::try_from(n).unwrap_or(0));
        keys.resize_with(from, || SortValue::Nothing);
        keys.extend(rows.iter().map(|row| SortValue::of(row, &sort.by)));
        keys.resize_with(to, || SortValue::Nothing);
    };
    lab.each_phase(&phase_refs, cx, |n, phase| {
        let (from, to) = (snapshot.before(n), snapshot.before(n + 1));
        see(of_phase(&phase, snapshot.shape.batch, from + 1), from, to);
        Ok(())
    })?;
    see(unrun(run, snapshot), snapshot.before(snapshot.ids.len()), snapshot.shape.rows);
    let order = Arc::new(sort::order(&keys, sort));
    lab.memo.keep_table_order(snapshot.shape.look, sort, &order);
    Ok(Some(order))
}

fn unrun(run: &Run, snapshot: &TableSnapshot) -> Vec<TableRow> {
    if snapshot.shape.batch { not_run(run, snapshot.before(snapshot.ids.len()) + 1) } else { Vec::new() }
}

/// The row at a place, from 0.
fn row_at(order: Option<&[u32]>, place: u64) -> Option<u64> {
    match order {
        None => Some(place),
        Some(order) => order.get(usize::try_from(place).ok()?).copied().map(u64::from),
    }
}

/// The place of the row with this number, from 1.
fn place_of(snapshot: &TableSnapshot, order: Option<&[u32]>, number: u64) -> Option<u64> {
    let row = number.checked_sub(1).filter(|row| *row < snapshot.shape.rows)?;
    match order {
        None => Some(row),
        Some(order) => order.iter().position(|n| u64::from(*n) == row).map(|place| place as u64),
    }
}

/// The first row of the next iteration behind a place; or of its own, then of the one before.
fn beside(snapshot: &TableSnapshot, order: Option<&[u32]>, place: u64, forward: bool) -> Option<u64> {
    let iteration = |place: u64| row_at(order, place).and_then(|row| snapshot.iteration(row));
    let here = iteration(place);
    if forward {
        return (place..snapshot.shape.rows).find(|n| iteration(*n) != here);
    }
    let first = |n: u64| (0..n).rev().find(|m| iteration(*m) != iteration(n)).map_or(0, |m| m + 1);
    match first(place) {
        own if own < place => Some(own),
        0 => None,
        own => Some(first(own - 1)),
    }
}

/// Rows by their places in the record, read now.
fn read(
    lab: &Lab,
    run: &Run,
    snapshot: &TableSnapshot,
    wanted: &[u64],
    cx: &mut Cx<'_>,
) -> Result<Vec<TableRow>> {
    let phase_of = |row: u64| snapshot.phase_of(row);
    let mut of: Vec<usize> =
        wanted.iter().map(|row| phase_of(*row)).filter(|n| *n < snapshot.ids.len()).collect();
    of.sort_unstable();
    of.dedup();
    let phase_refs = phase_refs(lab, snapshot, of.iter().copied(), cx)?;
    let phases = lab.source().phases(&phase_refs.iter().collect::<Vec<_>>(), cx)?;
    let made = of.iter().zip(phases).map(|(n, phase)| {
        let rows = phase.map(|phase| of_phase(&phase, snapshot.shape.batch, snapshot.before(*n) + 1));
        (*n, rows.unwrap_or_default())
    });
    let mut made: Vec<(usize, Vec<TableRow>)> = made.collect();
    if wanted.iter().any(|row| phase_of(*row) >= snapshot.ids.len()) {
        made.push((snapshot.ids.len(), unrun(run, snapshot)));
    }
    let find = |row: u64| {
        let phase = phase_of(row);
        let at = made.binary_search_by_key(&phase, |(n, _)| *n).ok()?;
        let within = usize::try_from(row - snapshot.before(phase)).ok()?;
        made.get(at)?.1.get(within).cloned()
    };
    Ok(wanted.iter().map(|row| find(*row).unwrap_or_else(|| gone(row + 1))).collect())
}

/// References to some phases, in their order in the table. Steps are not asked for through them.
fn phase_refs(
    lab: &Lab,
    snapshot: &TableSnapshot,
    phases: impl Iterator<Item = usize>,
    cx: &mut Cx<'_>,
) -> Result<Vec<PhaseRef>> {
    let ids: Vec<i64> = phases.filter_map(|n| snapshot.ids.get(n).copied()).collect();
    let found = lab.phase_refs(snapshot.run, &ids, false, cx)?.value;
    let place = |id: &i64| found.binary_search_by_key(id, |phase_ref| phase_ref.id).ok();
    let gone = |id: i64| PhaseRef { id, run: snapshot.run, ..PhaseRef::default() };
    let one = |id: &i64| place(id).and_then(|at| found.get(at).cloned()).unwrap_or_else(|| gone(*id));
    Ok(ids.iter().map(one).collect())
}
