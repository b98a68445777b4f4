//! Which error of the events, or of the log, belongs to which failed step: by their order, and where the counts differ by
//! method and second.

use jiff::civil::DateTime;

use crate::model::timestamp::{seconds_between, whole_second};

/// A failed step, or an error that is to belong to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark<'a> {
    /// The end of the step, or when the error was written.
    pub time: Option<DateTime>,
    /// The method, with or without its instrument; `None` for an error that does not tell.
    pub method: Option<&'a str>,
}

/// An error is written in the second in which its step ended, or a little later.
const BEFORE: f64 = 1.0;
const AFTER: f64 = 5.0;

/// Of each step which error is its own; `None` where that can't be told. `is_all` says that no step and no error is
/// missing, so that their order can be trusted.
pub fn pair(steps: &[Mark<'_>], errors: &[Mark<'_>], is_all: bool) -> Vec<Option<usize>> {
    if is_all && steps.len() == errors.len() {
        return (0..steps.len()).map(Some).collect();
    }
    let mut found = vec![None; steps.len()];
    for near in [same_second, soon] {
        let taken: Vec<usize> = found.iter().flatten().copied().collect();
        let fits = |step: &Mark<'_>, n: usize, error: &Mark<'_>| {
            !taken.contains(&n) && near(step, error) && same_method(step, error)
        };
        let choices: Vec<Vec<usize>> = steps
            .iter()
            .zip(&found)
            .map(|(step, known)| match known {
                Some(_) => Vec::new(),
                None => {
                    (0..).zip(errors).filter(|(n, error)| fits(step, *n, error)).map(|(n, _)| n).collect()
                }
            })
            .collect();
        for (n, choice) in choices.iter().enumerate().filter(|(_, choice)| !choice.is_empty()) {
            // As many steps as errors in one second are in the same order; else nobody can tell.
            let alike: Vec<usize> =
                (0..choices.len()).filter(|other| choices.get(*other) == Some(choice)).collect();
            let place = alike.iter().position(|other| *other == n);
            let shared = choices
                .iter()
                .any(|other| other != choice && other.iter().any(|error| choice.contains(error)));
            if let (Some(place), Some(slot), false) = (place, found.get_mut(n), shared)
                && alike.len() == choice.len()
            {
                *slot = choice.get(place).copied();
            }
        }
    }
    found
}

fn same_second(step: &Mark<'_>, error: &Mark<'_>) -> bool {
    match (step.time, error.time) {
        (Some(step), Some(error)) => whole_second(step) == whole_second(error),
        _ => false,
    }
}

fn soon(step: &Mark<'_>, error: &Mark<'_>) -> bool {
    match (step.time, error.time) {
        (Some(step), Some(error)) => (-BEFORE..=AFTER).contains(&seconds_between(whole_second(step), error)),
        _ => false,
    }
}

fn same_method(step: &Mark<'_>, error: &Mark<'_>) -> bool {
    match (step.method, error.method) {
        (Some(step), Some(error)) => is_method(error, step),
        _ => true,
    }
}

/// Whether a call (`deck.reactor.flaky`, `reactor.flaky`) is of a method as a step has it (`flaky`, `deck.reactor.flaky`).
pub fn is_method(called: &str, method: &str) -> bool {
    let last = |name: &'_ str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let ends = |long: &str, short: &str| {
        long == short || long.strip_suffix(short).is_some_and(|rest| rest.ends_with('.'))
    };
    ends(called, method) || ends(method, called) || last(called) == last(method)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(second: i8, method: Option<&str>) -> Mark<'_> {
        Mark { time: Some(jiff::civil::date(2026, 11, 24).at(3, 0, second, 0)), method }
    }

    #[test]
    fn as_many_errors_as_steps_belong_in_order() {
        let steps = [mark(1, Some("dose")), mark(30, Some("heat"))];
        let errors = [mark(2, None), mark(50, Some("reactor.heat"))];
        assert_eq!(pair(&steps, &errors, true), [Some(0), Some(1)]);
        assert_eq!(pair(&steps, &errors, false), [Some(0), None]);
    }

    #[test]
    fn else_method_and_second_decide() {
        let steps = [mark(1, Some("dose")), mark(1, Some("heat")), mark(9, Some("heat"))];
        let errors = [mark(1, Some("deck.reactor.heat")), mark(1, Some("deck.pump.dose"))];
        assert_eq!(pair(&steps, &errors, true), [Some(1), Some(0), None]);
    }

    #[test]
    fn what_is_unclear_belongs_to_nobody() {
        let two = [mark(1, Some("dose")), mark(1, Some("dose"))];
        let steps = [mark(1, Some("dose"))];
        assert_eq!(pair(&steps, &two, true), [None]);
        assert_eq!(pair(&two, &steps, true), [None, None]);
        assert_eq!(pair(&steps, &[], true), [None]);
    }

    #[test]
    fn a_call_is_of_a_method() {
        for (called, method) in
            [("reactor.flaky", "flaky"), ("flaky", "flaky"), ("robot.home", "deck.robot.home")]
        {
            assert!(is_method(called, method), "{called} {method}");
        }
        assert!(!is_method("reactor.unflaky", "flaky"));
    }
}
