//! The list over real and made-up data folders, driven by keys.

use std::{path::Path, sync::Arc};

use jiff::civil::{DateTime, date};
use tempfile::TempDir;

use super::*;
use crate::{
    checkpoint::Cx,
    demo::{Plan, make},
    services::{answer, lab::Lab, own_files::UserFolders},
    store::Options,
    tui::{
        event::Event,
        screen::Visit,
        start,
        testing::{Harness, reference_file},
    },
};

mod ahead;
mod columns;
mod follow;
mod guide;
mod kept;
mod looks;
mod marks;
mod picking;
mod rest;
mod words;

const NOW: fn() -> DateTime = || date(2026, 11, 24).at(3, 14, 20, 0);

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
    Box::new(Records::new(ListQuery::default(), |Visit { run, goto, query, .. }| {
        let place = match goto {
            Goto::Tab(tab) => format!("{tab:?}"),
            other => format!("{other:?}"),
        };
        Box::new(Opened(format!("record {run} {place} {:?} {:?}", query.filter.text(), query.sort)))
    }))
}

fn lab(path: &Path) -> Lab {
    crate::tui::testing::lab_with(path, Options::tiny(), Arc::new(NOW)).without_rest()
}

/// The records that an IvoryOS 1.7.2 wrote, as they are in the tests' data. Nobody has asked for a while: all is counted.
fn real() -> Lab {
    rested(lab(&reference_file("ivoryos-1.7.2")))
}

fn rested(lab: Lab) -> Lab {
    while lab.idle(&mut Cx::quiet()).is_some_and(|idle| idle.pause.is_some()) {}
    lab
}

fn real_screen(width: u16, height: u16) -> Harness {
    Harness::new(first(), real(), width, height)
}

/// The same database without the logs, whose times on disk are those of the copy.
fn without_logs() -> (TempDir, Lab) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ivoryos.db");
    std::fs::copy(reference_file("ivoryos-1.7.2"), &path).unwrap();
    let lab = rested(lab(&path));
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





    F follow  : go to  H calls by hand  R reload  ? help
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

/// Another record was shown meanwhile: it is the one to go on from.
#[test]
fn coming_back_selects_the_record_shown_last() {
    let open = Records::new(ListQuery::default(), start::record);
    let mut harness = Harness::new(Box::new(open), real(), 80, 12);
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
    let mut harness = real_screen(96, 12);
    harness.press(&["l", "s"]);
    assert!(line(&harness, 1).contains("name ▴"), "{}", line(&harness, 1));
    assert_eq!(selected_id(&harness), 53, "ALPHA comes before Alpha");
    harness.press(&["j", "s"]);
    assert!(line(&harness, 1).contains("name ▾"), "{}", line(&harness, 1));
    assert_eq!(selected_id(&harness), 52, "the selection stays on its record");
    harness.press(&["S", "e"]);
    assert!(line(&harness, 0).contains("by ended ▾"), "{}", line(&harness, 0));
    harness.press(&[":"]).type_text("sort id asc").press(&["Enter", "g"]);
    assert!(line(&harness, 0).contains("oldest first") && selected_id(&harness) == 1);
}

/// Also by what is made of a record, in both directions; what has no value stays last.
#[test]
fn took_iterations_and_errors_sort_and_turn() {
    let mut harness = real_screen(120, 70);
    // Which are the first and the last two records on screen.
    let ends = |harness: &Harness| {
        let ids: Vec<i64> =
            (2..63).map(|y| line(harness, y).split_whitespace().nth(1).unwrap().parse().unwrap()).collect();
        [ids[0], ids[1], ids[59], ids[60]]
    };
    harness.press(&["l", "l", "l", "s"]);
    assert!(line(&harness, 0).contains("by took ▾"), "{}", line(&harness, 0));
    assert_eq!(ends(&harness), [36, 58, 61, 59], "{}", harness.text());
    harness.press(&["s"]);
    assert_eq!(ends(&harness), [24, 41, 61, 59], "{}", harness.text());
    harness.press(&["l", "s"]);
    assert!(line(&harness, 0).contains("by iter ▾"), "{}", line(&harness, 0));
    assert_eq!(ends(&harness), [58, 16, 6, 1], "{}", harness.text());
    harness.press(&["S", "x"]);
    assert!(line(&harness, 0).contains("by err ▾"), "{}", line(&harness, 0));
    assert!(line(&harness, 1).contains(" err ▾ "), "{}", line(&harness, 1));
    assert_eq!(ends(&harness), [21, 13, 2, 1], "{}", harness.text());
    harness.press(&[":"]).type_text("sort err asc").press(&["Enter"]);
    assert_eq!(ends(&harness), [61, 60, 21, 13], "{}", harness.text());
}

#[test]
fn a_column_without_an_order_says_where_others_are() {
    let mut harness = real_screen(160, 12);
    harness.press(&["l", "l", "l", "l", "l", "l", "l", "s"]);
    let said = last_line(&harness);
    assert!(said.contains("can't be sorted by output; S has"), "{said}");
}

#[test]
fn e_tells_why_and_esc_selects_the_record_that_was_told_of() {
    let mut harness = real_screen(80, 12);
    harness.press(&[":", "2", "6", "Enter", "e"]);
    assert!(line(&harness, 0).contains("#25"), "{}", harness.text());
    harness.press(&["e"]);
    assert!(line(&harness, 0).contains("#24"), "{}", harness.text());
    harness.press(&["Esc"]);
    assert_eq!(selected_id(&harness), 24);
    // It has a failure itself.
    harness.press(&["E"]);
    assert!(line(&harness, 0).contains("#24"), "{}", harness.text());
}

/// The reason stands first, and where only the log has it, that is said.
#[test]
fn a_preview_tells_why_from_the_log() {
    let mut harness = real_screen(140, 24);
    harness.press(&[":", "2", "4", "Enter"]);
    let beside: Vec<String> =
        harness.lines().iter().filter_map(|line| Some(line.split_once('│')?.1.trim().to_owned())).collect();
    assert!(beside[1].contains("Ended with an error"), "{}", harness.text());
    assert_eq!(
        beside[3..5].join(" "),
        "Error evaluating condition 'missing_name > 3': name 'missing_name' is not defined"
    );
    assert!(beside[5].ends_with("from the log"), "{}", harness.text());
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
    assert!(harness.app.wants().ticks && !line(&harness, 0).contains("as of"));
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
            Ask::News(_) => "news".to_owned(),
            Ask::Page { place, .. } => format!("{place:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["changed", "Around(60)", "RowDetails { runs: [61, 59] }", "news"]);
}

#[test]
fn a_deleted_record_leaves_its_place_to_the_next() {
    let (folder, lab) = many(5);
    let kept = UserFolders { state: Some(folder.path().join("state")), config: None };
    let mut harness = Harness::new(first(), lab.keeping_in(&kept), 80, 12);
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
            let cx = ScreenCx { opened: "lab", export_folder: Path::new("/"), ascii, slow: false, follows: false, tab: TabId::default() };
            let mut screen = Records::new(ListQuery::default(), |_| first());
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
