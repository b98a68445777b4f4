//! What is said of a record, on screen: its signs in the list, and all of it as lines.

use crate::{
    model::{
        mark::{RecordMark, Verdict},
        sanitize::sanitize_lines,
    },
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        widgets::{pane::wrapped, text::Span},
    },
};

/// The sign of a verdict, and its colour: red is for what failed.
fn sign(verdict: Verdict) -> (&'static str, Role) {
    match verdict {
        Verdict::Good => ("G", Role::Series(3)),
        Verdict::Bad => ("B", Role::Series(1)),
        Verdict::Check => ("?", Role::Series(2)),
    }
}

/// A verdict in words.
pub fn verdict(verdict: Verdict) -> Span<'static> {
    Span::new(verdict.label(), sign(verdict).1)
}

/// Three columns: star, verdict, and whether there is a note, or else tags.
pub fn signs(mark: Option<&RecordMark>, theme: &Theme) -> Span<'static> {
    let Some(mark) = mark else { return Span::default() };
    let star = if mark.star { theme.star() } else { " " };
    let (verdict, role) = mark.verdict.map_or((" ", Role::Accent), sign);
    let more = match (mark.note.is_empty(), mark.tags.is_empty()) {
        (false, _) => theme.note(),
        (true, false) => "#",
        (true, true) => " ",
    };
    Span::new(format!("{star}{verdict}{more}"), role)
}

/// All of it in lines of at most so many columns: star, verdict and tags, then the note, then who and when. Of a long note
/// `most` lines.
pub fn lines(mark: &RecordMark, columns: usize, most: usize) -> Vec<Vec<Span<'static>>> {
    let mut first: Vec<Span<'static>> = Vec::new();
    let mut add = |span: Span<'static>| {
        if !first.is_empty() {
            first.push(Span::plain("  "));
        }
        first.push(span);
    };
    if mark.star {
        add(Span::new("starred", Role::Accent));
    }
    if let Some(of) = mark.verdict {
        add(Span::new(format!("verdict {}", of.label()), sign(of).1));
    }
    for tag in &mark.tags {
        add(Span::new(format!("#{tag}"), Role::Accent));
    }
    let mut lines: Vec<Vec<Span<'static>>> = Vec::new();
    if !first.is_empty() {
        lines.push(first);
    }
    let note = sanitize_lines(&mark.note);
    let mut rows = wrapped(&note, columns.max(1));
    lines.extend(rows.by_ref().take(most).map(|row| vec![Span::plain(row.to_owned())]));
    if rows.next().is_some() {
        lines.push(vec![Span::dim(format!(
            "and more lines: {} shows the note",
            key_of(Context::List, Action::Note)
        ))]);
    }
    let at = mark.at.get(..16).unwrap_or(&mark.at).replace('T', " ");
    lines.push(vec![Span::dim(format!("marked by {}, {at}", mark.by))]);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[Vec<Span<'_>>]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|span| span.text.as_ref()).collect()).collect()
    }

    #[test]
    fn signs_stand_in_columns_of_their_own() {
        let of = |mark: &RecordMark, ascii| {
            signs(Some(mark), &Theme { ascii, ..Theme::default() }).text.into_owned()
        };
        let mut mark = RecordMark { star: true, ..RecordMark::default() };
        assert_eq!((of(&mark, false), of(&mark, true)), ("★  ".to_owned(), "*  ".to_owned()));
        mark.tags.insert("salt".to_owned());
        (mark.star, mark.verdict) = (false, Some(Verdict::Bad));
        assert_eq!(of(&mark, false), " B#");
        mark.note = "x".to_owned();
        assert_eq!((of(&mark, false), of(&mark, true)), (" B✎".to_owned(), " Bn".to_owned()));
    }

    #[test]
    fn all_of_it_is_told_and_long_notes_say_so() {
        let mark = RecordMark {
            star: true,
            verdict: Some(Verdict::Check),
            tags: ["pH-7".to_owned(), "salt".to_owned()].into(),
            note: "one\ntwo three four".to_owned(),
            by: "mara".to_owned(),
            at: "2026-11-24T08:01:02.000003".to_owned(),
        };
        assert_eq!(
            text(&lines(&mark, 9, 5)),
            [
                "starred  verdict check again  #pH-7  #salt",
                "one",
                "two three",
                " four",
                "marked by mara, 2026-11-24 08:01"
            ]
        );
        assert_eq!(text(&lines(&mark, 40, 1)).get(2).unwrap(), "and more lines: i shows the note");
    }
}
