//! Where marks are written: in the shared file or in their user's own, which may change between two looks.

use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    model::{
        mark::{MarkChange, RecordMark},
        record_key::RecordKey,
    },
    services::lab::Lab,
    store::own::{OwnFile, OwnPlace, OwnPlaces, OwnUse, Sharing},
};

/// How often somebody may share, or end that, while something is written.
const TRIES: usize = 10;

/// Both places of ivorylens.db.
pub(super) fn places(lab: &Lab) -> Result<&OwnPlaces> {
    let advice = "nothing was marked; set one and start again";
    lab.own_places().ok_or_else(|| Error::Advised {
        said: "there is no place for marks: neither XDG_STATE_HOME nor HOME is set".to_owned(),
        command: advice.to_owned(),
        screen: advice.to_owned(),
    })
}

/// The file of the user's own, to write in it.
pub(super) fn own_to_write(lab: &Lab, cx: &Cx<'_>) -> Result<OwnFile> {
    let place = &places(lab)?.own;
    OwnFile::make_folder(place, OwnUse::Marks)?;
    OwnFile::open(place, &lab.first_record(cx)?, OwnUse::Marks)
}

/// The file in which marks are written now.
pub(super) fn to_write(lab: &Lab, cx: &Cx<'_>) -> Result<OwnFile> {
    let (places, first) = (places(lab)?, lab.first_record(cx)?);
    tried(|| OwnFile::open_now(places, &first, OwnUse::Marks))
}

/// Writes, in another file where it is another one by then.
pub(super) fn write<T>(
    lab: &Lab,
    file: &mut OwnFile,
    write: impl Fn(&OwnFile) -> Result<T>,
    cx: &Cx<'_>,
) -> Result<T> {
    tried(|| match write(file) {
        Err(Error::OwnMoved { path }) => {
            *file = to_write(lab, cx)?;
            Err(Error::OwnMoved { path })
        }
        done => done,
    })
}

fn tried<T>(mut once: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 1..TRIES {
        match once() {
            Err(Error::OwnMoved { .. }) => {}
            done => return done,
        }
    }
    once()
}

/// Changes the marks of some records; gives how many were changed.
pub(super) fn change(
    lab: &Lab,
    file: &OwnFile,
    (records, changes): (&[RecordKey], &[MarkChange]),
    by_at: (&str, &str),
    cx: &Cx<'_>,
) -> Result<usize> {
    let others = elsewhere(lab, file, records)?;
    if others.is_empty() || !file.is_shared() {
        return file.change_marks(records, &others, changes, by_at);
    }
    // What one said of these records before somebody shared goes along: else it would stand beside the change.
    file.join_marks(&others, true)?;
    let changed = file.change_marks(records, &[], changes, by_at)?;
    own_to_write(lab, cx)?.take_marks(&others)?;
    Ok(changed)
}

/// The marks of these records in the other file of both, as far as there is one that can be read.
fn elsewhere(lab: &Lab, file: &OwnFile, records: &[RecordKey]) -> Result<Vec<(RecordKey, RecordMark)>> {
    let places = places(lab)?;
    let other = match (file.is_shared(), &places.shared) {
        (true, _) => Some(&places.own),
        (false, Some(shared)) if places.sharing() == Sharing::ReadOnly => Some(shared),
        (false, _) => None,
    };
    let read = |place: &OwnPlace| {
        OwnFile::look(place, OwnUse::Marks)?.map(|file| file.marks_of(records)).transpose()
    };
    // One that can't be read keeps nobody from marking.
    Ok(other.and_then(|place| read(place).ok().flatten()).unwrap_or_default())
}

/// The marks of records that have another id by now go along, wherever they are; whoever took the records back has seen
/// them. `trash` is the file from which they came.
pub(in crate::services) fn follow(
    lab: &Lab,
    trash: &OwnFile,
    moved: &[(RecordKey, i64)],
    cx: &Cx<'_>,
) -> Result<()> {
    if moved.is_empty() {
        return Ok(());
    }
    trash.move_marks(moved)?;
    let keys: Vec<RecordKey> = moved.iter().map(|(key, _)| key.clone()).collect();
    let now = |key: &RecordKey| {
        let run = moved.iter().find(|(was, _)| was == key).map_or(key.run, |(_, run)| *run);
        RecordKey { run, ..key.clone() }
    };
    if !trash.is_shared() {
        // Marks of others stay where they are, and can't be moved there.
        let theirs = elsewhere(lab, trash, &keys)?;
        let theirs: Vec<_> = theirs.into_iter().map(|(key, mark)| (now(&key), mark)).collect();
        if !theirs.is_empty() {
            trash.join_marks(&theirs, true)?;
        }
    }
    let own = own_to_write(lab, cx)?;
    if trash.is_shared() {
        own.move_marks(moved)?;
    }
    own.open_records(&keys.iter().map(now).collect::<Vec<_>>())
}
