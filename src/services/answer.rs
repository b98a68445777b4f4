//! Which service answers which question.

use std::{path::Path, time::Instant};

use super::{
    calls::{self, CallFormat},
    chart, delete,
    export::{self, many::PickedForm},
    export_kind::ExportKind,
    file_preview, files,
    filter::{Reading, values},
    find_step,
    follow_throttle::Effort,
    lab::Lab,
    log,
    map::{self, CellDetail},
    marks, moment, news, next_failure,
    overview::{self, Overview, PhaseList},
    page, paths,
    picked::{PickWhich, Picked, of_list},
    point_step,
    record_head::{self, RecordHead},
    records,
    request::{Answer, Ask},
    sharing, slow_steps,
    steps::StepDetail,
    table::{self, types::TableShape},
    trash, trouble,
    why::{
        self,
        types::{Depth, Why},
    },
};
use crate::{
    checkpoint::{Cx, Freshness},
    error::Result,
    model::{
        call::CallQuery,
        mark::MarkChange,
        partial::Partial,
        query::{ListQuery, Place},
    },
};

/// Answers a question of a screen, and says what the answer lacks; when that is known, [`Lab::idle`] says so.
///
/// # Errors
/// Whatever keeps the question from being answered; [`crate::error::Error::Cancelled`] when the checkpoint said so.
pub fn answer(lab: &Lab, ask: &Ask, cx: &mut Cx<'_>) -> Result<Partial<Answer>> {
    lab.source().refuse_another(cx)?;
    let (freshness, began) = (ask.slot().facts().freshness, Instant::now());
    let answered = answer_one(lab, ask, &mut cx.wanted(freshness));
    if freshness == Freshness::AtOnce {
        lab.effort.set(lab.effort.get().map(|effort| effort.with(began, Instant::now())));
    }
    if let Ok(answer) = &answered {
        lab.owe(answer.lacks);
    }
    answered
}

