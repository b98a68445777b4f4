//! What a record's last phases and steps tell of whether it is still at work.

use jiff::civil::DateTime;

use super::timestamp::Timestamp;

/// A step that took longer, in seconds, began or ended by a clock that was not set yet: a month.
pub const LONGEST_STEP: f64 = 31.0 * 86_400.0;

/// The latest times of a record's phases and steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Activity {
    /// The latest start or end.
    pub last: Option<DateTime>,
    /// The newest step without an end.
    pub open: Option<StepBegun>,
}

/// A step that has begun.
#[derive(Debug, Clone, PartialEq)]
pub struct StepBegun {
    pub method_name: String,
    pub start: Timestamp,
}

impl Activity {
    /// Takes a phase or step into account.
    pub fn see(&mut self, start: &Timestamp, end: &Timestamp) {
        self.last = self.last.max(if end.is_none() { start.at() } else { end.at() });
    }
}
