//! Logs in the encodings of Windows, lines that wrote over themselves, and searches that go round or find nothing.

use super::*;
use crate::tui::testing::options;

const SIZES: [(u16, u16); 3] = [(40, 10), (80, 24), (160, 50)];

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

const TEXT: &str = "10:00 - Füllstand 40 µL\r\n10:01 - Überlauf in Gefäß 3\r\n10:02 - weiter\r\n";

/// The same log in each encoding, and what the head says of it.
fn encodings() -> Vec<(Vec<u8>, Option<&'static str>)> {
    let marked = format!("\u{feff}{TEXT}");
    vec![
        (TEXT.as_bytes().to_vec(), None),
        (marked.as_bytes().to_vec(), None),
        (encoding_rs::WINDOWS_1252.encode(TEXT).0.into_owned(), Some("Windows-1252")),
        (utf16(&marked, true), Some("UTF-16")),
        (utf16(&marked, false), Some("UTF-16")),
        (utf16(TEXT, true), Some("UTF-16")),
    ]
}

/// The head of the log tab: the line with its size.
fn log_head(harness: &Harness) -> String {
    harness.lines().into_iter().find(|line| line.ends_with(" %")).expect("a head")
}

#[test]
fn logs_of_windows_are_read_and_searched_at_any_width() {
    for (width, height) in SIZES {
        for (bytes, name) in encodings() {
            let made = Made::new(7, &bytes);
            let mut harness = made.open(width, height);
            let head = log_head(&harness);
            for known in ["Windows-1252", "UTF-16"] {
                assert_eq!(head.contains(known), name == Some(known), "{head}");
            }
            let lines = harness.lines();
            let first =
                lines.iter().position(|line| line == "▌10:00 - Füllstand 40 µL").expect("the first line");
            assert_eq!(lines[first + 1], " 10:01 - Überlauf in Gefäß 3");
            harness.press(&["/"]).type_text("gefa\u{308}ß").press(&["Enter"]);
            assert!(harness.lines()[first + 1].starts_with('▌'), "{name:?} {}", harness.text());
            harness.press(&["/"]).type_text("40 μl").press(&["Enter"]);
            assert!(harness.lines()[first].starts_with('▌'), "{name:?} {}", harness.text());
            harness.press(&["&"]).type_text("über").press(&["Enter", "-", "-"]);
            let text = harness.text();
            assert!(text.contains("Überlauf") && !text.contains("weiter"), "{name:?} {text}");
            harness.press(&["y"]);
            assert!(harness.text().contains("line    10:01 - "), "{}", harness.text());
            harness.press(&["Esc", "Esc", "y"]);
            assert!(harness.text().contains("Füllstand 40 µL"), "{}", harness.text());
        }
    }
}

#[test]
fn a_line_far_down_is_found_in_a_large_log_of_each_encoding() {
    for (bytes, _) in encodings() {
        // Without the mark, which is only at the beginning.
        let little = bytes.starts_with(&[0xff, 0xfe]) || bytes.get(1) == Some(&0);
        let wide = little || bytes.starts_with(&[0xfe, 0xff]);
        let filler = "2026-11-24 10:00:00 - Füllen\r\n".repeat(20_000);
        let filler = match (wide, bytes.starts_with(&[0xef])) {
            (true, _) => utf16(&filler, little),
            (false, true) => filler.into_bytes(),
            (false, false) => encoding_rs::WINDOWS_1252.encode(&filler).0.into_owned(),
        };
        let start = bytes.len() - if wide { 2 * 16 } else { 16 };
        let log = [&bytes[..start], &filler, &bytes[start..]].concat();
        let made = Made::new(7, &log);
        let mut harness = made.open(80, 24);
        harness.press(&["G", "/"]).type_text("überlauf").press(&["Enter"]);
        assert!(harness.text().contains("Überlauf in Gefäß 3"), "{}", harness.text());
        assert!(harness.text().contains("\"überlauf\": from the top again"), "{}", harness.text());
        assert!(harness.lines().iter().any(|l| l.starts_with("▌10:01")), "{}", harness.text());
        harness.press(&["/"]).type_text("weiter").press(&["Enter"]);
        assert!(harness.text().contains("10:02 - weiter"), "{}", harness.text());
        harness.press(&["N"]);
        assert!(harness.text().contains("\"weiter\" is nowhere else in this log"), "{}", harness.text());
    }
}

#[test]
fn one_line_of_another_program_is_read_by_itself() {
    let made = Made::new(7, b"gr\xc3\xbcn\nbla\xfc\nT \xc3\xa4\xc3\xb6 \xff\n\x8d\n");
    let harness = made.open(80, 24);
    let shown: Vec<String> = (0..4).map(|y| row(&harness, y)).collect();
    assert_eq!(shown, ["▌grün", " blaü", " T äö \\xff", " \\x8d"]);
    assert!(log_head(&harness).contains("Windows-1252"));
}

/// Also where all keys came before anything was drawn.
#[test]
fn words_that_are_nowhere_are_told_however_they_are_typed() {
    for lines in [50, 60_000] {
        let made = Made::new(25, &numbered(lines));
        for (width, height) in SIZES {
            let mut harness = made.open(width, height);
            harness.press_at_once(&["/", "q", "x", "q", "Enter"]).settle();
            assert!(harness.text().contains("\"qxq\" is not found in this log"), "{}", harness.text());
            harness.press(&["j", "/"]).type_text("Qxq").press(&["Enter"]);
            assert!(harness.text().contains("\"Qxq\" is not found in this log"), "{}", harness.text());
            harness.press(&["j", "n"]);
            assert!(harness.text().contains("\"Qxq\" is not found in this log"), "{}", harness.text());
        }
    }
}

