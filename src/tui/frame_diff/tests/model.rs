//! A terminal that counts in its own way and knows what the encoder sends; what terminals ignore or colour fails.

use unicode_segmentation::UnicodeSegmentation;

use super::*;

/// How a terminal counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// As we do.
    Clusters,
    /// Every character by itself; U+FE0F and the joiner count nothing.
    Characters,
    /// As we do, but what is ambiguous is wide.
    Ambiguous,
}

pub const ALL: [Counts; 3] = [Counts::Clusters, Counts::Characters, Counts::Ambiguous];

/// A terminal that knows what the encoder sends, and does not wrap.
pub struct Model {
    counts: Counts,
    width: usize,
    /// `None` where the glyph in front covers the column.
    pub cells: Vec<Vec<Option<String>>>,
    at: (usize, usize),
    /// First and last row of what moves where lines are inserted or deleted.
    margins: (usize, usize),
    /// Colours or attributes are on: what is erased or comes in would have the colour behind (BCE).
    is_coloured: bool,
    is_behind_the_last: bool,
}

impl Model {
    pub fn new(counts: Counts, (width, height): (usize, usize)) -> Self {
        Model {
            counts,
            width,
            cells: vec![vec![Some(" ".to_owned()); width]; height],
            at: (0, 0),
            margins: (0, height - 1),
            is_coloured: false,
            is_behind_the_last: false,
        }
    }

    pub fn take(&mut self, bytes: &str) {
        let mut rest = bytes;
        while let Some(c) = rest.chars().next() {
            if let Some(sequence) = rest.strip_prefix("\x1b[") {
                let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                self.sequence(&sequence[..end], &sequence[end..=end]);
                rest = &sequence[end + 1..];
            } else if matches!(c, '\r' | '\n') {
                self.at = if c == '\r' { (0, self.at.1) } else { (self.at.0, self.at.1 + 1) };
                rest = &rest[1..];
            } else {
                let text = &rest[..rest.find(['\x1b', '\r', '\n']).unwrap_or(rest.len())];
                text.graphemes(true).for_each(|cluster| self.cluster(cluster));
                rest = &rest[text.len()..];
            }
        }
    }

    fn sequence(&mut self, numbers: &str, last: &str) {
        let numbers_are_empty = numbers.is_empty();
        let mut numbers = numbers.split(';').map(|n| n.parse().unwrap_or(1_usize));
        let first = numbers.next().unwrap();
        let (x, y) = self.at;
        match last {
            "H" => self.at = (numbers.next().unwrap_or(1) - 1, first - 1),
            "G" => self.at = (first - 1, y),
            "C" => self.at = ((x + first).min(self.width - 1), y),
            "K" => (x..self.width).for_each(|x| self.put(x, y, " ", 1)),
            "X" => (x..(x + first).min(self.width)).for_each(|x| self.put(x, y, " ", 1)),
            "m" => self.is_coloured = !numbers_are_empty,
            "r" => self.margin(first, numbers.next()),
            "M" | "L" => self.moves(first, last == "M"),
            other => panic!("{other}"),
        }
    }

    /// As all terminals have it: without numbers the whole screen, and the cursor goes to the first cell.
    fn margin(&mut self, top: usize, bottom: Option<usize>) {
        let height = self.cells.len();
        let margins = (top - 1, bottom.map_or(height - 1, |bottom| bottom - 1));
        assert!(margins.0 < margins.1 && margins.1 < height, "terminals ignore {margins:?}");
        self.margins = margins;
        self.at = (0, 0);
    }

    /// Deletes or inserts so many lines at the cursor.
    fn moves(&mut self, many: usize, deletes: bool) {
        assert!(!self.is_coloured, "the lines that come in would be coloured");
        let (y, bottom) = (self.at.1, self.margins.1);
        assert!(self.margins.0 <= y && y <= bottom, "terminals ignore it outside of the margins");
        let lines = &mut self.cells[y..=bottom];
        assert!(0 < many && many < lines.len(), "{many} of {}", lines.len());
        let blank = || vec![Some(" ".to_owned()); self.width];
        if deletes {
            lines.rotate_left(many);
            lines.iter_mut().rev().take(many).for_each(|line| *line = blank());
        } else {
            lines.rotate_right(many);
            lines.iter_mut().take(many).for_each(|line| *line = blank());
        }
    }

    fn cluster(&mut self, cluster: &str) {
        let width = match self.counts {
            Counts::Clusters => cluster.width(),
            Counts::Ambiguous if cluster.chars().count() == 1 => cluster.width_cjk(),
            Counts::Ambiguous => cluster.width(),
            Counts::Characters => return cluster.chars().for_each(|c| self.character(c)),
        };
        self.glyph(cluster, width.max(1));
    }

    fn character(&mut self, c: char) {
        match c.width().unwrap_or(0) {
            0 if matches!(c, '\u{fe0f}' | '\u{200d}') => {}
            // An accent belongs to the glyph in front; behind the last column the cursor stands on it.
            0 => {
                let (x, y) = self.at;
                let here = self.is_behind_the_last.then_some(x);
                let at = here.or_else(|| (0..x).rev().find(|x| self.cells[y][*x].is_some())).unwrap();
                self.cells[y][at].as_mut().unwrap().push(c);
            }
            width => self.glyph(&c.to_string(), width),
        }
    }

    fn glyph(&mut self, glyph: &str, width: usize) {
        let (x, y) = self.at;
        if x + width <= self.width {
            self.put(x, y, glyph, width);
        }
        self.is_behind_the_last = x + width >= self.width;
        self.at = ((x + width).min(self.width - 1), y);
    }

    /// A glyph that loses one of its columns loses the other too.
    fn put(&mut self, x: usize, y: usize, glyph: &str, width: usize) {
        let row = &mut self.cells[y];
        let begins = (0..=x).rev().find(|x| row[*x].is_some()).unwrap();
        let ends = (x + width..self.width).find(|x| row[*x].is_some()).unwrap_or(self.width);
        row[begins..ends].fill(Some(" ".to_owned()));
        row[x] = Some(glyph.to_owned());
        row[x + 1..x + width].fill(None);
    }

    /// Do lines move between the first and the last row, as they do for other programs?
    pub fn has_no_margins(&self) -> bool {
        self.margins == (0, self.cells.len() - 1)
    }

    /// What is wrong beside the glyphs that terminals count differently.
    pub fn wrong(&self, frame: &Buffer) -> Option<String> {
        for (y, row) in frame.content.chunks(self.width).enumerate() {
            // Columns that such a glyph may have: its own, where the terminal has nothing else to show.
            let mut own = 0;
            for (x, cell) in glyphs(row).into_iter().enumerate() {
                let there = &self.cells[y][x];
                let certain = cell.filter(|cell| disputed(cell) == (columns(cell), columns(cell)));
                if let Some(cell) = certain.filter(|cell| there.as_deref() != Some(cell.symbol())) {
                    return Some(format!("column {x} row {y}: {there:?} for {:?}", cell.symbol()));
                }
                own = cell.map_or(own, |cell| if certain.is_some() { 0 } else { columns(cell) });
                let symbol =
                    |at: usize| glyphs(row).get(at).copied().flatten().map(|cell| cell.symbol().to_owned());
                let stale = cell.is_none()
                    && own == 2
                    && x > 0
                    && there.as_deref().is_some_and(|there| {
                        there != " " && !symbol(x - 1).is_some_and(|lead| lead.contains(there))
                    });
                if stale {
                    return Some(format!("column {x} row {y}: {there:?} is left over"));
                }
            }
        }
        None
    }
}
