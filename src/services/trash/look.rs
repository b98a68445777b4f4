//! A record in the trash as a lab of its own, with nothing else in it: everything that can be asked about a record can be
//! asked about it.

use super::place;
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    services::lab::Lab,
    store::{
        Database, Options,
        own::{OwnFile, OwnUse, TrashedRecord},
        saved::SavedRecord as _,
        sqlite::{Store, write_database},
    },
    temporary::{FolderUse, TemporaryFolder},
};

/// The record of an entry: a lab that has it alone, and its id there.
///
/// # Errors
/// [`Error::Refused`] where there is no such entry; where the trash can't be read, or no temporary folder be made.
pub fn open_entry(lab: &Lab, n: i64, cx: &Cx<'_>) -> Result<(Lab, i64)> {
    let gone = || Error::Refused(format!("entry {n} is not in the trash any more"));
    let file = OwnFile::look(place(lab)?, OwnUse::Trash)?.ok_or_else(gone)?;
    file.entry(n)?.ok_or_else(gone)?;
    let record = TrashedRecord::of(&file, n)?;
    let folder = TemporaryFolder::make(FolderUse::Copy)?;
    let path = folder.path().join("ivoryos.db");
    write_database(&path, &record)?;
    let options = Options::without_cache();
    let limits = options.limits;
    let store = Store::open_for(&path, options, cx)?;
    let alone = lab.beside(Database::new(Box::new(store), limits), folder);
    Ok((alone, record.run()))
}
