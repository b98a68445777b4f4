//! The question before a delete: what is an answer to it.

use super::*;
use crate::tui::{event::Event, key::Key};

#[test]
fn a_delete_needs_a_deliberate_y() {
    let mut harness = start();
    harness.press(&["D"]);
    let text = harness.text();
    assert!(text.contains("#1 still going") && text.contains("2 phases, 5 steps"), "{text}");
    harness.press(&["Enter", "Enter"]);
    assert!(harness.text().contains("Enter does nothing"));
    harness.press(&["y"]);
    assert!(harness.text().starts_with("deleted [1]"), "{}", harness.text());
    assert!(last_line(&harness).contains("Deleted #1 still going: in the trash (214 kB), u brings it back"));
}

/// A command that was meant for the list, typed while the question was up.
#[test]
fn a_word_typed_at_the_question_before_a_delete_does_nothing() {
    for word in [":delete 1 2", "page x"] {
        for at_once in [false, true] {
            let mut harness = start();
            let before = harness.text();
            harness.press(&["D"]);
            match at_once {
                true => word.chars().for_each(|c| harness.app.handle(Event::Key(Key::char(c)))),
                false => drop(harness.type_text(word)),
            }
            assert!(
                last_line(&harness).contains("Letters are not taken until Esc or Enter"),
                "{}",
                harness.text()
            );
            harness.press(&["Enter"]);
            assert_eq!(harness.text(), before, "{word}");
            assert!(harness.press(&["?"]).text().contains("PgDn"), "keys are keys again");
        }
    }
}

#[test]
fn keys_typed_ahead_do_not_answer_a_confirmation() {
    let mut harness = start();
    harness.press_at_once(&["D", "y", "y"]).settle();
    harness.settle();
    assert!(harness.text().contains("Delete?") && !harness.text().contains("deleted"));
    // The bill is there but was not drawn yet.
    let mut harness = start();
    harness.press_at_once(&["D"]);
    while harness.app.waits() > 0 {
        harness.next();
    }
    harness.press_at_once(&["y"]);
    assert!(harness.text().contains("Delete?") && harness.app.waits() == 0);
    assert!(harness.app.drawn(), "what is queued now is to be dropped");
    assert!(!harness.app.drawn(), "once");
}

#[test]
fn a_guarded_record_wants_its_id() {
    let mut harness = start();
    harness.press(&["Enter", "D", "y"]);
    assert!(harness.text().contains("Type 100 first"), "{}", harness.text());
    harness.press(&["9", "y"]);
    assert!(harness.text().contains("Not that number"), "{}", harness.text());
    harness.press(&["Backspace"]);
    harness.press(&["1", "0", "0", "y"]);
    assert!(harness.text().contains("deleted [100]"), "{}", harness.text());
}

#[test]
fn several_ids_are_deleted_after_one_question() {
    let mut harness = start();
    harness.press(&[":"]).type_text("delete 7 #8 7").press(&["Enter"]);
    assert!(harness.text().contains("2 records, "), "{}", harness.text());
    assert!(harness.text().contains("type 2, then y"), "{}", harness.text());
    harness.press(&["2", "y"]);
    assert!(harness.text().contains("deleted [7, 8]"), "{}", harness.text());
    harness.press(&[":"]).type_text("delete").press(&["Enter"]);
    assert!(harness.text().contains("y delete   P for good"), "{}", harness.text());
}
