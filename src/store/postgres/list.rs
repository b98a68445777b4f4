//! What the catalogue of all records asks: ids in their order, a few columns of each record, and the server's own rules of
//! order and of LIKE.

use tokio_postgres::types::Type;

use super::{
    PgStore,
    cells::{ReadCell, bytes, id, run, stored_time},
    columns::RUNS,
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{query::Order, run::Run, run_facts::RunFacts},
    store::{FactColumns, IdPlace, TextColumn},
};

/// Cells that are ranked or matched by one statement.
const TOGETHER: usize = 50_000;

impl PgStore {
    pub(super) fn ids_from(
        &self,
        from: IdPlace,
        order: Order,
        count: usize,
        cx: &Cx<'_>,
    ) -> Result<Vec<i64>> {
        let (direction, beyond) = match order {
            Order::Ascending => ("asc", ">"),
            Order::Descending => ("desc", "<"),
        };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let (condition, place) = match from {
            IdPlace::Skip(skipped) => ("offset $1".to_owned(), i64::try_from(skipped).unwrap_or(i64::MAX)),
            IdPlace::Behind(id) => (String::new(), id),
        };
        let only = if condition.is_empty() { format!("where id {beyond} $1") } else { String::new() };
        let sql =
            format!("select id::int8 from {RUNS} {only} order by {RUNS}.id {direction} limit $2 {condition}");
        self.rows(&sql, &[(&place, Type::INT8), (&count, Type::INT8)], cx, |row| id(row, 0))
    }

    /// These records, in this order; those that are gone are left out.
    pub(super) fn runs_of(&self, ids: &[i64], cx: &Cx<'_>) -> Result<Vec<Run>> {
        let sql = format!(
            "select {} from {RUNS} join unnest($1) with ordinality as w(own, place) on id = own order by place",
            self.columns.runs
        );
        self.rows(&sql, &[(&ids, Type::INT8_ARRAY)], cx, run)
    }

    pub(super) fn facts_from(
        &self,
        from: i64,
        rows: usize,
        columns: FactColumns,
        see: &mut dyn FnMut(&RunFacts<'_>),
        cx: &Cx<'_>,
    ) -> Result<()> {
        let FactColumns { names, users, kinds, times } = columns;
        let wanted = [names, users, kinds, kinds, kinds, times, times];
        let kinds = ["text", "text", "text", "text", "text", "timestamp", "timestamp"];
        let column = |((column, wanted), kind): ((&String, bool), &str)| match wanted {
            true => column.clone(),
            false => format!("null::{kind}"),
        };
        let columns: Vec<String> =
            self.columns.facts.iter().zip(wanted).zip(kinds).map(|(c, k)| column((c, k))).collect();
        let sql = format!(
            "select id::int8, {} from {RUNS} where id >= $1 order by {RUNS}.id limit $2",
            columns.join(", ")
        );
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        self.each(&sql, &[(&from, Type::INT8), (&rows, Type::INT8)], cx, |row| {
            see(&RunFacts {
                id: id(row, 0)?,
                name: bytes(row, 1)?,
                user: bytes(row, 2)?,
                deck: bytes(row, 3)?,
                mode: bytes(row, 4)?,
                status: bytes(row, 5)?,
                start: stored_time(row, 6)?,
                end: stored_time(row, 7)?,
            });
            Ok(())
        })
    }

    /// The place of each of these cells in the order of the column's own collation.
    pub(super) fn ranks_of(&self, column: TextColumn, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<u32>> {
        let collation = match self.columns.collation(column) {
            "" => String::new(),
            collation => format!(" collate {collation}"),
        };
        let sql = format!(
            "select dense_rank() over (order by cell{collation}) from unnest($1) with ordinality as w(cell, place) \
             order by place"
        );
        let texts = texts(cells);
        self.rows(&sql, &[(&texts, Type::TEXT_ARRAY)], cx, |row| {
            Ok(u32::try_from(id(row, 0)?).unwrap_or(u32::MAX))
        })
    }

    /// Which of these cells IvoryOS's keyword finds: it stands between two `%`, as it is.
    pub(super) fn like(&self, keyword: &str, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<bool>> {
        // No text of the server has it.
        if keyword.contains('\0') {
            return Ok(vec![false; cells.len()]);
        }
        let sql = "select cell like $2 from unnest($1) with ordinality as w(cell, place) order by place";
        let pattern = format!("%{keyword}%");
        let mut matching = Vec::with_capacity(cells.len());
        for some in cells.chunks(TOGETHER) {
            let texts = texts(some);
            let values = [(&texts as _, Type::TEXT_ARRAY), (&pattern as _, Type::TEXT)];
            matching.extend(self.rows(sql, &values, cx, |row| -> ReadCell<bool> {
                Ok(row.try_get::<_, Option<bool>>(0)?.unwrap_or_default())
            })?);
        }
        Ok(matching)
    }
}

/// The cells as they came from the server.
fn texts<'a>(cells: &[&'a [u8]]) -> Vec<&'a str> {
    cells.iter().map(|cell| std::str::from_utf8(cell).unwrap_or_default()).collect()
}
