//! Rows of a lab's own tables that name records on a PostgreSQL server: they go, are kept and come back with these, or keep
//! them from being deleted; and what waits in a delete or restore ends when it is taken back.

#![cfg(all(unix, feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;
mod server_trash {
    pub mod lab;
    pub mod meanwhile;
    pub mod taken_back;
    pub mod types;
}

use std::process::{Command, Stdio};

use ivorylens::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::{Error, Result},
    services::delete::DeleteHow,
    store::Limits,
};

use common::server::Server;
use server_trash::lab::{HOW, RULES, ServerLab, made, tiny};

/// Ends the work at the checkpoint behind so many.
struct StopAfter(usize);

impl Checkpoint for StopAfter {
    fn check(&mut self, _: Progress) -> Result<()> {
        self.0 = self.0.checked_sub(1).ok_or(Error::Cancelled)?;
        Ok(())
    }
}

#[test]
fn rows_of_other_tables_go_and_come_with_their_records() {
    let Some(server) = Server::start() else { return };
    for limits in [Limits::default(), tiny()] {
        let lab = ServerLab::of(&server, &made(RULES), limits);
        let before = lab.tables();
        for runs in [&[1][..], &[2], &[3], &[1, 2, 3]] {
            let bill = lab.bill(runs).unwrap();
            let deleted = lab.delete(runs).unwrap();
            let sorted = |mut rows: Vec<(String, u64)>| {
                rows.sort();
                rows
            };
            assert_eq!(deleted.runs, runs);
            assert_eq!(lab.count("select count(*) from workflow_runs"), 3 - runs.len() as i64);
            if runs == [1] {
                let wanted = [
                    ("\"the lab\".\"step photos\"", 4),
                    ("c", 2),
                    ("d", 1),
                    ("late", 1),
                    ("measured", 2),
                    ("n", 2),
                    ("r", 4),
                    ("run_more", 1),
                    ("s", 1),
                    ("samples", 2),
                    ("tree", 3),
                    ("two", 2),
                ];
                let wanted: Vec<_> = wanted.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect();
                assert_eq!(sorted(deleted.others), wanted);
                assert_eq!(sorted(bill.others), wanted, "the bill says the same before");
            }
            for table in
                ["s where step is null", "d where run is null", "c where run is null and note <> 'of none'"]
            {
                assert_eq!(lab.count(&format!("select count(*) from {table}")), 0, "nothing is only changed");
            }
            lab.restore_last().unwrap();
            assert_eq!(lab.tables(), before, "{runs:?}");
            assert_eq!(lab.entries(), 0);
        }
        // For good they go as well.
        let how = DeleteHow { permanent: true, ..HOW };
        let deleted = lab.delete_with(&[1], how, &mut Cx::quiet()).unwrap();
        assert_eq!((deleted.others.len(), deleted.stopped), (12, None));
        assert_eq!(lab.count("select count(*) from c where run = 1"), 0);
    }
}

/// A delete that is ended at each of its checkpoints, and a restore likewise.
#[test]
fn whatever_ends_it_all_rows_come_back() {
    let Some(server) = Server::start() else { return };
    let lab = ServerLab::of(&server, &made(RULES), tiny());
    let before = lab.tables();
    let mut after = 0;
    loop {
        let done = lab.delete_with(&[2, 1], HOW, &mut Cx::new(&mut StopAfter(after)));
        let whole = done.as_ref().is_ok_and(|deleted| deleted.stopped.is_none());
        let mut steps = 0;
        while lab.entries() > 0 {
            let _ = lab.restore_all(&mut Cx::new(&mut StopAfter(steps)));
            steps += 1;
        }
        assert_eq!(lab.tables(), before, "ended after {after}");
        if whole {
            break;
        }
        after += 1;
    }
    assert!(after > 5, "{after} checkpoints");
}

#[test]
fn what_names_a_row_names_its_new_id() {
    let Some(server) = Server::start() else { return };
    let lab = ServerLab::of(&server, &made(RULES), Limits::default());
    let of = |run: i64| {
        let text = format!(
            "select (select string_agg(note, ',') from c where run = {run}) || (select text from run_more where run_id = {run}) \
             || (select count(*) from tree t join tree u on u.id = t.up and u.run = t.run where t.run = {run}) \
             || (select count(*) from measured m join samples s on s.id = m.sample join workflow_steps w on w.id = s.step \
                 join workflow_phases p on p.id = w.phase_id and p.run_id = m.run where m.run = {run}) \
             || (select count(*) from \"the lab\".\"step photos\" f join workflow_steps w on w.id = f.step \
                 join workflow_phases p on p.id = w.phase_id where p.run_id = {run})"
        );
        let row = server.connect(&lab.database).query_one(&text, &[]).unwrap();
        row.get::<_, Option<String>>(0)
    };
    let own = of(1).unwrap();
    assert_eq!(own, "of 1,of 1more of 1224");
    lab.delete(&[1]).unwrap();
    // Others take its ids, and those of the rows that went along.
    lab.sql(
        "insert into workflow_runs(id, name, platform) values (1, 'another', 'deck');
         insert into workflow_phases(id, run_id, name) values (2, 1, 'main');
         insert into workflow_steps(id, phase_id, method_name) values (3, 2, 'stir');
         insert into run_more values (1, 'of another');
         insert into c(id, run, note) values (1, 1, 'of another');
         insert into tree(id, run) values (2, 1);
         insert into samples(id, step) values (1, 3)",
    );
    let now = lab.restore_last().unwrap().records[0].run;
    assert_ne!(now, 1);
    assert_eq!(of(now), Some(own));
    assert_eq!(of(1), Some("of anotherof another000".to_owned()));
    // The ids that they have now are not given away again.
    lab.sql("insert into c(run, note) values (2, 'later'); insert into tree(run) values (2); insert into samples(step) values (9)");
}

