//! A chart drawn into character cells: axes, round ticks, braille or ASCII curves. The terminal's chart and the
//! text chart are both made of it.

use super::{
    reduce::{ReduceMode, Reduced, dot, reduce},
    scale::{Ticks, Viewport, Xy, ticks},
};

/// What a cell belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ink {
    #[default]
    Blank,
    Axis,
    Label,
    /// A curve, counted from 0.
    Series(usize),
    Cursor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    pub ch: char,
    pub ink: Ink,
}

const BLANK: Glyph = Glyph { ch: ' ', ink: Ink::Blank };

/// Character cells, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    width: usize,
    cells: Vec<Glyph>,
}

impl Grid {
    fn new(width: usize, height: usize) -> Self {
        Self { width, cells: vec![BLANK; width.saturating_mul(height)] }
    }

    pub fn rows(&self) -> impl Iterator<Item = &[Glyph]> {
        self.cells.chunks(self.width.max(1))
    }

    fn set(&mut self, x: usize, y: usize, ch: char, ink: Ink) {
        if x < self.width
            && let Some(cell) = self.cells.get_mut(y * self.width + x)
        {
            *cell = Glyph { ch, ink };
        }
    }

    fn get(&self, x: usize, y: usize) -> Glyph {
        if x < self.width { self.cells.get(y * self.width + x).copied().unwrap_or(BLANK) } else { BLANK }
    }

    fn text(&mut self, x: usize, y: usize, text: &str, ink: Ink) {
        for (i, ch) in text.chars().enumerate() {
            self.set(x + i, y, ch, ink);
        }
    }
}

/// The sign of a curve in a scatter and in the legend.
pub fn mark(series: usize, ascii: bool) -> char {
    let marks = if ascii { ['*', 'o', 'x', '+', '%', '@'] } else { ['•', '×', '◦', '+', '▪', '◇'] };
    marks.get(series % marks.len()).copied().unwrap_or('*')
}

/// Columns that a point of a line needs for a mark of its own.
const MARK_COLUMNS: usize = 2;
/// Cells that a point without a line needs for one.
const MARK_CELLS: usize = 8;

/// What a line is drawn with.
struct Pen {
    series: usize,
    /// In ASCII.
    sign: char,
    /// The last dots, to the right and downwards.
    room: Xy,
}

/// Where axes, labels and curves stand in a chart of some size.
#[derive(Debug, Clone, PartialEq)]
pub struct GridFrame {
    pub window: Viewport,
    width: usize,
    height: usize,
    ascii: bool,
    /// The curves' cells: left, columns, rows (from the top).
    left: usize,
    columns: usize,
    rows: usize,
    x_ticks: Ticks,
    y_ticks: Ticks,
}

impl GridFrame {
    /// A frame of `width` x `height` cells. Small ones have no labels, tiny ones no axes. `whole_x` for an x that
    /// counts (iterations).
    pub fn new(window: Viewport, whole_x: bool, (width, height): (usize, usize), ascii: bool) -> Self {
        let axes = width >= 6 && height >= 4;
        let rows = if axes { height - 2 } else { height };
        let mut y_ticks = ticks(window.y0, window.y1, if axes { (rows / 2).clamp(3, 8) } else { 0 }, false);
        if y_ticks.width() + 2 + 8 > width {
            y_ticks = Ticks::default();
        }
        let left = if axes { y_ticks.width() + 1 + usize::from(y_ticks.width() > 0) } else { 0 };
        let columns = width.saturating_sub(left);
        let x_ticks = if axes { x_ticks(&window, whole_x, columns) } else { Ticks::default() };
        Self { window, width, height, ascii, left, columns, rows, x_ticks, y_ticks }
    }

    fn dots(&self) -> (usize, usize) {
        if self.ascii { (self.columns, self.rows) } else { (self.columns * 2, self.rows * 4) }
    }

    /// A series made as short as this frame is wide.
    pub fn reduce(&self, points: &[Xy], mode: ReduceMode) -> Reduced {
        let (dots_x, dots_y) =
            if mode == ReduceMode::Scatter { (self.columns, self.rows) } else { self.dots() };
        reduce(points, &self.window, dots_x, dots_y, mode)
    }

