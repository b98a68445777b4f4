//! Which records need somebody: counted in the head of the list, and the next of them in its order.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{collections::HashSet, fs, path::Path};

use ivorylens::{
    checkpoint::Cx,
    model::{
        outcome::Outcome,
        query::{ListQuery, Order, Place, SortKey},
    },
    services::{
        answer,
        events::LazyEvents,
        lab::Lab,
        page::Page,
        records::{self, RowDetail},
        request::{Answer, Ask},
        run_row::{self, RunRow},
        trouble::Trouble,
    },
    store::Options,
};

use common::{
    NEW, Set,
    lab::{NOON, lab_with, rest, server, stopped},
};

fn opened(data: &Path) -> Lab {
    lab_with(data, Options::without_cache(), stopped(NOON))
}

/// All that is known at once, of tables that are read in the smallest pieces.
fn in_pieces(data: &Path) -> Lab {
    lab_with(data, Options::tiny(), stopped(NOON))
}

fn page(lab: &Lab, query: &ListQuery) -> Page {
    let ask = Ask::Page { query: query.clone(), place: Place::Top, rows: 1_000 };
    let Answer::Page(page) = answer(lab, &ask, &mut Cx::quiet()).unwrap().value else { panic!("no page") };
    page
}

/// The page once nothing is missing.
fn whole_page(lab: &Lab, query: &ListQuery) -> Page {
    loop {
        let page = page(lab, query);
        if !page.uncounted_stops && !page.uncounted {
            return page;
        }
        assert!(rest(lab), "nothing that is missing comes");
    }
}

fn next(lab: &Lab, query: &ListQuery, from: i64, forward: bool) -> Option<i64> {
    let ask = Ask::TroubledRecord { query: query.clone(), from, forward };
    let Answer::Neighbour(next) = answer(lab, &ask, &mut Cx::quiet()).unwrap().value else {
        panic!("no record")
    };
    next
}

fn with(keyword: &str) -> ListQuery {
    ListQuery { keyword: keyword.to_owned(), ..ListQuery::default() }
}

/// The last of a record's events that tells of an error, or of what came of one, is the error.
fn ends_in_error(row: &RunRow) -> bool {
    let events = LazyEvents::of(&row.run).into_all();
    let told = |kind: &&str| ["error", "retried", "resumed"].contains(kind);
    events.iter().map(|event| event.kind.as_str()).rfind(told) == Some("error")
}

/// Each row of a page with its details.
fn rows(lab: &Lab, page: &Page) -> Vec<(RunRow, RowDetail)> {
    let ids: Vec<i64> = page.rows.iter().map(|row| row.run.id).collect();
    let details = records::row_details(lab, &ids, &mut Cx::quiet()).unwrap().value;
    page.rows.iter().cloned().zip(details).collect()
}

#[test]
fn the_head_counts_what_needs_somebody_within_the_words() {
    for (name, least) in [(NEW, 4), ("odd", 40), ("ivoryos-1.4.0", 0), ("ivoryos-1.2.5", 0)] {
        let set = Set::open(name);
        let (lab, pieces) = (opened(&set.data()), in_pieces(&set.data()));
        let mut counted = 0;
        for words in ["", "a", "error", "no record has this"] {
            let page = whole_page(&lab, &with(words));
            let all = rows(&lab, &page);
            let many = |wanted: &dyn Fn(&RunRow, u64) -> bool| {
                all.iter().filter(|(row, detail)| wanted(row, detail.failures)).count() as u64
            };
            let want = [
                many(&|row, _| row.run.status.as_deref() == Some("error")),
                many(&|row, _| row.outcome == Outcome::Unfinished),
                many(&|row, failures| {
                    row.run.status.as_deref() == Some("stopped") && (failures > 0 || ends_in_error(row))
                }),
            ];
            let of = |page: &Page| [page.failed, page.died, page.stopped];
            assert_eq!(of(&page), want, "{name} {words:?}");
            assert_eq!((page.waiting, page.running), (0, 0), "{name} {words:?}");
            assert_eq!(of(&whole_page(&pieces, &with(words))), want, "{name} {words:?}");
            // Each row says the same.
            let trouble = |trouble| many(&|row, failures| Trouble::of(row, failures) == Some(trouble));
            let told = [Trouble::Failed, Trouble::Died, Trouble::StoppedAfterError].map(trouble);
            assert_eq!(told, want, "{name} {words:?}");
            counted += want.iter().sum::<u64>();
        }
        assert!(counted >= least, "{name} {counted}");
    }
}

