//! Turns a syntax tree into what can be judged: terms that the catalogue decides are sets of records at once, the others
//! say what has to be read of a record.

use std::{cell::RefCell, collections::HashMap};

use super::{
    compare::{NumberTest, TextTest, ValuesTest, moments},
    stored::{ColumnKey, LOG, PLOTS, Quick, RESULT, ReadColumns, ReadEntry, RecordAt},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        filter::{
            field::FilterField,
            tree::{Compared, FilterExpr, FilterOp, FilterTerm, Operand, ValueSide, ValuesOf},
        },
        mark::{RecordMark, Verdict},
        row_set::RowSet,
        run_tally::RunTally,
    },
    services::{lab::Lab, marks::rows, run_row::NewestOpen, run_state::RunState},
    store::catalogue::{
        Catalogue,
        select::{FactText, FactTime},
    },
};

/// What is judged of each record.
#[derive(Debug)]
pub enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// The records that it is true of.
    Known(RowSet),
    Read(ReadTerm),
}

/// A term that is true of what is read of a record.
#[derive(Debug)]
pub enum ReadTerm {
    /// What is counted of its phases and steps.
    Count(FilterField, NumberTest),
    /// By its counts, whether it has a failure.
    Failure,
    Number(ColumnKey, NumberTest),
    Values(ColumnKey, ValuesTest),
    Texts(ColumnKey, TextTest, KnownTexts),
    /// It has this file.
    File(u32),
}

/// Of sets of texts, by their numbers, whether they are meant: each is asked once.
type KnownTexts = RefCell<HashMap<u32, bool, Quick>>;

/// Records of which an expression is known to be true, and of which it is known not to be.
#[derive(Debug)]
pub struct Judged {
    pub yes: RowSet,
    pub no: RowSet,
}

/// Makes the plan for the catalogue as it is now.
///
/// # Errors
/// As any read.
pub fn of(lab: &Lab, expr: &FilterExpr, cx: &Cx<'_>) -> Result<Node> {
    let all = |all: &[FilterExpr]| all.iter().map(|one| of(lab, one, cx)).collect::<Result<Vec<_>>>();
    Ok(match expr {
        FilterExpr::And(terms) => Node::And(all(terms)?),
        FilterExpr::Or(terms) => Node::Or(all(terms)?),
        FilterExpr::Not(one) => Node::Not(Box::new(of(lab, one, cx)?)),
        FilterExpr::Term(term) => of_term(lab, term, cx)?,
    })
}

fn of_term(lab: &Lab, term: &FilterTerm, cx: &Cx<'_>) -> Result<Node> {
    let catalogue = lab.database().catalogue();
    let in_words = |test: &TextTest| {
        catalogue.with_text(&[FactText::Name, FactText::User], &mut |text| test.is_met_by(text), cx)
    };
    match term {
        FilterTerm::Word(word) => {
            let mut found = in_words(&TextTest::word(word))?;
            if let Ok(id) = word.trim_start_matches('#').parse::<i64>() {
                catalogue.place(id).into_iter().for_each(|row| found.insert(row));
            }
            Ok(Node::Known(found))
        }
        FilterTerm::Regex(regex) => {
            let test = TextTest::regex(regex);
            let mut found = in_words(&test)?;
            found.add(&catalogue.with_id(|id| test.is_met_by(Some(&id.to_string()))));
            Ok(Node::Known(found))
        }
        FilterTerm::Compare { of: Compared::Values(ValuesOf { side, name, computed }), op, values } => {
            let test = ValuesTest::of(*op, *computed, values);
            Ok(Node::Read(ReadTerm::Values(ColumnKey::Values(*side, name.clone()), test)))
        }
        FilterTerm::Compare { of: Compared::Field(field), op, values } => {
            of_field(lab, *field, *op, values, cx)
        }
    }
}

