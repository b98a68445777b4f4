//! Cells of rows as values of the model.

use std::error::Error as StdError;

use jiff::{
    ToSpan as _,
    civil::{DateTime, date},
};
use tokio_postgres::{
    Row,
    types::{FromSql, Type},
};

use crate::model::{
    call::Call,
    run::{Phase, Run, Step},
    run_facts::StoredTime,
    step_time::StepTime,
    time_key::TimeKey,
    timestamp::{Timestamp, seconds_between},
    value::RawCell,
};

/// What reading a cell comes to.
pub type ReadCell<T> = Result<T, tokio_postgres::Error>;

/// A moment as the server sends it: microseconds from the beginning of 2000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment(i64);

impl<'a> FromSql<'a> for Moment {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(i64::from_be_bytes(raw.try_into()?)))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::TIMESTAMP
    }
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

impl Moment {
    /// `None` for one that no calendar of ours has: infinite, or of a year without four digits.
    fn at(self) -> Option<DateTime> {
        let days = self.0.div_euclid(DAY);
        let rest = self.0.rem_euclid(DAY);
        // A calendar is left where there is no such day.
        let day =
            date(2000, 1, 1).checked_add(days.checked_abs()?.min(5_000_000).days() * days.signum()).ok()?;
        let part = |of: i64, most: i64| i8::try_from(rest / of % most).ok();
        let nanos = i32::try_from(rest % SECOND * 1_000).ok()?;
        let at = DateTime::new(
            day.year(),
            day.month(),
            day.day(),
            part(3_600 * SECOND, 24)?,
            part(60 * SECOND, 60)?,
            part(SECOND, 60)?,
            nanos,
        );
        at.ok().filter(|at| at.year() > 0)
    }

    fn odd(self) -> &'static str {
        if self.0 < 0 { "-infinity" } else { "infinity" }
    }

    fn stamp(self) -> Timestamp {
        self.at().map_or_else(|| Timestamp::Odd(self.odd().into()), Timestamp::At)
    }

    fn stored(self) -> StoredTime<'static> {
        let odd = StoredTime::Odd {
            cell: self.odd().as_bytes(),
            before: if self.0 < 0 { 0 } else { TimeKey::END },
        };
        self.at().and_then(TimeKey::of).map_or(odd, StoredTime::At)
    }
}

pub fn number(row: &Row, at: usize) -> ReadCell<Option<i64>> {
    row.try_get(at)
}

/// An id.
pub fn id(row: &Row, at: usize) -> ReadCell<i64> {
    row.try_get(at)
}

pub fn text(row: &Row, at: usize) -> ReadCell<Option<&str>> {
    row.try_get(at)
}

fn word(row: &Row, at: usize) -> ReadCell<String> {
    Ok(text(row, at)?.unwrap_or_default().to_owned())
}

fn words(row: &Row, at: usize) -> ReadCell<Option<String>> {
    row.try_get(at)
}

pub fn bytes(row: &Row, at: usize) -> ReadCell<Option<&[u8]>> {
    Ok(text(row, at)?.map(str::as_bytes))
}

pub fn stamp(row: &Row, at: usize) -> ReadCell<Timestamp> {
    Ok(row.try_get::<_, Option<Moment>>(at)?.map_or(Timestamp::None, Moment::stamp))
}

pub fn stored_time(row: &Row, at: usize) -> ReadCell<StoredTime<'static>> {
    Ok(row.try_get::<_, Option<Moment>>(at)?.map_or(StoredTime::Null, Moment::stored))
}

pub fn cell(row: &Row, at: usize) -> ReadCell<RawCell> {
    Ok(RawCell(bytes(row, at)?.map(Box::from)))
}

pub fn run(row: &Row) -> ReadCell<Run> {
    Ok(Run {
        id: id(row, 0)?,
        name: word(row, 1)?,
        platform: word(row, 2)?,
        start: stamp(row, 3)?,
        end: stamp(row, 4)?,
        data_path: words(row, 5)?,
        repeat_mode: words(row, 6)?,
        status: words(row, 7)?,
        events: cell(row, 8)?,
        submitted_by: words(row, 9)?,
    })
}

pub fn phase(row: &Row) -> ReadCell<Phase> {
    Ok(Phase {
        id: id(row, 0)?,
        run_id: number(row, 1)?.unwrap_or_default(),
        name: word(row, 2)?,
        repeat_index: number(row, 3)?,
        parameters: cell(row, 4)?,
        outputs: cell(row, 5)?,
        status: words(row, 6)?,
        error: cell(row, 7)?,
        start: stamp(row, 8)?,
        end: stamp(row, 9)?,
    })
}

pub fn step(row: &Row) -> ReadCell<Step> {
    Ok(Step {
        id: id(row, 0)?,
        phase_id: number(row, 1)?.unwrap_or_default(),
        step_index: number(row, 2)?,
        method_name: word(row, 3)?,
        start: stamp(row, 4)?,
        end: stamp(row, 5)?,
        run_error: row.try_get(6)?,
        output: cell(row, 7)?,
    })
}

/// A step without its output.
pub fn step_time(row: &Row) -> ReadCell<StepTime<'_>> {
    let (start, end) = (stamp(row, 4)?, stamp(row, 5)?);
    Ok(StepTime {
        id: id(row, 0)?,
        step_index: number(row, 2)?,
        method: text(row, 3)?.unwrap_or_default(),
        took: start.at().zip(end.at()).map(|(start, end)| seconds_between(start, end)),
        has_end: !end.is_none(),
        failed: row.try_get::<_, Option<bool>>(6)? == Some(true),
    })
}

pub fn call(row: &Row) -> ReadCell<Call> {
    Ok(Call {
        id: id(row, 0)?,
        method_name: word(row, 1)?,
        kwargs: cell(row, 2)?,
        start: stamp(row, 3)?,
        end: stamp(row, 4)?,
        run_error: words(row, 5)?,
        output: cell(row, 6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        let text = |micros: i64| Moment(micros).stamp().python();
        assert_eq!(text(0), "2000-01-01 00:00:00");
        assert_eq!(text(-1), "1999-12-31 23:59:59.999999");
        assert_eq!(text(848_977_213_123_456), "2026-11-26 03:00:13.123456");
        assert_eq!((text(i64::MAX), text(i64::MIN)), ("infinity".to_owned(), "-infinity".to_owned()));
        assert_eq!(text(DAY * 3_000_000), "infinity", "the year 10213");
        let key = |micros: i64| Moment(micros).stored();
        assert!(matches!(key(5), StoredTime::At(key) if key.text() == "2000-01-01 00:00:00.000005"));
        assert!(matches!(key(i64::MIN), StoredTime::Odd { before: 0, .. }));
    }
}
