//! The bill of a delete as text: each record with what goes and what stays, and the sums.

use std::io::{self, IsTerminal};

use super::out;
use crate::{
    error::Result,
    model::{format, sanitize::sanitize},
    services::{
        delete::{Bill, BillItem},
        lab::Lab,
    },
};

/// So many records are shown on a terminal: the rest would push them out of sight.
const SHOWN: usize = 50;

/// Prints it whole; on a terminal the first records and how many more there are. The sums stand last.
pub fn print(lab: &Lab, bill: &Bill) -> Result<()> {
    let most = if io::stdout().is_terminal() { SHOWN } else { usize::MAX };
    out::print(&text(lab, bill, most))
}

fn text(lab: &Lab, bill: &Bill, most: usize) -> String {
    let mut text = String::new();
    for item in bill.items.iter().take(most) {
        add_record(&mut text, lab, item);
    }
    let more = bill.items.len().saturating_sub(most) as u64;
    if more > 0 {
        let records = format::count_of(more, "more record", "more records");
        text.push_str(&format!("and {records}; | less shows all\n"));
    }
    text.push_str(&sums(bill));
    text
}

fn add_record(text: &mut String, lab: &Lab, item: &BillItem) {
    let run = &item.row.run;
    let started = run.start.at().map_or_else(|| run.start.python(), |at| format::clock(at, lab.now()));
    text.push_str(&format!(
        "#{} {}  {}  started {}: {}, {}\n",
        run.id,
        sanitize(run.shown_name()),
        item.row.label(),
        if started.is_empty() { "never" } else { &started },
        format::count_of(item.phases, "phase", "phases"),
        format::count_of(item.steps, "step", "steps"),
    ));
    for file in &item.files {
        if let Some(why) = file.why_unusable() {
            text.push_str(&format!("  can't be looked at: {}\n", sanitize(why)));
            continue;
        }
        let path = file.path().map(|p| p.display().to_string()).unwrap_or_default();
        let size = format::bytes(file.size().unwrap_or_default());
        text.push_str(&format!("  stays on disk: {} ({size})\n", sanitize(&path)));
    }
}

/// `in all: 2 records, 40 phases, 312 steps; 3 files stay on disk (1.2 MB)`.
fn sums(bill: &Bill) -> String {
    let sum = |of: &dyn Fn(&BillItem) -> u64| bill.items.iter().map(of).sum::<u64>();
    let files = || bill.items.iter().flat_map(|item| &item.files).filter_map(|file| file.size());
    let (stay, bytes) = (files().count() as u64, format::bytes(files().sum()));
    let stay = match stay {
        0 => "no files on disk".to_owned(),
        1 => format!("1 file stays on disk ({bytes})"),
        _ => format!("{} stay on disk ({bytes})", format::count_of(stay, "file", "files")),
    };
    format!(
        "in all: {}, {}, {}; {stay}\n",
        format::count_of(bill.items.len() as u64, "record", "records"),
        format::count_of(sum(&|item| item.phases), "phase", "phases"),
        format::count_of(sum(&|item| item.steps), "step", "steps"),
    )
}
