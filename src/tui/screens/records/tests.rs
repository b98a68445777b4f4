//! The list over real and made-up data folders, driven by keys.

use std::{path::Path, sync::Arc};

use jiff::civil::{DateTime, date};
use tempfile::TempDir;

use super::*;
use crate::{
    checkpoint::Cx,
    demo::{Plan, make},
    services::{answer, lab::Lab},
    store::Options,
    tui::{
        event::Event,
        testing::{Harness, reference_file},
    },
};

mod rest;

const NOW: fn() -> DateTime = || date(2026, 11, 24).at(3, 4, 31, 0);

/// Stands where a record would be.
#[derive(Debug)]
struct Opened(String);

impl Screen for Opened {
    fn context(&self) -> Context {
        Context::Record
    }

    fn can(&self, _: Action) -> bool {
        false
    }

    fn update(&mut self, _: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        Vec::new()
    }

    fn view(&self, _: &Theme, area: Rect, buf: &mut Buffer) {
        buf.set_stringn(0, 0, &self.0, usize::from(area.width), ratatui::style::Style::new());
    }
}

fn first() -> Box<dyn Screen> {
    Box::new(Records::new(ListQuery::default(), |run, tab, query| {
        Box::new(Opened(format!("record {run} {tab:?} {:?} {:?}", query.keyword, query.sort)))
    }))
}

fn lab(path: &Path) -> Lab {
    crate::tui::testing::lab_with(path, Options::tiny(), Arc::new(NOW)).without_rest()
}

/// The records that an IvoryOS 1.7.2 wrote, as they are in the tests' data.
fn real() -> Lab {
    lab(&reference_file("ivoryos-1.7.2"))
}

fn real_screen(width: u16, height: u16) -> Harness {
    Harness::new(first(), real(), width, height)
}

/// The same database without the logs, whose times on disk are those of the copy.
fn without_logs() -> (TempDir, Lab) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ivoryos.db");
    std::fs::copy(reference_file("ivoryos-1.7.2"), &path).unwrap();
    let lab = lab(&path);
    (folder, lab)
}

fn made(plan: &Plan) -> (TempDir, Lab) {
    let folder = tempfile::tempdir().unwrap();
    make(plan, folder.path()).unwrap();
    let lab = lab(&folder.path().join("ivoryos.db"));
    (folder, lab)
}

/// Records with ids from 1 on.
fn many(records: u32) -> (TempDir, Lab) {
    made(&Plan::sized(records, 1..=2, 1, 7, NOW()))
}

fn line(harness: &Harness, at: usize) -> String {
    harness.lines().get(at).cloned().unwrap_or_default()
}

fn last_line(harness: &Harness) -> String {
    harness.lines().last().cloned().unwrap_or_default()
}

/// The row with the bar.
fn selected(harness: &Harness) -> String {
    harness.lines().into_iter().find(|line| line.starts_with('▌')).unwrap_or_default()
}

fn selected_id(harness: &Harness) -> i64 {
    let row = selected(harness);
    row.split_whitespace().nth(1).and_then(|id| id.parse().ok()).unwrap_or(-1)
}

