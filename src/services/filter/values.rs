//! Which values of a field occur in a list, with how many of its records each finds: for menus and completions.

use std::collections::{HashMap, HashSet};

use super::{
    Reading, list, plan,
    stored::{ColumnKey, ReadEntry},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        filter::{
            field::{FieldKind, FilterField},
            pattern::{TextPattern, folded},
            tree::{FilterExpr, FilterOp, FilterTerm},
        },
        format::count,
        partial::{Lacks, Partial},
        query::ListQuery,
        row_set::RowSet,
    },
    services::{lab::Lab, marks},
    store::{
        FactColumns,
        catalogue::select::{FactText, FactTime},
    },
};

/// A value that occurs.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterValue {
    /// For people.
    pub text: String,
    /// What means it.
    pub term: FilterTerm,
    /// How many records of the list it finds.
    pub records: u64,
}

/// The values of a field that occur in a list: the most frequent first, times from the newest.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterValues {
    pub of: FilterField,
    pub values: Vec<FilterValue>,
    /// Further ones, which are left out.
    pub more: u64,
}

/// More than anybody looks through.
const MOST: usize = 200;
/// How often it is begun again because the lab wrote.
const TRIES: usize = 4;
/// States and outcomes that don't have each other in them.
const STATES: [&str; 7] = ["completed", "stopped", "error", "ended", "running", "waiting", "died"];
/// Stretches that end now.
const LATELY: [(&str, &str); 4] =
    [("today", "today"), ("yesterday", "yesterday"), ("7d", "the last 7 days"), ("30d", "the last 30 days")];

/// The values of a field in a list. Of fields whose values are numbers or texts of any kind there are none to choose from.
///
/// # Errors
/// As any read; [`crate::error::Error::Cancelled`] when nobody wants it any more.
pub fn values(
    lab: &Lab,
    query: &ListQuery,
    of: FilterField,
    cx: &mut Cx<'_>,
) -> Result<Partial<FilterValues>> {
    let catalogue = lab.database().catalogue();
    // A record without any step has no method.
    let any_step = FilterTerm::of(FilterField::Step, FilterOp::Matches, "");
    let query = match of {
        FilterField::Step => ListQuery { filter: query.filter.and(any_step, true), ..query.clone() },
        _ => query.clone(),
    };
    let mut lacks = Lacks::default();
    for _ in 0..TRIES {
        lacks = Lacks::default();
        lab.database().ready(&query, FactColumns::ALL, cx)?;
        let search = list(lab, &query, Reading::Whole, cx)?.into(&mut lacks);
        let (state, rows) = (catalogue.state(), catalogue.rows_of(&search.list));
        let found = match of {
            FilterField::Status => of_terms(lab, &rows, choices(of, &STATES), cx)?,
            FilterField::Started => of_terms(lab, &rows, times(lab, of, &rows), cx)?,
            FilterField::User => of_texts(lab, &rows, of, FactText::User),
            FilterField::Name => of_texts(lab, &rows, of, FactText::Name),
            FilterField::Deck => of_texts(lab, &rows, of, FactText::Deck),
            FilterField::Step => methods(lab, &rows),
            FilterField::Tag => tags(lab, &rows, cx)?,
            _ => match of.facts().kind {
                // What there is of a record is read of each: nothing to count at once.
                FieldKind::Choice(words) if of != FilterField::Has => {
                    of_terms(lab, &rows, choices(of, words), cx)?
                }
                _ => Vec::new(),
            },
        };
        if search.unread.is_none() && catalogue.state() == state {
            return Ok(Partial::lacking(in_order(of, found), lacks));
        }
    }
    Ok(Partial::lacking(FilterValues { of, values: Vec::new(), more: 0 }, lacks))
}

fn in_order(of: FilterField, mut values: Vec<FilterValue>) -> FilterValues {
    if of != FilterField::Started {
        values.sort_by(|a, b| b.records.cmp(&a.records).then_with(|| a.text.cmp(&b.text)));
    }
    let more = values.len().saturating_sub(MOST) as u64;
    values.truncate(MOST);
    FilterValues { of, values, more }
}

fn choices(of: FilterField, words: &[&str]) -> Vec<(String, FilterTerm)> {
    let term = |word: &&str| ((*word).to_owned(), FilterTerm::of(of, FilterOp::Has, word));
    words.iter().map(term).collect()
}

