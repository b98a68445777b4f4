//! The phases of all records that failed and say why.

use std::ops::ControlFlow;

use rusqlite::types::Value as SqlValue;

use super::{
    Store,
    id_order::IdOrder,
    runs::{cell, stamp},
    time_slice::Slice,
};
use crate::{error::Result, model::run::Phase, store::PhaseWalk};

impl Store {
    /// Those with ids from one on. Every row is looked at, so that time ends the statement however few of them failed.
    pub(super) fn failed_from(&self, from: i64, see: &mut dyn FnMut(Phase)) -> Result<PhaseWalk> {
        if !self.columns.has_phase_errors {
            return Ok(PhaseWalk::default());
        }
        let sql = "SELECT id, run_id, start_time, CASE WHEN status = 'failed' THEN error END \
                   FROM workflow_phases WHERE id BETWEEN ? AND ? ORDER BY id";
        let (ends, mut last) = ((from, i64::MAX), None);
        let order = IdOrder::rising(ends.0, ends.1);
        let slice = self.some(sql, order, [ends.0, ends.1].map(SqlValue::Integer), |row| {
            let id = row.get(0)?;
            last = Some(id);
            let error = cell(row, 3)?;
            if !error.is_null() {
                see(Phase { id, run_id: row.get(1)?, start: stamp(row, 2)?, error, ..Phase::default() });
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let next = if let Slice::Late(last) = slice { last.checked_add(1) } else { None };
        Ok(PhaseWalk { next, last })
    }
}