/// Only the newest record can wait, however long; what was resumed, or is not the newest, died.
#[test]
fn the_newest_record_waits_where_its_last_event_says_so() {
    let set = Set::open(NEW);
    let data = set.copy();
    let (file, lab) = (server(&data), opened(&data));
    let counts = || {
        let page = whole_page(&lab, &ListQuery::default());
        (page.waiting, page.died, page.running)
    };
    assert_eq!(counts(), (0, 2, 0));
    let set_events = |id: i64, kinds: &[&str]| {
        let one = |kind: &&str| format!("{{\"kind\": \"{kind}\", \"time\": \"2026-11-24 03:05:00\"}}");
        let events = format!("[{}]", kinds.iter().map(one).collect::<Vec<_>>().join(","));
        file.execute("UPDATE workflow_runs SET events = ? WHERE id = ?", (events, id)).unwrap();
    };
    for (kinds, waits) in [
        (&["paused"][..], true),
        (&["paused", "resumed"], false),
        (&["table_edited", "intervention"], true),
        (&["error"], true),
        (&["error", "retried"], false),
    ] {
        set_events(61, kinds);
        let want = if waits { (1, 1, 0) } else { (0, 2, 0) };
        assert_eq!(counts(), want, "{kinds:?}");
        let row = page(&lab, &ListQuery::default()).rows.into_iter().find(|row| row.run.id == 61).unwrap();
        let trouble = if waits { Trouble::Waits } else { Trouble::Died };
        assert_eq!(Trouble::of(&row, 0), Some(trouble), "{kinds:?}");
        let one = run_row::record(&lab, 61, &Cx::quiet()).unwrap().unwrap();
        assert_eq!(one, row, "{kinds:?}");
    }
    set_events(59, &["paused"]);
    assert_eq!(counts(), (0, 2, 0), "not the newest");
    let page = whole_page(&lab, &with("killed"));
    assert_eq!((page.waiting, page.died), (0, 1), "only within the words");
    // While it shows signs of life it waits too, and does not run.
    let lab = lab_with(&data, Options::without_cache(), stopped("2026-11-24T03:06:00".parse().unwrap()));
    let now = || {
        let page = whole_page(&lab, &with("still"));
        (page.waiting, page.died, page.running)
    };
    assert_eq!(now(), (0, 0, 1));
    set_events(61, &["paused"]);
    assert_eq!(now(), (1, 0, 0));
}

/// A stop after an error that no step shows: an instrument that could not be reached before the first one.
#[test]
fn an_error_that_only_the_events_tell_counts_when_it_was_the_last_turn() {
    let set = Set::open(NEW);
    let data = set.copy();
    let file = server(&data);
    let stopped_ones = |events: &str| {
        let sql = "UPDATE workflow_runs SET events = ? WHERE id = 27";
        file.execute(sql, [events]).unwrap();
        let lab = opened(&data);
        let page = whole_page(&lab, &ListQuery::default());
        assert_eq!(whole_page(&in_pieces(&data), &ListQuery::default()).stopped, page.stopped);
        (page.stopped, next(&lab, &with("stop_now"), 26, true))
    };
    let event = |kind: &str| format!("{{\"kind\": \"{kind}\"}}");
    let (error, again, stop) = (event("error"), event("retried"), event("stop_now"));
    assert_eq!(stopped_ones("[]").0, 1);
    assert_eq!(stopped_ones(&format!("[{error}, {stop}]")).0, 2);
    assert_eq!(stopped_ones(&format!("[{error}, {again}, {stop}]")).0, 1);
    assert_eq!(stopped_ones(&format!("[{error}, {again}, {error}, {stop}]")).0, 2);
}

