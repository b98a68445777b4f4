//! The table tab over a record of so many iterations that only some rows are in memory.

use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use crate::{
    checkpoint::Cx,
    demo::{self, Plan},
    error::{Error, Result},
    model::{
        query::ListQuery,
        value::{Dict, Text, Value},
    },
    services::{
        lab::Lab,
        records,
        request::{Answer, Ask},
        table::{
            self,
            types::{TableRow, TableShape},
        },
    },
    store::Options,
    tui::{
        screens::record::RecordScreen,
        tab::TabId,
        testing::{Harness, fake},
        worker::Answerer,
    },
};

const ITERATIONS: u32 = 700;

/// The record in a folder that lives as long.
pub(crate) struct Made {
    folder: TempDir,
    pub run: i64,
}

impl Made {
    fn new() -> Made {
        Made::of(ITERATIONS)
    }

    /// The record of the most iterations: of so many, where no other one of up to three has more.
    pub fn of(iterations: u32) -> Made {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::sized(10, 1..=3, 3, 7, jiff::civil::date(2026, 11, 24).at(8, 0, 0, 0))
            .with(|size| size.deep = Some((iterations, 1)));
        demo::make(&plan, folder.path()).unwrap();
        let made = Made { folder, run: 0 };
        let lab = made.lab();
        let all = records::rows(&lab, &ListQuery::default(), (0, u64::MAX), &mut Cx::quiet()).unwrap();
        let ids: Vec<i64> = all.iter().map(|row| row.run.id).collect();
        let phases = |id: &&i64| lab.phase_summaries(**id, &mut Cx::quiet()).unwrap().value.len();
        Made { run: *ids.iter().max_by_key(phases).unwrap(), ..made }
    }

    pub fn lab(&self) -> Lab {
        let clock = Arc::new(|| jiff::civil::date(2026, 11, 24).at(8, 0, 0, 0));
        let file = self.folder.path().join("ivoryos.db");
        crate::tui::testing::lab_with(&file, Options::without_cache(), clock)
    }

    pub fn rows(&self) -> Vec<TableRow> {
        let lab = self.lab();
        table::of(&lab, &lab.run(self.run, &Cx::quiet()).unwrap(), &mut Cx::quiet()).unwrap().rows
    }

    fn screen(&self, answerer: impl Answerer + Send + 'static) -> Harness {
        Harness::new(self.record(), answerer, 100, 24)
    }

    fn record(&self) -> Box<RecordScreen> {
        Box::new(RecordScreen::new(self.run, TabId::Table, ListQuery::default()))
    }
}

/// The numbers in front of the rows on screen.
fn numbers(harness: &Harness) -> Vec<u64> {
    let lines = harness.lines();
    let number = |line: &String| line.trim_start_matches(['▌', ' ']).split(' ').next()?.parse().ok();
    lines.iter().skip(4).map_while(number).collect()
}

fn selected(harness: &Harness) -> u64 {
    let at = harness.lines().iter().position(|line| line.starts_with('▌')).unwrap();
    numbers(harness)[at - 4]
}

/// What the tab asked, in order.
type Asked = Arc<Mutex<Vec<Ask>>>;

fn heard(lab: Lab) -> (Asked, impl Answerer + Send + 'static) {
    let asked = Asked::default();
    let heard = Arc::clone(&asked);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| {
        heard.lock().unwrap().push(ask.clone());
        lab.answer(ask, cx)
    };
    (asked, answerer)
}

fn windows(asked: &Asked) -> usize {
    asked.lock().unwrap().iter().filter(|ask| matches!(ask, Ask::TableRows { .. })).count()
}

#[test]
fn the_beginning_is_shown_before_all_is_known_and_nothing_moves_then() {
    let made = Made::new();
    let lab = made.lab();
    let mut harness = Harness::unanswered(made.record(), lab, 100, 24);
    while !harness.text().contains("row  iter") && !harness.text().contains("iter  ") {
        harness.next();
    }
    let first = harness.lines();
    assert!(first.last().unwrap().ends_with("1/128+"), "{first:#?}");
    harness.settle();
    let then = harness.lines();
    assert!(then.last().unwrap().ends_with("1/700"), "{then:#?}");
    assert_eq!(first[3..23], then[3..23]);
}

#[test]
fn any_place_is_reached() {
    let made = Made::new();
    let mut harness = made.screen(made.lab());
    assert_eq!(numbers(&harness), (1..=17).collect::<Vec<_>>());
    for (keys, expected) in [
        (vec!["G"], 700),
        (vec!["g"], 1),
        (vec![":", "3", "3", "3", "Enter"], 333),
        (vec!["}"], 334),
        (vec!["{", "{"], 332),
        (vec!["PgDn", "PgDn"], 366),
        (vec!["PgUp"], 349),
    ] {
        harness.press(&keys);
        assert_eq!(selected(&harness), expected, "{keys:?}\n{}", harness.text());
        assert_eq!(numbers(&harness).len(), 17, "{keys:?}\n{}", harness.text());
    }
    harness.press(&[":", "7", "0", "1", "Enter"]);
    assert!(harness.text().contains("No row 701 in this table."), "{}", harness.text());
    harness.press(&["Enter"]);
    assert!(harness.text().contains("▾ main 349"), "{}", harness.text());
}