/// Stretches up to now, then the months in which records began, from the newest.
fn times(lab: &Lab, of: FilterField, rows: &RowSet) -> Vec<(String, FilterTerm)> {
    let within = |word: &str| FilterTerm::of(of, FilterOp::Has, word);
    let lately = LATELY.iter().map(|(word, told)| ((*told).to_owned(), within(word)));
    let days = lab.database().catalogue().days_of(FactTime::Start, rows);
    let mut months: Vec<String> = days.iter().rev().map(|day| day.strftime("%Y-%m").to_string()).collect();
    months.dedup();
    // Other years can't be written.
    months.retain(|month| month.len() == 7);
    lately.chain(months.into_iter().map(|month| (month.clone(), within(&month)))).collect()
}

/// Of terms that the catalogue decides, those that find something.
fn of_terms(
    lab: &Lab,
    rows: &RowSet,
    terms: Vec<(String, FilterTerm)>,
    cx: &Cx<'_>,
) -> Result<Vec<FilterValue>> {
    let mut found = Vec::new();
    for (text, term) in terms {
        if let plan::Node::Known(mut all) = plan::of(lab, &FilterExpr::Term(term.clone()), cx)? {
            all.keep(rows);
            let records = all.count() as u64;
            found.extend((records > 0).then_some(FilterValue { text, term, records }));
        }
    }
    Ok(found)
}

fn of_texts(lab: &Lab, rows: &RowSet, of: FilterField, column: FactText) -> Vec<FilterValue> {
    let mut spelled = Spelled::default();
    for (text, records) in lab.database().catalogue().counts_of(column, rows.iter()) {
        spelled.add([text.unwrap_or_default().as_str()].into_iter(), records);
    }
    spelled.values(of)
}

/// The methods of these records' steps, which were read for the list.
fn methods(lab: &Lab, rows: &RowSet) -> Vec<FilterValue> {
    let catalogue = lab.database().catalogue();
    let read = lab.memo.read_columns.borrow();
    let mut sets: HashMap<u32, u64> = HashMap::new();
    for (id, print) in rows.iter().filter_map(|row| catalogue.record_at(row)) {
        if let Some(ReadEntry::Texts(set)) = read.get(&ColumnKey::Methods, id, print) {
            *sets.entry(*set).or_default() += 1;
        }
    }
    let mut spelled = Spelled::default();
    for (set, records) in sets {
        spelled.add(read.set(set).filter(|method| !method.is_empty()), records);
    }
    spelled.values(FilterField::Step)
}

fn tags(lab: &Lab, rows: &RowSet, cx: &Cx<'_>) -> Result<Vec<FilterValue>> {
    let mut spelled = Spelled::default();
    for (row, mark) in marks::rows::marked(lab, cx)?.iter() {
        if rows.has(*row) {
            spelled.add(mark.tags.iter().map(String::as_str), 1);
        }
    }
    Ok(spelled.values(FilterField::Tag))
}

/// Texts that are the same to filter words, whatever their case: of each group the records, and how often each spelling is
/// there.
#[derive(Default)]
struct Spelled(HashMap<String, (u64, HashMap<String, u64>)>);

impl Spelled {
    /// So many records have these texts.
    fn add<'a>(&mut self, texts: impl Iterator<Item = &'a str>, records: u64) {
        let mut seen = HashSet::new();
        for text in texts {
            let key = folded(text);
            let group = self.0.entry(key.clone()).or_default();
            group.0 += if seen.insert(key) { records } else { 0 };
            *group.1.entry(text.to_owned()).or_default() += records;
        }
    }

    fn values(self, of: FilterField) -> Vec<FilterValue> {
        let value = |(records, spellings): (u64, HashMap<String, u64>)| {
            let most = spellings.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
            let text = most.map(|(text, _)| text).unwrap_or_default();
            let term = FilterTerm::exactly(of, &text);
            // What no words can be long enough for is not offered.
            TextPattern::whole(&text)?;
            let text = if text.is_empty() { without(of).to_owned() } else { text };
            Some(FilterValue { text, term, records })
        };
        self.0.into_values().filter_map(value).collect()
    }
}

fn without(of: FilterField) -> &'static str {
    match of {
        FilterField::User => "nobody",
        FilterField::Name => "no name",
        _ => "none",
    }
}

impl FilterValues {
    /// What was left out, in words.
    pub fn left_out(&self) -> Option<String> {
        (self.more > 0).then(|| format!("and {} more", count(self.more)))
    }
}

#[cfg(test)]
mod tests;
