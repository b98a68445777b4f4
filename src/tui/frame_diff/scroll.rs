//! Lines that moved up or down together: the terminal moves them itself, and only what came in is written.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    ops::RangeInclusive,
};

use ratatui::{
    buffer::{Buffer, Cell},
    style::Color,
};

/// Columns that are compared as one. A list beside a preview moves although its whole rows do not.
const PIECE: usize = 8;

/// Rows of a terminal that move together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moved {
    rows: RangeInclusive<usize>,
    by: usize,
    up: bool,
}

/// The move that leaves the least to write, if any line moved.
pub(super) fn find(before: &Buffer, after: &Buffer) -> Option<Moved> {
    let (before, after) = (Prints::of(before), Prints::of(after));
    let height = after.rows.len();
    let moves = (1..height).flat_map(|by| [(by, true), (by, false)]);
    let (_, by, up) = moves
        .map(|(by, up)| (before.moved(&after, by, up), by, up))
        .filter(|(votes, ..)| *votes > 1)
        .max_by_key(|(votes, by, _)| (*votes, height - by))?;
    let gains = (0..height).map(|y| before.gain(&after, y, by, up));
    let (first, last) = best_run(gains)?;
    // The rows that are pushed out belong to the moved ones.
    let rows = if up { first..=last + by } else { first.checked_sub(by)?..=last };
    Some(Moved { rows, by, up })
}

impl Moved {
    /// The bytes that do it, from and to a terminal without colours, whose cursor is anywhere afterwards. Lines are
    /// inserted and deleted rather than scrolled: also the Linux console and GNU screen know that, and nothing
    /// goes to a history.
    pub fn bytes(&self, height: usize) -> String {
        let (top, bottom) = (self.rows.start() + 1, self.rows.end() + 1);
        let many = if self.by == 1 { String::new() } else { self.by.to_string() };
        let moves = format!("\x1b[{top}H\x1b[{many}{}", if self.up { 'M' } else { 'L' });
        if bottom == height { moves } else { format!("\x1b[{top};{bottom}r{moves}\x1b[r") }
    }

    /// What the terminal shows then.
    pub fn applied(&self, frame: &Buffer) -> Buffer {
        let width = usize::from(frame.area.width);
        let mut moved = frame.clone();
        let (from, to) = (self.rows.start() * width, (self.rows.end() + 1) * width);
        if let Some(cells) = moved.content.get_mut(from..to) {
            let shift = (self.by * width).min(cells.len());
            let (turn, blank) = match self.up {
                true => (shift, cells.len() - shift..cells.len()),
                false => (cells.len() - shift, 0..shift),
            };
            cells.rotate_left(turn);
            cells.iter_mut().skip(blank.start).take(blank.len()).for_each(Cell::reset);
        }
        moved
    }
}

/// What a piece looks like; `None` where it is blank.
type Print = Option<u64>;
type Pieces = (Print, Print, Print);

/// What a frame's rows look like.
struct Prints {
    rows: Vec<Vec<Print>>,
}

impl Prints {
    fn of(frame: &Buffer) -> Self {
        let print = |piece: &[Cell]| {
            let mut hasher = DefaultHasher::new();
            for cell in piece {
                (cell.symbol(), cell.fg, cell.bg, cell.modifier).hash(&mut hasher);
            }
            let blank =
                |cell: &Cell| cell.symbol() == " " && cell.bg == Color::Reset && cell.modifier.is_empty();
            (!piece.iter().all(blank)).then(|| hasher.finish())
        };
        let row = |row: &[Cell]| row.chunks(PIECE).map(print).collect();
        let width = usize::from(frame.area.width).max(1);
        Prints { rows: frame.content.chunks(width).map(row).collect() }
    }

    /// The pieces of this row: as they are to be, as they are, and as they would come from another row.
    fn pieces<'a>(
        &'a self,
        after: &'a Prints,
        y: usize,
        by: usize,
        up: bool,
    ) -> Option<impl Iterator<Item = Pieces>> {
        let from = if up { y + by } else { y.checked_sub(by)? };
        let (new, old, moved) = (after.rows.get(y)?, self.rows.get(y)?, self.rows.get(from)?);
        Some(new.iter().zip(old).zip(moved).map(|((new, old), moved)| (*new, *old, *moved)))
    }

    /// How many changed pieces such a move brings to their place.
    fn moved(&self, after: &Prints, by: usize, up: bool) -> usize {
        let row = |y| {
            let pieces = self.pieces(after, y, by, up)?;
            Some(pieces.filter(|(new, old, moved)| new.is_some() && new != old && new == moved).count())
        };
        (0..self.rows.len()).filter_map(row).sum()
    }

    /// How many more pieces of this row are right after such a move than without it; `None` where nothing comes.
    fn gain(&self, after: &Prints, y: usize, by: usize, up: bool) -> Option<isize> {
        let pieces = self.pieces(after, y, by, up)?;
        Some(pieces.map(|(new, old, moved)| isize::from(new == moved) - isize::from(new == old)).sum())
    }
}

/// First and last of the neighbours that gain most together.
fn best_run(gains: impl Iterator<Item = Option<isize>>) -> Option<(usize, usize)> {
    let mut best = (0, None);
    let (mut sum, mut first) = (0, 0);
    for (y, gain) in gains.enumerate() {
        sum = gain.map_or(0, |gain| sum + gain);
        if sum <= 0 {
            (sum, first) = (0, y + 1);
        } else if sum > best.0 {
            best = (sum, Some((first, y)));
        }
    }
    best.1
}
