//! A record in the trash as it is put back: its rows, read from their compressed pieces.

use std::collections::HashMap;

use rusqlite::OptionalExtension as _;
use serde_json::{Value, json};

use super::{EntryState, OwnFile};
use crate::{
    error::{Error, Missing, Result},
    store::saved::{IdBases, SavedRecord, SavedRow, SavedTable, SeeRow, unpack},
};

/// No piece is larger than what a row can be, and some.
const MOST: usize = 3 << 30;

/// Sees rows with the places of their tables and their bytes.
type SeePacked<'a> = &'a mut dyn FnMut(usize, SavedRow, &[u8]) -> Result<()>;

/// The compressed pieces of an entry.
#[derive(Debug)]
pub(super) struct Pieces {
    n: i64,
    /// Their numbers, the places of their tables, their bytes.
    all: Vec<(i64, usize, u64)>,
}

impl Pieces {
    /// # Errors
    /// Where the file can't be read.
    pub fn of(file: &OwnFile, n: i64) -> Result<Self> {
        let read = || {
            let sql = "SELECT seq, place, length(data) FROM trash_rows WHERE n = ? ORDER BY seq";
            let mut all = file.connection.prepare(sql)?;
            let read =
                |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize, row.get(2)?));
            all.query_map([n], read)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        Ok(Self { n, all: read().map_err(|e| file.read_error(&e))? })
    }

    pub fn next_seq(&self) -> i64 {
        self.all.last().map_or(0, |piece| piece.0 + 1)
    }

    pub fn bytes(&self) -> u64 {
        self.all.iter().map(|piece| piece.2).sum()
    }

    /// Each row of a table, or of all, in the order in which they were given, with its bytes.
    ///
    /// # Errors
    /// Where the file can't be read, and the one of `see`.
    pub fn each(&self, file: &OwnFile, table: Option<usize>, see: SeePacked<'_>) -> Result<()> {
        for (seq, place, _) in self.all.iter().filter(|piece| table.is_none_or(|table| piece.1 == table)) {
            let bytes = self.piece(file, *seq)?;
            for row in unpack(&bytes) {
                let (row, bytes) = row.ok_or_else(|| damaged(file, self.n))?;
                see(*place, row, bytes)?;
            }
        }
        Ok(())
    }

    fn piece(&self, file: &OwnFile, seq: i64) -> Result<Vec<u8>> {
        let sql = "SELECT data FROM trash_rows WHERE n = ? AND seq = ?";
        let read =
            || file.connection.prepare_cached(sql)?.query_row([self.n, seq], |row| row.get::<_, Vec<u8>>(0));
        let data = read().map_err(|e| file.read_error(&e))?;
        let mut bytes = Vec::new();
        let reader = zstd::stream::read::Decoder::new(data.as_slice());
        let most = MOST as u64;
        let done = reader.and_then(|reader| {
            std::io::Read::read_to_end(&mut std::io::Read::take(reader, most), &mut bytes)
        });
        done.map(|_| bytes).map_err(|_| damaged(file, self.n))
    }
}

fn damaged(file: &OwnFile, n: i64) -> Error {
    Error::File {
        path: file.path.clone(),
        reason: format!("entry {n} of the trash is damaged; nothing was changed"),
    }
}

/// A record in the trash, to be put back.
pub struct TrashedRecord<'a> {
    file: &'a OwnFile,
    n: i64,
    run: i64,
    tables: Vec<SavedTable>,
    bases: Option<IdBases>,
    pieces: Pieces,
    keys: Vec<Vec<(i64, Option<i64>)>>,
    /// Rows that were given more than once, by table and key: which time counts.
    again: HashMap<(usize, i64), u64>,
}

