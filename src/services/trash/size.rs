//! How large records will be in the trash, for the question before a delete.

use crate::{
    checkpoint::Cx,
    error::Result,
    model::format,
    services::lab::Lab,
    store::{DeleteTarget, own::TrashSize},
};

/// Rows that are read for it: some tens of milliseconds.
const ROWS: u64 = 5_000;

/// The size of records in the trash, without the files that may go along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SizeInTrash {
    pub bytes: u64,
    /// Only some of the rows were compressed: the others are taken for as large.
    pub is_estimate: bool,
}

impl SizeInTrash {
    /// `214 kB`, `about 19 MB`; nothing where it is not known.
    pub fn words(self) -> Option<String> {
        let about = if self.is_estimate { "about " } else { "" };
        (self.bytes > 0).then(|| format!("{about}{}", format::bytes(self.bytes)))
    }
}

/// Compresses the first rows of these records as a delete would, and counts those of tables that are not IvoryOS's; each
/// record comes with how many rows it has.
///
/// # Errors
/// As any read.
pub fn size(
    lab: &Lab,
    records: &[(DeleteTarget<'_>, u64)],
    cx: &mut Cx<'_>,
) -> Result<(SizeInTrash, Vec<(String, u64)>)> {
    let mut before = 0;
    let targets = records.iter().take_while(|(_, rows)| {
        let is_wanted = before < ROWS;
        before += rows;
        is_wanted
    });
    let targets: Vec<DeleteTarget<'_>> = targets.map(|(target, _)| *target).collect();
    let mut size = TrashSize::of_first(ROWS);
    match lab.source().give_rows(&targets, &mut size, cx) {
        Err(_) if size.is_enough() => {}
        done => done?,
    }
    let total: u64 = records.iter().map(|(_, rows)| rows).sum();
    let (bytes, read) = (u128::from(size.bytes()), size.rows());
    if read == 0 {
        return Ok((SizeInTrash::default(), Vec::new()));
    }
    let is_estimate = size.is_enough() || targets.len() < records.len();
    let all = bytes * u128::from(total.max(read)) / u128::from(read);
    let bytes = if is_estimate { u64::try_from(all).unwrap_or(u64::MAX) } else { size.bytes() };
    Ok((SizeInTrash { bytes, is_estimate }, size.others()))
}
