//! Every command against what IvoryOS answered for each record of the reference sets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::fs;

use ivorylens::model::value::{Dict, Text, Value};

use common::{Set, check_all, sha256::sha256, text};

/// One test for each set in which IvoryOS's answers are known.
macro_rules! for_each_set {
    ($($check:ident)*) => {$(
        mod $check {
            #[test]
            fn ivoryos_1_7_2() {
                super::checks::$check(&super::Set::open("ivoryos-1.7.2"));
            }

            #[test]
            fn ivoryos_1_4_0() {
                super::checks::$check(&super::Set::open("ivoryos-1.4.0"));
            }

            #[test]
            fn odd() {
                super::checks::$check(&super::Set::open("odd"));
            }
        }
    )*};
}

for_each_set!(list records record view steps data plot log plots file delete);

/// IvoryOS on PostgreSQL, and a server of this test's own.
#[cfg(all(unix, feature = "postgres"))]
mod on_a_server {
    use super::{Set, checks, common::server::Server};

    const SET: &str = "postgres-1.7.2";

    #[test]
    fn every_command_answers_as_ivoryos_does() {
        let Some(server) = Server::start() else { return };
        let base = server.of_set(Set::open(SET).folder());
        let set = Set::on_server(SET, server.uri(&server.copy(&base)));
        std::thread::scope(|scope| {
            scope.spawn(|| checks::delete_on_server(&server, SET, &base));
            [
                checks::list,
                checks::records,
                checks::record,
                checks::view,
                checks::steps,
                checks::data,
                checks::plot,
                checks::log,
                checks::plots,
                checks::file,
            ]
            .iter()
            .for_each(|check| check(&set));
        });
    }
}

fn status(answers: &Dict, kind: &str) -> Option<i64> {
    let answer = answers.get(kind)?.dict()?;
    match answer.get("status")? {
        Value::Int(status) if answer.get("raises").is_none() => Some(*status),
        _ => None,
    }
}

fn as_list(found: Option<String>, what: &str) -> Vec<String> {
    found.map(|difference| format!("{what}: {difference}")).into_iter().collect()
}

mod checks {
    use super::*;

    pub fn list(set: &Set) {
        let cases = set.expected_json("list.json");
        let wanted = |case: &&Value| {
            let case = case.dict().unwrap();
            case.get("status") == Some(&Value::Int(200))
                && case.get("sort_by").map(text).as_deref() != Some("nonsense")
        };
        let cases: Vec<&Value> = cases.list().unwrap().iter().filter(wanted).collect();
        check_all(&cases, |case| list_case(set, case.dict().unwrap()));
    }

    fn list_case(set: &Set, case: &Dict) -> Vec<String> {
        let given = |key: &str| case.get(key).filter(|value| **value != Value::Null).map(text);
        // IvoryOS takes another page size as 10
        let per_page = given("per_page").filter(|n| ["10", "20", "50"].contains(&n.as_str()));
        let mut args = vec![
            "list".to_owned(),
            "--format=jsonl".to_owned(),
            format!("--page={}", given("page").unwrap_or_else(|| "1".into())),
            format!("--per-page={}", per_page.unwrap_or_else(|| "10".into())),
        ];
        args.extend(given("keyword").map(|word| format!("--keyword={word}")));
        args.extend(given("sort_by").filter(|key| !key.is_empty()).map(|key| format!("--sort={key}")));
        args.extend(given("order").filter(|order| !order.is_empty()).map(|order| format!("--order={order}")));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let ran = set.run(&args);
        let lines = String::from_utf8(ran.out.clone()).unwrap();
        let id = |line: &str| match ivorylens::model::json::read(line.as_bytes()) {
            Ok(Value::Dict(record)) => record.get("id").cloned().unwrap_or(Value::Null),
            _ => panic!("{args:?}: {line:?} is no object"),
        };
        let got: Vec<Value> = lines.lines().map(id).collect();
        let want = case.get("ids").and_then(Value::list).unwrap();
        let right = ran.code == Some(0) && (got == want || is_as_good(set, &given, &got, want));
        as_list((!right).then(|| format!("want {want:?} got {got:?}, {}", ran.ended())), &format!("{args:?}"))
    }

