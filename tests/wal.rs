//! The lab sets its file to WAL mode while ivorylens has it open: nothing is made in the lab's folder, and the lab goes on
//! to commit. Run as root, the screens run as another user, so that a file of theirs would keep the lab from its own.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use portable_pty::CommandBuilder;
use rusqlite::Connection;

use ivorylens::{
    checkpoint::Cx,
    services::{
        answer,
        lab::Lab,
        request::{Answer, Ask},
    },
};

use common::{
    NEW, Set,
    lab::{NOON, stopped},
    terminal::Terminal,
};

/// What SQLite makes beside a file.
fn side_files(data: &Path) -> Vec<PathBuf> {
    let all = ["-wal", "-shm", "-journal"].map(|ending| data.join(format!("ivoryos.db{ending}")));
    all.into_iter().filter(|path| path.exists()).collect()
}

fn set_to(mode: &str, lab: &Connection) {
    let now: String = lab.query_row(&format!("PRAGMA journal_mode={mode}"), [], |row| row.get(0)).unwrap();
    assert_eq!(now, mode);
}

fn commit(lab: &Connection) {
    lab.execute("UPDATE workflow_runs SET name = name || '+' WHERE id = 21", []).unwrap();
}

fn exists(lab: &Lab) -> Result<(), String> {
    match answer(lab, &Ask::Exists { run: 21 }, &mut Cx::quiet()) {
        Ok(found) if matches!(found.value, Answer::Exists(true)) => Ok(()),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_file_in_wal_mode_is_read_only_beside_the_lab_that_has_it_open() {
    let set = Set::open(NEW);
    let data = set.copy();
    let lens = common::lab::lab(&data, stopped(NOON));
    exists(&lens).unwrap();

    let lab = Connection::open(data.join("ivoryos.db")).unwrap();
    set_to("wal", &lab);
    commit(&lab);
    // As the last one that has it open, the lab takes the side files away.
    drop(lab);
    assert!(side_files(&data).is_empty());
    let refused = exists(&lens).unwrap_err();
    assert!(refused.contains("WAL mode") && refused.contains("start IvoryOS"), "{refused}");
    assert!(side_files(&data).is_empty(), "reading made them");

    let lab = Connection::open(data.join("ivoryos.db")).unwrap();
    commit(&lab);
    exists(&lens).unwrap();
    commit(&lab);
    drop(lab);
    exists(&lens).unwrap();
    drop(lens);
    commit(&Connection::open(data.join("ivoryos.db")).unwrap());
}

/// The program in a terminal, as root's neighbour where there is one.
fn as_another_user(place: &Path, data: &Path) -> Terminal {
    let is_root = fs::metadata(place).unwrap().uid() == 0;
    let program = place.join("ivorylens");
    fs::copy(env!("CARGO_BIN_EXE_ivorylens"), &program).unwrap();
    for path in [place, data, &data.join("ivoryos.db")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let mut command = CommandBuilder::new(if is_root { "setpriv".as_ref() } else { program.as_os_str() });
    if is_root {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.arg(&program);
    }
    command.arg(data);
    command.cwd(place);
    command.env("TERM", "xterm-256color");
    for name in ["HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
        command.env(name, place);
    }
    Terminal::start_command(command, (80, 24))
}

/// When the screens rest: stopped within a read they would take part in it. They rest when they were seen asleep many
/// times in a row.
fn set_to_wal_unseen(screens: &Terminal, data: &Path) {
    let process = screens.process().to_string();
    let state = || Command::new("ps").args(["-o", "state=", "-p", &process]).output().unwrap().stdout;
    loop {
        let mut asleep = 0;
        while asleep < 60 {
            asleep = if state().starts_with(b"S") { asleep + 1 } else { 0 };
        }
        screens.signal("STOP");
        while !state().starts_with(b"T") {}
        let lab = Connection::open(data.join("ivoryos.db")).unwrap();
        lab.busy_timeout(Duration::ZERO).unwrap();
        let is_set = lab.pragma_update(None, "journal_mode", "wal").is_ok();
        drop(lab);
        screens.signal("CONT");
        if is_set {
            return;
        }
    }
}

#[test]
fn the_screens_leave_nothing_that_keeps_the_lab_from_its_file() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("ivoryos_data");
    fs::create_dir(&data).unwrap();
    let set = Set::open(NEW);
    fs::copy(set.data().join("ivoryos.db"), data.join("ivoryos.db")).unwrap();
    let mut screens = as_another_user(place.path(), &data);
    screens.shows("still_going");

    set_to_wal_unseen(&screens, &data);
    // A message of several lines.
    let words = |screen: &str| screen.split_whitespace().collect::<Vec<_>>().join(" ");
    screens.send("R").wait("WAL mode", |screen| words(screen).contains("it is in WAL mode"));
    assert!(side_files(&data).is_empty(), "the screens made them");

    let lab = Connection::open(data.join("ivoryos.db")).unwrap();
    lab.execute(
        "UPDATE workflow_runs SET name = 'seen in WAL mode' WHERE id = (SELECT max(id) FROM workflow_runs)",
        [],
    )
    .unwrap();
    screens.send("R").shows("seen in WAL mode");
    commit(&lab);
    screens.send("q").ends_restored();
    commit(&lab);
    drop(lab);
    commit(&Connection::open(data.join("ivoryos.db")).unwrap());
}
