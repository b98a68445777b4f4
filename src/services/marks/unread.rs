//! Which records their user has not opened yet.

use super::place::own_to_write;
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{record_key::RecordKey, timestamp::Timestamp},
    services::lab::Lab,
    store::own::ReadUpTo,
};

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadWhat {
    /// The first look at the list of a lab: what is there by then counts as read. Later ones change nothing.
    FirstLook,
    /// A record that its user opened.
    Record(i64),
    /// All records that are there now.
    All,
}

/// Notes what was read; gives whether anything is read for it that was not.
///
/// # Errors
/// Where it can't be kept, and as any read.
pub fn read(lab: &Lab, what: ReadWhat, cx: &Cx<'_>) -> Result<bool> {
    match what {
        ReadWhat::FirstLook => {
            // A look sets no damaged file aside, and waits for nobody.
            if super::all(lab).read().is_some() || !lab.memo.marks.are_known() {
                return Ok(false);
            }
            own_to_write(lab, cx)?.read_all_at_first(&now(lab, cx)?)?;
        }
        ReadWhat::Record(run) => {
            let run = lab.run(run, cx)?;
            if !super::all(lab).is_unread(&run) {
                return Ok(false);
            }
            own_to_write(lab, cx)?.open_records(&[RecordKey::of(&run)])?;
        }
        ReadWhat::All => {
            super::for_sure(lab)?;
            own_to_write(lab, cx)?.read_all(&now(lab, cx)?)?;
        }
    }
    Ok(true)
}

fn now(lab: &Lab, cx: &Cx<'_>) -> Result<ReadUpTo> {
    let Some(newest) = lab.newest_run(cx)? else { return Ok(ReadUpTo::default()) };
    let start = if matches!(newest.start, Timestamp::At(_)) { newest.start.python() } else { String::new() };
    Ok(ReadUpTo { run: newest.id, start })
}
