//! Takes values, names and texts out of the rows of phases and steps that pass by, record by record.

use memchr::memmem;

use super::stored::{ColumnKey, ReadColumns, ReadEntry, RecordAt, Stored, TextSet};
use crate::{
    model::{
        filter::tree::ValueSide,
        json,
        run::Phase,
        scanned::{CellColumns, ScannedCell},
        value::{Cell, RawCell, Value},
    },
    services::why::failed_steps,
};

/// What a record has of each column while its rows pass by.
enum Part {
    Values(Vec<Stored>),
    Texts(TextSet),
}

/// What is found of some records in the rows that pass by.
pub struct FoundCells<'a> {
    keys: Vec<(&'a ColumnKey, Option<Wanted>)>,
    /// The records by id, each with its part of each column.
    ids: Vec<i64>,
    parts: Vec<Vec<Part>>,
    /// The record of the last row, whose rows mostly follow each other.
    last: usize,
}

/// Finds the cells that can have a name in them, without reading their JSON.
struct Wanted {
    name: String,
    /// The name as it stands in a cell; `None` where it can be written in several ways.
    finder: Option<memmem::Finder<'static>>,
}

impl Wanted {
    fn of(name: &str) -> Self {
        let is_plain = name.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
        let finder = is_plain.then(|| memmem::Finder::new(name).into_owned());
        Self { name: name.to_owned(), finder }
    }

    fn may_be_in(&self, cell: &[u8]) -> bool {
        let finder = self.finder.as_ref();
        finder.is_none_or(|finder| finder.find(cell).is_some() || memchr::memchr(b'\\', cell).is_some())
    }
}

