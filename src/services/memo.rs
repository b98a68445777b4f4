//! What a lab has read and made before: caches with nothing but get and put, so that no borrow outlives a call.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use super::{
    calls::list::CallList,
    filter::{known::KnownSearch, stored::ReadColumns},
    map::types::RecordMap,
    marks::known::{KnownMarks, MarkedRows},
    slow_steps::types::{KnownTimes, SlowSteps},
    step_errors::ErrorTexts,
    table::{snapshot::TableSnapshot, types::TableSort},
    why::all_failures::KnownFailures,
};
use crate::{
    model::{call::CallQuery, partial::Partial, phase_summary::PhaseSummary},
    store::Version,
};

/// The phases of a record by start (none first), then id.
pub type PhaseSummaries = Arc<Vec<PhaseSummary>>;

/// Records whose phase summaries are kept: the one on screen, its neighbours, one under an export.
const REMEMBERED: usize = 4;
/// Lists of calls that are kept beside that of all: the one on screen, and the one before it.
const CALL_LISTS: usize = 2;

/// The caches of a lab.
#[derive(Default)]
pub(super) struct Memo {
    phases: RefCell<Vec<KnownPhases>>,
    table: RefCell<Option<Arc<TableSnapshot>>>,
    table_order: RefCell<Option<KnownOrder>>,
    /// The number of the newest table snapshot.
    tables: Cell<u64>,
    /// The failures of all records.
    pub failures: KnownFailures,
    /// What was read of records for filter words.
    pub read_columns: RefCell<ReadColumns>,
    search: RefCell<Option<KnownSearch>>,
    pub slow_steps: OfRecords<SlowSteps>,
    /// How long the steps of the records took that slow ones were looked for in.
    pub step_times: KnownTimes,
    pub maps: OfRecords<RecordMap>,
    pub marks: KnownMarks,
    /// Where the marked records stand in the catalogue.
    pub marked_rows: MarkedRows,
    /// Lists of calls by hand, the one that was made last behind.
    calls: RefCell<Vec<Arc<CallList>>>,
    /// The longest step of a method.
    longest: RefCell<Option<(Version, String, Option<f64>)>>,
}

/// The phase summaries of a record in one version of the file.
struct KnownPhases {
    version: Version,
    run: i64,
    summaries: Partial<PhaseSummaries>,
    error_texts: Option<Arc<ErrorTexts>>,
}

/// The number of a table's snapshot, the sort, and the rows in its order.
type KnownOrder = (u64, TableSort, Arc<Vec<u32>>);

/// What was made of all steps of a record, in one version of the file.
pub(super) struct OfRecords<T>(RefCell<Vec<OfRecord<T>>>);

type OfRecord<T> = (Version, i64, Partial<Arc<T>>);

impl<T> Default for OfRecords<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> OfRecords<T> {
    pub fn get(&self, version: Version, run: i64) -> Option<Partial<Arc<T>>> {
        let all = self.0.borrow();
        Some(all.iter().find(|(of, about, _)| (*of, *about) == (version, run))?.2.clone())
    }

    /// Forgets those of other versions, and keeps nothing of an unknown one.
    pub fn keep(&self, version: Option<Version>, run: i64, made: &Partial<Arc<T>>) {
        let mut all = self.0.borrow_mut();
        all.retain(|(of, about, _)| Some(*of) == version && *about != run);
        if all.len() >= REMEMBERED {
            all.remove(0);
        }
        all.extend(version.map(|version| (version, run, made.clone())));
    }

    fn forget(&self, which: impl Fn(&Partial<Arc<T>>) -> bool) {
        self.0.borrow_mut().retain(|(_, _, made)| !which(made));
    }
}

impl Memo {
    /// For another file: empty, but no number of a table snapshot comes twice.
    pub fn emptied(&self) -> Self {
        Self { tables: self.tables.clone(), ..Self::default() }
    }

    /// The phase summaries of a record.
    pub fn phases(&self, version: Version, run: i64) -> Option<Partial<PhaseSummaries>> {
        let phases = self.phases.borrow();
        Some(phases.iter().find(|known| known.run == run && known.version == version)?.summaries.clone())
    }

    /// Forgets those of other versions, and keeps nothing of an unknown one.
    pub fn keep_phases(&self, version: Option<Version>, run: i64, summaries: &Partial<PhaseSummaries>) {
        let mut phases = self.phases.borrow_mut();
        phases.retain(|known| known.run != run && Some(known.version) == version);
        if phases.len() >= REMEMBERED {
            phases.remove(0);
        }
        let Some(version) = version else { return };
        let summaries = summaries.clone();
        phases.push(KnownPhases { version, run, summaries, error_texts: None });
    }

