//! Putting records back that were deleted: each in one transaction, under its own ids where these are free.
//!
//! What is in place already stays, so that the same call ends what an earlier one, or a delete that was ended half-way, left.

mod lookups;
mod place;

use std::collections::VecDeque;

use tokio_postgres::types::Type;

use super::{
    PgStore,
    saved_tables::{ServerTable, columns_sql},
    transaction::Committed,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    store::saved::{Back, SavedRecord, SavedTable, ToldBack},
};
use place::RestorePlace;

impl PgStore {
    pub(super) fn restore_all(
        &self,
        records: &mut [Box<dyn SavedRecord + '_>],
        back: ToldBack<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        self.link.refuse_another(cx)?;
        let rows = |record: &dyn SavedRecord| record.keys().iter().map(|keys| keys.len() as u64).sum::<u64>();
        let total = Some(records.iter().map(|record| rows(&**record)).sum());
        let (mut done, mut put_off) = (0, 0);
        let mut left: VecDeque<usize> = (0..records.len()).collect();
        while let Some(at) = left.pop_front() {
            cx.check(Progress { done, total })?;
            let Some(record) = records.get_mut(at) else { continue };
            match self.put_back(&mut **record, cx) {
                // A row of another table may name two records, and went with the first of them: it comes behind the other.
                Err(Error::Refused(_)) if put_off < left.len() => {
                    left.push_back(at);
                    put_off += 1;
                }
                told => {
                    back(&[(at, told?)])?;
                    done += rows(&**record);
                    put_off = 0;
                }
            }
        }
        Ok(())
    }

    fn put_back(&self, record: &mut dyn SavedRecord, cx: &Cx<'_>) -> Result<Back> {
        let names: Vec<&str> = record.tables().iter().map(|table| table.name.as_str()).collect();
        let columns = self.link.query(&columns_sql(), &[(&names, Type::TEXT_ARRAY)], cx)?;
        let tables =
            ServerTable::named(&columns, record.tables()).map_err(|error| self.link.fault(&error))?;
        let inserts = inserts(&tables, record)?;
        let put = self.link.write(cx, &refused, |tx| {
            let mut place = RestorePlace::of(record);
            let rows = place.put(tx, &tables, record, &inserts)?;
            Ok(Some(Back { was: record.run(), run: place.run(record.run()), rows }))
        });
        match put? {
            Committed::Done(back) => back.ok_or(Error::Replaced),
            // What is in place is told from what is missing by the next one.
            Committed::Unsure(error) => Err(error),
        }
    }
}

fn refused(said: &str) -> Error {
    Error::Refused(format!(
        "the database refuses a row of the record ({said}); what is not back stays in the trash"
    ))
}

/// The statement for each table.
fn inserts(tables: &[ServerTable], record: &dyn SavedRecord) -> Result<Vec<String>> {
    let insert = |kept: &SavedTable| {
        let now = tables.iter().find(|table| table.table.name == kept.name);
        now.and_then(|table| table.insert(kept)).ok_or_else(|| {
            Error::Refused(format!(
                "the table {} is not what it was when the record was deleted; nothing was put back",
                kept.name
            ))
        })
    };
    record.tables().iter().map(insert).collect()
}
