//! The map over the reference data: what stands where, that every cell leads to its own step, and how it is walked.

use std::collections::BTreeSet;

use super::super::tests::{open, screen, selected};
use crate::{
    checkpoint::Cx,
    demo::{Plan, make},
    model::map_cell::MapCell,
    services::map::{self, types::RecordMap},
    style::{Role, Theme, cell_role},
    tui::{
        tab::TabId,
        testing::{Harness, copied_at, lab_of, reference_lab},
    },
};

const SIZES: [(u16, u16); 3] = [(80, 24), (160, 50), (40, 10)];

fn body(harness: &Harness) -> String {
    let mut lines = harness.lines();
    lines.pop();
    lines.join("\n").trim_end().to_owned()
}

#[test]
fn the_map_in_each_size() {
    for run in [21, 13] {
        for size in SIZES {
            let name = format!("Map-{run}-{}x{}", size.0, size.1);
            insta::assert_snapshot!(name, body(&open(run, TabId::Map, size)));
        }
    }
}

fn map_of(set: &str, run: i64) -> std::sync::Arc<RecordMap> {
    map::whole(&reference_lab(set), run, &mut Cx::quiet()).unwrap().value
}

/// The line that names the cursor's cell.
fn named(harness: &Harness) -> String {
    let lines = harness.lines();
    let begins = |line: &&String| {
        let line = line.trim_start();
        ["iteration ", "prep ", "cleanup "].iter().any(|part| line.starts_with(part)) && line.contains("  ")
    };
    lines.iter().rfind(begins).cloned().unwrap_or_default().trim().to_owned()
}

/// Every cell opens its own step, or its phase where the step did not run, and Esc comes back to the same cell.
#[test]
fn every_cell_leads_to_its_step_and_esc_comes_back() {
    for (set, run) in [("ivoryos-1.7.2", 13), ("odd", 143), ("ivoryos-1.7.2", 59)] {
        let map = map_of(set, run);
        let mut harness = screen(run, TabId::Map, reference_lab(set), (100, 40));
        for at in 0..map.iterations.len() {
            harness.press(&["g"]);
            harness.press(&vec!["}"; at]);
            harness.press(&vec!["k"; map.rows.len()]);
            for (n, row) in map.rows.iter().enumerate() {
                let before = named(&harness);
                let (iteration, cell) = (map.iterations[at], map.cell(n, at));
                let word = if cell == MapCell::Unreached { "not reached" } else { cell.word() };
                let index = row.step_index.unwrap();
                let wanted = format!("iteration {iteration}  {index} {}  {word}", row.method);
                assert!(before.starts_with(&wanted), "{wanted}\n{}", harness.text());
                harness.press(&["Enter"]);
                let there = selected(&harness);
                let step = format!("{index} {}", row.method);
                let phase = format!("main {iteration}");
                match cell {
                    MapCell::None => assert!(there.contains(&phase), "{wanted}: {there}"),
                    // Of a record that ended without the end of the step it is the step.
                    MapCell::Unreached => {
                        assert!(there.contains(&phase) || there.contains(&step), "{wanted}: {there}");
                    }
                    MapCell::Failed => assert!(there.contains(&step), "{wanted}: {there}"),
                    _ => assert!(there.contains(&step) && !there.contains('✖'), "{wanted}: {there}"),
                }
                harness.press(&["Esc"]);
                assert_eq!(named(&harness), before, "{}", harness.text());
                harness.press(&["j"]);
            }
        }
    }
}

#[test]
fn prep_and_cleanup_stand_at_the_sides() {
    let mut harness = screen(143, TabId::Map, reference_lab("odd"), (100, 40));
    harness.press(&["G", "l"]);
    assert!(named(&harness).starts_with("cleanup  "), "{}", harness.text());
    harness.press(&["k", "k", "k", "k", "k", "k", "k", "k", "j", "Enter"]);
    assert!(selected(&harness).contains("a,b"), "{}", harness.text());
    harness.press(&["Esc", "h"]);
    assert!(named(&harness).starts_with("iteration 4"), "{}", harness.text());
    let mut harness = open(59, TabId::Map, (80, 24));
    harness.press(&["g", "h"]);
    assert!(named(&harness).starts_with("prep  1 prime"), "{}", harness.text());
    harness.press(&["l"]);
    assert!(named(&harness).starts_with("iteration 1"), "{}", harness.text());
}

/// Failures of steps, and iterations that failed before any step did.
#[test]
fn e_walks_the_failed_cells() {
    let mut harness = screen(143, TabId::Map, reference_lab("odd"), (100, 40));
    let mut seen = vec![named(&harness)];
    for _ in 0..20 {
        harness.press(&["e"]);
        if harness.text().contains("No further failed cell") {
            break;
        }
        seen.push(named(&harness));
    }
    let map = map_of("odd", 143);
    assert_eq!(
        seen.len() as u64,
        map.count(MapCell::Failed) + u64::from(map.failed_alone(&(0..1))),
        "{seen:?}"
    );
    assert!(seen.iter().filter(|cell| cell.contains("failed")).count() >= 5, "{seen:?}");
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
    for cell in seen.iter().rev().skip(1) {
        harness.press(&["E"]);
        assert_eq!(named(&harness), *cell);
    }
    // Its phase says why.
    let mut harness = open(13, TabId::Map, (80, 24));
    assert!(named(&harness).starts_with("iteration 2"), "{}", harness.text());
    harness.press(&["e"]);
    assert!(named(&harness).starts_with("iteration 3"), "{}", harness.text());
    let mut typed_ahead = Harness::unanswered(
        Box::new(super::super::RecordScreen::new(13, TabId::Overview, Default::default())),
        reference_lab("ivoryos-1.7.2"),
        80,
        24,
    );
    typed_ahead.press_at_once(&["4", "e"]);
    typed_ahead.settle();
    assert!(named(&typed_ahead).starts_with("iteration 3"), "{}", typed_ahead.text());
}

