//! The record screen over the reference data: what stands where, and what the keys do.

mod ahead;
mod moments;
mod slow;

use std::sync::Arc;

use proptest::prelude::*;

use super::RecordScreen;
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    model::{
        outcome::Outcome,
        phase_summary::{PhaseRef, PhaseSummary},
        query::ListQuery,
    },
    services::{
        overview::PhaseList,
        record_head::RecordHead,
        request::{Answer, Ask},
    },
    tui::{
        app::TerminalOrder,
        event::Event,
        tab::TabId,
        testing::{Harness, copied_at, reference_lab},
        worker::Answerer,
    },
};

const SIZES: [(u16, u16); 3] = [(80, 24), (160, 50), (40, 10)];

pub(super) fn screen(
    run: i64,
    tab: TabId,
    answerer: impl Answerer + Send + 'static,
    (w, h): (u16, u16),
) -> Harness {
    Harness::new(Box::new(RecordScreen::new(run, tab, ListQuery::default())), answerer, w, h)
}

pub(super) fn open(run: i64, tab: TabId, size: (u16, u16)) -> Harness {
    screen(run, tab, reference_lab("ivoryos-1.7.2"), size)
}

/// The screen without the footer, which says what the keymap says.
fn body(harness: &Harness) -> String {
    let mut lines = harness.lines();
    lines.pop();
    lines.join("\n").trim_end().to_owned()
}

/// The selected line, as it stands behind its bar.
pub(super) fn selected(harness: &Harness) -> String {
    let bar = |line: &String| line.starts_with('▌');
    let lines = harness.lines();
    lines.iter().find(|line| bar(line)).cloned().unwrap_or_default().replace('▌', " ").trim().to_owned()
}

#[test]
fn each_tab_in_each_size() {
    for (tab, runs) in [(TabId::Overview, [21, 25]), (TabId::Steps, [21, 13]), (TabId::Table, [13, 16])] {
        for run in runs {
            for size in SIZES {
                let name = format!("{}-{run}-{}x{}", tab.facts().title, size.0, size.1);
                insta::assert_snapshot!(name, body(&open(run, tab, size)));
            }
        }
    }
}

#[test]
fn a_record_without_phases_says_so_on_each_tab() {
    for (tab, words) in
        [(TabId::Overview, "No phases"), (TabId::Steps, "No phases"), (TabId::Table, "No iterations")]
    {
        for size in SIZES {
            let mut harness = screen(86, tab, reference_lab("odd"), size);
            let top = harness.text();
            // In a small window below why it failed.
            let shown = top + &harness.press(&["G"]).text();
            assert!(shown.contains(words), "{tab:?} {size:?}\n{shown}");
        }
    }
}

#[test]
fn files_from_before_phases_are_shown() {
    let overview = screen(19, TabId::Overview, reference_lab("ivoryos-1.2.5"), (80, 24));
    insta::assert_snapshot!("Overview-old-80x24", body(&overview));
    let steps = screen(19, TabId::Steps, reference_lab("ivoryos-1.2.5"), (80, 24));
    insta::assert_snapshot!("Steps-old-80x24", body(&steps));
}

#[test]
fn a_record_that_is_not_there_says_what_to_do() {
    for size in SIZES {
        let mut harness = open(9999, TabId::Steps, size);
        assert!(harness.text().contains("There is no record 9999"), "{}", harness.text());
        // Nothing of it can be opened, exported or deleted.
        harness.press(&["x"]);
        assert!(!harness.text().contains("Export"), "{}", harness.text());
    }
}

#[test]
fn before_the_answers_come_places_are_kept() {
    let record = RecordScreen::new(25, TabId::Overview, ListQuery::default());
    let mut harness = Harness::unanswered(Box::new(record), reference_lab("ivoryos-1.7.2"), 80, 24);
    let waiting = harness.lines();
    assert!(waiting[0].contains("#25  …") && waiting[3] == " …", "{waiting:?}");
    harness.settle();
    let there = harness.lines();
    let tabs = |line: &str| line.find("1 Overview").map(|at| line[..at].chars().count());
    assert_eq!(tabs(&waiting[0]), tabs(&there[0]));
}

/// Answers as a file that fails once it is asked for a record's parts.
fn broken(ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
    match ask {
        Ask::Record { .. } => reference_lab("ivoryos-1.7.2").answer(ask, cx),
        _ => {
            Err(Error::File { path: "ivoryos.db".into(), reason: "database disk image is malformed".into() })
        }
    }
}

