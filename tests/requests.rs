//! Each request is answered by its own answer, over the whole table of requests.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{collections::HashSet, path::Path, sync::Arc};

use common::Set;
use ivorylens::{
    checkpoint::Cx,
    model::{
        call::CallQuery,
        filter::field::FilterField,
        mark::MarkChange,
        query::{ListQuery, Place},
        record_key::RecordKey,
    },
    services::{
        answer,
        calls::CallFormat,
        chart::OutputName,
        delete::{Confirmed, DeleteHow},
        export::many::PickedForm,
        export_kind::ExportKind,
        find_step::StepSearch,
        lab::{Lab, wall_clock},
        log::LogAt,
        map::{CellPlace, MapPart},
        marks::unread::ReadWhat,
        moment::{Moment, MomentKind},
        news::NewsWanted,
        next_failure::Spot,
        own_files::UserFolders,
        picked::{PickWhich, Picked},
        request::{Answer, Ask, Rank, Slot},
        run_row,
        table::types::{TableAt, TablePart},
        trash::{self, Which},
    },
    store::own::{OwnFile, OwnPlace, OwnUse},
};
use strum::VariantArray;

/// A record with failed steps.
const RUN: i64 = 21;

/// One record is picked.
fn picked(lab: &Lab) -> Arc<Picked> {
    let mut picked = Picked::default();
    picked.turn(&lab.run(RUN, &Cx::quiet()).unwrap());
    Arc::new(picked)
}

