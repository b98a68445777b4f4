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

    /// Forgets the records that are gone.
    pub fn retain(&mut self, is_there: impl Fn(i64) -> bool) {
        self.told.retain(|told| is_there(told.run));
    }

    /// As bytes of a cache file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for from in [self.runs_from, self.phases_from] {
            put(&mut bytes, &from.unwrap_or(i64::MIN).to_le_bytes());
        }
        put(&mut bytes, &(self.signatures.len() as u64).to_le_bytes());
        self.signatures.iter().for_each(|signature| put_text(&mut bytes, signature));
        for told in &self.told {
            put(&mut bytes, &told.run.to_le_bytes());
            put(&mut bytes, &told.phase.to_le_bytes());
            put(&mut bytes, &u64::from(told.signature).to_le_bytes());
            put_text(&mut bytes, &told.at.python());
        }
        bytes
    }

    /// What was made into bytes; `None` for any others.
    pub fn of_bytes(bytes: &[u8], version: Option<Version>) -> Option<Self> {
        let mut rest = bytes;
        let mut all = Self { version, ..Self::default() };
        for from in [&mut all.runs_from, &mut all.phases_from] {
            *from = Some(number(&mut rest)?).filter(|from| *from != i64::MIN);
        }
        for n in 0..u32::try_from(number(&mut rest)?).ok()? {
            let signature = text(&mut rest)?;
            all.numbers.insert(signature.clone(), n);
            all.signatures.push(signature);
        }
        while !rest.is_empty() {
            let (run, phase) = (number(&mut rest)?, number(&mut rest)?);
            let signature = u32::try_from(number(&mut rest)?).ok()?;
            let at = text(&mut rest)?;
            let at = Timestamp::read(Some(at.as_str()).filter(|at| !at.is_empty()));
            all.told.push(ToldFailure { run, phase, signature, at });
        }
        Some(all)
    }
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(part);
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put(bytes, &(text.len() as u64).to_le_bytes());
    put(bytes, text.as_bytes());
}

fn number(rest: &mut &[u8]) -> Option<i64> {
    let (number, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(i64::from_le_bytes(*number))
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let long = usize::try_from(number(rest)?).ok()?;
    let (text, behind) = rest.split_at_checked(long)?;
    *rest = behind;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_they_were_made() {
        let mut all = AllFailures { runs_from: Some(7), ..AllFailures::default() };
        let at = Timestamp::read(Some("2026-11-24 03:00:44.000001"));
        all.add((3, 0), "pump.dose: … mL".to_owned(), &at);
        all.add((4, 9), "温度".to_owned(), &Timestamp::None);
        all.add((5, 0), "pump.dose: … mL".to_owned(), &Timestamp::read(Some("noon")));
        let bytes = all.to_bytes();
        let read = AllFailures::of_bytes(&bytes, None).unwrap();
        assert_eq!((read.runs_from, read.phases_from), (Some(7), None));
        let same = |all: &AllFailures, signature| all.same(signature, Origin::Event);
        for signature in ["pump.dose: … mL", "温度"] {
            assert_eq!(same(&read, signature), same(&all, signature));
        }
        assert_eq!(same(&read, "pump.dose: … mL").unwrap().ids, [5, 3]);
        for cut in 0..bytes.len() {
            let read = AllFailures::of_bytes(&bytes[..cut], None);
            assert!(read.is_none_or(|read| read.told.len() < all.told.len()), "{cut}");
        }
    }
}
