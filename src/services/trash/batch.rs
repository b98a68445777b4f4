//! One delete as the trash sees it: its entries, and the files that go along.

use super::{files, to_write};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::timestamp::{Timestamp, whole_second},
    platform::users::login_name,
    services::{files::FileEntry, lab::Lab},
    store::{own::TrashKeeper, saved::Keeper},
};

/// What a delete left in the trash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InTrash {
    /// The numbers of the entries.
    pub entries: Vec<i64>,
    /// What they take, with their files.
    pub bytes: u64,
    /// Files that went along.
    pub files: usize,
    /// Files that did not, and why.
    pub left: Vec<String>,
    /// What the user is to be told about the trash.
    pub notice: Option<String>,
}

/// A delete under way.
pub struct DeleteBatch {
    keeper: TrashKeeper,
    kept: InTrash,
}

impl DeleteBatch {
    /// # Errors
    /// Where the trash can't be written: then nothing may be deleted.
    pub fn begin(lab: &Lab, cx: &Cx<'_>) -> Result<Self> {
        let (file, lock) = to_write(lab, cx)?;
        // A file that was begun anew knows nothing of those that are kept already.
        file.count_above(files::highest(&file))?;
        let at = Timestamp::At(whole_second(lab.now())).iso().unwrap_or_default();
        let keeper = TrashKeeper::begin_batch(file, lock, at, login_name())?;
        let kept = InTrash { notice: keeper.notice().map(str::to_owned), ..InTrash::default() };
        Ok(Self { keeper, kept })
    }

    pub fn keeper(&mut self) -> &mut dyn Keeper {
        &mut self.keeper
    }

    /// Takes the files of a record along that is gone from the database.
    pub fn take_files(&mut self, lab: &Lab, run: i64, of_run: &[FileEntry]) {
        for path in of_run.iter().filter_map(FileEntry::path) {
            match files::take(lab, &mut self.keeper, run, path) {
                Ok(bytes) => {
                    self.kept.files += 1;
                    self.kept.bytes += bytes;
                }
                Err(error) => self.kept.left.push(error.to_string()),
            }
        }
    }

    /// Ends it: entries of records of which nothing was deleted go again.
    ///
    /// # Errors
    /// Where the trash can't be written.
    pub fn finish(self, runs: &[i64], gone: usize, is_untouched: bool) -> Result<InTrash> {
        let (deleted, rest) = runs.split_at(gone.min(runs.len()));
        let untouched = if is_untouched { rest } else { &[] };
        let entries = self.keeper.finish(deleted, untouched)?;
        let bytes = self.kept.bytes + entries.iter().map(|(_, bytes)| bytes).sum::<u64>();
        let entries = entries.into_iter().map(|(n, _)| n).collect();
        Ok(InTrash { entries, bytes, ..self.kept })
    }
}
