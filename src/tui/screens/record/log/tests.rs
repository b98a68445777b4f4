//! The log tab over the reference data and over logs made here: long lines, odd bytes, growing, gone.

mod texts;

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
};

use proptest::prelude::*;
use ratatui::style::Modifier;
use tempfile::TempDir;

use crate::{
    model::query::ListQuery,
    tui::{
        event::Event,
        screens::record::{RecordScreen, tests::open},
        tab::TabId,
        testing::{Harness, lab_of, reference_file},
    },
};

/// Record 7 of the reference data (completed), 25 (ended with an error) or 61 (no end) with a log of our own.
struct Made {
    folder: TempDir,
    run: i64,
}

impl Made {
    fn new(run: i64, log: &[u8]) -> Self {
        let made = Made { folder: TempDir::new().unwrap(), run };
        fs::copy(reference_file("ivoryos-1.7.2"), made.folder.path().join("ivoryos.db")).unwrap();
        fs::create_dir(made.folder.path().join("logs")).unwrap();
        fs::write(made.path(), log).unwrap();
        made
    }

    fn path(&self) -> PathBuf {
        let name = match self.run {
            25 => "error_ends_the_table_2026-11-24 03-00-52.log",
            61 => "still_going_2026-11-24 03-04-24.log",
            _ => "texts_2026-11-24 03-00-22.log",
        };
        self.folder.path().join("logs").join(name)
    }

    fn grow(&self, bytes: &[u8]) {
        File::options().append(true).open(self.path()).unwrap().write_all(bytes).unwrap();
    }

    pub fn open(&self, width: u16, height: u16) -> Harness {
        let lab = lab_of(&self.folder.path().join("ivoryos.db")).without_rest();
        Harness::new(
            Box::new(RecordScreen::new(self.run, TabId::Log, ListQuery::default())),
            lab,
            width,
            height,
        )
    }
}

/// The line at this row below the log's header.
fn row(harness: &Harness, y: usize) -> String {
    let head = harness.lines().iter().position(|line| line.contains(".log")).expect("a head");
    harness.lines().get(head + 1 + y).cloned().unwrap_or_default()
}

fn head(harness: &Harness) -> String {
    harness.lines().into_iter().find(|line| line.contains(".log")).expect("a head")
}

fn footer(harness: &Harness) -> String {
    harness.lines().pop().unwrap_or_default()
}

fn numbered(lines: usize) -> Vec<u8> {
    (1..=lines)
        .flat_map(|n| format!("2026-11-24 03:00:17 - line {n:07} of a long log\n").into_bytes())
        .collect()
}

#[test]
fn a_completed_record_opens_at_the_start() {
    let lines = open(7, TabId::Log, (80, 24)).lines();
    assert!(lines.iter().any(|l| l.contains("2026-11-24 03:00:22 - Executing prep steps")), "{lines:#?}");
    assert!(lines.iter().any(|l| l.ends_with(" 6.7 kB   58 %")), "{lines:#?}");
}

/// Also one that fits into a piece: what is new stands at the end.
#[test]
fn the_log_of_an_open_record_opens_at_its_end() {
    let log = numbered(200);
    let mut harness = Made::new(61, &log).open(80, 24);
    let lines = harness.lines();
    assert!(lines.iter().any(|line| line.contains("line 0000200")), "{lines:#?}");
    harness.press(&["g"]);
    assert!(!harness.text().contains("line 0000200"), "{}", harness.text());
}

