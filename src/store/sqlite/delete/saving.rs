//! Giving all rows of records to their keeper before they are deleted.

use std::{collections::BTreeMap, time::Instant};

use rusqlite::{Connection, params_from_iter};

use super::{
    AIM, Job,
    others::{OtherRows, Owned},
    parts::{Left, Record, RowRange},
    piece::{LateRows, LateStep},
};
use crate::{
    checkpoint::{Checkpoint, Progress},
    error::Result,
    store::{
        saved::{Keeper, PackedRows, SavedRows, row_hash},
        sqlite::saved_tables::{SavedTables, pack},
    },
};

/// Bytes that are given to the keeper in one go.
const PACK: usize = 256 << 10;

/// Rows between two looks at the clock.
const CLOCK: u64 = 16;

/// Rows on their way to the keeper.
struct Saving<'a> {
    connection: &'a Connection,
    tables: &'a SavedTables,
    keeper: &'a mut dyn Keeper,
    saved: SavedRows,
    /// By the places of their tables.
    packs: BTreeMap<usize, PackedRows>,
    rows: u64,
}

impl Job<'_> {
    /// Gives all rows of these records to the keeper, those that it has already as they are excepted; on disk when this
    /// returns. Also finds the rows of other tables that go with them.
    ///
    /// # Errors
    /// As any read; what the keeper says.
    pub(super) fn save(
        &mut self,
        records: &[Record<'_>],
        left: Option<Left>,
        keeper: Option<&mut dyn Keeper>,
        progress: Progress,
        checkpoint: &mut dyn Checkpoint,
    ) -> Result<Option<SavedRows>> {
        self.wait_again()?;
        let mut owned = Owned::by(records, &self.tables);
        let Some(keeper) = keeper else {
            self.find_others(owned, checkpoint, progress)?;
            return Ok(None);
        };
        let runs: Vec<i64> = records.iter().map(|record| record.target.run).collect();
        let mut saved = SavedRows::default();
        for record in records {
            saved.extend(keeper.begin(record.target, &self.tables.tables)?);
        }
        let late = LateRows::of(&self.connection, records, left, self.first_marks, self.tables.has_phases)
            .map_err(|e| self.store.write_error(e))?;
        late.steps.iter().for_each(|step| owned.add_step(step.id, step.run));
        self.find_others(owned, checkpoint, progress)?;
        let mut saving = Saving {
            connection: &self.connection,
            tables: &self.tables,
            keeper,
            saved,
            packs: BTreeMap::new(),
            rows: 0,
        };
        for record in records {
            let run = record.target.run;
            for range in ranges(record, &late, &self.others, self.tables.steps()) {
                let mut from = Some(range.from);
                while let Some(at) = from {
                    from =
                        saving.read(RowRange { from: at, ..range }).map_err(|e| self.store.write_error(e))?;
                    saving.give(run, PACK)?;
                    let done = progress.done + saving.rows;
                    checkpoint.check(Progress { done, ..progress })?;
                }
            }
            saving.give(run, 0)?;
        }
        saving.keeper.sync(&runs)?;
        self.saved_rows += saving.rows;
        Ok(Some(saving.saved))
    }

    /// Gives rows that changed or came since they were kept. No checkpoint is called: what is done behind this meets few
    /// changes more.
    ///
    /// # Errors
    /// As [`Job::save`].
    pub(super) fn top_up(
        &mut self,
        records: &[Record<'_>],
        left: Option<Left>,
        changed: RowRange,
        keeper: &mut dyn Keeper,
        saved: &mut SavedRows,
    ) -> Result<()> {
        self.wait_again()?;
        let late = LateRows::of(&self.connection, records, left, self.first_marks, self.tables.has_phases)
            .map_err(|e| self.store.write_error(e))?;
        let mut saving = Saving {
            connection: &self.connection,
            tables: &self.tables,
            keeper,
            saved: std::mem::take(saved),
            packs: BTreeMap::new(),
            rows: 0,
        };
        let steps = self.tables.steps();
        let of_late = records.iter().flat_map(|record| late_ranges(record.target.run, &late, steps));
        for range in std::iter::once(changed).chain(of_late) {
            let mut from = Some(range.from);
            while let Some(at) = from {
                from = saving.read(RowRange { from: at, ..range }).map_err(|e| self.store.write_error(e))?;
            }
            saving.give(range.run, 0)?;
        }
        let runs: Vec<i64> = records.iter().map(|record| record.target.run).collect();
        saving.keeper.sync(&runs)?;
        *saved = saving.saved;
        Ok(())
    }

    /// Looks through the tables that are not IvoryOS's for rows that go with these records.
    fn find_others(
        &mut self,
        owned: Owned,
        checkpoint: &mut dyn Checkpoint,
        progress: Progress,
    ) -> Result<()> {
        let mut rows = OtherRows::of(owned);
        for table in self.tables.others() {
            let mut from = Some(i64::MIN);
            while let Some(at) = from {
                let next = rows.find(&self.connection, &self.tables, table, at);
                from = next.map_err(|e| self.store.write_error(e))?;
                checkpoint.check(progress)?;
            }
        }
        self.others = rows;
        Ok(())
    }
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

impl Saving<'_> {
    /// Reads rows for so long as is fair to the lab; gives the key to go on from.
    fn read(&mut self, range: RowRange) -> rusqlite::Result<Option<i64>> {
        let columns = self.tables.table(range.table).map_or(0, |table| table.columns.len());
        let begun = Instant::now();
        let into = self.packs.entry(range.table).or_default();
        let mut statement =
            self.connection.prepare_cached(self.tables.select(range.table, range.owner.is_some()))?;
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
