//! What records without an end do, at a clock that stands still: running, waiting, in a long step, died, and why.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use jiff::{ToSpan as _, civil::DateTime, tz::TimeZone};
use rusqlite::Connection;

use ivorylens::{
    checkpoint::Cx,
    model::{
        outcome::Outcome,
        query::{ListQuery, Place},
    },
    services::{
        answer, delete,
        lab::Lab,
        overview, paths, records,
        request::{Answer, Ask},
        run_row,
        run_state::RunState,
        why::{self, types::Depth},
    },
};

use common::{
    NEW, Set,
    lab::{NOON, lab, stopped},
};

/// A made lab; times are minutes before noon.
struct MadeLab {
    folder: tempfile::TempDir,
    database: Connection,
}

/// `2026-11-24 11:59:00.500000` for 1.
fn before(minutes: f64) -> DateTime {
    NOON.checked_sub(((minutes * 60_000.0) as i64).milliseconds()).unwrap()
}

fn stored(minutes: f64) -> String {
    before(minutes).strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}

fn entry((minutes, text): &(f64, &str)) -> String {
    format!("{} - {text}\n", before(*minutes).strftime("%Y-%m-%d %H:%M:%S"))
}

impl MadeLab {
    /// With the tables of a reference set.
    fn of(set: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ivoryos.db");
        fs::copy(Set::open(set).data().join("ivoryos.db"), &file).unwrap();
        fs::create_dir(folder.path().join("logs")).unwrap();
        let database = Connection::open(file).unwrap();
        for table in ["workflow_steps", "workflow_phases", "workflow_runs"] {
            database.execute(&format!("DELETE FROM {table}"), []).unwrap();
        }
        Self { folder, database }
    }

    fn new() -> Self {
        Self::of(NEW)
    }

    /// From before events and outcomes were kept.
    fn old() -> Self {
        Self::of("ivoryos-1.4.0")
    }

    fn run(&self, name: &str, started: f64) -> i64 {
        let sql = "INSERT INTO workflow_runs (name, platform, start_time) VALUES (?, 'deck', ?)";
        self.database.execute(sql, (name, stored(started))).unwrap();
        self.database.last_insert_rowid()
    }

    fn end(&self, run: i64, ended: f64) {
        let sql = "UPDATE workflow_runs SET end_time = ? WHERE id = ?";
        self.database.execute(sql, (stored(ended), run)).unwrap();
    }

    /// An iteration with its steps: method, began, ended.
    fn steps(&self, run: i64, steps: &[(&str, f64, Option<f64>)]) {
        let sql =
            "INSERT INTO workflow_phases (run_id, name, repeat_index, start_time) VALUES (?, 'main', 1, ?)";
        self.database.execute(sql, (run, stored(steps[0].1))).unwrap();
        let phase = self.database.last_insert_rowid();
        for (n, (method, began, ended)) in steps.iter().enumerate() {
            let sql = "INSERT INTO workflow_steps (phase_id, step_index, method_name, start_time, end_time, run_error) \
                       VALUES (?, ?, ?, ?, ?, 0)";
            self.database
                .execute(sql, (phase, n as i64 + 1, method, stored(*began), ended.map(stored)))
                .unwrap();
        }
    }