/// From any record to the next and the previous one, in any order, with words, before and after all is counted.
#[test]
fn the_next_record_in_trouble_follows_the_list() {
    for name in [NEW, "odd", "ivoryos-1.4.0", "ivoryos-1.2.5"] {
        let set = Set::open(name);
        let counted = opened(&set.data());
        rest(&counted);
        let mut walked = 0;
        for sort in [SortKey::Id, SortKey::Name, SortKey::Took] {
            for (order, words) in [(Order::Ascending, ""), (Order::Descending, "a"), (Order::Descending, "")]
            {
                let query = ListQuery { keyword: words.to_owned(), sort, order, ..ListQuery::default() };
                let list = whole_page(&counted, &query);
                let all = rows(&counted, &list);
                let wanted: HashSet<i64> = all
                    .iter()
                    .filter(|(row, detail)| {
                        detail.failures > 0 || Trouble::of(row, detail.failures).is_some()
                    })
                    .map(|(row, _)| row.run.id)
                    .collect();
                let ids: Vec<i64> = all.iter().map(|(row, _)| row.run.id).collect();
                walked += wanted.len();
                let fresh = in_pieces(&set.data());
                for (at, id) in ids.iter().enumerate() {
                    let is_wanted = |id: &&i64| wanted.contains(*id);
                    let after = ids[at + 1..].iter().find(is_wanted).copied();
                    let before = ids[..at].iter().rfind(is_wanted).copied();
                    // What is not known yet is read for each question.
                    let labs = [Some(&counted), Some(&fresh).filter(|_| at % 8 == 0)];
                    for lab in labs.into_iter().flatten() {
                        assert_eq!(next(lab, &query, *id, true), after, "{name} {query:?} from {id}");
                        assert_eq!(next(lab, &query, *id, false), before, "{name} {query:?} from {id}");
                    }
                }
            }
        }
        assert!(walked > 10, "{name} {walked}");
    }
}

/// A record that is gone is passed over, one that fails meanwhile is found.
#[test]
fn the_next_record_in_trouble_is_that_of_the_file_now() {
    let set = Set::open(NEW);
    let data = set.copy();
    let (file, lab) = (server(&data), opened(&data));
    rest(&lab);
    let all = ListQuery::default();
    assert_eq!((next(&lab, &all, 61, true), next(&lab, &all, 59, true)), (Some(59), Some(25)));
    file.execute("DELETE FROM workflow_runs WHERE id IN (25, 59)", []).unwrap();
    assert_eq!(next(&lab, &all, 61, true), Some(24));
    file.execute("UPDATE workflow_runs SET status = 'error' WHERE id = 58", []).unwrap();
    assert_eq!(next(&lab, &all, 61, true), Some(58));
}

/// What the head counts of phases keeps no list from being shown, where the phases can't be read.
#[test]
fn a_damaged_table_of_phases_keeps_no_list_away() {
    let set = Set::open(NEW);
    let data = set.copy();
    let file = data.join("ivoryos.db");
    let place: (u32, u32) = {
        let writer = server(&data);
        // Nothing is running: nobody looks for signs of life.
        writer.execute("UPDATE workflow_runs SET status = 'completed' WHERE id = 61", []).unwrap();
        let sql = "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema \
                   WHERE name = 'workflow_phases'";
        writer.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let mut bytes = fs::read(&file).unwrap();
    let size = usize::try_from(place.1).unwrap();
    // A page in the middle of the table: its root leads there.
    let root = usize::try_from(place.0 - 1).unwrap() * size;
    let number =
        |at: usize, long: usize| bytes[at..at + long].iter().fold(0, |n, b| n << 8 | usize::from(*b));
    let (cells, first) = (number(root + 3, 2), root + 12);
    let middle = root + number(first + cells / 2 * 2, 2);
    let leaf = (number(middle, 4) - 1) * size;
    bytes[leaf..leaf + size].fill(0xaa);
    fs::write(&file, bytes).unwrap();
    let lab = Lab::open(&file, Options::without_cache(), false, stopped(NOON)).unwrap();
    for words in ["", "error"] {
        let page = page(&lab, &with(words));
        assert!(page.rows.len() > 2 && page.uncounted_stops, "{words:?} {}", page.rows.len());
        assert_eq!((page.failed, page.died), (2, u64::from(words.is_empty())));
    }
}

/// On a database that holds all in memory.
#[test]
fn a_second_database_finds_the_same() {
    common::memory::run_again(&[], 4);
}
