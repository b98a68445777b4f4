//! What a lab's database must answer, whichever it is ([`Source`]), and what is known of all its records.

pub mod background;
mod cache_file;
pub mod catalogue;
mod database;
pub mod kept_file;
mod limits;
mod options;
pub mod own;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod saved;
pub mod sqlite;

use std::{ops::ControlFlow, path::PathBuf, time::Duration};

use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    model::{
        activity::Activity,
        call::{Call, CallColumns},
        partial::Partial,
        phase_summary::{PhaseRef, PhaseSummary},
        query::Order,
        run::{Phase, Run, Step},
        run_facts::RunFacts,
        run_tally::RunTally,
        scanned::{CellColumns, ScannedCell},
        step_time::StepTime,
    },
};

pub use cache_file::users_folder;
pub use database::{Database, columns_of};
pub use limits::Limits;
pub use options::{Cache, Options};
pub use saved::DeleteTarget;
use saved::{Keeper, SavedRecord, ToldBack};
pub use sqlite::open::find;

/// A state of the file: another one after a commit of another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub i64);

/// What the databases of different IvoryOS versions, and different engines, do not have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// Records have a status; else only their steps tell a failure.
    pub keeps_outcomes: bool,
    /// Phases have outputs; else IvoryOS wrote the data CSV itself, as a file.
    pub keeps_outputs: bool,
    /// NULL stands before every value in an ascending order; else behind.
    pub null_is_lowest: bool,
}

/// The engine of a database, and what it alone knows of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    pub name: &'static str,
    pub version: String,
    /// How it makes commits whole.
    pub journal_mode: String,
    /// One of the cache files of this database, there or not; the others differ in their endings.
    pub cache: Option<PathBuf>,
}

/// Which columns of [`RunFacts`] are wanted beside the id; the others come as NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FactColumns {
    pub names: bool,
    pub users: bool,
    /// Deck, mode and status.
    pub kinds: bool,
    /// Start and end.
    pub times: bool,
}

impl FactColumns {
    pub const ALL: Self = Self { names: true, users: true, kinds: true, times: true };

    /// Those of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            names: self.names || other.names,
            users: self.users || other.users,
            kinds: self.kinds || other.kinds,
            times: self.times || other.times,
        }
    }

    pub fn has(self, others: Self) -> bool {
        self.and(others) == self
    }
}

/// Where a file may be kept for the next start, in the user's cache folder, about the database in exactly this state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPlace {
    pub path: PathBuf,
    /// The database's path: a cache file is used only by the one that it names.
    pub owner: Vec<u8>,
    /// Another one after any change.
    pub state: Vec<u8>,
}

/// A text column that lists are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextColumn {
    Name,
    User,
    Deck,
    Mode,
    Status,
    /// The cells of a time column that are no times.
    OddTime,
}

/// Where a walk through the ids begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdPlace {
    /// So many records behind the first one of the order.
    Skip(u64),
    /// Right behind this id in the order.
    Behind(i64),
}

/// What can be shown of a long record before all of its phases are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beginning {
    /// By id, from the first.
    pub first: Vec<PhaseSummary>,
    /// Phases behind those in which steps failed, as far as is known, and the last one; by id.
    pub notable: Vec<PhaseSummary>,
    pub phases: u64,
    /// Steps, and those that failed; `None` without sums, and before they are known.
    pub steps: Option<(u64, u64)>,
}

impl Beginning {
    /// More phases than this are not read before something is shown.
    pub const LONG: u64 = 1_000;
    /// Of these the first are shown at once, and so many of those that failed.
    pub const FIRST: usize = 128;
    pub const FAILED: usize = 6;
}

/// Where a walk through failed phases has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PhaseWalk {
    /// The id to go on from; `None` at the end.
    pub next: Option<i64>,
    /// The last id that was read.
    pub last: Option<i64>,
}

/// How many rows a record has in the other tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowCounts {
    /// 0 where phases are no rows of their own.
    pub phases: u64,
    pub steps: u64,
    pub failed_steps: u64,
    /// Too many for one transaction: a delete of it that is ended half-way leaves a part.
    pub large: bool,
}

/// What a delete took away.
#[derive(Debug, Default)]
pub struct Gone {
    /// Records that are gone whole: the first ones of those that were to go.
    pub runs: usize,
    pub phases: u64,
    pub steps: u64,
    /// Rows of tables that are not IvoryOS's, by their tables.
    pub others: Vec<(String, u64)>,
    /// What kept the rest from going.
    pub stopped: Option<Stopped>,
    /// The longest time that the write lock was held.
    pub held: Duration,
}

/// Why a delete ended half-way.
#[derive(Debug)]
pub struct Stopped {
    pub error: Error,
    /// The record that is left without some of its rows.
    pub part: Option<i64>,
}

/// What came of a piece of background work of a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worked {
    pub remains: Remains,
    /// Rows were found that earlier answers missed.
    pub news: bool,
    /// How far the work that answers wait for has come.
    pub progress: Option<Progress>,
}

