//! Slow steps on the screens: overview, Steps, Map and why it failed.

use tempfile::TempDir;

use super::screen;
use crate::{
    demo::{Plan, make},
    tui::{
        tab::TabId,
        testing::{Harness, copied_at, lab_of},
    },
};

/// A record of twelve iterations in which every step took 12 s, but for one that took 48 s; the last step failed.
fn made() -> (TempDir, i64) {
    let folder = tempfile::tempdir().unwrap();
    make(&Plan::sized(1, 12..=12, 3, 5, copied_at()), folder.path()).unwrap();
    let db = rusqlite::Connection::open(folder.path().join("ivoryos.db")).unwrap();
    let times = |seconds: u32, which: &str| {
        let end = format!("strftime('%Y-%m-%d %H:%M:%f', start_time, '+{seconds} seconds')");
        let sql = format!("UPDATE workflow_steps SET run_error = 0, end_time = {end} WHERE {which}");
        assert!(db.execute(&sql, []).unwrap() > 0);
    };
    times(12, "1");
    let of = |iteration: u32| {
        format!("(SELECT id FROM workflow_phases WHERE name = 'main' AND repeat_index = {iteration})")
    };
    times(48, &format!("id = (SELECT min(id) + 1 FROM workflow_steps WHERE phase_id = {})", of(7)));
    let last = format!("id = (SELECT max(id) FROM workflow_steps WHERE phase_id = {})", of(9));
    db.execute(&format!("UPDATE workflow_steps SET run_error = 1 WHERE {last}"), []).unwrap();
    let run = db.query_row("SELECT id FROM workflow_runs", [], |row| row.get(0)).unwrap();
    (folder, run)
}

fn shown(place: &(TempDir, i64), tab: TabId, size: (u16, u16)) -> Harness {
    screen(place.1, tab, lab_of(&place.0.path().join("ivoryos.db")), size)
}

#[test]
fn slow_steps_are_told_on_each_screen() {
    let place = made();
    let overview = shown(&place, TabId::Overview, (100, 30)).text();
    assert!(overview.contains("1 slow step: main 7 · "), "{overview}");
    assert!(overview.contains(" 48 s, usually 12 s; 4 shows where"), "{overview}");
    let mut steps = shown(&place, TabId::Steps, (110, 80));
    let line = |harness: &Harness| {
        harness.lines().into_iter().find(|line| line.contains("48 s, usually 12 s")).unwrap_or_default()
    };
    assert!(line(&steps).contains('◆'), "{}", steps.text());
    // Told by the phase where it is closed, and again when another tab's request came between.
    let phase = steps.lines().iter().position(|line| line.contains(" main 7 ")).unwrap();
    let top = steps.lines().iter().position(|line| line.starts_with('▌')).unwrap();
    steps.press(&vec!["j"; phase - top]).press(&["h"]);
    assert!(steps.text().contains("1 of "), "{}", steps.text());
    assert!(steps.text().contains(" slow"), "{}", steps.text());
    steps.press(&["1", "2", "l"]);
    assert!(line(&steps).contains('◆'), "{}", steps.text());
    let mut map = shown(&place, TabId::Map, (80, 24));
    assert!(map.lines().iter().any(|line| line.contains("▪▪▪▪▪▪◆▪")), "{}", map.text());
    map.press(&[":", "7", "Enter", "g", "}", "}", "}", "}", "}", "}"]);
    map.press(&["k", "k", "k", "k", "j"]);
    assert!(map.text().contains("slow  48 s, usually 12 s"), "{}", map.text());
    let mut why = shown(&place, TabId::Overview, (100, 30));
    why.press(&["e"]);
    assert!(why.text().contains("slow       main 7 - "), "{}", why.text());
}

/// Without colours and without Unicode the words are the same.
#[test]
fn a_small_window_tells_it_too() {
    let place = made();
    let overview = shown(&place, TabId::Overview, (40, 10)).text();
    assert!(overview.contains("1 slow step: main 7"), "{overview}");
}
