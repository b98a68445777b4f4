//! What services make of real records: tries, texts of errors, guesses, tables, files.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use ivorylens::{
    checkpoint::Cx,
    model::{outcome::Outcome, query::ListQuery},
    services::{
        delete,
        events::LazyEvents,
        export_kind::ExportKind,
        files,
        lab::{Lab, wall_clock},
        next_failure::{self, Spot},
        overview, paths, records, run_row,
        run_state::RunState,
        steps::Attempt,
        table,
        why::{
            self, report,
            types::{Failure, FailureKind, Origin},
        },
    },
};

use common::{
    NEW, Set,
    lab::{NOON, stopped},
};

/// The folder as it is read at this moment of the lab PC's clock.
fn at(data: &Path, clock: &str) -> Lab {
    common::lab::lab(data, stopped(clock.parse().unwrap()))
}

fn lab(set: &str) -> Lab {
    common::lab::lab(&Set::open(set).data(), stopped(NOON))
}

fn attempts(lab: &Lab, run: i64, phase: i64) -> Vec<(i64, Attempt)> {
    let mut found = overview::phase_steps(lab, run, &[phase], &mut Cx::quiet()).unwrap().value;
    found.pop().unwrap().steps.iter().map(|s| (s.step_index.unwrap(), s.attempt)).collect()
}

#[test]
fn a_step_tried_again_a_sample_and_a_round_are_told_apart() {
    let lab = lab(NEW);
    let tries = |n| Attempt::Try { n, of: 3 };
    let want = [(1, Attempt::Only), (2, tries(1)), (2, tries(2)), (2, tries(3)), (3, Attempt::Only)];
    assert_eq!(attempts(&lab, 21, 90), want);
    let samples = attempts(&lab, 10, 40);
    let sample = |n| Attempt::Sample { n, of: 2 };
    for index in 1..=3 {
        let of_index: Vec<_> = samples.iter().filter(|(i, _)| *i == index).map(|(_, a)| *a).collect();
        assert_eq!(of_index, [sample(1), sample(2)]);
    }
}

#[test]
fn each_failed_step_has_its_own_text() {
    let lab = lab(NEW);
    let steps = overview::phase_steps(&lab, 21, &[90], &mut Cx::quiet()).unwrap().value.pop().unwrap().steps;
    let texts: Vec<_> = steps.iter().filter_map(|s| s.error.as_deref()).collect();
    assert_eq!(texts.len(), 2);
    for (n, text) in texts.iter().enumerate() {
        assert!(text.contains(&format!("timed out (try {})", n + 1)), "{text}");
    }
    let detail = overview::step_detail(&lab, 21, 196, &mut Cx::quiet()).unwrap().value;
    assert_eq!((detail.failed, detail.error), (Some(false), None));
    let added: Vec<_> = detail.added.iter().map(|(k, _)| k.lossy().into_owned()).collect();
    assert_eq!(added, ["probe"], "what was there before was not added");

    let stopped = overview::overview(&lab, 23, true, &mut Cx::quiet()).unwrap().value;
    let first = stopped.first_failure.unwrap();
    assert_eq!((report::reason(&first).as_str(), first.step), ("no pressure", Some(201)));
}

/// What overview and `show` say of a record is what `why` says, also where only a log tells it.
#[test]
fn the_first_failure_is_the_one_that_why_tells() {
    let mut from_logs = 0;
    for set in [NEW, "ivoryos-1.4.0-log"] {
        let lab = lab(set);
        for id in 1..=61 {
            let Ok(told) = why::of_record(&lab, id, why::types::Depth::Whole, &mut Cx::quiet()) else {
                continue;
            };
            let first = overview::overview(&lab, id, true, &mut Cx::quiet()).unwrap().value.first_failure;
            let says = |failure: &Failure| (report::reason(failure), failure.step, failure.iteration);
            match (first, told.value.failures.first()) {
                (Some(quick), Some(whole)) => {
                    assert_eq!(says(&quick), says(whole), "{set} {id}");
                    let origin = quick.text.map(|told| told.origin);
                    from_logs += u32::from(matches!(origin, Some(Origin::Log | Origin::DefaultLog)));
                }
                // An error that a log alone has, of a record that did not end with it, is looked for by `why` alone.
                (None, whole) => assert!(whole.is_none_or(|one| one.kind == FailureKind::Run), "{set} {id}"),
                (Some(quick), None) => panic!("{set} {id}: {quick:?}"),
            }
        }
    }
    assert!(from_logs > 2, "{from_logs}");
}

/// The next failed spot as a test names it.
fn next(lab: &Lab, run: i64, from: Option<Spot>, forward: bool) -> Option<Spot> {
    next_failure::next_failed(lab, run, from, forward, &mut Cx::quiet()).unwrap().value
}

