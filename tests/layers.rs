//! The arrows between the modules go one way: each room is read without the ones above it.

#![expect(clippy::unwrap_used, reason = "a source that can't be read must stop the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What each room may name, beside itself. A longer path stands for that part of a room only.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &["model", "platform"]),
    ("model", &[]),
    ("platform", &[]),
    ("checkpoint", &["error"]),
    ("style", &["formats", "model", "platform"]),
    ("regular_file", &["platform"]),
    ("config", &["error", "model", "platform", "regular_file", "style"]),
    ("formats", &["error", "model", "platform"]),
    ("signals", &["checkpoint", "platform"]),
    ("temporary", &["error", "platform"]),
    ("output", &["error", "model", "checkpoint", "formats", "platform"]),
    ("store", &["error", "model", "checkpoint", "platform", "regular_file", "temporary"]),
    ("demo", &["error", "model", "formats"]),
    (
        "services",
        &[
            "error",
            "model",
            "checkpoint",
            "formats",
            "output",
            "platform",
            "regular_file",
            "store",
            "temporary",
        ],
    ),
    // Where the data folder is opened.
    ("cli/mod", &["config", "error", "model", "store", "services", "signals", "cli"]),
    (
        "cli",
        &[
            "config",
            "error",
            "model",
            "checkpoint",
            "formats",
            "output",
            "platform",
            "services",
            "signals",
            "demo",
            "style",
        ],
    ),
    ("tui/widgets", &["model", "formats", "style", "tui::widgets"]),
    // For tests.
    ("tui/testing", &["error", "model", "checkpoint", "store", "services", "style", "tui"]),
    (
        "tui",
        &[
            "config",
            "error",
            "model",
            "checkpoint",
            "formats",
            "output",
            "platform",
            "services",
            "signals",
            "demo",
            "style",
        ],
    ),
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
                found.push((name.to_str().unwrap().replace('\\', "/"), code_of(&text)));
            }
        }
    }
    assert!(found.len() > 80, "only {} sources", found.len());
    found
}

/// A module's long tests stand in its `tests.rs`, and in a folder `tests` beside that, one of all screens in
/// `believable.rs`, what holds of any bytes in `fuzz.rs`: they look at whatever they need.
fn is_test(path: &Path) -> bool {
    let tests = |part: &str| ["tests", "believable", "fuzz"].contains(&part);
    path.with_extension("").components().any(|part| part.as_os_str().to_str().is_some_and(tests))
}