#[test]
fn a_failure_stands_in_the_tabs_place_with_what_to_do() {
    for tab in [TabId::Overview, TabId::Steps, TabId::Table, TabId::Map] {
        let shown = screen(21, tab, broken, (80, 24)).text();
        assert!(shown.contains("database disk image is malformed; R tries again"), "{shown}");
        assert!(shown.contains("#21  error_then_re"), "{shown}");
    }
}

#[test]
fn neighbours_come_on_the_same_tab() {
    let mut harness = open(21, TabId::Table, (80, 24));
    harness.press(&["J"]);
    assert!(harness.lines()[0].contains("#20") && harness.text().contains(" iter"), "{}", harness.text());
    harness.press(&["K", "K"]);
    assert!(harness.lines()[0].contains("#22"), "{}", harness.text());
    harness.press(&["1", ":", "6", "1", "Enter", "K"]);
    assert!(harness.text().contains("first record of the list"), "{}", harness.text());
    assert!(harness.lines()[0].contains("#61"), "{}", harness.text());
}

#[test]
fn a_step_opens_to_its_output_and_closes_again() {
    let mut harness = open(16, TabId::Steps, (80, 24));
    harness.press(&["j", "l", "l"]);
    insta::assert_snapshot!("Steps-opened", body(&harness));
    let before = harness.text();
    harness.press(&["j", "h"]);
    assert!(selected(&harness).contains("1 dose"), "{}", harness.text());
    assert_eq!(harness.text().replace('▌', " "), before.replace('▌', " "));
    harness.press(&["h", "h"]);
    assert!(selected(&harness).contains("main 1"), "{}", harness.text());
    harness.press(&["h"]);
    assert!(selected(&harness).contains("▸ main 1"), "{}", harness.text());
    assert!(selected(&harness).ends_with("2 steps"), "{}", harness.text());
}

#[test]
fn reading_again_keeps_the_place_and_what_is_open() {
    let mut harness = open(21, TabId::Steps, (80, 24));
    harness.press(&["e", "j", "j"]);
    let before = harness.text();
    harness.press(&["R"]);
    assert_eq!(harness.text(), before);
}

#[test]
fn words_are_found_in_steps_and_esc_goes_back() {
    let mut harness = open(21, TabId::Steps, (80, 24));
    harness.press(&["/"]).type_text("mass_").press(&["Enter"]);
    assert!(selected(&harness).contains("mass_after"), "{}", harness.text());
    harness.press(&["g", "/"]).type_text("flaky").press(&["Enter", "n", "n"]);
    assert!(selected(&harness).contains("try 3 of 3"), "{}", harness.text());
    harness.press(&["/"]).type_text("cleanup").press(&["Esc"]);
    assert!(selected(&harness).contains("try 3 of 3"), "{}", harness.text());
    harness.press(&["/"]).type_text("zzz").press(&["Enter"]);
    assert!(harness.text().contains("\"zzz\" is not found in these steps"), "{}", harness.text());
}

#[test]
fn a_row_of_the_table_leads_to_its_iteration() {
    let mut harness = open(16, TabId::Table, (80, 24));
    harness.press(&["j", "j", "Enter"]);
    assert!(selected(&harness).contains("▾ main 3"), "{}", harness.text());
    harness.press(&[":", "2", "Enter"]);
    assert!(selected(&harness).contains("main 2"), "{}", harness.text());
    harness.press(&["}"]);
    assert!(selected(&harness).contains("main 3"), "{}", harness.text());
}

#[test]
fn the_table_scrolls_sideways_under_frozen_columns_and_tells_cells_in_full() {
    let mut harness = open(58, TabId::Table, (60, 12));
    harness.press(&["l"; 9]);
    let lines = harness.lines();
    assert!(lines[2].starts_with(" row  iter  status"), "{}", harness.text());
    assert!(lines[10].starts_with(" state  {'T': 41.0"), "{}", harness.text());
    harness.press(&["h", "s"]);
    assert!(harness.text().contains("Sorted by"), "{}", harness.text());
    harness.press(&["s", "g"]);
    assert!(harness.lines()[3].starts_with("▌  5"), "{}", harness.text());
}

#[test]
fn copies_follow_the_cursor() {
    let mut harness = open(21, TabId::Steps, (80, 24));
    harness.press(&["e", "y", "e"]);
    assert!(harness.orders.iter().any(|order| matches!(order, TerminalOrder::Send(_))), "{}", harness.text());
    assert!(harness.text().contains("Copied error"), "{}", harness.text());
}

