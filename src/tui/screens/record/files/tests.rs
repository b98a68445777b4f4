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

/// A name out of the data that turns what follows it round, and a log that can't be looked at.
#[test]
fn odd_names_are_cleaned_and_what_cant_be_read_says_why() {
    let answerer = fake(|ask| {
        let file = |kind, name: &str, state| FileEntry { kind, name: name.into(), state };
        let why = "/lab/logs/a\u{202e}.log: this is a pipe, not a file; put the file itself there".to_owned();
        let reason = "this is a pipe, not a file; put the file itself there".to_owned();
        Some(match ask {
            Ask::Files { .. } => Answer::Files(vec![
                file(ExportKind::DataCsv, "a\u{202e}vsc.\u{200b}x", FileState::Made),
                file(ExportKind::Log, "a\u{202e}.log", FileState::Unusable { why, reason }),
            ]),
            _ => return None,
        })
    });
    let screen = RecordScreen::new(7, TabId::Files, ListQuery::default());
    let mut harness = Harness::new(Box::new(screen), answerer, 110, 20);
    let lines = harness.lines();
    assert!(line(&lines, "data CSV").contains("a�vsc.�x"), "{lines:#?}");
    assert!(line(&lines, " log ").contains("this is a pipe, not a file"), "{lines:#?}");
    harness.press(&["x"]);
    let lines = harness.lines();
    assert!(lines.iter().any(|line| line.contains("Export #7")), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.contains("l  log") && line.contains("this is a pipe")),
        "{lines:#?}"
    );
    assert!(!harness.text().contains(['\u{202e}', '\u{200b}']));
    harness.press(&["l"]);
    assert!(harness.text().contains("/lab/logs/a�.log: this is a pipe"), "{}", harness.text());
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
    assert!(harness.text().contains("\"line 150\": this is the only place"), "{}", harness.text());
    harness.press(&["Esc", "Esc", "Esc"]);
    assert!(line(&harness.lines(), "result.txt").starts_with('▌'));
}

/// A text is searched round its end, and what is nowhere is told, however quickly it is typed.
#[test]
fn a_search_in_a_text_goes_round() {
    let text: String = (0..90).map(|n| if n % 40 == 3 { "Probe 5 µL\n" } else { "washed\n" }).collect();
    let mut harness = with(rows(&[], 0), &text, (60, 16));
    harness.press(&["j", "Enter", "G", "/"]).type_text("probe 5 μl").press(&["Enter", "n"]);
    assert!(harness.text().contains("\"probe 5 μl\": from the top again"), "{}", harness.text());
    harness.press(&["N"]);
    assert!(harness.text().contains("from the end again"), "{}", harness.text());
    harness.press_at_once(&["/", "z", "z", "Enter"]);
    harness.settle();
    let said = "\"zz\" is not found in the part of the file that is shown; x exports all";
    let shown: String = harness.lines().iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    assert!(shown.contains(said), "{}", harness.text());
}

/// In a CSV the names of columns come first, then the cells.
#[test]
fn a_csv_is_searched_by_names_then_by_cells() {
    let names: Vec<String> = (0..5000).map(|n| format!("signal_{n}_mV")).collect();
    let mut columns: Vec<&str> = names.iter().map(String::as_str).collect();
    columns[4321] = "Turbidity";
    let mut harness = with(rows(&columns, 3), "", (60, 16));
    harness.press(&["Enter", "/"]).type_text("turb");
    assert!(
        harness.text().contains("Turbidity") && harness.text().contains("Turbidity1"),
        "{}",
        harness.text()
    );
    harness.press(&["Esc"]);
    assert!(
        harness.text().contains("signal_1_mV") && !harness.text().contains("Turbidity"),
        "{}",
        harness.text()
    );
    harness.press(&["/"]).type_text("turb").press(&["Enter", "n", "n"]);
    assert!(line(&harness.lines(), "Turbidity1").starts_with('▌'), "{}", harness.text());
    harness.press(&["n", "n"]);
    assert!(harness.text().contains("\"turb\": from the top again"), "{}", harness.text());
    harness.press(&["/"]).type_text("none such").press(&["Enter"]);
    assert!(harness.text().contains("\"none such\" is not found in this file"), "{}", harness.text());
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
