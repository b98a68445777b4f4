//! The words for phases and steps without an end: they run only while their record does.

use crate::model::outcome::Outcome;

/// Shown instead of `running` once the record does not run any more.
pub(super) const NOT_FINISHED: &str = "not finished";

/// The word shown for a phase's stored state: in a record that ended or died nothing is still running.
pub(super) fn word(stored: &str, outcome: Option<Outcome>) -> &str {
    match (stored, outcome) {
        ("running", Some(outcome)) if outcome != Outcome::Running => NOT_FINISHED,
        _ => stored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_running_record_has_running_phases() {
        assert_eq!(word("running", Some(Outcome::Running)), "running");
        assert_eq!(word("running", None), "running");
        for outcome in [Outcome::Error, Outcome::Stopped, Outcome::Unfinished, Outcome::Completed] {
            assert_eq!(word("running", Some(outcome)), NOT_FINISHED);
            assert_eq!(word("skipped", Some(outcome)), "skipped");
        }
    }
}
