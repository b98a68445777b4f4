//! How values of the command line are read: what is wrong with one is said in plain words.

use std::{
    num::{IntErrorKind, ParseIntError},
    ops::RangeInclusive,
    str::FromStr,
};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::SignedDuration;
use unicode_width::UnicodeWidthStr;

use crate::model::{filter::words::Filter, sanitize::sanitize, time_words};

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

/// Days of the longer units of an age.
const LONG_UNITS: [(&str, i64); 2] = [("mo", 30), ("w", 7)];

/// Reads an age with its unit: `30` alone could be days as well as seconds, `1m` a month as well as a minute.
pub fn age(text: &str) -> Result<SignedDuration, String> {
    let wanted =
        || "wanted is a length of time with its unit, as 30d, 2w, 1mo (30 days), 12h or 30min".to_owned();
    if text.ends_with('m') {
        return Err(format!("m could be minutes or months: write min or mo; {}", wanted()));
    }
    for (unit, days) in LONG_UNITS {
        if let Some(number) = text.strip_suffix(unit) {
            let hours = number.parse::<u32>().ok().map(|number| i64::from(number) * days * 24);
            return hours.map(SignedDuration::from_hours).ok_or_else(wanted);
        }
    }
    let has_unit = text.ends_with(|last: char| last.is_ascii_alphabetic());
    let seconds = time_words::seconds(text).filter(|_| has_unit);
    seconds.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok()).ok_or_else(wanted)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_a_unit_that_means_one_thing() {
        let hours = |text| age(text).map(|age| age.as_hours());
        for (text, wanted) in [("30d", 720), ("1mo", 720), ("2w", 336), ("12h", 12), ("90min", 1), ("0d", 0)]
        {
            assert_eq!(hours(text), Ok(wanted), "{text}");
        }
        for wrong in ["30", "1m", "1h30m", "-1d", "mo", "-1w", "1.5mo", "soon", ""] {
            assert!(age(wrong).unwrap_err().contains("with its unit, as 30d, 2w, 1mo"), "{wrong}");
        }
        assert!(age("1m").unwrap_err().contains("write min or mo"));
    }
}
