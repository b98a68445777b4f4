//! `why --json`: the failures of a record, each part with where it comes from.

use std::io::{self, Write};

use crate::{
    formats::{call::write_call, json::JsonWriter},
    model::value::Value,
    services::why::types::{Difference, Failure, LastGood, LogPlace, Origin, Same, Share, Why},
};

/// A record with its failures.
pub fn write<W: Write>(json: &mut JsonWriter<W>, why: &Why) -> io::Result<()> {
    let run = &why.row.run;
    json.begin_dict()?;
    json.entry("id", |json| json.integer(run.id))?;
    json.entry("name", |json| json.string(&run.name))?;
    json.entry("outcome", |json| json.string(why.row.outcome.word()))?;
    json.entry("state", |json| json.string_or_null(why.row.state().map(|state| state.word())))?;
    json.entry("evidence", |json| json.string_or_null(why.row.evidence()))?;
    json.entry("failures", |json| json.list(&why.failures, failure))?;
    json.entry("calls_before", |json| json.list(&why.calls_before, write_call))?;
    json.end_dict()
}

fn failure<W: Write>(json: &mut JsonWriter<W>, failure: &Failure) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("kind", |json| json.string(failure.kind.word()))?;
    json.entry("phase", |json| json.string_or_null(failure.phase.as_deref()))?;
    json.entry("iteration", |json| json.or_null(failure.iteration, JsonWriter::integer))?;
    json.entry("step_id", |json| json.or_null(failure.step, JsonWriter::integer))?;
    json.entry("step_index", |json| json.or_null(failure.step_index, JsonWriter::integer))?;
    json.entry("method", |json| json.string_or_null(failure.method.as_deref()))?;
    json.entry("sample", |json| json.or_null(failure.sample, share))?;
    json.entry("try", |json| json.or_null(failure.attempt, share))?;
    json.entry("start", |json| json.string_or_null(failure.start.iso().as_deref()))?;
    json.entry("end", |json| json.string_or_null(failure.end.iso().as_deref()))?;
    json.entry("inputs", |json| json.or_null(failure.inputs.as_ref(), |json, told| json.dict(&told.value)))?;
    let text = failure.text.as_ref().map(|told| told.value.as_str());
    json.entry("text", |json| json.string_or_null(text))?;
    json.entry("exception", |json| json.string_or_null(failure.exception.as_deref()))?;
    json.entry("traceback", |json| json.string_or_null(failure.traceback.as_deref()))?;
    json.entry("sources", |json| sources(json, failure))?;
    json.entry("log", |json| json.or_null(failure.log.as_ref(), log))?;
    json.entry("last_good", |json| json.or_null(failure.last_good.as_ref(), last_good))?;
    json.entry("same", |json| json.or_null(failure.same.as_ref(), same))?;
    json.end_dict()
}

fn share<W: Write>(json: &mut JsonWriter<W>, share: Share) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("n", |json| json.integer(share.n.into()))?;
    json.entry("of", |json| json.integer(share.of.into()))?;
    json.end_dict()
}

fn sources<W: Write>(json: &mut JsonWriter<W>, failure: &Failure) -> io::Result<()> {
    json.begin_dict()?;
    for (name, origin) in failure.origins() {
        json.entry(name, |json| json.string(Origin::word(origin)))?;
    }
    json.end_dict()
}

fn log<W: Write>(json: &mut JsonWriter<W>, place: &LogPlace) -> io::Result<()> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    json.begin_dict()?;
    json.entry("file", |json| json.string(&place.file))?;
    json.entry("offset", |json| json.integer(number(place.offset)))?;
    json.entry("length", |json| json.integer(number(place.length)))?;
    json.entry("first_line", |json| {
        json.or_null(place.lines.map(|lines| number(lines.0)), JsonWriter::integer)
    })?;
    json.entry("last_line", |json| {
        json.or_null(place.lines.map(|lines| number(lines.1)), JsonWriter::integer)
    })?;
    json.end_dict()
}

fn last_good<W: Write>(json: &mut JsonWriter<W>, good: &LastGood) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("id", |json| json.integer(good.run))?;
    json.entry("iteration", |json| json.or_null(good.iteration, JsonWriter::integer))?;
    json.entry("step_id", |json| json.integer(good.step))?;
    json.entry("inputs", |json| differences(json, &good.inputs))?;
    json.entry("outputs", |json| differences(json, &good.outputs))?;
    let (then, now) = good.took;
    json.entry("took", |json| json.list([then, now], |json, took| json.or_null(took, JsonWriter::float)))?;
    json.end_dict()
}

/// `{NAME: [then, now]}`
fn differences<W: Write>(json: &mut JsonWriter<W>, differences: &[Difference]) -> io::Result<()> {
    json.begin_dict()?;
    for difference in differences {
        let pair = [&difference.then, &difference.now];
        json.entry(&difference.name.lossy(), |json| {
            json.list(pair, |json, value| json.value(value.as_ref().unwrap_or(&Value::Null)))
        })?;
    }
    json.end_dict()
}

fn same<W: Write>(json: &mut JsonWriter<W>, same: &Same) -> io::Result<()> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    json.begin_dict()?;
    json.entry("signature", |json| json.string(&same.signature))?;
    json.entry("failures", |json| json.integer(number(same.failures)))?;
    json.entry("records", |json| json.integer(number(same.records)))?;
    json.entry("since", |json| json.string_or_null(same.since.iso().as_deref()))?;
    json.entry("ids", |json| json.list(&same.ids, |json, id| json.integer(*id)))?;
    json.end_dict()
}
