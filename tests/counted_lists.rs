//! Lists by what is made of a record: how long it took, its iterations, its failures; and all that is counted of one.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{collections::HashMap, path::Path};

use rusqlite::{Connection, OpenFlags};

use ivorylens::{
    checkpoint::Cx,
    demo::{self, Plan},
    model::{
        query::{ListQuery, Order, Place, SortKey},
        timestamp::{Timestamp, seconds_between},
    },
    services::{
        answer,
        lab::Lab,
        page::Page,
        records,
        request::{Answer, Ask},
    },
    store::{Options, Source, sqlite::Store},
};

use common::{
    NEW, Set,
    lab::{NOON, lab_with, rest, server, stopped},
    memory::{MemorySource, Rules},
};

const KEYS: [SortKey; 5] =
    [SortKey::Took, SortKey::Iterations, SortKey::Failures, SortKey::Steps, SortKey::FailedSteps];
const SETS: [&str; 4] = [NEW, "ivoryos-1.4.0", "ivoryos-1.2.5", "odd"];

fn query(keyword: &str, sort: SortKey, order: Order) -> ListQuery {
    ListQuery { keyword: keyword.to_owned(), sort, order, ..ListQuery::default() }
}

/// All that is asked for here.
fn queries() -> impl Iterator<Item = ListQuery> {
    let both = [Order::Ascending, Order::Descending];
    let words = ["", "e"];
    KEYS.into_iter().flat_map(move |sort| {
        words.into_iter().flat_map(move |words| both.map(|order| query(words, sort, order)))
    })
}

