//! A text with a scroll position: the first row on screen, wrapped or sideways, and the words that are searched in it.

use std::{borrow::Cow, ops::Range};

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{
    pane::{PaneLine, PaneView, wrap},
    text::{pieces, width},
};
use crate::{
    model::needle::Needle,
    style::{Role, Theme},
};

/// One line: cleaned, without a line break.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextLine {
    pub text: String,
    pub kind: Role,
    /// Where it begins in its file, in bytes.
    pub at: u64,
    /// False when the file's line goes on in the next one, or has no end yet.
    pub ends: bool,
    /// It wrote over what its line said before, as a progress bar does; a mark in front says so.
    pub is_bar: bool,
}

impl TextLine {
    /// As it is drawn, with its mark.
    fn drawn(&self, theme: &Theme) -> Cow<'_, str> {
        if self.is_bar {
            format!("{}{}", theme.written_over(), self.text).into()
        } else {
            self.text.as_str().into()
        }
    }

    /// As [`TextLine::drawn`], with a mark that has a byte a column.
    fn measured(&self) -> Cow<'_, str> {
        self.drawn(&Theme { ascii: true, color: false })
    }

    /// Columns that it takes.
    fn width(&self) -> usize {
        let text = self.measured();
        if text.is_ascii() { text.len() } else { width(&text) }
    }

    /// Its rows when wrapped.
    fn wrapped(&self, columns: usize) -> Vec<Range<usize>> {
        let text = self.measured();
        // A column takes at least a byte: most lines need no measuring.
        if text.len() <= columns {
            return std::iter::once(0..text.len()).collect();
        }
        wrap(&text, columns)
    }

    /// The column of a byte.
    fn column_of(&self, byte: usize) -> usize {
        pieces(&self.measured()).take_while(|piece| piece.at < byte).map(|piece| piece.width).sum()
    }
}

/// The lines, and the place where they are read.
#[derive(Debug, Default)]
pub struct Reader {
    lines: Vec<TextLine>,
    /// The first line on screen, and how many of its rows are above it when wrapped.
    top: usize,
    skip: usize,
    /// The first column on screen when not wrapped.
    left: usize,
    wrap: bool,
    size: Size,
    words: Needle,
    /// [`TextLine::at`] of the line where the search stands.
    hit: Option<u64>,
    /// The bar marks the current line where there is no hit.
    marks_current: bool,
}

impl Reader {
    pub fn lines(&self) -> &[TextLine] {
        &self.lines
    }

    /// Changes the lines; the one with the number `top` then is the first on screen.
    pub fn change(&mut self, top: usize, change: impl FnOnce(&mut Vec<TextLine>)) {
        change(&mut self.lines);
        self.top = top;
        self.settle();
    }

    pub fn set_size(&mut self, size: Size) {
        self.size = size;
        self.settle();
    }

    pub fn size(&self) -> Size {
        self.size
    }

    pub fn height(&self) -> usize {
        usize::from(self.size.height)
    }

    /// Columns for text: the bar has the first one.
    fn columns(&self) -> usize {
        usize::from(self.size.width.saturating_sub(1)).max(1)
    }

    /// The first line on screen.
    pub fn first(&self) -> usize {
        self.top
    }

    /// The last line on screen.
    pub fn last(&self) -> usize {
        self.shown().last().map_or(self.top, |(line, _)| line)
    }

    pub fn wraps(&self) -> bool {
        self.wrap
    }

    /// Wraps long lines, or not any more. What is looked at stays where it is: the end, the line of the search, or else
    /// the line a third down, where [`Reader::show`] puts lines.
    pub fn turn_wrap(&mut self) {
        let (is_top, is_bottom) = ((self.top, self.skip) == (0, 0), self.at_bottom());
        let rows: Vec<(usize, usize)> = self.shown().collect();
        let hit = self.visible_hit();
        let place = hit.and_then(|line| rows.iter().position(|row| row.0 == line));
        let place = place.unwrap_or(self.height() / 3).min(rows.len().saturating_sub(1));
        let (line, row) = rows.get(place).copied().unwrap_or_default();
        let seen = self.lines.get(line).map(|seen| seen.wrapped(self.columns())).unwrap_or_default();
        // The part of a long line that is seen: its row when wrapped, else its column.
        let column = match (self.wrap, seen.get(row)) {
            (true, Some(part)) if row > 0 => {
                self.lines.get(line).map_or(0, |seen| seen.column_of(part.start))
            }
            _ => self.left,
        };
        self.wrap = !self.wrap;
        self.left = if self.wrap { 0 } else { column };
        if is_bottom && !is_top {
            self.bottom();
        } else if !is_top || hit.is_some() {
            self.top = line;
            self.skip =
                if self.wrap { (column / self.columns()).min(seen.len().saturating_sub(1)) } else { 0 };
            self.up(place);
            self.settle();
        }
    }

