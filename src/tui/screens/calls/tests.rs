//! The calls by hand as a person meets them: over a real lab's database that has nothing else, and made ones.

use std::path::PathBuf;

use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::Calls;
use crate::{
    model::query::ListQuery,
    services::calls::CallFormat,
    tui::{
        app::TerminalOrder,
        event::Event,
        screen::Screen,
        screens::{record::RecordScreen, records::Records},
        start,
        tab::TabId,
        testing::{Harness, copied_set, lab_of, reference_lab},
    },
};

fn records() -> Box<dyn Screen> {
    Box::new(Records::new(ListQuery::default(), start::record))
}

/// A real lab's database without a record, opened at its calls.
fn field(width: u16, height: u16) -> Harness {
    let mut harness = Harness::new(records(), reference_lab("field/calls"), width, height);
    harness.press(&["H"]);
    harness
}

/// A copy of the newest set, whose calls by hand may be changed.
struct Made {
    _folder: TempDir,
    file: PathBuf,
}

impl Made {
    fn new() -> Self {
        let (folder, file) = copied_set();
        Self { _folder: folder, file }
    }

    fn add(&self, id: i64, method: &str, (kwargs, output): (&str, Option<&str>), error: Option<&str>) {
        let server = Connection::open(&self.file).unwrap();
        let sql = "INSERT INTO single_steps VALUES (?, ?, ?, '2026-11-24 03:03:40', '2026-11-24 03:03:41.500000', ?, ?)";
        server.execute(sql, params![id, method, kwargs, error, output]).unwrap();
    }

    fn at_calls(&self, width: u16, height: u16) -> Harness {
        Harness::new(Box::new(Calls::all()), lab_of(&self.file).without_rest(), width, height)
    }
}

#[test]
fn a_lab_without_records_leads_to_its_calls() {
    let harness = Harness::new(records(), reference_lab("field/calls"), 80, 24);
    assert!(harness.text().contains("No records. 342 calls by hand: H shows them."), "{}", harness.text());
    for (width, height) in [(80, 24), (160, 50), (40, 10)] {
        let mut harness = field(width, height);
        insta::assert_snapshot!(format!("calls-{width}x{height}"), harness.text());
        harness.press(&["Enter"]);
        insta::assert_snapshot!(format!("call-{width}x{height}"), harness.text());
        harness.press(&["Esc", "Esc"]);
        assert!(harness.text().contains("No records."), "{}", harness.text());
    }
}

#[test]
fn the_list_scrolls_to_both_ends() {
    let mut harness = field(80, 24);
    harness.press(&["G"]);
    assert!(harness.lines().iter().any(|line| line.starts_with('▌')), "{}", harness.text());
    assert!(harness.text().contains("342/342"), "{}", harness.text());
    harness.press(&["PgUp", "PgUp", "k"]);
    assert!(harness.text().contains("/342"), "{}", harness.text());
    harness.press(&["g"]);
    assert!(harness.lines()[2].starts_with("▌342"), "{}", harness.text());
    harness.press(&[":"]).type_text("100").press(&["Enter"]);
    assert!(harness.text().contains("243/342"), "{}", harness.text());
}

#[test]
fn words_narrow_the_list_and_esc_brings_it_back() {
    let mut harness = field(120, 24);
    harness.press(&["j", "j", "/"]).type_text("flow = 10");
    assert!(harness.lines()[0].contains(" of 342 calls by hand with \"flow = 10\""), "{}", harness.text());
    assert!(
        harness.lines()[2].starts_with("▌310") && harness.lines()[6].ends_with("flow = 10"),
        "{}",
        harness.text()
    );
    harness.press(&["Esc"]);
    assert!(
        harness.lines()[0].contains("342 calls by hand") && harness.text().contains("3/342"),
        "{}",
        harness.text()
    );
    harness.press(&["/"]).type_text("nothing has this").press(&["Enter"]);
    assert!(
        harness.text().contains("No call by hand has \"nothing has this\" in its method"),
        "{}",
        harness.text()
    );
    harness.press(&["Esc"]);
    assert!(harness.text().contains("1/342"), "{}", harness.text());
    harness.press(&["/"]).type_text("PARAMETERS").press(&["Enter", "Enter"]);
    assert!(harness.text().contains("No call by hand has"), "capitals are exact: {}", harness.text());
}

