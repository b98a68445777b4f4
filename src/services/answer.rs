//! Which service answers which question.

use std::time::Instant;

use super::{
    chart, delete, export, file_preview, files,
    follow_throttle::Effort,
    lab::Lab,
    log, next_failure, overview, page, paths, records,
    request::{Answer, Ask, Freshness},
    table,
};
use crate::{checkpoint::Checkpoint, error::Result};

/// Answers a question of a screen.
///
/// # Errors
/// Whatever keeps the question from being answered; [`crate::error::Error::Cancelled`] when the checkpoint said so.
pub fn answer(lab: &Lab, ask: &Ask, checkpoint: &mut dyn Checkpoint) -> Result<Answer> {
    lab.store.refuse_another()?;
    let (shown, began) = (ask.slot().facts().freshness == Freshness::AtOnce, Instant::now());
    let answered = lab.at_once(shown, || answer_one(lab, ask, checkpoint));
    if shown {
        lab.effort.set(lab.effort.get().map(|effort| effort.with(began, Instant::now())));
    }
    answered
}

fn answer_one(lab: &Lab, ask: &Ask, checkpoint: &mut dyn Checkpoint) -> Result<Answer> {
    Ok(match ask {
        Ask::Page { query, place, rows } => Answer::Page(page::page(lab, query, *place, *rows, checkpoint)?),
        Ask::RowDetails { runs } => Answer::RowDetails(records::row_details(lab, runs, checkpoint)?),
        Ask::Record { run } => Answer::Record(records::record(lab, *run)?.map(Box::new)),
        Ask::Exists { run } => Answer::Exists(lab.store.run(*run)?.is_some()),
        Ask::Neighbour { query, from, forward } => {
            Answer::Neighbour(records::neighbour(lab, query, *from, *forward, false, checkpoint)?)
        }
        Ask::FailedRecord { query, from, forward } => {
            Answer::Neighbour(records::neighbour(lab, query, *from, *forward, true, checkpoint)?)
        }
        Ask::Preview { run, whole } => overview(lab, *run, *whole, checkpoint)?,
        Ask::Overview { run } => overview(lab, *run, false, checkpoint)?,
        Ask::OverviewWhole { run } => overview(lab, *run, true, checkpoint)?,
        Ask::Phases { run } => phases(lab, *run, false, checkpoint)?,
        Ask::PhasesWhole { run } => phases(lab, *run, true, checkpoint)?,
        Ask::Steps { run, phases } => Answer::Steps(overview::phase_steps(lab, *run, phases, checkpoint)?),
        Ask::Step { run, step, .. } => {
            Answer::Step(Box::new(overview::step_detail(lab, *run, *step, checkpoint)?))
        }
        Ask::NextFailed { run, from, forward } => {
            Answer::NextFailed(next_failure::next_failed(lab, *run, *from, *forward, checkpoint)?)
        }
        Ask::Table { run } => Answer::Table(Box::new(table::beginning(lab, &lab.run(*run)?, checkpoint)?)),
        Ask::TableWhole { run, look, sort, at, rows } => {
            let wanted = table::Wanted { look: *look, sort: sort.as_ref(), at: *at, rows: *rows };
            Answer::Table(Box::new(table::whole(lab, &lab.run(*run)?, &wanted, checkpoint)?))
        }
        Ask::TableRows { run, look, sort, at, rows } => {
            let wanted = table::Wanted { look: *look, sort: sort.as_ref(), at: *at, rows: *rows };
            Answer::TableRows(table::rows(lab, &lab.run(*run)?, &wanted, checkpoint)?)
        }
        Ask::Charts { run } => Answer::Charts(chart::first_look(lab, lab.run(*run)?.id, checkpoint)?),
        Ask::ChartsWhole { run } => Answer::Charts(chart::all(lab, lab.run(*run)?.id, checkpoint)?),
        Ask::ChartPart { run, output, from, to } => {
            Answer::ChartPart(chart::part(lab, *run, output, (*from, *to), checkpoint)?)
        }
        Ask::Log { run, at, bytes } => Answer::Log(log::piece(lab, *run, at, *bytes, checkpoint)?),
        Ask::LogNarrow { run, words, context } => {
            Answer::LogNarrow(log::narrow(lab, *run, words, *context, checkpoint)?)
        }
        Ask::Files { run } => Answer::Files(files::entries(lab, &lab.run(*run)?)),
        Ask::FileView { run, kind } => {
            Answer::FileView(file_preview::view(lab, &lab.run(*run)?, *kind, checkpoint)?)
        }
        Ask::Export { run, kind, folder } => {
            Answer::Exported(export::into_folder(lab, *run, *kind, folder, checkpoint)?)
        }
        Ask::Bill { runs } => Answer::Bill(delete::bill(lab, runs, checkpoint)?),
        Ask::Delete { items, force } => Answer::Deleted(delete::delete(lab, items, *force, checkpoint)?),
        Ask::Changed { run } => Answer::Changed(changed(lab, *run)?),
    })
}

fn overview(lab: &Lab, run: i64, whole: bool, checkpoint: &mut dyn Checkpoint) -> Result<Answer> {
    Ok(Answer::Overview(Box::new(overview::overview(lab, run, whole, checkpoint)?)))
}

fn phases(lab: &Lab, run: i64, whole: bool, checkpoint: &mut dyn Checkpoint) -> Result<Answer> {
    Ok(Answer::Phases(Box::new(overview::phase_list(lab, run, whole, checkpoint)?)))
}

/// Did the database change, or this record's log grow, since the last time this was told? While following rests
/// (`follow_throttle.rs`) the answer is no.
fn changed(lab: &Lab, run: Option<i64>) -> Result<bool> {
    if lab.effort.get().is_some_and(|effort| effort.rests(Instant::now())) {
        return Ok(false);
    }
    let changed = has_changed(lab, run)?;
    if changed {
        lab.effort.set(lab.effort.get().map(|_| Effort::default()));
    }
    Ok(changed)
}

fn has_changed(lab: &Lab, run: Option<i64>) -> Result<bool> {
    let database = lab.store.changed()?;
    let Some(run) = run else {
        return Ok(database);
    };
    let size = match lab.store.run(run)? {
        Some(run) => paths::log_path(lab, &run).and_then(|p| p.metadata().ok()).map(|m| m.len()),
        None => None,
    };
    let log = lab.seen_log.replace((run, size)) != (run, size);
    Ok(database || log)
}
