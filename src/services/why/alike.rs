//! The filter words that find the records with failures of one signature.

use unicode_normalization::UnicodeNormalization;

use super::signature::{self, BLANK};
use crate::model::filter::{
    field::FilterField,
    tree::{FilterOp, FilterTerm},
};

/// Messages with fewer letters than this stand in others too.
const SHORT: usize = 8;
/// More of a message than tells it from others.
const LONGEST: usize = 200;

/// A term that is true of every record with this signature; `text` is one message that has it.
pub fn term(told: &str, text: Option<&str>) -> FilterTerm {
    let message = signature::message_of(told);
    let message = if message.ends_with(':') && signature::is_call(message.trim_end_matches(':')) {
        ""
    } else {
        message
    };
    if message.is_empty() {
        let whole = regex::escape(told);
        return FilterTerm::of(FilterField::Error, FilterOp::Matches, &format!("^\\s*$|{whole}\\s*$"));
    }
    // A signature has blanks for what else separates words.
    let is_odd = text.is_some_and(|text| text.chars().any(|c| c.is_whitespace() && c != ' '));
    let all: String = message.nfc().collect();
    let end = all.char_indices().nth(LONGEST).map_or(all.len(), |(at, _)| at);
    let cut = all.get(..end).unwrap_or(&all);
    let mut regex = String::from(if is_odd { "(?s)" } else { "" });
    let is_short = cut.chars().filter(|c| c.is_alphanumeric()).count() < SHORT;
    regex.push_str(if is_short { "(^|: )" } else { "" });
    for c in cut.chars() {
        match c {
            BLANK => regex.push_str(".*"),
            ' ' if is_odd => regex.push_str("\\s"),
            other => regex.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push_str(if is_short { "\\s*($|\\n)" } else { "" });
    FilterTerm::of(FilterField::Error, FilterOp::Matches, &regex)
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::*;
    use crate::{
        checkpoint::Cx,
        demo::{Plan, make},
        model::{
            filter::{pattern::TextPattern, words::Filter},
            query::ListQuery,
        },
        services::{
            lab::Lab,
            records,
            why::{self, types::Depth},
        },
        store::Options,
        tui::testing::{copied_at, lab_with, reference_lab},
    };

    /// How many failures of the lab have a signature; each finds its own record, and no fewer than are told.
    fn found(lab: &Lab) -> usize {
        let cx = &mut Cx::quiet();
        let all = records::rows(lab, &ListQuery::default(), (0, u64::MAX), cx).unwrap();
        let mut known = std::collections::HashMap::new();
        let mut checked = 0;
        for row in all {
            let run = row.run.id;
            let told = why::of_record(lab, run, Depth::Whole, cx).unwrap().value;
            for failure in &told.failures {
                let Some(same) = &failure.same else { continue };
                let term = term(&same.signature, failure.text.as_ref().map(|told| told.value.as_str()));
                let filter = Filter::default().and(term, true);
                assert_eq!(Filter::read(filter.text()).unwrap().expr(), filter.expr(), "{}", filter.text());
                let found: &Vec<i64> = known.entry(filter.text().to_owned()).or_insert_with(|| {
                    let query = ListQuery { filter: filter.clone(), ..ListQuery::default() };
                    let rows = records::rows(lab, &query, (0, u64::MAX), cx).unwrap();
                    rows.iter().map(|row| row.run.id).collect()
                });
                assert!(found.contains(&run), "#{run} {}", filter.text());
                assert!(found.len() as u64 >= same.records, "#{run} {}", filter.text());
                checked += 1;
            }
        }
        checked
    }

    #[test]
    fn every_failure_finds_its_record_and_those_with_the_same() {
        assert!(found(&reference_lab("ivoryos-1.7.2")) >= 5);
        let folder = tempfile::tempdir().unwrap();
        let now = copied_at();
        make(&Plan::sized(60, 2..=4, 2, 5, now), folder.path()).unwrap();
        let file: &Path = &folder.path().join("ivoryos.db");
        assert!(found(&lab_with(file, Options::without_cache(), Arc::new(move || now))) >= 3);
    }

    #[test]
    fn what_was_left_out_may_be_anything() {
        for (told, text, others, not) in [
            (
                "probe.read: sensor '…' timed out after … s",
                "sensor 'a' timed out after 5 s",
                "Sensor '{b\"}' timed out after 12.5 s!",
                "sensor timed out",
            ),
            ("pump.dose: …", "17", "-3", "\u{0}\n\n"),
            ("E…", "E5", "E", "the E5 is gone"),
            ("温度 … °C を超えました", "温度 25 °C を超えました", "温度 9 °C を超えました", "温度"),
            ("a.b: it is … gone", "it is\n5\tgone", "it\tis 4 gone", "it is"),
            ("pump.dose:", "", " ", "pump.dose: 5"),
        ] {
            let FilterTerm::Compare { values, .. } = term(told, Some(text)) else { panic!("a comparison") };
            let pattern = TextPattern::regex(&values[0].text).unwrap();
            assert!(pattern.is_in(text) && pattern.is_in(others), "{told}: {}", values[0].text);
            assert!(told.ends_with('…') || !pattern.is_in(not), "{told}: {}", values[0].text);
        }
    }
}
