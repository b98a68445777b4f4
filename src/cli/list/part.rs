//! The part of the list that was asked for, with what is counted of its records where that is wanted; as a table for people.

use std::io::Write;

use crate::{
    cli::{
        index_wait,
        look::Look,
        message,
        out::{stdout_error, styled_stdout},
        table::{PrintedCell, PrintedColumn, TextTable},
    },
    error::Result,
    model::{format, query::ListQuery, run_tally::RunTally},
    services::{calls, lab::Lab, records, run_row::RunRow},
    signals,
};

/// Records that are printed.
pub struct ListPart<'a> {
    pub lab: &'a Lab,
    pub query: &'a ListQuery,
    pub offset: u64,
    pub limit: u64,
    /// The phases and steps of each are counted.
    pub is_counted: bool,
}

const INDEX: &str = "finding out which rows are whose; the first time this takes a while ...";
const COUNTS: &str = "counting the steps of these records; this takes a while ...";

impl ListPart<'_> {
    /// Calls `each` with the records, and with what is counted of them where that is wanted.
    pub fn each(&self, each: impl FnMut(&RunRow, &RunTally) -> std::io::Result<()>) -> Result<()> {
        self.first(self.limit, each)
    }

    /// The same for as many of them.
    fn first(
        &self,
        limit: u64,
        mut each: impl FnMut(&RunRow, &RunTally) -> std::io::Result<()>,
    ) -> Result<()> {
        let part = (self.offset, limit);
        if !self.is_counted {
            let none = RunTally::default();
            return records::each(self.lab, self.query, part, &mut signals::cx(), |row| {
                each(row, &none).map_err(stdout_error)
            });
        }
        index_wait::told(INDEX, |cx| self.lab.prepare(cx))?;
        index_wait::told(COUNTS, |cx| {
            records::each_counted(self.lab, self.query, part, cx, |row, tally| {
                each(row, tally).map_err(stdout_error)
            })
        })
    }

    /// The records as a table; in the place of none, why there are none.
    pub fn table(
        &self,
        look: Look,
        columns: &[PrintedColumn],
        cells: impl Fn(&RunRow, &RunTally) -> Vec<PrintedCell>,
    ) -> Result<()> {
        let mut table = TextTable::new(columns, look);
        let mut rows = 0_u64;
        self.each(|row, tally| {
            rows += 1;
            table.measure(&cells(row, tally));
            Ok(())
        })?;
        if rows == 0 {
            return self.none();
        }
        // Read again rather than held: there may be a million. What came meanwhile is not shown.
        let mut out = styled_stdout()?;
        let layout = table.layout();
        out.write_all(table.titles(&layout).as_bytes()).map_err(stdout_error)?;
        self.first(self.limit.min(rows), |row, tally| {
            out.write_all(table.laid_out(&cells(row, tally), &layout).as_bytes())
        })?;
        out.flush().map_err(stdout_error)
    }

    fn none(&self) -> Result<()> {
        let total = records::count(self.lab, self.query, &mut signals::cx())?;
        let filter = self.query.filter.text();
        message(&match self.query.keyword.as_str() {
            _ if self.offset > 0 && total > 0 => format!(
                "the list has {} on {} of {}: this page is behind its end",
                format::count_of(total, "record", "records"),
                format::count_of(total.div_ceil(self.limit.max(1)), "page", "pages"),
                self.limit,
            ),
            "" if filter.is_empty() => no_records(self.lab)?,
            "" => format!("no record matches {filter}"),
            words if !filter.is_empty() => {
                format!(
                    "no record matches both {filter} and the keyword {words:?}, by name or by submitted_by"
                )
            }
            words => format!("no record matches {words:?}, neither by name nor by submitted_by"),
        });
        Ok(())
    }
}

fn no_records(lab: &Lab) -> Result<String> {
    let folder = lab.folder().display();
    Ok(match calls::count(lab, &mut signals::cx())? {
        0 => format!("{folder}: no records"),
        n => {
            let calls = format::count_of(n, "call by hand", "calls by hand");
            format!("{folder}: no records; {calls}: ivorylens calls lists them")
        }
    })
}
