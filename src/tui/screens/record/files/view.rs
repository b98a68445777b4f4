//! Draws the files: the list of them, or one that is open.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{
    FilesTab,
    open::{OpenFile, Shown},
};
use crate::{
    model::format::{bytes, count_of},
    services::files::FileEntry,
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screens::loadable::paragraph,
        tab::TabId,
        widgets::{
            table::{Column, Hidden, Overflow, TableView, layout},
            text::{Span, cut, cut_middle, put, put_spans, width},
        },
    },
};

/// Rows of the header of an open file.
const HEADER: u16 = 1;

/// The part of the tab that is left for the file itself.
pub(super) fn open_size(size: Size) -> Size {
    Size { height: size.height.saturating_sub(HEADER), ..size }
}

pub(super) fn view(files: &FilesTab, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if let Some(open) = &files.open {
        one(files, open, theme, area, buf);
    } else if !files.files.placeholder(theme, area, buf) {
        list(files, theme, area, buf);
    }
}

fn list(files: &FilesTab, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let all = files.all();
    let names = all.iter().map(|file| width(&file.name)).max().unwrap_or(0);
    let names = u16::try_from(names).unwrap_or(u16::MAX).max(4);
    let notes = all.iter().map(|file| width(&file.note())).max().unwrap_or(0);
    // Names can lose their middle; words of a note can't.
    let notes = u16::try_from(notes).unwrap_or(u16::MAX).clamp(14, 20);
    let columns = [
        Column::new("", 15).priority(240),
        Column::soft("file", names.min(16), names.min(70)).priority(250),
        Column::new("size", 6).right().priority(220),
        Column::soft("", notes, 100).priority(200).grow(1),
    ];
    let placed = layout(&columns, area.width, Overflow::Drop);
    let room = placed.iter().find(|place| place.column == 1).map_or(0, |place| usize::from(place.width));
    let row = |i: usize| Some(cells(all.get(i)?, room, theme));
    let (columns, placed, scroll) = (&columns, &placed, &files.scroll);
    TableView { columns, placed, scroll, row, active: None, hidden: Hidden::default(), theme }
        .draw(area, buf);
}

/// `room` columns for the name, whose end tells it from the others.
fn cells<'a>(file: &'a FileEntry, room: usize, theme: &Theme) -> Vec<Span<'a>> {
    let kind = if file.why_missing().is_some() { Role::Dim } else { Role::Normal };
    vec![
        Span::new(file.kind.title(), kind),
        Span::new(cut_middle(&file.name, room, theme.ellipsis()), kind),
        Span::new(file.size().map(bytes).unwrap_or_default(), kind),
        Span::dim(file.note()),
    ]
}

/// ```text
///  data CSV  table_run_data.csv                 7 columns, 12 rows
/// ```
fn one(files: &FilesTab, open: &OpenFile, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let header = Rect { height: area.height.min(HEADER), ..area };
    let body = Rect { y: area.y + header.height, height: area.height - header.height, ..area };
    let first = if open.more { "the first " } else { "" };
    let mut right = match open.shown.get() {
        Some(Shown::CsvTable(table)) => {
            let (columns, rows) = table.shape();
            let columns = count_of(columns as u64, "column", "columns");
            format!("{columns}, {first}{}", count_of(rows as u64, "row", "rows"))
        }
        Some(Shown::Text(reader)) => {
            format!("{first}{}", count_of(reader.lines().len() as u64, "line", "lines"))
        }
        None => String::new(),
    };
    if open.more {
        right.push_str(&format!("; {} exports all", key_of(Context::Tab(TabId::Files), Action::Export)));
    }
    let wide = u16::try_from(width(&right)).unwrap_or(header.width).min(header.width);
    let left = header.width.saturating_sub(wide + 3);
    let name = files.entry(open.kind).map_or("", |file| file.name.as_str());
    let label = open.kind.title();
    let room = usize::from(left).saturating_sub(width(label) + 3);
    let name = cut(name, room, theme.ellipsis());
    let spans = [Span::plain(" "), Span::dim(label), Span::plain("  "), Span::new(name, Role::Heading)];
    put_spans(buf, header, (0, 0, left), &spans, theme);
    put(buf, header, header.width.saturating_sub(wide + 1), 0, &right, theme.style(Role::Dim));
    if open.shown.placeholder(theme, body, buf) {
        return;
    }
    match open.shown.get() {
        Some(Shown::CsvTable(table)) if table.shape() == (0, 0) => {
            paragraph("The file is empty.", Role::Dim, theme, body, buf);
        }
        Some(Shown::Text(reader)) if reader.lines().is_empty() => {
            paragraph("The file is empty.", Role::Dim, theme, body, buf);
        }
        Some(Shown::CsvTable(table)) => table.draw(theme, body, buf),
        Some(Shown::Text(reader)) => reader.draw(theme, body, buf),
        None => {}
    }
}