/// Many iterations; answers for few of them count what was asked.
fn many(ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
    let head = |id: i64| PhaseSummary {
        phase_ref: PhaseRef { id, steps: 3, failed: u64::from(id == 40_000), ..PhaseRef::default() },
        name: "main".into(),
        repeat_index: Some(id),
        status: (id == 30_000).then(|| "failed".into()),
        ..PhaseSummary::default()
    };
    match ask {
        Ask::Phases { run } | Ask::PhasesWhole { run } => {
            let known = if matches!(ask, Ask::Phases { .. }) { 128 } else { 50_000 };
            let phases = Arc::new((1..=known).map(head).collect());
            Ok(Answer::Phases(Box::new(PhaseList { run: *run, phases, total: 50_000 })))
        }
        Ask::Steps { phases, .. } => {
            assert!(phases.len() <= 2, "only what is open is asked for");
            Ok(Answer::Steps(Vec::new()))
        }
        _ => reference_lab("ivoryos-1.7.2").answer(ask, cx),
    }
}

#[test]
fn of_very_many_iterations_only_opened_ones_are_read() {
    let mut harness = screen(21, TabId::Steps, many, (80, 24));
    assert!(harness.lines()[3].contains("▾ main 1"), "{}", harness.text());
    harness.press(&["G"]);
    assert!(selected(&harness).contains("main 50000"), "{}", harness.text());
    // Also where it is pressed before anything is known.
    let mut ahead = screen(21, TabId::Overview, many, (80, 24));
    ahead.press_at_once(&["2", "G"]).settle();
    assert!(selected(&ahead).contains("main 50000"), "{}", ahead.text());
    harness.press(&[":", "4", "0", "0", "0", "0", "Enter", "h"]);
    assert_eq!(selected(&harness).chars().next(), Some('✖'), "{}", harness.text());
    assert!(selected(&harness).ends_with("1 of 3 steps failed"), "{}", harness.text());
}

/// A step without an end runs while its record does; of a dead one nobody will finish it.
#[test]
fn steps_without_an_end_run_only_in_a_running_record() {
    let told = |outcome: Outcome| {
        move |ask: &Ask, cx: &mut Cx<'_>| {
            let mut answer = reference_lab("ivoryos-1.7.2").answer(ask, cx)?;
            if let Answer::Record(head) = &mut answer
                && let Some(row) = &mut head.row
            {
                row.outcome = outcome;
            }
            Ok(answer)
        }
    };
    for (outcome, mark, word) in
        [(Outcome::Running, "▶", "running"), (Outcome::Unfinished, "◌", "not finished")]
    {
        let shown = screen(61, TabId::Steps, told(outcome), (80, 24)).text();
        let steps: Vec<_> = shown.lines().skip(2).filter(|line| line.contains(mark)).collect();
        assert!(steps.len() == 1 && steps[0].ends_with(word), "{shown}");
        let mut harness = screen(61, TabId::Table, told(outcome), (80, 24));
        assert!(harness.text().contains(word), "{}", harness.text());
        let before = harness.press(&["j"]).text();
        assert_eq!(harness.press(&["R"]).text(), before);
    }
}

/// A title that fills its column is not cut for the mark of what sorts.
#[test]
fn the_column_that_sorts_keeps_its_title() {
    let mut harness = open(21, TabId::Table, (80, 24));
    for _ in 0..3 {
        harness.press(&["s", "l"]);
        let head = harness.lines()[3].clone();
        assert!(!head.contains('…') && head.matches('▴').count() == 1, "{head}");
    }
}

/// Keys behind J mean the record that it leads to, and nothing at the end of the list.
#[test]
fn keys_behind_a_neighbour_mean_that_record() {
    let mut harness = open(25, TabId::Table, (80, 24));
    harness.press_at_once(&["J", "J", "1"]).settle();
    assert!(harness.lines()[0].contains("#23"), "{}", harness.text());
    harness.press_at_once(&["J", "D"]).settle();
    assert!(harness.text().contains("#22 error_then_resume"), "{}", harness.text());
    let mut harness = open(1, TabId::Overview, (80, 24));
    harness.press_at_once(&["J", "D"]).settle();
    assert!(harness.lines()[23].contains("last record of the list"), "{}", harness.text());
    let mut harness = open(25, TabId::Overview, (80, 24));
    harness.press_at_once(&["e", "e", "x"]).settle();
    assert!(harness.text().contains("Export #24"), "{}", harness.text());
}

