//! The file: where it is, how it is read, and what stands in it.

use std::{
    fmt,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use jiff::SignedDuration;

use super::reader;
use crate::{
    error::{Error, Result, words},
    regular_file::read_small,
    style::ColorChoice,
};

/// Larger than anybody's configuration.
const MOST: u64 = 1 << 18;

/// What has nothing in it, where somebody wants no configuration.
const NOTHING: &str = "/dev/null";

/// A value, and the line where it stands, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
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
    pub keys: Vec<At<String>>,
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
    pub data: Option<At<PathBuf>>,
    pub view: Option<At<String>>,
    pub columns: Option<At<String>>,
    pub per_page: Option<At<u64>>,
    pub color: Option<At<ColorChoice>>,
    pub ascii: Option<At<bool>>,
    pub slow: Option<At<bool>>,
    pub title: Option<At<bool>>,
    pub bell: Option<At<bool>>,
    pub trash_age: Option<At<TrashAge>>,
    pub keys: Vec<KeyLine>,
    pub wrong: Vec<WrongLine>,
}

impl Config {
    /// Reads the file that was named, or the usual one where there is one; `home` is what `~` means in it. What can't be
    /// read or means nothing is in [`Config::wrong`].
    ///
    /// # Errors
    /// [`Error::Usage`] for a named file that is not there.
    pub fn of(named: Option<&Path>, usual: Option<&Path>, home: Option<&Path>) -> Result<Self> {
        let Some(path) = named.or(usual) else { return Ok(Self::default()) };
        let config = Self { path: Some(path.to_path_buf()), ..Self::default() };
        if path == Path::new(NOTHING) {
            return Ok(config);
        }
        let bytes = match read_small(path, MOST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => return Ok(config),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let path = path.display();
                return Err(Error::Usage(format!(
                    "{path}: there is no such file of settings; name one that is there, or leave --config and IVORYLENS_CONFIG away"
                )));
            }
            Err(error) => {
                let said = format!("{}; the defaults are in force", words(&error));
                return Ok(Self { is_there: true, wrong: vec![WrongLine { line: None, said }], ..config });
            }
        };
        let read = reader::read(&bytes, home);
        Ok(Self { path: config.path, is_there: true, ..read })
    }

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
