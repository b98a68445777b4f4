//! Following is one state, whatever stands on screen.

use std::sync::{Arc, Mutex};

use super::*;
use crate::tui::screen::FOLLOW_SIGN;

const SIGN: &str = " ► following";

/// What stands in the cells of the sign.
fn sign(harness: &Harness) -> String {
    let buffer = harness.buffer();
    let last = buffer.area.bottom() - 1;
    let cells = buffer.area.right() - FOLLOW_SIGN..buffer.area.right();
    cells
        .map(|x| buffer.cell((x, last)).unwrap().symbol().to_owned())
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[test]
fn it_is_kept_when_screens_change_and_ends_where_it_is_ended() {
    let mut harness = start();
    assert!(!harness.app.wants().ticks);
    harness.press(&["F"]);
    assert!(harness.app.wants().ticks);
    assert!(harness.text().starts_with("news"), "{}", harness.text());
    for keys in [&["Enter"][..], &["Enter"], &["Esc"], &["2"], &["Esc", "Esc"]] {
        harness.press(keys).handle(Event::Tick);
        assert!(harness.app.wants().ticks && sign(&harness) == SIGN, "{keys:?}\n{}", harness.text());
        assert!(
            harness.text().starts_with("news"),
            "the screen on top is told: {keys:?}\n{}",
            harness.text()
        );
    }
    harness.press(&["Enter", "F"]);
    assert!(!harness.app.wants().ticks && last_line(&harness).contains("Following ended."));
    harness.press(&["Esc"]);
    assert!(!harness.text().contains("following"), "{}", harness.text());
    harness.handle(Event::Tick);
    assert!(!harness.text().starts_with("news"), "{}", harness.text());
}

/// Beside keys, messages and what is typed, in any size.
#[test]
fn it_is_said_in_the_same_cells_everywhere() {
    for (width, height) in [(40, 10), (80, 24), (160, 50)] {
        let mut harness = start();
        harness.press(&["F"]).resize(width, height);
        assert_eq!(sign(&harness), SIGN, "beside a message");
        assert!(harness.text().contains("F ends it"), "{}", harness.text());
        for keys in [&["j"][..], &["?"], &["Esc", "x"], &["Esc", "D"], &["Esc", "y"], &["Esc", "/"]] {
            harness.press(keys);
            assert_eq!(sign(&harness), SIGN, "{keys:?}\n{}", harness.text());
        }
        harness.type_text(&"0123456789".repeat(20));
        assert_eq!(sign(&harness), SIGN, "{}", harness.text());
        let before = last_line(&harness);
        assert!(before.contains("789"), "the end of what is typed is seen: {before}");
        harness.press(&["Esc"]);
        assert!(last_line(&harness).contains("? help"), "{}", harness.text());
    }
}

#[test]
fn it_has_an_ascii_form() {
    let theme = Theme { ascii: true, color: false };
    let size = Size { width: 40, height: 10 };
    let mut harness = Harness::with(AppOptions { theme, ..options() }, Numbers::first(), answer, size);
    harness.settle();
    harness.press(&["F", "j"]);
    assert_eq!(sign(&harness), " > following");
}

/// What is asked for, and what a screen is told, when.
#[test]
fn what_stands_in_front_does_not_stop_it_and_a_change_is_answered_once() {
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let counting = move |ask: &Ask, cx: &mut Cx<'_>| {
        *count.lock().unwrap() += usize::from(matches!(ask, Ask::Changed { .. }));
        answer(ask, cx)
    };
    let mut harness = Harness::new(Numbers::first(), counting, 80, 24);
    harness.press(&["F", "?"]);
    harness.handle(Event::Tick).handle(Event::Tick);
    assert_eq!(*asked.lock().unwrap(), 3);
    harness.press(&["Esc"]);
    let news = |harness: &Harness| harness.lines().iter().filter(|line| *line == "news").count();
    assert_eq!(news(&harness), 3, "{}", harness.text());
    // The screen waits for an answer of its own.
    harness.press_at_once(&["j"]);
    harness.app.handle(Event::Tick);
    harness.settle();
    assert_eq!((*asked.lock().unwrap(), news(&harness)), (3, 3), "{}", harness.text());
}

#[test]
fn an_error_ends_it_with_one_message_and_a_lock_does_not() {
    let fails = Arc::new(Mutex::new(None));
    let now = Arc::clone(&fails);
    let failing = move |ask: &Ask, cx: &mut Cx<'_>| match (ask, &*now.lock().unwrap()) {
        (Ask::Changed { .. }, Some("busy")) => Err(Error::Busy { path: "x".into(), seconds: 5 }),
        (Ask::Changed { .. }, Some(what)) => Err(Error::Refused((*what).to_owned())),
        _ => answer(ask, cx),
    };
    let mut harness = Harness::new(Numbers::first(), failing, 80, 24);
    harness.press(&["Enter", "F", "j"]);
    *fails.lock().unwrap() = Some("busy");
    harness.handle(Event::Tick);
    assert!(harness.app.wants().ticks && last_line(&harness).contains("? help"), "{}", harness.text());
    *fails.lock().unwrap() = Some("the file is bad");
    harness.handle(Event::Tick);
    assert!(last_line(&harness).contains("Not following any more: the file is bad"), "{}", harness.text());
    assert!(!harness.app.wants().ticks);
    harness.press(&["Esc", "Esc"]);
    assert!(!harness.text().contains("following"), "it is over on all screens\n{}", harness.text());
}

/// What shows no sign of life any more is read again, though nothing is written.
#[test]
fn a_still_file_is_read_again_once_a_minute() {
    let still = |ask: &Ask, cx: &mut Cx<'_>| match ask {
        Ask::Changed { .. } => Ok(Answer::Changed(false)),
        _ => answer(ask, cx),
    };
    let mut harness = Harness::new(Numbers::first(), still, 80, 24);
    harness.press(&["F"]);
    for _ in 0..239 {
        harness.handle(Event::Tick);
    }
    assert!(!harness.text().contains("news"), "{}", harness.text());
    harness.handle(Event::Tick);
    assert!(harness.text().starts_with("news"), "{}", harness.text());
}
