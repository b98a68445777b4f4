//! The record screen over the reference data: what stands where, and what the keys do.

use std::{path::Path, sync::Arc};

use jiff::civil::date;

use super::Record;
use crate::{
    model::query::ListQuery,
    services::lab::Lab,
    store::Options,
    tui::{screens::Tab, testing::Harness},
};

/// A data folder of the tests, at the moment when it was copied.
pub(super) fn lab(set: &str) -> Lab {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(set);
    let clock = Arc::new(|| date(2026, 11, 24).at(3, 4, 31, 0));
    Lab::open(&path.join("ivoryos_data/ivoryos.db"), Options::default(), false, clock).unwrap()
}

pub(super) fn open(run: i64, tab: Tab, (width, height): (u16, u16)) -> Harness {
    Harness::new(Box::new(Record::new(run, tab, ListQuery::default())), lab("ivoryos-1.7.2"), width, height)
}

/// Lines with these words.
fn with<'a>(lines: &'a [String], words: &str) -> Vec<&'a str> {
    lines.iter().filter(|line| line.contains(words)).map(String::as_str).collect()
}

#[test]
fn overview_says_first_what_failed() {
    let lines = open(25, Tab::Overview, (80, 24)).lines();
    assert!(lines[0].starts_with(" ✖ #25  error_ends_the_table  1 Overview 2 Steps 3 Table"), "{}", lines[0]);
    assert!(lines[1].ends_with("2026-11-24 03:00:52 → 03:00:53   0.0 s"), "{}", lines[1]);
    assert_eq!(lines[3], " ✖ Ended with an error · 2 iterations · 2 steps");
    assert!(lines[6].starts_with(" Error evaluating condition"), "{}", lines[6]);
    assert!(with(&lines, "main 2")[0].starts_with('✖'), "{lines:?}");
}
