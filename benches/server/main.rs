//! Records on a PostgreSQL server of the benchmark's own: what users wait for beside its floor, the same by bare SQL; then a
//! writer of IvoryOS's manner beside lists, exports and deletes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken benchmark must stop"
)]
#![expect(clippy::print_stdout, reason = "its words are what it is for")]

#[path = "../common/mod.rs"]
mod common;
mod fill;
#[path = "../../tests/common/server.rs"]
#[allow(dead_code, reason = "tests ask for more of it")]
mod server;
mod writer;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use postgres::Client;

use ivorylens::{
    checkpoint::Cx,
    model::query::{ListQuery, Order, Place, SortKey},
    services::{answer, lab::Lab, lab_place::LabPlace, request::Ask},
    store::{
        Options, Source as _,
        postgres::{PgStore, address::ServerAddress},
    },
};

/// As a lab's server is set, not as that of tests.
const OPTIONS: &str = "-c fsync=on -c full_page_writes=on -c autovacuum=on";

fn main() {
    let Some(server) = server::Server::start_with(OPTIONS) else { return };
    let database = server.create("");
    fill::fill(&mut server.connect(&database), &common::folder().join("ivoryos.db"));
    let uri = server.uri(&database);
    lists(&uri, &mut server.connect(&database));
    records(&uri, &mut server.connect(&database));
    writer::beside(&uri, &server, &database);
    common::clear();
}

/// The lab on the server, with the folder of the benchmarks.
fn open(uri: &str) -> Lab {
    let folder = common::folder();
    let place = LabPlace::find(Some(uri), Some(&folder), &|_| None).unwrap();
    let now = jiff::civil::date(2026, 11, 24).at(8, 0, 0, 0);
    place
        .open(Options::without_cache(), false, Arc::new(move || now), &|_| None, &Cx::quiet())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn page(query: ListQuery, place: Place) -> Ask {
    Ask::Page { query, place, rows: 50 }
}

fn ask(lab: &Lab, ask: &Ask) {
    answer(lab, ask, &mut Cx::quiet()).unwrap_or_else(|error| panic!("{ask:?}: {error}"));
}

/// The median of some goes.
fn median(goes: usize, mut go: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..goes).map(|_| go()).collect();
    times.sort_unstable();
    times[goes / 2]
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// Prints a line: what was asked, its floor, and how long it took.
fn tell(what: &str, floor: Option<Duration>, took: Duration) {
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1_000.0);
    println!("{what:<70} floor {:>10}   {:>10}", floor.map_or("-".to_owned(), ms), ms(took));
}

const STEPS_OF: &str = "select s.* from workflow_steps s join workflow_phases p on p.id = s.phase_id \
                        where p.run_id = $1 order by s.id";

fn lists(uri: &str, bare: &mut Client) {
    let newest = ListQuery::default;
    let sorted = |sort| ListQuery { sort, order: Order::Ascending, ..ListQuery::default() };
    let mut floor = |sql: &str| median(5, || timed(|| drop(bare.simple_query(sql).unwrap())));

    let fifty = floor("select * from workflow_runs order by id desc limit 50");
    tell(
        "connect, open, newest 50",
        Some(fifty),
        median(9, || timed(|| ask(&open(uri), &page(newest(), Place::Top)))),
    );
    let lab = open(uri);
    tell("newest 50 again", Some(fifty), median(9, || timed(|| ask(&lab, &page(newest(), Place::Top)))));
    let last = floor("select * from workflow_runs order by id limit 50");
    let first = timed(|| ask(&lab, &page(newest(), Place::Bottom)));
    tell("last page, the first time, with it the catalogue", Some(last), first);
    tell("last page again", Some(last), median(9, || timed(|| ask(&lab, &page(newest(), Place::Bottom)))));
    let all = floor(
        "select id, name, submitted_by, platform, repeat_mode, status, start_time, end_time from workflow_runs",
    );
    let catalogue = || {
        let lab = open(uri);
        timed(|| ask(&lab, &page(sorted(SortKey::Name), Place::Top)))
    };
    tell("catalogue of all, sorted by name", Some(all), median(3, catalogue));
    let search = floor(
        "select * from workflow_runs where name like '%catalyst%' or submitted_by like '%catalyst%' order by id desc limit 50",
    );
    let stroke = |keyword: &str| page(ListQuery { keyword: keyword.to_owned(), ..newest() }, Place::Top);
    let mut words = ["catalys", "catalyst"].into_iter().cycle();
    tell(
        "a stroke of a search",
        Some(search),
        median(9, || timed(|| ask(&lab, &stroke(words.next().unwrap())))),
    );
}

fn records(uri: &str, bare: &mut Client) {
    let lab = open(uri);
    ask(&lab, &page(ListQuery::default(), Place::Bottom));
    let (usual, long) = (
        bare.query_one("select id from workflow_runs order by id offset 5 limit 1", &[]).unwrap(),
        common::deep_record(),
    );
    let usual = i64::from(usual.get::<_, i32>(0));
    let steps_of =
        |bare: &mut Client, run: i64| timed(|| drop(bare.query(STEPS_OF, &[&(run as i32)]).unwrap()));
    let one = median(3, || steps_of(bare, usual));
    let overview = |lab: &Lab, run| timed(|| ask(lab, &Ask::OverviewWhole { run }));
    tell(
        "overview of a usual record, before it is known whose rows are whose",
        Some(one),
        median(3, || overview(&open(uri), usual)),
    );
    let all = median(3, || {
        timed(|| {
            drop(
                bare.simple_query(
                    "select phase_id, count(*), min(id), max(id) from workflow_steps group by phase_id",
                )
                .unwrap(),
            )
        })
    });
    let walked = timed(|| while lab.idle(&mut Cx::quiet()).is_some_and(|idle| !idle.lacks.nothing()) {});
    tell("whose all rows are, and the counts of all records, in pieces", Some(all), walked);
    tell("overview of a usual record", Some(one), overview(&lab, usual));
    tell("the same again", Some(one), median(9, || overview(&lab, usual)));
    let long_steps = steps_of(bare, long);
    tell("the long record: overview, whole", Some(long_steps), overview(&lab, long));
    tell("the long record: map, whole", Some(long_steps), timed(|| ask(&lab, &Ask::MapWhole { run: long })));
    let by_steps = ListQuery { sort: SortKey::Steps, ..ListQuery::default() };
    tell("sort by steps", None, median(3, || timed(|| ask(&lab, &page(by_steps.clone(), Place::Top)))));
    let address = ServerAddress::read(uri, &|_| None).unwrap();
    let store = PgStore::open(address, Options::default(), &|_| None, &Cx::quiet()).unwrap();
    let version = median(9, || timed(|| drop(bare.simple_query("select txid_current_snapshot()").unwrap())));
    tell(
        "notice whether anything was committed",
        Some(version),
        median(99, || timed(|| drop(store.version(&Cx::quiet())))),
    );
}
