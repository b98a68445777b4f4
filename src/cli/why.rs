//! `why`: the reason why a record failed, and which failures there were since a time.

use std::{borrow::Cow, collections::HashMap};

use super::{
    args::{Common, WhyArgs},
    calls::read_time,
    look::Look,
    message, no_folder,
    out::{print, stdout, stdout_error},
    why_json,
};
use crate::{
    error::Result,
    formats::json::{JsonWriter, Layout},
    model::{format, sanitize::sanitize},
    services::{
        lab::Lab,
        why::{
            self, failed_records, report,
            types::{Depth, Why},
        },
    },
    signals,
    style::Role,
};

pub fn run(lab: &Lab, common: &Common, args: &WhyArgs) -> Result<()> {
    let mut cx = signals::cx();
    no_folder::warn(lab);
    if let Some(words) = &args.since {
        let since = read_time(lab, "--since", words)?.since.unwrap_or_default();
        return all(lab, common, args, &failed_records::since(lab, since, &mut cx)?);
    }
    let id = match args.id {
        Some(id) => Some(id),
        None => failed_records::newest(lab, &mut cx)?,
    };
    let told =
        id.map(|id| why::of_record(lab, id, Depth::Whole, &mut cx)).transpose()?.map(|told| told.value);
    if args.json {
        let mut json = JsonWriter::new(stdout()?, Layout::Line);
        let written = json.or_null(told.as_ref(), why_json::write);
        return written.and_then(|()| json.finish()).map_err(stdout_error)?.finish().map(|_| ());
    }
    match told {
        Some(told) => print(&painted(&report::text(&told), Look::of(common))),
        None => {
            message(&format!("{}: no record has a failure", lab.folder().display()));
            Ok(())
        }
    }
}

/// The headings of a report stand out: those that name a failure.
fn painted(text: &str, look: Look) -> String {
    let line = |(n, line): (usize, &str)| {
        let role = match n {
            0 => Role::Heading,
            _ if line.starts_with("failure ") => Role::Failed,
            _ => return format!("{line}\n"),
        };
        format!("{}\n", look.paint(line, role))
    };
    text.lines().enumerate().map(line).collect()
}

/// Several records: as a list of JSON objects, or grouped by what their failures have in common.
fn all(lab: &Lab, common: &Common, args: &WhyArgs, ids: &[i64]) -> Result<()> {
    let mut cx = signals::cx();
    if args.json {
        let mut json = JsonWriter::new(stdout()?, Layout::Line);
        json.begin_list().map_err(stdout_error)?;
        for id in ids {
            let told = why::of_record(lab, *id, Depth::Whole, &mut cx)?.value;
            json.item().and_then(|()| why_json::write(&mut json, &told)).map_err(stdout_error)?;
        }
        return json.end_list().and_then(|()| json.finish()).map_err(stdout_error)?.finish().map(|_| ());
    }
    if ids.is_empty() {
        let since = args.since.as_deref().unwrap_or_default();
        message(&format!("{}: no record that started since {since} has a failure", lab.folder().display()));
        return Ok(());
    }
    let mut groups = Groups::default();
    for id in ids {
        groups.add(&why::of_record(lab, *id, Depth::Whole, &mut cx)?.value);
    }
    print(&groups.text(Look::of(common)))
}

/// Failures that read alike, in the order in which they were met: the newest first.
#[derive(Default)]
struct Groups {
    groups: Vec<Group>,
    places: HashMap<String, usize>,
}

struct Group {
    signature: String,
    failures: u64,
    ids: Vec<i64>,
    example: String,
}

/// Lines of a group's example, and characters of each: `why ID` tells all.
const EXAMPLE_LINES: usize = 5;
const EXAMPLE_SIGNS: usize = 400;

/// Ids of records that are listed of a group.
const IDS: usize = 12;

impl Groups {
    fn add(&mut self, told: &Why) {
        for failure in &told.failures {
            let signature = report::signature(failure);
            let next = self.groups.len();
            let place = *self.places.entry(signature.clone()).or_insert(next);
            if place == next {
                let place = report::place(failure);
                let example = format!("{}, {place}: {}", report::head(told), report::reason(failure));
                self.groups.push(Group { signature, failures: 0, ids: Vec::new(), example });
            }
            if let Some(group) = self.groups.get_mut(place) {
                group.failures += 1;
                if group.ids.last() != Some(&told.row.run.id) {
                    group.ids.push(told.row.run.id);
                }
            }
        }
    }

    fn text(&self, look: Look) -> String {
        let mut text = String::new();
        for group in &self.groups {
            let failures = format::count_of(group.failures, "failure", "failures");
            let records = format::count_of(group.ids.len() as u64, "record", "records");
            let mut ids: Vec<String> = group.ids.iter().take(IDS).map(|id| format!("#{id}")).collect();
            if group.ids.len() > IDS {
                ids.push("...".to_owned());
            }
            text.push_str(&look.paint(&cut(&sanitize(&group.signature)), Role::Failed));
            text.push_str(&format!("\n  {failures} of {records}: {}\n", ids.join(" ")));
            for line in group.example.lines().take(EXAMPLE_LINES) {
                let line = cut(line);
                text.push_str(&format!("  {line}\n"));
            }
        }
        text
    }
}

fn cut(line: &str) -> Cow<'_, str> {
    match line.char_indices().nth(EXAMPLE_SIGNS) {
        Some((at, _)) => Cow::Owned(format!("{}...", line.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(line),
    }
}
