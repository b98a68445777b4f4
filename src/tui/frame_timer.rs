//! When a frame is due, and when no key has come for a while. The caller gives the time.

use std::time::{Duration, Instant};

/// A frame waits so long for answers that are about to come: one frame instead of a half-empty and a full one.
const SOON: Duration = Duration::from_millis(5);
/// Keys that are closer together were typed ahead, or are a program's: their frames are drawn with a pause, the first of
/// them [`SOON`], so that how many bytes they are does not hang on how the link cuts them.
const FLOOD: Duration = Duration::from_millis(10);
const FLOOD_FRAME: Duration = Duration::from_millis(20);
/// Behind typed-ahead keys nobody reads a half-empty frame: it waits so long for its answers.
const FLOOD_ANSWERS: Duration = Duration::from_millis(100);
/// After so long without a key [`super::event::Event::Rest`] is sent.
const REST: Duration = Duration::from_millis(100);
/// The time between two ticks while the lab is followed.
const TICK: Duration = Duration::from_millis(250);

/// The time between two tries to read what was locked: each waits for the lock by itself, unless it is to wait for none.
const AGAIN: Duration = Duration::from_millis(250);

/// For slow links: the time between two frames, and how long keys must be still.
const SLOW_FRAME: Duration = Duration::from_millis(100);
const SLOW_REST: Duration = Duration::from_millis(400);

/// What the app waits for besides events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wants {
    /// Answers that the next frame would show.
    pub answers: bool,
    /// To hear that no key has come for a while.
    pub rest: bool,
    /// Ticks.
    pub ticks: bool,
    /// To try again what the lab's lock left without an answer.
    pub again: bool,
}

#[derive(Debug)]
pub struct FrameTimer {
    slow: bool,
    /// Since when something has happened that no frame shows yet.
    undrawn: Option<Instant>,
    /// When bytes were sent last.
    sent: Option<Instant>,
    key: Option<Instant>,
    /// The last key came close behind another one.
    floods: bool,
    event: Instant,
    /// The last tick.
    ticked: Instant,
    /// The last try to read what was locked.
    tried: Instant,
}

impl FrameTimer {
    /// The first frame is due at once.
    pub fn new(slow: bool, now: Instant) -> Self {
        FrameTimer {
            slow,
            undrawn: Some(now),
            sent: None,
            key: None,
            floods: false,
            event: now,
            ticked: now,
            tried: now,
        }
    }

    /// Something happened, with so many keys among it.
    pub fn happened(&mut self, now: Instant, keys: usize) {
        self.event = now;
        self.undrawn = self.undrawn.or(Some(now));
        if keys > 0 {
            self.floods = keys > 1 || self.key.is_some_and(|last| now < last + FLOOD);
            self.key = Some(now);
        }
    }

    /// A frame was made, and sent if it differed from what the terminal shows.
    pub fn drawn(&mut self, now: Instant, sent: bool) {
        self.undrawn = None;
        if sent {
            self.sent = Some(now);
        }
    }

    /// When the next frame is to be drawn.
    pub fn frame(&self, wants: Wants) -> Option<Instant> {
        let since = self.undrawn?;
        let due = match (wants.answers, self.floods) {
            (true, true) => since + FLOOD_ANSWERS,
            (false, false) => since,
            _ => since + SOON,
        };
        let pause = match (self.slow, self.floods) {
            (true, _) => SLOW_FRAME,
            (false, true) => FLOOD_FRAME,
            (false, false) => Duration::ZERO,
        };
        let free = self.sent.map(|sent| sent + pause);
        Some(free.map_or(due, |free| free.max(due)))
    }

    /// When no key will have come for a while, for those that want to hear of it.
    pub fn rest(&self, wants: Wants) -> Option<Instant> {
        let still = if self.slow { SLOW_REST } else { REST };
        wants.rest.then(|| self.key.map_or(self.event, |key| key + still))
    }

    pub fn tick(&self, wants: Wants) -> Option<Instant> {
        wants.ticks.then(|| self.ticked + TICK)
    }

    /// There is one.
    pub fn ticks(&mut self, now: Instant) {
        self.ticked = now;
    }

    /// When to try again what was locked.
    pub fn again(&self, wants: Wants) -> Option<Instant> {
        wants.again.then(|| self.tried + AGAIN)
    }

    /// It is tried.
    pub fn tries(&mut self, now: Instant) {
        self.tried = now;
    }

