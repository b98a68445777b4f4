//! What users wait for, each beside its floor: the same rows by bare SQLite that knows where they are.

#![expect(clippy::unwrap_used, reason = "a broken benchmark must stop")]

#[path = "common/bare.rs"]
mod bare;
mod common;

use std::{io::Write, sync::Arc};

use divan::{Bencher, black_box, counter::BytesCount};

use ivorylens::{
    checkpoint::Cx,
    model::query::{ListQuery, Order, Place, SortKey},
    services::{
        answer,
        chart::OutputName,
        export::{Outlet, write},
        export_kind::ExportKind,
        lab::Lab,
        request::{Answer, Ask},
        table::types::{TableAt, TableKey, TablePart, TableShape, TableSort},
    },
    store::{Database, Limits, Options, sqlite::Store},
};

use bare::{bare, rows};

fn main() {
    divan::main();
    common::clear();
}

fn database() -> std::path::PathBuf {
    common::folder().join("ivoryos.db")
}

fn store() -> Store {
    Store::open(&database(), Options::without_cache()).unwrap()
}

fn opened() -> Lab {
    let now = jiff::civil::date(2026, 11, 24).at(8, 0, 0, 0);
    Lab::open(&database(), Options::without_cache(), false, Arc::new(move || now)).unwrap()
}

/// With the catalogue and a complete index, as after the first second.
fn lab() -> Lab {
    let lab = with_catalogue();
    lab.prepare(&mut Cx::quiet()).unwrap();
    lab
}

/// With all records in memory.
fn with_catalogue() -> Lab {
    let lab = opened();
    ask(&lab, &page(newest(), Place::Bottom));
    lab
}

fn ask(lab: &Lab, ask: &Ask) -> Answer {
    answer(lab, black_box(ask), &mut Cx::quiet()).unwrap().value
}

/// The lowest and highest id of a record's phases and of its steps.
fn place(run: i64) -> [i64; 4] {
    let sql = "WITH p AS (SELECT id FROM workflow_phases WHERE run_id = ?1), \
               s AS (SELECT id FROM workflow_steps WHERE phase_id IN (SELECT id FROM p)) \
               SELECT (SELECT min(id) FROM p), (SELECT max(id) FROM p), min(id), max(id) FROM s";
    let ids = |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]);
    bare().query_row(sql, [run], ids).unwrap()
}

fn newest() -> ListQuery {
    ListQuery::default()
}

fn page(query: ListQuery, place: Place) -> Ask {
    Ask::Page { query, place, rows: 50 }
}

/// A record in the middle, of the usual size.
fn usual() -> i64 {
    let sql = "SELECT id FROM workflow_runs WHERE id >= (SELECT max(id) / 3 FROM workflow_runs) LIMIT 1";
    bare().query_row(sql, [], |r| r.get(0)).unwrap()
}

/// That record and those behind it.
fn usual_ones() -> Vec<i64> {
    let (db, first) = (bare(), usual());
    let mut statement = db.prepare("SELECT id FROM workflow_runs WHERE id >= ?1 AND id < ?1 + 200").unwrap();
    statement.query_map([first], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

const NEWEST: &str = "SELECT * FROM workflow_runs ORDER BY id DESC LIMIT 50";

#[divan::bench_group]
mod open_and_newest_50 {
    use super::*;

    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        common::folder();
        bencher.bench(|| ask(&opened(), &page(newest(), Place::Top)));
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        common::folder();
        bencher.bench(|| rows(&bare(), NEWEST));
    }
}

#[divan::bench_group]
mod last_page {
    use super::*;

    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        let lab = with_catalogue();
        bencher.bench_local(|| ask(&lab, &page(newest(), Place::Bottom)));
    }

    /// Before the catalogue is in memory.
    #[divan::bench]
    fn first(bencher: Bencher) {
        common::folder();
        bencher.with_inputs(opened).bench_local_refs(|lab| ask(lab, &page(newest(), Place::Bottom)));
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let db = bare();
        bencher.bench_local(|| rows(&db, "SELECT * FROM workflow_runs ORDER BY id LIMIT 50"));
    }
}

