//! Terminals that count emoji and ambiguous letters otherwise than we do: what stands beside these is right all the same.

use proptest::prelude::*;
use ratatui::{layout::Rect, style::Style};

use super::{
    model::{ALL, Counts, Model},
    *,
};

fn shown(counts: Counts, frames: &[&str]) -> String {
    let width = 10;
    let mut model = Model::new(counts, (width, 1));
    let mut before = Buffer::empty(Rect::new(0, 0, 10, 1));
    for text in frames {
        let mut after = Buffer::empty(before.area);
        after.set_string(0, 0, text, Style::new());
        model.take(&changes(&before, &after));
        assert_eq!(model.wrong(&after), None, "{counts:?} {frames:?}");
        before = after;
    }
    model.cells[0].iter().flatten().map(String::as_str).collect()
}

/// A heart that is two columns wide for us and one for others: the letter that stood behind it is gone.
#[test]
fn an_emoji_leaves_nothing_of_what_stood_there() {
    for counts in ALL {
        let text = shown(counts, &["abcdefghij", "❤\u{fe0f}cdefghij"]);
        assert!(!text.contains('b'), "{counts:?}: {text}");
        assert_eq!(shown(counts, &["❤\u{fe0f}cd", "abcd"]), "abcd      ");
        assert_eq!(shown(counts, &["x❤\u{fe0f}y❤\u{fe0f}z", "x  y  z"]), "x  y  z   ");
    }
    assert_eq!(shown(Counts::Characters, &["abcdefghij", "❤\u{fe0f}cdefghij"]), "❤ cdefghij");
}

/// Three people who are joined: two columns, or six.
#[test]
fn what_stands_behind_joined_emoji_is_drawn_again() {
    let family = "👨\u{200d}👩\u{200d}👧";
    for counts in ALL {
        shown(counts, &["abcdefghij", &format!("a{family}defghij"), "abcdefghij"]);
        shown(counts, &["          ", &format!("       x{family}")]);
        shown(counts, &["👍🏽 liked", "🇩🇪 Mainz", "1\u{fe0f}\u{20e3} first"]);
    }
}

#[test]
fn what_stands_behind_ambiguous_letters_is_drawn_again() {
    for counts in ALL {
        shown(counts, &["5 mLxabcde", "25 °Cabcde", "é bcdefghi", "──────────", "── ab ── c"]);
    }
    // In front of the ASCII letters, not of each line.
    let bytes = changes(&frame(&["          "]), &frame(&["a────b"]));
    assert_eq!(bytes.matches('G').count(), 1, "{bytes:?}");
}

fn any_text() -> impl Strategy<Value = String> {
    let odd = [
        "❤\u{fe0f}",
        "👨\u{200d}👩\u{200d}👧",
        "👍🏽",
        "🇩🇪",
        "1\u{fe0f}\u{20e3}",
        "─",
        "°",
        "é",
        "❤",
        "温",
        "👍",
        "e\u{301}",
    ];
    let piece =
        prop_oneof![3 => "[a-c ]{1,3}", 2 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned)];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_terminal_shows_what_all_count_alike(
        frames in prop::collection::vec(prop::collection::vec((0..12_u16, any_text()), 2), 1..5),
    ) {
        for counts in ALL {
            let area = Rect::new(0, 0, 12, 2);
            let mut model = Model::new(counts, (12, 2));
            let mut before = Buffer::empty(area);
            for rows in &frames {
                let mut after = Buffer::empty(area);
                for (y, (x, text)) in (0..).zip(rows) {
                    after.set_stringn(*x, y, text, usize::from(12 - x), Style::new());
                }
                let bytes = changes(&before, &after);
                model.take(&bytes);
                prop_assert_eq!(model.wrong(&after), None, "{:?} {:?}", counts, bytes);
                before = after;
            }
        }
    }
}
