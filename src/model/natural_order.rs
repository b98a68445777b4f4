//! The order of texts with numbers in them as people mean it: A2 before A10, 2% before 19%, 5.25 mL before 5.5 mL.
//!
//! The crates for it compare each run of digits as an integer, so that 5.5 comes before 5.25, and know no sign.

use std::cmp::Ordering;

/// Numbers by value, letters without regard to case; texts that are the same by that as they stand.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (Parts::of(a), Parts::of(b));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (one, other) => one.cmp(&other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// A number or a character. Numbers come before characters, nothing before both.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Number(Decimal<'a>),
    Letter(char),
}

/// A number without zeros at its ends, of any length.
#[derive(Debug, PartialEq, Eq)]
struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    behind: &'a str,
}

impl<'a> Decimal<'a> {
    /// What orders numbers without their signs.
    fn size(&self) -> (usize, &'a str, &'a str) {
        (self.whole.len(), self.whole, self.behind)
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let (size, other_size) = (self.size(), other.size());
        match (self.negative, other.negative) {
            (true, true) => other_size.cmp(&size),
            (false, false) => size.cmp(&other_size),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What is left of a text.
struct Parts<'a> {
    rest: &'a str,
    /// Nothing was taken yet: a minus is a sign there, and a hyphen behind other text (`A-5`).
    is_start: bool,
    /// Within `1.2.3`, whose numbers are no decimals.
    is_version: bool,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        Parts { rest: text, is_start: true, is_version: false }
    }

    fn next(&mut self) -> Option<Part<'a>> {
        let is_start = std::mem::replace(&mut self.is_start, false);
        let unsigned = self.rest.strip_prefix(['-', '\u{2212}']).filter(|_| is_start);
        let number = self.number(unsigned.unwrap_or(self.rest), unsigned.is_some());
        if number.is_some() {
            return number.map(Part::Number);
        }
        let mut letters = self.rest.chars();
        let letter = letters.next()?;
        self.rest = letters.as_str();
        self.is_version &= letter == '.';
        Some(Part::Letter(letter.to_lowercase().next().unwrap_or(letter)))
    }

    /// Digits at the start of a text, with decimals if it goes on with a point and digits, but not with more points
    /// (`1.2.3` is a version or an address).
    fn number(&mut self, text: &'a str, negative: bool) -> Option<Decimal<'a>> {
        let (whole, rest) = digits(text);
        if whole.is_empty() {
            return None;
        }
        let dotted =
            |rest: &'a str| rest.strip_prefix('.').map(digits).filter(|(digits, _)| !digits.is_empty());
        let decimals = dotted(rest);
        self.is_version |= decimals.is_some_and(|(_, rest)| dotted(rest).is_some());
        let decimals = decimals.filter(|_| !self.is_version);
        let (behind, rest) = decimals.unwrap_or(("", rest));
        self.rest = rest;
        let (whole, behind) = (whole.trim_start_matches('0'), behind.trim_end_matches('0'));
        let is_zero = whole.is_empty() && behind.is_empty();
        Some(Decimal { negative: negative && !is_zero, whole, behind })
    }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(texts: &[&str]) -> Vec<String> {
        let mut texts: Vec<String> = texts.iter().rev().map(|text| (*text).to_owned()).collect();
        texts.sort_by(|a, b| compare(a, b));
        texts
    }

    #[test]
    fn numbers_in_texts_count() {
        for right in [
            &["A1", "A2", "A10", "a11", "B1", "B12"][..],
            &["2%", "5%", "11%", "19%"],
            &["-10 °C", "-2.5 °C", "-2 °C", "0 °C", "3 °C", "21.5 °C"],
            &["5 mL", "5.25 mL", "5.5 mL", "10 mL"],
            &["run-1", "run-2", "run-10"],
            &["v1.2.3", "v1.2.10", "v1.10.1"],
            &["plate 1 well A2", "plate 1 well A10", "plate 2 well A1", "plate 10"],
            &["vial 007", "vial 8", "vial 12345678901234567890123", "vial 12345678901234567890124"],
            &["äpfel", "Ärger", "ωmega"],
            &["", "1", "a"],
        ] {
            assert_eq!(sorted(right), right);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(a in "[-aA0-9. ]{0,6}", b in "[-aA0-9. ]{0,6}", c in "[-aA0-9. ]{0,6}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert!(compare(&a, &c) != Ordering::Greater, "{} {} {}", a, b, c);
            }
        }
    }
}