    pub fn words(&self) -> &Needle {
        &self.words
    }

    pub fn set_words(&mut self, words: Needle) {
        self.words = words;
    }

    pub fn hit(&self) -> Option<u64> {
        self.hit
    }

    pub fn set_hit(&mut self, hit: Option<u64>) {
        self.hit = hit;
    }

    /// The line where the search stands, if it is on screen.
    pub fn visible_hit(&self) -> Option<usize> {
        let hit = self.hit?;
        (self.top..=self.last()).find(|line| self.lines.get(*line).is_some_and(|l| l.at == hit))
    }

    /// The bar marks a line at any time.
    pub fn mark_current(&mut self) {
        self.marks_current = true;
    }

    /// The line that is meant: that of the search, at the end of a text the last one, else the first on screen.
    pub fn current(&self) -> Option<usize> {
        let at_end = (self.top, self.skip) > (0, 0) && self.at_bottom();
        let end = || if at_end { self.last() } else { self.first() };
        (!self.lines.is_empty()).then(|| self.visible_hit().unwrap_or_else(end))
    }

    fn rows(&self, line: usize) -> usize {
        if !self.wrap {
            return 1;
        }
        self.lines.get(line).map_or(1, |l| l.wrapped(self.columns()).len())
    }

    /// Rows down, or up where negative.
    pub fn move_by(&mut self, rows: isize) {
        if rows < 0 {
            self.up(rows.unsigned_abs());
        } else {
            self.down(rows.unsigned_abs());
        }
        self.settle();
    }

    pub fn page(&mut self, pages: isize) {
        self.move_by(pages.saturating_mul(isize::try_from(self.height().max(1)).unwrap_or(1)));
    }

    pub fn half_page(&mut self, halves: isize) {
        self.move_by(halves.saturating_mul(isize::try_from((self.height() / 2).max(1)).unwrap_or(1)));
    }

    pub fn top(&mut self) {
        self.top = 0;
        self.skip = 0;
    }

    pub fn bottom(&mut self) {
        (self.top, self.skip) = self.lowest();
    }

    pub fn at_bottom(&self) -> bool {
        (self.top, self.skip) >= self.lowest()
    }

    fn down(&mut self, rows: usize) {
        self.skip = self.skip.saturating_add(rows);
        while self.top + 1 < self.lines.len() {
            let here = self.rows(self.top);
            if self.skip < here {
                break;
            }
            self.skip -= here;
            self.top += 1;
        }
    }

    fn up(&mut self, rows: usize) {
        let mut rows = rows;
        while rows > self.skip && self.top > 0 {
            rows -= self.skip + 1;
            self.top -= 1;
            self.skip = self.rows(self.top).saturating_sub(1);
        }
        self.skip = self.skip.saturating_sub(rows);
    }

    /// The place that shows the last row at the bottom.
    fn lowest(&self) -> (usize, usize) {
        let mut room = self.height().max(1);
        for line in (0..self.lines.len()).rev() {
            let rows = self.rows(line);
            if rows >= room {
                return (line, rows - room);
            }
            room -= rows;
        }
        (0, 0)
    }

    fn settle(&mut self) {
        self.top = self.top.min(self.lines.len().saturating_sub(1));
        self.skip = self.skip.min(self.rows(self.top).saturating_sub(1));
        (self.top, self.skip) = (self.top, self.skip).min(self.lowest());
    }

    /// Half a screen to the right or to the left.
    pub fn sideways(&mut self, right: bool) {
        let by = (self.columns() / 2).max(1);
        self.left = if right { (self.left + by).min(self.farthest()) } else { self.left.saturating_sub(by) };
    }

    pub fn can_left(&self) -> bool {
        !self.wrap && self.left > 0
    }

    pub fn can_right(&self) -> bool {
        !self.wrap && self.left < self.farthest()
    }

    /// How far sideways makes sense with the lines on screen.
    fn farthest(&self) -> usize {
        let widest = self.shown().filter_map(|(line, _)| Some(self.lines.get(line)?.width())).max();
        widest.unwrap_or(0).saturating_sub(self.columns()).max(self.left)
    }

