//! A whole table in memory, as the commands print it.

use super::{
    rows::{is_batch, not_run, of_phase},
    shape::NameOrder,
    types::{TableRow, WholeTable},
    window::phases,
};
use crate::{
    checkpoint::{Cx, Freshness},
    error::Result,
    model::run::Run,
    services::lab::Lab,
};

/// One row for each sample of each iteration, then the rows that did not run.
pub fn of(lab: &Lab, run: &Run, cx: &mut Cx<'_>) -> Result<WholeTable> {
    let summaries = lab.phase_summaries(run.id, &mut cx.wanted(Freshness::Whole))?.value;
    let phase_refs: Vec<_> = phases(&summaries).into_iter().map(|summary| &summary.phase_ref).collect();
    let mut table = WholeTable { batch: is_batch(run), ..WholeTable::default() };
    let (mut columns, mut outputs) = (NameOrder::default(), NameOrder::default());
    let mut learn = |rows: &[TableRow]| {
        for row in rows {
            columns.learn(&row.values);
            outputs.learn(&row.outputs);
        }
    };
    lab.each_phase(&phase_refs, cx, |_, phase| {
        let rows = of_phase(&phase, table.batch, table.rows.len() as u64 + 1);
        table.batched |= rows.len() > 1;
        learn(&rows);
        table.rows.extend(rows);
        Ok(())
    })?;
    if table.batch {
        let rows = not_run(run, table.rows.len() as u64 + 1);
        learn(&rows);
        table.rows.extend(rows);
    }
    Ok(WholeTable { columns: columns.order, outputs: outputs.order, ..table })
}
