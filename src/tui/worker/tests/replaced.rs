//! The lab's database is replaced while screens show it: what they say and show then.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use jiff::civil::{DateTime, date};
use tempfile::TempDir;

use super::Answerer;
use crate::{
    checkpoint::{Checkpoint, Cx, Progress},
    demo::{Plan, make},
    error::{Error, Result},
    model::query::ListQuery,
    services::{
        self,
        delete::{Confirmed, DeleteHow, Deleted},
        lab::Lab,
        request::{Answer, Ask},
    },
    store::Options,
    tui::{
        event::Event,
        screens::records::Records,
        start::record,
        testing::{Harness, reference_file},
    },
};

const NOW: fn() -> DateTime = || date(2026, 11, 24).at(3, 4, 31, 0);
const SAID: &str = "The database was replaced by another file";
const GARBAGE: &str = "It was a dark and stormy night, and nobody had written a single table.";

/// A folder with a lab's database, and what may be put in its place.
struct Place {
    folder: TempDir,
}

impl Place {
    /// So many records, with ids from 1 on.
    fn with(records: u32) -> Self {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        place.put(&place.made(records));
        place
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ivoryos.db")
    }

    fn made(&self, records: u32) -> PathBuf {
        let folder = self.folder.path().join(format!("made-{records}"));
        make(&Plan::sized(records, 8..=9, 2, u64::from(records), NOW()), &folder).unwrap();
        folder.join("ivoryos.db")
    }

    /// Moves a file to where the database is.
    fn put(&self, file: &Path) {
        fs::rename(file, self.file()).unwrap();
    }

    fn put_bytes(&self, bytes: impl AsRef<[u8]>) {
        let file = self.folder.path().join("new");
        fs::write(&file, bytes).unwrap();
        self.put(&file);
    }

    fn lab(&self) -> Lab {
        Lab::open(&self.file(), Options::tiny(), false, Arc::new(NOW)).unwrap().without_rest()
    }

    fn shown(&self) -> Harness {
        show(self.lab())
    }

    /// The screen that a new start comes to by these keys.
    fn fresh(&self, keys: &[&str]) -> String {
        let mut harness = self.shown();
        harness.press(keys);
        body(&harness)
    }
}

fn show(answerer: impl Answerer + Send + 'static) -> Harness {
    Harness::new(Box::new(Records::new(ListQuery::default(), record)), answerer, 150, 24)
}

/// All but the last line, where messages stand.
fn body(harness: &Harness) -> String {
    let mut lines = harness.lines();
    lines.pop();
    lines.join("\n")
}

fn last_line(harness: &Harness) -> String {
    harness.lines().pop().unwrap_or_default()
}

fn other_lab() -> Vec<u8> {
    fs::read(reference_file("ivoryos-1.2.5")).unwrap()
}

#[test]
fn a_newer_copy_is_read_and_the_selection_stays() {
    let place = Place::with(20);
    let mut harness = place.shown();
    harness.press(&[":", "1", "2", "Enter"]);
    place.put(&place.made(25));
    harness.press(&["R"]);
    assert!(last_line(&harness).contains(SAID), "{}", harness.text());
    assert!(harness.text().contains("25 records"), "{}", harness.text());
    let bar = harness.lines().into_iter().find(|line| line.starts_with('▌')).unwrap();
    assert_eq!(bar.split_whitespace().nth(1), Some("12"));
    harness.press(&["G", "g"]);
    assert_eq!(body(&harness), place.fresh(&["G", "g"]));
    assert!(!last_line(&harness).contains(SAID), "it is said once");
}

/// Also the list below a record, which asks for nothing while it is not seen.
#[test]
fn all_that_another_labs_file_has_is_shown_in_all_screens() {
    for tab in ["1", "2", "3", "5"] {
        let place = Place::with(20);
        let mut harness = place.shown();
        harness.press(&[":", "1", "9", "Enter", tab]);
        place.put_bytes(other_lab());
        harness.press(&["R"]);
        assert!(last_line(&harness).contains(SAID), "{}", harness.text());
        assert_eq!(body(&harness), place.fresh(&[":", "1", "9", "Enter", tab]), "tab {tab}");
        harness.press(&["Esc", "g"]);
        assert_eq!(body(&harness), place.fresh(&["g"]), "the list below tab {tab}");
    }
}