impl<'a> TrashedRecord<'a> {
    /// # Errors
    /// Where the entry is not there or can't be read.
    pub fn of(file: &'a OwnFile, n: i64) -> Result<Self> {
        let sql = "SELECT run, saved_tables, new_ids FROM trash WHERE n = ? AND state > 0";
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
        };
        let found = file.connection.query_row(sql, [n], read).optional().map_err(|e| file.read_error(&e))?;
        let (run, tables, bases) = found.ok_or_else(|| no_entry(n))?;
        let tables = tables_of(&tables).ok_or_else(|| damaged(file, n))?;
        let bases = bases.map(|text| bases_of(&text).ok_or_else(|| damaged(file, n))).transpose()?;
        let pieces = Pieces::of(file, n)?;
        let mut times: HashMap<(usize, i64), u64> = HashMap::new();
        let mut keys = vec![Vec::new(); tables.len()];
        pieces.each(file, None, &mut |place, row, _| {
            let owner = tables.get(place).and_then(|table| row.integer(table.owners.first()?.0));
            let time = times.entry((place, row.key)).or_default();
            *time += 1;
            if let Some(keys) = keys.get_mut(place) {
                keys.push((row.key, owner));
            }
            Ok(())
        })?;
        for keys in &mut keys {
            // Of those that were given more than once the last one counts: the sort keeps their order.
            keys.sort_by_key(|(key, _)| *key);
            keys.reverse();
            keys.dedup_by_key(|(key, _)| *key);
            keys.reverse();
        }
        times.retain(|_, time| *time > 1);
        Ok(Self { file, n, run, tables, bases, pieces, keys, again: times })
    }
}

impl SavedRecord for TrashedRecord<'_> {
    fn run(&self) -> i64 {
        self.run
    }

    fn tables(&self) -> &[SavedTable] {
        &self.tables
    }

    fn keys(&self) -> &[Vec<(i64, Option<i64>)>] {
        &self.keys
    }

    fn bases(&self) -> Option<&IdBases> {
        self.bases.as_ref()
    }

    fn begin(&mut self, bases: &IdBases) -> Result<()> {
        // A part of it is in the lab again from now on, until all is.
        let sql = "UPDATE trash SET new_ids = ?, state = ? WHERE n = ?";
        let state = EntryState::Saved.number();
        let noted =
            self.file.connection.execute(sql, rusqlite::params![json!(bases).to_string(), state, self.n]);
        noted.map_err(|e| self.file.write_error(&e))?;
        self.bases = Some(bases.clone());
        Ok(())
    }

    fn rows(&self, table: usize, see: SeeRow<'_>) -> Result<()> {
        let mut seen: HashMap<i64, u64> = HashMap::new();
        let mut is_done = false;
        self.pieces.each(self.file, Some(table), &mut |_, row, _| {
            if is_done {
                return Ok(());
            }
            if let Some(&times) = self.again.get(&(table, row.key)) {
                let seen = seen.entry(row.key).or_default();
                *seen += 1;
                if *seen < times {
                    return Ok(());
                }
            }
            is_done = see(row)?.is_break();
            Ok(())
        })
    }
}

/// There is no such entry.
pub(super) fn no_entry(n: i64) -> Error {
    Error::Missing(Missing::TrashEntry { n })
}

/// The tables as they are kept with an entry.
pub(super) fn tables_as_text(tables: &[SavedTable]) -> String {
    let table = |table: &SavedTable| {
        json!({
            "name": table.name, "columns": table.columns, "key": table.key, "rowid": table.rowid,
            "owners": table.owners,
        })
    };
    Value::Array(tables.iter().map(table).collect()).to_string()
}

fn tables_of(text: &str) -> Option<Vec<SavedTable>> {
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    let pair = |pair: &Value| Some((number(pair.get(0)?)?, number(pair.get(1)?)?));
    let table = |table: &Value| {
        let columns = table.get("columns")?.as_array()?.iter();
        Some(SavedTable {
            name: table.get("name")?.as_str()?.to_owned(),
            columns: columns.map(|name| name.as_str().map(str::to_owned)).collect::<Option<_>>()?,
            key: number(table.get("key")?)?,
            rowid: table.get("rowid").and_then(number),
            owners: table.get("owners")?.as_array()?.iter().map(pair).collect::<Option<_>>()?,
        })
    };
    serde_json::from_str::<Value>(text).ok()?.as_array()?.iter().map(table).collect()
}

fn bases_of(text: &str) -> Option<IdBases> {
    let base = |value: &Value| if value.is_null() { Some(None) } else { value.as_i64().map(Some) };
    serde_json::from_str::<Value>(text).ok()?.as_array()?.iter().map(base).collect()
}
