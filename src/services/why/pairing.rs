//! Which error of the events, or of the log, belongs to which failed step: by their order, and where the counts differ by
//! method and second.

use std::collections::{HashMap, HashSet};

use jiff::civil::DateTime;

use crate::{
    model::{
        run::Step,
        timestamp::{seconds_between, whole_second},
    },
    services::events::RunEvent,
};

/// A failed step, or an error that is to belong to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark<'a> {
    /// The end of the step, or when the error was written.
    pub time: Option<DateTime>,
    /// The method, with or without its instrument; `None` for an error that does not tell.
    pub method: Option<&'a str>,
}

impl<'a> Mark<'a> {
    pub fn of_step(step: &'a Step) -> Self {
        Self { time: step.end.at().or(step.start.at()), method: Some(&step.method_name) }
    }

    pub fn of_event(event: &'a RunEvent) -> Self {
        let called = event.detail.as_deref().and_then(|detail| detail.split(':').next());
        let method = called.filter(|called| !called.contains(char::is_whitespace));
        Self { time: event.time.at(), method }
    }
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
    let mut free: Vec<usize> = (0..errors.len()).filter(|n| time_of(errors, *n).is_some()).collect();
    free.sort_by_key(|n| (time_of(errors, *n), *n));
    for near in [same_second, soon] {
        pair_near(steps, errors, &free, near, &mut found);
        let taken: HashSet<usize> = found.iter().flatten().copied().collect();
        free.retain(|n| !taken.contains(n));
    }
    found
}

fn time_of(marks: &[Mark<'_>], n: usize) -> Option<DateTime> {
    marks.get(n).and_then(|mark| mark.time)
}

/// Gives steps without an error those that are near: as many errors as steps are in the same order; else nobody can tell.
fn pair_near(
    steps: &[Mark<'_>],
    errors: &[Mark<'_>],
    free: &[usize],
    near: fn(&Mark<'_>, &Mark<'_>) -> bool,
    found: &mut [Option<usize>],
) {
    // Steps that have the same choice of errors, and of each error in how many choices it is.
    let mut groups: HashMap<Vec<usize>, Vec<usize>> = HashMap::new();
    for (n, step) in steps.iter().enumerate().filter(|(n, _)| found.get(*n) == Some(&None)) {
        let Some(time) = step.time else { continue };
        let first = free.partition_point(|error| {
            time_of(errors, *error).is_some_and(|error| seconds_between(error, whole_second(time)) > BEFORE)
        });
        let around = free.iter().skip(first).take_while(|error| {
            time_of(errors, **error).is_some_and(|error| seconds_between(whole_second(time), error) <= AFTER)
        });
        let fits = |error: &&usize| {
            errors.get(**error).is_some_and(|error| near(step, error) && same_method(step, error))
        };
        let choice: Vec<usize> = around.filter(fits).copied().collect();
        if !choice.is_empty() {
            groups.entry(choice).or_default().push(n);
        }
    }
    let mut choices_of: HashMap<usize, usize> = HashMap::new();
    groups.keys().flatten().for_each(|error| *choices_of.entry(*error).or_default() += 1);
    for (choice, alike) in &groups {
        if choice.len() == alike.len() && choice.iter().all(|error| choices_of.get(error) == Some(&1)) {
            for (step, error) in alike.iter().zip(choice) {
                if let Some(slot) = found.get_mut(*step) {
                    *slot = Some(*error);
                }
            }
        }
    }
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
