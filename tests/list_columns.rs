//! `list --columns`: exactly the columns that are named, for scripts and for people.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{collections::HashMap, path::Path};

use rusqlite::{Connection, OpenFlags, types::Value as Cell};
use serde_json::Value;

use common::{NEW, Set, lab::server};

const SETS: [&str; 4] = [NEW, "ivoryos-1.4.0", "ivoryos-1.2.5", "odd"];
const ALL: &str = "id,name,platform,start_time,end_time,data_path,repeat_mode,status,submitted_by,outcome,state,iter,\
                   steps,failed,err,took";

fn out(set: &Set, words: &[&str]) -> String {
    out_of(set, &set.data(), words)
}

fn out_of(set: &Set, data: &Path, words: &[&str]) -> String {
    let ran = set.run_in(data, data, words);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{words:?}");
    String::from_utf8(ran.out).unwrap()
}

fn json_lines(text: &str) -> Vec<serde_json::Map<String, Value>> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Of each record its steps and those that failed, by a plain statement.
fn steps(data: &Path) -> HashMap<i64, (i64, i64)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let file = Connection::open_with_flags(data.join("ivoryos.db"), flags).unwrap();
    let joined = match file.prepare("SELECT 1 FROM workflow_phases") {
        Ok(_) => {
            "LEFT JOIN workflow_phases p ON p.run_id = r.id LEFT JOIN workflow_steps s ON s.phase_id = p.id"
        }
        Err(_) => "LEFT JOIN workflow_steps s ON s.workflow_id = r.id",
    };
    let sql = format!(
        "SELECT r.id, count(s.id), coalesce(sum(s.run_error), 0) FROM workflow_runs r {joined} GROUP BY r.id"
    );
    let mut statement = file.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What the list has without a choice is the same with one; the counts are those of plain statements.
#[test]
fn values_are_those_of_the_whole_list() {
    for name in SETS {
        let set = Set::open(name);
        let whole = json_lines(&out(&set, &["list", "--format", "jsonl"]));
        let chosen = json_lines(&out(&set, &["list", "--format", "jsonl", "--columns", ALL]));
        let counted = steps(&set.data());
        assert_eq!(whole.len(), chosen.len(), "{name}");
        for (whole, chosen) in whole.iter().zip(&chosen) {
            assert_eq!(chosen.keys().cloned().collect::<Vec<_>>().join(","), ALL, "{name}");
            for (key, value) in chosen {
                assert!(whole.get(key).is_none_or(|known| known == value), "{name} {key}: {chosen:?}");
            }
            let number = |key: &str| chosen[key].as_i64().unwrap();
            assert_eq!((number("steps"), number("failed")), counted[&number("id")], "{name} {chosen:?}");
            assert!(number("err") >= number("failed"), "{name} {chosen:?}");
            let ended = !whole["end_time"].is_null() && !whole["start_time"].is_null();
            assert!(chosen["took"].is_f64() == ended || name == "odd", "{name} {chosen:?}");
        }
        // The same in CSV, with nothing where JSON has null.
        let table = out(&set, &["list", "--format", "csv", "--columns", ALL]);
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), ALL);
        for (row, chosen) in reader.records().zip(&chosen) {
            for (cell, value) in row.unwrap().iter().zip(chosen.values()) {
                let want = match value {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(cell, want, "{name}");
            }
        }
    }
}

#[test]
fn columns_come_in_the_order_in_which_they_are_named() {
    let set = Set::open(NEW);
    let page = ["--per-page", "3", "--keyword", "csv_with_bad", "--columns"];
    let run = |format: &str, columns: &str| {
        out(&set, &[&["list", "--format", format][..], &page[..], &[columns][..]].concat())
    };
    assert_eq!(run("csv", "steps,id,failed,status"), "steps,id,failed,status\n6,13,0,completed\n");
    assert_eq!(run("tsv", "outcome,iter,err"), "outcome\titer\terr\ncompleted\t4\t2\n");
    assert_eq!(run("jsonl", "name,id,data_path"), {
        let row = &json_lines(&out(&set, &["list", "--format", "jsonl", "--keyword", "csv_with_bad"]))[0];
        format!("{{\"name\": \"csv_with_bad_rows\", \"id\": 13, \"data_path\": {}}}\n", row["data_path"])
    });
    assert_eq!(
        run("table", "outcome,id,repeat_mode,steps,took"),
        "outcome    id  repeat_mode  steps   took\nCompleted  13  batch            6  0.1 s\n"
    );
    let twice =
        out(&set, &["list", "--format", "csv", "--columns", "id", "--columns", "name", "--keyword", "csv_w"]);
    assert_eq!(twice, "id,name\n13,csv_with_bad_rows\n");
    // A state, and what is not there.
    let open =
        out(&set, &["list", "--format", "csv", "--keyword", "killed", "--columns", "id,state,end_time,took"]);
    assert_eq!(open, "id,state,end_time,took\n59,died,,\n");
}

