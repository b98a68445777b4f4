//! Whether a record's texts, numbers or values are those that a term asks for.

use jiff::civil::DateTime;

use super::stored::{ReadColumns, Stored};
use crate::{
    model::{
        filter::{
            pattern::TextPattern,
            tree::{Computed, FilterOp, Operand, WrittenNumber},
        },
        time_words,
    },
    store::catalogue::select::Moments,
};

/// Asks texts.
#[derive(Debug)]
pub struct TextTest {
    /// One of these is in the text.
    patterns: Vec<TextPattern>,
    /// None of them may be.
    negated: bool,
    /// A record without any text is meant too.
    without: bool,
}

impl TextTest {
    pub fn of(op: FilterOp, values: &[Operand]) -> Self {
        let pattern = |value: &Operand| match op {
            FilterOp::Has => TextPattern::words(&value.text),
            FilterOp::Matches => TextPattern::regex(&value.text).ok(),
            _ => TextPattern::whole(&value.text),
        };
        Self {
            patterns: values.iter().filter_map(pattern).collect(),
            negated: op == FilterOp::IsNot,
            without: op == FilterOp::Is && values.iter().any(|value| value.text.is_empty()),
        }
    }

    pub fn word(word: &str) -> Self {
        Self { patterns: TextPattern::words(word).into_iter().collect(), negated: false, without: false }
    }

    pub fn regex(regex: &str) -> Self {
        Self { patterns: TextPattern::regex(regex).into_iter().collect(), negated: false, without: false }
    }

    pub fn is_met_by(&self, text: Option<&str>) -> bool {
        match text {
            Some(text) => self.is_one(text) != self.negated,
            None => self.without,
        }
    }

    fn is_one(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_in(text))
    }

    /// Of several texts of a record one is enough; where none may be, none is.
    pub fn is_met_by_all<'a>(&self, texts: impl Iterator<Item = &'a str>) -> bool {
        let (mut any, mut found) = (false, false);
        for text in texts {
            (any, found) = (true, found || self.is_one(text));
        }
        if any { found != self.negated } else { self.without }
    }
}

/// Asks numbers.
#[derive(Debug)]
pub struct NumberTest {
    op: FilterOp,
    numbers: Vec<WrittenNumber>,
}

impl NumberTest {
    pub fn of(op: FilterOp, values: &[Operand]) -> Self {
        Self { op, numbers: values.iter().filter_map(|value| value.number).collect() }
    }

    pub fn whole(&self, number: i64) -> bool {
        self.is_met(|wanted| Some(wanted.compare_whole(number)))
    }

    pub fn float(&self, number: f64) -> bool {
        self.is_met(|wanted| wanted.compare(number))
    }

    fn is_met(&self, compare: impl Fn(&WrittenNumber) -> Option<std::cmp::Ordering>) -> bool {
        let holds = |wanted: &WrittenNumber| compare(wanted).is_some_and(|found| self.op.holds(found));
        if self.op == FilterOp::IsNot {
            self.numbers.iter().all(holds)
        } else {
            self.numbers.iter().any(holds)
        }
    }
}

/// Asks the values of a parameter or an output.
#[derive(Debug)]
pub struct ValuesTest {
    op: FilterOp,
    computed: Option<Computed>,
    wanted: Vec<WantedValue>,
    number: NumberTest,
}

/// A value that is asked for: the number that it may be, and the text.
#[derive(Debug)]
struct WantedValue {
    text: String,
    number: Option<WrittenNumber>,
    pattern: Option<TextPattern>,
}

impl ValuesTest {
    pub fn of(op: FilterOp, computed: Option<Computed>, values: &[Operand]) -> Self {
        let wanted = |value: &Operand| WantedValue {
            text: value.text.clone(),
            number: value.number.filter(|_| op != FilterOp::Matches),
            pattern: match op {
                FilterOp::Has => TextPattern::words(&value.text),
                FilterOp::Matches => TextPattern::regex(&value.text).ok(),
                FilterOp::Is | FilterOp::IsNot => TextPattern::whole(&value.text),
                _ => None,
            },
        };
        Self { op, computed, wanted: values.iter().map(wanted).collect(), number: NumberTest::of(op, values) }
    }

