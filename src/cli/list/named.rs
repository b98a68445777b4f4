//! `list --columns`: exactly the columns that are named, in their order.

use super::part::ListPart;
use crate::{
    cli::{
        args::{Common, Format},
        list_fields::{FieldValue, ListField},
        look::{Look, outcome_role},
        out::{stdout, stdout_error},
        table::{PrintedCell, PrintedColumn},
    },
    error::{Error, Result},
    formats::{
        json::{JsonWriter, Layout},
        python_csv::{Dialect, RowWriter},
    },
    model::{format, mark::Verdict, run_tally::RunTally},
    services::run_row::RunRow,
    style::Role,
};

/// # Errors
/// For a format that has columns of its own, and a column that is named twice; else as any read.
pub fn run(part: &ListPart<'_>, common: &Common, format: Format, fields: &[ListField]) -> Result<()> {
    match format {
        Format::Table => table(part, common, fields),
        Format::Json => Err(Error::Usage(JSON.to_owned())),
        Format::Jsonl => jsonl(part, fields),
        Format::Csv => flat(part, fields, b','),
        Format::Tsv => flat(part, fields, b'\t'),
    }
}

const JSON: &str = "--format json is IvoryOS's own route, which has its own columns; \
                    with --columns use jsonl, csv, tsv or table";

/// What is wrong with a choice before anything is read.
///
/// # Errors
/// As [`run`].
pub fn check(format: Format, fields: &[ListField]) -> Result<()> {
    if format == Format::Json && !fields.is_empty() {
        return Err(Error::Usage(JSON.to_owned()));
    }
    let mut seen = Vec::new();
    for field in fields {
        if seen.contains(field) {
            return Err(Error::Usage(format!("--columns names {} twice; name it once", field.name())));
        }
        seen.push(*field);
    }
    Ok(())
}

fn jsonl(part: &ListPart<'_>, fields: &[ListField]) -> Result<()> {
    let mut out = stdout()?;
    part.each(|row, tally| {
        let mut json = JsonWriter::new(&mut out, Layout::Line);
        json.begin_dict()?;
        for field in fields {
            json.entry(field.name(), |json| field.value(row, tally).write(json))?;
        }
        json.end_dict()?;
        json.finish().map(|_| ())
    })?;
    out.finish().map(|_| ())
}

fn flat(part: &ListPart<'_>, fields: &[ListField], delimiter: u8) -> Result<()> {
    let mut out = RowWriter::new(stdout()?, Dialect::Pandas).delimited_by(delimiter);
    out.row(fields.iter().map(|field| field.name())).map_err(stdout_error)?;
    part.each(|row, tally| {
        for field in fields {
            out.field(&field.value(row, tally).field());
        }
        out.end_row()
    })?;
    out.into_inner().finish().map(|_| ())
}

fn table(part: &ListPart<'_>, common: &Common, fields: &[ListField]) -> Result<()> {
    let (look, now) = (Look::of(common), part.lab.now());
    let columns: Vec<PrintedColumn> = fields.iter().map(|field| printed(*field)).collect();
    part.table(look, &columns, |row, tally| {
        fields.iter().map(|field| cell(*field, row, tally, now)).collect()
    })
}

fn printed(field: ListField) -> PrintedColumn {
    match field {
        ListField::Id | ListField::Took => PrintedColumn::right(field.name()),
        _ if field.is_counted() => PrintedColumn::right(field.name()),
        ListField::Name | ListField::DataPath | ListField::Note => {
            PrintedColumn::left(field.name()).cut_to(24)
        }
        ListField::Platform | ListField::SubmittedBy | ListField::Tags => {
            PrintedColumn::left(field.name()).cut_to(8)
        }
        _ => PrintedColumn::left(field.name()),
    }
}

/// As the list for people has it.
fn cell(field: ListField, row: &RunRow, tally: &RunTally, now: jiff::civil::DateTime) -> PrintedCell {
    let time = |time: &crate::model::timestamp::Timestamp| {
        time.at().map(|at| format::clock(at, now)).unwrap_or_else(|| time.python())
    };
    match field {
        ListField::Name => row.run.shown_name().into(),
        ListField::StartTime => time(&row.run.start).into(),
        ListField::EndTime => time(&row.run.end).into(),
        ListField::Took => row.took.map(format::duration_short).unwrap_or_default().into(),
        ListField::Outcome => PrintedCell::new(row.label(), outcome_role(row, 0)),
        ListField::FailedSteps if tally.failed_steps > 0 => {
            PrintedCell::new(tally.failed_steps.to_string(), Role::Failed)
        }
        ListField::Failures if tally.failures > 0 => {
            PrintedCell::new(tally.failures.to_string(), Role::Failed)
        }
        ListField::Star | ListField::Unread => {
            let is_so = field.value(row, tally) == FieldValue::Boolean(true);
            if is_so { "yes" } else { "" }.into()
        }
        ListField::Verdict => {
            row.mark.as_ref().and_then(|mark| mark.verdict).map_or("", Verdict::label).into()
        }
        // One line.
        ListField::Note => field.value(row, tally).field().replace('\n', " ").into(),
        _ => field.value(row, tally).field().into_owned().into(),
    }
}
