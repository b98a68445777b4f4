//! The config table of a batch run as IvoryOS shows it; for other runs iterations by parameters and outputs.

mod look;
mod rows;
mod shape;
mod sort;
#[cfg(test)]
mod tests;
pub mod types;

pub use look::{Kept, Wanted, beginning, rows, whole};
pub use sort::plain_number;

use super::{lab::Lab, pulse::Pulse};
use crate::{error::Result, model::run::Run};
use shape::Names;
use types::{Table, TableRow};

/// Is this a run with a config table?
pub fn is_batch(run: &Run) -> bool {
    run.repeat_mode.as_deref() == Some("batch")
}

/// One row for each sample of each iteration, then the rows that did not run.
pub fn of(lab: &Lab, run: &Run, pulse: &mut dyn Pulse) -> Result<Table> {
    let heads = lab.heads(run.id, pulse)?;
    let spans: Vec<_> = look::phases(&heads).into_iter().map(|head| &head.span).collect();
    let mut table = Table { batch: is_batch(run), ..Table::default() };
    let (mut columns, mut outputs) = (Names::default(), Names::default());
    let mut learn = |rows: &[TableRow]| {
        for row in rows {
            columns.learn(&row.values);
            outputs.learn(&row.outputs);
        }
    };
    lab.each_phase(&spans, pulse, |_, phase| {
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
    Ok(Table { columns: columns.order, outputs: outputs.order, ..table })
}
