//! The arguments of calls as the log has them: `Executing 'reactor.flaky' with args {...}`, in old versions
//! `Executing: deck.robot.move_xy(**{...})`.

use jiff::civil::DateTime;

use super::{entries::Entry, pairing::is_method};
use crate::{
    formats::python_literal,
    model::{
        run::Step,
        timestamp::{seconds_between, whole_second},
        value::Dict,
    },
};

/// A call that the log tells of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Call<'a> {
    /// `reactor.flaky`.
    pub name: &'a str,
    arguments: &'a str,
    entry: &'a Entry,
}

impl<'a> Call<'a> {
    pub fn of(entry: &'a Entry) -> Option<Self> {
        let text = entry.text.strip_prefix("Executing")?;
        let (name, arguments) = match text.strip_prefix(": ") {
            Some(call) => call.split_once("(**")?,
            None => text.strip_prefix(" '")?.split_once("' with args ")?,
        };
        let name = name.strip_prefix("deck.").unwrap_or(name);
        (!name.is_empty()).then_some(Self { name, arguments, entry })
    }

    /// As values; `None` where the line was cut.
    pub fn arguments(&self) -> Option<Dict> {
        if self.entry.more.is_empty() {
            return python_literal::leading_dict(self.arguments);
        }
        // An object whose repr has more than one line.
        let whole = format!("{}\n{}", self.arguments, self.entry.more.join("\n"));
        python_literal::leading_dict(&whole)
    }

    pub fn offset(&self) -> u64 {
        self.entry.offset
    }
}

/// The last call in front of an entry, by its place among all.
pub fn before(entries: &[Entry], place: usize) -> Option<Call<'_>> {
    entries.get(..place)?.iter().rev().find_map(Call::of)
}

/// A call is told of in the second in which its step starts, or the one before or behind.
const NEAR: f64 = 1.0;

/// Of each step the call that the log tells of it: in their order, with the step's method, and in its second.
pub fn of_steps<'a>(steps: &[&Step], entries: &'a [Entry]) -> Vec<Option<Call<'a>>> {
    let calls: Vec<Call<'a>> = entries.iter().filter_map(Call::of).collect();
    let mut taken = vec![false; calls.len()];
    let mut found = Vec::with_capacity(steps.len());
    for step in steps {
        let call = step.start.at().and_then(|start| {
            let start = whole_second(start);
            let first = calls.partition_point(|call| seconds_between(call.entry.time, start) > NEAR);
            let near = (first..calls.len()).take_while(|n| {
                calls.get(*n).is_some_and(|call| seconds_between(start, call.entry.time) <= NEAR)
            });
            let fits = |n: &usize| {
                let call = calls.get(*n);
                taken.get(*n) == Some(&false)
                    && call.is_some_and(|call| is_method(call.name, &step.method_name))
            };
            closest(near.filter(fits), &calls, start)
        });
        if let Some(taken) = call.and_then(|n| taken.get_mut(n)) {
            *taken = true;
        }
        found.push(call.and_then(|n| calls.get(n).copied()));
    }
    found
}

/// The first call of the second itself, else of the one before, else of the one behind.
fn closest(near: impl Iterator<Item = usize>, calls: &[Call<'_>], start: DateTime) -> Option<usize> {
    near.min_by_key(|n| {
        let distance = calls.get(*n).map_or(0.0, |call| seconds_between(call.entry.time, start));
        (distance != 0.0, distance < 0.0, *n)
    })
}
