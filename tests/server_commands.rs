//! Commands on records that a server has: marks, exports, deletes of many, watching, and what is said without the data folder.

#![cfg(all(unix, feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs,
    process::{Command, Stdio},
    sync::Arc,
};

use postgres::Client;

use common::{
    Ran, Set,
    server::Server,
    watching::{Watching, now},
};

const SET: &str = "postgres-1.7.2";

/// A copy of the set's database on a server, and the commands that know its data folder.
struct Served {
    server: Arc<Server>,
    database: String,
    set: Set,
}

impl Served {
    fn new() -> Option<Self> {
        Server::shared().map(Self::on)
    }

    fn on(server: Arc<Server>) -> Self {
        let database = server.of_set(Set::open(SET).folder());
        let set = Set::on_server(SET, server.uri(&database));
        Self { server, database, set }
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.set.run(args)
    }

    /// Its stdout, where it ended well.
    #[track_caller]
    fn said(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        String::from_utf8(ran.out).unwrap()
    }

    fn ids(&self, words: &str) -> Vec<String> {
        let said = self.said(&["list", "--filter", words, "--columns", "id", "--format", "csv"]);
        said.lines().skip(1).map(str::to_owned).collect()
    }

    fn client(&self) -> Client {
        self.server.connect(&self.database)
    }

    fn number(&self, sql: &str) -> i64 {
        self.client().query_one(sql, &[]).unwrap().get(0)
    }
}

#[test]
fn marks_are_given_listed_exported_and_taken_over() {
    let Some(lab) = Served::new() else { return };
    assert_eq!(
        lab.said(&["mark", "5", "9", "--star", "--verdict", "bad", "--tag", "pH-7"]),
        "marked 2 records\n"
    );
    assert_eq!(lab.said(&["mark", "9", "--note", "the pump\n\u{1b}[2J was dry"]), "marked 1 record\n");
    lab.said(&["mark", "--filter", "id<4", "--verdict", "check"]);
    for (words, ids) in [
        ("star:yes", &["9", "5"][..]),
        ("verdict:check", &["3", "2", "1"]),
        ("tag:ph-7 has:note", &["9"]),
        ("note:\"was dry\"", &["9"]),
    ] {
        assert_eq!(lab.ids(words), ids, "{words}");
    }
    assert!(
        lab.said(&["show", "9"]).contains("starred, bad, tags pH-7, a note:"),
        "{}",
        lab.said(&["show", "9"])
    );
    let all = lab.said(&["marks", "export"]);
    assert_eq!(all.lines().count(), 5);
    let file = lab.set.place();
    let file = file.path().join("marks.jsonl");
    fs::write(&file, &all).unwrap();
    // Somebody else, who has marked nothing.
    let other = Set::on_server(SET, lab.server.uri(&lab.database));
    let import = other.run(&["marks", "import", file.to_str().unwrap()]);
    assert_eq!(String::from_utf8_lossy(&import.out), "marks of 5 records, 5 changed\n", "{}", import.err);
    assert_eq!(other.run(&["marks", "export"]).out, all.as_bytes());
    // They stay with the lab, also when its server is another one: the address is its name.
    lab.said(&["mark", "9", "--unstar"]);
    assert_eq!(lab.ids("star:yes"), ["5"]);
}

#[test]
fn what_is_kept_of_records_on_a_server_is_not_shared() {
    let Some(lab) = Served::new() else { return };
    lab.said(&["mark", "5", "--star"]);
    for args in [&["share"][..], &["share", "--stop"]] {
        let ran = lab.run(args);
        assert!(
            ran.code == Some(1) && ran.err.contains("the records of this lab are on a server"),
            "{}",
            ran.err
        );
    }
    assert!(!lab.set.data().join(".ivorylens").exists());
    assert_eq!(lab.ids("star:yes"), ["5"]);
    let info = lab.said(&["info"]);
    let line = |name: &str| info.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(line("engine").contains(" PostgreSQL "), "{info}");
    assert!(line("database").ends_with(&lab.server.uri(&lab.database)), "{info}");
    assert!(line("logs").contains("ivoryos_data/logs (67 files"), "{info}");
    assert!(line("sharing").ends_with("what is kept of records on a server is not shared"), "{info}");
    assert!(line("records").ends_with(" 66") && line("marks").ends_with(" 1 record"), "{info}");
}

