//! A played lab that is followed: new records, where the selection stays, what is said and rung.

use std::sync::{Arc, Mutex};

use jiff::civil::{DateTime, date};

use crate::{
    model::query::{ListQuery, Order, SortKey},
    store::Options,
    tui::{
        app::{AppOptions, TerminalOrder},
        event::Event,
        screens::records::Records,
        start,
        testing::{Harness, lab_with, options, played::Played},
    },
};

/// A lab with records that completed, followed on the list.
struct Followed {
    played: Played,
    harness: Harness,
    clock: Arc<Mutex<DateTime>>,
}

impl Followed {
    fn with(records: usize, query: ListQuery, looks: AppOptions) -> Self {
        let mut played = Played::empty();
        for n in 1..=records {
            played.start(&format!("dye {n}"), &format!("07:{n:02}:00"));
            played.iteration(1, &format!("07:{n:02}:01"), &format!("07:{n:02}:10"));
            played.end("completed", &format!("07:{n:02}:20"));
        }
        let clock = Arc::new(Mutex::new(date(2026, 11, 24).at(8, 0, 0, 0)));
        let reads = Arc::clone(&clock);
        let now = Arc::new(move || *reads.lock().unwrap());
        let lab = lab_with(&played.database(), Options::without_cache(), now).without_rest();
        let first = Box::new(Records::new(query, start::record));
        let mut harness = Harness::with(looks, first, lab, ratatui::layout::Size { width: 80, height: 24 });
        harness.settle();
        Self { played, harness, clock }
    }

    fn begun(records: usize, query: ListQuery) -> Self {
        let mut followed = Self::with(records, query, options());
        followed.harness.press(&["F"]);
        followed
    }

    /// What the lab wrote is seen.
    fn tick(&mut self) -> &mut Self {
        self.harness.handle(Event::Tick);
        // One more, as what was found may be told behind it.
        self.harness.settle();
        self
    }

    fn completed(&mut self, name: &str) -> &mut Self {
        self.played.start(name, "08:00:00");
        self.played.end("completed", "08:00:01");
        self.tick()
    }

    fn selected(&self) -> String {
        let lines = self.harness.lines();
        let bar = lines.iter().find(|line| line.starts_with('▌')).expect("a selected row");
        bar.split_whitespace().nth(1).unwrap_or_default().to_owned()
    }

    fn sign(&self) -> String {
        let last = self.harness.lines().pop().unwrap();
        last.rsplit_once('►').map(|(_, words)| words.trim().to_owned()).unwrap_or_default()
    }

    /// Messages for the desktop, and how often it rang.
    fn rung(&mut self) -> (Vec<String>, usize) {
        let mut said = Vec::new();
        let mut bells = 0;
        for order in std::mem::take(&mut self.harness.orders) {
            if let TerminalOrder::Send(bytes) = order {
                let text = String::from_utf8(bytes).unwrap();
                bells += usize::from(text.starts_with('\x07'));
                said.extend(
                    text.split("\x1b]9;").nth(1).map(|text| text.trim_end_matches("\x1b\\").to_owned()),
                );
            }
        }
        (said, bells)
    }
}

fn newest_first() -> ListQuery {
    ListQuery::default()
}

fn oldest_first() -> ListQuery {
    ListQuery { order: Order::Ascending, ..ListQuery::default() }
}

#[test]
fn new_records_are_counted_until_their_end_of_the_list_is_seen() {
    let mut lab = Followed::begun(3, newest_first());
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("following", "3"));
    lab.completed("four").completed("five");
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("2 new", "3"), "{}", lab.harness.text());
    assert!(lab.harness.text().contains("five"), "they stand above: {}", lab.harness.text());
    // Also with a record open.
    lab.harness.press(&["Enter", "2"]);
    lab.completed("six");
    assert_eq!(lab.sign(), "3 new", "{}", lab.harness.text());
    lab.harness.press(&["Esc"]);
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("3 new", "3"));
    lab.harness.press(&["g"]);
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("following", "6"));
    // After g the selection goes along, until it is moved.
    lab.completed("seven");
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("following", "7"));
    lab.harness.press(&["j", "k"]);
    lab.completed("eight");
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("1 new", "7"));
    // A record that is gone again is not new.
    lab.played.delete(8);
    lab.tick();
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("following", "7"), "{}", lab.harness.text());
    lab.harness.press(&["F"]);
    assert_eq!(lab.sign(), "");
}

