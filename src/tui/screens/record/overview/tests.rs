//! Long texts of events and errors: wrapped, folded with a mark, whole on Enter, and copied.

use tempfile::TempDir;

use crate::{
    model::query::ListQuery,
    tui::{
        app::TerminalOrder,
        screens::record::RecordScreen,
        tab::TabId,
        testing::{Harness, lab_of, reference_file},
    },
};

/// A record whose events are these: kind and text.
fn with(events: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ivoryos.db");
    std::fs::copy(reference_file("ivoryos-1.7.2"), &file).unwrap();
    let event = |(kind, text): &(&str, &str)| serde_json::json!({"time": "2026-11-24T03:01:00", "kind": kind, "detail": text});
    let stored = serde_json::Value::Array(events.iter().map(event).collect()).to_string();
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute("UPDATE workflow_runs SET events = ? WHERE id = 25", [stored]).unwrap();
    folder
}

fn open(folder: &TempDir, (width, height): (u16, u16)) -> Harness {
    let screen = RecordScreen::new(25, TabId::Overview, ListQuery::default());
    Harness::new(Box::new(screen), lab_of(&folder.path().join("ivoryos.db")), width, height)
}

/// What stands on screen, its white space taken together.
fn flat(harness: &Harness) -> String {
    harness.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

const ASK: &str = "Refill the reservoir with 0.1 M buffer, purge both syringes twice, close the sash, and press \
                   resume only when the pressure has stayed below 2.5 bar for at least three minutes";

#[test]
fn a_text_of_an_event_is_wrapped_at_any_width() {
    let folder = with(&[("intervention", ASK), ("table_edited", "Row 3: volume 1.0 to 1.5\nRow 4: removed")]);
    for width in [60, 80, 160] {
        let harness = open(&folder, (width, 50));
        let text = flat(&harness);
        assert!(
            text.contains(&format!("03:01:00 Intervention needed {ASK} ")),
            "{width}: {}",
            harness.text()
        );
        assert!(text.contains("Row 3: volume 1.0 to 1.5 Row 4: removed"), "{}", harness.text());
        assert!(!text.contains("Enter shows all"), "{}", harness.text());
    }
}

#[test]
fn of_a_very_long_one_the_beginning_is_shown_and_all_with_enter() {
    let edits: Vec<String> =
        (1..=30).map(|n| format!("Row {n}: 'dose' changed from '{n}.0' to '{n}.5'")).collect();
    let edits = edits.join("\n");
    let folder = with(&[("table_edited", &edits), ("resumed", "")]);
    let mut harness = open(&folder, (80, 60));
    assert!(
        flat(&harness)
            .contains("Row 8: 'dose' changed from '8.0' to '8.5' and more lines: Enter shows all, y copies")
    );
    let before = harness.text();
    harness.press(&["Enter"]);
    assert!(flat(&harness).contains("Row 30: 'dose' changed from '30.0' to '30.5'"), "{}", harness.text());
    harness.press(&["Enter"]);
    assert_eq!(harness.text(), before);
    harness.press(&["y"]);
    assert!(harness.text().contains("1  Table edited 03:01:00"), "{}", harness.text());
    harness.press(&["1"]);
    assert!(matches!(harness.orders.last(), Some(TerminalOrder::Send(_))));
}

/// A megabyte as one text costs the rows that are shown.
#[test]
fn a_megabyte_is_folded() {
    let text = "viscous ".repeat(130_000);
    let folder = with(&[("intervention", &text)]);
    let harness = open(&folder, (80, 24));
    assert!(
        flat(&harness).contains("viscous and more lines: Enter shows all, y copies"),
        "{}",
        harness.text()
    );
}
