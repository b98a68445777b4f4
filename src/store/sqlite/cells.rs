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
    /// The phases and the steps of these records, as far as cells of them are wanted, and whether these are all: `soon`
    /// and before the index is complete they are those that are found near each other.
    pub(super) fn wanted_rows(
        &self,
        runs: &[i64],
        columns: CellColumns,
        soon: bool,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<(Vec<WantedRows>, bool)> {
        self.prepare(soon, checkpoint)?;
        let is_whole = self.is_whole();
        let runs = sorted(runs.iter().copied());
        let mut owned = |kind, owners: &[i64]| -> Result<Vec<IdRange>> {
            if is_whole {
                return Ok(self.index.borrow().table(kind).ranges.owned(owners));
            }
            Ok(self.id_ranges(kind, owners, checkpoint)?.0)
        };
        let own: Vec<IdRange> =
            runs.iter().map(|run| IdRange { first: *run, last: *run, owner: *run }).collect();
        let has_phases = self.columns.has_phases;
        let phases = if has_phases { owned(Kind::Phases, &runs)? } else { Vec::new() };
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
            wanted.push(WantedRows { kind: Kind::Steps, sql, ranges: owned(Kind::Steps, &ids)?, owners });
        }
        Ok((wanted, is_whole))
    }

    /// Gives the cells of these rows, each with its record. Whose a row is it says itself; where it stands may be some
    /// commits old.
    pub(super) fn read_cells(
        &self,
        wanted: &WantedRows,
        see: &mut dyn FnMut(i64, &ScannedCell<'_>),
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<()> {
        // Rows of an owner follow each other, and owners mostly too.
        let mut last = 0;
        for (mut from, to) in near_ranges(&wanted.ranges) {
            while from <= to {
                let order = IdOrder::rising(from, to);
                let slice = self.some(&wanted.sql, order, [from, to].map(SqlValue::Integer), |row| {
                    if let ValueRef::Integer(owner) = row.get_ref(1)?
                        && let Some(run) = run_of(&wanted.owners, owner, &mut last)
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

/// The record that an owner belongs to; `None` for one that was not asked for. `last` is where one was found before.
fn run_of(owners: &[IdRange], owner: i64, last: &mut usize) -> Option<i64> {
    let has = |range: &&IdRange| range.first <= owner && owner <= range.last;
    let near = (*last..last.saturating_add(2)).find(|at| owners.get(*at).as_ref().is_some_and(has));
    *last = near.unwrap_or_else(|| owners.partition_point(|range| range.last < owner));
    owners.get(*last).filter(has).map(|range| range.owner)
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