/// A request of each kind; a new one does not compile until it is here.
#[expect(clippy::too_many_lines, reason = "a table: a line or some for each request")]
fn example(slot: Slot, lab: &Lab, folder: &Path) -> Ask {
    let (run, query, from, forward) = (RUN, ListQuery::default(), RUN, true);
    let part = TablePart { look: 0, sort: None, at: TableAt::Place(0), rows: 5 };
    let output = |name: &str| OutputName { name: name.to_owned(), from_steps: false };
    match slot {
        Slot::Page => Ask::Page { query, place: Place::Top, rows: 10 },
        Slot::PageWhole => Ask::PageWhole { query, place: Place::Top, rows: 10 },
        Slot::FilterValues => Ask::FilterValues { query, of: FilterField::User },
        Slot::Pick => Ask::Pick { query, which: PickWhich::Between(RUN, RUN - 2), picked: picked(lab) },
        Slot::PickedListed => Ask::PickedListed { query, picked: picked(lab) },
        Slot::PickedRuns => Ask::PickedRuns { query, picked: picked(lab) },
        Slot::ExportPicked => Ask::ExportPicked {
            query,
            picked: picked(lab),
            form: PickedForm::Folders,
            folder: folder.to_path_buf(),
            make: false,
        },
        Slot::Record => Ask::Record { run },
        Slot::Exists => Ask::Exists { run },
        Slot::RowDetails => Ask::RowDetails { runs: vec![run] },
        Slot::Neighbour => Ask::Neighbour { query, from, forward },
        Slot::Why => Ask::Why { run },
        Slot::WhyWhole => Ask::WhyWhole { run, all_of_log: false },
        Slot::TroubledRecord => Ask::TroubledRecord { query, from: RUN + 4, forward },
        Slot::Preview => Ask::Preview { run, whole: false },
        Slot::Overview => Ask::Overview { run },
        Slot::OverviewWhole => Ask::OverviewWhole { run },
        Slot::Phases => Ask::Phases { run },
        Slot::PhasesWhole => Ask::PhasesWhole { run },
        Slot::Steps => Ask::Steps { run, phases: vec![90] },
        Slot::Step => Ask::Step { run, phase: 90, step: 194 },
        Slot::NextFailed => Ask::NextFailed { run, from: None, forward },
        Slot::FindStep => {
            let search = StepSearch { words: "e".into(), from: None, here: false, forward };
            Ask::FindStep { run, search }
        }
        Slot::Table => Ask::Table { run },
        Slot::TableWhole => Ask::TableWhole { run, part },
        Slot::TableRows => Ask::TableRows { run, part },
        Slot::Map => Ask::Map { run },
        Slot::MapWhole => Ask::MapWhole { run },
        Slot::MapCell => {
            let (part, step_index, method) = (MapPart::Iteration(1), Some(2), "flaky".into());
            Ask::MapCell { run, place: CellPlace { part, step_index, method } }
        }
        Slot::SlowSteps => Ask::SlowSteps { run },
        Slot::Charts => Ask::Charts { run },
        Slot::ChartsWhole => Ask::ChartsWhole { run },
        Slot::ChartPart => Ask::ChartPart { run, output: output("mass"), from: 1, to: 2 },
        Slot::Moment => Ask::Moment { run, from: Moment::Iteration(1), wanted: MomentKind::LogByte },
        Slot::PointStep => Ask::PointStep { run, output: output("mass"), iteration: 1, sample: 0 },
        Slot::Log => Ask::Log { run, at: LogAt::Start, bytes: 100 },
        Slot::LogNarrow => Ask::LogNarrow { run, words: "Error".into(), context: 0 },
        Slot::Files => Ask::Files { run },
        Slot::FileView => Ask::FileView { run, kind: ExportKind::StepsCsv },
        Slot::Calls => Ask::Calls { query: CallQuery::default(), place: Place::Top, rows: 5 },
        Slot::CallsWhole => Ask::CallsWhole { query: CallQuery::default(), place: Place::Bottom, rows: 5 },
        Slot::Call => Ask::Call { id: 7 },
        Slot::CallsAround => Ask::CallsAround { run },
        Slot::ExportCalls => {
            let (query, form) = (CallQuery::default(), CallFormat::Csv);
            Ask::ExportCalls { query, form, folder: folder.to_path_buf(), make: false }
        }
        Slot::Export => {
            Ask::Export { run, kind: ExportKind::StepsCsv, folder: folder.to_path_buf(), make: false }
        }
        Slot::Folder => Ask::Folder { folder: folder.join("new") },
        Slot::Bill => Ask::Bill { runs: vec![run] },
        Slot::Delete => {
            let run = lab.run(run, &Cx::quiet()).unwrap();
            let items = vec![Confirmed { run: run.id, name: run.name, start: run.start }];
            Ask::Delete { items, how: DeleteHow::default() }
        }
        Slot::Restore => Ask::Restore { which: Which::Last },
        Slot::Trash => Ask::Trash,
        Slot::TrashedRecord => {
            let n = trash::list(lab).unwrap().entries[0].n;
            Ask::TrashedRecord { n }
        }
        Slot::Mark => {
            let records = vec![RecordKey::of(&lab.run(run, &Cx::quiet()).unwrap())];
            Ask::Mark { records, changes: vec![MarkChange::Star(true)] }
        }
        Slot::MarkPicked => {
            Ask::MarkPicked { query, picked: picked(lab), changes: vec![MarkChange::Tag("salt".into())] }
        }
        Slot::Tags => Ask::Tags,
        Slot::Read => Ask::Read(ReadWhat::FirstLook),
        Slot::Moved => Ask::Moved,
        Slot::Adopt => Ask::Adopt,
        Slot::Changed => Ask::Changed { run: Some(run) },
        Slot::News => Ask::News(NewsWanted { since: Some(RUN), ..NewsWanted::default() }),
    }
}

