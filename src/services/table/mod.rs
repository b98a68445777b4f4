//! The config table of a batch run as IvoryOS shows it; for other runs iterations by parameters and outputs.

mod rows;
mod shape;
mod snapshot;
mod sort;
#[cfg(test)]
mod tests;
pub mod types;

use super::lab::Lab;
use crate::{checkpoint::Checkpoint, error::Result, model::run::Run};

use shape::Names;
use types::{TableRow, WholeTable};

pub use snapshot::{Kept, Wanted, beginning, rows, whole};
pub use sort::plain_number;

/// Is this a run with a config table?
pub fn is_batch(run: &Run) -> bool {
    run.repeat_mode.as_deref() == Some("batch")
}

/// One row for each sample of each iteration, then the rows that did not run.
pub fn of(lab: &Lab, run: &Run, checkpoint: &mut dyn Checkpoint) -> Result<WholeTable> {
    let summaries = lab.phase_summaries(run.id, checkpoint)?;
    let phase_refs: Vec<_> = snapshot::phases(&summaries).into_iter().map(|head| &head.phase_ref).collect();
    let mut table = WholeTable { batch: is_batch(run), ..WholeTable::default() };
    let (mut columns, mut outputs) = (Names::default(), Names::default());
    let mut learn = |rows: &[TableRow]| {
        for row in rows {
            columns.learn(&row.values);
            outputs.learn(&row.outputs);
        }
    };
    lab.each_phase(&phase_refs, checkpoint, |_, phase| {
        let rows = rows::of_phase(&phase, table.batch, table.rows.len() as u64 + 1);
        table.batched |= rows.len() > 1;
        learn(&rows);
        table.rows.extend(rows);
        Ok(())
    })?;
    if table.batch {
        let rows = rows::not_run(run, table.rows.len() as u64 + 1);
        learn(&rows);
        table.rows.extend(rows);
    }
    Ok(WholeTable { columns: columns.order, outputs: outputs.order, ..table })
}
