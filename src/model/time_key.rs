//! Times as numbers that sort as their texts do, so that a list of a million records is sorted without its texts.

use jiff::civil::DateTime;

/// A time of `YYYY-MM-DD HH:MM:SS` or, right behind that, `YYYY-MM-DD HH:MM:SS.ffffff`: years to microseconds as one
/// number in mixed radix, and one bit for the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeKey(i64);

/// Where a part begins in the text, its digits, the values that it may have, from 0.
const PARTS: [(usize, usize, i64); 6] =
    [(0, 4, 10_000), (5, 2, 13), (8, 2, 32), (11, 2, 24), (14, 2, 60), (17, 2, 60)];
const MARKS: [(usize, u8); 5] = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
const FRACTION: (usize, usize, i64) = (20, 6, 1_000_000);

impl TimeKey {
    /// One above the highest key.
    pub const END: i64 = 10_000 * 13 * 32 * 24 * 60 * 60 * 1_000_000 * 2;

    /// `None` for a text of any other form.
    pub fn of_text(text: &[u8]) -> Option<Self> {
        let has_fraction = match text.len() {
            19 => false,
            26 if text.get(19) == Some(&b'.') => true,
            _ => return None,
        };
        if MARKS.iter().any(|(at, mark)| text.get(*at) != Some(mark)) {
            return None;
        }
        let mut number = 0;
        for (at, digits, values) in PARTS {
            number = number * values + part(text, at, digits).filter(|part| *part < values)?;
        }
        let (at, digits, values) = FRACTION;
        number = number * values + if has_fraction { part(text, at, digits)? } else { 0 };
        Some(Self(number * 2 + i64::from(has_fraction)))
    }

    /// The key of a moment; `None` for a year that is not written with four digits.
    pub fn of(at: DateTime) -> Option<Self> {
        let micros = i64::from(at.subsec_nanosecond()) / 1_000;
        let text = format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{micros:06}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        );
        Self::of_text(text.as_bytes())
    }

    /// The key with this number; `None` where there is none.
    pub fn of_number(number: i64) -> Option<Self> {
        (0..Self::END).contains(&number).then_some(Self(number))
    }

    pub fn number(self) -> i64 {
        self.0
    }

    /// The text that it was made of. A number that no text gives has that of the next one, so that texts never fall.
    pub fn text(self) -> String {
        let (year, month, day, hour, minute, second, micros) = self.parts();
        let text = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
        if self.0 % 2 == 0 && micros == 0 { text } else { format!("{text}.{micros:06}") }
    }

    /// The moment; `None` for a day that no calendar has.
    pub fn at(self) -> Option<DateTime> {
        let (year, month, day, hour, minute, second, micros) = self.parts();
        let small = |n: i64| i8::try_from(n).ok();
        DateTime::new(
            i16::try_from(year).ok()?,
            small(month)?,
            small(day)?,
            small(hour)?,
            small(minute)?,
            small(second)?,
            i32::try_from(micros).ok()? * 1_000,
        )
        .ok()
    }

    /// Microseconds to another time of the same day, without looking into a calendar; `None` for other days, and for those
    /// that not every month has.
    pub fn micros_within_day(self, other: TimeKey) -> Option<i64> {
        const DAY: i64 = 24 * 60 * 60 * 1_000_000;
        let (from, to) = (self.0 / 2, other.0 / 2);
        let day = from / DAY;
        let is_plain = (1..=28).contains(&(day % 32)) && (1..=12).contains(&(day / 32 % 13));
        (is_plain && day == to / DAY).then_some(to - from)
    }

    fn parts(self) -> (i64, i64, i64, i64, i64, i64, i64) {
        let mut rest = self.0 / 2;
        let mut take = |values: i64| {
            let part = rest % values;
            rest /= values;
            part
        };
        let micros = take(FRACTION.2);
        let (second, minute, hour) = (take(60), take(60), take(24));
        let (day, month) = (take(32), take(13));
        (take(10_000), month, day, hour, minute, second, micros)
    }

    /// The lowest key whose text stands behind this one.
    pub fn behind(text: &[u8]) -> i64 {
        let (mut low, mut high) = (0, Self::END);
        while low < high {
            let middle = low.midpoint(high);
            if Self(middle).text().as_bytes() <= text { low = middle + 1 } else { high = middle }
        }
        low
    }
}

fn part(text: &[u8], at: usize, digits: usize) -> Option<i64> {
    text.get(at..at + digits)?.iter().try_fold(0_i64, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form() -> impl Strategy<Value = String> {
        let parts = (1998..2002_i32, 0..14_u8, 0..33_u8, 0..25_u8, 0..61_u8, 0..61_u8);
        (parts, prop::option::of(0..3_u32), 0..3_u8).prop_map(|((y, mo, d, h, mi, s), micros, cut)| {
            let mut text = format!("{y:04}-{mo:02}-{d:02} {h:02}:{mi:02}:{s:02}");
            if let Some(micros) = micros {
                text.push_str(&format!(".{:06}", micros * 499_999));
            }
            text.truncate(text.len() - usize::from(cut));
            text
        })
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_texts(a in form(), b in form()) {
            if let (Some(a_key), Some(b_key)) = (TimeKey::of_text(a.as_bytes()), TimeKey::of_text(b.as_bytes())) {
                prop_assert_eq!(a_key.cmp(&b_key), a.cmp(&b));
                prop_assert_eq!(a_key.text(), a);
            }
        }

        /// Times of a day are as far from each other as a calendar says.
        #[test]
        fn times_of_a_day_are_subtracted(a in form(), b in form()) {
            if let (Some(a), Some(b)) = (TimeKey::of_text(a.as_bytes()), TimeKey::of_text((a[..10].to_owned() + &b[10..]).as_bytes()))
                && let Some(micros) = a.micros_within_day(b)
            {
                let between = b.at().unwrap().duration_since(a.at().unwrap());
                prop_assert_eq!(i128::from(micros), between.as_micros());
            }
        }

        /// Any text has its place among the keys.
        #[test]
        fn other_texts_stand_between_keys(text in "[0-9 :.T-]{0,27}", other in form()) {
            let behind = TimeKey::behind(text.as_bytes());
            if let Some(key) = TimeKey::of_text(other.as_bytes()) {
                prop_assert_eq!(key.number() >= behind, other > text, "{} {}", key.number(), behind);
            }
        }
    }

    #[test]
    fn a_moment_has_the_key_of_its_text() {
        let at = jiff::civil::date(2026, 11, 24).at(3, 4, 31, 250_999);
        assert_eq!(TimeKey::of(at).map(TimeKey::text).as_deref(), Some("2026-11-24 03:04:31.000250"));
        assert_eq!(TimeKey::of(jiff::civil::date(-5, 1, 1).at(0, 0, 0, 0)), None);
    }

    #[test]
    fn a_key_tells_its_moment() {
        let key = TimeKey::of_text(b"2026-11-24 03:04:31.000250").unwrap();
        assert_eq!(key.at().unwrap(), jiff::civil::date(2026, 11, 24).at(3, 4, 31, 250_000));
        for none in ["2026-11-24", "2026-13-01 00:00:00", "2026-11-24T03:04:31", "2026-11-24 03:04:31.5", ""]
        {
            assert_eq!(TimeKey::of_text(none.as_bytes()), None, "{none}");
        }
        assert_eq!(TimeKey::of_text(b"2026-02-31 00:00:00").unwrap().at(), None);
    }
}