    fn events(&self, run: i64, events: &[(&str, f64, Option<&str>)]) {
        let one = |(kind, at, detail): &(&str, f64, Option<&str>)| {
            let detail = detail.map_or("null".to_owned(), |detail| format!("{detail:?}"));
            let time = before(*at).strftime("%Y-%m-%dT%H:%M:%S");
            format!(r#"{{"time": "{time}", "kind": "{kind}", "detail": {detail}}}"#)
        };
        let events = format!("[{}]", events.iter().map(one).collect::<Vec<_>>().join(", "));
        self.database.execute("UPDATE workflow_runs SET events = ? WHERE id = ?", (events, run)).unwrap();
    }

    /// The record's log, written last so many minutes before noon.
    fn log(&self, run: i64, entries: &[(f64, &str)], written: f64) {
        let lab = self.lab();
        let path = paths::log_path(&lab, &lab.run(run, &Cx::quiet()).unwrap()).unwrap();
        fs::write(&path, entries.iter().map(entry).collect::<String>()).unwrap();
        touch(path, written);
    }

    fn default_log(&self, entries: &[(f64, &str)]) {
        let path = self.folder.path().join("default.log");
        fs::write(path, entries.iter().map(entry).collect::<String>()).unwrap();
    }

    fn lab(&self) -> Lab {
        lab(self.folder.path(), stopped(NOON))
    }

    /// The state of a record and its evidence; list, overview and `why` must say the same.
    fn told(&self, run: i64) -> (&'static str, String) {
        let (lab, mut cx) = (self.lab(), Cx::quiet());
        let row = run_row::record(&lab, run, &cx).unwrap().unwrap();
        let listed = records::rows(&lab, &ListQuery::default(), (0, 1_000), &mut cx).unwrap();
        assert_eq!(listed.iter().find(|listed| listed.run.id == run), Some(&row));
        assert_eq!(overview::overview(&lab, run, true, &mut cx).unwrap().value.row, row);
        assert_eq!(why::of_record(&lab, run, Depth::Whole, &mut cx).unwrap().value.row, row);
        let running = row.state() == Some(RunState::Running);
        assert_eq!(row.outcome, if running { Outcome::Running } else { Outcome::Unfinished });
        (row.state().unwrap().word(), row.evidence().unwrap().to_owned())
    }
}

fn touch(path: PathBuf, minutes: f64) {
    let at = TimeZone::system().to_timestamp(before(minutes)).unwrap();
    fs::File::options()
        .append(true)
        .open(path)
        .unwrap()
        .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_second() as u64))
        .unwrap();
}

fn said(state: &'static str, evidence: &str) -> (&'static str, String) {
    (state, evidence.to_owned())
}

#[test]
fn a_step_may_take_as_long_as_others_of_its_method_did_twice_and_ten_minutes() {
    let made = MadeLab::new();
    let earlier = made.run("earlier", 2_000.0);
    made.steps(earlier, &[("hold", 1_900.0, Some(1_800.0)), ("hold", 1_790.0, Some(1_780.0))]);
    made.end(earlier, 1_700.0);
    let run = made.run("reflux", 212.0);
    // 100 minutes at most before: 210 are allowed.
    made.steps(run, &[("dose", 211.0, Some(209.0)), ("hold", 209.0, None)]);
    made.log(run, &[(209.0, "Executing 'reactor.hold' with args {'hours': 8}")], 209.0);
    assert_eq!(
        made.told(run),
        said("running", "in reactor.hold since 08:31, which took 1 h 40 at most before")
    );
    made.database
        .execute("UPDATE workflow_steps SET start_time = ? WHERE end_time IS NULL", [stored(210.5)])
        .unwrap();
    let (state, evidence) = made.told(run);
    assert_eq!(
        (state, evidence.starts_with("in hold since 08:29, which took 1 h 40 at most before, last")),
        ("died", true)
    );
}

#[test]
fn a_step_of_a_method_that_never_ended_may_take_a_day() {
    let made = MadeLab::new();
    let run = made.run("overnight", 1_439.5);
    made.steps(run, &[("anneal", 1_439.0, None)]);
    assert_eq!(made.told(run), said("running", "in anneal since Nov 23 12:01, and none has ended here yet"));
    made.database.execute("UPDATE workflow_steps SET start_time = ?", [stored(1_441.0)]).unwrap();
    assert_eq!(
        made.told(run),
        said(
            "died",
            "in anneal since Nov 23 11:59, and none has ended here yet, last sign of life Nov 23 12:01"
        )
    );
}

#[test]
fn a_long_step_that_still_writes_to_its_log_runs() {
    let made = MadeLab::new();
    let run = made.run("titration", 300.0);
    made.steps(run, &[("titrate", 300.0, Some(299.0)), ("titrate", 299.0, None)]);
    made.log(run, &[(299.0, "Executing 'burette.titrate' with args {}"), (3.0, "drop 1,201")], 3.0);
    let evidence =
        "in burette.titrate since 07:01, which took 1 min 0 s at most before, last sign of life 11:57";
    assert_eq!(made.told(run), said("running", evidence));
}

