//! Makes text from the data safe for a terminal: control codes become visible marks.
//!
//! C0 codes and DEL become their control picture (`␛`, `␡`), one column each. What else a terminal could obey or hide -
//! C1 codes, format characters (bidi overrides, zero-width), line and paragraph separators, Hangul fillers,
//! code points without a character - becomes U+FFFD, one column as well. Combining marks and variation selectors
//! stay: they belong to the character in front.

use std::borrow::Cow;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// The end of a cut text.
const ELLIPSIS: &str = "…";

/// For one line: a tab and a line break become marks too.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) || text.chars().all(is_safe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| mark(c).unwrap_or(c)).collect())
}

/// For several lines (logs, tracebacks): line breaks stay, CR LF becomes LF, tabs become spaces up to the next stop.
pub fn sanitize_lines(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| c == '\n' || is_safe(c)) {
        return Cow::Borrowed(text);
    }
    let mut lines = Lines::default();
    lines.push(text);
    Cow::Owned(lines.done)
}

/// As [`sanitize_lines`] for bytes of any kind: a byte that is no UTF-8 shows as `\xNN`.
pub fn sanitize_bytes(bytes: &[u8]) -> String {
    let mut lines = Lines::default();
    for chunk in bytes.utf8_chunks() {
        lines.push(chunk.valid());
        let mut hex = String::new();
        push_hex(chunk.invalid(), &mut hex);
        lines.push(&hex);
    }
    lines.done
}

/// Cleaned text for a terminal without Unicode: what is not ASCII becomes `?`, as many as it had columns.
pub fn ascii(cleaned: &str) -> Cow<'_, str> {
    if cleaned.is_ascii() {
        return Cow::Borrowed(cleaned);
    }
    let pieces = cleaned
        .graphemes(true)
        .map(|g| if g.is_ascii() { Cow::Borrowed(g) } else { "?".repeat(width(g)).into() });
    Cow::Owned(pieces.collect())
}

/// Columns that cleaned text takes, character by character as ratatui sets them.
pub fn width(cleaned: &str) -> usize {
    if cleaned.is_ascii() { cleaned.len() } else { cleaned.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// Cleaned text in at most `columns` columns; what is cut ends with `…`. No character is split.
pub fn cut(cleaned: &str, columns: usize) -> Cow<'_, str> {
    cut_with(cleaned, columns, ELLIPSIS)
}

/// As [`cut`] with another mark at the end (`~` where there is no Unicode); no mark where not even it fits.
pub fn cut_with<'a>(cleaned: &'a str, columns: usize, mark: &str) -> Cow<'a, str> {
    // A column takes at least one byte, so short text needs no measuring.
    if cleaned.len() <= columns && cleaned.is_ascii() || fit(cleaned, columns).len() == cleaned.len() {
        return Cow::Borrowed(cleaned);
    }
    if mark.width() > columns {
        return Cow::Borrowed(fit(cleaned, columns));
    }
    let mut kept = fit(cleaned, columns - mark.width()).to_owned();
    kept.push_str(mark);
    Cow::Owned(kept)
}

/// The longest beginning that takes at most `columns` columns and splits no character.
pub fn fit(cleaned: &str, columns: usize) -> &str {
    let mut end = 0;
    let mut used = 0;
    for (at, grapheme) in cleaned.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            break;
        }
        end = at + grapheme.len();
    }
    cleaned.get(..end).unwrap_or_default()
}

/// The mark for a character that must not reach a terminal, `None` for one that may.
pub fn mark(c: char) -> Option<char> {
    match c {
        ' '..='~' => None,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)),
        '\x7f' => Some('\u{2421}'),
        _ if is_safe(c) => None,
        _ => Some('\u{fffd}'),
    }
}

fn is_safe(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => false,
        // Most letters of most texts, for which no table is looked at.
        '\u{a1}'..='\u{ac}'
        | '\u{ae}'..='\u{2ff}'
        | '\u{400}'..='\u{52f}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' => true,
        // Letters that show nothing.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{34f}' => false,
        _ => is_shown(c),
    }
}

fn is_shown(c: char) -> bool {
    use GeneralCategory as G;
    !matches!(
        c.general_category(),
        G::Control | G::Format | G::Unassigned | G::Surrogate | G::LineSeparator | G::ParagraphSeparator
    )
}

