//! Puts the lab's ten days into a data folder: rows, logs, result files, config tables.

use std::{fmt::Write, fs, path::Path};

use rusqlite::params;

use super::{
    clock::{DemoClock, SECOND, micros},
    play::{Mishap, Part, STEM, play},
    plots,
    python::{dumped, dumps, made, repr, text},
    random::Random,
    recipes::{self, Parameter, RepeatMode},
    schedule::{RUNS, Scheduled},
    story::Story,
    writer::{PhaseInsert, RunInsert, StepRow, Writer},
};
use crate::{
    error::{Error, Result},
    formats::file_names::validate,
    model::value::{Dict, Value},
};

/// A run with its place in time.
struct Placed {
    entry: &'static Scheduled,
    name: String,
    story: Story,
    /// Microseconds since 1970.
    start: i64,
}

/// The last step of the running run began so long ago.
const JUST_NOW: i64 = 7 * SECOND;

/// Writes every run; the newest one still goes on at `now`. Gives the number of logs.
pub fn fill(writer: &mut Writer, folder: &Path, seed: u64, now: jiff::civil::DateTime) -> Result<u64> {
    let runs = placed(seed, micros(now));
    let mut clock = DemoClock::default();
    let mut logs = 0;
    for run in &runs {
        save(writer, folder, run, &mut clock)?;
        logs += u64::from(!run.entry.user.is_empty());
    }
    config_tables(folder, &runs)?;
    rest(writer, &mut clock, &runs)?;
    Ok(logs)
}

fn placed(seed: u64, now: i64) -> Vec<Placed> {
    let mut next = now;
    let mut out = Vec::new();
    let entries: Vec<&Scheduled> = RUNS.iter().flat_map(|part| part.iter()).collect();
    for (i, entry) in entries.into_iter().enumerate().rev() {
        let (name, story) = told(entry, i, seed, entry.trouble);
        let start = next - if next == now { last_step(&story) + JUST_NOW } else { story.now };
        next = start - (entry.idle * 60e6) as i64 - 83_417;
        out.push(Placed { entry, name, story, start });
    }
    out.reverse();
    out
}

/// The name of a run and its story, with this trouble in it.
fn told(entry: &Scheduled, place: usize, seed: u64, trouble: Mishap) -> (String, Story) {
    let old = entry.user.is_empty();
    let name = if old { entry.title.to_owned() } else { validate(entry.title) };
    let part = Part {
        name: &name,
        recipe: entry.recipe,
        count: entry.count,
        samples: entry.samples,
        trouble,
        at: entry.at,
        old,
    };
    let story = play(&part, &mut Random::new(seed ^ ((place as u64 + 1) << 20)));
    (name, story)
}

/// The newest run: as far as it was written, and how it goes on.
pub fn newest(seed: u64) -> (Story, Story) {
    let entries: Vec<&Scheduled> = RUNS.iter().flat_map(|part| part.iter()).collect();
    let Some((place, entry)) = entries.iter().enumerate().next_back() else { return Default::default() };
    (told(entry, place, seed, entry.trouble).1, told(entry, place, seed, Mishap::Fine).1)
}

/// When the last step began.
fn last_step(story: &Story) -> i64 {
    story.phases.last().and_then(|phase| phase.steps.last()).map_or(story.now, |step| step.start)
}

impl Placed {
    fn old(&self) -> bool {
        self.entry.user.is_empty()
    }

    /// The base of its file names; before 1.7 without the seconds.
    fn stem(&self, clock: &mut DemoClock) -> String {
        let mut time = clock.file(self.start);
        time.truncate(if self.old() { 16 } else { 19 });
        format!("{}_{time}", validate(&self.name))
    }
}

fn save(writer: &mut Writer, folder: &Path, run: &Placed, clock: &mut DemoClock) -> Result<()> {
    let stem = run.stem(clock);
    rows(writer, run, clock, &stem)?;
    if run.old() {
        if run.story.ended {
            put(folder, &format!("results/{stem}.csv"), result_csv(&run.story.returned).as_bytes())?;
        }
        return Ok(());
    }
    let mut log = String::new();
    for (at, line) in &run.story.log {
        // a String takes whatever is written
        let _ = writeln!(log, "{} - {}", clock.seconds(run.start + at), line.replace(STEM, &stem));
    }
    put(folder, &format!("logs/{}_{}.log", validate(&run.name), clock.file(run.start)), log.as_bytes())?;
    if run.entry.recipe.mode == RepeatMode::Optimizer && run.story.ended {
        optimizer_plots(folder, run, &stem)?;
    }
    Ok(())
}

fn rows(writer: &mut Writer, run: &Placed, clock: &mut DemoClock, stem: &str) -> Result<()> {
    let story = &run.story;
    let id = writer.runs + 1;
    for phase in &story.phases {
        let start = clock.text(run.start + phase.start);
        let end = phase.end.map(|at| clock.text(run.start + at));
        let phase_id = writer.phase(
            id,
            &PhaseInsert {
                name: phase.name,
                index: phase.index,
                parameters: phase.parameters.as_deref(),
                outputs: phase.outputs.as_deref(),
                status: phase.status,
                error: phase.error.as_deref(),
                start: &start,
                end: end.as_deref(),
            },
        )?;
        for step in &phase.steps {
            let start = clock.text(run.start + step.start);
            let end = step.end.map(|at| clock.text(run.start + at));
            writer.step(
                phase_id,
                &StepRow {
                    index: step.index,
                    method: step.method,
                    start: &start,
                    end: end.as_deref(),
                    failed: step.failed,
                    output: &step.output,
                },
            )?;
        }
    }
    let events: Vec<Value> = story
        .events
        .iter()
        .map(|event| event.value(&clock.seconds(run.start + event.at).replace(' ', "T")))
        .collect();
    let events = (!events.is_empty()).then(|| {
        let mut out = String::new();
        dumps(&mut out, &Value::List(events));
        out
    });
    let start = clock.text(run.start);
    let end = story.ended.then(|| clock.text(run.start + story.now));
    let data = story.returned.iter().any(|dict| !dict.is_empty()).then(|| format!("{stem}.csv"));
    writer.run(&RunInsert {
        name: &run.name,
        platform: run.entry.recipe.deck,
        start: &start,
        end: end.as_deref(),
        data_path: data.as_deref(),
        mode: if run.entry.recipe.mode == RepeatMode::Table { "batch" } else { "repeat" },
        status: story.status,
        events: events.as_deref(),
        user: (!run.old()).then_some(run.entry.user),
    })?;
    Ok(())
}

