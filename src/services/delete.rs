//! Deleting records: first the bill, then, once the user agreed to it, the rows.

use std::collections::HashMap;

use super::{
    events::LazyEvents,
    files,
    lab::Lab,
    run_row, run_state,
    trash::{self, DeleteBatch, InTrash, SizeInTrash},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result, StopCause, Unfinished},
    model::{
        format::count_of,
        outcome::ALIVE_FOR,
        timestamp::{Timestamp, seconds_between},
    },
    services::{files::FileEntry, run_row::RunRow},
    store::{DeleteTarget, Gone},
};

/// What a delete would take away.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bill {
    pub items: Vec<BillItem>,
    /// How large they will be in the trash.
    pub in_trash: SizeInTrash,
    /// Rows of tables that are not IvoryOS's and go along, by their tables; of large records those that were read.
    pub others: Vec<(String, u64)>,
    /// Why nothing can be kept in the trash, where that is known before.
    pub no_trash: Option<String>,
}

impl Bill {
    /// How large all will be in the trash with the files that go along, each once.
    pub fn size_with(&self, goes: impl Fn(&FileEntry) -> bool) -> SizeInTrash {
        let files = self.items.iter().flat_map(|item| &item.files).filter(|file| goes(file));
        let once: HashMap<_, _> = files.filter_map(|file| Some((file.path()?, file.size()?))).collect();
        let bytes = self.in_trash.bytes.saturating_add(once.values().sum());
        SizeInTrash { bytes, ..self.in_trash }
    }

    /// `1 row of table t2`; nothing where no such rows go.
    pub fn other_rows_words(&self) -> Option<String> {
        let words = other_rows_words(&self.others)?;
        Some(if self.in_trash.is_estimate { format!("at least {words}") } else { words })
    }
}

/// `1 row of table t2, 3 rows of table notes`; nothing for none.
pub fn other_rows_words(others: &[(String, u64)]) -> Option<String> {
    let of = |(table, rows): &(String, u64)| format!("{} of table {table}", count_of(*rows, "row", "rows"));
    let all: Vec<String> = others.iter().map(of).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

#[derive(Debug, Clone, PartialEq)]
pub struct BillItem {
    pub row: RunRow,
    pub phases: u64,
    pub steps: u64,
    /// Files of the record, which stay on disk.
    pub files: Vec<FileEntry>,
    /// May be running: the id must be typed, `--force` given.
    pub guarded: bool,
    /// Too large for one transaction: a delete of it that is ended half-way leaves a part of it.
    pub large: bool,
}

impl BillItem {
    fn rows(&self) -> u64 {
        1 + self.phases + self.steps
    }

    fn target(&self) -> DeleteTarget<'_> {
        let run = &self.row.run;
        DeleteTarget { run: run.id, name: &run.name, start: &run.start }
    }
}

/// A record that the user agreed to delete, as the bill showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    pub run: i64,
    pub name: String,
    /// The start as the file has it.
    pub start: Timestamp,
}

/// How records are to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeleteHow {
    /// Also records that may be running.
    pub force: bool,
    /// Past the trash: nothing can be taken back.
    pub permanent: bool,
    /// Their log and result files go along into the trash.
    pub with_files: bool,
}

/// What a delete took away.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Deleted {
    /// Records that are gone whole.
    pub runs: Vec<i64>,
    pub phases: u64,
    pub steps: u64,
    /// Rows of tables that are not IvoryOS's, by their tables.
    pub others: Vec<(String, u64)>,
    /// Set for a delete that ended half-way.
    pub stopped: Option<Unfinished>,
    /// What is in the trash now; `None` past it.
    pub in_trash: Option<InTrash>,
}

/// What deleting these records would take away.
///
/// # Errors
/// [`Error::Missing`] where one of them does not exist; it names all that don't.
pub fn bill(lab: &Lab, runs: &[i64], cx: &mut Cx<'_>) -> Result<Bill> {
    let found = lab.runs(runs, cx)?;
    let rows = lab.source().row_counts(runs, cx)?;
    let newest = lab.newest_run(cx)?.map(|newest| newest.id);
    let mut items = Vec::with_capacity(found.len());
    for (run, rows) in found.into_iter().zip(rows) {
        let events = LazyEvents::of(&run);
        items.push(BillItem {
            phases: rows.phases,
            steps: rows.steps,
            files: files::on_disk(lab, &run),
            guarded: guarded(lab, &events, newest, cx)?,
            large: rows.large,
            row: run_row::with_outcome(lab, &events, cx)?,
        });
        cx.check(Progress { done: items.len() as u64, total: Some(runs.len() as u64) })?;
    }
    let records: Vec<_> = items.iter().map(|item| (item.target(), item.rows())).collect();
    let (in_trash, others) = trash::size(lab, &records, cx)?;
    Ok(Bill { items, in_trash, others, no_trash: trash::only_read(lab) })
}

