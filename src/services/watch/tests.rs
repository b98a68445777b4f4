//! A lab that is played, and what each look tells of it.

use std::sync::{Arc, Mutex};

use jiff::civil::DateTime;

use super::*;
use crate::{
    model::outcome::Outcome,
    store::Options,
    tui::testing::{lab_with, played::Played},
};

/// A played lab with its clock, and who watches it.
struct Watched {
    played: Played,
    lab: Lab,
    clock: Arc<Mutex<DateTime>>,
    watcher: Watcher,
}

fn at(time: &str) -> DateTime {
    format!("2026-11-24T{time}").parse().unwrap()
}

impl Watched {
    /// Looked at for the first time.
    fn from(played: Played, time: &str) -> Self {
        let clock = Arc::new(Mutex::new(at(time)));
        let reads = Arc::clone(&clock);
        let lab =
            lab_with(&played.database(), Options::without_cache(), Arc::new(move || *reads.lock().unwrap()));
        let mut watched = Self { played, lab, clock, watcher: Watcher::default() };
        assert!(watched.is_due());
        assert_eq!(watched.look(time), [""; 0]);
        watched
    }

    fn is_due(&mut self) -> bool {
        // What rests is tested by itself.
        self.watcher.effort = Effort::default();
        self.watcher.is_due(&self.lab, &Cx::quiet()).unwrap()
    }

    fn all(&mut self, time: &str) -> Vec<Happening> {
        *self.clock.lock().unwrap() = at(time);
        self.watcher.look(&self.lab, &mut Cx::quiet()).unwrap()
    }

    /// What is told: `#1 failed 1/3: jam`.
    fn look(&mut self, time: &str) -> Vec<String> {
        self.all(time).iter().map(line).collect()
    }
}

fn line(happening: &Happening) -> String {
    let mut line = format!("#{} {}", happening.id, happening.what.word());
    if let Some(n) = happening.iteration {
        let of = happening.of.map(|of| format!("/{of}")).unwrap_or_default();
        line.push_str(&format!(" {n}{of}"));
    }
    line.push_str(&happening.text.as_ref().map(|text| format!(": {text}")).unwrap_or_default());
    line
}

/// A lab with a record that began at 08:00 and is in its first iteration of two.
fn running() -> Played {
    let mut played = Played::empty();
    begin(&mut played, "dye", "08:00:00");
    played
}

fn begin(played: &mut Played, name: &str, time: &str) {
    played.start(name, time);
    played.log("Executing prep steps", time);
    played.log(&format!("Executing {name} experiment: 1/2"), time);
    played.phase("main", 1, time);
    played.step(1, "stir", time);
}

#[test]
fn a_record_is_told_from_its_start_to_its_end() {
    let mut watched = Watched::from(Played::empty(), "07:59:00");
    assert!(!watched.is_due());
    begin(&mut watched.played, "dye", "08:00:00");
    assert!(watched.is_due());
    assert_eq!(watched.look("08:00:01"), ["#1 started 1/2"]);
    watched.played.end_step(false, "08:00:05");
    assert_eq!(watched.look("08:00:05"), [""; 0]);
    watched.played.end("completed", "08:00:06");
    let told = watched.all("08:00:06").remove(0);
    assert_eq!((told.what, told.at, told.outcome), (WhatHappened::Ended, at("08:00:06"), Outcome::Completed));
    assert_eq!((told.name.as_str(), told.state, told.text), ("dye", None, None));
    assert!(!watched.watcher.follows(1));
    assert_eq!(watched.look("08:00:07"), [""; 0]);
    assert!(!watched.is_due());
}

#[test]
fn a_record_that_is_over_between_two_looks_is_told_whole() {
    let mut watched = Watched::from(Played::empty(), "07:59:00");
    let played = &mut watched.played;
    begin(played, "dye", "08:00:00");
    played.end_step(true, "08:00:01");
    played.event("error", Some("deck.mixer.stir: jam"), "08:00:01");
    played.end("error", "08:00:02");
    begin(played, "next", "08:00:02");
    let want = ["#1 started 1/2", "#1 failed 1/2: jam", "#1 ended 1/2: jam", "#2 started 1/2"];
    assert_eq!(watched.look("08:00:03"), want);
}

