//! The error view over the reference data and the demo: what stands where, and what the keys do.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ratatui::layout::Size;
use tempfile::TempDir;

use crate::{
    checkpoint::Cx,
    demo::{Plan, make},
    model::query::{ListQuery, Place},
    services::{
        filter::Reading,
        lab::Lab,
        page,
        why::{
            self, report,
            types::{Failure, Why},
        },
    },
    store::Options,
    style::Theme,
    tui::{
        app::{AppOptions, TerminalOrder},
        clipboard::{self, Between},
        screens::records::Records,
        start,
        testing::{Harness, copied_at, lab_with, options, reference_file, reference_lab},
    },
};

fn list(lab: Lab, (width, height): (u16, u16)) -> Harness {
    Harness::new(Box::new(Records::new(ListQuery::default(), start::record)), lab, width, height)
}

/// A lab some days after the last record of all sets: what has no end there died.
fn later(file: &Path) -> Lab {
    lab_with(file, Options::without_cache(), Arc::new(|| jiff::civil::date(2026, 11, 28).at(12, 0, 0, 0)))
}

/// The list with this record selected.
fn at(run: i64, size: (u16, u16)) -> Harness {
    let mut harness = list(reference_lab("ivoryos-1.7.2"), size);
    harness.press(&[":"]).type_text(&run.to_string()).press(&["Enter"]);
    harness
}

/// The screen without the footer, which says what the keymap says.
fn body(harness: &Harness) -> String {
    let mut lines = harness.lines();
    lines.pop();
    lines.join("\n").trim_end().to_owned()
}

#[test]
fn a_failure_in_each_size() {
    for run in [13, 21, 24, 25] {
        for (width, height) in [(80, 24), (160, 50), (40, 10)] {
            let mut harness = at(run, (width, height));
            harness.press(&["e"]);
            insta::assert_snapshot!(format!("why-{run}-{width}x{height}"), body(&harness));
        }
    }
}

/// What a record's failures are, told by the service itself.
fn told(lab: &Lab, run: i64) -> Why {
    why::of_record(lab, run, why::types::Depth::Beginning, &mut Cx::quiet()).unwrap().value
}

fn ids(lab: &Lab) -> Vec<i64> {
    let page = page::page(lab, &ListQuery::default(), (Place::Top, 10_000), Reading::Soon, &mut Cx::quiet())
        .unwrap()
        .value;
    page.rows.iter().map(|row| row.run.id).collect()
}

/// What stands on screen as one text, without what says where a part comes from.
fn flat(harness: &Harness) -> String {
    const ORIGINS: [&str; 5] = ["event", "phase", "from the log", "from default.log", "step"];
    let line = |line: &String| {
        let known = ORIGINS.iter().find_map(|origin| line.strip_suffix(origin)?.strip_suffix("  "));
        known.unwrap_or(line).to_owned()
    };
    joined(&harness.lines().iter().map(line).collect::<Vec<_>>().join(" "))
}

fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a reason, as far as every screen of 80 columns has it.
fn reason(failure: &Failure) -> String {
    let text: String = report::reason(failure).lines().take(4).collect::<Vec<_>>().join(" ");
    joined(&text.chars().take(150).collect::<String>())
}

fn sets() -> Vec<(String, PathBuf, Option<TempDir>)> {
    let mut sets: Vec<(String, PathBuf, Option<TempDir>)> =
        ["ivoryos-1.7.2", "ivoryos-1.4.0", "ivoryos-1.4.0-log"]
            .map(|set| (set.to_owned(), reference_file(set), None))
            .into();
    let demo = tempfile::tempdir().unwrap();
    make(&Plan::demo(copied_at()), demo.path()).unwrap();
    sets.push(("demo".to_owned(), demo.path().join("ivoryos.db"), Some(demo)));
    sets
}

