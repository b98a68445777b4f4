//! The questions that a screen can put to the worker, and the answers: plain data on both ways.

use std::{path::PathBuf, sync::Arc};

use jiff::civil::DateTime;

pub use super::next_failure::Spot;
pub use super::table::types::{TableAt, TableKey, TableRow, TableRows, TableShape, TableSort, WholeTable};
use crate::model::{
    downsample::Downsampled,
    outcome::Outcome,
    phase_summary::PhaseSummary,
    query::{ListQuery, Place},
    run::Run,
    series::{Point, Series},
    timestamp::Timestamp,
    value::{Cell, Dict},
};

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Part of the list of records.
    Page { query: ListQuery, place: Place, rows: usize },
    /// What the list shows of phases and steps, for these records.
    RowDetails { runs: Vec<i64> },
    /// The record before or after another in a list's order.
    Neighbour { query: ListQuery, from: i64, forward: bool, failed_only: bool },
    /// The overview of a record (tab 1, preview); unless `whole`, only what can be told of a long one at once.
    Overview { run: i64, whole: bool },
    /// The phases of a record, without their steps (tab 2); unless `whole`, only the first ones of a long record.
    Phases { run: i64, whole: bool },
    /// The steps of some phases of a record.
    Steps { run: i64, phases: Vec<i64> },
    /// One step with its inputs and outputs.
    Step { run: i64, step: i64 },
    /// The next or previous spot of a record that failed, from a spot on (from its start or end when `None`).
    NextFailed { run: i64, from: Option<Spot>, forward: bool },
    /// What the config table, or iterations x parameters and outputs, is like (tab 3), of a long one the beginning.
    Table { run: i64 },
    /// The same of all of it, by the look with this number or else a new one; and some of its rows, in order.
    TableWhole { run: i64, look: u64, sort: Option<TableSort>, at: TableAt, rows: usize },
    /// Only some of its rows.
    TableRows { run: i64, look: u64, sort: Option<TableSort>, at: TableAt, rows: usize },
    /// The numeric outputs of a record (tab 5), of a long one as far as they are known at once.
    Charts { run: i64 },
    /// The same of all of it.
    ChartsWhole { run: i64 },
    /// One output in some iterations.
    ChartPart { run: i64, output: String, from: i64, to: i64 },
    /// A piece of a record's log (tab 6).
    Log { run: i64, at: LogAt, bytes: usize },
    /// Only the lines of a record's log that have these words, with lines around them.
    LogNarrow { run: i64, words: String, context: usize },
    /// The files of a record (tab 7).
    Files { run: i64 },
    /// The data CSV as a table, the optimizer plots as text, or the beginning of another file as text.
    FileView { run: i64, kind: ExportKind },
    /// Writes an export into a folder under a free name.
    Export { run: i64, kind: ExportKind, folder: PathBuf },
    /// What deleting these records would take away.
    Bill { runs: Vec<i64> },
    /// Deletes what a bill showed and the user confirmed.
    Delete { items: Vec<Confirmed>, force: bool },
    /// Has the database, or this record's log, changed since the last time this was asked?
    Changed { run: Option<i64> },
}

/// An answer; each belongs to the question of the same name.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Page(Page),
    RowDetails(Vec<RowDetail>),
    Neighbour(Option<i64>),
    Overview(Box<Overview>),
    Phases(Box<PhaseList>),
    Steps(Vec<PhaseSteps>),
    Step(Box<StepDetail>),
    NextFailed(Option<Spot>),
    Table(Box<TableShape>),
    TableRows(TableRows),
    Charts(Charts),
    ChartPart(ChartPart),
    Log(LogPiece),
    LogNarrow(LogNarrow),
    Files(Vec<FileEntry>),
    FileView(FileView),
    Exported(Exported),
    Bill(Bill),
    Deleted(Deleted),
    Changed(bool),
}

/// A record of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    pub run: Run,
    pub outcome: Outcome,
    /// Seconds from start to end; `None` without both.
    pub took: Option<f64>,
}