/// More than are counted at once, sorted by a column that is not shown.
#[test]
fn many_records_are_counted_in_pieces() {
    let set = Set::open(NEW);
    let data = set.copy();
    let file = server(&data);
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5200) \
                INSERT INTO workflow_runs(name, platform) SELECT 'more', 'zzz' FROM n";
    file.execute_batch(many).unwrap();
    let counted = steps(&data);
    let table = out_of(
        &set,
        &data,
        &["list", "--format", "tsv", "--sort", "platform", "--columns", "id,steps,failed"],
    );
    let rows: Vec<Vec<i64>> = table
        .lines()
        .skip(1)
        .map(|line| line.split('\t').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert_eq!(rows.len(), counted.len());
    for row in &rows {
        assert_eq!((row[1], row[2]), counted[&row[0]], "{row:?}");
    }
    assert_eq!(rows.first().map(|row| row[0]), Some(62), "of equal decks the lowest id");
}

#[test]
fn what_cannot_be_named_is_said() {
    let set = Set::open(NEW);
    for (words, said) in [
        (&["--columns", "id,stats"][..], "did you mean status?"),
        (&["--columns", "id,stats"], "'stats'"),
        (&["--columns", "deck"], "did you mean platform?"),
        (&["--columns", "qqq"], "no such column; there are id, name, platform"),
        (&["--columns", "id,"], "there is no such column"),
        (&["--columns", "id,tag"], "did you mean tags?"),
        (&["--columns", "id,name,id"], "--columns names id twice"),
        (&["--columns", "id", "--format", "json"], "IvoryOS's own route"),
    ] {
        let ran = set.run(&[&["list"], words].concat());
        assert_eq!(ran.code, Some(2), "{words:?}: {}", ran.err);
        assert!(ran.out.is_empty() && ran.err.contains(said), "{words:?}: {}", ran.err);
    }
}

#[test]
fn completions_help_and_the_manual_know_them() {
    let set = Set::open(NEW);
    let bash = out(&set, &["completions", "bash"]);
    assert!(
        bash.contains("--columns")
            && bash.contains(
                "submitted_by outcome state iter steps failed err took star verdict tags note unread"
            )
    );
    assert!(out(&set, &["list", "--help"]).contains("--columns <NAME,...>"));
    assert!(out(&set, &["man", "list"]).contains("columns"));
}

/// The file's own order of texts in each direction, as a plain statement has it.
#[test]
fn sorting_takes_what_is_shown() {
    let set = Set::open("odd");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let file = Connection::open_with_flags(set.data().join("ivoryos.db"), flags).unwrap();
    for column in ["platform", "repeat_mode", "status"] {
        for order in ["asc", "desc"] {
            let sql = format!("SELECT id FROM workflow_runs ORDER BY {column} {order}, id");
            let mut statement = file.prepare(&sql).unwrap();
            let plain = statement.query_map([], |row| row.get::<_, Cell>(0)).unwrap();
            let plain: Vec<String> = plain
                .map(|id| match id.unwrap() {
                    Cell::Integer(id) => id.to_string(),
                    other => format!("{other:?}"),
                })
                .collect();
            let columns = format!("id,{column}");
            let list = out(
                &set,
                &["list", "--sort", column, "--order", order, "--format", "csv", "--columns", &columns],
            );
            let mut reader = csv::Reader::from_reader(list.as_bytes());
            let ids: Vec<String> = reader.records().map(|row| row.unwrap()[0].to_owned()).collect();
            assert_eq!(ids, plain, "{column} {order}");
        }
    }
}
