//! Reads filter words:
//!
//! ```text
//! expr = and { "or" and }      and = not { ["and"] not }      not = [ "-" | "not" ] ( "(" expr ")" | term )
//! term = field op value { "," value } | word | "quoted words" | /regex/
//! op   = ":" contains, is, or lies within    "=" "!=" "<" "<=" ">" ">="    "~" regex
//! ```

use std::ops::Range;

use strum::VariantArray as _;

use super::{
    error::FilterError,
    field::{FieldKind, FilterField, names},
    lexer::{Enclosed, Lexer},
    pattern::TextPattern,
    tree::{
        Compared, Computed, FilterExpr, FilterOp, FilterTerm, Operand, ValueSide, ValuesOf, WrittenNumber,
    },
};
use crate::model::time_words;

/// Brackets and negations in each other.
const DEEP: usize = 64;

/// From here on two words are alike.
const ALIKE: f64 = 0.78;

type Read<T> = Result<T, FilterError>;

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

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// What is not finished at the end is left out.
    lenient: bool,
    depth: usize,
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

    fn term(&mut self) -> Read<FilterTerm> {
        let from = self.lexer.at();
        if self.lexer.op().is_some() {
            let why = "an operator stands right behind a field, as in iter>5; in quotes it is a word";
            return Err(self.wrong_here(1, why));
        }
        let term = match self.lexer.peek() {
            Some('"') => {
                let word = self.lexer.quoted();
                FilterTerm::Word(self.closed(word, from, "this quote is not closed")?)
            }
            Some('/') => {
                let regex = self.lexer.slashed();
                let regex = self.closed(regex, from, "the expression ends with a second /")?;
                self.check_regex(&regex, from..self.lexer.at())?;
                FilterTerm::Regex(regex)
            }
            _ => match self.compared()? {
                Some((of, place)) => self.compare(of, place)?,
                None => FilterTerm::Word(self.lexer.slice(from..self.lexer.at()).to_owned()),
            },
        };
        match self.lexer.peek() {
            Some(c) if !c.is_whitespace() && !matches!(c, '(' | ')') => {
                Err(self.wrong_here(c.len_utf8(), "a space belongs here"))
            }
            _ => Ok(term),
        }
    }

    /// What is compared, with an operator behind it; `None` for a word.
    fn compared(&mut self) -> Read<Option<(Compared, Range<usize>)>> {
        let from = self.lexer.at();
        let head = self.lexer.head();
        if let Some(computed) = Computed::VARIANTS.iter().find(|computed| computed.word() == head)
            && ["(in.", "(out."].iter().any(|start| self.lexer.rest().starts_with(start))
        {
            self.lexer.take("(");
            let start = self.lexer.at();
            let head = self.lexer.head();
            let of = self.value_name(head, start)?;
            if !self.lexer.take(")") {
                let why =
                    format!("a bracket belongs here, as in {head}(out.yield)>5", head = computed.word());
                return Err(self.wrong_here(1, &why));
            }
            let of = of.map(|(side, name)| ValuesOf { side, name, computed: Some(*computed) });
            let place = from..self.lexer.at();
            return match of {
                Some(of) if self.lexer.op().is_some() => Ok(Some((Compared::Values(of), place))),
                _ => Err(self.no_op(place, "max(out.yield)>5")),
            };
        }
        let values = self.value_name(head, from)?;
        let place = from..self.lexer.at();
        if self.lexer.op().is_none() {
            if values.is_some() && self.lexer.slice(place.clone()).ends_with('"') {
                return Err(self.no_op(place, "out.\"a b\">5"));
            }
            return Ok(None);
        }
        let of = match values {
            Some((side, name)) => Compared::Values(ValuesOf { side, name, computed: None }),
            None => Compared::Field(self.field(head, place.clone())?),
        };
        Ok(Some((of, place)))
    }

    /// The name behind `in.` and `out.`, also in quotes; `None` where the head is something else.
    fn value_name(&mut self, head: &str, from: usize) -> Read<Option<(ValueSide, String)>> {
        let sides = [ValueSide::Input, ValueSide::Output];
        let named = |side: ValueSide| Some((side, head.strip_prefix(side.word())?.strip_prefix('.')?));
        let Some((side, name)) = sides.into_iter().find_map(named) else { return Ok(None) };
        if name.is_empty() && self.lexer.peek() == Some('"') {
            let at = self.lexer.at();
            let quoted = self.lexer.quoted();
            if !quoted.closed {
                return Err(self.missing(at..at + 1, "this quote is not closed"));
            }
            return Ok(Some((side, quoted.text)));
        }
        if name.is_empty() && self.lexer.op().is_some() {
            let why = format!("a name belongs behind {head} as in {head}temp<60");
            return Err(self.missing(from..self.lexer.at(), &why));
        }
        Ok(Some((side, name.to_owned())))
    }

    fn field(&self, head: &str, at: Range<usize>) -> Read<FilterField> {
        if let Some(field) = FilterField::named(&head.to_lowercase()) {
            return Ok(field);
        }
        let alike = FilterField::known().map(|field| {
            let word = field.facts().word;
            let starts = word.starts_with(head) && head.len() > 1;
            (if starts { 1.0 } else { strsim::jaro_winkler(head, word) }, word)
        });
        let nearest = alike.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(alike, _)| *alike >= ALIKE);
        let offer = match nearest {
            Some((_, word)) => format!("did you mean {word}?"),
            None => format!("there are {}; a word with an operator in it needs quotes", names()),
        };
        Err(FilterError { message: format!("unknown field {head:?}: {offer}"), at, unfinished: false })
    }

    /// Operator and values behind what is compared.
    fn compare(&mut self, of: Compared, place: Range<usize>) -> Read<FilterTerm> {
        let name = self.lexer.slice(place.clone());
        let Some(op) = self.lexer.op() else { return Err(self.wrong_here(1, "an operator belongs here")) };
        let allowed = ops_of(&of);
        if !allowed.contains(&op) {
            let signs: Vec<&str> = allowed.iter().map(|op| op.sign()).collect();
            let why = format!("{name} takes {}, not {}", signs.join(" "), op.sign());
            return Err(self.wrong_here(op.sign().len(), &why));
        }
        if let Compared::Field(field) = of
            && let Some(what) = field.not_kept(None)
        {
            return Err(not_kept(name, what, place));
        }
        self.lexer.take(op.sign());
        let mut values = Vec::new();
        loop {
            let from = self.lexer.at();
            let is_quoted = self.lexer.peek() == Some('"');
            let text = if is_quoted {
                let quoted = self.lexer.quoted();
                self.closed(quoted, from, "this quote is not closed")?
            } else if op == FilterOp::Matches {
                self.lexer.bare_regex().to_owned()
            } else {
                self.lexer.bare_value().to_owned()
            };
            if text.is_empty() && !is_quoted {
                let why =
                    format!("a value belongs behind {name}{} ({name}=\"\" finds those without)", op.sign());
                let why =
                    if allowed.contains(&FilterOp::Matches) { why } else { missing_value(&of, name, op) };
                return Err(self.missing(place.start..self.lexer.at(), &why));
            }
            let at = from..self.lexer.at();
            values.push(self.operand(&of, op, text, name, at)?);
            if op == FilterOp::Matches || !self.lexer.take(",") {
                return Ok(FilterTerm::Compare { of, op, values });
            }
        }
    }

    /// What a value means.
    fn operand(
        &self,
        of: &Compared,
        op: FilterOp,
        text: String,
        name: &str,
        at: Range<usize>,
    ) -> Read<Operand> {
        if op == FilterOp::Matches {
            self.check_regex(&text, at)?;
            return Ok(Operand { text, number: None });
        }
        let kind = match of {
            Compared::Field(field) => field.facts().kind,
            Compared::Values(of) if of.computed.is_some() || op.is_order() => FieldKind::Number,
            Compared::Values(_) => FieldKind::Text,
        };
        let text = match kind {
            // Words are known in any case of letters, as fields are.
            FieldKind::Choice(_) => text.to_lowercase(),
            FieldKind::Time if text.chars().all(char::is_alphabetic) => text.to_lowercase(),
            _ => text,
        };
        let number =
            match kind {
                FieldKind::Choice(words) if !words.contains(&text.as_str()) => {
                    let wrong = format!("{name} has no {text:?}: there are {}", words.join(" "));
                    let begun = words.iter().any(|word| word.starts_with(&text));
                    return Err(FilterError {
                        unfinished: begun && self.lexer.is_at_end(),
                        ..wrong_at(at, wrong)
                    });
                }
                FieldKind::Choice(_) => {
                    if let Compared::Field(field) = of
                        && let Some(what) = field.not_kept(Some(&text))
                    {
                        return Err(not_kept(&format!("{name}:{text}"), what, at));
                    }
                    None
                }
                FieldKind::Text => WrittenNumber::read(&text),
                FieldKind::Number => {
                    let number = WrittenNumber::read(&text);
                    Some(number.ok_or_else(|| {
                        self.value_wrong(at, format!("{text:?} is no number, as in {name}>5"))
                    })?)
                }
                FieldKind::Duration => {
                    let seconds = time_words::seconds(&text).map(WrittenNumber::of);
                    let why = || format!("{text:?} is no length of time: say 45s, 30min, 1h30min or 2d");
                    Some(seconds.ok_or_else(|| self.value_wrong(at, why()))?)
                }
                FieldKind::Time => {
                    let why = || format!("{text:?} is no time: say {}", time_words::EXAMPLES);
                    time_words::read(&text, any_moment()).ok_or_else(|| self.value_wrong(at, why()))?;
                    None
                }
            };
        Ok(Operand { text, number })
    }

    fn check_regex(&self, regex: &str, at: Range<usize>) -> Read<()> {
        let wrong = |why: String| self.value_wrong(at, format!("this expression can't be read: {why}"));
        TextPattern::regex(regex).map(|_| ()).map_err(wrong)
    }

    /// The text of something that needs a closing sign.
    fn closed(&self, enclosed: Enclosed, from: usize, why: &str) -> Read<String> {
        if enclosed.closed || self.lenient && !enclosed.text.is_empty() {
            return Ok(enclosed.text);
        }
        Err(FilterError { unfinished: true, ..wrong_at(from..from + 1, why.to_owned()) })
    }

    /// Nothing may be missing here, as the rest is yet to be typed.
    fn may_end(&self) -> bool {
        self.lenient && self.lexer.is_at_end()
    }

    fn wrong_here(&self, long: usize, why: &str) -> FilterError {
        let at = self.lexer.at()..(self.lexer.at() + long).min(self.lexer.at() + self.lexer.rest().len());
        self.missing(at, why)
    }

    fn no_op(&self, at: Range<usize>, example: &str) -> FilterError {
        let message = format!("an operator belongs behind this, as in {example}");
        // The first sign of one may be there.
        let unfinished = self.lexer.is_at_end() || self.lexer.rest() == "!";
        FilterError { unfinished, ..wrong_at(at, message) }
    }

    fn missing(&self, at: Range<usize>, why: &str) -> FilterError {
        FilterError { message: why.to_owned(), at, unfinished: self.lexer.is_at_end() }
    }

    /// A value that may be a whole one when it is typed on.
    fn value_wrong(&self, at: Range<usize>, why: String) -> FilterError {
        let unfinished = self.lexer.is_at_end() && !self.lexer.slice(at.clone()).ends_with(['"', '/']);
        FilterError { unfinished, ..wrong_at(at, why) }
    }
}

