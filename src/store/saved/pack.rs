//! Rows as bytes: what is compared, compressed and kept.

use std::hash::{DefaultHasher, Hasher as _};

/// A stored cell.
#[derive(Debug, Clone, PartialEq)]
pub enum SavedCell {
    Null,
    Integer(i64),
    Real(f64),
    /// In the database's encoding of texts, whether it is right or not.
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl SavedCell {
    /// Text as it is, numbers as they are printed, bytes that are no UTF-8 as U+FFFD; as records are read.
    pub fn text(&self) -> Option<String> {
        match self {
            SavedCell::Null => None,
            SavedCell::Integer(number) => Some(number.to_string()),
            SavedCell::Real(number) => Some(number.to_string()),
            SavedCell::Text(bytes) | SavedCell::Blob(bytes) => {
                Some(String::from_utf8_lossy(bytes).into_owned())
            }
        }
    }
}

/// A row with the cells of all columns of its table.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedRow {
    pub key: i64,
    pub cells: Vec<SavedCell>,
}

impl SavedRow {
    /// The number in a cell.
    pub fn integer(&self, at: usize) -> Option<i64> {
        match self.cells.get(at) {
            Some(SavedCell::Integer(number)) => Some(*number),
            _ => None,
        }
    }
}

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const REAL: u8 = 2;
const TEXT: u8 = 3;
const BLOB: u8 = 4;

/// Rows of one table, one behind the other: each its length, its key, its cells.
#[derive(Debug, Clone, Default)]
pub struct PackedRows {
    bytes: Vec<u8>,
    keys: Vec<i64>,
    /// Where the row begins that is being added.
    begun: usize,
}

impl PackedRows {
    pub fn begin(&mut self, key: i64) {
        self.begun = self.bytes.len();
        self.keys.push(key);
        self.bytes.extend([0; 4]);
        self.bytes.extend(key.to_le_bytes());
    }

    pub fn null(&mut self) {
        self.bytes.push(NULL);
    }

    pub fn integer(&mut self, number: i64) {
        self.bytes.push(INTEGER);
        self.bytes.extend(number.to_le_bytes());
    }

    pub fn real(&mut self, number: f64) {
        self.bytes.push(REAL);
        self.bytes.extend(number.to_bits().to_le_bytes());
    }

    pub fn text(&mut self, text: &[u8]) {
        self.long(TEXT, text);
    }

    pub fn blob(&mut self, blob: &[u8]) {
        self.long(BLOB, blob);
    }

    fn long(&mut self, kind: u8, bytes: &[u8]) {
        self.bytes.push(kind);
        // No cell of any database is as long as four gigabytes.
        self.bytes.extend((bytes.len() as u32).to_le_bytes());
        self.bytes.extend(bytes);
    }

    /// Ends the row that was begun; gives its bytes.
    pub fn end(&mut self) -> &[u8] {
        let length = (self.bytes.len() - self.begun - 4) as u32;
        if let Some(place) = self.bytes.get_mut(self.begun..self.begun + 4) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        self.bytes.get(self.begun + 4..).unwrap_or_default()
    }

    /// Takes the row back that was ended last.
    pub fn drop_last(&mut self) {
        self.bytes.truncate(self.begun);
        self.keys.pop();
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Of each row.
    pub fn keys(&self) -> &[i64] {
        &self.keys
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.keys.clear();
        self.begun = 0;
    }
}

/// Tells a row from one that was changed since; within one run of the program only.
pub fn row_hash(row: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(row);
    hasher.finish()
}

/// The rows in these bytes, each with its own; `None` behind what is damaged.
pub fn unpack(mut bytes: &[u8]) -> impl Iterator<Item = Option<(SavedRow, &[u8])>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let Some(row) = take_row(&mut bytes) else {
            bytes = &[];
            return Some(None);
        };
        Some(read(row).map(|read| (read, row)))
    })
}

fn take_row<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_le_bytes(take(bytes)?);
    long(bytes, length)
}

fn read(mut row: &[u8]) -> Option<SavedRow> {
    let key = i64::from_le_bytes(take(&mut row)?);
    let mut cells = Vec::new();
    while let Some((kind, rest)) = row.split_first() {
        row = rest;
        cells.push(match *kind {
            NULL => SavedCell::Null,
            INTEGER => SavedCell::Integer(i64::from_le_bytes(take(&mut row)?)),
            REAL => SavedCell::Real(f64::from_bits(u64::from_le_bytes(take(&mut row)?))),
            TEXT | BLOB => {
                let length = u32::from_le_bytes(take(&mut row)?);
                let bytes = long(&mut row, length)?.to_vec();
                if *kind == TEXT { SavedCell::Text(bytes) } else { SavedCell::Blob(bytes) }
            }
            _ => return None,
        });
    }
    Some(SavedRow { key, cells })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

fn long<'a>(bytes: &mut &'a [u8], length: u32) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn put(packed: &mut PackedRows, row: &SavedRow) -> u64 {
        packed.begin(row.key);
        for cell in &row.cells {
            match cell {
                SavedCell::Null => packed.null(),
                SavedCell::Integer(number) => packed.integer(*number),
                SavedCell::Real(number) => packed.real(*number),
                SavedCell::Text(text) => packed.text(text),
                SavedCell::Blob(blob) => packed.blob(blob),
            }
        }
        row_hash(packed.end())
    }

    fn cell() -> impl Strategy<Value = SavedCell> {
        prop_oneof![
            Just(SavedCell::Null),
            any::<i64>().prop_map(SavedCell::Integer),
            (-1e300..1e300_f64).prop_map(SavedCell::Real),
            any::<Vec<u8>>().prop_map(SavedCell::Text),
            any::<Vec<u8>>().prop_map(SavedCell::Blob),
        ]
    }

    fn row() -> impl Strategy<Value = SavedRow> {
        (any::<i64>(), prop::collection::vec(cell(), 0..6)).prop_map(|(key, cells)| SavedRow { key, cells })
    }

    proptest! {
        #[test]
        fn rows_come_back_as_they_were(rows in prop::collection::vec(row(), 0..8)) {
            let mut packed = PackedRows::default();
            let hashes: Vec<u64> = rows.iter().map(|row| put(&mut packed, row)).collect();
            let read: Vec<(SavedRow, u64)> =
                unpack(packed.bytes()).map(|row| row.unwrap()).map(|(row, bytes)| (row, row_hash(bytes))).collect();
            prop_assert_eq!(packed.keys(), rows.iter().map(|row| row.key).collect::<Vec<_>>());
            prop_assert_eq!(read, rows.into_iter().zip(hashes).collect::<Vec<_>>());
        }

        #[test]
        fn damaged_bytes_are_no_rows(bytes in any::<Vec<u8>>()) {
            // It ends, and nothing behind what is damaged is given.
            let read: Vec<bool> = unpack(&bytes).map(|row| row.is_some()).collect();
            prop_assert!(read.len() <= bytes.len());
        }
    }

    #[test]
    fn a_row_that_is_not_wanted_leaves_nothing() {
        let mut packed = PackedRows::default();
        let first = SavedRow { key: 1, cells: vec![SavedCell::Integer(7)] };
        put(&mut packed, &first);
        let before = packed.bytes().to_vec();
        put(&mut packed, &SavedRow { key: 2, cells: vec![SavedCell::Null] });
        packed.drop_last();
        assert_eq!((packed.bytes(), packed.keys()), (before.as_slice(), &[1][..]));
    }
}
