//! A time as people type it: a day, a minute, a second, or so long before now.

use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, DateTime, Time},
};

use super::call::Stretch;

/// What can be typed, for messages and help.
pub const EXAMPLES: &str =
    "2026-11-24, 2026-11, 2026-11-24T03:04, 03:04, today, yesterday, tue, 2d, 6h or 30min";

/// Seconds of a unit, by its word; `m` is a minute too where only a length of time can be meant.
const UNITS: [(&str, i64); 5] = [("d", 86_400), ("h", 3_600), ("min", 60), ("m", 60), ("s", 1)];

/// The days of a week, from Monday.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The stretch that words mean: a day from its beginning to the next one's, a minute, a second; `2d` is a moment.
/// `None` where they mean no time.
pub fn read(words: &str, now: DateTime) -> Option<Stretch> {
    let words = words.trim();
    let day = |date: Date| stretch(date.at(0, 0, 0, 0), date.tomorrow().ok()?.at(0, 0, 0, 0));
    match words {
        "today" => return day(now.date()),
        "yesterday" => return day(now.date().yesterday().ok()?),
        _ => {}
    }
    if let Some(weekday) = (1..).zip(DAYS).find(|(_, day)| *day == words).map(|(n, _)| n) {
        // The last one: a week ago today.
        let back = (i64::from(now.weekday().to_monday_one_offset()) - weekday - 1).rem_euclid(7) + 1;
        return day(now.date().checked_sub(back.days()).ok()?);
    }
    if let Some(moment) = before(words, now) {
        return stretch(moment, moment);
    }
    if let Some(date) = date(words) {
        return day(date);
    }
    if let Some(first) = date(&format!("{words}-01")) {
        return stretch(first.at(0, 0, 0, 0), first.checked_add(1.month()).ok()?.at(0, 0, 0, 0));
    }
    match words.split_once(['T', 't', ' ']) {
        Some((day, clock)) => at_clock(date(day)?, clock.trim_start()),
        None => at_clock(now.date(), words),
    }
}

fn stretch(since: DateTime, until: DateTime) -> Option<Stretch> {
    Some(Stretch { since: Some(since), until: Some(until) })
}

/// Exactly `YYYY-MM-DD`.
fn date(words: &str) -> Option<Date> {
    let has_form = words.len() == 10
        && words.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if has_form { words.parse().ok() } else { None }
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.ffffff` of a day.
fn at_clock(date: Date, clock: &str) -> Option<Stretch> {
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = clock.split_once('.').map_or((clock, None), |(whole, part)| (whole, Some(part)));
    let parts: Vec<&str> = whole.split(':').collect();
    if !parts.iter().all(|part| digits(part)) {
        return None;
    }
    let long = match (parts.len(), fraction) {
        (2, None) => SignedDuration::from_mins(1),
        (3, None) => SignedDuration::from_secs(1),
        (3, Some(part)) if (1..=6).contains(&part.len()) => SignedDuration::from_micros(1),
        _ => return None,
    };
    let since = date.to_datetime(clock.parse::<Time>().ok()?);
    stretch(since, since.checked_add(long).ok()?)
}

/// `2d`, `6h`, `30min`, `45s` before now.
fn before(words: &str, now: DateTime) -> Option<DateTime> {
    let unit = words.find(|c: char| !c.is_ascii_digit())?;
    let (many, unit) = words.split_at(unit);
    let many: i64 = many.parse().ok()?;
    let seconds = UNITS.iter().find(|(word, _)| *word == unit && unit != "m")?.1;
    now.checked_sub(SignedDuration::from_secs(many.checked_mul(seconds)?)).ok()
}

/// A length of time in seconds: `1h30min`, `45s`, `1.5h`, `90`. `None` where it is none.
pub fn seconds(words: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if digits(words) {
        return words.parse().ok();
    }
    let (mut rest, mut sum) = (words, 0.0);
    while !rest.is_empty() {
        let (many, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let unit = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit);
        let seconds = UNITS.iter().find(|(word, _)| *word == unit)?.1;
        sum += many.parse::<f64>().ok()? * seconds as f64;
        rest = behind;
    }
    (!words.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime {
        jiff::civil::date(2027, 3, 1).at(5, 6, 7, 8_000)
    }

    fn said(words: &str) -> String {
        match read(words, now()) {
            Some(Stretch { since: Some(since), until: Some(until) }) => format!("{since} {until}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn words_mean_days_minutes_and_moments() {
        assert_eq!(said("2024-02-28"), "2024-02-28T00:00:00 2024-02-29T00:00:00");
        assert_eq!(said("2026-12"), "2026-12-01T00:00:00 2027-01-01T00:00:00");
        assert_eq!(said("today"), "2027-03-01T00:00:00 2027-03-02T00:00:00");
        assert_eq!(said("yesterday"), "2027-02-28T00:00:00 2027-03-01T00:00:00");
        assert_eq!(said("2026-11-24T23:59"), "2026-11-24T23:59:00 2026-11-25T00:00:00");
        assert_eq!(said("2026-11-24 03:04:05"), "2026-11-24T03:04:05 2026-11-24T03:04:06");
        assert_eq!(said("2026-11-24T03:04:05.25"), "2026-11-24T03:04:05.25 2026-11-24T03:04:05.250001");
        assert_eq!(said("18:40"), "2027-03-01T18:40:00 2027-03-01T18:41:00");
        assert_eq!(said("2d"), "2027-02-27T05:06:07.000008 2027-02-27T05:06:07.000008");
        assert_eq!(
            [said("6h"), said("30min")].map(|s| s[..19].to_owned()),
            ["2027-02-28T23:06:07", "2027-03-01T04:36:07"]
        );
    }

    /// The clock of these tests stands on a Monday.
    #[test]
    fn a_weekday_is_the_last_one_before_today() {
        for (word, day) in [("sun", "2027-02-28"), ("tue", "2027-02-23"), ("mon", "2027-02-22")] {
            assert_eq!(said(word)[..10], *day, "{word}");
        }
    }

    #[test]
    fn lengths_of_time_have_units() {
        for (words, long) in
            [("1h30min", 5400.0), ("1.5h", 5400.0), ("90", 90.0), ("2d", 172_800.0), ("30m", 1800.0)]
        {
            assert_eq!(seconds(words), Some(long), "{words}");
        }
        for words in ["", "h", "5parsecs", "1h30", "-5s", "5 s", "1..5s", "1e3s", "inf"] {
            assert_eq!(seconds(words), None, "{words}");
        }
    }

    #[test]
    fn other_words_mean_no_time() {
        for words in [
            "",
            "d",
            "2",
            "2w",
            "-2d",
            "99999999999999999999d",
            "9223372036854775807d",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "2026-1-1",
            "2026-11-24T",
            "2026-11-24T3:04",
            "2026-11-24T24:00",
            "2026-11-24T03:04:05.",
            "2026-11-24T03:04Z",
            "3:04",
            "03:60",
            "03:04:05.1234567",
            "tomorrow",
            "2026-11-24T03:04+01:00",
            "９d",
        ] {
            assert_eq!(read(words, now()), None, "{words:?}");
        }
    }
}
