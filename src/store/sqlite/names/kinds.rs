//! What records have in common with others (name, user, whether they failed): each kind kept once, told by a number.

use rusqlite::types::ValueRef;

use crate::store::sqlite::index::hash;

/// More bytes than names of people and workflows ever have.
const FULL: usize = 256 << 20;

/// All kinds, their bytes one behind the other.
#[derive(Debug, Default)]
pub struct Kinds {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// A hash table: numbers of kinds plus one, 0 where there is none.
    slots: Vec<u32>,
}

/// What a record is known by in a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NameKind<'a> {
    pub name: ValueRef<'a>,
    pub user: ValueRef<'a>,
    pub failed: bool,
}

impl Kinds {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn all(&self) -> impl Iterator<Item = NameKind<'_>> {
        (0..self.ends.len()).filter_map(|at| self.get(at))
    }

    pub fn get(&self, at: usize) -> Option<NameKind<'_>> {
        NameKind::read(self.stored(at))
    }

    /// The number of a kind, a new one if it was not seen before; `None` when there are more than can be kept. `buffer`
    /// is used again and again.
    pub fn number(&mut self, kind: NameKind<'_>, buffer: &mut Vec<u8>) -> Option<u32> {
        if self.slots.len() <= 2 * self.ends.len() {
            self.grow();
        }
        buffer.clear();
        kind.write(buffer);
        let slot = self.slot_of(buffer);
        match self.slots.get(slot) {
            Some(0) => {
                self.bytes.extend_from_slice(buffer);
                self.ends.push(u32::try_from(self.bytes.len()).ok().filter(|_| self.bytes.len() < FULL)?);
                let number = u32::try_from(self.ends.len()).ok()?;
                *self.slots.get_mut(slot)? = number;
                Some(number - 1)
            }
            taken => taken.map(|number| number - 1),
        }
    }

    pub fn is_failed(&self, number: u32) -> bool {
        self.stored(number as usize).first() == Some(&1)
    }

    fn stored(&self, at: usize) -> &[u8] {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let from = at.checked_sub(1).map_or(0, end);
        self.bytes.get(from..end(at)).unwrap_or_default()
    }

    /// Where a kind stands, or would stand, in the hash table.
    fn slot_of(&self, kind: &[u8]) -> usize {
        let mask = self.slots.len().saturating_sub(1);
        let mut slot = hash(&[kind]) as usize & mask;
        while let Some(number) = self.slots.get(slot).filter(|number| **number > 0) {
            if self.stored(*number as usize - 1) == kind {
                break;
            }
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![0; (4 * self.ends.len()).next_power_of_two().max(64)];
        for at in 0..self.ends.len() {
            let slot = self.slot_of(self.stored(at));
            if let Some(free) = self.slots.get_mut(slot) {
                *free = at as u32 + 1;
            }
        }
    }
}

impl<'a> NameKind<'a> {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(u8::from(self.failed));
        for cell in [self.name, self.user] {
            let number;
            let (tag, bytes) = match cell {
                ValueRef::Null => (0, &[][..]),
                ValueRef::Integer(i) => {
                    number = i.to_le_bytes();
                    (1, &number[..])
                }
                ValueRef::Real(f) => {
                    number = f.to_le_bytes();
                    (2, &number[..])
                }
                ValueRef::Text(text) => (3, text),
                ValueRef::Blob(blob) => (4, blob),
            };
            to.push(tag);
            to.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            to.extend_from_slice(bytes);
        }
    }

    fn read(stored: &'a [u8]) -> Option<Self> {
        let (failed, rest) = stored.split_first()?;
        let (name, rest) = cell(rest)?;
        let (user, _) = cell(rest)?;
        Some(NameKind { name, user, failed: *failed == 1 })
    }
}

/// The cell at the front, and what stands behind it.
fn cell(stored: &[u8]) -> Option<(ValueRef<'_>, &[u8])> {
    let (tag, rest) = stored.split_first()?;
    let (len, rest) = rest.split_first_chunk::<8>()?;
    let (bytes, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
    let value = match tag {
        1 => ValueRef::Integer(i64::from_le_bytes(bytes.try_into().ok()?)),
        2 => ValueRef::Real(f64::from_le_bytes(bytes.try_into().ok()?)),
        3 => ValueRef::Text(bytes),
        4 => ValueRef::Blob(bytes),
        _ => ValueRef::Null,
    };
    Some((value, rest))
}
