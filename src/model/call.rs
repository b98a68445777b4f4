//! Calls by hand: what people did on the instruments outside of runs, and which of them are wanted.

use jiff::civil::DateTime;

use super::{timestamp::Timestamp, value::RawCell};

/// A row of `single_steps`; columns that the file's version lacks are `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call {
    pub id: i64,
    pub method_name: String,
    /// Its arguments by name.
    pub kwargs: RawCell,
    pub start: Timestamp,
    pub end: Timestamp,
    /// The text of what went wrong.
    pub run_error: Option<String>,
    /// What it returned.
    pub output: RawCell,
}

impl Call {
    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        let cell = |cell: &RawCell| cell.0.as_ref().map_or(0, |bytes| bytes.len());
        let error = self.run_error.as_ref().map_or(0, String::len);
        self.method_name.len() + cell(&self.kwargs) + cell(&self.output) + error
    }
}

/// Which columns of calls are wanted; the others come as NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallColumns {
    /// The id and the times.
    Times,
    All,
}

/// A stretch of time, open where it has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stretch {
    /// From this moment on.
    pub since: Option<DateTime>,
    /// Up to the moment before this one.
    pub until: Option<DateTime>,
}

impl Stretch {
    pub fn is_all(&self) -> bool {
        *self == Stretch::default()
    }

    /// Does a moment lie in it? What has no time lies in none but that of all time.
    pub fn has(&self, at: Option<DateTime>) -> bool {
        match at {
            Some(at) => {
                self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
            }
            None => self.is_all(),
        }
    }

    /// Could a moment between these two, they included, lie in it?
    pub fn meets(&self, earliest: DateTime, latest: DateTime) -> bool {
        self.since.is_none_or(|since| since <= latest) && self.until.is_none_or(|until| earliest < until)
    }
}

/// Which calls by hand are wanted: those that began in a stretch of time and have some words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallQuery {
    /// In the method's name, the arguments, the result or the error. Empty is no search.
    pub words: String,
    pub began: Stretch,
}

impl CallQuery {
    pub fn is_all(&self) -> bool {
        self.words.is_empty() && self.began.is_all()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_stretch_has_its_beginning_and_not_its_end() {
        let at = |minute| date(2026, 3, 9).at(7, minute, 0, 0);
        let stretch = Stretch { since: Some(at(10)), until: Some(at(20)) };
        let has = [9, 10, 19, 20].map(|minute| stretch.has(Some(at(minute))));
        assert_eq!((has, stretch.has(None)), ([false, true, true, false], false));
        assert!(
            stretch.meets(at(1), at(10)) && stretch.meets(at(19), at(50)) && stretch.meets(at(1), at(50))
        );
        assert!(!stretch.meets(at(1), at(9)) && !stretch.meets(at(20), at(50)));
        assert!(Stretch::default().has(None) && Stretch { until: None, ..stretch }.has(Some(at(59))));
    }
}
