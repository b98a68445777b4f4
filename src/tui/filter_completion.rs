//! Completes filter words: names of fields, choices, and values that occur.

use crate::{
    model::{
        filter::{
            field::{FieldKind, FilterField},
            lexer,
        },
        format::count,
    },
    services::filter::values::FilterValues,
};

/// The end of the words, which is to be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// A name of a field that begins so.
    Name { begun: String },
    /// A value of a field.
    Value { of: FilterField, begun: String, at: usize },
    /// Nothing is known that could stand there.
    Other,
}

/// What completing gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// The words with as much as is sure.
    pub words: String,
    /// What could stand there, where there are several.
    pub offered: Vec<String>,
}

/// More than these are only counted.
const MOST: usize = 40;

/// The fields whose values are looked up in the lab.
const LOOKED_UP: [FilterField; 6] = [
    FilterField::User,
    FilterField::Name,
    FilterField::Deck,
    FilterField::Step,
    FilterField::Started,
    FilterField::Tag,
];

/// What stands open at the end of the words.
pub fn open_end(words: &str) -> Open {
    let term = term_at_end(words);
    let begun = term.trim_start_matches('-');
    if begun.starts_with(['/', '"']) {
        return Open::Other;
    }
    let Some(end) = begun.find([':', '=', '!', '<', '>', '~']) else {
        return Open::Name { begun: begun.to_owned() };
    };
    let (name, behind) = begun.split_at(end);
    let op: String = behind.chars().take_while(|c| matches!(c, ':' | '=' | '!' | '<' | '>' | '~')).collect();
    let Some(of) = FilterField::named(&name.to_lowercase()).filter(|_| op != "~") else { return Open::Other };
    let values = behind.get(op.len()..).unwrap_or_default();
    let last = last_value(values);
    Open::Value { of, begun: unquoted(last), at: words.len() - last.len() }
}

/// Does the lab have to be asked which values there are?
pub fn looked_up(of: FilterField) -> bool {
    LOOKED_UP.contains(&of)
}

/// Completes a name of a field.
pub fn names(words: &str, begun: &str) -> Completed {
    let with_sign = FilterField::all().map(|field| {
        let sign =
            if matches!(field.facts().kind, FieldKind::Duration | FieldKind::Number) { ">" } else { ":" };
        format!("{}{sign}", field.facts().word)
    });
    let all: Vec<String> = with_sign.chain(["in.".to_owned(), "out.".to_owned()]).collect();
    let found = all.into_iter().filter(|name| name.starts_with(begun)).map(|name| (name.clone(), name));
    completed(words, words.len() - begun.len(), begun, found.collect())
}

/// Completes one of a field's choices.
pub fn choices(words: &str, of: FilterField, begun: &str, at: usize) -> Completed {
    let choices = match of.facts().kind {
        FieldKind::Choice(choices) => choices,
        _ => &[],
    };
    let found = choices.iter().filter(|choice| choice.starts_with(begun));
    completed(words, at, begun, found.map(|choice| ((*choice).to_owned(), (*choice).to_owned())).collect())
}

/// Completes a value that occurs.
pub fn values(words: &str, (begun, at): (&str, usize), values: &FilterValues) -> Completed {
    let texts = values.values.iter().filter_map(|value| value.term.value());
    let begins = |text: &&str| starts_alike(text, begun) && !text.is_empty();
    let found = texts.filter(begins).map(|text| (text.to_owned(), written(text)));
    completed(words, at, begun, found.collect())
}

/// Of each that could stand there the plain text, and as it is written.
pub fn completed(words: &str, at: usize, begun: &str, found: Vec<(String, String)>) -> Completed {
    let before = words.get(..at).unwrap_or(words);
    match found.as_slice() {
        [] => Completed { words: words.to_owned(), offered: Vec::new() },
        [(_, one)] => Completed { words: format!("{before}{one}"), offered: vec![one.clone()] },
        [(first, _), others @ ..] => {
            let mut common = first.as_str();
            for (other, _) in others {
                let same = common.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
                let end = same.map_or(common.len().min(other.len()), |((at, _), _)| at);
                common = common.get(..end).unwrap_or_default();
            }
            let longer = common.len() > begun.len();
            let words = if longer { format!("{before}{}", begun_as(common)) } else { words.to_owned() };
            let mut offered: Vec<String> =
                found.iter().take(MOST).map(|(_, written)| written.clone()).collect();
            if found.len() > MOST {
                offered.push(format!("... {} more", count((found.len() - MOST) as u64)));
            }
            Completed { words, offered }
        }
    }
}