/// They come with the catalogue of all records.
#[divan::bench_group]
mod number_of_records {
    use super::*;

    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        common::folder();
        let fresh = || Database::new(Box::new(store()), Limits::default());
        bencher.with_inputs(fresh).bench_local_refs(|database| {
            database.list(black_box(&newest()), &mut Cx::quiet()).unwrap();
            database.catalogue().counts()
        });
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let db = bare();
        let sql = "SELECT id, name, submitted_by, status FROM workflow_runs";
        bencher.bench_local(|| rows(&db, sql));
    }

    #[divan::bench]
    fn floor_numbers_alone(bencher: Bencher) {
        let db = bare();
        let sql =
            "SELECT count(*), (SELECT count(*) FROM workflow_runs WHERE status = 'error') FROM workflow_runs";
        bencher.bench_local(|| rows(&db, sql));
    }
}

#[divan::bench_group]
mod search_stroke {
    use super::*;

    /// Words typed letter by letter, the newest 50 hits and their number after each; the last has no hit.
    const TYPED: [&str; 3] = ["catalyst", "user07", "zebra"];

    fn search(keyword: &str, place: Place) -> Ask {
        page(ListQuery { keyword: keyword.to_owned(), ..newest() }, place)
    }

    /// All strokes of a word.
    #[divan::bench(args = TYPED)]
    fn word(bencher: Bencher, word: &str) {
        let lab = with_catalogue();
        let Answer::Page(first) = ask(&lab, &page(newest(), Place::Top)) else { unreachable!() };
        let newest = first.rows.first().unwrap().run.id;
        bencher.bench_local(|| {
            for end in 1..=word.len() {
                ask(&lab, &search(&word[..end], Place::Around(newest)));
            }
        });
    }

    /// The first stroke before the catalogue is in memory.
    #[divan::bench]
    fn first(bencher: Bencher) {
        common::folder();
        bencher.with_inputs(opened).bench_local_refs(|lab| ask(lab, &search("c", Place::Top)));
    }

    #[divan::bench]
    fn floor_by_sql(bencher: Bencher) {
        let db = bare();
        let sql = "SELECT id FROM workflow_runs WHERE name LIKE '%cat%' OR submitted_by LIKE '%cat%'";
        bencher.bench_local(|| rows(&db, sql));
    }

    /// All names and users, folded, one behind the other.
    #[divan::bench]
    fn floor_from_memory(bencher: Bencher) {
        let db = bare();
        let sql = "SELECT group_concat(lower(name || char(1) || coalesce(submitted_by, '')), char(0)) \
                   FROM workflow_runs";
        let names: String = db.query_row(sql, [], |row| row.get(0)).unwrap();
        let finder = memchr::memmem::Finder::new("cat");
        bencher
            .bench_local(|| names.split('\0').filter(|name| finder.find(name.as_bytes()).is_some()).count());
    }
}

#[divan::bench_group]
mod sorted_by_name {
    use super::*;

    /// Both orders in turn, so that no list is known.
    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        let lab = with_catalogue();
        let mut orders = [Order::Ascending, Order::Descending].into_iter().cycle();
        bencher.bench_local(|| {
            let query = ListQuery { sort: SortKey::Name, order: orders.next().unwrap(), ..newest() };
            ask(&lab, &page(query, Place::Top))
        });
    }

    #[divan::bench]
    fn any_page_of_that(bencher: Bencher) {
        let lab = with_catalogue();
        let query = ListQuery { sort: SortKey::Name, order: Order::Ascending, ..newest() };
        let places = [Place::Bottom, Place::Offset(1_000)];
        let mut places = places.into_iter().cycle();
        bencher.bench_local(|| ask(&lab, &page(query.clone(), places.next().unwrap())));
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let db = bare();
        bencher.bench_local(|| rows(&db, "SELECT * FROM workflow_runs ORDER BY name, id LIMIT 50"));
    }
}

