//! What a screen can ask of the worker, THE table of what each request is, and the answers: plain data on both ways.
//!
//! To add a request: a variant of [`Ask`] and of [`Answer`], a row in [`Slot::facts`], a line in `answer.rs`.

use std::{path::PathBuf, sync::Arc};

use strum::{EnumDiscriminants, VariantArray};

use crate::{
    checkpoint::Freshness,
    model::{
        call::{Call, CallQuery},
        filter::field::FilterField,
        mark::MarkChange,
        query::{ListQuery, Place},
        record_key::RecordKey,
    },
    services::{
        calls::{CallFormat, CallPage, CallsAround},
        chart::{ChartPart, Charts, OutputName},
        delete::{Bill, Confirmed, DeleteHow, Deleted},
        export::{
            Exported,
            combined::CombinedCsv,
            many::{ManyExported, PickedForm},
        },
        export_kind::ExportKind,
        file_preview::FileView,
        files::FileEntry,
        filter::values::FilterValues,
        find_step::StepSearch,
        log::{LogAt, LogNarrow, LogPiece},
        map::{CellDetail, CellPlace, types::RecordMap},
        marks::{Marked, MovedFrom, unread::ReadWhat},
        moment::{Moment, MomentKind},
        news::{LabNews, NewsWanted},
        next_failure::Spot,
        overview::{Overview, PhaseList, PhaseSteps},
        page::Page,
        picked::{PickWhich, Picked, PickedCount, PickedRuns},
        record_head::RecordHead,
        records::RowDetail,
        sharing::Adopted,
        slow_steps::types::SlowSteps,
        steps::StepDetail,
        table::types::{TablePart, TableRows, TableShape},
        trash::{Restored, TrashList, Which},
        why::types::Why,
    },
};