fn of_field(lab: &Lab, field: FilterField, op: FilterOp, values: &[Operand], cx: &Cx<'_>) -> Result<Node> {
    let catalogue = lab.database().catalogue();
    let text = |column: FactText| -> Result<Node> {
        let test = TextTest::of(op, values);
        Ok(Node::Known(catalogue.with_text(&[column], &mut |text| test.is_met_by(text), cx)?))
    };
    let texts =
        |key: ColumnKey| Node::Read(ReadTerm::Texts(key, TextTest::of(op, values), KnownTexts::default()));
    let number = NumberTest::of(op, values);
    Ok(match field {
        FilterField::Name => text(FactText::Name)?,
        FilterField::User => text(FactText::User)?,
        FilterField::Deck => text(FactText::Deck)?,
        FilterField::Id => Node::Known(catalogue.with_id(|id| number.whole(id))),
        FilterField::Took => Node::Known(catalogue.with_took(|seconds| number.float(seconds))),
        FilterField::Started => Node::Known(of_time(lab, FactTime::Start, op, values)),
        FilterField::Ended => Node::Known(of_time(lab, FactTime::End, op, values)),
        FilterField::Status => Node::Known(one_of(op, values, |word| with_status(lab, word, cx))?),
        FilterField::Mode => Node::Known(one_of(op, values, |word| with_mode(catalogue, word, cx))?),
        FilterField::Iterations | FilterField::Steps | FilterField::Failed => {
            Node::Read(ReadTerm::Count(field, number))
        }
        FilterField::Tries => Node::Read(ReadTerm::Number(ColumnKey::Tries, number)),
        FilterField::Slow => Node::Read(ReadTerm::Number(ColumnKey::Slow, number)),
        FilterField::Step => texts(ColumnKey::Methods),
        FilterField::Error => texts(ColumnKey::Errors),
        FilterField::Event => texts(ColumnKey::Events),
        FilterField::Input => texts(ColumnKey::Names(ValueSide::Input)),
        FilterField::Output => texts(ColumnKey::Names(ValueSide::Output)),
        FilterField::Has => {
            let any = values.iter().map(|value| with_part(lab, &value.text, cx)).collect::<Result<_>>()?;
            let any = Node::Or(any);
            if op == FilterOp::IsNot { Node::Not(Box::new(any)) } else { any }
        }
        FilterField::Tag => {
            let test = TextTest::of(op, values);
            Node::Known(of_marks(lab, |mark| test.is_met_by_all(mark.tags.iter().map(String::as_str)), cx)?)
        }
        FilterField::Note => {
            let test = TextTest::of(op, values);
            let note =
                |mark: &RecordMark| test.is_met_by(Some(mark.note.as_str()).filter(|note| !note.is_empty()));
            Node::Known(of_marks(lab, note, cx)?)
        }
        FilterField::Star => {
            Node::Known(one_of(op, values, |word| of_marks(lab, |mark| mark.star == (word == "yes"), cx))?)
        }
        FilterField::Verdict => Node::Known(one_of(op, values, |word| {
            of_marks(lab, |mark| mark.verdict == Verdict::named(word), cx)
        })?),
        FilterField::Unread => Node::Known(one_of(op, values, |word| {
            let unread = rows::unread(lab, cx)?;
            Ok(if word == "yes" { unread } else { unread.others() })
        })?),
    })
}

/// The records whose marks are wanted, also those without any.
fn of_marks(lab: &Lab, wanted: impl Fn(&RecordMark) -> bool, cx: &Cx<'_>) -> Result<RowSet> {
    if wanted(&RecordMark::default()) {
        return Ok(rows::with(lab, |mark| !wanted(mark), cx)?.others());
    }
    rows::with(lab, wanted, cx)
}

fn of_time(lab: &Lab, column: FactTime, op: FilterOp, values: &[Operand]) -> RowSet {
    let catalogue = lab.database().catalogue();
    let within = catalogue.with_time(column, Some(&moments(op, values, lab.now())));
    if op != FilterOp::IsNot {
        return within;
    }
    let mut any = catalogue.with_time(column, None);
    any.keep(&within.others());
    any
}

/// The records of any of these choices; with `!=` all others.
fn one_of(op: FilterOp, values: &[Operand], with: impl Fn(&str) -> Result<RowSet>) -> Result<RowSet> {
    let mut any: Option<RowSet> = None;
    for value in values {
        let found = with(&value.text)?;
        match &mut any {
            Some(any) => any.add(&found),
            None => any = Some(found),
        }
    }
    let any = any.unwrap_or_default();
    Ok(if op == FilterOp::IsNot { any.others() } else { any })
}

fn with_status(lab: &Lab, word: &str, cx: &Cx<'_>) -> Result<RowSet> {
    let catalogue = lab.database().catalogue();
    let is_kept = |text: Option<&str>| matches!(text, Some("completed" | "stopped" | "error"));
    if is_kept(Some(word)) {
        return catalogue.with_text(&[FactText::Status], &mut |text| text == Some(word), cx);
    }
    let mut found = catalogue.with_text(&[FactText::Status], &mut |text| !is_kept(text), cx)?;
    let ended = catalogue.with_end();
    if word == "ended" {
        found.keep(&ended);
        return Ok(found);
    }
    found.keep(&ended.others());
    let newest = NewestOpen::of(lab, cx)?;
    let doing = |wanted: RunState| {
        let mut rows = RowSet::none(found.len());
        let ids = newest.going_on().filter(|(_, state)| *state == wanted);
        ids.filter_map(|(id, _)| catalogue.place(id)).for_each(|row| rows.insert(row));
        rows.keep(&found);
        rows
    };
    let (running, waiting) = (doing(RunState::Running), doing(RunState::Waits));
    Ok(match word {
        "running" => running,
        "waiting" => waiting,
        _ => {
            found.keep(&running.others());
            // What neither runs nor waits has died.
            if word == "died" {
                found.keep(&waiting.others());
            }
            found
        }
    })
}

fn with_mode(catalogue: &Catalogue, word: &str, cx: &Cx<'_>) -> Result<RowSet> {
    let is_meant = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("none") == word;
    catalogue.with_text(&[FactText::Mode], &mut |text| is_meant(text), cx)
}

