//! Columns of text for people: in full into a pipe, on a terminal as wide as it is.

use std::borrow::Cow;

use super::look::Look;
use crate::{
    formats::number,
    model::sanitize::{ascii, cut_with, sanitize, width},
    style::Role,
};

/// A column: its title, and what happens to it where there is little room.
#[derive(Debug, Clone, Copy)]
pub struct PrintedColumn {
    title: &'static str,
    right: bool,
    /// Columns give way in this order, 1 first; 0 stays.
    gives_way: u8,
    /// Its cells may be cut to so many columns of the terminal.
    least: Option<usize>,
}

impl PrintedColumn {
    pub const fn left(title: &'static str) -> Self {
        Self { title, right: false, gives_way: 0, least: None }
    }

    /// For numbers.
    pub const fn right(title: &'static str) -> Self {
        Self { right: true, ..Self::left(title) }
    }

    /// Its place among the columns that are left out, 1 first.
    pub const fn gives_way(self, place: u8) -> Self {
        Self { gives_way: place, ..self }
    }

    /// Its cells may be cut, to no less than this.
    pub const fn cut_to(self, least: usize) -> Self {
        Self { least: Some(least), ..self }
    }
}

/// A cell and what it is.
#[derive(Debug, Clone, Default)]
pub struct PrintedCell {
    text: String,
    role: Role,
}

impl PrintedCell {
    pub fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role }
    }
}

impl<T: Into<String>> From<T> for PrintedCell {
    fn from(text: T) -> Self {
        Self::new(text, Role::Normal)
    }
}

/// Rows of cells; text out of the data is cleaned on its way in.
pub struct TextTable<'a> {
    columns: &'a [PrintedColumn],
    look: Look,
    widths: Vec<usize>,
    rows: Vec<Vec<PrintedCell>>,
}

/// Into a pipe, a column is made no wider than this; a longer cell moves what stands behind it.
const WIDEST: usize = 60;

/// Between two columns.
const GAP: usize = 2;

/// Of each column how wide it is, `None` for one that gave way.
type Layout = Vec<Option<usize>>;

impl<'a> TextTable<'a> {
    pub fn new(columns: &'a [PrintedColumn], look: Look) -> Self {
        let widths = columns.iter().map(|column| width(column.title)).collect();
        Self { columns, look, widths, rows: Vec::new() }
    }

