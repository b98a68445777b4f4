use std::{ffi::OsString, fs, path::Path};

use jiff::SignedDuration;
use proptest::prelude::*;
use strum::VariantArray;

use super::{
    file::{Config, NamedLab, OnLine, ToldWrong, TrashAge},
    open::open,
    reader,
    setting::Setting,
    settings::{AllSettings, ByOptions, SetBy},
};
use crate::{error::ErrorKind, style::ColorChoice};

const HOME: &str = "/home/ann";

fn read(text: &str) -> Config {
    reader::read(text.as_bytes(), Some(Path::new(HOME)))
}

fn wrong(text: &str) -> Vec<String> {
    Config { path: Some("c.toml".into()), ..read(text) }.told().iter().map(ToString::to_string).collect()
}

const ALL: &str = r#"
data = "bench"
view = "failed tonight"
columns = "id,name,deck"
per-page = 20
color = "never"
ascii = true
slow = true
title = false
bell = true
trash-age = "2w"

[labs]
reactor = "~/reactor/ivoryos_data"
bench = { db = "postgresql://ann@db.lab/bench", data = "/srv/bench" }
far = "postgresql://ann@db.lab/far"

[keys]
down = ["n", "Down"]
bell = []

[keys.list]
export = "e"
"#;

#[test]
fn every_setting_is_read_with_its_line() {
    let config = read(ALL);
    assert_eq!(config.told(), []);
    assert_eq!(config.data, Some(OnLine { value: "bench".into(), line: 2 }));
    assert_eq!(config.view, Some(OnLine { value: "failed tonight".to_owned(), line: 3 }));
    assert_eq!(config.columns.map(|columns| columns.value), Some("id,name,deck".to_owned()));
    assert_eq!(config.per_page, Some(OnLine { value: 20, line: 5 }));
    assert_eq!(config.color, Some(OnLine { value: ColorChoice::Never, line: 6 }));
    assert_eq!(config.ascii, Some(OnLine { value: true, line: 7 }));
    assert_eq!(config.slow, Some(OnLine { value: true, line: 8 }));
    assert_eq!(config.title, Some(OnLine { value: false, line: 9 }));
    assert_eq!(config.bell, Some(OnLine { value: true, line: 10 }));
    let age = TrashAge { text: "2w".to_owned(), age: SignedDuration::from_hours(14 * 24) };
    assert_eq!(config.trash_age, Some(OnLine { value: age, line: 11 }));
    let lab = |name: &str, data: Option<&str>, db: Option<&str>, line| NamedLab {
        name: name.to_owned(),
        data: data.map(Into::into),
        db: db.map(str::to_owned),
        line,
    };
    assert_eq!(
        config.labs,
        [
            lab("reactor", Some("/home/ann/reactor/ivoryos_data"), None, 14),
            lab("bench", Some("/srv/bench"), Some("postgresql://ann@db.lab/bench"), 15),
            lab("far", None, Some("postgresql://ann@db.lab/far"), 16),
        ]
    );
    let keys: Vec<_> =
        config.keys.iter().map(|line| (line.place.as_deref(), &*line.action, line.line)).collect();
    assert_eq!(keys, [(None, "down", 19), (None, "bell", 20), (Some("list"), "export", 23)]);
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_the_rest_counts() {
    let text = "colour = 1\nslow = \"yes\"\nper-page = 30\ncolor = \"blue\"\ntrash-age = \"1m\"\ndata = \"bench\"\nbell = true\n\
                [labs]\n\"a/b\" = \"/x\"\nc = \"x\"\nd = { db = \"x\" }\ne = { path = \"/x\" }\nf = {}\n[keys]\nup = 3\nquit = [1]\n";
    let said = wrong(text);
    for (part, line) in [
        (
            "there is no setting \"colour\"; did you mean color? There are data, view, columns, per-page, color, ascii",
            1,
        ),
        ("slow can't be \"yes\"; true or false could stand there", 2),
        ("per-page can't be 30; 10, 20 or 50 could stand there", 3),
        ("color can't be \"blue\"; \"auto\", \"always\" or \"never\" could stand there", 4),
        ("trash-age can't be \"1m\"; a length of time with its unit", 5),
        ("data can't be \"bench\"; the name of a lab out of [labs], or a path from / or ~ on", 6),
        ("\"a/b\" can't be the name of a lab", 9),
        (
            "labs.c is no place of a lab: the path does not begin at / or ~; a path from / or ~ on, an address",
            10,
        ),
        ("labs.d is no place of a lab: db is no address; ", 11),
        ("labs.e is no place of a lab: \"path\" is neither data nor db; ", 12),
        ("labs.f is no place of a lab: the table is empty; ", 13),
        ("up can't be 3; a key as \"x\"", 15),
        ("quit can't be [1]", 16),
    ] {
        let told = |said: &String| said.starts_with(&format!("c.toml:{line}: {part}"));
        assert!(said.iter().any(told), "{part}: {said:#?}");
    }
    assert_eq!(said.len(), 13, "{said:#?}");
    assert_eq!(read(text).bell, Some(OnLine { value: true, line: 7 }));
    assert_eq!(wrong("labs = 1\nkeys = []").len(), 2);
    for (place, why) in
        [("~ann/x", "~ is one's own home folder alone"), ("~/x", "there is no HOME that ~ could be")]
    {
        let config = reader::read(format!("[labs]\na = \"{place}\"\n").as_bytes(), None);
        assert!(config.wrong[0].said.contains(&format!(": {why}")), "{:?}", config.wrong);
    }
}

/// What is told of wrong lines is seen by others, who look over a shoulder or get it by mail.
#[test]
fn no_password_is_told() {
    for line in [
        "data = \"postgresql://ann:secret@db/lab\"",
        "color = \"postgresql://ann:secret@db/lab\"",
        "labs = \"postgresql://ann:secret@db/lab\"",
        "[labs]\na = [\"postgresql://ann:secret@db/lab\"]",
        "[labs]\na = { db = \"postgresql://ann:secret@db/lab\", data = \"x\" }",
        "[labs]\na = { data = \"postgresql://ann:secret@db/lab\" }",
    ] {
        let said = wrong(line);
        assert!(said.len() == 1 && !said[0].contains("secret"), "{said:?}");
    }
    let said = wrong("data = \"postgresql://ann:secret@db/lab\"");
    assert!(said[0].contains("data can't be an address; the name of a lab out of [labs]"), "{said:?}");
}

#[test]
fn what_is_no_toml_is_told_with_its_line_and_the_defaults_count() {
    for (text, line) in [
        ("bell = true\nslow = yes\n", 2),
        ("bell = true\nbell = false", 2),
        ("\u{feff}bell = true\n\n[keys\n", 3),
        ("bell", 1),
    ] {
        let said = wrong(text);
        assert!(said[0].starts_with(&format!("c.toml:{line}: this is no TOML: ")), "{said:?}");
        assert!(said[0].ends_with("until that is mended the defaults are in force"), "{said:?}");
        assert!(!said[0].contains('\n'));
        assert_eq!(read(text).bell, None);
        assert!(!said[0].contains("single quotes"), "{said:?}");
    }
    let said = wrong("bell = true\n[labs]\nb = \"C:\\Users\\lab\"\n");
    assert!(said[0].contains("; put a path with \\ between single quotes; until"), "{said:?}");
    let config = reader::read(b"bell = true\n# \xff\n", None);
    assert_eq!(config.wrong[0].line, Some(2));
    assert!(config.wrong[0].said.contains("no UTF-8"));
}

#[test]
fn each_settings_words_are_its_own() {
    for (n, setting) in Setting::VARIANTS.iter().enumerate() {
        let facts = setting.facts();
        assert!(!facts.wanted.is_empty() && !facts.told.is_empty());
        assert!(Setting::VARIANTS[..n].iter().all(|other| other.facts().word != facts.word));
        // Each is read from the file that has all.
        assert!(ALL.contains(&format!("\n{} = ", facts.word)), "{}", facts.word);
        let settings = AllSettings::of(
            &ByOptions::default(),
            &|name| (name == "LANG").then(|| "C.UTF-8".into()),
            &read(ALL),
        );
        assert_eq!(settings.set_by(*setting), SetBy::Line(n + 2), "{}", facts.word);
    }
}

/// Who wins where several say something.
#[test]
fn an_option_goes_before_the_environment_before_the_file() {
    let config = read(ALL);
    let utf8 = ("LANG", "C.UTF-8");
    let settings = |given: &ByOptions, known: &[(&'static str, &'static str)], config: &Config| {
        let known = known.to_vec();
        let env = move |name: &str| known.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v));
        AllSettings::of(given, &env, config)
    };
    let given = ByOptions {
        data: Some(("/given".into(), "--data")),
        color: Some(ColorChoice::Always),
        ascii: Some(false),
        slow: Some(false),
        title: Some(true),
        bell: Some(false),
    };
    let env = [("IVORYLENS_DATA", "/env"), ("NO_COLOR", "1"), utf8];
    let (none, no_config) = (ByOptions::default(), Config::default());

    let all = settings(&given, &env, &config);
    assert_eq!((all.data.value, all.data.by), (Some("/given".into()), SetBy::Option("--data")));
    assert_eq!((all.color.value, all.color.by), (ColorChoice::Always, SetBy::Option("--color")));
    assert_eq!(
        (all.ascii.value, all.slow.value, all.title.value, all.bell.value),
        (false, false, true, false)
    );
    let without = settings(&none, &env, &config);
    assert_eq!(
        (without.data.value, without.data.by),
        (Some("/env".into()), SetBy::Variable("IVORYLENS_DATA"))
    );
    assert_eq!((without.color.value, without.color.by), (ColorChoice::Never, SetBy::Variable("NO_COLOR")));
    let file = settings(&none, &[utf8, ("IVORYLENS_DATA", ""), ("NO_COLOR", "")], &config);
    assert_eq!((file.data.value, file.data.by), (Some("bench".into()), SetBy::Line(2)));
    assert_eq!((file.ascii.value, file.ascii.by), (true, SetBy::Line(7)));
    assert_eq!((file.title.value, file.bell.value, file.per_page.value), (false, true, 20));
    let default = settings(&none, &[utf8], &no_config);
    assert!(Setting::VARIANTS.iter().all(|setting| default.set_by(*setting) == SetBy::Default));
    assert_eq!((default.data.value, default.per_page.value, default.title.value), (None, 10, true));
    // What the terminal lacks can't be switched on.
    let plain = settings(&given, &[("LC_ALL", "C")], &config);
    assert_eq!((plain.ascii.value, plain.ascii.by), (true, SetBy::Variable("LC_ALL")));
}

