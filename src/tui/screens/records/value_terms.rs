//! The term of filter words that means the value in a cell of the list.

use super::columns::ListColumn;
use crate::{
    model::{
        filter::{
            field::FilterField,
            tree::{FilterOp, FilterTerm},
        },
        outcome::Outcome,
        timestamp::Timestamp,
    },
    services::{
        records::{RowDetail, RunRow},
        run_state::RunState,
    },
};

/// The term, and whether the record is one that it means.
type CellTerm = (FilterTerm, bool);

/// What keeps the records that have the same there.
///
/// # Errors
/// Why nothing does, and what to do.
pub fn of_cell(col: ListColumn, row: &RunRow, details: Option<&RowDetail>) -> Result<CellTerm, String> {
    let run = &row.run;
    let has = |term: FilterTerm| Ok((term, true));
    let counted = |field: FilterField, number: &dyn Fn(&RowDetail) -> u64| match details {
        Some(details) => has(FilterTerm::of(field, FilterOp::Is, &number(details).to_string())),
        None => Err("This is not counted yet; try again in a moment.".to_owned()),
    };
    match col {
        ListColumn::Outcome => has(status(row)),
        ListColumn::Id => has(FilterTerm::of(FilterField::Id, FilterOp::Is, &run.id.to_string())),
        ListColumn::Name => has(FilterTerm::exactly(FilterField::Name, &run.name)),
        ListColumn::By => {
            has(FilterTerm::exactly(FilterField::User, run.submitted_by.as_deref().unwrap_or_default()))
        }
        ListColumn::Started => day(FilterField::Started, &run.start).map(|term| (term, true)),
        ListColumn::Iterations => counted(FilterField::Iterations, &|details| details.iterations),
        // The column counts failed phases too.
        ListColumn::Failed => match details {
            Some(details) => {
                Ok((FilterTerm::of(FilterField::Has, FilterOp::Has, "error"), has_error(row, details)))
            }
            None => Err("This is not counted yet; try again in a moment.".to_owned()),
        },
        ListColumn::Took => {
            Err("A time taken is hardly ever the same twice: type /took>30min, or took<5min.".to_owned())
        }
        ListColumn::Output | ListColumn::Spark => {
            Err("No value to keep here: type /out.NAME>0.8 for values, output:NAME for names.".to_owned())
        }
    }
}

fn has_error(row: &RunRow, details: &RowDetail) -> bool {
    details.failed_steps > 0 || row.outcome == Outcome::Error || row.stopped_in_error
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

fn day(field: FilterField, time: &Timestamp) -> Result<FilterTerm, String> {
    let Some(at) = time.at().filter(|at| at.year() >= 0) else {
        return Err(format!(
            "No time stands here: -{}>=2000-01 finds records without one.",
            field.facts().word
        ));
    };
    Ok(FilterTerm::of(field, FilterOp::Has, &at.date().to_string()))
}
