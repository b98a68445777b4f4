//! Pieces of a log, and searching it, against a plain reading of the whole file.

use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::checkpoint::Cx;

fn open(file: &tempfile::NamedTempFile) -> Log {
    Log::of(DataFile::anywhere(file.path()).unwrap()).unwrap()
}

fn with(text: &[u8], at: LogAt, bytes: u64) -> LogPiece {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    open(&file).piece(&at, bytes, &mut Cx::quiet()).unwrap()
}

fn text(piece: &LogPiece) -> &str {
    std::str::from_utf8(&piece.bytes).unwrap()
}

const LINES: &[u8] = b"one\ntwo\nthree Pump\nfour\npump five\n";

#[test]
fn pieces_are_whole_lines() {
    assert_eq!(text(&with(LINES, LogAt::Start, 9)), "one\ntwo\n");
    assert_eq!(text(&with(LINES, LogAt::Offset(5), 4)), "two\n");
    assert_eq!(text(&with(LINES, LogAt::End, 3)), "pump five\n");
    assert_eq!(text(&with(LINES, LogAt::Before(8), 2)), "two\n");
    assert_eq!(text(&with(LINES, LogAt::Start, 1000)).len(), LINES.len());
    assert_eq!(text(&with(b"", LogAt::End, 1000)), "");
}

fn narrowed(words: &str, context: usize) -> (String, u64) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(LINES).unwrap();
    let found = open(&file).narrow(&Needle::new(words), context, &mut Cx::quiet()).unwrap();
    let texts = found.lines.iter().map(|(at, line)| format!("{at}:{}", String::from_utf8_lossy(line).trim()));
    (texts.collect::<Vec<_>>().join(" "), found.matches)
}

#[test]
fn a_narrowed_log_has_the_lines_with_the_words_and_their_context() {
    assert_eq!(narrowed("pump", 0), ("8:three Pump 24:pump five".to_owned(), 2));
    assert_eq!(narrowed("Pump", 1), ("4:two 8:three Pump 19:four".to_owned(), 1));
    assert_eq!(narrowed("pump", 9).0.split(' ').filter(|w| w.contains(':')).count(), 5);
    assert_eq!(narrowed("nothing", 2), (String::new(), 0));
}

#[test]
fn lines_have_numbers() {
    let piece = with(LINES, LogAt::Line(3), 5);
    assert_eq!((piece.offset, piece.line), (8, Some(3)));
    let piece = with(LINES, LogAt::Line(300), 20);
    assert_eq!((piece.offset, piece.line, text(&piece)), (24, Some(5), "pump five\n"));
}

fn find(words: &str, from: u64, forward: bool) -> Option<(u64, bool)> {
    let piece = with(LINES, LogAt::Find { words: words.into(), from, forward }, 100);
    Some((piece.found?, piece.wrapped))
}

#[test]
fn search_finds_the_next_and_the_last_line() {
    assert_eq!(find("pump", 0, true), Some((8, false)));
    assert_eq!(find("pump", 8, true), Some((24, false)));
    assert_eq!(find("pump", 24, true), Some((8, true)));
    assert_eq!(find("pump", 24, false), Some((8, false)));
    assert_eq!(find("Pump", 8, true), Some((8, true)));
    assert_eq!(find("pump", 8, false), Some((24, true)));
    assert_eq!(find("pumps", 8, false), None);
    assert_eq!(find("", 0, true), None);
}

#[test]
fn words_across_two_reads_are_found() {
    let mut long = vec![b'x'; usize::try_from(STRIDE).unwrap() - 3];
    *long.last_mut().unwrap() = b'\n';
    long.extend_from_slice(b"needle\n");
    long.extend(vec![b'y'; usize::try_from(STRIDE).unwrap()]);
    let start = STRIDE - 3;
    let at = |from, forward| LogAt::Find { words: "needle".into(), from, forward };
    assert_eq!(with(&long, at(0, true), 10).found, Some(start));
    assert_eq!(with(&long, at(start + STRIDE, false), 10).found, Some(start));
    assert_eq!(with(&long, at(start + 2 + STRIDE, false), 10).found, Some(start));
}