#[test]
fn each_try_of_a_step_is_told_with_its_own_text() {
    let mut watched = Watched::from(running(), "08:00:01");
    let played = &mut watched.played;
    played.end_step(true, "08:00:02");
    played.event("error", Some("deck.mixer.stir: jam 1"), "08:00:02");
    let told = watched.all("08:00:03");
    assert_eq!(
        told.iter().map(line).collect::<Vec<_>>(),
        [
            "#1 failed 1/2: jam 1",
            "#1 waits 1/2: waits for a decision after an error since 08:00: deck.mixer.stir: jam 1"
        ]
    );
    assert_eq!(told[0].at, at("08:00:02"));
    assert_eq!(told[0].place.as_deref(), Some("iteration 1, step 1 stir"));
    assert_eq!(told[1].state, Some(RunState::Waits));
    // The second try fails before anybody looks.
    let played = &mut watched.played;
    played.event("retried", None, "08:00:10");
    played.step(1, "stir", "08:00:10");
    played.end_step(true, "08:00:11");
    played.event("error", Some("deck.mixer.stir: jam 2"), "08:00:11");
    let told = watched.all("08:00:12");
    assert_eq!(
        told.iter().map(line).collect::<Vec<_>>(),
        [
            "#1 goes_on 1/2: Retried step",
            "#1 failed 1/2: jam 2",
            "#1 waits 1/2: waits for a decision after an error since 08:00: deck.mixer.stir: jam 2"
        ]
    );
    assert_eq!(told[1].place.as_deref(), Some("iteration 1, step 1 stir (try 2 of 2)"));
    let played = &mut watched.played;
    played.event("retried", None, "08:00:20");
    played.step(1, "stir", "08:00:20");
    assert_eq!(watched.look("08:00:21"), ["#1 goes_on 1/2: Retried step"]);
    watched.played.end_step(false, "08:00:30");
    assert_eq!(watched.look("08:00:31"), [""; 0]);
}

#[test]
fn a_phase_fails_without_a_step() {
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.end_step(false, "08:00:02");
    watched.played.end_phase(Some("done"), "08:00:02");
    watched.played.log("Executing dye experiment: 2/2", "08:00:03");
    watched.played.phase("main", 2, "08:00:03");
    watched.played.fail_phase("Row 2: 'abc' is no number", "08:00:03");
    assert_eq!(watched.look("08:00:04"), ["#1 failed 2/2: Row 2: 'abc' is no number"]);
    assert_eq!(watched.look("08:00:05"), [""; 0]);
}

#[test]
fn a_failure_waits_a_moment_for_its_text() {
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.end_step(true, "08:00:02");
    assert_eq!(watched.look("08:00:02"), [""; 0]);
    assert!(watched.is_due(), "without a commit too");
    watched.played.event("error", Some("deck.mixer.stir: jam"), "08:00:02");
    let want = [
        "#1 failed 1/2: jam",
        "#1 waits 1/2: waits for a decision after an error since 08:00: deck.mixer.stir: jam",
    ];
    assert_eq!(watched.look("08:00:02"), want);
    assert!(!watched.is_due());
    // Also where the record goes on meanwhile.
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.end_step(true, "08:00:02");
    assert_eq!(watched.look("08:00:02"), [""; 0]);
    watched.played.end_phase(Some("done"), "08:00:02");
    watched.played.phase("main", 2, "08:00:02");
    assert_eq!(watched.look("08:00:02"), [""; 0]);
    watched.played.phase("main", 3, "08:00:02");
    watched.played.event("error", Some("deck.mixer.stir: late"), "08:00:02");
    watched.played.event("resumed", None, "08:00:02");
    assert_eq!(watched.look("08:00:03"), ["#1 failed 1: late"]);
    assert_eq!(watched.look("08:00:03"), [""; 0]);
    // One that has none is told by the next look after that time, or by the record's end.
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.end_step(true, "08:00:02");
    assert_eq!(watched.look("08:00:02"), [""; 0]);
    watched.played.end("stopped", "08:00:03");
    assert_eq!(watched.look("08:00:03"), ["#1 failed 1/2", "#1 ended 1/2"]);
}

