//! A record of more phases than are read before something is shown: what is told at once agrees with the whole.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use rusqlite::Connection;

use ivorylens::{
    checkpoint::Cx,
    model::phase_summary::PhaseSummary,
    services::{
        answer,
        lab::Lab,
        overview::{Overview, PhaseList},
        request::{Answer, Ask},
    },
};

use common::lab::Made;

const ITERATIONS: u32 = 1_500;

/// A data folder with one long record among others.
fn made() -> Made {
    let made = Made::with_long(40, (ITERATIONS, 3));
    let db = Connection::open(made.database()).unwrap();
    // Two steps failed: one among the first phases, one far behind them.
    for behind in [40, 1_200] {
        let sql = "UPDATE workflow_steps SET run_error = 1 WHERE id = (SELECT min(id) FROM workflow_steps WHERE \
                   phase_id = (SELECT id FROM workflow_phases WHERE run_id = ? ORDER BY id LIMIT 1 OFFSET ?))";
        assert_eq!(db.execute(sql, [made.long, behind]).unwrap(), 1);
    }
    made
}

fn overview(lab: &Lab, run: i64, whole: bool) -> Overview {
    let ask = if whole { Ask::OverviewWhole { run } } else { Ask::Overview { run } };
    match answer(lab, &ask, &mut Cx::quiet()).map(|answer| answer.value) {
        Ok(Answer::Overview(overview)) => *overview,
        other => panic!("{other:?}"),
    }
}

fn phases(lab: &Lab, run: i64, whole: bool) -> PhaseList {
    let ask = if whole { Ask::PhasesWhole { run } } else { Ask::Phases { run } };
    match answer(lab, &ask, &mut Cx::quiet()).map(|answer| answer.value) {
        Ok(Answer::Phases(list)) => *list,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_beginning_agrees_with_the_whole() {
    let made = made();
    let run = made.long;
    let (fresh, indexed) = (made.lab(), made.lab());
    indexed.prepare(&mut Cx::quiet()).unwrap();
    let whole = phases(&made.lab(), run, true);
    assert!(whole.total == whole.phases.len() && whole.total > ITERATIONS as usize);
    for lab in [&fresh, &indexed] {
        let some = phases(lab, run, false);
        assert!(!some.phases.is_empty() && some.phases.len() < 200, "{}", some.phases.len());
        assert_eq!(some.total, whole.total);
        assert!(whole.phases.starts_with(&some.phases));
    }
    let told = overview(&indexed, run, false);
    let (partial, all) = (told.partial.unwrap(), overview(&indexed, run, true));
    assert_eq!(all.partial, None);
    assert_eq!(*all.phases, *whole.phases);
    assert!(!all.outputs.is_empty() && told.outputs.is_empty());
    assert_eq!(partial.phases, whole.total as u64);
    let steps: u64 = whole.phases.iter().map(PhaseSummary::steps).sum();
    let failed: u64 = whole.phases.iter().map(PhaseSummary::failed_steps).sum();
    assert_eq!(partial.steps, Some((steps, failed)));
    assert_eq!(told.first_failure, all.first_failure);
    assert!(told.phases.iter().all(|phase| whole.phases.contains(phase)));
    assert_eq!(told.phases.last(), whole.phases.last());
    let failing = |summaries: &[PhaseSummary]| summaries.iter().filter(|h| h.failed_steps() > 0).count();
    assert_eq!(failing(&told.phases), failing(&whole.phases));
    // Known already: nothing is read, but the numbers still come later.
    let again = overview(&indexed, run, false);
    assert_eq!((again.partial, again.phases), (Some(partial), all.phases));
}

/// Rows that are gone since the index was made are not given, and the index learns of it.
#[test]
fn phases_that_are_gone_are_not_given() {
    let made = made();
    let run = made.long;
    let lab = made.lab();
    lab.prepare(&mut Cx::quiet()).unwrap();
    let before = phases(&lab, run, true);
    let db = Connection::open(made.database()).unwrap();
    let gone = before.phases.get(700).unwrap().id();
    assert_eq!(db.execute("DELETE FROM workflow_phases WHERE id = ?", [gone]).unwrap(), 1);
    for _ in 0..2 {
        let after = phases(&lab, run, true);
        assert_eq!(after.total, before.total - 1);
        assert!(after.phases.iter().all(|phase| phase.id() != gone));
    }
}
