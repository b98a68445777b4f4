//! What terminals send, cut into pieces anywhere, and what must not run as keys.

use proptest::prelude::*;

use super::*;
use crate::tui::keymap::KEYMAP;

mod cut;

/// Events as words: keys by their names, pasted text behind `paste `.
fn words(events: Vec<Event>) -> Vec<String> {
    let word = |event| match event {
        Event::Key(key) => key.to_string(),
        Event::Paste(text) => format!("paste {text}"),
        other => panic!("{other:?}"),
    };
    events.into_iter().map(word).collect()
}

/// A decoder and a clock that goes on when it is told to.
struct Typist {
    decoder: Decoder,
    now: Instant,
}

impl Typist {
    fn new(slow: bool) -> Self {
        Typist { decoder: Decoder::new(slow), now: Instant::now() }
    }

    fn types(&mut self, bytes: impl AsRef<[u8]>) -> Vec<String> {
        words(self.decoder.take(bytes.as_ref(), self.now))
    }

    fn waits(&mut self, milliseconds: u64) -> Vec<String> {
        self.now += Duration::from_millis(milliseconds);
        words(self.decoder.late(self.now))
    }
}

/// What these bytes mean when nothing comes behind them.
fn meant(bytes: impl AsRef<[u8]>) -> Vec<String> {
    let mut typist = Typist::new(false);
    let mut all = typist.types(bytes);
    all.extend(typist.waits(10_000));
    assert_eq!(typist.decoder.due(), None, "nothing waits for ever");
    all
}

/// What terminals send for a key: xterm, the Linux console, rxvt, PuTTY, kitty.
const KEYS: &[(&str, &str)] = &[
    ("j", "j"),
    ("G", "G"),
    ("é", "é"),
    ("漢", "漢"),
    ("👍", "👍"),
    (" ", "Space"),
    ("\r", "Enter"),
    ("\n", "Enter"),
    ("\t", "Tab"),
    ("\x1b[Z", "Shift-Tab"),
    ("\x7f", "Backspace"),
    ("\x08", "Backspace"),
    ("\x1b", "Esc"),
    ("\0", "Ctrl-Space"),
    ("\x02", "Ctrl-b"),
    ("\x03", "Ctrl-c"),
    ("\x04", "Ctrl-d"),
    ("\x06", "Ctrl-f"),
    ("\x0c", "Ctrl-l"),
    ("\x15", "Ctrl-u"),
    ("\x1a", "Ctrl-z"),
    ("\x1c", "Ctrl-4"),
    ("\x1b[A", "Up"),
    ("\x1b[B", "Down"),
    ("\x1b[C", "Right"),
    ("\x1b[D", "Left"),
    ("\x1bOA", "Up"),
    ("\x1bOD", "Left"),
    ("\x1b[1;2A", "Up"),
    ("\x1b[1;3A", "Up"),
    ("\x1b[1;5A", "Ctrl-Up"),
    ("\x1b[H", "Home"),
    ("\x1bOH", "Home"),
    ("\x1b[1~", "Home"),
    ("\x1b[7~", "Home"),
    ("\x1b[F", "End"),
    ("\x1bOF", "End"),
    ("\x1b[4~", "End"),
    ("\x1b[8~", "End"),
    ("\x1b[2~", "Ins"),
    ("\x1b[3~", "Del"),
    ("\x1b[5~", "PgUp"),
    ("\x1b[6~", "PgDn"),
    ("\x1b[5;5~", "Ctrl-PgUp"),
    ("\x1bOP", "F1"),
    ("\x1b[[A", "F1"),
    ("\x1b[11~", "F1"),
    ("\x1b[1;5P", "Ctrl-F1"),
    ("\x1bOR", "F3"),
    ("\x1b[[E", "F5"),
    ("\x1b[15~", "F5"),
    ("\x1b[17~", "F6"),
    ("\x1b[21~", "F10"),
    ("\x1b[23~", "F11"),
    ("\x1b[24~", "F12"),
    ("\x1bOM", "Enter"),
    ("\x1bOu", "5"),
    ("\x1bOk", "+"),
    ("\x1b[97;5u", "Ctrl-a"),
    ("\x1b[106u", "j"),
    ("\x1b[97;2u", "A"),
    ("\x1b[9;2u", "Shift-Tab"),
    ("\x1b[27u", "Esc"),
    ("\x18", "Ctrl-x"),
    ("\x12", "Ctrl-r"),
    ("\x1b[27;5;99~", "Ctrl-c"),
];

