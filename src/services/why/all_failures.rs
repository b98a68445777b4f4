//! How often the failures of all records read like one.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use super::told::{Origin, Same};
use crate::{model::timestamp::Timestamp, store::Version};

/// The failures of all records, as of one version of the file.
#[derive(Debug, Default)]
pub struct AllFailures {
    pub version: Option<Version>,
    /// By record, then in the order in which they were found.
    told: Vec<ToldFailure>,
    signatures: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Records and phases with ids from these on are read anew when the file has changed: the last ones may go on.
    pub runs_from: Option<i64>,
    pub phases_from: Option<i64>,
}

#[derive(Debug, Clone)]
struct ToldFailure {
    run: i64,
    /// 0 for one that an event tells of.
    phase: i64,
    signature: u32,
    at: Timestamp,
}

/// What a lab has of them.
#[derive(Debug, Default)]
pub struct KnownFailures(RefCell<Option<Arc<AllFailures>>>);

impl KnownFailures {
    pub fn get(&self) -> Option<Arc<AllFailures>> {
        self.0.borrow().clone()
    }

    pub fn keep(&self, all: &Arc<AllFailures>) {
        self.0.replace(Some(Arc::clone(all)));
    }
}

impl AllFailures {
    /// Without what may have gone on since.
    pub fn beginning(&self) -> Self {
        let stays = |told: &&ToldFailure| {
            let run = told.phase != 0 || self.runs_from.is_none_or(|from| told.run < from);
            run && (told.phase == 0 || self.phases_from.is_none_or(|from| told.phase < from))
        };
        Self {
            version: None,
            told: self.told.iter().filter(stays).cloned().collect(),
            signatures: self.signatures.clone(),
            numbers: self.numbers.clone(),
            runs_from: self.runs_from,
            phases_from: self.phases_from,
        }
    }

    /// Adds a failure: its record, and its phase or 0 for one that an event tells of.
    pub fn add(&mut self, (run, phase): (i64, i64), signature: String, at: &Timestamp) {
        let next = u32::try_from(self.signatures.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(signature).or_insert_with_key(|signature| {
            self.signatures.push(signature.clone());
            next
        });
        self.told.push(ToldFailure { run, phase, signature: number, at: at.clone() });
    }

    /// The failures with a signature; `None` where there is none.
    pub fn same(&self, signature: &str, origin: Origin) -> Option<Same> {
        let number = self.numbers.get(signature)?;
        let alike = || self.told.iter().filter(|told| told.signature == *number);
        let mut ids: Vec<i64> = alike().map(|told| told.run).collect();
        let failures = ids.len() as u64;
        ids.dedup();
        let records = ids.len() as u64;
        let since = alike().map(|told| &told.at).filter(|at| at.at().is_some()).min().cloned();
        let since = since.unwrap_or_default();
        let ids = ids.into_iter().rev().take(3).collect();
        (failures > 0).then(|| Same {
            signature: signature.to_owned(),
            failures,
            records,
            since,
            ids,
            origin,
        })
    }

    /// Puts what was added into the order of records.
    pub fn sort(&mut self) {
        self.told.sort_by_key(|told| told.run);
    }
}