#[test]
fn many_records_are_exported_and_deleted_by_words() {
    let Some(lab) = Served::new() else { return };
    let place = lab.set.place();
    let (combined, folder) = (place.path().join("all.csv"), place.path().join("all"));
    lab.said(&["export", "--filter", "id<=4", "--combined", combined.to_str().unwrap()]);
    let text = fs::read_to_string(&combined).unwrap();
    let data = |id: &str| String::from_utf8(lab.run(&["data", id]).out).unwrap();
    let rows: usize = ["1", "2", "3"].map(|id| data(id).lines().count() - 1).iter().sum();
    assert!(text.lines().count() > rows, "{text}");
    let made = lab.said(&["export", "1", "2", "-o", folder.to_str().unwrap()]);
    assert_eq!(made.lines().count(), 2);
    let first = fs::read_dir(made.lines().next().unwrap()).unwrap();
    assert!(first.map(|file| file.unwrap().path()).any(|path| path.extension().is_some_and(|e| e == "log")));
    let failed = lab.ids("status:error");
    let (before, gone) = (lab.number("select count(*) from workflow_runs"), failed.len() as i64);
    assert!(gone > 3);
    let said = lab.said(&["delete", "--filter", "status:error", "--yes", "--force"]);
    assert!(said.contains(&format!("deleted {gone} records")), "{said}");
    assert_eq!(lab.number("select count(*) from workflow_runs"), before - gone);
    assert_eq!(lab.ids("status:error"), Vec::<String>::new());
    assert_eq!(lab.said(&["trash", "list", "--format", "jsonl"]).lines().count(), failed.len());
    assert_eq!(lab.said(&["restore", "--last"]).matches(" is back: ").count(), failed.len());
    assert_eq!(lab.ids("status:error"), failed);
}

#[test]
fn calls_by_hand_are_listed_searched_and_exported() {
    let Some(lab) = Served::new() else { return };
    let all = lab.said(&["calls", "--format", "jsonl"]);
    let count = lab.number("select count(*) from single_steps");
    assert_eq!(all.lines().count() as i64, count);
    let mut kwargs =
        lab.client().query("select kwargs::text from single_steps order by id desc", &[]).unwrap();
    for (line, row) in all.lines().zip(kwargs.drain(..)) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let stored: serde_json::Value = serde_json::from_str(row.get(0)).unwrap();
        assert!(line.as_object().unwrap().values().any(|value| *value == stored), "{line} {stored}");
    }
    let sql = "select count(*) from single_steps where start_time >= '2026-11-26 23:08:37'";
    let later = lab.said(&["calls", "--format", "csv", "--since", "2026-11-26T23:08:37"]);
    assert_eq!(later.lines().count() as i64 - 1, lab.number(sql), "{later}");
}

/// A record as IvoryOS begins it, each row in a commit of its own.
fn begin(client: &mut Client, name: &str) -> i64 {
    let time = now();
    let sql = "insert into workflow_runs(name, platform, start_time, repeat_mode, submitted_by, events) \
               values ($1, 'deck', $2::text::timestamp, 'repeat', 'ann', 'null') returning id::int8";
    let run: i64 = client.query_one(sql, &[&name, &time]).unwrap().get(0);
    let sql = "insert into workflow_phases(run_id, name, repeat_index, start_time, parameters, outputs, error) \
               values ($1::int8, 'main', 1, $2::text::timestamp, 'null', 'null', 'null')";
    client.execute(sql, &[&run, &time]).unwrap();
    let sql = "insert into workflow_steps(phase_id, step_index, method_name, start_time, run_error, output) \
               select max(id), 1, 'stir', $1::text::timestamp, false, '{}' from workflow_phases";
    client.execute(sql, &[&time]).unwrap();
    run
}

