//! Text measured, cut and written by display width, with control codes as visible marks.

use std::borrow::Cow;

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::{
    formats::number,
    model::sanitize,
    style::{Role, Theme},
};

/// Text of one kind, for one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Span<'a> {
    pub text: Cow<'a, str>,
    pub kind: Role,
}

impl<'a> Span<'a> {
    pub fn new(text: impl Into<Cow<'a, str>>, kind: Role) -> Self {
        Self { text: text.into(), kind }
    }

    /// Normal text.
    pub fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self::new(text, Role::Normal)
    }

    /// Secondary text.
    pub fn dim(text: impl Into<Cow<'a, str>>) -> Self {
        Self::new(text, Role::Dim)
    }

    /// For what is not there yet.
    pub fn pending(theme: &Theme) -> Self {
        Self::new(theme.ellipsis(), Role::Dim)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    #[default]
    Left,
    Right,
}

/// A grapheme as it is shown, in cells of its own.
pub(crate) struct TextPiece<'a> {
    /// Byte offset in the text.
    pub at: usize,
    pub shown: Cow<'a, str>,
    /// Columns; never 0.
    pub width: usize,
}

/// The text as it is shown, piece by piece; lazily, so that a megabyte cut to a line costs a line.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = TextPiece<'_>> {
    text.grapheme_indices(true).filter_map(|(at, g)| {
        let shown = match mark(g) {
            Some(mark) => Cow::Owned(mark),
            None => Cow::Borrowed(g),
        };
        let width = shown.width();
        (width > 0).then_some(TextPiece { at, shown, width })
    })
}

/// The marks for what would steer the terminal, `None` where nothing does.
fn mark(grapheme: &str) -> Option<String> {
    let steers = grapheme.chars().any(|c| sanitize::mark(c).is_some());
    steers.then(|| grapheme.chars().map(|c| sanitize::mark(c).unwrap_or(c)).collect())
}

/// Does each byte stand in a column of its own? Most text does, and costs a fraction then.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Columns that the text takes.
pub fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    pieces(text).map(|p| p.width).sum()
}

/// Columns that spans take, one behind the other.
pub fn spans_width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| width(&span.text)).sum()
}

/// At most `width` columns of the text, with the ellipsis at its end where something was cut.
pub fn cut(text: &str, width: usize, ellipsis: &str) -> String {
    let tail = ellipsis.width();
    if is_plain(text) {
        return match (text.get(..width), width.checked_sub(tail)) {
            (Some(fits), _) if fits.len() == text.len() => text.to_owned(),
            (None, _) => text.to_owned(),
            (Some(_), Some(room)) => text.get(..room).unwrap_or_default().to_owned() + ellipsis,
            (Some(_), None) => String::new(),
        };
    }
    let (mut out, mut used, mut keep, mut kept) = (String::new(), 0, 0, 0);
    for piece in pieces(text) {
        if used + piece.width > width {
            out.truncate(keep);
            if kept + tail <= width {
                out.push_str(ellipsis);
            }
            return out;
        }
        used += piece.width;
        out.push_str(&piece.shown);
        if used + tail <= width {
            (keep, kept) = (out.len(), used);
        }
    }
    out
}

/// At most `width` columns of the text, with the ellipsis in its middle: names that begin alike differ at their ends.
pub fn cut_middle(text: &str, width: usize, ellipsis: &str) -> String {
    let all: Vec<_> = pieces(text).collect();
    if all.iter().map(|piece| piece.width).sum::<usize>() <= width {
        return all.iter().map(|piece| &*piece.shown).collect();
    }
    let Some(room) = width.checked_sub(ellipsis.width()) else { return String::new() };
    let (mut tail, mut used) = (Vec::new(), 0);
    for piece in all.iter().rev() {
        if used + piece.width > room * 2 / 3 {
            break;
        }
        used += piece.width;
        tail.push(&*piece.shown);
    }
    let mut out = String::new();
    for piece in &all {
        if used + piece.width > room {
            break;
        }
        used += piece.width;
        out.push_str(&piece.shown);
    }
    out.push_str(ellipsis);
    out.extend(tail.into_iter().rev());
    out
}

/// The text in exactly `width` columns.
pub fn fit(text: &str, columns: usize, align: Align, ellipsis: &str) -> String {
    let mut out = cut(text, columns, ellipsis);
    let gap = " ".repeat(columns.saturating_sub(width(&out)));
    match align {
        Align::Left => out.push_str(&gap),
        Align::Right => out.insert_str(0, &gap),
    }
    out
}

