//! A phase without its cells, small enough to hold those of the longest record, and where it stands in the file.

use std::{ops::Deref, sync::Arc};

use super::{run::Phase, timestamp::Timestamp};

/// Inclusive ranges of ids; nearly always there is one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Ranges {
    #[default]
    None,
    One([(i64, i64); 1]),
    Many(Vec<(i64, i64)>),
}

impl Ranges {
    /// Adds a range behind the others; one that goes on where the last ended lengthens it.
    pub fn push(&mut self, first: i64, last: i64) {
        let joined = match self {
            Ranges::None => None,
            Ranges::One([end]) => Some(end),
            Ranges::Many(all) => all.last_mut(),
        };
        if let Some((_, end)) = joined.filter(|(_, end)| end.checked_add(1) == Some(first)) {
            *end = last;
            return;
        }
        match self {
            Ranges::None => *self = Ranges::One([(first, last)]),
            Ranges::One([one]) => *self = Ranges::Many(vec![*one, (first, last)]),
            Ranges::Many(all) => all.push((first, last)),
        }
    }

    pub fn hold(&self, id: i64) -> bool {
        self.iter().any(|(first, last)| (*first..=*last).contains(&id))
    }
}

impl Deref for Ranges {
    type Target = [(i64, i64)];

    fn deref(&self) -> &Self::Target {
        match self {
            Ranges::None => &[],
            Ranges::One(one) => one,
            Ranges::Many(all) => all,
        }
    }
}

/// A phase, by which its cells and its steps are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PhaseRef {
    pub id: i64,
    pub run: i64,
    /// Where its steps stand, for the database alone. All rows in them are this phase's, or gone.
    pub(crate) ranges: Ranges,
    pub steps: u64,
    /// Steps with `run_error`.
    pub failed: u64,
}

impl PhaseRef {
    /// A phase by its id, and how many steps it has; where they stand is known to no more than the database itself.
    pub fn of(run: i64, id: i64, steps: u64, failed: u64) -> Self {
        Self { id, run, ranges: Ranges::None, steps, failed }
    }
}

/// A phase without its parameters, outputs and error.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PhaseSummary {
    pub phase_ref: PhaseRef,
    /// `prep`, `main` or `cleanup`; shared among the phases of a record, as the status is.
    pub name: Arc<str>,
    /// The iteration.
    pub repeat_index: Option<i64>,
    pub status: Option<Arc<str>>,
    /// Something stands in its error column.
    pub has_error: bool,
    pub start: Timestamp,
    pub end: Timestamp,
}

impl PhaseSummary {
    pub fn id(&self) -> i64 {
        self.phase_ref.id
    }

    pub fn steps(&self) -> u64 {
        self.phase_ref.steps
    }

    pub fn failed_steps(&self) -> u64 {
        self.phase_ref.failed
    }

    /// `main 3`, `prep`.
    pub fn label(&self) -> String {
        match self.repeat_index {
            Some(n) if self.is_main() => format!("main {n}"),
            _ => self.name.to_string(),
        }
    }

    pub fn is_main(&self) -> bool {
        &*self.name == "main"
    }

    /// It ended as `failed`, by a failed step or without one.
    pub fn has_failed(&self) -> bool {
        self.status.as_deref() == Some("failed")
    }

    /// It failed by a wrong input or a condition that can't be evaluated.
    pub fn failed_without_step(&self) -> bool {
        self.failed_steps() == 0 && self.has_failed()
    }
}

impl Phase {
    /// The phase without its cells.
    pub fn summary(self, phase_ref: PhaseRef) -> PhaseSummary {
        PhaseSummary {
            phase_ref,
            name: self.name.into(),
            repeat_index: self.repeat_index,
            status: self.status.map(Arc::from),
            has_error: !self.error.is_null(),
            start: self.start,
            end: self.end,
        }
    }
}

impl AsMut<PhaseRef> for PhaseRef {
    fn as_mut(&mut self) -> &mut PhaseRef {
        self
    }
}

impl AsMut<PhaseRef> for PhaseSummary {
    fn as_mut(&mut self) -> &mut PhaseRef {
        &mut self.phase_ref
    }
}

/// Texts that come again and again, each held once.
#[derive(Debug, Default)]
pub struct SharedTexts(Vec<Arc<str>>);

impl SharedTexts {
    /// So many different ones are looked for; a record has three names and a few states.
    const MOST: usize = 16;

    pub fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.iter().find(|known| &***known == text) {
            return Arc::clone(known);
        }
        let new = Arc::<str>::from(text);
        if self.0.len() < Self::MOST {
            self.0.push(Arc::clone(&new));
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_join_where_they_touch() {
        let mut ranges = Ranges::default();
        assert!(ranges.is_empty() && !ranges.hold(1));
        for (first, last) in [(1, 2), (3, 5), (9, 9), (10, 12), (20, 20)] {
            ranges.push(first, last);
        }
        assert_eq!(*ranges, [(1, 5), (9, 12), (20, 20)]);
        assert!(ranges.hold(10) && !ranges.hold(13));
    }

    /// A record of 500,000 phases fits into 100 MB.
    #[test]
    fn a_head_is_small() {
        assert!(size_of::<PhaseSummary>() <= 176, "{}", size_of::<PhaseSummary>());
    }
}
