//! Reads chosen cells of all phases and steps of many records: rows that stand near each other together, in short pieces.

use std::ops::ControlFlow;

use rusqlite::{
    Row,
    types::{Value as SqlValue, ValueRef},
};

use super::{
    Store,
    id_order::IdOrder,
    index::{IdRange, Kind, lookup::sorted},
    rows::is_word,
    tallies::near_ranges,
    time_slice::Slice,
};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::Result,
    model::scanned::{CellColumns, ScannedCell},
};

/// Rows of one table that are to be read, and whose they are.
pub(super) struct WantedRows {
    kind: Kind,
    sql: String,
    /// Where they stand, by id.
    ranges: Vec<IdRange>,
    /// What their owner column may say, by that: phases, whose owner here is the record, or records.
    owners: Vec<IdRange>,
}

impl Store {
    /// The phases and the steps of these records, as far as cells of them are wanted; `None` before the index is
    /// complete.
    pub(super) fn wanted_rows(
        &self,
        runs: &[i64],
        columns: CellColumns,
        soon: bool,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Option<Vec<WantedRows>>> {
        self.prepare(soon, checkpoint)?;
        if !self.is_whole() {
            return Ok(None);
        }
        let runs = sorted(runs.iter().copied());
        let owned = |kind, owners: &[i64]| self.index.borrow().table(kind).ranges.owned(owners);
        let own: Vec<IdRange> =
            runs.iter().map(|run| IdRange { first: *run, last: *run, owner: *run }).collect();
        let has_phases = self.columns.has_phases;
        let phases = if has_phases { owned(Kind::Phases, &runs) } else { Vec::new() };
        let mut wanted = Vec::new();
        if let Some(sql) = self.columns.phase_cells(columns) {
            let (ranges, owners) = (phases.clone(), own.clone());
            wanted.push(WantedRows { kind: Kind::Phases, sql, ranges, owners });
        }
        if let Some(sql) = self.columns.methods.clone().filter(|_| columns.methods) {
            let (ids, owners) = if has_phases {
                (phases.iter().flat_map(|range| range.first..=range.last).collect(), phases)
            } else {
                (runs, own)
            };
            wanted.push(WantedRows { kind: Kind::Steps, sql, ranges: owned(Kind::Steps, &ids), owners });
        }
        Ok(Some(wanted))
    }

    /// Gives the cells of these rows, each with its record. Whose a row is it says itself; where it stands may be some
    /// commits old.
    pub(super) fn read_cells(
        &self,
        wanted: &WantedRows,
        see: &mut dyn FnMut(i64, &ScannedCell<'_>),
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<()> {
        for (mut from, to) in near_ranges(&wanted.ranges) {
            while from <= to {
                let order = IdOrder::rising(from, to);
                let slice = self.some(&wanted.sql, order, [from, to].map(SqlValue::Integer), |row| {
                    if let ValueRef::Integer(owner) = row.get_ref(1)?
                        && let Some(run) = run_of(&wanted.owners, owner)
                    {
                        see(run, &scanned(wanted.kind, row)?);
                    }
                    Ok(ControlFlow::Continue(()))
                })?;
                checkpoint.check(Progress::default())?;
                match slice {
                    Slice::Late(last) if last < to => from = last.saturating_add(1),
                    _ => break,
                }
            }
        }
        Ok(())
    }
}

/// The record that an owner belongs to; `None` for one that was not asked for.
fn run_of(owners: &[IdRange], owner: i64) -> Option<i64> {
    let at = owners.partition_point(|range| range.last < owner);
    owners.get(at).filter(|range| range.first <= owner).map(|range| range.owner)
}

fn scanned<'a>(kind: Kind, row: &'a Row<'_>) -> rusqlite::Result<ScannedCell<'a>> {
    Ok(match kind {
        Kind::Phases => ScannedCell::Phase {
            phase: row.get(0)?,
            is_main: is_word(row, 2, b"main")?,
            has_failed: is_word(row, 3, b"failed")?,
            parameters: bytes(row, 4)?,
            outputs: bytes(row, 5)?,
            error: bytes(row, 6)?,
        },
        Kind::Steps => ScannedCell::Step { method: bytes(row, 2)? },
    })
}

/// A cell as it is stored; a number is as none.
fn bytes<'a>(row: &'a Row<'_>, at: usize) -> rusqlite::Result<Option<&'a [u8]>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
        _ => None,
    })
}
