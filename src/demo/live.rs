//! Goes on with the newest record of a made-up lab while somebody looks at it: rows and log lines, as IvoryOS would.

use std::{
    fmt::Write as _,
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::JoinHandle,
    time::Duration,
};

use jiff::civil::DateTime;
use rusqlite::{Connection, ErrorCode, Transaction, params};

use super::{
    clock::{DemoClock, micros},
    lab,
    play::STEM,
    story::{Story, StoryMoment},
};
use crate::error::{Error, Result};

/// The record that goes on, one iteration at a time.
pub struct LiveRecord {
    db: Connection,
    database: PathBuf,
    log: PathBuf,
    stem: String,
    run: i64,
    /// What happens if nothing goes wrong any more.
    story: Story,
    /// The phase of the story that is open in the database, that phase's id, and how many of its steps are there.
    at: usize,
    phase: i64,
    steps: usize,
    /// Lines of the log that are written.
    lines: usize,
    /// Until when it is told: on the clock, and in the story.
    since: i64,
    told: StoryMoment,
}

impl LiveRecord {
    /// The newest record of the lab that [`super::Plan::demo`] made with this seed in a folder at that time.
    ///
    /// # Errors
    /// Where the database can't be read.
    pub fn open(folder: &Path, seed: u64, now: DateTime) -> Result<Self> {
        let database = folder.join("ivoryos.db");
        let sql = |source: rusqlite::Error| Error::Sql { path: database.clone(), source: source.into() };
        let db = Connection::open(&database).map_err(sql)?;
        db.busy_timeout(Duration::from_secs(1)).map_err(sql)?;
        db.execute_batch("PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF").map_err(sql)?;
        let newest = "SELECT id, name, start_time FROM workflow_runs ORDER BY id DESC LIMIT 1";
        let (run, name, start): (i64, String, String) =
            db.query_row(newest, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(sql)?;
        let open = "SELECT max(id) FROM workflow_phases WHERE run_id = ?";
        let phase = db.query_row(open, [run], |row| row.get(0)).map_err(sql)?;
        let (written, story) = lab::newest(seed);
        let stem = format!("{name}_{}", start.get(..19).unwrap_or_default().replace(':', "-"));
        let last = written.phases.last();
        let steps = last.map_or(0, |phase| phase.steps.len());
        Ok(Self {
            log: folder.join("logs").join(format!("{stem}.log")),
            at: written.phases.len().saturating_sub(1),
            lines: written.log.len(),
            told: last.and_then(|phase| phase.steps.last()).map_or(0, |step| step.start),
            since: micros(now),
            db,
            database,
            stem,
            run,
            story,
            phase,
            steps,
        })
    }

    /// Ends the open iteration and begins the next one; false where there is nothing to go on with: it completed, or
    /// somebody deleted it.
    ///
    /// # Errors
    /// Where a row or a line can't be written. A lock of somebody else's is none: the next time tells it.
    pub fn go_on(&mut self, now: DateTime) -> Result<bool> {
        let now = micros(now);
        let next = self.story.phases.get(self.at + 1);
        let until = next.and_then(|phase| phase.steps.first()).map_or(self.story.now, |step| step.start);
        let when = Passed { since: self.since, now, from: self.told, until };
        let sql = |source: rusqlite::Error| Error::Sql { path: self.database.clone(), source: source.into() };
        let written = self.db.unchecked_transaction().and_then(|change| {
            let phase = self.rows(&change, when)?;
            change.commit().map(|()| phase)
        });
        let phase = match written {
            Ok(phase) => phase,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => return Ok(true),
            Err(error) => return Err(sql(error)),
        };
        let Some(phase) = phase else { return Ok(false) };
        self.say(when)?;
        (self.since, self.told, self.phase, self.at, self.steps) = (now, until, phase, self.at + 1, 1);
        Ok(self.at < self.story.phases.len())
    }

    /// Gives the id of the phase that is open now; `None` where the record is gone.
    fn rows(&self, change: &Transaction<'_>, when: Passed) -> rusqlite::Result<Option<i64>> {
        let mut clock = DemoClock::default();
        let mut text = |at: StoryMoment| clock.text(when.at(at));
        let Some(open) = self.story.phases.get(self.at) else { return Ok(None) };
        let there =
            "UPDATE workflow_phases SET outputs = ?, status = ?, end_time = ? WHERE id = ? AND run_id = ?";
        let end = open.end.map(&mut text);
        if change.execute(there, params![open.outputs, open.status, end, self.phase, self.run])? == 0 {
            return Ok(None);
        }
        if let Some(step) = open.steps.get(self.steps.saturating_sub(1)) {
            change.execute(
                "UPDATE workflow_steps SET end_time = ?, output = ? WHERE phase_id = ? AND end_time IS NULL",
                params![step.end.map(&mut text), step.output, self.phase],
            )?;
        }
        let insert = "INSERT INTO workflow_steps (phase_id, step_index, method_name, start_time, end_time, \
                      run_error, output) VALUES (?, ?, ?, ?, ?, 0, ?)";
        for step in open.steps.iter().skip(self.steps) {
            let (start, end) = (text(step.start), step.end.map(&mut text));
            change.execute(insert, params![self.phase, step.index, step.method, start, end, step.output])?;
        }
        let Some(next) = self.story.phases.get(self.at + 1) else {
            let done = "UPDATE workflow_runs SET end_time = ?, status = ? WHERE id = ?";
            change.execute(done, params![text(self.story.now), self.story.status, self.run])?;
            return Ok(Some(self.phase));
        };
        change.execute(
            "INSERT INTO workflow_phases (run_id, name, repeat_index, parameters, start_time) VALUES (?, ?, ?, ?, ?)",
            params![self.run, next.name, next.index, next.parameters, text(next.start)],
        )?;
        let phase = change.last_insert_rowid();
        if let Some(step) = next.steps.first() {
            let start = text(step.start);
            change.execute(insert, params![phase, step.index, step.method, start, None::<&str>, "{}"])?;
        }
        Ok(Some(phase))
    }

    /// Writes the log lines of what was told.
    fn say(&mut self, when: Passed) -> Result<()> {
        let mut clock = DemoClock::default();
        let mut lines = String::new();
        let new = self.story.log.iter().skip(self.lines).take_while(|(at, _)| *at <= when.until);
        for (at, line) in new {
            // a String takes whatever is written
            let _ = writeln!(lines, "{} - {}", clock.seconds(when.at(*at)), line.replace(STEM, &self.stem));
            self.lines += 1;
        }
        let file = OpenOptions::new().append(true).open(&self.log);
        file.and_then(|mut file| file.write_all(lines.as_bytes())).map_err(Error::io(&self.log))
    }
}

/// A part of the story, and the time on the clock that it takes.
#[derive(Clone, Copy)]
struct Passed {
    since: i64,
    now: i64,
    from: StoryMoment,
    until: StoryMoment,
}

impl Passed {
    /// When on the clock something of the story happens.
    fn at(self, moment: StoryMoment) -> i64 {
        let whole = (self.until - self.from).max(1) as f64;
        let part = ((moment - self.from) as f64 / whole).clamp(0.0, 1.0);
        self.since + (part * (self.now - self.since) as f64) as i64
    }
}

/// A thread that lets the newest record of a made-up lab go on; it ends with this value.
pub struct Live {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// # Errors
    /// As [`LiveRecord::open`].
    pub fn start(
        folder: &Path,
        seed: u64,
        every: Duration,
        clock: impl Fn() -> DateTime + Send + 'static,
    ) -> Result<Self> {
        let mut record = LiveRecord::open(folder, seed, clock())?;
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout)
                && matches!(record.go_on(clock()), Ok(true))
            {}
        });
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What it failed with concerns nobody any more.
            let _ = thread.join();
        }
    }
}
