//! Microseconds since 1970 on the lab PC's clock, and their text as IvoryOS stores it.

use jiff::{SignedDuration, civil::DateTime};

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// A second in microseconds.
pub const SECOND: i64 = 1_000_000;

pub fn micros(at: DateTime) -> i64 {
    i64::try_from(at.duration_since(EPOCH).as_micros()).unwrap_or(0)
}

/// Writes times; the text of the last minute is kept, since neighbours share it.
#[derive(Default)]
pub struct DemoClock {
    minute: Option<i64>,
    prefix: String,
}

impl DemoClock {
    /// `YYYY-MM-DD HH:MM:SS.ffffff`.
    pub fn text(&mut self, us: i64) -> String {
        let minute = us.div_euclid(60 * SECOND);
        if self.minute != Some(minute) {
            let at = EPOCH.saturating_add(SignedDuration::from_secs(minute.saturating_mul(60)));
            self.prefix = at.strftime("%Y-%m-%d %H:%M:").to_string();
            self.minute = Some(minute);
        }
        let rest = us.rem_euclid(60 * SECOND);
        format!("{}{:02}.{:06}", self.prefix, rest / SECOND, rest % SECOND)
    }

    /// `YYYY-MM-DD HH:MM:SS`, as log lines have it.
    pub fn seconds(&mut self, us: i64) -> String {
        let mut text = self.text(us);
        text.truncate(19);
        text
    }

    /// `YYYY-MM-DD HH-MM-SS`, as file names have it.
    pub fn file(&mut self, us: i64) -> String {
        self.seconds(us).replace(':', "-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_as_stored() {
        let at = DateTime::constant(2026, 11, 24, 3, 0, 13, 57_491_000);
        let mut clock = DemoClock::default();
        assert_eq!(clock.text(micros(at)), "2026-11-24 03:00:13.057491");
        assert_eq!(clock.text(micros(at) + 60 * SECOND), "2026-11-24 03:01:13.057491");
        assert_eq!(clock.file(micros(at)), "2026-11-24 03-00-13");
    }
}