    /// Draws the frame, the curves and a cursor at a point; its y may be unknown.
    pub fn draw(&self, curves: &[Reduced], cursor: Option<Xy>) -> Grid {
        let mut grid = Grid::new(self.width, self.height);
        self.axes(&mut grid);
        for (i, curve) in curves.iter().enumerate() {
            match curve.mode {
                ReduceMode::Scatter => self.marks(&mut grid, i, &curve.lone),
                ReduceMode::Line => self.line(&mut grid, i, curve, curves.len() > 1),
            }
        }
        if let Some(at) = cursor {
            self.cursor(&mut grid, at);
        }
        grid
    }

    fn axes(&self, grid: &mut Grid) {
        if self.left == 0 {
            return;
        }
        let [upright, flat, corner, y_mark, x_mark] =
            if self.ascii { ['|', '-', '+', '+', '+'] } else { ['│', '─', '└', '┤', '┬'] };
        let axis = self.left - 1;
        (0..self.rows).for_each(|y| grid.set(axis, y, upright, Ink::Axis));
        (self.left..self.width).for_each(|x| grid.set(x, self.rows, flat, Ink::Axis));
        grid.set(axis, self.rows, corner, Ink::Axis);
        for (value, label) in self.y_ticks.values.iter().zip(&self.y_ticks.labels) {
            let Some(y) = self.row(*value).filter(|y| grid.get(axis, *y).ch != y_mark) else { continue };
            grid.set(axis, y, y_mark, Ink::Axis);
            grid.text(self.y_ticks.width().saturating_sub(label.len()), y, label, Ink::Label);
        }
        let mut free = 0;
        for (value, label) in self.x_ticks.values.iter().zip(&self.x_ticks.labels) {
            let Some(x) = self.column(*value) else { continue };
            grid.set(x, self.rows, x_mark, Ink::Axis);
            let start = (x.saturating_sub(label.len() / 2)).min(self.width.saturating_sub(label.len()));
            if start >= free {
                grid.text(start, self.rows + 1, label, Ink::Label);
                free = start + label.len() + 1;
            }
        }
    }

    /// The cell column of x.
    fn column(&self, x: f64) -> Option<usize> {
        let (dots, _) = self.dots();
        let at = usize::try_from(dot(self.window.across(x), dots)).ok().filter(|at| *at < dots)?;
        Some(self.left + if self.ascii { at } else { at / 2 })
    }

    /// The cell row of y.
    fn row(&self, y: f64) -> Option<usize> {
        let (_, dots) = self.dots();
        let at = usize::try_from(dot(1.0 - self.window.upward(y), dots)).ok().filter(|at| *at < dots)?;
        Some(if self.ascii { at } else { at / 4 })
    }

    fn marks(&self, grid: &mut Grid, series: usize, points: &[Xy]) {
        for p in points {
            if let (Some(x), Some(y)) = (self.column(p.0), self.row(p.1)) {
                grid.set(x, y, mark(series, self.ascii), Ink::Series(series));
            }
        }
    }

    /// Lines, and a mark on each point where there is room: a single dot is one that nobody sees.
    fn line(&self, grid: &mut Grid, series: usize, curve: &Reduced, several: bool) {
        let (dots_x, dots_y) = self.dots();
        let place = |p: &Xy| {
            let (x, y) = (self.window.across(p.0), 1.0 - self.window.upward(p.1));
            (x * dots_x.saturating_sub(1) as f64, y * dots_y.saturating_sub(1) as f64)
        };
        let few = curve.few.as_ref().filter(|few| few.len() * MARK_COLUMNS <= self.columns.max(MARK_COLUMNS));
        // Without colours two lines are told apart by their signs.
        let sign = if few.is_some() && !several { '.' } else { mark(series, true) };
        let pen = Pen { series, sign, room: (dots_x as f64 - 0.5, dots_y as f64 - 0.5) };
        for part in &curve.parts {
            let places: Vec<Xy> = part.iter().map(place).collect();
            for pair in places.windows(2) {
                if let [a, b] = pair {
                    self.stroke(grid, &pen, *a, *b);
                }
            }
        }
        match few {
            Some(few) => self.marks(grid, series, few),
            None if curve.lone.len() * MARK_CELLS <= self.columns * self.rows => {
                self.marks(grid, series, &curve.lone);
            }
            None => {
                for (x, y) in curve.lone.iter().map(place) {
                    self.light(grid, &pen, x.round().max(0.0) as usize, y.round().max(0.0) as usize);
                }
            }
        }
        let last = curve.parts.iter().flatten().rev().find_map(|p| Some((self.column(p.0)?, self.row(p.1)?)));
        if let Some((x, y)) = last.filter(|_| several) {
            grid.set(x, y, mark(series, self.ascii), Ink::Series(series));
        }
    }