#[test]
fn between_two_steps_ten_minutes_are_allowed() {
    let made = MadeLab::new();
    let run = made.run("screen", 60.0);
    made.steps(run, &[("dose", 60.0, Some(9.5))]);
    assert_eq!(made.told(run), said("running", "no end time, last sign of life 11:50"));
    made.database.execute("UPDATE workflow_steps SET end_time = ?", [stored(10.5)]).unwrap();
    assert_eq!(made.told(run), said("died", "no end time, last sign of life 11:49"));
}

#[test]
fn a_wait_for_a_person_lasts_however_long() {
    for (events, evidence) in [
        (&[("paused", 5_000.0, None)][..], "paused since Nov 21 00:40"),
        (&[("intervention", 40.0, Some("swap the vials"))], "waits for a person since 11:20: swap the vials"),
        (
            &[
                ("error", 70.0, Some("a")),
                ("retried", 69.0, None),
                ("error", 40.0, Some("deck.pump.dose: no flow")),
            ],
            "waits for a decision after an error since 11:20: deck.pump.dose: no flow",
        ),
    ] {
        let made = MadeLab::new();
        let run = made.run("long ago", 6_000.0);
        made.steps(run, &[("dose", 5_900.0, Some(5_800.0))]);
        made.events(run, events);
        assert_eq!(made.told(run), said("waits", evidence));
    }
}

#[test]
fn what_was_retried_or_resumed_does_not_wait() {
    for kind in ["resumed", "retried", "stop_now", "something_new"] {
        let made = MadeLab::new();
        let run = made.run("r", 60.0);
        made.steps(run, &[("dose", 50.0, Some(49.0)), ("dose", 20.0, None)]);
        made.events(run, &[("error", 49.0, Some("stuck")), (kind, 21.0, None)]);
        let (state, evidence) = made.told(run);
        assert_eq!(
            (state, evidence.as_str()),
            ("died", "in dose since 11:40, which took 1 min 0 s at most before, last sign of life 11:40"),
            "{kind}"
        );
    }
}

/// What can be done while it waits ends no wait; a step that began since does.
#[test]
fn a_wait_is_over_by_what_goes_on_and_not_by_what_is_done_beside() {
    for kind in ["table_edited", "stop_after_iteration"] {
        let made = MadeLab::new();
        let run = made.run("r", 60.0);
        made.steps(run, &[("dose", 51.0, Some(50.0))]);
        made.events(run, &[("error", 50.0, Some("stuck")), (kind, 40.0, None)]);
        assert_eq!(
            made.told(run),
            said("waits", "waits for a decision after an error since 11:10: stuck"),
            "{kind}"
        );
        made.steps(run, &[("dose", 3.0, None)]);
        assert_eq!(made.told(run).0, "running", "{kind}");
    }
    // The step that asks begins in the second of its question.
    let made = MadeLab::new();
    let run = made.run("r", 60.0);
    made.steps(run, &[("pause", 50.0, None)]);
    made.events(run, &[("intervention", 50.0, Some("fill up"))]);
    assert_eq!(made.told(run), said("waits", "waits for a person since 11:10: fill up"));
}

/// A clock that was not set makes no step of decades, and a step of the future no record that runs.
#[test]
fn what_a_wrong_clock_wrote_is_not_believed() {
    let made = MadeLab::new();
    let earlier = made.run("earlier", 2_000.0);
    made.steps(earlier, &[("hold", 29_000_000.0, Some(1_990.0)), ("hold", 1_980.0, Some(1_970.0))]);
    made.end(earlier, 1_900.0);
    let run = made.run("r", 90.0);
    made.steps(run, &[("hold", 80.0, None)]);
    let (state, evidence) = made.told(run);
    assert_eq!(
        (state, evidence.contains("which took 10 min 0 s at most before")),
        ("died", true),
        "{evidence}"
    );
    let made = MadeLab::new();
    let run = made.run("r", 90.0);
    made.steps(run, &[("hold", -600.0, None)]);
    assert_eq!(made.told(run).0, "died");
}

