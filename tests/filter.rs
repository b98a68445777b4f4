//! Filter words against a slow evaluation of its own over plain rows: every field on every set, expressions at random, all
//! read at once and a moment at a time.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;
#[path = "filter/plain.rs"]
mod plain;

#[cfg(all(unix, feature = "postgres"))]
use std::{cell::OnceCell, sync::Arc};
use std::{collections::HashSet, path::Path};

use jiff::{ToSpan, civil::DateTime};
use serde_json::Value;

use ivorylens::{
    checkpoint::Cx,
    model::{
        filter::{
            field::{FieldKind, FilterField},
            words::Filter,
        },
        mark::{MarkChange, Verdict},
        query::{ListQuery, Place},
        record_key::RecordKey,
    },
    services::{
        answer,
        export_kind::ExportKind,
        files::{self, FileState},
        lab::Lab,
        own_files::UserFolders,
        page::Page,
        request::{Answer, Ask},
        run_row,
        run_state::RunState,
        slow_steps,
        why::{self, types::Depth},
    },
    store::{
        Limits, Options,
        own::{OwnFile, OwnUse, ReadUpTo},
    },
};

#[cfg(all(unix, feature = "postgres"))]
use common::server::Server;
use common::{
    NEW, Set,
    lab::{NOON, lab_with, rest, stopped},
    memory::{self, Rules},
};
use plain::{Meaning, PlainRun, runs};

const SETS: [&str; 5] = [NEW, "ivoryos-1.4.0", "ivoryos-1.2.5", "odd", "field/runs"];

/// Those that a server can hold: with phases.
#[cfg(all(unix, feature = "postgres"))]
const SERVED: [&str; 3] = [NEW, "ivoryos-1.4.0", "odd"];

fn ask(lab: &Lab, text: &str, whole: bool) -> Page {
    let query = ListQuery { filter: Filter::read(text).unwrap(), ..ListQuery::default() };
    let (place, rows) = (Place::Top, 10_000);
    let ask = if whole { Ask::PageWhole { query, place, rows } } else { Ask::Page { query, place, rows } };
    let Answer::Page(page) = answer(lab, &ask, &mut Cx::quiet()).unwrap().value else { panic!("no page") };
    page
}

fn ids(page: &Page) -> Vec<i64> {
    page.rows.iter().map(|row| row.run.id).collect()
}

/// The records that words mean, however they are asked for.
fn found(lab: &Lab, text: &str) -> Vec<i64> {
    let whole = ask(lab, text, true);
    assert_eq!(whole.unread, None, "{text}");
    ids(&whole)
}