#[test]
fn old_versions_have_the_text_in_the_log() {
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.log("Executing 'mixer.stir' with args {'rpm': 300}", "08:00:01");
    watched.played.log("Error during script execution: magnet lost", "08:00:02");
    watched.played.end_step(true, "08:00:02");
    let told = watched.all("08:00:02");
    assert_eq!(told.iter().map(line).collect::<Vec<_>>(), ["#1 failed 1/2: magnet lost"]);
    assert_eq!(told[0].place.as_deref(), Some("iteration 1, step 1 mixer.stir"));
}

#[test]
fn pauses_requests_and_resumes_come_without_a_commit() {
    let mut watched = Watched::from(running(), "08:00:01");
    for (text, told) in [
        (
            "Requesting input: Which lot? (str)",
            "#1 waits 1/2: waits for an input since 08:00: Which lot? (str)",
        ),
        ("Input received: B7", "#1 goes_on 1/2"),
        ("Pause script", "#1 waits 1/2: paused since 08:00"),
        ("Resume script", "#1 goes_on 1/2"),
    ] {
        assert!(!watched.is_due());
        watched.played.log(text, "08:00:05");
        assert!(watched.is_due(), "{text}");
        assert_eq!(watched.look("08:00:06"), [told]);
    }
}

#[test]
fn it_waits_for_a_person_however_long() {
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.event("intervention", Some("Refill the µ-vials"), "08:00:02");
    let want = "#1 waits 1/2: waits for a person since 08:00: Refill the µ-vials";
    assert_eq!(watched.look("08:00:03"), [want]);
    *watched.clock.lock().unwrap() = at("20:00:00");
    assert!(!watched.is_due());
    watched.played.event("resumed", None, "20:00:00");
    assert_eq!(watched.look("20:00:01"), ["#1 goes_on 1/2: Resumed"]);
}

#[test]
fn a_record_dies_by_the_clock_alone_and_may_come_back() {
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.end_step(false, "08:00:02");
    assert_eq!(watched.look("08:00:03"), [""; 0]);
    *watched.clock.lock().unwrap() = at("08:10:02");
    assert!(!watched.is_due());
    *watched.clock.lock().unwrap() = at("08:10:03");
    assert!(watched.is_due());
    let told = watched.all("08:10:03").remove(0);
    assert_eq!((told.what, told.at, told.state), (WhatHappened::Died, at("08:10:03"), Some(RunState::Died)));
    assert_eq!(told.text.as_deref(), Some("no end time, last sign of life 08:00"));
    assert!(!watched.is_due());
    watched.played.step(2, "heat", "08:11:00");
    assert_eq!(watched.look("08:11:01"), ["#1 goes_on 1/2"]);
    watched.played.end("completed", "08:11:02");
    assert_eq!(watched.look("08:11:03"), ["#1 ended 1/2"]);
}

#[test]
fn what_was_before_the_first_look_is_not_told() {
    let played = running();
    played.end_step(true, "08:00:01");
    played.event("error", Some("deck.mixer.stir: old"), "08:00:01");
    let mut watched = Watched::from(played, "08:00:02");
    let going: Vec<_> = watched.watcher.going_on().map(|(run, state)| (run.id, state)).collect();
    assert_eq!(going, [(1, RunState::Waits)]);
    watched.played.event("resumed", None, "08:00:03");
    watched.played.step(2, "heat", "08:00:03");
    watched.played.end_step(true, "08:00:04");
    watched.played.event("error", Some("deck.oven.heat: cold"), "08:00:04");
    let told = watched.look("08:00:05");
    assert_eq!(told[..2], ["#1 goes_on 1/2: Resumed", "#1 failed 1/2: cold"]);
}