    /// A straight line of dots, as far as it lies in the frame.
    fn stroke(&self, grid: &mut Grid, pen: &Pen, a: Xy, b: Xy) {
        let Some((a, b)) = clip(a, b, pen.room) else { return };
        let steps = (b.0 - a.0).abs().max((b.1 - a.1).abs()).ceil().max(1.0);
        for i in 0..=(steps as usize) {
            let t = i as f64 / steps;
            let (x, y) = (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
            self.light(grid, pen, x.round().max(0.0) as usize, y.round().max(0.0) as usize);
        }
    }

    fn light(&self, grid: &mut Grid, pen: &Pen, x: usize, y: usize) {
        let (dots_x, dots_y) = self.dots();
        if x >= dots_x || y >= dots_y {
            return;
        }
        if self.ascii {
            grid.set(self.left + x, y, pen.sign, Ink::Series(pen.series));
            return;
        }
        let (cell_x, cell_y) = (self.left + x / 2, y / 4);
        let bit = match (x % 2, y % 4) {
            (0, 3) => 0x40,
            (_, 3) => 0x80,
            (0, row) => 1 << row,
            (_, row) => 8 << row,
        };
        let lit = match grid.get(cell_x, cell_y).ch {
            ch @ '\u{2800}'..='\u{28ff}' => u32::from(ch) - 0x2800,
            _ => 0,
        };
        grid.set(
            cell_x,
            cell_y,
            char::from_u32(0x2800 + (lit | bit)).unwrap_or(' '),
            Ink::Series(pen.series),
        );
    }

    fn cursor(&self, grid: &mut Grid, at: Xy) {
        let Some(x) = self.column(at.0) else { return };
        for y in 0..self.rows {
            if grid.get(x, y).ink == Ink::Blank {
                grid.set(x, y, if self.ascii { ':' } else { '┊' }, Ink::Cursor);
            }
        }
        if let Some(y) = self.row(at.1).filter(|_| at.1.is_finite()) {
            grid.set(x, y, if self.ascii { '@' } else { '●' }, Ink::Cursor);
        }
    }
}

/// As many ticks as have room for their labels.
fn x_ticks(window: &Viewport, whole: bool, columns: usize) -> Ticks {
    let mut most = (columns / 6).clamp(1, 12);
    loop {
        let found = ticks(window.x0, window.x1, most, whole);
        let needed = found.labels.iter().map(|l| l.len() + 2).sum::<usize>();
        if most <= 1 || needed <= columns {
            return if found.width() > columns { Ticks::default() } else { found };
        }
        most -= 1;
    }
}

/// The part of a line between -0.5 and `room` in both directions (Liang and Barsky's way).
fn clip(a: Xy, b: Xy, room: Xy) -> Option<(Xy, Xy)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    for (p, q) in [(-dx, a.0 + 0.5), (dx, room.0 - a.0), (-dy, a.1 + 0.5), (dy, room.1 - a.1)] {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            from = from.max(q / p);
        } else {
            to = to.min(q / p);
        }
    }
    (from <= to).then_some(((a.0 + dx * from, a.1 + dy * from), (a.0 + dx * to, a.1 + dy * to)))
}

#[cfg(test)]
mod tests;