#[test]
fn failed_steps_are_walked_both_ways_and_end() {
    let lab = lab(NEW);
    let step = |step| Some(Spot::Step { phase: 90, step });
    let next = |from, forward| next(&lab, 21, from, forward);
    assert_eq!(next(None, true), step(194));
    assert_eq!(next(step(194), true), step(195));
    assert_eq!(next(step(195), true), None);
    assert_eq!(next(None, false), step(195));
    assert_eq!(next(step(195), false), step(194));
    assert_eq!(next(step(194), false), None);
    assert_eq!(next(step(193), true), step(194), "from a step that did not fail");
    assert_eq!(next(step(197), false), step(195));
}

/// A wrong input or a condition fails a phase without failing a step: it has its place in the walk.
#[test]
fn failed_phases_and_failed_steps_are_walked_in_the_order_they_ran() {
    let lab = lab("odd");
    let walk = |run, forward| {
        std::iter::successors(next(&lab, run, None, forward), |at| next(&lab, run, Some(*at), forward))
            .collect::<Vec<_>>()
    };
    let step = |phase, step| Spot::Step { phase, step };
    let want =
        [step(209, 519), step(209, 521), Spot::Phase(210), step(211, 525), step(212, 529), step(213, 532)];
    assert_eq!(walk(143, true), want);
    assert_eq!(walk(30, true), [Spot::Phase(46), step(47, 118)]);
    let runs: Vec<i64> = (1..=145).collect();
    let mut found = 0;
    for fill in records::row_details(&lab, &runs, &mut Cx::quiet()).unwrap().value {
        let mut back = walk(fill.run, false);
        back.reverse();
        let onwards = walk(fill.run, true);
        assert_eq!(onwards, back, "record {}", fill.run);
        assert_eq!(onwards.len() as u64, fill.failures, "record {}", fill.run);
        found += onwards.len();
    }
    assert!(found > 100, "{found}");
}

#[test]
fn a_spot_that_did_not_fail_lies_between_those_that_did() {
    let lab = lab("odd");
    let step = |phase, step| Some(Spot::Step { phase, step });
    let from = |from, forward| next(&lab, 143, from, forward);
    assert_eq!(from(step(209, 520), true), step(209, 521));
    assert_eq!(from(step(209, 520), false), step(209, 519));
    assert_eq!(from(Some(Spot::Phase(211)), true), step(211, 525));
    assert_eq!(from(Some(Spot::Phase(211)), false), Some(Spot::Phase(210)));
    // Steps of a phase that failed without one stand behind it.
    assert_eq!(next(&lab, 10, step(20, 42), true), None);
    assert_eq!(next(&lab, 10, step(20, 42), false), Some(Spot::Phase(20)));
    assert_eq!(next(&lab, 10, Some(Spot::Phase(20)), false), step(19, 39));
    assert_eq!(from(step(1, 1), false), step(213, 532), "from a phase that is gone");
}

/// The set without logs, whose times on disk are those of the copy.
fn without_logs(set: &Set) -> std::path::PathBuf {
    let data = set.copy();
    fs::remove_dir_all(data.join("logs")).unwrap();
    data
}

#[test]
fn a_record_without_an_end_is_called_running_only_while_it_moves() {
    let set = Set::open(NEW);
    let data = without_logs(&set);
    let outcome = |clock: &str, id: i64| {
        let lab = at(&data, clock);
        overview::overview(&lab, id, true, &mut Cx::quiet()).unwrap().value
    };
    let running = outcome("2026-11-24T03:04:31", 61);
    assert_eq!(running.row.outcome, Outcome::Running);
    assert_eq!(running.row.evidence(), Some("in slow since 03:04"));
    assert_eq!(outcome("2026-11-24T03:14:00", 61).row.outcome, Outcome::Running);
    assert_eq!(outcome("2026-11-24T03:24:31", 61).row.outcome, Outcome::Unfinished);
    // Old versions run several at once: another one is thought dead once it was silent for ten minutes.
    let beside = outcome("2026-11-24T03:04:31", 59);
    assert_eq!(beside.row.outcome, Outcome::Running);
    assert_eq!(beside.row.evidence(), Some("in slow since 03:04; #60 began after it"));
    let silent = outcome("2026-11-24T03:14:20", 59);
    assert_eq!(silent.row.outcome, Outcome::Unfinished, "not the newest");
    let said = "no end time, in slow since 03:04, last sign of life 03:04, and #60 began after it";
    assert_eq!(silent.row.evidence(), Some(said));
    // The list says the same.
    let lab = at(&data, "2026-11-24T03:14:20");
    let rows = records::rows(&lab, &ListQuery::default(), (0, 3), &mut Cx::quiet()).unwrap();
    let outcomes: Vec<_> = rows.iter().map(|r| r.outcome).collect();
    assert_eq!(outcomes, [Outcome::Running, Outcome::Completed, Outcome::Unfinished]);
}