#[test]
fn a_number_leads_to_its_iteration() {
    let mut harness = open(13, TabId::Map, (80, 24));
    harness.press(&[":", "4", "Enter"]);
    assert!(named(&harness).starts_with("iteration 4"), "{}", harness.text());
    harness.press(&[":", "9", "Enter"]);
    assert!(harness.text().contains("no iteration 9"), "{}", harness.text());
    assert!(named(&harness).starts_with("iteration 4"), "{}", harness.text());
}

/// Read again, the cursor stays on its cell.
#[test]
fn reading_again_keeps_the_cursor() {
    let mut harness = open(13, TabId::Map, (80, 24));
    harness.press(&["G", "j"]);
    let before = named(&harness);
    assert!(before.starts_with("iteration 4  2 heat"), "{before}");
    harness.press(&["R"]);
    assert_eq!(named(&harness), before);
    harness.resize(40, 10);
    assert!(named(&harness).starts_with("iteration 4  2 heat"), "{}", harness.text());
    harness.resize(160, 50);
    assert_eq!(named(&harness), before);
}

#[test]
fn a_record_without_steps_says_so() {
    for size in SIZES {
        let harness = screen(86, TabId::Map, reference_lab("odd"), size);
        assert!(harness.text().contains("No map: "), "{}", harness.text());
    }
}

/// Colours differ, and so do the signs without them.
#[test]
fn each_state_has_a_colour_and_a_sign_of_its_own() {
    use strum::VariantArray;
    let theme = Theme { ascii: false, color: true };
    let styles: Vec<_> = MapCell::VARIANTS.iter().map(|cell| theme.style(cell_role(*cell))).collect();
    for (n, style) in styles.iter().enumerate() {
        assert!(!styles[..n].contains(style), "{:?}", MapCell::VARIANTS[n]);
    }
    assert_eq!(cell_role(MapCell::Failed), Role::Failed);
}

/// More iterations than columns: they share them, and the cursor stays on its iteration while it is zoomed.
#[test]
fn zooming_keeps_the_cursor_in_sight() {
    let folder = tempfile::tempdir().unwrap();
    make(&Plan::sized(1, 400..=400, 3, 5, copied_at()), folder.path()).unwrap();
    let file = folder.path().join("ivoryos.db");
    let db = rusqlite::Connection::open(&file).unwrap();
    let failed = "UPDATE workflow_steps SET run_error = id = (SELECT min(id) FROM workflow_steps WHERE phase_id = \
                  (SELECT id FROM workflow_phases WHERE name = 'main' AND repeat_index = 137))";
    db.execute(failed, []).unwrap();
    db.execute("UPDATE workflow_steps SET end_time = start_time", []).unwrap();
    let run = db.query_row("SELECT id FROM workflow_runs", [], |row| row.get(0)).unwrap();
    for size in SIZES {
        let mut harness = screen(run, TabId::Map, lab_of(&file), size);
        let signs = |harness: &Harness| {
            let lines = harness.lines();
            let row = lines
                .iter()
                .find(|line| line.contains('✖') && line.contains('▪') && !line.contains("failed"));
            row.map_or(0, |row| row.chars().filter(|c| "✖▪◆".contains(*c)).count())
        };
        assert!(named(&harness).starts_with("iteration 137"), "{}", harness.text());
        let wide = signs(&harness);
        assert!(wide > 10 && wide < usize::from(size.0), "{wide} at {size:?}\n{}", harness.text());
        for key in ["+", "+", "+", "+", "+", "+", "-", "_"] {
            harness.press(&[key]);
            assert!(
                named(&harness).starts_with("iteration 137") && signs(&harness) > 0,
                "{}",
                harness.text()
            );
        }
        assert_eq!(signs(&harness), wide, "fit is all of it again");
        harness.press(&["+", "+", "+", "+", "+", "+", "+"]);
        harness.press(&["l"]);
        assert!(named(&harness).starts_with("iteration 138"), "{}", harness.text());
        harness.press(&["G"]);
        assert!(named(&harness).starts_with("iteration 400"), "{}", harness.text());
        harness.press(&["{", "E"]);
        assert!(named(&harness).starts_with("iteration 137"), "{}", harness.text());
        // Enter leads to the same step from any zoom, and Esc back to it as it was looked at.
        harness.press(&["_", "Enter"]);
        assert!(selected(&harness).contains('✖'), "{}", harness.text());
        harness.press(&["Esc"]);
        assert!(named(&harness).starts_with("iteration 137"), "{}", harness.text());
    }
}
