//! Marks and trash that all who work with a lab share, in its data folder: shared, taken back, and taken over from the
//! path that the lab had before.

mod adopt;
mod stop;
mod writers;

use std::path::PathBuf;

use super::{lab::Lab, marks, trash};
use crate::{
    checkpoint::Cx,
    error::{Error, Result, words},
    model::format,
    platform::{FolderWriters, files::may_write as may, shared_folder::make_shared_folder, users},
    store::own::{MovedBatches, OwnFile, OwnPlace, OwnPlaces, OwnUse, TrashLock, unwritable},
};

pub use adopt::{Adopted, adopt};
pub use stop::{Unshared, stop};
pub use writers::words as words_of_writers;

/// What moved from one file into another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MovedOver {
    /// Of how many records marks moved.
    pub marks: u64,
    /// The numbers of entries of the trash, before and now.
    pub entries: Vec<(i64, i64)>,
    /// What the user is to be told about the files.
    pub notices: Vec<String>,
}

/// What sharing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedNow {
    pub folder: PathBuf,
    /// Nobody shared before.
    pub is_new: bool,
    pub moved: MovedOver,
    /// Who can write there.
    pub writers: FolderWriters,
}

/// How often somebody else may share, or end that, meanwhile.
const TRIES: usize = 10;

/// Makes the shared folder where there is none, and moves the user's marks and trash there. What a kill ended goes on.
///
/// # Errors
/// [`Error::Refused`] for a private copy, and without a data folder; where the folder can't be made or written;
/// [`Error::OwnBusy`].
pub fn share(lab: &Lab, cx: &mut Cx<'_>) -> Result<SharedNow> {
    let (places, shared) = shareable(lab)?;
    let first = lab.first_record(cx)?;
    again(|| {
        OwnFile::make_folder(&places.own, OwnUse::Moving)?;
        let _own_lock = TrashLock::take(&places.own, cx)?;
        // What can't be moved makes no folder.
        let own = places.own.file.symlink_metadata().is_ok();
        let own = own.then(|| OwnFile::open(&places.own, &first, OwnUse::Moving)).transpose()?;
        let was_there = shared.file.symlink_metadata().is_ok();
        let refused =
            |error: &dyn std::fmt::Display| unwritable(shared.folder(), &error.to_string(), OwnUse::Moving);
        make_shared_folder(shared.folder()).map_err(|error| refused(&words(&error)))?;
        may_write(shared)?;
        let _lock = TrashLock::take(shared, cx)?;
        let to = OwnFile::make_shared(shared, &first, OwnUse::Moving)?;
        let mut moved = MovedOver::default();
        if let Some(own) = own {
            moved = move_all(&own, &to, MovedBatches::Older, cx)?;
        }
        let folder = shared.folder().to_path_buf();
        let writers = users::writers(&folder).map_err(Error::io(&folder))?;
        Ok(SharedNow { folder, is_new: !was_there, moved, writers })
    })
}

/// The places of a lab that can be shared.
fn shareable(lab: &Lab) -> Result<(&OwnPlaces, &OwnPlace)> {
    if lab.copied_at().is_some() {
        return Err(Error::Refused(
            "a private copy is not shared; open the lab itself, without --copy".to_owned(),
        ));
    }
    if lab.server().is_some() {
        return Err(Error::Refused(
            "the records of this lab are on a server, and only what is kept of an ivoryos.db in its data folder is shared; \
             marks export and marks import take marks to others"
                .to_owned(),
        ));
    }
    let places = lab.own_places().ok_or_else(|| {
        Error::Refused("there is nothing to share: neither XDG_STATE_HOME nor HOME is set".to_owned())
    })?;
    let shared = places.shared.as_ref().ok_or_else(|| {
        let reason = "only what is kept of the ivoryos.db of a data folder is shared (ivoryos_data, or one with logs or \
            results)";
        Error::File { path: lab.file().to_path_buf(), reason: reason.to_owned() }
    })?;
    Ok((places, shared))
}