/// What can't go along, or names what goes along, keeps its record.
#[test]
fn a_record_with_rows_that_cant_go_along_stays() {
    let Some(server) = Server::start() else { return };
    let cases = [
        (
            "create table tags(name text primary key, run int references workflow_runs on delete cascade);
             insert into tags values ('a', 2)",
            "the table tags has rows of record 2 that can't go along",
        ),
        (
            "create table nothing(step int references workflow_steps on delete set null); insert into nothing values (6)",
            "the table nothing has rows of record 2",
        ),
        (
            "alter table workflow_runs add unique (id, name);
             create table pairs(id serial primary key, run int, name varchar(128),
                 foreign key (run, name) references workflow_runs(id, name) on delete cascade);
             insert into pairs(run, name) values (2, 'run 2')",
            "the table pairs has rows of record 2",
        ),
        (
            "alter table workflow_runs add unique (name);
             create table by_name(id serial primary key, run varchar(128) references workflow_runs(name) on delete cascade);
             insert into by_name(run) values ('run 2')",
            "the table by_name has rows of record 2",
        ),
        (
            "create table parts(id int, run int references workflow_runs on delete cascade) partition by list (id);
             create table part_one partition of parts for values in (1); insert into parts values (1, 2)",
            "the table parts has rows of record 2",
        ),
        (
            "create table samples(id serial primary key, run int references workflow_runs);
             create table far(id serial primary key, sample int references samples on delete cascade);
             insert into samples(run) values (2); insert into far(sample) values (1)",
            "the table far has rows that name rows of samples which go with record 2",
        ),
        (
            "create table replies(id serial primary key, run int references workflow_runs, up int references replies);
             insert into replies(run, up) values (2, null), (3, 1)",
            "the table replies has rows that name rows of replies which go with record 2",
        ),
        (
            "alter table workflow_runs add again_of int references workflow_runs on delete set null;
             update workflow_runs set again_of = 2 where id = 3",
            "the table workflow_runs has rows of record 2",
        ),
    ];
    for (sql, words) in cases {
        for limits in [Limits::default(), tiny()] {
            let lab = ServerLab::of(&server, &made(sql), limits);
            let before = lab.tables();
            for permanent in [false, true] {
                let how = DeleteHow { permanent, ..HOW };
                let said = lab.delete_with(&[2], how, &mut Cx::quiet()).unwrap_err().to_string();
                assert!(said.contains(words) && said.contains("nothing was deleted"), "{said}");
                assert_eq!((lab.tables(), lab.entries()), (before.clone(), 0));
            }
            let said = lab.bill(&[2]).unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
            lab.delete(&[1]).unwrap();
            lab.restore_last().unwrap();
            assert_eq!(lab.tables(), before);
        }
    }
}

#[test]
fn a_table_that_has_changed_since_stops_a_restore() {
    let Some(server) = Server::start() else { return };
    let lab = ServerLab::of(&server, &made(RULES), Limits::default());
    lab.delete(&[2]).unwrap();
    // It needs no foreign key any more to take its rows back.
    lab.sql("alter table c drop constraint c_run_fkey");
    lab.sql("alter table n drop column note");
    let before = lab.tables();
    let said = lab.restore_last().unwrap_err().to_string();
    assert!(said.contains("the table n is not what it was when the record was deleted"), "{said}");
    assert_eq!((lab.tables(), lab.entries()), (before, 1));
    lab.sql("alter table n add note text");
    lab.restore_last().unwrap();
    assert_eq!(lab.count("select count(*) from c where run = 2"), 2);
}

/// A role that may not see all rows of such a table deletes none: those that it does not see would go unkept.
#[test]
fn rows_that_are_hidden_or_forbidden_keep_their_record() {
    let Some(server) = Server::start() else { return };
    let secrets =
        "create table secrets(id serial primary key, run int references workflow_runs on delete cascade);
         insert into secrets(run) values (2);
         do $$ begin create role ann login; exception when duplicate_object then null; end $$;
         grant select, update, delete, insert on workflow_runs, workflow_phases, workflow_steps to ann;";
    for (more, words) in [
        ("", Some("permission denied for table secrets")),
        (
            "alter table secrets enable row level security; grant all on secrets to ann",
            Some("would be affected by row-level security policy"),
        ),
        ("grant select, delete, insert on secrets to ann", None),
    ] {
        let lab = ServerLab::of(&server, &made(&format!("{secrets}{more}")), Limits::default());
        let before = lab.tables();
        let home = tempfile::tempdir().unwrap();
        let uri = server.uri(&lab.database).replace("lab@", "ann@");
        let ran = |words: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
            command.args(["--db", &uri]).args(words).env_clear().env("HOME", home.path());
            let output = command.stdin(Stdio::null()).output().unwrap();
            (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        let (code, said) = ran(&["delete", "2", "--yes", "--force"]);
        let Some(words) = words else {
            assert_eq!(code, Some(0), "{said}");
            assert_eq!(lab.count("select count(*) from secrets"), 0);
            assert_eq!(ran(&["restore", "--last"]).0, Some(0));
            assert_eq!(lab.tables(), before);
            continue;
        };
        assert!(code == Some(1) && said.contains(words), "{said}");
        assert_eq!(lab.tables(), before);
    }
}