#[test]
fn an_error_opens_in_sight_and_in_its_style() {
    let mut log = numbered(20_000);
    log.extend_from_slice(
        b"2026-11-24 03:00:53 - Error during script execution: pump\nTraceback (most recent call last):\n",
    );
    log.extend_from_slice(b"  File \"deck.py\"\nRuntimeError: pump\n");
    log.extend(numbered(100));
    let made = Made::new(25, &log);
    let mut harness = made.open(80, 24);
    let lines = harness.lines();
    let y = lines.iter().position(|l| l.contains("Error during script")).expect("the error");
    let style = |y: usize| harness.style(2, u16::try_from(y).unwrap()).add_modifier;
    assert!(style(y).contains(Modifier::BOLD) && style(y + 3).contains(Modifier::BOLD));
    assert!(style(y + 1).contains(Modifier::DIM) && style(y + 2).contains(Modifier::DIM));
    assert!(!style(y + 4).intersects(Modifier::DIM | Modifier::BOLD));
    harness.press(&["y"]);
    assert!(harness.text().contains("RuntimeError: pump"), "{}", harness.text());
}

#[test]
fn five_megabytes_are_read_in_pieces_both_ways() {
    let made = Made::new(7, &numbered(110_000));
    let mut harness = made.open(80, 24);
    assert!(row(&harness, 0).contains("line 0000001 "));
    assert!(footer(&harness).ends_with("line 1"));
    for _ in 0..300 {
        harness.press(&["PgDn"]);
    }
    let page = 24 - 1 - 3 - 1;
    let n = 300 * page + 1;
    assert!(row(&harness, 0).contains(&format!("line {n:07} ")), "{}", harness.text());
    for _ in 0..300 {
        harness.press(&["PgUp"]);
    }
    assert!(row(&harness, 0).contains("line 0000001 "));
    harness.press(&["G"]);
    assert!(harness.text().contains("line 0110000 ") && head(&harness).ends_with("100 %"));
    for _ in 0..300 {
        harness.press(&["PgUp"]);
    }
    let n = 110_000 - page + 1 - 300 * page;
    assert!(row(&harness, 0).contains(&format!("line {n:07} ")), "{}", harness.text());
    harness.press(&["g"]);
    assert!(row(&harness, 0).contains("line 0000001 "));
}

#[test]
fn a_line_number_is_a_place() {
    let made = Made::new(7, &numbered(110_000));
    let mut harness = made.open(80, 24);
    harness.press(&[":"]).type_text("54321").press(&["Enter"]);
    assert!(harness.text().contains("line 0054321 "), "{}", harness.text());
    assert!(harness.lines().iter().any(|l| l.starts_with('▌') && l.contains("0054321")));
    assert!(footer(&harness).contains("line 54,3"), "{}", footer(&harness));
    harness.press(&[":"]).type_text("999999").press(&["Enter"]);
    assert!(harness.text().contains("The log has 110,000 lines."), "{}", harness.text());
    harness.press(&["k"]);
    assert!(footer(&harness).contains("line 109,9"), "{}", footer(&harness));
}

#[test]
fn search_jumps_through_the_whole_file_and_back() {
    let mut log = numbered(50_000);
    log.extend_from_slice(b"here is the Needle\n");
    log.extend(numbered(50_000));
    log.extend_from_slice(b"and a needle again\n");
    log.extend(numbered(10));
    let made = Made::new(7, &log);
    let mut harness = made.open(80, 24);
    harness.press(&["/"]).type_text("needle");
    assert!(harness.text().contains("here is the Needle"), "{}", harness.text());
    harness.press(&["Esc"]);
    assert!(row(&harness, 0).contains("line 0000001 "), "{}", harness.text());
    harness.press(&["/"]).type_text("needle").press(&["Enter", "n"]);
    assert!(harness.text().contains("and a needle again"));
    harness.press(&["n"]);
    assert!(harness.text().contains("\"needle\": from the top again"), "{}", harness.text());
    assert!(harness.text().contains("here is the Needle"));
    harness.press(&["N"]);
    assert!(harness.text().contains("\"needle\": from the end again"), "{}", harness.text());
    assert!(harness.text().contains("and a needle again"));
    harness.press(&["N"]);
    assert!(harness.text().contains("here is the Needle") && !harness.text().contains("again\n"));
    let y = harness.lines().iter().position(|l| l.contains("Needle")).unwrap();
    assert!(harness.style(13, u16::try_from(y).unwrap()).add_modifier.contains(Modifier::REVERSED));
    harness.press(&["Esc"]).press(&["Esc"]);
    assert!(!harness.style(13, u16::try_from(y).unwrap()).add_modifier.contains(Modifier::REVERSED));
    harness.press(&["/"]).type_text("NEEDLE");
    assert!(harness.text().contains("\"NEEDLE\" is not found in this log"), "{}", harness.text());
}

