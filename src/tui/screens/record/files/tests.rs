//! The files tab over the reference data and over made answers.

use proptest::prelude::*;
use ratatui::style::Modifier;

use crate::{
    error::Missing,
    model::query::ListQuery,
    services::{
        export_kind::ExportKind,
        file_preview::FileView,
        files::{FileEntry, FileState},
        request::{Answer, Ask},
    },
    tui::{
        screens::record::{RecordScreen, tests::open},
        tab::TabId,
        testing::{Harness, fake},
    },
};

/// A record whose data CSV and result file look like this.
fn with(csv: FileView, text: &str, (width, height): (u16, u16)) -> Harness {
    let text = text.to_owned();
    let answerer = fake(move |ask| {
        let file = |kind, name: &str, state| FileEntry { kind, name: name.into(), state };
        let path = "/lab/results/result.txt".into();
        let result = FileState::OnDisk { path, size: 1234, content: None };
        let plots = FileState::Missing(Missing::Plots { run: 7 });
        Some(match ask {
            Ask::Files { run } => Answer::Files(vec![
                file(ExportKind::DataCsv, &format!("made_{run}.csv"), FileState::Made),
                file(ExportKind::ResultFile, "result.txt", result),
                file(ExportKind::StepsCsv, "steps.csv", FileState::Made),
                file(ExportKind::OptimizerPlots, "plots.json", plots),
            ]),
            Ask::FileView { kind: ExportKind::DataCsv, .. } => Answer::FileView(csv.clone()),
            Ask::FileView { kind: ExportKind::ResultFile, .. } => {
                Answer::FileView(FileView::Text { text: text.clone(), more: true })
            }
            _ => return None,
        })
    });
    Harness::new(Box::new(RecordScreen::new(7, TabId::Files, ListQuery::default())), answerer, width, height)
}

fn rows(columns: &[&str], rows: usize) -> FileView {
    let row = |n: usize| columns.iter().map(|c| format!("{c}{n}")).collect();
    FileView::Rows {
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        rows: (0..rows).map(row).collect(),
        more: false,
    }
}

fn line<'a>(lines: &'a [String], words: &str) -> &'a str {
    lines.iter().find(|l| l.contains(words)).unwrap_or_else(|| panic!("{words} in {lines:#?}"))
}

#[test]
fn what_is_there_and_what_is_not() {
    let harness = open(16, TabId::Files, (120, 24));
    let lines = harness.lines();
    assert!(line(&lines, "data CSV").contains("made on export"), "{lines:#?}");
    assert!(line(&lines, "optimizer plots").contains("1 HTML plot"), "{lines:#?}");
    assert!(line(&lines, " log ").contains("optimizer_run_2026-11-24 03-00-37.log"), "{lines:#?}");
    let harness = open(7, TabId::Files, (120, 24));
    let lines = harness.lines();
    let y = lines.iter().position(|l| l.contains("optimizer plots")).unwrap();
    assert!(lines[y].contains("  no optimizer plots"), "{lines:#?}");
    assert!(harness.style(1, u16::try_from(y).unwrap()).add_modifier.contains(Modifier::DIM));
}

#[test]
fn a_csv_is_a_table_that_scrolls_both_ways() {
    let mut harness = open(58, TabId::Files, (60, 16));
    harness.press(&["Enter"]);
    let lines = harness.lines();
    assert!(line(&lines, "data CSV").contains("rows"), "{lines:#?}");
    let columns: Vec<&str> = vec!["alpha", "beta_long_name", "gamma_long_name", "delta_long_name", "epsilon"];
    let mut harness = with(rows(&columns, 100), "", (60, 16));
    harness.press(&["Enter"]);
    assert!(line(&harness.lines(), "data CSV").ends_with("5 columns, 100 rows"));
    assert!(!harness.text().contains("epsilon0"));
    harness.press(&["l", "l", "G"]);
    assert!(harness.text().contains("epsilon99") && harness.text().contains("alpha99"), "{}", harness.text());
    assert!(line(&harness.lines(), "? help").ends_with("100/100"));
    harness.press(&["h", "h", "h", "g"]);
    assert!(harness.text().contains("beta_long_name0"));
    harness.press(&["y", "r"]);
    assert!(harness.text().contains("Copied row"), "{}", harness.text());
    harness.press(&["Esc", "Esc"]);
    assert!(line(&harness.lines(), "result.txt").contains("1.2 kB"));
}

