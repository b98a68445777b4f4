//! Marks as JSON lines: written for a backup or another account, and read again, all lines or none.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Read as _, Write},
    path::Path,
};

use serde_json::{Map, Value};

use super::{MarkTable, TOGETHER, place};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    formats::json::{JsonWriter, Layout},
    model::{
        mark::{RecordMark, Verdict, note_of, tag_of},
        record_key::RecordKey,
        timestamp::Timestamp,
    },
    regular_file,
    services::lab::Lab,
};

/// The longest line, in bytes: a note of the longest kind has room in it several times, however it is written.
const LONGEST_LINE: usize = 64 << 20;

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportedMarks {
    /// Records of which the file has marks.
    pub records: usize,
    /// How many of them have other marks now.
    pub changed: usize,
    /// How many of them are not in this lab; their marks are kept all the same.
    pub elsewhere: usize,
    /// What the user is to be told about the file of marks.
    pub notice: Option<String>,
}

/// Writes all marks, a line a record, by id.
///
/// # Errors
/// Those of `out`.
pub fn export(marks: &MarkTable, out: &mut impl Write) -> io::Result<()> {
    let sorted: BTreeMap<_, _> = marks.each().collect();
    sorted.into_iter().try_for_each(|(key, mark)| line(key, mark, &mut *out))
}

fn line(key: &RecordKey, mark: &RecordMark, out: impl Write) -> io::Result<()> {
    let start = Timestamp::read(Some(key.start.as_str()).filter(|start| !start.is_empty()));
    let mut json = JsonWriter::new(out, Layout::Line);
    json.begin_dict()?;
    json.entry("id", |json| json.integer(key.run))?;
    json.entry("start_time", |json| json.string_or_null(start.iso().as_deref()))?;
    json.entry("name", |json| json.string(&key.name))?;
    json.entry("star", |json| json.boolean(mark.star))?;
    json.entry("verdict", |json| json.string_or_null(mark.verdict.map(Verdict::word)))?;
    json.entry("tags", |json| json.list(&mark.tags, |json, tag| json.string(tag)))?;
    json.entry("note", |json| json.string(&mark.note))?;
    json.entry("by", |json| json.string(&mark.by))?;
    json.entry("at", |json| json.string(&mark.at))?;
    json.end_dict()?;
    json.finish().map(|_| ())
}

/// Opens a file to import.
///
/// # Errors
/// Where it can't be opened, and for what is no file.
pub fn open(path: &Path) -> Result<BufReader<File>> {
    regular_file::open(path).map(BufReader::new).map_err(Error::io(path))
}

/// Brings the marks of these lines together with those that are kept: the newer ones count, tags are joined.
///
/// # Errors
/// [`Error::File`] about `path` for a wrong line: nothing is changed then. Where the marks can't be written.
pub fn import(lab: &Lab, from: impl BufRead, path: &Path, cx: &mut Cx<'_>) -> Result<ImportedMarks> {
    let marks: Vec<(RecordKey, RecordMark)> = read(from, path, cx)?.into_iter().collect();
    let elsewhere = elsewhere(lab, &marks, cx)?;
    let mut imported = ImportedMarks { records: marks.len(), elsewhere, ..ImportedMarks::default() };
    if marks.is_empty() {
        return Ok(imported);
    }
    let mut file = place::to_write(lab, cx)?;
    imported.notice = file.notice().map(str::to_owned);
    for (n, some) in marks.chunks(TOGETHER).enumerate() {
        cx.check(Progress { done: (n * TOGETHER) as u64, total: Some(marks.len() as u64) })?;
        imported.changed += place::write(lab, &mut file, |file| file.join_marks(some, false), cx)?;
    }
    Ok(imported)
}

fn read(mut from: impl BufRead, path: &Path, cx: &mut Cx<'_>) -> Result<BTreeMap<RecordKey, RecordMark>> {
    let (mut marks, mut line) = (BTreeMap::<RecordKey, RecordMark>::new(), Vec::new());
    for n in 1_u64.. {
        line.clear();
        let most = LONGEST_LINE as u64 + 1;
        if from.by_ref().take(most).read_until(b'\n', &mut line).map_err(Error::io(path))? == 0 {
            break;
        }
        cx.check(Progress { done: n, total: None })?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let read = match line.len() > LONGEST_LINE {
            true => Err(format!("longer than {} MB", LONGEST_LINE >> 20)),
            false => mark_of(&line),
        };
        let (key, mark) = read.map_err(|why| Error::File {
            path: path.to_path_buf(),
            reason: format!("line {n}: {why}; nothing was imported"),
        })?;
        let mark = marks.get(&key).map_or_else(|| mark.clone(), |before| before.joined(&mark, false));
        marks.insert(key, mark);
    }
    Ok(marks)
}

/// How many of these records are not there, or other ones by now.
fn elsewhere(lab: &Lab, marks: &[(RecordKey, RecordMark)], cx: &mut Cx<'_>) -> Result<usize> {
    let mut there = 0;
    for some in marks.chunks(TOGETHER) {
        let mut ids: Vec<i64> = some.iter().map(|(key, _)| key.run).collect();
        ids.dedup();
        let runs = lab.source().runs(&ids, cx)?;
        let keys: std::collections::HashSet<RecordKey> = runs.iter().map(RecordKey::of).collect();
        there += some.iter().filter(|(key, _)| keys.contains(key)).count();
        cx.check(Progress::default())?;
    }
    Ok(marks.len() - there)
}