    /// IvoryOS leaves the order of equal keys to the server: the same keys stand in the same places, and no record twice.
    fn is_as_good(set: &Set, given: &dyn Fn(&str) -> Option<String>, got: &[Value], want: &[Value]) -> bool {
        let Some(column) = given("sort_by").filter(|_| set.is_on_server()) else { return false };
        let records = set.expected_json("records.json");
        let records = records.dict().unwrap().get("workflow_data").and_then(Value::dict).unwrap();
        let key = |id: &Value| records.get(&text(id)).and_then(Value::dict)?.get(&column).cloned();
        let twice = (1..got.len()).any(|n| got[..n].contains(&got[n]));
        !twice && got.iter().map(key).eq(want.iter().map(key))
    }

    pub fn records(set: &Set) {
        let ran = set.run(&["list", "--format", "json"]);
        assert_eq!(ran.differs_from_json(&set.expected_json("records.json")), None);
    }

    /// `command` prints what `kind` expects, and refuses with 3 where IvoryOS answers 404.
    fn json(
        set: &Set,
        kind: &str,
        answer: &str,
        command: impl Fn(&str) -> Vec<String> + Sync,
        refusals: &[i32],
    ) {
        check_all(&set.index(), |(id, answers)| {
            let args = command(id);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let found = match status(answers, answer) {
                None => return Vec::new(),
                Some(200) => {
                    let want = settled(set.expected_json(&format!("{kind}/{id}.json")));
                    set.run(&args).differs_from_json(&want)
                }
                Some(_) => set.run(&args).should_refuse(refusals),
            };
            as_list(found, &args.join(" "))
        });
    }

