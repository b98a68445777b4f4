//! The arguments of calls as the log has them: `Executing 'reactor.flaky' with args {...}`, in old versions
//! `Executing: deck.robot.move_xy(**{...})`.

use jiff::civil::DateTime;

use super::{
    entries::Entry,
    pairing::{self, Mark, is_method},
};
use crate::{
    formats::python_literal,
    model::{run::Step, timestamp::whole_second, value::Dict},
};

/// A call that the log tells of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoggedCall<'a> {
    /// `reactor.flaky`.
    pub name: &'a str,
    arguments: &'a str,
    entry: &'a Entry,
}

impl<'a> LoggedCall<'a> {
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

    pub fn time(&self) -> DateTime {
        self.entry.time
    }

    pub fn offset(&self) -> u64 {
        self.entry.offset
    }
}

/// The last call in front of an entry, by its place among all.
pub fn before(entries: &[Entry], place: usize) -> Option<LoggedCall<'_>> {
    entries.get(..place)?.iter().rev().find_map(LoggedCall::of)
}

/// Of each step the call that the log tells of it: the one in its second with its method. Where there are more of these
/// than steps they serve if they all have the same arguments; else it can't be told which.
pub fn of_steps<'a>(steps: &[&Step], entries: &'a [Entry]) -> Vec<Option<LoggedCall<'a>>> {
    let calls: Vec<LoggedCall<'a>> = entries.iter().filter_map(LoggedCall::of).collect();
    let marks: Vec<Mark<'_>> =
        calls.iter().map(|call| Mark { time: Some(call.entry.time), method: Some(call.name) }).collect();
    let wanted: Vec<Mark<'_>> =
        steps.iter().map(|step| Mark { time: step.start.at(), method: Some(&step.method_name) }).collect();
    let alike = |step: &Step| {
        let start = whole_second(step.start.at()?);
        let first = calls.partition_point(|call| call.entry.time < start);
        let mut same = calls.iter().skip(first).take_while(|call| call.entry.time == start);
        let mut same = same.by_ref().filter(|call| is_method(call.name, &step.method_name));
        let one = *same.next()?;
        same.all(|other| other.arguments == one.arguments).then_some(one)
    };
    let found = pairing::pair(&wanted, &marks, false);
    let found = found.into_iter().map(|call| call.and_then(|n| calls.get(n).copied()));
    found.zip(steps).map(|(call, step)| call.or_else(|| alike(step))).collect()
}