#[test]
fn two_records_at_once_are_told_apart() {
    let mut watched = Watched::from(running(), "08:00:01");
    let (first, step) = (watched.played.phase, watched.played.step);
    begin(&mut watched.played, "salt", "08:00:02");
    assert_eq!(watched.look("08:00:03"), ["#2 started 1/2"]);
    watched.played.end_step(true, "08:00:04");
    watched.played.event("error", Some("deck.mixer.stir: of salt"), "08:00:04");
    (watched.played.run, watched.played.phase, watched.played.step) = (1, first, step);
    watched.played.end_step(true, "08:00:04");
    watched.played.event("error", Some("deck.mixer.stir: of dye"), "08:00:04");
    let told = watched.look("08:00:05");
    let failed: Vec<_> = told.iter().filter(|line| line.contains("failed")).collect();
    assert_eq!(failed, ["#1 failed 1/2: of dye", "#2 failed 1/2: of salt"]);
    watched.played.end("stopped", "08:00:06");
    assert_eq!(watched.look("08:00:07"), ["#1 ended 1/2"]);
    assert!(watched.watcher.follows(2));
}

#[test]
fn deleted_records_say_nothing_and_their_ids_come_again() {
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.delete(1);
    assert_eq!(watched.look("08:00:02"), [""; 0]);
    assert!(!watched.watcher.follows(1));
    begin(&mut watched.played, "again", "08:00:03");
    assert_eq!((watched.played.run, watched.look("08:00:04")), (1, vec!["#1 started 1/2".to_owned()]));
    // Between two looks.
    watched.played.delete(1);
    begin(&mut watched.played, "third", "08:00:05");
    assert_eq!((watched.played.run, watched.look("08:00:06")), (1, vec!["#1 started 1/2".to_owned()]));
    // Ended ones too.
    watched.played.end("completed", "08:00:07");
    assert_eq!(watched.look("08:00:08"), ["#1 ended 1/2"]);
    watched.played.delete(1);
    begin(&mut watched.played, "fourth", "08:00:09");
    assert_eq!(watched.look("08:00:10"), ["#1 started 1/2"]);
}

#[test]
fn many_records_may_come_and_go_at_once() {
    let mut played = Played::empty();
    for _ in 0..100 {
        played.start("old", "07:00:00");
        played.end("completed", "07:00:01");
    }
    let mut watched = Watched::from(played, "08:00:00");
    for _ in 0..70 {
        watched.played.start("quick", "08:00:01");
        watched.played.end("completed", "08:00:01");
    }
    let told = watched.look("08:00:02");
    assert_eq!(told.len(), 140);
    assert_eq!((told[0].as_str(), told[139].as_str()), ("#101 started", "#170 ended"));
    // More are deleted than are compared: the ones before are not new.
    watched.played.db.execute("DELETE FROM workflow_runs WHERE id > 60", []).unwrap();
    assert_eq!(watched.look("08:00:03"), [""; 0]);
    begin(&mut watched.played, "next", "08:00:04");
    assert_eq!(watched.look("08:00:05"), ["#61 started 1/2"]);
    watched.played.db.execute("DELETE FROM workflow_runs", []).unwrap();
    begin(&mut watched.played, "next", "08:00:06");
    assert_eq!(watched.look("08:00:07"), ["#1 started 1/2"]);
}

#[test]
fn old_records_that_are_copied_into_the_file_are_not_told() {
    let mut watched = Watched::from(Played::empty(), "12:00:01");
    watched.played.start("restored", "06:00:00");
    watched.played.end("error", "06:30:00");
    watched.played.start("restored", "07:00:00");
    assert_eq!(watched.look("12:00:02"), [""; 0]);
}