#[test]
fn a_number_goes_to_that_row_of_a_csv_and_from_the_list_to_that_record() {
    let mut harness = with(rows(&["alpha"], 100), "", (60, 16));
    harness.press(&["Enter", ":", "7", "2", "Enter"]);
    assert!(line(&harness.lines(), "? help").ends_with("72/100"), "{}", harness.text());
    assert!(line(&harness.lines(), "alpha71").starts_with('▌'), "{}", harness.text());
    for wrong in ["0", "101"] {
        harness.press(&[":"]).type_text(wrong).press(&["Enter"]);
        assert!(harness.text().contains(&format!("No row {wrong} in this file.")), "{}", harness.text());
    }
    harness.press(&["Esc", ":", "8", "Enter"]);
    assert!(harness.lines()[0].contains("#8"), "{}", harness.text());
}

#[test]
fn a_text_is_searched_and_wrapped() {
    let text: String =
        (0..200).map(|n| format!("line {n} of a text that is longer than the window is wide\n")).collect();
    let mut harness = with(rows(&[], 0), &text, (50, 16));
    harness.press(&["j", "Enter"]);
    assert!(line(&harness.lines(), "result file").ends_with("the first 200 lines; x exports all"));
    harness.press(&["w", "/"]).type_text("line 150").press(&["Enter"]);
    assert!(line(&harness.lines(), "line 150").starts_with('▌'));
    harness.press(&["n"]);
    assert!(harness.text().contains("\"line 150\" is not found"), "{}", harness.text());
    harness.press(&["Esc", "Esc", "Esc"]);
    assert!(line(&harness.lines(), "result.txt").starts_with('▌'));
}

#[test]
fn what_is_missing_says_why_and_an_empty_file_says_so() {
    let mut harness = with(rows(&[], 0), "", (80, 24));
    harness.press(&["G", "Enter"]);
    assert!(harness.text().contains("record 7 has no optimizer plots."), "{}", harness.text());
    for keys in [["g", "Enter", "j", "Esc"], ["j", "Enter", "j", "Esc"]] {
        harness.press(&keys[..3]);
        assert!(harness.text().contains("The file is empty."), "{}", harness.text());
        harness.press(&keys[3..]);
    }
}

#[test]
fn the_neighbour_shows_the_same_file() {
    let mut harness = with(rows(&["alpha"], 3), "", (80, 24));
    harness.press(&["Enter", "J"]);
    assert!(harness.text().contains("#8") && harness.text().contains("made_8.csv"), "{}", harness.text());
    assert!(harness.text().contains("alpha2"));
}

#[test]
fn the_log_opens_in_its_own_tab() {
    let mut harness = open(7, TabId::Files, (80, 24));
    harness.press(&["j", "j", "j", "j", "Enter"]);
    assert!(harness.text().contains("Executing prep steps"), "{}", harness.text());
}

#[test]
fn a_view_that_fails_says_so() {
    let mut harness = with(rows(&[], 0), "", (80, 24));
    harness.press(&["j", "j", "Enter"]);
    assert!(
        harness.text().contains("StepsCsv") && harness.text().contains("is not here"),
        "{}",
        harness.text()
    );
    harness.press(&["Esc"]);
    assert!(line(&harness.lines(), "steps.csv").starts_with('▌'));
}

const KEYS: [&str; 19] = [
    "j", "k", "PgDn", "PgUp", "Ctrl-d", "Ctrl-u", "g", "G", "h", "l", "w", "n", "N", "R", "/", "Enter",
    "Enter", "J", "Esc",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_size_contents_and_keys(
        size in (1u16..160, 1u16..50),
        keys in prop::collection::vec(prop::sample::select(&KEYS[..]), 0..25),
        columns in prop::collection::vec(".{0,20}", 0..9),
        ragged in prop::collection::vec(prop::collection::vec(".{0,50}", 0..9), 0..30),
        text in "[ -~é温\n]{0,400}",
    ) {
        let mut harness = with(FileView::Rows { columns, rows: ragged, more: true }, &text, size);
        harness.press(&keys);
        harness.resize(size.1 * 3, size.0 / 3 + 1).press(&keys);
    }
}