/// Is this what such a request is answered with, and about the record that was asked for?
fn is_its_own(slot: Slot, answer: &Answer) -> bool {
    match (slot, answer) {
        (Slot::Page | Slot::PageWhole, Answer::Page(page)) => page.rows.len() == 10,
        (Slot::FilterValues, Answer::FilterValues(values)) => values.of == FilterField::User,
        (Slot::Pick, Answer::Picked(picked)) => picked.len() == 3,
        (Slot::PickedListed, Answer::PickedListed(count)) => count.listed == 1 && count.gone.is_empty(),
        (Slot::PickedRuns, Answer::PickedRuns(found)) => found.runs == [RUN],
        (Slot::ExportPicked, Answer::ExportedMany(many)) => many.done == [RUN] && many.bytes > 0,
        (Slot::Record, Answer::Record(head)) => head.row.as_ref().is_some_and(|row| row.run.id == RUN),
        (Slot::Exists, Answer::Exists(there)) => *there,
        (Slot::RowDetails, Answer::RowDetails(details)) => details.iter().all(|one| one.run == RUN),
        (Slot::Neighbour, Answer::Neighbour(next)) => *next == Some(RUN - 1),
        (Slot::TroubledRecord, Answer::Neighbour(next)) => next.is_some_and(|next| next < RUN + 4),
        (Slot::Preview | Slot::Overview | Slot::OverviewWhole, Answer::Overview(of)) => of.row.run.id == RUN,
        (Slot::TrashedRecord, Answer::Overview(of)) => of.row.run.id == RUN && of.first_failure.is_some(),
        (Slot::Why | Slot::WhyWhole, Answer::Why(why)) => why.row.run.id == RUN && why.failures.len() == 2,
        (Slot::Phases | Slot::PhasesWhole, Answer::Phases(list)) => list.run == RUN,
        (Slot::Steps, Answer::Steps(phases)) => phases.iter().all(|one| one.phase == 90),
        (Slot::Step, Answer::Step(step)) => step.place.step == 194 && step.place.phase == 90,
        (Slot::NextFailed, Answer::NextFailed(spot)) => spot.is_some(),
        (Slot::FindStep, Answer::FoundStep(spot)) => spot.is_some(),
        (Slot::Table | Slot::TableWhole, Answer::Table(shape)) => shape.rows > 0,
        (Slot::TableRows, Answer::TableRows(rows)) => !rows.rows.is_empty(),
        (Slot::Map | Slot::MapWhole, Answer::Map(map)) => map.run == RUN && map.rows.len() == 3,
        (Slot::MapCell, Answer::MapCell(cell)) => cell.spot == Some(Spot::Step { phase: 90, step: 194 }),
        (Slot::SlowSteps, Answer::SlowSteps(slow)) => slow.all.is_empty(),
        (Slot::Charts | Slot::ChartsWhole, Answer::Charts(charts)) => !charts.outputs.is_empty(),
        (Slot::ChartPart, Answer::ChartPart(part)) => part.output == "mass" && part.points.len() == 1,
        (Slot::Moment, Answer::Moment(moment)) => moment.is_some(),
        (Slot::PointStep, Answer::PointStep(spot)) => spot.is_some(),
        (Slot::Log, Answer::Log(piece)) => piece.offset == 0 && !piece.bytes.is_empty(),
        (Slot::LogNarrow, Answer::LogNarrow(found)) => found.matches > 0,
        (Slot::Files, Answer::Files(files)) => files.len() == 7,
        (Slot::FileView, Answer::FileView(_)) => true,
        (Slot::Calls | Slot::CallsWhole, Answer::Calls(page)) => page.rows.len() == 5 && page.total == 8,
        (Slot::Call, Answer::Call(call)) => call.as_ref().is_some_and(|call| call.id == 7),
        (Slot::CallsAround, Answer::CallsAround(around)) => around.run == RUN,
        (Slot::ExportCalls, Answer::Exported(done)) => done.files.len() == 1,
        (Slot::Export, Answer::Exported(done)) => done.files.len() == 1,
        (Slot::Folder, Answer::Folder(folder)) => folder.ends_with("new") && !folder.exists(),
        (Slot::Bill, Answer::Bill(bill)) => bill.items.len() == 1,
        (Slot::Delete, Answer::Deleted(gone)) => gone.runs == [RUN] && gone.stopped.is_none(),
        (Slot::Restore, Answer::Restored(back)) => back.records.len() == 1 && back.records[0].run == RUN,
        (Slot::Trash, Answer::Trash(trash)) => trash.entries.len() == 1 && trash.entries[0].run == RUN,
        (Slot::Mark | Slot::MarkPicked, Answer::Marked(marked)) => marked.changed == 1,
        (Slot::Tags, Answer::Tags(tags)) => *tags == [("salt".to_owned(), 1)],
        (Slot::Read, Answer::Read(news)) => *news,
        (Slot::Moved, Answer::Moved(from)) => from.as_ref().is_some_and(|from| from.marks == 1),
        (Slot::Adopt, Answer::Adopted(done)) => done.moved.marks == 1,
        (Slot::Changed, Answer::Changed(_)) => true,
        (Slot::News, Answer::News(news)) => news.newest > Some(RUN) && news.new > 0,
        _ => false,
    }
}

