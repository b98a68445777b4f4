//! What is in force, and who set it: an option, else the environment, else the file, else nobody.

use std::{ffi::OsString, path::PathBuf};

use super::{
    file::{Config, OnLine, TrashAge},
    setting::Setting,
};
use crate::style::{ColorChoice, Theme};

/// Who set something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SetBy {
    /// An option, or a word of the command line, by its name.
    Option(&'static str),
    /// A variable of the environment.
    Variable(&'static str),
    /// A line of the file.
    Line(usize),
    #[default]
    Default,
}

/// A value that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InForce<T> {
    pub value: T,
    pub by: SetBy,
}

/// What options say; `None` for those that were not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ByOptions {
    /// With the name of the option.
    pub data: Option<(PathBuf, &'static str)>,
    pub color: Option<ColorChoice>,
    pub ascii: Option<bool>,
    pub slow: Option<bool>,
    pub title: Option<bool>,
    pub bell: Option<bool>,
}

/// All settings that are in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllSettings {
    pub data: InForce<Option<PathBuf>>,
    pub view: InForce<Option<String>>,
    /// As the list writes them; empty are those at first.
    pub columns: InForce<String>,
    pub per_page: InForce<u64>,
    pub color: InForce<ColorChoice>,
    pub ascii: InForce<bool>,
    pub slow: InForce<bool>,
    pub title: InForce<bool>,
    pub bell: InForce<bool>,
    pub trash_age: InForce<Option<TrashAge>>,
}

impl AllSettings {
    /// What is in force; `env` is asked for variables.
    pub fn of(given: &ByOptions, env: &dyn Fn(&str) -> Option<OsString>, config: &Config) -> Self {
        let set = |name: &'static str| Some((env(name).filter(|value| !value.is_empty())?, name));
        let data = set("IVORYLENS_DATA").map(|(value, name)| (PathBuf::from(value), name));
        let no_color = set("NO_COLOR").map(|(_, name)| (ColorChoice::Never, name));
        let text = |name: &str| env(name).and_then(|value| value.into_string().ok());
        // More than the terminal can is never in force.
        let only_ascii = Theme::only_ascii(text).filter(|_| given.ascii != Some(true));
        let ascii = match only_ascii {
            Some(variable) => InForce { value: true, by: SetBy::Variable(variable) },
            None => first(given.ascii.map(|ascii| (ascii, "--ascii")), None, &config.ascii, false),
        };
        Self {
            data: some(first_of(given.data.clone(), data, &config.data)),
            view: some(first_of(None, None, &config.view)),
            columns: first(None, None, &config.columns, String::new()),
            per_page: first(None, None, &config.per_page, 10),
            color: first(
                given.color.map(|color| (color, "--color")),
                no_color,
                &config.color,
                ColorChoice::Auto,
            ),
            ascii,
            slow: first(given.slow.map(|slow| (slow, "--slow")), None, &config.slow, false),
            title: first(given.title.map(|title| (title, "--no-title")), None, &config.title, true),
            bell: first(given.bell.map(|bell| (bell, "--bell")), None, &config.bell, false),
            trash_age: some(first_of(None, None, &config.trash_age)),
        }
    }

    /// Who set it.
    pub fn set_by(&self, setting: Setting) -> SetBy {
        match setting {
            Setting::Data => self.data.by,
            Setting::View => self.view.by,
            Setting::Columns => self.columns.by,
            Setting::PerPage => self.per_page.by,
            Setting::Color => self.color.by,
            Setting::Ascii => self.ascii.by,
            Setting::Slow => self.slow.by,
            Setting::Title => self.title.by,
            Setting::Bell => self.bell.by,
            Setting::TrashAge => self.trash_age.by,
        }
    }
}

impl Default for AllSettings {
    fn default() -> Self {
        Self::of(&ByOptions::default(), &|_| None, &Config::default())
    }
}

/// The keys of an action that are in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInForce {
    /// The table within `[keys]`; `None` is `[keys]` itself.
    pub place: Option<&'static str>,
    pub action: String,
    pub keys: Vec<String>,
    pub by: SetBy,
}

type Named<T> = Option<(T, &'static str)>;

/// The first of them that says something.
fn first_of<T: Clone>(option: Named<T>, variable: Named<T>, line: &Option<OnLine<T>>) -> Option<InForce<T>> {
    let option = option.map(|(value, name)| InForce { value, by: SetBy::Option(name) });
    let variable = variable.map(|(value, name)| InForce { value, by: SetBy::Variable(name) });
    let line = line.clone().map(|OnLine { value, line }| InForce { value, by: SetBy::Line(line) });
    option.or(variable).or(line)
}

fn first<T: Clone>(option: Named<T>, variable: Named<T>, line: &Option<OnLine<T>>, default: T) -> InForce<T> {
    first_of(option, variable, line).unwrap_or(InForce { value: default, by: SetBy::Default })
}

fn some<T>(found: Option<InForce<T>>) -> InForce<Option<T>> {
    match found {
        Some(InForce { value, by }) => InForce { value: Some(value), by },
        None => InForce { value: None, by: SetBy::Default },
    }
}
