//! Reads what filter words ask of some records: cells of their phases and steps, events, files, in one pass each.

use std::collections::HashMap;

use memchr::memmem;

use super::stored::{
    ColumnKey, LOG, PLOTS, Quick, RESULT, ReadColumns, ReadEntry, RecordAt, Stored, TextSet,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        filter::{field::FilterField, tree::ValueSide},
        json,
        partial::{Lacks, Partial},
        run::{Phase, Run},
        scanned::{CellColumns, ScannedCell},
        value::{Cell, RawCell, Value},
    },
    services::{
        events::{ERROR, LazyEvents},
        lab::Lab,
        optimizer, paths, slow_steps,
        why::{self, failed_steps, signature},
    },
};

/// Reads these columns of records, and keeps what was read; nothing where it is not known yet whose rows are whose.
///
/// # Errors
/// As any read.
pub fn read(lab: &Lab, keys: &[ColumnKey], records: &[RecordAt], cx: &mut Cx<'_>) -> Result<Lacks> {
    let mut lacks = Lacks::default();
    let ids: Vec<i64> = records.iter().map(|at| at.id).collect();
    let of_cells: Vec<&ColumnKey> = keys.iter().filter(|key| is_of_cells(key)).collect();
    let mut gathered = Gathered::new(of_cells, &ids);
    if !gathered.keys.is_empty() {
        let columns = gathered.columns();
        let read = &lab.memo.read_columns;
        // Borrowed for a row at a time: between two pieces other requests are answered.
        let mut see = |run: i64, cell: &ScannedCell<'_>| gathered.see(run, cell, &mut read.borrow_mut());
        lab.source().cells(&ids, columns, &mut see, cx)?.into(&mut lacks);
        if lacks.rows {
            return Ok(lacks);
        }
    }
    if keys.iter().any(|key| matches!(key, ColumnKey::Errors | ColumnKey::Events | ColumnKey::Files)) {
        let mut runs = lab.source().runs(&ids, cx)?;
        runs.sort_by_key(|run| run.id);
        let run_of = |id: i64| runs.binary_search_by_key(&id, |run| run.id).ok().and_then(|at| runs.get(at));
        let read = &mut lab.memo.read_columns.borrow_mut();
        for at in records {
            if let Some(run) = run_of(at.id) {
                read_run(lab, keys, at, run, &mut gathered, read);
            }
        }
    }
    gathered.keep(records, &mut lab.memo.read_columns.borrow_mut());
    for key in keys.iter().filter(|key| matches!(key, ColumnKey::Tries | ColumnKey::Slow)) {
        for at in records {
            let Some(number) = counted(lab, key, at, cx)?.into(&mut lacks) else { continue };
            lab.memo.read_columns.borrow_mut().put(key, at.id, at.print, ReadEntry::Number(number));
            cx.check(Progress::default())?;
        }
    }
    Ok(lacks)
}

/// It costs much more than the others: asked only of records that these leave undecided.
pub fn is_costly(key: &ColumnKey) -> bool {
    matches!(key, ColumnKey::Tries | ColumnKey::Slow)
}

fn is_of_cells(key: &ColumnKey) -> bool {
    matches!(key, ColumnKey::Values(..) | ColumnKey::Names(_) | ColumnKey::Methods | ColumnKey::Errors)
}

/// What a record has of each column while its rows pass by.
enum Part {
    Values(Vec<Stored>),
    Texts(TextSet),
}

struct Gathered<'a> {
    keys: Vec<(&'a ColumnKey, Option<Wanted>)>,
    records: HashMap<i64, Vec<Part>, Quick>,
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

impl<'a> Gathered<'a> {
    fn new(keys: Vec<&'a ColumnKey>, ids: &[i64]) -> Self {
        let part = |key: &&ColumnKey| match key {
            ColumnKey::Values(..) => Part::Values(Vec::new()),
            _ => Part::Texts(TextSet::default()),
        };
        let records = ids.iter().map(|id| (*id, keys.iter().map(part).collect())).collect();
        let wanted = |key: &'a ColumnKey| match key {
            ColumnKey::Values(_, name) => (key, Some(Wanted::of(name))),
            _ => (key, None),
        };
        Self { keys: keys.into_iter().map(wanted).collect(), records }
    }

    fn columns(&self) -> CellColumns {
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

    fn see(&mut self, run: i64, cell: &ScannedCell<'_>, read: &mut ReadColumns) {
        let Some(parts) = self.records.get_mut(&run) else { return };
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

    fn add_error(&mut self, run: i64, text: &str, read: &mut ReadColumns) {
        let parts = self.records.get_mut(&run).into_iter().flatten();
        for ((key, _), part) in self.keys.iter().zip(parts) {
            if let (ColumnKey::Errors, Part::Texts(texts)) = (key, part) {
                texts.insert(read.text_number(text));
            }
        }
    }

    fn keep(self, records: &[RecordAt], read: &mut ReadColumns) {
        let Gathered { keys, records: mut found } = self;
        for at in records {
            for ((key, _), part) in keys.iter().zip(found.remove(&at.id).into_iter().flatten()) {
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

/// What stands in the record's own row, and beside it on the disk.
fn read_run(
    lab: &Lab,
    keys: &[ColumnKey],
    at: &RecordAt,
    run: &Run,
    gathered: &mut Gathered<'_>,
    read: &mut ReadColumns,
) {
    let events = LazyEvents::of(run);
    for key in keys {
        match key {
            ColumnKey::Errors => {
                let errors = events.all().iter().filter(|event| event.kind == ERROR);
                for detail in errors.filter_map(|event| event.detail.as_deref()) {
                    gathered.add_error(run.id, signature::message_of(detail), read);
                }
            }
            ColumnKey::Events => {
                let mut texts = TextSet::default();
                for event in events.all() {
                    texts.insert(read.text_number(&event.kind));
                    texts.extend(event.detail.as_deref().map(|detail| read.text_number(detail)));
                }
                let set = read.set_number(&texts);
                read.put(key, at.id, at.print, ReadEntry::Texts(set));
            }
            ColumnKey::Files => read.put(key, at.id, at.print, ReadEntry::Number(files_of(lab, run))),
            _ => {}
        }
    }
}

fn files_of(lab: &Lab, run: &Run) -> u32 {
    let part = |is_there: bool, bit: u32| if is_there { bit } else { 0 };
    part(paths::existing_log(lab, run).is_ok(), LOG)
        | part(paths::existing_result(lab, run).is_ok(), RESULT)
        | part(optimizer::read(lab, run).is_ok(), PLOTS)
}

/// A number that is made of a record alone; `None` for one that is gone.
fn counted(lab: &Lab, key: &ColumnKey, at: &RecordAt, cx: &mut Cx<'_>) -> Result<Partial<Option<u32>>> {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    if *key == ColumnKey::Slow {
        return Ok(slow_steps::count(lab, at.id, cx)?.map(|count| Some(small(count))));
    }
    if lab.database().catalogue().count_of(FilterField::Failed, at.row) == Some(0) {
        return Ok(Partial::whole(Some(0)));
    }
    let Some(run) = lab.source().runs(&[at.id], cx)?.pop() else { return Ok(Partial::whole(None)) };
    Ok(why::tried_again_count(lab, &run, cx)?.map(|count| Some(small(count))))
}
