//! Why records failed: against a slow, plain reading of database and log, and stories that are told in every kind of way.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{collections::HashMap, fs, path::Path};

use rusqlite::{Connection, OpenFlags};

use common::{
    Set,
    lab::{NOON, lab, stopped},
};
use ivorylens::{
    checkpoint::Cx,
    formats::python_repr::py_repr,
    model::{encoding::file_text, value::Value},
    services::{
        lab::Lab,
        overview,
        why::{
            self,
            types::{Depth, Failure, FailureKind, Origin, Share, Why},
        },
    },
};

const SETS: [&str; 5] = ["ivoryos-1.2.5", "ivoryos-1.4.0", "ivoryos-1.4.0-log", common::NEW, "odd"];

fn told(lab: &Lab, run: i64) -> Why {
    why::of_record(lab, run, Depth::Whole, &mut Cx::quiet()).unwrap().value
}

/// A failed step as the tables have it.
struct FailedRow {
    id: i64,
    phase: String,
    iteration: Option<i64>,
    index: Option<i64>,
    method: String,
}

struct Plain {
    database: Connection,
    data: std::path::PathBuf,
}

impl Plain {
    fn open(data: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = Connection::open_with_flags(data.join("ivoryos.db"), flags).unwrap();
        Self { database, data: data.to_path_buf() }
    }

    fn has(&self, table: &str, column: &str) -> bool {
        let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
        self.database.query_row(sql, [table, column], |row| row.get::<_, i64>(0)).unwrap() > 0
    }

