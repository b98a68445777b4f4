//! The slow steps of a record, and how they are told.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use crate::{
    model::{format, sanitize::sanitize, step_time::StepKey},
    store::Version,
};

/// A step that took much longer than usual.
#[derive(Debug, Clone, PartialEq)]
pub struct SlowStep {
    pub phase: i64,
    pub step: i64,
    pub key: StepKey,
    /// Of a step of main.
    pub iteration: Option<i64>,
    /// Seconds.
    pub took: f64,
    pub usual: f64,
}

/// How long each ended step of a record took.
#[derive(Debug)]
pub struct RecordTimes {
    pub steps: u64,
    pub times: Vec<(StepKey, f64)>,
}

/// Times that are kept of records in one version of the file.
#[derive(Debug, Default)]
pub struct KnownTimes(RefCell<TimesOf>);

#[derive(Debug, Default)]
struct TimesOf {
    version: Option<Version>,
    records: HashMap<i64, Arc<RecordTimes>>,
    steps: u64,
}

/// When so many steps are kept, it begins anew.
const KEPT_STEPS: u64 = 500_000;

impl KnownTimes {
    pub fn get(&self, version: Version, run: i64) -> Option<Arc<RecordTimes>> {
        let known = self.0.borrow();
        known.records.get(&run).filter(|_| known.version == Some(version)).cloned()
    }

    pub fn keep(&self, version: Version, run: i64, times: RecordTimes) {
        let mut known = self.0.borrow_mut();
        if known.version != Some(version) || known.steps > KEPT_STEPS {
            *known = TimesOf { version: Some(version), ..TimesOf::default() };
        }
        known.steps += times.steps;
        known.records.insert(run, Arc::new(times));
    }

    pub fn forget(&self) {
        self.0.take();
    }
}

/// The slow steps of a record, in the order in which they ran.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SlowSteps {
    pub all: Vec<SlowStep>,
    /// Where each stands among them, by its id.
    places: HashMap<i64, usize>,
    /// How many a phase has.
    of_phases: HashMap<i64, u64>,
}

impl SlowSteps {
    pub fn of(all: Vec<SlowStep>) -> Self {
        let places = all.iter().enumerate().map(|(n, slow)| (slow.step, n)).collect();
        let mut of_phases = HashMap::new();
        all.iter().for_each(|slow| *of_phases.entry(slow.phase).or_default() += 1);
        Self { all, places, of_phases }
    }

    /// How many slow steps a phase has.
    pub fn in_phase(&self, phase: i64) -> u64 {
        self.of_phases.get(&phase).copied().unwrap_or_default()
    }

    /// The step with this id, if it was slow.
    pub fn step(&self, id: i64) -> Option<&SlowStep> {
        self.all.get(*self.places.get(&id)?)
    }

    /// The one that took longest; of equal ones the first.
    pub fn longest(&self) -> Option<&SlowStep> {
        self.all.iter().reduce(|best, one| if one.took > best.took { one } else { best })
    }

    /// `2 slow steps, longest main 7 · stir 48 s, usually 12 s`; nothing where there is none.
    pub fn words(&self, dot: &str) -> Option<String> {
        let longest = self.longest()?;
        let count = format::count_of(self.all.len() as u64, "slow step", "slow steps");
        let longest = longest.words(dot);
        Some(if self.all.len() == 1 {
            format!("{count}: {longest}")
        } else {
            format!("{count}, longest {longest}")
        })
    }
}

impl SlowStep {
    /// `main 7 · stir 48 s, usually 12 s`
    pub fn words(&self, dot: &str) -> String {
        let iteration = self.iteration.map(|n| format!(" {n}")).unwrap_or_default();
        let (phase, method) = (sanitize(&self.key.phase), sanitize(&self.key.method));
        format!("{phase}{iteration} {dot} {method} {}", self.times())
    }

    /// `48 s, usually 12 s`
    pub fn times(&self) -> String {
        format!("{}, usually {}", format::duration(self.took), format::duration(self.usual))
    }
}
