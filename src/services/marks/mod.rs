//! Marks of records: star, verdict, tags and note, and which records their user has not opened yet. They are kept in
//! ivorylens.db, never in the lab's database.

pub(super) mod known;
mod moved;
mod place;
pub(super) mod rows;
mod table;
pub mod transfer;
pub mod unread;

use std::sync::Arc;

use super::lab::Lab;
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    model::{mark::MarkChange, record_key::RecordKey, timestamp::Timestamp},
    platform::users::login_name,
    store::own::OwnFile,
};

pub use crate::store::own::Sharing;
pub(super) use moved::move_marks;
pub use moved::{MovedFrom, moved};
pub(super) use place::follow;
pub use table::MarkTable;

/// What a change of marks did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marked {
    /// How many records were meant, and how many of them have other marks now.
    pub records: usize,
    pub changed: usize,
    /// Whether they have a star now, where that was to be turned.
    pub starred: Option<bool>,
    /// What the user is to be told about the file.
    pub notice: Option<String>,
}

/// Records that are read, and changed together: others who mark wait for it.
const TOGETHER: usize = 1_000;

/// All marks as they are now; none where they can't be read, with the reason in [`MarkTable::notice`].
pub fn all(lab: &Lab) -> Arc<MarkTable> {
    lab.memo.marks.now(lab.own_places())
}

/// The same for what acts on them: who writes is waited for, and what can't be read is an error.
///
/// # Errors
/// Where they can't be read.
pub fn for_sure(lab: &Lab) -> Result<Arc<MarkTable>> {
    lab.memo.marks.for_sure(lab.own_places())
}

/// The tags in use by name, with how many records each has.
pub fn tags(lab: &Lab) -> Vec<(String, u64)> {
    all(lab).tags().into_iter().map(|(tag, records)| (tag.to_owned(), records)).collect()
}

/// Changes the marks of records.
///
/// # Errors
/// `Error::Missing` where one of them is not there: nothing is changed then. Where the marks can't be written.
pub fn change(lab: &Lab, runs: &[i64], changes: &[MarkChange], cx: &mut Cx<'_>) -> Result<Marked> {
    let keys: Vec<RecordKey> = lab.runs(runs, cx)?.iter().map(RecordKey::of).collect();
    change_of(lab, &keys, changes, cx)
}

/// The same of records that were seen: a record that has another start or name by now is not meant.
///
/// # Errors
/// Where the marks can't be written.
pub fn change_of(
    lab: &Lab,
    records: &[RecordKey],
    changes: &[MarkChange],
    cx: &mut Cx<'_>,
) -> Result<Marked> {
    let mut file = place::to_write(lab, cx)?;
    let at = Timestamp::At(lab.now()).iso().unwrap_or_default();
    let by = login_name();
    let notice = file.notice().map(str::to_owned);
    let known = all(lab);
    let mut marked = Marked { records: records.len(), notice, ..Marked::default() };
    let changes: Vec<MarkChange> = changes
        .iter()
        .map(|change| match change {
            MarkChange::TurnStar => {
                let star = !records.iter().all(|key| known.of_key(key).is_some_and(|mark| mark.star));
                marked.starred = Some(star);
                MarkChange::Star(star)
            }
            other => other.clone(),
        })
        .collect();
    for some in records.chunks(TOGETHER) {
        let change = |file: &OwnFile| place::change(lab, file, (some, &changes), (&by, &at), cx);
        marked.changed += place::write(lab, &mut file, change, cx)?;
        cx.check(Progress { done: marked.changed as u64, total: Some(records.len() as u64) })?;
    }
    Ok(marked)
}