impl<'a> FoundCells<'a> {
    pub fn new(keys: Vec<&'a ColumnKey>, ids: &[i64]) -> Self {
        let part = |key: &&ColumnKey| match key {
            ColumnKey::Values(..) => Part::Values(Vec::new()),
            _ => Part::Texts(TextSet::default()),
        };
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        let parts = ids.iter().map(|_| keys.iter().map(part).collect()).collect();
        let wanted = |key: &'a ColumnKey| match key {
            ColumnKey::Values(_, name) => (key, Some(Wanted::of(name))),
            _ => (key, None),
        };
        Self { keys: keys.into_iter().map(wanted).collect(), ids, parts, last: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The cells that must pass by.
    pub fn columns(&self) -> CellColumns {
        let has = |side| {
            self.keys.iter().any(|(key, _)| match key {
                ColumnKey::Values(of, _) | ColumnKey::Names(of) => *of == side,
                _ => false,
            })
        };
        CellColumns {
            parameters: has(ValueSide::Input),
            outputs: has(ValueSide::Output),
            phase_errors: self.keys.iter().any(|(key, _)| **key == ColumnKey::Errors),
            methods: self.keys.iter().any(|(key, _)| **key == ColumnKey::Methods),
        }
    }

    fn place(&mut self, run: i64) -> Option<usize> {
        if self.ids.get(self.last) != Some(&run) {
            self.last = self.ids.binary_search(&run).ok()?;
        }
        Some(self.last)
    }

    /// A row of a record passes by.
    pub fn see(&mut self, run: i64, cell: &ScannedCell<'_>, read: &mut ReadColumns) {
        let place = self.place(run);
        let Some(parts) = place.and_then(|place| self.parts.get_mut(place)) else { return };
        match *cell {
            ScannedCell::Step { method } => {
                let method = String::from_utf8_lossy(method.unwrap_or_default());
                for ((key, _), part) in self.keys.iter().zip(parts) {
                    if let (ColumnKey::Methods, Part::Texts(texts)) = (key, part) {
                        texts.insert(read.text_number(&method));
                    }
                }
            }
            ScannedCell::Phase { is_main, has_failed, parameters, outputs, error, .. } => {
                for side in [ValueSide::Input, ValueSide::Output] {
                    let cell = if side == ValueSide::Input { parameters } else { outputs };
                    if let Some(cell) = cell {
                        see_cell(&self.keys, parts, (side, is_main, cell), read);
                    }
                }
                let text = error.filter(|_| has_failed).and_then(|error| {
                    let error = RawCell(Some(error.into()));
                    failed_steps::phase_text(&Phase { error, ..Phase::default() })
                });
                if let Some(text) = text {
                    self.add_error(run, &text, read);
                }
            }
        }
    }

    /// The text of a failure of a record.
    pub fn add_error(&mut self, run: i64, text: &str, read: &mut ReadColumns) {
        let place = self.place(run);
        let parts = place.and_then(|place| self.parts.get_mut(place)).into_iter().flatten();
        for ((key, _), part) in self.keys.iter().zip(parts) {
            if let (ColumnKey::Errors, Part::Texts(texts)) = (key, part) {
                texts.insert(read.text_number(text));
            }
        }
    }

    /// Keeps what was found; of a record of which no row passed by, that it has nothing.
    pub fn keep(mut self, records: &[RecordAt], read: &mut ReadColumns) {
        for at in records {
            let place = self.place(at.id);
            let parts = place.and_then(|place| self.parts.get_mut(place)).map(std::mem::take);
            for ((key, _), part) in self.keys.iter().zip(parts.into_iter().flatten()) {
                let entry = match part {
                    Part::Values(values) => ReadEntry::Values(values.into()),
                    Part::Texts(texts) => ReadEntry::Texts(read.set_number(&texts)),
                };
                read.put(key, at.id, at.print, entry);
            }
        }
    }
}

/// Takes names and values out of a cell of parameters or outputs.
fn see_cell(
    keys: &[(&ColumnKey, Option<Wanted>)],
    parts: &mut [Part],
    (side, is_main, bytes): (ValueSide, bool, &[u8]),
    read: &mut ReadColumns,
) {
    let wants = |(key, wanted): &(&ColumnKey, Option<Wanted>)| match key {
        ColumnKey::Names(of) => *of == side,
        ColumnKey::Values(of, _) => {
            *of == side && is_main && wanted.as_ref().is_some_and(|wanted| wanted.may_be_in(bytes))
        }
        _ => false,
    };
    if !keys.iter().any(wants) {
        return;
    }
    let Cell::Json(value) = json::read_cell(bytes) else { return };
    for ((key, wanted), part) in keys.iter().zip(parts).filter(|(key, _)| wants(key)) {
        match (key, part) {
            (ColumnKey::Names(_), Part::Texts(texts)) => add_names(&value, texts, read),
            (ColumnKey::Values(..), Part::Values(values)) => {
                let name = wanted.as_ref().map_or("", |wanted| wanted.name.as_str());
                add_values(&value, name, values, read);
            }
            _ => {}
        }
    }
}

fn add_names(value: &Value, texts: &mut TextSet, read: &mut ReadColumns) {
    match value {
        Value::Dict(dict) => {
            texts.extend(dict.iter().map(|(name, _)| read.text_number(&name.lossy())));
        }
        Value::List(all) => all.iter().for_each(|one| add_names(one, texts, read)),
        _ => {}
    }
}

/// The values of a name, also of each sample of a batch.
fn add_values(value: &Value, name: &str, values: &mut Vec<Stored>, read: &mut ReadColumns) {
    match value {
        Value::Dict(dict) => dict.get(name).into_iter().for_each(|value| add_leaves(value, values, read)),
        Value::List(all) => all.iter().for_each(|one| add_values(one, name, values, read)),
        _ => {}
    }
}

fn add_leaves(value: &Value, values: &mut Vec<Stored>, read: &mut ReadColumns) {
    values.push(match value {
        Value::Null | Value::Dict(_) => return,
        Value::List(all) => return all.iter().for_each(|one| add_leaves(one, values, read)),
        Value::Bool(value) => Stored::Bool(*value),
        Value::Int(number) => Stored::Whole(*number),
        Value::Float(number) => Stored::Float(*number),
        Value::BigInt(digits) => Stored::Big(read.text_number(digits)),
        Value::Str(text) => Stored::Text(read.text_number(&text.lossy())),
    });
}
