//! Columns and tables that no version of IvoryOS has yet: all of a record's rows go and come, with every cell as it was.

use rusqlite::params;

use ivorylens::{
    checkpoint::Cx,
    services::{
        delete::{Confirmed, DeleteHow, delete},
        trash::{Which, restore},
    },
    store::{Limits, Options},
};

use super::lab::{HOW, StopAfter, TrashLab, server};
use crate::common::lab::Made;

/// A lab of a later version: more columns, among them one that is made of others, and tables that name rows of records.
fn later(limits: Limits) -> (Made, TrashLab) {
    let made = Made::with_long(5, (9, 3));
    let server = server(&made.database());
    server
        .execute_batch(
            "ALTER TABLE workflow_runs ADD COLUMN \"a \"\"new\"\" column\" BLOB;
             ALTER TABLE workflow_steps ADD COLUMN twice TEXT GENERATED ALWAYS AS (method_name || method_name) VIRTUAL;
             ALTER TABLE workflow_phases ADD COLUMN mood;
             CREATE TABLE run_notes(id INTEGER PRIMARY KEY, run INTEGER REFERENCES workflow_runs(id), note TEXT);
             CREATE TABLE \"step photos\"(step INTEGER REFERENCES workflow_steps, photo BLOB);
             CREATE TABLE tags(name TEXT PRIMARY KEY, run INTEGER REFERENCES workflow_runs(id)) WITHOUT ROWID;
             CREATE TABLE users_own(run INTEGER, text TEXT);
             INSERT INTO run_notes(run, note) SELECT id, 'of ' || name FROM workflow_runs;
             INSERT INTO run_notes(run, note) SELECT id, 'again' FROM workflow_runs;
             INSERT INTO \"step photos\" SELECT id, randomblob(20) FROM workflow_steps WHERE id % 3 = 0;
             INSERT INTO users_own SELECT id, 'x' FROM workflow_runs;
             UPDATE workflow_phases SET mood = 1.5 WHERE id % 4 = 1;
             UPDATE workflow_phases SET mood = x'00ff', outputs = CAST(x'ff7b' AS TEXT) WHERE id % 4 = 2;",
        )
        .unwrap();
    let odd = "UPDATE workflow_runs SET \"a \"\"new\"\" column\" = ?1, submitted_by = ?2 WHERE id % 2 = 0";
    server.execute(odd, params![vec![0_u8, 255, 10], 7.25]).unwrap();
    let lab = TrashLab::of(made.data().to_path_buf(), Options { limits, ..Options::without_cache() });
    (made, lab)
}