/// Part of the list, and the list's numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub rows: Vec<RunRow>,
    /// Position of the first row in the whole list, from 0.
    pub offset: u64,
    /// The numbers are not known yet: of the whole list only these rows are.
    pub uncounted: bool,
    /// How many records match the words.
    pub total: u64,
    /// How many records the file has.
    pub all: u64,
    /// How many records of the file ended with an error.
    pub failed: u64,
    /// How many records of the file are running.
    pub running: u64,
    /// When this was read.
    pub as_of: DateTime,
}

/// What a row of the list shows that needs phases and steps.
#[derive(Debug, Clone, PartialEq)]
pub struct RowDetail {
    pub run: i64,
    /// Phases of main.
    pub iterations: u64,
    /// Steps with `run_error`, and phases that failed without one.
    pub failed_steps: u64,
    /// Its first numeric output.
    pub first_output: Option<Series>,
}

/// Everything on a record's first screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    pub row: RunRow,
    /// Why this outcome is said where it is a guess: `no end time, last sign of life 03:01`.
    pub evidence: Option<String>,
    pub phases: Arc<Vec<PhaseSummary>>,
    /// Set where this is not all: of a long record some phases, and none of its numbers.
    pub partial: Option<Totals>,
    pub events: Vec<RunEvent>,
    pub first_error: Option<ErrorSite>,
    /// Its numbers, results before parameters.
    pub outputs: Vec<Downsampled>,
    pub files: Vec<FileEntry>,
    /// Cells that are not as IvoryOS writes them, a line each.
    pub odd: Vec<String>,
}

/// What a record has in all, where only some of it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub phases: u64,
    /// Steps, and those that failed.
    pub steps: Option<(u64, u64)>,
}

/// An event of the run, with IvoryOS's label for its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEvent {
    pub time: Timestamp,
    pub kind: String,
    pub label: String,
    pub detail: Option<String>,
}

/// Where a record first failed.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorSite {
    pub place: Option<StepPlace>,
    /// The error's text, one or more lines.
    pub message: String,
    pub time: Timestamp,
}

/// A step's place in its record.
#[derive(Debug, Clone, PartialEq)]
pub struct StepPlace {
    pub step: i64,
    pub phase: i64,
    pub phase_name: String,
    pub repeat_index: Option<i64>,
    pub step_index: Option<i64>,
    pub method_name: String,
    pub attempt: Attempt,
}

/// Which of several steps with the same index in the same phase this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Attempt {
    #[default]
    Only,
    /// The same step again after an error; from 1.
    Try { n: u32, of: u32 },
    /// The step of another sample of a batch; from 1.
    Sample { n: u32, of: u32 },
    /// The same step again in a loop; from 1.
    Round { n: u32, of: u32 },
}

/// The phases of a record in the order they ran.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseList {
    pub run: i64,
    pub phases: Arc<Vec<PhaseSummary>>,
    /// How many there are, where these are only the first ones.
    pub total: usize,
}

/// A phase's steps in the order they ran.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseSteps {
    pub phase: i64,
    pub steps: Vec<StepLine>,
    /// The phase's error message.
    pub error: Option<String>,
}

/// A step as a line of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLine {
    pub id: i64,
    pub step_index: Option<i64>,
    pub method_name: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub failed: Option<bool>,
    pub attempt: Attempt,
    /// What the step added to its context or changed in it: names and values, short.
    pub added: Vec<(String, String)>,
    /// The error's first line, of a failed step.
    pub error: Option<String>,
}

/// One step, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDetail {
    pub place: StepPlace,
    pub start: Timestamp,
    pub end: Timestamp,
    pub failed: Option<bool>,
    /// The sample's parameters.
    pub inputs: Dict,
    /// What the step added to its context or changed in it.
    pub added: Dict,
    /// The output as it is stored.
    pub output: Cell,
    pub error: Option<String>,
}

/// The numeric outputs of a record: results, then parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Charts {
    pub outputs: Vec<Downsampled>,
    /// More than 1: only so many-th iterations have been read.
    pub every: u64,
}

