//! Entries of one trash that move into another, with the files that went along: each is shown in one of both.

use super::files;
use crate::{
    checkpoint::Cx,
    error::Result,
    store::own::{MovedBatches, OwnFile},
};

/// Moves all entries; what a killed move left is finished. Whoever does holds the locks of both. `source` is the name of
/// the file that they come from.
///
/// # Errors
/// Where either can't be read or written: the others are where they were.
pub(in crate::services) fn move_entries(
    from: &OwnFile,
    to: &OwnFile,
    (source, order): (&str, MovedBatches),
    cx: &Cx<'_>,
) -> Result<()> {
    from.forget_unsaved()?;
    let mut entries = from.entries()?;
    entries.sort_by_key(|entry| entry.n);
    for entry in entries {
        let arrived = to.receive(from, source, (entry.n, entry.batch), order)?;
        if arrived.waits {
            files::copy_all((from, entry.n), (to, arrived.n))?;
            to.show(arrived.n)?;
        }
        from.remove(&[entry.n])?;
        files::remove(from, entry.n)?;
        cx.still_wanted()?;
    }
    Ok(())
}