#[test]
fn with_the_oldest_first_the_last_row_goes_along_and_any_other_stays() {
    let mut lab = Followed::begun(30, oldest_first());
    lab.completed("new 31");
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("1 new", "1"), "{}", lab.harness.text());
    lab.harness.press(&["G"]);
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("following", "31"));
    lab.completed("new 32").completed("new 33");
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("following", "33"), "{}", lab.harness.text());
    lab.harness.press(&["k"]);
    lab.completed("new 34");
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("1 new", "32"));
}

/// In another order there is no such end: selecting the newest record is seeing it.
#[test]
fn words_and_orders_say_which_records_are_new() {
    let mut lab = Followed::begun(3, newest_first());
    lab.completed("pump a").completed("stir").completed("pump b");
    assert_eq!(lab.sign(), "3 new");
    lab.harness.press(&["/"]).type_text("pump").press(&["Enter"]);
    assert_eq!(lab.sign(), "following", "the first that is found is the newest\n{}", lab.harness.text());
    lab.completed("other").completed("pump c").completed("other");
    assert_eq!(lab.sign(), "1 new", "{}", lab.harness.text());
    let by_name = ListQuery { sort: SortKey::Name, order: Order::Ascending, ..ListQuery::default() };
    let mut lab = Followed::begun(3, by_name);
    lab.completed("a first name");
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("1 new", "1"), "{}", lab.harness.text());
    lab.harness.press(&["k"]);
    assert_eq!((lab.sign().as_str(), lab.selected().as_str()), ("following", "4"));
}

#[test]
fn what_happens_is_said_and_rung_of_any_record_whatever_is_on_screen() {
    let mut lab = Followed::with(1, newest_first(), AppOptions { bell: true, title: true, ..options() });
    lab.harness.press(&["F"]);
    lab.played.start("dye", "08:00:00");
    lab.played.log("Executing dye experiment: 1/2", "08:00:00");
    lab.played.phase("main", 1, "08:00:00");
    lab.played.step(1, "stir", "08:00:00");
    lab.tick();
    assert_eq!(lab.rung(), (Vec::new(), 0), "that a record begins is counted, not rung");
    assert!(lab.harness.app.title().unwrap().starts_with("▶ #2 dye 1/2 · "), "{:?}", lab.harness.app.title());
    lab.played.event("error", Some("deck.mixer.stir: \u{1b}[31mjam"), "08:00:02");
    lab.played.end_step(true, "08:00:02");
    *lab.clock.lock().unwrap() = date(2026, 11, 24).at(8, 0, 3, 0);
    lab.tick();
    let (said, bells) = lab.rung();
    assert_eq!(bells, 1, "{said:?}");
    assert!(said[0].starts_with("ivorylens: #2 dye waits, iteration 1/2"), "{said:?}");
    assert!(!said[0].contains('\x1b'), "{said:?}");
    assert!(lab.harness.text().contains("#2 dye waits"), "{}", lab.harness.text());
    assert!(
        lab.harness.app.title().unwrap().starts_with("! #2 dye waits · "),
        "{:?}",
        lab.harness.app.title()
    );
    // Also while another record is on screen.
    lab.harness.press(&["G", "Enter", "b"]);
    assert!(lab.harness.text().contains("does not ring"), "{}", lab.harness.text());
    lab.harness.press(&["b", "k"]);
    lab.played.event("retried", None, "08:00:04");
    lab.played.end("completed", "08:00:09");
    lab.tick();
    assert_eq!(lab.rung(), (vec!["ivorylens: #2 dye completed".to_owned()], 1), "{}", lab.harness.text());
    assert!(lab.harness.text().contains("#2 dye completed"), "{}", lab.harness.text());
    assert!(lab.harness.app.title().unwrap().starts_with("#1 dye 1 · "), "{:?}", lab.harness.app.title());
}

#[test]
fn without_the_bell_it_is_only_said() {
    let mut lab = Followed::begun(1, newest_first());
    lab.played.start("dye", "08:00:00");
    lab.tick();
    lab.played.end("error", "08:00:03");
    lab.tick();
    assert!(lab.harness.text().contains("#2 dye ended with an error"), "{}", lab.harness.text());
    assert_eq!(lab.rung(), (Vec::new(), 0));
}
