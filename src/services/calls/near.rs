//! Calls by hand near a moment, and around a record: they often explain why something failed.

use std::ops::ControlFlow;

use jiff::{SignedDuration, civil::DateTime};

use super::{Lab, list, one, walk};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        call::{Call, CallColumns, CallQuery, Stretch},
        format::{count, count_of},
        query::Order,
        run::Run,
    },
    store::IdPlace,
};

/// How far back from a moment calls are looked for, and how many of them are told.
const SINCE: SignedDuration = SignedDuration::from_hours(1);
const TOLD: usize = 5;

/// The last calls by hand that began within an hour before a moment, newest first.
///
/// # Errors
/// As any read.
pub fn before(lab: &Lab, time: DateTime, cx: &mut Cx<'_>) -> Result<Vec<Call>> {
    let began = Stretch { since: time.checked_sub(SINCE).ok(), until: Some(time) };
    let mut last: Vec<(DateTime, i64)> = Vec::new();
    each_time(lab, &began, cx, |id, at| {
        last.push((at, id));
        if last.len() > 100 * TOLD {
            keep_last(&mut last);
        }
    })?;
    keep_last(&mut last);
    let mut calls = Vec::with_capacity(last.len());
    for (_, id) in last {
        calls.extend(one(lab, id, cx)?);
    }
    Ok(calls)
}

fn keep_last(calls: &mut Vec<(DateTime, i64)>) {
    calls.sort_unstable_by(|a, b| b.cmp(a));
    calls.truncate(TOLD);
}

/// The calls by hand between the record before one and its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallsAround {
    pub run: i64,
    /// From the end of the record before to this one's.
    pub began: Stretch,
    /// How many began before it did.
    pub before: u64,
    /// How many while it ran.
    pub during: u64,
}

impl CallsAround {
    pub fn is_empty(&self) -> bool {
        self.before + self.during == 0
    }

    /// `3 calls by hand before the start, 1 while it ran`; nothing for none.
    pub fn words(&self) -> Option<String> {
        let calls = |n| count_of(n, "call by hand", "calls by hand");
        Some(match (self.before, self.during) {
            (0, 0) => return None,
            (0, during) => format!("{} while it ran", calls(during)),
            (before, 0) => format!("{} before the start", calls(before)),
            (before, during) => format!("{} before the start, {} while it ran", calls(before), count(during)),
        })
    }
}

/// How many calls by hand there are around a record; none for one without a start.
///
/// # Errors
/// As any read; [`crate::error::Error::Missing`] where there is no such record.
pub fn around(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<CallsAround> {
    let of = lab.run(run, cx)?;
    let Some(start) = of.start.at() else { return Ok(CallsAround { run, ..CallsAround::default() }) };
    let ended = |run: &Run| run.end.at().or(run.start.at());
    let since = beside(lab, run, Order::Descending, cx)?.as_ref().and_then(ended);
    // One that never ended lasts to the next one.
    let until = match of.end.at() {
        Some(end) => Some(end),
        None => beside(lab, run, Order::Ascending, cx)?.and_then(|next| next.start.at()),
    };
    let began = Stretch { since: since.map(|since| since.min(start)), until };
    let mut around = CallsAround { run, began, ..CallsAround::default() };
    each_time(lab, &began, cx, |_, at| if at < start { around.before += 1 } else { around.during += 1 })?;
    Ok(around)
}

/// The record before or after another, by their ids.
fn beside(lab: &Lab, run: i64, order: Order, cx: &Cx<'_>) -> Result<Option<Run>> {
    let ids = lab.source().run_ids(IdPlace::Behind(run), order, 1, cx)?;
    Ok(lab.source().runs(&ids, cx)?.pop())
}

/// Gives id and start of the calls that began in a stretch of time.
fn each_time(lab: &Lab, began: &Stretch, cx: &mut Cx<'_>, mut each: impl FnMut(i64, DateTime)) -> Result<()> {
    let spans = list(lab, &CallQuery::default(), cx)?.spans_of(began);
    let query = CallQuery { began: *began, ..CallQuery::default() };
    walk(lab, &query, (&spans, CallColumns::Times), cx, |call| {
        if let Some(at) = call.start.at() {
            each(call.id, at);
        }
        Ok(ControlFlow::Continue(()))
    })
}
