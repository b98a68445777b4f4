//! Lists, pages and neighbours on a database that sorts and searches by other rules than SQLite.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::cmp::Ordering;

use rusqlite::{Connection, params};
use tempfile::TempDir;

use common::{
    Set,
    lab::{NOON, lab, stopped},
    memory::{self, Rules},
};
use ivorylens::{
    checkpoint::Cx,
    model::query::{ListQuery, Order, Place, SortKey},
    services::{
        answer,
        lab::Lab,
        page::Page,
        records,
        request::{Answer, Ask},
    },
    store::Limits,
};

/// A record: name, user, start and end in hours, and whether it failed. Its id is its place, from 1.
struct Record(&'static str, Option<&'static str>, Option<i64>, Option<i64>, bool);

const RECORDS: [Record; 14] = [
    Record("beta", Some("Zoe"), Some(3), Some(4), false),
    Record("Alpha", None, None, None, true),
    Record("alpha", Some("amy"), Some(1), None, false),
    Record("BETA", Some("Amy"), Some(1), Some(2), false),
    Record("half_done", None, Some(9), Some(9), true),
    Record("alpha", Some("amy"), None, Some(7), false),
    Record("Zinc 50%", Some("zoe"), Some(2), Some(2), false),
    Record("zinc", None, Some(2), None, true),
    Record("back\\slash", Some("bob%"), None, None, false),
    Record("a-b", Some("Bob"), Some(5), Some(6), false),
    Record("aXb", Some("bob"), Some(5), Some(5), true),
    Record("BETA", None, Some(8), Some(8), false),
    Record("Álpha", Some("amy"), Some(4), Some(9), false),
    Record("", Some(""), Some(6), None, false),
];

/// Words, and what PostgreSQL's LIKE finds with them between two `%`.
type Words = (&'static str, fn(&str) -> bool);

const WORDS: [Words; 10] = [
    ("", |_| true),
    ("a", |text| text.contains('a')),
    ("A", |text| text.contains('A')),
    ("alpha", |text| text.contains("alpha")),
    ("%", |_| true),
    ("\\", |text| text.ends_with('%')),
    ("\\_", |text| text.contains('_')),
    ("\\a", |text| text.contains('a')),
    ("a_b", |text| text.as_bytes().windows(3).any(|three| three[0] == b'a' && three[2] == b'b')),
    ("e%a", |text| text.split_once('e').is_some_and(|(_, behind)| behind.contains('a'))),
];

/// A data folder with these records.
fn made() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = Connection::open(folder.path().join("ivoryos.db")).unwrap();
    file.execute_batch(
        "CREATE TABLE workflow_runs(id INTEGER PRIMARY KEY, name TEXT, platform TEXT, start_time TEXT, \
         end_time TEXT, status TEXT, submitted_by TEXT, repeat_mode TEXT); \
         CREATE TABLE workflow_phases(id INTEGER PRIMARY KEY, run_id INTEGER, name TEXT); \
         CREATE TABLE workflow_steps(id INTEGER PRIMARY KEY, phase_id INTEGER, method_name TEXT)",
    )
    .unwrap();
    let time = |hour: Option<i64>| hour.map(|hour| format!("2026-11-20 {hour:02}:00:00.000000"));
    for Record(name, user, start, end, failed) in &RECORDS {
        let status = if *failed { "error" } else { "completed" };
        let sql = "INSERT INTO workflow_runs(name, platform, start_time, end_time, status, submitted_by, repeat_mode) \
                   VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?5)";
        file.execute(sql, params![name, time(*start), time(*end), status, user]).unwrap();
    }
    folder
}

fn opened(folder: &TempDir, rules: Rules) -> Lab {
    let file = folder.path().join("ivoryos.db");
    memory::lab(&file, rules, Limits::tiny(), stopped(NOON)).unwrap()
}

fn ids(lab: &Lab, query: &ListQuery) -> Vec<i64> {
    let rows = records::rows(lab, query, (0, u64::MAX), &mut Cx::quiet()).unwrap();
    rows.iter().map(|row| row.run.id).collect()
}

/// All queries with these words.
fn queries(keyword: &str) -> impl Iterator<Item = ListQuery> {
    let keyword = keyword.to_owned();
    SortKey::STORED.into_iter().flat_map(move |sort| {
        [Order::Ascending, Order::Descending].map(|order| ListQuery {
            keyword: keyword.clone(),
            sort,
            order,
            ..ListQuery::default()
        })
    })
}

