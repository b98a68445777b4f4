//! The columns of the list: how wide each is, what stands in it, and what it sorts by.

use jiff::civil::DateTime;

use crate::{
    formats::spark::{spark_values, sparkline},
    model::{
        format::{brief, clock_short, duration_short},
        mark::RecordMark,
        outcome::Outcome,
        query::{ListQuery, Order, SortKey},
    },
    services::{records::RowDetail, run_row::RunRow, run_state::RunState},
    style::{Role, Theme},
    tui::{
        list_columns::{ListColumn, ListColumns},
        screens::mark_words::{signs, verdict},
        screens::words::{row_kind, time_text},
        widgets::{
            table::Column,
            text::{Span, width},
        },
    },
};

/// Columns that were chosen stay before those that nobody chose: this much is added to their priority.
const CHOSEN: u8 = 100;

impl ListColumn {
    pub fn title(self) -> &'static str {
        match self {
            ListColumn::Outcome | ListColumn::Marks | ListColumn::Spark => "",
            column => column.word(),
        }
    }

    pub fn sort_key(self) -> Option<SortKey> {
        match self {
            ListColumn::Outcome => Some(SortKey::Outcome),
            ListColumn::Id => Some(SortKey::Id),
            ListColumn::Name => Some(SortKey::Name),
            ListColumn::By => Some(SortKey::SubmittedBy),
            ListColumn::Started => Some(SortKey::StartTime),
            ListColumn::Ended => Some(SortKey::EndTime),
            ListColumn::Took => Some(SortKey::Took),
            ListColumn::Iterations => Some(SortKey::Iterations),
            ListColumn::Failures => Some(SortKey::Failures),
            ListColumn::Steps => Some(SortKey::Steps),
            ListColumn::FailedSteps => Some(SortKey::FailedSteps),
            ListColumn::Deck => Some(SortKey::Deck),
            ListColumn::Mode => Some(SortKey::Mode),
            ListColumn::Status => Some(SortKey::Status),
            ListColumn::Marks | ListColumn::Verdict | ListColumn::Tags | ListColumn::Note => None,
            ListColumn::Output | ListColumn::Spark => None,
        }
    }

    /// Its cells need phases and steps.
    pub fn needs_details(self) -> bool {
        matches!(
            self,
            ListColumn::Iterations
                | ListColumn::Failures
                | ListColumn::Steps
                | ListColumn::FailedSteps
                | ListColumn::Output
                | ListColumn::Spark
        )
    }

    fn column(self, id_width: u16, title: String) -> Column<'static> {
        // The arrow of the order is never cut.
        let at_least = |columns: u16| columns.max(u16::try_from(width(&title)).unwrap_or(columns));
        let (wide, failed) = (at_least(5), at_least(4));
        let (failed_steps, deck, status) = (at_least(6), at_least(7), at_least(9));
        match self {
            // The second one is for the sign of a marked record.
            ListColumn::Outcome => Column::new(title, 2),
            ListColumn::Id => Column::new(title, id_width).right().gap(0),
            ListColumn::Marks => Column::new(title, 3).priority(60).gap(1),
            ListColumn::Name => Column::soft(title, 16, 26).grow(2),
            ListColumn::By => Column::soft(title, 6, 12).priority(10),
            ListColumn::Started => Column::new(title, 12).priority(50),
            ListColumn::Ended => Column::new(title, 12).priority(45),
            ListColumn::Took => Column::new(title, 12).right().priority(40),
            ListColumn::Iterations => Column::new(title, wide).right().priority(20).gap(1),
            ListColumn::Failures => Column::new(title, failed).right().priority(30).gap(1),
            ListColumn::Steps => Column::new(title, wide).right().priority(25).gap(1),
            ListColumn::FailedSteps => Column::new(title, failed_steps).right().priority(28).gap(1),
            ListColumn::Deck => Column::soft(title, deck, 14).priority(15),
            ListColumn::Mode => Column::soft(title, deck, 9).priority(12),
            ListColumn::Status => Column::new(title, status).priority(14),
            ListColumn::Verdict => Column::new(title, 11).priority(16),
            ListColumn::Tags => Column::soft(title, 6, 16).priority(17),
            ListColumn::Note => Column::soft(title, 8, 24).priority(18).grow(1),
            ListColumn::Output => Column::soft(title, 7, 12).priority(5),
            ListColumn::Spark => Column::soft(title, 6, 10).priority(6).grow(1).gap(1),
        }
    }
}

