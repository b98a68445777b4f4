//! Giving all rows of records to their keeper before they are deleted.

use std::{collections::BTreeMap, time::Instant};

use rusqlite::{Connection, params_from_iter};

use super::{
    others::{OtherRows, Owned},
    parts::{AIM, Left, Marks, Record, RowRange},
    piece::{LateRows, LateStep},
};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::{Error, Result},
    store::{
        saved::{Keeper, PackedRows, SavedRows, row_hash},
        sqlite::{
            Store,
            saved_tables::{SavedTables, pack},
        },
    },
};

/// Bytes that are given to the keeper in one go.
const PACK: usize = 256 << 10;

/// Rows between two looks at the clock.
const CLOCK: u64 = 16;

/// Reads rows to be kept.
#[derive(Clone, Copy)]
pub(super) struct RowReading<'a> {
    pub store: &'a Store,
    pub connection: &'a Connection,
    pub tables: &'a SavedTables,
    /// The highest ids when the records' rows were looked for.
    pub marks: Marks,
}

/// What was read and given to the keeper.
pub(super) struct SavePass {
    pub saved: SavedRows,
    pub others: OtherRows,
    pub rows: u64,
}

/// Rows on their way to the keeper.
struct Saving<'a> {
    reading: RowReading<'a>,
    keeper: &'a mut dyn Keeper,
    saved: SavedRows,
    /// By the places of their tables.
    packs: BTreeMap<usize, PackedRows>,
    rows: u64,
}