fn answer_one(lab: &Lab, ask: &Ask, cx: &mut Cx<'_>) -> Result<Partial<Answer>> {
    Ok(match ask {
        Ask::Page { query, place, rows } => list_page(lab, query, (*place, *rows), Reading::Soon, cx)?,
        Ask::PageWhole { query, place, rows } => list_page(lab, query, (*place, *rows), Reading::Whole, cx)?,
        Ask::FilterValues { query, of } => values::values(lab, query, *of, cx)?.map(Answer::FilterValues),
        Ask::Pick { query, which, picked } => picked_more(lab, query, *which, picked, cx)?,
        Ask::PickedListed { query, picked } => picked_listed(lab, query, picked, cx)?,
        Ask::PickedRuns { query, picked } => picked_runs(lab, query, picked, cx)?,
        Ask::RowDetails { runs } => records::row_details(lab, runs, cx)?.map(Answer::RowDetails),
        Ask::Why { run } => why::of_record(lab, *run, Depth::Beginning, cx)?.map(why_answer),
        Ask::WhyWhole { run, all_of_log } => whole_why(lab, *run, *all_of_log, cx)?.map(why_answer),
        Ask::Preview { run, whole } => overview::overview(lab, *run, *whole, cx)?.map(overview_answer),
        Ask::Overview { run } => overview::overview(lab, *run, false, cx)?.map(overview_answer),
        Ask::OverviewWhole { run } => overview::overview(lab, *run, true, cx)?.map(overview_answer),
        Ask::Phases { run } => overview::phase_list(lab, *run, false, cx)?.map(phases_answer),
        Ask::PhasesWhole { run } => overview::phase_list(lab, *run, true, cx)?.map(phases_answer),
        Ask::Steps { run, phases } => overview::phase_steps(lab, *run, phases, cx)?.map(Answer::Steps),
        Ask::Step { run, step, .. } => overview::step_detail(lab, *run, *step, cx)?.map(step_answer),
        Ask::NextFailed { run, from, forward } => {
            next_failure::next_failed(lab, *run, *from, *forward, cx)?.map(Answer::NextFailed)
        }
        Ask::FindStep { run, search } => find_step::find(lab, *run, search, cx)?.map(Answer::FoundStep),
        Ask::Table { run } => table::beginning(lab, &lab.run(*run, cx)?, cx)?.map(table_answer),
        Ask::TableWhole { run, part } => table::whole(lab, &lab.run(*run, cx)?, part, cx)?.map(table_answer),
        Ask::TableRows { run, part } => {
            table::rows(lab, &lab.run(*run, cx)?, part, cx)?.map(Answer::TableRows)
        }
        Ask::Map { run } => map::first_look(lab, *run, cx)?.map(Answer::Map),
        Ask::MapWhole { run } => map::whole(lab, *run, cx)?.map(Answer::Map),
        Ask::MapCell { run, place } => map::cell_detail(lab, *run, place, cx)?.map(cell_answer),
        Ask::SlowSteps { run } => slow_steps::of_record(lab, *run, cx)?.map(Answer::SlowSteps),
        Ask::Charts { run } => chart::first_look(lab, lab.run(*run, cx)?.id, cx)?.map(Answer::Charts),
        Ask::ChartsWhole { run } => chart::all(lab, lab.run(*run, cx)?.id, cx)?.map(Answer::Charts),
        Ask::ChartPart { run, output, from, to } => {
            chart::part(lab, *run, output, (*from, *to), cx)?.map(Answer::ChartPart)
        }
        Ask::PointStep { run, output, iteration, sample } => {
            point_step::step_of_point(lab, *run, output, (*iteration, *sample), cx)?.map(Answer::PointStep)
        }
        Ask::Moment { run, from, wanted } => {
            moment::told_as(lab, *run, from, *wanted, cx)?.map(Answer::Moment)
        }
        Ask::FileView { run, kind } => {
            file_preview::view(lab, &lab.run(*run, cx)?, *kind, cx)?.map(Answer::FileView)
        }
        Ask::Record { run } => record_head::of_record(lab, *run, cx)?.map(record_answer),
        Ask::Exists { run } => whole(Answer::Exists(!lab.source().runs(&[*run], cx)?.is_empty())),
        Ask::Neighbour { query, from, forward } => neighbour(lab, query, *from, *forward, cx)?,
        Ask::TroubledRecord { query, from, forward } => {
            trouble::next_in_trouble(lab, query, *from, *forward, cx)?.map(Answer::Neighbour)
        }
        Ask::Log { run, at, bytes } => whole(Answer::Log(log::piece(lab, *run, at, *bytes, cx)?)),
        Ask::LogNarrow { run, words, context } => log_narrow(lab, *run, words, *context, cx)?,
        Ask::Files { run } => whole(Answer::Files(files::entries(lab, &lab.run(*run, cx)?))),
        Ask::Calls { query, place, rows } => calls_page(lab, query, (*place, *rows), false, cx)?,
        Ask::CallsWhole { query, place, rows } => calls_page(lab, query, (*place, *rows), true, cx)?,
        Ask::Call { id } => whole(Answer::Call(calls::one(lab, *id, cx)?.map(Box::new))),
        Ask::CallsAround { run } => whole(Answer::CallsAround(calls::around(lab, *run, cx)?)),
        Ask::ExportCalls { query, form, folder, make } => {
            calls_exported(lab, query, *form, made(lab, folder, *make)?, cx)?
        }
        Ask::Export { run, kind, folder, make } => exported(lab, *run, *kind, made(lab, folder, *make)?, cx)?,
        Ask::ExportPicked { query, picked, form, folder, make } => {
            picked_exported(lab, (query, picked), *form, made(lab, folder, *make)?, cx)?
        }
        Ask::Folder { folder } => whole(folder_answer(lab, folder)?),
        Ask::Bill { runs } => whole(Answer::Bill(delete::bill(lab, runs, cx)?)),
        Ask::Delete { items, how } => whole(Answer::Deleted(delete::delete(lab, items, *how, cx)?)),
        Ask::Restore { which } => whole(Answer::Restored(trash::restore(lab, which, cx)?)),
        Ask::Trash => whole(Answer::Trash(trash::list(lab)?)),
        Ask::TrashedRecord { n } => trashed_record(lab, *n, cx)?.map(overview_answer),
        Ask::Mark { records, changes } => whole(Answer::Marked(marks::change_of(lab, records, changes, cx)?)),
        Ask::MarkPicked { query, picked, changes } => picked_marked(lab, query, picked, changes, cx)?,
        Ask::Tags => whole(Answer::Tags(marks::tags(lab))),
        Ask::Read(what) => whole(Answer::Read(marks::unread::read(lab, *what, cx)?)),
        Ask::Moved => whole(Answer::Moved(marks::moved(lab, cx).map(Box::new))),
        Ask::Adopt => whole(Answer::Adopted(Box::new(sharing::adopt(lab, cx)?))),
        Ask::Changed { run } => whole(Answer::Changed(changed(lab, *run, cx)?)),
        Ask::News(wanted) => whole(Answer::News(Box::new(news::news(lab, wanted, cx)?))),
    })
}