#[test]
fn a_line_without_end_is_cut() {
    let long = vec![b'z'; 300_000];
    let piece = with(&long, LogAt::Offset(250_000), 10);
    assert_eq!(piece.offset, 3 * LONGEST_LINE);
    assert!(piece.bytes.len() as u64 <= ROOM);
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

/// The lines of a whole file as they are shown: where each piece begins, and its text.
fn shown(bytes: &[u8]) -> Vec<(u64, String)> {
    let encoding = Encoding::of(&bytes[..bytes.len().min(BEGINNING)]);
    let (mut lines, mut at) = (Vec::<(u64, String, bool)>::new(), 0);
    while at < bytes.len() {
        let (len, ends) = first_piece(&bytes[at..], at as u64, encoding);
        let shown = encoding.shown(&bytes[at..at + len], at == 0);
        if shown.is_bar && lines.last().is_some_and(|(_, _, ends)| !ends) {
            lines.pop();
        }
        lines.push((at as u64, shown.text.into_owned(), ends));
        at += len;
    }
    lines.into_iter().map(|(at, text, _)| (at, text)).collect()
}

/// Every search in the file against all its lines, from each of them on.
fn searches_agree(bytes: &[u8], words: &str) {
    let needle = Needle::new(words);
    let lines = shown(bytes);
    let hits: Vec<u64> = lines.iter().filter(|(_, text)| needle.is_in(text)).map(|(at, _)| *at).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut log = open(&file);
    let cx = &mut Cx::quiet();
    for (from, _) in &lines {
        let down = hits.iter().find(|hit| *hit > from).map(|hit| (*hit, false));
        let up = hits.iter().rev().find(|hit| *hit < from).map(|hit| (*hit, false));
        let again = (hits.first().map(|hit| (*hit, true)), hits.last().map(|hit| (*hit, true)));
        assert_eq!(
            log.find(&needle, *from, true, cx).unwrap(),
            down.or(again.0),
            "{words:?} down from {from}"
        );
        assert_eq!(log.find(&needle, *from, false, cx).unwrap(), up.or(again.1), "{words:?} up from {from}");
    }
    let found = log.narrow(&needle, 0, cx).unwrap();
    assert_eq!(found.lines.iter().map(|(at, _)| *at).collect::<Vec<_>>(), hits, "{words:?}");
    assert_eq!(found.matches, hits.len() as u64);
}

#[test]
fn words_are_found_as_they_are_shown_whatever_the_bytes() {
    let text = "Begin\r\n40 µL Überlauf\r\n\r\nzu HEIẞ\r\n12 %\r99 %\r\nüberall µ\r\n40\tµL";
    let windows = encoding_rs::WINDOWS_1252.encode(&text.replace('ẞ', "ß")).0.into_owned();
    let mixed =
        [&windows[..], "\nПроба ПРОБА\n\u{2009}gru\u{308}n".as_bytes(), b"\n\x81error\xe9\n"].concat();
    let marked = format!("\u{feff}{text}");
    for bytes in [text.as_bytes(), marked.as_bytes(), &mixed, &utf16(text, true), &utf16(&marked, false)] {
        for words in [
            "überlauf",
            "40 μl",
            "heiß",
            "12",
            "99 %",
            "проба",
            "grün",
            "81e",
            "begin",
            " ",
            "1error",
            "é",
            "0 ",
        ] {
            searches_agree(bytes, words);
        }
    }
}

/// A line of 300,000 bytes, with these words at a place of it.
fn long_line(words: &[u8], at: usize) -> Vec<u8> {
    let mut line = b"first\n".to_vec();
    line.extend(vec![b'-'; 300_000]);
    line.splice(at..at, words.iter().copied());
    line.extend_from_slice(b"\nlast\n");
    line
}

#[test]
fn words_across_a_cut_of_a_long_line_are_found() {
    let longest = usize::try_from(LONGEST_LINE).unwrap();
    for words in ["Überdruck 5 µL", "overpressure"] {
        for encoded in [words.as_bytes().to_vec(), encoding_rs::WINDOWS_1252.encode(words).0.into_owned()] {
            for before in [0, 1, encoded.len() / 2, encoded.len() - 1] {
                let bytes = long_line(&encoded, 2 * longest - before);
                let mut file = tempfile::NamedTempFile::new().unwrap();
                file.write_all(&bytes).unwrap();
                let mut log = open(&file);
                let needle = Needle::new(&words.to_lowercase());
                let first = log.find(&needle, 0, true, &mut Cx::quiet()).unwrap();
                let last = log.find(&needle, bytes.len() as u64, false, &mut Cx::quiet()).unwrap();
                assert!(
                    first.is_some_and(|(at, _)| at == 6 || at.abs_diff(2 * LONGEST_LINE) < 4),
                    "{before}"
                );
                assert_eq!(first, last);
                assert_eq!(log.narrow(&needle, 0, &mut Cx::quiet()).unwrap().matches, 1);
            }
        }
    }
}

#[test]
fn a_long_line_that_writes_over_itself_is_searched_where_it_ends() {
    let mut bytes = b"begin\n".to_vec();
    for n in 0..40_000 {
        bytes.extend_from_slice(format!("\rstep {n:05} of 40000").as_bytes());
    }
    bytes.extend_from_slice(b"\r\nend\n");
    assert!(bytes.len() as u64 > 10 * LONGEST_LINE);
    assert_eq!(shown(&bytes).len(), 3);
    for words in ["step 00007", "step 39999", "step", "end"] {
        searches_agree(&bytes, words);
    }
}

#[test]
fn pieces_fit_together_from_wherever_they_are_read() {
    let longest = usize::try_from(LONGEST_LINE).unwrap();
    let plain = long_line("üü🧪\r".repeat(40).as_bytes(), 3 * longest - 100);
    for bytes in [plain, utf16(&"ab🧪\r\n".repeat(9_000), true), utf16(&"🧪".repeat(90_000), false)] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let mut log = open(&file);
        let encoding = log.encoding;
        let (mut starts, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            starts.push(at as u64);
            at += first_piece(&bytes[at..], at as u64, encoding).0;
        }
        for near in starts.iter().chain([&(bytes.len() as u64)]) {
            for at in near.saturating_sub(5)..(near + 5).min(bytes.len() as u64) {
                let at = at - at % encoding.unit() as u64;
                let start = starts[starts.partition_point(|start| *start <= at) - 1];
                assert_eq!(log.piece_start(at).unwrap(), start, "{at}");
                let read = log.read_pieces(start, 9).unwrap();
                let end = start + read.len() as u64;
                assert!(end > start && (starts.contains(&end) || end == bytes.len() as u64), "{at}");
            }
        }
    }
}

