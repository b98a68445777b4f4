//! The reader of filter words beside their writer.

use crate::model::{
    filter::words::Filter,
    sanitize::{sanitize, width},
};

/// Words that mean something are written so that they mean the same; an error has its place within the words.
pub fn filter_words(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Filter::read(text) {
        Ok(filter) => {
            if let Some(expr) = filter.expr() {
                let written = Filter::of(expr.clone());
                let again = Filter::read(written.text());
                let again = again.as_ref().map(Filter::expr);
                assert_eq!(again, Ok(Some(expr)), "{text:?} was written as {:?}", written.text());
            }
        }
        Err(error) => {
            let (from, to) = (error.at.start, error.at.end);
            assert!(from <= to && text.get(from..to).is_some(), "{from}..{to} of {text:?}");
            error.marked(text, |part| width(&sanitize(part)));
        }
    }
    if let Ok(typed) = Filter::typed(text) {
        let again = Filter::read(typed.text());
        assert!(again.is_ok(), "{:?} of {text:?} means nothing: {again:?}", typed.text());
    }
}