/// As if the lab had had another path before: of one record a tag is kept from there.
fn kept_elsewhere(lab: &Lab) {
    let cx = Cx::quiet();
    let own = lab.own_place().unwrap();
    let file = own.file.parent().unwrap().with_file_name("before").join("ivorylens.db");
    let before = OwnPlace {
        file,
        lab: b"/no/more/ivoryos.db".to_vec(),
        is_shared: false,
        patience: std::time::Duration::ZERO,
    };
    OwnFile::make_folder(&before, OwnUse::Marks).unwrap();
    let first = RecordKey::of(&lab.run(1, &cx).unwrap());
    let kept = OwnFile::open(&before, &first, OwnUse::Marks).unwrap();
    let key = RecordKey::of(&lab.run(2, &cx).unwrap());
    kept.change_marks(&[key], &[], &[MarkChange::Star(true)], ("mara", "2026-11-24T08:00:00.000000"))
        .unwrap();
}

#[test]
fn each_request_is_answered_by_its_own_answer() {
    let set = Set::open("ivoryos-1.7.2");
    let (data, out) = (set.copy(), set.place());
    let folders = UserFolders { state: Some(out.path().join("state")), config: None };
    let lab = common::lab::lab(&data, wall_clock()).keeping_in(&folders);
    kept_elsewhere(&lab);
    // The delete last: all others are about the same record.
    let mut slots = Slot::VARIANTS.to_vec();
    // What the trash has comes behind what fills it.
    const LAST: [Slot; 4] = [Slot::Delete, Slot::Trash, Slot::TrashedRecord, Slot::Restore];
    // Nothing is taken over where something is kept already.
    const FIRST: [Slot; 2] = [Slot::Moved, Slot::Adopt];
    slots.sort_by_key(|slot| {
        let first = FIRST.iter().position(|first| first == slot).unwrap_or(FIRST.len());
        (first, LAST.iter().position(|last| last == slot))
    });
    for slot in slots {
        let ask = example(slot, &lab, out.path());
        assert_eq!(ask.slot(), slot);
        match answer(&lab, &ask, &mut Cx::quiet()) {
            Ok(answer) => assert!(is_its_own(slot, &answer.value), "{slot:?} is answered with {answer:?}"),
            Err(error) => panic!("{slot:?}: {error}"),
        }
    }
    assert!(run_row::record(&lab, RUN, &Cx::quiet()).unwrap().is_some(), "it was deleted and put back");
}

/// What is not to be ended half-way by a newer request is worked on behind all others.
#[test]
fn only_jobs_are_never_replaced() {
    let mut jobs: HashSet<Slot> =
        Slot::VARIANTS.iter().copied().filter(|slot| !slot.facts().replaceable).collect();
    // Neither are marks, which take no time.
    for slot in [Slot::Mark, Slot::MarkPicked] {
        assert!(jobs.remove(&slot), "{slot:?}");
    }
    let all = [Slot::Export, Slot::ExportCalls, Slot::ExportPicked, Slot::Delete, Slot::Restore, Slot::Adopt];
    assert_eq!(jobs, HashSet::from(all));
    for slot in Slot::VARIANTS {
        assert_eq!(slot.facts().rank == Rank::Job, jobs.contains(slot), "{slot:?}");
    }
}

/// Both tests, on another database.
#[test]
fn requests_are_answered_by_any_source() {
    common::memory::run_again(&[], 2);
}

#[cfg(all(unix, feature = "postgres"))]
#[test]
fn requests_are_answered_by_any_source_of_a_server() {
    common::memory::run_again_on_server(&[], &[], 2);
}