    pub fn row<const N: usize>(&mut self, cells: [PrintedCell; N]) {
        self.measure(&cells);
        self.rows.push(cells.into());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Makes room for a row that is not kept.
    pub fn measure(&mut self, cells: &[PrintedCell]) {
        for (wide, cell) in self.widths.iter_mut().zip(cells) {
            *wide = (*wide).max(width(&self.look.cleaned(&cell.text)));
        }
    }

    /// All lines.
    pub fn text(&self) -> String {
        let layout = self.layout();
        let rows = self.rows.iter().map(|cells| self.laid_out(cells, &layout));
        std::iter::once(self.titles(&layout)).chain(rows).collect()
    }

    pub fn titles(&self, layout: &Layout) -> String {
        let titles: Vec<PrintedCell> =
            self.columns.iter().map(|column| PrintedCell::new(column.title, Role::Dim)).collect();
        self.laid_out(&titles, layout)
    }

    /// A row that was measured before.
    pub fn laid_out(&self, cells: &[PrintedCell], layout: &Layout) -> String {
        // Blanks are written only in front of something, so that no line ends with them.
        let (mut row, mut blanks) = (String::new(), 0);
        for ((cell, column), wide) in cells.iter().zip(self.columns).zip(layout) {
            let Some(wide) = *wide else { continue };
            let text = self.look.cleaned(&cell.text);
            let text = match self.look.room {
                Some(_) if column.right && number::is_decimal(&text) => {
                    number::cut(&text, wide, self.look.theme.ellipsis()).into()
                }
                Some(_) => cut_with(&text, wide, self.look.theme.ellipsis()),
                None => text,
            };
            let pad = wide.saturating_sub(width(&text));
            let (before, behind) = if column.right { (pad, 0) } else { (0, pad) };
            blanks += before;
            if !text.is_empty() {
                row.push_str(&" ".repeat(blanks));
                row.push_str(&self.look.paint(&text, cell.role));
                blanks = 0;
            }
            blanks += behind + GAP;
        }
        row.push('\n');
        row
    }

    /// Columns give way, then cells are cut, until a line fits on the terminal.
    pub fn layout(&self) -> Layout {
        let Some(room) = self.look.room else {
            return self.widths.iter().map(|wide| Some((*wide).min(WIDEST))).collect();
        };
        let mut layout: Layout = self.widths.iter().copied().map(Some).collect();
        let least = |(column, wide): (&PrintedColumn, &Option<usize>)| {
            wide.map(|wide| column.least.map_or(wide, |least| wide.min(least)))
        };
        loop {
            let smallest: Layout = self.columns.iter().zip(&layout).map(least).collect();
            let ways = self.columns.iter().enumerate().filter(|(_, column)| column.gives_way > 0);
            let there = ways.filter(|(at, _)| layout.get(*at).is_some_and(Option::is_some));
            match there.min_by_key(|(_, column)| column.gives_way) {
                Some((at, _)) if taken(&smallest) > room => {
                    if let Some(wide) = layout.get_mut(at) {
                        *wide = None;
                    }
                }
                _ => break,
            }
        }
        self.cut(&mut layout, room);
        layout
    }

    /// Takes from the widest of the columns that may be cut; where that is not enough, from any.
    fn cut(&self, layout: &mut Layout, room: usize) {
        for needed in [false, true] {
            let floor = |column: &PrintedColumn| if needed { 1 } else { column.least.unwrap_or(usize::MAX) };
            while taken(layout) > room {
                let wides = self.columns.iter().zip(layout.iter_mut());
                let can =
                    wides.filter_map(|(column, wide)| wide.as_mut().filter(|wide| **wide > floor(column)));
                let Some(widest) = can.max_by_key(|wide| **wide) else { break };
                *widest -= 1;
            }
        }
    }
}

/// Columns of the terminal that a line takes.
fn taken(layout: &Layout) -> usize {
    let wides: Vec<usize> = layout.iter().flatten().copied().collect();
    wides.iter().sum::<usize>() + GAP * wides.len().saturating_sub(1)
}

impl Look {
    /// Text of the data as it may be printed.
    pub fn cleaned<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let clean = sanitize(text);
        if self.theme.ascii { Cow::Owned(ascii(&clean).into_owned()) } else { clean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::Theme;

    const COLUMNS: [PrintedColumn; 4] = [
        PrintedColumn::right("id"),
        PrintedColumn::left("name").cut_to(10),
        PrintedColumn::left("by").gives_way(1).cut_to(4),
        PrintedColumn::left("outcome").gives_way(2),
    ];

    fn lines(room: Option<usize>, ascii: bool) -> Vec<String> {
        let look = Look { theme: Theme { ascii, color: false }, room };
        let mut table = TextTable::new(&COLUMNS, look);
        table.row(["7".into(), "Suzuki coupling, plate 3".into(), "anna".into(), "Completed".into()]);
        table.row(["1234".into(), "x".into(), "".into(), "Stopped early".into()]);
        table.text().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_pipe_gets_all_of_it() {
        let long = "n".repeat(200);
        let look = Look { theme: Theme { ascii: false, color: false }, room: None };
        let mut table = TextTable::new(&COLUMNS, look);
        table.row(["1".into(), long.as_str().into(), "b".into(), "Ended".into()]);
        assert!(table.text().contains(&format!("{long}  b   Ended")), "{}", table.text());
        assert_eq!(
            lines(None, false),
            [
                "  id  name                      by    outcome",
                "   7  Suzuki coupling, plate 3  anna  Completed",
                "1234  x                               Stopped early"
            ]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for room in 1..80 {
            for ascii in [false, true] {
                for line in lines(Some(room), ascii) {
                    // Four columns are never narrower than one each.
                    assert!(width(&line) <= room.max(4), "{room}: {line:?}");
                }
            }
        }
    }

    /// As on the screens: a number that is cut keeps its size.
    #[test]
    fn numbers_are_cut_as_numbers() {
        let columns = [PrintedColumn::left("output"), PrintedColumn::right("last").cut_to(7)];
        let look = Look { theme: Theme { ascii: false, color: false }, room: Some(15) };
        let cut = |number: &str| {
            let mut table = TextTable::new(&columns, look);
            table.row(["yield".into(), number.into()]);
            table.text().lines().last().unwrap_or_default().to_owned()
        };
        assert_eq!(cut("0.9391199999999995"), "yield   0.9391…");
        assert_eq!(cut("12345678901"), "yield   1.2…e10");
        assert_eq!(cut("52011.7"), "yield   52011.7");
    }

    #[test]
    fn names_are_cut_with_a_mark_and_columns_give_way_in_their_order() {
        assert_eq!(lines(Some(45), false)[1], "   7  Suzuki coupling, …  anna  Completed");
        assert_eq!(lines(Some(34), false)[1], "   7  Suzuki coupl…  Completed");
        assert_eq!(lines(Some(20), false)[1], "   7  Suzuki coupli…");
        assert_eq!(lines(Some(20), true)[1], "   7  Suzuki coupl..");
        assert_eq!(lines(Some(20), false)[2], "1234  x");
    }

    #[test]
    fn colours_do_not_count_as_width() {
        let look = Look { theme: Theme { ascii: false, color: true }, room: Some(30) };
        let mut table = TextTable::new(&COLUMNS, look);
        let failed = PrintedCell::new("Ended with an error", Role::Failed);
        table.row(["1".into(), "a".into(), "b".into(), failed]);
        let line = table.text().lines().nth(1).unwrap_or_default().to_owned();
        assert_eq!(line, " 1  a     \u{1b}[1m\u{1b}[31mEnded with an error\u{1b}[0m");
    }
}