#[test]
fn eighty_columns() {
    let (_folder, lab) = without_logs();
    let harness = Harness::new(first(), lab, 80, 12);
    insta::assert_snapshot!(harness.text(), @r"
     lab-pc:ivoryos_data           61 records   2 failed   1 running   newest first
       id ▾  name                              started               took  iter  err
    ▌▶   61  still_going                       03:04          since 03:04     2    ·
     ✔   60  after_restart                     03:04                0.3 s     1    ·
     ◌   59  killed_halfway                    03:04          no end time     2    ·
     ✔   58  edited_table                      03:04                8.1 s     5    ·
     ✔   57  queued_second                     03:04                1.0 s     1    ·
     ✔   56  queued_first                      03:03                1.8 s     2    ·
     ✔   55  beta                              03:03                0.1 s     1    ·
     ✔   54  _alpha                            03:03                0.2 s     1    ·
     ✔   53  ALPHA_beta                        03:03                0.1 s     1    ·
     Enter open  / search  e next error  x export  D delete  … ? help          1/61
    ");
}

#[test]
fn with_the_preview() {
    let mut harness = real_screen(160, 20);
    harness.press(&[":", "2", "1", "Enter"]);
    insta::assert_snapshot!(harness.text(), @r#"
     ivorylens  lab-pc:ivoryos_data                                                               61 records   2 failed   1 running   newest first   as of 03:04:31
       id ▾  name                        by            started               took  iter  err  output                │ error_then_retry                          #21
     ■   29  stopped_table               admin         03:01                1.0 s     1    ·  delivered  ▄          │ ✔ Completed                   03:00:44, 1.1 s
     ✔   28  stop_now_keep_cleanup       admin         03:01                4.9 s     2    ·  slept      ▄▄         │ admin · repeat · deck
     ■   27  stop_now                    admin         03:00                2.0 s     2    ·  mass       ▁█         │
     ■   26  stop_pending                admin         03:00                1.3 s     2    ·  slept      ▄▄         │ 1 iteration done
     ✖   25  error_ends_the_table        admin         03:00                0.0 s     2    1  delivered  ▄          │
     ✖   24  error_ends_the_run          admin         03:00                0.0 s     1    ·  mass       ▄          │ iteration 1 · step 2 · flaky · try 1 of 3
     ■   23  error_then_stop             admin         03:00                0.6 s     1    1  mass       ▄          │ deck.reactor.flaky: sensor 'probe' timed out
     ✔   22  error_then_resume           admin         03:00                0.6 s     1    1  mass       ▄          │ (try 1), "quoted", naïve, 100 %
    ▌✔   21  error_then_retry            admin         03:00                1.1 s     1    2  mass       ▄          │
     ✔   20  cleanup_only                admin         03:00                0.0 s     1    ·                        │ mass        ▄                          9.1682
     ✔   19  no_results                  admin         03:00                0.1 s     2    ·                        │ mass_after  ▄                         10.0177
     ✔   18  prep_and_cleanup            admin         03:00                0.1 s     2    ·  mass       █▁         │
     ✔   17  optimizer_early_stop        admin         03:00                0.1 s     2    ·  delivered  ▁▅█▂       │
     ✔   16  optimizer_run               admin         03:00                0.1 s     4    ·  delivered  ▁▅█▂       │
     ✔   15  api_table                   admin         03:00                0.1 s     3    ·  delivered  ▃█▁        │
     ✔   14  bad_row_in_batch            admin         03:00                0.1 s     3    1  delivered   ▁▄▆█      │
     ✔   13  csv_with_bad_rows           admin         03:00                0.1 s     4    2  delivered  ▁  █       │
     Enter open  / search  e next error  x export  D delete  s sort  F follow  y copy  : go to  R reload  ? help                                              41/61
    "#);
}

#[test]
fn forty_columns() {
    let harness = real_screen(40, 10);
    insta::assert_snapshot!(harness.text(), @r"
     lab-pc:ivoryo…   61 records   2 failed
       id ▾  name               started
    ▌▶   61  still_going        03:04
     ✔   60  after_restart      03:04
     ◌   59  killed_halfway     03:04
     ✔   58  edited_table       03:04
     ✔   57  queued_second      03:04
     ✔   56  queued_first       03:03
     ✔   55  beta               03:03
     Enter open  / search  … ? help    1/61
    ");
}

#[test]
fn what_fails_and_what_runs_is_coloured_and_has_a_sign_of_its_own() {
    let (_folder, lab) = without_logs();
    let harness = Harness::new(first(), lab, 80, 60);
    let row = harness.lines().iter().position(|line| line.contains("error_ends_the_run")).unwrap();
    assert!(line(&harness, row).starts_with(" ✖"));
    let bold = ratatui::style::Modifier::BOLD;
    assert!(harness.style(1, u16::try_from(row).unwrap()).add_modifier.contains(bold));
    assert!(!harness.style(1, 3).add_modifier.contains(bold), "a completed one");
}

#[test]
fn no_records_says_what_to_do() {
    let (_folder, lab) = many(0);
    let mut harness = Harness::new(first(), lab, 80, 10);
    insta::assert_snapshot!(harness.text(), @r"
    ivorylens  lab-pc:ivoryos_data       0 records   newest first   as of 03:04:31

     No records yet.
     IvoryOS writes one as a run starts. R reads again; F follows, and shows it
     as it comes.




    F follow  : go to  R reload  ? help
    ");
    for key in ["j", "G", "Enter", "e", "s", "x", "y", "]", "1", "/"] {
        harness.press(&[key]);
    }
    assert!(harness.text().contains("No records yet."));
}

#[test]
fn words_that_nothing_has_say_what_to_do() {
    let mut harness = real_screen(80, 10);
    harness.press(&["/"]).type_text("pmup").press(&["Enter"]);
    insta::assert_snapshot!(harness.text(), @r#"
    ivorylens  lab-pc:ivoryos_data      0 of 61 records with "pmup"   newest first

     No record has "pmup" in its name or user.
     Esc shows all 61 records again; / changes the words (% stands for any text,
     _ for any sign).




    / search  F follow  : go to  R reload  Esc back  ? help
    "#);
    harness.press(&["Esc"]);
    assert!(line(&harness, 0).contains("61 records") && selected_id(&harness) == 61);
}

#[test]
fn a_list_that_cannot_be_read_says_why_and_reads_again() {
    let real = real();
    let broken = std::cell::Cell::new(true);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| match ask {
        Ask::Page { .. } if broken.replace(false) => {
            Err(Error::File { path: "/lab/ivoryos.db".into(), reason: "the disk is malformed".to_owned() })
        }
        _ => answer(&real, ask, cx).map(|answer| answer.value),
    };
    let mut harness = Harness::new(first(), answerer, 60, 10);
    insta::assert_snapshot!(harness.text(), @r"
    ivorylens  lab-pc:ivoryos_data                           …

     /lab/ivoryos.db: the disk is malformed
     R reads again, q leaves.





    F follow  : go to  R reload  ? help
    ");
    harness.press(&["R"]);
    assert_eq!(selected_id(&harness), 61);
}

#[test]
fn a_later_trouble_is_a_message_over_the_last_good_list() {
    let real = real();
    let pages = std::cell::Cell::new(0);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| match ask {
        Ask::Page { .. } if pages.replace(pages.get() + 1) == 1 => {
            Err(Error::Refused("the disk is gone".to_owned()))
        }
        _ => answer(&real, ask, cx).map(|answer| answer.value),
    };
    let mut harness = Harness::new(first(), answerer, 80, 10);
    harness.press(&["l", "s"]);
    assert_eq!(last_line(&harness), " the disk is gone");
    assert!(line(&harness, 1).contains("id ▾") && selected_id(&harness) == 61);
    harness.press(&["s"]);
    assert!(line(&harness, 1).contains("name ▴"), "{}", line(&harness, 1));
}

#[test]
fn what_is_not_there_yet_is_an_ellipsis_in_its_place() {
    let harness = Harness::unanswered(first(), real(), 80, 10);
    assert_eq!(line(&harness, 0).trim_end(), format!("{:<78}…", " ivorylens  lab-pc:ivoryos_data"));
    assert_eq!(line(&harness, 2), "  …");
    // The rows are here, what needs their phases and steps is not.
    let mut harness = Harness::unanswered(first(), real(), 80, 10);
    while !line(&harness, 3).contains("0.3 s") {
        harness.next();
    }
    assert!(line(&harness, 3).ends_with("0.3 s     …    …"), "{}", line(&harness, 3));
    harness.settle();
    assert!(line(&harness, 3).ends_with("0.3 s     1    ·"), "{}", line(&harness, 3));
}

#[test]
fn moves_like_a_pager_over_a_window_of_rows() {
    let (_folder, lab) = many(400);
    let mut harness = Harness::new(first(), lab, 80, 13);
    assert_eq!(last_line(&harness).split_whitespace().last(), Some("1/400"));
    for (key, id, position) in [
        ("j", 399, "2/400"),
        ("PgDn", 389, "12/400"),
        ("Ctrl-d", 384, "17/400"),
        ("G", 1, "400/400"),
        ("k", 2, "399/400"),
        ("Ctrl-u", 7, "394/400"),
        ("PgUp", 17, "384/400"),
        ("Home", 400, "1/400"),
        ("]", 390, "11/400"),
        ("]", 380, "21/400"),
        ("[", 390, "11/400"),
    ] {
        harness.press(&[key]);
        assert_eq!(selected_id(&harness), id, "{key}");
        let first_pages = harness.lines().join(" ");
        if !["]", "["].contains(&key) {
            assert!(first_pages.ends_with(position), "{key} {}", last_line(&harness));
        }
    }
    assert_eq!(last_line(&harness), " Page 2 of 40, 10 records a page");
    assert!(line(&harness, 2).starts_with('▌'), "its first record is at the top");
    harness.press(&[":"]).type_text("per-page 50").press(&["Enter"]);
    assert_eq!(last_line(&harness), " Page 1 of 8, 50 records a page");
    harness.press(&[":"]).type_text("page 3").press(&["Enter"]);
    assert_eq!(selected_id(&harness), 300);
    harness.press(&[":"]).type_text("page 99").press(&["Enter"]);
    assert_eq!(
        (selected_id(&harness), last_line(&harness)),
        (50, " Page 8 of 8, 50 records a page".to_owned())
    );
}

/// Keys typed ahead of the answers end where they would have ended one by one.
#[test]
fn keys_typed_ahead_arrive_where_they_should() {
    let (_folder, lab) = many(400);
    let mut harness = Harness::new(first(), lab, 80, 13);
    harness.press_at_once(&["PgDn", "PgDn", "PgDn", "PgDn", "PgDn", "j", "j"]).settle();
    assert_eq!(selected_id(&harness), 400 - 52);
    harness.press_at_once(&["G", "k"]).settle();
    assert_eq!(selected_id(&harness), 2);
    assert!(!harness.text().contains('…') || last_line(&harness).contains('…'));
}

fn typed(keys: &'static str) -> Vec<&'static str> {
    keys.split(' ').collect()
}

/// Keys behind a jump mean the record that was asked for, and nothing when it is not there.
#[test]
fn keys_behind_a_jump_mean_its_record() {
    for (keys, opened) in [
        (": 2 5 Enter Enter", "record 25 Overview"),
        (": 2 5 Enter j 3", "record 24 Table"),
        ("e 6", "record 25 Log"),
        ("e e 2", "record 24 Steps"),
        ("/ e n d s Enter Enter", "record 25 Overview"),
    ] {
        let mut harness = real_screen(80, 12);
        harness.press_at_once(&typed(keys)).settle();
        assert!(harness.text().starts_with(opened), "{keys}: {}", harness.text());
    }
    let (_folder, lab) = many(400);
    let mut harness = Harness::new(first(), lab, 80, 12);
    harness.press_at_once(&["G", "Enter"]).settle();
    assert!(harness.text().starts_with("record 1 Overview"), "{}", harness.text());
    for keys in [": 9 9 Enter Enter", ": 2 4 Enter e Enter", ": 9 9 Enter D"] {
        let mut harness = real_screen(80, 12);
        harness.press_at_once(&typed(keys)).settle();
        assert!(last_line(&harness).contains("record"), "{keys}: {}", harness.text());
        assert!(line(&harness, 0).contains("61 records"), "{keys}: {}", harness.text());
    }
}

#[test]
fn a_bill_behind_a_jump_is_for_its_record() {
    for keys in [": 2 5 Enter D", ": 2 5 Enter : d e l e t e Enter", "e D y"] {
        let mut harness = real_screen(80, 12);
        harness.press_at_once(&typed(keys)).settle();
        assert!(harness.text().contains("#25 error_ends_the_table"), "{keys}: {}", harness.text());
    }
}

/// Esc takes back what was typed ahead; the jump itself goes on.
#[test]
fn esc_drops_what_was_typed_ahead() {
    let mut harness = real_screen(80, 12);
    harness.press_at_once(&typed(": 2 5 Enter Enter Esc")).settle();
    assert_eq!(selected_id(&harness), 25);
}

/// Another record was shown meanwhile: it is the one to go on from.
#[test]
fn coming_back_selects_the_record_shown_last() {
    let open: OpenRecord =
        |run, tab, query| Box::new(crate::tui::screens::record::RecordScreen::new(run, tab, query));
    let mut harness = Harness::new(Box::new(Records::new(ListQuery::default(), open)), real(), 80, 12);
    harness.press(&["j", "3", "J", "J", "Esc"]);
    assert_eq!(selected_id(&harness), 58);
    harness.press_at_once(&["1", "J", "J", "q"]).settle();
    assert_eq!(selected_id(&harness), 56);
    harness.press(&["Enter", ":"]).type_text("5").press(&["Enter", "Esc"]);
    assert_eq!(selected_id(&harness), 5);
}

#[test]
fn an_id_is_found_and_one_that_is_not_there_says_so() {
    let mut harness = real_screen(80, 12);
    harness.press(&[":", "2", "5", "Enter"]);
    assert_eq!(selected_id(&harness), 25);
    harness.press(&[":", "9", "9", "Enter"]);
    assert_eq!((selected_id(&harness), last_line(&harness)), (25, " There is no record 99.".to_owned()));
    harness.press(&["/"]).type_text("table").press(&["Enter", ":", "6", "1", "Enter"]);
    assert!(last_line(&harness).contains("Record 61 is not among those with \"table\""));
    assert_eq!(selected_id(&harness), 25);
}

#[test]
fn words_narrow_while_they_are_typed() {
    let mut harness = real_screen(80, 24);
    harness.press(&["j", "j", "j", "/"]).type_text("tab");
    assert!(line(&harness, 0).contains("of 61 records with \"tab\""), "{}", line(&harness, 0));
    assert_eq!(selected_id(&harness), 58, "edited_table still matches");
    harness.type_text("_h");
    assert_eq!(selected_id(&harness), 50);
    harness.press(&["Backspace", "Backspace"]);
    assert_eq!(selected_id(&harness), 58, "a letter taken back brings back the place");
    harness.press(&["Esc"]);
    assert!(line(&harness, 0).contains("   61 records") && selected_id(&harness) == 58);
    harness.press(&["/"]).type_text("ALPHA").press(&["Enter"]);
    assert!(line(&harness, 0).contains("4 of 61 records"), "LIKE ignores case: {}", line(&harness, 0));
    harness.press(&["Enter"]);
    assert!(harness.text().starts_with("record 54 Overview \"ALPHA\" Id"));
    harness.press(&["Esc", "Esc"]);
    assert!(line(&harness, 0).contains("   61 records") && selected_id(&harness) == 54);
}

#[test]
fn columns_sort_and_turn() {
    let mut harness = real_screen(80, 12);
    harness.press(&["l", "s"]);
    assert!(line(&harness, 1).contains("name ▴"), "{}", line(&harness, 1));
    assert_eq!(selected_id(&harness), 53, "ALPHA comes before Alpha");
    harness.press(&["j", "s"]);
    assert!(line(&harness, 1).contains("name ▾"), "{}", line(&harness, 1));
    assert_eq!(selected_id(&harness), 52, "the selection stays on its record");
    harness.press(&["l", "l", "s"]);
    assert!(last_line(&harness).contains("can't be sorted by took, only by id, name, by, started, ended"));
    harness.press(&["S", "e"]);
    assert!(line(&harness, 0).contains("by ended ▾"), "{}", line(&harness, 0));
    harness.press(&[":"]).type_text("sort id asc").press(&["Enter", "g"]);
    assert!(line(&harness, 0).contains("oldest first") && selected_id(&harness) == 1);
}

#[test]
fn e_walks_the_failed_records() {
    let mut harness = real_screen(80, 12);
    harness.press(&["e"]);
    assert_eq!(selected_id(&harness), 25);
    harness.press(&["e"]);
    assert_eq!(selected_id(&harness), 24);
    harness.press(&["e"]);
    assert_eq!((selected_id(&harness), last_line(&harness).contains("No failed record below")), (24, true));
    harness.press(&["E", "E"]);
    assert_eq!((selected_id(&harness), last_line(&harness).contains("No failed record above")), (25, true));
}

#[test]
fn digits_open_their_tab() {
    for (key, tab) in [
        ("Enter", "Overview"),
        ("1", "Overview"),
        ("2", "Steps"),
        ("3", "Table"),
        ("5", "Charts"),
        ("6", "Log"),
        ("7", "Files"),
    ] {
        let mut harness = real_screen(80, 12);
        harness.press(&["j", key]);
        assert!(harness.text().starts_with(&format!("record 60 {tab} ")), "{}", harness.text());
    }
}

/// One step of the selection sends the two bars and the position.
#[test]
fn a_step_changes_a_few_cells() {
    let (_folder, lab) = many(200);
    let mut harness = Harness::new(first(), lab, 160, 50);
    harness.press(&["j", "j"]);
    let before = harness.buffer();
    harness.press_at_once(&["j"]);
    let after = harness.buffer();
    let changed = before.diff(&after).len();
    assert!((3..=12).contains(&changed), "{changed} cells");
}

/// The preview comes later, and stays as it is until then.
#[test]
fn the_preview_follows_the_selection() {
    let mut harness = real_screen(140, 24);
    harness.press(&[":", "2", "5", "Enter"]);
    assert!(line(&harness, 1).ends_with("#25"), "{}", line(&harness, 1));
    harness.press_at_once(&["j"]);
    assert!(line(&harness, 1).ends_with("#25"));
    harness.settle();
    assert!(line(&harness, 1).ends_with("#24"));
    harness.resize(80, 24).press(&["k"]).resize(140, 24);
    assert!(line(&harness, 1).ends_with("#25"));
}

#[test]
fn following_reads_what_the_lab_writes_and_keeps_the_place() {
    let (folder, lab) = many(30);
    let mut harness = Harness::new(first(), lab, 100, 12);
    assert!(!harness.app.wants().ticks);
    harness.press(&["j", "F"]);
    assert!(harness.app.wants().ticks && line(&harness, 0).contains("following"));
    assert!(last_line(&harness).contains("F ends it"), "{}", harness.text());
    let asked = harness.buffer();
    harness.handle(Event::Tick);
    assert_eq!(harness.buffer(), asked, "nothing changed, nothing is drawn");
    let writer = rusqlite::Connection::open(folder.path().join("ivoryos.db")).unwrap();
    writer
        .execute("INSERT INTO workflow_runs (id, name, platform, start_time) VALUES (31, 'new', 'deck', '2026-11-24 03:04:30')", [])
        .unwrap();
    harness.handle(Event::Tick);
    assert!(
        line(&harness, 2).contains("31") && line(&harness, 2).contains("since 03:04"),
        "{}",
        harness.text()
    );
    assert_eq!((selected_id(&harness), line(&harness, 0).contains("1 running")), (29, true));
    harness.press(&["F"]);
    assert!(!harness.app.wants().ticks);
}

/// A record that ended is not read again whenever another one goes on.
#[test]
fn following_reads_only_what_is_open() {
    let (_folder, lab) = without_logs();
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| {
        seen.lock().unwrap().push(ask.clone());
        match ask {
            Ask::Changed { .. } => Ok(Answer::Changed(true)),
            _ => answer(&lab, ask, cx).map(|answer| answer.value),
        }
    };
    let mut harness = Harness::new(first(), answerer, 140, 24);
    harness.press(&["j", "F"]);
    asked.lock().unwrap().clear();
    harness.handle(Event::Tick);
    let asked = asked.lock().unwrap();
    let kinds: Vec<_> = asked
        .iter()
        .map(|ask| match ask {
            Ask::Changed { .. } => "changed".to_owned(),
            Ask::Page { place, .. } => format!("{place:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["changed", "Around(60)", "RowDetails { runs: [61, 59] }"]);
}

#[test]
fn a_deleted_record_leaves_its_place_to_the_next() {
    let (_folder, lab) = many(5);
    let mut harness = Harness::new(first(), lab, 80, 12);
    harness.press(&["j", "j", "D", "y"]);
    assert!(line(&harness, 0).contains("4 records"), "{}", harness.text());
    assert_eq!(selected_id(&harness), 2);
    harness.press(&["G", "D", "y"]);
    assert_eq!(selected_id(&harness), 2);
}

#[test]
fn copies_what_is_selected() {
    let mut harness = real_screen(160, 24);
    harness.press(&[":", "2", "1", "Enter", "l", "l", "l", "y"]);
    let text = harness.text();
    for part in ["i  id", "n  name", "r  row", "c  cell started", "2026-11-24 03:00:", "e  error", "p  path"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_preview_is_of_a_record_in_the_list() {
    let mut harness = real_screen(140, 24);
    harness.press(&["/"]).type_text("pmup");
    assert!(!harness.text().contains("still_going"));
    harness.press(&["Esc"]);
    assert!(line(&harness, 1).ends_with("#61") && selected_id(&harness) == 61);
}

/// Words that come while a record is looked for, which the old list had not either.
#[test]
fn a_record_that_is_not_there_does_not_hold_up_the_words() {
    let mut harness = real_screen(80, 24);
    harness.press(&["/"]).press_at_once(&["z", "z", "Enter", ":", "9", "9", "Enter"]).settle();
    assert!(line(&harness, 0).contains("0 of 61 records with \"zz\""), "{}", harness.text());
}

#[test]
fn long_words_leave_room_for_the_counts() {
    for width in [40, 80, 160] {
        let mut harness = real_screen(width, 10);
        harness.press(&["/"]).type_text(&"pmup".repeat(20));
        let head = line(&harness, 0);
        assert!(head.contains("0 ") && head.contains("with \"pmup"), "{head}");
        assert!(width < 80 || head.contains("0 of 61 records"), "{head}");
    }
}

/// Of 61 records two failed and one is running: none of those that have the words.
#[test]
fn the_counts_are_those_of_the_list() {
    let mut harness = real_screen(100, 20);
    assert!(line(&harness, 0).contains("2 failed   1 running"), "{}", line(&harness, 0));
    for (words, head) in
        [("alpha", ""), ("error_ends", "2 failed"), ("still", "1 running"), ("the_run", "1 failed")]
    {
        harness.press(&["/", "Ctrl-u"]).type_text(words).press(&["Enter"]);
        let shown = line(&harness, 0);
        let counts = ["2 failed", "1 failed", "1 running"];
        assert!(counts.iter().all(|count| shown.contains(count) == (*count == head)), "{words}: {shown}");
    }
}

/// The header gives way: first what is said behind the counts, then the opened data.
#[test]
fn the_head_keeps_its_counts() {
    for (width, has) in [(160, "as of 03:04:31"), (80, "newest first"), (50, "2 failed"), (40, "2 failed")] {
        let harness = real_screen(width, 10);
        assert!(line(&harness, 0).contains(has), "{width}: {}", line(&harness, 0));
    }
}

mod any_keys_and_sizes {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::{key::Key, keymap::KEYMAP};

    fn key() -> impl Strategy<Value = Key> {
        let names: Vec<&'static str> = KEYMAP.iter().flat_map(|row| row.keys.iter().copied()).collect();
        // These would end the program or delete.
        let names: Vec<_> =
            names.into_iter().filter(|name| !["Q", "q", "Ctrl-c", "D", "x"].contains(name)).collect();
        prop::sample::select(names).prop_map(|name| name.parse().unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn make_it_fall_never(
            steps in prop::collection::vec((key(), prop::option::weighted(0.2, (1..=170u16, 1..=60u16))), 1..25),
        ) {
            let mut harness = real_screen(80, 24);
            for (key, size) in steps {
                harness.app.handle(Event::Key(key));
                if let Some((width, height)) = size {
                    harness.resize(width, height);
                }
                harness.settle();
            }
        }

        /// The screen itself in sizes that the app would not show it in.
        #[test]
        fn draws_in_any_size(width in 0..=170u16, height in 0..=60u16, ascii in any::<bool>()) {
            let lab = real();
            let cx = ScreenCx { opened: "lab", export_folder: Path::new("/"), ascii, slow: false };
            let mut screen = Records::new(ListQuery::default(), |_, _, _| first());
            let mut waiting = screen.update(Input::Resize(Size { width, height }), &cx);
            waiting.extend(screen.update(Input::Shown, &cx));
            while let Some(effect) = waiting.pop() {
                if let Effect::Ask(ask) = effect {
                    let slot = ask.slot();
                    let result = answer(&lab, &ask, &mut Cx::quiet()).map(|answer| answer.value);
                    waiting.extend(screen.update(Input::Answer { slot, result }, &cx));
                }
            }
            let area = Rect { x: 3, y: 2, width, height };
            let mut buf = Buffer::empty(Rect { x: 0, y: 0, width: width + 5, height: height + 4 });
            let untouched = buf.clone();
            screen.view(&Theme { ascii, color: true }, area, &mut buf);
            for (x, y, _) in untouched.diff(&buf) {
                prop_assert!(area.contains((x, y).into()), "outside at {x}, {y}");
            }
        }
    }
}
