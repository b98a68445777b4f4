//! Reading calls by hand, newest first.

use std::ops::ControlFlow;

use rusqlite::{Row, types::Value as SqlValue};

use super::{
    Store,
    id_order::IdOrder,
    runs::{cell, stamp, text},
    time_slice::Slice,
};
use crate::{
    error::Result,
    model::call::{Call, CallColumns},
};

impl Store {
    /// The calls with ids of a range, from the highest down, until `see` has seen enough. None where there is no table
    /// of them.
    pub(super) fn calls_between(
        &self,
        (from, mut to): (i64, i64),
        columns: CallColumns,
        see: &mut dyn FnMut(Call) -> ControlFlow<()>,
    ) -> Result<()> {
        let Some(sql) = self.columns.calls(columns) else { return Ok(()) };
        while from <= to {
            let range = [from, to].map(SqlValue::Integer);
            match self.some(sql, IdOrder::falling(from, to), range, |row| Ok(see(call(row)?)))? {
                Slice::Late(last) if last > from => to = last - 1,
                _ => break,
            }
        }
        Ok(())
    }
}

fn call(row: &Row<'_>) -> rusqlite::Result<Call> {
    Ok(Call {
        id: row.get(0)?,
        method_name: text(row, 1)?.unwrap_or_default(),
        kwargs: cell(row, 2)?,
        start: stamp(row, 3)?,
        end: stamp(row, 4)?,
        run_error: text(row, 5)?,
        output: cell(row, 6)?,
    })
}
