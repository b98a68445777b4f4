//! Words that are searched in steps, open and closed, and long values, on a record made for it.

use tempfile::TempDir;

use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    model::query::ListQuery,
    services::request::{Answer, Ask},
    tui::{
        screens::record::RecordScreen,
        tab::TabId,
        testing::{Harness, copied_set, lab_of},
        worker::Answerer,
    },
};

/// The made record.
const RUN: i64 = 900;

/// A copy of the tests' data with one record more: so many iterations of three steps each, whose outputs `output` tells.
fn made(iterations: i64, output: impl Fn(i64, i64) -> String) -> TempDir {
    let (folder, file) = copied_set();
    let mut db = rusqlite::Connection::open(&file).unwrap();
    let all = db.transaction().unwrap();
    let (start, end) = ("2026-11-24 02:00:00.000000", "2026-11-24 02:00:01.000000");
    let run = "INSERT INTO workflow_runs (id, name, platform, start_time, end_time, status) VALUES (?, 'searched', 'deck', ?, ?, 'completed')";
    all.execute(run, (RUN, start, end)).unwrap();
    for n in 1..=iterations {
        let phase = "INSERT INTO workflow_phases (id, run_id, name, repeat_index, parameters, status, error, start_time, end_time) VALUES (?, ?, 'main', ?, ?, 'done', ?, ?, ?)";
        let error = (n == 31).then_some(r#"{"message": "Lid of the Größter vial is open"}"#);
        let parameters = format!(r#"{{"solvent": "{}"}}"#, if n == 12 { "2-butanone" } else { "water" });
        all.execute(phase, (9000 + n, RUN, n, parameters, error, start, end)).unwrap();
        for index in 1..=3 {
            let step = "INSERT INTO workflow_steps (id, phase_id, step_index, method_name, start_time, end_time, run_error, output) VALUES (?, ?, ?, ?, ?, ?, 0, ?)";
            let method = ["pump.dose", "heater.ramp", "camera.look"][index - 1];
            let id = 100_000 + n * 10 + index as i64;
            all.execute(step, (id, 9000 + n, index as i64, method, start, end, output(n, index as i64)))
                .unwrap();
        }
    }
    all.commit().unwrap();
    folder
}

fn screen(answerer: impl Answerer + Send + 'static, size: (u16, u16)) -> Harness {
    let screen = RecordScreen::new(RUN, TabId::Steps, ListQuery::default());
    Harness::new(Box::new(screen), answerer, size.0, size.1)
}

fn open(folder: &TempDir) -> Harness {
    screen(lab_of(&folder.path().join("ivoryos.db")), (80, 24))
}

/// The words stand in steps of iterations 47 and 58: deep in an output, and in a long text.
fn usual(n: i64, index: i64) -> String {
    let filler = "lorem ipsum ".repeat(300);
    match (n, index) {
        (47, 2) => r#"{"curve": {"points": [{"label": "Overshoot at 81 s"}]}}"#.to_owned(),
        (58, 3) => format!(r#"{{"remark": "{filler}then an overshoot again {filler}"}}"#),
        _ => format!(r#"{{"level": {n}.5, "step": {index}}}"#),
    }
}

fn bar(harness: &Harness) -> String {
    harness.lines().into_iter().find(|line| line.starts_with('▌')).unwrap_or_default()
}

/// The last line, where messages stand.
fn said(harness: &Harness) -> String {
    harness.lines().last().cloned().unwrap_or_default()
}

#[test]
fn words_in_closed_phases_are_found_and_opened() {
    let folder = made(60, usual);
    let mut harness = open(&folder);
    assert!(!harness.text().contains("main 47"));
    harness.press(&["/"]).type_text("overshoot").press(&["Enter"]);
    assert!(bar(&harness).contains("label = 'Overshoot at 81 s'"), "{}", harness.text());
    assert!(
        harness.text().contains("▾ main 47") && harness.text().contains("heater.ramp"),
        "{}",
        harness.text()
    );
    // The same once more, in the output that holds it.
    harness.press(&["n"]);
    assert!(bar(&harness).contains("▸ output = {'curve'"), "{}", harness.text());
    harness.press(&["n"]);
    assert!(bar(&harness).contains("overshoot again"), "{}", harness.text());
    harness.press(&["n"]);
    assert!(bar(&harness).contains("Overshoot at 81 s"), "{}", harness.text());
    assert_eq!(said(&harness), " \"overshoot\": from the top again");
    harness.press(&["N"]);
    assert!(bar(&harness).contains("overshoot again"), "{}", harness.text());
    assert_eq!(said(&harness), " \"overshoot\": from the end again");
}

/// What is found is marked, in each row of a wrapped text.
#[test]
fn the_words_are_marked_where_they_are_drawn() {
    let folder = made(60, usual);
    let mut harness = open(&folder);
    harness.press(&["/"]).type_text("then an overshoot again").press(&["Enter"]);
    let marked: String = {
        let buf = harness.buffer();
        let hit = crate::style::Theme { ascii: false, color: false }.style(crate::style::Role::Hit);
        let is_hit = |cell: &&ratatui::buffer::Cell| cell.modifier == hit.add_modifier;
        buf.content.iter().filter(is_hit).map(|cell| cell.symbol()).collect()
    };
    assert!(marked.contains("then an overshoot again"), "{marked}");
}

#[test]
fn errors_inputs_and_methods_are_found() {
    let folder = made(60, usual);
    let mut harness = open(&folder);
    harness.press(&["/"]).type_text("größter").press(&["Enter"]);
    assert!(bar(&harness).contains("Größter vial"), "{}", harness.text());
    harness.press(&["g", "/"]).type_text("2-but").press(&["Enter"]);
    assert!(bar(&harness).contains("solvent = '2-butanone'"), "{}", harness.text());
    harness.press(&["/"]).type_text("camera").press(&["Enter"]);
    assert!(bar(&harness).contains("3 camera.look"), "{}", harness.text());
    harness.press(&["n"]);
    assert!(harness.text().contains("main 13"), "{}", harness.text());
}

/// Each word that is typed on begins anew; what the words before it opened is closed, and Esc goes back.
#[test]
fn what_typing_opened_is_closed_again() {
    let folder = made(60, usual);
    let mut harness = open(&folder);
    let before = harness.text();
    harness.press(&["/"]).type_text("overshoot");
    assert!(harness.text().contains("main 47"), "{}", harness.text());
    harness.press(&["Esc"]);
    assert_eq!(harness.text(), before);
    harness.press(&["/"]).type_text("overshoot ag").press(&["Enter", "g", "}"]);
    let opened = harness.lines().iter().filter(|line| line.contains("▾ main")).count();
    assert_eq!(opened, 2, "{}", harness.text());
}

#[test]
fn words_that_are_nowhere_are_told_however_quickly_they_are_typed() {
    let folder = made(60, usual);
    let mut harness = open(&folder);
    harness.press_at_once(&["/", "z", "z", "z", "Enter"]);
    harness.settle();
    assert_eq!(said(&harness), " \"zzz\" is not found in these steps");
    let mut harness = open(&folder);
    harness.press(&["/"]).type_text("zzz").press(&["Enter"]);
    assert_eq!(said(&harness), " \"zzz\" is not found in these steps");
    harness.press(&["n"]);
    assert_eq!(said(&harness), " \"zzz\" is not found in these steps");
}

/// Keys behind the search wait until it is through: Enter opens what was found.
#[test]
fn keys_typed_behind_a_search_wait_for_it() {
    let folder = made(60, usual);
    let mut harness = open(&folder);
    harness.press_at_once(&["/"]);
    for c in "81 s".chars() {
        harness.app.handle(crate::tui::event::Event::Key(crate::tui::key::Key::char(c)));
    }
    harness.press_at_once(&["Enter", "k", "k"]);
    harness.settle();
    assert!(bar(&harness).contains("points = 1 element"), "{}", harness.text());
}

#[test]
fn a_search_that_fails_says_why() {
    let folder = made(3, usual);
    let file = folder.path().join("ivoryos.db");
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| -> Result<Answer> {
        match ask {
            Ask::FindStep { .. } => Err(Error::Refused("the disk is gone".into())),
            _ => lab_of(&file).answer(ask, cx),
        }
    };
    let mut harness = screen(answerer, (80, 24));
    harness.press(&["/"]).type_text("ramp").press(&["Enter", "n"]);
    assert!(said(&harness).contains("the disk is gone"), "{}", harness.text());
}

/// A text of megabytes is opened in rows, at any width, and nothing of what is shown is lost when the window changes.
#[test]
fn a_text_of_megabytes_opens_in_rows() {
    let numbered: Vec<String> = (0..300_000).map(|n| format!("{n:06}")).collect();
    let text = numbered.join("/");
    let folder = made(1, |_, _| format!("{{\"trace\": \"{text}\"}}"));
    for width in [40, 80, 160] {
        let mut harness = screen(lab_of(&folder.path().join("ivoryos.db")), (width, 40));
        harness.press(&["/"]).type_text("trace").press(&["Enter", "l", "j", "j", "j", "j", "j", "l"]);
        harness.resize(width + 7, 40).resize(width, 40);
        let lines = harness.lines();
        let head = lines.iter().position(|line| line.contains("trace = 2,099,999 characters"));
        let head = head.unwrap_or_else(|| panic!("{}", harness.text()));
        let rows = lines[head + 1..lines.len() - 1].iter();
        let shown: String = rows.map(|line| line.trim_matches([' ', '▌'])).collect();
        assert!(shown.len() > 400 && text.starts_with(&shown), "{width}: {}", harness.text());
    }
}

/// An error of several lines says beside its step that there are more, and is copied whole.
#[test]
fn an_error_of_several_lines_is_not_cut_silently() {
    let folder = made(1, usual);
    let file = folder.path().join("ivoryos.db");
    let db = rusqlite::Connection::open(&file).unwrap();
    let event =
        r#"[{"time": "2026-11-24T02:00:01", "kind": "error", "detail": "lid open\nclose it\nthen resume"}]"#;
    db.execute("UPDATE workflow_runs SET events = ? WHERE id = ?", (event, RUN)).unwrap();
    db.execute("UPDATE workflow_steps SET run_error = 1 WHERE id = 100012", ()).unwrap();
    drop(db);
    let mut harness = open(&folder);
    assert!(harness.text().contains("lid open ..."), "{}", harness.text());
    harness.press(&["/"]).type_text("then resume").press(&["Enter"]);
    assert!(bar(&harness).contains("then resume"), "{}", harness.text());
    harness.press(&["h", "h", "y", "e"]);
    assert!(said(&harness).contains("Copied error"), "{}", harness.text());
    let sent = harness.orders.iter().rev().find_map(|order| match order {
        crate::tui::app::TerminalOrder::Send(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    });
    // `then resume` at the end, as the terminal is given it.
    assert!(sent.unwrap().contains("dGhlbiByZXN1bW"), "the whole text is copied");
}
