//! From the bytes of the file to what stands in it: whatever is wrong is told with its line, and the rest counts.

use std::path::{Path, PathBuf};

use strum::VariantArray;
use toml::de::{DeTable, DeValue};

use super::{
    file::{Config, KeyLine, NamedLab, OnLine, TrashAge, WrongLine},
    setting::Setting,
    value::{FileValue, Source, in_order},
};
use crate::{
    model::{age::age, alike::choices, sanitize::sanitize},
    style::ColorChoice,
};

/// Tables of the file.
const LABS: &str = "labs";
const KEYS: &str = "keys";

/// Reads it; `home` is what `~` means.
pub(super) fn read(bytes: &[u8], home: Option<&Path>) -> Config {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let source = Source { text: "", home };
            let good = bytes.get(..error.valid_up_to()).and_then(|good| std::str::from_utf8(good).ok());
            let at = Source { text: good.unwrap_or_default(), ..source }.line(error.valid_up_to());
            return unreadable(at, "this is no UTF-8, as TOML is");
        }
    };
    // What some editors begin a file with, and lines are counted as before.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source { text, home };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let line = source.line(at);
            let has_path = text.lines().nth(line.saturating_sub(1)).is_some_and(|line| line.contains('\\'));
            let advice = if has_path { "; put a path with \\ between single quotes" } else { "" };
            return unreadable(line, &format!("this is no TOML: {}{advice}", error.message()));
        }
    };
    let mut reader = Reader { source, config: Config::default() };
    reader.all(table.get_ref());
    reader.config.add_wrong([]);
    reader.config
}

fn unreadable(line: usize, why: &str) -> Config {
    let why = sanitize(why).replace('\n', ", ");
    let said = format!("{why}; until that is mended the defaults are in force");
    Config { wrong: vec![WrongLine { line: Some(line), said }], ..Config::default() }
}

struct Reader<'a> {
    source: Source<'a>,
    config: Config,
}

impl<'a> Reader<'a> {
    fn all(&mut self, table: &DeTable<'a>) {
        let entries = in_order(table);
        // What is opened may be one of them.
        for (_, _, value) in entries.iter().filter(|(word, _, _)| *word == LABS) {
            self.labs(value);
        }
        for (word, at, value) in entries {
            match (word, Setting::VARIANTS.iter().find(|setting| setting.facts().word == word)) {
                (LABS, _) => {}
                (KEYS, _) => self.keys(value),
                (_, Some(setting)) => self.setting(*setting, value),
                (_, None) => self.no_setting(word, at),
            }
        }
    }

    fn wrong(&mut self, at: usize, said: String) {
        self.config.wrong.push(WrongLine { line: Some(self.source.line(at)), said: sanitize(&said).into() });
    }

    fn no_setting(&mut self, word: &str, at: usize) {
        let all = Setting::VARIANTS.iter().map(|setting| setting.facts().word).chain([LABS, KEYS]);
        let said = format!("there is no setting {word:?}; {}", choices(word, &all.collect::<Vec<_>>()));
        self.wrong(at, said);
    }

    /// What is none of the things that could stand there.
    fn unwanted(&mut self, word: &str, value: &FileValue<'a>, wanted: &str) {
        let shown = self.source.shown(value);
        // It may have a password in it.
        let shown = if shown.contains("://") { "an address" } else { &*shown };
        self.wrong(value.span().start, format!("{word} can't be {shown}; {wanted} could stand there"));
    }

    fn setting(&mut self, setting: Setting, value: &FileValue<'a>) {
        let line = self.source.line(value.span().start);
        let (source, known) = (self.source, value.get_ref());
        let text = || source.text(value);
        let config = &mut self.config;
        let is_good = match setting {
            Setting::Data => {
                let named = text().filter(|text| config.lab(Path::new(text)).is_some()).map(PathBuf::from);
                put(&mut config.data, line, named.or_else(|| source.path(&text()?)))
            }
            Setting::View => put(&mut config.view, line, text()),
            Setting::Columns => put(&mut config.columns, line, text()),
            Setting::PerPage => {
                let rows = source.whole(value).filter(|rows| [10, 20, 50].contains(rows));
                put(&mut config.per_page, line, rows)
            }
            Setting::Color => {
                let word = text();
                let choice = ColorChoice::ALL.into_iter().find(|one| Some(one.word()) == word.as_deref());
                put(&mut config.color, line, choice)
            }
            Setting::Ascii => put(&mut config.ascii, line, known.as_bool()),
            Setting::Slow => put(&mut config.slow, line, known.as_bool()),
            Setting::Title => put(&mut config.title, line, known.as_bool()),
            Setting::Bell => put(&mut config.bell, line, known.as_bool()),
            Setting::TrashAge => {
                let read = text().and_then(|text| Some(TrashAge { age: age(&text).ok()?, text }));
                put(&mut config.trash_age, line, read)
            }
        };
        if !is_good {
            let facts = setting.facts();
            self.unwanted(facts.word, value, facts.wanted);
        }
    }

