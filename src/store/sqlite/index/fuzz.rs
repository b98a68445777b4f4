//! A kept index with anything in it behind checksums that are right: the worst that a cache file can be.

use super::{
    codec::{ChunkReader, ChunkWriter},
    file::{load, save},
};

/// What is loaded is saved and loaded to the same, and can be asked and changed. The answers may be wrong: that the tables
/// are as they were written is what the checksums are for.
pub fn kept_index(bytes: &[u8]) {
    let mut kept = Vec::new();
    let mut writer = ChunkWriter::new(&mut kept);
    let written = writer.bytes(bytes).and_then(|()| writer.finish());
    assert!(written.is_ok(), "{written:?}");
    let mut reader = ChunkReader::new(kept.as_slice());
    let Some(mut table) = load(&mut reader) else { return };
    let mut kept = Vec::new();
    let mut writer = ChunkWriter::new(&mut kept);
    let written = save(&table, &mut writer).and_then(|()| writer.finish());
    assert!(written.is_ok(), "{written:?}");
    let mut reader = ChunkReader::new(kept.as_slice());
    let again = load(&mut reader);
    assert!(again.as_ref() == Some(&table) && reader.ends(), "{table:?} became {again:?}");

    let ranges = table.ranges.within(i64::MIN, i64::MAX);
    table.failed_among(&ranges);
    table.next_gap();
    table.uncovered();
    table.progress(0);
    table.nearest_mark(i64::MIN, i64::MAX, true);
    table.ranges.replace(-3, 900, &[]);
    table.failed.replace(-3, 900, &[5, 7]);
    table.marks.replace(-3, 900, &[(6, 1)]);
    table.shrink();
}