#[test]
fn the_time_of_a_copied_log_keeps_from_deleting_and_says_nothing_else() {
    let set = Set::open(NEW);
    let lab = common::lab::lab(&set.copy(), wall_clock());
    let run = lab.run(59, &Cx::quiet()).unwrap();
    let log = paths::existing_log(&lab, &run).unwrap().path;
    let touch = |time| fs::File::options().append(true).open(&log).unwrap().set_modified(time).unwrap();
    let guarded = || delete::bill(&lab, &[59], &mut Cx::quiet()).unwrap().items[0].guarded;
    let state = || run_row::record(&lab, 59, &Cx::quiet()).unwrap().unwrap().state();
    touch(SystemTime::now());
    assert_eq!((guarded(), state()), (true, Some(RunState::Died)));
    touch(SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000));
    assert_eq!((guarded(), state()), (false, Some(RunState::Died)));
}

#[test]
fn events_have_the_labels_of_the_page() {
    let lab = lab(NEW);
    let of = |id| LazyEvents::of(&lab.run(id, &Cx::quiet()).unwrap()).into_all();
    let labels: Vec<_> = of(21).into_iter().map(|e| e.label).collect();
    assert_eq!(labels, ["Error", "Retried step", "Error", "Retried step"]);
    let edited = of(58);
    assert_eq!(edited.first().unwrap().label, "Table edited");
    assert_eq!(edited.first().unwrap().detail.as_deref().unwrap().lines().count(), 4, "one change a line");
}

#[test]
fn a_batch_has_its_config_table_and_other_runs_their_iterations() {
    let lab = lab(NEW);
    let of = |id| table::of(&lab, &lab.run(id, &Cx::quiet()).unwrap(), &mut Cx::quiet()).unwrap();
    let names = |all: &[ivorylens::model::value::Text]| {
        all.iter().map(|t| t.lossy().into_owned()).collect::<Vec<_>>()
    };
    let batch = of(58);
    assert!(batch.batch && !batch.batched);
    assert_eq!(names(&batch.columns), ["volume", "solvent", "temp"]);
    assert_eq!(names(&batch.outputs), ["slept", "delivered", "state"]);
    assert_eq!(batch.rows.len(), 5);
    assert!(batch.rows.iter().all(|r| r.status == "done" && r.ran() && r.starts_batch));
    let optimizer = of(16);
    assert!(!optimizer.batch);
    assert_eq!(names(&optimizer.columns), ["x", "temp"]);
    assert_eq!(names(&optimizer.outputs), ["delivered", "k"]);
    let iterations: Vec<_> = optimizer.rows.iter().map(|r| r.iteration.unwrap()).collect();
    assert_eq!(iterations, [1, 2, 3, 4]);
}

#[cfg(unix)]
#[test]
fn files_are_found_after_the_folder_moved_and_never_outside_it() {
    let set = Set::open(NEW);
    let moved = set.place().keep().join("from the lab");
    fs::rename(set.copy(), &moved).unwrap();
    let lab = common::lab::lab(&moved, stopped(NOON));
    let run = lab.run(16, &Cx::quiet()).unwrap();
    let entries = files::entries(&lab, &run);
    let entry = |kind| entries.iter().find(|e| e.kind == kind).unwrap();
    for kind in [ExportKind::Log, ExportKind::OptimizerPlots] {
        assert!(entry(kind).path().is_some_and(|p| p.starts_with(&moved)), "{kind:?}");
    }
    assert!(entry(ExportKind::StepsCsv).path().is_none(), "made on export");

    // A link in results/ that leads out of the data folder.
    let plots = entry(ExportKind::OptimizerPlots).path().unwrap().to_owned();
    let outside = set.place().keep().join("plots.json");
    fs::write(&outside, r#"{"secret": "<div/>"}"#).unwrap();
    fs::remove_file(&plots).unwrap();
    std::os::unix::fs::symlink(&outside, &plots).unwrap();
    let entries = files::entries(&lab, &run);
    assert!(entries.iter().all(|e| e.kind != ExportKind::OptimizerPlots || e.path().is_none()));
}

/// All of these tests, on another database.
#[test]
fn the_services_stand_on_any_source() {
    common::memory::run_again(&[], 10);
}

#[cfg(all(unix, feature = "postgres"))]
#[test]
fn the_services_stand_on_any_source_of_a_server() {
    common::memory::run_again_on_server(&[], &[], 10);
}
