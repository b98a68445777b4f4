//! Which entries of the folder's `default.log` are a record's: runs of old versions overlap.

use jiff::civil::DateTime;

use super::entries::{Count, Entry};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{query::Order, run::Run, timestamp::whole_second},
    services::{failures, lab::Lab},
    store::IdPlace,
};

/// Records around one that may have run at the same time.
const AROUND: usize = 30;

/// The records that ran while another did, and when the next one began.
pub struct Neighbours {
    /// Name, start and end of each, and the seconds in which its steps failed.
    beside: Vec<Beside>,
    own: Beside,
    next_start: Option<DateTime>,
}

struct Beside {
    name: String,
    start: Option<DateTime>,
    end: Option<DateTime>,
    failed_at: Vec<DateTime>,
}

impl Beside {
    fn of(lab: &Lab, run: &Run, cx: &mut Cx<'_>) -> Result<Self> {
        let failed = failures::failed_steps(lab, run.id, cx)?.value;
        let failed_at = failed.iter().filter_map(|(_, step)| step.end.at()).map(whole_second).collect();
        let second = |time: Option<DateTime>| time.map(whole_second);
        Ok(Self {
            name: run.name.clone(),
            start: second(run.start.at()),
            end: second(run.end.at()),
            failed_at,
        })
    }

    /// Whether it ran in a second.
    fn ran(&self, time: DateTime) -> bool {
        self.start.is_some_and(|start| start <= time) && self.end.is_none_or(|end| time <= end)
    }
}

/// The records that overlap with one: among those before and behind it by id.
pub fn neighbours(lab: &Lab, run: &Run, cx: &mut Cx<'_>) -> Result<Neighbours> {
    let mut ids = lab.source().run_ids(IdPlace::Behind(run.id), Order::Descending, AROUND, cx)?;
    ids.extend(lab.source().run_ids(IdPlace::Behind(run.id), Order::Ascending, AROUND, cx)?);
    let runs = lab.source().runs(&ids, cx)?;
    let start = run.start.at();
    let next_start =
        runs.iter().filter_map(|other| other.start.at()).filter(|other| Some(*other) > start).min();
    let end = run.end.at().or(next_start);
    let mut beside = Vec::new();
    for other in &runs {
        let began_before = match (other.start.at(), end) {
            (Some(start), Some(end)) => whole_second(start) <= whole_second(end),
            (start, _) => start.is_some(),
        };
        let ended_behind = match (other.end.at(), start) {
            (Some(end), Some(start)) => whole_second(end) >= whole_second(start),
            // One without an end reaches to the start of the next.
            (None, Some(start)) => other.start.at().is_some_and(|at| at >= start),
            _ => false,
        };
        if began_before && ended_behind {
            beside.push(Beside::of(lab, other, cx)?);
        }
    }
    Ok(Neighbours { beside, own: Beside::of(lab, run, cx)?, next_start })
}

impl Neighbours {
    /// Where a record's part of the log ends; `None` where it is the last.
    pub fn end(&self, run: &Run) -> Option<DateTime> {
        run.end.at().or(self.next_start)
    }

    /// The entries that are the record's own. What another name was told in front of is not, also where that record was
    /// deleted since.
    pub fn of_run(&self, run: &Run, entries: Vec<Entry>) -> Vec<Entry> {
        let names_itself = entries.iter().any(|entry| experiment(&entry.text) == Some(&run.name));
        if self.beside.is_empty() && !names_itself {
            return entries;
        }
        let mut told: Option<String> = None;
        let mut is_own = |entry: &Entry| {
            if let Some(name) = experiment(&entry.text) {
                told = Some(name.to_owned());
            }
            self.is_own(run, entry, told.as_deref())
        };
        entries.into_iter().filter(|entry| is_own(entry)).collect()
    }

    fn is_own(&self, run: &Run, entry: &Entry, told: Option<&str>) -> bool {
        let mut others = self.beside.iter().filter(|other| other.ran(entry.time)).peekable();
        if others.peek().is_none() {
            return told.is_none_or(|name| name == run.name);
        }
        let others: Vec<&Beside> = others.collect();
        let failed = |of: &Beside| of.failed_at.contains(&entry.time);
        let (own, other) = (failed(&self.own), others.iter().any(|other| failed(other)));
        if entry.text.starts_with("Error during ") && own != other {
            return own;
        }
        let named = |name: &str| name == run.name;
        match told {
            Some(name) => named(name) && !others.iter().any(|other| other.name == name),
            None => false,
        }
    }
}

/// The name in `Executing NAME experiment: 1/3`.
pub fn experiment(text: &str) -> Option<&str> {
    Count::of_text(text)?.name
}