fn neighbour(
    lab: &Lab,
    query: &ListQuery,
    from: i64,
    forward: bool,
    cx: &mut Cx<'_>,
) -> Result<Partial<Answer>> {
    Ok(whole(Answer::Neighbour(records::neighbour(lab, query, from, forward, cx)?)))
}

fn log_narrow(lab: &Lab, run: i64, words: &str, context: usize, cx: &mut Cx<'_>) -> Result<Partial<Answer>> {
    Ok(whole(Answer::LogNarrow(log::narrow(lab, run, words, context, cx)?)))
}

fn picked_marked(
    lab: &Lab,
    query: &ListQuery,
    picked: &Picked,
    changes: &[MarkChange],
    cx: &mut Cx<'_>,
) -> Result<Partial<Answer>> {
    let runs = of_list::in_order(lab, query, picked, cx)?.runs;
    Ok(whole(Answer::Marked(marks::change(lab, &runs, changes, cx)?)))
}

fn list_page(
    lab: &Lab,
    query: &ListQuery,
    (place, rows): (Place, usize),
    reading: Reading,
    cx: &mut Cx<'_>,
) -> Result<Partial<Answer>> {
    Ok(page::page(lab, query, (place, rows), reading, cx)?.map(Answer::Page))
}

fn calls_page(
    lab: &Lab,
    query: &CallQuery,
    (place, rows): (Place, usize),
    is_whole: bool,
    cx: &mut Cx<'_>,
) -> Result<Partial<Answer>> {
    Ok(whole(Answer::Calls(calls::page(lab, query, place, rows, is_whole, cx)?)))
}

fn picked_more(
    lab: &Lab,
    query: &ListQuery,
    which: PickWhich,
    picked: &Picked,
    cx: &mut Cx<'_>,
) -> Result<Partial<Answer>> {
    Ok(whole(Answer::Picked(of_list::pick(lab, query, which, picked, cx)?)))
}

fn picked_listed(lab: &Lab, query: &ListQuery, picked: &Picked, cx: &mut Cx<'_>) -> Result<Partial<Answer>> {
    Ok(whole(Answer::PickedListed(of_list::count_listed(lab, query, picked, cx)?)))
}

fn picked_runs(lab: &Lab, query: &ListQuery, picked: &Picked, cx: &mut Cx<'_>) -> Result<Partial<Answer>> {
    Ok(whole(Answer::PickedRuns(of_list::in_order(lab, query, picked, cx)?)))
}

