//! Reads filter words:
//!
//! ```text
//! expr = and { "or" and }      and = not { ["and"] not }      not = [ "-" | "not" ] ( "(" expr ")" | term )
//! term = field op value { "," value } | word | "quoted words" | /regex/
//! op   = ":" contains, is, or lies within    "=" "!=" "<" "<=" ">" ">="    "~" regex
//! ```

use super::{
    lexer::Lexer,
    parser::{Parser, Read},
    tree::FilterExpr,
};

/// Brackets and negations in each other.
const DEEP: usize = 64;

/// Reads words to their end; `None` where there are none.
///
/// # Errors
/// What is wrong with them, and where.
pub fn whole(text: &str) -> Read<Option<FilterExpr>> {
    Parser { lexer: Lexer::new(text), lenient: false, depth: 0 }.all()
}

/// Reads words that are being typed, without a last term that is not finished yet.
///
/// # Errors
/// What is wrong before the end.
pub fn typed(text: &str) -> Read<Option<FilterExpr>> {
    Parser { lexer: Lexer::new(text), lenient: true, depth: 0 }.all()
}

impl Parser<'_> {
    fn all(&mut self) -> Read<Option<FilterExpr>> {
        self.lexer.skip_spaces();
        if self.lexer.is_at_end() {
            return Ok(None);
        }
        let all = self.any_of()?;
        if self.lexer.is_at_end() { Ok(all) } else { Err(self.wrong_here(1, "no bracket is open here")) }
    }

    fn any_of(&mut self) -> Read<Option<FilterExpr>> {
        self.depth += 1;
        if self.depth > DEEP {
            return Err(self.wrong_here(1, &format!("more than {DEEP} brackets in each other")));
        }
        let mut any = Vec::new();
        loop {
            any.extend(self.all_of()?);
            if !self.lexer.has_keyword("or") {
                break;
            }
            self.lexer.take("or");
        }
        self.depth -= 1;
        Ok(one_or(any, FilterExpr::Or))
    }

    /// Terms up to an `or`, a closing bracket or the end.
    fn all_of(&mut self) -> Read<Option<FilterExpr>> {
        let (mut all, mut seen, mut joined) = (Vec::new(), false, None);
        loop {
            self.lexer.skip_spaces();
            if self.lexer.is_at_end() || self.lexer.peek() == Some(')') || self.lexer.has_keyword("or") {
                break;
            }
            if self.lexer.has_keyword("and") {
                if !seen || joined.is_some() {
                    return Err(self.wrong_here(3, "and stands between two terms; in quotes it is a word"));
                }
                joined = Some(self.lexer.at()..self.lexer.at() + 3);
                self.lexer.take("and");
                continue;
            }
            all.extend(self.negated()?);
            (seen, joined) = (true, None);
        }
        if let Some(at) = joined.filter(|_| !self.may_end()) {
            return Err(self.missing(at, "a term is missing behind and"));
        }
        if !seen && !self.may_end() {
            let (long, why) = match self.lexer.peek() {
                Some(')') => (1, "a term is missing before this bracket"),
                Some(_) => (2, "or stands between two terms; in quotes it is a word"),
                None => (0, "a term is missing at the end"),
            };
            return Err(self.wrong_here(long, why));
        }
        Ok(one_or(all, FilterExpr::And))
    }

    fn negated(&mut self) -> Read<Option<FilterExpr>> {
        let from = self.lexer.at();
        let by_word = self.lexer.has_keyword("not");
        if !by_word && self.lexer.peek() != Some('-') {
            return self.grouped();
        }
        self.lexer.take(if by_word { "not" } else { "-" });
        let sign = from..self.lexer.at();
        if by_word {
            self.lexer.skip_spaces();
        }
        let behind = self.lexer.peek().filter(|c| !c.is_whitespace() && *c != ')');
        if behind.is_none() && !self.may_end() {
            return Err(self.missing(sign, "a term is missing behind this; in quotes it is a word"));
        }
        if behind.is_none() {
            return Ok(None);
        }
        self.depth += 1;
        if self.depth > DEEP {
            return Err(self.wrong_here(1, &format!("more than {DEEP} negations in each other")));
        }
        let one = self.negated()?;
        self.depth -= 1;
        Ok(one.map(|one| FilterExpr::Not(Box::new(one))))
    }

    fn grouped(&mut self) -> Read<Option<FilterExpr>> {
        let open = self.lexer.at()..self.lexer.at() + 1;
        if !self.lexer.take("(") {
            return match self.term() {
                Err(wrong) if self.lenient && wrong.unfinished => {
                    self.lexer.go_to_end();
                    Ok(None)
                }
                term => term.map(|term| Some(FilterExpr::Term(term))),
            };
        }
        let inside = self.any_of()?;
        if !self.lexer.take(")") && !self.may_end() {
            return Err(self.missing(open, "this bracket is not closed"));
        }
        Ok(inside)
    }
}

/// One of these alone, or several joined.
fn one_or(all: Vec<FilterExpr>, joined: fn(Vec<FilterExpr>) -> FilterExpr) -> Option<FilterExpr> {
    match <[FilterExpr; 1]>::try_from(all) {
        Ok([one]) => Some(one),
        Err(all) if all.is_empty() => None,
        Err(all) => Some(joined(all)),
    }
}