/// The columns `from..from + width` of the text; half a wide character is a space.
pub fn slice(text: &str, from: usize, width: usize) -> String {
    let (mut at, end, mut out) = (0, from.saturating_add(width), String::new());
    for piece in pieces(text) {
        let next = at + piece.width;
        if at >= from && next <= end {
            out.push_str(&piece.shown);
        } else if next > from && at < end {
            out.push_str(&" ".repeat(next.min(end) - at.max(from)));
        }
        at = next;
        if at >= end {
            break;
        }
    }
    out
}

/// Writes into the part of `area` that the buffer has, from column `x` of the area on; gives the column behind.
pub fn put(buf: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    let inside = area.intersection(buf.area);
    let (mut column, row) = (area.x.saturating_add(x), area.y.saturating_add(y));
    if row < inside.top() || row >= inside.bottom() {
        return x;
    }
    if is_plain(text) && column >= inside.left() {
        for (c, at) in text.chars().zip(column..inside.right()) {
            if let Some(cell) = buf.cell_mut((at, row)) {
                cell.set_char(c).set_style(style);
            }
            column = at.saturating_add(1);
        }
        return column.saturating_sub(area.x);
    }
    for piece in pieces(text) {
        let next = usize::from(column) + piece.width;
        if column < inside.left() || next > usize::from(inside.right()) {
            break;
        }
        buf.set_stringn(column, row, piece.shown.as_ref(), piece.width, style);
        column = u16::try_from(next).unwrap_or(u16::MAX);
    }
    column.saturating_sub(area.x)
}