impl<'a> RowReading<'a> {
    /// Gives all rows of these records to the keeper, those that it has already as they are excepted; on disk when this
    /// returns. Also finds the rows of other tables that go with them.
    ///
    /// # Errors
    /// As any read; what the keeper says.
    pub fn save(
        self,
        records: &[Record<'_>],
        left: Option<Left>,
        keeper: &mut dyn Keeper,
        progress: Progress,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<SavePass> {
        let mut saved = SavedRows::default();
        for record in records {
            saved.extend(keeper.begin(record.target, &self.tables.tables)?);
        }
        let late = self.late(records, left)?;
        let mut owned = Owned::by(records, self.tables);
        late.steps.iter().for_each(|step| owned.add_step(step.id, step.run));
        let others = self.find_others(owned, progress, checkpoint)?;
        let mut saving = Saving::of(self, keeper, saved);
        for record in records {
            for range in ranges(record, &late, &others, self.tables.steps()) {
                saving.range(range, &mut |rows| {
                    checkpoint.check(Progress { done: progress.done + rows, ..progress })
                })?;
            }
            saving.give(record.target.run, 0)?;
        }
        saving.keeper.sync(&runs_of(records))?;
        Ok(SavePass { saved: saving.saved, others, rows: saving.rows })
    }

    /// Gives rows that changed or came since they were kept. No checkpoint is called: what is done behind this meets few
    /// changes more.
    ///
    /// # Errors
    /// As [`RowReading::save`].
    pub fn top_up(
        self,
        records: &[Record<'_>],
        left: Option<Left>,
        changed: RowRange,
        keeper: &mut dyn Keeper,
        saved: &mut SavedRows,
    ) -> Result<()> {
        let (late, steps) = (self.late(records, left)?, self.tables.steps());
        let mut saving = Saving::of(self, keeper, std::mem::take(saved));
        let of_late = records.iter().flat_map(|record| late_ranges(record.target.run, &late, steps));
        for range in std::iter::once(changed).chain(of_late) {
            saving.range(range, &mut |_| Ok(()))?;
            saving.give(range.run, 0)?;
        }
        saving.keeper.sync(&runs_of(records))?;
        *saved = saving.saved;
        Ok(())
    }

    fn late(self, records: &[Record<'_>], left: Option<Left>) -> Result<LateRows> {
        let late = LateRows::of(self.connection, records, left, self.marks, self.tables.has_phases);
        late.map_err(|e| self.store.write_error(e))
    }

    /// Looks through the tables that are not IvoryOS's for rows that go with these records.
    ///
    /// # Errors
    /// As any read.
    pub fn find_others(
        self,
        owned: Owned,
        progress: Progress,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<OtherRows> {
        let mut rows = OtherRows::of(owned);
        for table in self.tables.others() {
            let mut from = Some(i64::MIN);
            while let Some(at) = from {
                let next = rows.find(self.connection, self.tables, table, at);
                from = next.map_err(|e| self.store.write_error(e))?;
                checkpoint.check(progress)?;
            }
        }
        let unkept = rows.unkept(self.connection, self.tables).map_err(|e| self.store.write_error(e))?;
        if let Some((table, run)) = unkept {
            // What stays would belong to the next record that gets this id.
            return Err(Error::Refused(format!(
                "the table {table} has rows of record {run} that can't go along (it is WITHOUT ROWID); delete these \
                 rows there first"
            )));
        }
        Ok(rows)
    }
}

pub(super) fn runs_of(records: &[Record<'_>]) -> Vec<i64> {
    records.iter().map(|record| record.target.run).collect()
}

/// Where all rows of a record stand, its own first.
fn ranges(record: &Record<'_>, late: &LateRows, others: &OtherRows, steps: usize) -> Vec<RowRange> {
    let run = record.target.run;
    let mut ranges = vec![RowRange { run, table: 0, from: run, to: run, owner: None }];
    let has_phases = steps > 1;
    for phase in &record.phases {
        let owner = if has_phases { phase.id } else { run };
        if has_phases {
            ranges.push(RowRange { run, table: 1, from: phase.id, to: phase.id, owner: Some(run) });
        }
        let of_steps = |(from, to): &(i64, i64)| RowRange {
            run,
            table: steps,
            from: *from,
            to: *to,
            owner: Some(owner),
        };
        ranges.extend(phase.ranges.iter().map(of_steps));
    }
    ranges.extend(late_ranges(run, late, steps));
    let own = others.rows.iter().filter(|other| other.run == run);
    ranges.extend(own.map(|row| RowRange { run, table: row.table, from: row.key, to: row.key, owner: None }));
    ranges
}

/// Rows of a record that came later.
fn late_ranges(run: i64, late: &LateRows, steps: usize) -> Vec<RowRange> {
    let phases = late.phases.iter().filter(|(_, of)| *of == run);
    let phases = phases.map(|(id, _)| RowRange { run, table: 1, from: *id, to: *id, owner: Some(run) });
    let late = late.steps.iter().filter(|step| step.run == run);
    let of_step = |s: &LateStep| RowRange { run, table: steps, from: s.id, to: s.id, owner: Some(s.owner) };
    phases.chain(late.map(of_step)).collect()
}

impl<'a> Saving<'a> {
    fn of(reading: RowReading<'a>, keeper: &'a mut dyn Keeper, saved: SavedRows) -> Self {
        Self { reading, keeper, saved, packs: BTreeMap::new(), rows: 0 }
    }

    /// Reads the rows of a range; between two pieces it is told how many were read in all.
    fn range(&mut self, range: RowRange, between: &mut dyn FnMut(u64) -> Result<()>) -> Result<()> {
        let mut from = Some(range.from);
        while let Some(at) = from {
            let next = self.read(RowRange { from: at, ..range });
            from = next.map_err(|e| self.reading.store.write_error(e))?;
            self.give(range.run, PACK)?;
            between(self.rows)?;
        }
        Ok(())
    }

    /// Reads rows for so long as is fair to the lab; gives the key to go on from.
    fn read(&mut self, range: RowRange) -> rusqlite::Result<Option<i64>> {
        let RowReading { tables, connection, .. } = self.reading;
        let columns = tables.table(range.table).map_or(0, |table| table.columns.len());
        let begun = Instant::now();
        let into = self.packs.entry(range.table).or_default();
        let mut statement = connection.prepare_cached(tables.select(range.table, range.owner.is_some()))?;
        let values = [Some(range.from), Some(range.to), range.owner];
        let mut rows = statement.query(params_from_iter(values.into_iter().flatten()))?;
        while let Some(row) = rows.next()? {
            let (key, bytes) = pack(row, columns, into)?;
            let hash = row_hash(bytes);
            if self.saved.has(range.table, key, hash) {
                into.drop_last();
            } else {
                self.saved.add(range.table, key, hash);
            }
            self.rows += 1;
            let is_late = self.rows.is_multiple_of(CLOCK) && begun.elapsed() >= AIM;
            if is_late || into.bytes().len() >= PACK {
                return Ok(key.checked_add(1).filter(|next| *next <= range.to));
            }
        }
        Ok(None)
    }

    /// Gives the packs to the keeper that have so many bytes.
    fn give(&mut self, run: i64, least: usize) -> Result<()> {
        for (table, pack) in &mut self.packs {
            if !pack.keys().is_empty() && pack.bytes().len() >= least {
                self.keeper.take(run, *table, pack)?;
                pack.clear();
            }
        }
        Ok(())
    }
}
