//! Emptying the trash of what is old.

use jiff::{SignedDuration, civil::DateTime};

use super::{TrashEntry, files, list, to_write, unchanged};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    services::lab::Lab,
};

/// The entries that were deleted longer ago than this; all for no time, whatever the clock said then.
///
/// # Errors
/// Where the trash can't be read.
pub fn due(lab: &Lab, older_than: SignedDuration) -> Result<Vec<TrashEntry>> {
    let now = lab.now();
    let is_old = |entry: &TrashEntry| {
        older_than.is_zero()
            || entry.deleted_at.parse::<DateTime>().is_ok_and(|at| now.duration_since(at) >= older_than)
    };
    Ok(list(lab)?.entries.into_iter().filter(is_old).collect())
}

/// Removes entries for good, with the files that went along.
///
/// # Errors
/// Where the trash can't be written.
pub fn empty(lab: &Lab, entries: &[TrashEntry], cx: &Cx<'_>) -> Result<()> {
    let (file, _lock) = to_write(lab, cx).map_err(unchanged)?;
    for entry in entries {
        // First the entry: files that nobody knows of are in nobody's way.
        if file.remove(&[entry.n]).is_err() {
            // A full disk may have room then: to remove rows takes some, too.
            files::remove(&file, entry.n)?;
            file.remove(&[entry.n]).map_err(with_little_room)?;
        }
        files::remove(&file, entry.n)?;
        cx.still_wanted()?;
    }
    Ok(())
}

/// To remove rows takes a little room.
fn with_little_room(error: Error) -> Error {
    match unchanged(error) {
        Error::Advised { said, command, screen } if said.contains("the disk is full") => {
            let little = "a megabyte of room on that disk is enough";
            Error::Advised {
                said,
                command: format!("{command}: {little}"),
                screen: format!("{screen}: {little}"),
            }
        }
        other => other,
    }
}
