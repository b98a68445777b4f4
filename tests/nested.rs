//! Questions inside questions: other work is done at the checkpoints of work, on the same connection and caches, and a fault
//! in it harms nobody else.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use ivorylens::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::Result,
    model::query::{ListQuery, Place, SortKey},
    services::{
        answer,
        lab::Lab,
        request::{Answer, Ask},
        table::types::{TableAt, TablePart},
    },
};

use common::lab::Made;

/// Asks the next question inside each question, at its first checkpoint; the innermost one meets a fault.
struct Nest<'a> {
    lab: &'a Lab,
    asks: &'a RefCell<Vec<Ask>>,
    /// What came of the inner questions: `None` of one that met the fault.
    answers: &'a RefCell<Vec<(Ask, Option<Answer>)>>,
    fault: bool,
}

impl Checkpoint for Nest<'_> {
    fn check(&mut self, _: Progress) -> Result<()> {
        let next = self.asks.borrow_mut().pop();
        let Some(ask) = next else {
            assert!(!self.fault, "a fault inside");
            return Ok(());
        };
        let mut inner = Nest { fault: self.asks.borrow().is_empty(), ..*self };
        let ask_inside = || answer(self.lab, &ask, &mut Cx::new(&mut inner)).unwrap().value;
        let answered = catch_unwind(AssertUnwindSafe(ask_inside)).ok();
        self.answers.borrow_mut().push((ask, answered));
        Ok(())
    }
}

fn plain(lab: &Lab, ask: &Ask) -> Answer {
    answer(lab, ask, &mut Cx::quiet()).unwrap().value
}

#[test]
fn three_questions_inside_each_other_and_a_fault_in_the_innermost() {
    let made = Made::with_long(100, (1_500, 3));
    let run = made.long;
    let words = ListQuery { keyword: "a".to_owned(), sort: SortKey::StartTime, ..ListQuery::default() };
    let asks = [
        Ask::OverviewWhole { run },
        Ask::TableWhole { run, part: TablePart { look: 0, sort: None, at: TableAt::Place(0), rows: 50 } },
        Ask::ChartsWhole { run },
        Ask::RowDetails { runs: (1..=100).collect() },
    ];
    // Each of them outermost and innermost once.
    for turn in 0..asks.len() {
        let mut order = asks.to_vec();
        order.rotate_left(turn);
        let (outer, inner) = order.split_first().unwrap();
        let lab = made.lab();
        let (waiting, answers) = (RefCell::new(inner[..2].to_vec()), RefCell::default());
        let mut nest = Nest { lab: &lab, asks: &waiting, answers: &answers, fault: false };
        let outermost = answer(&lab, outer, &mut Cx::new(&mut nest)).unwrap().value;
        let answers = answers.into_inner();
        assert_eq!(answers.len(), 2, "{outer:?} has no checkpoint");
        let fresh = made.lab();
        assert!(same(&outermost, &plain(&fresh, outer)), "{outer:?}");
        for (ask, answered) in &answers {
            match answered {
                Some(answered) => assert!(same(answered, &plain(&fresh, ask)), "{ask:?}"),
                None => assert_eq!(ask, &inner[0], "only the innermost meets the fault"),
            }
        }
        assert!(answers.iter().any(|(_, answered)| answered.is_none()), "no fault");
        // Whatever the fault left half done, all questions are answered as before.
        for ask in &asks {
            assert!(same(&plain(&lab, ask), &plain(&fresh, ask)), "{ask:?}");
        }
        let page = Ask::Page { query: words.clone(), place: Place::Bottom, rows: 20 };
        assert_eq!(plain(&lab, &page), plain(&fresh, &page));
    }
}

/// Not the number of a snapshot, which is another one with each reading.
fn same(one: &Answer, other: &Answer) -> bool {
    let shown = |answer: &Answer| match answer.clone() {
        Answer::Table(mut shape) => {
            (shape.look, shape.window.look) = (0, 0);
            format!("{shape:?}")
        }
        other => format!("{other:?}"),
    };
    shown(one) == shown(other)
}