#[divan::bench_group]
mod sorted_by_start {
    use super::*;

    /// Both orders in turn, so that no list is known.
    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        let lab = with_catalogue();
        let mut orders = [Order::Ascending, Order::Descending].into_iter().cycle();
        bencher.bench_local(|| {
            let query = ListQuery { sort: SortKey::StartTime, order: orders.next().unwrap(), ..newest() };
            ask(&lab, &page(query, Place::Top))
        });
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let db = bare();
        bencher.bench_local(|| rows(&db, "SELECT * FROM workflow_runs ORDER BY start_time, id LIMIT 50"));
    }
}

/// Of fewer records, the last page.
#[divan::bench_group]
mod keyword_5000_deep {
    use super::*;

    const WORDS: [&str; 2] = ["a", "user"];

    fn having(word: &str) -> String {
        format!("FROM workflow_runs WHERE name LIKE '%{word}%' OR submitted_by LIKE '%{word}%'")
    }

    fn depth(word: &str) -> u64 {
        let sql = format!("SELECT count(*) {}", having(word));
        let hits: i64 = bare().query_row(&sql, [], |row| row.get(0)).unwrap();
        (hits - 50).clamp(0, 5_000).unsigned_abs()
    }

    fn deep(word: &str) -> Ask {
        page(ListQuery { keyword: word.to_owned(), ..newest() }, Place::Offset(depth(word)))
    }

    /// Two words in turn, so that no list is known and no word's hits are.
    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        let lab = with_catalogue();
        let asks = WORDS.map(deep);
        let mut asks = asks.iter().cycle();
        bencher.bench_local(|| ask(&lab, asks.next().unwrap()));
    }

    /// Once the list is known.
    #[divan::bench]
    fn again(bencher: Bencher) {
        let (lab, deep) = (with_catalogue(), deep(WORDS[0]));
        bencher.bench_local(|| ask(&lab, &deep));
    }

    /// Before the catalogue is in memory, as a command has it.
    #[divan::bench]
    fn first(bencher: Bencher) {
        let deep = deep(WORDS[0]);
        bencher.with_inputs(opened).bench_local_refs(|lab| ask(lab, &deep));
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let (db, word) = (bare(), WORDS[0]);
        let sql = format!("SELECT * {} ORDER BY id DESC LIMIT 50 OFFSET {}", having(word), depth(word));
        bencher.bench_local(|| rows(&db, &sql));
    }
}

/// All steps of a record, as lines of the tree.
fn all_steps(lab: &Lab, run: i64) -> Answer {
    let Answer::Phases(list) = ask(lab, &Ask::PhasesWhole { run }) else { unreachable!() };
    ask(lab, &Ask::Steps { run, phases: list.phases.iter().map(|p| p.id()).collect() })
}

#[divan::bench_group]
mod usual_record_all_steps {
    use super::*;

    #[divan::bench]
    fn ivorylens(bencher: Bencher) {
        let lab = lab();
        let known = usual_ones();
        let mut runs = known.iter().cycle();
        bencher.bench_local(|| all_steps(&lab, *runs.next().unwrap()));
    }

    #[divan::bench]
    fn before_the_index(bencher: Bencher) {
        let run = usual();
        bencher.with_inputs(opened).bench_local_refs(|lab| all_steps(lab, run));
    }

    #[divan::bench]
    fn floor(bencher: Bencher) {
        let (db, [a, b, c, d]) = (bare(), place(usual()));
        bencher.bench_local(|| {
            rows(&db, &format!("SELECT * FROM workflow_phases WHERE id BETWEEN {a} AND {b}"))
                + rows(&db, &format!("SELECT * FROM workflow_steps WHERE id BETWEEN {c} AND {d}"))
        });
    }
}

#[divan::bench_group(sample_count = 10)]
mod long_record {
    use super::*;

