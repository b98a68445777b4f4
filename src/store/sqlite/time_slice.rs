//! Reading many rows without ever reading for long: rows vary in size, so time ends a statement, not their number.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use rusqlite::{Row, params_from_iter, types::Value as SqlValue};

use super::{Limits, Store, id_order::IdOrder};
use crate::error::Result;

/// Tells when a statement has read for long enough.
pub(super) struct Watch {
    begun: Instant,
    rows: usize,
    clock_rows: usize,
    time: Duration,
}

impl Watch {
    pub(super) fn start(limits: &Limits) -> Self {
        let Limits { clock_rows, statement_time: time, .. } = *limits;
        Self { begun: Instant::now(), rows: 0, clock_rows, time }
    }

    /// Counts a row, and says whether the statement has read for long enough.
    pub(super) fn is_late(&mut self) -> bool {
        self.rows += 1;
        self.rows.is_multiple_of(self.clock_rows) && self.begun.elapsed() >= self.time
    }
}

/// How a statement ended.
pub(super) enum Slice {
    /// With its last row, or because enough was seen.
    Done,
    /// It had read for long enough, up to this id.
    Late(i64),
}

impl Store {
    /// Rows with ids in a range, in their order. `sql` selects the id as its first column, takes the range's ends as
    /// its first two values and then `values`; it is run as often as it takes.
    pub(super) fn collect_by_id<T>(
        &self,
        sql: &str,
        (mut from, to): (i64, i64),
        values: &[i64],
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while from <= to {
            let places = [from, to].into_iter().chain(values.iter().copied()).map(SqlValue::Integer);
            let see = |row: &Row<'_>| {
                all.push(read(row)?);
                Ok(ControlFlow::Continue(()))
            };
            match self.some(sql, IdOrder::rising(from, to), places, see)? {
                Slice::Late(last) if last < to => from = last + 1,
                _ => break,
            }
        }
        Ok(all)
    }

    /// Reads rows whose ids come in an order for so long as is fair, and says where to go on when that was not all.
    pub(super) fn some(
        &self,
        sql: &str,
        mut order: IdOrder,
        values: impl IntoIterator<Item = SqlValue>,
        mut see: impl FnMut(&Row<'_>) -> rusqlite::Result<ControlFlow<()>>,
    ) -> Result<Slice> {
        let error = |e| self.error(e);
        let mut statement = self.lent()?.prepare_cached(sql).map_err(error)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(error)?;
        let mut watch = Watch::start(self.limits());
        while let Some(row) = rows.next().map_err(error)? {
            let id = row.get(0).and_then(|id| order.next(id)).map_err(error)?;
            if see(row).map_err(error)?.is_break() {
                break;
            }
            if watch.is_late() {
                return Ok(Slice::Late(id));
            }
        }
        Ok(Slice::Done)
    }
}
