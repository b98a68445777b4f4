//! How many iterations a record has, and in how many places it failed: the numbers of the list's columns.

use std::collections::HashSet;

use super::phase_summary::PhaseSummary;

/// What is counted of a record's phases and steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunTally {
    /// Different iterations.
    pub iterations: u64,
    /// Steps with `run_error`, and phases that failed without one.
    pub failures: u64,
    /// It was stopped, and its events end in an error.
    pub stopped_in_error: bool,
}

impl RunTally {
    /// What is counted of these phases; what its events say is not among that.
    pub fn of(phases: &[PhaseSummary]) -> Self {
        let mut counter = TallyCounter::default();
        for phase in phases {
            counter.add(phase.is_main(), phase.repeat_index, phase.failed_steps(), phase.has_failed());
        }
        counter.tally
    }
}

/// Counts the phases of a record, which may come in any order.
#[derive(Debug, Clone, Default)]
pub struct TallyCounter {
    pub tally: RunTally,
    seen: HashSet<i64>,
}

impl TallyCounter {
    /// Adds a phase: whether it is one of main, its iteration, its failed steps, and whether it ended as failed.
    pub fn add(&mut self, is_main: bool, repeat_index: Option<i64>, failed_steps: u64, has_failed: bool) {
        // An iteration that was begun again is one; what has no number is an iteration of its own.
        if is_main && repeat_index.is_none_or(|index| self.seen.insert(index)) {
            self.tally.iterations += 1;
        }
        self.tally.failures += failed_steps.max(u64::from(has_failed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iteration_begun_again_is_one_and_a_failed_phase_counts_by_its_steps() {
        let mut counter = TallyCounter::default();
        counter.add(false, None, 1, true);
        counter.add(true, Some(2), 0, true);
        counter.add(true, Some(1), 3, true);
        counter.add(true, Some(2), 0, false);
        counter.add(true, None, 0, false);
        counter.add(true, None, 0, false);
        assert_eq!(counter.tally, RunTally { iterations: 4, failures: 5, stopped_in_error: false });
    }
}
