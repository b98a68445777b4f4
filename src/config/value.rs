//! Values of the file as what they are to be, or what is said where they are not.

use std::path::{Path, PathBuf};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::file::OnLine;
use crate::model::sanitize;

/// The longest part of a wrong value that is shown.
const SHOWN: usize = 40;

/// The text of the file, for lines and for what is shown of wrong values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub text: &'a str,
    /// What `~` means.
    pub home: Option<&'a Path>,
}

/// A value as it stands there.
pub(super) type FileValue<'a> = Spanned<DeValue<'a>>;

impl Source<'_> {
    /// The line of a place in the text, from 1.
    pub fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or(self.text.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// The value as it is shown where it is wrong.
    pub fn shown(&self, value: &FileValue<'_>) -> String {
        let text = self.text.get(value.span()).unwrap_or_default();
        let text = sanitize::sanitize(text.lines().next().unwrap_or_default());
        sanitize::cut_with(&text, SHOWN, "...").into_owned()
    }

    pub fn text(&self, value: &FileValue<'_>) -> Option<String> {
        value.get_ref().as_str().map(str::to_owned)
    }

    pub fn whole(&self, value: &FileValue<'_>) -> Option<u64> {
        let number = value.get_ref().as_integer()?;
        u64::from_str_radix(number.as_str(), number.radix()).ok()
    }

    /// Texts: one alone, or a list of them, each with its line.
    pub fn texts(&self, value: &FileValue<'_>) -> Option<Vec<OnLine<String>>> {
        let at = |value: &FileValue<'_>| {
            Some(OnLine { value: self.text(value)?, line: self.line(value.span().start) })
        };
        match value.get_ref() {
            DeValue::Array(all) => all.iter().map(at).collect(),
            _ => at(value).map(|one| vec![one]),
        }
    }

    /// A path from the root on, or from home on.
    pub fn path(&self, text: &str) -> Option<PathBuf> {
        self.path_or_why(text).ok()
    }

    /// The same, or why it is none.
    pub fn path_or_why(&self, text: &str) -> Result<PathBuf, String> {
        let path = match text.strip_prefix('~') {
            Some(rest) => {
                let below = if rest.is_empty() { Some("") } else { rest.strip_prefix(['/', '\\']) };
                let below = below.ok_or("~ is one's own home folder alone, a slash comes behind it")?;
                self.home.ok_or("there is no HOME that ~ could be")?.join(below)
            }
            None => PathBuf::from(text),
        };
        if path.has_root() { Ok(path) } else { Err("the path does not begin at / or ~".to_owned()) }
    }
}

/// The entries of a table in the order in which they stand there.
pub(super) fn in_order<'t, 'a>(table: &'t DeTable<'a>) -> Vec<(&'t str, usize, &'t FileValue<'a>)> {
    let mut all: Vec<_> =
        table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value)).collect();
    all.sort_by_key(|(_, at, _)| *at);
    all
}