#[test]
fn the_first_and_the_last_line_are_found() {
    let made = Made::new(7, b"first needle\nx\nlast needle");
    let mut harness = made.open(80, 24);
    harness.press(&["/"]).type_text("needle").press(&["Enter"]);
    assert!(row(&harness, 0).starts_with('▌'));
    harness.press(&["n"]);
    assert!(row(&harness, 2).starts_with('▌'));
}

#[test]
fn long_lines_scroll_sideways_and_wrap() {
    let mut log = b"start ".to_vec();
    log.extend(vec![b'-'; 100_000]);
    log.extend_from_slice(b"needle\nsecond\n");
    let made = Made::new(7, &log);
    let mut harness = made.open(80, 24);
    assert!(row(&harness, 0).ends_with('…'));
    harness.press(&["l"]);
    assert!(row(&harness, 0).starts_with("▌----"));
    harness.press(&["h", "/"]).type_text("needle").press(&["Enter"]);
    assert!(harness.text().contains("needle"), "{}", harness.text());
    harness.press(&["w", "G"]);
    assert!(harness.text().contains("wrapped") && harness.text().contains("second"), "{}", harness.text());
    harness.press(&["k", "k", "g"]);
    assert!(row(&harness, 0).starts_with("▌start ---"), "{}", harness.text());
    assert!(row(&harness, 1).starts_with("▌----"));
}

#[test]
fn a_file_without_line_ends_is_searched_too() {
    let mut log = vec![b'-'; 900_000];
    log.splice(500_000..500_000, *b"needle");
    log.splice(700_000..700_000, *b"needle");
    let made = Made::new(7, &log);
    let mut harness = made.open(80, 24);
    harness.press(&["/"]).type_text("needle").press(&["Enter"]);
    for keys in [&["n"], &["N"]] {
        assert!(harness.text().contains("---needle---"), "{}", harness.text());
        assert!(
            harness.lines().iter().any(|l| l.starts_with('▌') && l.contains("needle")),
            "{}",
            harness.text()
        );
        harness.press(keys);
    }
}

#[test]
fn bytes_that_are_no_text_show_as_marks() {
    let made = Made::new(7, b"caf\xe9 \x1b]0;title\x07 \x9b2J \x9d\r\nok\0\n");
    let harness = made.open(80, 24);
    assert_eq!(row(&harness, 0), "▌café ␛]0;title␇ ›2J \\x9d");
    assert_eq!(row(&harness, 1), " ok␀");
}

#[test]
fn a_growing_log_is_followed_at_its_end_only() {
    let made = Made::new(7, &numbered(100));
    let mut harness = made.open(80, 24);
    harness.press(&["F"]);
    assert!(harness.app.wants().ticks);
    assert!(harness.text().contains("line 0000100 "));
    made.grow(b"one half ");
    harness.handle(Event::Tick);
    assert!(harness.text().contains("one half"), "{}", harness.text());
    made.grow(b"and the other\nnext\n");
    harness.handle(Event::Tick);
    assert!(harness.text().contains("one half and the other"), "{}", harness.text());
    // Somebody who reads further up is left in peace.
    harness.press(&["g"]);
    made.grow(&numbered(3));
    harness.handle(Event::Tick);
    assert!(row(&harness, 0).contains("line 0000001 "));
    harness.press(&["G"]);
    assert!(harness.text().contains("line 0000003 "));
    // More than a piece at once, then another file under the same name.
    made.grow(&numbered(20_000));
    harness.handle(Event::Tick);
    assert!(harness.text().contains("line 0020000 "), "{}", harness.text());
    fs::write(made.path(), b"all new\n").unwrap();
    harness.handle(Event::Tick);
    assert!(harness.text().contains("all new") && !harness.text().contains("line 00"), "{}", harness.text());
    harness.press(&["F"]);
    assert!(!harness.app.wants().ticks);
}