/// A value as words have it.
fn written(value: &str) -> String {
    if lexer::is_bare_value(value) { value.to_owned() } else { format!("{}\"", quoted(value)) }
}

/// The beginning of a value: a quote that is opened stays so.
fn begun_as(value: &str) -> String {
    if value.is_empty() || lexer::is_bare_value(value) { value.to_owned() } else { quoted(value) }
}

fn quoted(value: &str) -> String {
    format!("\"{}", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"') else { return value.to_owned() };
    let (mut text, mut escaped) = (String::new(), false);
    for c in inside.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            _ => {
                escaped = false;
                text.push(c);
            }
        }
    }
    text
}

/// Case counts no more than in a search.
fn starts_alike(text: &str, begun: &str) -> bool {
    let mut text = text.chars().flat_map(char::to_lowercase);
    begun.chars().flat_map(char::to_lowercase).all(|c| text.next() == Some(c))
}

/// The last term: behind the last blank or bracket that stands in no quotes.
fn term_at_end(words: &str) -> &str {
    let end = ends_behind(words, |c| c.is_whitespace() || c == '(');
    words.get(end..).unwrap_or_default()
}

/// The last of several values with commas between them.
fn last_value(values: &str) -> &str {
    values.get(ends_behind(values, |c| c == ',')..).unwrap_or_default()
}

/// The place behind the last such sign that stands in no quotes.
fn ends_behind(words: &str, is_end: impl Fn(char) -> bool) -> usize {
    let (mut end, mut in_quotes, mut escaped) = (0, false, false);
    for (at, c) in words.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            _ if !in_quotes && is_end(c) => end = at + c.len_utf8(),
            _ => {}
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::filter::{tree::FilterTerm, words::Filter},
        services::filter::values::FilterValue,
    };

    fn offered(of: FilterField, texts: &[&str]) -> FilterValues {
        let value = |text: &&str| FilterValue {
            text: (*text).to_owned(),
            term: FilterTerm::exactly(of, text),
            records: 1,
        };
        FilterValues { of, values: texts.iter().map(value).collect(), more: 0 }
    }

    fn complete(words: &str, texts: &[&str]) -> Completed {
        match open_end(words) {
            Open::Name { begun } => names(words, &begun),
            Open::Value { of, begun, at } if looked_up(of) => {
                values(words, (&begun, at), &offered(of, texts))
            }
            Open::Value { of, begun, at } => choices(words, of, &begun, at),
            Open::Other => Completed { words: words.to_owned(), offered: Vec::new() },
        }
    }

    #[test]
    fn fields_and_choices_complete() {
        for (words, wanted, offers) in [
            ("stat", "status:", 1),
            ("-mod", "-mode:", 1),
            ("user:mara (st", "user:mara (st", 5),
            ("tak", "tak", 0),
            ("to", "took>", 1),
            ("status:err", "status:error", 1),
            ("status:error,com", "status:error,completed", 1),
            ("mode:", "mode:", 4),
            ("has:", "has:", 7),
            ("status:zzz", "status:zzz", 0),
            ("out", "out", 2),
            ("\"st", "\"st", 0),
            ("error~ab", "error~ab", 0),
        ] {
            let completed = complete(words, &[]);
            assert_eq!((completed.words.as_str(), completed.offered.len()), (wanted, offers), "{words}");
        }
    }

    #[test]
    fn values_complete_in_quotes_where_they_need_them() {
        let texts = ["mara", "Marie Curie", "marten \"the\" 2nd", "zoe"];
        for (words, wanted, offers) in [
            ("user:z", "user:zoe", 1),
            ("user=MARI", "user=\"Marie Curie\"", 1),
            ("user:\"Marie", "user:\"Marie Curie\"", 1),
            ("user:mart", "user:\"marten \\\"the\\\" 2nd\"", 1),
            ("user:", "user:", 4),
            ("user:mar", "user:mar", 3),
            ("user:zoe,ma", "user:zoe,ma", 3),
            ("-user!=zo", "-user!=zoe", 1),
            ("user:x", "user:x", 0),
        ] {
            let completed = complete(words, &texts);
            assert_eq!((completed.words.as_str(), completed.offered.len()), (wanted, offers), "{words}");
            if offers == 1 {
                assert!(Filter::read(&completed.words).is_ok(), "{}", completed.words);
            }
        }
        let completed = complete("name:", &["heat soak", "heat soak long"]);
        assert_eq!(completed.words, "name:\"heat soak");
        assert_eq!(complete(&completed.words, &["heat soak", "heat soak long"]).offered.len(), 2);
        let many: Vec<String> = (0..60).map(|n| format!("n{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(complete("name:n", &many).offered.last().map(String::as_str), Some("... 20 more"));
    }
}
