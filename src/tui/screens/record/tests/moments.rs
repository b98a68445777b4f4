//! One moment over the tabs: where one stands, the next one stands too.

use super::open;
use crate::tui::{tab::TabId, testing::Harness};

/// Four iterations of three steps in a tenth of a second.
const RUN: i64 = 2;
const SIZE: (u16, u16) = (100, 60);

/// Goes to an iteration in the tab on top.
fn go(harness: &mut Harness, tab: TabId, n: usize) {
    let number = n.to_string();
    match tab {
        TabId::Steps => {
            harness.press(&["g"]).press(&vec!["}"; n]);
        }
        TabId::Table => {
            harness.press(&["g"]).press(&vec!["j"; n - 1]);
        }
        TabId::Charts => {
            harness.press(&[":"]).type_text(&number).press(&["Enter"]);
        }
        TabId::Map => {
            harness.press(&[":"]).type_text(&number).press(&["Enter"]);
        }
        TabId::Log => {
            harness.press(&["/"]).type_text(&format!("experiment: {n}/")).press(&["Enter", "Esc"]);
            harness.press(&[":"]).type_text(&(6 * n - 3).to_string()).press(&["Enter"]);
        }
        TabId::Overview | TabId::Files => unreachable!(),
    }
}

/// The iteration at which the tab on top stands, as it is seen.
fn iteration(harness: &Harness, tab: TabId) -> String {
    let lines = harness.lines();
    let bar = lines.iter().position(|line| line.starts_with('▌')).unwrap_or(0);
    let above = || lines[..=bar].iter().rev();
    let number = |text: &str, behind: &str| {
        let rest = text.split(behind).nth(1).unwrap_or_default().trim_start();
        rest.chars().take_while(char::is_ascii_digit).collect::<String>()
    };
    let text = harness.text();
    match tab {
        TabId::Steps => number(above().find(|line| line.contains(" main ")).unwrap(), " main "),
        TabId::Table => number(&lines[bar], "▌"),
        TabId::Charts => {
            number(lines.iter().find(|line| line.starts_with(" iteration ")).unwrap(), " iteration ")
        }
        TabId::Map => number(lines.iter().rfind(|line| line.contains("main ")).unwrap(), "main "),
        TabId::Log => {
            number(above().find(|line| line.contains("experiment: ")).unwrap_or(&text), "experiment: ")
        }
        TabId::Overview | TabId::Files => unreachable!(),
    }
}

#[test]
fn each_tab_stands_where_the_one_before_it_stood() {
    let tabs = [TabId::Steps, TabId::Table, TabId::Map, TabId::Charts, TabId::Log];
    for from in tabs {
        for to in tabs.into_iter().filter(|to| *to != from) {
            let mut harness = open(RUN, TabId::Charts, SIZE);
            harness.press(&["j", "Enter"]);
            for n in [3, 1, 4] {
                harness.press(&[from.facts().keys[0]]);
                go(&mut harness, from, n);
                assert_eq!(iteration(&harness, from), n.to_string(), "{from:?}\n{}", harness.text());
                // Through one that knows no moments.
                harness.press(&["1", to.facts().keys[0]]);
                assert_eq!(iteration(&harness, to), n.to_string(), "{from:?} {to:?}\n{}", harness.text());
                harness.press(&[from.facts().keys[0]]);
                assert_eq!(iteration(&harness, from), n.to_string(), "back {from:?}\n{}", harness.text());
            }
        }
    }
}

/// A step is its own line of the log, and that line is its step; keys typed ahead wait for the way.
#[test]
fn a_step_and_its_line_lead_to_each_other() {
    let mut harness = open(21, TabId::Steps, (80, 24));
    harness.press_at_once(&["e", "e", "6"]).settle();
    let bar = |harness: &Harness| harness.lines().into_iter().find(|line| line.starts_with('▌')).unwrap();
    assert!(bar(&harness).contains("03:00:45 - Executing 'reactor.flaky'"), "{}", harness.text());
    harness.press(&["Enter"]);
    assert!(bar(&harness).contains("try 2 of 3"), "{}", harness.text());
    harness.press(&["Esc"]);
    assert!(bar(&harness).contains("Executing 'reactor.flaky'"), "{}", harness.text());
    // From error to error, there and back.
    harness.press(&["e"]);
    assert!(bar(&harness).contains("Error during script execution: sensor"), "{}", harness.text());
    harness.press(&["e"]);
    assert!(harness.text().contains("No error below in this log."), "{}", harness.text());
    let second = bar(&harness);
    harness.press(&["E"]);
    assert_ne!(bar(&harness), second);
    harness.press(&["E"]);
    assert!(harness.text().contains("No error above in this log."), "{}", harness.text());
}

/// Esc comes back to where the jump began: the narrowed log with its cursor, the zoomed chart with its.
#[test]
fn esc_comes_back_to_the_narrowed_log_and_the_zoomed_chart() {
    let mut harness = open(RUN, TabId::Log, (80, 24));
    harness.press(&["&"]).type_text("weigh").press(&["Enter", "j", "j", "j", "j", "j"]);
    let narrowed = harness.lines();
    harness.press(&["Enter", "Enter"]);
    assert_eq!(iteration(&harness, TabId::Steps), "2", "{}", harness.text());
    harness.press(&["}", "}", "Esc"]);
    assert!(harness.text().contains("Executing 'balance.weigh'"), "{}", harness.text());
    harness.press(&["Esc"]);
    assert_eq!(harness.lines()[3..22], narrowed[3..22]);

    let mut harness = open(RUN, TabId::Charts, (80, 24));
    harness.press(&["j", "Enter", "l", "l", "+", "+"]);
    let zoomed = harness.lines();
    harness.press(&["Enter", "}", "j", "Esc"]);
    assert_eq!(harness.lines()[3..22], zoomed[3..22]);
}
