//! A CSV as a table: rows as they are, columns as wide as their contents, the first one stays.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use crate::{
    formats::number::{PointColumn, is_number},
    style::Theme,
    tui::widgets::{
        scroll::Scroll,
        table::{Column, Hidden, Placed, TableView, last_first, layout_sideways},
        text::{Span, width},
    },
};

/// Rows that widths are made of.
const SAMPLE: usize = 400;
/// No column is wider where others wait for room, and where there is room for all.
const WIDE: usize = 40;
const WIDEST: usize = 120;

#[derive(Debug)]
pub(super) struct CsvTable {
    columns: Vec<Column<'static>>,
    rows: Vec<Vec<String>>,
    pub scroll: Scroll,
    /// The first column beside the one that stays.
    first: usize,
    size: Size,
    placed: Vec<Placed>,
    /// The column where a search stands, and whether in one of its cells.
    found: Option<usize>,
    in_cells: bool,
}

/// Where a table is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct CsvPlace {
    scroll: Scroll,
    first: usize,
    found: Option<usize>,
}

impl CsvTable {
    pub fn new(titles: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        let widest = rows.iter().take(SAMPLE).map(Vec::len).max().unwrap_or(0).max(titles.len());
        let columns =
            (0..widest).map(|i| column(titles.get(i).map_or("", String::as_str), i, &rows)).collect();
        let scroll = Scroll::new(rows.len(), 0);
        let (size, placed) = (Size::default(), Vec::new());
        let mut table =
            CsvTable { columns, rows, scroll, first: 0, size, placed, found: None, in_cells: false };
        table.lay_out();
        table
    }

    /// Takes the place of the older table of the same file, which was read again.
    pub fn placed_as(mut self, old: &CsvTable) -> Self {
        self.resize(old.size);
        self.scroll.to(old.scroll.selected().unwrap_or(0));
        self.first = old.first.min(self.last_first());
        self.lay_out();
        self
    }

    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.scroll.set_height(usize::from(size.height.saturating_sub(1)));
        self.first = self.first.min(self.last_first());
        self.lay_out();
    }

    fn last_first(&self) -> usize {
        last_first(&self.columns, self.size.width, 1)
    }

    fn lay_out(&mut self) {
        self.placed = layout_sideways(&self.columns, self.size.width, (1, self.first), None);
    }

    pub fn sideways(&mut self, right: bool) {
        self.first =
            if right { (self.first + 1).min(self.last_first()) } else { self.first.saturating_sub(1) };
        self.lay_out();
    }

    pub fn can_left(&self) -> bool {
        self.first > 0
    }

    pub fn can_right(&self) -> bool {
        self.first < self.last_first()
    }

    /// Texts that are searched: the titles, then the cells of all rows.
    pub fn texts(&self) -> usize {
        self.columns.len().saturating_mul(self.rows.len() + 1)
    }

    pub fn text_at(&self, place: usize) -> Option<&str> {
        let wide = self.columns.len();
        match place.checked_sub(wide) {
            None => self.columns.get(place).map(|column| &*column.title),
            Some(cell) => {
                let row = self.rows.get(cell.checked_div(wide)?)?;
                row.get(cell % wide).map(String::as_str)
            }
        }
    }

    /// The text where the search stands; before the first search the first title.
    pub fn place(&self) -> usize {
        let Some(column) = self.found else { return 0 };
        let row = self.scroll.selected().filter(|_| self.in_cells);
        row.map_or(column, |row| (row + 1) * self.columns.len() + column)
    }

    /// To a text, so that it is on screen.
    pub fn go_to(&mut self, place: usize) {
        let wide = self.columns.len();
        if wide == 0 {
            return;
        }
        let column = place % wide;
        self.in_cells = place >= wide;
        self.found = Some(column);
        if let Some(row) = (place / wide).checked_sub(1) {
            self.scroll.jump(row);
        }
        let whole = self.columns.get(column).map_or(0, |column| column.want);
        let hidden = Hidden::of(wide, &self.placed, 1, |_| true);
        let seen = |at: &Placed| at.width >= whole && !hidden.covers(&self.columns, at, self.size.width);
        if !self.placed.iter().any(|at| at.column == column && seen(at)) {
            // Beside the column that stays.
            self.first = column.saturating_sub(1).min(self.last_first());
            self.lay_out();
        }
    }

    pub fn forget_found(&mut self) {
        self.found = None;
    }

    pub fn looked_at(&self) -> CsvPlace {
        CsvPlace { scroll: self.scroll, first: self.first, found: self.found }
    }

    pub fn look_at(&mut self, place: CsvPlace) {
        self.scroll.follow(place.scroll.selected().unwrap_or(0));
        (self.first, self.found) = (place.first.min(self.last_first()), place.found);
        self.lay_out();
    }

    pub fn shape(&self) -> (usize, usize) {
        (self.columns.len(), self.rows.len())
    }

    /// The selected row, its cells with tabs between them.
    pub fn row_text(&self) -> Option<String> {
        Some(self.rows.get(self.scroll.selected()?)?.join("\t"))
    }

    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let row = |i: usize| {
            let mut cells: Vec<Span<'_>> =
                self.rows.get(i)?.iter().map(|cell| Span::plain(cell.as_str())).collect();
            cells.resize(self.columns.len(), Span::plain(""));
            Some(cells)
        };
        let (columns, placed, scroll) = (&self.columns, &self.placed, &self.scroll);
        let hidden = Hidden::of(columns.len(), placed, 1, |_| true);
        TableView { columns, placed, scroll, row, active: self.found, hidden, theme }.draw(area, buf);
    }
}

/// Numbers stand with their points below each other.
fn column(title: &str, index: usize, rows: &[Vec<String>]) -> Column<'static> {
    let sample = || rows.iter().take(SAMPLE).filter_map(|row| row.get(index)).filter(|cell| !cell.is_empty());
    if sample().next().is_some() && sample().all(|cell| is_number(cell)) {
        let mut points = PointColumn::default();
        sample().for_each(|cell| points.learn(cell));
        return Column::of_numbers(title.to_owned(), points);
    }
    let widest = sample().map(|cell| width(cell)).max().unwrap_or(0).max(width(title)).max(1);
    let columns = |most: usize| u16::try_from(widest.min(most)).unwrap_or(u16::MAX);
    Column::soft(title.to_owned(), columns(WIDE), columns(WIDEST))
}
