//! What the end of a record's log says: when it was last written, and what the record waits for.

use jiff::civil::DateTime;

use super::told::{Wait, WaitKind};
use crate::{
    error::{Error, Result},
    model::{
        encoding::{BEGINNING, Encoding},
        run::Run,
        timestamp::whole_second,
    },
    services::{
        data_file::DataFile,
        lab::{Lab, local_time},
        paths,
        why::{
            arguments::LoggedCall,
            entries::{self, Entry},
            overlap::experiment,
            pairing::is_method,
        },
    },
};

/// So much of a log's end is read, and of one that has no dated line there.
const TAILS: [u64; 2] = [64 << 10, 4 << 20];

/// The end of a record's log, or its part of the folder's `default.log`.
#[derive(Debug, Default)]
pub struct LogEnd {
    /// The time of the last entry.
    pub last: Option<DateTime>,
    /// When the file was written last; only of the record's own log.
    pub file_time: Option<DateTime>,
    pub wait: Option<Wait>,
    /// The calls in it: name and second.
    calls: Vec<(String, DateTime)>,
}

/// What can't be read says nothing.
pub fn of(lab: &Lab, run: &Run) -> LogEnd {
    let own = match paths::existing_log(lab, run) {
        Ok(file) => Ok((file, true)),
        Err(Error::Missing(_)) if run.start.at().is_some() => {
            DataFile::open(lab, lab.folder(), lab.folder().join("default.log")).map(|file| (file, false))
        }
        Err(error) => Err(error),
    };
    let read = own.and_then(|(file, own)| {
        let entries = last_entries(&file)?;
        Ok(if own { LogEnd::of(&entries, file_time(&file)) } else { LogEnd::of(&of_run(run, entries), None) })
    });
    read.unwrap_or_default()
}

fn file_time(file: &DataFile) -> Option<DateTime> {
    local_time(file.modified()?)
}

fn last_entries(file: &DataFile) -> Result<Vec<Entry>> {
    let encoding = Encoding::of(&file.read_at(0, BEGINNING as u64)?);
    for tail in TAILS {
        let from = file.size.saturating_sub(tail);
        let from = from - from % encoding.unit() as u64;
        let found = entries::entries(&file.read_at(from, file.size - from)?, from, encoding);
        if !found.is_empty() || from == 0 {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The entries of `default.log` that are the record's: those in front of which its name stands.
fn of_run(run: &Run, entries: Vec<Entry>) -> Vec<Entry> {
    let Some(start) = run.start.at().map(whole_second) else { return Vec::new() };
    let mut told: Option<bool> = None;
    let mut is_own = |entry: &Entry| {
        if let Some(name) = experiment(&entry.text) {
            told = Some(name == run.name);
        }
        entry.time >= start && told.unwrap_or(true)
    };
    entries.into_iter().filter(|entry| is_own(entry)).collect()
}

impl LogEnd {
    fn of(entries: &[Entry], file_time: Option<DateTime>) -> Self {
        let calls =
            entries.iter().filter_map(|entry| Some((LoggedCall::of(entry)?.name.to_owned(), entry.time)));
        Self {
            last: entries.iter().map(|entry| entry.time).max(),
            file_time,
            wait: wait(entries),
            calls: calls.collect(),
        }
    }

    /// The whole name of a method that was called in a second.
    pub fn called(&self, method: &str, second: DateTime) -> Option<String> {
        let of_step = |(name, at): &&(String, DateTime)| *at == second && is_method(name, method);
        self.calls.iter().find(of_step).map(|(name, _)| name.clone())
    }
}

/// What the record waits for: the last such entry that has no resume, retry, input or stop behind it.
fn wait(entries: &[Entry]) -> Option<Wait> {
    let (mut waits, mut error): (Option<Wait>, Option<String>) = (None, None);
    for entry in entries {
        let text = entry.text.trim_end();
        let told =
            |kind, text: &str| Some(Wait { kind, text: Some(text.to_owned()), since: Some(entry.time) });
        if let Some(asked) = text.strip_prefix("Human intervention required: ") {
            waits = told(WaitKind::Intervention, asked);
        } else if let Some(asked) = text.strip_prefix("Requesting input: ") {
            waits = told(WaitKind::Input, asked);
        } else if text == "Pause script" {
            // Behind a request or an error it is how IvoryOS waits for the answer.
            waits = waits.or_else(|| match error.take() {
                Some(error) => told(WaitKind::Error, &error),
                None => Some(Wait { kind: WaitKind::Paused, text: None, since: Some(entry.time) }),
            });
        } else if goes_on(text) {
            waits = None;
        }
        error =
            if entry.is_error() { text.split_once(": ").map(|(_, error)| error.to_owned()) } else { None };
    }
    waits
}

fn goes_on(text: &str) -> bool {
    const TURNS: [&str; 6] =
        ["Resume script", "Input received", "Stop execution", "Stopping execution", "Abort ", "Retry"];
    TURNS.iter().any(|turn| text.starts_with(turn))
}
