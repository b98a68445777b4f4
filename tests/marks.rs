//! Marks of records: whose they are, what comes of them when records go and come back, and files that can't be used.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{collections::BTreeMap, fs, path::Path};

use ivorylens::{
    checkpoint::Cx,
    error::ErrorKind,
    model::mark::{MarkChange, Verdict},
    services::{
        delete::{Confirmed, DeleteHow, delete},
        lab::Lab,
        marks::{self, unread::ReadWhat},
        own_files::UserFolders,
        run_row,
        trash::{Which, restore},
    },
};
use tempfile::TempDir;

use common::{
    NEW, Set,
    lab::{NOON, lab, server, stopped},
};

/// A copy of a set, and the folder in which its user's files are.
struct MarkedLab {
    _set: Set,
    data: std::path::PathBuf,
    state: TempDir,
}

impl MarkedLab {
    fn new() -> Self {
        let set = Set::open(NEW);
        Self { data: set.copy(), _set: set, state: tempfile::tempdir().unwrap() }
    }

    /// Opened as a new process would.
    fn open(&self) -> Lab {
        let folders = UserFolders { state: Some(self.state.path().to_path_buf()), config: None };
        lab(&self.data, stopped(NOON)).keeping_in(&folders)
    }

    fn own_file(&self) -> std::path::PathBuf {
        self.open().own_place().unwrap().file.clone()
    }
}

fn note(text: &str) -> MarkChange {
    MarkChange::Note { text: text.to_owned(), was: None }
}

/// The note of a record as lists have it.
fn note_of(lab: &Lab, run: i64) -> Option<String> {
    let row = run_row::record(lab, run, &Cx::quiet()).unwrap().unwrap();
    row.mark.map(|mark| mark.note.clone())
}

fn mark(lab: &Lab, run: i64, change: MarkChange) {
    let marked = marks::change(lab, &[run], &[change], &mut Cx::quiet()).unwrap();
    assert_eq!((marked.records, marked.changed), (1, 1));
}

fn delete_one(lab: &Lab, run: i64) {
    let run = lab.run(run, &Cx::quiet()).unwrap();
    let item = Confirmed { run: run.id, name: run.name, start: run.start };
    let how = DeleteHow { force: true, ..DeleteHow::default() };
    assert_eq!(delete(lab, &[item], how, &mut Cx::quiet()).unwrap().runs.len(), 1);
}

/// All files of a folder with their bytes.
fn files(folder: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            all.extend(files(&entry.path()));
            all.insert(entry.path(), Vec::new());
        } else {
            all.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    all
}

#[test]
fn marks_are_seen_by_all_processes_of_a_user_and_leave_the_lab_as_it_is() {
    let made = MarkedLab::new();
    let before = files(&made.data);
    let (one, other) = (made.open(), made.open());
    assert_eq!(note_of(&other, 21), None);
    mark(&one, 21, note("the pump was dry"));
    assert_eq!(note_of(&other, 21).as_deref(), Some("the pump was dry"));
    mark(&other, 21, MarkChange::Verdict(Some(Verdict::Bad)));
    mark(&other, 20, MarkChange::Tag("salt".to_owned()));
    let row = run_row::record(&one, 21, &Cx::quiet()).unwrap().unwrap();
    let mark = row.mark.unwrap();
    assert_eq!((mark.note.as_str(), mark.verdict), ("the pump was dry", Some(Verdict::Bad)));
    assert_eq!(mark.at, "2026-11-24T12:00:00.000000");
    assert_eq!(marks::tags(&one), [("salt".to_owned(), 1)]);
    // A list made before has them too.
    assert_eq!(files(&made.data), before);
}

/// Ids are used again: the next record with the id is another one. With a new id the marks go along.
#[test]
fn marks_are_the_records_and_not_the_ids() {
    let made = MarkedLab::new();
    let lab = made.open();
    let newest = 61;
    mark(&lab, newest, note("the last one"));
    delete_one(&lab, newest);
    let came = "INSERT INTO workflow_runs(id, name, platform, start_time)
        VALUES (?, 'came later', 'deck', '2026-11-24 11:00:00.000000')";
    server(&made.data).execute(came, [newest]).unwrap();
    assert_eq!(note_of(&lab, newest), None);
    let back = restore(&lab, &Which::Last, &mut Cx::quiet()).unwrap();
    let now = back.records[0].run;
    assert_ne!(now, newest);
    assert_eq!(note_of(&lab, now).as_deref(), Some("the last one"));
    assert_eq!(note_of(&lab, newest), None);
    // And back under its own id.
    mark(&lab, 20, note("an older one"));
    delete_one(&lab, 20);
    restore(&lab, &Which::Last, &mut Cx::quiet()).unwrap();
    assert_eq!(note_of(&lab, 20).as_deref(), Some("an older one"));
}

