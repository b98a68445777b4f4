//! The ids of the records that filter words mean, and whether one record is meant: for what acts on records.

use super::{
    choosing::{Choosing, Reading},
    list_once, notice_changes, plan,
};
use crate::{
    checkpoint::{Cx, Freshness, Progress},
    error::Result,
    model::{filter::words::Filter, query::ListQuery},
    services::lab::Lab,
    store::FactColumns,
};

/// The records that these words mean, newest first, as of the last commit.
///
/// # Errors
/// As any read.
pub fn ids(lab: &Lab, filter: &Filter, cx: &mut Cx<'_>) -> Result<Vec<i64>> {
    let query = ListQuery { filter: filter.clone(), ..ListQuery::default() };
    let list = list_once(lab, &query, cx)?;
    Ok(lab.database().catalogue().part(&list, 0, u64::MAX))
}

/// Reads what must be known before it can be said quickly whether words mean a record.
///
/// # Errors
/// As any read.
pub fn prepare(lab: &Lab, filter: &Filter, cx: &mut Cx<'_>) -> Result<()> {
    if filter.is_empty() {
        return Ok(());
    }
    lab.database().catalogue().ready(lab.source(), FactColumns::ALL, cx)
}

/// Whether these words mean this record, as of the last commit: phases, steps and events are read of it alone.
///
/// # Errors
/// As any read.
pub fn is_meant(lab: &Lab, filter: &Filter, id: i64, cx: &mut Cx<'_>) -> Result<bool> {
    let Some(expr) = filter.expr() else { return Ok(true) };
    let catalogue = lab.database().catalogue();
    // Where it is not known at once whose rows are whose, that is waited for.
    let mut freshness = cx.freshness;
    loop {
        let mut cx = cx.wanted(freshness);
        catalogue.ready(lab.source(), FactColumns::ALL, &mut cx)?;
        notice_changes(lab, &[id], &cx);
        let Some(row) = catalogue.place(id) else { return Ok(false) };
        let state = catalogue.state();
        let node = plan::of(lab, expr, &cx)?;
        let mut choosing = Choosing::of(lab, node, state, Some(row), &mut cx)?;
        let lacks = choosing.go_on(Reading::Whole, &mut cx)?;
        if lacks.nothing() && choosing.progress().is_none() && catalogue.state() == state {
            return Ok(choosing.found.has(row));
        }
        if !lacks.nothing() {
            freshness = Freshness::Whole;
        }
        cx.check(Progress::default())?;
    }
}