#[test]
fn the_keys_of_an_impatient_user_wait_for_the_whole() {
    let made = Made::new();
    for (keys, expected) in [
        (&["G", "k"][..], 699),
        (&[":", "5", "0", "0", "Enter", "j"], 501),
        (&["}", "}", "}"], 4),
        (&["G", "{", "{", "k"], 697),
    ] {
        let mut harness = Harness::unanswered(made.record(), made.lab(), 100, 24);
        while !harness.text().contains("1/128+") {
            harness.next();
        }
        harness.press_at_once(keys).settle();
        assert_eq!(selected(&harness), expected, "{keys:?}\n{}", harness.text());
    }
}

#[test]
fn keys_typed_ahead_do_not_queue_questions() {
    let made = Made::new();
    let (asked, answerer) = heard(made.lab());
    let mut harness = made.screen(answerer);
    harness.press_at_once(&["j"; 400]).settle();
    assert_eq!(selected(&harness), 401);
    assert!(windows(&asked) < 20, "{}", windows(&asked));
    let before = windows(&asked);
    harness.press(&["j", "k", "j", "j"]);
    assert_eq!(windows(&asked), before, "a few steps are within what is held");
}

#[test]
fn sorting_keeps_the_row_and_reaches_all_places() {
    let made = Made::new();
    let mut harness = made.screen(made.lab());
    let rows = made.rows();
    let mut by: Vec<usize> = (0..rows.len()).collect();
    let value = |n: &usize| {
        let (_, value) = rows[*n].values.iter().chain(rows[*n].outputs.iter()).next().unwrap();
        value.number().unwrap()
    };
    by.sort_by(|a, b| value(a).total_cmp(&value(b)));
    let sorted: Vec<u64> = by.iter().map(|n| rows[*n].row).collect();
    harness.press(&[":", "4", "2", "0", "Enter", "s"]);
    assert!(harness.text().contains(", rising."), "{}", harness.text());
    assert_eq!(selected(&harness), 420);
    harness.press(&["g"]);
    assert_eq!(numbers(&harness), sorted[..17]);
    harness.press(&["G"]);
    assert_eq!(numbers(&harness), sorted[sorted.len() - 17..]);
    harness.press(&[":", "7", "Enter", "R"]);
    assert_eq!(selected(&harness), 7);
    harness.press(&["s", "s"]);
    assert!(harness.text().contains("In the order of the record."), "{}", harness.text());
    assert_eq!(selected(&harness), 7);
}

/// Answers as a file that is busy whenever rows are to be read.
fn unwilling(lab: Lab) -> impl Answerer + Send + 'static {
    move |ask: &Ask, cx: &mut Cx<'_>| -> Result<Answer> {
        match ask {
            Ask::TableRows { .. } => {
                Err(Error::File { path: "ivoryos.db".into(), reason: "busy".to_owned() })
            }
            _ => lab.answer(ask, cx),
        }
    }
}

#[test]
fn rows_that_cannot_be_read_leave_their_places_and_say_why() {
    let made = Made::new();
    let mut harness = made.screen(unwilling(made.lab()));
    harness.press(&["G"]);
    assert!(harness.text().contains("busy; R tries again"), "{}", harness.text());
    assert!(harness.lines()[20].starts_with("▌   …"), "{}", harness.text());
    // Nothing waits for what does not come.
    harness.press(&["Enter", "g"]);
    assert_eq!(numbers(&harness), (1..=17).collect::<Vec<_>>());
}

/// A column is found by its name as the file has it and as it is shown, however many there are.
#[test]
fn columns_are_found_by_their_names() {
    let name = |n: usize| match n {
        4000 => Text::from("Dosierter_Anteil_ml"),
        n => Text::from(format!("chan_{n}_mV").as_str()),
    };
    let answerer = fake(move |ask| {
        let row = TableRow {
            row: 1,
            iteration: Some(1),
            status: "done".into(),
            values: Dict::default(),
            outputs: Dict::default(),
            reason: None,
            invalid: Value::Null,
            starts_batch: false,
        };
        let shape = TableShape {
            look: 1,
            whole: true,
            columns: vec![Text::from("solvent")],
            outputs: (0..5000).map(&name).collect(),
            rows: 1,
            highest_iteration: 1,
            sample: vec![row],
            ..TableShape::default()
        };
        matches!(ask, Ask::Table { .. }).then(|| Answer::Table(Box::new(shape)))
    });
    let screen = RecordScreen::new(7, TabId::Table, ListQuery::default());
    let mut harness = Harness::new(Box::new(screen), answerer, 80, 24);
    assert!(!harness.text().contains("Dosierter"));
    harness.press(&["/"]).type_text("anteil_ml").press(&["Enter"]);
    assert!(harness.text().contains("Dosierter"), "{}", harness.text());
    harness.press(&["/"]).type_text("chan_17_").press(&["Enter"]);
    assert!(harness.text().contains("\"chan_17_\": from the top again"), "{}", harness.text());
    assert!(harness.text().contains("chan_17"), "{}", harness.text());
    harness.press(&["/"]).type_text("solv").press(&["Esc"]);
    assert!(harness.text().contains("chan_17"), "{}", harness.text());
    harness.press_at_once(&["/", "z", "z", "Enter"]);
    harness.settle();
    assert!(harness.text().contains("No column has \"zz\" in its name."), "{}", harness.text());
    harness.press(&["?", "/"]).type_text("find column");
    assert!(harness.text().contains("find a column by its name"), "{}", harness.text());
}
