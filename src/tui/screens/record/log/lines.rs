//! Bytes of a log as lines to read: cleaned, and told apart as errors, tracebacks and the rest.

use std::borrow::Cow;

use crate::{
    model::encoding::Encoding, services::log::first_piece, style::Role, tui::widgets::reader::TextLine,
};

/// Lines of a log, and how they were found.
#[derive(Debug, Default)]
pub(super) struct LogLines {
    pub lines: Vec<TextLine>,
    /// One of them is no UTF-8 and was read as Windows-1252.
    pub has_windows: bool,
}

/// Cuts bytes that begin at `offset` of the file into lines; one that is too long goes on in the next.
pub(super) fn split(bytes: &[u8], offset: u64, encoding: Encoding) -> LogLines {
    let (mut found, mut rest, mut at) = (LogLines::default(), bytes, offset);
    while !rest.is_empty() {
        let (len, ends) = first_piece(rest, at, encoding);
        let (line, later) = rest.split_at(len.clamp(1, rest.len()));
        let shown = encoding.shown(line, at == 0);
        found.has_windows |= shown.is_windows;
        let (text, is_bar) = (shown.text.into_owned(), shown.is_bar);
        let kind = kind(&text);
        add(&mut found.lines, TextLine { text, kind, at, ends, is_bar });
        at += line.len() as u64;
        rest = later;
    }
    found
}

/// Adds the next line; where it goes on with a line that was cut, and writes over that, it takes its place.
pub(super) fn add(lines: &mut Vec<TextLine>, mut next: TextLine) {
    if next.is_bar
        && let Some(over) = lines.pop_if(|last| !last.ends)
    {
        next.at = over.at;
    }
    lines.push(next);
}

/// What a line of IvoryOS's log is. Its records begin with `2026-11-24 03:00:44 - `; a traceback follows its record
/// without a time: indented, up to a line with the exception.
fn kind(text: &str) -> Role {
    if text.starts_with(' ') || text.starts_with("Traceback (most recent call last)") {
        return Role::Dim;
    }
    match message(text) {
        Some(message) if message.starts_with("Error ") || message.starts_with("Error:") => Role::Failed,
        None if names_exception(text) => Role::Failed,
        _ => Role::Normal,
    }
}

/// The message behind the time of a log line.
fn message(text: &str) -> Option<&str> {
    let (time, message) = text.split_once(" - ")?;
    let digits = time.bytes().filter(u8::is_ascii_digit).count();
    (time.len() >= 19 && digits >= 14).then_some(message)
}

/// `RuntimeError: ...`, `lab.errors.PumpTimeout: ...`, `KeyboardInterrupt`.
fn names_exception(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default();
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    let ends = ["Error", "Exception", "Timeout", "Interrupt", "Warning", "Exit"];
    is_name && last.starts_with(char::is_uppercase) && ends.iter().any(|end| last.ends_with(end))
}

/// The first line of the last error: the log line with its message, above its traceback.
pub(super) fn last_error(lines: &[TextLine]) -> Option<usize> {
    let last = lines.iter().rposition(|line| line.kind == Role::Failed)?;
    let before = lines.get(..last).unwrap_or_default();
    let above = before.iter().rposition(|line| !matches!(line.kind, Role::Dim));
    match above.and_then(|i| Some((i, lines.get(i)?))) {
        Some((i, line)) if line.kind == Role::Failed && message(&line.text).is_some() => Some(i),
        _ => Some(last),
    }
}

/// The end of a text in so many columns, for paths: their ends tell more than their beginnings.
pub(super) fn tail<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    use crate::tui::widgets::text::width;
    let wide = width(text);
    if wide <= columns {
        return Cow::Borrowed(text);
    }
    let keep = columns.saturating_sub(width(ellipsis));
    let end = crate::tui::widgets::text::slice(text, wide - keep, keep);
    if keep == 0 { Cow::Borrowed("") } else { Cow::Owned(format!("{ellipsis}{end}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::log::LONGEST_LINE;

    fn split(bytes: &[u8], offset: u64) -> Vec<TextLine> {
        super::split(bytes, offset, Encoding::Bytes).lines
    }

    fn texts(bytes: &[u8]) -> Vec<(u64, String, bool)> {
        split(bytes, 10).into_iter().map(|l| (l.at, l.text, l.ends)).collect()
    }

    #[test]
    fn lines_are_cut_and_cleaned() {
        let got = texts(b"a\r\n\x1b[31mred\n\n\xff\xfeend");
        let want = [(10, "a", true), (13, "␛[31mred", true), (22, "", true), (23, "ÿþend", false)];
        assert_eq!(got, want.map(|(at, text, ends)| (at, text.to_owned(), ends)));
        assert!(texts(b"").is_empty());
    }

    #[test]
    fn a_line_without_end_goes_on_in_the_next() {
        let long = vec![b'x'; 150_000];
        let lines = split(&long, 0);
        assert_eq!(lines.iter().map(|l| l.at).collect::<Vec<_>>(), [0, LONGEST_LINE, 2 * LONGEST_LINE]);
        assert!(lines.iter().all(|l| !l.ends));
    }

    #[test]
    fn errors_and_tracebacks_are_told_apart() {
        let kinds = |text: &str| kind(text);
        assert_eq!(kinds("2026-11-24 03:00:44 - Executing prep steps"), Role::Normal);
        assert_eq!(kinds("2026-11-24 03:00:44 - Error during script execution: sensor"), Role::Failed);
        assert_eq!(kinds("2026-11-24 03:00:44 - Executing 'Error' with args {}"), Role::Normal);
        assert_eq!(kinds("Traceback (most recent call last):"), Role::Dim);
        assert_eq!(kinds("  File \"deck.py\", line 94, in flaky"), Role::Dim);
        assert_eq!(kinds("RuntimeError: sensor 'probe' timed out"), Role::Failed);
        assert_eq!(kinds("lab.errors.PumpTimeout: no answer"), Role::Failed);
        assert_eq!(kinds("no Error: here"), Role::Normal);
        assert_eq!(kinds(""), Role::Normal);
    }

    #[test]
    fn the_last_error_begins_with_its_record() {
        let log = b"2026-11-24 03:00:44 - Error during a: b\nTraceback (most recent call last):\n  File\nKeyError: 1\n\
            2026-11-24 03:00:45 - Pause script\n";
        assert_eq!(last_error(&split(log, 0)), Some(0));
        assert_eq!(last_error(&split(b"x\nKeyError: 1\n", 0)), Some(1));
        assert_eq!(last_error(&split(b"x\n", 0)), None);
    }

    #[test]
    fn paths_keep_their_ends() {
        assert_eq!(tail("/data/logs/a.log", 20, "…"), "/data/logs/a.log");
        assert_eq!(tail("/data/logs/a.log", 7, "…"), "…/a.log");
        assert_eq!(tail("/data/logs/a.log", 1, "…"), "");
    }
}