/// NULL behind all values.
fn with_null<T>(a: Option<T>, b: Option<T>, values: impl Fn(T, T) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => values(a, b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

/// Letters without regard to case; of texts that are the same by that, small letters before capitals.
fn by_letters(a: &str, b: &str) -> Ordering {
    let small = |text: &str| text.chars().map(char::is_uppercase).collect::<Vec<_>>();
    a.to_lowercase().cmp(&b.to_lowercase()).then_with(|| small(a).cmp(&small(b)))
}

fn record(id: i64) -> &'static Record {
    &RECORDS[usize::try_from(id - 1).unwrap()]
}

/// What a list should be: all records in its order, and which of them it has.
struct Plain {
    order: Vec<i64>,
    listed: fn(&str) -> bool,
}

impl Plain {
    fn of(query: &ListQuery, listed: fn(&str) -> bool) -> Self {
        let compared = |a: &i64, b: &i64| {
            let (first, second) = (record(*a), record(*b));
            match query.sort {
                SortKey::Id => a.cmp(b),
                SortKey::Name => by_letters(first.0, second.0),
                SortKey::SubmittedBy => with_null(first.1, second.1, by_letters),
                SortKey::StartTime => with_null(first.2, second.2, |a, b| a.cmp(&b)),
                SortKey::EndTime => with_null(first.3, second.3, |a, b| a.cmp(&b)),
                other => unreachable!("{other:?} is no column that IvoryOS sorts by"),
            }
        };
        let mut order: Vec<i64> = (1..=RECORDS.len() as i64).collect();
        order.sort_by(|a, b| {
            let order = compared(a, b);
            if query.order == Order::Ascending { order } else { order.reverse() }.then(a.cmp(b))
        });
        Self { order, listed }
    }

    fn has(&self, id: i64) -> bool {
        (self.listed)(record(id).0) || record(id).1.is_some_and(self.listed)
    }

    fn list(&self) -> Vec<i64> {
        self.order.iter().copied().filter(|id| self.has(*id)).collect()
    }

    /// Records of the list in front of this one.
    fn position(&self, id: i64) -> usize {
        self.order.iter().take_while(|other| **other != id).filter(|other| self.has(**other)).count()
    }

    fn neighbour(&self, from: i64, forward: bool) -> Option<i64> {
        let at = self.order.iter().position(|id| *id == from).unwrap();
        let wanted = |id: &&i64| self.has(**id);
        let (before, behind) = (&self.order[..at], &self.order[at + 1..]);
        if forward { behind.iter().find(wanted) } else { before.iter().rev().find(wanted) }.copied()
    }
}

fn page(lab: &Lab, query: &ListQuery, place: Place, rows: usize) -> Page {
    let ask = Ask::Page { query: query.clone(), place, rows };
    match answer(lab, &ask, &mut Cx::quiet()).unwrap().value {
        Answer::Page(page) => page,
        other => panic!("{other:?}"),
    }
}

/// Rows of a page.
const ROWS: usize = 5;

#[test]
fn lists_pages_and_neighbours_follow_the_databases_rules() {
    let folder = made();
    let lab = opened(&folder, Rules::postgres());
    let all = || 1..=RECORDS.len() as i64;
    for (keyword, listed) in WORDS {
        for query in queries(keyword) {
            let plain = Plain::of(&query, listed);
            let list = plain.list();
            assert_eq!(ids(&lab, &query), list, "{query:?}");
            let last = list.len().saturating_sub(1);
            let failures = list.iter().filter(|id| record(**id).4).count() as u64;
            let mut places = vec![
                (Place::Top, 0),
                (Place::Bottom, list.len().saturating_sub(ROWS)),
                (Place::Around(99), 0),
            ];
            places.extend((0..=list.len() + 1).map(|at| (Place::Offset(at as u64), at.min(last))));
            places.extend(all().map(|id| (Place::Around(id), plain.position(id).saturating_sub(ROWS / 2))));
            for (place, from) in places {
                let page = page(&lab, &query, place, ROWS);
                let shown: Vec<i64> = page.rows.iter().map(|row| row.run.id).collect();
                let wanted = &list[from.min(list.len())..list.len().min(from + ROWS)];
                assert_eq!((shown.as_slice(), page.offset), (wanted, from as u64), "{query:?} {place:?}");
                assert_eq!(
                    (page.total, page.all, page.failed),
                    (list.len() as u64, 14, failures),
                    "{query:?}"
                );
            }
            for (id, forward) in all().flat_map(|id| [(id, true), (id, false)]) {
                let next = records::neighbour(&lab, &query, id, forward, &mut Cx::quiet()).unwrap();
                assert_eq!(next, plain.neighbour(id, forward), "{id} {forward} {query:?}");
            }
        }
    }
}

/// Decks are the names here, and modes the users.
#[test]
fn decks_and_modes_follow_the_databases_rules_too() {
    let folder = made();
    let lab = opened(&folder, Rules::postgres());
    for (keyword, _) in WORDS {
        for query in queries(keyword) {
            for (sort, same) in [(SortKey::Name, SortKey::Deck), (SortKey::SubmittedBy, SortKey::Mode)] {
                let by = |sort| ListQuery { sort, ..query.clone() };
                assert_eq!(ids(&lab, &by(same)), ids(&lab, &by(sort)), "{query:?}");
            }
        }
    }
}

/// Else the tests before would say nothing.
#[test]
fn these_rules_are_not_sqlites() {
    let folder = made();
    let (other, sqlite) = (opened(&folder, Rules::postgres()), lab(folder.path(), stopped(NOON)));
    let differ = |keyword: &str| -> Vec<SortKey> {
        let all = queries(keyword).filter(|query| ids(&other, query) != ids(&sqlite, query));
        let mut sorts: Vec<_> = all.map(|query| query.sort).collect();
        sorts.dedup();
        sorts
    };
    assert_eq!(differ(""), &SortKey::STORED[1..]);
    for keyword in ["a", "A", "\\", "\\_", "\\a"] {
        assert_eq!(differ(keyword), SortKey::STORED, "{keyword}");
    }
}

/// So a test that fails in memory tells of something else than the order.
#[test]
fn with_sqlites_rules_it_answers_as_sqlite() {
    let folder = made();
    let mut folders = vec![folder.path().to_path_buf()];
    let sets = ["ivoryos-1.2.5", "ivoryos-1.4.0", "ivoryos-1.7.2", "odd"];
    folders.extend(sets.map(|set| Set::open(set).data()));
    for data in folders {
        let limits = Limits::tiny();
        let memory = memory::lab(&data.join("ivoryos.db"), Rules::sqlite(), limits, stopped(NOON)).unwrap();
        let sqlite = lab(&data, stopped(NOON));
        for (keyword, _) in WORDS {
            for query in queries(keyword) {
                let rows = |lab: &Lab| records::rows(lab, &query, (0, u64::MAX), &mut Cx::quiet()).unwrap();
                assert_eq!(rows(&memory), rows(&sqlite), "{} {query:?}", data.display());
            }
        }
    }
}