/// One output in some iterations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChartPart {
    pub output: String,
    pub from: i64,
    pub to: i64,
    pub points: Vec<Point>,
    /// No point is left out.
    pub whole: bool,
}

/// Where a piece of a log begins.
#[derive(Debug, Clone, PartialEq)]
pub enum LogAt {
    Start,
    /// The piece that ends with the file's last byte.
    End,
    /// The line that holds this byte.
    Offset(u64),
    /// The piece that ends in front of this byte, which starts a line.
    Before(u64),
    /// The line with this number, from 1.
    Line(u64),
    /// The next line with these words, behind or in front of a byte.
    Find {
        words: String,
        from: u64,
        forward: bool,
    },
}

/// Whole lines of a log; a line longer than the piece is cut at its border.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogPiece {
    pub path: PathBuf,
    /// Bytes of the whole file.
    pub size: u64,
    /// Where the piece begins in the file.
    pub offset: u64,
    pub bytes: Vec<u8>,
    /// For `Find`: where the line with the words begins; `None` when nothing was found.
    pub found: Option<u64>,
    /// The number of the first line, from 1, where it is known.
    pub line: Option<u64>,
}

/// Lines of a log that have some words, and the lines around them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogNarrow {
    /// Where each line begins in the file, and its bytes with the line end.
    pub lines: Vec<(u64, Vec<u8>)>,
    /// Lines that have the words.
    pub matches: u64,
    /// There are more than are given.
    pub more: bool,
}

/// What can be exported of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportKind {
    StepsCsv,
    DataCsv,
    PlotJson,
    ChartSvg,
    Log,
    ResultFile,
    OptimizerPlots,
    /// All that there is, into one folder.
    Everything,
}

/// A file of a record, there already or made on export.
#[derive(Debug, Clone, PartialEq)]
pub struct FileEntry {
    pub kind: ExportKind,
    pub name: String,
    /// An export makes it: it is on no disk.
    pub made: bool,
    /// Where it is on disk.
    pub path: Option<PathBuf>,
    /// `None` when not there or not made yet.
    pub size: Option<u64>,
    /// Why it is not there, or what it is: `no data yet`, `PNG image`.
    pub note: Option<String>,
}

impl FileEntry {
    /// Neither on disk nor made by an export; the note says why.
    pub fn is_missing(&self) -> bool {
        !self.made && self.path.is_none()
    }
}

/// A file as something to look at.
#[derive(Debug, Clone, PartialEq)]
pub enum FileView {
    Rows { columns: Vec<String>, rows: Vec<Vec<String>>, more: bool },
    Text { text: String, more: bool },
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exported {
    /// Files and their bytes.
    pub files: Vec<(PathBuf, u64)>,
    /// What the user should know: odd cells, a name that was cut, data that changed meanwhile.
    pub notes: Vec<String>,
}

/// What a delete would take away.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bill {
    pub items: Vec<BillItem>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct BillItem {
    pub row: RunRow,
    pub phases: u64,
    pub steps: u64,
    /// Files of the record, which stay on disk.
    pub files: Vec<FileEntry>,
    /// May be running: the id must be typed, `--force` given.
    pub guarded: bool,
    /// Too large for one transaction: what ends its delete leaves a part of it.
    pub large: bool,
}

/// A record that the user agreed to delete, as the bill showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    pub run: i64,
    pub name: String,
    /// The start as the file has it.
    pub start: Timestamp,
}

/// What a delete took away.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Deleted {
    /// Records that are gone whole.
    pub runs: Vec<i64>,
    pub phases: u64,
    pub steps: u64,
    /// It ended half-way.
    pub stopped: Option<Unfinished>,
}

/// A delete that ended half-way.
#[derive(Debug, Clone, PartialEq)]
pub struct Unfinished {
    pub why: crate::error::ErrorKind,
    /// What is gone, what is left, what to do.
    pub text: String,
    /// The record that is left without some of its rows.
    pub part: Option<i64>,
}