    fn labs(&mut self, value: &FileValue<'a>) {
        let Some(labs) = value.get_ref().as_table() else {
            return self.unwanted(LABS, value, "a table [labs] with lines NAME = \"PATH\"");
        };
        for (name, at, value) in in_order(labs) {
            let is_name = !name.is_empty() && !name.starts_with('-') && !name.contains(['/', '\\', '\n']);
            if !is_name {
                let said = format!(
                    "{name:?} can't be the name of a lab; a name without slashes and without a dash in front could stand there"
                );
                self.wrong(at, said);
            } else {
                match self.place(value) {
                    Ok((data, db)) => {
                        let (name, line) = (name.to_owned(), self.source.line(at));
                        self.config.labs.push(NamedLab { name, data, db, line });
                    }
                    Err(why) => self.wrong(
                        value.span().start,
                        format!("labs.{name} is no place of a lab: {why}; {A_LAB} could stand there"),
                    ),
                }
            }
        }
    }

    /// Path and address of a lab: a text is either, a table has both. Why it is neither is said without what stands there,
    /// which may have a password in it.
    fn place(&self, value: &FileValue<'a>) -> Result<(Option<PathBuf>, Option<String>), String> {
        let DeValue::Table(parts) = value.get_ref() else {
            let text = self.source.text(value).ok_or("it is no text and no table")?;
            return match text.contains("://") {
                true => Ok((None, Some(text))),
                false => self.source.path_or_why(&text).map(|path| (Some(path), None)),
            };
        };
        let (mut data, mut db) = (None, None);
        for (part, _, value) in in_order(parts) {
            let text = self.source.text(value).ok_or_else(|| format!("{part} is no text"));
            match part {
                "data" => data = Some(self.source.path_or_why(&text?)?),
                "db" => {
                    let address = text?;
                    if !address.contains("://") {
                        return Err("db is no address".to_owned());
                    }
                    db = Some(address);
                }
                other => return Err(format!("{other:?} is neither data nor db")),
            }
        }
        if data.is_none() && db.is_none() { Err("the table is empty".to_owned()) } else { Ok((data, db)) }
    }

    fn keys(&mut self, value: &FileValue<'a>) {
        let Some(keys) = value.get_ref().as_table() else {
            return self.unwanted(KEYS, value, "a table [keys] with lines ACTION = \"KEY\"");
        };
        for (word, at, value) in in_order(keys) {
            match value.get_ref() {
                DeValue::Table(place) => {
                    for (action, at, value) in in_order(place) {
                        self.key_line(Some(word), (action, at), value);
                    }
                }
                _ => self.key_line(None, (word, at), value),
            }
        }
    }

    fn key_line(&mut self, place: Option<&str>, (action, at): (&str, usize), value: &FileValue<'a>) {
        match self.source.texts(value) {
            Some(keys) => self.config.keys.push(KeyLine {
                place: place.map(str::to_owned),
                action: action.to_owned(),
                keys,
                line: self.source.line(at),
            }),
            None => {
                self.unwanted(action, value, "a key as \"x\", several as [\"x\", \"F5\"], or [] for none")
            }
        }
    }
}

/// What a lab can be.
const A_LAB: &str =
    "a path from / or ~ on, an address postgresql://USER@HOST/BASE, or { db = ADDRESS, data = PATH }";

/// Keeps a value, if there is one.
fn put<T>(at: &mut Option<OnLine<T>>, line: usize, value: Option<T>) -> bool {
    *at = value.map(|value| OnLine { value, line });
    at.is_some()
}
