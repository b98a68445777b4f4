//! `marks export` and `marks import`: nothing is lost on the way, and a wrong line changes nothing.

use std::fs;

use super::made::{self, MarkLab};

/// Marks of all kinds, of records that are there and of one that is not.
fn marked() -> MarkLab {
    let lab = MarkLab::new();
    lab.out(&["mark", "25", "9", "--star", "--verdict", "bad", "--tag", "pH-7", "--tag", "µ"]);
    lab.out(&["mark", "9", "--note", "a \"note\"\n\u{1b}[2J\\ \u{7f}\n\tof lines"]);
    lab.out(&["mark", "--filter", "id<5", "--verdict", "check"]);
    lab.out(&["mark", "3", "--verdict", "none"]);
    let gone = r#"{"id": 4711, "start_time": "no time", "name": "gone", "verdict": "good", "at": "2020-01-01T00:00:00"}"#;
    assert_eq!(
        lab.out_with(&["marks", "import", "-"], gone.as_bytes()),
        "marks of 1 record, 1 changed; 1 of them is not in this lab, its marks are kept\n"
    );
    lab
}

#[test]
fn what_is_exported_comes_back_the_same() {
    let lab = marked();
    let all = lab.out(&["marks", "export"]);
    let lines: Vec<&str> = all.lines().collect();
    assert!(lines.iter().all(|line| !line.contains("\"id\": 3,")), "empty marks are left out");
    assert!(
        lines.last().unwrap().starts_with(
            "{\"id\": 4711, \"start_time\": \"no time\", \"name\": \"gone\", \"star\": false, \"verdict\": \"good\", \
             \"tags\": [], \"note\": \"\", \"by\": \"\", \"at\": \"2020-01-01T00:00:00.000000\"}"
        ),
        "{all}"
    );
    let file = lab.state.path().join("marks.jsonl");
    let name = file.to_str().unwrap();
    assert_eq!(lab.out(&["marks", "export", "-o", name]), "");
    assert_eq!(fs::read_to_string(&file).unwrap(), all);
    let taken = lab.run(&["marks", "export", "-o", name]);
    assert!(taken.code == Some(1) && taken.err.contains("--overwrite"), "{}", taken.err);
    assert_eq!(lab.out(&["marks", "export", "-o", name, "--overwrite"]), "");
    let own = lab.run(&["marks", "export", "-o", lab.data.join("marks.jsonl").to_str().unwrap()]);
    assert!(own.code == Some(1) && own.err.contains("the lab's own folder"), "{}", own.err);
    // Into a state folder that has nothing; from there the same bytes come.
    let other = tempfile::tempdir().unwrap();
    let of_other = |args: &[&str], stdin: &[u8]| {
        let ran = made::run(made::command(&lab.data, other.path(), args), stdin);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{args:?}");
        String::from_utf8(ran.out).unwrap()
    };
    let n = lines.len();
    let said = of_other(&["marks", "import", name], b"");
    assert!(said.starts_with(&format!("marks of {n} records, {n} changed; 1 of them is not in")), "{said}");
    assert_eq!(of_other(&["marks", "export"], b""), all);
    // Once more, in another order, with blank lines and each twice: nothing is another.
    let turned = lines.iter().rev().flat_map(|line| [*line, "", line]).collect::<Vec<_>>().join("\r\n");
    let said = of_other(&["marks", "import", "-"], turned.as_bytes());
    assert!(said.starts_with(&format!("marks of {n} records, 0 changed")), "{said}");
    assert_eq!(of_other(&["marks", "export"], b""), all);
    assert_eq!(of_other(&["marks", "import", "-"], b""), "marks of 0 records, 0 changed\n");
}

#[test]
fn the_newer_marks_stay_and_all_tags() {
    let lab = MarkLab::new();
    lab.out(&["mark", "9", "--verdict", "bad", "--tag", "mine", "--note", "mine"]);
    let mine = lab.out(&["marks", "export"]);
    let (_, at) = mine.trim_end().trim_end_matches("\"}").rsplit_once('"').unwrap();
    let theirs = |at_theirs: &str| {
        let line =
            mine.replace(at, at_theirs).replace("\"bad\"", "null").replace("[\"mine\"]", "[\"theirs\"]");
        line.replace("\"note\": \"mine\"", "\"note\": \"theirs\"")
    };
    let import = |line: String| lab.out_with(&["marks", "import", "-"], line.as_bytes());
    assert_eq!(import(theirs("2001-01-01T00:00:00")), "marks of 1 record, 1 changed\n");
    let older = lab.out(&["marks", "export"]);
    assert_eq!(older, mine.replace("[\"mine\"]", "[\"mine\", \"theirs\"]"));
    assert_eq!(import(theirs("9001-01-01T00:00:00.5")), "marks of 1 record, 1 changed\n");
    let newer = lab.out(&["marks", "export"]);
    let wanted = older.replace("\"bad\"", "null").replace("\"note\": \"mine\"", "\"note\": \"theirs\"");
    assert_eq!(newer, wanted.replace(at, "9001-01-01T00:00:00.500000"));
    // Of another record with this id nothing is changed.
    let other = theirs("9001-01-01T00:00:00.5").replace("\"name\": \"", "\"name\": \"other ");
    assert!(import(other).contains("1 changed; 1 of them is not in this lab"));
    assert_eq!(lab.ids("tag:mine"), "9");
}

#[cfg(unix)]
#[test]
fn a_wrong_line_is_told_by_its_number_and_nothing_is_imported() {
    let lab = marked();
    let all = lab.out(&["marks", "export"]);
    let good = "{\"id\": 8, \"start_time\": null, \"name\": \"x\", \"at\": \"2026-11-28T08:00:00\"}\n";
    let wrong = |line: &[u8]| {
        let text = [good.as_bytes(), b"\n", line, b"\n", good.as_bytes()].concat();
        let ran = lab.run_with(&["marks", "import", "-"], &text);
        assert_eq!((ran.code, ran.out.len()), (Some(1), 0), "{}", ran.err);
        assert!(ran.err.starts_with("ivorylens: stdin: line 3: "), "{}", ran.err);
        assert!(ran.err.ends_with("; nothing was imported\n"), "{}", ran.err);
        assert_eq!(ran.err.lines().count(), 1);
        ran.err
    };
    assert!(wrong(b"{\"id\": 8").contains("this is no JSON object"));
    assert!(wrong(b"[]").contains("this is no JSON object"));
    assert!(wrong(b"{\"id\": 8, \"star\": \xff}").contains("this is no JSON object"));
    assert!(wrong(&[b'['; 100_000]).contains("this is no JSON object"));
    assert!(wrong(good.trim_end().replace("null", "true").as_bytes()).contains("start_time is missing"));
    let odd = good.trim_end().replace("\"at\"", "\"a\\u001bt\"");
    assert!(!wrong(odd.as_bytes()).contains('\u{1b}'));
    let long = format!("{{\"id\": 8, \"note\": \"{}\"}}", "x".repeat(65 << 20));
    assert!(wrong(long.as_bytes()).contains("longer than 64 MB"));
    let pipe = lab.run(&["marks", "import", "/dev/zero"]);
    assert!(pipe.code == Some(1) && pipe.err.contains("this is a device"), "{}", pipe.err);
    assert_eq!(lab.out(&["marks", "export"]), all);
}
