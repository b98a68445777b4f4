//! The data CSVs of many records as one: first all columns are found, then the rows are written.

mod header;
mod own_rows;

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    Outlet,
    many::{WithinOne, ends_all},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Missing, Result},
    formats::python_csv::{Dialect, RowWriter},
    model::{
        format::{count, count_of},
        query::ListQuery,
        run::Run,
    },
    output::{Sink, Target},
    services::{
        lab::Lab,
        picked::{Picked, of_list},
    },
};

use header::{Mapping, OURS, UnionHeader};
use own_rows::OwnRows;

/// What the file is called where nobody names it.
pub const FILE_NAME: &str = "combined.csv";

/// A file is begun anew so often when records get new columns while it is written.
const TRIES: u32 = 3;

/// Troubles that are told where all have one.
const TOLD: usize = 3;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CombinedCsv {
    /// `None` for stdout.
    pub file: Option<PathBuf>,
    pub bytes: u64,
    /// Rows without the header.
    pub rows: u64,
    /// Records that have rows in it.
    pub records: usize,
    /// Records without data.
    pub without: Vec<i64>,
    /// Records that are gone, or are another one by now.
    pub gone: Vec<i64>,
    /// What could not be read, each with its record.
    pub troubles: Vec<String>,
    /// What the user should know: odd cells, columns that were renamed, data that changed meanwhile.
    pub notes: Vec<String>,
}

impl CombinedCsv {
    /// `5,120 rows of 211 records`.
    pub fn rows_words(&self) -> String {
        let records = count_of(self.records as u64, "record", "records");
        format!("{} of {records}", count_of(self.rows, "row", "rows"))
    }

    /// `2 records have no data: #5, #7`, of many so many named; none where all have some.
    pub fn without_words(&self, most: usize) -> Option<String> {
        let what = if self.without.len() == 1 { "record has no data" } else { "records have no data" };
        named(&self.without, what, most)
    }

    /// The same of those that are gone.
    pub fn gone_words(&self, most: usize) -> Option<String> {
        let what = if self.gone.len() == 1 { "record is gone by now" } else { "records are gone by now" };
        named(&self.gone, what, most)
    }
}

fn named(ids: &[i64], what: &str, most: usize) -> Option<String> {
    let first: Vec<_> = ids.iter().take(most).map(|id| format!("#{id}")).collect();
    let more = ids.len().saturating_sub(most);
    let more = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
    (!ids.is_empty()).then(|| format!("{} {what}: {}{more}", count(ids.len() as u64), first.join(", ")))
}

/// The data CSVs of the picked records in a list's order, into a folder under a free name.
///
/// # Errors
/// As [`write()`].
pub fn picked_into_one(
    lab: &Lab,
    query: &ListQuery,
    picked: &Picked,
    folder: &Path,
    cx: &mut Cx<'_>,
) -> Result<CombinedCsv> {
    let found = of_list::in_order(lab, query, picked, cx)?;
    let target = Target::Free { folder: folder.to_path_buf(), name: FILE_NAME.to_owned() };
    let mut done = write(lab, &found.runs, picked, &target, cx)?;
    done.gone.extend(found.gone);
    Ok(done)
}

/// Writes the data CSVs of records, in this order, as one. Those that are not the picked ones any more are left out, and
/// so are those that can't be read: it is told.
///
/// # Errors
/// [`Error::Missing`] where none has data, and whatever keeps the file from being written whole: there is none then.
pub fn write(
    lab: &Lab,
    ids: &[i64],
    picked: &Picked,
    target: &Target,
    cx: &mut Cx<'_>,
) -> Result<CombinedCsv> {
    if *target != Target::Stdout {
        lab.refuse_own_folder(&target.shown())?;
    }
    let mut left = TRIES;
    loop {
        left -= 1;
        let sink = Sink::open(target)?.cancelled_by(cx.cancel().clone());
        let again = left > 0 && sink.is_held();
        let combining = Combining { lab, ids, picked, target: target.shown(), told: CombinedCsv::default() };
        if let Some(done) = combining.run(sink, again, cx)? {
            return Ok(done);
        }
    }
}

/// One try.
struct Combining<'a> {
    lab: &'a Lab,
    ids: &'a [i64],
    picked: &'a Picked,
    target: PathBuf,
    told: CombinedCsv,
}

