//! Keys typed ahead of a tab's first answer land as if that had been there.

use super::super::{RecordScreen, table::tests::Made};
use crate::{
    model::query::ListQuery,
    tui::{
        screens::records::Records,
        start,
        tab::TabId,
        testing::{Harness, reference_lab},
        worker::Answerer,
    },
};

fn list(answerer: impl Answerer + Send + 'static) -> Harness {
    Harness::new(Box::new(Records::new(ListQuery::default(), start::record)), answerer, 100, 24)
}

/// From the list into a record and on, all of it before the first answer.
fn ahead(answerer: impl Answerer + Send + 'static, run: i64, keys: &str) -> Harness {
    let mut harness = list(answerer);
    let id: Vec<String> = run.to_string().chars().map(String::from).collect();
    let id = id.iter().map(String::as_str);
    let all: Vec<&str> =
        [":"].into_iter().chain(id).chain(["Enter", "Enter"]).chain(keys.split(' ')).collect();
    harness.press_at_once(&all).settle();
    harness
}

fn selected(harness: &Harness) -> String {
    harness.lines().into_iter().find(|line| line.starts_with('▌')).unwrap_or_default()
}

/// The place at the right of the footer.
fn place(harness: &Harness) -> (String, String) {
    let footer = harness.lines().pop().unwrap_or_default();
    let (at, of) = footer.rsplit(' ').next().unwrap().split_once('/').unwrap();
    (at.to_owned(), of.to_owned())
}

#[test]
fn keys_wait_for_a_tab_of_any_length() {
    for iterations in [1, 3, 1_300] {
        let made = Made::of(iterations);
        let (run, rows) = (made.run, made.rows());
        let n = rows.last().unwrap().iteration.unwrap();
        let end = |keys: &str| {
            let harness = ahead(made.lab(), run, keys);
            let (at, of) = place(&harness);
            assert_eq!(at, of, "{iterations} {keys}\n{}", harness.text());
            harness
        };
        assert_eq!(place(&end("3 G")).0, rows.len().to_string());
        let selects = |harness: &Harness, number: u64| {
            let line = selected(harness);
            let mut words = line.trim_start_matches(['▌', ' ']).split(' ');
            assert_eq!(words.next(), Some(number.to_string().as_str()), "{}", harness.text());
        };
        let harness = ahead(made.lab(), run, "3 G s");
        assert!(harness.text().contains(", rising."), "{}", harness.text());
        selects(&harness, rows.last().unwrap().row);
        let harness = ahead(made.lab(), run, "3 s");
        assert!(harness.text().contains(", rising."), "{}", harness.text());
        selects(&harness, 1);
        end("2 G");
        let harness = ahead(made.lab(), run, "5 Enter");
        assert!(harness.text().contains(&format!("iteration {n}   ")), "{}", harness.text());
        let middle = n / 2 + 1;
        let digits: Vec<String> = middle.to_string().chars().map(String::from).collect();
        let go = format!(": {} Enter", digits.join(" "));
        let harness = ahead(made.lab(), run, &format!("5 Enter {go}"));
        assert!(harness.text().contains(&format!("iteration {middle}   ")), "{}", harness.text());
        for keys in [format!("3 {go} Enter"), format!("2 {go}"), format!("5 Enter {go} Enter")] {
            let harness = ahead(made.lab(), run, &keys);
            // A point leads to its step, the others to the iteration itself.
            let lines = harness.lines();
            let at = lines.iter().position(|line| line.starts_with('▌')).unwrap();
            let phase = lines[..=at].iter().rev().find(|line| line.contains("main ")).unwrap();
            assert!(phase.contains(&format!("main {middle} ")), "{keys}\n{}", harness.text());
        }
        end("7 Enter G");
        assert_eq!(place(&ahead(made.lab(), run, &format!("7 Enter {go}"))).0, middle.to_string());
    }
}

#[test]
fn a_log_that_was_not_there_yet_is_gone_along() {
    let there = |keys: &[&str]| {
        let mut harness = list(reference_lab("ivoryos-1.7.2"));
        harness.press(&[":", "1", "6", "Enter", "Enter"]).press(keys);
        harness.lines()
    };
    for keys in ["6 G", "6 j j", "6 : 2 Enter", "6 w", "1 G", "1 j"] {
        let typed: Vec<&str> = keys.split(' ').collect();
        assert_eq!(ahead(reference_lab("ivoryos-1.7.2"), 16, keys).lines(), there(&typed), "{keys}");
    }
}

#[test]
fn what_leaves_a_tab_does_not_wait_and_esc_drops_what_does() {
    let made = Made::of(3);
    let open = || {
        let record = RecordScreen::new(made.run, TabId::Table, ListQuery::default());
        Harness::unanswered(Box::new(record), made.lab(), 100, 24)
    };
    let mut harness = open();
    harness.press_at_once(&["G", "s", "Esc"]);
    assert!(harness.text().contains("dropped"), "{}", harness.text());
    harness.settle();
    assert!(selected(&harness).starts_with("▌  1 "), "{}", harness.text());
    assert!(!harness.text().contains("rising"), "{}", harness.text());
    let mut harness = open();
    harness.press_at_once(&["?"]);
    assert!(harness.text().contains("┌ Keys"), "{}", harness.text());
    let mut harness = open();
    harness.press_at_once(&["Q"]);
    assert_eq!(harness.app.ends(), Some(0));
    let harness = ahead(made.lab(), made.run, "3 G q");
    assert!(harness.text().contains("records"), "{}", harness.text());
}
