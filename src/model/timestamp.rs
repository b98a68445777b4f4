//! A moment as IvoryOS stores it: the lab PC's local clock, no zone, to the microsecond.

use jiff::civil::DateTime;

/// A time column: empty, a clock time, or text that is none (kept and shown as it stands); ordered as SQLite does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Timestamp {
    #[default]
    None,
    At(DateTime),
    Odd(Box<str>),
}

impl Timestamp {
    /// Reads `YYYY-MM-DD[ T]HH:MM:SS[.ffffff]`, or a date alone, as SQLAlchemy does.
    pub fn read(text: Option<&str>) -> Self {
        match text {
            None => Timestamp::None,
            Some(t) => usual(t.as_bytes())
                .or_else(|| t.parse().ok())
                .map_or_else(|| Timestamp::Odd(t.into()), Timestamp::At),
        }
    }

    pub fn at(&self) -> Option<DateTime> {
        if let Timestamp::At(t) = self { Some(*t) } else { None }
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Timestamp::None)
    }

    /// Python's `str(datetime)`: microseconds only when they are not zero. Empty for none.
    pub fn python(&self) -> String {
        match self {
            Timestamp::None => String::new(),
            Timestamp::Odd(t) => t.to_string(),
            Timestamp::At(t) => written(*t, ' ', micros(*t) != 0),
        }
    }

    /// `YYYY-MM-DD HH:MM:SS.ffffff`, as IvoryOS stores it. Empty for none.
    pub fn stored(&self) -> String {
        match self {
            Timestamp::At(t) => written(*t, ' ', true),
            _ => self.python(),
        }
    }

    /// `YYYY-MM-DDTHH:MM:SS.ffffff`, as all our JSON prints times.
    pub fn iso(&self) -> Option<String> {
        match self {
            Timestamp::None => None,
            Timestamp::Odd(t) => Some(t.to_string()),
            Timestamp::At(t) => Some(written(*t, 'T', true)),
        }
    }
}

/// `YYYY-MM-DD HH:MM:SS.ffffff`, as IvoryOS writes nearly all; exports read millions of them.
fn usual(text: &[u8]) -> Option<DateTime> {
    let text: &[u8; 26] = text.try_into().ok()?;
    let marks = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':'), (19, b'.')];
    if marks.iter().any(|(at, mark)| text.get(*at) != Some(mark)) {
        return None;
    }
    let number = |from: usize, to: usize| {
        text.get(from..to)?.iter().try_fold(0_i32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0'))
        })
    };
    let short = |at: usize| number(at, at + 2).and_then(|n| i8::try_from(n).ok());
    let year = i16::try_from(number(0, 4)?).ok()?;
    // A leap second is for the careful reader.
    let second = short(17).filter(|second| *second < 60)?;
    let nanosecond = number(20, 26)? * 1000;
    DateTime::new(year, short(5)?, short(8)?, short(11)?, short(14)?, second, nanosecond).ok()
}

fn written(t: DateTime, between: char, with_micros: bool) -> String {
    let mut text = String::with_capacity(26);
    let mut two = |number: i32, behind: Option<char>| {
        let digit = |n: i32| char::from(b'0' + u8::try_from(n % 10).unwrap_or(0));
        text.extend([digit(number / 10), digit(number)]);
        text.extend(behind);
    };
    let year = i32::from(t.year());
    two(year / 100, None);
    two(year % 100, Some('-'));
    two(t.month().into(), Some('-'));
    two(t.day().into(), Some(between));
    two(t.hour().into(), Some(':'));
    two(t.minute().into(), Some(':'));
    two(t.second().into(), with_micros.then_some('.'));
    if with_micros {
        let micros = micros(t);
        two(micros / 10_000, None);
        two(micros / 100 % 100, None);
        two(micros % 100, None);
    }
    text
}

/// Microseconds of the second; anything finer is cut as Python cuts it.
fn micros(t: DateTime) -> i32 {
    t.subsec_nanosecond() / 1000
}

/// Seconds from `a` to `b`, negative when the clock went back.
pub fn seconds_between(a: DateTime, b: DateTime) -> f64 {
    b.duration_since(a).as_secs_f64()
}

/// The second that a time lies in: logs have no more.
pub fn whole_second(time: DateTime) -> DateTime {
    time.with().subsec_nanosecond(0).build().unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quick reader and the careful one agree on everything that both take, and neither loses anything.
    #[test]
    fn usual_times_read_and_write_as_any() {
        for text in [
            "2026-02-28 23:59:59.999999",
            "0001-01-01 00:00:00.000001",
            "2024-02-29 12:30:00.500000",
            "2026-11-24 08:00:00.000000",
        ] {
            let careful: DateTime = text.parse().unwrap();
            assert_eq!(Timestamp::read(Some(text)), Timestamp::At(careful));
            assert_eq!(Timestamp::At(careful).iso().unwrap(), text.replace(' ', "T"));
            assert_eq!(Timestamp::At(careful).python(), text.trim_end_matches(".000000"));
        }
        for odd in ["2026-02-29 00:00:00.000000", "2026-01-01 24:00:00.000000", "2026-01-01 00:00:00.00000x"]
        {
            assert_eq!(Timestamp::read(Some(odd)), Timestamp::Odd(odd.into()), "{odd}");
        }
        let leap = "2016-12-31 23:59:60.000000";
        assert_eq!(
            Timestamp::read(Some(leap)),
            leap.parse().map_or(Timestamp::Odd(leap.into()), Timestamp::At)
        );
    }
}
