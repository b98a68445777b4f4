//! Makes IvoryOS 1.7.2 data folders: a small lab with a story, or records in any number for tests and measurements.

mod clock;
mod flows;
mod instruments;
mod lab;
mod live;
mod play;
mod plots;
mod python;
mod random;
mod recipes;
mod schedule;
mod sized;
mod story;
mod troubles;
mod words;
mod writer;

use std::{fs, ops::RangeInclusive, path::Path};

use jiff::civil::DateTime;

use crate::error::{Error, Result};
pub use live::{Live, LiveRecord};
use writer::Writer;

/// Another number whenever the lab with a story has other records or files: a kept one is made anew then.
pub const DATA_VERSION: u32 = 1;

/// What to make. The same plan makes the same rows and files.
#[derive(Debug, Clone)]
pub struct Plan {
    pub shape: Shape,
    pub seed: u64,
    /// The lab PC's clock: nothing is later.
    pub now: DateTime,
}

#[derive(Debug, Clone)]
pub enum Shape {
    /// About 60 records of ten days: every outcome, mode and kind of trouble; the newest one is running.
    Lab,
    Sized(Size),
}

/// How much data without a story; all of its sizes are free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    pub records: u32,
    /// Iterations of a record; a few records that fail early have none.
    pub iterations: RangeInclusive<u32>,
    /// Steps of an iteration, on average; prep and cleanup have a fifth of it.
    pub steps: u32,
    /// Iterations and steps of one very long record, placed at 60 % of the records.
    pub deep: Option<(u32, u32)>,
    /// Phases (with three steps each) of old records that stand at the end of the file.
    pub disorder: u32,
    /// So many of the newest records have no end.
    pub unfinished: u32,
    /// So many of the newest records have a log.
    pub logs: u32,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    pub runs: u64,
    pub phases: u64,
    pub steps: u64,
    pub logs: u64,
}

impl Plan {
    pub fn demo(now: DateTime) -> Self {
        Self { shape: Shape::Lab, seed: 1, now }
    }

    pub fn sized(
        records: u32,
        iterations: RangeInclusive<u32>,
        steps: u32,
        seed: u64,
        now: DateTime,
    ) -> Self {
        let size = Size { records, iterations, steps, deep: None, disorder: 0, unfinished: 0, logs: 0 };
        Self { shape: Shape::Sized(size), seed, now }
    }

    /// Changes the sizes; nothing for the lab with a story.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Size)) -> Self {
        if let Shape::Sized(size) = &mut self.shape {
            change(size);
        }
        self
    }
}

/// Fills `folder`, which becomes the data folder (`ivoryos.db`, `logs/`, `results/`, `config_csv/` in it) and is made
/// where it is missing. Fails where it has a database already, and where a file can't be written.
pub fn make(plan: &Plan, folder: &Path) -> Result<Made> {
    for part in ["logs", "results", "config_csv"] {
        let path = folder.join(part);
        fs::create_dir_all(&path).map_err(|source| Error::Io { path, source })?;
    }
    let mut writer = Writer::create(&folder.join("ivoryos.db"))?;
    let logs = match &plan.shape {
        Shape::Lab => lab::fill(&mut writer, folder, plan.seed, plan.now)?,
        Shape::Sized(size) => sized::fill(&mut writer, folder, size, plan.seed, clock::micros(plan.now))?,
    };
    let count = |n: i64| n.unsigned_abs();
    let made =
        Made { runs: count(writer.runs), phases: count(writer.phases), steps: count(writer.steps), logs };
    writer.finish()?;
    Ok(made)
}

#[cfg(test)]
mod tests;