#[test]
fn a_long_record_is_followed_by_its_end() {
    let played = running();
    let insert = "WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 2500) INSERT INTO \
                  workflow_phases (run_id, name, repeat_index, start_time, end_time, status) SELECT 1, 'main', n, \
                  '2026-11-24 08:00:01.000000', '2026-11-24 08:00:02.000000', iif(n = 7, 'failed', 'done') FROM n";
    played.db.execute(insert, []).unwrap();
    let mut watched = Watched::from(played, "08:00:10");
    watched.played.phase("main", 2501, "08:00:11");
    watched.played.step(1, "stir", "08:00:11");
    watched.played.end_step(true, "08:00:12");
    watched.played.event("error", Some("deck.mixer.stir: jam"), "08:00:12");
    watched.played.phase("main", 2502, "08:00:13");
    watched.played.fail_phase("bad row", "08:00:13");
    let told = watched.look("08:00:14");
    assert_eq!(told[..2], ["#1 failed 2501: jam", "#1 failed 2502: bad row"]);
    assert_eq!(watched.look("08:00:15"), [""; 0]);
}

/// On screen the first look does not wait until it is known which rows are whose.
#[test]
fn failures_that_come_to_light_later_are_not_told() {
    let mut played = Played::empty();
    for n in 0..200 {
        played.start("old", "07:00:00");
        played.phase("main", 1, "07:00:00");
        for index in 1..10 {
            played.step(index, "stir", "07:00:00");
            played.end_step(n % 3 == 0, "07:00:01");
        }
        played.end("completed", "07:00:02");
    }
    // Phases and steps of two records that lie between each other.
    let mut two = Vec::new();
    for name in ["dye", "salt"] {
        begin(&mut played, name, "08:00:00");
        two.push((played.run, played.phase));
    }
    for n in 0..30 {
        (played.run, played.phase) = two[n % 2];
        played.step(2, "heat", "08:00:01");
        played.end_step(true, "08:00:02");
    }
    played.event("error", Some("deck.oven.heat: old"), "08:00:02");
    let lab = lab_with(&played.database(), Options::tiny(), Arc::new(|| at("08:00:05")));
    let mut cx = Cx::quiet();
    cx.freshness = crate::checkpoint::Freshness::AtOnce;
    let mut watcher = Watcher::default();
    watcher.look(&lab, &mut cx).unwrap();
    while lab.has_work() {
        if lab.idle(&mut Cx::quiet()).is_none_or(|idle| idle.pause.is_none()) {
            break;
        }
        let told = watcher.look(&lab, &mut cx).unwrap();
        assert_eq!(told.iter().map(line).collect::<Vec<_>>(), [""; 0]);
    }
    (played.run, played.phase) = two[0];
    played.step(3, "dose", "08:00:06");
    played.end_step(true, "08:00:07");
    played.event("error", Some("deck.pump.dose: new"), "08:00:07");
    let told: Vec<_> = watcher.look(&lab, &mut cx).unwrap().iter().map(line).collect();
    assert_eq!(told[0], "#201 failed 1/2: new");
}

#[test]
fn after_an_error_the_next_look_tells_it() {
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.end("completed", "08:00:02");
    let cancelled = crate::checkpoint::Cancel::default();
    cancelled.cancel();
    let error = watched.watcher.look(&watched.lab, &mut Cx::unwatched(cancelled)).unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error}");
    assert_eq!(watched.look("08:00:03"), ["#1 ended 1/2"]);
}

/// An open database, such as a lab's, can't be replaced on Windows.
#[cfg(unix)]
#[test]
fn in_another_file_only_the_same_records_go_on() {
    let mut watched = Watched::from(running(), "08:00:01");
    let (file, other) = (watched.played.database(), watched.played.beside("copy.db"));
    std::fs::copy(&file, &other).unwrap();
    std::fs::rename(&other, &file).unwrap();
    watched.played.db = rusqlite::Connection::open(&file).unwrap();
    watched.played.end("completed", "08:00:02");
    watched.played.start("foreign", "08:00:02");
    assert!(matches!(watched.watcher.is_due(&watched.lab, &Cx::quiet()), Err(Error::Replaced)));
    let error = watched.watcher.look(&watched.lab, &mut Cx::quiet()).unwrap_err();
    assert!(matches!(error, Error::Replaced), "{error}");
    watched.lab.reopen(&Cx::quiet()).unwrap();
    watched.watcher.replaced();
    assert!(watched.is_due());
    assert_eq!(watched.look("08:00:03"), ["#1 ended 1/2"]);
    assert!(watched.watcher.follows(2));
    watched.played.end("completed", "08:00:04");
    assert_eq!(watched.look("08:00:05"), ["#2 ended"]);
}

