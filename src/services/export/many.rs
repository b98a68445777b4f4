//! All files of many records, each in a folder of its own; what can't be exported of one does not keep the others.

use std::{io::ErrorKind as IoError, path::Path};

use super::{ExportedFolder, everything};
use crate::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::{Error, Result, StopCause},
    model::{format::count_of, query::ListQuery, run::Run},
    services::{
        lab::Lab,
        picked::{Picked, of_list},
    },
};

/// Of what was done, so many records are named; so many troubles are told.
const NAMED: usize = 20;
const TOLD: usize = 3;

/// How picked records are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickedForm {
    /// All files of each in a folder of its own.
    Folders,
    /// Their data CSVs as one.
    OneCsv,
}

/// Exports of many records under way, and what came of them.
pub struct ManyExports<'a> {
    lab: &'a Lab,
    folder: &'a Path,
    pub total: usize,
    /// Records whose folder is there.
    pub done: Vec<i64>,
    /// Records of which something could not be exported.
    pub failed: usize,
    pub bytes: u64,
}

/// What came of one record.
#[derive(Debug, Default)]
pub struct OneOfMany {
    /// `None` where nothing could be exported.
    pub made: Option<ExportedFolder>,
    /// Why it is not whole.
    pub troubles: Vec<String>,
}

/// What came of the exports of many records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ManyExported {
    pub total: usize,
    pub done: Vec<i64>,
    pub failed: usize,
    pub bytes: u64,
    /// The first troubles, each with its record.
    pub troubles: Vec<String>,
    /// Picked records that are gone.
    pub gone: usize,
    /// Set where it ended before all were done.
    pub ended: Option<StopCause>,
}

impl<'a> ManyExports<'a> {
    pub fn new(lab: &'a Lab, folder: &'a Path, total: usize) -> Self {
        Self { lab, folder, total, done: Vec::new(), failed: 0, bytes: 0 }
    }

    /// Exports a record, if it is still the one that is meant.
    ///
    /// # Errors
    /// What ends the others too: it would be the same with all that come next.
    pub fn one(&mut self, id: i64, is_it: impl Fn(&Run) -> bool, cx: &mut Cx<'_>) -> Result<OneOfMany> {
        match self.files(id, is_it, cx) {
            Err(error) if cx.cancel().is_cancelled() || ends_all(&error) => Err(error),
            Err(error) => {
                self.failed += 1;
                Ok(OneOfMany { made: None, troubles: vec![error.to_string()] })
            }
            Ok(made) => {
                let troubles = made.unreadable.clone();
                self.failed += usize::from(!troubles.is_empty());
                self.bytes += made.files.iter().map(|(_, bytes)| bytes).sum::<u64>();
                self.done.push(id);
                Ok(OneOfMany { made: Some(made), troubles })
            }
        }
    }

    fn files(&self, id: i64, is_it: impl Fn(&Run) -> bool, cx: &mut Cx<'_>) -> Result<ExportedFolder> {
        let run = self.lab.run(id, cx)?;
        if !is_it(&run) {
            return Err(Error::Refused("its id is another record's by now".to_owned()));
        }
        let cancel = cx.cancel().clone();
        let mut within = WithinOne { at: self.progress(), bytes: self.bytes, outer: cx };
        everything(self.lab, &run, self.folder, &mut Cx::cancelled_by(cancel, &mut within))
    }

    fn progress(&self) -> Progress {
        let done = (self.done.len() + self.failed) as u64;
        Progress { done, total: Some(self.total as u64) }
    }
}

/// Within one record it is told how many are done.
pub(super) struct WithinOne<'a, 'b> {
    pub at: Progress,
    pub bytes: u64,
    pub outer: &'a mut Cx<'b>,
}

impl Checkpoint for WithinOne<'_, '_> {
    fn check(&mut self, _: Progress) -> Result<()> {
        self.outer.check_written(self.at, self.bytes)
    }
}

/// Exports the picked records in a list's order. One that is ended says what is done.
///
/// # Errors
/// What kept all of them from being exported.
pub fn picked_into_folders(
    lab: &Lab,
    query: &ListQuery,
    picked: &Picked,
    folder: &Path,
    cx: &mut Cx<'_>,
) -> Result<ManyExported> {
    lab.refuse_own_folder(folder)?;
    let found = of_list::in_order(lab, query, picked, cx)?;
    let mut exports = ManyExports::new(lab, folder, found.runs.len());
    let mut told = ManyExported { total: exports.total, gone: found.gone.len(), ..ManyExported::default() };
    for id in &found.runs {
        let begun = cx.check_written(exports.progress(), exports.bytes);
        match begun.and_then(|()| exports.one(*id, |run| picked.has(run), cx)) {
            Ok(one) => {
                let room = TOLD.saturating_sub(told.troubles.len());
                told.troubles.extend(one.troubles.iter().take(room).map(|why| format!("#{id}: {why}")));
            }
            Err(error) if exports.done.is_empty() && !matches!(error, Error::Cancelled) => return Err(error),
            Err(error) => {
                told.ended = Some(StopCause::of(&error));
                break;
            }
        }
    }
    (told.done, told.failed, told.bytes) = (exports.done, exports.failed, exports.bytes);
    Ok(told)
}

/// `37 of 214 records exported: #61, #60 and 12 more, the last is #40`.
pub fn done_words(done: &[i64], total: usize) -> String {
    let ids = |ids: &[i64]| ids.iter().map(|id| format!("#{id}")).collect::<Vec<_>>().join(", ");
    let named = match (done.split_at_checked(NAMED), done.last()) {
        (_, None) => String::new(),
        (Some((first, rest)), Some(last)) if !rest.is_empty() => {
            format!(": {} and {} more, the last is #{last}", ids(first), rest.len())
        }
        _ => format!(": {}", ids(done)),
    };
    format!("{} of {} exported{named}", done.len(), count_of(total as u64, "record", "records"))
}

/// Would it be the same with all records that come next?
pub(super) fn ends_all(error: &Error) -> bool {
    let is_full =
        |kind| matches!(kind, IoError::StorageFull | IoError::QuotaExceeded | IoError::ReadOnlyFilesystem);
    match error {
        Error::Cancelled | Error::Replaced | Error::Busy { .. } | Error::Open { .. } => true,
        Error::NoFolder { .. } => true,
        Error::Io { source, .. } => is_full(source.kind()),
        _ => false,
    }
}
