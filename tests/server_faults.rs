//! What a server of PostgreSQL does to its users: it is killed, locked, full, wants a password, has a certificate of another name.

#![cfg(all(unix, feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use common::{Ran, Set, proxy::Proxy, server::Server};
use ivorylens::{
    checkpoint::{Cancel, Cx, LockNews},
    error::{Error, ErrorKind},
    model::query::Order,
    services::{lab::wall_clock, lab_place::LabPlace},
    store::{
        IdPlace, Options, Source,
        postgres::{PgStore, address::ServerAddress},
    },
};

const SET: &str = "postgres-1.7.2";

/// A server with the reference set, and the name of its database.
fn served(options: &str) -> Option<(Server, String)> {
    let server = Server::start_with(options)?;
    let database = server.of_set(Set::open(SET).folder());
    Some((server, database))
}

fn open(uri: &str) -> Result<PgStore, Error> {
    let address = ServerAddress::read(uri, &|_| None).unwrap();
    PgStore::open(
        address,
        Options { patience: Duration::from_millis(200), ..Options::default() },
        &|_| None,
        &Cx::quiet(),
    )
}

fn ids(store: &PgStore) -> Result<Vec<i64>, Error> {
    store.run_ids(IdPlace::Skip(0), Order::Ascending, 1_000, &Cx::quiet())
}

/// The command `list --page 1`, with variables.
fn list(uri: &str, variables: &[(&str, &str)], words: &[&str]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(["--db", uri, "list", "--page", "1"]).args(words).env_clear().stdin(Stdio::null());
    command.env("HOME", home.path()).envs(variables.iter().copied()).current_dir(home.path());
    let output = command.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    Ran { code: output.status.code(), out: output.stdout, err }
}

#[test]
fn a_server_that_was_killed_is_told_and_asked_again_when_it_is_back() {
    let Some((server, database)) = served("") else { return };
    let store = open(&server.uri(&database)).unwrap();
    let before = ids(&store).unwrap();
    assert!(before.len() > 50);
    let version = store.version(&Cx::quiet()).unwrap();
    server.halt();
    for _ in 0..2 {
        let said = store.version(&Cx::quiet()).unwrap_err().to_string();
        assert!(said.contains("the server can't be reached") && said.contains("; "), "{said}");
    }
    server.resume();
    assert_eq!(ids(&store).unwrap(), before);
    store.refuse_another(&Cx::quiet()).unwrap();
    // Lost while nobody asked: nobody notices, whatever is asked first.
    server.halt();
    server.resume();
    assert_eq!(ids(&store).unwrap(), before);
    server.halt();
    server.resume();
    store.refuse_another(&Cx::quiet()).unwrap();
    let mut writer = server.connect(&database);
    writer.execute("update workflow_runs set name = name where id = 1", &[]).unwrap();
    assert_ne!(store.version(&Cx::quiet()).unwrap(), version);
}

#[test]
fn another_database_in_the_place_of_the_one_that_was_opened_is_told() {
    let Some((server, database)) = served("") else { return };
    let store = open(&server.uri(&database)).unwrap();
    let set = fs::read_to_string(Set::open(SET).folder().join("dump.sql")).unwrap();
    let mut admin = server.connect("postgres");
    admin.batch_execute(&format!("drop database {database} with (force)")).unwrap();
    let other = server.create(&set);
    admin.batch_execute(&format!("alter database {other} rename to {database}")).unwrap();
    assert!(matches!(ids(&store), Err(Error::Replaced)));
    let again = store.reopened(&Cx::quiet()).unwrap();
    assert!(again.refuse_another(&Cx::quiet()).is_ok());
}

#[test]
fn every_commit_of_others_is_another_version() {
    let Some((server, database)) = served("") else { return };
    let store = open(&server.uri(&database)).unwrap();
    let version = || store.version(&Cx::quiet()).unwrap();
    let mut seen = vec![version()];
    assert_eq!(version(), seen[0], "our own questions change nothing");
    let (mut one, mut two) = (server.connect(&database), server.connect(&database));
    let insert = "insert into workflow_runs(name, platform) values ('a', 'b')";
    let mut late = one.transaction().unwrap();
    late.batch_execute(insert).unwrap();
    for deed in
        [insert, "update workflow_runs set name = 'x' where id = 1", "delete from workflow_runs where id = 1"]
    {
        two.batch_execute(deed).unwrap();
        assert!(!seen.contains(&version()), "{deed}");
        seen.push(version());
    }
    // It began before the others and is over behind them.
    late.commit().unwrap();
    assert!(!seen.contains(&version()));
}