impl Combining<'_> {
    /// `None` where new columns came meanwhile and it may begin again.
    fn run(mut self, mut sink: Sink, again: bool, cx: &mut Cx<'_>) -> Result<Option<CombinedCsv>> {
        let before = self.lab.version(cx);
        let mut nowhere = io::sink();
        let mut outlet = Outlet::new(&mut nowhere, self.target.clone());
        let (columns, with_data) = self.columns(&mut outlet, cx)?;
        if with_data.is_empty() {
            return Err(self.nothing());
        }
        let mut titles = RowWriter::new(&mut sink, Dialect::Pandas);
        OURS.into_iter().for_each(|title| titles.field(title));
        columns.titles().iter().for_each(|title| titles.field_bytes(title));
        titles.end_row().map_err(Error::io(&self.target))?;
        let renamed = columns.renamed().into_iter();
        self.told
            .notes
            .extend(renamed.map(|(name, title)| format!("the column {name} of the data is called {title}")));
        let (mut is_open, left_out) = (false, self.ids.len() - with_data.len());
        for (at, id) in with_data.iter().enumerate() {
            let progress = self.progress(self.ids.len() + left_out + at);
            cx.check_written(progress, sink.bytes())?;
            let Some(run) = self.the_picked(*id, cx)? else { continue };
            is_open |= run.end.is_none();
            let mut within = WithinOne { at: progress, bytes: sink.bytes(), outer: cx };
            let cancel = within.outer.cancel().clone();
            if !self.rows(&run, &columns, &mut sink, again, &mut Cx::cancelled_by(cancel, &mut within))? {
                return Ok(None);
            }
        }
        if is_open && before != self.lab.version(cx) {
            let note = "the database changed meanwhile: records without an end may go on";
            self.told.notes.push(note.to_owned());
        }
        self.told.notes.splice(0..0, outlet.finish());
        let written = sink.finish()?;
        (self.told.file, self.told.bytes) = (written.path, written.bytes);
        Ok(Some(self.told))
    }

    /// The first pass: the columns of all, and which records have data.
    fn columns(&mut self, outlet: &mut Outlet<'_>, cx: &mut Cx<'_>) -> Result<(UnionHeader, Vec<i64>)> {
        let (mut columns, mut with_data) = (UnionHeader::default(), Vec::new());
        for (at, id) in self.ids.iter().enumerate() {
            let progress = self.progress(at);
            cx.check_written(progress, 0)?;
            let Some(run) = self.the_picked(*id, cx)? else { continue };
            let mut within = WithinOne { at: progress, bytes: 0, outer: cx };
            let cancel = within.outer.cancel().clone();
            match OwnRows::of(self.lab, &run, outlet, &mut Cx::cancelled_by(cancel, &mut within)) {
                Ok(rows) => {
                    columns.learn(rows.columns());
                    with_data.push(*id);
                }
                Err(error) if cx.cancel().is_cancelled() || ends_all(&error) => return Err(error),
                Err(Error::Missing(_)) => self.told.without.push(*id),
                Err(error) => self.told.troubles.push(format!("#{id}: {error}")),
            }
        }
        Ok((columns, with_data))
    }

    /// The second pass over a record, which learns its columns anew: what it got meanwhile shifts nothing. False where it
    /// has new ones and all may begin again.
    fn rows(
        &mut self,
        run: &Run,
        columns: &UnionHeader,
        sink: &mut Sink,
        again: bool,
        cx: &mut Cx<'_>,
    ) -> Result<bool> {
        let mut nowhere = io::sink();
        // What is odd in it was noted before.
        let mut outlet = Outlet::new(&mut nowhere, self.target.clone());
        let rows = match OwnRows::of(self.lab, run, &mut outlet, cx) {
            Err(Error::Missing(_)) => {
                self.told.without.push(run.id);
                return Ok(true);
            }
            rows => rows?,
        };
        let Mapping { own, has_new } = columns.mapping(rows.columns());
        if has_new && again {
            return Ok(false);
        }
        if has_new {
            let note =
                format!("record {} got new columns meanwhile, which are left out: export it again", run.id);
            self.told.notes.push(note);
        }
        let in_front = [run.id.to_string(), run.name.clone(), run.start.stored()];
        let (mut writer, mut written) = (RowWriter::new(sink, Dialect::Pandas), 0);
        rows.each(self.lab, &self.target, cx, |cells| {
            in_front.iter().for_each(|text| writer.field(text));
            for column in &own {
                writer.field_bytes(column.map(|column| cells.bytes(column)).unwrap_or_default());
            }
            written += 1;
            writer.end_row()
        })?;
        self.told.rows += written;
        self.told.records += 1;
        Ok(true)
    }

    /// The record, if it is the one that was picked still.
    fn the_picked(&mut self, id: i64, cx: &Cx<'_>) -> Result<Option<Run>> {
        let run = self.lab.source().runs(&[id], cx)?.pop().filter(|run| self.picked.has(run));
        if run.is_none() {
            self.told.gone.push(id);
        }
        Ok(run)
    }

    /// Each record counts half for each pass.
    fn progress(&self, passed: usize) -> Progress {
        Progress { done: passed as u64 / 2, total: Some(self.ids.len() as u64) }
    }

    /// Why there is nothing to write.
    fn nothing(&self) -> Error {
        match (self.told.troubles.get(..TOLD.min(self.told.troubles.len())), self.told.without.as_slice()) {
            (Some(troubles), _) if !troubles.is_empty() => Error::Refused(troubles.join("; ")),
            (_, [run]) if self.ids.len() == 1 => Error::Missing(Missing::Data { run: *run }),
            _ => Error::Missing(Missing::NoData { records: self.ids.len() }),
        }
    }
}
