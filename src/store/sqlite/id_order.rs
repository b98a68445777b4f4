//! The order in which a healthy table gives its ids. In a damaged one they come back, fall or lie outside of what was asked
//! for: rows would be taken for others, or twice, or a walk would never end.

use rusqlite::{Error, Result, ffi};

/// The words of the error, by which it is told from SQLite's own.
const WORDS: &str = "ids do not rise";

/// Whether ids came in a wrong order: also those of a sound table whose ids are no key.
pub(super) fn is_wrong_order(error: &Error) -> bool {
    matches!(error, Error::SqliteFailure(_, Some(words)) if words == WORDS)
}

/// What may come next while rows of a range of ids are read.
#[derive(Debug)]
pub(super) struct IdOrder {
    from: i64,
    to: i64,
    is_rising: bool,
    /// The end of the range was given.
    is_through: bool,
}

impl IdOrder {
    /// From the lower end of a range up.
    pub fn rising(from: i64, to: i64) -> Self {
        Self { from, to, is_rising: true, is_through: false }
    }

    /// From the upper end of a range down.
    pub fn falling(from: i64, to: i64) -> Self {
        Self { is_rising: false, ..Self::rising(from, to) }
    }

    /// Takes the next row's id.
    ///
    /// # Errors
    /// The error that SQLite gives for a damaged file, where the id is not one that may come next.
    pub fn next(&mut self, id: i64) -> Result<i64> {
        if self.is_through || !(self.from..=self.to).contains(&id) {
            return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(WORDS.to_owned())));
        }
        let next = if self.is_rising { id.checked_add(1) } else { id.checked_sub(1) };
        match next {
            Some(next) if self.is_rising => self.from = next,
            Some(next) => self.to = next,
            None => self.is_through = true,
        }
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(mut order: IdOrder, ids: &[i64]) -> usize {
        ids.iter().take_while(|id| order.next(**id).is_ok()).count()
    }

    #[test]
    fn only_ids_of_the_range_in_its_direction_are_taken() {
        assert_eq!(takes(IdOrder::rising(3, 9), &[3, 4, 9, 9]), 3);
        assert_eq!(takes(IdOrder::rising(3, 9), &[2]), 0);
        assert_eq!(takes(IdOrder::rising(3, 9), &[5, 10]), 1);
        assert_eq!(takes(IdOrder::rising(3, 9), &[5, 4]), 1);
        assert_eq!(takes(IdOrder::falling(3, 9), &[9, 7, 3, 2]), 3);
        assert_eq!(takes(IdOrder::falling(3, 9), &[7, 8]), 1);
    }

    #[test]
    fn nothing_comes_behind_the_last_id_there_is() {
        assert_eq!(takes(IdOrder::rising(i64::MIN, i64::MAX), &[i64::MIN, i64::MAX, i64::MAX]), 2);
        assert_eq!(takes(IdOrder::falling(i64::MIN, i64::MAX), &[i64::MAX, i64::MIN, i64::MIN]), 2);
    }
}