/// The source without comments and its unit tests.
fn code_of(text: &str) -> String {
    let inline = |at: &usize| text[*at..].lines().nth(1).is_some_and(|line| line.ends_with('{'));
    let tests = text.match_indices("#[cfg(test)]\nmod ").map(|(at, _)| at).find(inline);
    let until_tests = &text[..tests.unwrap_or(text.len())];
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
fn sql_lives_in_store_sqlite() {
    for (file, code) in sources() {
        let speaks = code.contains("rusqlite") || code.contains("FROM workflow_");
        let may = ["store/sqlite", "store/own", "demo"].iter().any(|room| begins(&file, room));
        assert!(!speaks || may, "{file} speaks SQL");
    }
}

/// How SQLite's answers are found is nobody's business above it: not the ids, nor the versions of the file or its tables.
#[test]
fn what_only_sqlite_knows_stays_there() {
    let inner = ["data_version", "has_phases", ".ranges", "Ranges", "IdRange", "Located"];
    for (file, code) in sources() {
        // Places of words in a text are no ids.
        let code = code.replace(".ranges(", "");
        let rooms = ["store/sqlite", "store/postgres", "store/own", "demo"];
        let may = rooms.iter().any(|room| begins(&file, room)) || file == "model/phase_summary";
        let known = inner.iter().find(|word| !may && code.contains(*word));
        assert_eq!(known, None, "in {file}");
        // A field or a function for all would lead around the services.
        let way = ["pub database", "pub source", "pub fn database", "pub fn source"];
        assert!(
            file != "services/lab" || !way.iter().any(|way| code.contains(way)),
            "{file} leads to the store"
        );
    }
}

/// What differs between systems is decided in one place.
#[test]
fn only_the_platform_asks_which_system_it_is() {
    let words = [
        "cfg(unix",
        "cfg(windows",
        "cfg(target_",
        "cfg(not(unix",
        "cfg(not(windows",
        "cfg!(",
        "os::unix",
        "os::windows",
        "os::fd",
        "rustix",
        "signal_hook",
        "crossterm_winapi",
        "winapi_util",
    ];
    for (file, code) in sources() {
        let asked = words.iter().find(|word| !begins(&file, "platform") && code.contains(*word));
        assert_eq!(asked, None, "in {file}");
    }
}

#[test]
fn the_terminal_belongs_to_the_screens() {
    for (file, code) in sources() {
        let draws = code.contains("ratatui::") || code.contains("crossterm::");
        // The text chart asks how wide the terminal is; raw mode is the system's.
        let rooms = ["style", "cli/export", "platform/unix/terminal", "platform/windows/terminal"];
        assert!(!draws || begins(&file, "tui") || rooms.contains(&file.as_str()), "{file} draws");
    }
}

/// Files that still need each other in a circle; they are to go.
const CIRCLES: &[&str] = &[
    "demo demo/sized",
    "demo/play demo/troubles",
    "model/json model/value",
    "store/catalogue store/catalogue/listing",
    "store/sqlite store/sqlite/file_identity store/sqlite/index/file store/sqlite/open",
    "tui tui/app tui/app/jobs",
    "tui/screens/record tui/screens/record/header tui/screens/record/next_failure",
    "tui/screens/record/charts tui/screens/record/charts/view",
    "tui/screens/record/files tui/screens/record/files/view",
    "tui/screens/record/log tui/screens/record/log/answer tui/screens/record/log/narrow tui/screens/record/log/search tui/screens/record/log/view",
    "tui/screens/record/overview tui/screens/record/overview/draw tui/screens/record/overview/layout tui/screens/record/overview/lines tui/screens/record/overview/phases",
    "tui/screens/record/steps tui/screens/record/steps/draw tui/screens/record/steps/search",
    "tui/screens/records tui/screens/records/requests tui/screens/records/view",
    "tui/screens/trash tui/screens/trash/view",
    "tui/worker tui/worker/thread",
];

#[test]
fn no_file_needs_itself_in_a_circle() {
    let all = Sources::read();
    let needs: Needs<'_> = all.files.keys().map(|file| (file.as_str(), all.needs(file))).collect();
    let circle = |file: &&str| -> BTreeSet<&str> {
        reached(&needs, file).into_iter().filter(|other| reached(&needs, other).contains(file)).collect()
    };
    let circles: BTreeSet<_> = needs.keys().map(circle).filter(|circle| !circle.is_empty()).collect();
    let found: Vec<String> = circles.into_iter().map(|circle| Vec::from_iter(circle).join(" ")).collect();
    assert_eq!(found, CIRCLES);
}

/// For each file the others that it needs.
type Needs<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// All files that a file needs, those that they need, and so on.
fn reached<'a>(needs: &Needs<'a>, from: &str) -> BTreeSet<&'a str> {
    let (mut reached, mut new) = (BTreeSet::new(), vec![from]);
    while let Some(file) = new.pop() {
        for next in &needs[file] {
            if reached.insert(*next) {
                new.push(next);
            }
        }
    }
    reached
}

/// The sources by their module's path, `services/table`, and what each module gives on of others: name to path.
struct Sources {
    files: BTreeMap<String, String>,
    given_on: BTreeMap<(String, String), String>,
}

impl Sources {
    fn read() -> Self {
        let module = |file: String| file.strip_suffix("/mod").map(str::to_owned).unwrap_or(file);
        let outside = |file: &str| file == "main" || file == "lib";
        let files: BTreeMap<String, String> = sources()
            .into_iter()
            .filter(|(file, _)| !outside(file))
            .map(|(file, code)| (module(file), code))
            .collect();
        let mut given_on = BTreeMap::new();
        for (file, code) in &files {
            for statement in public_uses(code) {
                for path in paths_from(file, code, statement) {
                    let name = path.rsplit("::").next().unwrap().to_owned();
                    given_on.insert((file.clone(), name), path);
                }
            }
        }
        Self { files, given_on }
    }

