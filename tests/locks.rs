//! The lab comes first: its writes succeed at once between any two pieces of our reading and writing.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a broken case must stop its test")]

use std::{io::Write, path::Path, sync::Arc, time::Duration};

use rusqlite::Connection;

use ivorylens::{
    checkpoint::{Checkpoint, Progress},
    demo::{self, Plan},
    error::Result,
    model::query::{ListQuery, Place},
    services::{
        answer,
        export::{self, Outlet},
        export_kind::ExportKind,
        lab::Lab,
        records,
        request::Ask,
        table::types::TableAt,
    },
    store::Options,
};

/// The lab's server: commits a step whenever it is asked to, and has no patience at all.
struct Server {
    connection: Connection,
    commits: u64,
}

impl Server {
    fn beside(folder: &Path) -> Self {
        let connection = Connection::open(folder.join("ivoryos.db")).unwrap();
        connection.execute_batch("PRAGMA synchronous=OFF").unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        Self { connection, commits: 0 }
    }

    fn commit(&mut self) {
        let write =
            "BEGIN IMMEDIATE; INSERT INTO single_steps(method_name, kwargs) VALUES ('tare', '{}'); COMMIT;";
        self.connection.execute_batch(write).expect("the lab's write waited for us");
        self.commits += 1;
    }
}

impl Checkpoint for Server {
    fn check(&mut self, _: Progress) -> Result<()> {
        self.commit();
        Ok(())
    }
}

/// A slow pipe: the server commits while we wait for it.
struct Pipe(Server);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.commit();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A folder with one record of more steps than one piece reads, and that record.
fn large(folder: &Path) -> (Lab, i64) {
    let now = "2026-11-24T12:00:00".parse().unwrap();
    let plan = Plan::sized(30, 1..=3, 3, 7, now).with(|size| {
        size.deep = Some((3_000, 8));
        size.logs = 30;
    });
    demo::make(&plan, folder).unwrap();
    let lab = Lab::open(&folder.join("ivoryos.db"), Options::without_cache(), false, Arc::new(move || now))
        .unwrap();
    let sql = "SELECT run_id FROM workflow_phases GROUP BY run_id ORDER BY count(*) DESC LIMIT 1";
    let id = Server::beside(folder).connection.query_row(sql, [], |r| r.get(0)).unwrap();
    (lab, id)
}

#[test]
fn the_lab_writes_between_any_two_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let (lab, run) = large(folder.path());
    let query = ListQuery::default();
    let phases = vec![1, 2, 3];
    let words = ListQuery { keyword: "a".to_owned(), ..query.clone() };
    let asks = [
        (Ask::RowDetails { runs: (1..=30).collect() }, 2),
        (Ask::Page { query: words, place: Place::Top, rows: 30 }, 0),
        (Ask::Overview { run, whole: true }, 2),
        (Ask::Phases { run, whole: true }, 0),
        (Ask::Steps { run, phases }, 0),
        (Ask::TableWhole { run, look: 0, sort: None, at: TableAt::Place(0), rows: 50 }, 2),
        (Ask::ChartsWhole { run }, 2),
        (Ask::NextFailed { run, from: None, forward: true }, 0),
        (Ask::Neighbour { query: query.clone(), from: run, forward: true, failed_only: true }, 0),
        (Ask::Bill { runs: vec![run] }, 0),
    ];
    for (ask, checks) in asks {
        let mut server = Server::beside(folder.path());
        answer(&lab, &ask, &mut server).unwrap();
        server.commit();
        assert!(server.commits > checks, "{ask:?} check {} times", server.commits - 1);
    }
    records::rows(&lab, &query, 0, 30).unwrap();
    Server::beside(folder.path()).commit();
}

#[test]
fn the_lab_writes_while_an_export_waits_for_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let (lab, id) = large(folder.path());
    let run = lab.run(id).unwrap();
    for kind in [ExportKind::StepsCsv, ExportKind::DataCsv, ExportKind::PlotJson, ExportKind::ChartSvg] {
        let mut pipe = Pipe(Server::beside(folder.path()));
        let mut server = Server::beside(folder.path());
        let mut outlet = Outlet::new(&mut pipe, "pipe");
        export::write(&lab, &run, kind, &mut outlet, &mut server).unwrap();
        assert!(pipe.0.commits > 0 && server.commits > 0, "{kind:?}");
    }
}

#[test]
fn work_ends_at_the_next_beat_when_it_is_not_wanted() {
    struct Stop;
    impl Checkpoint for Stop {
        fn check(&mut self, _: Progress) -> Result<()> {
            Err(ivorylens::error::Error::Cancelled)
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (lab, id) = large(folder.path());
    let run = lab.run(id).unwrap();
    let mut out = Vec::new();
    let ended = export::write(&lab, &run, ExportKind::StepsCsv, &mut Outlet::new(&mut out, "x"), &mut Stop);
    assert!(matches!(ended, Err(ivorylens::error::Error::Cancelled)));
    let here = tempfile::tempdir().unwrap();
    for kind in [ExportKind::StepsCsv, ExportKind::Everything] {
        export::into_folder(&lab, id, kind, here.path(), &mut Stop).unwrap_err();
        assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 0, "{kind:?} left something");
    }
    let ask = Ask::Bill { runs: vec![id] };
    assert!(matches!(answer(&lab, &ask, &mut Stop), Err(ivorylens::error::Error::Cancelled)));
}