/// What remains to be done in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remains {
    /// Nothing until the file changes.
    Nothing,
    /// Comparing what is known with the tables, which nobody waits for.
    Audit,
    /// Finding out which rows are whose: answers are still given at once, with what is known.
    Build,
}

/// All that a database must answer. Whatever it returns belongs to the file that was opened: a method that meets another
/// one in its place ends with [`Error::Replaced`]. With [`crate::checkpoint::Freshness::AtOnce`] an answer does not
/// wait for what takes long to find out, and says what it lacks; what a [`Beginning`] lacks comes with the whole that is
/// asked for behind it. Where only `&Cx` is given, no checkpoint is called: the
/// caller may hold what other work changes.
pub trait Source: Send {
    fn features(&self) -> Features;

    /// # Errors
    /// As any read.
    fn engine(&self, cx: &Cx<'_>) -> Result<Engine>;

    /// The state of the file now.
    ///
    /// # Errors
    /// [`Error::Busy`] while somebody commits.
    fn version(&self, cx: &Cx<'_>) -> Result<Version>;

    /// Makes sure that it is still the database that was opened.
    ///
    /// # Errors
    /// [`Error::Replaced`] where it is another one, [`Error::Open`] where there is none.
    fn refuse_another(&self, cx: &Cx<'_>) -> Result<()>;

    /// Opens the database that is there now, knowing nothing of this one.
    ///
    /// # Errors
    /// Whatever keeps it from being opened.
    fn reopened(&self, cx: &Cx<'_>) -> Result<Box<dyn Source>>;

    /// Ids of all records in their order, from a place on, `count` at most.
    ///
    /// # Errors
    /// As any read.
    fn run_ids(&self, from: IdPlace, order: Order, count: usize, cx: &Cx<'_>) -> Result<Vec<i64>>;

    /// These records, in this order; those that are gone are left out.
    ///
    /// # Errors
    /// As any read.
    fn runs(&self, ids: &[i64], cx: &Cx<'_>) -> Result<Vec<Run>>;

    /// Where the catalogue may be kept for the next start; `None` where that can't be told, or nothing is to be kept.
    fn kept_place(&self, cx: &Cx<'_>) -> Option<KeptPlace>;

    /// What the catalogue knows of records: those from an id on, by id, `rows` at most.
    ///
    /// # Errors
    /// As any read.
    fn run_facts(
        &self,
        from: i64,
        rows: usize,
        columns: FactColumns,
        see: &mut dyn FnMut(&RunFacts<'_>),
        cx: &Cx<'_>,
    ) -> Result<()>;

    /// The place of each of these cells in the database's ascending order, the same for those that it calls equal.
    ///
    /// # Errors
    /// As any read.
    fn ranks(&self, column: TextColumn, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<u32>>;

    /// Which of these cells IvoryOS's keyword finds.
    ///
    /// # Errors
    /// As any read.
    fn matching(&self, keyword: &str, cells: &[&[u8]], cx: &Cx<'_>) -> Result<Vec<bool>>;

    /// A record's last phases and steps: where a guess whether it is still running looks.
    ///
    /// # Errors
    /// As any read.
    fn activity(&self, run: i64, cx: &Cx<'_>) -> Result<Activity>;

    /// The seconds of the longest ended step of a method in the lab, among the newest steps.
    ///
    /// # Errors
    /// As any read.
    fn longest_step(&self, method: &str, cx: &Cx<'_>) -> Result<Option<f64>>;

    /// The summaries of all phases of a record, by id.
    ///
    /// # Errors
    /// As any read.
    fn phase_summaries(&self, run: i64, cx: &mut Cx<'_>) -> Result<Partial<Vec<PhaseSummary>>>;

    /// The same of several records, found in one go.
    ///
    /// # Errors
    /// As any read.
    fn summaries_of_many(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<Vec<PhaseSummary>>>>;

    /// How many iterations, steps and failures each of these records has, and how its events end. Nothing is counted
    /// before it is known which rows are whose: then the answer lacks that.
    ///
    /// # Errors
    /// As any read.
    fn tallies(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Partial<Vec<RunTally>>>;

    /// Chosen cells of all phases and steps of these records, each row with its record: the phases by id, then the steps
    /// by id. No phase is given where the file has none of its wanted columns, no step without methods. Before it is
    /// known which rows are whose, those that lie apart may be missing: the answer lacks that.
    ///
    /// # Errors
    /// As any read; what was seen before was right.
    fn cells(
        &self,
        runs: &[i64],
        columns: CellColumns,
        see: &mut dyn FnMut(i64, &ScannedCell<'_>),
        cx: &mut Cx<'_>,
    ) -> Result<Partial<()>>;

    /// The first phases of a long record, with sums over its steps or without; `None` for a record of usual length.
    ///
    /// # Errors
    /// As any read.
    fn beginning(&self, run: i64, sums: bool, cx: &mut Cx<'_>) -> Result<Option<Beginning>>;

    /// About so many phases that are spread over a long record, the last one among them, and every how many-th they are;
    /// `None` for a record of usual length.
    ///
    /// # Errors
    /// As any read.
    fn spread(&self, run: i64, phases: usize, cx: &mut Cx<'_>) -> Result<Option<(Vec<PhaseRef>, u64)>>;

    /// References to some phases of a record by their ids, by id; only `with_steps` ones lead to steps. Ids that are gone
    /// may be left out, or lead to nothing.
    ///
    /// # Errors
    /// As any read.
    fn phase_refs(
        &self,
        run: i64,
        phases: &[i64],
        with_steps: bool,
        cx: &mut Cx<'_>,
    ) -> Result<Partial<Vec<PhaseRef>>>;

    /// The phase that a step of a record belongs to.
    ///
    /// # Errors
    /// As any read.
    fn phase_of_step(&self, run: i64, step: i64, cx: &mut Cx<'_>) -> Result<Partial<Option<PhaseRef>>>;

    /// Phases of one record with all their columns, in this order, `None` for one that is gone.
    ///
    /// # Errors
    /// As any read.
    fn phases(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Option<Phase>>>;

    /// The phases of all records that failed and say why, by id from one on, for so long as is fair to the lab; their
    /// parameters and outputs come as NULL.
    ///
    /// # Errors
    /// As any read.
    fn failed_phases(&self, from: i64, see: &mut dyn FnMut(Phase), cx: &Cx<'_>) -> Result<PhaseWalk>;

    /// The steps of phases of one record, each by id, in this order.
    ///
    /// # Errors
    /// As any read.
    fn steps(&self, phases: &[&PhaseRef], cx: &Cx<'_>) -> Result<Vec<Vec<Step>>>;

    /// The steps of phases of one record without their outputs, each with the place of its phase among these; those of a
    /// phase by id, phases in any order and one among the other.
    ///
    /// # Errors
    /// As any read.
    fn step_times(
        &self,
        phases: &[&PhaseRef],
        see: &mut dyn FnMut(usize, &StepTime<'_>),
        cx: &Cx<'_>,
    ) -> Result<()>;

    /// Calls by hand with ids from the first to the second, from the highest down, until `see` has seen enough; none
    /// where the database has no table of them.
    ///
    /// # Errors
    /// As any read.
    fn calls(
        &self,
        ids: (i64, i64),
        columns: CallColumns,
        see: &mut dyn FnMut(Call) -> ControlFlow<()>,
        cx: &Cx<'_>,
    ) -> Result<()>;

    /// What deleting each of these records would take.
    ///
    /// # Errors
    /// As any read.
    fn row_counts(&self, runs: &[i64], cx: &mut Cx<'_>) -> Result<Vec<RowCounts>>;

    /// Gives all rows of records to a keeper as a delete would, and deletes nothing.
    ///
    /// # Errors
    /// As any read, and what the keeper says.
    fn give_rows(&self, targets: &[DeleteTarget<'_>], keeper: &mut dyn Keeper, cx: &mut Cx<'_>)
    -> Result<()>;

    /// Deletes records with their phases and steps, and what names them in other tables by a foreign key, in this order, in
    /// short transactions. Where there is a keeper, it has each row, as it is, on disk before it is deleted.
    ///
    /// # Errors
    /// [`Error::Refused`] when a record is gone, or is another one than the user saw (ids are used again);
    /// [`Error::Replaced`] when the database is another one; [`Error::Busy`] after the patience. Nothing is changed
    /// then. What comes later is told by [`Gone::stopped`].
    fn delete(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: Option<&mut dyn Keeper>,
        cx: &mut Cx<'_>,
    ) -> Result<Gone>;

    /// Puts records back with all their rows: under their own ids where these are free, else under new ones in the old
    /// order. What is in place already stays. Those that are back whole are told to `back` by their places in the list;
    /// after an error one may be there in part, and the same call goes on.
    ///
    /// # Errors
    /// [`Error::Busy`] after the patience, [`Error::Replaced`], [`Error::Cancelled`]; [`Error::Refused`] where the tables have
    /// lost columns since; what the records say that can't be read.
    fn restore(
        &self,
        records: &mut [Box<dyn SavedRecord + '_>],
        back: ToldBack<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<()>;

    /// Does what whole answers wait for, to its end.
    ///
    /// # Errors
    /// As any read.
    fn prepare(&self, cx: &mut Cx<'_>) -> Result<()>;

    /// Nobody asks for a while: what is open and would keep others from replacing the database is closed. The next question
    /// opens it again.
    fn rest(&mut self) {}

    /// Whether [`Source::work`] has anything to do, as far as is known without looking at the file.
    fn has_work(&self) -> bool;

    /// Does a few milliseconds of background work.
    ///
    /// # Errors
    /// As any read; what was done before stays.
    fn work(&self, cx: &mut Cx<'_>) -> Result<Worked>;

    /// The lab commits in these seconds: background reading is done in shorter pieces.
    fn is_written(&self) -> bool;
}
