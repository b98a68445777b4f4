//! Records in any number for tests and measurements: the shape of a lab's data without a story.

use std::{fmt::Write, path::Path};

use rusqlite::params;

use super::{
    Size,
    clock::{DemoClock, SECOND},
    flows::{FLOWS, Flow, flow},
    lab::put,
    python::{dumped, made, text},
    random::{Random, round},
    words::{ERRORS, METHODS, NOTES, SOLVENTS},
    writer::{PhaseInsert, RunInsert, StepRow, Writer},
};
use crate::{error::Result, formats::file_names::validate};

/// What one run will be.
struct Fate {
    status: Option<&'static str>,
    table: bool,
    parameters: bool,
    iterations: u32,
    /// Still going: the last step has no end.
    going: bool,
    deep: bool,
    log: bool,
}

struct Maker<'a> {
    writer: &'a mut Writer,
    size: &'a Size,
    random: Random,
    clock: DemoClock,
    flows: Vec<Flow>,
    /// Written numbers to choose from, which is quicker than to write each.
    numbers: Vec<String>,
    /// Microseconds since 1970.
    now: i64,
    log: String,
    /// Whether this run gets a log.
    logging: bool,
}

/// Writes the records, the newest of which ends about `now`. Gives the number of logs.
pub fn fill(writer: &mut Writer, folder: &Path, size: &Size, seed: u64, now: i64) -> Result<u64> {
    let mut random = Random::new(seed);
    let flows = (0..FLOWS).map(|i| flow(i, size.steps, &mut random)).collect();
    let numbers =
        (0..4096).map(|i| format!("{:?}", round(random.between(0.0, 150.0), 2 + i % 3 * 2))).collect();
    let mut maker = Maker {
        writer,
        size,
        random,
        clock: DemoClock::default(),
        flows,
        numbers,
        now,
        log: String::new(),
        logging: false,
    };
    let step = 2.5 * SECOND as f64;
    let run = f64::from(*size.iterations.end() + 1) * f64::from(size.steps + 2) * step;
    let years = 5.5 * 365.0 * 86_400.0 * SECOND as f64;
    let deep =
        size.deep.map_or(0.0, |(iterations, steps)| f64::from(iterations) * f64::from(steps + 1) * step);
    let span = years.max(2.0 * f64::from(size.records) * run + 2.0 * deep);
    let slot = (span / f64::from(size.records.max(1))) as i64;
    let begin = now - span as i64;
    maker.now = begin;
    let mut logs = 0;
    for i in 0..size.records {
        let at = begin + i64::from(i) * slot + maker.random.below(slot.unsigned_abs() / 2) as i64;
        maker.now = at.max(maker.now + 2 * SECOND);
        logs += u64::from(maker.run(i, folder)?);
    }
    maker.late_phases()?;
    maker.single_steps()?;
    maker.scripts()?;
    Ok(logs)
}

