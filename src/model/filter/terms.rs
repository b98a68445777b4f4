//! Terms that mean a value that is there: what a menu, a key or a completion adds to filter words.

use unicode_normalization::UnicodeNormalization;

use super::{
    field::{FieldKind, FilterField},
    tree::{Compared, FilterOp, FilterTerm, Operand, WrittenNumber},
};

impl FilterTerm {
    /// A field with one value, as if it had been typed.
    pub fn of(field: FilterField, op: FilterOp, value: &str) -> Self {
        let is_number = matches!(field.facts().kind, FieldKind::Number | FieldKind::Text);
        let number = WrittenNumber::read(value).filter(|_| is_number && op != FilterOp::Matches);
        FilterTerm::Compare {
            of: Compared::Field(field),
            op,
            values: vec![Operand { text: value.to_owned(), number }],
        }
    }

    /// The field is this text and no more; an empty one is that of records without any.
    pub fn exactly(field: FilterField, text: &str) -> Self {
        if !text.chars().any(char::is_control) {
            return Self::of(field, FilterOp::Is, text);
        }
        // Words have no way to write these; expressions have.
        let text: String = text.nfc().collect();
        let mut regex = String::from("\\A");
        for c in regex::escape(&text).chars() {
            if c.is_control() {
                regex.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
            } else {
                regex.push(c);
            }
        }
        regex.push_str("\\z");
        Self::of(field, FilterOp::Matches, &regex)
    }

    /// The value that it asks for, as it was written; `None` where that is not just one, or an expression.
    pub fn value(&self) -> Option<&str> {
        match self {
            FilterTerm::Compare { op, values, .. } if *op != FilterOp::Matches => match values.as_slice() {
                [one] => Some(&one.text),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::{pattern::TextPattern, words::Filter};

    /// What is made is what is typed, and the same when it is read again.
    #[test]
    fn made_terms_are_read_as_what_they_are() {
        for (text, wanted) in [
            ("mara", "user=mara"),
            ("", "user=\"\""),
            ("a b", "user=\"a b\""),
            ("5", "user=5"),
            ("say \"hi\" \\ (x)", "user=\"say \\\"hi\\\" \\\\ (x)\""),
            ("温度", "user=温度"),
            ("a\nb.c", "user~\"\\\\Aa\\\\x{a}b\\\\.c\\\\z\""),
        ] {
            let term = FilterTerm::exactly(FilterField::User, text);
            let filter = Filter::default().and(term, true);
            assert_eq!(filter.text(), wanted);
            assert_eq!(Filter::read(wanted).unwrap().expr(), filter.expr(), "{wanted}");
        }
    }

    #[test]
    fn control_characters_are_found_by_an_expression() {
        let FilterTerm::Compare { values, .. } = FilterTerm::exactly(FilterField::Name, "tab\there\u{9b}.")
        else {
            panic!("a comparison")
        };
        let pattern = TextPattern::regex(&values[0].text).unwrap();
        assert!(pattern.is_in("Tab\there\u{9b}.") && !pattern.is_in("tab\there\u{9b}x"));
    }
}