    #[divan::bench]
    fn first_screen_overview(bencher: Bencher) {
        let run = common::deep_record();
        bencher.with_inputs(lab).bench_local_refs(|lab| ask(lab, &Ask::Overview { run }));
    }

    #[divan::bench]
    fn first_screen_steps(bencher: Bencher) {
        let run = common::deep_record();
        bencher.with_inputs(lab).bench_local_refs(|lab| {
            let Answer::Phases(list) = ask(lab, &Ask::Phases { run }) else { unreachable!() };
            ask(lab, &Ask::Steps { run, phases: list.phases.iter().take(1).map(|p| p.id()).collect() })
        });
    }

    /// What the index does not know yet is bisected.
    #[divan::bench]
    fn first_screen_overview_before_the_index(bencher: Bencher) {
        let run = common::deep_record();
        bencher.with_inputs(opened).bench_local_refs(|lab| ask(lab, &Ask::Overview { run }));
    }

    /// With its phases known already; the first time it waits for them too.
    #[divan::bench]
    fn overview_whole(bencher: Bencher) {
        let (lab, run) = (lab(), common::deep_record());
        bencher.bench_local(|| ask(&lab, &Ask::OverviewWhole { run }));
    }

    /// The phases once the record is known; the first time is `phases_first`.
    #[divan::bench]
    fn phases(bencher: Bencher) {
        let (lab, run) = (lab(), common::deep_record());
        bencher.bench_local(|| ask(&lab, &Ask::PhasesWhole { run }));
    }

    #[divan::bench]
    fn phases_first(bencher: Bencher) {
        let run = common::deep_record();
        bencher.with_inputs(lab).bench_local_refs(|lab| ask(lab, &Ask::PhasesWhole { run }));
    }

    #[divan::bench]
    fn phases_floor(bencher: Bencher) {
        let (db, [a, b, ..]) = (bare(), place(common::deep_record()));
        let columns = "id, run_id, name, repeat_index, start_time, end_time";
        bencher.bench_local(|| {
            rows(&db, &format!("SELECT {columns} FROM workflow_phases WHERE id BETWEEN {a} AND {b}"))
        });
    }

    fn shape(lab: &Lab, run: i64, sort: Option<TableSort>) -> TableShape {
        let ask_whole =
            Ask::TableWhole { run, part: TablePart { look: 0, sort, at: TableAt::Place(0), rows: 50 } };
        let Answer::Table(shape) = ask(lab, &ask_whole) else { unreachable!() };
        *shape
    }

    #[divan::bench]
    fn table_first_screen(bencher: Bencher) {
        let run = common::deep_record();
        bencher.with_inputs(lab).bench_local_refs(|lab| ask(lab, &Ask::Table { run }));
    }

    /// Once the record is known.
    #[divan::bench]
    fn table_first_screen_again(bencher: Bencher) {
        let (lab, run) = (lab(), common::deep_record());
        bencher.bench_local(|| ask(&lab, &Ask::Table { run }));
    }

    #[divan::bench]
    fn table_all(bencher: Bencher) {
        let run = common::deep_record();
        bencher.with_inputs(lab).bench_local_refs(|lab| shape(lab, run, None));
    }

    #[divan::bench]
    fn table_any_window(bencher: Bencher) {
        let (lab, run) = (lab(), common::deep_record());
        let TableShape { look, rows: all, .. } = shape(&lab, run, None);
        let mut places = (0..).map(|n| n * 7_919 % all);
        bencher.bench_local(|| {
            let at = TableAt::Place(places.next().unwrap());
            ask(&lab, &Ask::TableRows { run, part: TablePart { look, sort: None, at, rows: 100 } })
        });
    }