/// The result file that IvoryOS wrote before 1.7.
fn result_csv(returned: &[Dict]) -> String {
    let header: Vec<String> =
        returned.iter().take(1).flat_map(Dict::iter).map(|(key, _)| key.lossy().into_owned()).collect();
    let mut out = header.join(",") + "\n";
    for row in returned {
        let cells: Vec<String> = row
            .iter()
            .map(|(_, value)| match value {
                Value::Float(_) | Value::Int(_) => repr(value),
                other => format!("\"{}\"", repr(other).replace('"', "\"\"")),
            })
            .collect();
        out += &(cells.join(",") + "\n");
    }
    out
}

/// HTML pieces; for the run named "(cost)" the path of a picture.
fn optimizer_plots(folder: &Path, run: &Placed, stem: &str) -> Result<()> {
    let series = |name: &str| -> Vec<f64> {
        run.story.returned.iter().filter_map(|row| row.get(name).and_then(Value::number)).collect()
    };
    let mut json = String::new();
    if run.entry.title.contains("cost") {
        put(folder, &format!("results/{stem}.png"), &plots::png(&series("yield")))?;
        dumps(&mut json, &text(&format!("ivoryos_data/results/{stem}.png")));
    } else {
        json = dumped(&made([
            ("objective", text(&plots::html("yield (%) over trials", &series("yield")))),
            ("temperature", text(&plots::html("temp (°C) over trials", &series("temp")))),
        ]));
    }
    put(folder, &format!("results/{stem}_plots.json"), json.as_bytes())
}

/// The table that the first run of each table workflow was given.
fn config_tables(folder: &Path, runs: &[Placed]) -> Result<()> {
    for (name, recipe) in recipes::ALL {
        let Some(run) = runs.iter().find(|run| std::ptr::eq(run.entry.recipe, recipe)) else { continue };
        if recipe.mode != RepeatMode::Table {
            continue;
        }
        let columns: Vec<(&str, &str)> = recipe
            .parameters
            .iter()
            .map(|parameter| match parameter {
                Parameter::Number(name, ..) => (*name, "float"),
                Parameter::Choice(name, _) => (*name, "str"),
            })
            .collect();
        let join = |cells: Vec<String>| cells.join(",") + "\n";
        let mut csv = join(columns.iter().map(|(name, _)| (*name).to_owned()).collect());
        csv += &join(columns.iter().map(|(_, kind)| (*kind).to_owned()).collect());
        for row in &run.story.returned {
            csv += &join(columns.iter().map(|(name, _)| cell(row, name)).collect());
        }
        put(folder, &format!("config_csv/{name}.csv"), csv.as_bytes())?;
    }
    Ok(())
}

fn cell(row: &Dict, name: &str) -> String {
    match row.get(name) {
        Some(Value::Str(words)) if words.lossy().contains(',') => format!("\"{}\"", words.lossy()),
        Some(Value::Str(words)) => words.lossy().into_owned(),
        Some(value) => repr(value),
        None => String::new(),
    }
}

/// Scripts, users, and a few calls by hand.
fn rest(writer: &mut Writer, clock: &mut DemoClock, runs: &[Placed]) -> Result<()> {
    let first = clock.seconds(runs.first().map_or(0, |run| run.start));
    for (name, recipe) in recipes::ALL {
        writer.insert(
            "INSERT INTO script VALUES (?,?,'finalized',?,?,?,'{}','script','mara',NULL,0,'[]',NULL)",
            params![name, recipe.deck, r#"{"prep": [], "script": [], "cleanup": []}"#, first, first],
        )?;
    }
    let mut users: Vec<&str> =
        runs.iter().map(|run| run.entry.user).filter(|user| !user.is_empty()).collect();
    users.sort_unstable();
    users.dedup();
    for user in users {
        writer.insert("INSERT INTO user VALUES (?,NULL,NULL)", params![user])?;
    }
    let last = runs.last().map_or(0, |run| run.start);
    let calls = [
        ("deck.pump.prime", r#"{"cycles": 2}"#, None, Some("true")),
        ("deck.balance.weigh", "{}", None, Some("9.6122")),
        ("deck.reactor.heat", r#"{"temperature": 950}"#, Some("950.0 °C is above the limit of 150 °C"), None),
        ("deck.probe.read_ph", "{}", None, Some("NaN")),
    ];
    for (i, (method, kwargs, error, output)) in (0_i64..).zip(calls) {
        let start = clock.text(last - (200 - 20 * i) * SECOND);
        let end = clock.text(last - (199 - 20 * i) * SECOND);
        writer.insert(
            "INSERT INTO single_steps VALUES (?,?,?,?,?,?,?)",
            params![i + 1, method, kwargs, start, end, error, output],
        )?;
    }
    Ok(())
}

/// Writes a file of the data folder.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(|source| Error::Io { path, source })
}