    pub fn is_met_by(&self, values: &[Stored], texts: &ReadColumns) -> bool {
        if let Some(computed) = self.computed {
            return compute(computed, values, texts).is_some_and(|number| self.number.float(number));
        }
        let is_wanted = |value: &Stored| self.wanted.iter().any(|wanted| self.is(wanted, *value, texts));
        if self.op == FilterOp::IsNot {
            !values.is_empty() && !values.iter().any(is_wanted)
        } else {
            values.iter().any(is_wanted)
        }
    }

    fn is(&self, wanted: &WantedValue, value: Stored, texts: &ReadColumns) -> bool {
        // Those that are not meant are asked for as if they were.
        let op = if self.op == FilterOp::IsNot { FilterOp::Is } else { self.op };
        let compared = |compare: &dyn Fn(WrittenNumber) -> Option<std::cmp::Ordering>| {
            wanted.number.and_then(compare).is_some_and(|found| op.holds(found))
        };
        let is_text = |text: &str| wanted.pattern.as_ref().is_some_and(|pattern| pattern.is_in(text));
        match value {
            Stored::Whole(number) => compared(&|wanted| Some(wanted.compare_whole(number))),
            Stored::Float(number) if !number.is_finite() && !op.is_order() => {
                let is_it = |wanted: f64| wanted == number || wanted.is_nan() && number.is_nan();
                non_finite(&wanted.text).is_some_and(is_it)
            }
            Stored::Float(number) => compared(&|wanted| wanted.compare(number)),
            Stored::Bool(value) => !op.is_order() && wanted.text == if value { "true" } else { "false" },
            Stored::Text(number) => is_text(texts.text(number)),
            // The same digits are the same number, which a double may not be; others are compared as doubles.
            Stored::Big(digits) => {
                let digits = texts.text(digits);
                let is_digits = wanted.text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
                if wanted.text == digits || is_digits && !op.is_order() {
                    return wanted.text == digits && op.holds(std::cmp::Ordering::Equal);
                }
                compared(&|wanted| wanted.compare(digits.parse().ok()?))
            }
        }
    }
}

/// As JSON of Python has them, in any case of letters.
fn non_finite(text: &str) -> Option<f64> {
    Some(match text.to_ascii_lowercase().as_str() {
        "nan" => f64::NAN,
        "infinity" | "inf" => f64::INFINITY,
        "-infinity" | "-inf" => f64::NEG_INFINITY,
        _ => return None,
    })
}

fn compute(computed: Computed, values: &[Stored], texts: &ReadColumns) -> Option<f64> {
    let mut numbers = values.iter().filter_map(|value| match value {
        Stored::Whole(number) => Some(*number as f64),
        Stored::Float(number) => Some(*number).filter(|number| !number.is_nan()),
        Stored::Big(digits) => texts.text(*digits).parse().ok(),
        _ => None,
    });
    match computed {
        Computed::Max => numbers.reduce(f64::max),
        Computed::Min => numbers.reduce(f64::min),
        Computed::First => numbers.next(),
        Computed::Last => numbers.next_back(),
        Computed::Count => Some(numbers.count() as f64),
        Computed::Mean => {
            let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), number| (sum + number, count + 1.0));
            (count > 0.0).then(|| sum / count)
        }
    }
}

/// The stretches in which a time is meant; with `!=` those in which it is not.
pub fn moments(op: FilterOp, values: &[Operand], now: DateTime) -> Vec<Moments> {
    let stretch = |value: &Operand| {
        let stretch = time_words::read(&value.text, now)?;
        let (since, until) = (stretch.since?, stretch.until?);
        Some(match op {
            FilterOp::Less => (None, Some(since)),
            FilterOp::AtMost => (None, Some(until)),
            FilterOp::More => (Some(until), None),
            FilterOp::AtLeast => (Some(since), None),
            // So long before now, and since then.
            _ if since == until => (Some(since), None),
            _ => (Some(since), Some(until)),
        })
    };
    values.iter().filter_map(stretch).collect()
}
