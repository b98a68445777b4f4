//! Ages as they are typed: `30d`, `2w`.

use jiff::SignedDuration;

use super::time_words;

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