impl Maker<'_> {
    fn fate(&mut self, i: u32) -> Fate {
        let deep = self.size.deep.is_some() && i == (f64::from(self.size.records) * 0.6) as u32;
        let chance = self.random.unit();
        let status = match chance {
            _ if deep => Some("completed"),
            c if c < 0.82 => Some("completed"),
            c if c < 0.89 => Some("stopped"),
            c if c < 0.97 => Some("error"),
            _ => None,
        };
        let (low, high) = (*self.size.iterations.start(), *self.size.iterations.end());
        let wanted = low + self.random.below(u64::from(high.saturating_sub(low)) + 1) as u32;
        let iterations = match self.size.deep {
            Some((iterations, _)) if deep => iterations,
            _ if status == Some("error") && chance < 0.93 => 0,
            _ => wanted,
        };
        let mode = self.random.unit();
        let from_end = self.size.records - i;
        Fate {
            status,
            table: (0.5..0.8).contains(&mode),
            parameters: mode >= 0.5,
            iterations,
            going: from_end <= self.size.unfinished,
            deep,
            log: from_end <= self.size.logs && !deep,
        }
    }

    /// Writes one run; true where it got a log.
    fn run(&mut self, i: u32, folder: &Path) -> Result<bool> {
        let fate = self.fate(i);
        // some workflows run far more often than others
        let which = (self.random.unit() * self.random.unit() * FLOWS as f64) as usize;
        let mut flow = self.flows.swap_remove(which.min(self.flows.len().saturating_sub(1)));
        let usual = flow.main.clone();
        if let (true, Some((_, steps))) = (fate.deep, self.size.deep) {
            flow.main = usual.iter().copied().cycle().take(steps as usize).collect();
        }
        let done = self.one_run(&flow, &fate, folder);
        flow.main = usual;
        self.flows.push(flow);
        done
    }

    fn one_run(&mut self, flow: &Flow, fate: &Fate, folder: &Path) -> Result<bool> {
        let begin = self.now;
        let start = self.clock.text(begin);
        let stem = format!("{}_{}", validate(&flow.name), self.clock.file(begin));
        let id = self.writer.runs + 1;
        self.log.clear();
        self.logging = fate.log;
        self.side(id, "prep", &flow.prep)?;
        for index in 1..=fate.iterations {
            self.iteration(id, flow, fate, index)?;
        }
        if fate.iterations > 0 && !fate.going && fate.status != Some("stopped") {
            self.side(id, "cleanup", &flow.cleanup)?;
        }
        let end = self.clock.text(self.now);
        let events = self.events(flow, fate);
        let data = format!("{stem}.csv");
        let user = format!("user{:02}", self.random.below(24));
        let status = if fate.going { None } else { fate.status };
        self.writer.run(&RunInsert {
            name: &flow.name,
            platform: flow.deck,
            start: &start,
            end: (!fate.going).then_some(end.as_str()),
            data_path: (fate.iterations > 0).then_some(data.as_str()),
            mode: if fate.table { "batch" } else { "repeat" },
            status,
            events: events.as_deref(),
            user: fate.status.map(|_| user.as_str()),
        })?;
        if fate.log {
            put(folder, &format!("logs/{stem}.log"), self.log.as_bytes())?;
        }
        Ok(fate.log)
    }

    fn events(&mut self, flow: &Flow, fate: &Fate) -> Option<String> {
        let time = self.clock.seconds(self.now).replace(' ', "T");
        let (kind, detail) = match fate.status? {
            _ if fate.going => return None,
            "error" => {
                let method = flow.main.last().copied().unwrap_or("wait");
                ("error", format!("deck.sdl.{method}: {}", self.random.word(&ERRORS)))
            }
            "stopped" => ("stop_now", "Cleanup skipped.".to_owned()),
            _ => return None,
        };
        let event = dumped(&made([("time", text(&time)), ("kind", text(kind)), ("detail", text(&detail))]));
        Some(format!("[{event}]"))
    }

    /// Prep or cleanup, whose steps return nothing.
    fn side(&mut self, run: i64, name: &str, methods: &[&str]) -> Result<()> {
        let begin = self.clock.text(self.now);
        let phase = self.writer.phases + 1;
        for (index, method) in (1..).zip(methods) {
            self.step(phase, index, method, false, "{}")?;
        }
        self.now += 3000;
        let end = self.clock.text(self.now);
        let row = PhaseInsert {
            name,
            index: 1,
            outputs: Some("[{}]"),
            start: &begin,
            end: Some(&end),
            ..PhaseInsert::default()
        };
        self.writer.phase(run, &row).map(|_| ())
    }

    fn iteration(&mut self, run: i64, flow: &Flow, fate: &Fate, index: u32) -> Result<()> {
        let begin = self.clock.text(self.now);
        let phase = self.writer.phases + 1;
        let last = index == fate.iterations;
        let given = self.parameters(flow, fate.table);
        let mut context = if fate.parameters { format!("{{{given}") } else { "{".to_owned() };
        let stop =
            if fate.status == Some("stopped") && last { flow.main.len() / 2 + 1 } else { flow.main.len() };
        let mut results = flow.results.iter();
        for (at, method) in (1_usize..).zip(&flow.main).take(stop) {
            // the results come in the second half
            if at * 2 > flow.main.len() {
                let all = if at == flow.main.len() { flow.results.len() } else { 1 };
                for name in results.by_ref().take(all) {
                    self.result(&mut context, name, flow.trace);
                }
            }
            let ends = last && at == flow.main.len();
            if ends && fate.going {
                let start = self.clock.text(self.now);
                let row = StepRow {
                    index: at as i64,
                    method,
                    start: &start,
                    end: None,
                    failed: false,
                    output: "{}",
                };
                self.writer.step(phase, &row)?;
            } else {
                let output = format!("{context}}}");
                self.step(phase, at as i64, method, ends && fate.status == Some("error"), &output)?;
            }
        }
        let open = last && fate.going;
        let end = self.clock.text(self.now);
        let parameters = format!("[{{{given}}}]");
        let outputs = format!("[{context}}}]");
        let error = (fate.status == Some("error") && last)
            .then(|| dumped(&made([("message", text(self.random.word(&ERRORS)))])));
        let status = match fate.status {
            Some("stopped") if last => Some("stopped"),
            Some("error") if last => Some("failed"),
            other => other.map(|_| "done"),
        };
        let row = PhaseInsert {
            name: "main",
            index: i64::from(index),
            parameters: fate.parameters.then_some(parameters.as_str()),
            outputs: (!open).then_some(outputs.as_str()),
            status: if open { None } else { status },
            error: error.as_deref().filter(|_| !open),
            start: &begin,
            end: (!open).then_some(end.as_str()),
        };
        self.writer.phase(run, &row).map(|_| ())
    }

    fn number(&mut self) -> &str {
        let at = self.random.below(self.numbers.len() as u64) as usize;
        self.numbers.get(at).map_or("0.5", String::as_str)
    }

    /// The entries of the parameters without braces.
    fn parameters(&mut self, flow: &Flow, table: bool) -> String {
        let mut out = String::new();
        for name in &flow.parameters {
            let comma = if out.is_empty() { "" } else { ", " };
            // a String takes whatever is written
            let _ = write!(out, "{comma}\"{name}\": {}", self.number());
        }
        if flow.solvent {
            let _ = write!(out, ", \"solvent\": \"{}\"", self.random.word(&SOLVENTS));
        }
        if table {
            let _ = write!(out, ", \"sample_id\": \"S-{:06}\"", self.random.below(1_000_000));
        }
        out
    }

    fn result(&mut self, context: &mut String, name: &str, trace: u64) {
        let comma = if context == "{" { "" } else { ", " };
        // a String takes whatever is written
        let _ = write!(context, "{comma}\"{name}\": {}", self.number());
        if trace > 0 && !context.contains("\"spectrum\"") {
            let numbers: Vec<String> = (0..trace).map(|_| self.number().to_owned()).collect();
            let _ = write!(context, ", \"spectrum\": [{}]", numbers.join(", "));
        }
        if self.random.chance(0.1) && !context.contains("\"note\"") {
            let _ = write!(context, ", \"note\": \"{}\"", self.random.word(&NOTES));
        }
    }

    fn step(&mut self, phase: i64, index: i64, method: &str, failed: bool, output: &str) -> Result<()> {
        let start = self.clock.text(self.now);
        if self.logging {
            let second = start.get(..19).unwrap_or_default();
            // a String takes whatever is written
            let _ = writeln!(self.log, "{second} - Executing 'sdl.{method}' with args {output}");
        }
        let share = self.random.unit();
        self.now += 2000 + (share * share * share * 10e6) as i64;
        let end = self.clock.text(self.now);
        self.now += 3000;
        self.writer.step(phase, &StepRow { index, method, start: &start, end: Some(&end), failed, output })
    }

    /// Phases of old runs that were written late, as two servers on one file would do.
    fn late_phases(&mut self) -> Result<()> {
        self.logging = false;
        for i in 0..self.size.disorder {
            let run = 1 + self.random.below(u64::from(self.size.records / 2).max(1)) as i64;
            let begin = self.clock.text(self.now);
            let phase = self.writer.phases + 1;
            for index in 1..=3 {
                self.step(phase, index, "late_step", false, "{\"yield\": 0.5}")?;
            }
            let end = self.clock.text(self.now);
            let row = PhaseInsert {
                name: "main",
                index: 900 + i64::from(i),
                outputs: Some("[{\"yield\": 0.5}]"),
                status: Some("done"),
                start: &begin,
                end: Some(&end),
                ..PhaseInsert::default()
            };
            self.writer.phase(run, &row)?;
        }
        Ok(())
    }

    fn single_steps(&mut self) -> Result<()> {
        for i in 1..=i64::from((self.size.records / 2).min(20_000)) {
            let (start, end) = (self.clock.text(self.now), self.clock.text(self.now + SECOND / 2));
            self.now += SECOND;
            let kwargs = format!("{{\"volume\": {}}}", self.number());
            let error = self.random.chance(0.025).then(|| self.random.word(&ERRORS).to_owned());
            let output = error.is_none().then(|| self.number().to_owned());
            let method = format!("deck.sdl.{}", self.random.word(&METHODS));
            self.writer.insert(
                "INSERT INTO single_steps VALUES (?,?,?,?,?,?,?)",
                params![i, method, kwargs, start, end, error, output],
            )?;
        }
        Ok(())
    }

    fn scripts(&mut self) -> Result<()> {
        let rows: Vec<(String, &str)> =
            self.flows.iter().map(|flow| (flow.name.clone(), flow.deck)).collect();
        for (name, deck) in rows {
            self.writer.insert(
                "INSERT OR IGNORE INTO script VALUES (?,?,'finalized','{}',NULL,NULL,'{}','script','user00',NULL,0,'[]',NULL)",
                params![name, deck],
            )?;
        }
        Ok(())
    }
}