/// May a server be working on this record? The newest one without an end (a long step writes nothing for hours),
/// and any other without an end that showed a sign of life a moment ago.
fn guarded(lab: &Lab, events: &LazyEvents<'_>, newest: Option<i64>, cx: &Cx<'_>) -> Result<bool> {
    let run = events.run;
    if !run.end.is_none() {
        return Ok(false);
    }
    if newest == Some(run.id) {
        return Ok(true);
    }
    let sign = run_state::generous_sign(lab, events, cx)?;
    Ok(sign.is_some_and(|at| seconds_between(at, lab.now()).abs() <= ALIVE_FOR))
}

/// Refuses a delete in a private copy, which would be taken for one in the lab's file.
///
/// # Errors
/// [`Error::Refused`] for one.
pub fn refuse_copy(lab: &Lab) -> Result<()> {
    if lab.copied_at().is_none() {
        return Ok(());
    }
    Err(Error::Refused(
        "this is a private copy: nothing is deleted in it; open the lab's file without --copy".into(),
    ))
}

/// Why a record that may be running is not deleted without more.
pub fn may_be_running(run: i64) -> Error {
    Error::Advised {
        said: format!("record {run} has no end and may be running"),
        command: "nothing was deleted, give --force if it is not".to_owned(),
        screen: "nothing was deleted: a delete of it alone asks for its id to be typed".to_owned(),
    }
}

/// Deletes what the user confirmed, into the trash unless it is to be past it. A delete that is ended when a part is
/// gone is no error: the answer says so in `stopped`.
///
/// # Errors
/// [`Error::Missing`] for a record that is not there, [`Error::Refused`] for one that may be running (unless
/// `force`), that is another one by now, or of a private copy; [`Error::Busy`] after the patience; [`Error::Advised`]
/// where the trash can't be written.
pub fn delete(lab: &Lab, items: &[Confirmed], how: DeleteHow, cx: &mut Cx<'_>) -> Result<Deleted> {
    refuse_copy(lab)?;
    let runs: Vec<i64> = items.iter().map(|i| i.run).collect();
    let (there, newest) = (lab.runs(&runs, cx)?, lab.newest_run(cx)?.map(|newest| newest.id));
    for run in there.iter().filter(|_| !how.force) {
        if guarded(lab, &LazyEvents::of(run), newest, cx)? {
            return Err(may_be_running(run.id));
        }
    }
    let targets: Vec<DeleteTarget<'_>> =
        items.iter().map(|i| DeleteTarget { run: i.run, name: &i.name, start: &i.start }).collect();
    if how.permanent {
        let gone = lab.database().delete(&targets, None, cx)?;
        return Ok(deleted(&runs, gone, None));
    }
    let files = if how.with_files { trash::belonging_alone(lab, &runs, cx)? } else { Vec::new() };
    let mut batch = DeleteBatch::begin(lab, cx)?;
    let gone = lab.database().delete(&targets, Some(batch.keeper()), cx);
    let (whole, part, error) = match &gone {
        Ok(gone) => {
            let stopped = gone.stopped.as_ref();
            (gone.runs, stopped.is_some_and(|s| s.part.is_some()), stopped.map(|s| &s.error))
        }
        Err(error) => (0, false, Some(error)),
    };
    for (run, files) in runs.iter().zip(&files).take(whole) {
        batch.take_files(lab, *run, files);
    }
    // What was deleted of another file is not there to be looked at.
    let is_untouched = !part && !matches!(error, Some(Error::Replaced));
    let in_trash = batch.finish(&runs, whole, is_untouched);
    let gone = gone?;
    // What is kept stays kept where only that could not be told.
    Ok(deleted(&runs, gone, in_trash.ok()))
}

fn deleted(runs: &[i64], gone: Gone, in_trash: Option<InTrash>) -> Deleted {
    let stopped = gone.stopped.map(|stopped| Unfinished {
        cause: StopCause::of(&stopped.error),
        runs: gone.runs,
        of: runs.len(),
        phases: gone.phases,
        steps: gone.steps,
        part: stopped.part,
    });
    let runs = runs.iter().copied().take(gone.runs).collect();
    Deleted { runs, phases: gone.phases, steps: gone.steps, others: gone.others, stopped, in_trash }
}
