//! Long texts of events and errors: wrapped, folded with a mark, whole on Enter, and copied.

use tempfile::TempDir;

use crate::{
    model::query::ListQuery,
    tui::{
        app::TerminalOrder,
        screens::record::RecordScreen,
        tab::TabId,
        testing::{Harness, copied_set, lab_of},
    },
};

/// A record whose events are these: kind and text.
fn with(events: &[(&str, &str)]) -> TempDir {
    let (folder, file) = copied_set();
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
    let lines = harness.lines();
    // In a wide window one column behind the other.
    let parts = |right: bool| {
        lines.iter().filter_map(move |line| match line.split_once('│') {
            Some((left, beside)) => Some(if right { beside } else { left }),
            None => (!right).then_some(line.as_str()),
        })
    };
    let all: Vec<&str> = parts(false).chain(parts(true)).flat_map(str::split_whitespace).collect();
    all.join(" ")
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

/// Record 21, which has failed steps, events and outputs, with so many iterations more.
fn longer(iterations: u32) -> TempDir {
    let (folder, file) = copied_set();
    let mut db = rusqlite::Connection::open(&file).unwrap();
    let writes = db.transaction().unwrap();
    for n in 0..iterations {
        writes
            .execute(
                "INSERT INTO workflow_phases (run_id, name, repeat_index, parameters, outputs, start_time, \
                 end_time, status) SELECT run_id, name, ?, parameters, outputs, start_time, end_time, 'done' \
                 FROM workflow_phases WHERE id = 90",
                [n + 2],
            )
            .unwrap();
    }
    writes.commit().unwrap();
    folder
}

/// However many iterations there are, reason, events, counts and outputs are on the first screen.
#[test]
fn phases_take_no_more_than_the_rest_leaves() {
    for iterations in [1, 17, 39, 399] {
        let folder = longer(iterations);
        for size in [(80, 24), (100, 30), (160, 50)] {
            let screen = RecordScreen::new(21, TabId::Overview, ListQuery::default());
            let lab = lab_of(&folder.path().join("ivoryos.db"));
            let harness = Harness::new(Box::new(screen), lab, size.0, size.1);
            let text = harness.text();
            let count = format!("{} iterations", iterations + 1);
            for wanted in ["sensor 'probe' timed out (try 1)", "try 1 of 3", "Retried step", "mass", &count] {
                assert!(text.contains(wanted), "{iterations} {size:?}: {wanted}\n{text}");
            }
            let all = iterations < 18 && size.1 > 40;
            assert_eq!(text.contains("more phases; 2 shows them all"), iterations > 1 && !all, "{text}");
            assert!(text.contains("main 1 "), "the failed one\n{text}");
        }
        let screen = RecordScreen::new(21, TabId::Overview, ListQuery::default());
        let lab = lab_of(&folder.path().join("ivoryos.db"));
        let harness = Harness::new(Box::new(screen), lab, 40, 10);
        assert!(flat(&harness).contains("sensor 'probe' timed out (try 1)"), "{}", harness.text());
    }
}