/// A request. Each kind has a slot of its own: a newer request of a screen in the same [`Slot`] takes the place of the
/// older one, also while that is worked on, and the older one is never answered.
#[derive(Debug, Clone, PartialEq, EnumDiscriminants)]
#[strum_discriminants(name(Slot), derive(Hash, VariantArray))]
#[strum_discriminants(doc = "The kind of a request: the place where at most one of a screen waits or runs.")]
pub enum Ask {
    /// Part of the list of records.
    Page { query: ListQuery, place: Place, rows: usize },
    /// The same with all that its words ask for read.
    PageWhole { query: ListQuery, place: Place, rows: usize },
    /// Which values of a field occur in a list.
    FilterValues { query: ListQuery, of: FilterField },
    /// The picked records with some of a list, for an action on many.
    Pick { query: ListQuery, which: PickWhich, picked: Arc<Picked> },
    /// How many of the picked records are in a list, and which are gone.
    PickedListed { query: ListQuery, picked: Arc<Picked> },
    /// The picked records as they are in the file now, in a list's order.
    PickedRuns { query: ListQuery, picked: Arc<Picked> },
    /// One record as the list has it.
    Record { run: i64 },
    /// Is there a record with this id?
    Exists { run: i64 },
    /// The details of list rows that need phases and steps, for these records.
    RowDetails { runs: Vec<i64> },
    /// The record before or after another in a list's order.
    Neighbour { query: ListQuery, from: i64, forward: bool },
    /// Why a record failed; of one with more failures than anybody reads the first.
    Why { run: i64 },
    /// All of its failures, and which other records have the same.
    WhyWhole { run: i64, all_of_log: bool },
    /// The next record in that direction that needs somebody or has a failure.
    TroubledRecord { query: ListQuery, from: i64, forward: bool },
    /// The overview of the record beside the list; unless `whole`, only what can be told of a long one at once.
    Preview { run: i64, whole: bool },
    /// The overview of a record (tab 1), of a long one what can be told at once.
    Overview { run: i64 },
    /// The same of all of it.
    OverviewWhole { run: i64 },
    /// The phases of a record, without their steps (tab 2), of a long one the first.
    Phases { run: i64 },
    /// The same of all of it.
    PhasesWhole { run: i64 },
    /// The steps of some phases of a record.
    Steps { run: i64, phases: Vec<i64> },
    /// One step of a phase with its inputs and outputs.
    Step { run: i64, phase: i64, step: i64 },
    /// The next or previous spot of a record that failed, from a spot on (from its start or end when `None`).
    NextFailed { run: i64, from: Option<Spot>, forward: bool },
    /// The next or previous phase or step of a record that has some words.
    FindStep { run: i64, search: StepSearch },
    /// What the config table, or iterations x parameters and outputs, is like (tab 3); of a long one the beginning.
    Table { run: i64 },
    /// The shape of the whole table, and some of its rows, in order.
    TableWhole { run: i64, part: TablePart },
    /// Some rows of the table.
    TableRows { run: i64, part: TablePart },
    /// The map of a record (tab 4), of a long one from some of its iterations.
    Map { run: i64 },
    /// The map of all its iterations, with the slow steps.
    MapWhole { run: i64 },
    /// What a cell of the map stands for.
    MapCell { run: i64, place: CellPlace },
    /// The steps of a record that took much longer than usual.
    SlowSteps { run: i64 },
    /// The numeric outputs of a record (tab 5), of a long one from some of its iterations.
    Charts { run: i64 },
    /// The numeric outputs of a record from all its iterations.
    ChartsWhole { run: i64 },
    /// One output in some iterations.
    ChartPart { run: i64, output: OutputName, from: i64, to: i64 },
    /// The step that made a point of an output: of a sample (0 for a single value) of an iteration.
    PointStep { run: i64, output: OutputName, iteration: i64, sample: u32 },
    /// A moment of a record in other terms: the step of a log line, the log line of a step.
    Moment { run: i64, from: Moment, wanted: MomentKind },
    /// A piece of a record's log (tab 6).
    Log { run: i64, at: LogAt, bytes: usize },
    /// Only the lines of a record's log that have these words, with lines around them.
    LogNarrow { run: i64, words: String, context: usize },
    /// The files of a record (tab 7).
    Files { run: i64 },
    /// The data CSV as a table, the optimizer plots as text, or the beginning of another file as text.
    FileView { run: i64, kind: ExportKind },
    /// Part of the list of calls by hand; of many the first ones without numbers.
    Calls { query: CallQuery, place: Place, rows: usize },
    /// The same with numbers.
    CallsWhole { query: CallQuery, place: Place, rows: usize },
    /// One call by hand, whole.
    Call { id: i64 },
    /// How many calls by hand there are between the record before and the end of this one.
    CallsAround { run: i64 },
    /// Writes the calls by hand that a query finds into a folder under a free name.
    ExportCalls { query: CallQuery, form: CallFormat, folder: PathBuf, make: bool },
    /// Writes an export into a folder under a free name.
    Export { run: i64, kind: ExportKind, folder: PathBuf, make: bool },
    /// Writes the picked records into a folder, in a list's order: a folder for each, or their data as one file.
    ExportPicked { query: ListQuery, picked: Arc<Picked>, form: PickedForm, folder: PathBuf, make: bool },
    /// May exports go into this folder? One that can be made may.
    Folder { folder: PathBuf },
    /// What deleting these records would take away.
    Bill { runs: Vec<i64> },
    /// Deletes what a bill showed and the user confirmed.
    Delete { items: Vec<Confirmed>, how: DeleteHow },
    /// Puts records back out of the trash.
    Restore { which: Which },
    /// What is in the trash.
    Trash,
    /// The overview of a record that is in the trash, by the number of its entry.
    TrashedRecord { n: i64 },
    /// Changes the marks of records, as they were seen.
    Mark { records: Vec<RecordKey>, changes: Vec<MarkChange> },
    /// Changes the marks of the picked records.
    MarkPicked { query: ListQuery, picked: Arc<Picked>, changes: Vec<MarkChange> },
    /// The tags in use.
    Tags,
    /// Notes what of the list its user has read.
    Read(ReadWhat),
    /// Is anything kept of this lab under a path that it had before?
    Moved,
    /// Takes that over.
    Adopt,
    /// Has the database, or this record's log, changed since the last time this was asked? Or could something be told
    /// that happened?
    Changed { run: Option<i64> },
    /// What is new in the lab since this was asked last.
    News(NewsWanted),
}

/// What a request is to the worker and to the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestFacts {
    pub rank: Rank,
    pub replaceable: bool,
    /// Its answer is what the user looks at next, and usually there at once: a frame waits a moment for it.
    pub awaited: bool,
    pub freshness: Freshness,
}

/// How urgent a request is: it runs between two pieces of one with a lower rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Exports and deletes.
    Job,
    /// Reading of all records for words: what is on screen can be used, and gone on from, meanwhile.
    Search,
    /// What decorates a screen that can be used without it.
    Detail,
    /// The whole of what was shown in part; the preview beside the list.
    Rest,
    /// What the user waits for.
    Shown,
}

