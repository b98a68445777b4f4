//! The screens: the list of records, and a record with its tabs.

pub mod record;
pub mod records;
#[cfg(test)]
mod sizes;

use super::{action::Action, widgets::scroll::Scroll};

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
