//! The entries of a log, read whole and from the middle on.

use crate::{
    model::encoding::Encoding,
    services::why::{
        arguments::LoggedCall,
        entries::{Count, Entry, entries, exception, first_time},
    },
};

/// Entries follow each other within the file, and whoever reads from one of them on sees the same ones.
pub fn log_entries(bytes: &[u8]) {
    let encoding = Encoding::of(bytes);
    let all = entries(bytes, 0, encoding);
    let mut end = 0;
    for entry in &all {
        assert!(entry.offset >= end && entry.length > 0, "{entry:?} begins before {end}");
        end = entry.end();
        told(entry);
    }
    assert!(end <= bytes.len() as u64, "{end} of {}", bytes.len());
    let first = first_time(bytes, encoding, true).map(|(at, time)| (at as u64, time));
    assert_eq!(first, all.first().map(|entry| (entry.offset, entry.time)));
    // The place in the middle that a search by halves would come to.
    let middle = all.len() / 2;
    if let Some((entry, rest)) = all.get(middle).zip(all.get(middle..)) {
        let from = usize::try_from(entry.offset).unwrap_or_default();
        let rest_of_file = bytes.get(from..).unwrap_or_default();
        assert_eq!(entries(rest_of_file, entry.offset, encoding), rest);
    }
}

/// What is read out of an entry.
fn told(entry: &Entry) {
    Count::of_text(&entry.text);
    if let Some(traceback) = entry.traceback() {
        let class = exception(&traceback);
        assert!(class.is_none_or(|class| !class.is_empty() && traceback.contains(&class)), "{traceback}");
    }
    if let Some(message) = entry.message("Error during script execution: ") {
        assert!(!message.ends_with('\n'), "{message:?}");
    }
    LoggedCall::of(entry).and_then(|call| call.arguments());
}