/// Gone at the second look, back at the third.
#[test]
fn a_record_that_is_back_is_read_whole() {
    let seen = std::cell::Cell::new(0);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| {
        let answer = reference_lab("ivoryos-1.7.2").answer(ask, cx)?;
        if let Answer::Record(..) = &answer {
            seen.set(seen.get() + 1);
            if seen.get() == 2 {
                return Ok(Answer::Record(Box::new(RecordHead {
                    row: None,
                    progress: None,
                    as_of: copied_at(),
                })));
            }
        }
        Ok(answer)
    };
    let mut harness = screen(21, TabId::Steps, answerer, (80, 24));
    let before = harness.text();
    harness.press(&["R"]);
    assert!(harness.text().contains("Record 21 is gone"), "{}", harness.text());
    harness.press(&["R"]);
    assert_eq!(harness.text(), before);
}

/// A record that goes away between two looks.
#[test]
fn a_record_deleted_meanwhile_says_so() {
    let seen = std::cell::Cell::new(0);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| {
        let answer = reference_lab("ivoryos-1.7.2").answer(ask, cx)?;
        if let Answer::Record(..) = &answer {
            seen.set(seen.get() + 1);
            if seen.get() > 1 {
                return Ok(Answer::Record(Box::new(RecordHead {
                    row: None,
                    progress: None,
                    as_of: copied_at(),
                })));
            }
        }
        Ok(answer)
    };
    let mut harness = screen(21, TabId::Overview, answerer, (80, 24));
    harness.press(&["R"]);
    assert!(harness.text().contains("Record 21 is gone"), "{}", harness.text());
}

/// While it is followed, a change of the file is seen without a key.
#[test]
fn following_reads_again_when_the_file_changes() {
    let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| {
        if matches!(ask, Ask::Changed { .. }) {
            return Ok(Answer::Changed(true));
        }
        if matches!(ask, Ask::Overview { .. } | Ask::OverviewWhole { .. }) {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
        reference_lab("ivoryos-1.7.2").answer(ask, cx)
    };
    let mut harness = screen(61, TabId::Overview, answerer, (80, 24));
    harness.press(&["F"]);
    let before = asked.load(std::sync::atomic::Ordering::SeqCst);
    assert!(harness.app.wants().ticks);
    harness.handle(Event::Tick);
    assert!(asked.load(std::sync::atomic::Ordering::SeqCst) > before);
    harness.press(&["F"]);
    assert!(!harness.app.wants().ticks);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_keys_at_any_size_on_any_record(
        run in prop_oneof![Just(21i64), Just(13), Just(58), Just(61), Just(16)],
        odd: bool,
        odd_run in 1i64..146,
        size in (1u16..120, 1u16..40),
        later in (1u16..120, 1u16..40),
        keys in prop::collection::vec(
            prop::sample::select(vec![
                "j", "k", "l", "h", "g", "G", "Enter", "1", "2", "3", "Tab", "e", "E", "J", "K", "}", "{", "n",
                "N", "R", "F", "s", "+", "-", "_", "PgDn", "PgUp", "Ctrl-d", "Esc", "/", ":",
            ]),
            0..25,
        ),
    ) {
        let set = if odd { "odd" } else { "ivoryos-1.7.2" };
        let run = if odd { odd_run } else { run };
        let mut harness = screen(run, TabId::Overview, reference_lab(set), (size.0.max(40), size.1.max(10)));
        let half = keys.len() / 2;
        harness.press(&keys[..half]);
        harness.resize(later.0, later.1);
        harness.press(&keys[half..]);
        harness.resize(size.0, size.1);
    }
}

/// A word typed behind a `/` that searches nothing here is no row of commands, and never a delete.
#[test]
fn a_word_for_a_search_that_there_is_not_does_nothing() {
    for tab in [TabId::Overview, TabId::Files] {
        let mut harness = open(21, tab, (80, 24));
        harness.press(&["/", "D", "e", "l", "a", "y", "Q"]);
        assert!(!harness.text().contains("Delete?"), "{}", harness.text());
        assert!(harness.text().contains("letters are not taken until Esc or Enter"), "{}", harness.text());
        assert!(harness.orders.is_empty());
        harness.press(&["Enter", "D"]);
        assert!(harness.text().contains("Delete?"), "{}", harness.text());
        harness.press(&["e"]);
        assert!(!harness.text().contains("Delete?"), "{}", harness.text());
        assert!(harness.text().contains("Not deleted"), "{}", harness.text());
    }
}
