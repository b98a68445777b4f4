//! Reads what filter words ask of some records: cells of their phases and steps, events, files, in one pass each.

use super::{
    found_cells::FoundCells,
    stored::{ColumnKey, LOG, PLOTS, RESULT, ReadColumns, ReadEntry, RecordAt, TextSet},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{
        partial::{Lacks, Partial},
        run::Run,
        run_tally::RunTally,
        scanned::ScannedCell,
    },
    services::{
        events::{ERROR, LazyEvents},
        lab::Lab,
        optimizer, paths, slow_steps,
        why::{self, signature},
    },
};

/// Reads these columns of records, and keeps what was read.
///
/// # Errors
/// As any read.
pub fn read(lab: &Lab, keys: &[ColumnKey], records: &[RecordAt], cx: &mut Cx<'_>) -> Result<Lacks> {
    let mut lacks = Lacks::default();
    let ids: Vec<i64> = records.iter().map(|at| at.id).collect();
    let of_cells: Vec<&ColumnKey> = keys.iter().filter(|key| is_of_cells(key)).collect();
    let mut gathered = FoundCells::new(of_cells, &ids);
    if !gathered.is_empty() {
        let columns = gathered.columns();
        let read = &lab.memo.read_columns;
        // Borrowed for a row at a time: between two pieces other requests are answered.
        let mut see = |run: i64, cell: &ScannedCell<'_>| gathered.see(run, cell, &mut read.borrow_mut());
        lab.source().cells(&ids, columns, &mut see, cx)?.into(&mut lacks);
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
    doubt(lab, records, lacks);
    Ok(lacks)
}

/// Where rows may be missing, what was read is forgotten when it is known whose rows are whose.
fn doubt(lab: &Lab, records: &[RecordAt], lacks: Lacks) {
    if lacks.rows {
        lab.memo.read_columns.borrow_mut().doubt(records.iter().map(|at| at.id));
    }
}

/// Counts the phases and steps of records that are not counted.
///
/// # Errors
/// As any read.
pub fn count(lab: &Lab, records: &[RecordAt], cx: &mut Cx<'_>) -> Result<Lacks> {
    let ids: Vec<i64> = records.iter().map(|at| at.id).collect();
    if lab.database().catalogue().count_these(lab.source(), &ids, cx)? {
        return Ok(Lacks::default());
    }
    let mut lacks = Lacks { rows: true, ..Lacks::default() };
    let summaries = lab.source().summaries_of_many(&ids, cx)?.into(&mut lacks);
    let mut read = lab.memo.read_columns.borrow_mut();
    for (at, summaries) in records.iter().zip(&summaries) {
        let tally = ReadEntry::Counts(Box::new(RunTally::of(summaries)));
        read.put(&ColumnKey::Counts, at.id, at.print, tally);
    }
    drop(read);
    doubt(lab, records, lacks);
    Ok(lacks)
}

/// It costs much more than the others: asked only of records that these leave undecided.
pub fn is_costly(key: &ColumnKey) -> bool {
    matches!(key, ColumnKey::Tries | ColumnKey::Slow)
}

fn is_of_cells(key: &ColumnKey) -> bool {
    matches!(key, ColumnKey::Values(..) | ColumnKey::Names(_) | ColumnKey::Methods | ColumnKey::Errors)
}

/// What stands in the record's own row, and beside it on the disk.
fn read_run(
    lab: &Lab,
    keys: &[ColumnKey],
    at: &RecordAt,
    run: &Run,
    gathered: &mut FoundCells<'_>,
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
    if lab.database().catalogue().tally_at(at.row).is_some_and(|tally| tally.failed_steps == 0) {
        return Ok(Partial::whole(Some(0)));
    }
    let Some(run) = lab.source().runs(&[at.id], cx)?.pop() else { return Ok(Partial::whole(None)) };
    Ok(why::tried_again_count(lab, &run, cx)?.map(|count| Some(small(count))))
}
