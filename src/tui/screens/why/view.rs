//! Draws the error view: which failure of which record above, what is told of it below.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    WhyScreen,
    lines::{WhyLine, head_height},
};
use crate::{
    model::format::{date_time, duration, time_of_day},
    services::{
        run_row,
        why::{
            report,
            types::{Failure, FailureKind},
        },
    },
    style::{Role, Theme},
    tui::{
        screens::words::{row_kind, time_text},
        widgets::text::{Span, cut, put, put_spans, spans_width, width},
    },
};

impl WhyScreen {
    pub(super) fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let head = head_height(area.as_size()).min(area.height);
        let row = |y: u16| Rect {
            y: area.y + y.min(area.height),
            height: area.height.min(y + 1) - y.min(area.height),
            ..area
        };
        first_line(self, theme, row(0), buf);
        second_line(self, theme, row(1), buf);
        let body = Rect { y: area.y + head, height: area.height - head, ..area };
        if self.why.placeholder(theme, body, buf) {
            return;
        }
        let split = self.lines.split.min(body.width);
        let left = Rect { width: if split > 0 { split } else { body.width }, ..body };
        column(&self.lines.left, self.place.first(), theme, left, buf);
        if split > 0 {
            let bar = Rect { x: body.x + split, width: body.width - split, ..body };
            for y in 0..bar.height {
                put(buf, bar, 0, y, theme.upright_rule(), theme.style(Role::Dim));
            }
            let right = Rect { x: bar.x + 1.min(bar.width), width: bar.width.saturating_sub(1), ..bar };
            column(&self.lines.right, self.place.first(), theme, right, buf);
        }
    }
}

fn column(lines: &[WhyLine], first: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    for (y, line) in (0..area.height).zip(lines.iter().skip(first)) {
        self::line(line, theme, Rect { y: area.y + y, height: 1, ..area }, buf);
    }
}

fn line(line: &WhyLine, theme: &Theme, row: Rect, buf: &mut Buffer) {
    if !line.rule {
        let end = put_spans(buf, row, (0, 0, row.width), &line.spans, theme);
        at_right(&line.origin, end + 1, theme, row, buf);
        return;
    }
    let dim = theme.style(Role::Dim);
    put(buf, row, 0, 0, &theme.rule().repeat(usize::from(row.width)), dim);
    let title: String = line.spans.iter().map(|span| span.text.as_ref()).collect();
    let end = put(buf, row, 1, 0, &format!(" {title} "), dim);
    let room = usize::from(row.width.saturating_sub(end + 5));
    if room >= 12 && !line.origin.is_empty() {
        let name = format!(" {} ", cut(&line.origin, room, theme.ellipsis()));
        let wide = u16::try_from(width(&name)).unwrap_or(row.width);
        put(buf, row, row.width.saturating_sub(wide + 1), 0, &name, dim);
    }
}

/// Words at the right end, if they begin behind a column.
fn at_right(text: &str, from: u16, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let wide = u16::try_from(width(text)).unwrap_or(row.width);
    let at = row.width.saturating_sub(wide + 1);
    if !text.is_empty() && at >= from {
        put(buf, row, at, 0, text, theme.style(Role::Dim));
    }
}

/// Columns of the first line for glyph, id and blanks.
const LEFT: usize = 14;

/// `✖ #21  error_then_retry           as of 03:04:31   Completed   failure 1 of 2`.
fn first_line(screen: &WhyScreen, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let mut spans = vec![Span::plain(" ")];
    let mut right = Vec::new();
    if let Some(why) = screen.why.get() {
        let (word, kind) = (why.row.label(), row_kind(&why.row, 0, Role::Normal));
        spans.extend([Span::new(why.row.glyph(theme.ascii), kind), Span::plain(" ")]);
        right.extend([Span::new(word, kind), Span::plain("   ")]);
        let number = match why.total() {
            0 => "no failure".to_owned(),
            all => format!("failure {} of {all}", screen.at + 1),
        };
        right.push(Span::plain(number));
        if row.width < 60 {
            right.drain(..2);
        }
        let as_of = Span::dim(format!("as of {}   ", time_of_day(why.as_of)));
        let parts = spans_width(&right) + width(&as_of.text) + width(&why.row.run.name) + LEFT;
        if !screen.follows && parts <= usize::from(row.width) {
            right.insert(0, as_of);
        }
    }
    let wide = u16::try_from(spans_width(&right)).unwrap_or(row.width).min(row.width);
    spans.push(Span::dim(format!("#{}  ", screen.why.get().map_or(screen.run, |why| why.row.run.id))));
    let room = usize::from(row.width.saturating_sub(wide + 3)).saturating_sub(spans_width(&spans));
    let name = screen.why.get().map_or(theme.ellipsis(), |why| why.row.run.name.as_str());
    spans.push(Span::new(cut(name, room, theme.ellipsis()), Role::Heading));
    put_spans(buf, row, (0, 0, row.width.saturating_sub(wide + 2)), &spans, theme);
    put_spans(buf, row, (row.width.saturating_sub(wide + 1), 0, wide), &right, theme);
}

/// `iteration 1, step 2 reactor.flaky (try 1 of 3)            03:00:44, took 9 ms`.
fn second_line(screen: &WhyScreen, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let Some(failure) = screen.failure() else { return };
    let mut place = report::place(failure);
    if place.is_empty() {
        "the record".clone_into(&mut place);
    }
    if failure.kind == FailureKind::Unfinished {
        place = format!("last: {place}");
    }
    let room = usize::from(row.width).saturating_sub(2);
    let cut = cut(&place, room, theme.ellipsis());
    let end = put(buf, row, 1, 0, &cut, theme.style(Role::Normal));
    let times = times(failure);
    if let Some(time) = times.iter().find(|time| width(&place) + width(time) + 2 <= room) {
        at_right(time, end + 1, theme, row, buf);
    }
}

/// When it began and how long it took, from long to short.
fn times(failure: &Failure) -> [String; 3] {
    let took = run_row::took(&failure.start, &failure.end).filter(|_| failure.step.is_some());
    let took = took.map(|took| format!(", took {}", duration(took))).unwrap_or_default();
    let clock = time_text(&failure.start, time_of_day);
    [format!("{}{took}", time_text(&failure.start, date_time)), format!("{clock}{took}"), clock]
}
