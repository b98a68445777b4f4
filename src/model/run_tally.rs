//! How many iterations and steps a record has, and in how many places it failed: numbers that lists are made by.

use std::collections::HashSet;

use super::phase_summary::PhaseSummary;

/// What is counted of a record's phases and steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunTally {
    /// Different iterations.
    pub iterations: u64,
    /// Steps with `run_error`, and phases that failed without one.
    pub failures: u64,
    /// All steps, also those of prep and cleanup.
    pub steps: u64,
    /// Those with `run_error`.
    pub failed_steps: u64,
    /// It was stopped, and its events end in an error.
    pub stopped_in_error: bool,
}

impl RunTally {
    /// What is counted of these phases; what its events say is not among that.
    pub fn of(phases: &[PhaseSummary]) -> Self {
        let mut counter = TallyCounter::default();
        for phase in phases {
            counter.add(&PhaseCounts {
                is_main: phase.is_main(),
                repeat_index: phase.repeat_index,
                steps: phase.steps(),
                failed_steps: phase.failed_steps(),
                has_failed: phase.has_failed(),
            });
        }
        counter.tally
    }
}

/// What a phase adds to the counts of its record.
#[derive(Debug, Clone, Copy, Default)]
pub struct PhaseCounts {
    /// It is an iteration of main, and which one.
    pub is_main: bool,
    pub repeat_index: Option<i64>,
    pub steps: u64,
    pub failed_steps: u64,
    /// It ended as failed, by a failed step or without one.
    pub has_failed: bool,
}

/// Counts the phases of a record, which may come in any order.
#[derive(Debug, Clone, Default)]
pub struct TallyCounter {
    pub tally: RunTally,
    seen: HashSet<i64>,
}

impl TallyCounter {
    pub fn add(&mut self, phase: &PhaseCounts) {
        // An iteration that was begun again is one; what has no number is an iteration of its own.
        if phase.is_main && phase.repeat_index.is_none_or(|index| self.seen.insert(index)) {
            self.tally.iterations += 1;
        }
        self.tally.failures += phase.failed_steps.max(u64::from(phase.has_failed));
        self.tally.steps += phase.steps;
        self.tally.failed_steps += phase.failed_steps;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iteration_begun_again_is_one_and_a_failed_phase_counts_by_its_steps() {
        let mut counter = TallyCounter::default();
        for (is_main, repeat_index, steps, failed_steps, has_failed) in [
            (false, None, 1, 1, true),
            (true, Some(2), 0, 0, true),
            (true, Some(1), 7, 3, true),
            (true, Some(2), 4, 0, false),
            (true, None, 2, 0, false),
            (true, None, 0, 0, false),
        ] {
            counter.add(&PhaseCounts { is_main, repeat_index, steps, failed_steps, has_failed });
        }
        let want =
            RunTally { iterations: 4, failures: 5, steps: 14, failed_steps: 4, stopped_in_error: false };
        assert_eq!(counter.tally, want);
    }
}