/// Makes sure that this user may write the shared file, if it is there, and its folder.
fn may_write(shared: &OwnPlace) -> Result<()> {
    match shared.file.symlink_metadata() {
        Ok(about) if !about.is_file() => {
            let reason = "this is no file, where the shared one is to be; remove it first";
            Err(Error::File { path: shared.file.clone(), reason: reason.to_owned() })
        }
        there if !may(shared.folder()) || (there.is_ok() && !may(&shared.file)) => {
            let reason = "you may not write there; ask who may, or your own marks and trash stay yours";
            Err(Error::File { path: shared.folder().to_path_buf(), reason: reason.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Once more where the shared folder went, or came, meanwhile.
fn again<T>(mut once: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 1..TRIES {
        match once() {
            Err(Error::OwnMoved { .. }) => {}
            done => return done,
        }
    }
    once()
}

/// Moves all that is kept in a file into another, whose locks are held; what a kill ended goes on.
fn move_all(from: &OwnFile, to: &OwnFile, order: MovedBatches, cx: &Cx<'_>) -> Result<MovedOver> {
    let notices = [from, to].into_iter().filter_map(|file| file.notice().map(str::to_owned)).collect();
    let source = from.source_name()?;
    to.begin_arrivals(&source)?;
    trash::move_entries(from, to, (&source, order), cx)?;
    let marks = marks::move_marks(from, to, cx)?;
    Ok(MovedOver { marks, entries: to.end_arrivals(&source)?, notices })
}

impl MovedOver {
    /// `marks of 3 records and 2 records in the trash`; `None` where nothing was there.
    pub fn words(&self) -> Option<String> {
        let entries = self.entries.len() as u64;
        let marks = (self.marks > 0)
            .then(|| format!("the marks of {}", format::count_of(self.marks, "record", "records")));
        let entries =
            (entries > 0).then(|| format!("{} in the trash", format::count_of(entries, "record", "records")));
        let both: Vec<String> = [marks, entries].into_iter().flatten().collect();
        (!both.is_empty()).then(|| both.join(" and "))
    }

    /// `entries 3-7 are now 12-16, 9 is now 17`; `None` where no number changed.
    pub fn numbers(&self) -> Option<String> {
        let mut spans: Vec<((i64, i64), (i64, i64))> = Vec::new();
        for &(was, now) in self.entries.iter().filter(|(was, now)| was != now) {
            match spans.last_mut() {
                Some((old, new)) if old.1 + 1 == was && new.1 + 1 == now => (old.1, new.1) = (was, now),
                _ => spans.push(((was, was), (now, now))),
            }
        }
        let span = |(first, last): (i64, i64)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        };
        let told = spans.iter().enumerate().map(|(at, &(old, new))| {
            let word = match (at, old.0 == old.1) {
                (0, true) => "entry ",
                (0, false) => "entries ",
                _ => "",
            };
            let are = if old.0 == old.1 { "is" } else { "are" };
            format!("{word}{} {are} now {}", span(old), span(new))
        });
        Some(told.collect::<Vec<_>>().join(", ")).filter(|told| !told.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_follow_each_other_are_told_together() {
        let told = |entries: &[(i64, i64)]| {
            MovedOver { entries: entries.to_vec(), ..MovedOver::default() }.numbers()
        };
        assert_eq!(told(&[(1, 1), (2, 2)]), None);
        assert_eq!(told(&[(3, 12), (4, 13), (5, 14)]).as_deref(), Some("entries 3-5 are now 12-14"));
        assert_eq!(
            told(&[(3, 12), (5, 13), (6, 14)]).as_deref(),
            Some("entry 3 is now 12, 5-6 are now 13-14")
        );
    }

    #[test]
    fn what_moved_is_told_and_nothing_is_not() {
        let moved = |marks, entries: i64| {
            let entries = (1..=entries).map(|n| (n, n)).collect();
            MovedOver { marks, entries, ..MovedOver::default() }.words()
        };
        assert_eq!(moved(0, 0), None);
        assert_eq!(moved(1, 0).as_deref(), Some("the marks of 1 record"));
        assert_eq!(moved(2, 1).as_deref(), Some("the marks of 2 records and 1 record in the trash"));
    }
}