    /// When the first of all these is due; `None` lets the program sleep until something happens.
    pub fn next(&self, wants: Wants) -> Option<Instant> {
        let all = [self.frame(wants), self.rest(wants), self.tick(wants), self.again(wants)];
        all.into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A pace after its first frame, and the time of that.
    fn begun(slow: bool) -> (FrameTimer, Instant) {
        let now = Instant::now();
        let mut pace = FrameTimer::new(slow, now);
        assert_eq!(pace.frame(Wants::default()), Some(now));
        pace.drawn(now, true);
        (pace, now)
    }

    #[test]
    fn where_nothing_is_due_nobody_wakes() {
        for slow in [false, true] {
            let (mut pace, start) = begun(slow);
            assert_eq!(pace.next(Wants::default()), None);
            pace.happened(start + 500 * MS, 1);
            pace.drawn(start + 500 * MS, true);
            assert_eq!(pace.next(Wants::default()), None);
        }
    }

    #[test]
    fn a_frame_waits_a_moment_for_its_answers() {
        let (mut pace, start) = begun(false);
        pace.happened(start + MS, 1);
        let asked = Wants { answers: true, ..Wants::default() };
        assert_eq!(pace.frame(asked), Some(start + MS + SOON));
        pace.happened(start + 3 * MS, 0);
        assert_eq!(pace.frame(asked), Some(start + MS + SOON), "counted from the first event");
        assert_eq!(pace.frame(Wants::default()), Some(start + MS), "they are there");
    }

    #[test]
    fn on_a_slow_link_ten_frames_a_second_and_the_first_at_once() {
        let (mut pace, start) = begun(true);
        let first = start + 1000 * MS;
        pace.happened(first, 1);
        assert_eq!(pace.frame(Wants::default()), Some(first));
        pace.drawn(first, true);
        pace.happened(first + 30 * MS, 1);
        pace.happened(first + 60 * MS, 1);
        assert_eq!(pace.next(Wants::default()), Some(first + SLOW_FRAME));
        pace.drawn(first + SLOW_FRAME, true);
        assert_eq!(pace.next(Wants::default()), None);
        // A frame without a change costs the link nothing.
        pace.happened(first + 300 * MS, 1);
        pace.drawn(first + 300 * MS, false);
        pace.happened(first + 310 * MS, 1);
        assert_eq!(pace.frame(Wants::default()), Some(first + 310 * MS));
    }

    #[test]
    fn keys_that_flood_in_are_drawn_with_pauses_and_the_first_at_once() {
        let (mut pace, start) = begun(false);
        let mut frames = Vec::new();
        for n in 0..200 {
            let now = start + 1000 * MS + n * MS / 2;
            pace.happened(now, 1);
            if pace.frame(Wants::default()).is_some_and(|due| due <= now) {
                pace.drawn(now, true);
                frames.push(n / 2);
            }
        }
        assert_eq!(frames, [0, 20, 40, 60, 80]);
        let last = pace.next(Wants::default()).unwrap();
        assert_eq!(last, start + 1100 * MS, "what came last is drawn too");
        pace.drawn(last, true);
        // Several at once: the rest may be on its way.
        let now = start + 2000 * MS;
        pace.happened(now, 70);
        assert_eq!(pace.frame(Wants::default()), Some(now + SOON));
        pace.happened(now + 2 * MS, 130);
        assert_eq!(pace.frame(Wants::default()), Some(now + SOON));
        let asked = Wants { answers: true, ..Wants::default() };
        assert_eq!(pace.frame(asked), Some(now + FLOOD_ANSWERS));
        pace.drawn(now + SOON, true);
        // A hand is slower: each key at once.
        for n in 1..5 {
            let now = start + 3000 * MS + n * 30 * MS;
            pace.happened(now, 1);
            assert_eq!(pace.frame(Wants::default()), Some(now));
            pace.drawn(now, true);
        }
    }

    #[test]
    fn keys_rest_when_none_came_for_a_while() {
        let rest = Wants { rest: true, ..Wants::default() };
        for (slow, still) in [(false, REST), (true, SLOW_REST)] {
            let (mut pace, start) = begun(slow);
            assert_eq!(pace.rest(rest), Some(start), "no key was pressed");
            assert_eq!(pace.rest(Wants::default()), None);
            pace.happened(start + MS, 1);
            pace.happened(start + 50 * MS, 0);
            assert_eq!(pace.rest(rest), Some(start + MS + still), "answers are no keys");
        }
    }

    #[test]
    fn ticks_come_four_times_a_second_whatever_else_does() {
        let (mut pace, start) = begun(false);
        let ticks = Wants { ticks: true, ..Wants::default() };
        assert_eq!(pace.next(ticks), Some(start + TICK));
        for n in 1..4 {
            pace.happened(start + n * 100 * MS, 1);
            pace.drawn(start + n * 100 * MS, true);
        }
        assert_eq!(pace.next(ticks), Some(start + TICK), "keys don't put it off");
        pace.ticks(start + 300 * MS);
        assert_eq!(pace.next(ticks), Some(start + 300 * MS + TICK));
    }

    #[test]
    fn what_was_locked_is_tried_again_with_pauses() {
        let (mut pace, start) = begun(false);
        let again = Wants { again: true, ..Wants::default() };
        let late = start + 5_000 * MS;
        pace.happened(late, 0);
        pace.drawn(late, true);
        assert!(pace.next(again).is_some_and(|due| due <= late), "it waited for the lock long enough");
        pace.tries(late);
        pace.happened(late + MS, 1);
        pace.drawn(late + MS, true);
        assert_eq!(pace.next(again), Some(late + AGAIN), "keys don't put it off");
    }
}