#[test]
fn which_file_and_whether_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (file, none) = (folder.path().join("config.toml"), folder.path().join("none.toml"));
    fs::write(&file, "bell = true\n").unwrap();
    let named = open(Some(&file), Some(&none), None).unwrap();
    assert!(named.is_there && named.bell.is_some() && named.path.as_ref() == Some(&file));
    assert!(open(None, Some(&file), None).unwrap().bell.is_some());
    let usual = open(None, Some(&none), None).unwrap();
    assert!(!usual.is_there && usual.wrong.is_empty() && usual.path == Some(none.clone()));
    let error = open(Some(&none), Some(&file), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("none.toml: there is no such file of settings; "));
    assert_eq!(open(None, None, None).unwrap(), Config::default());
    // What can't be read is told, and nothing of it counts.
    let folder_there = open(Some(folder.path()), None, None).unwrap();
    assert!(folder_there.told()[0].said.contains("a folder"), "{:?}", folder_there.told());
    fs::File::create(&file).unwrap().set_len(1 << 40).unwrap();
    assert!(open(None, Some(&file), None).unwrap().told()[0].said.contains("too large"));
}

proptest! {
    /// Whatever stands there, it is read or told, and lines are those of the file.
    #[test]
    fn no_text_is_any_trouble(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let config = reader::read(&bytes, None);
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        prop_assert!(config.wrong.iter().all(|wrong| wrong.line.is_some_and(|line| (1..=lines).contains(&line))));
    }

    /// The same of texts that are nearly right.
    #[test]
    fn no_text_like_toml_is_any_trouble(
        parts in prop::collection::vec(prop::sample::select(vec![
            "data", "keys", "labs", "color", "per-page", "down", "list", " = ", "= [", "]", "[", "[keys.", "[labs]", "{", "}",
            "\"x\"", "\"~/x\"", "'", "\"\"\"", "\n", "\n", ",", ".", "true", "1_0", "0x1f", "-1", "1e9", "2026-11-28", "é", "#",
            "\u{1b}",
        ]), 0..40),
    ) {
        let config = read(&parts.concat());
        let is_line = |wrong: &ToldWrong| !wrong.to_string().contains(char::is_control);
        prop_assert!(config.told().iter().all(is_line));
    }
}