    /// The files that one needs; what it only gives on is needed by those who take it there.
    fn needs(&self, file: &str) -> BTreeSet<&str> {
        let code = &self.files[file];
        let own = public_uses(code).into_iter().fold(code.clone(), |code, given| code.replace(given, ""));
        let mut found = paths_from(file, code, &own);
        // What is called by the name of a module that was imported.
        for path in found.clone() {
            let path = path.strip_suffix("::self").unwrap_or(&path);
            if let Some((above, module)) = path.rsplit_once("::")
                && self.files.contains_key(&path.replace("::", "/"))
            {
                called(module, above, &own, &mut found);
            }
        }
        found.iter().filter_map(|path| self.file_of(path)).filter(|other| *other != file).collect()
    }

    /// The file that defines what a path names.
    fn file_of(&self, path: &str) -> Option<&str> {
        let words: Vec<&str> = path.split("::").collect();
        let longest = (1..=words.len()).rev().map(|n| words[..n].join("/"));
        let (module, _) = longest.into_iter().find_map(|name| self.files.get_key_value(&name))?;
        let name = words.get(module.split('/').count())?;
        match self.given_on.get(&(module.clone(), (*name).to_owned())) {
            Some(further) if further != path => self.file_of(further),
            _ => Some(module),
        }
    }
}

/// The statements that give names of others on.
fn public_uses(code: &str) -> Vec<&str> {
    let begins = code.match_indices("pub use ").chain(code.match_indices("pub(super) use "));
    begins.map(|(at, _)| code[at..].split_inclusive(';').next().unwrap()).collect()
}

/// Every path in a part of a file's code, from the root: behind `crate::`, `super::`, and the modules that it declares.
fn paths_from(file: &str, code: &str, part: &str) -> BTreeSet<String> {
    let mut all = paths(part);
    let here: Vec<&str> = file.split('/').collect();
    for (at, _) in part.match_indices("super::") {
        if part[..at].ends_with("super::") {
            continue;
        }
        let (mut rest, mut up) = (&part[at..], 0);
        while let Some(after) = rest.strip_prefix("super::") {
            (rest, up) = (after, up + 1);
        }
        take(rest, &here[..here.len() - up].join("::"), &mut all);
    }
    let declared = code.lines().filter_map(|line| line.trim().strip_suffix(';')?.rsplit_once("mod "));
    for (before, child) in declared {
        if !(before.is_empty() || before.starts_with("pub")) {
            continue;
        }
        called(child, &here.join("::"), part, &mut all);
    }
    all
}

/// Every path in a part of a file's code that begins with the name of a module.
fn called(module: &str, above: &str, part: &str, all: &mut BTreeSet<String>) {
    for (at, _) in part.match_indices(&format!("{module}::")) {
        let before = part[..at].chars().next_back().unwrap_or(' ');
        if !before.is_alphanumeric() && !"_:".contains(before) {
            take(&part[at..], above, all);
        }
    }
}

#[test]
fn groups_are_taken_apart() {
    let code = "use crate::{\n    a,\n    b::{c, d::E as F},\n};\nlet x = crate::g::h(1);";
    assert_eq!(Vec::from_iter(paths(code)), ["a", "b::c", "b::d::E", "g::h"]);
}

/// A name says one thing: public types (also those that only a part of the crate sees) have different names.
#[test]
fn no_two_public_types_share_a_name() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut twice = Vec::new();
    // Of the systems only one is compiled.
    for (file, code) in sources().into_iter().filter(|(file, _)| !begins(file, "platform/windows")) {
        for line in code.lines().map(str::trim_start).filter(|line| line.starts_with("pub")) {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            let is_kind = |word: &str| ["struct", "enum", "trait", "type"].contains(&word);
            let Some(name) = words.find(|word| is_kind(word)).and_then(|_| words.next()) else { continue };
            let before = seen.insert(name.to_owned(), file.clone());
            twice.extend(before.map(|before| format!("{name} in {file} and in {before}")));
        }
    }
    assert!(twice.is_empty(), "\n{}", twice.join("\n"));
    assert!(seen.len() > 250, "only {} types", seen.len());
}