#[test]
fn a_jump_is_not_lost_when_the_file_changes_meanwhile() {
    let made = Made::new(7, &numbered(110_000));
    let mut harness = made.open(80, 24);
    harness.press_at_once(&[":", "1", "0", "0", "0", "0", "0", "Enter"]);
    harness.handle(Event::Index { progress: None, news: true });
    assert!(harness.text().contains("line 0100000 "), "{}", harness.text());
}

/// The end of another record's log is where it opens; from there it grows as the first one did.
#[test]
fn the_log_of_another_record_is_followed_too() {
    let made = Made::new(61, &numbered(100));
    let other = Made { folder: made.folder, run: 7 };
    let mut harness = other.open(80, 24);
    harness.press(&["F", ":", "6", "1", "Enter"]);
    assert!(harness.text().contains("line 0000100 "), "{}", harness.text());
    let made = Made { run: 61, ..other };
    made.grow(b"the next line\n");
    harness.handle(Event::Tick);
    assert!(harness.text().contains("the next line"), "{}", harness.text());
    // Another tab meanwhile: what was written is there when the log is shown again, at its end.
    harness.press(&["2"]);
    made.grow(&numbered(40));
    harness.handle(Event::Tick).press(&["6"]);
    assert!(harness.text().contains("line 0000040 "), "{}", harness.text());
}

/// New lines with the words come, and the cursor stays.
#[test]
fn a_narrowed_log_is_followed() {
    let made = Made::new(61, b"2026-11-24 03:04:25 - pump one\n2026-11-24 03:04:26 - stir\n");
    let mut harness = made.open(80, 24);
    harness.press(&["F", "&"]).type_text("pump").press(&["Enter"]);
    assert!(head(&harness).contains("1 line with"), "{}", harness.text());
    made.grow(b"2026-11-24 03:04:27 - heat\n2026-11-24 03:04:28 - pump two\n");
    harness.handle(Event::Tick);
    assert!(head(&harness).contains("2 lines with"), "{}", harness.text());
    let bar = harness.lines().into_iter().find(|line| line.starts_with('▌')).unwrap();
    assert!(bar.contains("pump one") && harness.text().contains("pump two"), "{}", harness.text());
}

#[test]
fn a_log_that_is_not_there_says_where_it_would_be() {
    let made = Made::new(7, b"");
    assert!(made.open(80, 24).text().contains("The log is empty."));
    fs::remove_file(made.path()).unwrap();
    let mut harness = made.open(120, 24);
    let text = harness.text();
    assert!(text.contains("no log") && text.contains("texts_2026-11-24 03-00-22.log"), "{text}");
    fs::write(made.path(), b"now it is\n").unwrap();
    harness.press(&["R"]);
    assert!(harness.text().contains("now it is"), "{}", harness.text());
}

#[test]
fn reading_again_keeps_the_place() {
    let made = Made::new(7, &numbered(60_000));
    let mut harness = made.open(80, 24);
    harness.press(&[":"]).type_text("30000").press(&["Enter"]);
    let before = row(&harness, 0);
    harness.press(&["R"]);
    assert_eq!(row(&harness, 0), before);
    assert!(footer(&harness).contains("line 29,9"), "{}", footer(&harness));
    harness.resize(160, 50);
    assert_eq!(row(&harness, 0), before);
}

#[test]
fn waits_with_an_ellipsis() {
    let lab = crate::tui::testing::reference_lab("ivoryos-1.7.2");
    let record = Box::new(RecordScreen::new(7, TabId::Log, ListQuery::default()));
    assert!(Harness::unanswered(record, lab, 80, 24).text().contains('…'));
}

