//! Whose phases and steps are whose on a PostgreSQL server, while another session writes: what is known of it from a walk
//! answers as the tables do.

#![cfg(all(unix, feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::time::Duration;

use common::server::Server;
use ivorylens::{
    checkpoint::Cx,
    store::{
        Options, Remains, Source as _,
        postgres::{PgStore, address::ServerAddress},
    },
};
use postgres::Client;

/// Seventy records of two phases with twenty steps each: more than are read again after every commit.
const MADE: &str = "
    create table workflow_runs(id serial primary key, name text not null, platform text not null, start_time timestamp);
    create table workflow_phases(id serial primary key, run_id integer not null references workflow_runs on delete cascade,
        name varchar(64) not null, repeat_index integer);
    create table workflow_steps(id serial primary key, phase_id integer references workflow_phases on delete cascade,
        step_index integer, method_name text not null, run_error boolean, output json);
    insert into workflow_runs(name, platform) select 'run ' || n, 'deck' from generate_series(1, 70) n;
    insert into workflow_phases(run_id, name, repeat_index)
        select r, 'main', p from generate_series(1, 70) r, generate_series(0, 1) p order by r, p;
    insert into workflow_steps(phase_id, step_index, method_name, run_error)
        select p, s, 'stir', s = 7 and p % 5 = 0 from generate_series(1, 140) p, generate_series(1, 20) s order by p, s;";

struct Watched {
    database: String,
    store: PgStore,
    other: Client,
}

/// Of each phase of these records: run, phase, steps, and those that failed.
type Counts = Vec<(i64, i64, u64, u64)>;

impl Watched {
    fn of(server: &Server) -> Self {
        let database = server.create(MADE);
        let address = ServerAddress::read(&server.uri(&database), &|_| None).unwrap();
        let patience = Duration::from_secs(20);
        let store =
            PgStore::open(address, Options { patience, ..Options::default() }, &|_| None, &Cx::quiet())
                .unwrap();
        let other = server.connect(&database);
        let watched = Self { database, store, other };
        watched.walk();
        watched
    }

    /// All background work, to its end.
    fn walk(&self) {
        while self.store.work(&mut Cx::quiet()).unwrap().remains != Remains::Nothing {}
        assert!(!self.store.has_work());
    }

