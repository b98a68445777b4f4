//! Keys that are typed ahead of the answers.

use super::*;

/// Keys typed ahead of the answers end where they would have ended one by one.
#[test]
fn keys_typed_ahead_arrive_where_they_should() {
    let (_folder, lab) = many(400);
    let mut harness = Harness::new(first(), lab, 80, 13);
    harness.press_at_once(&["PgDn", "PgDn", "PgDn", "PgDn", "PgDn", "j", "j"]).settle();
    assert_eq!(selected_id(&harness), 400 - 52);
    harness.press_at_once(&["G", "k"]).settle();
    assert_eq!(selected_id(&harness), 2);
    assert!(!harness.text().contains('…') || last_line(&harness).contains('…'));
}

fn typed(keys: &'static str) -> Vec<&'static str> {
    keys.split(' ').collect()
}

/// Keys behind a jump mean the record that was asked for, and nothing when it is not there.
#[test]
fn keys_behind_a_jump_mean_its_record() {
    for (keys, opened) in [
        (": 2 5 Enter Enter", "record 25 Overview"),
        (": 2 5 Enter j 3", "record 24 Table"),
        (": 2 6 Enter e 3", "record 25 Table"),
        (": 2 6 Enter e e 2", "record 24 Steps"),
        ("/ e n d s Enter Enter", "record 25 Overview"),
    ] {
        let mut harness = real_screen(80, 12);
        harness.press_at_once(&typed(keys)).settle();
        assert!(harness.text().starts_with(opened), "{keys}: {}", harness.text());
    }
    let (_folder, lab) = many(400);
    let mut harness = Harness::new(first(), lab, 80, 12);
    harness.press_at_once(&["G", "Enter"]).settle();
    assert!(harness.text().starts_with("record 1 Overview"), "{}", harness.text());
    for keys in [": 9 9 Enter Enter", ": 1 Enter e Enter", ": 9 9 Enter D"] {
        let mut harness = real_screen(80, 12);
        harness.press_at_once(&typed(keys)).settle();
        assert!(last_line(&harness).contains("record"), "{keys}: {}", harness.text());
        assert!(line(&harness, 0).contains("61 records"), "{keys}: {}", harness.text());
    }
}

#[test]
fn a_bill_behind_a_jump_is_for_its_record() {
    for keys in [": 2 5 Enter D", ": 2 5 Enter : d e l e t e Enter", ": 2 6 Enter e D y"] {
        let mut harness = real_screen(80, 12);
        harness.press_at_once(&typed(keys)).settle();
        assert!(harness.text().contains("#25 error_ends_the_table"), "{keys}: {}", harness.text());
    }
}

/// Esc takes back what was typed ahead; the jump itself goes on.
#[test]
fn esc_drops_what_was_typed_ahead() {
    let mut harness = real_screen(80, 12);
    harness.press_at_once(&typed(": 2 5 Enter Enter Esc")).settle();
    assert_eq!(selected_id(&harness), 25);
}

/// Words that come while a record is looked for, which the old list had not either.
#[test]
fn a_record_that_is_not_there_does_not_hold_up_the_words() {
    let mut harness = real_screen(80, 24);
    harness.press(&["/"]).press_at_once(&["z", "z", "Enter", ":", "9", "9", "Enter"]).settle();
    assert!(line(&harness, 0).contains("0 of 61 records with \"zz\""), "{}", harness.text());
}