#[test]
fn lines_of_utf16_are_counted_by_their_ends() {
    let text = "\u{feff}one\r\n\u{a0a}\u{d0a}two\r\nthree";
    for little in [true, false] {
        let bytes = utf16(text, little);
        let piece = with(&bytes, LogAt::Line(3), 1);
        let encoding = piece.encoding;
        assert_eq!((piece.line, encoding.name()), (Some(3), Some("UTF-16")));
        assert_eq!(encoding.shown(&piece.bytes, false).text, "three");
        assert_eq!(with(&bytes, LogAt::Offset(19), 1).offset, 12);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_log_is_searched_as_it_is_shown(
        lines in prop::collection::vec("[aAäÄ0x8\\\\ \t\r%;\u{81}\u{308}\u{212a}iİиИйЙпПрРЯ\u{306}]{0,8}", 0..12),
        odd in prop::collection::vec(any::<u8>(), 0..20),
        at in 0_usize..60,
        words in "[aä0x8\\\\ %;ki\u{308}]{1,3}|[иИйпРря]{1,3}",
        kind in 0_u8..4,
    ) {
        let text = lines.join("\n");
        let mut bytes = match kind {
            0 => text.clone().into_bytes(),
            1 => encoding_rs::WINDOWS_1252.encode(&text.replace(|c| c > '\u{ff}', "ü")).0.into_owned(),
            2 => utf16(&format!("\u{feff}{text}"), true),
            _ => utf16(&format!("\u{feff}{text}"), false),
        };
        if kind < 2 {
            let at = at.min(bytes.len());
            bytes.splice(at..at, odd);
        }
        searches_agree(&bytes, &words);
    }
}