    /// Id, name, start, end.
    fn runs(&self) -> Vec<(i64, String, Option<String>, Option<String>)> {
        let mut statement = self
            .database
            .prepare("SELECT id, name, start_time, end_time FROM workflow_runs ORDER BY id")
            .unwrap();
        let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn failed(&self, run: i64) -> Vec<FailedRow> {
        let sql = "SELECT s.id, p.name, p.repeat_index, s.step_index, s.method_name FROM workflow_steps s \
                   JOIN workflow_phases p ON p.id = s.phase_id WHERE p.run_id = ? AND s.run_error = 1 \
                   ORDER BY s.start_time, s.id";
        let mut statement = self.database.prepare(sql).unwrap();
        let rows = statement.query_map([run], |r| {
            let (id, phase, iteration, index, method) =
                (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?);
            Ok(FailedRow { id, phase, iteration, index, method })
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// Phases with status `failed` and no failed step.
    fn failed_phases(&self, run: i64) -> i64 {
        if !self.has("workflow_phases", "status") {
            return 0;
        }
        let sql = "SELECT count(*) FROM workflow_phases p WHERE run_id = ? AND status = 'failed' AND NOT EXISTS \
                   (SELECT 1 FROM workflow_steps s WHERE s.phase_id = p.id AND s.run_error = 1)";
        self.database.query_row(sql, [run], |row| row.get(0)).unwrap()
    }

    /// The entries of the record's log, or of `default.log` while it ran: time, first line, the lines below.
    fn entries(&self, start: &str, end: Option<&str>) -> (bool, Vec<(String, String, Vec<String>)>) {
        let ending = format!("_{}.log", start.get(..19).unwrap_or(start).replace(':', "-"));
        let logs = fs::read_dir(self.data.join("logs")).into_iter().flatten().flatten();
        let own = logs.map(|file| file.path()).find(|path| path.to_string_lossy().ends_with(&ending));
        let is_own = own.is_some();
        let path = own.unwrap_or_else(|| self.data.join("default.log"));
        let Ok(bytes) = fs::read(path) else { return (false, Vec::new()) };
        let mut entries: Vec<(String, String, Vec<String>)> = Vec::new();
        for line in file_text(&bytes).lines() {
            match line.split_at_checked(22) {
                Some((head, text)) if head.ends_with(" - ") && head.starts_with("20") => {
                    let time = head.get(..19).unwrap_or_default().to_owned();
                    entries.push((time, text.to_owned(), Vec::new()));
                }
                _ => entries.last_mut().into_iter().for_each(|entry| entry.2.push(line.to_owned())),
            }
        }
        if !is_own {
            let last = end.and_then(|end| end.get(..19)).unwrap_or("9999");
            let first = start.get(..19).unwrap_or(start);
            entries.retain(|(time, ..)| (first..=last).contains(&time.as_str()));
        }
        (is_own, entries)
    }
}

const ERROR: &str = "Error during script execution: ";

/// Every failed step and phase of every record is told, in its place; where the log has as many errors as there are failed
/// steps, with its text, its arguments and its exception.
#[test]
fn failures_are_those_of_the_tables_and_logs() {
    let mut texts = 0;
    for name in SETS {
        let set = Set::open(name);
        let (plain, lab) = (Plain::open(&set.data()), lab(&set.data(), stopped(NOON)));
        if !plain.has("workflow_phases", "id") {
            continue;
        }
        for (run, _, start, end) in plain.runs() {
            let why = told(&lab, run);
            let rows = plain.failed(run);
            let steps: HashMap<i64, &Failure> =
                why.failures.iter().filter_map(|f| Some((f.step?, f))).collect();
            let kind = |kind| why.failures.iter().filter(|failure| failure.kind == kind).count();
            assert_eq!(kind(FailureKind::Step), rows.len(), "{name} #{run}");
            assert_eq!(kind(FailureKind::Phase) as i64, plain.failed_phases(run), "{name} #{run}");
            for row in &rows {
                let failure = steps[&row.id];
                let place = (failure.phase.as_deref(), failure.iteration, failure.step_index);
                assert_eq!(place, (Some(row.phase.as_str()), row.iteration, row.index), "{name} #{run}");
                assert_eq!(failure.method.as_ref(), Some(&row.method), "{name} #{run}");
            }
            let Some(start) = start else { continue };
            let (is_own, entries) = plain.entries(&start, end.as_deref());
            let errors: Vec<usize> = (0..entries.len())
                .filter(|n| entries[*n].1.starts_with(ERROR) && !entries[*n].1.contains("Error evaluating"))
                .collect();
            if errors.len() != rows.len() {
                // In `default.log` they may be another run's.
                assert!(!is_own || errors.len() < rows.len() || !why.failures.is_empty(), "{name} #{run}");
                continue;
            }
            for (row, at) in rows.iter().zip(errors) {
                texts += 1;
                compare(steps[&row.id], &entries, at, &format!("{name} #{run} step {}", row.id));
            }
        }
    }
    assert!(texts >= 9, "{texts}");
}

fn compare(failure: &Failure, entries: &[(String, String, Vec<String>)], at: usize, what: &str) {
    let (_, text, below) = &entries[at];
    let message = text.strip_prefix(ERROR).unwrap();
    let told = &failure.text.as_ref().unwrap().value;
    assert!(told.contains(message) || message.contains(told.as_str()), "{what}: {told:?}, log {message:?}");
    let call = entries[..at]
        .iter()
        .rev()
        .find_map(|(_, text, _)| text.strip_prefix("Executing '")?.split_once("' with args "));
    if let Some((called, arguments)) =
        call.filter(|(called, _)| called.rsplit('.').next() == failure.method.as_deref())
    {
        let inputs = failure.inputs.as_ref().unwrap();
        assert_eq!(inputs.origin, Origin::Log, "{what}");
        assert_eq!(py_repr(&Value::Dict(inputs.value.clone())), arguments, "{what}");
        assert_eq!(failure.called.as_deref(), Some(called), "{what}");
    }
    let last_frame = below.iter().rposition(|line| line.starts_with("  File "));
    if let Some(last) = last_frame {
        let class = below[last + 1..].iter().find(|line| !line.starts_with(' ')).unwrap();
        assert_eq!(failure.exception.as_deref(), class.split(':').next(), "{what}");
        assert_eq!(failure.traceback.as_deref(), Some(below.join("\n").as_str()), "{what}");
    }
}

#[test]
fn errors_that_only_the_log_has_are_told_with_their_phase() {
    let new = Set::open(common::NEW);
    let lab_of = |set: &Set| lab(&set.data(), stopped(NOON));
    let why = told(&lab_of(&new), 24);
    let [failure] = why.failures.as_slice() else { unreachable!("{why:?}") };
    assert_eq!(
        (failure.kind, failure.phase.as_deref(), failure.iteration),
        (FailureKind::Run, Some("main"), Some(1))
    );
    let text = failure.text.as_ref().unwrap();
    let wanted = "Error evaluating condition 'missing_name > 3': name 'missing_name' is not defined";
    assert_eq!((text.value.as_str(), text.origin), (wanted, Origin::Log));

    // Overlapping runs of an old version: each error belongs to the run whose step failed in that second.
    let old = Set::open("ivoryos-1.4.0-log");
    let lab = lab_of(&old);
    let words = |run| -> Vec<String> {
        told(&lab, run)
            .failures
            .into_iter()
            .map(|f| f.text.unwrap_or_else(|| unreachable!("{run}")).value)
            .collect()
    };
    assert_eq!(words(18), ["no pressure"; 3]);
    assert_eq!(words(19), [""; 0]);
    assert_eq!(words(10), ["Input type error: cannot convert 'lots' to float."]);
    assert!(
        words(4)[0]
            .starts_with("(builtins.TypeError) Object of type datetime is not JSON serializable\n[SQL: ")
    );
    // The record that ran behind it was deleted.
    let lines = told(&lab, 25).failures[0].log.clone().unwrap().text;
    assert!(lines.iter().all(|line| !line.contains("deleted")), "{lines:?}");
    // Two ran in the same seconds: lines of the other one are not shown.
    let lines = told(&lab, 18).failures[2].log.clone().unwrap().text;
    assert!(lines.iter().all(|line| !line.contains("error_ends_run")), "{lines:?}");
    let log = told(&lab, 17).failures[0].log.clone().unwrap();
    assert_eq!(
        (log.file.as_str(), log.origin, log.lines),
        ("default.log", Origin::DefaultLog, Some((93, 97)))
    );
}

/// A real lab's folder: each step has the arguments that its `default.log` has, in the order of the calls.
#[test]
fn steps_of_old_records_have_the_arguments_of_the_log() {
    let set = Set::open("field/runs");
    let (plain, lab) = (Plain::open(&set.data()), lab(&set.data(), stopped(NOON)));
    let (mut found, mut all) = (0, 0);
    for (run, _, start, end) in plain.runs() {
        let (_, entries) = plain.entries(&start.unwrap(), end.as_deref());
        let calls =
            entries.iter().filter_map(|(_, text, _)| text.strip_prefix("Executing: ")?.split_once("(**"));
        let mut calls = calls.collect::<Vec<_>>().into_iter();
        let phases = overview::phase_list(&lab, run, true, &mut Cx::quiet()).unwrap().value.phases;
        for phase in phases.iter() {
            let steps = overview::phase_steps(&lab, run, &[phase.id()], &mut Cx::quiet()).unwrap().value;
            for step in &steps[0].steps {
                all += 1;
                let detail = overview::step_detail(&lab, run, step.id, &mut Cx::quiet()).unwrap().value;
                let Some(arguments) = detail.arguments else { continue };
                found += 1;
                assert_eq!(step.arguments.len(), arguments.len());
                let told = py_repr(&Value::Dict(arguments));
                let written = calls.find(|(called, said)| {
                    *called == step.method_name && said.strip_suffix(')') == Some(told.as_str())
                });
                assert!(written.is_some(), "#{run} step {} {}: {told}", step.id, step.method_name);
            }
        }
    }
    // The one without is `stop`, which the log has no call of.
    assert_eq!((found, all), (89, 90));
}

/// A lab whose records are written one by one.
struct Story {
    folder: tempfile::TempDir,
    database: Connection,
}

/// A step: index, method, seconds from the start of the record, failed, output.
type ToldStep<'a> = (i64, &'a str, i64, bool, &'a str);

impl Story {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ivoryos.db");
        fs::copy(Set::open(common::NEW).data().join("ivoryos.db"), &file).unwrap();
        fs::create_dir(folder.path().join("logs")).unwrap();
        let database = Connection::open(file).unwrap();
        let tables = ["workflow_steps", "workflow_phases", "workflow_runs", "single_steps"];
        for table in tables {
            database.execute(&format!("DELETE FROM {table}"), []).unwrap();
        }
        Self { folder, database }
    }

    /// A record that starts at this minute of an hour; its id.
    fn run(&self, name: &str, minute: u32, status: Option<&str>, events: &str) -> i64 {
        let end = status.map(|_| format!("2026-11-24 05:{minute:02}:59.000000"));
        let start = format!("2026-11-24 05:{minute:02}:00.000000");
        let sql = "INSERT INTO workflow_runs (name, platform, start_time, end_time, status, events) \
                   VALUES (?, 'deck', ?, ?, ?, ?)";
        self.database.execute(sql, (name, start, end, status, events)).unwrap();
        self.database.last_insert_rowid()
    }

    fn phase(
        &self,
        run: i64,
        (name, index): (&str, Option<i64>),
        parameters: &str,
        steps: &[ToldStep<'_>],
    ) -> i64 {
        let minute = self.minute(run);
        let at = |second: i64| format!("2026-11-24 05:{minute}:{second:02}.100000");
        let (first, last) = (steps.first().map_or(0, |s| s.2), steps.last().map_or(0, |s| s.2));
        let sql = "INSERT INTO workflow_phases (run_id, name, repeat_index, parameters, start_time, end_time) \
                   VALUES (?, ?, ?, ?, ?, ?)";
        self.database.execute(sql, (run, name, index, parameters, at(first), at(last))).unwrap();
        let phase = self.database.last_insert_rowid();
        for (index, method, second, failed, output) in steps {
            let sql = "INSERT INTO workflow_steps (phase_id, step_index, method_name, start_time, end_time, \
                       run_error, output) VALUES (?, ?, ?, ?, ?, ?, ?)";
            let end = (*output != "open").then(|| at(*second));
            let output = if *output == "open" { "{}" } else { output };
            self.database.execute(sql, (phase, index, method, at(*second), end, failed, output)).unwrap();
        }
        phase
    }

    fn minute(&self, run: i64) -> String {
        let sql = "SELECT substr(start_time, 15, 2) FROM workflow_runs WHERE id = ?";
        self.database.query_row(sql, [run], |row| row.get(0)).unwrap()
    }

    /// The record's log: second and text of each entry.
    fn log(&self, run: i64, name: &str, entries: &[(i64, &str)], encode: impl Fn(&str) -> Vec<u8>) {
        let minute = self.minute(run);
        let line = |(second, text): &(i64, &str)| format!("2026-11-24 05:{minute}:{second:02} - {text}\n");
        let text: String = entries.iter().map(line).collect();
        let path = self.folder.path().join(format!("logs/{name}_2026-11-24 05-{minute}-00.log"));
        fs::write(path, encode(&text)).unwrap();
    }

    fn lab(&self) -> Lab {
        lab(self.folder.path(), stopped(NOON))
    }
}

fn utf8(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn error_event(second: i64, detail: &str) -> String {
    format!(r#"{{"time": "2026-11-24T05:10:{second:02}", "kind": "error", "detail": "{detail}"}}"#)
}

fn event(second: i64, kind: &str) -> String {
    format!(r#"{{"time": "2026-11-24T05:10:{second:02}", "kind": "{kind}", "detail": null}}"#)
}

/// The second sample of a batch failed twice before it worked; the third was passed over.
#[test]
fn tries_and_samples_of_a_batch_are_told_apart() {
    let story = Story::new();
    let events = [
        error_event(2, "deck.oven.ramp: zu heiß: 901 °C"),
        event(3, "retried"),
        error_event(4, "deck.oven.ramp: zu heiß: 902 °C"),
        event(5, "retried"),
        error_event(7, "deck.oven.ramp: Tür offen"),
        event(8, "resumed"),
    ];
    let run = story.run("batch", 10, Some("completed"), &format!("[{}]", events.join(", ")));
    let steps = [
        (1, "ramp", 1, false, "{}"),
        (1, "ramp", 2, true, "{}"),
        (1, "ramp", 4, true, "{}"),
        (1, "ramp", 6, false, "{}"),
        (1, "ramp", 7, true, "{}"),
        (2, "hold", 9, false, "{}"),
    ];
    story.phase(run, ("main", Some(1)), r#"[{"t": 1}, {"t": 2}, {"t": 3}]"#, &steps);
    let why = told(&story.lab(), run);
    let shares: Vec<_> = why.failures.iter().map(|f| (f.sample, f.attempt)).collect();
    let share = |n, of| Some(Share { n, of });
    assert_eq!(shares, [(share(2, 3), share(1, 3)), (share(2, 3), share(2, 3)), (share(3, 3), None)]);
    let inputs: Vec<_> =
        why.failures.iter().map(|f| py_repr(&Value::Dict(f.inputs.clone().unwrap().value))).collect();
    assert_eq!(inputs, ["{'t': 2}", "{'t': 2}", "{'t': 3}"]);
    let same = why.failures[1].same.clone().unwrap();
    assert_eq!((same.signature.as_str(), same.failures, same.records), ("oven.ramp: zu heiß: … °C", 2, 1));
}

/// A log in Windows-1252 with a message in two lines, an exception without a message, and one that another one caused.
#[test]
fn texts_and_exceptions_are_found_in_any_log() {
    let story = Story::new();
    let run = story.run("log only", 11, Some("error"), "[]");
    let steps = [(1, "mesure", 2, true, "{}"), (2, "lire", 5, true, "{}"), (3, "fermer", 8, true, "{}")];
    story.phase(run, ("main", Some(1)), "{}", &steps);
    let frames = "Traceback (most recent call last):\n  File \"C:\\lab\\ivoryos\\runner.py\", line 4, in run\n    call()\n  \
                  File \"C:\\lab\\deck.py\", line 9, in mesure\n    raise";
    let first = format!(
        "{ERROR}température trop élevée\nà 25 °C\n{frames}\nlab.Erreur: température trop élevée\nà 25 °C"
    );
    let second = format!("{}\n{frames} KeyError\nKeyError", ERROR.trim_end());
    let third = format!(
        "{ERROR}autre\n{frames} A\nValueError: cause\n\nDuring handling of the above exception, another exception \
         occurred:\n\n{frames} B\nTimeoutError: autre"
    );
    let entries = [
        (2, "Executing 'caméra.mesure' with args {'durée': 1.5, 'mode': <Mode.FIN: 2>, 'plage': (1, 2)}"),
        (2, first.as_str()),
        (5, "Executing 'caméra.lire' with args {}"),
        (5, second.as_str()),
        (8, "Executing 'caméra.fermer' with args {'vite': True"),
        (8, third.as_str()),
        (9, "Executing cleanup steps"),
    ];
    let windows = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    story.log(run, "log_only", &entries, windows);
    let why = told(&story.lab(), run);
    let [measured, read, closed] = why.failures.as_slice() else { unreachable!("{why:?}") };
    assert_eq!(measured.text.as_ref().unwrap().value, "température trop élevée\nà 25 °C");
    assert_eq!(measured.exception.as_deref(), Some("lab.Erreur"));
    let inputs = measured.inputs.clone().unwrap();
    let repr = "{'durée': 1.5, 'mode': '<Mode.FIN: 2>', 'plage': [1, 2]}";
    assert_eq!((py_repr(&Value::Dict(inputs.value)).as_str(), inputs.origin), (repr, Origin::Log));
    assert_eq!(
        (read.text.as_ref().unwrap().value.as_str(), read.exception.as_deref()),
        ("", Some("KeyError"))
    );
    assert_eq!(why::report::reason(read), "KeyError");
    assert_eq!(closed.exception.as_deref(), Some("TimeoutError"));
    assert!(closed.traceback.as_ref().unwrap().contains("During handling"));
    let shown = why::report::last_frames(measured.traceback.as_ref().unwrap());
    assert!(shown.starts_with("  File \"C:\\lab\\deck.py\", line 9"), "{shown}");
    // A line that was cut leaves the parameters of the phase.
    assert_eq!(closed.inputs.as_ref().map(|told| told.origin), Some(Origin::Phase));
    assert_eq!(closed.called.as_deref(), Some("caméra.fermer"));
}

#[test]
fn the_last_good_run_is_compared_in_the_record_and_before_it() {
    let story = Story::new();
    let done = Some("completed");
    let before = story.run("titration", 10, done, "[]");
    story.phase(before, ("main", Some(1)), r#"{"v": 1}"#, &[(1, "dose", 1, false, r#"{"v": 1, "ml": 4.5}"#)]);
    story.phase(before, ("main", Some(2)), r#"{"v": 2}"#, &[(1, "dose", 9, false, r#"{"v": 2, "ml": 5.5}"#)]);
    let other = story.run("other", 12, done, "[]");
    story.phase(other, ("main", Some(1)), r#"{"v": 9}"#, &[(1, "dose", 1, false, "{}")]);
    let run = story.run("titration", 14, done, "[]");
    story.phase(run, ("main", Some(1)), r#"{"v": 3}"#, &[(1, "dose", 1, true, r#"{"v": 3}"#)]);
    story.phase(run, ("main", Some(2)), r#"{"v": 3}"#, &[(1, "dose", 2, false, r#"{"v": 3, "ml": NaN}"#)]);
    story.phase(
        run,
        ("main", Some(3)),
        r#"{"v": 4}"#,
        &[(1, "dose", 3, true, r#"{"v": 4, "ml": NaN, "x": 1}"#)],
    );
    story.phase(run, ("main", Some(4)), r#"{"v": 3}"#, &[(1, "dose", 4, true, r#"{"v": 3}"#)]);
    let why = told(&story.lab(), run);
    let good: Vec<_> = why.failures.iter().map(|failure| failure.last_good.clone().unwrap()).collect();
    let places: Vec<_> = good.iter().map(|good| (good.run, good.iteration)).collect();
    assert_eq!(places, [(before, Some(2)), (run, Some(2)), (run, Some(2))]);
    let said = |differences: &[why::types::Difference]| -> Vec<String> {
        let value = |value: &Option<Value>| value.as_ref().map_or("none".to_owned(), py_repr);
        differences
            .iter()
            .map(|d| format!("{} {} {}", d.name.lossy(), value(&d.then), value(&d.now)))
            .collect()
    };
    assert_eq!(
        (said(&good[0].inputs), said(&good[0].outputs)),
        (vec!["v 2 3".to_owned()], vec!["ml 5.5 none".to_owned()])
    );
    assert_eq!(
        (said(&good[1].inputs), said(&good[1].outputs)),
        (vec!["v 3 4".to_owned()], vec!["x none 1".to_owned()])
    );
    assert_eq!((said(&good[2].inputs), said(&good[2].outputs)), (vec![], vec!["ml nan none".to_owned()]));
    assert_eq!(good[0].took, (Some(0.0), Some(0.0)));
}

#[test]
fn a_record_that_died_is_told_with_its_open_step() {
    let story = Story::new();
    let dead = story.run("dead", 10, None, "[]");
    story.phase(dead, ("prep", None), "{}", &[(1, "home", 1, false, "{}")]);
    story.phase(dead, ("main", Some(1)), "{}", &[(1, "dose", 2, false, "{}"), (2, "wait", 3, false, "open")]);
    story.log(dead, "dead", &[(3, "Executing 'timer.wait' with args {'s': 600}")], utf8);
    let between = story.run("between", 20, None, "[]");
    story.phase(between, ("main", Some(1)), "{}", &[(1, "dose", 2, false, "{}")]);
    let waits = story.run("waits", 30, None, &format!("[{}]", event(1, "paused")));
    let lab = story.lab();
    let why = told(&lab, dead);
    let [failure] = why.failures.as_slice() else { unreachable!("{why:?}") };
    assert_eq!((failure.kind, failure.called.as_deref()), (FailureKind::Unfinished, Some("timer.wait")));
    assert_eq!((why.row.state().map(|state| state.word()), failure.step_index), (Some("died"), Some(2)));
    assert_eq!(told(&lab, between).failures[0].method.as_deref(), Some("dose"));
    let why = told(&lab, waits);
    assert_eq!((why.row.state().map(|state| state.word()), why.failures.len()), (Some("waits"), 0));
    assert_eq!(why.row.evidence().unwrap().split_once(" since ").unwrap().0, "paused");
}

/// A log that is too large to be read whole says the same of a failure as a short one.
#[test]
fn a_large_log_tells_the_same() {
    let of = |filler: usize| {
        let story = Story::new();
        let run = story.run("large", 10, Some("completed"), "[]");
        story.phase(
            run,
            ("main", Some(1)),
            "{}",
            &[(1, "dose", 20, true, "{}"), (2, "stir", 40, false, "{}")],
        );
        let noise = "x".repeat(1000);
        let error = format!(
            "{ERROR}no water\nTraceback (most recent call last):\n  File \"d.py\", line 1, in dose\nOSError: no water"
        );
        let mut entries: Vec<(i64, &str)> = vec![(5, noise.as_str()); filler];
        entries.extend([
            (20, "Executing 'pump.dose' with args {'ml': 3}"),
            (20, error.as_str()),
            (20, "Pause script"),
        ]);
        entries.extend(vec![(30, noise.as_str()); filler]);
        entries.push((40, "Executing 'pump.stir' with args {}"));
        story.log(run, "large", &entries, utf8);
        let why = told(&story.lab(), run);
        let [failure] = why.failures.as_slice() else { unreachable!("{why:?}") };
        let log = failure.log.clone().unwrap();
        (why.log_in_part, failure.clone(), log.length, log.text.first().cloned())
    };
    let (small, large) = (of(3), of(9_000));
    assert_eq!((small.0, large.0), (false, true));
    assert_eq!(
        (small.1.text, small.1.inputs, small.1.exception),
        (large.1.text, large.1.inputs, large.1.exception)
    );
    assert_eq!(small.3, large.3);
    assert_eq!(large.1.log.unwrap().lines.unwrap().0, 9_001);
}

/// An error of the run far from its end, which no row tells of, is found in all of a large log only.
#[test]
fn all_of_a_large_log_is_read_where_that_is_wanted() {
    let story = Story::new();
    let run = story.run("long", 10, Some("error"), "[]");
    story.phase(run, ("main", Some(1)), "{}", &[(1, "dose", 20, false, "{}")]);
    let (noise, error) = ("x".repeat(1000), format!("{ERROR}Error evaluating condition 'a': no a"));
    let mut entries: Vec<(i64, &str)> = vec![(5, noise.as_str()); 3_000];
    entries.extend([(20, "Executing 'pump.dose' with args {'ml': 3}"), (21, error.as_str())]);
    entries.extend(vec![(30, noise.as_str()); 12_000]);
    story.log(run, "long", &entries, utf8);
    let lab = story.lab();
    let text = |depth| {
        let why = why::of_record(&lab, run, depth, &mut Cx::quiet()).unwrap().value;
        (why.log_in_part, why.failures[0].text.as_ref().map(|told| told.value.clone()))
    };
    assert_eq!(text(Depth::Whole), (true, None));
    assert_eq!(text(Depth::WholeLog), (false, Some("Error evaluating condition 'a': no a".to_owned())));
}

#[test]
fn failures_that_read_alike_are_counted_over_all_records_and_follow_changes() {
    let story = Story::new();
    let run = |minute, text: &str| {
        let events = format!("[{}]", error_event(2, text));
        let run = story.run(&format!("r{minute}"), minute, Some("completed"), &events);
        story.phase(run, ("main", Some(1)), "{}", &[(1, "dose", 2, true, "{}")]);
        run
    };
    let ids = [
        run(10, "deck.pump.dose: 3 mL left"),
        run(11, "deck.pump.dose: 7 mL left"),
        run(12, "deck.pump.dose: dry"),
    ];
    let lab = story.lab();
    let same = |run| {
        let same = told(&lab, run).failures[0].same.clone().unwrap();
        (same.failures, same.records, same.ids)
    };
    assert_eq!(same(ids[0]), (2, 2, vec![ids[1], ids[0]]));
    let next = run(13, "deck.pump.dose: 12.5 mL left");
    assert_eq!(same(next), (3, 3, vec![next, ids[1], ids[0]]));
    let newest = why::failed_records::newest(&lab, &mut Cx::quiet()).unwrap();
    assert_eq!(newest, Some(next));
}

#[test]
fn the_command_gives_its_answers_as_json_and_as_text() {
    let set = Set::open(common::NEW);
    let json = |args: &[&str]| -> serde_json::Value { serde_json::from_slice(&set.run(args).out).unwrap() };
    let why = json(&["why", "23", "--json"]);
    assert_eq!(why["failures"][0]["text"], "no pressure");
    assert_eq!(why["failures"][0]["sources"]["inputs"], "log");
    assert_eq!(why["failures"][0]["log"]["first_line"], 4);
    let all = json(&["why", "--since", "2026-11-24T03:00:48", "--json"]);
    let ids = all.as_array().unwrap().iter().map(|why| why["id"].as_i64().unwrap());
    // The newest may count as running: its log is as old as this copy.
    let ids: Vec<_> = ids.filter(|id| *id != 61).collect();
    assert_eq!(ids, [59, 25, 24, 23]);
    let none = set.run(&["why", "999"]);
    assert_eq!((none.code, none.out.len()), (Some(3), 0));
    let calls = Set::open("field/calls");
    let nothing = calls.run(&["why", "--json"]);
    assert_eq!((nothing.code, nothing.out.as_slice()), (Some(0), b"null\n".as_slice()));
    let text = String::from_utf8(set.run(&["why", "22"]).out).unwrap();
    assert!(text.contains("valve 3 stuck, µ \"open\"") && text.contains("deck.py"), "{text}");
}