    /// Steps of one step_index come in any order from a server; ours by id.
    fn settled(value: Value) -> Value {
        let number = |step: &Value, key: &str| match step.dict().and_then(|step| step.get(key)) {
            Some(Value::Int(number)) => *number,
            _ => i64::MIN,
        };
        let entry = |(key, value): (Text, Value)| {
            let is_steps = key.as_str() == Some("steps");
            let value = match settled(value) {
                Value::List(mut steps) if is_steps => {
                    steps.sort_by_key(|step| (number(step, "step_index"), number(step, "id")));
                    Value::List(steps)
                }
                other => other,
            };
            (key, value)
        };
        match value {
            Value::Dict(dict) => {
                Value::Dict(Dict::from_entries(dict.into_entries().into_iter().map(entry).collect()))
            }
            Value::List(all) => Value::List(all.into_iter().map(settled).collect()),
            other => other,
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    pub fn record(set: &Set) {
        json(set, "record", "record", |id| words(&["show", id, "--json"]), &[3]);
    }

    pub fn view(set: &Set) {
        json(set, "view", "record", |id| words(&["show", id, "--view"]), &[3]);
    }

    pub fn plot(set: &Set) {
        // IvoryOS answers {} for a record that is not there; the command says so
        json(set, "plot", "record", |id| words(&["plot", id, "--json"]), &[3]);
    }

    pub fn plots(set: &Set) {
        json(set, "optimizer", "optimizer", |id| words(&["plots", id, "--json"]), &[3, 1]);
    }

    pub fn steps(set: &Set) {
        csv(set, "steps");
    }

    pub fn data(set: &Set) {
        csv(set, "data");
    }

    /// The bytes on stdout, and with `-O` the same in a file of IvoryOS's own name.
    fn csv(set: &Set, kind: &str) {
        check_all(&set.index(), |(id, answers)| {
            let what = format!("{kind} {id}");
            match status(answers, kind) {
                None => Vec::new(),
                Some(200) => {
                    let want = fs::read(set.expected(&format!("{kind}/{id}.csv"))).unwrap();
                    let mut found = as_list(set.run(&[kind, id]).differs_from_bytes(&want), &what);
                    let file = answers.get(kind).and_then(Value::dict).and_then(|answer| answer.get("file"));
                    if let Some(name @ Value::Str(_)) = file {
                        found.extend(as_list(
                            own_name(set, kind, id, &text(name), &want),
                            &format!("{what} -O"),
                        ));
                    }
                    found
                }
                Some(_) => as_list(set.run(&[kind, id]).should_refuse(&[3]), &what),
            }
        });
    }

    fn own_name(set: &Set, kind: &str, id: &str, name: &str, want: &[u8]) -> Option<String> {
        let place = set.place();
        let ran = set.run_in(place.path(), &set.data(), &[kind, id, "-O"]);
        let names: Vec<String> = fs::read_dir(place.path())
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .collect();
        if names != [name] {
            return Some(format!("want the file {name:?} got {names:?}, {}", ran.ended()));
        }
        (fs::read(place.path().join(name)).unwrap() != want).then(|| "other bytes than on stdout".to_owned())
    }

    pub fn log(set: &Set) {
        check_all(&set.index(), |(id, answers)| {
            let ran = set.run(&["log", id]);
            let found = match status(answers, "log") {
                None => None,
                Some(200) => {
                    let want = fs::read_to_string(set.expected(&format!("log/{id}.sha256"))).unwrap();
                    let right = ran.code == Some(0) && sha256(&ran.out) == want.trim();
                    (!right).then(|| format!("{} other bytes, {}", ran.out.len(), ran.ended()))
                }
                Some(_) => ran.should_refuse(&[3]),
            };
            as_list(found, &format!("log {id}"))
        });
    }

    pub fn file(set: &Set) {
        let Value::Dict(files) = set.expected_json("files.json") else { panic!("files.json is no dict") };
        let files: Vec<(String, String)> = files
            .iter()
            .map(|(name, answer)| {
                (name.lossy().into_owned(), answer.dict().and_then(|a| a.get("sha256")).map(text).unwrap())
            })
            .collect();
        check_all(&files, |(name, want)| {
            let ran = set.run(&["file", name]);
            let right = ran.code == Some(0) && sha256(&ran.out) == *want;
            as_list((!right).then(|| ran.ended()), &format!("file {name:?}"))
        });
        let outside =
            ["../ivoryos.db", "/etc/hostname", "..\\ivoryos.db", "nothing.csv", "a/../../ivoryos.db", ""];
        check_all(&outside, |name| {
            as_list(set.run(&["file", name]).should_refuse(&[1, 2, 3]), &format!("file {name:?}"))
        });
    }

    pub fn delete(set: &Set) {
        let copy = set.copy();
        let db = || rusqlite::Connection::open(copy.join("ivoryos.db")).unwrap();
        let counts = || {
            ["workflow_runs", "workflow_phases", "workflow_steps"].map(|table| {
                db().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
                    .unwrap()
            })
        };
        let run = |args: &[&str]| set.run_in(&copy, &copy, args);
        let Value::Dict(deletes) = set.expected_json("delete.json") else { panic!("delete.json is no dict") };
        let before = counts();
        let first = deletes.iter().next().unwrap().0.lossy().into_owned();
        assert_eq!(run(&["delete", &first]).code, Some(2), "without a terminal and without --yes");
        assert_eq!(counts(), before);
        assert_eq!(run(&["delete", &first, "--dry-run"]).code, Some(0));
        assert_eq!(counts(), before, "a dry run changes nothing");
        for (id, answer) in deletes.iter() {
            let (id, answer) = (id.lossy(), answer.dict().unwrap());
            let after = answer.get("after").and_then(Value::dict);
            let Some(after) = after else {
                assert_eq!(run(&["delete", "987654", "--yes"]).should_refuse(&[3]), None);
                continue;
            };
            let mut ran = run(&["delete", &id, "--yes"]);
            // the newest record without an end may be running, which the message must say how to answer
            if ran.code == Some(1) && ran.err.contains("--force") {
                ran = run(&["delete", &id, "--yes", "--force"]);
            }
            assert_eq!(ran.code, Some(0), "delete {id}: {}", ran.ended());
            let want =
                ["workflow_runs", "workflow_phases", "workflow_steps"].map(|table| after.get(table).cloned());
            assert_eq!(counts().map(|n| Some(Value::Int(n))), want, "after delete {id}");
        }
        let sound = |sql: &str| db().query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(sound("PRAGMA integrity_check"), "ok");
        assert_eq!(sound("SELECT count(*) || '' FROM pragma_foreign_key_check"), "0");
    }

    /// Each delete in a database of its own.
    #[cfg(all(unix, feature = "postgres"))]
    pub fn delete_on_server(server: &common::server::Server, name: &str, base: &str) {
        let tables = ["workflow_runs", "workflow_phases", "workflow_steps"];
        let count = |database: &str| {
            let mut client = server.connect(database);
            tables.map(|table| {
                let row = client.query_one(&format!("select count(*) from {table}"), &[]).unwrap();
                row.get::<_, i64>(0)
            })
        };
        let before = count(base);
        let expected = Set::open(name).expected_json("delete.json");
        for (at, (id, answer)) in expected.dict().unwrap().iter().enumerate() {
            let (id, database) = (id.lossy(), server.copy(base));
            let set = Set::on_server(name, server.uri(&database));
            let of = |key: &str| answer.dict()?.get(key)?.dict().cloned();
            let (Some(had), Some(has)) = (of("before"), of("after")) else {
                assert_eq!(set.run(&["delete", "987654", "--yes"]).should_refuse(&[3]), None);
                assert_eq!(count(&database), before);
                continue;
            };
            if at == 0 {
                assert_eq!(set.run(&["delete", &id]).code, Some(2), "without a terminal and without --yes");
                assert_eq!(set.run(&["delete", &id, "--dry-run"]).code, Some(0));
                assert_eq!(count(&database), before, "nothing is changed");
            }
            let ran = set.run(&["delete", &id, "--yes", "--force"]);
            assert_eq!(ran.code, Some(0), "delete {id}: {}", ran.ended());
            let number = |dict: &Dict, table: &str| match dict.get(table) {
                Some(Value::Int(number)) => *number,
                other => panic!("{other:?}"),
            };
            let mut want = before;
            for (want, table) in want.iter_mut().zip(tables) {
                *want += number(&has, table) - number(&had, table);
            }
            assert_eq!(count(&database), want, "after delete {id}");
            let back = set.run(&["restore", "--last"]);
            assert_eq!(back.code, Some(0), "restore {id}: {}", back.ended());
            assert_eq!(contents(server, &database), contents(server, base), "restore {id}");
        }
    }

    /// All rows of records with all their columns, as the server writes them.
    #[cfg(all(unix, feature = "postgres"))]
    fn contents(server: &common::server::Server, database: &str) -> Vec<String> {
        let mut client = server.connect(database);
        let mut all = Vec::new();
        for table in ["workflow_runs", "workflow_phases", "workflow_steps"] {
            let rows = client.query(&format!("select t::text from {table} t order by id"), &[]).unwrap();
            all.extend(rows.iter().map(|row| row.get::<_, String>(0)));
        }
        all
    }
}

/// From before phases existed: every record is listed and shown with all of its steps.
#[test]
fn ivoryos_1_2_5_lists_and_shows_everything() {
    let set = Set::open("ivoryos-1.2.5");
    let uri = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let db = rusqlite::Connection::open_with_flags(set.data().join("ivoryos.db"), uri).unwrap();
    let sql = "SELECT r.id, count(s.id) FROM workflow_runs r LEFT JOIN workflow_steps s ON s.workflow_id = r.id GROUP BY r.id ORDER BY r.id DESC";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
    let records: Vec<(i64, i64)> = rows.unwrap().map(Result::unwrap).collect();
    let listed = String::from_utf8(set.run(&["list", "--format=jsonl"]).out).unwrap();
    let ids: Vec<Value> = listed
        .lines()
        .map(|line| {
            ivorylens::model::json::read(line.as_bytes()).unwrap().dict().unwrap().get("id").cloned().unwrap()
        })
        .collect();
    assert_eq!(ids, records.iter().map(|(id, _)| Value::Int(*id)).collect::<Vec<_>>());
    check_all(&records, |(id, steps)| {
        let id = id.to_string();
        let shown = set.run(&["show", &id]);
        let json = set.run(&["show", &id, "--json"]);
        let got = ivorylens::model::json::read(&json.out).map_or(0, |value| count_steps(&value));
        let right =
            shown.code == Some(0) && !shown.out.is_empty() && json.code == Some(0) && got as i64 == *steps;
        as_list(
            (!right).then(|| format!("{steps} steps, shown {got}, {}", shown.ended())),
            &format!("show {id}"),
        )
    });
}

/// All steps below `value`.
fn count_steps(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(count_steps).sum(),
        Value::Dict(entries) => entries
            .iter()
            .map(|(key, value)| match value {
                Value::List(steps) if key.lossy() == "steps" => steps.len(),
                other => count_steps(other),
            })
            .sum(),
        _ => 0,
    }
}

#[test]
fn sums_are_those_of_sha_256() {
    assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(sha256(&[b'a'; 119]), "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb");
}
