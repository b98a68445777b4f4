//! What the man pages say about filter words: the fields come from their table.

use crate::model::{
    filter::{
        field::{FieldKind, FilterField},
        parse_term::ops_of,
        tree::{Compared, FilterOp},
    },
    time_words,
};

/// What they are.
pub const INTRO: &str = "EXPR is words that stand for records. Each must be true; or stands between alternatives and binds \
                     weaker than a space, - or not before a word turns it round, brackets group. and, or and not are written \
                     in small letters. A record without a value matches no comparison of it, but its opposite with -. An error in EXPR is shown with its place.";

const WORDS: [(&str, &str); 3] = [
    ("word, \"quoted words\"", "In the name or the user, in any case of letters, or the whole id."),
    ("/regex/", "The same as a regular expression; it minds no case unless it says (?-i)."),
    (
        "FIELD OPERATOR VALUE[,VALUE...]",
        "Written without spaces. Any of the values is enough; with != none may be. A value or a word with a space, a \
         bracket or an operator in it stands in quotes, where a quote is written \\\" and a backslash \\\\. FIELD=\"\" finds \
         those without such a text.",
    ),
];

const OPERATORS: [(&str, &str); 4] = [
    (":", "Contains a text, is a choice or a number, lies within a stretch of time."),
    ("= !=", "Is; is not."),
    ("< <= > >=", "Compares numbers, lengths of time and times."),
    ("~", "A regular expression is found in it."),
];

const VALUES: [(&str, &str); 2] = [
    (
        "in.NAME, out.NAME",
        "Any value of a parameter or an output in any iteration; lists are opened. A NAME with a space or a sign in it stands \
         in quotes: out.\"temp (C)\">65. Booleans are true and false; = finds NaN and Infinity too.",
    ),
    ("max(out.NAME), min, mean, first, last, n", "One number of all of them; the same of in.NAME."),
];

const EXAMPLES: [(&str, &str); 9] = [
    ("status:error started>2d", "Ended with an error, begun within the last two days."),
    ("user:ann,bob -name:test", "Of Ann or Bob, without test in the name."),
    ("started:2026-11 took>1h30min", "Of that month, longer than an hour and a half."),
    ("step:dose error:\"valve 3\"", "With such a step, and a failure with this text."),
    ("max(out.yield)>=0.9 or has:plots", "A good yield, or optimizer plots."),
    ("in.solvent=DMF out.temp<60", "A parameter that is DMF, and an output below 60."),
    ("(mode:batch or iter>20) failed=0", "Batches or many iterations, without a failed step."),
    ("-has:end", "Without an end."),
    (
        "verdict:bad note:pump or star:yes -tag:salt",
        "Marked as bad with this in the note; or starred, and without this tag.",
    ),
];

/// A name and what it is.
type FilterLine = (String, String);

/// Headings, and what stands below them.
pub fn parts() -> Vec<(&'static str, Vec<FilterLine>)> {
    let owned = |lines: &[(&str, &str)]| {
        lines.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    };
    let times = format!("{}. So long before now means since then behind a colon.", time_words::EXAMPLES);
    let lengths = "45s, 30min, 1h30min or 2d.".to_owned();
    vec![
        ("Words", owned(&WORDS)),
        ("Operators", owned(&OPERATORS)),
        ("Fields", FilterField::all().map(of_field).collect()),
        ("Values of a record", owned(&VALUES)),
        ("Times", vec![("A time".to_owned(), times), ("A length of time".to_owned(), lengths)]),
        ("For example", owned(&EXAMPLES)),
    ]
}

/// `status` and what it is about, with its choices and operators.
fn of_field(field: FilterField) -> FilterLine {
    let facts = field.facts();
    let ops: Vec<&str> = ops_of(&Compared::Field(field)).into_iter().map(FilterOp::sign).collect();
    let about = match facts.kind {
        FieldKind::Choice(words) => format!("{}: {}", facts.about, words.join(", ")),
        _ => facts.about.to_owned(),
    };
    (format!("{} {}", facts.word, ops.join(" ")), sentence(&about))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::words::Filter;

    #[test]
    fn examples_can_be_read_and_all_fields_are_told() {
        for (example, _) in EXAMPLES {
            assert!(Filter::read(example).is_ok_and(|read| !read.is_empty()), "{example}");
        }
        let parts = parts();
        let (_, fields) = parts.iter().find(|(title, _)| *title == "Fields").unwrap();
        for field in FilterField::all() {
            let start = format!("{} :", field.facts().word);
            assert!(fields.iter().any(|(name, _)| name.starts_with(&start)), "{field:?}");
        }
        let has = fields.iter().find(|(name, _)| name.starts_with("has ")).unwrap();
        assert_eq!(has.1, "What there is of it: log, result, plots, error, note, tag, end.");
    }
}
