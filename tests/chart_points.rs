//! The numbers of records whose phases keep none, and which step made a point of a chart.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use rusqlite::Connection;

use ivorylens::{
    checkpoint::Cx,
    demo::{self, Plan},
    formats::python_repr::py_repr,
    model::{
        downsample::Downsampled,
        query::ListQuery,
        series::Series,
        value::{Cell, Text, Value},
    },
    services::{
        answer,
        chart::{self, OutputName},
        lab::Lab,
        next_failure::Spot,
        overview, records,
        request::{Answer, Ask},
        steps::{Attempt, StepDetail},
    },
};

use common::{
    NEW, Set,
    lab::{Made, NOON, stopped},
};

fn series(lab: &Lab, run: i64) -> Vec<Series> {
    chart::series(lab, run, &mut Cx::quiet()).map(|found| found.value).unwrap_or_default()
}

fn numbers(lab: &Lab, run: i64) -> Vec<(String, Vec<f64>)> {
    series(lab, run).iter().map(|one| (one.name.clone(), one.points.iter().map(|p| p.y).collect())).collect()
}

fn runs(lab: &Lab) -> Vec<i64> {
    let rows = records::rows(lab, &ListQuery::default(), (0, u64::MAX), &mut Cx::quiet()).unwrap();
    rows.iter().map(|row| row.run.id).collect()
}

#[test]
fn where_the_phases_keep_no_numbers_those_of_the_steps_are_shown() {
    let lab = common::lab::lab(&Set::open("ivoryos-1.4.0").data(), stopped(NOON));
    let want = |name: &str, ys: &[f64]| (name.to_owned(), ys.to_vec());
    let found = numbers(&lab, 2);
    assert_eq!(
        found,
        [want("delivered", &[1.4989999999999999; 4]), want("mass", &[9.2432, 9.0411, 9.7206, 10.657])]
    );
    assert!(series(&lab, 2).iter().all(|one| one.from_steps && !one.is_parameter));
    // Cleanup is no iteration.
    assert_eq!(numbers(&lab, 13), [want("mass", &[9.7206, 10.657])]);
    assert!(series(&lab, 12).iter().all(|one| !one.from_steps), "these phases keep numbers");
    let details = records::row_details(&lab, &[2, 12], &mut Cx::quiet()).unwrap().value;
    let first = |n: usize| details.get(n).and_then(|row| row.first_output.as_ref()).unwrap();
    assert_eq!((first(0).name.as_str(), first(0).from_steps), ("delivered", true));
    assert!(!first(1).from_steps);
    let shown = overview::overview(&lab, 2, true, &mut Cx::quiet()).unwrap().value;
    assert_eq!(shown.outputs.len(), 2);
}

/// The steps' contexts hold the parameters, too: they are told from results as in the phases' outputs.
#[test]
fn parameters_in_the_steps_stay_parameters() {
    let set = Set::open(NEW);
    let data = set.copy();
    let before = common::lab::lab(&data, stopped(NOON));
    let (batch, optimizer) = (series(&before, 10), series(&before, 16));
    let db = Connection::open(data.join("ivoryos.db")).unwrap();
    db.execute("UPDATE workflow_phases SET outputs = NULL WHERE run_id IN (10, 16)", []).unwrap();
    // Steps that returned nothing but their parameters are no numbers of a record.
    db.execute("UPDATE workflow_phases SET outputs = '[]' WHERE run_id = 12", []).unwrap();
    let sql = "UPDATE workflow_steps SET output = '{\"volume\": 1.5}' WHERE phase_id IN \
               (SELECT id FROM workflow_phases WHERE run_id = 12)";
    db.execute(sql, []).unwrap();
    db.execute("UPDATE workflow_phases SET parameters = '[{\"volume\": 1.5}]' WHERE run_id = 12", [])
        .unwrap();
    let lab = common::lab::lab(&data, stopped(NOON));
    for (run, before) in [(10, batch), (16, optimizer)] {
        let now = series(&lab, run);
        let told = |one: &Series| (one.name.clone(), one.is_parameter, one.points.clone());
        assert!(now.iter().all(|one| one.from_steps) && !now.is_empty(), "{run}");
        assert_eq!(
            now.iter().map(told).collect::<Vec<_>>(),
            before.iter().map(told).collect::<Vec<_>>(),
            "{run}"
        );
    }
    assert_eq!(numbers(&lab, 12), []);
}

