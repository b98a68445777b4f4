//! What `list --columns` can name: columns of the file, and what is made of a record.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    ffi::OsStr,
    io::{self, Write},
};

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use strum::VariantArray;

use crate::{
    formats::{json::JsonWriter, python_repr::push_float},
    model::{
        mark::{RecordMark, Verdict},
        run_tally::RunTally,
    },
    services::{run_row::RunRow, run_state::RunState},
};

/// A column of `list --columns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
pub enum ListField {
    Id,
    Name,
    Platform,
    StartTime,
    EndTime,
    DataPath,
    RepeatMode,
    Status,
    SubmittedBy,
    Outcome,
    State,
    Iterations,
    Steps,
    FailedSteps,
    Failures,
    Took,
    Star,
    Verdict,
    Tags,
    Note,
    Unread,
}

/// What is set by `mark`, in the order in which it is printed.
pub const MARKS: [ListField; 4] = [ListField::Star, ListField::Verdict, ListField::Tags, ListField::Note];

/// A cell of it.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue<'a> {
    Missing,
    Integer(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Boolean(bool),
    Tags(Option<&'a BTreeSet<String>>),
}

impl ListField {
    /// As it is named and headed.
    pub fn name(self) -> &'static str {
        match self {
            ListField::Id => "id",
            ListField::Name => "name",
            ListField::Platform => "platform",
            ListField::StartTime => "start_time",
            ListField::EndTime => "end_time",
            ListField::DataPath => "data_path",
            ListField::RepeatMode => "repeat_mode",
            ListField::Status => "status",
            ListField::SubmittedBy => "submitted_by",
            ListField::Outcome => "outcome",
            ListField::State => "state",
            ListField::Iterations => "iter",
            ListField::Steps => "steps",
            ListField::FailedSteps => "failed",
            ListField::Failures => "err",
            ListField::Took => "took",
            ListField::Star => "star",
            ListField::Verdict => "verdict",
            ListField::Tags => "tags",
            ListField::Note => "note",
            ListField::Unread => "unread",
        }
    }

    /// It is counted of a record's phases and steps.
    pub fn is_counted(self) -> bool {
        matches!(
            self,
            ListField::Iterations | ListField::Steps | ListField::FailedSteps | ListField::Failures
        )
    }

    pub fn value<'a>(self, row: &'a RunRow, tally: &RunTally) -> FieldValue<'a> {
        let (run, mark) = (&row.run, row.mark.as_deref());
        let text = |text: Option<&'a str>| match text {
            Some(text) => FieldValue::Text(text.into()),
            None => FieldValue::Missing,
        };
        let number = |n: u64| FieldValue::Integer(i64::try_from(n).unwrap_or(i64::MAX));
        let time = |time: Option<String>| time.map_or(FieldValue::Missing, |at| FieldValue::Text(at.into()));
        match self {
            ListField::Id => FieldValue::Integer(run.id),
            ListField::Name => text(Some(&run.name)),
            ListField::Platform => text(Some(&run.platform)),
            ListField::StartTime => time(run.start.iso()),
            ListField::EndTime => time(run.end.iso()),
            ListField::DataPath => text(run.data_path.as_deref()),
            ListField::RepeatMode => text(run.repeat_mode.as_deref()),
            ListField::Status => text(run.status.as_deref()),
            ListField::SubmittedBy => text(run.submitted_by.as_deref()),
            ListField::Outcome => text(Some(row.outcome.word())),
            ListField::State => text(row.state().map(RunState::word)),
            ListField::Iterations => number(tally.iterations),
            ListField::Steps => number(tally.steps),
            ListField::FailedSteps => number(tally.failed_steps),
            ListField::Failures => number(tally.failures),
            ListField::Took => row.took.map_or(FieldValue::Missing, FieldValue::Float),
            ListField::Star => FieldValue::Boolean(mark.is_some_and(|mark| mark.star)),
            ListField::Verdict => text(mark.and_then(|mark| mark.verdict).map(Verdict::word)),
            ListField::Tags => FieldValue::Tags(mark.map(|mark| &mark.tags)),
            ListField::Note => text(mark.map(note).filter(|note| !note.is_empty())),
            ListField::Unread => FieldValue::Boolean(row.unread),
        }
    }
}

