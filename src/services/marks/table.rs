//! All marks of a lab, as they were read last.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use crate::{
    model::{mark::RecordMark, record_key::RecordKey, run::Run, timestamp::Timestamp},
    store::own::{ReadUpTo, Sharing},
};

/// What was read of the files.
#[derive(Debug, Default)]
pub(super) struct FoundMarks {
    pub marks: Vec<(RecordKey, RecordMark)>,
    pub read: Option<(ReadUpTo, HashSet<RecordKey>)>,
    pub notice: Option<String>,
}

/// Marks by record, and up to where the list is read.
#[derive(Debug, Clone, Default)]
pub struct MarkTable {
    /// Another one after each change.
    pub(super) number: u64,
    /// By id; mostly one of each, but ids are used again.
    marks: HashMap<i64, Vec<(RecordKey, Arc<RecordMark>)>>,
    read: Option<(ReadUpTo, HashSet<RecordKey>)>,
    sharing: Sharing,
    notice: Option<String>,
}

impl MarkTable {
    /// Of marks that may be of the same records, own ones and shared ones: both count.
    pub(super) fn new(number: u64, sharing: Sharing, found: FoundMarks) -> Self {
        let mut table = Self { number, sharing, read: found.read, notice: found.notice, ..Self::default() };
        let mut all: HashMap<RecordKey, RecordMark> = HashMap::with_capacity(found.marks.len());
        for (key, mark) in found.marks {
            match all.entry(key) {
                Entry::Vacant(free) => drop(free.insert(mark)),
                Entry::Occupied(mut other) => drop(other.insert(mark.joined(other.get(), true))),
            }
        }
        for (key, mark) in all.into_iter().filter(|(_, mark)| !mark.is_empty()) {
            table.marks.entry(key.run).or_default().push((key, Arc::new(mark)));
        }
        table
    }

    /// Whether they are shared, and whether this user writes the shared ones.
    pub fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Why they, or some of them, can't be read.
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