/// Numbers at random, the same each time.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ((self.0 >> 33) % sides.max(1) as u64) as usize
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.roll(of.len())) }
    }

    /// Some signs of a text.
    fn part(&mut self, text: &str) -> String {
        let signs: Vec<char> = text.chars().collect();
        let from = self.roll(signs.len());
        signs.into_iter().skip(from).take(1 + self.roll(4)).collect()
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Without case, as far as single letters of other scripts go.
fn has(text: &str, word: &str) -> bool {
    let low = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    low(text).contains(&low(word))
}

const ORDERS: [&str; 6] = ["<", "<=", ">", ">=", "=", "!="];

fn holds(op: &str, a: f64, b: f64) -> bool {
    match op {
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        ">=" => a >= b,
        "!=" => a != b,
        _ => a == b,
    }
}

type Term = (String, Meaning);

fn yes(test: impl Fn(&PlainRun) -> bool + 'static) -> Meaning {
    Box::new(move |run| Some(test(run)))
}

/// A term on a text of a record.
fn text_term(dice: &mut Dice, field: &str, of: fn(&PlainRun) -> Option<String>, run: &PlainRun) -> Term {
    let text = of(run).unwrap_or_default();
    let op = [":", "=", "!="][dice.roll(3)];
    let word = if op == ":" { dice.part(&text) } else { text };
    if op == ":" && word.is_empty() {
        return ("id>0".to_owned(), yes(|_| true));
    }
    let wanted = word.clone();
    let test = move |run: &PlainRun| match (of(run), op) {
        (None, "=") => wanted.is_empty(),
        (None, _) => false,
        (Some(text), ":") => has(&text, &wanted),
        (Some(text), _) => (has(&text, &wanted) && has(&wanted, &text)) == (op == "="),
    };
    (format!("{field}{op}{}", quoted(&word)), yes(test))
}

/// A term on one of several texts.
fn texts_term(dice: &mut Dice, field: &str, of: fn(&PlainRun) -> Vec<String>, run: &PlainRun) -> Term {
    let Some(text) = dice.one(&of(run)).cloned() else {
        let without = move |run: &PlainRun| of(run).is_empty() || of(run).iter().any(String::is_empty);
        return (format!("{field}=\"\""), yes(without));
    };
    let op = [":", "=", "!="][dice.roll(3)];
    let word = if op == ":" { dice.part(&text) } else { text };
    let wanted = word.clone();
    let test = move |run: &PlainRun| {
        let all = of(run);
        let same = |text: &String| has(text, &wanted) && has(&wanted, text);
        match op {
            ":" => all.iter().any(|text| has(text, &wanted)),
            "=" => all.iter().any(same) || wanted.is_empty() && all.is_empty(),
            _ => !all.is_empty() && !all.iter().any(same),
        }
    };
    if word.is_empty() && op == ":" {
        return ("id<0".to_owned(), yes(|_| false));
    }
    (format!("{field}{op}{}", quoted(&word)), yes(test))
}

/// The same of names in cells, all of which the test can read.
fn names_term(dice: &mut Dice, field: &str, of: fn(&PlainRun) -> Vec<String>, run: &PlainRun) -> Term {
    let (text, meaning) = texts_term(dice, field, of, run);
    (text, Box::new(move |run| if run.odd { None } else { meaning(run) }))
}

fn number_term(dice: &mut Dice, field: &str, of: fn(&PlainRun) -> Option<f64>, run: &PlainRun) -> Term {
    let op = ORDERS[dice.roll(6)];
    let wanted = of(run).unwrap_or(1.0).max(0.0) + [0.0, 0.5, 1.0][dice.roll(3)];
    (format!("{field}{op}{wanted}"), yes(move |run| of(run).is_some_and(|value| holds(op, value, wanted))))
}

/// A term on the values of a parameter or an output. A record with a cell that the test can't read is not judged.
fn values_term(dice: &mut Dice, run: &PlainRun) -> Term {
    let side = dice.roll(2);
    let Some(name) = dice.one(&run.main_names(side)).cloned() else {
        return ("out.\"no such\"=1".to_owned(), yes(|_| false));
    };
    let values = run.values(side, &name);
    let written = format!("{}.{}", ["in", "out"][side], quoted(&name));
    let Some(value) = dice.one(&values).cloned() else {
        let none = move |run: &PlainRun| {
            let numbers = run.values(side, &name).iter().filter(|value| value.is_number()).count();
            (!run.odd).then_some(numbers == 0)
        };
        return (format!("n({written})=0"), Box::new(none));
    };
    if let Some(number) = value.as_f64() {
        let (op, wanted) = (ORDERS[dice.roll(6)], format!("{number:.4}"));
        let wanted_number: f64 = wanted.parse().unwrap();
        let computed = ["", "max", "min", "first", "last", "mean", "n"][dice.roll(7)];
        let text = if computed.is_empty() {
            format!("{written}{op}{wanted}")
        } else {
            format!("{computed}({written}){op}{wanted}")
        };
        let meaning = move |run: &PlainRun| {
            let values = run.values(side, &name);
            let numbers: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
            if run.odd {
                return None;
            }
            let one = match computed {
                "" if op == "!=" => return Some(!values.is_empty() && !numbers.contains(&wanted_number)),
                "" => return Some(numbers.iter().any(|number| holds(op, *number, wanted_number))),
                "max" => numbers.iter().copied().reduce(f64::max),
                "min" => numbers.iter().copied().reduce(f64::min),
                "first" => numbers.first().copied(),
                "last" => numbers.last().copied(),
                "n" => Some(numbers.len() as f64),
                _ if numbers.is_empty() => None,
                _ => Some(numbers.iter().sum::<f64>() / numbers.len() as f64),
            };
            Some(one.is_some_and(|one| holds(op, one, wanted_number)))
        };
        return (text, Box::new(meaning));
    }
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let op = [":", "=", "!="][dice.roll(3)];
    let word = if op == ":" && value.is_string() { dice.part(&text) } else { text };
    if word.is_empty() {
        return ("id>0".to_owned(), yes(|_| true));
    }
    let (term, number) = (format!("{written}{op}{}", quoted(&word)), word.parse::<f64>().ok());
    let meaning = move |run: &PlainRun| {
        let is = |value: &Value| match value {
            Value::String(text) if op == ":" => has(text, &word),
            Value::String(text) => has(text, &word) && has(&word, text),
            Value::Bool(value) => value.to_string() == word,
            other => number.is_some() && other.as_f64() == number,
        };
        let values = run.values(side, &name);
        let any = values.iter().any(is);
        (!run.odd).then_some(if op == "!=" { !values.is_empty() && !any } else { any })
    };
    (term, Box::new(meaning))
}

fn time_term(dice: &mut Dice, field: &str, of: fn(&PlainRun) -> Option<DateTime>, run: &PlainRun) -> Term {
    let Some(at) = of(run) else {
        return (format!("-{field}>=1900-01-01"), yes(move |run| of(run).is_none()));
    };
    let op = [":", "<", "<=", ">", ">=", "=", "!="][dice.roll(7)];
    let day = at.date().at(0, 0, 0, 0);
    let minute = at.date().at(at.hour(), at.minute(), 0, 0);
    let (text, since, until) = match dice.roll(3) {
        0 => (at.strftime("%Y-%m-%d").to_string(), day, day.checked_add(1.day()).unwrap()),
        1 => (at.strftime("%Y-%m-%dT%H:%M").to_string(), minute, minute.checked_add(1.minute()).unwrap()),
        _ => {
            let month = at.date().first_of_month().at(0, 0, 0, 0);
            (at.strftime("%Y-%m").to_string(), month, month.checked_add(1.month()).unwrap())
        }
    };
    let test = move |at: DateTime| match op {
        "<" => at < since,
        "<=" => at < until,
        ">" => at >= until,
        ">=" => at >= since,
        "!=" => at < since || at >= until,
        _ => since <= at && at < until,
    };
    (format!("{field}{op}{text}"), yes(move |run| of(run).is_some_and(test)))
}

fn choice_term(dice: &mut Dice, field: &str, words: &[&'static str], of: fn(&PlainRun) -> String) -> Term {
    let (a, b) = (*dice.one(words).unwrap(), *dice.one(words).unwrap());
    let op = [":", "=", "!="][dice.roll(3)];
    let is = move |run: &PlainRun, word: &str| {
        let stands = of(run);
        stands == word || word == "unfinished" && ["waiting", "died"].contains(&stands.as_str())
    };
    let test = move |run: &PlainRun| (is(run, a) || is(run, b)) == (op != "!=");
    (format!("{field}{op}{a},{b}"), yes(test))
}

fn errors(run: &PlainRun) -> Vec<String> {
    run.errors.clone()
}

// What is said of the records in these tests is told by their ids.

fn is_starred(id: i64) -> bool {
    id.rem_euclid(3) == 0
}

fn verdict(id: i64) -> Option<Verdict> {
    [Some(Verdict::Good), Some(Verdict::Bad), Some(Verdict::Check), None][id.rem_euclid(4) as usize]
}

fn tags(id: i64) -> Vec<String> {
    let tags: &[&str] = [&["salt", "pH-7"][..], &["junk"], &[], &[], &[]][id.rem_euclid(5) as usize];
    tags.iter().map(|tag| (*tag).to_owned()).collect()
}

fn note(id: i64) -> Option<String> {
    (id.rem_euclid(4) == 1).then(|| format!("Look at {id}\nagain"))
}

/// Up to this id all is read; behind it the odd ones were opened.
const READ: i64 = 5;

fn is_unread(id: i64) -> bool {
    id > READ && id % 2 == 0
}

/// Marks the records of a lab so.
fn mark(lab: &Lab, data: &Path) {
    let cx = Cx::quiet();
    let place = lab.own_place().unwrap();
    OwnFile::make_folder(place, OwnUse::Marks).unwrap();
    let file = OwnFile::open(place, &RecordKey::default(), OwnUse::Marks).unwrap();
    file.read_all(&ReadUpTo { run: READ, start: String::new() }).unwrap();
    for id in runs(data).iter().map(|run| run.id) {
        let key = RecordKey::of(&lab.run(id, &cx).unwrap());
        let mut changes: Vec<MarkChange> = tags(id).into_iter().map(MarkChange::Tag).collect();
        changes.push(MarkChange::Star(is_starred(id)));
        changes.push(MarkChange::Verdict(verdict(id)));
        changes.extend(note(id).map(|text| MarkChange::Note { text, was: None }));
        file.change_marks(std::slice::from_ref(&key), &[], &changes, ("mara", "2026-11-24T08:00:00.000000"))
            .unwrap();
        if id > READ && !is_unread(id) {
            file.open_records(&[key]).unwrap();
        }
    }
    // One of a record that is gone, and had an id that another one has now.
    let gone = RecordKey { run: 1, start: "1999-01-01 00:00:00".to_owned(), name: "gone".to_owned() };
    let changes = [MarkChange::Tag("gone".to_owned())];
    file.change_marks(&[gone], &[], &changes, ("mara", "2026-11-24T08:00:00.000000")).unwrap();
}

/// A term on a field, with a value that a record has.
fn term(dice: &mut Dice, field: FilterField, run: &PlainRun) -> Term {
    let word = field.facts().word;
    let FieldKind::Choice(words) = field.facts().kind else {
        return match field {
            FilterField::Name => text_term(dice, word, |run| Some(run.name.clone()), run),
            FilterField::User => text_term(dice, word, |run| run.user.clone(), run),
            FilterField::Deck => text_term(dice, word, |run| run.deck.clone(), run),
            FilterField::Step => texts_term(dice, word, |run| run.methods.clone(), run),
            FilterField::Error => texts_term(dice, word, errors, run),
            FilterField::Event => texts_term(
                dice,
                word,
                |run| {
                    run.events
                        .iter()
                        .flat_map(|(kind, detail)| [Some(kind.clone()), detail.clone()])
                        .flatten()
                        .collect()
                },
                run,
            ),
            FilterField::Input => names_term(dice, word, |run| run.names(0), run),
            FilterField::Output => names_term(dice, word, |run| run.names(1), run),
            FilterField::Id => number_term(dice, word, |run| Some(run.id as f64), run),
            FilterField::Iterations => number_term(dice, word, |run| Some(run.iterations as f64), run),
            FilterField::Steps => number_term(dice, word, |run| Some(run.steps as f64), run),
            FilterField::Failed => number_term(dice, word, |run| Some(run.failed as f64), run),
            FilterField::Tries => number_term(dice, word, |run| Some(run.tries as f64), run),
            FilterField::Slow => number_term(dice, word, |run| Some(run.slow as f64), run),
            FilterField::Took => number_term(dice, word, PlainRun::took, run),
            FilterField::Tag => texts_term(dice, word, |run| tags(run.id), run),
            FilterField::Note => text_term(dice, word, |run| note(run.id), run),
            FilterField::Started => time_term(dice, word, |run| run.start, run),
            FilterField::Ended => time_term(dice, word, |run| run.end, run),
            other => panic!("{other:?} has no values here"),
        };
    };
    match field {
        FilterField::Status => choice_term(dice, word, words, |run| run.stands.clone()),
        FilterField::Mode => choice_term(dice, word, words, |run| {
            run.mode.clone().filter(|mode| !mode.is_empty()).unwrap_or_else(|| "none".to_owned())
        }),
        FilterField::Star => {
            choice_term(dice, word, words, |run| if is_starred(run.id) { "yes" } else { "no" }.to_owned())
        }
        FilterField::Verdict => {
            let word_of = |run: &PlainRun| verdict(run.id).map_or("none", Verdict::word).to_owned();
            choice_term(dice, word, words, word_of)
        }
        FilterField::Unread => {
            choice_term(dice, word, words, |run| if is_unread(run.id) { "yes" } else { "no" }.to_owned())
        }
        _ => {
            let part = ["log", "result", "plots", "error", "end", "note", "tag"][dice.roll(7)];
            (format!("has:{part}"), yes(move |run| run.has.contains(part)))
        }
    }
}

/// An expression at random over the terms of these records.
fn expression(dice: &mut Dice, runs: &[PlainRun], depth: usize) -> Term {
    let fields: Vec<FilterField> = FilterField::all().collect();
    if depth == 0 || dice.roll(3) == 0 {
        let run = dice.one(runs).unwrap();
        return match dice.roll(4) {
            0 => values_term(dice, run),
            1 => {
                let word = dice.part(&run.name);
                let id = word.parse::<i64>().ok();
                let named = word.clone();
                let test = move |run: &PlainRun| {
                    let user = run.user.as_ref().is_some_and(|user| has(user, &named));
                    has(&run.name, &named) || user || id == Some(run.id)
                };
                if word.is_empty() { ("id>0".to_owned(), yes(|_| true)) } else { (quoted(&word), yes(test)) }
            }
            _ => term(dice, *dice.clone().one(&fields).unwrap(), run),
        };
    }
    let (a, is_a) = expression(dice, runs, depth - 1);
    if dice.roll(4) == 0 {
        return (format!("-({a})"), Box::new(move |run| is_a(run).map(|meant| !meant)));
    }
    let (b, is_b) = expression(dice, runs, depth - 1);
    let both = move |run: &PlainRun| Some((is_a(run)?, is_b(run)?));
    match dice.roll(2) {
        0 => (format!("({a} or {b})"), Box::new(move |run| both(run).map(|(a, b)| a || b))),
        _ => (format!("({a}) ({b})"), Box::new(move |run| both(run).map(|(a, b)| a && b))),
    }
}

/// The records of a set, with what only the program can tell of each by other ways than the filter.
fn told_runs(lab: &Lab, data: &Path) -> Vec<PlainRun> {
    let mut all = runs(data);
    for run in &mut all {
        let mut cx = Cx::quiet();
        let row = run_row::record(lab, run.id, &cx).unwrap().unwrap();
        run.stands = match row.state() {
            Some(RunState::Waits) => "waiting".to_owned(),
            Some(state) => state.word().to_owned(),
            None => row.outcome.word().to_owned(),
        };
        run.slow = slow_steps::count(lab, run.id, &mut cx).unwrap().value as i64;
        let why = why::of_record(lab, run.id, Depth::Whole, &mut cx).unwrap().value;
        let again = why.failures.iter().filter_map(|failure| failure.attempt);
        run.tries = again.filter(|attempt| attempt.n < attempt.of).count() as i64;
        let entries = files::entries(lab, &row.run);
        let kinds = [
            (ExportKind::Log, "log"),
            (ExportKind::ResultFile, "result"),
            (ExportKind::OptimizerPlots, "plots"),
        ];
        for (kind, word) in kinds {
            let is_there = |entry: &&files::FileEntry| {
                entry.kind == kind && matches!(entry.state, FileState::OnDisk { .. })
            };
            run.has.extend(entries.iter().any(|entry| is_there(&entry)).then_some(word));
        }
        run.has.extend(run.has_end.then_some("end"));
        run.has.extend(note(run.id).map(|_| "note"));
        run.has.extend((!tags(run.id).is_empty()).then_some("tag"));
        let failed = run.failed > 0 || run.failed_phases || run.status.as_deref() == Some("error");
        run.has.extend((failed || row.stopped_in_error).then_some("error"));
    }
    all
}

/// Sets, as SQLite answers, as the memory does, and as a server, all at once and in the smallest pieces.
#[derive(Default)]
struct Labs {
    #[cfg(all(unix, feature = "postgres"))]
    server: OnceCell<Option<Arc<Server>>>,
}

impl Labs {
    fn of(&self, data: &Path, state: &Path) -> Vec<(&'static str, Lab)> {
        let (file, clock) = (data.join("ivoryos.db"), || stopped(NOON));
        let mut labs = vec![
            ("at once", lab_with(data, Options::without_cache(), clock())),
            ("in pieces", lab_with(data, Options::tiny(), clock())),
            ("in memory", memory::lab(&file, Rules::sqlite(), Limits::default(), clock()).unwrap()),
        ];
        #[cfg(all(unix, feature = "postgres"))]
        if let Some(server) = self.server.get_or_init(Server::shared)
            && SERVED.iter().any(|set| data == Set::open(set).data())
        {
            let lab = memory::lab_on_server(&file, &server.uri("postgres"), Limits::default(), clock());
            labs.push(("on a server", lab.unwrap()));
        }
        let folders = UserFolders { state: Some(state.to_path_buf()), config: None };
        let labs: Vec<_> = labs.into_iter().map(|(how, lab)| (how, lab.keeping_in(&folders))).collect();
        mark(&labs[0].1, data);
        labs
    }
}

#[track_caller]
fn check(lab: &Lab, how: &str, runs: &[PlainRun], (text, meaning): &Term) {
    let found: HashSet<i64> = found(lab, text).into_iter().collect();
    for run in runs {
        if let Some(meant) = meaning(run) {
            assert_eq!(found.contains(&run.id), meant, "{how}: {text}: record {} ({})", run.id, run.name);
        }
    }
}

/// Each field that is known, with values of each of some records of each set.
#[test]
fn every_field_means_on_every_set_what_plain_reading_says() {
    let all = Labs::default();
    for set in SETS {
        let (data, state) = (Set::open(set).data(), tempfile::tempdir().unwrap());
        let labs = all.of(&data, state.path());
        let runs = told_runs(&labs[0].1, &data);
        let mut dice = Dice(1);
        for field in FilterField::all() {
            for _ in 0..12 {
                let run = dice.clone().one(&runs).unwrap().clone();
                let term = term(&mut dice, field, &run);
                for (how, lab) in &labs {
                    check(lab, &format!("{set} {how}"), &runs, &term);
                }
            }
        }
    }
}

#[test]
fn expressions_at_random_mean_what_plain_reading_says() {
    let all = Labs::default();
    for set in SETS {
        let (data, state) = (Set::open(set).data(), tempfile::tempdir().unwrap());
        let labs = all.of(&data, state.path());
        let runs = told_runs(&labs[0].1, &data);
        let mut dice = Dice(7);
        for _ in 0..60 {
            let term = expression(&mut dice, &runs, 3);
            for (how, lab) in &labs {
                check(lab, &format!("{set} {how}"), &runs, &term);
            }
        }
    }
}

/// What a screen is shown first is right as far as it goes, and the rest comes.
#[test]
fn hits_come_before_all_is_read() {
    let data = Set::open(NEW).data();
    for text in ["step:dose", "out.mass>1 iter>1", "has:log error:e", "-out.mass<100 or slow>0"] {
        let lab = lab_with(&data, Options::without_cache(), stopped(NOON));
        let mut shown = HashSet::new();
        let page = loop {
            let page = ask(&lab, text, false);
            shown.extend(ids(&page));
            if page.unread.is_none() {
                break page;
            }
            rest(&lab);
        };
        let whole = found(&lab_with(&data, Options::without_cache(), stopped(NOON)), text);
        assert_eq!(ids(&page), whole, "{text}");
        assert!(shown.iter().all(|id| whole.contains(id)), "{text}");
    }
}

/// Before it is known whose rows are whose, hits are there that are said to be no whole; afterwards all is right.
#[test]
fn hits_are_there_before_the_index() {
    let data = Set::open(NEW).data();
    for text in ["step:dose", "out.mass>1", "iter>1", "has:error", "tries>0 or steps>5"] {
        let lab = lab_with(&data, Options::tiny(), stopped(NOON));
        let whole = found(&lab_with(&data, Options::without_cache(), stopped(NOON)), text);
        let query = ListQuery { filter: Filter::read(text).unwrap(), ..ListQuery::default() };
        let ask_it = Ask::Page { query, place: Place::Top, rows: 10_000 };
        let first = answer(&lab, &ask_it, &mut Cx::quiet()).unwrap();
        let Answer::Page(page) = &first.value else { panic!("no page") };
        assert!(first.lacks.rows, "{text}");
        assert!(
            !page.rows.is_empty() && ids(page).iter().all(|id| whole.contains(id)),
            "{text}: {:?}",
            ids(page)
        );
        rest(&lab);
        // A slow machine reads the records of a filter in more than one answer.
        let after = loop {
            let after = answer(&lab, &ask_it, &mut Cx::quiet()).unwrap();
            assert!(after.lacks.nothing(), "{text}");
            let Answer::Page(page) = after.value else { panic!("no page") };
            if page.unread.is_none() {
                break page;
            }
        };
        assert_eq!(ids(&after), whole, "{text}");
    }
}

/// Python's JSON has numbers that are none: they are found by their names, in any case of letters, and by nothing else.
#[test]
fn what_is_no_finite_number_is_found_by_its_name() {
    let data = Set::open("odd").data();
    let lab = lab_with(&data, Options::without_cache(), stopped(NOON));
    let infinite = found(&lab, "out.mass=Infinity");
    assert!(infinite.contains(&1), "{infinite:?}");
    assert_eq!(found(&lab, "out.mass=inf"), infinite);
    assert!(found(&lab, "out.mass>1e300").contains(&1));
    assert!(found(&lab, "out.ok=NaN").contains(&7));
    assert!(!found(&lab, "out.ok=1").contains(&7));
}
