//! The screens: the list of records, a record with its tabs, the calls by hand, and the trash.

#[cfg(test)]
mod believable;
pub mod calls;
mod lines_place;
mod loadable;
mod mark_words;
mod progress_words;
pub mod record;
pub mod records;
#[cfg(test)]
mod sizes;
pub mod trash;
pub mod why;
mod words;

use super::{
    action::Action,
    widgets::{reader::Reader, scroll::Scroll},
};

/// Moves a list as a moving action says.
pub(crate) fn scroll_by(scroll: &mut Scroll, action: Action) {
    match action {
        Action::Down => scroll.move_by(1),
        Action::Up => scroll.move_by(-1),
        Action::PageDown => scroll.page(1),
        Action::PageUp => scroll.page(-1),
        Action::HalfDown => scroll.half_page(1),
        Action::HalfUp => scroll.half_page(-1),
        Action::Top => scroll.top(),
        Action::Bottom => scroll.bottom(),
        _ => {}
    }
}

/// Moves a text, or wraps it, as an action says; false for an action that means something else.
pub(crate) fn read_by(reader: &mut Reader, action: Action) -> bool {
    match action {
        Action::Down => reader.move_by(1),
        Action::Up => reader.move_by(-1),
        Action::PageDown => reader.page(1),
        Action::PageUp => reader.page(-1),
        Action::HalfDown => reader.half_page(1),
        Action::HalfUp => reader.half_page(-1),
        Action::Top => reader.top(),
        Action::Bottom => reader.bottom(),
        Action::Left => reader.sideways(false),
        Action::Right => reader.sideways(true),
        Action::Wrap => reader.turn_wrap(),
        _ => return false,
    }
    true
}
