//! Which of a screen's lines are seen, where none is selected: from which on, kept valid however they change.

use crate::tui::action::Action;

/// A place among lines.
#[derive(Debug, Default)]
pub(in crate::tui::screens) struct LinesPlace {
    first: usize,
    /// How many lines there are, and how many of them fit.
    len: usize,
    height: usize,
}

impl LinesPlace {
    /// The first line on screen.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Other lines, or another window.
    pub fn set(&mut self, len: usize, height: u16) {
        (self.len, self.height) = (len, usize::from(height));
        self.first = self.first.min(self.last());
    }

    pub fn top(&mut self) {
        self.first = 0;
    }

    /// The furthest that scrolling goes.
    fn last(&self) -> usize {
        self.len.saturating_sub(self.height)
    }

    /// As a moving action says; others leave it.
    pub fn move_by(&mut self, action: Action) {
        self.first = action.moved(self.first, self.height, self.last());
    }

    /// Would this action move it?
    pub fn can(&self, action: Action) -> bool {
        match action {
            Action::Down | Action::PageDown | Action::HalfDown | Action::Bottom => self.first < self.last(),
            Action::Up | Action::PageUp | Action::HalfUp | Action::Top => self.first > 0,
            _ => false,
        }
    }

    /// For the bottom line, where not all are seen.
    pub fn position(&self) -> Option<String> {
        let end = (self.first + self.height).min(self.len);
        (self.len > self.height).then(|| format!("{}-{end} of {}", self.first + 1, self.len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(len: usize, height: u16) -> LinesPlace {
        let mut place = LinesPlace::default();
        place.set(len, height);
        place
    }

    #[test]
    fn it_moves_to_both_ends_and_says_so() {
        let mut place = of(31, 12);
        assert_eq!(place.position().as_deref(), Some("1-12 of 31"));
        assert!(place.can(Action::PageDown) && !place.can(Action::Up));
        place.move_by(Action::HalfDown);
        assert_eq!(place.position().as_deref(), Some("7-18 of 31"));
        assert!(place.can(Action::Top) && place.can(Action::Bottom));
        place.move_by(Action::Bottom);
        assert_eq!(place.position().as_deref(), Some("20-31 of 31"));
        assert!(!place.can(Action::Down) && place.can(Action::PageUp));
        place.move_by(Action::Reload);
        assert_eq!(place.first(), 19);
        assert!(!place.can(Action::Reload));
        place.top();
        assert_eq!(place.first(), 0);
    }

    #[test]
    fn fewer_lines_or_more_room_take_it_back() {
        let mut place = of(31, 12);
        place.move_by(Action::Bottom);
        place.set(14, 12);
        assert_eq!(place.first(), 2);
        place.set(14, 40);
        assert_eq!((place.first(), place.position()), (0, None));
        assert!(!place.can(Action::Down));
        for mut place in [of(0, 0), of(0, 9), of(9, 0)] {
            place.move_by(Action::PageDown);
            place.set(0, 0);
            assert_eq!(place.first(), 0);
        }
    }
}
