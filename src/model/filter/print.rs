//! Writes a syntax tree as filter words that mean the same.

use std::fmt;

use super::{
    lexer,
    tree::{Compared, FilterExpr, FilterOp, FilterTerm, ValuesOf},
};

impl fmt::Display for FilterExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, all: &[FilterExpr], between: &str, is_or: bool| {
            for (n, one) in all.iter().enumerate() {
                if n > 0 {
                    f.write_str(between)?;
                }
                let bare = matches!(one, FilterExpr::Not(_) | FilterExpr::Term(_))
                    || is_or && matches!(one, FilterExpr::And(_));
                if bare { write!(f, "{one}")? } else { write!(f, "({one})")? }
            }
            Ok(())
        };
        match self {
            FilterExpr::And(all) => joined(f, all, " ", false),
            FilterExpr::Or(all) => joined(f, all, " or ", true),
            FilterExpr::Not(one) if matches!(**one, FilterExpr::Term(_) | FilterExpr::Not(_)) => {
                write!(f, "-{one}")
            }
            FilterExpr::Not(one) => write!(f, "-({one})"),
            FilterExpr::Term(term) => write!(f, "{term}"),
        }
    }
}

impl fmt::Display for FilterTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterTerm::Word(word) if lexer::is_bare_word(word) => f.write_str(word),
            FilterTerm::Word(word) => write!(f, "{}", Quoted(word)),
            FilterTerm::Regex(regex) => write!(f, "/{}/", regex.replace('/', "\\/")),
            FilterTerm::Compare { of, op, values } => {
                write!(f, "{of}{}", op.sign())?;
                for (n, value) in values.iter().enumerate() {
                    if n > 0 {
                        f.write_str(",")?;
                    }
                    if *op != FilterOp::Matches && lexer::is_bare_value(&value.text) {
                        f.write_str(&value.text)?;
                    } else {
                        write!(f, "{}", Quoted(&value.text))?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Compared::Field(field) => f.write_str(field.facts().word),
            Compared::Values(ValuesOf { side, name, computed }) => {
                if let Some(computed) = computed {
                    write!(f, "{}(", computed.word())?;
                }
                write!(f, "{}.", side.word())?;
                if lexer::is_bare_name(name) {
                    f.write_str(name)?
                } else {
                    write!(f, "{}", Quoted(name))?
                }
                if computed.is_some() { f.write_str(")") } else { Ok(()) }
            }
        }
    }
}

/// In quotes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