#[test]
fn what_is_locked_is_waited_for_and_then_told() {
    let Some((server, database)) = served("") else { return };
    let mut other = server.connect(&database);
    let mut lock = other.transaction().unwrap();
    lock.batch_execute("lock table workflow_runs in access exclusive mode").unwrap();
    let ran = list(&server.uri(&database), &[], &["--wait", "1"]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    assert!(ran.err.contains("the database stayed busy for 1 s"), "{}", ran.err);
    lock.rollback().unwrap();
    assert_eq!(list(&server.uri(&database), &[], &[]).code, Some(0));
    // Long statements are ended by the server, here at once.
    let slow = format!("{}?options=-c%20statement_timeout%3D500", server.uri(&database));
    let address = ServerAddress::read(&slow, &|_| None).unwrap();
    let patience = Duration::from_secs(600);
    let store =
        PgStore::open(address, Options { patience, ..Options::default() }, &|_| None, &Cx::quiet()).unwrap();
    let mut lock = other.transaction().unwrap();
    lock.batch_execute("lock table workflow_runs in access exclusive mode").unwrap();
    assert_eq!(ids(&store).unwrap_err().kind(), ErrorKind::Busy);
    lock.rollback().unwrap();
}

#[test]
fn work_that_is_taken_back_ends_within_its_statement() {
    let Some((server, database)) = served("") else { return };
    let address = ServerAddress::read(&server.uri(&database), &|_| None).unwrap();
    let patience = Duration::from_secs(600);
    let store =
        PgStore::open(address, Options { patience, ..Options::default() }, &|_| None, &Cx::quiet()).unwrap();
    let mut other = server.connect(&database);
    let mut lock = other.transaction().unwrap();
    lock.batch_execute("lock table workflow_runs in access exclusive mode").unwrap();
    let cancel = Cancel::default();
    std::thread::scope(|scope| {
        let (flag, mut watcher) = (cancel.clone(), server.connect(&database));
        scope.spawn(move || {
            let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
            while watcher.query_one(waits, &[]).unwrap().get::<_, i64>(0) == 0 {}
            flag.cancel();
        });
        let asked = store.run_ids(IdPlace::Skip(0), Order::Ascending, 1, &Cx::unwatched(cancel.clone()));
        assert!(matches!(asked, Err(Error::Cancelled)), "{asked:?}");
    });
    // What is asked next is not ended in its place, and it is the same database still.
    assert!(store.refuse_another(&Cx::quiet()).is_ok());
    lock.rollback().unwrap();
    assert!(ids(&store).is_ok(), "the next one is not ended");
}

#[test]
fn a_network_that_loses_all_keeps_nobody() {
    let Some((server, database)) = served("") else { return };
    let proxy = Proxy::to(server.address());
    let uri = format!("postgresql://lab@{}/{database}", proxy.address);
    let (news, (tell, told)) = (LockNews::default(), mpsc::channel());
    news.hear(move |waits| tell.send(waits).unwrap());
    let (address, patience) = (ServerAddress::read(&uri, &|_| None).unwrap(), Duration::from_secs(600));
    let store = PgStore::open(
        address,
        Options { patience, lock_news: news, ..Options::default() },
        &|_| None,
        &Cx::quiet(),
    )
    .unwrap();
    let before = ids(&store).unwrap();
    proxy.set_mute(true);
    let cancel = Cancel::default();
    std::thread::scope(|scope| {
        let (flag, told) = (cancel.clone(), &told);
        let asks = scope.spawn(move || (store.version(&Cx::unwatched(flag)), store));
        assert!(told.recv().unwrap(), "that the server is waited for is said");
        cancel.cancel();
        let (asked, store) = asks.join().unwrap();
        assert!(matches!(asked, Err(Error::Cancelled)), "{asked:?}");
        assert!(!told.recv().unwrap(), "and that it is over");
        proxy.set_mute(false);
        assert_eq!(ids(&store).unwrap(), before);
    });
    // The command, by a signal.
    let proxy = Proxy::to(server.address());
    proxy.set_mute(true);
    let uri = format!("postgresql://lab@{}/{database}", proxy.address);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(["--db", &uri, "list"]).stdin(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    proxy.wait_for_lost_words();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_full_server_is_told() {
    let Some((server, database)) = served("-c max_connections=6 -c superuser_reserved_connections=0") else {
        return;
    };
    let connect = || postgres::Client::connect(&server.uri(&database), postgres::NoTls).ok();
    let taken: Vec<_> = std::iter::from_fn(connect).collect();
    let ran = list(&server.uri(&database), &[], &[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("all connections of the server are taken"), "{}", ran.err);
    drop(taken);
}

#[test]
fn passwords_are_found_and_never_shown() {
    let Some((server, database)) = served("") else { return };
    let mut admin = server.connect(&database);
    admin
        .batch_execute(
            "create role ann login password 'right:one'; grant select on all tables in schema public to ann",
        )
        .unwrap();
    server.allow("host all ann 127.0.0.1/32 scram-sha-256\nhost all lab 127.0.0.1/32 trust\n");
    let uri = server.uri(&database).replace("lab@", "ann@");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pass");
    let mut said = Vec::new();
    let mut ran = |uri: &str, variables: &[(&str, &str)], code: i32, words: &str| {
        let ran = list(uri, variables, &[]);
        assert_eq!(ran.code, Some(code), "{}", ran.err);
        assert!(ran.err.contains(words), "{}", ran.err);
        said.push(ran.err);
    };
    ran(&uri, &[], 1, "the server wants a password; put it into ~/.pgpass");
    ran(&uri.replace("ann@", "ann:wrong_one@"), &[], 1, "the password is wrong");
    ran(&uri.replace("ann@", "ann:right%3Aone@"), &[], 0, "others can see in the list of processes");
    ran(&uri, &[("PGPASSWORD", "right:one")], 0, "");
    fs::write(&file, "127.0.0.1:*:*:ann:right\\:one\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let pass = file.to_str().unwrap();
    ran(&uri, &[("PGPASSFILE", pass)], 0, "");
    fs::write(folder.path().join("services"), format!("[lab]\npassfile={pass}\n")).unwrap();
    let services = folder.path().join("services");
    let service = [("PGSERVICEFILE", services.to_str().unwrap())];
    ran(&format!("{uri}?service=lab"), &service, 0, "");
    ran(
        &uri.replace(&database, "none_such"),
        &[("PGPASSFILE", pass)],
        1,
        "the server has no database none_such",
    );
    for err in &said {
        assert!(!err.contains("wrong_one") && !err.contains("right"), "{err}");
    }
    // She may only look.
    let home = tempfile::tempdir().unwrap();
    let mut delete = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    delete
        .args(["--db", &uri, "delete", "5", "--yes"])
        .env_clear()
        .env("HOME", home.path())
        .env("PGPASSFILE", pass);
    let output = delete.stdin(Stdio::null()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && err.contains("user ann may not do that"), "{err}");
}

#[test]
fn certificates_are_looked_at_as_sslmode_says() {
    let certificates = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/certificates");
    let Some((server, database)) = served("") else { return };
    server.encrypt(&certificates.join("server.crt"), &certificates.join("server.key"));
    server.allow("hostssl all lab 127.0.0.1/32 trust\n");
    let ca = certificates.join("ca.crt");
    let other = certificates.join("other.crt");
    let named = server.uri(&database).replace("127.0.0.1", "localhost");
    let unnamed = server.uri(&database);
    let with = |uri: &str, mode: &str, root: Option<&Path>| {
        let root = root.map_or(String::new(), |root| format!("&sslrootcert={}", root.display()));
        list(&format!("{uri}?sslmode={mode}{root}"), &[], &[])
    };
    let not_encrypted = "no encrypted connection came about";
    for (uri, mode, root, words) in [
        (&unnamed, "prefer", None, None),
        (&unnamed, "require", None, None),
        (&unnamed, "verify-ca", Some(&ca), None),
        (&named, "verify-full", Some(&ca), None),
        (&unnamed, "disable", None, Some("from nowhere or not from here")),
        (&unnamed, "verify-full", Some(&ca), Some(not_encrypted)),
        (&unnamed, "verify-ca", Some(&other), Some(not_encrypted)),
        (&unnamed, "require", Some(&other), Some(not_encrypted)),
        (&named, "verify-full", None, Some("no file of authorities is named")),
    ] {
        let ran = with(uri, mode, root.map(std::path::PathBuf::as_path));
        let right =
            ran.code == Some(i32::from(words.is_some())) && ran.err.contains(words.unwrap_or_default());
        assert!(right, "{uri} {mode} {root:?}: {:?} {}", ran.code, ran.err);
    }
    // Those that the system trusts, which this variable names too.
    let system = format!("{named}?sslrootcert=system");
    for (uri, trusted, words) in [
        (&system, &ca, None),
        (&system.replace("localhost", "127.0.0.1"), &ca, Some(not_encrypted)),
        (&system, &other, Some(not_encrypted)),
        (&format!("{system}&sslmode=verify-full"), &ca, None),
        (&format!("{system}&sslmode=require"), &ca, Some("sslrootcert=system wants sslmode=verify-full")),
    ] {
        let ran = list(uri, &[("SSL_CERT_FILE", trusted.to_str().unwrap())], &[]);
        let right = (ran.code == Some(0)) == words.is_none() && ran.err.contains(words.unwrap_or_default());
        assert!(right, "{uri} {trusted:?}: {:?} {}", ran.code, ran.err);
    }
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    // Connections are taken by the system, and nobody reads them.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("postgresql://lab@{}/lab", mute.local_addr().unwrap());
    let ran = list(&format!("{uri}?connect_timeout=1"), &[], &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("the server does not answer within 1 s"), "{}", ran.err);
    let address = ServerAddress::read(&format!("{uri}?connect_timeout=0"), &|_| None).unwrap();
    let cancel = Cancel::default();
    std::thread::scope(|scope| {
        let (flag, mute) = (cancel.clone(), &mute);
        scope.spawn(move || {
            // The one before that was given up, and this one.
            let _connected = [mute.accept().unwrap(), mute.accept().unwrap()];
            flag.cancel();
        });
        let patience = Duration::from_secs(600);
        let cx = Cx::unwatched(cancel.clone());
        let opened = PgStore::open(address, Options { patience, ..Options::default() }, &|_| None, &cx);
        assert!(matches!(opened, Err(Error::Cancelled)));
    });
}

#[test]
fn a_lab_without_its_folder_says_so_and_shows_the_rest() {
    let Some((server, database)) = served("") else { return };
    let uri = server.uri(&database);
    let env = |name: &str| (name == "IVORYOS_DB_URI").then(|| uri.clone().into());
    let home = tempfile::tempdir().unwrap();
    let run = |words: &[&str], variable: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
        command.args(words).env_clear().env("HOME", home.path()).env(variable, &uri).current_dir(home.path());
        let output = command.stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for variable in ["IVORYOS_DB_URI", "DATABASE_URL"] {
        assert_eq!(run(&["show", "1"], variable).0, Some(0));
        let (code, err) = run(&["log", "1"], variable);
        assert!(code == Some(3) && err.contains("give --data FOLDER beside --db"), "{err}");
    }
    let lab = LabPlace::find(None, None, &env).unwrap();
    let lab = lab.open(Options::default(), false, wall_clock(), &|_| None, &Cx::quiet()).unwrap();
    assert!(lab.server().is_some_and(|name| name.ends_with(&format!("/{database}"))));
    server.connect(&database).batch_execute("drop table workflow_steps").unwrap();
    let (code, err) = run(&["list"], "IVORYOS_DB_URI");
    assert!(code == Some(1) && err.contains("this is no database of IvoryOS's records"), "{err}");
    let (_, err) = run(&["list"], "DATABASE_URL");
    assert!(err.contains("no ivoryos_data/ or ivoryos.db here"), "{err}");
}

#[test]
fn records_from_before_phases_are_called_by_their_name() {
    let Some(server) = Server::start() else { return };
    let old = "create table workflow_runs(id serial primary key, name varchar(128));
         create table workflow_steps(id serial primary key, workflow_id integer references workflow_runs);";
    // A newer IvoryOS makes the table of phases when it starts, and leaves the others as they are.
    for more in ["", "create table workflow_phases(id serial primary key, run_id integer)"] {
        let database = server.create(&format!("{old}{more}"));
        let ran = list(&server.uri(&database), &[], &[]);
        assert_eq!(ran.code, Some(1));
        let words =
            ["from before it had phases", "; name its ivoryos.db, or the database of a newer IvoryOS"];
        assert!(words.iter().all(|words| ran.err.contains(words)), "{}", ran.err);
    }
}