/// No event tells of an input that is asked for, and old versions keep no events at all.
#[test]
fn logs_tell_what_is_waited_for_where_events_do_not() {
    let ask = "Requesting input: Which lot? (str)";
    let error = "Error during script execution: valve 3 stuck";
    for (log, state, evidence) in [
        (&[(50.0, ask)][..], "waits", "waits for an input since 11:10: Which lot? (str)"),
        (&[(50.0, ask), (49.0, "Input received: A7")], "died", "no end time, last sign of life 11:11"),
        (&[(50.0, "Pause script")], "waits", "paused since 11:10"),
        (&[(50.0, "Pause script"), (45.0, "Resume script")], "died", "no end time, last sign of life 11:15"),
        (&[(50.0, "Pause script"), (45.0, "Stop execution")], "died", "no end time, last sign of life 11:15"),
        (
            &[(50.0, "Human intervention required: fill: A"), (50.0, "Pause script")],
            "waits",
            "waits for a person since 11:10: fill: A",
        ),
        (
            &[(50.0, error), (50.0, "Pause script")],
            "waits",
            "waits for a decision after an error since 11:10: valve 3 stuck",
        ),
        (
            &[(50.0, "Pause script"), (8.0, "Resume script")],
            "running",
            "no end time, last sign of life 11:52",
        ),
    ] {
        for events in [&[][..], &[("resumed", 55.0, None)]] {
            let made = MadeLab::new();
            let run = made.run("asks", 60.0);
            made.events(run, events);
            made.log(run, log, log.last().unwrap().0);
            assert_eq!(made.told(run), said(state, evidence), "{log:?}");
        }
        // From before records had logs of their own.
        let made = MadeLab::old();
        let run = made.run("asks", 60.0);
        let begins = [(60.0, "Executing asks experiment: 1/3")];
        made.default_log(&[&begins[..], log].concat());
        assert_eq!(made.told(run), said(state, evidence), "{log:?}");
    }
}

/// A script that asks for an input as soon as somebody lets it go on: times have whole seconds.
#[test]
fn an_input_may_be_asked_for_in_the_second_of_the_last_event() {
    let made = MadeLab::new();
    let run = made.run("asks", 60.0);
    made.events(run, &[("paused", 30.0, None), ("resumed", 20.0, None)]);
    made.log(run, &[(20.0, "Resume script"), (20.0, "Requesting input: Which lot? (str)")], 20.0);
    assert_eq!(made.told(run), said("waits", "waits for an input since 11:40: Which lot? (str)"));
}

/// What stands behind the events counts: the log of a wait that was answered since tells nothing.
#[test]
fn a_wait_of_the_log_from_before_the_last_event_is_over() {
    let made = MadeLab::new();
    let run = made.run("r", 60.0);
    made.log(run, &[(50.0, "Pause script")], 50.0);
    made.events(run, &[("paused", 50.0, None), ("resumed", 4.0, None)]);
    assert_eq!(made.told(run), said("running", "no end time, last sign of life 11:56"));
}

#[test]
fn two_records_of_an_old_version_run_at_once() {
    let made = MadeLab::old();
    let first = made.run("furnace", 600.0);
    made.steps(first, &[("heat", 600.0, Some(300.0)), ("soak", 5.0, None)]);
    let second = made.run("screen", 30.0);
    made.steps(second, &[("dose", 30.0, Some(2.0))]);
    assert_eq!(made.told(first), said("running", "in soak since 11:55; #2 began after it"));
    assert_eq!(made.told(second), said("running", "no end time, last sign of life 11:58"));
    made.default_log(&[(600.0, "Executing furnace experiment: 1/1"), (4.0, "Pause script")]);
    assert_eq!(made.told(first), said("waits", "paused since 11:56"));
    // One that is silent beside a newer one is dead, whatever its step may take.
    made.database
        .execute("UPDATE workflow_steps SET start_time = ? WHERE end_time IS NULL", [stored(11.0)])
        .unwrap();
    made.default_log(&[]);
    let evidence = "no end time, in soak since 11:49, last sign of life 11:49, and #2 began after it";
    assert_eq!(made.told(first), said("died", evidence));
}

/// `cp -r` gives all files the time of the copy.
#[test]
fn a_copied_folder_brings_nothing_to_life() {
    let made = MadeLab::new();
    let run = made.run("killed", 3_000.0);
    made.steps(run, &[("dose", 2_999.0, Some(2_990.0))]);
    made.log(run, &[(2_999.0, "Executing 'pump.dose' with args {}")], 1.0);
    assert_eq!(made.told(run), said("died", "no end time, last sign of life Nov 22 10:10"));
    let bill = delete::bill(&made.lab(), &[run], &mut Cx::quiet()).unwrap();
    assert!(bill.items[0].guarded, "the newest without an end is guarded all the same");
    // Lines without a time behind one that agrees.
    made.log(run, &[(11.0, "step 1")], 9.0);
    assert_eq!(made.told(run), said("running", "no end time, last sign of life 11:51"));
}

