//! All marks of a lab, as they were read last.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    model::{mark::RecordMark, record_key::RecordKey, run::Run, timestamp::Timestamp},
    store::own::ReadUpTo,
};

/// Marks by record, and up to where the list is read.
#[derive(Debug, Clone, Default)]
pub struct MarkTable {
    /// Another one after each change.
    pub(super) number: u64,
    /// By id; mostly one of each, but ids are used again.
    marks: HashMap<i64, Vec<(RecordKey, Arc<RecordMark>)>>,
    read: Option<(ReadUpTo, HashSet<RecordKey>)>,
    notice: Option<String>,
}

impl MarkTable {
    pub(super) fn new(
        number: u64,
        marks: Vec<(RecordKey, RecordMark)>,
        read: Option<(ReadUpTo, HashSet<RecordKey>)>,
    ) -> Self {
        let mut table = Self { number, read, ..Self::default() };
        for (key, mark) in marks.into_iter().filter(|(_, mark)| !mark.is_empty()) {
            table.marks.entry(key.run).or_default().push((key, Arc::new(mark)));
        }
        table
    }

    pub(super) fn unreadable(number: u64, notice: String) -> Self {
        Self { number, notice: Some(notice), ..Self::default() }
    }

    /// Why they can't be read.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// The marks of a record; `None` without any.
    pub fn of(&self, run: &Run) -> Option<Arc<RecordMark>> {
        let of_id = self.marks.get(&run.id)?;
        of_id.iter().find(|(key, _)| key.is(run)).map(|(_, mark)| Arc::clone(mark))
    }

    /// The same of a record that was seen.
    pub fn of_key(&self, key: &RecordKey) -> Option<&RecordMark> {
        let of_id = self.marks.get(&key.run)?;
        of_id.iter().find(|(known, _)| known == key).map(|(_, mark)| mark.as_ref())
    }

    /// Is anything marked at all?
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Its user has not opened it yet.
    pub fn is_unread(&self, run: &Run) -> bool {
        let Some((up_to, opened)) = &self.read else { return false };
        let began_later = || {
            matches!(run.start, Timestamp::At(_))
                && !up_to.start.is_empty()
                && run.start.python() > up_to.start
        };
        (run.id > up_to.run || began_later()) && !opened.contains(&RecordKey::of(run))
    }

    /// Up to where all is read, and what was opened behind that; `None` before the first look at the list.
    pub(super) fn read(&self) -> Option<(&ReadUpTo, &HashSet<RecordKey>)> {
        self.read.as_ref().map(|(up_to, opened)| (up_to, opened))
    }

    /// All of them, in no order; also of records that are gone.
    pub fn each(&self) -> impl Iterator<Item = (&RecordKey, &Arc<RecordMark>)> {
        self.marks.values().flatten().map(|(key, mark)| (key, mark))
    }

    /// The tags in use, each with how many records have it.
    pub fn tags(&self) -> BTreeMap<&str, u64> {
        let mut tags = BTreeMap::new();
        for tag in self.each().flat_map(|(_, mark)| &mark.tags) {
            *tags.entry(tag.as_str()).or_default() += 1;
        }
        tags
    }
}
