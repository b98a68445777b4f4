//! The lab comes first: its writes succeed at once between any two pieces of our reading and writing.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken case must stop its test"
)]

mod common;

use std::{io::Write, path::Path};

use rusqlite::Connection;

use ivorylens::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::Result,
    model::query::{ListQuery, Place},
    services::{
        answer,
        export::{self, Outlet},
        export_kind::ExportKind,
        records,
        request::Ask,
        table::types::{TableAt, TablePart},
    },
};

use common::lab::{Made, server};

/// The lab's server: commits a step whenever it is asked to, and has no patience at all.
struct Server {
    connection: Connection,
    commits: u64,
}

impl Server {
    fn beside(folder: &Path) -> Self {
        Self { connection: server(folder), commits: 0 }
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

/// A folder with one record of more steps than one piece reads.
fn large() -> Made {
    Made::with_long(30, (3_000, 8))
}

#[test]
fn the_lab_writes_between_any_two_pieces() {
    let made = large();
    let (lab, run) = (made.lab(), made.long);
    let query = ListQuery::default();
    let phases = vec![1, 2, 3];
    let words = ListQuery { keyword: "a".to_owned(), ..query.clone() };
    let asks = [
        (Ask::RowDetails { runs: (1..=30).collect() }, 2),
        (Ask::Page { query: words, place: Place::Top, rows: 30 }, 0),
        (Ask::OverviewWhole { run }, 2),
        (Ask::PhasesWhole { run }, 0),
        (Ask::Steps { run, phases }, 0),
        (
            Ask::TableWhole { run, part: TablePart { look: 0, sort: None, at: TableAt::Place(0), rows: 50 } },
            2,
        ),
        (Ask::ChartsWhole { run }, 2),
        (Ask::NextFailed { run, from: None, forward: true }, 0),
        (Ask::TroubledRecord { query: query.clone(), from: run, forward: true }, 0),
        (Ask::Bill { runs: vec![run] }, 0),
    ];
    for (ask, checks) in asks {
        let mut server = Server::beside(made.data());
        answer(&lab, &ask, &mut Cx::new(&mut server)).unwrap();
        server.commit();
        assert!(server.commits > checks, "{ask:?} check {} times", server.commits - 1);
    }
    records::rows(&lab, &query, (0, 30), &mut Cx::quiet()).unwrap();
    Server::beside(made.data()).commit();
}

#[test]
fn the_lab_writes_while_an_export_waits_for_its_reader() {
    let made = large();
    let (lab, id) = (made.lab(), made.long);
    let run = lab.run(id, &Cx::quiet()).unwrap();
    for kind in [ExportKind::StepsCsv, ExportKind::DataCsv, ExportKind::PlotJson, ExportKind::ChartSvg] {
        let mut pipe = Pipe(Server::beside(made.data()));
        let mut server = Server::beside(made.data());
        let mut outlet = Outlet::new(&mut pipe, "pipe");
        export::write(&lab, &run, kind, &mut outlet, &mut Cx::new(&mut server)).unwrap();
        assert!(pipe.0.commits > 0 && server.commits > 0, "{kind:?}");
    }
}

#[test]
fn work_ends_at_the_next_check_when_it_is_not_wanted() {
    struct Stop;
    impl Checkpoint for Stop {
        fn check(&mut self, _: Progress) -> Result<()> {
            Err(ivorylens::error::Error::Cancelled)
        }
    }
    let made = large();
    let (lab, id) = (made.lab(), made.long);
    let run = lab.run(id, &Cx::quiet()).unwrap();
    let mut out = Vec::new();
    let mut outlet = Outlet::new(&mut out, "x");
    let ended = export::write(&lab, &run, ExportKind::StepsCsv, &mut outlet, &mut Cx::new(&mut Stop));
    assert!(matches!(ended, Err(ivorylens::error::Error::Cancelled)));
    let here = tempfile::tempdir().unwrap();
    for kind in [ExportKind::StepsCsv, ExportKind::Everything] {
        export::into_folder(&lab, id, kind, here.path(), &mut Cx::new(&mut Stop)).unwrap_err();
        assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 0, "{kind:?} left something");
    }
    let ask = Ask::Bill { runs: vec![id] };
    assert!(matches!(answer(&lab, &ask, &mut Cx::new(&mut Stop)), Err(ivorylens::error::Error::Cancelled)));
}
