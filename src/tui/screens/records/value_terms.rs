//! The term of filter words that means the value in a cell of the list.

use crate::{
    model::{
        filter::{
            field::{FieldKind, FilterField},
            tree::{FilterOp, FilterTerm},
        },
        mark::Verdict,
        outcome::Outcome,
        timestamp::Timestamp,
    },
    services::{records::RowDetail, run_row::RunRow, run_state::RunState},
    tui::list_columns::ListColumn,
};

/// The term, and whether the record is one that it means.
type CellTerm = (FilterTerm, bool);

/// What keeps the records that have the same there.
///
/// # Errors
/// Why nothing does, and what to do.
pub fn of_cell(col: ListColumn, row: &RunRow, details: Option<&RowDetail>) -> Result<CellTerm, String> {
    let run = &row.run;
    let text = |field, text: Option<&str>| Ok((FilterTerm::exactly(field, text.unwrap_or_default()), true));
    let number = |field, number: &dyn Fn(&RowDetail) -> u64| {
        let details = details.ok_or(NOT_COUNTED)?;
        Ok((FilterTerm::of(field, FilterOp::Is, &number(details).to_string()), true))
    };
    match col {
        ListColumn::Outcome | ListColumn::Status => Ok((status(row), true)),
        ListColumn::Id => Ok((FilterTerm::of(FilterField::Id, FilterOp::Is, &run.id.to_string()), true)),
        ListColumn::Name => text(FilterField::Name, Some(&run.name)),
        ListColumn::By => text(FilterField::User, run.submitted_by.as_deref()),
        ListColumn::Deck => text(FilterField::Deck, Some(&run.platform)),
        ListColumn::Mode => mode(run.repeat_mode.as_deref()),
        ListColumn::Started => day(FilterField::Started, &run.start),
        ListColumn::Ended => day(FilterField::Ended, &run.end),
        ListColumn::Iterations => number(FilterField::Iterations, &|details| details.iterations),
        ListColumn::Steps => number(FilterField::Steps, &|details| details.steps),
        ListColumn::FailedSteps => number(FilterField::Failed, &|details| details.failed_steps),
        // It counts failed phases too.
        ListColumn::Failures => {
            let has_error = has_error(row, details.ok_or(NOT_COUNTED)?);
            Ok((FilterTerm::of(FilterField::Has, FilterOp::Has, "error"), has_error))
        }
        ListColumn::Marks => {
            let star = if row.mark.as_ref().is_some_and(|mark| mark.star) { "yes" } else { "no" };
            Ok((FilterTerm::of(FilterField::Star, FilterOp::Has, star), true))
        }
        ListColumn::Verdict => {
            let word = row.mark.as_ref().and_then(|mark| mark.verdict).map_or("none", Verdict::word);
            Ok((FilterTerm::of(FilterField::Verdict, FilterOp::Has, word), true))
        }
        ListColumn::Tags => {
            let first = row.mark.as_ref().and_then(|mark| mark.tags.first());
            text(FilterField::Tag, first.map(String::as_str))
        }
        ListColumn::Note => {
            let has_note = row.mark.as_ref().is_some_and(|mark| !mark.note.is_empty());
            Ok((FilterTerm::of(FilterField::Has, FilterOp::Has, "note"), has_note))
        }
        ListColumn::Took => {
            Err("A time taken is hardly ever the same twice: type /took>30min, or took<5min.".to_owned())
        }
        ListColumn::Output | ListColumn::Spark => {
            Err("No value to keep here: type /out.NAME>0.8 for values, output:NAME for names.".to_owned())
        }
    }
}

const NOT_COUNTED: &str = "This is not counted yet; try again in a moment.";

/// Of a mode that filter words don't know, why not.
fn mode(mode: Option<&str>) -> Result<CellTerm, String> {
    let word = mode.filter(|mode| !mode.is_empty()).unwrap_or("none");
    match FilterField::Mode.facts().kind {
        FieldKind::Choice(words) if words.contains(&word) => {
            Ok((FilterTerm::of(FilterField::Mode, FilterOp::Has, word), true))
        }
        _ => Err(format!("Filter words don't know the mode {word}.")),
    }
}

fn has_error(row: &RunRow, details: &RowDetail) -> bool {
    details.failures > 0 || row.outcome == Outcome::Error || row.stopped_in_error
}

fn status(row: &RunRow) -> FilterTerm {
    let word = match (row.state(), row.outcome) {
        (Some(RunState::Running), _) => "running",
        (Some(RunState::Waits), _) => "waiting",
        (Some(RunState::Died), _) => "died",
        (None, Outcome::Completed) => "completed",
        (None, Outcome::Stopped) => "stopped",
        (None, Outcome::Error) => "error",
        (None, _) => "ended",
    };
    FilterTerm::of(FilterField::Status, FilterOp::Has, word)
}

fn day(field: FilterField, time: &Timestamp) -> Result<CellTerm, String> {
    let Some(at) = time.at().filter(|at| at.year() >= 0) else {
        return Err(format!(
            "No time stands here: -{}>=2000-01 finds records without one.",
            field.facts().word
        ));
    };
    Ok((FilterTerm::of(field, FilterOp::Has, &at.date().to_string()), true))
}
