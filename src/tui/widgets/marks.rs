//! Words that were searched for, marked in texts of one line and in rows of longer ones.

use std::ops::Range;

use super::text::Span;
use crate::{model::needle::Needle, style::Role};

/// The text with these places in it marked as found.
fn marked(text: &str, hits: &[Range<usize>], kind: Role) -> Vec<Span<'static>> {
    let (mut spans, mut from) = (Vec::new(), 0);
    let mut push = |range: Range<usize>, kind| {
        let part = text.get(range).filter(|part| !part.is_empty());
        spans.extend(part.map(|part| Span::new(part.to_owned(), kind)));
    };
    for hit in hits {
        push(from..hit.start, kind);
        push(hit.clone(), Role::Hit);
        from = hit.end;
    }
    push(from..text.len(), kind);
    if spans.is_empty() {
        spans.push(Span::new(String::new(), kind));
    }
    spans
}

/// The spans with the words marked, also where they begin in one and end in another.
pub fn marked_spans(spans: Vec<Span<'static>>, needle: &Needle) -> Vec<Span<'static>> {
    let whole: String = spans.iter().map(|span| &*span.text).collect();
    let hits = needle.ranges(&whole);
    if hits.is_empty() {
        return spans;
    }
    let mut start = 0;
    let mut marks = |span: Span<'static>| {
        let row = start..start + span.text.len();
        start = row.end;
        marked(&span.text, &within(&hits, &row), span.kind)
    };
    spans.into_iter().flat_map(&mut marks).collect()
}

/// The places of the words in one row of a text, counted from its start; also of words that begin in the row above it or
/// end in the one below.
fn row_hits(text: &str, row: &Range<usize>, needle: &Needle) -> Vec<Range<usize>> {
    within(&hits_around(text, row, needle), row)
}

/// A row of a text with the words marked.
pub fn marked_row(text: &str, row: &Range<usize>, needle: &Needle, kind: Role) -> Vec<Span<'static>> {
    marked(text.get(row.clone()).unwrap_or_default(), &row_hits(text, row, needle), kind)
}

/// Do the words begin in this row of a text?
pub fn begins_in(text: &str, row: &Range<usize>, needle: &Needle) -> bool {
    hits_around(text, row, needle).iter().any(|hit| row.contains(&hit.start))
}

/// The places of the words in and around a row of a text: nothing further away is looked at.
fn hits_around(text: &str, row: &Range<usize>, needle: &Needle) -> Vec<Range<usize>> {
    if needle.is_empty() {
        return Vec::new();
    }
    // Letters of the text can take more bytes than those that were typed.
    let around = needle.text().len().saturating_mul(4) + 16;
    let from = text.floor_char_boundary(row.start.saturating_sub(around));
    let to = text.ceil_char_boundary(row.end.saturating_add(around).min(text.len()));
    let hits = needle.ranges(text.get(from..to).unwrap_or_default());
    hits.into_iter().map(|hit| hit.start + from..hit.end + from).collect()
}

/// What of each place lies in a row, counted from its start.
fn within(hits: &[Range<usize>], row: &Range<usize>) -> Vec<Range<usize>> {
    let inside = hits.iter().filter(|hit| hit.start < row.end && hit.end > row.start);
    inside.map(|hit| hit.start.max(row.start) - row.start..hit.end.min(row.end) - row.start).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(spans: &[Span<'_>]) -> Vec<String> {
        spans.iter().filter(|span| span.kind == Role::Hit).map(|span| span.text.to_string()).collect()
    }

    #[test]
    fn words_are_marked_across_spans_and_rows() {
        let spans = vec![Span::dim("Δp"), Span::dim(" = "), Span::plain("0.4 bar")];
        let marked = marked_spans(spans, &Needle::new("δP = 0.4"));
        assert_eq!(hits(&marked), Vec::<String>::new(), "a capital is exact");
        let spans = vec![Span::dim("Δp"), Span::dim(" = "), Span::plain("0.4 bar")];
        assert_eq!(hits(&marked_spans(spans, &Needle::new("δp = 0.4"))), ["Δp", " = ", "0.4"]);
        let (text, needle) = ("one two three", Needle::new("o th"));
        assert_eq!(hits(&marked_row(text, &(0..6), &needle, Role::Normal)), [""; 0]);
        assert_eq!(hits(&marked_row(text, &(0..8), &needle, Role::Normal)), ["o "]);
        assert_eq!(hits(&marked_row(text, &(8..13), &needle, Role::Normal)), ["th"]);
        assert!(begins_in(text, &(0..8), &needle) && !begins_in(text, &(8..13), &needle));
    }
}