#[test]
fn what_is_there_at_first_is_read_and_what_comes_is_not_until_it_is_opened() {
    let made = MarkedLab::new();
    let lab = made.open();
    let is_unread = |run: i64| run_row::record(&lab, run, &Cx::quiet()).unwrap().unwrap().unread;
    let read = |what: ReadWhat| marks::unread::read(&lab, what, &Cx::quiet()).unwrap();
    let came = |id: i64| {
        let came = "INSERT INTO workflow_runs(id, name, platform, start_time)
            VALUES (?, 'came later', 'deck', '2026-11-24 11:59:00.000000')";
        server(&made.data).execute(came, [id]).unwrap();
    };
    assert!(!is_unread(21), "nobody looked yet");
    assert!(read(ReadWhat::FirstLook) && !read(ReadWhat::FirstLook));
    assert!(!is_unread(21));
    came(1001);
    came(1002);
    assert!(is_unread(1001) && is_unread(1002));
    assert!(read(ReadWhat::Record(1001)) && !read(ReadWhat::Record(1001)) && !read(ReadWhat::Record(21)));
    assert!(!is_unread(1001) && is_unread(1002));
    assert!(read(ReadWhat::All));
    assert!(!is_unread(1002));
    // An id that is given anew is another record.
    server(&made.data).execute("DELETE FROM workflow_runs WHERE id > 1000", []).unwrap();
    let came = "INSERT INTO workflow_runs(id, name, platform, start_time)
        VALUES (1001, 'came later', 'deck', '2026-11-24 12:30:00.000000')";
    server(&made.data).execute(came, []).unwrap();
    assert!(is_unread(1001));
}

#[test]
fn a_file_that_can_not_be_used_keeps_no_list_from_being_shown() {
    let made = MarkedLab::new();
    let lab = made.open();
    mark(&lab, 21, note("kept"));
    let file = made.own_file();
    // Of a newer program: it is read, and not written.
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let newer = made.open();
    assert_eq!(note_of(&newer, 21).as_deref(), Some("kept"));
    let refused = marks::change(&newer, &[20], &[note("no")], &mut Cx::quiet()).unwrap_err();
    assert!(refused.to_string().contains("a newer ivorylens wrote it"), "{refused}");
    connection.pragma_update(None, "user_version", 2).unwrap();
    // What others have open can't be moved on Windows.
    drop((connection, lab, newer));
    // Damaged: it is set aside, and a new one begun.
    let damaged = vec![7; 20_000];
    fs::write(&file, &damaged).unwrap();
    let blind = made.open();
    assert_eq!(note_of(&blind, 21), None);
    let told = marks::all(&blind);
    assert!(told.notice().unwrap().contains("the file of marks can't be read: it is damaged"));
    marks::unread::read(&blind, ReadWhat::FirstLook, &Cx::quiet()).unwrap();
    assert!(marks::unread::read(&blind, ReadWhat::All, &Cx::quiet()).is_err());
    assert_eq!(fs::read(&file).unwrap(), damaged, "a look sets nothing aside");
    let marked = marks::change(&blind, &[20], &[note("new")], &mut Cx::quiet()).unwrap();
    assert!(marked.notice.unwrap().contains("it was damaged and is kept as"));
    assert_eq!(note_of(&blind, 20).as_deref(), Some("new"));
    assert_eq!(fs::read(file.with_extension("db.damaged-1")).unwrap(), damaged);
    // A folder in its place.
    drop(blind);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(note_of(&made.open(), 20), None);
    let refused = marks::change(&made.open(), &[20], &[note("no")], &mut Cx::quiet()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Failed);
    assert!(refused.to_string().contains("nothing was marked"), "{refused}");
}