/// Of each record its value, by plain statements over whole tables; `None` without one.
fn values(file: &Connection, sort: SortKey) -> HashMap<i64, Option<i64>> {
    let has_phases = file.prepare("SELECT 1 FROM workflow_phases").is_ok();
    let has_status = file.prepare("SELECT status FROM workflow_phases").is_ok();
    let counted = match (sort, has_phases) {
        (SortKey::Took, _) => return took(file),
        (SortKey::Iterations, true) => {
            "SELECT count(DISTINCT repeat_index) + count(*) - count(repeat_index) \
             FROM workflow_phases WHERE run_id = r.id AND name = 'main'"
        }
        (SortKey::Iterations, false) => {
            "SELECT count(DISTINCT repeat_index) FROM workflow_steps WHERE workflow_id = r.id AND phase = 'script'"
        }
        (SortKey::Steps, true) => {
            "SELECT count(*) FROM workflow_steps \
             WHERE phase_id IN (SELECT id FROM workflow_phases WHERE run_id = r.id)"
        }
        (SortKey::Steps, false) => "SELECT count(*) FROM workflow_steps WHERE workflow_id = r.id",
        (SortKey::Failures, true) if has_status => {
            "SELECT coalesce(sum(max(p.status IS 'failed', \
             (SELECT count(*) FROM workflow_steps WHERE phase_id = p.id AND run_error))), 0) \
             FROM workflow_phases p WHERE p.run_id = r.id"
        }
        (_, true) => {
            "SELECT count(*) FROM workflow_steps WHERE run_error \
             AND phase_id IN (SELECT id FROM workflow_phases WHERE run_id = r.id)"
        }
        (_, false) => "SELECT count(*) FROM workflow_steps WHERE run_error AND workflow_id = r.id",
    };
    let mut statement = file.prepare(&format!("SELECT r.id, ({counted}) FROM workflow_runs r")).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Some(row.get(1)?)))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn took(file: &Connection) -> HashMap<i64, Option<i64>> {
    let mut statement = file.prepare("SELECT id, start_time, end_time FROM workflow_runs").unwrap();
    let time = |text: Option<String>| Timestamp::read(text.as_deref()).at();
    let rows = statement.query_map([], |row| {
        let (start, end) = (time(row.get(1)?), time(row.get(2)?));
        let micros = |seconds: f64| (seconds * 1e6).round() as i64;
        Ok((row.get(0)?, start.zip(end).map(|(start, end)| micros(seconds_between(start, end)))))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// The list by values that were read before: none last, of equal ones the newest first.
fn plain(file: &Connection, query: &ListQuery) -> Vec<i64> {
    let values = values(file, query.sort);
    let has_user = file.prepare("SELECT submitted_by FROM workflow_runs").is_ok();
    let user = if has_user { "submitted_by" } else { "NULL" };
    let sql = format!(
        "SELECT id FROM workflow_runs WHERE ?1 = '%%' OR name LIKE ?1 OR {user} LIKE ?1 ORDER BY id DESC"
    );
    let mut statement = file.prepare(&sql).unwrap();
    let ids = statement.query_map([format!("%{}%", query.keyword)], |row| row.get(0)).unwrap();
    let mut ids: Vec<i64> = ids.map(Result::unwrap).collect();
    ids.sort_by_key(|id| {
        let value = values[id];
        let turned = if query.order == Order::Descending { value.map(|n| -n) } else { value };
        (value.is_none(), turned)
    });
    ids
}

fn opened(data: &Path) -> Lab {
    lab_with(data, Options::without_cache(), stopped(NOON))
}

fn page(lab: &Lab, query: &ListQuery, place: Place, rows: usize) -> Page {
    let ask = Ask::Page { query: query.clone(), place, rows };
    let Answer::Page(page) = answer(lab, &ask, &mut Cx::quiet()).unwrap().value else { panic!("no page") };
    page
}

/// The whole list, as the screen has it once the page says that nothing is missing.
fn shown(lab: &Lab, query: &ListQuery) -> Vec<i64> {
    loop {
        let page = page(lab, query, Place::Top, 1_000);
        if !page.unsorted {
            return page.rows.iter().map(|row| row.run.id).collect();
        }
        assert!(rest(lab), "nothing that is missing comes");
    }
}

/// Of each record all of its steps and those of them that failed, by a plain statement over whole tables.
fn steps(file: &Connection) -> Vec<(i64, [i64; 2])> {
    let joined = match file.prepare("SELECT 1 FROM workflow_phases") {
        Ok(_) => {
            "LEFT JOIN workflow_phases p ON p.run_id = r.id LEFT JOIN workflow_steps s ON s.phase_id = p.id"
        }
        Err(_) => "LEFT JOIN workflow_steps s ON s.workflow_id = r.id",
    };
    let sql = format!(
        "SELECT r.id, count(s.id), coalesce(sum(s.run_error), 0) FROM workflow_runs r {joined} GROUP BY r.id"
    );
    let mut statement = file.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?]))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Steps are counted as plain statements count them, in every version of the tables, in few pieces and in many.
#[test]
fn steps_are_those_of_a_plain_reading() {
    let demo = tempfile::tempdir().unwrap();
    demo::make(&Plan::demo(NOON), demo.path()).unwrap();
    let sets = SETS.map(|name| Set::open(name).data());
    for data in sets.iter().map(|data| &**data).chain([demo.path()]) {
        let path = data.join("ivoryos.db");
        let file = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let want = steps(&file);
        assert!(want.iter().any(|(_, [steps, failed])| *failed > 0 && steps > failed), "{path:?}");
        let store = |options| -> Box<dyn Source> { Box::new(Store::open(&path, options).unwrap()) };
        let memory = Box::new(MemorySource::open(&path, Rules::sqlite()).unwrap());
        for source in [store(Options::without_cache()), store(Options::tiny()), memory] {
            let ids: Vec<i64> = want.iter().rev().map(|(run, _)| *run).collect();
            let counted = source.tallies(&ids, &mut Cx::quiet()).unwrap();
            assert!(counted.lacks.nothing());
            let counted =
                counted.value.iter().map(|tally| [tally.steps, tally.failed_steps].map(u64::cast_signed));
            let mut counted: Vec<_> = ids.iter().copied().zip(counted).collect();
            counted.reverse();
            assert_eq!(counted, want, "{path:?}");
        }
    }
}

/// What commands wait for, and what the screen has in the end, is the order of a plain reading; the program says the same.
#[test]
fn the_order_is_that_of_a_plain_reading() {
    for name in SETS {
        let set = Set::open(name);
        let file =
            Connection::open_with_flags(set.data().join("ivoryos.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
                .unwrap();
        let screen = opened(&set.data());
        rest(&screen);
        for query in queries() {
            let want = plain(&file, &query);
            let rows = records::rows(&opened(&set.data()), &query, (0, u64::MAX), &mut Cx::quiet()).unwrap();
            assert_eq!(rows.iter().map(|row| row.run.id).collect::<Vec<_>>(), want, "{name} {query:?}");
            assert_eq!(shown(&screen, &query), want, "{name} {query:?}");
        }
        let ran = set.run(&["list", "--sort", "err", "--order", "asc", "--format", "csv"]);
        let ids = ran.out.split(|byte| *byte == b'\n').skip(1);
        let ids = ids.filter_map(|line| std::str::from_utf8(line).unwrap().split(',').next()?.parse().ok());
        let want = plain(&file, &query("", SortKey::Failures, Order::Ascending));
        assert_eq!(ids.collect::<Vec<i64>>(), want, "{name}");
    }
}

/// The list's column and its order say the same of each record.
#[test]
fn what_sorts_is_what_the_list_shows() {
    for name in SETS {
        let set = Set::open(name);
        let lab = opened(&set.data());
        let ids = shown(&lab, &ListQuery::default());
        let details = records::row_details(&lab, &ids, &mut Cx::quiet()).unwrap().value;
        for (sort, of) in
            [(SortKey::Iterations, 0), (SortKey::Failures, 1), (SortKey::Steps, 2), (SortKey::FailedSteps, 3)]
        {
            let list =
                records::rows(&lab, &query("", sort, Order::Ascending), (0, u64::MAX), &mut Cx::quiet());
            let values: Vec<u64> = list
                .unwrap()
                .iter()
                .map(|row| {
                    let detail = details.iter().find(|detail| detail.run == row.run.id).unwrap();
                    [detail.iterations, detail.failures, detail.steps, detail.failed_steps][of]
                })
                .collect();
            assert!(values.is_sorted(), "{name} {values:?}");
            assert!(values.first() < values.last(), "{name} {values:?}");
        }
    }
}

/// Parts of a list, and neighbours in it.
#[test]
fn places_and_neighbours_follow_the_order() {
    let set = Set::open("odd");
    let lab = opened(&set.data());
    rest(&lab);
    for query in queries() {
        let all = shown(&lab, &query);
        let middle = all.len() / 2;
        let part = page(&lab, &query, Place::Around(all[middle]), 6);
        let ids: Vec<i64> = part.rows.iter().map(|row| row.run.id).collect();
        assert_eq!((part.offset as usize, &ids[..]), (middle - 3, &all[middle - 3..middle + 3]), "{query:?}");
        for at in [0, middle, all.len() - 2] {
            let next = |from: i64, forward| {
                records::neighbour(&lab, &query, from, forward, &mut Cx::quiet()).unwrap()
            };
            assert_eq!(next(all[at], true), Some(all[at + 1]), "{query:?}");
            assert_eq!(next(all[at + 1], false), Some(all[at]), "{query:?}");
        }
    }
}

/// The screen waits for no count: it says that the order is not known, and hears when it is.
#[test]
fn counts_follow_the_first_page() {
    let set = Set::open(NEW);
    let file = server(&set.copy());
    let lab = lab_with(&set.data(), Options::tiny(), stopped(NOON));
    let query = query("", SortKey::Failures, Order::Descending);
    let first = page(&lab, &query, Place::Top, 1_000);
    assert_eq!(first.total, 61);
    // In memory nothing is waited for but the counting itself.
    if !common::memory::is_wanted() {
        assert!(first.unsorted, "{first:?}");
        assert!(rest(&lab), "no news");
    }
    rest(&lab);
    let then = page(&lab, &query, Place::Top, 1_000);
    assert!(!then.unsorted);
    assert_eq!(then.rows.iter().map(|row| row.run.id).collect::<Vec<_>>(), plain(&file, &query));
}

/// A record that goes on is counted again at once, one that changed elsewhere while nobody asks.
#[test]
fn a_changed_file_is_counted_again() {
    let set = Set::open(NEW);
    let data = set.copy();
    let (file, lab) = (server(&data), opened(&data));
    rest(&lab);
    let all =
        || queries().for_each(|query| assert_eq!(shown(&lab, &query), plain(&file, &query), "{query:?}"));
    all();
    let phase =
        "INSERT INTO workflow_phases(run_id, name, repeat_index, status) VALUES (61, 'main', ?, 'failed')";
    for iteration in 101..140 {
        file.execute(phase, [iteration]).unwrap();
    }
    let first = query("", SortKey::Failures, Order::Descending);
    assert_eq!(shown(&lab, &first)[0], 61);
    all();
    file.execute("DELETE FROM workflow_runs WHERE id = 21", []).unwrap();
    all();
    file.execute("UPDATE workflow_steps SET run_error = 1 WHERE id BETWEEN 1 AND 60", []).unwrap();
    shown(&lab, &first);
    rest(&lab);
    all();
}

/// On a database that holds all in memory.
#[test]
fn a_second_database_sorts_the_same() {
    common::memory::run_again(&[], 3);
}