fn end(client: &mut Client, run: i64, status: &str) {
    let sql = "update workflow_runs set end_time = $1::text::timestamp, status = $2 where id = $3::int8";
    client.execute(sql, &[&now(), &status, &run]).unwrap();
}

#[test]
fn a_lab_on_a_server_is_watched() {
    // It is killed: no other test has it.
    let Some(server) = Server::start() else { return };
    let lab = Served::on(Arc::new(server));
    let uri = lab.server.uri(&lab.database);
    let watching = Watching::start(&lab.set.data(), &["--db", &uri]);
    let mut client = lab.client();
    let run = begin(&mut client, "dye");
    assert_eq!(watching.said(), format!("#{run} dye started"));
    // One that ends a record while another one begins.
    let until = Watching::start(&lab.set.data(), &["--db", &uri, "--until-end", &run.to_string()]);
    let failed = "update workflow_steps set run_error = true, end_time = $1::text::timestamp \
                  where id = (select max(id) from workflow_steps)";
    client.execute(failed, &[&now()]).unwrap();
    let told = watching.said();
    assert!(told.starts_with(&format!("#{run} dye failed: iteration 1, step 1 stir")), "{told}");
    end(&mut client, run, "error");
    assert_eq!(watching.said(), format!("#{run} dye ended with an error, iteration 1"));
    assert_eq!(until.end().0, Some(5));
    // The server is killed and comes back: what happened meanwhile is told.
    lab.server.halt();
    lab.server.resume();
    let mut client = lab.client();
    let next = begin(&mut client, "salt");
    assert_eq!(watching.said(), format!("#{next} salt started"));
    end(&mut client, next, "completed");
    assert_eq!(watching.said(), format!("#{next} salt completed"));
    watching.signal("INT");
    assert_eq!(watching.end(), (Some(130), Vec::new()));
}

/// Which commands need the folder, and what each says without it.
#[test]
fn without_the_data_folder_each_answer_that_lacks_it_says_so() {
    let Some(lab) = Served::new() else { return };
    let (uri, home) = (lab.server.uri(&lab.database), tempfile::tempdir().unwrap());
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
        command.args(["--db", &uri]).args(words).env_clear().env("HOME", home.path());
        let output = command.current_dir(home.path()).stdin(Stdio::null()).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
        (output.status.code(), out, err)
    };
    let says = "logs and results are in the data folder of the lab PC, which is not named; give --data FOLDER beside --db";
    for words in [&["log", "1"][..], &["file", "x.csv"], &["plots", "1"], &["plots", "1", "--json"]] {
        let (code, out, err) = run(words);
        assert!(code == Some(3) && out.is_empty() && err.contains(says), "{words:?}: {err}");
    }
    for words in [&["why", "5"][..], &["why", "5", "--json"], &["export", "1", "-o", "all"]] {
        let (code, out, err) = run(words);
        assert!(code == Some(0) && !out.is_empty() && err.contains(says), "{words:?}: {err}");
    }
    for words in [
        &["show", "5"][..],
        &["map", "5"],
        &["steps", "5"],
        &["list"],
        &["calls"],
        &["delete", "5", "--dry-run"],
    ] {
        let (code, out, err) = run(words);
        assert!(code == Some(0) && !out.is_empty() && !err.contains(says), "{words:?}: {err}");
    }
    let info = run(&["info"]).1;
    assert_eq!(info.matches("no data folder is named; give --data FOLDER beside --db").count(), 2, "{info}");
    let json: serde_json::Value = serde_json::from_str(&run(&["info", "--json"]).1).unwrap();
    assert!(json["logs"].is_null() && json["results"].is_null() && json["records"] == 66, "{json}");
    // Nothing was made of an address taken for a path.
    let there: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        there.iter().all(|name| ["all", ".local", ".cache", ".config"].iter().any(|known| name == known)),
        "{there:?}"
    );
}
