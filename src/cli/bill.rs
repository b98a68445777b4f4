//! The bill of a delete as text: each record with what goes and what stays, and the sums.

use std::{
    collections::HashSet,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use super::{index_wait, out};
use crate::{
    error::Result,
    model::{format, sanitize::sanitize},
    services::{
        delete::{Bill, BillItem, DeleteHow},
        files::FileEntry,
        lab::Lab,
        trash,
    },
};

/// So many records are shown on a terminal: the rest would push them out of sight.
const SHOWN: usize = 50;

/// The files that go along into the trash.
type Along = HashSet<PathBuf>;

/// Prints it whole; on a terminal the first records and how many more there are. The sums stand last, and whether there is
/// a way back.
pub fn print(lab: &Lab, bill: &Bill, how: DeleteHow) -> Result<()> {
    let most = if io::stdout().is_terminal() { SHOWN } else { usize::MAX };
    let along = if how.with_files { along(lab, bill)? } else { Along::new() };
    out::print(&text(lab, bill, (most, how), &along))
}

fn along(lab: &Lab, bill: &Bill) -> Result<Along> {
    let runs: Vec<i64> = bill.items.iter().map(|item| item.row.run.id).collect();
    let looking = "looking for records that have the same files; this takes a while ...";
    let own = index_wait::told(looking, |cx| trash::belonging_alone(lab, &runs, cx))?;
    Ok(own.iter().flatten().filter_map(FileEntry::path).map(Path::to_path_buf).collect())
}

/// What brings so many records back.
pub fn way_back(records: usize) -> String {
    format!("ivorylens restore --last brings {} back", if records == 1 { "it" } else { "them" })
}

fn text(lab: &Lab, bill: &Bill, (most, how): (usize, DeleteHow), along: &Along) -> String {
    let mut text = String::new();
    for item in bill.items.iter().take(most) {
        add_record(&mut text, lab, item, (how, along));
    }
    let more = bill.items.len().saturating_sub(most) as u64;
    if more > 0 {
        let records = format::count_of(more, "more record", "more records");
        text.push_str(&format!("and {records}; | less shows all\n"));
    }
    text.push_str(&sums(bill, along));
    if let Some(others) = bill.other_rows_words() {
        text.push_str(&format!("and {}\n", sanitize(&others)));
    }
    text.push_str(&match how.permanent {
        false if bill.no_trash.is_some() => {
            format!("not to be kept in the trash: {}\n", sanitize(&bill.no_trash.clone().unwrap_or_default()))
        }
        true => "--permanent: for good, nothing can be taken back\n".to_owned(),
        false => {
            let size = bill
                .size_with(|file| goes(file, along))
                .words()
                .map(|size| format!(" ({size})"))
                .unwrap_or_default();
            format!("kept in the trash{size}, {}\n", way_back(bill.items.len()))
        }
    });
    text
}

fn add_record(text: &mut String, lab: &Lab, item: &BillItem, (how, along): (DeleteHow, &Along)) {
    let run = &item.row.run;
    let started = run.start.at().map_or_else(|| run.start.python(), |at| format::clock(at, lab.now()));
    text.push_str(&format!(
        "#{} {}  {}  started {}: {}, {}\n",
        run.id,
        sanitize(run.shown_name()),
        item.row.label(),
        if started.is_empty() { "never".into() } else { sanitize(&started) },
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
        let (said, why) = match goes(file, along) {
            true => ("goes along", ""),
            false if how.with_files => ("stays on disk", ", another record has it too"),
            false => ("stays on disk", ""),
        };
        text.push_str(&format!("  {said}: {} ({size}{why})\n", sanitize(&path)));
    }
}

fn goes(file: &FileEntry, along: &Along) -> bool {
    file.path().is_some_and(|path| along.contains(path))
}

/// `in all: 2 records, 40 phases, 312 steps; 3 files stay on disk (1.2 MB)`.
fn sums(bill: &Bill, along: &Along) -> String {
    let sum = |of: &dyn Fn(&BillItem) -> u64| bill.items.iter().map(of).sum::<u64>();
    let mut seen = HashSet::new();
    let (mut go, mut stay) = ((0, 0), (0, 0));
    for file in bill.items.iter().flat_map(|item| &item.files) {
        let Some(size) = file.size() else { continue };
        // A file that goes may be of two of these records.
        let is_along = goes(file, along);
        if !is_along || seen.insert(file.path()) {
            let (count, bytes) = if is_along { &mut go } else { &mut stay };
            (*count, *bytes) = (*count + 1, *bytes + size);
        }
    }
    let files = |(count, bytes): (u64, u64), one: &str, many: &str| {
        let said = format::count_of(count, one, many);
        (count > 0).then(|| format!("{said} ({})", format::bytes(bytes)))
    };
    let parts = [
        files(go, "file goes along", "files go along"),
        files(stay, "file stays on disk", "files stay on disk"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let stay = if parts.is_empty() { "no files on disk".to_owned() } else { parts.join(", ") };
    format!(
        "in all: {}, {}, {}; {stay}\n",
        format::count_of(bill.items.len() as u64, "record", "records"),
        format::count_of(sum(&|item| item.phases), "phase", "phases"),
        format::count_of(sum(&|item| item.steps), "step", "steps"),
    )
}
