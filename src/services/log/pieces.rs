//! Where the lines of a log are cut: at their ends, and where they are too long also between.

use crate::model::encoding::Encoding;

/// A line longer than this is cut, so that a file without line ends still opens at once. The cuts stand at multiples of
/// it in the file that have no line end so far in front of them: so they are the same from wherever it is read.
pub const LONGEST_LINE: u64 = 64 << 10;

/// No piece of a line is as long as this.
pub(super) const ROOM: u64 = 2 * LONGEST_LINE;

/// How long the first line of these bytes is, which begins at `at` of the file; false where it was cut or has no end.
pub fn first_piece(bytes: &[u8], at: u64, encoding: Encoding) -> (usize, bool) {
    let border = at.div_ceil(LONGEST_LINE).saturating_add(1).saturating_mul(LONGEST_LINE);
    let most = usize::try_from(border.saturating_sub(at)).unwrap_or(usize::MAX);
    let head = bytes.get(..most).unwrap_or(bytes);
    match encoding.line_end(head) {
        Some(end) => (end, true),
        None if head.len() == most => (most - encoding.begun(head), false),
        None => (head.len(), false),
    }
}
