//! How values of the command line are read: what is wrong with one is said in plain words.

use std::{
    num::{IntErrorKind, ParseIntError},
    ops::RangeInclusive,
    str::FromStr,
};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use unicode_width::UnicodeWidthStr;

use crate::model::{filter::words::Filter, sanitize::sanitize};

/// Reads one of these words as what it stands for.
pub fn one_of<T, const N: usize>(words: [(&'static str, T); N]) -> impl TypedValueParser<Value = T>
where
    T: Copy + Default + Send + Sync + 'static,
{
    let meant = move |word: String| words.iter().find(|(known, _)| *known == word).map(|(_, meant)| *meant);
    PossibleValuesParser::new(words.map(|(word, _)| word)).map(move |word| meant(word).unwrap_or_default())
}

/// Reads a whole number, or says in plain words why there is none.
pub fn whole<T: FromStr<Err = ParseIntError>>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "there is no number so large here",
        _ => "this is no whole number",
    })
}

/// Reads filter words, or says what is wrong with them and where.
pub fn filter(text: &str) -> Result<Filter, String> {
    Filter::read(text).map_err(|wrong| {
        let shown = sanitize(text);
        // What is shown may be longer than what was typed: then the mark would stand elsewhere.
        if shown == text { wrong.marked(text, UnicodeWidthStr::width) } else { wrong.message }
    })
}

/// Reads filter words for what acts on all that they mean: an empty variable of a script must not be everything.
pub fn some_filter(text: &str) -> Result<Filter, String> {
    let read = filter(text)?;
    let all = "these are no words, which would mean every record; 'id>0' means all";
    Some(read).filter(|read| !read.is_empty()).ok_or_else(|| all.to_owned())
}

/// Reads a whole number of this range.
pub fn within(text: &str, range: RangeInclusive<u64>) -> Result<u64, String> {
    let (least, most) = (range.start(), range.end());
    let wanted = match *most {
        u64::MAX => format!("wanted is a whole number from {least} on"),
        most => format!("wanted is a whole number from {least} to {most}"),
    };
    whole(text).ok().filter(|number| range.contains(number)).ok_or(wanted)
}
