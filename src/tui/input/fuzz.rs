//! Bytes of a terminal, in pieces of any size.

use std::time::{Duration, Instant};

use super::decoder::Decoder;
use crate::tui::event::Event;

/// However the bytes are cut they mean the same keys and texts, no more than there are bytes, and nothing waits for ever.
/// The first byte says how they are cut, and whether the link is slow.
pub fn terminal_input(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let (slow, size) = (first & 1 > 0, usize::from(first >> 1).max(1));
    let whole = meant(slow, [bytes]);
    assert!(whole.len() <= bytes.len(), "{} events of {} bytes", whole.len(), bytes.len());
    let pieces = meant(slow, bytes.chunks(size));
    assert_eq!(format!("{whole:?}"), format!("{pieces:?}"), "in pieces of {size}");
}

fn meant<'a>(slow: bool, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let (mut decoder, now) = (Decoder::new(slow), Instant::now());
    let mut all: Vec<Event> = pieces.into_iter().flat_map(|piece| decoder.take(piece, now)).collect();
    all.extend(decoder.late(now + Duration::from_secs(10)));
    assert_eq!(decoder.due(), None, "something waits");
    let odd = all.iter().find(|event| !matches!(event, Event::Key(_) | Event::Paste(_)));
    assert!(odd.is_none(), "{odd:?}");
    all
}