#[test]
fn keys_are_what_terminals_send_for_them() {
    for (bytes, key) in KEYS {
        assert_eq!(meant(bytes), [*key], "{bytes:?}");
    }
    for key in KEYMAP.iter().flat_map(|row| row.keys).filter(|key| key.chars().count() > 1) {
        assert!(KEYS.iter().any(|(_, known)| known == key), "{key} is in the keymap");
    }
}

#[test]
fn alt_and_a_key_is_esc_and_the_key() {
    for (bytes, keys) in [
        ("\x1bq", ["Esc", "q"]),
        ("\x1bé", ["Esc", "é"]),
        ("\x1b\r", ["Esc", "Enter"]),
        ("\x1b\x03", ["Esc", "Ctrl-c"]),
        ("\x1b\x1b", ["Esc", "Esc"]),
        ("\x1b\x1b[A", ["Esc", "Up"]),
        ("\x1b\\", ["Esc", "\\"]),
        ("\x1b[", ["Esc", "["]),
        ("\x1bO", ["Esc", "O"]),
        ("\x1bP", ["Esc", "P"]),
        ("\x1b]", ["Esc", "]"]),
        ("\x1b[113;3u", ["Esc", "q"]),
    ] {
        assert_eq!(meant(bytes), keys, "{bytes:?}");
    }
    assert_eq!(meant("\x1bOz"), ["Esc", "O", "z"]);
}

#[test]
fn a_lone_esc_waits_for_its_rest() {
    for (slow, wait) in [(false, 50), (true, 300)] {
        let mut typist = Typist::new(slow);
        assert!(typist.types("\x1b").is_empty());
        assert!(typist.waits(wait - 1).is_empty());
        assert_eq!(typist.types("[B"), ["Down"], "its rest came");
        assert!(typist.types("\x1b").is_empty());
        assert_eq!(typist.waits(wait), ["Esc"]);
        assert_eq!(typist.types("[B"), ["[", "B"]);
    }
}

/// The wait begins anew with every byte, and bytes that are there count as in time.
#[test]
fn a_sequence_may_come_byte_by_byte() {
    let mut typist = Typist::new(false);
    let mut all = Vec::new();
    for byte in b"\x1b[1;5A" {
        all.extend(typist.types([*byte]));
        all.extend(typist.waits(49));
    }
    assert_eq!(all, ["Ctrl-Up"]);
    typist.types("\x1b[1");
    typist.now += Duration::from_secs(5);
    assert_eq!(typist.types("~j"), ["Home", "j"]);
}

#[test]
fn a_sequence_without_its_end_is_no_keys() {
    for cut in ["\x1b[1;", "\x1b[[", "\x1b[M!", "\x1b[<0;1"] {
        let mut typist = Typist::new(false);
        typist.types(cut);
        assert!(typist.waits(300).is_empty(), "{cut:?}");
        assert_eq!(typist.types("j"), ["j"], "{cut:?}");
    }
    assert_eq!(meant("\x1b[1;\x1b[A"), ["Up"]);
    assert_eq!(meant("\x1b[1;\rj"), ["Enter", "j"]);
    assert_eq!(meant(format!("\x1b[{}Aj", "1".repeat(5000))), ["j"]);
}

/// Replies that come late (background colour, version, attributes, cursor, modes), clicks, focus.
#[test]
fn what_the_terminal_says_by_itself_is_no_key() {
    for said in [
        "\x1b]11;rgb:0000/0000/0000\x1b\\",
        "\x1b]11;rgb:dDxX/yyQQ/0000\x07",
        "\x1bP>|XTerm(390)\x1b\\",
        "\x1b_Gi=31;OK\x1b\\",
        "\x1b^privat\x1b\\",
        "\x1bXstart\x1b\\",
        "\x1b[?62;22c",
        "\x1b[>41;354;0c",
        "\x1b[24;80R",
        "\x1b[0n",
        "\x1b[?2026;2$y",
        "\x1b[8;24;80t",
        "\x1b[I",
        "\x1b[O",
        "\x1b[<0;10;20M",
        "\x1b[<0;10;20m",
        "\x1b[M Dq",
        "\x1b[97;1:3u",
        "\x1b[57441;2u",
    ] {
        assert_eq!(meant(format!("a{said}b")), ["a", "b"], "{said:?}");
    }
}

