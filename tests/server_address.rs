//! Which lab is meant where an address, a path, a folder that is found and variables name several.

#![cfg(all(unix, feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use common::{NEW, Set, server::Server};

struct Said {
    code: Option<i32>,
    /// What `info` says the database and the logs are.
    database: String,
    logs: String,
    err: String,
}

fn info(here: &Path, args: &[&str], variables: &[(&str, &str)]) -> Said {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(args).arg("info").env_clear().env("HOME", home.path()).envs(variables.iter().copied());
    let output = command.current_dir(here).stdin(Stdio::null()).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
    let line = |name: &str| {
        let line = out.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    Said { code: output.status.code(), database: line("database"), logs: line("logs"), err }
}

#[test]
fn an_address_goes_before_a_path_a_path_before_a_found_folder_and_that_before_variables() {
    let Some(server) = Server::shared() else { return };
    let dump = fs::read_to_string(Set::open("postgres-1.7.2").folder().join("dump.sql")).unwrap();
    let [one, two] = [(), ()].map(|()| server.uri(&server.create(&dump)));
    let set = Set::open(NEW);
    let data = set.copy();
    let (beside, file) = (data.parent().unwrap(), data.join("ivoryos.db"));
    let (folder, file) = (data.to_str().unwrap(), file.to_str().unwrap());
    let nowhere = set.place();
    let nowhere = nowhere.path();
    let (own, shared, ours) = ("IVORYOS_DB_URI", "DATABASE_URL", "IVORYLENS_DATA");
    let (of_file, with_driver) =
        (format!("sqlite:///{file}"), one.replace("postgresql:", "postgresql+psycopg2:"));
    // The lab PC's folder where the records are on a server: logs and results alone.
    let files = set.place();
    let alone = files.path().join("ivoryos_data");
    fs::create_dir_all(alone.join("logs")).unwrap();
    let (files, alone) = (files.path(), alone.to_str().unwrap());
    let none = "no data folder is named";
    for (what, here, args, variables, database, logs) in [
        ("--db", nowhere, &["--db", &one][..], &[(own, &two[..])][..], &one[..], none),
        ("--db before a path", nowhere, &["--db", &one, "--data", folder], &[], &one, "/logs ("),
        ("--db before a found folder", beside, &["--db", &one], &[], &one, none),
        ("--db with our own variable", nowhere, &["--db", &one], &[(ours, folder)], &one, "/logs ("),
        ("a driver", nowhere, &["--db", &with_driver], &[], &one, none),
        ("--db with sqlite", nowhere, &["--db", &of_file], &[(own, &one)], file, "/logs ("),
        ("a path", nowhere, &["--data", folder], &[(own, &one), (shared, &two)], file, "/logs ("),
        ("a found folder", beside, &[], &[(own, &one), (shared, &two)], "ivoryos_data/ivoryos.db", "/logs ("),
        ("our own variable", nowhere, &[], &[(ours, folder), (own, &one)], file, "/logs ("),
        ("IvoryOS's", nowhere, &[], &[(own, &one), (shared, &two)], &one, none),
        ("IvoryOS's with a driver", nowhere, &[], &[(own, &with_driver)], &one, none),
        ("IvoryOS's with sqlite", nowhere, &[], &[(own, &of_file), (shared, &two)], file, "/logs ("),
        ("the shared one", nowhere, &[], &[(own, ""), (ours, ""), (shared, &two)], &two, none),
        ("a path to files alone", nowhere, &["--data", alone], &[(own, &one)], &one, "/logs ("),
        ("a found folder of files alone", files, &[], &[(own, &one)], &one, "/logs ("),
        ("the same with the shared one", files, &[], &[(shared, &two)], &two, "/logs ("),
        ("our own variable to files alone", nowhere, &[], &[(ours, alone), (own, &one)], &one, "/logs ("),
    ] {
        let said = info(here, args, variables);
        assert_eq!(said.code, Some(0), "{what}: {}", said.err);
        let is_it = said.database == database || said.database.contains(&format!("{database} ("));
        assert!(is_it && said.logs.contains(logs), "{what}: {} {}", said.database, said.logs);
    }
}

#[test]
fn what_is_no_address_is_told_without_its_password() {
    let nowhere = tempfile::tempdir().unwrap();
    let (own, shared) = ("IVORYOS_DB_URI", "DATABASE_URL");
    let mysql = "mysql+pymysql://ann:secret@host/base";
    for (args, variables, code, words) in [
        (&["--db", mysql][..], &[][..], 2, "a MySQL database, which ivorylens can't read"),
        (&[], &[(own, mysql)], 2, "a MySQL database, which ivorylens can't read"),
        // Another program's.
        (&[], &[(shared, mysql)], 1, "no ivoryos_data/ or ivoryos.db here"),
        (&[], &[(shared, "sqlite:///other.db")], 1, "no ivoryos_data/ or ivoryos.db here"),
        (&["--db", "some/folder"], &[], 2, "this is no address of a database"),
        (&["--db", "sqlite:///none.db"], &[], 1, "none.db"),
        (
            &["--db", "postgresql://ann:secret@host:port/base"],
            &[],
            2,
            "the address of the database can't be used",
        ),
        (&["--db", "postgresql://ann@127.0.0.1:1/base"], &[], 1, "the server can't be reached"),
    ] {
        let said = info(nowhere.path(), args, variables);
        assert!(
            said.code == Some(code) && said.err.contains(words),
            "{args:?} {variables:?}: {:?} {}",
            said.code,
            said.err
        );
        assert!(!said.err.contains("secret"), "{}", said.err);
    }
}