fn picked_exported(
    lab: &Lab,
    (query, picked): (&ListQuery, &Picked),
    form: PickedForm,
    folder: &Path,
    cx: &mut Cx<'_>,
) -> Result<Partial<Answer>> {
    Ok(whole(match form {
        PickedForm::Folders => {
            Answer::ExportedMany(export::many::picked_into_folders(lab, query, picked, folder, cx)?)
        }
        PickedForm::OneCsv => {
            Answer::Combined(export::combined::picked_into_one(lab, query, picked, folder, cx)?)
        }
    }))
}

fn exported(
    lab: &Lab,
    run: i64,
    kind: ExportKind,
    folder: &Path,
    cx: &mut Cx<'_>,
) -> Result<Partial<Answer>> {
    Ok(whole(Answer::Exported(export::into_folder(lab, run, kind, folder, cx)?)))
}

fn calls_exported(
    lab: &Lab,
    query: &CallQuery,
    form: CallFormat,
    folder: &Path,
    cx: &mut Cx<'_>,
) -> Result<Partial<Answer>> {
    Ok(whole(Answer::Exported(calls::into_folder(lab, query, form, folder, cx)?)))
}

fn step_answer(step: StepDetail) -> Answer {
    Answer::Step(Box::new(step))
}

/// An export's folder, which is made where that is wanted.
fn made<'a>(lab: &Lab, folder: &'a Path, make: bool) -> Result<&'a Path> {
    if make {
        export::make_folder(lab, folder)?;
    }
    Ok(folder)
}

fn whole(answer: Answer) -> Partial<Answer> {
    Partial::whole(answer)
}

fn folder_answer(lab: &Lab, folder: &Path) -> Result<Answer> {
    export::check_folder(lab, folder)?;
    Ok(Answer::Folder(folder.to_path_buf()))
}

fn record_answer(head: RecordHead) -> Answer {
    Answer::Record(Box::new(head))
}

fn overview_answer(overview: Overview) -> Answer {
    Answer::Overview(Box::new(overview))
}

fn trashed_record(lab: &Lab, n: i64, cx: &mut Cx<'_>) -> Result<Partial<Overview>> {
    let (alone, run) = trash::open_entry(lab, n, cx)?;
    overview::overview(&alone, run, true, cx)
}

fn phases_answer(phases: PhaseList) -> Answer {
    Answer::Phases(Box::new(phases))
}

fn whole_why(lab: &Lab, run: i64, all_of_log: bool, cx: &mut Cx<'_>) -> Result<Partial<Why>> {
    why::of_record(lab, run, if all_of_log { Depth::WholeLog } else { Depth::Whole }, cx)
}

fn why_answer(why: Why) -> Answer {
    Answer::Why(Box::new(why))
}

fn cell_answer(detail: CellDetail) -> Answer {
    Answer::MapCell(Box::new(detail))
}

fn table_answer(shape: TableShape) -> Answer {
    Answer::Table(Box::new(shape))
}

/// Did the database change, or this record's log grow, since the last time this was told? While following rests
/// (`follow_throttle.rs`) the answer is no.
fn changed(lab: &Lab, run: Option<i64>, cx: &Cx<'_>) -> Result<bool> {
    if lab.effort.get().is_some_and(|effort| effort.rests(Instant::now())) {
        return Ok(false);
    }
    let changed = has_changed(lab, run, cx)? | news::is_due(lab, cx)?;
    if changed {
        lab.effort.set(lab.effort.get().map(|_| Effort::default()));
    }
    Ok(changed)
}

fn has_changed(lab: &Lab, run: Option<i64>, cx: &Cx<'_>) -> Result<bool> {
    let database = lab.changed(cx)?;
    let Some(run) = run else {
        return Ok(database);
    };
    let size = match lab.source().runs(&[run], cx)?.pop() {
        Some(run) => paths::about_log(lab, &run).map(|about| about.len()),
        None => None,
    };
    let log = lab.seen_log.replace((run, size)) != (run, size);
    Ok(database || log)
}
