//! Following a growing record must not keep the lab's PC busy: after answers that took long, the next change is
//! reported later.

use std::time::{Duration, Instant};

/// How long the answers since the last reported change took, and when the last of them ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct Effort {
    spent: Duration,
    ended: Option<Instant>,
}

/// Rest for each unit of work: a twentieth of the time is spent on answers at most, while [`OLDEST`] allows it.
const REST: u32 = 19;
/// The longest rest: a screen that is followed is no older than this and the time of its answers.
const OLDEST: Duration = Duration::from_secs(3);

impl Effort {
    #[must_use]
    pub fn with(self, began: Instant, ended: Instant) -> Self {
        Self { spent: self.spent + ended.saturating_duration_since(began), ended: Some(ended) }
    }

    pub fn rests(&self, now: Instant) -> bool {
        self.ended.is_some_and(|ended| now.saturating_duration_since(ended) < (self.spent * REST).min(OLDEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twentieth_of_the_time_is_spent() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        assert!(!Effort::default().rests(start));
        let effort = Effort::default().with(at(0), at(60)).with(at(70), at(110));
        assert!(effort.rests(at(110)) && effort.rests(at(2_009)));
        assert!(!effort.rests(at(2_010)));
        let long = Effort::default().with(at(0), at(500));
        assert!(long.rests(at(3_499)) && !long.rests(at(3_500)));
    }
}
