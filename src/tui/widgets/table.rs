//! A table of any length: columns placed by width and priority, rows asked for only when they are on screen.

use std::borrow::Cow;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    scroll::Scroll,
    text::{Align, Span, fit, put, width},
};
use crate::{
    formats::number::{PointColumn, is_number},
    style::{Role, Theme},
};

/// Columns from the point on that a number has at least, if it needs them.
const DECIMALS: usize = 8;

/// A column cut to less than this is no help.
const SHRED: u16 = 8;

/// A column and how it behaves when room is short or plenty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column<'a> {
    pub title: Cow<'a, str>,
    pub align: Align,
    /// Set for numbers: their points stand below each other, and they are cut as numbers.
    pub numbers: Option<PointColumn>,
    /// Columns that it needs to be there at all.
    pub min: u16,
    /// Columns that it would like to have.
    pub want: u16,
    /// Share of what is left when all have what they want; 0 is none.
    pub grow: u16,
    /// The lowest goes first when room is short.
    pub priority: u8,
    /// Empty columns in front of it.
    pub gap: u16,
}

impl<'a> Column<'a> {
    /// A column of one width, at the left, which goes last.
    pub fn new(title: impl Into<Cow<'a, str>>, width: u16) -> Self {
        let title = title.into();
        let (min, want, priority) = (width, width, u8::MAX);
        Self { title, align: Align::Left, numbers: None, min, want, grow: 0, priority, gap: 2 }
    }

    /// A width between `min` and `want`.
    pub fn soft(title: impl Into<Cow<'a, str>>, min: u16, want: u16) -> Self {
        Self { min, want: want.max(min), ..Self::new(title, min) }
    }

    pub fn right(self) -> Self {
        Self { align: Align::Right, ..self }
    }

    pub fn numbers(self, points: PointColumn) -> Self {
        Self { numbers: Some(points), ..self.right() }
    }

    /// Numbers that want their whole widths, and where others wait for room some columns behind their points.
    pub fn of_numbers(title: impl Into<Cow<'a, str>>, points: PointColumn) -> Self {
        let title = title.into();
        let columns = |n: usize| u16::try_from(n.max(width(&title))).unwrap_or(u16::MAX).max(1);
        let (min, want) = (columns(points.width_with(DECIMALS)), columns(points.width()));
        Self::soft(title, min, want).numbers(points)
    }

    pub fn grow(self, share: u16) -> Self {
        Self { grow: share, ..self }
    }

    pub fn priority(self, priority: u8) -> Self {
        Self { priority, ..self }
    }

    pub fn gap(self, gap: u16) -> Self {
        Self { gap, ..self }
    }
}

/// What happens to columns that have no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// Those of low priority are left out.
    Drop,
    /// The first `frozen` stay, the others start with column `first` (counted without the frozen ones).
    Sideways { frozen: usize, first: usize },
}

/// A column on screen; `x` counts from the table's left edge, where the bar has column 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    pub column: usize,
    pub x: u16,
    pub width: u16,
}

/// Where each column stands in a table of this width. The bar takes the first column of the screen.
pub fn layout(columns: &[Column<'_>], width: u16, narrow: Overflow) -> Vec<Placed> {
    let room = width.saturating_sub(1);
    let chosen = match narrow {
        Overflow::Drop => keep_by_priority(columns, room),
        Overflow::Sideways { frozen, first } => keep_from(columns, room, frozen, first),
    };
    let widths = share(columns, &chosen, room);
    let (mut x, mut placed) = (1u16, Vec::with_capacity(chosen.len()));
    for (n, (&column, wide)) in chosen.iter().zip(widths).enumerate() {
        let gap = if n == 0 { 0 } else { columns.get(column).map_or(0, |c| c.gap) };
        x = x.saturating_add(gap);
        let left = width.saturating_sub(x).min(wide);
        if left > 0 {
            placed.push(Placed { column, x, width: left });
        }
        x = x.saturating_add(left);
    }
    placed
}

/// Columns of a table that moves sideways which are out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hidden {
    /// Columns on screen that do not move.
    pub frozen: usize,
    pub left: usize,
    pub right: usize,
}

impl Hidden {
    /// As `placed`, where the first `frozen` of all columns stay; `counts` says which of them count.
    pub fn of(columns: usize, placed: &[Placed], frozen: usize, counts: impl Fn(usize) -> bool) -> Self {
        let first = placed.get(frozen).map_or(frozen, |place| place.column);
        let behind = placed.last().map_or(0, |place| place.column + 1);
        let number = |range: std::ops::Range<usize>| range.filter(|n| counts(*n)).count();
        Hidden { frozen, left: number(frozen..first), right: number(behind..columns) }
    }

