//! `list`: records as columns for people, or as JSON, CSV and TSV for programs.

use std::io::Write;

use super::{
    args::{Common, Format, ListArgs},
    chosen, index_wait,
    json_view::run_columns,
    look::{Look, outcome_role},
    out::{stdout, stdout_error, styled_stdout},
    table::{PrintedCell, PrintedColumn, TextTable},
};
use crate::{
    error::Result,
    formats::{
        json::{JsonWriter, Layout},
        python_csv::{Dialect, RowWriter},
    },
    model::{format, query::ListQuery},
    services::{
        calls,
        lab::Lab,
        records::{self, RunRow},
        run_state::RunState,
    },
    signals,
};

pub fn run(lab: &Lab, common: &Common, args: &ListArgs) -> Result<()> {
    let query = ListQuery {
        keyword: args.keyword.clone(),
        filter: args.filter.clone(),
        sort: args.sort,
        order: args.order,
    };
    let (offset, limit) = match (args.page, args.per_page) {
        (None, None) => (0, u64::MAX),
        (page, per_page) => {
            let rows = per_page.unwrap_or(10);
            let before = u64::try_from(page.unwrap_or(1).max(1) - 1).unwrap_or_default();
            (before.saturating_mul(rows), rows)
        }
    };
    if let Some(text) = what_takes_long(&query) {
        index_wait::told(text, |cx| records::prepare(lab, &query, cx))?;
    }
    match args.format {
        Format::Table => people(lab, common, &query, offset, limit),
        Format::Json => json(lab, &query, offset, limit),
        Format::Jsonl => jsonl(lab, &query, offset, limit),
        Format::Csv => flat(lab, &query, offset, limit, b','),
        Format::Tsv => flat(lab, &query, offset, limit, b'\t'),
    }
}

/// What is said where the list is long in coming: what is read of more than the rows of the records.
fn what_takes_long(query: &ListQuery) -> Option<&'static str> {
    match (query.sort.is_counted(), query.filter.is_empty()) {
        (false, true) => None,
        (true, true) => Some("counting the iterations and failures of all records; this takes a while ..."),
        (false, false) => Some(chosen::LOOKING),
        (true, false) => Some(
            "looking through all records for the filter words, and counting their iterations and failures; this takes a while ...",
        ),
    }
}

/// Calls `each` with the records of a part of a list.
fn each(
    lab: &Lab,
    query: &ListQuery,
    part: (u64, u64),
    mut each: impl FnMut(&RunRow) -> std::io::Result<()>,
) -> Result<()> {
    records::each(lab, query, part, &mut signals::cx(), |row| each(row).map_err(stdout_error))
}

/// IvoryOS's own route: id, name, start and user of each record.
fn json(lab: &Lab, query: &ListQuery, offset: u64, limit: u64) -> Result<()> {
    let mut json = JsonWriter::new(stdout()?, Layout::Line);
    let begun = json.begin_dict().and_then(|()| json.entry("workflow_data", JsonWriter::begin_dict));
    begun.map_err(stdout_error)?;
    each(lab, query, (offset, limit), |row| {
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

fn jsonl(lab: &Lab, query: &ListQuery, offset: u64, limit: u64) -> Result<()> {
    let mut out = stdout()?;
    each(lab, query, (offset, limit), |row| {
        let mut json = JsonWriter::new(&mut out, Layout::Line);
        json.begin_dict()?;
        run_columns(&mut json, &row.run)?;
        json.entry("outcome", |json| json.string(row.outcome.word()))?;
        json.entry("state", |json| json.string_or_null(row.state().map(RunState::word)))?;
        json.end_dict()?;
        json.finish().map(|_| ())
    })?;
    out.finish().map(|_| ())
}

fn flat(lab: &Lab, query: &ListQuery, offset: u64, limit: u64, delimiter: u8) -> Result<()> {
    let mut out = RowWriter::new(stdout()?, Dialect::Pandas).delimited_by(delimiter);
    let columns =
        "id name platform start_time end_time data_path repeat_mode status submitted_by outcome state";
    out.row(columns.split(' ')).map_err(stdout_error)?;
    each(lab, query, (offset, limit), |row| {
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

fn no_records(lab: &Lab) -> Result<String> {
    let folder = lab.folder().display();
    Ok(match calls::count(lab, &mut signals::cx())? {
        0 => format!("{folder}: no records"),
        n => {
            let calls = format::count_of(n, "call by hand", "calls by hand");
            format!("{folder}: no records; {calls}: ivorylens calls lists them")
        }
    })
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
    let look = Look::of(common);
    let mut table = TextTable::new(&COLUMNS, look);
    let now = lab.now();
    let cells = |row: &RunRow| {
        let (run, role) = (&row.run, outcome_role(row, 0));
        [
            PrintedCell::new(row.glyph(look.theme.ascii), role),
            run.id.to_string().into(),
            run.shown_name().into(),
            run.submitted_by.clone().unwrap_or_default().into(),
            run.start.at().map(|at| format::clock(at, now)).unwrap_or_else(|| run.start.python()).into(),
            row.took.map(format::duration_short).unwrap_or_default().into(),
            PrintedCell::new(row.label(), role),
        ]
    };
    let mut rows = 0_u64;
    each(lab, query, (offset, limit), |row| {
        rows += 1;
        table.measure(&cells(row));
        Ok(())
    })?;
    if rows == 0 {
        let total = records::count(lab, query, &mut signals::cx())?;
        let (keyword, filter) = (query.keyword.as_str(), query.filter.text());
        super::message(&match keyword {
            _ if offset > 0 && total > 0 => format!(
                "the list has {} on {} of {limit}: this page is behind its end",
                format::count_of(total, "record", "records"),
                format::count_of(total.div_ceil(limit.max(1)), "page", "pages"),
            ),
            "" if filter.is_empty() => no_records(lab)?,
            "" => format!("no record matches {filter}"),
            _ if !filter.is_empty() => {
                format!(
                    "no record matches both {filter} and the keyword {keyword:?}, by name or by submitted_by"
                )
            }
            words => format!("no record matches {words:?}, neither by name nor by submitted_by"),
        });
        return Ok(());
    }
    // Read again rather than held: there may be a million. What came meanwhile is not shown.
    let mut out = styled_stdout()?;
    let layout = table.layout();
    out.write_all(table.titles(&layout).as_bytes()).map_err(stdout_error)?;
    each(lab, query, (offset, limit.min(rows)), |row| {
        out.write_all(table.laid_out(&cells(row), &layout).as_bytes())
    })?;
    out.flush().map_err(stdout_error)
}
