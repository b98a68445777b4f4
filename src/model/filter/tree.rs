//! The syntax tree of filter words.

use std::cmp::Ordering;

use super::field::FilterField;

/// What records are meant.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterExpr {
    /// All of these; two at least.
    And(Vec<FilterExpr>),
    /// One of these; two at least.
    Or(Vec<FilterExpr>),
    Not(Box<FilterExpr>),
    Term(FilterTerm),
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FilterTerm {
    /// In name, user, tags or note, or the whole id.
    Word(String),
    /// The same as a regular expression.
    Regex(String),
    Compare {
        of: Compared,
        op: FilterOp,
        /// One at least.
        values: Vec<Operand>,
    },
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Compared {
    Field(FilterField),
    /// Values of a parameter or an output of the main phases.
    Values(ValuesOf),
}

/// The values of a parameter or an output, or what is computed of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ValuesOf {
    pub side: ValueSide,
    pub name: String,
    /// `None` for any of them.
    pub computed: Option<Computed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueSide {
    Input,
    Output,
}

/// What can be computed of the numbers of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::VariantArray)]
pub enum Computed {
    Max,
    Min,
    Mean,
    Last,
    First,
    Count,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::VariantArray)]
pub enum FilterOp {
    /// `:`: contains, is, or lies within.
    Has,
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
    Matches,
}

/// A value as it was written, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Operand {
    pub text: String,
    /// Of a number, and of seconds.
    pub number: Option<WrittenNumber>,
}

/// A number: its bits, and the whole number that it is exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WrittenNumber {
    bits: u64,
    whole: Option<i64>,
}

impl ValueSide {
    pub fn word(self) -> &'static str {
        match self {
            ValueSide::Input => "in",
            ValueSide::Output => "out",
        }
    }
}

impl Computed {
    pub fn word(self) -> &'static str {
        match self {
            Computed::Max => "max",
            Computed::Min => "min",
            Computed::Mean => "mean",
            Computed::Last => "last",
            Computed::First => "first",
            Computed::Count => "n",
        }
    }
}

impl FilterOp {
    pub fn sign(self) -> &'static str {
        match self {
            FilterOp::Has => ":",
            FilterOp::Is => "=",
            FilterOp::IsNot => "!=",
            FilterOp::Less => "<",
            FilterOp::AtMost => "<=",
            FilterOp::More => ">",
            FilterOp::AtLeast => ">=",
            FilterOp::Matches => "~",
        }
    }

    /// It asks for less or more.
    pub fn is_order(self) -> bool {
        matches!(self, FilterOp::Less | FilterOp::AtMost | FilterOp::More | FilterOp::AtLeast)
    }

    /// Whether something that compares so with a value is meant.
    pub fn holds(self, compared: Ordering) -> bool {
        match self {
            FilterOp::Has | FilterOp::Is | FilterOp::Matches => compared.is_eq(),
            FilterOp::IsNot => compared.is_ne(),
            FilterOp::Less => compared.is_lt(),
            FilterOp::AtMost => compared.is_le(),
            FilterOp::More => compared.is_gt(),
            FilterOp::AtLeast => compared.is_ge(),
        }
    }
}

impl Operand {
    pub fn text(text: &str) -> Self {
        Operand { text: text.to_owned(), number: None }
    }
}

impl WrittenNumber {
    pub fn of(number: f64) -> Self {
        Self { bits: number.to_bits(), whole: None }
    }

    /// `None` for what is no finite number: no words, no other signs than digits have.
    pub fn read(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
        let number: f64 = text.chars().all(plain).then(|| text.parse().ok())??;
        number.is_finite().then(|| Self { bits: number.to_bits(), whole: text.parse().ok() })
    }

    pub fn float(self) -> f64 {
        f64::from_bits(self.bits)
    }

    /// How a whole number compares with this one, exactly.
    pub fn compare_whole(self, number: i64) -> Ordering {
        if let Some(whole) = self.whole {
            return number.cmp(&whole);
        }
        let float = self.float();
        // Beyond all 64 bits; else the whole part fits, and the rest decides.
        if float >= 9.3e18 {
            return Ordering::Less;
        }
        if float <= -9.3e18 {
            return Ordering::Greater;
        }
        let rest = 0.0_f64.total_cmp(&float.fract().abs());
        let rest = if float < 0.0 { rest.reverse() } else { rest };
        i128::from(number).cmp(&(float.trunc() as i128)).then(rest)
    }

    /// How a number compares with this one; `None` for one that is none.
    pub fn compare(self, number: f64) -> Option<Ordering> {
        match self.whole {
            Some(whole) => WrittenNumber::of(number).against_whole(whole),
            None => number.partial_cmp(&self.float()),
        }
    }

    fn against_whole(self, whole: i64) -> Option<Ordering> {
        (!self.float().is_nan()).then(|| self.compare_whole(whole).reverse())
    }
}