#[test]
fn a_lab_that_commits_or_is_locked_is_looked_at_later() {
    let watched = Watched::from(running(), "08:00:01");
    let options = Options { patience: std::time::Duration::ZERO, ..Options::without_cache() };
    let lab = Lab::open(&watched.played.database(), options, false, Arc::new(|| at("08:00:02"))).unwrap();
    let mut watcher = Watcher::default();
    watcher.look(&lab, &mut Cx::quiet()).unwrap();
    watched.played.end("completed", "08:00:02");
    watched.played.db.execute_batch("BEGIN EXCLUSIVE").unwrap();
    watcher.effort = Effort::default();
    assert!(!watcher.is_due(&lab, &Cx::quiet()).unwrap());
    assert!(matches!(watcher.look(&lab, &mut Cx::quiet()), Err(Error::Busy { .. })));
    watched.played.db.execute_batch("COMMIT").unwrap();
    assert!(watcher.is_due(&lab, &Cx::quiet()).unwrap());
    let told = watcher.look(&lab, &mut Cx::quiet()).unwrap();
    assert_eq!(told.iter().map(line).collect::<Vec<_>>(), ["#1 ended 1/2"]);
}

#[test]
fn an_old_record_without_an_end_is_watched_where_it_is_named() {
    let mut played = running();
    for _ in 0..40 {
        played.start("later", "08:00:01");
        played.end("completed", "08:00:02");
    }
    let watched = Watched::from(played, "08:00:03");
    assert!(!watched.watcher.follows(1));
    let mut watcher = Watcher::with(Some(1));
    watcher.look(&watched.lab, &mut Cx::quiet()).unwrap();
    assert!(watcher.follows(1));
    watched.played.db.execute("UPDATE workflow_runs SET status = 'stopped' WHERE id = 1", []).unwrap();
    let told = watcher.look(&watched.lab, &mut Cx::quiet()).unwrap();
    assert_eq!(told.iter().map(line).collect::<Vec<_>>(), ["#1 ended 1/2"]);
}

#[test]
fn the_end_with_an_error_that_no_step_has_is_told() {
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.end_step(false, "08:00:02");
    watched.played.log("Error during cleanup: pump is off", "08:00:03");
    watched.played.end("error", "08:00:03");
    assert_eq!(watched.look("08:00:03"), ["#1 ended 1/2: pump is off"]);
    // Also behind a failure that was mended.
    let mut watched = Watched::from(running(), "08:00:01");
    watched.played.log("Error during script execution: jam", "08:00:02");
    watched.played.end_step(true, "08:00:02");
    watched.played.event("error", Some("deck.mixer.stir: jam"), "08:00:02");
    assert_eq!(watched.look("08:00:02").len(), 2);
    watched.played.event("retried", None, "08:00:08");
    watched.played.step(1, "stir", "08:00:08");
    watched.played.end_step(false, "08:00:09");
    watched.played.log("Error during cleanup: pump is off", "08:00:20");
    watched.played.end("error", "08:00:20");
    assert_eq!(watched.look("08:00:20").last().unwrap(), "#1 ended 1/2: pump is off");
}

#[test]
fn how_a_record_ended_is_told_alone() {
    let mut played = running();
    played.event("stop_now", Some("Cleanup skipped."), "08:00:04");
    played.end("stopped", "08:00:05");
    played.start("next", "08:00:06");
    let watched = Watched::from(played, "08:00:07");
    let told =
        |id| ending(&watched.lab, &watched.lab.run(id, &Cx::quiet()).unwrap(), &mut Cx::quiet()).unwrap();
    assert_eq!(line(&told(1).unwrap()), "#1 ended 1/2: Stopped at 08:00:04: Cleanup skipped.");
    assert_eq!(told(2), None);
}
