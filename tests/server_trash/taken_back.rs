//! A delete or a restore that waits for somebody's lock ends when it is taken back, and nothing of it was done.

use std::{
    process::{Command, Stdio},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};

use ivorylens::{
    checkpoint::{Cancel, Cx},
    error::{Error, Result},
    services::delete::DeleteHow,
    store::Limits,
};

use super::lab::{HOW, ServerLab, made};
use crate::common::server::Server;

const NOTES: &str =
    "create table notes(id serial primary key, run int references workflow_runs on delete cascade);
     insert into notes(run) values (1), (2), (3);";

/// Does this work while another session has a lock, and takes it back as soon as it waits for that.
fn taken_back<T>(lab: &ServerLab<'_>, lock: &str, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
    let mut other = lab.server.connect(&lab.database);
    let mut held = other.transaction().unwrap();
    held.batch_execute(lock).unwrap();
    let cancel = Cancel::default();
    let done = thread::scope(|scope| {
        let (flag, mut watcher) = (cancel.clone(), lab.server.connect(&lab.database));
        scope.spawn(move || {
            let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
            while watcher.query_one(waits, &[]).unwrap().get::<_, i64>(0) == 0 {}
            flag.cancel();
        });
        work(&mut Cx::unwatched(cancel))
    });
    held.rollback().unwrap();
    done
}

const LOCKS: [&str; 5] = [
    "select 1 from workflow_runs where id = 2 for update",
    "update workflow_phases set name = name where id = 4",
    "update workflow_steps set method_name = method_name where id = 8",
    "update notes set run = run where id = 2",
    "lock table workflow_steps in share mode",
];

#[test]
fn a_delete_that_waits_for_a_lock_ends_when_it_is_taken_back() {
    let Some(server) = Server::start() else { return };
    let lab = ServerLab::of(&server, &made(NOTES), Limits::default());
    let before = lab.tables();
    for lock in LOCKS {
        for permanent in [false, true] {
            let how = DeleteHow { permanent, ..HOW };
            let done = taken_back(&lab, lock, |cx| lab.delete_with(&[2], how, cx));
            assert!(matches!(done, Err(Error::Cancelled)), "{lock}: {done:?}");
            assert_eq!((lab.tables(), lab.entries()), (before.clone(), 0), "{lock}");
        }
    }
    // The first is gone already, the second waits.
    let done = taken_back(&lab, LOCKS[2], |cx| lab.delete_with(&[1, 2], HOW, cx)).unwrap();
    assert_eq!((done.runs.as_slice(), done.stopped.is_some(), lab.entries()), (&[1][..], true, 1));
    lab.delete(&[2]).unwrap();
    lab.restore_all(&mut Cx::quiet()).unwrap();
    assert_eq!(lab.tables(), before);
}

#[test]
fn a_restore_that_waits_for_a_lock_ends_when_it_is_taken_back() {
    let Some(server) = Server::start() else { return };
    let lab = ServerLab::of(&server, &made(NOTES), Limits::default());
    let before = lab.tables();
    lab.delete(&[2]).unwrap();
    let without = lab.tables();
    for lock in [
        "lock table notes in share mode",
        "lock table workflow_phases in share mode",
        "insert into workflow_runs(id, name, platform) values (2, 'x', 'y')",
    ] {
        let done = taken_back(&lab, lock, |cx| lab.restore_all(cx));
        assert!(matches!(done, Err(Error::Cancelled)), "{lock}: {done:?}");
        assert_eq!((lab.tables(), lab.entries()), (without.clone(), 1), "{lock}");
    }
    lab.restore_last().unwrap();
    assert_eq!(lab.tables(), before);
}

/// The command, ended by Ctrl-C or killed while it waits.
#[test]
fn a_signal_ends_a_command_that_waits_for_a_lock() {
    let Some(server) = Server::start() else { return };
    let lab = ServerLab::of(&server, &made(NOTES), Limits::default());
    let before = lab.tables();
    let home = tempfile::tempdir().unwrap();
    let command = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
        command.args(["--db", &server.uri(&lab.database), "--wait", "600"]).args(words);
        command.env_clear().env("HOME", home.path()).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    };
    let mut watcher = server.connect(&lab.database);
    for signal in [Signal::INT, Signal::KILL] {
        let mut other = server.connect(&lab.database);
        let mut held = other.transaction().unwrap();
        held.batch_execute(LOCKS[1]).unwrap();
        let waits = command(&["delete", "2", "--yes", "--force"]).spawn().unwrap();
        let blocked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
        while watcher.query_one(blocked, &[]).unwrap().get::<_, i64>(0) == 0 {}
        kill_process(Pid::from_child(&waits), signal).unwrap();
        let ended = waits.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), (signal == Signal::INT).then_some(130), "{said}");
        held.rollback().unwrap();
        // The server finds out that nobody is there any more.
        let works =
            "select count(*) from pg_stat_activity where application_name = 'ivorylens' and state <> 'idle'";
        while watcher.query_one(works, &[]).unwrap().get::<_, i64>(0) > 0 {}
        assert_eq!(lab.tables(), before);
    }
    assert_eq!(command(&["delete", "2", "--yes", "--force"]).status().unwrap().code(), Some(0));
    assert_eq!(command(&["restore", "--last"]).status().unwrap().code(), Some(0));
    assert_eq!(lab.tables(), before);
}

/// The commit itself waits here: a deferred trigger of it. What the server says of it is what is told.
#[test]
fn a_commit_that_is_ended_by_others_is_told_as_it_was() {
    let Some(server) = Server::start() else { return };
    let waits = "create table gate(n int); insert into gate values (0);
         create function pass() returns trigger language plpgsql as 'begin update gate set n = n + 1; return null; end';
         create constraint trigger at_commit after delete on workflow_runs deferrable initially deferred
             for each row execute function pass();";
    let lab = ServerLab::of(&server, &made(&format!("{NOTES}{waits}")), Limits::default());
    let before = lab.tables();
    for end in ["pg_cancel_backend", "pg_terminate_backend", ""] {
        let mut other = server.connect(&lab.database);
        let mut held = other.transaction().unwrap();
        held.batch_execute("update gate set n = n").unwrap();
        let done = thread::scope(|scope| {
            let (halts, mut watcher) = (&server, server.connect(&lab.database));
            scope.spawn(move || {
                let act = if end.is_empty() { "1".to_owned() } else { format!("{end}(pid)") };
                let act = format!(
                    "select {act} from pg_stat_activity where wait_event_type = 'Lock' and query ilike 'commit%'"
                );
                while watcher.query(&act, &[]).unwrap().is_empty() {}
                if end.is_empty() {
                    halts.halt();
                }
            });
            lab.delete_with(&[2], HOW, &mut Cx::quiet())
        });
        assert!(done.is_err(), "{done:?}");
        drop(held);
        drop(other);
        if end.is_empty() {
            server.resume();
        }
        assert_eq!(lab.tables(), before, "it was rolled back");
        // Of a connection that was lost nobody knows whether all was done: what was kept stays.
        assert_eq!(lab.entries(), usize::from(end != "pg_cancel_backend"), "{end}");
    }
    // The next delete joins what the last one left.
    lab.delete(&[2]).unwrap();
    assert_eq!(lab.entries(), 1);
    lab.restore_last().unwrap();
    lab.sql("update gate set n = 0");
    assert_eq!(lab.tables(), before);
}