/// One key on a record that has a failure brings its reason, its place, and the beginning of each other part.
#[test]
fn every_reason_is_one_key_from_the_list() {
    for (set, file, _folder) in sets() {
        let lab = later(&file);
        let mut harness = list(later(&file), (80, 24));
        let mut seen = 0;
        for run in ids(&lab) {
            let why = told(&lab, run);
            let Some(first) = why.failures.first() else { continue };
            seen += 1;
            harness.press(&[":"]).type_text(&run.to_string()).press(&["Enter", "e"]);
            for (n, failure) in why.failures.iter().enumerate() {
                let text = harness.text();
                let shown = flat(&harness);
                assert!(shown.contains(&format!("#{run} ")), "{set} {run}\n{text}");
                assert!(
                    shown.contains(&format!("failure {} of {}", n + 1, why.total())),
                    "{set} {run}\n{text}"
                );
                assert!(shown.contains(&reason(failure)), "{set} {run}: {}\n{text}", reason(failure));
                let place = joined(&report::place(failure));
                assert!(shown.contains(&place), "{set} {run}: {place}\n{text}");
                for part in report::parts(failure, false) {
                    let title = if part.title == "same elsewhere" { "also" } else { part.title };
                    let begins = |line: &String| line.trim_start_matches(['─', ' ']).starts_with(title);
                    let is_there = title == "reason" || harness.lines().iter().any(begins);
                    assert!(is_there, "{set} {run}: {title}\n{text}");
                }
                harness.press(&["l"]);
            }
            assert!(first.start.at().is_none() || harness.text().contains(':'));
            harness.press(&["Esc"]);
        }
        assert!(seen > 3, "{set}");
    }
}

/// The record and the number of its failure that are shown, and what is said below.
fn shown(harness: &Harness) -> (String, String) {
    let lines = harness.lines();
    (lines.first().cloned().unwrap_or_default(), lines.last().cloned().unwrap_or_default())
}

/// `e` from the top of the list to its end, and `E` the same way back.
#[test]
fn e_reaches_every_failure_and_comes_back() {
    for (set, file, _folder) in sets() {
        let mut harness = list(later(&file), (80, 24));
        harness.press(&["g", "e"]);
        let mut way = Vec::new();
        loop {
            let (head, said) = shown(&harness);
            if said.contains("No failed record below") {
                break;
            }
            way.push(head);
            assert!(way.len() < 1_000, "{set}: it goes round\n{}", harness.text());
            harness.press(&["e"]);
        }
        let mut back: Vec<String> = Vec::new();
        loop {
            let (head, said) = shown(&harness);
            if said.contains("No failed record above") {
                break;
            }
            back.push(head);
            harness.press(&["E"]);
        }
        back.reverse();
        assert_eq!(way, back, "{set}");
        assert!(way.len() > 1, "{set}");
        harness.press(&["Esc"]);
        assert!(harness.text().contains("started"), "{set}\n{}", harness.text());
        // All at once, before the first answer.
        let mut ahead = list(later(&file), (80, 24));
        ahead.press_at_once(&["g", "e", "e", "e"]).settle();
        let third = way.get(2.min(way.len() - 1)).unwrap();
        assert_eq!(&shown(&ahead).0, third, "{set}\n{}", ahead.text());
    }
}

#[test]
fn the_step_and_the_log_are_a_key_away_and_esc_comes_back() {
    let mut harness = at(21, (80, 24));
    harness.press(&["e", "l"]);
    let there = harness.text();
    assert!(there.contains("(try 2 of 3)") && there.contains("failure 2 of 2"), "{there}");
    harness.press(&["Enter"]);
    let text = harness.text();
    let selected = text.lines().find(|line| line.starts_with('▌')).unwrap();
    assert!(selected.contains("try 2 of 3"), "{text}");
    harness.press(&["Esc"]);
    assert_eq!(harness.text(), there);
    harness.press(&["6"]);
    let text = harness.text();
    let selected = text.lines().find(|line| line.starts_with('▌')).unwrap();
    assert!(selected.starts_with("▌2026-11-24 03:00:45 - Error during script execution: sensor"), "{text}");
    // In the log e goes to the next error, and Esc back to the reason.
    harness.press(&["e"]);
    assert!(harness.text().contains("No error below in this log."), "{}", harness.text());
    harness.press(&["Esc"]);
    assert_eq!(harness.text(), there);
    harness.press(&["6", "2", "3", "Esc"]);
    assert_eq!(harness.text(), there);
    harness.press(&["Esc"]);
    assert!(harness.text().contains("61 records"), "{}", harness.text());
}

