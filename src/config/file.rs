//! What stands in the file, as values with their lines, and what of it is wrong.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use jiff::SignedDuration;

use crate::style::ColorChoice;

/// A value, and the line where it stands, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnLine<T> {
    pub value: T,
    pub line: usize,
}

/// What means nothing in the file, what could stand there, and in which line; `None` for all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongLine {
    pub line: Option<usize>,
    pub said: String,
}

/// What is wrong in the file, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldWrong {
    /// The file and the line.
    pub at: String,
    /// What, and what could stand there.
    pub said: String,
}

impl fmt::Display for ToldWrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.said)
    }
}

/// A lab that can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedLab {
    pub name: String,
    /// Its folder or database.
    pub data: Option<PathBuf>,
    /// The address of its database on a server.
    pub db: Option<String>,
    pub line: usize,
}

/// Keys for an action, as they stand there: nobody knows yet whether these words mean something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    /// The table within `[keys]`; `None` is `[keys]` itself.
    pub place: Option<String>,
    pub action: String,
    pub keys: Vec<OnLine<String>>,
    pub line: usize,
}

/// An age as it was written, and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashAge {
    pub text: String,
    pub age: SignedDuration,
}

/// What stands in the file, as far as it means something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Where it is, or could be.
    pub path: Option<PathBuf>,
    /// Whether there is one.
    pub is_there: bool,
    pub labs: Vec<NamedLab>,
    pub data: Option<OnLine<PathBuf>>,
    pub view: Option<OnLine<String>>,
    pub columns: Option<OnLine<String>>,
    pub per_page: Option<OnLine<u64>>,
    pub color: Option<OnLine<ColorChoice>>,
    pub ascii: Option<OnLine<bool>>,
    pub slow: Option<OnLine<bool>>,
    pub title: Option<OnLine<bool>>,
    pub bell: Option<OnLine<bool>>,
    pub trash_age: Option<OnLine<TrashAge>>,
    pub keys: Vec<KeyLine>,
    pub wrong: Vec<WrongLine>,
}

impl Config {
    /// The lab of this name.
    pub fn lab(&self, name: &Path) -> Option<&NamedLab> {
        self.labs.iter().find(|lab| name.to_str() == Some(&lab.name))
    }

    /// What is wrong, as it is told: the file, the line, what, and what could stand there.
    pub fn told(&self) -> Vec<ToldWrong> {
        let path = self.path.as_deref().unwrap_or(Path::new("config.toml")).display();
        let at = |wrong: &WrongLine| match wrong.line {
            Some(line) => format!("{path}:{line}"),
            None => path.to_string(),
        };
        self.wrong.iter().map(|wrong| ToldWrong { at: at(wrong), said: wrong.said.clone() }).collect()
    }

    /// Adds what others found wrong, in the order of lines.
    pub fn add_wrong(&mut self, more: impl IntoIterator<Item = WrongLine>) {
        self.wrong.extend(more);
        self.wrong.sort_by_key(|wrong| wrong.line);
    }
}
