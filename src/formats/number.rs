//! Numbers as text: stored ones as they are, or cut so that it is seen; computed ones to the digits of their data.

use super::python_repr::{push_float, push_int};
use crate::model::{
    downsample::Downsampled,
    format::count,
    sanitize::{cut_with, width},
    series::{Number, Stats},
    value::Value,
};

/// A number that stands in a column or figure as text: stored ones as IvoryOS wrote them. Booleans are none.
pub fn value_text(value: &Value) -> Option<String> {
    let mut text = String::new();
    match value {
        Value::Int(i) => push_int(*i, &mut text),
        Value::BigInt(digits) => text.push_str(digits),
        Value::Float(f) => push_float(*f, &mut text),
        _ => return None,
    }
    Some(text)
}

/// Integers from here on are not all doubles.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A stored number that a chart holds. An integer that a double can't hold is about this much: `~1.2e20`.
pub fn stored(number: Number) -> String {
    let Number { value, is_integer } = number;
    if !is_integer || !value.is_finite() {
        let mut text = String::new();
        push_float(value, &mut text);
        return text;
    }
    if value.abs() < EXACT { format!("{value:.0}") } else { format!("~{value:e}") }
}

/// The figures of an output as text: last, min, mean, max, and the standard deviation, empty where there is none.
pub fn figures(stats: &Stats) -> [String; 5] {
    let largest = stats.min.value.abs().max(stats.max.value.abs());
    let mean = computed(stats.mean, stats.decimals, largest);
    let sd = stats.sd.map(|sd| computed(sd, stats.decimals, sd)).unwrap_or_default();
    [stored(stats.last), stored(stats.min), mean, stored(stats.max), sd]
}

/// How many finite numbers an output has, and of how many values where there are others: `7 of 12`.
pub fn counted(output: &Downsampled) -> String {
    let n = output.tally.stats().map_or(0, |stats| stats.n as u64);
    if n < output.values { format!("{} of {}", count(n), count(output.values)) } else { count(n) }
}

/// Digits of a double that can be relied on after some arithmetic.
const RELIABLE: i32 = 14;
/// Digits that a computed figure has at least.
const LEAST: i32 = 3;

/// A computed figure: as many decimals as its data have, more only where fewer than three digits would be left. Of
/// values as large as `largest` no digits are shown that doubles of that size do not have, and what is smaller than
/// those is nothing.
pub fn computed(value: f64, decimals: u16, largest: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let power = |v: f64| v.abs().log10().floor() as i32;
    if value == 0.0 || power(value) < power(largest) - RELIABLE {
        return "0".to_owned();
    }
    let most = RELIABLE - power(largest.abs().max(value.abs()));
    let decimals = i32::from(decimals).max(LEAST - 1 - power(value)).min(most);
    if (-4..16).contains(&power(value)) && decimals >= 0 {
        let decimals = decimals.unsigned_abs() as usize;
        return without_zeros(&format!("{value:.decimals$}"));
    }
    let digits = (decimals + power(value)).clamp(0, RELIABLE).unsigned_abs() as usize;
    let text = format!("{value:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{exponent}", without_zeros(mantissa))
}

/// Without the zeros at the end of the decimals.
fn without_zeros(text: &str) -> String {
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    short.to_owned()
}

/// The parts of a number's text: `-`, `12`, `.5`, `e-07`.
struct Parts<'a> {
    sign: &'a str,
    whole: &'a str,
    /// With its point.
    decimals: &'a str,
    exponent: Option<i32>,
    /// Columns in front of the point, and from it on.
    before: usize,
}

/// The parts of a decimal number; `None` for any other text.
fn parts(text: &str) -> Option<Parts<'_>> {
    // In front of the sign may stand a mark: about so much, or a value that is invalid.
    let unsigned = text.trim_start_matches(['!', '~']);
    let unsigned = unsigned.strip_prefix(['-', '+']).unwrap_or(unsigned);
    let sign = text.get(..text.len() - unsigned.len())?;
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.parse().ok()?)),
        None => (unsigned, None),
    };
    let at = mantissa.find('.').unwrap_or(mantissa.len());
    let (whole, decimals) = mantissa.split_at(at);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_number = digits(whole) && digits(decimals.strip_prefix('.').unwrap_or(decimals));
    let some = whole.len() + decimals.len() > usize::from(!decimals.is_empty());
    (is_number && some).then_some(Parts { sign, whole, decimals, exponent, before: sign.len() + at })
}

/// Is it a number that can be cut?
pub fn is_decimal(text: &str) -> bool {
    parts(text).is_some()
}

/// Is it a number, as in a CSV?
pub fn is_number(text: &str) -> bool {
    is_decimal(text) || matches!(text, "nan" | "inf" | "-inf" | "NaN" | "Infinity" | "-Infinity")
}