/// What a long record shows at once, in a part, and as a whole.
#[test]
fn a_long_record_falls_back_in_pieces() {
    let made = Made::with_long(12, (1_500, 3));
    let db = Connection::open(made.database()).unwrap();
    db.execute("UPDATE workflow_phases SET outputs = NULL WHERE run_id = ?", [made.long]).unwrap();
    db.execute("DELETE FROM workflow_phases WHERE run_id = ? AND repeat_index = 700", [made.long]).unwrap();
    let lab = made.lab();
    let first = chart::first_look(&lab, made.long, &mut Cx::quiet()).unwrap().value;
    assert!(first.every > 1 && !first.outputs.is_empty());
    assert!(first.outputs.iter().all(|one| one.series.from_steps && one.values > 0));
    let all = chart::all(&lab, made.long, &mut Cx::quiet()).unwrap().value.outputs;
    let mut lines = 0;
    for Downsampled { series: one, .. } in all.iter().filter(|one| one.whole && one.values > 0) {
        assert!(one.from_steps && one.points.iter().all(|p| p.iteration != 700), "{}", one.name);
        let name = OutputName { name: one.name.clone(), from_steps: true };
        let part = chart::part(&lab, made.long, &name, (690, 710), &mut Cx::quiet()).unwrap().value;
        let inside: Vec<_> =
            one.points.iter().filter(|p| (690..=710).contains(&p.iteration)).copied().collect();
        assert!(part.whole && part.points == inside, "{}", one.name);
        // Only over the phase that is gone no line leads.
        if part.points.len() == 20 {
            let broken = part.points.iter().filter(|p| !p.joined).map(|p| p.iteration);
            assert_eq!(broken.collect::<Vec<_>>(), [701], "{}", one.name);
            lines += 1;
        }
    }
    assert!(lines > 0);
}

/// The step of a point, and what it has under the output's name.
fn step_of(lab: &Lab, run: i64, output: &OutputName, (iteration, sample): (i64, u32)) -> Option<StepDetail> {
    let ask = Ask::PointStep { run, output: output.clone(), iteration, sample };
    let Ok(Answer::PointStep(spot)) = answer(lab, &ask, &mut Cx::quiet()).map(|found| found.value) else {
        return None;
    };
    let Some(Spot::Step { step, .. }) = spot else { return None };
    Some(overview::step_detail(lab, run, step, &mut Cx::quiet()).unwrap().value)
}

/// Each number of a result leads to the step that added it, of its own iteration and sample; how many were looked at.
fn each_leads_to_its_step(lab: &Lab, run: i64) -> usize {
    let mut seen = 0;
    for one in series(lab, run).into_iter().filter(|one| !one.is_parameter) {
        let output = OutputName { name: one.name.clone(), from_steps: one.from_steps };
        for p in one.points.iter().filter(|p| p.y.is_finite()).take(30) {
            let what = format!("record {run}: {} at {} sample {}", one.name, p.iteration, p.sample);
            let step =
                step_of(lab, run, &output, (p.iteration, p.sample)).unwrap_or_else(|| panic!("{what}"));
            assert_eq!(
                (step.place.phase_name.as_str(), step.place.repeat_index),
                ("main", Some(p.iteration)),
                "{what}"
            );
            let key = Text::from(one.name.as_str());
            // In a loop a later round may have set the same value again.
            let again = matches!(step.place.attempt, Attempt::Round { n: 2.., .. });
            let (Cell::Json(Value::Dict(output)), added) = (&step.output, &step.added) else {
                panic!("{what}")
            };
            let found = if again { output } else { added };
            let value = found.iter().find(|(name, _)| **name == key).map(|(_, value)| value);
            let holds = |value: &Value| match value {
                Value::List(items) => items.iter().any(|item| item.number() == Some(p.y)),
                one => one.number() == Some(p.y),
            };
            assert!(value.is_some_and(holds), "{what}: {} added {:?}", step.place.method_name, step.added);
            seen += 1;
        }
    }
    seen
}

#[test]
fn each_point_leads_to_the_step_that_made_it() {
    let lab = common::lab::lab(&Set::open(NEW).data(), stopped(NOON));
    for run in [10, 16, 21] {
        assert!(each_leads_to_its_step(&lab, run) > 0, "{run}");
    }
    let demo = tempfile::tempdir().unwrap();
    demo::make(&Plan::demo(NOON), demo.path()).unwrap();
    for lab in [&lab, &common::lab::lab(demo.path(), stopped(NOON))] {
        let seen: usize = runs(lab).into_iter().map(|run| each_leads_to_its_step(lab, run)).sum();
        assert!(seen > 60, "{seen}");
    }
    // A sample is that of the batch, not only a step with the same number.
    let output = OutputName { name: "mass".to_owned(), from_steps: false };
    for (iteration, sample, volume) in [(1, 1, "0.5"), (1, 2, "1.0"), (2, 2, "2.0"), (3, 0, "2.5")] {
        let step = step_of(&lab, 10, &output, (iteration, sample)).unwrap();
        assert_eq!(step.inputs.get("volume").map(py_repr).as_deref(), Some(volume), "{iteration} {sample}");
        assert_eq!(step.place.method_name, "weigh");
    }
    // A parameter was set by no step, and an iteration that is not there has none.
    let parameter = OutputName { name: "volume".to_owned(), from_steps: false };
    assert!(step_of(&lab, 10, &parameter, (1, 1)).is_none() && step_of(&lab, 10, &output, (99, 1)).is_none());
    let old = common::lab::lab(&Set::open("ivoryos-1.4.0").data(), stopped(NOON));
    let seen: usize = runs(&old).into_iter().map(|run| each_leads_to_its_step(&old, run)).sum();
    assert!(seen > 10, "{seen}");
}

