//! Records that are played up to a moment: what is told of how far they are.

use jiff::civil::date;

use super::*;
use crate::{
    demo::{self, Plan},
    tui::testing::{lab_of, played::Played},
};

fn at(time: &str) -> DateTime {
    format!("2026-11-24T{time}").parse().unwrap()
}

fn progress(played: &Played, waits: bool) -> RunProgress {
    let lab = lab_of(&played.database());
    let run = lab.run(played.run, &Cx::quiet()).unwrap();
    of_record(&lab, &LazyEvents::of(&run), waits, &mut Cx::quiet()).unwrap().value
}

/// A record that began at 08:00, and its prep.
fn begun(name: &str) -> Played {
    let mut played = Played::empty();
    played.start(name, "08:00:00");
    played.log("Executing prep steps", "08:00:00");
    played.phase("prep", 1, "08:00:00");
    played
}

/// One whose iterations took 60, 70 and 400 seconds, and which is at the fourth of so many that the log tells.
fn at_the_fourth(of: Option<u64>) -> Played {
    let mut played = begun("titrate");
    played.end_phase(None, "08:00:10");
    let iterations = [(1, "08:01:00", "08:02:00"), (2, "08:02:01", "08:03:11"), (3, "08:03:12", "08:09:52")];
    for (n, from, to) in iterations {
        of.inspect(|of| played.log(&format!("Executing titrate experiment: {n}/{of}"), from));
        played.iteration(n, from, to);
    }
    of.inspect(|of| played.log(&format!("Executing titrate experiment: 4/{of}"), "08:09:53"));
    played.phase("main", 4, "08:09:53.250000");
    played
}

#[test]
fn the_end_is_the_usual_time_for_each_iteration_that_is_left() {
    let found = progress(&at_the_fourth(Some(6)), false);
    let want = RunProgress {
        start: Some(at("08:00:00")),
        phase: Some("main".to_owned()),
        iteration: Some(4),
        of: Some(6),
        usual: Some(70.0),
        through: Some(at("08:13:23.250000")),
    };
    assert_eq!(found, want);
    assert_eq!(found.elapsed(at("08:10:00")), Some(600.0));
    assert_eq!(found.elapsed(at("07:59:00")), Some(-60.0), "the clock went back");
}

#[test]
fn nothing_is_guessed_where_the_number_is_not_known() {
    let unknown = progress(&at_the_fourth(None), false);
    assert_eq!((unknown.iteration, unknown.of, unknown.through), (Some(4), None, None));
    assert_eq!(unknown.usual, Some(70.0));
    let fewer = progress(&at_the_fourth(Some(3)), false);
    assert_eq!((fewer.iteration, fewer.of, fewer.through), (Some(4), None, None));
    let waiting = progress(&at_the_fourth(Some(6)), true);
    assert_eq!((waiting.of, waiting.through), (Some(6), None));
}

#[test]
fn in_prep_there_is_no_iteration() {
    let found = progress(&begun("titrate"), false);
    assert_eq!((found.phase.as_deref(), found.iteration, found.of), (Some("prep"), None, None));
    assert_eq!((found.usual, found.through), (None, None));
    let mut none = Played::empty();
    none.start("titrate", "08:00:00");
    assert_eq!(progress(&none, false), RunProgress { start: Some(at("08:00:00")), ..RunProgress::default() });
}

#[test]
fn the_first_iteration_has_no_usual_time() {
    let mut played = begun("grow");
    played.log("Executing grow experiment: 1/3", "08:00:05");
    played.phase("main", 1, "08:00:05");
    let found = progress(&played, false);
    assert_eq!((found.iteration, found.of, found.usual, found.through), (Some(1), Some(3), None, None));
}

#[test]
fn a_config_table_counts_its_batches_as_they_are_now() {
    let mut played = begun("screen");
    played.log("Executing 1 of 2 with kwargs = [{'note': 'of 9 experiment: 1/9'}]", "08:00:05");
    played.iteration(1, "08:00:05", "08:00:35");
    // A row was added meanwhile.
    played.log("Executing 2 of 5 with kwargs = [{'note': ''}]", "08:00:35");
    played.phase("main", 2, "08:00:35");
    let found = progress(&played, false);
    assert_eq!((found.iteration, found.of, found.usual), (Some(2), Some(5), Some(30.0)));
    assert_eq!(found.through, Some(at("08:02:35")));
}

