//! The columns of the list: which there are in which width, what stands in them, and what they sort by.

use jiff::civil::DateTime;

use crate::{
    formats::spark::{spark_values, sparkline},
    model::{
        format::{brief, clock_short, duration_short},
        outcome::Outcome,
        query::{ListQuery, Order, SortKey},
    },
    services::{
        records::{RowDetail, RunRow},
        run_state::RunState,
    },
    style::{Role, Theme},
    tui::{
        screens::words::{row_kind, time_text},
        widgets::{
            table::Column,
            text::{Span, width},
        },
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListColumn {
    Outcome,
    Id,
    Name,
    By,
    Started,
    Took,
    Iterations,
    Failed,
    Output,
    Spark,
}

/// From this width on the list has the column of who started a record.
const WITH_BY: u16 = 86;
/// From this width on it has sparklines.
const WITH_OUTPUT: u16 = 90;

impl ListColumn {
    /// Those that a list of this width has.
    pub fn all(width: u16) -> Vec<ListColumn> {
        let mut all = vec![ListColumn::Outcome, ListColumn::Id, ListColumn::Name];
        if width >= WITH_BY {
            all.push(ListColumn::By);
        }
        all.extend([ListColumn::Started, ListColumn::Took, ListColumn::Iterations, ListColumn::Failed]);
        if width >= WITH_OUTPUT {
            all.extend([ListColumn::Output, ListColumn::Spark]);
        }
        all
    }

    pub fn title(self) -> &'static str {
        match self {
            ListColumn::Outcome | ListColumn::Spark => "",
            ListColumn::Id => "id",
            ListColumn::Name => "name",
            ListColumn::By => "by",
            ListColumn::Started => "started",
            ListColumn::Took => "took",
            ListColumn::Iterations => "iter",
            ListColumn::Failed => "err",
            ListColumn::Output => "output",
        }
    }

    pub fn sort_key(self) -> Option<SortKey> {
        match self {
            ListColumn::Id => Some(SortKey::Id),
            ListColumn::Name => Some(SortKey::Name),
            ListColumn::By => Some(SortKey::SubmittedBy),
            ListColumn::Started => Some(SortKey::StartTime),
            ListColumn::Took => Some(SortKey::Took),
            ListColumn::Iterations => Some(SortKey::Iterations),
            ListColumn::Failed => Some(SortKey::Failures),
            ListColumn::Outcome | ListColumn::Output | ListColumn::Spark => None,
        }
    }

    fn column(self, id_width: u16, title: String) -> Column<'static> {
        // The arrow of the order is never cut.
        let at_least = |columns: u16| columns.max(u16::try_from(width(&title)).unwrap_or(columns));
        let (iterations, failed) = (at_least(5), at_least(4));
        match self {
            ListColumn::Outcome => Column::new(title, 1),
            ListColumn::Id => Column::new(title, id_width).right().gap(1),
            ListColumn::Name => Column::soft(title, 16, 26).grow(2),
            ListColumn::By => Column::soft(title, 6, 12).priority(10),
            ListColumn::Started => Column::new(title, 12).priority(50),
            ListColumn::Took => Column::new(title, 12).right().priority(40),
            ListColumn::Iterations => Column::new(title, iterations).right().priority(20).gap(1),
            ListColumn::Failed => Column::new(title, failed).right().priority(30).gap(1),
            ListColumn::Output => Column::soft(title, 7, 12).priority(5),
            ListColumn::Spark => Column::soft(title, 6, 10).priority(6).grow(1).gap(1),
        }
    }
}

/// The columns of a list of this width, ready to be laid out; the one that sorts has an arrow.
pub fn columns(all: &[ListColumn], id_width: u16, query: &ListQuery, theme: &Theme) -> Vec<Column<'static>> {
    let title = |col: ListColumn| match col.sort_key() {
        Some(key) if key == query.sort => {
            format!("{} {}", col.title(), theme.sorted(query.order == Order::Ascending))
        }
        _ => col.title().to_owned(),
    };
    all.iter().map(|col| col.column(id_width, title(*col))).collect()
}

/// The cell of a record. `width` is for sparklines; without details, what they know is not there yet.
pub fn cell(
    col: ListColumn,
    row: &RunRow,
    details: Option<&RowDetail>,
    (now, width): (DateTime, u16),
    theme: &Theme,
) -> Span<'static> {
    let detail =
        |text: &dyn Fn(&RowDetail) -> Span<'static>| details.map_or_else(|| Span::pending(theme), text);
    let failures = details.map_or(0, |details| details.failed_steps);
    match col {
        ListColumn::Outcome => Span::new(row.glyph(theme.ascii), row_kind(row, failures, Role::Dim)),
        ListColumn::Id => Span::dim(row.run.id.to_string()),
        ListColumn::Name if row.run.is_nameless() => Span::dim(row.run.shown_name().to_owned()),
        ListColumn::Name => Span::new(row.run.name.clone(), row_kind(row, failures, Role::Normal)),
        ListColumn::By => Span::dim(row.run.submitted_by.clone().unwrap_or_default()),
        ListColumn::Started => Span::plain(time_text(&row.run.start, |at| clock_short(at, now))),
        ListColumn::Took => took(row, now),
        ListColumn::Iterations => detail(&|details| Span::plain(brief(details.iterations, 5))),
        ListColumn::Failed => detail(&|details| match details.failed_steps {
            0 => Span::dim(theme.dot()),
            n => Span::new(brief(n, 4), Role::Failed),
        }),
        ListColumn::Output => detail(&|details| {
            Span::dim(details.first_output.as_ref().map(|series| series.name.clone()).unwrap_or_default())
        }),
        ListColumn::Spark => match details.and_then(|details| details.first_output.as_ref()) {
            Some(series) => {
                Span::new(sparkline(&spark_values(series), usize::from(width), theme.ascii), Role::Accent)
            }
            None => Span::default(),
        },
    }
}