#[test]
fn times_ahead_of_the_clock_are_told() {
    let made = MadeLab::new();
    let run = made.run("autumn", 600.0);
    made.steps(run, &[("dose", 30.0, Some(-48.0))]);
    let evidence = "no end time, last sign of life 12:48; that is 48 min 0 s ahead of this clock, which may have gone back";
    assert_eq!(made.told(run), said("running", evidence));
    let made = MadeLab::new();
    let run = made.run("other zone", 600.0);
    made.steps(run, &[("dose", 30.0, Some(-540.0))]);
    let evidence = "no end time, last sign of life 02:00; times up to 21:00 lie ahead of this clock and are not believed";
    assert_eq!(made.told(run), said("died", evidence));
}

#[test]
fn of_many_records_without_an_end_each_has_its_state() {
    let made = MadeLab::new();
    let ids: Vec<i64> = (0..50).map(|n| made.run("crash", 5_000.0 - f64::from(n))).collect();
    let last = made.run("now", 5.0);
    let evidence = |at: &str, next: i64| {
        format!("no end time, last sign of life Nov 21 {at}, and #{next} began after it")
    };
    let (lab, mut cx) = (made.lab(), Cx::quiet());
    let row = run_row::record(&lab, ids[0], &cx).unwrap().unwrap();
    assert_eq!(
        (row.state(), row.evidence()),
        (Some(RunState::Died), Some("no end time, and #2 began after it"))
    );
    // Far from the newest the list looks at nothing but the row.
    let rows = records::rows(&lab, &ListQuery::default(), (0, 100), &mut cx).unwrap();
    let of = |id: i64| rows.iter().find(|row| row.run.id == id).unwrap();
    assert_eq!(of(ids[0]).evidence(), Some(format!("no end time, and #{last} began after it").as_str()));
    let alone = "no end time, and #51 began after it".to_owned();
    assert_eq!(of(ids[49]).evidence(), Some(alone.as_str()));
    made.steps(ids[49], &[("dose", 4_951.0, Some(4_950.0))]);
    let seen = run_row::record(&made.lab(), ids[49], &Cx::quiet()).unwrap().unwrap();
    assert_eq!(seen.evidence(), Some(evidence("01:30", last).as_str()));
    let ask = Ask::Page { query: ListQuery::default(), place: Place::Top, rows: 10 };
    let Answer::Page(page) = answer(&lab, &ask, &mut cx).unwrap().value else { panic!("no page") };
    assert_eq!((page.running, page.waiting, page.died), (1, 0, 50));
}

/// Without any time there is nothing to go by.
#[test]
fn a_record_without_times_died() {
    let made = MadeLab::new();
    let run = made.run("r", 1.0);
    made.database.execute("UPDATE workflow_runs SET start_time = NULL", []).unwrap();
    assert_eq!(made.told(run), said("died", "no end time, no sign of life"));
}

/// When a state changes by time alone is known beforehand.
#[test]
fn the_moment_of_a_change_is_told() {
    let made = MadeLab::new();
    let run = made.run("r", 60.0);
    made.steps(run, &[("dose", 60.0, Some(4.0))]);
    let until = || run_row::record(&made.lab(), run, &Cx::quiet()).unwrap().unwrap().standing.unwrap().until;
    assert_eq!(until(), Some(before(-6.0)));
    made.steps(run, &[("dose", 3.0, None)]);
    assert_eq!(until(), Some(before(-7.0)), "ten minutes for any step");
    made.events(run, &[("paused", 1.0, None)]);
    assert_eq!(until(), None);
}

/// All of these tests, on another database.
#[test]
fn states_are_those_of_any_source() {
    common::memory::run_again(&[], 14);
}

#[cfg(all(unix, feature = "postgres"))]
#[test]
fn states_are_those_of_any_source_of_a_server() {
    common::memory::run_again_on_server(&[], &[], 14);
}