#[test]
fn a_call_is_opened_whole_and_copied() {
    let made = Made::new();
    let long = "viscous ".repeat(40);
    let output = format!(r#"{{"trace": [1, 2, 3], "note": "{long}"}}"#);
    made.add(
        900,
        "deck.камера.снимок",
        (r#"{"exposure": {"ms": 2.5}, "name": "α"}"#, Some(&output)),
        Some("lens cap on\nsecond line"),
    );
    let mut harness = made.at_calls(80, 40);
    assert!(harness.lines()[2].contains("lens cap"), "{}", harness.text());
    harness.press(&["Enter"]);
    let text = harness.text();
    for part in [
        "#900",
        "deck.камера.снимок",
        "2026-11-24 03:03:40",
        "1.5 s",
        "lens cap on",
        "second line",
        "ms",
        "'α'",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    harness.press(&["G", "Enter"]);
    let flat = harness.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.matches("viscous").count() >= 40, "{}", harness.text());
    harness.press(&["y"]);
    assert!(harness.text().contains("whole call as JSON"), "{}", harness.text());
    harness.press(&["e"]);
    assert!(matches!(harness.orders.last(), Some(TerminalOrder::Send(_))), "{:?}", harness.orders.last());
}

#[test]
fn new_calls_appear_when_they_are_followed_or_read_again() {
    let made = Made::new();
    let mut harness = made.at_calls(80, 24);
    assert!(harness.lines()[0].contains("8 calls by hand"), "{}", harness.text());
    harness.press(&["j"]);
    made.add(50, "deck.laser.on", ("{}", None), None);
    harness.press(&["R"]);
    assert!(
        harness.lines()[0].contains("9 calls by hand") && harness.text().contains("3/9"),
        "{}",
        harness.text()
    );
    harness.press(&["F"]);
    made.add(51, "deck.laser.off", ("{}", None), None);
    harness.handle(Event::Tick);
    let text = harness.text();
    assert!(text.contains("10 calls by hand") && text.contains("deck.laser.off"), "{text}");
    assert!(harness.lines()[5].starts_with("▌ 7"), "{text}");
    assert!(text.contains("following"), "{text}");
}

#[test]
fn what_is_shown_is_exported() {
    let out = tempfile::tempdir().unwrap();
    let mut harness = field(100, 24);
    harness.press(&["/"]).type_text("get_message_stats").press(&["Enter", "x"]);
    assert!(harness.text().contains("calls by hand"), "{}", harness.text());
    for (letter, form) in [("c", CallFormat::Csv), ("l", CallFormat::JsonLines)] {
        if !harness.text().contains("Export") {
            harness.press(&["x"]);
        }
        harness.press(&["f", "Ctrl-u"]).type_text(out.path().to_str().unwrap()).press(&["Enter", letter]);
        let written = std::fs::read_to_string(out.path().join(form.file_name()))
            .unwrap_or_else(|error| panic!("{error}: {}", harness.text()));
        let rows = written.lines().filter(|line| line.contains("get_message_stats")).count();
        let head = usize::from(form == CallFormat::Csv);
        assert!(rows > 1 && written.lines().count() == rows + head, "{written}");
    }
}

#[test]
fn a_record_tells_of_the_calls_around_it_and_leads_to_them() {
    let made = Made::new();
    let server = Connection::open(&made.file).unwrap();
    // The calls were made at 03:03:29.
    server
        .execute_batch(
            "UPDATE workflow_runs SET end_time = '2026-11-24 03:03:29.800000' WHERE id = 24;
             UPDATE workflow_runs SET start_time = '2026-11-24 03:03:29.870000', end_time = '2026-11-24 03:03:29.920000' WHERE id = 25",
        )
        .unwrap();
    let screen = RecordScreen::new(25, TabId::Overview, ListQuery::default());
    let mut harness = Harness::new(Box::new(screen), lab_of(&made.file), 80, 24);
    let told = "3 calls by hand before the start, 2 while it ran; H shows them";
    assert!(harness.text().contains(told), "{}", harness.text());
    harness.press(&["H"]);
    assert!(harness.lines()[0].contains("5 of 8 calls by hand around #25"), "{}", harness.text());
    assert!(harness.text().contains("deck.sampler.nothing") && harness.text().contains("deck.reactor.fail"));
    harness.press(&["G", "H"]);
    assert!(
        harness.lines()[0].contains("8 calls by hand") && harness.text().contains("6/8"),
        "{}",
        harness.text()
    );
    harness.press(&["Esc"]);
    assert!(harness.text().contains(told), "{}", harness.text());
    harness.press(&["Enter"]);
    assert!(harness.lines()[0].contains("5 of 8 calls by hand around #25"), "{}", harness.text());
    harness.press(&["Esc"]);
    server.execute_batch("DELETE FROM single_steps WHERE id BETWEEN 3 AND 7").unwrap();
    harness.press(&["R"]);
    assert!(!harness.text().contains("by hand"), "{}", harness.text());
    harness.press(&["2", "H"]);
    assert!(
        harness.text().contains("No calls by hand between the record before #25 and its end"),
        "{}",
        harness.text()
    );
    assert!(harness.text().contains("3 calls by hand"), "{}", harness.text());
}

#[test]
fn keys_typed_ahead_reach_the_call_that_they_mean() {
    let mut harness = Harness::new(records(), reference_lab("field/calls"), 80, 24);
    harness.press_at_once(&["H", "j", "j", "Enter"]);
    harness.settle();
    assert!(harness.lines()[0].contains("#340"), "{}", harness.text());
}

#[test]
fn a_lab_without_calls_says_so() {
    let mut harness = Harness::new(records(), reference_lab("ivoryos-1.2.5"), 80, 24);
    harness.press(&["H"]);
    assert!(harness.text().contains("No calls by hand."), "{}", harness.text());
    harness.press(&["x", "y", "Enter", "G", "/", "Esc", "Esc"]);
    assert!(!harness.text().contains("No calls by hand."), "{}", harness.text());
}