/// The columns of a list, ready to be laid out; the one that sorts has an arrow, and those that were chosen give way last.
pub fn columns(
    all: &[ListColumn],
    chosen: &ListColumns,
    id_width: u16,
    query: &ListQuery,
    theme: &Theme,
) -> Vec<Column<'static>> {
    let title = |col: ListColumn| match col.sort_key() {
        Some(key) if key == query.sort => {
            let arrow = theme.sorted(query.order == Order::Ascending);
            [col.title(), arrow].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        }
        _ => col.title().to_owned(),
    };
    let column = |col: &ListColumn| {
        let column = col.column(id_width, title(*col));
        let more = if chosen.stays(*col) { CHOSEN } else { 0 };
        Column { priority: column.priority.saturating_add(more), ..column }
    };
    all.iter().map(column).collect()
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
    let failures = details.map_or(0, |details| details.failures);
    match col {
        ListColumn::Outcome => Span::new(row.glyph(theme.ascii), row_kind(row, failures, Role::Dim)),
        ListColumn::Id if row.unread => Span::new(row.run.id.to_string(), Role::Heading),
        ListColumn::Id => Span::dim(row.run.id.to_string()),
        ListColumn::Marks => signs(row.mark.as_deref(), theme),
        ListColumn::Verdict => mark(row).and_then(|mark| mark.verdict).map_or(Span::default(), verdict),
        ListColumn::Tags => Span::dim(mark(row).map(tags).unwrap_or_default()),
        ListColumn::Note => Span::plain(mark(row).map(note).unwrap_or_default()),
        ListColumn::Name if row.run.is_nameless() => Span::dim(row.run.shown_name().to_owned()),
        ListColumn::Name => {
            let usual = if row.unread { Role::Heading } else { Role::Normal };
            Span::new(row.run.name.clone(), row_kind(row, failures, usual))
        }
        ListColumn::By => Span::dim(row.run.submitted_by.clone().unwrap_or_default()),
        ListColumn::Started => Span::plain(time_text(&row.run.start, |at| clock_short(at, now))),
        ListColumn::Ended => Span::plain(time_text(&row.run.end, |at| clock_short(at, now))),
        ListColumn::Took => took(row, now),
        ListColumn::Iterations => detail(&|details| Span::plain(brief(details.iterations, 5))),
        ListColumn::Failures => detail(&|details| failed(details.failures, theme)),
        ListColumn::Steps => detail(&|details| Span::plain(brief(details.steps, 5))),
        ListColumn::FailedSteps => detail(&|details| failed(details.failed_steps, theme)),
        ListColumn::Deck => Span::dim(row.run.platform.clone()),
        ListColumn::Mode => Span::dim(row.run.repeat_mode.clone().unwrap_or_default()),
        ListColumn::Status => Span::dim(row.run.status.clone().unwrap_or_default()),
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

fn mark(row: &RunRow) -> Option<&RecordMark> {
    row.mark.as_deref()
}

fn tags(mark: &RecordMark) -> String {
    mark.tags.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The first line that says something.
fn note(mark: &RecordMark) -> String {
    mark.note.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
}

fn failed(number: u64, theme: &Theme) -> Span<'static> {
    match number {
        0 => Span::dim(theme.dot()),
        n => Span::new(brief(n, 4), Role::Failed),
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
        number(details.map(|details| details.failures)),
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
        SortKey::Steps => "steps",
        SortKey::FailedSteps => "failed",
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
        SortKey::Steps => 'p',
        SortKey::FailedSteps => 'f',
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
        | SortKey::Failures
        | SortKey::Steps
        | SortKey::FailedSteps => Order::Descending,
    };
    let order = order.unwrap_or(if key == query.sort { turned } else { first });
    ListQuery { sort: key, order, ..query.clone() }
}

/// The text of a cell, as the file has it.
pub fn copy(col: ListColumn, row: &RunRow, details: Option<&RowDetail>) -> Option<String> {
    match col {
        ListColumn::Outcome => Some(row.label().to_owned()),
        // These have entries of their own.
        ListColumn::Id | ListColumn::Name => None,
        ListColumn::By => row.run.submitted_by.clone(),
        ListColumn::Started => Some(row.run.start.python()),
        ListColumn::Ended => Some(row.run.end.python()),
        ListColumn::Took => row.took.map(|seconds| seconds.to_string()),
        ListColumn::Deck => Some(row.run.platform.clone()),
        ListColumn::Mode => row.run.repeat_mode.clone(),
        ListColumn::Status => row.run.status.clone(),
        ListColumn::Marks => None,
        ListColumn::Verdict => Some(mark(row)?.verdict?.word().to_owned()),
        ListColumn::Tags => mark(row).map(tags),
        ListColumn::Note => mark(row).map(|mark| mark.note.clone()),
        ListColumn::Steps => details.map(|details| details.steps.to_string()),
        ListColumn::FailedSteps => details.map(|details| details.failed_steps.to_string()),
        ListColumn::Iterations => details.map(|details| details.iterations.to_string()),
        ListColumn::Failures => details.map(|details| details.failures.to_string()),
        ListColumn::Output | ListColumn::Spark => {
            details?.first_output.as_ref().map(|series| series.name.clone())
        }
    }
}