    fn runs(&mut self) -> Vec<i64> {
        let rows = self.other.query("select id::int8 from workflow_runs order by id", &[]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    fn told(&mut self) -> Counts {
        let runs = self.runs();
        let all = self.store.summaries_of_many(&runs, &mut Cx::quiet()).unwrap().value;
        let all = all.iter().flatten().map(|phase| {
            let (run, id) = (phase.phase_ref.run, phase.phase_ref.id);
            (run, id, phase.steps(), phase.failed_steps())
        });
        all.collect()
    }

    fn truth(&mut self) -> Counts {
        let sql = "select p.run_id::int8, p.id::int8, count(s.id), count(s.id) filter (where s.run_error) \
             from workflow_phases p left join workflow_steps s on s.phase_id = p.id group by p.id order by p.run_id, p.id";
        let number = |row: &postgres::Row, at: usize| row.get::<_, i64>(at);
        let rows = self.other.query(sql, &[]).unwrap();
        let count = |row, at| number(row, at).unsigned_abs();
        rows.iter().map(|row| (number(row, 0), number(row, 1), count(row, 2), count(row, 3))).collect()
    }

    fn is_told_at_once(&mut self, deed: &str) {
        self.other.batch_execute(deed).unwrap();
        assert_eq!(self.told(), self.truth(), "{deed}");
        // And a store that knows nothing yet says the same.
        let fresh = self.store.reopened(&Cx::quiet()).unwrap();
        let runs = self.runs();
        let tallies =
            |store: &dyn ivorylens::store::Source| store.tallies(&runs, &mut Cx::quiet()).unwrap().value;
        assert_eq!(tallies(&self.store), tallies(&*fresh), "{deed}");
    }

    fn is_told_after_a_walk(&mut self, deed: &str) {
        self.other.batch_execute(deed).unwrap();
        self.told();
        self.walk();
        assert_eq!(self.told(), self.truth(), "{deed}");
    }
}

#[test]
fn what_others_write_at_the_end_is_told_at_once() {
    let Some(server) = Server::start() else { return };
    let mut watched = Watched::of(&server);
    for deed in [
        "select 1",
        // As IvoryOS writes: a record, a phase, a step, its end.
        "insert into workflow_runs(name, platform) values ('new', 'deck')",
        "insert into workflow_phases(run_id, name) values (71, 'prep')",
        "insert into workflow_steps(phase_id, method_name) values (141, 'stir')",
        "update workflow_steps set run_error = true where id = 2801",
        // Into records far back, and phases without steps.
        "insert into workflow_steps(phase_id, method_name, run_error) values (1, 'late', true), (77, 'late', false)",
        "insert into workflow_phases(run_id, name) values (3, 'more')",
        "update workflow_steps set run_error = not coalesce(run_error, false) where id > 2500",
        "update workflow_steps set phase_id = 2 where id = 2790",
        "update workflow_phases set run_id = 4 where id = 139",
        "delete from workflow_steps where id > 2795",
        "delete from workflow_phases where id = 140",
        "delete from workflow_runs where id in (69, 71)",
        "delete from workflow_runs where id > 40",
        "insert into workflow_runs(name, platform) values ('next', 'deck')",
        "insert into workflow_phases(run_id, name) select max(id), 'main' from workflow_runs",
        "insert into workflow_steps(phase_id, method_name) select max(id), 'stir' from workflow_phases",
    ] {
        watched.is_told_at_once(deed);
    }
}

#[test]
fn what_others_do_far_back_is_told_after_the_next_walk() {
    let Some(server) = Server::start() else { return };
    let mut watched = Watched::of(&server);
    for deed in [
        "update workflow_steps set run_error = true where id in (1, 55, 900)",
        "delete from workflow_steps where id between 30 and 130",
        "update workflow_steps set phase_id = 9 where id in (2, 3)",
        "update workflow_steps set phase_id = null where id = 4",
        "update workflow_phases set run_id = 2 where id = 1",
        "delete from workflow_phases where id = 8",
        "delete from workflow_runs where id in (5, 6)",
        // A record that came back under its old ids.
        "insert into workflow_runs(id, name, platform) values (5, 'run 5', 'deck');
         insert into workflow_phases(id, run_id, name) values (9, 5, 'main');
         insert into workflow_steps(id, phase_id, method_name, run_error) values (161, 9, 'stir', true)",
        "delete from workflow_steps",
        "delete from workflow_runs",
    ] {
        watched.is_told_after_a_walk(deed);
    }
}

/// A transaction that began before others and is over behind them has rows with ids below theirs.
#[test]
fn a_late_commit_is_told() {
    let Some(server) = Server::start() else { return };
    let mut watched = Watched::of(&server);
    let mut late = server.connect(&watched.database);
    let mut late = late.transaction().unwrap();
    late.batch_execute(
        "insert into workflow_runs(name, platform) values ('late', 'deck');
         insert into workflow_phases(run_id, name) values (71, 'main');
         insert into workflow_steps(phase_id, method_name) values (141, 'stir'), (12, 'stir')",
    )
    .unwrap();
    watched.is_told_at_once(
        "insert into workflow_runs(name, platform) values ('first', 'deck');
         insert into workflow_phases(run_id, name) values (72, 'main');
         insert into workflow_steps(phase_id, method_name) select 142, 'stir' from generate_series(1, 300)",
    );
    late.commit().unwrap();
    watched.is_told_at_once("select 1");
    // With more behind it than are read again, by the next walk.
    let mut later = server.connect(&watched.database);
    let mut later = later.transaction().unwrap();
    later.batch_execute("insert into workflow_steps(phase_id, method_name) values (15, 'stir')").unwrap();
    watched.is_told_at_once(
        "insert into workflow_steps(phase_id, method_name) select 142, 'stir' from generate_series(1, 1500)",
    );
    later.commit().unwrap();
    watched.is_told_after_a_walk("select 1");
}

/// While a walk is under way, others write before and behind where it is.
#[test]
fn what_others_write_during_a_walk_is_told_when_it_is_over() {
    let Some(server) = Server::start() else { return };
    let database = server.create(MADE);
    let address = ServerAddress::read(&server.uri(&database), &|_| None).unwrap();
    let open = || {
        let patience = Duration::from_secs(20);
        PgStore::open(address.clone(), Options { patience, ..Options::default() }, &|_| None, &Cx::quiet())
            .unwrap()
    };
    let mut watched = Watched { store: open(), other: server.connect(&database), database };
    for pieces in 1..5 {
        watched.store = open();
        for _ in 0..pieces {
            watched.store.work(&mut Cx::quiet()).unwrap();
        }
        watched
            .other
            .batch_execute(
                "insert into workflow_steps(phase_id, method_name, run_error) values (1, 'late', true);
                 insert into workflow_phases(run_id, name) values (3, 'late');
                 update workflow_steps set run_error = not run_error where id in (1, 1000, 2799);
                 delete from workflow_steps where id in (select min(id) from workflow_steps)",
            )
            .unwrap();
        watched.walk();
        assert_eq!(watched.told(), watched.truth(), "{pieces} pieces");
    }
    // No transaction of a walk stays open.
    let sql = "select count(*) from pg_stat_activity where state like 'idle in transaction%'";
    assert_eq!(watched.other.query_one(sql, &[]).unwrap().get::<_, i64>(0), 0);
}
