//! The same moment of a record as step, log line and iteration, against plain reading of tables and logs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{collections::HashMap, fs};

use rusqlite::Connection;

use ivorylens::{
    checkpoint::Cx,
    services::{
        answer,
        lab::Lab,
        log::LogAt,
        moment::{Moment, MomentKind},
        next_failure::Spot,
        paths,
        request::{Answer, Ask},
    },
};

use common::{
    NEW, Set,
    lab::{NOON, lab, stopped},
};

fn told(lab: &Lab, run: i64, from: Moment, wanted: MomentKind) -> Option<Moment> {
    let ask = Ask::Moment { run, from, wanted };
    let Answer::Moment(found) = answer(lab, &ask, &mut Cx::quiet()).unwrap().value else {
        panic!("no moment")
    };
    found
}

/// A step as the file has it.
struct Row {
    run: i64,
    phase: i64,
    step: i64,
    main: bool,
    iteration: Option<i64>,
    method: String,
    start: String,
}

fn rows(set: &Set) -> Vec<Row> {
    let file = Connection::open(set.data().join("ivoryos.db")).unwrap();
    let sql = "SELECT p.run_id, p.id, s.id, p.name, p.repeat_index, s.method_name, s.start_time \
               FROM workflow_steps s JOIN workflow_phases p ON p.id = s.phase_id \
               WHERE s.start_time IS NOT NULL ORDER BY s.id";
    let mut statement = file.prepare(sql).unwrap();
    let read = statement.query_map([], |row| {
        Ok(Row {
            run: row.get(0)?,
            phase: row.get(1)?,
            step: row.get(2)?,
            main: row.get::<_, String>(3)? == "main",
            iteration: row.get(4)?,
            method: row.get(5)?,
            start: row.get(6)?,
        })
    });
    read.unwrap().map(Result::unwrap).collect()
}

/// Each step's place in the log is its own call, and that line leads back to it.
#[test]
fn steps_and_log_lines_lead_to_each_other() {
    let set = Set::open(NEW);
    let lab = lab(&set.data(), stopped(NOON));
    let (mut seen, mut calls) = (0, HashMap::new());
    for row in rows(&set) {
        let Ok(log) = paths::existing_log(&lab, &lab.run(row.run, &Cx::quiet()).unwrap()) else { continue };
        let text = fs::read_to_string(&log.path).unwrap();
        let spot = Spot::Step { phase: row.phase, step: row.step };
        let Some(Moment::LogByte(at)) = told(&lab, row.run, Moment::Spot(spot), MomentKind::LogByte) else {
            panic!("{}", row.step)
        };
        let line = text.get(usize::try_from(at).unwrap()..).unwrap().lines().next().unwrap();
        let called = format!(".{}' with args", row.method);
        let second = row.start.get(..19).unwrap();
        let is_call = line.contains(&called) && line.starts_with(second);
        // Steps of IvoryOS itself (comments, waits, variables) have no such line.
        let has_call = text.lines().any(|line| line.starts_with(second) && line.contains(&called));
        assert!(is_call || !has_call, "step {} of {}: {line}", row.step, row.run);
        if !is_call {
            continue;
        }
        // Calls of one second that can't be told apart share a line.
        if calls.insert((row.run, at), row.step).is_none() {
            let back = told(&lab, row.run, Moment::LogByte(at), MomentKind::Spot);
            assert_eq!(back, Some(Moment::Spot(spot)), "step {} of {}: {line}", row.step, row.run);
            seen += 1;
        }
        if row.main {
            let iteration = told(&lab, row.run, Moment::LogByte(at), MomentKind::Iteration);
            assert_eq!(iteration, row.iteration.map(Moment::Iteration), "step {}", row.step);
        }
    }
    assert!(seen > 150, "{seen}");
}

/// From error to error, both ways, in every log: exactly the entries that begin as one.
#[test]
fn errors_of_logs_are_walked() {
    let set = Set::open(NEW);
    let lab = lab(&set.data(), stopped(NOON));
    let file = Connection::open(set.data().join("ivoryos.db")).unwrap();
    let mut statement = file.prepare("SELECT id FROM workflow_runs").unwrap();
    let runs: Vec<i64> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut seen = 0;
    for run in runs {
        let Ok(log) = paths::existing_log(&lab, &lab.run(run, &Cx::quiet()).unwrap()) else { continue };
        let text = fs::read_to_string(&log.path).unwrap();
        let mut at = 0;
        let mut errors: Vec<u64> = Vec::new();
        for line in text.split_inclusive('\n') {
            let told = line.get(22..).unwrap_or_default();
            let begins = line.starts_with("2026-") && line.get(19..22) == Some(" - ");
            if begins && (told.starts_with("Error during ") || told.starts_with("Input type error: ")) {
                errors.push(at);
            }
            at += line.len() as u64;
        }
        let walk = |start: Option<u64>, forward: bool| {
            let (mut from, mut found) = (start, Vec::new());
            loop {
                let ask = Ask::Log { run, at: LogAt::Error { from, forward }, bytes: 1 };
                let Answer::Log(piece) = answer(&lab, &ask, &mut Cx::quiet()).unwrap().value else {
                    panic!("no piece")
                };
                let Some(at) = piece.found else { return found };
                found.push(at);
                from = Some(at);
            }
        };
        assert_eq!(walk(None, true), errors, "{run}");
        errors.reverse();
        assert_eq!(walk(Some(text.len() as u64), false), errors, "{run}");
        seen += errors.len();
    }
    assert!(seen > 5, "{seen}");
}

/// Phases without steps, iterations and log lines in front of the first step have places too.
#[test]
fn phases_and_iterations_have_their_moments() {
    let set = Set::open(NEW);
    let lab = lab(&set.data(), stopped(NOON));
    let file = Connection::open(set.data().join("ivoryos.db")).unwrap();
    let sql = "SELECT run_id, id, repeat_index FROM workflow_phases WHERE name = 'main' AND repeat_index IS NOT NULL";
    let mut statement = file.prepare(sql).unwrap();
    let read = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let phases: Vec<(i64, i64, i64)> = read.unwrap().map(Result::unwrap).collect();
    for (run, phase, n) in phases {
        let spot = told(&lab, run, Moment::Iteration(n), MomentKind::Spot);
        assert_eq!(spot, Some(Moment::Spot(Spot::Phase(phase))), "{run} {n}");
        let back = told(&lab, run, Moment::Spot(Spot::Phase(phase)), MomentKind::Iteration);
        assert_eq!(back, Some(Moment::Iteration(n)), "{run} {n}");
    }
    assert_eq!(told(&lab, 21, Moment::Iteration(77), MomentKind::Spot), None);
    // The first line of a log stands in front of all steps.
    let first = told(&lab, 21, Moment::LogByte(0), MomentKind::Spot);
    assert!(matches!(first, Some(Moment::Spot(_))), "{first:?}");
}

/// All of these tests, on another database.
#[test]
fn moments_are_those_of_any_source() {
    common::memory::run_again(&[], 3);
}

#[cfg(all(unix, feature = "postgres"))]
#[test]
fn moments_are_those_of_any_source_of_a_server() {
    common::memory::run_again_on_server(&[], &[], 3);
}
