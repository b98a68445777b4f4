//! What the list of the trash and a record in it have in common.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use crate::{
    model::{format::date_time, timestamp::Timestamp},
    services::trash::{EntryState, TrashEntry},
    style::Theme,
    tui::{
        screen::Effect,
        widgets::text::{Span, put, spans_width},
    },
};

/// Its delete has ended half-way.
pub fn is_unfinished(entry: &TrashEntry) -> bool {
    entry.state != EntryState::Gone
}

/// When and by whom a record was deleted, as the head of the record says it.
pub fn deleted_words(entry: &TrashEntry) -> String {
    let at = entry.deleted_at.parse().map_or_else(|_| entry.deleted_at.clone(), date_time);
    match entry.deleted_by.as_str() {
        "" => format!("deleted {at}"),
        by => format!("deleted {at} by {by}"),
    }
}

/// The columns of a text, for what stands at the right of a head.
pub fn put_right(text: Span<'_>, theme: &Theme, (y, from): (u16, usize), area: Rect, buf: &mut Buffer) {
    let wide = u16::try_from(spans_width(std::slice::from_ref(&text))).unwrap_or(u16::MAX);
    let x = area.width.saturating_sub(wide).saturating_sub(1);
    if usize::from(x) > from {
        put(buf, area, x, y, &text.text, theme.style(text.kind));
    }
}

/// When an entry's record began.
pub fn start(entry: &TrashEntry) -> Timestamp {
    match entry.start.replace(' ', "T").parse() {
        Ok(at) => Timestamp::At(at),
        Err(_) if entry.start.is_empty() => Timestamp::None,
        Err(_) => Timestamp::Odd(entry.start.as_str().into()),
    }
}

/// How an entry is called.
pub fn label(entry: &TrashEntry) -> String {
    format!("#{} {}", entry.run, entry.name)
}

/// Puts an entry back.
pub fn restore(entry: &TrashEntry) -> Effect {
    Effect::Restore { entries: vec![entry.n], label: label(entry) }
}

/// The size below the lines of a head.
pub fn below(size: Size, head: u16) -> Size {
    Size { height: size.height.saturating_sub(head), ..size }
}
