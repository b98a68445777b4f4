//! Lists of calls by hand, searched and by time, against plain reading; what of them comes and goes; around a record.

use std::ops::Range;

use jiff::{SignedDuration, civil::date};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::*;
use crate::{
    model::call::Stretch,
    tui::testing::{lab_of, reference_file},
};

/// A copy of a reference set whose calls by hand are others.
struct Calls {
    folder: TempDir,
    lab: Lab,
}

/// 07:00 on a day, and so many seconds.
fn at(seconds: i64) -> DateTime {
    date(2026, 3, 9).at(7, 0, 0, 0).checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn stored(seconds: i64) -> String {
    at(seconds).strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

impl Calls {
    fn none() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ivoryos.db");
        std::fs::copy(reference_file("ivoryos-1.7.2"), &file).unwrap();
        let connection = Connection::open(&file).unwrap();
        connection.execute_batch("DELETE FROM single_steps").unwrap();
        let lab = lab_of(&file);
        Self { folder, lab }
    }

    /// One a second; every fifth weighs, the others stir.
    fn with(ids: Range<i64>) -> Self {
        let calls = Self::none();
        calls.add(ids);
        calls
    }

    fn server(&self) -> Connection {
        let connection = Connection::open(self.folder.path().join("ivoryos.db")).unwrap();
        connection.execute_batch("PRAGMA synchronous=OFF").unwrap();
        connection
    }

    fn add(&self, ids: Range<i64>) {
        let mut server = self.server();
        let tx = server.transaction().unwrap();
        for id in ids {
            let method = if id % 5 == 0 { "deck.scale.weigh" } else { "deck.mixer.stir" };
            let values = params![id, method, format!("{{\"round\": {id}}}"), stored(id), stored(id + 1)];
            tx.execute("INSERT INTO single_steps VALUES (?, ?, ?, ?, ?, NULL, '1.5')", values).unwrap();
        }
        tx.commit().unwrap();
    }

    fn page(&self, words: &str, place: Place, rows: usize) -> (Vec<i64>, u64, u64) {
        let query = CallQuery { words: words.to_owned(), ..CallQuery::default() };
        let page = page(&self.lab, &query, place, rows, true, &mut Cx::quiet()).unwrap();
        (page.rows.iter().map(|row| row.id).collect(), page.offset, page.total)
    }

    fn ids(&self, words: &str) -> Vec<i64> {
        self.page(words, Place::Top, usize::MAX).0
    }

    fn between(&self, since: i64, until: i64) -> Vec<i64> {
        let began = Stretch { since: Some(at(since)), until: Some(at(until)) };
        let query = CallQuery { began, ..CallQuery::default() };
        let mut ids = Vec::new();
        each(&self.lab, &query, &mut Cx::quiet(), |call| {
            ids.push(call.id);
            Ok(())
        })
        .unwrap();
        ids
    }
}

#[test]
fn a_window_stands_anywhere_in_the_list() {
    let calls = Calls::with(1..4001);
    assert_eq!(calls.page("", Place::Top, 3), (vec![4000, 3999, 3998], 0, 4000));
    assert_eq!(calls.page("", Place::Bottom, 3), (vec![3, 2, 1], 3997, 4000));
    assert_eq!(calls.page("", Place::Offset(1999), 2), (vec![2001, 2000], 1999, 4000));
    assert_eq!(calls.page("", Place::Offset(9999), 5), (vec![1], 3999, 4000));
    assert_eq!(calls.page("", Place::Around(2000), 4), (vec![2002, 2001, 2000, 1999], 1998, 4000));
    assert_eq!(calls.page("", Place::Around(-7), 4), (vec![2, 1], 3998, 4000));
    assert_eq!(calls.page("WEIGH", Place::Top, 9), (Vec::new(), 0, 0));
    assert_eq!(calls.page("weigh", Place::Bottom, 2), (vec![10, 5], 798, 800));
    assert_eq!(calls.page("weigh", Place::Around(2001), 4), (vec![2010, 2005, 2000, 1995], 398, 800));
    assert_eq!(calls.page("round = 40", Place::Top, 2), (vec![4000, 409], 0, 12));
}

/// Of many calls the first are there before they are counted; where few have the words, all have been read then.
#[test]
fn many_calls_come_before_their_number() {
    let calls = Calls::with(1..4001);
    let page = |words: &str, whole| {
        let query = CallQuery { words: words.to_owned(), ..CallQuery::default() };
        page(&calls.lab, &query, Place::Top, 10, whole, &mut Cx::quiet()).unwrap()
    };
    let first = page("", false);
    assert_eq!((first.rows.len(), first.uncounted, first.total, first.all), (10, true, 10, None));
    let rare = page("round = 77", false);
    assert_eq!((rare.rows.len(), rare.uncounted, rare.total), (10, true, 10));
    let rarer = page("round = 3997", false);
    assert_eq!((rarer.rows.len(), rarer.uncounted, rarer.total, rarer.all), (1, false, 1, Some(4000)));
    assert_eq!(page("", true).rows, first.rows);
    assert!(!page("", false).uncounted, "it is known by now");
}

/// What stands far back is found by the whole of the list, behind the first look.
#[test]
fn a_first_look_does_not_read_all_of_many() {
    let calls = Calls::with(1..10_001);
    let query = CallQuery { words: "round = 77,".to_owned(), ..CallQuery::default() };
    let none = CallQuery { words: "round = 77}".to_owned(), ..CallQuery::default() };
    let page =
        |query: &CallQuery, whole| page(&calls.lab, query, Place::Top, 10, whole, &mut Cx::quiet()).unwrap();
    calls
        .server()
        .execute_batch("UPDATE single_steps SET kwargs = '{\"round\": 77, \"n\": 1}' WHERE id IN (77, 9999)")
        .unwrap();
    let first = page(&query, false);
    assert_eq!(
        (first.rows.iter().map(|row| row.id).collect::<Vec<_>>(), first.uncounted),
        (vec![9999], true)
    );
    let whole = page(&query, true);
    assert_eq!((whole.rows.iter().map(|row| row.id).collect::<Vec<_>>(), whole.total), (vec![9999, 77], 2));
    assert_eq!((page(&none, false).rows.len(), page(&none, true).total), (0, 0));
}

#[test]
fn words_are_found_in_every_part_of_a_call() {
    let calls = Calls::none();
    let server = calls.server();
    let rows = [
        (1, "deck.pump.dose", r#"{"solvent": "w\u00e4ssrig", "ml": 2.5}"#, None, Some("null")),
        (2, "deck.pump.prime", "{}", Some("valve B stuck: \"no flow\""), None),
        (3, "deck.камера.снимок", r#"{"exposure": [1, 2]}"#, None, Some(r#"{"sharp": true}"#)),
        (4, "deck.pump.dose", "ml=3 (typed)", None, Some("\"Done in 3 s\"")),
    ];
    for (id, method, kwargs, error, output) in rows {
        let values = params![id, method, kwargs, stored(id), error, output];
        server.execute("INSERT INTO single_steps VALUES (?, ?, ?, ?, NULL, ?, ?)", values).unwrap();
    }
    for (words, ids) in [
        ("dose", &[4, 1][..]),
        ("wässrig", &[1]),
        ("WÄSSRIG", &[]),
        ("solvent = 'w", &[1]),
        ("valve b", &[2]),
        ("СНИМОК", &[]),
        ("снимок", &[3]),
        ("sharp", &[3]),
        ("true", &[3]),
        ("exposure = [1, 2]", &[3]),
        ("(typed", &[4]),
        ("Done", &[4]),
        ("", &[4, 3, 2, 1]),
        ("u00e4", &[]),
    ] {
        assert_eq!(calls.ids(words), ids, "{words}");
    }
}

#[test]
fn longer_words_look_where_shorter_ones_were_found() {
    let calls = Calls::with(1..3001);
    for words in ["w", "we", "weigh", "wei", "weigh ", "r", "round = 1", "round = 12", "Weigh"] {
        let fresh = Calls::with(1..3001);
        assert_eq!(calls.ids(words), fresh.ids(words), "{words}");
    }
}

#[test]
fn what_is_written_later_is_found() {
    let calls = Calls::with(1..1501);
    assert_eq!((calls.ids("").len(), calls.ids("weigh").len()), (1500, 300));
    calls.add(1501..2701);
    assert_eq!((calls.ids("").len(), calls.ids("weigh").len()), (2700, 540));
    // The last call ends.
    let server = calls.server();
    server.execute_batch("UPDATE single_steps SET output = '\"spilled\"' WHERE id = 2690").unwrap();
    assert_eq!(calls.ids("spilled"), [2690]);
    server.execute_batch("UPDATE single_steps SET output = '\"spilled\"' WHERE id = 2699").unwrap();
    assert_eq!(calls.ids("spilled"), [2699, 2690]);
    // By hand: the newest go and their ids come again, then some in the middle.
    server.execute_batch("DELETE FROM single_steps WHERE id > 2000").unwrap();
    calls.add(2001..2101);
    assert_eq!((calls.ids("").len(), calls.ids("spilled").len(), calls.ids("weigh").len()), (2100, 0, 420));
    server.execute_batch("DELETE FROM single_steps WHERE id BETWEEN 900 AND 1000").unwrap();
    assert_eq!(calls.page("", Place::Around(950), 4), (vec![1002, 1001, 899, 898], 1098, 1999));
}

/// The clock of a lab PC goes back in autumn, and some calls have no time.
#[test]
fn a_stretch_of_time_is_found_whatever_the_order() {
    let calls = Calls::with(1..1801);
    let server = calls.server();
    server
        .execute_batch(
            "UPDATE single_steps SET start_time = '2026-03-09 07:00:30' WHERE id IN (1200, 1790);
             UPDATE single_steps SET start_time = NULL WHERE id = 31;
             UPDATE single_steps SET start_time = 'soon' WHERE id = 32",
        )
        .unwrap();
    assert_eq!(calls.between(30, 35), [1790, 1200, 34, 33, 30]);
    assert_eq!(calls.between(1789, 1792), [1791, 1789]);
    assert_eq!(calls.between(0, 1), [0; 0]);
    assert_eq!(calls.between(40, 30), [0; 0]);
}

#[test]
fn the_last_calls_within_an_hour_before_a_moment() {
    let calls = Calls::none();
    let told = |calls: &Calls, seconds| {
        let before = before(&calls.lab, at(seconds), &mut Cx::quiet()).unwrap();
        before.iter().map(|call| call.id).collect::<Vec<_>>()
    };
    assert_eq!(told(&calls, 100), [0; 0]);
    calls.add(10..14);
    assert_eq!(told(&calls, 13), [12, 11, 10], "what begins at that moment is not before it");
    assert_eq!(told(&calls, 3611), [13, 12, 11], "an hour and a second behind the first");
    calls.add(14..2000);
    assert_eq!(told(&calls, 1500), [1499, 1498, 1497, 1496, 1495]);
    assert_eq!(told(&calls, 9000), [0; 0]);
}

#[test]
fn calls_around_a_record_are_those_since_the_one_before_ended() {
    let calls = Calls::none();
    let server = calls.server();
    server
        .execute_batch(
            "UPDATE workflow_runs SET start_time = '2026-03-09 07:00:10', end_time = '2026-03-09 07:00:20' WHERE id = 11;
             UPDATE workflow_runs SET start_time = '2026-03-09 07:00:40', end_time = '2026-03-09 07:00:50' WHERE id = 12;
             UPDATE workflow_runs SET start_time = '2026-03-09 07:01:10', end_time = NULL WHERE id = 13;
             UPDATE workflow_runs SET start_time = '2026-03-09 07:01:30', end_time = '2026-03-09 07:01:31' WHERE id = 14",
        )
        .unwrap();
    let told = |run| {
        let around = around(&calls.lab, run, &mut Cx::quiet()).unwrap();
        (around.before, around.during, around.words().unwrap_or_default())
    };
    assert_eq!(told(12), (0, 0, String::new()));
    calls.add(1..100);
    assert_eq!(told(12), (20, 10, "20 calls by hand before the start, 10 while it ran".to_owned()));
    // It never ended: up to the next one's start.
    assert_eq!(told(13), (20, 20, "20 calls by hand before the start, 20 while it ran".to_owned()));
    server.execute_batch("DELETE FROM single_steps WHERE id <> 45").unwrap();
    assert_eq!(told(12).2, "1 call by hand while it ran");
    assert_eq!(told(11).2, "");
    assert!(around(&calls.lab, 987_654, &mut Cx::quiet()).is_err());
}

#[test]
fn a_file_without_the_table_has_no_calls() {
    let calls = Calls::with(1..4);
    calls.server().execute_batch("DROP TABLE single_steps").unwrap();
    let lab = lab_of(&calls.folder.path().join("ivoryos.db"));
    assert_eq!(count(&lab, &mut Cx::quiet()).unwrap(), 0);
    assert!(before(&lab, at(3), &mut Cx::quiet()).unwrap().is_empty());
    assert!(one(&lab, 1, &Cx::quiet()).unwrap().is_none());
    let page = page(&lab, &CallQuery::default(), Place::Top, 5, false, &mut Cx::quiet()).unwrap();
    assert_eq!((page.rows.len(), page.total, page.all), (0, 0, Some(0)));
}
