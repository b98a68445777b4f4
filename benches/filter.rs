//! How long filter words take: a stroke over the columns of the list, the first hits and all of those that are read from
//! phases or steps, and the next stroke. Beside each what bare SQLite takes to read the same once.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken benchmark must stop")]

#[path = "common/bare.rs"]
mod bare;
mod common;

use std::{cell::Cell, sync::Arc};

use divan::{Bencher, black_box};

use ivorylens::{
    checkpoint::Cx,
    model::{
        filter::words::Filter,
        query::{ListQuery, Place},
    },
    services::{
        answer,
        lab::Lab,
        request::{Answer, Ask},
    },
    store::Options,
};

use bare::{bare, rows};

fn main() {
    divan::main();
    common::clear();
}

/// With its catalogue and the index that tells whose rows are whose, as a screen has them after its first moments.
fn opened() -> Lab {
    let now = jiff::civil::date(2026, 11, 24).at(8, 0, 0, 0);
    let path = common::folder().join("ivoryos.db");
    let lab = Lab::open(&path, Options::without_cache(), false, Arc::new(move || now)).unwrap();
    lab.prepare(&mut Cx::quiet()).unwrap();
    page(&lab, "id>0", true);
    lab
}

/// How many records are found, so far or in all.
fn page(lab: &Lab, words: &str, whole: bool) -> u64 {
    let query = ListQuery { filter: Filter::typed(words).unwrap(), ..ListQuery::default() };
    let (place, rows) = (Place::Top, 50);
    let ask = if whole { Ask::PageWhole { query, place, rows } } else { Ask::Page { query, place, rows } };
    match answer(lab, black_box(&ask), &mut Cx::quiet()).unwrap().value {
        Answer::Page(page) => page.total,
        other => panic!("{other:?}"),
    }
}

/// A numeric output of the newest phase that has one.
fn output() -> String {
    let sql = "SELECT t.key FROM workflow_phases p, json_tree(p.outputs) t \
               WHERE p.name = 'main' AND t.type IN ('real', 'integer') AND typeof(t.key) = 'text' \
               AND p.id > (SELECT max(id) - 100 FROM workflow_phases) ORDER BY p.id DESC LIMIT 1";
    bare().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Words over the list's columns, typed one after the other, so that nothing is asked twice in turn.
#[divan::bench(args = ["suzuki", "user:user1", "name:spin", "deck:robot", "mode:batch", "status:error", "started>2025-01", "ended<2025-06", "took>1h", "id>5000", "suzuki or (status:error -user:user1)"])]
fn stroke(bencher: Bencher, words: &str) {
    let (lab, n) = (opened(), Cell::new(0));
    let typed = [words.to_owned(), format!("{words} id>1"), format!("{words} id>2")];
    bencher.bench_local(|| {
        n.set(n.get() + 1);
        page(&lab, &typed[n.get() % 3], false)
    });
}

/// What SQLite takes for a word.
#[divan::bench]
fn stroke_floor(bencher: Bencher) {
    let db = bare();
    bencher.bench_local(|| {
        rows(&db, "SELECT id FROM workflow_runs WHERE name LIKE '%suzuki%' OR submitted_by LIKE '%suzuki%'")
    });
}

#[divan::bench_group(sample_count = 5)]
mod read {
    use super::*;

    /// The words, and the plain reading of what they ask for.
    fn asked(of: &str) -> (String, &'static str) {
        match of {
            "outputs" => (format!("out.{}>1e9", output()), "SELECT run_id, outputs FROM workflow_phases"),
            "steps" => ("step:zzz".to_owned(), "SELECT phase_id, method_name FROM workflow_steps"),
            "counts" => ("iter>1000000".to_owned(), "SELECT run_id, name, repeat_index FROM workflow_phases"),
            _ => ("event:zzz".to_owned(), "SELECT id, events FROM workflow_runs"),
        }
    }

    const OF: [&str; 4] = ["outputs", "steps", "counts", "events"];

    /// The first answer, while most is unread.
    #[divan::bench(args = OF)]
    fn first(bencher: Bencher, of: &str) {
        let words = asked(of).0;
        bencher.with_inputs(opened).bench_local_refs(|lab| page(lab, &words, false));
    }

    /// All is read, and nothing is found.
    #[divan::bench(args = OF)]
    fn all(bencher: Bencher, of: &str) {
        let words = asked(of).0;
        bencher.with_inputs(opened).bench_local_refs(|lab| page(lab, &words, true));
    }

    #[divan::bench(args = OF)]
    fn floor(bencher: Bencher, of: &str) {
        let (db, sql) = (bare(), asked(of).1);
        bencher.bench_local(|| rows(&db, sql));
    }

    /// The stroke behind that.
    #[divan::bench(args = OF)]
    fn next(bencher: Bencher, of: &str) {
        let (lab, words) = (opened(), asked(of).0);
        page(&lab, &words, true);
        let longer = format!("{words}0");
        bencher.bench_local(|| (page(&lab, &longer, false), page(&lab, &words, false)));
    }
}