#[test]
fn a_log_that_opens_at_its_end_is_searched_from_the_top_again() {
    for lines in [100, 60_000] {
        let mut log = b"2026-11-24 03:00:00 - Valve \xd6ffnet\n".to_vec();
        log.extend(numbered(lines));
        let made = Made::new(61, &log);
        let mut harness = made.open(80, 24);
        harness.press_at_once(&["/", "ö", "f", "f", "Enter"]).settle();
        assert!(harness.text().contains("Valve Öffnet"), "{}", harness.text());
        assert!(footer(&harness).contains("\"öff\": from the top again"), "{}", footer(&harness));
        harness.press(&["N"]);
        assert!(footer(&harness).contains("\"öff\" is nowhere else in this log"), "{}", footer(&harness));
    }
}

#[test]
fn what_was_typed_comes_back_with_up() {
    let made = Made::new(7, &numbered(50));
    let mut harness = made.open(80, 24);
    harness.press(&["/"]).type_text("0000007").press(&["Enter", "/"]);
    assert_eq!(footer(&harness).trim_end(), "/");
    harness.type_text("0000009").press(&["Enter", "/", "Up", "Up"]);
    assert_eq!(footer(&harness).trim_end(), "/0000007");
    assert!(
        harness.lines().iter().any(|l| l.starts_with('▌') && l.contains("0000007")),
        "{}",
        harness.text()
    );
    harness.press(&["Down", "Enter", "&", "Up"]);
    assert_eq!(footer(&harness).trim_end(), "& lines with:");
    harness.type_text("0000011").press(&["Enter", "&", "Up"]);
    assert_eq!(footer(&harness).trim_end(), "& lines with: 0000011");
    harness.press(&["Esc", "Esc", ":"]).type_text("7").press(&["Enter", ":", "Up"]);
    assert_eq!(footer(&harness).trim_end(), ":7");
    // Another tab has the same past.
    harness.press(&["Esc", "2", "/", "Up"]);
    assert_eq!(footer(&harness).trim_end(), "/0000009");
}

/// A bar of many steps in one line, between two others.
fn bars(steps: usize) -> Vec<u8> {
    let mut log = b"start\n".to_vec();
    for n in 1..=steps {
        log.extend_from_slice(
            format!("\r{n:06}/{steps:06} heating to 60 degrees, slowly and with care").as_bytes(),
        );
    }
    log.extend_from_slice(b"\r\nend\n");
    log
}

#[test]
fn a_bar_shows_where_it_ended_with_a_mark() {
    for (width, height) in SIZES {
        for steps in [9, 5_000, 200_000] {
            let made = Made::new(7, &bars(steps));
            let mut harness = made.open(width, height);
            harness.press(&["g"]);
            let end = format!("{steps:06}/{steps:06} heat");
            let lines = harness.lines();
            let y = lines.iter().position(|line| line == "▌start").expect("the first line") + 1;
            assert!(lines[y].starts_with(&format!(" ↻ {end}")), "{steps} {lines:#?}");
            assert_eq!(lines[y + 1].trim_end(), " end", "{steps} {lines:#?}");
            assert!(harness.style(1, u16::try_from(y).unwrap()).add_modifier.contains(Modifier::DIM));
            harness.press(&["/"]).type_text("000007").press(&["Enter"]);
            assert!(harness.text().contains("is not found in this log"), "{steps} {}", harness.text());
            harness.press(&["/"]).type_text("with care").press(&["Enter"]);
            assert!(harness.lines().iter().any(|l| l.starts_with('▌') && l.contains("with care")));
            harness.press(&["w"]);
            assert!(harness.text().contains("with care"), "{}", harness.text());
            harness.press(&["y"]);
            assert!(harness.text().contains(&format!("line    {steps:06}/")), "{}", harness.text());
            harness.press(&["Esc", "&"]).type_text("care").press(&["Enter", "-", "-"]);
            assert!(harness.text().contains("1 line with") || width == 40, "{}", harness.text());
            assert!(harness.text().contains(&format!("↻ {end}")), "{}", harness.text());
        }
    }
}

#[test]
fn a_bar_that_still_grows_is_followed_in_its_line() {
    let made = Made::new(61, b"start\n");
    let lab = lab_of(&made.folder.path().join("ivoryos.db")).without_rest();
    let mut ascii = options();
    ascii.theme.ascii = true;
    let record = Box::new(RecordScreen::new(made.run, TabId::Log, ListQuery::default()));
    let size = ratatui::layout::Size { width: 80, height: 24 };
    let mut harness = Harness::with(ascii, record, lab, size);
    harness.press(&["F"]);
    for n in 0..60 {
        made.grow(format!("\r{n:02} of 60 {}", "#".repeat(4_000)).as_bytes());
        harness.handle(Event::Tick);
        let text = harness.text();
        assert_eq!((text.matches(" ~ ").count(), text.matches(" of 60").count()), (1, 1), "{text}");
        assert!(text.contains(&format!(" ~ {n:02} of 60")), "{text}");
    }
}