    /// Forgets those that lack something.
    pub fn forget_lacking_phases(&self) {
        if self.read_columns.borrow_mut().forget_doubted() {
            self.search.take();
        }
        self.phases.borrow_mut().retain(|known| known.summaries.lacks.nothing());
        self.slow_steps.forget(|made| !made.lacks.nothing());
        self.maps.forget(|made| !made.lacks.nothing());
    }

    /// The records that were looked for last, if they are still good.
    pub fn search(&self, is_good: impl FnOnce(&KnownSearch) -> bool) -> Option<KnownSearch> {
        self.search.borrow().as_ref().filter(|known| is_good(known)).cloned()
    }

    pub fn keep_search(&self, search: KnownSearch) {
        self.search.replace(Some(search));
    }

    pub fn forget_phases(&self) {
        self.step_times.forget();
        self.read_columns.take();
        self.search.take();
        self.phases.borrow_mut().clear();
        self.slow_steps.forget(|_| true);
        self.maps.forget(|_| true);
    }

    /// The error texts that were made with these phase summaries.
    pub fn error_texts(&self, summaries: &PhaseSummaries) -> Option<Arc<ErrorTexts>> {
        let phases = self.phases.borrow();
        phases.iter().find(|known| Arc::ptr_eq(&known.summaries.value, summaries))?.error_texts.clone()
    }

    pub fn keep_error_texts(&self, summaries: &PhaseSummaries, texts: &Arc<ErrorTexts>) {
        let mut phases = self.phases.borrow_mut();
        if let Some(known) = phases.iter_mut().find(|known| Arc::ptr_eq(&known.summaries.value, summaries)) {
            known.error_texts = Some(Arc::clone(texts));
        }
    }

    /// The table snapshot with this number.
    pub fn table(&self, run: i64, number: u64) -> Option<Arc<TableSnapshot>> {
        let table = self.table.borrow();
        table.clone().filter(|table| table.run == run && table.shape.look == number)
    }

    /// The table snapshot that was made of these phase summaries.
    pub fn table_of(&self, run: i64, summaries: &PhaseSummaries) -> Option<Arc<TableSnapshot>> {
        let table = self.table.borrow();
        table.clone().filter(|table| table.run == run && table.of.ptr_eq(&Arc::downgrade(summaries)))
    }

    /// A number for a new table snapshot.
    pub fn next_table(&self) -> u64 {
        self.tables.update(|n| n + 1);
        self.tables.get()
    }

    pub fn keep_table(&self, table: &Arc<TableSnapshot>) {
        self.table.replace(Some(Arc::clone(table)));
    }

    /// The rows of a table snapshot in an order.
    pub fn table_order(&self, number: u64, sort: &TableSort) -> Option<Arc<Vec<u32>>> {
        let order = self.table_order.borrow();
        let (_, _, rows) = order.as_ref().filter(|(of, by, _)| *of == number && by == sort)?;
        Some(Arc::clone(rows))
    }

    pub fn keep_table_order(&self, number: u64, sort: &TableSort, rows: &Arc<Vec<u32>>) {
        self.table_order.replace(Some((number, sort.clone(), Arc::clone(rows))));
    }

    /// The longest step of a method in a version of the file, where that was looked for last.
    pub fn longest_step(&self, version: Version, method: &str) -> Option<Option<f64>> {
        let known = self.longest.borrow();
        known.as_ref().filter(|(of, name, _)| *of == version && name == method).map(|(.., longest)| *longest)
    }

    pub fn keep_longest_step(&self, version: Version, method: &str, longest: Option<f64>) {
        self.longest.replace(Some((version, method.to_owned(), longest)));
    }

    /// The list of calls that a query found last, perhaps in an older version.
    pub fn calls(&self, query: &CallQuery) -> Option<Arc<CallList>> {
        self.calls.borrow().iter().find(|list| list.query == *query).cloned()
    }

    /// The shortest list of calls of those that are meant.
    pub fn fewest_calls(&self, is_meant: impl Fn(&CallList) -> bool) -> Option<Arc<CallList>> {
        self.calls.borrow().iter().filter(|list| is_meant(list)).min_by_key(|list| list.len()).cloned()
    }

    /// Keeps nothing of an unknown version.
    pub fn keep_calls(&self, list: &Arc<CallList>) {
        if list.version.is_none() {
            return;
        }
        let mut calls = self.calls.borrow_mut();
        calls.retain(|known| known.query != list.query);
        calls.push(Arc::clone(list));
        let others = |calls: &[Arc<CallList>]| calls.iter().filter(|known| !known.query.is_all()).count();
        while others(&calls) > CALL_LISTS {
            let Some(oldest) = calls.iter().position(|known| !known.query.is_all()) else { break };
            calls.remove(oldest);
        }
    }

    pub fn forget_calls(&self) {
        self.calls.borrow_mut().clear();
    }
}
