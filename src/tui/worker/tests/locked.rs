//! The lab holds its lock while screens show it: what they say, and how they go on.

use std::{path::PathBuf, sync::Arc, time::Duration};

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::{
    model::query::ListQuery,
    services::Idle,
    store::{Limits, Options},
    tui::{
        screens::records::Records,
        start::record,
        testing::{Harness, copied_at, copied_set},
    },
};

const WAITS: &str = "waits for the lab's lock";
const BUSY: &str = "busy";

/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(86_400);

/// A copy of a lab's file, and the lab's own connection to it.
struct Locked {
    folder: TempDir,
    server: Connection,
}

impl Locked {
    fn file(&self) -> PathBuf {
        self.folder.path().join("ivoryos.db")
    }

    fn hold(&self) {
        self.server.execute_batch("BEGIN EXCLUSIVE; UPDATE workflow_runs SET name = 'renamed'").unwrap();
    }

    fn release(&self) {
        self.server.execute_batch("COMMIT").unwrap();
    }

    /// The list of records, read; a wait is told at once.
    fn screens(&self, patience: Duration) -> Harness {
        let limits = Limits { told_wait: Duration::ZERO, ..Limits::default() };
        let options = Options { patience, limits, ..Options::without_cache() };
        let lab = Lab::open(&self.file(), options, false, Arc::new(copied_at)).unwrap();
        Harness::new(Box::new(Records::new(ListQuery::default(), record)), lab, 120, 30)
    }
}

fn locked() -> Locked {
    let (folder, file) = copied_set();
    let server = Connection::open(&file).unwrap();
    Locked { folder, server }
}

fn until(harness: &mut Harness, wanted: impl Fn(&str) -> bool) {
    while !wanted(&harness.text()) {
        harness.next();
    }
}

/// The bottom line of every screen, at its right end.
fn says_so(harness: &Harness) -> bool {
    harness.lines().last().unwrap().trim_end_matches("  ► following").ends_with(WAITS)
}

#[test]
fn a_wait_is_said_on_all_screens_and_is_over_with_the_lock() {
    let lab = locked();
    let mut harness = lab.screens(LONG);
    assert!(!harness.text().contains(WAITS));
    lab.hold();
    harness.press_at_once(&["R"]);
    until(&mut harness, |text| text.contains(WAITS));
    assert!(says_so(&harness));
    // Keys that need no file.
    let before = harness.text();
    harness.press_at_once(&["j", "j"]);
    assert_ne!(harness.text(), before);
    harness.press_at_once(&["?"]);
    assert!(harness.text().contains("Enter"), "the help opens");
    harness.press_at_once(&["Esc", "/", "a"]);
    assert!(says_so(&harness), "beside words that are typed\n{}", harness.text());
    harness.press_at_once(&["Esc", "Enter"]);
    assert!(says_so(&harness), "the record's screen too\n{}", harness.text());
    lab.release();
    until(&mut harness, |text| !text.contains(WAITS));
    harness.settle();
    assert!(harness.text().contains("renamed"), "{}", harness.text());
    assert!(!harness.text().contains(WAITS));
}

/// A message does not hide it.
#[test]
fn a_wait_of_following_is_said_beside_its_message() {
    let lab = locked();
    let mut harness = lab.screens(LONG);
    harness.press(&["F"]);
    lab.hold();
    harness.app.handle(Event::Tick);
    until(&mut harness, |text| text.contains(WAITS));
    assert!(says_so(&harness) && harness.text().contains("Following; F"), "{}", harness.text());
    lab.release();
    harness.settle();
    assert!(!harness.text().contains(WAITS) && harness.text().contains("Following; F"), "{}", harness.text());
}

#[test]
fn what_stayed_without_an_answer_is_asked_again_and_the_message_goes() {
    let lab = locked();
    let mut harness = lab.screens(Duration::ZERO);
    lab.hold();
    harness.press(&["R"]);
    assert!(harness.text().contains(BUSY), "{}", harness.text());
    harness.handle(Event::Again);
    assert!(harness.text().contains(BUSY), "it still is\n{}", harness.text());
    assert!(harness.app.wants().again);
    lab.release();
    harness.handle(Event::Again);
    assert!(harness.text().contains("renamed"), "{}", harness.text());
    assert!(!harness.text().contains(BUSY), "{}", harness.text());
    assert!(!harness.app.wants().again, "nothing is left to be tried");
}

#[test]
fn every_tab_and_the_bill_of_a_delete_read_again() {
    for keys in [&["R"][..], &["2"], &["3"], &["5"], &["6"], &["7"], &["D"]] {
        let lab = locked();
        let mut harness = lab.screens(Duration::ZERO);
        harness.press(&[":", "2", "1", "Enter", "Enter"]);
        lab.hold();
        harness.press(keys);
        assert!(harness.text().contains(BUSY), "{keys:?}\n{}", harness.text());
        lab.release();
        harness.handle(Event::Again);
        assert!(!harness.text().contains(BUSY), "{keys:?}\n{}", harness.text());
        assert!(!harness.app.wants().again, "{keys:?}");
    }
}

/// A delete that was not done is not done later by itself, and its message stays.
#[test]
fn a_delete_that_met_the_lock_stays_undone() {
    let lab = locked();
    let mut harness = lab.screens(Duration::ZERO);
    harness.press(&[":", "2", "1", "Enter", "D"]);
    lab.hold();
    harness.press(&["y"]);
    assert!(harness.text().contains(BUSY), "{}", harness.text());
    lab.release();
    harness.handle(Event::Again);
    let left: i64 = {
        let sql = "SELECT count(*) FROM workflow_runs WHERE id = 21";
        lab.server.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(left, 1);
    assert!(harness.text().contains(BUSY), "{}", harness.text());
}

/// Background work that waits until it is told not to.
struct Waits(Sender<()>);

impl Answerer for Waits {
    fn answer(&self, _: &Ask, _: &mut Cx<'_>) -> Result<Answer> {
        Ok(Answer::Exists(true))
    }

    fn has_work(&self) -> bool {
        true
    }

    fn idle(&self, cx: &mut Cx<'_>) -> Option<Idle> {
        // Nobody hears of it any more when the test is through.
        let _ = self.0.send(());
        while !cx.cancel().ends_waits() {
            std::thread::yield_now();
        }
        None
    }
}

#[test]
fn background_work_that_waits_for_the_lock_lets_requests_go_first_and_the_program_end() {
    let (events, received) = channel();
    let (waits, waiting) = channel();
    let worker = Worker::spawn(Waits(waits), events, PACE).unwrap();
    worker.ask(tag(Slot::Exists, 1), Ask::Exists { run: 1 });
    assert!(matches!(reply(&received), (1, Ok(_))));
    waiting.recv().unwrap();
    worker.ask(tag(Slot::Exists, 2), Ask::Exists { run: 1 });
    assert!(matches!(reply(&received), (2, Ok(_))));
    waiting.recv().unwrap();
    drop(worker);
}