/// Writes spans one behind the other, cut to `width` columns from `x` on, a span that is a number as numbers are cut;
/// gives the column behind.
pub fn put_spans(
    buf: &mut Buffer,
    area: Rect,
    (x, y, width): (u16, u16, u16),
    spans: &[Span<'_>],
    theme: &Theme,
) -> u16 {
    let mut at = x;
    let end = x.saturating_add(width).min(area.width);
    let last = spans.len().saturating_sub(1);
    for (i, span) in spans.iter().enumerate() {
        let room = usize::from(end.saturating_sub(at));
        let behind = spans.get(i + 1..).unwrap_or_default();
        if number::is_decimal(&span.text) {
            let text = number_before(&span.text, behind, room, theme.ellipsis());
            at = put(buf, area, at, y, &text, theme.style(span.kind));
            if text != span.text {
                break;
            }
            continue;
        }
        let mut text = cut(&span.text, room, theme.ellipsis());
        // The next span needs at least its first column, else this one says that something is missing.
        let full = self::width(&text) == room && i < last;
        if full && behind.iter().any(|s| !s.text.is_empty()) {
            text = cut(&format!("{text} "), room, theme.ellipsis());
        }
        at = put(buf, area, at, y, &text, theme.style(span.kind));
        if full {
            break;
        }
    }
    at
}

/// A number in so many columns, with `behind` it. Where of that nothing but the ellipsis would be seen, which would look
/// like a cut of its digits, the number gives way to the ellipsis.
fn number_before(text: &str, behind: &[Span<'_>], room: usize, ellipsis: &str) -> String {
    let shown = number::cut(text, room, ellipsis);
    let left = room.saturating_sub(width(&shown));
    let widths = || behind.iter().flat_map(|span| pieces(&span.text)).map(|piece| piece.width);
    let first = widths().next().unwrap_or(0);
    // No more is measured than has room: a piece takes a column at least.
    let all = widths().take(left + 1).sum::<usize>() <= left;
    if shown != text || all || left >= first + width(ellipsis) { shown } else { slice(ellipsis, 0, room) }
}

/// For a terminal without Unicode, once a frame is drawn: each character that is not ASCII becomes
/// `?`.
pub fn ascii_only(buf: &mut Buffer) {
    for cell in buf.content.iter_mut().filter(|c| !c.symbol().is_ascii()) {
        // The cells behind a wide character are spaces already; they show once it is narrow.
        cell.set_char('?');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A value among words keeps its size, and gives way whole where more follows that has no room.
    #[test]
    fn numbers_among_words_are_cut_as_numbers() {
        let theme = Theme { ascii: false, color: false };
        let spans = ["mass = ", "1250.75", ", trace = ", "0.00011"].map(Span::plain);
        let drawn = |width: u16| {
            let area = Rect::new(0, 0, width, 1);
            let mut buf = Buffer::empty(area);
            put_spans(&mut buf, area, (0, 0, width), &spans, &theme);
            crate::tui::widgets::testing::lines(&buf).concat().trim_end().to_owned()
        };
        assert_eq!(drawn(40), "mass = 1250.75, trace = 0.00011");
        assert_eq!(drawn(30), "mass = 1250.75, trace = 1.1e-4");
        assert_eq!(drawn(29), "mass = 1250.75, trace = 1…e-4");
        assert_eq!(drawn(16), "mass = 1250.75,…");
        assert_eq!(drawn(15), "mass = …");
        assert_eq!(drawn(14), "mass = …");
        assert_eq!(drawn(13), "mass = 1250.…");
        assert_eq!(drawn(12), "mass = 1…e3");
        assert_eq!(drawn(10), "mass = …");
    }

    #[test]
    fn a_cut_in_the_middle_keeps_the_end() {
        assert_eq!(cut_middle("run_2026-11-24_steps.csv", 24, "…"), "run_2026-11-24_steps.csv");
        assert_eq!(cut_middle("run_2026-11-24_steps.csv", 16, "…"), "run_2…_steps.csv");
        assert_eq!(cut_middle("測定一回目.csv", 9, "..."), "測....csv");
        for width in 0..9 {
            assert!(cut_middle("a_測定_b.csv", width, "…").width() <= width);
        }
    }

    #[test]
    fn cuts_by_display_width() {
        assert_eq!(cut("iteration", 9, "…"), "iteration");
        assert_eq!(cut("iteration", 8, "…"), "iterati…");
        assert_eq!(cut("iteration", 8, ".."), "iterat..");
        assert_eq!(cut("温度計", 5, "…"), "温度…");
        assert_eq!(cut("温度計", 4, "…"), "温…");
        assert_eq!(cut("温", 1, ".."), "");
        assert_eq!(cut("", 0, "…"), "");
        assert_eq!(fit("9.2", 5, Align::Right, "…"), "  9.2");
        assert_eq!(fit("温度", 3, Align::Left, "…"), "温…");
        assert_eq!(fit("e\u{301}", 3, Align::Left, "…"), "e\u{301}  ");
    }

    #[test]
    fn slices_sideways_with_spaces_for_halves() {
        assert_eq!(slice("abcdef", 2, 3), "cde");
        assert_eq!(slice("温度計", 1, 4), " 度 ");
        assert_eq!(slice("abc", 5, 3), "");
    }

    #[test]
    fn control_codes_become_marks() {
        assert_eq!(cut("\x1b[31mred\r\n\t\u{9b}x\u{202e}", 40, "…"), "␛[31mred␍␊␉\u{fffd}x\u{fffd}");
    }

    #[test]
    fn spans_are_cut_together() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        let theme = Theme::default();
        let spans = [Span::plain("slept"), Span::dim(" = "), Span::plain("0.6")];
        put_spans(&mut buf, Rect::new(0, 0, 8, 1), (0, 0, 8), &spans, &theme);
        assert_eq!(
            buf,
            Buffer::with_lines([ratatui::text::Line::from(vec![
                "slept".into(),
                ratatui::text::Span::styled(" =…", theme.style(Role::Dim)),
            ])])
        );
    }

    #[test]
    fn a_frame_without_unicode() {
        let mut buf = Buffer::with_lines(["temp °C 温!"]);
        ascii_only(&mut buf);
        assert_eq!(buf, Buffer::with_lines(["temp ?C ? !"]));
    }

    proptest! {
        /// A sign that is wider than its byte leads the long way.
        #[test]
        fn plain_text_is_cut_and_written_as_any_other(
            text in "[ -~]{0,12}", room in 0usize..14, x in 0u16..8, tail in prop_oneof!["…", "\\.\\."],
        ) {
            let long = format!("{text}温");
            prop_assert_eq!(width(&text) + 2, width(&long));
            if room < text.len() {
                prop_assert_eq!(cut(&text, room, &tail), cut(&long, room, &tail));
            } else {
                prop_assert_eq!(&cut(&text, room, &tail), &text);
            }
            let (mut one, mut other) = (Buffer::empty(Rect::new(0, 0, 8, 1)), Buffer::empty(Rect::new(0, 0, 8, 1)));
            let end = put(&mut one, other.area, x, 0, &text, Style::new().dim());
            other.set_stringn(x, 0, &text, usize::from(8 - x), Style::new().dim());
            prop_assert_eq!(one, other);
            prop_assert_eq!(usize::from(end), (usize::from(x) + text.len()).min(8));
        }

        #[test]
        fn fit_is_exact_and_clean(text in "\\PC{0,12}|.{0,12}|[\\x00-\\x9f温é]{0,12}", w in 0usize..20) {
            let out = fit(&text, w, Align::Left, "…");
            prop_assert!(out.width() <= w && width(&out) == w || w > width(&text) && width(&out) == w, "{out:?}");
            prop_assert!(!out.chars().any(char::is_control));
            prop_assert!(width(&slice(&text, w / 2, w)) <= w);
        }
    }
}