    #[divan::bench]
    fn table_any_window_sorted(bencher: Bencher) {
        let (lab, run) = (lab(), common::deep_record());
        let by = TableKey::Output(shape(&lab, run, None).outputs.first().unwrap().clone());
        let sort = Some(TableSort { by, rising: true });
        let TableShape { look, rows: all, .. } = shape(&lab, run, sort.clone());
        let mut places = (0..).map(|n| n * 7_919 % all);
        bencher.bench_local(|| {
            let at = TableAt::Place(places.next().unwrap());
            ask(&lab, &Ask::TableRows { run, part: TablePart { look, sort: sort.clone(), at, rows: 100 } })
        });
    }

    #[divan::bench]
    fn table_sorted(bencher: Bencher) {
        let (lab, run) = (lab(), common::deep_record());
        let by = TableKey::Output(shape(&lab, run, None).outputs.first().unwrap().clone());
        let mut rising = false;
        bencher.bench_local(|| {
            rising = !rising;
            shape(&lab, run, Some(TableSort { by: by.clone(), rising }))
        });
    }

    #[divan::bench(args = [100, usize::MAX])]
    fn table_floor(bencher: Bencher, limit: usize) {
        let (db, [a, b, ..]) = (bare(), place(common::deep_record()));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!("SELECT * FROM workflow_phases WHERE id BETWEEN {a} AND {b} LIMIT {limit}");
        bencher.bench_local(|| rows(&db, &sql));
    }

    #[divan::bench]
    fn charts_first_shape(bencher: Bencher) {
        let run = common::deep_record();
        bencher.with_inputs(lab).bench_local_refs(|lab| ask(lab, &Ask::Charts { run }));
    }

    /// Once the phases are known.
    #[divan::bench]
    fn charts_all(bencher: Bencher) {
        let (lab, run) = (lab(), common::deep_record());
        bencher.bench_local(|| ask(&lab, &Ask::ChartsWhole { run }));
    }

    #[divan::bench]
    fn charts_zoomed(bencher: Bencher) {
        let (lab, run) = (lab(), common::deep_record());
        let Answer::Charts(charts) = ask(&lab, &Ask::ChartsWhole { run }) else { unreachable!() };
        let name = charts.outputs.first().unwrap().series.name.clone();
        let output = OutputName { name, from_steps: false };
        bencher.bench_local(|| {
            ask(&lab, &Ask::ChartPart { run, output: output.clone(), from: 1_000, to: 1_999 })
        });
    }

    #[divan::bench]
    fn charts_floor(bencher: Bencher) {
        let (db, [a, b, ..]) = (bare(), place(common::deep_record()));
        bencher.bench_local(|| {
            rows(&db, &format!("SELECT outputs FROM workflow_phases WHERE id BETWEEN {a} AND {b}"))
        });
    }
}

#[divan::bench_group(sample_count = 3)]
mod long_record_exports {
    use super::*;

    struct Nowhere(usize);

    impl Write for Nowhere {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn export(lab: &Lab, kind: ExportKind) -> usize {
        let run = lab.run(common::deep_record(), &Cx::quiet()).unwrap();
        let mut out = Nowhere(0);
        write(lab, &run, kind, &mut Outlet::new(&mut out, "nowhere"), &mut Cx::quiet()).unwrap();
        out.0
    }

    #[divan::bench(args = [ExportKind::StepsCsv, ExportKind::DataCsv, ExportKind::PlotJson])]
    fn ivorylens(bencher: Bencher, kind: ExportKind) {
        let lab = lab();
        bencher.counter(BytesCount::new(export(&lab, kind))).bench_local(|| export(&lab, kind));
    }

    #[divan::bench]
    fn steps_read_only(bencher: Bencher) {
        let (db, [.., c, d]) = (bare(), place(common::deep_record()));
        let read = || rows(&db, &format!("SELECT * FROM workflow_steps WHERE id BETWEEN {c} AND {d}"));
        bencher.counter(BytesCount::new(read())).bench_local(read);
    }
}

#[divan::bench]
fn notice_a_change(bencher: Bencher) {
    let lab = lab();
    bencher.bench_local(|| ask(&lab, &Ask::Changed { run: None }));
}
