//! A moment as IvoryOS stores it: the lab PC's local clock, no zone, to the microsecond.

use jiff::civil::DateTime;

/// A time column: empty, a clock time, or text that is none (kept and shown as it stands); ordered as SQLite does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Stamp {
    #[default]
    None,
    At(DateTime),
    Odd(Box<str>),
}

impl Stamp {
    /// Reads `YYYY-MM-DD[ T]HH:MM:SS[.ffffff]`, or a date alone, as SQLAlchemy does.
    pub fn read(text: Option<&str>) -> Self {
        match text {
            None => Stamp::None,
            Some(t) => t.parse().map_or_else(|_| Stamp::Odd(t.into()), Stamp::At),
        }
    }

    pub fn at(&self) -> Option<DateTime> {
        if let Stamp::At(t) = self { Some(*t) } else { None }
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Stamp::None)
    }

    /// Python's `str(datetime)`: microseconds only when they are not zero. Empty for none.
    pub fn python(&self) -> String {
        match self {
            Stamp::None => String::new(),
            Stamp::Odd(t) => t.to_string(),
            Stamp::At(t) if micros(*t) == 0 => t.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            Stamp::At(t) => format!("{}.{:06}", t.strftime("%Y-%m-%d %H:%M:%S"), micros(*t)),
        }
    }

    /// `YYYY-MM-DDTHH:MM:SS.ffffff`, as all our JSON prints times.
    pub fn iso(&self) -> Option<String> {
        match self {
            Stamp::None => None,
            Stamp::Odd(t) => Some(t.to_string()),
            Stamp::At(t) => Some(format!("{}.{:06}", t.strftime("%Y-%m-%dT%H:%M:%S"), micros(*t))),
        }
    }
}

/// Microseconds of the second; anything finer is cut as Python cuts it.
fn micros(t: DateTime) -> i32 {
    t.subsec_nanosecond() / 1000
}

/// Seconds from `a` to `b`, negative when the clock went back.
pub fn seconds_between(a: DateTime, b: DateTime) -> f64 {
    b.duration_since(a).as_secs_f64()
}