/// A number in at most so many columns. What has no room is cut behind the point, with the ellipsis for the digits that
/// are gone; where that would leave only zeros, or cut digits in front of the point, the power of ten is kept:
/// `0.0049…`, `1.23e-4`, `1.2…e5`. Other text is cut at its end.
pub fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.len() <= columns && text.is_ascii() {
        return text.to_owned();
    }
    let mark = width(ellipsis);
    let Some(parts) = parts(text) else { return cut_with(text, columns, ellipsis).into_owned() };
    let shorter = [
        parts.exactly_whole(),
        parts.exact_power(),
        parts.cut_decimals(columns, mark).map(|kept| kept + ellipsis),
        parts.cut_power(columns, mark, ellipsis),
    ];
    let fits = |text: &String| width(text) <= columns;
    let only_mark = || if mark <= columns { ellipsis.to_owned() } else { String::new() };
    shorter.into_iter().flatten().find(fits).unwrap_or_else(only_mark)
}

impl Parts<'_> {
    /// Without decimals that are only zeros.
    fn exactly_whole(&self) -> Option<String> {
        let nothing = self.exponent.is_none() && self.decimals.bytes().all(|b| matches!(b, b'.' | b'0'));
        (nothing && !self.whole.is_empty()).then(|| format!("{}{}", self.sign, self.whole))
    }

    /// The digits from the first that counts to the last, and the power of ten of the first.
    fn digits(&self) -> Option<(String, i32)> {
        let decimals = self.decimals.get(1..).unwrap_or_default();
        let all = format!("{}{decimals}", self.whole);
        let digits = all.trim_start_matches('0');
        let zeros = all.len() - digits.len();
        let first = i32::try_from(self.whole.len()).ok()?.checked_sub(i32::try_from(zeros).ok()? + 1)?;
        let power = first.checked_add(self.exponent.unwrap_or(0))?;
        let digits = digits.trim_end_matches('0');
        (!digits.is_empty()).then(|| (digits.to_owned(), power))
    }

    fn exact_power(&self) -> Option<String> {
        let (digits, power) = self.digits()?;
        let (first, rest) = digits.split_at_checked(1)?;
        let dot = if rest.is_empty() { "" } else { "." };
        Some(format!("{}{first}{dot}{rest}e{power}", self.sign))
    }

    /// As many decimals as fit beside the mark, if something of the number is left then.
    fn cut_decimals(&self, columns: usize, mark: usize) -> Option<String> {
        if self.exponent.is_some() {
            return None;
        }
        let room = columns.checked_sub(self.before + mark).filter(|room| *room > 0)?;
        let kept = self.decimals.get(..room)?;
        let tells = self.whole.bytes().chain(kept.bytes()).any(|b| matches!(b, b'1'..=b'9'));
        tells.then(|| format!("{}{}{kept}", self.sign, self.whole))
    }

    /// As many digits as fit beside the mark and the power of ten.
    fn cut_power(&self, columns: usize, mark: usize, ellipsis: &str) -> Option<String> {
        let (digits, power) = self.digits()?;
        let end = format!("{ellipsis}e{power}");
        let room = columns.checked_sub(self.sign.len() + mark + end.len() - ellipsis.len())?;
        let (first, rest) = digits.split_at_checked(1).filter(|_| room > 0)?;
        let rest = rest.get(..room.saturating_sub(2)).filter(|rest| !rest.is_empty());
        let dot = if rest.is_some() { "." } else { "" };
        Some(format!("{}{first}{dot}{}{end}", self.sign, rest.unwrap_or_default()))
    }
}

/// How far the numbers of a column reach to both sides of their points, so that these stand below each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PointColumn {
    before: usize,
    behind: usize,
}

impl PointColumn {
    /// Other text than numbers has no point.
    pub fn learn(&mut self, text: &str) {
        let Some(parts) = parts(text) else { return };
        self.before = self.before.max(parts.before);
        self.behind = self.behind.max(text.len() - parts.before);
    }

    /// Columns that all of them need.
    pub fn width(&self) -> usize {
        self.before + self.behind
    }

    /// Columns from which on each has its part in front of the point, and so many columns behind it.
    pub fn width_with(&self, behind: usize) -> usize {
        self.before + self.behind.min(behind)
    }

    /// A number in just so many columns, its point where it belongs. One that has too little room there leaves the
    /// line before it is cut.
    pub fn place(&self, text: &str, columns: usize, ellipsis: &str) -> String {
        let short = cut(text, columns, ellipsis);
        let spare = columns.saturating_sub(width(&short));
        let left = columns.saturating_sub(self.width());
        // What is cut keeps the place that its point has.
        let pad = parts(text).map_or(spare, |parts| left + self.before.saturating_sub(parts.before));
        let pad = pad.min(spare);
        format!("{}{short}{}", " ".repeat(pad), " ".repeat(spare - pad))
    }
}

#[cfg(test)]
pub(crate) mod tests;
