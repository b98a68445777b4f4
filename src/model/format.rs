//! Numbers, durations and times as people read them, always in the same shape.

use jiff::civil::DateTime;

/// `0.4 s`, `12 s`, `4 min 10 s`, `3 h 05`, `2 d 4 h`; words where the end lies before the start, empty for NaN.
pub fn duration(seconds: f64) -> String {
    duration_or(seconds, "the clock went back")
}

/// The same for a column of at most 11 columns.
pub fn duration_short(seconds: f64) -> String {
    duration_or(seconds, "clock back")
}

fn duration_or(seconds: f64, back: &str) -> String {
    if !seconds.is_finite() {
        return String::new();
    }
    if seconds <= -0.05 {
        return back.to_owned();
    }
    let size = seconds.abs();
    if size < 9.95 {
        return format!("{size:.1} s");
    }
    let whole = size.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        3600..86_400 => format!("{} h {:02}", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", count(whole / 86_400), whole % 86_400 / 3600),
    }
}

/// `03:04` on the day of `now`, `Nov 23 18:40` in its year, `Nov 23 2025 18:40` otherwise.
pub fn clock(at: DateTime, now: DateTime) -> String {
    let shape = if at.date() == now.date() {
        "%H:%M"
    } else if at.year() == now.year() {
        "%b %d %H:%M"
    } else {
        "%b %d %Y %H:%M"
    };
    at.strftime(shape).to_string()
}

/// As [`clock`] in at most 12 columns: another year's times are days, `Nov 23 2025`.
pub fn clock_short(at: DateTime, now: DateTime) -> String {
    if at.year() == now.year() { clock(at, now) } else { at.strftime("%b %d %Y").to_string() }
}

/// `03:01:48`.
pub fn time_of_day(at: DateTime) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// `2026-11-24 03:01:48`.
pub fn date_time(at: DateTime) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `1,204`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The same in so many columns: `1,204`, `50000`, `500k`, `12M`.
pub fn brief(n: u64, columns: usize) -> String {
    let texts = [count(n), n.to_string(), format!("{}k", n / 1_000)];
    let fits = |text: &String| text.len() <= columns;
    texts.into_iter().find(fits).unwrap_or_else(|| format!("{}M", n / 1_000_000))
}

/// `1 step`, `1,204 steps`.
pub fn count_of(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `51-100 of 1,204`; empty for no rows.
pub fn position(first: u64, shown: u64, total: u64) -> String {
    match shown {
        0 => String::new(),
        1 => format!("{} of {}", count(first + 1), count(total)),
        _ => format!("{}-{} of {}", count(first + 1), count(first.saturating_add(shown)), count(total)),
    }
}

/// `812 B`, `1.2 kB`, `34 MB`: powers of 1000.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if n < 1000 {
        return format!("{n} B");
    }
    let mut size = n as f64 / 1000.0;
    for unit in UNITS {
        if size < 9.95 {
            return format!("{size:.1} {unit}");
        }
        if size < 999.5 {
            return format!("{size:.0} {unit}");
        }
        size /= 1000.0;
    }
    format!("{n} B")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn durations_in_two_units_at_most() {
        let shown = |s| duration(s);
        assert_eq!([0.0, 0.04, 0.4, 9.94].map(shown), ["0.0 s", "0.0 s", "0.4 s", "9.9 s"]);
        assert_eq!([9.96, 12.4, 59.4].map(shown), ["10 s", "12 s", "59 s"]);
        assert_eq!([59.6, 250.0, 3599.4].map(shown), ["1 min 0 s", "4 min 10 s", "59 min 59 s"]);
        assert_eq!([3599.6, 11_100.0, 86_399.0].map(shown), ["1 h 00", "3 h 05", "23 h 59"]);
        assert_eq!([187_200.0, 1e9].map(shown), ["2 d 4 h", "11,574 d 1 h"]);
        let back = "the clock went back";
        assert_eq!([-0.01, -0.4, -3600.0, f64::NAN].map(shown), ["0.0 s", back, back, ""]);
        assert_eq!([-2400.0, 2400.0].map(duration_short), ["clock back", "40 min 0 s"]);
    }

    #[test]
    fn times_carry_what_today_does_not_say() {
        let now = date(2026, 11, 24).at(3, 4, 31, 0);
        assert_eq!(clock(date(2026, 11, 24).at(3, 4, 0, 0), now), "03:04");
        assert_eq!(clock(date(2026, 11, 23).at(18, 40, 9, 0), now), "Nov 23 18:40");
        assert_eq!(clock(date(2025, 11, 3).at(18, 40, 9, 0), now), "Nov 03 2025 18:40");
        assert_eq!(clock_short(date(2025, 11, 3).at(18, 40, 9, 0), now), "Nov 03 2025");
        assert_eq!(clock_short(date(2026, 1, 3).at(18, 40, 9, 0), now), "Jan 03 18:40");
        assert_eq!(date_time(now), "2026-11-24 03:04:31");
        assert_eq!(time_of_day(now), "03:04:31");
    }

    #[test]
    fn counts_and_sizes() {
        assert_eq!([0, 999, 1204, 1_234_567].map(count), ["0", "999", "1,204", "1,234,567"]);
        assert_eq!(count_of(1, "step", "steps"), "1 step");
        assert_eq!(position(50, 50, 1204), "51-100 of 1,204");
        assert_eq!(position(0, 0, 0), "");
        assert_eq!([0, 999, 1234, 34_400_000].map(bytes), ["0 B", "999 B", "1.2 kB", "34 MB"]);
        assert_eq!([999_700, 9_960, u64::MAX].map(bytes), ["1.0 MB", "10 kB", "18 EB"]);
    }
}
