//! The program in a real (pseudo-)terminal on records that a server has: the screens, a server that goes and comes back
//! while they follow, and the password that is asked for.

#![cfg(all(unix, feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::{
    Set,
    proxy::Proxy,
    server::Server,
    terminal::Terminal,
    watching::{now, soon},
};

const SET: &str = "postgres-1.7.2";
const SIZE: (u16, u16) = (110, 30);

fn program() -> &'static Path {
    env!("CARGO_BIN_EXE_ivorylens").as_ref()
}

/// Every file below a folder that holds these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if fs::read(&path).unwrap().windows(bytes.len()).any(|part| part == bytes) {
            found.push(path);
        }
    }
    found
}

/// The line with the bar.
fn selected(screen: &str) -> &str {
    screen.lines().find(|line| line.starts_with('▌')).unwrap_or_default()
}

#[test]
fn every_screen_shows_what_a_server_has() {
    let Some(server) = Server::shared() else { return };
    let set = Set::open(SET);
    let (database, here) = (server.of_set(set.folder()), set.place());
    let (uri, data) = (server.uri(&database), set.data());
    let args = ["--db", &uri, "--data", data.to_str().unwrap()];
    let mut terminal = Terminal::start(program(), &args, here.path(), SIZE);
    let first = terminal.shows("66 records");
    assert!(first.contains(&format!("127.0.0.1/{database}")), "{first}");
    // Searched, and sorted by each column.
    terminal.send("/step:dose\r").shows("with step:dose");
    terminal.send("\x1b").lacks("with step:dose");
    for (column, title) in
        [("name", "name"), ("took", "took"), ("start_time", "started"), ("failed", "failed")]
    {
        terminal.send(&format!(":sort {column} asc\r")).shows(&format!("{title} ▴"));
    }
    terminal.send(":sort id desc\r").shows("66 records");
    // A record with all of its tabs, and why one failed.
    let mut on_tab = |keys: &str, text: &str| {
        terminal.send(keys).shows(text);
    };
    on_tab(":#1\r", "First_run");
    on_tab("\r", "1 Overview");
    on_tab("2", "main 1");
    on_tab("3", "delivered");
    on_tab("4", "iteration 1");
    on_tab("5", "mass");
    on_tab("6", "Executing First_run experiment");
    on_tab("7", "_steps.csv");
    on_tab("\x1b", "66 records");
    on_tab(":#5\r", "odd_numbers");
    on_tab("e", "odd_numbers");
    on_tab("\x1b", "66 records");
    // Deleted and taken back.
    on_tab("D", "u brings it back");
    let screen = terminal.screen();
    assert!(screen.contains("odd_numbers"), "{screen}");
    // What is typed before this drawing is over does not agree to anything.
    terminal.redrawn(SIZE.0, SIZE.1 + 1).shows("u brings it back");
    terminal.send("y").shows("65 records");
    terminal.send(":trash\r").shows("odd_numbers");
    terminal.send("\x1b").shows("65 records");
    terminal.send("u").shows("66 records");
    assert!(terminal.send("q").ends_restored().success());
}

#[test]
fn a_server_that_goes_while_it_is_followed_comes_back_by_itself() {
    // It is killed: no other test has it.
    let Some(server) = Server::start() else { return };
    let set = Set::open(SET);
    let (database, here) = (server.of_set(set.folder()), set.place());
    let (uri, data) = (server.uri(&database), set.data());
    let args = ["--db", &uri, "--data", data.to_str().unwrap()];
    let mut terminal = Terminal::start(program(), &args, here.path(), SIZE);
    terminal.shows("66 records");
    terminal.send("F").shows("► following");
    let insert = "insert into workflow_runs(name, platform, start_time, repeat_mode) \
                  values ($1, 'deck', $2::text::timestamp, 'repeat') returning id::int8";
    let mut client = server.connect(&database);
    let run: i64 = client.query_one(insert, &[&"dye", &now()]).unwrap().get(0);
    terminal.send("g").wait("the new record", |text| selected(text).contains("dye"));
    terminal.send("\r2").shows("1 Overview");
    let phase = "insert into workflow_phases(run_id, name, repeat_index, start_time) \
                 values ($1::int8, 'main', $2::int4, $3::text::timestamp)";
    client.execute(phase, &[&run, &1_i32, &now()]).unwrap();
    terminal.shows("main 1");
    // What is shown stays.
    server.halt();
    let gone = terminal.shows("Following waits: ");
    assert!(gone.contains("main 1") && gone.contains("dye") && gone.contains("can't be reached"), "{gone}");
    server.resume();
    let mut client = server.connect(&database);
    client.execute(phase, &[&run, &2_i32, &soon(1)]).unwrap();
    let back = terminal.shows("main 2");
    assert!(back.contains("► following"), "{back}");
    terminal.lacks("Following waits: ");
    terminal.send("\x1b").shows("67 records");
    assert!(terminal.send("q").ends_restored().success());
}

#[test]
fn a_network_that_loses_all_is_told_and_left_by_a_key() {
    let Some(server) = Server::shared() else { return };
    let set = Set::open(SET);
    let (database, here) = (server.of_set(set.folder()), set.place());
    let proxy = Proxy::to(server.address());
    let uri = format!("postgresql://lab@{}/{database}", proxy.address);
    let mut terminal = Terminal::start(program(), &["--db", &uri], here.path(), SIZE);
    terminal.shows("66 records");
    proxy.set_mute(true);
    terminal.send(":sort name asc\r").send("R").shows("waits for the server");
    assert!(terminal.send("Q").ends_restored().success());
}

#[test]
fn a_password_is_asked_for_and_never_shown() {
    // Nobody else may come in: no other test has it.
    let Some(server) = Server::start() else { return };
    let set = Set::open(SET);
    let (database, here) = (server.of_set(set.folder()), set.place());
    let role =
        "create role ann login password 'right_one'; grant select on all tables in schema public to ann";
    server.connect(&database).batch_execute(role).unwrap();
    server.allow("host all ann 127.0.0.1/32 scram-sha-256\nhost all lab 127.0.0.1/32 trust\n");
    let uri = server.uri(&database).replace("lab@", "ann@");
    let start = || {
        let terminal = Terminal::start(program(), &["--db", &uri], here.path(), SIZE);
        terminal.shows(&format!("Password for {uri}:"));
        terminal
    };
    // Ctrl-C leaves, and so does no password.
    let mut left = start();
    assert_eq!(left.send("right_on\x03").ends_restored().exit_code(), 130);
    let mut none = start();
    assert_eq!(none.send("\r").ends_restored().exit_code(), 1);
    assert!(none.screen().contains("the server wants a password"), "{}", none.screen());
    let mut wrong = start();
    assert_eq!(wrong.send("wrong_one\r").ends_restored().exit_code(), 1);
    assert!(
        wrong.screen().contains("the server refuses user ann: the password is wrong"),
        "{}",
        wrong.screen()
    );
    let mut right = start();
    right.send("right_one\r").shows("66 records");
    right.send("\r").shows("1 Overview");
    right.send("\x1b").shows("66 records");
    assert!(right.send("q").ends_restored().success());
    for terminal in [&left, &none, &wrong, &right] {
        let sent = String::from_utf8_lossy(&terminal.raw()).into_owned();
        assert!(!sent.contains("right_on") && !sent.contains("wrong_one"), "{sent}");
    }
    assert_eq!(holding(here.path(), b"right_one"), Vec::<PathBuf>::new());
}
