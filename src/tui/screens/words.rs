//! Texts that several screens and tabs share: where a step stands, when something was, a value.

use jiff::civil::DateTime;

use crate::{
    formats::python_repr::str_of,
    model::{
        filter::{
            tree::{FilterExpr, FilterTerm},
            words::Filter,
        },
        format::duration,
        outcome::Outcome,
        timestamp::{Timestamp, seconds_between},
        value::{Cell, Value},
    },
    services::{run_row::RunRow, steps::Attempt, trouble::Trouble},
    style::Role,
};

/// How a record looks: one that needs somebody stands out, and one that runs; else as `usual`.
pub(super) fn row_kind(row: &RunRow, failures: u64, usual: Role) -> Role {
    match Trouble::of(row, failures) {
        Some(_) => Role::Failed,
        None if row.outcome == Outcome::Running => Role::Selected,
        None if row.outcome == Outcome::Stopped => Role::Normal,
        None => usual,
    }
}

/// `try 2 of 3`; nothing for a step that ran once.
pub(super) fn attempt_words(attempt: Attempt) -> Option<String> {
    let (word, n, of) = match attempt {
        Attempt::Only => return None,
        Attempt::Try { n, of } => ("try", n, of),
        Attempt::Sample { n, of } => ("sample", n, of),
        Attempt::Round { n, of } => ("round", n, of),
    };
    Some(format!("{word} {n} of {of}"))
}

/// A time of the file in a given form; a text that is no time as it stands, nothing for none.
pub(super) fn time_text(stamp: &Timestamp, form: impl Fn(DateTime) -> String) -> String {
    match stamp {
        Timestamp::At(at) => form(*at),
        Timestamp::Odd(text) => text.to_string(),
        Timestamp::None => String::new(),
    }
}

/// The whole text of a value, as Python's `str` writes it.
pub(super) fn value_text(value: &Value) -> String {
    let mut text = String::new();
    str_of(value, &mut text);
    text
}

/// `03:00:44.812 to 03:00:45.310, 0.5 s`.
pub(super) fn times(start: &Timestamp, end: &Timestamp) -> String {
    let moment = |stamp: &Timestamp| match stamp {
        Timestamp::At(at) => at.strftime("%H:%M:%S%.3f").to_string(),
        Timestamp::Odd(text) => text.to_string(),
        Timestamp::None => "no time".to_owned(),
    };
    match (start, end) {
        (start, Timestamp::None) => format!("{}, no end time", moment(start)),
        (Timestamp::At(from), Timestamp::At(to)) => {
            let took = duration(seconds_between(*from, *to));
            format!("{} to {}, {took}", moment(start), moment(end))
        }
        (start, end) => format!("{} to {}", moment(start), moment(end)),
    }
}

/// What a cell holds; text that is no JSON as a text.
pub(super) fn cell_value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Json(value) => value.clone(),
        Cell::Odd(text) => Value::Str(text.clone()),
    }
}
/// Filter words as the screen tells them: a plain one in quotes.
pub(super) fn told_filter(filter: &Filter) -> String {
    match filter.expr() {
        Some(FilterExpr::Term(FilterTerm::Word(word))) => format!("\"{word}\""),
        _ => filter.text().to_owned(),
    }
}

/// The one word that is looked for, if it is no more than that.
pub(super) fn only_word(filter: &Filter) -> Option<&str> {
    match filter.expr() {
        Some(FilterExpr::Term(FilterTerm::Word(word))) => Some(word),
        _ => None,
    }
}
