//! Numbers, durations and times as people read them, always in the same shape.

use jiff::civil::DateTime;

/// `0.4 s`, `12 s`, `4 min 10 s`, `3 h 05`, `2 d 4 h`; negative where the clock went back, empty for NaN.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return String::new();
    }
    let sign = if seconds <= -0.05 { "-" } else { "" };
    let size = seconds.abs();
    if size < 9.95 {
        return format!("{sign}{size:.1} s");
    }
    let whole = size.round() as u64;
    match whole {
        0..60 => format!("{sign}{whole} s"),
        60..3600 => format!("{sign}{} min {} s", whole / 60, whole % 60),
        3600..86_400 => format!("{sign}{} h {:02}", whole / 3600, whole % 3600 / 60),
        _ => format!("{sign}{} d {} h", count(whole / 86_400), whole % 86_400 / 3600),
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

/// A standard deviation on its own; empty where there is none.
pub fn sd_text(sd: Option<f64>) -> String {
    sd.map(number).unwrap_or_default()
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

/// One number with about four digits that matter: `9.79`, `0.6`, `1204`, `1.2e9`.
pub fn number(value: f64) -> String {
    format_column(&[value]).pop().unwrap_or_default()
}

/// Numbers with the same decimals, so that they line up when they stand right-aligned: as many as tell about four
/// digits of the largest or three of how far they lie apart. NaN is empty.
pub fn format_column(values: &[f64]) -> Vec<String> {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let largest = finite().fold(0.0, |m: f64, v| m.max(v.abs()));
    let smallest = finite().filter(|v| *v != 0.0).fold(f64::INFINITY, |m: f64, v| m.min(v.abs()));
    let scientific = largest >= 1e9 || (largest > 0.0 && largest < 1e-3);
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let digits = |v: f64| if v > 0.0 && v.is_finite() { v.log10().floor() } else { 0.0 };
    let spread = if high > low { 2.0 - digits(high - low) } else { f64::NEG_INFINITY };
    let exponent = if scientific { digits(largest) } else { 0.0 };
    let decimals =
        (3.0 - digits(largest)).max(spread).min(12.0 - digits(smallest.max(largest * 1e-9))) + exponent;
    let decimals = decimals.clamp(0.0, if scientific { 6.0 } else { 9.0 }) as usize;
    let mut shown: Vec<String> = values.iter().map(|v| one(*v, decimals, scientific)).collect();
    let spare = shown.iter().filter_map(|s| trailing_zeros(s)).min().unwrap_or(0);
    for text in &mut shown {
        *text = drop_zeros(text, spare, decimals);
    }
    shown
}

fn one(value: f64, decimals: usize, scientific: bool) -> String {
    if value.is_nan() {
        return String::new();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let text = if scientific { format!("{value:.decimals$e}") } else { format!("{value:.decimals$}") };
    // A small negative number that rounds to nothing has no sign.
    let zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if zero { text.trim_start_matches('-').to_owned() } else { text }
}

/// Zeros at the end of the decimals; `None` for what has no decimals.
fn trailing_zeros(text: &str) -> Option<usize> {
    let decimals = text.split('e').next()?.split_once('.')?.1;
    Some(decimals.len() - decimals.trim_end_matches('0').len())
}

fn drop_zeros(text: &str, spare: usize, decimals: usize) -> String {
    let (number, exponent) = text.find('e').map_or((text, ""), |at| text.split_at(at));
    if spare == 0 || !number.contains('.') {
        return text.to_owned();
    }
    let gone = if spare >= decimals { spare + 1 } else { spare };
    let kept = number.get(..number.len().saturating_sub(gone)).unwrap_or(number);
    format!("{kept}{exponent}")
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
        assert_eq!([-0.01, -0.4, -3600.0, f64::NAN].map(shown), ["0.0 s", "-0.4 s", "-1 h 00", ""]);
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

    #[test]
    fn a_column_of_numbers_has_one_precision() {
        assert_eq!(format_column(&[10.412, 9.168, 9.7901, 10.412]), ["10.41", "9.17", "9.79", "10.41"]);
        assert_eq!(format_column(&[0.6, 0.6]), ["0.6", "0.6"]);
        assert_eq!(format_column(&[1.0, 250.0, f64::NAN]), ["1", "250", ""]);
        assert_eq!(format_column(&[0.998, 1.996]), ["0.998", "1.996"]);
        assert_eq!(format_column(&[1000.01, 1000.04]), ["1000.0100", "1000.0400"].map(|s| &s[..7]));
        assert_eq!(format_column(&[1.5e12, f64::INFINITY]), ["1.5e12", "inf"]);
        assert_eq!(format_column(&[-0.00001, 20.0]), ["0", "20"]);
        assert_eq!(format_column(&[0.0]), ["0"]);
        assert_eq!(format_column(&[]), [""; 0]);
    }

    #[test]
    fn single_numbers() {
        let shown = |v| number(v);
        assert_eq!([9.1682, 1204.0, 0.6, 61.5].map(shown), ["9.168", "1204", "0.6", "61.5"]);
        assert_eq!([2.5e-7, 1e300, -1e-320].map(shown), ["2.5e-7", "1e300", "-1e-320"]);
        assert_eq!([f64::MAX, f64::MIN_POSITIVE].map(shown), ["1.798e308", "2.225e-308"]);
    }
}