const KEYS: [&str; 23] = [
    "&", "+", "-", "j", "k", "PgDn", "PgUp", "Ctrl-d", "Ctrl-u", "g", "G", "h", "l", "w", "n", "N", "F", "R",
    "/", "e", "Esc", "Enter", ":",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_size_and_keys(
        size in (1u16..160, 1u16..50),
        keys in prop::collection::vec(prop::sample::select(&KEYS[..]), 0..25),
        log in prop::collection::vec("[ -~é温\\x00-\\x1f]{0,90}", 0..60),
    ) {
        let made = Made::new(7, log.join("\n").as_bytes());
        let mut harness = made.open(size.0, size.1);
        harness.press(&keys);
        harness.resize(size.1 * 3, size.0 / 3 + 1).press(&keys);
    }
}

fn body(harness: &Harness) -> Vec<String> {
    let all = harness.lines();
    let lines = all.iter().filter(|l| l.contains("of a long log") || l.trim() == "--");
    lines
        .map(|l| {
            l.trim_matches(['▌', ' ']).replace("2026-11-24 03:00:17 - ", "").replace(" of a long log", "")
        })
        .collect()
}

#[test]
fn a_log_is_narrowed_with_its_context_and_opens_again_at_the_line() {
    let made = Made::new(7, &numbered(110_000));
    let mut harness = made.open(80, 24);
    harness.press(&["&"]).type_text("050").press(&["Enter"]);
    assert!(harness.text().contains("with \"050\", 2 around each"), "{}", harness.text());
    let around = ["line 0000048", "line 0000049", "line 0000050", "line 0000051", "line 0000052", "--"];
    assert_eq!(body(&harness).get(..6).unwrap_or_default(), around);
    harness.press(&["-", "-"]);
    assert_eq!(body(&harness).get(..3).unwrap_or_default(), ["line 0000050", "--", "line 0000500"]);
    // The cursor goes over the gap.
    harness.press(&["j", "j", "k", "Enter"]);
    let shown = body(&harness);
    assert!(
        shown.iter().any(|l| l == "line 0000500") && shown.iter().any(|l| l == "line 0000503"),
        "{shown:?}"
    );
    assert!(!harness.text().contains("around each"));
    assert!(
        harness.lines().iter().any(|l| l.starts_with('▌') && l.contains("line 0000500")),
        "{}",
        harness.text()
    );
    // Back to the narrowed log, where the cursor stays also among other lines; then to the whole log.
    harness.press(&["j", "Esc"]);
    let cursor = |harness: &Harness| harness.lines().iter().find(|l| l.starts_with('▌')).unwrap().clone();
    assert!(harness.text().contains("0 around each") && cursor(&harness).contains("line 0000500"));
    harness.press(&["+"]);
    assert!(cursor(&harness).contains("line 0000500"), "{}", harness.text());
    harness.press(&["j"]);
    assert!(cursor(&harness).contains("line 0000501"), "{}", harness.text());
    harness.press(&["n", "n", "N"]);
    assert!(cursor(&harness).contains("line 0000502"), "{}", harness.text());
    harness.press(&["G"]);
    assert!(cursor(&harness).contains("line 01"), "{}", harness.text());
    harness.press(&["g", "Esc"]);
    assert!(!harness.text().contains("around each"));
}

#[test]
fn words_that_no_line_has_leave_the_log_as_it_is() {
    let made = Made::new(7, &numbered(50));
    let mut harness = made.open(80, 24);
    harness.press(&["&"]).type_text("nowhere").press(&["Enter"]);
    assert!(harness.text().contains("No line of the log has \"nowhere\""), "{}", harness.text());
    assert!(row(&harness, 0).contains("line 0000001 "));
    harness.press(&["Esc", "&"]).type_text("0000007").press(&["Enter"]);
    assert_eq!(body(&harness).len(), 5);
    harness.press(&["Esc"]);
    assert!(row(&harness, 0).contains("line 0000001 "));
}