/// Several lines, cleaned piece by piece.
#[derive(Default)]
struct Lines {
    done: String,
    /// Columns since the last line break.
    column: usize,
}

impl Lines {
    fn push(&mut self, text: &str) {
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\n' => {
                    self.done.push('\n');
                    self.column = 0;
                }
                '\r' if rest.peek() == Some(&'\n') => {}
                '\t' => {
                    let spaces = TAB - self.column % TAB;
                    self.done.extend(std::iter::repeat_n(' ', spaces));
                    self.column += spaces;
                }
                c => {
                    let shown = mark(c).unwrap_or(c);
                    self.done.push(shown);
                    self.column += shown.width().unwrap_or(0);
                }
            }
        }
    }
}

pub(super) fn push_hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        out.push_str(&format!("\\x{byte:02x}"));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn controls_become_pictures_of_one_column() {
        assert_eq!(sanitize("a\x1b[31mred\x07\x7f\n\t"), "a␛[31mred␇␡␊␉");
        assert_eq!(
            sanitize("\u{9b}31m \u{202e}x\u{2066} z\u{200b}z \u{2028}\u{feff}\u{3164}"),
            "�31m �x� z�z ���"
        );
        assert_eq!(sanitize("\u{378}\u{fffe}\u{e0041}"), "���");
        for c in ('\0'..='\u{ffff}').chain('\u{e0000}'..='\u{e01ff}') {
            assert_eq!(mark(c).map_or(Some(1), UnicodeWidthChar::width), Some(1), "{c:?}");
        }
    }

    #[test]
    fn what_is_safe_at_once_is_so_by_the_table() {
        for c in ('\u{a0}'..='\u{ffff}').filter(|c| is_safe(*c)) {
            assert!(is_shown(c), "{c:?}");
        }
    }

    #[test]
    fn harmless_text_is_borrowed_as_it_stands() {
        for text in ["", "plain", "é 日本 🧪 e\u{301} ⚠\u{fe0f} \u{a0}\u{e000}"] {
            assert!(matches!(sanitize(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
        assert!(matches!(sanitize_lines("a\nb"), Cow::Borrowed("a\nb")));
    }

    #[test]
    fn lines_keep_their_breaks_and_tab_stops() {
        assert_eq!(sanitize_lines("a\tb\r\nlong one\tc\rd"), "a       b\nlong one        c␍d");
        assert_eq!(sanitize_lines("日\tx"), "日      x");
        assert_eq!(sanitize_bytes(b"ok\xff\xe6\x97\t\xc3\xa9\n\x1b"), "ok\\xff\\xe6\\x97  é\n␛");
    }

    #[test]
    fn cutting_never_splits_a_character() {
        assert_eq!(cut("plain", 5), "plain");
        assert_eq!(cut("plain", 4), "pla…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("plain", 1), "…");
        assert_eq!(cut("plain", 0), "");
        assert_eq!(cut_with("plain", 3, "~"), "pl~");
        assert_eq!(cut_with("plain", 1, "..."), "p");
        assert_eq!(ascii("日é␛x"), "????x");
    }

    proptest! {
        #[test]
        fn nothing_shown_is_obeyed(bytes in prop::collection::vec(any::<u8>(), 0..40), text in "\\PC{0,8}[\\x00-\\u{2fff}]{0,20}") {
            for shown in [sanitize_bytes(&bytes), sanitize_bytes(text.as_bytes()), sanitize_lines(&text).into_owned()] {
                prop_assert!(shown.chars().all(|c| c == '\n' || is_safe(c)), "{shown:?}");
            }
            prop_assert!(sanitize(&text).chars().all(|c| is_safe(c) && !c.is_control()));
            let once = sanitize(&text);
            prop_assert_eq!(&sanitize(&once), &once);
            prop_assert!(ascii(&sanitize(&text)).bytes().all(|b| matches!(b, b' '..=b'~')));
        }

        #[test]
        fn cut_text_fits(text in "[\\PC日e\u{301}🧪\u{1f1ea}]{0,20}", columns in 0_usize..24) {
            let cleaned = sanitize(&text);
            let short = cut(&cleaned, columns);
            prop_assert!(width(&short) <= columns, "{short:?}");
            prop_assert!(cleaned.starts_with(short.strip_suffix('…').unwrap_or(&short)));
            prop_assert!(width(&cleaned) > columns || short == cleaned);
        }
    }
}