    /// Shows a line and its first hit: stays where it is if that is on screen, else puts it a third down.
    pub fn show(&mut self, line: usize) {
        let Some(shown) = self.lines.get(line) else { return };
        let hit = self.hits(line).into_iter().next().unwrap_or_default();
        let mark = shown.measured().len() - shown.text.len();
        let byte = if hit.is_empty() { 0 } else { mark + hit.start };
        let row = if self.wrap {
            shown.wrapped(self.columns()).iter().position(|row| byte < row.end).unwrap_or(0)
        } else {
            0
        };
        let column = shown.column_of(byte);
        let end = column + width(shown.text.get(hit).unwrap_or_default());
        if !self.shown().any(|place| place == (line, row)) {
            self.top = line;
            self.skip = row;
            self.up(self.height() / 3);
            self.settle();
        }
        if self.wrap || end <= self.columns() {
            self.left = 0;
        } else if column < self.left || end > self.left + self.columns() {
            self.left = column.saturating_sub(self.columns() / 2);
        }
    }

    /// Scrolls no further than needed to show a line.
    pub fn bring(&mut self, line: usize) {
        let line = line.min(self.lines.len().saturating_sub(1));
        if line <= self.top {
            (self.top, self.skip) = (line, 0);
        } else if line > self.last() {
            (self.top, self.skip) = (line, self.rows(line).saturating_sub(1));
            self.up(self.height().saturating_sub(1));
        }
        self.settle();
    }

    /// The line from which the next or previous hit is searched; `None` is above all lines.
    pub fn search_start(&self, forward: bool) -> Option<usize> {
        match (self.visible_hit(), forward) {
            (Some(hit), true) => Some(hit + 1),
            (Some(hit), false) => hit.checked_sub(1),
            (None, true) => Some(self.first()),
            (None, false) => Some(self.last()),
        }
    }

    /// The next line with the words from a line on, itself included, downwards or upwards.
    pub fn find(&self, from: usize, forward: bool) -> Option<usize> {
        let has = |i: &usize| {
            self.lines.get(*i).is_some_and(|l| self.words.is_in(&l.text)) || self.across(*i).is_some()
        };
        if forward {
            (from..self.lines.len()).find(has)
        } else {
            (0..from.saturating_add(1).min(self.lines.len())).rev().find(has)
        }
    }

    /// Where the words are in a line, in bytes.
    fn hits(&self, line: usize) -> Vec<Range<usize>> {
        let Some(here) = self.lines.get(line) else { return Vec::new() };
        let mut hits = self.words.ranges(&here.text);
        if let Some((_, end)) = line.checked_sub(1).and_then(|before| self.across(before)) {
            hits.retain(|hit| hit.start >= end);
            hits.insert(0, 0..end);
        }
        if let Some((start, _)) = self.across(line) {
            hits.retain(|hit| hit.end <= start);
            hits.push(start..here.text.len());
        }
        hits
    }

    /// Words that begin in a line that was cut and end in the next: where in the one, and in the other.
    fn across(&self, line: usize) -> Option<(usize, usize)> {
        let here = self.lines.get(line).filter(|here| !here.ends && !self.words.is_empty())?;
        self.words.across(&here.text, &self.lines.get(line + 1)?.text)
    }

    /// The rows on screen: line, and its row when wrapped.
    fn shown(&self) -> impl Iterator<Item = (usize, usize)> {
        let skip = self.skip;
        let rows = (self.top..self.lines.len()).flat_map(move |line| {
            let first = if line == self.top { skip } else { 0 };
            (first..self.rows(line)).map(move |row| (line, row))
        });
        rows.take(self.height())
    }

    /// Draws the rows; the bar marks the line of the current hit.
    pub fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let line = |i: usize| {
            let line = self.lines.get(i)?;
            let text = line.drawn(theme);
            let mark = text.len() - line.text.len();
            let hits: Vec<_> = self.hits(i).into_iter().map(|hit| hit.start + mark..hit.end + mark).collect();
            let current = (self.hit == Some(line.at) && !hits.is_empty()).then_some(0);
            Some(PaneLine { text, mark, kind: line.kind, hits, current })
        };
        let (first, skip, left) = (self.top, self.skip, self.left);
        let selected = if self.marks_current { self.current() } else { self.visible_hit() };
        PaneView { line, first, skip, left, wrap: self.wrap, selected, theme }.draw(area, buf);
    }
}

#[cfg(test)]
mod tests;