fn wrong_at(at: Range<usize>, message: String) -> FilterError {
    FilterError { message, at, unfinished: false }
}

fn not_kept(name: &str, what: &str, at: Range<usize>) -> FilterError {
    wrong_at(at, format!("{name}: ivorylens keeps no {what} yet"))
}

fn missing_value(of: &Compared, name: &str, op: FilterOp) -> String {
    let example = match of {
        Compared::Field(field) => match field.facts().kind {
            FieldKind::Choice(words) => return format!("{name} is one of {}", words.join(" ")),
            FieldKind::Time => "2026-11-24",
            FieldKind::Duration => "30min",
            FieldKind::Text | FieldKind::Number => "5",
        },
        Compared::Values(_) => "5",
    };
    format!("a value belongs behind {name}{sign}, as in {name}{sign}{example}", sign = op.sign())
}

/// What can be asked of it.
pub fn ops_of(of: &Compared) -> Vec<FilterOp> {
    let kind = match of {
        Compared::Field(field) => field.facts().kind,
        Compared::Values(of) if of.computed.is_some() => FieldKind::Number,
        Compared::Values(_) => return FilterOp::VARIANTS.to_vec(),
    };
    let fits = |op: &FilterOp| match kind {
        FieldKind::Text => !op.is_order(),
        FieldKind::Choice(_) => !op.is_order() && *op != FilterOp::Matches,
        FieldKind::Number | FieldKind::Duration | FieldKind::Time => *op != FilterOp::Matches,
    };
    FilterOp::VARIANTS.iter().copied().filter(fits).collect()
}

/// Whether words are a time does not depend on when it is.
fn any_moment() -> jiff::civil::DateTime {
    jiff::civil::date(2026, 11, 24).at(3, 0, 0, 0)
}

/// One of these alone, or several joined.
fn one_or(all: Vec<FilterExpr>, joined: fn(Vec<FilterExpr>) -> FilterExpr) -> Option<FilterExpr> {
    match <[FilterExpr; 1]>::try_from(all) {
        Ok([one]) => Some(one),
        Err(all) if all.is_empty() => None,
        Err(all) => Some(joined(all)),
    }
}