/// The same records with fewer phases: what the list below knows of them is not true any more.
#[test]
fn the_list_below_a_record_forgets_what_the_rows_showed() {
    let place = Place::with(20);
    let mut harness = place.shown();
    harness.press(&["Enter"]);
    let new = place.made(20);
    let writer = rusqlite::Connection::open(&new).unwrap();
    writer.execute("DELETE FROM workflow_phases WHERE repeat_index > 2", []).unwrap();
    drop(writer);
    place.put(&new);
    harness.press(&["R", "Esc"]);
    assert_eq!(body(&harness), place.fresh(&[]));
}

/// `cp` over it: the same place on disk, other tables.
#[test]
fn a_file_written_over_the_old_one_is_read() {
    let place = Place::with(20);
    let mut harness = place.shown();
    fs::write(place.file(), other_lab()).unwrap();
    harness.press(&["R", "g"]);
    assert_eq!(body(&harness), place.fresh(&[]));
}

#[test]
fn a_record_that_the_new_file_lacks_is_told_and_the_list_goes_on() {
    let place = Place::with(20);
    let mut harness = place.shown();
    harness.press(&[":", "1", "5", "Enter", "2"]);
    place.put(&place.made(5));
    harness.press(&["j", "R"]);
    assert!(harness.text().contains("Record 15 is gone"), "{}", harness.text());
    harness.press(&["Esc"]);
    assert!(harness.text().contains("5 records"), "{}", harness.text());
}

#[test]
fn garbage_is_told_and_a_good_file_after_it_is_read() {
    let place = Place::with(20);
    let mut harness = place.shown();
    place.put_bytes(GARBAGE);
    for _ in 0..2 {
        harness.press(&["R"]);
        assert!(last_line(&harness).contains("not a SQLite file"), "{}", harness.text());
        assert!(harness.text().contains("20 records"), "what was read stays");
    }
    place.put(&place.made(7));
    harness.press(&["R"]);
    assert!(last_line(&harness).contains(SAID), "{}", harness.text());
    harness.press(&["g"]);
    assert_eq!(body(&harness), place.fresh(&[]));
}

#[test]
fn a_private_copy_stays_what_it_is() {
    let place = Place::with(20);
    let mut harness = show(Lab::open(&place.file(), Options::tiny(), true, Arc::new(NOW)).unwrap());
    let before = body(&harness);
    place.put_bytes(GARBAGE);
    harness.press(&["R"]);
    assert_eq!(body(&harness), before);
    assert!(!last_line(&harness).contains(SAID), "{}", harness.text());
}

/// `rm` first: while there is none, that is told.
#[test]
fn a_file_deleted_and_made_anew_is_read() {
    let place = Place::with(20);
    let mut harness = place.shown();
    fs::remove_file(place.file()).unwrap();
    harness.press(&["R"]);
    assert!(last_line(&harness).contains("not there any more"), "{}", harness.text());
    place.put(&place.made(7));
    harness.press(&["R", "g"]);
    assert_eq!(body(&harness), place.fresh(&[]));
}

#[test]
fn who_follows_sees_it_without_a_key() {
    for keys in [&["F"][..], &[":", "1", "2", "Enter", "F"]] {
        let place = Place::with(20);
        let mut harness = place.shown();
        harness.press(keys);
        place.put(&place.made(25));
        harness.handle(Event::Tick);
        assert!(last_line(&harness).contains(SAID), "{}", harness.text());
        place.put(&place.made(26));
        harness.press(&["Esc"]).handle(Event::Tick);
        assert!(last_line(&harness).contains(SAID), "it goes on following: {}", harness.text());
    }
}