fn note(mark: &RecordMark) -> &str {
    &mark.note
}

impl<'a> FieldValue<'a> {
    /// As JSON: null where it is missing.
    pub fn write<W: Write>(self, json: &mut JsonWriter<W>) -> io::Result<()> {
        match self {
            FieldValue::Missing => json.null(),
            FieldValue::Integer(number) => json.integer(number),
            FieldValue::Float(number) => json.float(number),
            FieldValue::Text(text) => json.string(&text),
            FieldValue::Boolean(value) => json.boolean(value),
            FieldValue::Tags(tags) => json.list(tags.into_iter().flatten(), |json, tag| json.string(tag)),
        }
    }

    /// As a field of CSV: nothing where it is missing; a blank between two tags.
    pub fn field(self) -> Cow<'a, str> {
        match self {
            FieldValue::Missing => Cow::Borrowed(""),
            FieldValue::Integer(number) => number.to_string().into(),
            FieldValue::Float(number) => {
                let mut text = String::new();
                push_float(number, &mut text);
                text.into()
            }
            FieldValue::Text(text) => text,
            FieldValue::Boolean(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            FieldValue::Tags(tags) => {
                let tags: Vec<&str> = tags.into_iter().flatten().map(String::as_str).collect();
                tags.join(" ").into()
            }
        }
    }
}

/// Reads a name of a column, and offers the names to a shell's completion.
#[derive(Debug, Clone, Copy)]
pub struct FieldParser;

impl TypedValueParser for FieldParser {
    type Value = ListField;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<ListField, clap::Error> {
        StringValueParser::new().try_map(|name| named(&name)).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(ListField::VARIANTS.iter().map(|field| PossibleValue::new(field.name()))))
    }
}

/// What the list on screen calls them.
const ON_SCREEN: [(&str, ListField); 8] = [
    ("by", ListField::SubmittedBy),
    ("started", ListField::StartTime),
    ("ended", ListField::EndTime),
    ("deck", ListField::Platform),
    ("mode", ListField::RepeatMode),
    ("tag", ListField::Tags),
    ("notes", ListField::Note),
    ("stars", ListField::Star),
];

/// From here on two words are alike.
const ALIKE: f64 = 0.75;

fn named(name: &str) -> Result<ListField, String> {
    let name = name.trim();
    if let Some(field) = ListField::VARIANTS.iter().find(|field| field.name() == name) {
        return Ok(*field);
    }
    let names: Vec<&str> = ListField::VARIANTS.iter().map(|field| field.name()).collect();
    let meant = match nearest(&name.to_lowercase()) {
        Some(field) => format!("did you mean {}? There", field.name()),
        None => "there".to_owned(),
    };
    Err(format!("there is no such column; {meant} are {}", names.join(", ")))
}

fn nearest(name: &str) -> Option<ListField> {
    if let Some((_, field)) = ON_SCREEN.iter().find(|(word, _)| *word == name) {
        return Some(*field);
    }
    let alike = ListField::VARIANTS.iter().map(|field| (strsim::jaro(name, field.name()), *field));
    alike.filter(|(like, _)| *like > ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, field)| field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_others_answered() {
        for field in ListField::VARIANTS {
            assert_eq!(named(field.name()), Ok(*field));
        }
        assert_eq!(named(" took "), Ok(ListField::Took));
        for (wrong, meant) in [
            ("stauts", "did you mean status?"),
            ("ID", "did you mean id?"),
            ("deck", "did you mean platform?"),
            ("started", "did you mean start_time?"),
            ("iterations", "did you mean iter?"),
            ("tag", "did you mean tags?"),
            ("notes", "did you mean note?"),
            ("stars", "did you mean star?"),
        ] {
            let said = named(wrong).unwrap_err();
            assert!(said.contains(meant), "{wrong}: {said}");
        }
        let said = named("zzz").unwrap_err();
        assert!(!said.contains("did you mean") && said.contains("repeat_mode, status"), "{said}");
    }
}