fn took(row: &RunRow, now: DateTime) -> Span<'static> {
    match (row.outcome, row.took, row.run.start.at()) {
        (_, Some(seconds), _) => Span::plain(duration_short(seconds)),
        (Outcome::Running, None, Some(start)) => {
            let shape = if start.date() == now.date() { "since %H:%M" } else { "since %b %d" };
            Span::new(start.strftime(shape).to_string(), Role::Selected)
        }
        _ if row.state() == Some(RunState::Waits) => Span::new(waits(row, now), Role::Failed),
        _ if row.state() == Some(RunState::Died) => Span::new("died", Role::Failed),
        _ if row.run.end.is_none() => Span::dim("no end time"),
        _ => Span::default(),
    }
}

/// Since when it waits: the time on the day of `now`, which is all that has room.
fn waits(row: &RunRow, now: DateTime) -> String {
    let since = row.standing.as_ref().and_then(|standing| standing.since);
    let today = since.filter(|since| since.date() == now.date());
    today.map_or("waits".to_owned(), |since| since.strftime("waits %H:%M").to_string())
}

/// A record as a line for a table elsewhere: names of columns are not part of it.
pub fn tsv(row: &RunRow, details: Option<&RowDetail>) -> String {
    let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    let cells = [
        row.run.id.to_string(),
        row.run.name.clone(),
        row.outcome.word().to_owned(),
        row.run.submitted_by.clone().unwrap_or_default(),
        row.run.start.python(),
        row.run.end.python(),
        row.took.map(|seconds| seconds.to_string()).unwrap_or_default(),
        number(details.map(|details| details.iterations)),
        number(details.map(|details| details.failed_steps)),
    ];
    cells.map(|cell| cell.replace(['\t', '\r', '\n'], " ")).join("\t")
}

/// The order in words: `newest first`, `by name ▴`.
pub fn order_text(query: &ListQuery, theme: &Theme) -> String {
    let up = query.order == Order::Ascending;
    match query.sort {
        SortKey::Id if up => "oldest first".to_owned(),
        SortKey::Id => "newest first".to_owned(),
        key => format!("by {} {}", sort_word(key), theme.sorted(up)),
    }
}

/// What the list's titles and the menu call it.
pub fn sort_word(key: SortKey) -> &'static str {
    match key {
        SortKey::Id => "id",
        SortKey::Name => "name",
        SortKey::SubmittedBy => "by",
        SortKey::StartTime => "started",
        SortKey::EndTime => "ended",
        SortKey::Deck => "deck",
        SortKey::Mode => "mode",
        SortKey::Status => "status",
        SortKey::Outcome => "outcome",
        SortKey::Took => "took",
        SortKey::Iterations => "iter",
        SortKey::Failures => "err",
    }
}

/// The letter that chooses it in the menu.
pub fn sort_letter(key: SortKey) -> char {
    match key {
        SortKey::Id => 'i',
        SortKey::Name => 'n',
        SortKey::SubmittedBy => 'b',
        SortKey::StartTime => 's',
        SortKey::EndTime => 'e',
        SortKey::Deck => 'd',
        SortKey::Mode => 'm',
        SortKey::Status => 'a',
        SortKey::Outcome => 'o',
        SortKey::Took => 't',
        SortKey::Iterations => 'r',
        SortKey::Failures => 'x',
    }
}

/// Sorted by another key: names from A, times and ids from the newest, numbers from the highest. By the same key: turned.
pub fn sorted_by(query: &ListQuery, key: SortKey, order: Option<Order>) -> ListQuery {
    let turned = if query.order == Order::Ascending { Order::Descending } else { Order::Ascending };
    let first = match key {
        SortKey::Name
        | SortKey::SubmittedBy
        | SortKey::Deck
        | SortKey::Mode
        | SortKey::Status
        | SortKey::Outcome => Order::Ascending,
        SortKey::Id
        | SortKey::StartTime
        | SortKey::EndTime
        | SortKey::Took
        | SortKey::Iterations
        | SortKey::Failures => Order::Descending,
    };
    let order = order.unwrap_or(if key == query.sort { turned } else { first });
    ListQuery { keyword: query.keyword.clone(), sort: key, order }
}

/// The text of a cell, as the file has it.
pub fn copy(col: ListColumn, row: &RunRow, details: Option<&RowDetail>) -> Option<String> {
    match col {
        ListColumn::Outcome => Some(row.label().to_owned()),
        // These have entries of their own.
        ListColumn::Id | ListColumn::Name => None,
        ListColumn::By => row.run.submitted_by.clone(),
        ListColumn::Started => Some(row.run.start.python()),
        ListColumn::Took => row.took.map(|seconds| seconds.to_string()),
        ListColumn::Iterations => details.map(|details| details.iterations.to_string()),
        ListColumn::Failed => details.map(|details| details.failed_steps.to_string()),
        ListColumn::Output | ListColumn::Spark => {
            details?.first_output.as_ref().map(|series| series.name.clone())
        }
    }
}
