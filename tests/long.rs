//! A record of more phases than are read before something is shown: what is told at once agrees with the whole.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

use std::{path::Path, sync::Arc};

use jiff::civil::date;
use rusqlite::Connection;

use ivorylens::{
    checkpoint::Quiet,
    demo::{self, Plan},
    model::phase_summary::PhaseSummary,
    services::{
        answer,
        lab::Lab,
        overview::{Overview, PhaseList},
        request::{Answer, Ask},
    },
    store::{Options, Work},
};

const ITERATIONS: u32 = 1_500;

/// A data folder with one long record among others; its id.
fn made(folder: &Path) -> i64 {
    let plan = Plan::sized(40, 1..=4, 3, 7, date(2026, 11, 24).at(3, 4, 31, 0));
    demo::make(&plan.with(|size| size.deep = Some((ITERATIONS, 3))), folder).unwrap();
    let db = Connection::open(folder.join("ivoryos.db")).unwrap();
    let sql = "SELECT run_id FROM workflow_phases GROUP BY run_id ORDER BY count(*) DESC LIMIT 1";
    let run = db.query_row(sql, [], |r| r.get(0)).unwrap();
    // Two steps failed: one among the first phases, one far behind them.
    for behind in [40, 1_200] {
        let sql = "UPDATE workflow_steps SET run_error = 1 WHERE id = (SELECT min(id) FROM workflow_steps WHERE \
                   phase_id = (SELECT id FROM workflow_phases WHERE run_id = ? ORDER BY id LIMIT 1 OFFSET ?))";
        assert_eq!(db.execute(sql, [run, behind]).unwrap(), 1);
    }
    run
}

fn open(folder: &Path) -> Lab {
    let now = date(2026, 11, 24).at(3, 4, 31, 0);
    Lab::open(&folder.join("ivoryos.db"), Options::without_cache(), false, Arc::new(move || now)).unwrap()
}

fn overview(lab: &Lab, run: i64, whole: bool) -> Overview {
    match answer(lab, &Ask::Overview { run, whole }, &mut Quiet) {
        Ok(Answer::Overview(overview)) => *overview,
        other => panic!("{other:?}"),
    }
}

fn phases(lab: &Lab, run: i64, whole: bool) -> PhaseList {
    match answer(lab, &Ask::Phases { run, whole }, &mut Quiet) {
        Ok(Answer::Phases(list)) => *list,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_beginning_agrees_with_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let run = made(folder.path());
    let (fresh, indexed) = (open(folder.path()), open(folder.path()));
    while indexed.index_piece().unwrap().0 == Work::Build {}
    let whole = phases(&open(folder.path()), run, true);
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
    assert_eq!(told.first_error, all.first_error);
    assert!(told.phases.iter().all(|head| whole.phases.contains(head)));
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
    let folder = tempfile::tempdir().unwrap();
    let run = made(folder.path());
    let lab = open(folder.path());
    while lab.index_piece().unwrap().0 == Work::Build {}
    let before = phases(&lab, run, true);
    let db = Connection::open(folder.path().join("ivoryos.db")).unwrap();
    let gone = before.phases.get(700).unwrap().id();
    assert_eq!(db.execute("DELETE FROM workflow_phases WHERE id = ?", [gone]).unwrap(), 1);
    for _ in 0..2 {
        let after = phases(&lab, run, true);
        assert_eq!(after.total, before.total - 1);
        assert!(after.phases.iter().all(|head| head.id() != gone));
    }
}