/// A failed try in the middle of a batch, a loop in it, and equal values.
#[test]
fn tries_and_rounds_in_a_batch_keep_their_samples() {
    let set = Set::open(NEW);
    let data = set.copy();
    let db = Connection::open(data.join("ivoryos.db")).unwrap();
    let phase = 40;
    db.execute("DELETE FROM workflow_steps WHERE phase_id = ?", [phase]).unwrap();
    let outputs = r#"[{"v": 1, "mass": 5.0, "slept": 2}, {"v": 2, "mass": 5.0, "slept": 2}]"#;
    let sql = "UPDATE workflow_phases SET parameters = '[{\"v\": 1}, {\"v\": 2}]', outputs = ? WHERE id = ?";
    db.execute(sql, rusqlite::params![outputs, phase]).unwrap();
    let steps = [
        // Sample 1 at the second try, sample 2 at the third.
        (1, true, r#"{"v": 1}"#),
        (1, false, r#"{"v": 1, "mass": 5.0}"#),
        (1, true, r#"{"v": 2}"#),
        (1, true, r#"{"v": 2}"#),
        (1, false, r#"{"v": 2, "mass": 5.0}"#),
        // Two rounds.
        (2, false, r#"{"v": 1, "mass": 5.0, "slept": 1}"#),
        (2, false, r#"{"v": 2, "mass": 5.0, "slept": 2}"#),
        (2, false, r#"{"v": 1, "mass": 5.0, "slept": 2}"#),
        (2, false, r#"{"v": 2, "mass": 5.0, "slept": 2}"#),
    ];
    for (n, (index, failed, output)) in (90_000..).zip(steps) {
        let sql = "INSERT INTO workflow_steps (id, phase_id, step_index, method_name, start_time, end_time, run_error, output) \
                   VALUES (?, ?, ?, 'act', '2026-11-24 03:00:00', '2026-11-24 03:00:01', ?, ?)";
        db.execute(sql, rusqlite::params![n, phase, index, failed, output]).unwrap();
    }
    let lab = common::lab::lab(&data, stopped(NOON));
    for (name, sample, step) in
        [("mass", 1, 90_001), ("mass", 2, 90_004), ("slept", 1, 90_007), ("slept", 2, 90_008)]
    {
        let output = OutputName { name: name.to_owned(), from_steps: false };
        let found = step_of(&lab, 10, &output, (1, sample)).unwrap();
        assert_eq!(found.place.step, step, "{name} of sample {sample}");
    }
}

/// What a failed iteration measured is shown, but no line leads through it.
#[test]
fn no_line_leads_through_a_failed_iteration() {
    let set = Set::open(NEW);
    let data = set.copy();
    let joined = |data: &std::path::Path| -> Vec<bool> {
        let all = series(&common::lab::lab(data, stopped(NOON)), 16);
        all.first().unwrap().points.iter().map(|p| p.joined).collect()
    };
    assert_eq!(joined(&data), [false, true, true, true]);
    let db = Connection::open(data.join("ivoryos.db")).unwrap();
    let change = |sql: &str| assert_eq!(db.execute(sql, []).unwrap(), 1, "{sql}");
    change(
        "UPDATE workflow_phases SET status = 'failed' WHERE run_id = 16 AND name = 'main' AND repeat_index = 2",
    );
    assert_eq!(joined(&data), [false, false, false, true]);
    change("DELETE FROM workflow_phases WHERE run_id = 16 AND name = 'main' AND repeat_index = 2");
    assert_eq!(joined(&data), [false, false, true]);
}

/// The rows of a config table are samples, whatever their number in an iteration; other iterations follow each other.
#[test]
fn rows_of_a_config_table_are_not_joined() {
    let set = Set::open(NEW);
    let lab = common::lab::lab(&set.copy(), stopped(NOON));
    let joined = |run| series(&lab, run).iter().flat_map(|one| &one.points).filter(|p| p.joined).count();
    let batches: Vec<i64> = records::rows(&lab, &ListQuery::default(), (0, u64::MAX), &mut Cx::quiet())
        .unwrap()
        .into_iter()
        .filter(|row| row.run.repeat_mode.as_deref() == Some("batch"))
        .map(|row| row.run.id)
        .collect();
    assert!(batches.iter().filter(|run| !series(&lab, **run).is_empty()).count() > 3);
    assert!(batches.iter().all(|run| joined(*run) == 0));
    assert!(joined(16) > 0);
}
