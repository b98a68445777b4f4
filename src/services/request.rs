//! The questions that a screen can put to the worker, and the answers: plain data on both ways.

use std::path::PathBuf;

use crate::{
    model::query::{ListQuery, Place},
    services::{
        chart::{ChartPart, Charts},
        delete::{Bill, Confirmed, Deleted},
        export::Exported,
        export_kind::ExportKind,
        file_preview::FileView,
        files::FileEntry,
        log::{LogAt, LogNarrow, LogPiece},
        next_failure::Spot,
        overview::{Overview, PhaseList, PhaseSteps},
        page::Page,
        records::RowDetail,
        steps::StepDetail,
        table::types::{TableAt, TableRows, TableShape, TableSort},
    },
};

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Part of the list of records.
    Page { query: ListQuery, place: Place, rows: usize },
    /// The details of list rows that need phases and steps, for these records.
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
    /// What the config table, or iterations x parameters and outputs, is like (tab 3); of a long one the beginning.
    Table { run: i64 },
    /// The shape of the whole table, from the snapshot with the number `look` or else a new one; and some of its rows,
    /// in order.
    TableWhole { run: i64, look: u64, sort: Option<TableSort>, at: TableAt, rows: usize },
    /// Some rows of the table, from the snapshot with the number `look` or else a new one.
    TableRows { run: i64, look: u64, sort: Option<TableSort>, at: TableAt, rows: usize },
    /// The numeric outputs of a record (tab 5), of a long one from some of its iterations.
    Charts { run: i64 },
    /// The numeric outputs of a record from all its iterations.
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
