//! The rows of one record's data CSV, cell by cell: made from its phases, or out of the file that an old IvoryOS wrote.

use std::{io, path::Path};

use csv::ByteRecord;

use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Missing, Result},
    formats::pandas::{DataFrame, FrameCells},
    model::run::Run,
    services::{
        data_file::DataFile,
        export::{
            Outlet,
            data_csv::{self, DataRows},
        },
        lab::Lab,
        paths,
    },
};

/// Rows of a file between two checkpoints.
const ROWS: u64 = 4_096;

/// A row's cells.
pub(super) trait Cells {
    /// The bytes in a column of the record's own, counted from 0; none where the row is shorter.
    fn bytes(&self, column: usize) -> &[u8];
}

impl Cells for FrameCells<'_> {
    fn bytes(&self, column: usize) -> &[u8] {
        self.cell(column).as_bytes()
    }
}

impl Cells for ByteRecord {
    fn bytes(&self, column: usize) -> &[u8] {
        self.get(column).unwrap_or_default()
    }
}

/// The rows of a record, of which the columns are known.
pub(super) enum OwnRows {
    Made(Box<DataFrame>, DataRows),
    /// With the titles; what stands behind the last one has an empty one.
    File(DataFile, Vec<Vec<u8>>),
}

impl OwnRows {
    /// Looks through them for the columns. Odd cells are noted.
    ///
    /// # Errors
    /// [`Error::Missing`] where there are no rows; as any read.
    pub(super) fn of(lab: &Lab, run: &Run, outlet: &mut Outlet<'_>, cx: &mut Cx<'_>) -> Result<Self> {
        if lab.source().features().keeps_outputs {
            let (frame, rows) = data_csv::learn(lab, run, outlet, cx)?;
            return Ok(OwnRows::Made(Box::new(frame), rows));
        }
        let file = paths::legacy_data(lab, run)?;
        let (mut titles, mut rows) = (None, 0);
        each_line(&file, cx, |line| {
            match &mut titles {
                None => titles = Some(line.iter().map(<[u8]>::to_vec).collect::<Vec<_>>()),
                Some(titles) => {
                    titles.resize(titles.len().max(line.len()), Vec::new());
                    rows += 1;
                }
            }
            Ok(())
        })?;
        match titles {
            Some(titles) if rows > 0 => Ok(OwnRows::File(file, titles)),
            _ => Err(Error::Missing(Missing::Data { run: run.id })),
        }
    }

    /// The titles of the columns.
    pub(super) fn columns(&self) -> Vec<Vec<u8>> {
        match self {
            OwnRows::Made(frame, _) => {
                frame.columns().map(|name| name.lossy().into_owned().into_bytes()).collect()
            }
            OwnRows::File(_, titles) => titles.clone(),
        }
    }

    /// Gives each row.
    ///
    /// # Errors
    /// As any read; what `each` gives is about `target`.
    pub(super) fn each(
        self,
        lab: &Lab,
        target: &Path,
        cx: &mut Cx<'_>,
        mut each: impl FnMut(&dyn Cells) -> io::Result<()>,
    ) -> Result<()> {
        match self {
            OwnRows::Made(frame, rows) => {
                let mut cells = frame.cells();
                rows.each(lab, target, cx, |row| {
                    cells.take(row);
                    each(&cells)
                })
            }
            OwnRows::File(file, _) => {
                let mut is_title = true;
                each_line(&file, cx, |line| match std::mem::take(&mut is_title) {
                    true => Ok(()),
                    false => each(line).map_err(Error::io(target)),
                })
            }
        }
    }
}

/// Each line of a CSV file. One of no characters is none, as to all that read CSV.
fn each_line(
    file: &DataFile,
    cx: &mut Cx<'_>,
    mut each: impl FnMut(&ByteRecord) -> Result<()>,
) -> Result<()> {
    let mut options = csv::ReaderBuilder::new();
    let mut reader = options.has_headers(false).flexible(true).from_reader(file.reader());
    let (mut line, mut done) = (ByteRecord::new(), 0_u64);
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::io(&file.path)(source),
        other => Error::File { path: file.path.clone(), reason: format!("this is no CSV file ({other:?})") },
    };
    while reader.read_byte_record(&mut line).map_err(failed)? {
        each(&line)?;
        done += 1;
        if done.is_multiple_of(ROWS) {
            cx.check(Progress { done, total: None })?;
        }
    }
    Ok(())
}