#[test]
fn who_follows_a_record_is_told_once_that_the_file_is_bad_and_goes_on_when_it_is_good() {
    let place = Place::with(20);
    let mut harness = place.shown();
    harness.press(&["Enter", "F"]);
    place.put_bytes(GARBAGE);
    harness.handle(Event::Tick);
    assert!(harness.text().contains("Following waits: "), "{}", harness.text());
    harness.press(&["Esc"]);
    for _ in 0..30 {
        harness.handle(Event::Tick);
    }
    assert!(!harness.text().contains("Following waits: ") && harness.app.wants().ticks, "{}", harness.text());
    place.put(&place.made(25));
    for _ in 0..30 {
        harness.handle(Event::Tick);
    }
    let said = last_line(&harness);
    assert!(said.contains(SAID) || said.contains("Following again."), "{}", harness.text());
}

/// What was to be agreed to was about the old file.
#[test]
fn menus_about_a_record_of_the_old_file_are_closed() {
    for key in ["x", "D"] {
        let place = Place::with(20);
        let mut harness = place.shown();
        harness.press(&["F"]);
        let before = body(&harness);
        harness.press(&[key]);
        assert_ne!(body(&harness), before);
        place.put(&place.made(20));
        harness.handle(Event::Tick);
        assert!(last_line(&harness).contains(SAID), "{}", harness.text());
        assert_eq!(body(&harness), place.fresh(&["F"]));
    }
}

/// A lab whose exports go on until they are to end.
struct Endless(Lab);

impl Answerer for Endless {
    fn answer(&self, ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
        if matches!(ask, Ask::Export { .. }) {
            loop {
                cx.check(Progress::default())?;
                thread::yield_now();
            }
        }
        services::answer(&self.0, ask, cx).map(|answer| answer.value)
    }

    fn reopen(&mut self, cx: &Cx<'_>) -> Result<()> {
        self.0.reopen(cx)
    }
}

#[test]
fn an_export_that_runs_over_it_ends_with_an_error_and_the_screens_go_on() {
    let place = Place::with(20);
    let mut harness = show(Endless(place.lab()));
    harness.press(&["x"]);
    harness.press_at_once(&["s"]);
    assert!(last_line(&harness).contains("Exporting"), "{}", harness.text());
    place.put(&place.made(25));
    harness.press_at_once(&["R"]).settle();
    assert!(
        last_line(&harness).contains("#20: the database was replaced by another file"),
        "{}",
        harness.text()
    );
    harness.press(&["Esc", "g"]);
    assert_eq!(body(&harness), place.fresh(&[]));
}

/// Does something at a check.
struct Sometime<F>(Option<(u32, F)>);

impl<F: FnOnce()> Checkpoint for Sometime<F> {
    fn check(&mut self, _: Progress) -> Result<()> {
        match self.0.take() {
            Some((0, deed)) => deed(),
            later => self.0 = later.map(|(checks, deed)| (checks - 1, deed)),
        }
        Ok(())
    }
}

#[test]
fn a_delete_never_goes_on_in_another_file() {
    let mut half = 0;
    for check in 0.. {
        let place = Place::with(3);
        let (lab, new) = (place.lab(), fs::read(place.file()).unwrap());
        let run = lab.run(2, &Cx::quiet()).unwrap();
        let items = vec![Confirmed { run: 2, name: run.name, start: run.start }];
        let mut sometime = Sometime(Some((check, || place.put_bytes(&new))));
        let ask = Ask::Delete { items, how: DeleteHow { permanent: true, ..DeleteHow::default() } };
        match services::answer(&lab, &ask, &mut Cx::new(&mut sometime)).map(|answer| answer.value) {
            Err(Error::Replaced) => {}
            Ok(Answer::Deleted(Deleted { stopped: Some(stopped), .. })) => {
                assert!(stopped.to_string().contains("replaced by another file"), "{stopped}");
                half += 1;
            }
            done => {
                assert!(done.is_ok() && sometime.0.is_some(), "{done:?} at check {check}");
                break;
            }
        }
        assert_eq!(fs::read(place.file()).unwrap(), new, "at check {check}");
    }
    assert!(half > 0);
}