#[test]
fn columns_and_tables_of_later_versions_go_and_come_with_their_records() {
    for limits in [Limits::default(), Limits::tiny()] {
        let (made, lab) = later(limits);
        let before = lab.dump();
        for run in lab.runs() {
            lab.delete(&[run]).unwrap();
            let server = server(&made.database());
            let left = |sql: &str| server.query_row(sql, [run], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(left("SELECT count(*) FROM run_notes WHERE run = ?"), 0);
            let photos = "SELECT count(*) FROM \"step photos\" WHERE step NOT IN (SELECT id FROM workflow_steps) OR ? < 0";
            assert_eq!(left(photos), 0, "nothing names a step that is gone");
            assert_eq!(left("SELECT count(*) FROM users_own WHERE run = ?"), 1, "it says not whose it is");
            lab.assert_whole(&before);
            lab.restore_last().unwrap();
            assert_eq!(lab.dump(), before, "#{run}");
        }
    }
}

/// Rows of other tables go first: a delete that is ended behind some of them has deleted something.
#[test]
fn a_delete_that_ends_among_rows_of_other_tables_keeps_them() {
    let (made, lab) = later(Limits::tiny());
    let before = lab.dump();
    let mut after = 0;
    loop {
        let deleted = lab.delete_with(&[made.long], &mut Cx::new(&mut StopAfter(after)));
        lab.assert_whole(&before);
        while !lab.entries().is_empty() {
            lab.restore_last().unwrap();
        }
        assert_eq!(lab.dump(), before, "ended after {after}");
        if deleted.is_ok_and(|deleted| deleted.stopped.is_none()) {
            break;
        }
        after += 1;
    }
    assert!(after > 20, "{after} checkpoints");
}

/// With new ids all that names a row of the record names its new id.
#[test]
fn what_names_a_row_names_its_new_id() {
    let (made, lab) = later(Limits::default());
    let newest = *lab.runs().last().unwrap();
    lab.delete(&[newest]).unwrap();
    lab.new_record("came later", 12);
    let taken = server(&made.database());
    taken.execute("INSERT INTO run_notes(run, note) VALUES (?, 'of another')", [newest]).unwrap();
    let now = lab.restore_last().unwrap().records[0].run;
    assert_ne!(now, newest);
    let notes = |run: i64| -> Vec<String> {
        let mut all = taken.prepare("SELECT note FROM run_notes WHERE run = ? ORDER BY id").unwrap();
        all.query_map([run], |row| row.get(0)).unwrap().map(rusqlite::Result::unwrap).collect()
    };
    assert_eq!(notes(newest), ["of another"]);
    assert_eq!(notes(now).len(), 2);
    let photos = "SELECT count(*) FROM \"step photos\" p JOIN workflow_steps s ON s.id = p.step
        JOIN workflow_phases f ON f.id = s.phase_id WHERE f.run_id = ?";
    assert!(taken.query_row(photos, [now], |row| row.get::<_, i64>(0)).unwrap() > 0);
    assert!(lab.has_no_orphans());
}

/// The tables lost a column since: nothing is put back, and it says why.
#[test]
fn a_record_whose_columns_are_gone_stays_in_the_trash() {
    let (made, lab) = later(Limits::default());
    lab.delete(&[2]).unwrap();
    server(&made.database()).execute_batch("ALTER TABLE workflow_phases DROP COLUMN mood").unwrap();
    let before = lab.dump();
    let error = lab.restore_last().unwrap_err().to_string();
    assert!(
        error.contains("the table workflow_phases is not what it was when the record was deleted"),
        "{error}"
    );
    assert!(error.contains("mood"), "{error}");
    assert_eq!((lab.dump(), lab.entries().len()), (before, 1));
}

/// A row whose key is the id of what it adds to goes where that goes, also when a restore ended half-way.
#[test]
fn what_adds_to_a_row_goes_with_it() {
    for limits in [Limits::default(), Limits::tiny()] {
        let (made, lab) = later(limits);
        let rows = "CREATE TABLE run_more(run_id INTEGER PRIMARY KEY REFERENCES workflow_runs(id), text);
             CREATE TABLE step_more(step INTEGER PRIMARY KEY REFERENCES workflow_steps(id), text) WITHOUT ROWID;
             INSERT INTO run_more SELECT id, name FROM workflow_runs;
             INSERT INTO step_more SELECT id, 'of ' || method_name FROM workflow_steps;";
        server(&made.database()).execute_batch(rows).unwrap();
        let newest = *lab.runs().last().unwrap();
        let steps = "SELECT count(*) FROM workflow_steps s JOIN workflow_phases p ON p.id = s.phase_id WHERE p.run_id = ?";
        let with = "SELECT count(*) FROM step_more m JOIN workflow_steps s ON s.id = m.step AND m.text = 'of ' || method_name
            JOIN workflow_phases p ON p.id = s.phase_id WHERE p.run_id = ?";
        let count =
            |sql: &str, run: i64| server(&made.database()).query_row(sql, [run], |row| row.get::<_, i64>(0));
        let all = count(steps, newest).unwrap();
        lab.delete(&[newest]).unwrap();
        assert_eq!(count("SELECT count(*) FROM run_more WHERE run_id = ?", newest), Ok(0));
        assert_eq!(lab.new_record("came later", 12), newest);
        let other = server(&made.database());
        other.execute("INSERT INTO run_more VALUES (?, 'of another')", [newest]).unwrap();
        let mut after = 0;
        let now = loop {
            let mut stop = StopAfter(after);
            match restore(lab.lab(), &Which::Last, &mut Cx::new(&mut stop)) {
                Ok(back) if back.stopped.is_none() => break back.records[0].run,
                _ => after += 1,
            }
        };
        assert_ne!(now, newest);
        let text = |run: i64| {
            other
                .query_row("SELECT text FROM run_more WHERE run_id = ?", [run], |row| row.get::<_, String>(0))
                .unwrap()
        };
        assert_eq!(text(newest), "of another");
        assert_ne!(text(now), "of another");
        assert_eq!((count(steps, now), count(with, now)), (Ok(all), Ok(all)));
    }
}

/// What can't go along keeps its record: it would be the next one's that gets the id.
#[test]
fn a_record_with_rows_that_cant_go_along_stays() {
    let (made, lab) = later(Limits::default());
    let tag = "INSERT INTO tags VALUES ('a tag', 2)";
    server(&made.database()).execute_batch(tag).unwrap();
    let before = lab.dump();
    for permanent in [false, true] {
        let run = lab.lab().runs(&[2], &Cx::quiet()).unwrap().remove(0);
        let two = Confirmed { run: 2, name: run.name, start: run.start };
        let error = delete(lab.lab(), &[two], DeleteHow { permanent, ..HOW }, &mut Cx::quiet())
            .unwrap_err()
            .to_string();
        assert!(error.contains("the table tags has rows of record 2 that can't go along"), "{error}");
        assert_eq!((lab.dump(), lab.entries().len()), (before.clone(), 0));
    }
    lab.delete(&[1]).unwrap();
}

/// Whatever the database says to a delete: what was kept of a record that is there whole goes again.
#[test]
fn a_delete_that_the_database_refuses_leaves_nothing_in_the_trash() {
    let (made, lab) = later(Limits::default());
    lab.delete(&[1]).unwrap();
    let refuse = "CREATE TRIGGER no BEFORE DELETE ON workflow_runs BEGIN SELECT RAISE(ABORT, 'not now'); END";
    server(&made.database()).execute_batch(refuse).unwrap();
    let before = lab.dump();
    lab.delete_with(&[2], &mut Cx::quiet()).unwrap_err();
    assert_eq!(lab.dump(), before);
    assert_eq!(lab.entries().iter().map(|entry| entry.run).collect::<Vec<_>>(), [1]);
    assert_eq!(lab.restore_last().unwrap().records[0].run, 1);
}

/// What is back in part under a new id is not deleted again before the rest of it is back.
#[test]
fn half_of_a_record_under_a_new_id_is_not_deleted_before_the_rest_is_back() {
    let (made, lab) = later(Limits::tiny());
    let behind: Vec<i64> = lab.runs().into_iter().filter(|run| *run > made.long).collect();
    lab.delete(&behind).unwrap();
    let earlier = lab.entries().len();
    lab.delete(&[made.long]).unwrap();
    assert_eq!(lab.new_record("came later", 3), made.long);
    let mut after = 0;
    while lab.runs().last() == Some(&made.long) {
        let _ = restore(lab.lab(), &Which::Last, &mut Cx::new(&mut StopAfter(after)));
        after += 1;
    }
    let now = *lab.runs().last().unwrap();
    assert_eq!(lab.entries().len(), earlier + 1, "the rest of it is there");
    let error = lab.delete_with(&[now], &mut Cx::quiet()).unwrap_err().to_string();
    assert!(error.contains(&format!("a part of record {now} is in the trash")), "{error}");
    assert_eq!(lab.restore_last().unwrap().records[0].run, now);
    lab.delete(&[now]).unwrap();
}
