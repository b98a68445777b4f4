//! The arrows between the modules go one way: each room is read without the ones above it.

#![expect(clippy::unwrap_used, reason = "a source that can't be read must stop the test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What each room may name, beside itself. A longer path stands for that part of a room only.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("model", &[]),
    ("checkpoint", &["error"]),
    ("style", &["formats"]),
    ("formats", &["error", "model"]),
    ("output", &["error", "model", "formats"]),
    ("store", &["error", "model", "checkpoint"]),
    ("demo", &["error", "model", "formats"]),
    ("services", &["error", "model", "checkpoint", "formats", "output", "store"]),
    ("cli", &["error", "model", "checkpoint", "formats", "output", "store", "services", "demo", "style"]),
    ("tui/widgets", &["model", "formats", "style", "tui::widgets"]),
    ("tui", &["error", "model", "checkpoint", "formats", "output", "store", "services", "demo", "style"]),
    ("lib", &[]),
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs")
                && !is_test(path.strip_prefix(&root).unwrap())
            {
                let name = path.strip_prefix(&root).unwrap().with_extension("");
                let text = fs::read_to_string(&path).unwrap();
                found.push((name.to_str().unwrap().to_owned(), code_of(&text)));
            }
        }
    }
    assert!(found.len() > 80, "only {} sources", found.len());
    found
}

/// A module's long tests stand in its `tests.rs`, and in a folder `tests` beside that: they look at whatever they need.
fn is_test(path: &Path) -> bool {
    path.with_extension("").components().any(|part| part.as_os_str() == "tests")
}

/// The source without comments and its unit tests.
fn code_of(text: &str) -> String {
    let until_tests = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    until_tests.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every path behind `crate::`, groups taken apart: `a::b::C` for each.
fn paths(code: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        take(code[at + "crate::".len()..].trim_start(), "", &mut all);
    }
    all
}

/// Takes one path or group from the front of `text`; gives what stands behind it.
fn take<'a>(text: &'a str, before: &str, all: &mut BTreeSet<String>) -> &'a str {
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches([',', ' ', '\n', '\t']);
            if let Some(end) = rest.strip_prefix('}') {
                return end;
            }
            assert!(!rest.is_empty(), "a group without an end");
            rest = take(rest, before, all);
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if word.is_empty() {
        // A `*`, or anything else that no path has.
        return text.get(1..).unwrap_or_default();
    }
    let path = if before.is_empty() { word.to_owned() } else { format!("{before}::{word}") };
    if let Some(rest) = rest.strip_prefix("::") {
        return take(rest, &path, all);
    }
    all.insert(path);
    match rest.trim_start().strip_prefix("as ") {
        Some(renamed) => renamed.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
        None => rest,
    }
}

fn begins(path: &str, with: &str) -> bool {
    path.strip_prefix(with)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with('/'))
}

#[test]
fn no_room_names_one_above_it() {
    let mut bad = Vec::new();
    for (file, code) in sources() {
        if file == "main" {
            continue;
        }
        let Some((room, allowed)) = MAY_USE.iter().find(|(room, _)| begins(&file, room)) else {
            panic!("{file} belongs to no room that this test knows");
        };
        let itself = room.split('/').next().unwrap_or_default();
        for path in paths(&code) {
            let own = *room == itself && begins(&path, itself);
            if !own && !allowed.iter().any(|may| begins(&path, may)) {
                bad.push(format!("{file} uses {path}"));
            }
        }
    }
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
}

/// Another engine can stand beside SQLite only while nothing else speaks it; the maker of test data writes files.
#[test]
fn sql_lives_in_the_store() {
    for (file, code) in sources() {
        let speaks = code.contains("rusqlite") || code.contains("FROM workflow_");
        let may = begins(&file, "store") || begins(&file, "demo") || file == "error";
        assert!(!speaks || may, "{file} speaks SQL");
    }
}

#[test]
fn the_terminal_belongs_to_the_screens() {
    for (file, code) in sources() {
        let draws = code.contains("ratatui::") || code.contains("crossterm::");
        // The text chart asks how wide the terminal is.
        assert!(!draws || begins(&file, "tui") || file == "style" || file == "cli/export", "{file} draws");
    }
}

#[test]
fn groups_are_taken_apart() {
    let code = "use crate::{\n    a,\n    b::{c, d::E as F},\n};\nlet x = crate::g::h(1);";
    assert_eq!(Vec::from_iter(paths(code)), ["a", "b::c", "b::d::E", "g::h"]);
}
