//! Emptying the trash of what is old.

use jiff::{SignedDuration, civil::DateTime};

use super::{TrashEntry, files, list, to_write, unchanged};
use crate::{checkpoint::Cx, error::Result, services::lab::Lab};

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
        file.remove(&[entry.n]).map_err(unchanged)?;
        files::remove(&file, entry.n)?;
        cx.still_wanted()?;
    }
    Ok(())
}
