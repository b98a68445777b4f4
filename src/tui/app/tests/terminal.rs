//! What leaves through the terminal, what comes from it, and a window that is too small.

use super::*;
use crate::tui::{
    app::{AppOptions, TerminalOrder},
    clipboard::{Between, CopyTaker},
    event::{Event, Signal},
    testing::options,
};

#[test]
fn copies_leave_through_the_terminal() {
    let mut harness = start();
    harness.press(&["y", "i"]);
    assert!(
        matches!(harness.orders.as_slice(), [TerminalOrder::Send(bytes)] if bytes == b"\x1b]52;c;MQ==\x1b\\")
    );
    assert_eq!(last_line(&harness), " Copied id");
}

#[test]
fn copies_inside_tmux_go_to_tmux_and_say_which_way_they_went() {
    let inside = AppOptions { between: Between::Tmux, ..options() };
    let mut harness = Harness::with(inside, Numbers::first(), answer, Size { width: 120, height: 24 });
    harness.press(&["y", "i"]);
    let [TerminalOrder::Hand(copy, CopyTaker::Tmux)] = harness.orders.as_slice() else {
        panic!("{:?}", harness.orders)
    };
    let copy = copy.clone();
    assert_eq!((copy.what.as_str(), copy.text.as_str()), ("id", "1"));
    harness.orders.clear();
    harness.press(&["j"]).handle(Event::Copied { copy: copy.clone(), taken: true });
    assert_eq!(last_line(&harness), " Copied id to tmux's buffer and, if it lets it through, the clipboard");
    assert!(harness.orders.is_empty(), "it arrived already");
    harness.handle(Event::Copied { copy, taken: false });
    assert!(last_line(&harness).starts_with(" Sent id through tmux"), "{}", last_line(&harness));
    assert!(
        matches!(harness.orders.as_slice(), [TerminalOrder::Send(bytes)] if bytes.starts_with(b"\x1b]52;"))
    );
}

#[test]
fn a_title_has_no_control_codes_and_an_end() {
    let title = |opened: &str, ascii: bool| {
        let theme = Theme { ascii, color: false };
        let titled = AppOptions { title: true, opened: opened.to_owned(), theme, ..options() };
        Harness::with(titled, Numbers::first(), answer, Size { width: 80, height: 24 }).app.title().unwrap()
    };
    assert_eq!(title("lab-pc:data", false), "ivorylens lab-pc:data");
    let odd = title("a\x1b]0;b\x07c\u{9c}d\n", false);
    assert!(!odd.contains(char::is_control), "{odd:?}");
    assert!(title(&"long ".repeat(1000), false).chars().count() <= 120);
    assert!(title("Zürich · Labor", true).is_ascii());
    assert_eq!(start().app.title(), None, "it is left alone");
}

#[test]
fn signals_and_a_lost_terminal() {
    for (event, code) in
        [(Event::Signal(Signal::End(15)), 143), (Event::Signal(Signal::End(1)), 129), (Event::Closed, 129)]
    {
        let mut harness = start();
        harness.app.handle(event);
        assert_eq!(harness.app.ends(), Some(code));
    }
    let mut harness = start();
    harness.press(&["Ctrl-z"]).handle(Event::Signal(Signal::Stop)).handle(Event::Signal(Signal::Continue));
    assert_eq!(harness.orders, [TerminalOrder::Suspend, TerminalOrder::Suspend, TerminalOrder::Redraw]);
}

#[test]
fn ctrl_l_and_reading_again_draw_all_anew_from_anywhere() {
    for before in [&[][..], &["?"], &["x"], &["/", "a"], &["D"]] {
        let mut harness = start();
        harness.press(before).orders.clear();
        let text = harness.text();
        harness.press(&["Ctrl-l"]);
        assert_eq!(harness.orders, [TerminalOrder::Repaint], "{before:?}");
        assert_eq!(harness.text(), text, "{before:?}");
    }
    let mut harness = start();
    harness.press(&["R"]);
    assert_eq!(harness.orders, [TerminalOrder::Repaint]);
}

#[test]
fn a_window_too_small_says_so_and_only_leaving_works() {
    let mut harness = start();
    harness.resize(39, 24);
    assert_eq!(harness.lines().first().unwrap(), "window too small (needs 40x10)");
    harness.press(&["D", "y", "j"]);
    harness.resize(80, 24);
    assert!(harness.text().starts_with("answer 1"));
    assert_eq!(harness.resize(3, 2).press(&["Q"]).app.ends(), Some(0));
}