#[test]
fn in_cleanup_the_iterations_are_over() {
    let mut played = at_the_fourth(Some(4));
    played.end_phase(Some("done"), "08:11:00");
    let between = progress(&played, false);
    assert_eq!((between.iteration, between.through), (Some(4), Some(at("08:11:00"))));
    played.phase("cleanup", 1, "08:11:01");
    let found = progress(&played, false);
    assert_eq!((found.phase.as_deref(), found.iteration, found.of), (Some("cleanup"), Some(4), Some(4)));
    assert_eq!(found.through, None);
}

#[test]
fn a_wait_in_an_iteration_moves_its_end() {
    let mut played = at_the_fourth(Some(5));
    played.step(1, "stir", "08:09:54");
    played.end_step(true, "08:09:58");
    played.event("error", Some("deck.mixer.stir: jam"), "08:09:58");
    played.event("retried", None, "09:30:00");
    let found = progress(&played, false);
    // It can't have ended before the step was tried again, and the fifth takes 70 s.
    assert_eq!((found.iteration, found.through), (Some(4), Some(at("09:31:10"))));
    // A retry of long before moves nothing.
    let mut played = begun("titrate");
    played.event("retried", None, "08:00:01");
    played.log("Executing titrate experiment: 1/2", "08:00:02");
    played.iteration(1, "08:00:02", "08:00:12");
    played.log("Executing titrate experiment: 2/2", "08:00:12");
    played.phase("main", 2, "08:00:12");
    assert_eq!(progress(&played, false).through, Some(at("08:00:22")));
}

#[test]
fn iterations_that_failed_or_ended_before_they_began_are_not_usual() {
    let mut played = begun("titrate");
    played.iteration(1, "08:01:00", "08:02:00");
    for n in 2..6 {
        played.phase("main", n, "08:02:00");
        played.fail_phase("no such vial", "08:02:01");
    }
    // The clock went back an hour.
    played.iteration(6, "08:03:00", "07:04:00");
    played.phase("main", 7, "07:04:01");
    let found = progress(&played, false);
    assert_eq!((found.iteration, found.usual), (Some(7), Some(60.0)));
}

#[test]
fn quick_iterations_find_their_own_line() {
    let mut played = begun("blink");
    for n in 1..=40 {
        played.log(&format!("Executing blink experiment: {n}/40"), "08:00:03");
    }
    for n in 1..=20 {
        played.iteration(n, "08:00:03.100000", "08:00:03.200000");
    }
    let found = progress(&played, false);
    assert_eq!((found.iteration, found.of), (Some(20), Some(40)));
    assert_eq!(found.through, Some(at("08:00:05.200000")));
}

/// A record of which only a part is read gives what the whole of it does.
#[test]
fn a_long_record_is_told_by_a_sample() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::sized(3, 1..=2, 2, 5, date(2026, 11, 24).at(8, 0, 0, 0))
        .with(|size| size.deep = Some((3_000, 2)));
    demo::make(&plan, folder.path()).unwrap();
    let file = folder.path().join("ivoryos.db");
    let db = rusqlite::Connection::open(&file).unwrap();
    let sql = "SELECT run_id FROM workflow_phases GROUP BY run_id ORDER BY count(*) DESC LIMIT 1";
    let id: i64 = db.query_row(sql, [], |row| row.get(0)).unwrap();
    let lab = lab_of(&file);
    let run = lab.run(id, &Cx::quiet()).unwrap();
    let told = || of_record(&lab, &LazyEvents::of(&run), false, &mut Cx::quiet()).unwrap().value;
    let sampled = told();
    lab.phase_summaries(id, &mut Cx::quiet()).unwrap();
    let whole = told();
    assert_eq!((sampled.iteration, &sampled.phase), (whole.iteration, &whole.phase));
    assert!(sampled.iteration > Some(2_000), "{sampled:?}");
    let (part, all) = (sampled.usual.unwrap(), whole.usual.unwrap());
    assert!((part - all).abs() < all / 4.0, "{part} {all}");
}
