//! Calls by hand as CSV or JSON lines, to wherever they go.

use std::{io::Write, path::Path};

use super::each;
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    formats::{
        call::{COLUMNS, fields, write_call},
        json::{JsonWriter, Layout},
        python_csv::{Dialect, RowWriter},
    },
    model::call::CallQuery,
    output::{Sink, Target},
    services::{export::Exported, lab::Lab},
};

/// A form of a list of calls for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFormat {
    Csv,
    JsonLines,
}

impl CallFormat {
    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            CallFormat::Csv => "calls CSV",
            CallFormat::JsonLines => "calls as JSON lines",
        }
    }

    /// The name of a file of them.
    pub fn file_name(self) -> &'static str {
        match self {
            CallFormat::Csv => "calls_by_hand.csv",
            CallFormat::JsonLines => "calls_by_hand.jsonl",
        }
    }
}

/// Writes the calls that a query finds, newest first.
///
/// # Errors
/// As any read; [`Error::Io`] about `target` where it can't be written.
pub fn write(
    lab: &Lab,
    query: &CallQuery,
    format: CallFormat,
    (out, target): (&mut dyn Write, &Path),
    cx: &mut Cx<'_>,
) -> Result<()> {
    let error = Error::io(target);
    match format {
        CallFormat::Csv => {
            let mut rows = RowWriter::new(out, Dialect::Pandas);
            rows.row(COLUMNS).map_err(&error)?;
            each(lab, query, cx, |call| rows.row(fields(call).iter().map(|field| &**field)).map_err(&error))
        }
        CallFormat::JsonLines => each(lab, query, cx, |call| {
            let mut json = JsonWriter::new(&mut *out, Layout::Line);
            write_call(&mut json, call).map_err(&error)?;
            json.finish().map(|_| ()).map_err(&error)
        }),
    }
}

/// Writes them into a folder under a free name.
///
/// # Errors
/// As [`write()`], and where the folder is not there or is the lab's own.
pub fn into_folder(
    lab: &Lab,
    query: &CallQuery,
    format: CallFormat,
    folder: &Path,
    cx: &mut Cx<'_>,
) -> Result<Exported> {
    let name = format.file_name();
    lab.refuse_own_folder(&folder.join(name))?;
    let mut sink = Sink::open(&Target::Free { folder: folder.to_path_buf(), name: name.to_owned() })?;
    write(lab, query, format, (&mut sink, folder), cx)?;
    let written = sink.finish()?;
    let file = written.path.map(|path| (path, written.bytes));
    Ok(Exported { files: file.into_iter().collect(), notes: Vec::new() })
}
