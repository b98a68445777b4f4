//! Lines in each encoding, and bytes of any kind.

use proptest::prelude::*;

use super::*;

fn utf16(text: &str, encoding: Encoding) -> Vec<u8> {
    let bytes =
        |unit: u16| if encoding == Encoding::Utf16Le { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

fn shown(line: &[u8]) -> (String, bool, bool) {
    let shown = Encoding::Bytes.shown(line, true);
    (shown.text.into_owned(), shown.is_windows, shown.is_bar)
}

#[test]
fn each_line_says_by_itself_what_it_is() {
    let text = |line: &[u8]| shown(line).0;
    assert_eq!(shown(b"40 \xb5L \x80 \x84zu hei\xdf\x93\r\n"), ("40 µL € „zu heiß“".to_owned(), true, false));
    assert_eq!(shown("40 µL heiß\n".as_bytes()), ("40 µL heiß".to_owned(), false, false));
    assert_eq!(text(b"a\x81b\xe9\x8d\n"), "a\\x81bé\\x8d");
    // Damage in a line that is UTF-8 all the same.
    assert_eq!(shown(b"\xc2\xb5 \xc3\x9f \xff!\n"), ("µ ß \\xff!".to_owned(), false, false));
    // The last character of a line that is being written.
    assert_eq!(shown(b"hei\xc3"), ("hei\\xc3".to_owned(), false, false));
    assert_eq!(shown(b"hei\xc3\n"), ("heiÃ".to_owned(), true, false));
    assert_eq!(text(b"\xef\xbb\xbfbegin"), "begin");
    assert_eq!(Encoding::Bytes.shown(b"\xef\xbb\xbfx", false).text, "\u{fffd}x");
    assert_eq!(text(b"\x1b[31m\t|"), "␛[31m   |");
}

#[test]
fn what_was_written_over_is_not_shown() {
    assert_eq!(shown(b"10 %\r55 %\r100 %\r\n"), ("100 %".to_owned(), false, true));
    assert_eq!(shown(b"\r 3/9"), (" 3/9".to_owned(), false, true));
    assert_eq!(shown(b"3/9\r"), ("3/9".to_owned(), false, false));
    assert_eq!(shown(b"plain\r\r\n"), ("plain".to_owned(), false, false));
    for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
        let line = utf16("1 %\rഊ 2 %\r\n", encoding);
        let shown = encoding.shown(&line, false);
        assert_eq!((shown.text.as_ref(), shown.is_bar), ("ഊ 2 %", true));
    }
}

#[test]
fn utf16_is_seen_with_a_mark_and_where_it_is_obvious() {
    for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
        let plain = utf16("2026-11-24 - Насос включён\r\n", encoding);
        let marked = utf16("\u{feff}насос", encoding);
        assert_eq!((Encoding::of(&plain), Encoding::of(&marked)), (encoding, encoding));
        assert_eq!(encoding.shown(&marked, true).text, "насос");
        let two = utf16("ab\n\u{a0a}\u{d0a}c\nd", encoding);
        assert_eq!(encoding.line_ends(&two).collect::<Vec<_>>(), [6, 14]);
        assert_eq!((encoding.line_end(&two), encoding.last_line_end(&two)), (Some(6), Some(14)));
        assert_eq!(encoding.begun(&utf16("🧪", encoding)[..2]), 2);
        assert_eq!((encoding.begun(&utf16("\r", encoding)), encoding.begun(&utf16("a", encoding))), (2, 0));
    }
    for other in
        [&b"ok\0\n"[..], b"", b"a\0", b"\0\0\0\0\0\0\0\0", b"1\0\0\x002\0\0\x003\0\0\0", "плюс".as_bytes()]
    {
        assert_eq!(Encoding::of(other), Encoding::Bytes, "{other:?}");
    }
}

#[test]
fn a_begun_character_is_known_by_its_bytes() {
    let begun = |bytes: &[u8]| Encoding::Bytes.begun(bytes);
    let flask = "x🧪".as_bytes();
    assert_eq!([0, 1, 2, 3, 4, 5].map(|n| begun(&flask[..n])), [0, 0, 1, 2, 3, 0]);
    assert_eq!((begun(b"\xb0"), begun(b"25 \xb0"), begun(b"a\r"), begun(b"")), (0, 0, 1, 0));
}

#[test]
fn a_file_is_read_line_by_line() {
    assert_eq!(file_text(b"\xef\xbb\xbf\xc3\xbc\n\xfc\n\xc3\x9c\n"), "ü\nü\nÜ\n");
    assert_eq!(file_text(&utf16("\u{feff}a;ü\r\n", Encoding::Utf16Be)), "a;ü\r\n");
}

proptest! {
    #[test]
    fn any_line_is_shown(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for encoding in [Encoding::Bytes, Encoding::Utf16Le, Encoding::Utf16Be] {
            let text = encoding.shown(&bytes, true).text;
            prop_assert!(!text.contains('\r') && sanitize_lines(&text) == text);
        }
    }

    #[test]
    fn text_is_read_as_it_was_written(text in "[a-zäöüß°µ€„“–\u{2026} ]{0,40}") {
        let windows = WINDOWS_1252.encode(&text).0.into_owned();
        // By chance a few letters of Windows-1252 are one of UTF-8.
        if windows.utf8_chunks().all(|chunk| chunk.valid().is_ascii()) {
            prop_assert_eq!(shown(&windows).0, text.clone());
        }
        prop_assert_eq!(shown(text.as_bytes()).0, text.clone());
        for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
            let bytes = utf16(&text, encoding);
            prop_assert_eq!(encoding.shown(&bytes, false).text, text.as_str());
        }
    }
}