impl Slot {
    /// THE table: rank, replaceable, awaited, freshness.
    pub fn facts(self) -> RequestFacts {
        use Freshness::{AtOnce, Whole};
        let (rank, replaceable, awaited, freshness) = match self {
            Slot::Page | Slot::Record => (Rank::Shown, true, true, AtOnce),
            // The list's own freshness: what was changed out of sight comes as news.
            Slot::Neighbour | Slot::TroubledRecord => (Rank::Shown, true, true, AtOnce),
            Slot::Exists => (Rank::Shown, true, true, Whole),
            Slot::Why => (Rank::Shown, true, true, AtOnce),
            Slot::WhyWhole => (Rank::Rest, true, false, AtOnce),
            // Reading for filter words can take long: what is asked meanwhile goes first.
            Slot::PageWhole | Slot::FilterValues => (Rank::Search, true, false, Whole),
            Slot::Pick => (Rank::Search, true, true, Whole),
            Slot::PickedListed => (Rank::Detail, true, false, AtOnce),
            Slot::PickedRuns => (Rank::Shown, true, true, Whole),
            Slot::RowDetails => (Rank::Detail, true, true, AtOnce),
            Slot::Preview => (Rank::Rest, true, false, AtOnce),
            Slot::Overview | Slot::Phases | Slot::Steps | Slot::Step => (Rank::Shown, true, true, AtOnce),
            Slot::OverviewWhole => (Rank::Rest, true, false, AtOnce),
            Slot::PhasesWhole | Slot::TableWhole | Slot::ChartsWhole => (Rank::Rest, true, true, AtOnce),
            Slot::NextFailed => (Rank::Shown, true, true, AtOnce),
            // It can take long: what is asked meanwhile goes first.
            Slot::FindStep => (Rank::Rest, true, true, AtOnce),
            Slot::Table | Slot::TableRows => (Rank::Shown, true, true, AtOnce),
            Slot::Map | Slot::MapCell => (Rank::Shown, true, true, AtOnce),
            Slot::MapWhole => (Rank::Rest, true, true, AtOnce),
            Slot::SlowSteps => (Rank::Detail, true, false, AtOnce),
            Slot::Charts | Slot::ChartPart | Slot::PointStep => (Rank::Shown, true, true, AtOnce),
            Slot::Moment => (Rank::Shown, true, true, AtOnce),
            Slot::Log | Slot::LogNarrow | Slot::Files => (Rank::Shown, true, true, Whole),
            Slot::FileView => (Rank::Shown, true, true, AtOnce),
            Slot::Calls | Slot::Call => (Rank::Shown, true, true, AtOnce),
            // They are found among all calls.
            Slot::CallsWhole | Slot::CallsAround => (Rank::Rest, true, true, AtOnce),
            Slot::Changed => (Rank::Detail, true, false, Whole),
            Slot::News => (Rank::Detail, true, false, AtOnce),
            Slot::Bill | Slot::Folder => (Rank::Shown, true, false, Whole),
            // What was marked in between is seen by the next one.
            Slot::Mark | Slot::MarkPicked => (Rank::Shown, false, true, Whole),
            // Who goes through records quickly has not read them.
            Slot::Read => (Rank::Detail, true, false, Whole),
            Slot::Tags => (Rank::Shown, true, false, Whole),
            Slot::Trash | Slot::TrashedRecord => (Rank::Shown, true, true, Whole),
            Slot::Moved => (Rank::Detail, true, false, Whole),
            Slot::Export | Slot::ExportCalls | Slot::ExportPicked => (Rank::Job, false, false, Whole),
            Slot::Delete | Slot::Restore | Slot::Adopt => (Rank::Job, false, false, Whole),
        };
        RequestFacts { rank, replaceable, awaited, freshness }
    }
}

impl Ask {
    pub fn slot(&self) -> Slot {
        Slot::from(self)
    }
}

/// An answer; it has the name of its request, but that several requests are answered alike.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Page(Page),
    FilterValues(FilterValues),
    Picked(Picked),
    PickedListed(PickedCount),
    PickedRuns(PickedRuns),
    Record(Box<RecordHead>),
    Exists(bool),
    RowDetails(Vec<RowDetail>),
    Neighbour(Option<i64>),
    Why(Box<Why>),
    Overview(Box<Overview>),
    Phases(Box<PhaseList>),
    Steps(Vec<PhaseSteps>),
    Step(Box<StepDetail>),
    NextFailed(Option<Spot>),
    FoundStep(Option<Spot>),
    Table(Box<TableShape>),
    TableRows(TableRows),
    Map(Arc<RecordMap>),
    MapCell(Box<CellDetail>),
    SlowSteps(Arc<SlowSteps>),
    Charts(Charts),
    ChartPart(ChartPart),
    /// `None` where no step can be told.
    PointStep(Option<Spot>),
    /// `None` where there is no such place.
    Moment(Option<Moment>),
    Log(LogPiece),
    LogNarrow(LogNarrow),
    Files(Vec<FileEntry>),
    FileView(FileView),
    Calls(CallPage),
    /// `None` where it is gone.
    Call(Option<Box<Call>>),
    CallsAround(CallsAround),
    Exported(Exported),
    ExportedMany(ManyExported),
    Combined(CombinedCsv),
    Folder(PathBuf),
    Bill(Bill),
    Deleted(Deleted),
    Restored(Restored),
    Trash(TrashList),
    Marked(Marked),
    /// By name, with how many records each has.
    Tags(Vec<(String, u64)>),
    /// Whether anything is read for it that was not.
    Read(bool),
    /// `None` where nothing is.
    Moved(Option<Box<MovedFrom>>),
    Adopted(Box<Adopted>),
    Changed(bool),
    News(Box<LabNews>),
}