#[test]
fn a_text_of_the_terminal_without_its_end_ends() {
    let mut typist = Typist::new(false);
    assert!(typist.types("\x1b]52;c;REAL").is_empty());
    assert!(typist.waits(299).is_empty());
    assert!(typist.types("WORDS").is_empty());
    assert!(typist.waits(300).is_empty());
    assert_eq!(typist.types("j"), ["j"]);
    // Held keys leave no such pause.
    let many = "j".repeat(LONGEST_TEXT + 10);
    assert!(typist.types(format!("\x1b]0;{many}")).contains(&"j".to_owned()));
    assert_eq!(typist.types("\x1bPabc\x03"), ["Ctrl-c"]);
    assert_eq!(typist.types("\x1bPabc\x1b[A"), ["Up"], "something else began");
}

#[test]
fn pasted_text_is_one_event_whatever_is_in_it() {
    assert_eq!(meant("\x1b[200~Dy\r\x1b[A\x1b[20 ü\x1b[201~j"), ["paste Dy\r\x1b[A\x1b[20 ü", "j"]);
    assert_eq!(meant("\x1b[200~\x1b\x1b[201~"), ["paste \x1b"]);
    assert_eq!(meant("\x1b[200~\x1b[201~"), ["paste "]);
    assert_eq!(meant(b"\x1b[200~a\xffb\x1b[201~"), ["paste a\u{fffd}b"]);
    let long = meant(format!("\x1b[200~{}\x1b[201~j", "x".repeat(2 * LONGEST_PASTE)));
    assert_eq!(long.iter().map(String::len).collect::<Vec<_>>(), ["paste ".len() + LONGEST_PASTE, 1]);
}

#[test]
fn pasted_text_without_its_end_ends_after_a_while_or_at_ctrl_c() {
    for (slow, wait) in [(false, 1_000), (true, 3_000)] {
        let mut typist = Typist::new(slow);
        assert!(typist.types("\x1b[200~Dy").is_empty());
        assert!(typist.waits(wait - 1).is_empty());
        assert!(typist.types("Dy\x1b[20").is_empty());
        assert_eq!(typist.waits(wait), ["paste DyDy"]);
        assert_eq!(typist.types("\x1b[201~q"), ["q"], "the end came late");
        assert!(typist.types("\x1b[200~abc").is_empty());
        assert_eq!(typist.types("\x03"), ["paste abc", "Ctrl-c"]);
    }
}

#[test]
fn what_is_no_utf_8_is_no_key() {
    assert_eq!(meant(b"a\xffb\xc3(\xe2\x82j\xf0\x9fk"), ["a", "b", "(", "j", "k"]);
    // A character's first byte waits, but not against keys behind it.
    assert_eq!(meant(b"\xc3\x1b[A"), ["Up"]);
    assert_eq!(meant(b"\xc3\xc3\xa9"), ["é"]);
}

/// Bytes of what terminals send, whole, cut and mixed up.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let known =
        prop::sample::select(KEYS.iter().map(|(bytes, _)| bytes.as_bytes().to_vec()).collect::<Vec<_>>());
    let odd = [
        "\x1b",
        "[",
        "O",
        "]",
        "\\",
        "\x07",
        "\x1b[200~",
        "\x1b[201~",
        "\x1b[20",
        "\x1bP",
        "\x1b[M",
        ";",
        "1",
        "\x03",
    ];
    let odd = prop::sample::select(odd.to_vec()).prop_map(|text| text.as_bytes().to_vec());
    let piece = prop_oneof![2 => known, 3 => odd, 2 => prop::collection::vec(any::<u8>(), 1..4)];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn how_bytes_are_cut_does_not_matter(bytes in any_bytes(), sizes in prop::collection::vec(1..6_usize, 0..200)) {
        let mut typist = Typist::new(false);
        let (mut all, mut rest) = (Vec::new(), bytes.as_slice());
        for size in sizes {
            let (piece, later) = rest.split_at(size.min(rest.len()));
            all.extend(typist.types(piece));
            all.extend(typist.waits(49));
            rest = later;
        }
        all.extend(typist.types(rest));
        all.extend(typist.waits(10_000));
        prop_assert_eq!(all, meant(bytes));
    }

    /// Whatever came before, after a pause a key is that key.
    #[test]
    fn nothing_swallows_keys_for_ever(bytes in any_bytes()) {
        let mut typist = Typist::new(true);
        typist.types(bytes);
        typist.waits(3_000);
        prop_assert_eq!(typist.types("j"), ["j"]);
    }
}
