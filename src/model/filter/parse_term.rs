//! Reads a term of filter words: a word, an expression, or a field with operator and values.

use std::ops::Range;

use strum::VariantArray as _;

use super::{
    error::FilterError,
    field::{FieldKind, FilterField, names},
    parser::{Parser, Read, wrong_at},
    pattern::TextPattern,
    tree::{Compared, Computed, FilterOp, FilterTerm, Operand, ValueSide, ValuesOf, WrittenNumber},
};
use crate::model::time_words;

/// From here on two words are alike.
const ALIKE: f64 = 0.78;

impl Parser<'_> {
    /// Reads one term.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn term(&mut self) -> Read<FilterTerm> {
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
                Err(self.wrong_here(1, "a space belongs here"))
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
        let alike = FilterField::all().map(|field| {
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
        let number = self.number_of(kind, &text, (name, at))?;
        Ok(Operand { text, number })
    }

    /// The number that a value is; `None` for what is none and need not be.
    fn number_of(
        &self,
        kind: FieldKind,
        text: &str,
        (name, at): (&str, Range<usize>),
    ) -> Read<Option<WrittenNumber>> {
        let wrong = |why: String| self.value_wrong(at.clone(), why);
        match kind {
            FieldKind::Text => Ok(WrittenNumber::read(text)),
            FieldKind::Number => match WrittenNumber::read(text) {
                None => Err(wrong(format!("{text:?} is no number, as in {name}>5"))),
                number => Ok(number),
            },
            FieldKind::Duration => match time_words::seconds(text) {
                None => Err(wrong(format!("{text:?} is no length of time: say 45s, 30min, 1h30min or 2d"))),
                seconds => Ok(seconds.map(WrittenNumber::of)),
            },
            FieldKind::Time => match time_words::read(text, any_moment()) {
                None => Err(wrong(format!("{text:?} is no time: say {}", time_words::EXAMPLES))),
                Some(_) => Ok(None),
            },
            FieldKind::Choice(words) if !words.contains(&text) => {
                let why = format!("{name} has no {text:?}: there are {}", words.join(" "));
                let begun = words.iter().any(|word| word.starts_with(text));
                Err(FilterError { unfinished: begun && self.lexer.is_at_end(), ..wrong_at(at, why) })
            }
            FieldKind::Choice(_) => Ok(None),
        }
    }

    fn check_regex(&self, regex: &str, at: Range<usize>) -> Read<()> {
        let wrong = |why: String| self.value_wrong(at, format!("this expression can't be read: {why}"));
        TextPattern::regex(regex).map(|_| ()).map_err(wrong)
    }
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