/// The demo's newest failed step is of iteration 5; what ended that other record is told by its log alone, of iteration 12.
#[test]
fn a_tab_that_is_opened_from_a_failure_stands_there() {
    let demo = tempfile::tempdir().unwrap();
    make(&Plan::demo(copied_at()), demo.path()).unwrap();
    // The chart ends where the values do.
    for (run, cell, point) in
        [("59", "iteration 5 ", "iteration 5 "), ("52", "iteration 12 ", "iteration 11 ")]
    {
        let mut harness = list(later(&demo.path().join("ivoryos.db")), (80, 24));
        harness.press(&[":"]).type_text(run).press(&["Enter", "e"]);
        let reason = harness.text();
        harness.press(&["4"]);
        assert!(harness.text().contains(&format!("\n {cell}")), "{reason}\n{}", harness.text());
        // By way of a tab that knows no moments, too.
        harness.press(&["1", "5", "Enter"]);
        assert!(harness.text().contains(&format!("\n {point}")), "{}", harness.text());
        harness.press(&["Esc", "Esc"]);
        assert_eq!(harness.text(), reason);
    }
}

#[test]
fn capital_t_shows_all_of_the_traceback() {
    let mut harness = at(21, (80, 24));
    harness.press(&["e"]);
    let before = harness.text();
    assert!(before.contains("deck.py") && !before.contains("script_runner_steps.py"), "{before}");
    harness.press(&["T"]);
    assert!(harness.text().contains("script_runner_steps.py"), "{}", harness.text());
    harness.press(&["G"]);
    assert!(harness.text().contains("Resume script"), "{}", harness.text());
    harness.press(&["T"]);
    assert_eq!(harness.text(), before);
}

#[test]
fn all_of_it_is_copied_and_offered_as_markdown() {
    let mut harness = at(21, (80, 24));
    harness.press(&["e", "y", "Enter"]);
    assert!(harness.text().contains("Copied all as text"), "{}", harness.text());
    let [TerminalOrder::Send(bytes)] = harness.orders.as_slice() else { panic!("{:?}", harness.orders) };
    let whole =
        why::of_record(&reference_lab("ivoryos-1.7.2"), 21, why::types::Depth::Whole, &mut Cx::quiet())
            .unwrap()
            .value;
    let text = clipboard::copy(&report::text(&whole), Between::Nothing);
    assert!(Some(bytes) == text.as_ref(), "another text was copied");
    harness.press(&["x"]);
    let first = harness.lines().into_iter().find(|line| line.contains("reason as Markdown")).unwrap();
    assert!(first.contains('▌'), "{}", harness.text());
}

#[test]
fn where_nothing_failed_it_says_so() {
    let mut harness = at(29, (80, 24));
    harness.press(&["Enter", "e"]);
    let text = harness.text();
    assert!(text.contains("#29  stopped_table") && text.contains("no failure"), "{text}");
    assert!(text.contains("Nothing failed.") && text.contains("Stop"), "{text}");
    harness.press(&["Esc"]);
    assert!(harness.text().contains("1 Overview"), "{}", harness.text());
}

#[test]
fn without_unicode_every_sign_is_ascii() {
    let theme = Theme { ascii: true, color: false };
    let options = AppOptions { theme, ..options() };
    let screen = Records::new(ListQuery::default(), start::record);
    let size = Size { width: 160, height: 40 };
    let mut harness = Harness::with(options, Box::new(screen), reference_lab("ivoryos-1.7.2"), size);
    harness.settle();
    harness.press(&[":", "2", "4", "Enter", "e"]);
    assert!(harness.text().contains("#24") && harness.text().is_ascii(), "{}", harness.text());
}
