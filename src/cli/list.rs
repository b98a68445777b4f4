//! `list`: records as columns for people, or as JSON, CSV and TSV for programs.

mod named;
mod part;

use super::{
    args::{Common, Format, ListArgs},
    chosen, index_wait,
    json_view::run_columns,
    list_fields::{ListField, MARKS},
    look::{Look, outcome_role},
    mark_text,
    out::{stdout, stdout_error},
    table::{PrintedCell, PrintedColumn},
};
use crate::{
    error::Result,
    formats::{
        json::{JsonWriter, Layout},
        python_csv::{Dialect, RowWriter},
    },
    model::{format, query::ListQuery},
    services::{lab::Lab, records, run_state::RunState},
};
use part::ListPart;

pub fn run(lab: &Lab, common: &Common, args: &ListArgs) -> Result<()> {
    named::check(args.format, &args.columns)?;
    let query = ListQuery {
        keyword: args.keyword.clone(),
        filter: args.filter.clone(),
        sort: args.sort,
        order: args.order,
    };
    let (offset, limit) = match (args.page, args.per_page) {
        (None, None) => (0, u64::MAX),
        (page, per_page) => {
            let rows = per_page.unwrap_or(common.settings.per_page.value);
            let before = u64::try_from(page.unwrap_or(1).max(1) - 1).unwrap_or_default();
            (before.saturating_mul(rows), rows)
        }
    };
    if let Some(text) = what_takes_long(&query) {
        index_wait::told(text, |cx| records::prepare(lab, &query, cx))?;
    }
    let has_marks = |field: &ListField| MARKS.contains(field) || *field == ListField::Unread;
    if args.columns.iter().any(has_marks) || (args.columns.is_empty() && args.format == Format::Jsonl) {
        mark_text::warn(lab);
    }
    let is_counted = args.columns.iter().any(|field| field.is_counted());
    let part = ListPart { lab, query: &query, offset, limit, is_counted };
    if !args.columns.is_empty() {
        return named::run(&part, common, args.format, &args.columns);
    }
    match args.format {
        Format::Table => people(lab, common, &query, offset, limit),
        Format::Json => json(&part),
        Format::Jsonl => jsonl(&part),
        Format::Csv => flat(&part, b','),
        Format::Tsv => flat(&part, b'\t'),
    }
}

/// What is said where the list is long in coming: what is read of more than the rows of the records.
fn what_takes_long(query: &ListQuery) -> Option<&'static str> {
    match (query.sort.is_counted(), query.filter.is_empty()) {
        (false, true) => None,
        (true, true) => {
            Some("counting the iterations, steps and failures of all records; this takes a while ...")
        }
        (false, false) => Some(chosen::LOOKING),
        (true, false) => Some(
            "looking through all records for the filter words, and counting their iterations, steps and failures; this takes a while ...",
        ),
    }
}

/// IvoryOS's own route: id, name, start and user of each record.
fn json(part: &ListPart<'_>) -> Result<()> {
    let mut json = JsonWriter::new(stdout()?, Layout::Line);
    let begun = json.begin_dict().and_then(|()| json.entry("workflow_data", JsonWriter::begin_dict));
    begun.map_err(stdout_error)?;
    part.each(|row, _| {
        json.key(&row.run.id.to_string())?;
        json.begin_dict()?;
        json.entry("workflow_name", |json| json.string(&row.run.name))?;
        json.entry("start_time", |json| json.string_or_null(row.run.start.iso().as_deref()))?;
        json.entry("submitted_by", |json| json.string_or_null(row.run.submitted_by.as_deref()))?;
        json.end_dict()
    })?;
    json.end_dict().and_then(|()| json.end_dict()).map_err(stdout_error)?;
    json.finish().map_err(stdout_error)?.finish().map(|_| ())
}

fn jsonl(part: &ListPart<'_>) -> Result<()> {
    let mut out = stdout()?;
    part.each(|row, tally| {
        let mut json = JsonWriter::new(&mut out, Layout::Line);
        json.begin_dict()?;
        run_columns(&mut json, &row.run)?;
        json.entry("outcome", |json| json.string(row.outcome.word()))?;
        json.entry("state", |json| json.string_or_null(row.state().map(RunState::word)))?;
        for field in MARKS {
            json.entry(field.name(), |json| field.value(row, tally).write(json))?;
        }
        json.end_dict()?;
        json.finish().map(|_| ())
    })?;
    out.finish().map(|_| ())
}

fn flat(part: &ListPart<'_>, delimiter: u8) -> Result<()> {
    let mut out = RowWriter::new(stdout()?, Dialect::Pandas).delimited_by(delimiter);
    let columns =
        "id name platform start_time end_time data_path repeat_mode status submitted_by outcome state";
    out.row(columns.split(' ')).map_err(stdout_error)?;
    part.each(|row, _| {
        let run = &row.run;
        out.row([
            run.id.to_string().as_str(),
            &run.name,
            &run.platform,
            &run.start.iso().unwrap_or_default(),
            &run.end.iso().unwrap_or_default(),
            run.data_path.as_deref().unwrap_or_default(),
            run.repeat_mode.as_deref().unwrap_or_default(),
            run.status.as_deref().unwrap_or_default(),
            run.submitted_by.as_deref().unwrap_or_default(),
            row.outcome.word(),
            row.state().map(RunState::word).unwrap_or_default(),
        ])
    })?;
    out.into_inner().finish().map(|_| ())
}

const COLUMNS: [PrintedColumn; 7] = [
    PrintedColumn::left(""),
    PrintedColumn::right("id"),
    PrintedColumn::left("name").cut_to(24),
    PrintedColumn::left("by").gives_way(1).cut_to(8),
    PrintedColumn::left("started").gives_way(4),
    PrintedColumn::right("took").gives_way(3),
    PrintedColumn::left("outcome").gives_way(2),
];

pub fn people(lab: &Lab, common: &Common, query: &ListQuery, offset: u64, limit: u64) -> Result<()> {
    let (look, now) = (Look::of(common), lab.now());
    let part = ListPart { lab, query, offset, limit, is_counted: false };
    part.table(look, &COLUMNS, |row, _| {
        let (run, role) = (&row.run, outcome_role(row, 0));
        vec![
            PrintedCell::new(row.glyph(look.theme.ascii), role),
            run.id.to_string().into(),
            run.shown_name().into(),
            run.submitted_by.clone().unwrap_or_default().into(),
            run.start.at().map(|at| format::clock(at, now)).unwrap_or_else(|| run.start.python()).into(),
            row.took.map(format::duration_short).unwrap_or_default().into(),
            PrintedCell::new(row.label(), role),
        ]
    })
}