fn with_part(lab: &Lab, word: &str, cx: &Cx<'_>) -> Result<Node> {
    Ok(match word {
        "log" => Node::Read(ReadTerm::File(LOG)),
        "result" => Node::Read(ReadTerm::File(RESULT)),
        "plots" => Node::Read(ReadTerm::File(PLOTS)),
        "error" => Node::Or(vec![Node::Known(with_status(lab, "error", cx)?), Node::Read(ReadTerm::Failure)]),
        "note" => Node::Known(rows::with(lab, |mark| !mark.note.is_empty(), cx)?),
        "tag" => Node::Known(rows::with(lab, |mark| !mark.tags.is_empty(), cx)?),
        _ => Node::Known(lab.database().catalogue().with_end()),
    })
}

/// What a record is counted as, by the catalogue or, before that counts, by its own rows.
fn counts(at: RecordAt, catalogue: &Catalogue, read: &ReadColumns) -> Option<RunTally> {
    catalogue.tally_at(at.row).or_else(|| match read.get(&ColumnKey::Counts, at.id, at.print)? {
        ReadEntry::Counts(tally) => Some(**tally),
        _ => None,
    })
}

fn counted(field: FilterField, tally: &RunTally) -> i64 {
    let count = match field {
        FilterField::Iterations => tally.iterations,
        FilterField::Steps => tally.steps,
        _ => tally.failed_steps,
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl ReadTerm {
    /// The column that is read for it; `None` where the catalogue counts it.
    pub fn column(&self) -> Option<&ColumnKey> {
        match self {
            ReadTerm::Count(..) | ReadTerm::Failure => None,
            ReadTerm::Number(key, _) | ReadTerm::Values(key, _) | ReadTerm::Texts(key, ..) => Some(key),
            ReadTerm::File(_) => Some(&ColumnKey::Files),
        }
    }

    /// Whether it is true of a record; `None` where that was not read.
    fn of(&self, at: RecordAt, catalogue: &Catalogue, read: &ReadColumns) -> Option<bool> {
        match self {
            ReadTerm::Count(field, test) => {
                counts(at, catalogue, read).map(|tally| test.whole(counted(*field, &tally)))
            }
            ReadTerm::Failure => {
                counts(at, catalogue, read).map(|tally| tally.failures > 0 || tally.stopped_in_error)
            }
            _ => Some(self.is_met_by(read.get(self.column()?, at.id, at.print)?, read)),
        }
    }

    fn is_met_by(&self, entry: &ReadEntry, read: &ReadColumns) -> bool {
        match (self, entry) {
            (ReadTerm::Number(_, test), ReadEntry::Number(number)) => test.whole(i64::from(*number)),
            (ReadTerm::File(file), ReadEntry::Number(files)) => files & file != 0,
            (ReadTerm::Values(_, test), ReadEntry::Values(values)) => test.is_met_by(values, read),
            (ReadTerm::Texts(_, test, known), ReadEntry::Texts(set)) => {
                *known.borrow_mut().entry(*set).or_insert_with(|| test.is_met_by_all(read.set(*set)))
            }
            _ => false,
        }
    }
}

impl Node {
    /// What is known without anything that is read of single records.
    pub fn judged(&self, len: usize) -> Judged {
        match self {
            Node::Known(rows) => Judged { yes: rows.clone(), no: rows.others() },
            Node::Read(_) => Judged { yes: RowSet::none(len), no: RowSet::none(len) },
            Node::Not(one) => {
                let one = one.judged(len);
                Judged { yes: one.no, no: one.yes }
            }
            Node::And(all) => {
                let mut judged = Judged { yes: RowSet::all(len), no: RowSet::none(len) };
                for one in all.iter().map(|one| one.judged(len)) {
                    judged.yes.keep(&one.yes);
                    judged.no.add(&one.no);
                }
                judged
            }
            Node::Or(any) => {
                let mut judged = Judged { yes: RowSet::none(len), no: RowSet::all(len) };
                for one in any.iter().map(|one| one.judged(len)) {
                    judged.yes.add(&one.yes);
                    judged.no.keep(&one.no);
                }
                judged
            }
        }
    }

    /// Whether it is true of a record; `None` where more must be read of it.
    pub fn of(&self, at: RecordAt, catalogue: &Catalogue, read: &ReadColumns) -> Option<bool> {
        let any = |all: &[Node], decides: bool| {
            let mut unknown = false;
            for one in all {
                match one.of(at, catalogue, read) {
                    Some(found) if found == decides => return Some(decides),
                    found => unknown |= found.is_none(),
                }
            }
            if unknown { None } else { Some(!decides) }
        };
        match self {
            Node::Known(rows) => Some(rows.has(at.row)),
            Node::Read(term) => term.of(at, catalogue, read),
            Node::Not(one) => one.of(at, catalogue, read).map(|found| !found),
            Node::And(all) => any(all, false),
            Node::Or(all) => any(all, true),
        }
    }

    /// All terms for which something is read.
    pub fn read_terms(&self) -> Vec<&ReadTerm> {
        match self {
            Node::Known(_) => Vec::new(),
            Node::Read(term) => vec![term],
            Node::Not(one) => one.read_terms(),
            Node::And(all) | Node::Or(all) => all.iter().flat_map(Node::read_terms).collect(),
        }
    }
}