const KEYS: [&str; 9] = ["id", "start_time", "name", "star", "verdict", "tags", "note", "by", "at"];

/// What is read of a line, or a sentence for people.
type Told<T> = std::result::Result<T, String>;

/// The record and the marks of a line, or what is wrong with it.
fn mark_of(line: &[u8]) -> Told<(RecordKey, RecordMark)> {
    let read: Value = serde_json::from_slice(line).map_err(|_| "this is no JSON object".to_owned())?;
    let Value::Object(object) = read else { return Err("this is no JSON object".to_owned()) };
    if let Some(odd) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("{odd:?} is none of {}", KEYS.join(", ")));
    }
    let start = match object.get("start_time") {
        Some(Value::Null) => Timestamp::None,
        Some(Value::String(start)) => Timestamp::read(Some(start)),
        _ => return Err("start_time is missing, or neither a text nor null".to_owned()),
    };
    let run = object.get("id").and_then(Value::as_i64).ok_or("id is missing, or no whole number")?;
    let name = text(&object, "name")?.ok_or("name is missing")?;
    let at = text(&object, "at")?.unwrap_or_default();
    // The lab PC's clock has no zone: an offset would be lost.
    let has_zone = at.contains(['+', 'Z']) || at.matches('-').count() > 2;
    let at =
        Timestamp::read(Some(at.as_str()).filter(|_| !has_zone)).at().and_then(|at| Timestamp::At(at).iso());
    let mark = RecordMark {
        star: match object.get("star") {
            None => false,
            Some(star) => star.as_bool().ok_or("star is neither true nor false")?,
        },
        verdict: match object.get("verdict") {
            None | Some(Value::Null) => None,
            Some(word) => Some(
                word.as_str()
                    .and_then(Verdict::named)
                    .ok_or("verdict is none of \"good\", \"bad\", \"check\" and null")?,
            ),
        },
        tags: tags(object.get("tags"))?.into_iter().collect(),
        note: note_of(&text(&object, "note")?.unwrap_or_default())?,
        by: text(&object, "by")?.unwrap_or_default(),
        at: at.ok_or("at is missing, or no time as 2026-11-24T12:00:00.000000")?,
    };
    Ok((RecordKey { run, start: start.python(), name }, mark))
}

fn text(object: &Map<String, Value>, key: &str) -> Told<Option<String>> {
    match object.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{key} is no text")),
    }
}

fn tags(all: Option<&Value>) -> Told<Vec<String>> {
    let Some(all) = all else { return Ok(Vec::new()) };
    let all = all.as_array().ok_or("tags is no list")?;
    let tag = |tag: &Value| {
        let text = tag.as_str().ok_or("tags has what is no text")?;
        let tag = tag_of(text)?;
        if tag == text { Ok(tag) } else { Err(format!("{text:?}: a tag has no blanks and no commas")) }
    };
    all.iter().map(tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_wrong_is_told() {
        let mark = RecordMark {
            star: true,
            verdict: Some(Verdict::Check),
            tags: ["a".to_owned(), "pH-7".to_owned()].into(),
            note: "two\n\"lines\" \u{7} µ".to_owned(),
            by: "mara".to_owned(),
            at: "2026-11-28T08:00:00.000001".to_owned(),
        };
        for start in ["", "2026-11-24 03:00:13", "2026-11-24 03:00:13.000400", "no time"] {
            let key = RecordKey { run: -7, start: start.to_owned(), name: String::new() };
            let mut written = Vec::new();
            line(&key, &mark, &mut written).unwrap();
            assert_eq!(mark_of(&written), Ok((key, mark.clone())));
        }
        let least = r#"{"id": 1, "start_time": null, "name": "x", "at": "2026-11-28T08:00"}"#;
        assert_eq!(mark_of(least.as_bytes()).unwrap().1.at, "2026-11-28T08:00:00.000000");
        for (change, why) in [
            (("{", "["), "no JSON object"),
            (("1,", "1.5,"), "id is missing"),
            (("null", "5"), "start_time is missing"),
            (("\"name\": \"x\"", "\"name\": null"), "name is no text"),
            (("\"name\"", "\"nmae\""), "\"nmae\" is none of id, start_time"),
            (("T08:00", ""), ""),
            (("2026-11-28T08:00", "yesterday"), "at is missing"),
            (("T08:00", "T08:00:00+02:00"), "at is missing"),
            (("T08:00", "T08:00:00Z"), "at is missing"),
            (("}", ", \"star\": 1}"), "star is neither"),
            (("}", ", \"verdict\": \"fine\"}"), "verdict is none of"),
            (("}", ", \"tags\": [\"a b\"]}"), "no blanks"),
            (("}", ", \"tags\": [\" a\"]}"), "no blanks"),
            (("}", ", \"tags\": \"a\"}"), "tags is no list"),
            (("}", ", \"note\": 5}"), "note is no text"),
        ] {
            let (old, new) = change;
            match mark_of(least.replace(old, new).as_bytes()) {
                Ok(_) => assert!(why.is_empty(), "{new}"),
                Err(said) => assert!(!why.is_empty() && said.contains(why), "{new}: {said}"),
            }
        }
    }
}