    /// `‹5 ›17`, empty where all are in sight.
    fn mark(&self, theme: &Theme) -> String {
        let one = |glyph: &str, n: usize| (n > 0).then(|| format!("{glyph}{n}"));
        let both = [one(theme.more_left(), self.left), one(theme.more_right(), self.right)];
        both.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Takes the last column of a table away where the mark would stand on its title; `active` stays, and one beside
    /// those that do not move. True if it did.
    fn gives_way(
        &self,
        columns: &[Column<'_>],
        placed: &[Placed],
        width: u16,
        active: Option<usize>,
    ) -> bool {
        let Some(last) = placed.last().filter(|last| Some(last.column) != active) else { return false };
        self.right > 0 && placed.len() > self.frozen + 1 && self.covers(columns, last, width)
    }

    /// Does the mark take something from this column's title?
    pub fn covers(&self, columns: &[Column<'_>], place: &Placed, width: u16) -> bool {
        let mark = self.mark(&Theme::default());
        let taken = if mark.is_empty() { 0 } else { columns_of(&mark) + 1 };
        let title = columns.get(place.column).map_or(0, |column| columns_of(&column.title));
        let end = place.x.saturating_add(place.width).min(width.saturating_sub(taken));
        end.saturating_sub(place.x) < title.min(place.width)
    }
}

/// Where columns stand that move sideways: as [`layout`], with room for the mark of those out of sight.
pub fn layout_sideways(
    columns: &[Column<'_>],
    width: u16,
    (frozen, first): (usize, usize),
    active: Option<usize>,
) -> Vec<Placed> {
    let mut placed = layout(columns, width, Overflow::Sideways { frozen, first });
    // A last one of which hardly anything would be seen is left out.
    let shred = |place: &Placed| {
        let whole = columns.get(place.column).map_or(0, |column| column.min);
        place.width < whole.min(SHRED) && Some(place.column) != active && place.column > frozen + first
    };
    if placed.last().is_some_and(shred) {
        placed.pop();
    }
    let hidden = Hidden::of(columns.len(), &placed, frozen, |_| true);
    if hidden.gives_way(columns, &placed, width, active) {
        placed.pop();
    }
    placed
}

/// How far sideways makes sense: the first column from which all the rest is on screen.
pub fn last_first(columns: &[Column<'_>], width: u16, frozen: usize) -> usize {
    let others = columns.len().saturating_sub(frozen);
    let whole = |first: &usize| {
        let placed = layout(columns, width, Overflow::Sideways { frozen, first: *first });
        let cut = |p: &Placed| columns.get(p.column).is_some_and(|c| p.width < c.min);
        placed.last().is_some_and(|p| p.column + 1 == columns.len() && !cut(p))
    };
    (0..others).find(whole).unwrap_or(others.saturating_sub(1))
}

fn needed(columns: &[Column<'_>], chosen: &[usize]) -> u32 {
    let one = |(n, &i): (usize, &usize)| {
        columns.get(i).map_or(0, |c| u32::from(c.min) + if n == 0 { 0 } else { u32::from(c.gap) })
    };
    chosen.iter().enumerate().map(one).sum()
}

fn keep_by_priority(columns: &[Column<'_>], room: u16) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..columns.len()).collect();
    while chosen.len() > 1 && needed(columns, &chosen) > u32::from(room) {
        let rank = |i: usize| columns.get(i).map_or(0, |c| c.priority);
        // Of equals the rightmost goes.
        let Some(worst) = (0..chosen.len()).rev().min_by_key(|&n| chosen.get(n).map_or(0, |&i| rank(i)))
        else {
            break;
        };
        chosen.remove(worst);
    }
    chosen
}

/// Stops behind the first column that is cut.
fn keep_from(columns: &[Column<'_>], room: u16, frozen: usize, first: usize) -> Vec<usize> {
    let frozen = frozen.min(columns.len());
    let rest = frozen.saturating_add(first)..columns.len();
    let (mut chosen, mut used) = (Vec::new(), 0u32);
    for i in (0..frozen).chain(rest) {
        if used >= u32::from(room) {
            break;
        }
        let Some(column) = columns.get(i) else { break };
        used += u32::from(column.min) + if chosen.is_empty() { 0 } else { u32::from(column.gap) };
        chosen.push(i);
    }
    chosen
}

/// Widths: what they need, then up to what they want by priority, then the rest by shares.
fn share(columns: &[Column<'_>], chosen: &[usize], room: u16) -> Vec<u16> {
    let mut widths: Vec<u16> = chosen.iter().map(|&i| columns.get(i).map_or(0, |c| c.min)).collect();
    let mut spare = u32::from(room).saturating_sub(needed(columns, chosen));
    let mut order: Vec<(usize, &Column<'_>)> =
        chosen.iter().enumerate().filter_map(|(n, &i)| Some((n, columns.get(i)?))).collect();
    order.sort_by_key(|(_, c)| std::cmp::Reverse(c.priority));
    for (n, column) in &order {
        let more = u32::from(column.want.saturating_sub(column.min)).min(spare);
        if let Some(width) = widths.get_mut(*n) {
            *width = width.saturating_add(u16::try_from(more).unwrap_or(0));
            spare -= more;
        }
    }
    let mut shares: u32 = order.iter().map(|(_, c)| u32::from(c.grow)).sum();
    for (n, column) in order.iter().filter(|(_, c)| c.grow > 0) {
        let more = spare * u32::from(column.grow) / shares.max(1);
        shares -= u32::from(column.grow);
        spare -= more;
        if let Some(width) = widths.get_mut(*n) {
            *width = width.saturating_add(u16::try_from(more).unwrap_or(0));
        }
    }
    widths
}

/// A table, ready to be drawn.
pub struct TableView<'a, F> {
    pub columns: &'a [Column<'a>],
    /// From [`layout`] with the same columns and this area's width.
    pub placed: &'a [Placed],
    pub scroll: &'a Scroll,
    /// The cells of a row, one for each column; `None` for a row that is not there yet.
    pub row: F,
    /// The column whose title stands out.
    pub active: Option<usize>,
    /// How many columns are out of sight at both sides.
    pub hidden: Hidden,
    pub theme: &'a Theme,
}

impl<F> TableView<'_, F> {
    /// Titles in the first line, then the rows that [`Scroll::visible`] names.
    pub fn draw<'r>(&self, area: Rect, buf: &mut Buffer)
    where
        F: Fn(usize) -> Option<Vec<Span<'r>>>,
    {
        self.titles(area, buf);
        for (y, row) in (1..area.height).zip(self.scroll.visible()) {
            if self.scroll.selected() == Some(row) {
                put(buf, area, 0, y, self.theme.bar(), self.theme.style(Role::Selected));
            }
            let cells = (self.row)(row);
            let pending = Span::pending(self.theme);
            for place in self.placed {
                let cell = match &cells {
                    Some(cells) => cells.get(place.column),
                    None => Some(&pending),
                };
                if let Some(cell) = cell {
                    self.cell(area, buf, (y, *place), &cell.text, cell.kind);
                }
            }
        }
    }

    fn titles(&self, area: Rect, buf: &mut Buffer) {
        // The mark stands in the line of the titles, which give way to it.
        let mark = self.hidden.mark(self.theme);
        let mark_x = area.width.saturating_sub(columns_of(&mark));
        let to = if mark.is_empty() { area.width } else { mark_x.saturating_sub(1) };
        for place in self.placed {
            let kind = if self.active == Some(place.column) { Role::Heading } else { Role::Dim };
            let (x, end) = (place.x, place.x.saturating_add(place.width).min(to));
            let Some(column) = self.columns.get(place.column).filter(|_| x < end) else { continue };
            let text = fit(&column.title, usize::from(end - x), column.align, self.theme.ellipsis());
            put(buf, area, x, 0, &text, self.theme.style(kind));
        }
        put(buf, area, mark_x, 0, &mark, self.theme.style(Role::Accent));
    }

    fn cell(&self, area: Rect, buf: &mut Buffer, (y, place): (u16, Placed), text: &str, kind: Role) {
        let column = self.columns.get(place.column);
        let (wide, ellipsis) = (usize::from(place.width), self.theme.ellipsis());
        let text = match column.and_then(|column| column.numbers) {
            Some(points) if is_number(text) => points.place(text, wide, ellipsis),
            _ => fit(text, wide, column.map_or(Align::Left, |column| column.align), ellipsis),
        };
        put(buf, area, place.x, y, &text, self.theme.style(kind));
    }
}

fn columns_of(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
