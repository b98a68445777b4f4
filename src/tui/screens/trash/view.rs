//! Draws the trash: a head that says what `u` does, and the table, in which one delete is told from the next.

use jiff::civil::DateTime;
use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{
    TrashScreen,
    parts::{below, is_unfinished, start},
};
use crate::{
    model::{
        format::{bytes, clock_short, count, count_of, date_time},
        outcome::Outcome,
    },
    services::trash::{TrashEntry, TrashList},
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screens::{loadable::paragraph, words::time_text},
        widgets::{
            pane::wrapped,
            table::{Column, Hidden, Overflow, TableView, layout},
            text::{Span, put_spans, spans_width, width},
        },
    },
};

/// Columns of a time of this day or year, and of one to the second; from this width of the window on.
const SHORT: u16 = 12;
const SECONDS: u16 = 19;
const SECONDS_FROM: u16 = 120;

/// Rows of the table: all but the head and the titles.
pub fn rows(size: Size) -> usize {
    usize::from(below(size, 2).height)
}

pub fn draw(trash: &TrashScreen, theme: &Theme, area: Rect, buf: &mut Buffer) {
    head(trash, theme, area, buf);
    let under = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if trash.list.placeholder(theme, under, buf) {
        return;
    }
    match trash.list.get() {
        Some(list) if !trash.shown.is_empty() => table(trash, list, theme, under, buf),
        _ => nothing(trash, theme, under, buf),
    }
}

/// How much there is at the right; at the left whose trash it is, and what `u` does.
fn head(trash: &TrashScreen, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut right = counts(trash, theme);
    let room = usize::from(area.width).saturating_sub(2);
    let mut left = vec![Span::new("trash", Role::Heading)];
    let any = !trash.shown.is_empty();
    let key = Span::new(key_of(Context::Trash, Action::Undo), Role::Key);
    let undo = [Span::plain("   "), key.clone(), Span::dim(" brings the selected record back")];
    let opened = [Span::dim(" of "), Span::plain(trash.opened.as_str())];
    let fits = |left: &[Span<'_>], more: &[Span<'_>], right: &[Span<'_>]| {
        spans_width(left) + spans_width(more) + spans_width(right) + 3 <= room
    };
    if !any || fits(&left, &[&opened[..], &undo[..]].concat(), &right) {
        left.extend(opened);
    }
    if any && fits(&left, &undo, &right) {
        left.extend(undo);
    } else if any {
        let short = [Span::plain("  "), key, Span::dim(" brings back")];
        if !fits(&left, &short, &right) {
            right.truncate(1);
        }
        left.extend(short);
    }
    let taken = spans_width(&right).min(room);
    let wide = u16::try_from(room.saturating_sub(taken + 3)).unwrap_or(0);
    put_spans(buf, area, (1, 0, wide), &left, theme);
    let taken = u16::try_from(taken).unwrap_or(u16::MAX);
    put_spans(buf, area, (area.width.saturating_sub(taken).saturating_sub(1), 0, taken), &right, theme);
}

fn counts(trash: &TrashScreen, theme: &Theme) -> Vec<Span<'static>> {
    let Some(list) = trash.list.get() else { return vec![Span::pending(theme)] };
    let all = list.entries.len() as u64;
    let size = Span::dim(format!("  {}", bytes(list.bytes())));
    if trash.words.is_empty() {
        return vec![Span::plain(count_of(all, "record", "records")), size];
    }
    let shown = Span::plain(format!("{} of {}", count(trash.shown.len() as u64), count(all)));
    vec![shown, Span::dim(" with "), Span::new(format!("\"{}\"", trash.words), Role::Accent)]
}

fn table(trash: &TrashScreen, list: &TrashList, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let all = &list.entries;
    let widest = |title: &str, of: &dyn Fn(&TrashEntry) -> String| {
        let widest = all.iter().map(|entry| width(&of(entry))).max().unwrap_or(0).max(width(title));
        u16::try_from(widest).unwrap_or(u16::MAX)
    };
    let time = if area.width < SECONDS_FROM { SHORT } else { SECONDS };
    let form = |at: DateTime| if time == SHORT { clock_short(at, list.as_of) } else { date_time(at) };
    let started = |entry: &TrashEntry| time_text(&start(entry), form);
    let deleted =
        |entry: &TrashEntry| entry.deleted_at.parse().map_or_else(|_| entry.deleted_at.clone(), form);
    let sized = |title: &'static str, of: &dyn Fn(&TrashEntry) -> String| {
        Column::new(title, widest(title, of)).right()
    };
    let (n, id) = (|e: &TrashEntry| e.n.to_string(), |e: &TrashEntry| e.run.to_string());
    let columns = [
        sized("n", &n).priority(2),
        sized("id", &id).priority(8),
        Column::soft("name", 14, 30).grow(3).priority(9),
        Column::new("started", time).priority(3),
        Column::new("deleted", time).priority(7),
        Column::soft("by", 6, 12).priority(6),
        sized("phases", &|e| count(e.phases)).priority(4),
        sized("steps", &|e| count(e.steps)).priority(4),
        sized("size", &|e| bytes(e.bytes)).priority(5),
    ];
    let placed = layout(&columns, area.width, Overflow::Drop);
    let row = |at: usize| {
        let entry = trash.entry(at)?;
        // When and by whom stands once for all that one delete took away.
        let before = at.checked_sub(1).filter(|_| at > trash.scroll.offset()).and_then(|at| trash.entry(at));
        let is_first = before.is_none_or(|before| before.batch != entry.batch);
        let once = |text: String| if is_first { Span::plain(text) } else { Span::plain("") };
        // A part of it is still in the list: deleted again it is done, brought back it is whole.
        let unfinished = format!("{} ", Outcome::Unfinished.glyph(theme.ascii));
        let state = if is_unfinished(entry) { unfinished.as_str() } else { "" };
        Some(vec![
            Span::dim(n(entry)),
            Span::dim(id(entry)),
            Span::plain(format!("{state}{}", entry.name)),
            Span::dim(started(entry)),
            once(deleted(entry)),
            once(entry.deleted_by.clone()),
            Span::dim(count(entry.phases)),
            Span::dim(count(entry.steps)),
            Span::plain(bytes(entry.bytes)),
        ])
    };
    let (scroll, hidden) = (&trash.scroll, Hidden::default());
    TableView { columns: &columns, placed: &placed, scroll, row, active: None, hidden, theme }
        .draw(area, buf);
}

/// In the place of rows: what the trash is for, or that none has the words.
fn nothing(trash: &TrashScreen, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let (title, advice) = if trash.words.is_empty() {
        (
            "The trash is empty.".to_owned(),
            format!(
                "What {} deletes is kept here until it is brought back or the trash is emptied: {} on the list takes back \
                 the newest delete, here the selected record. What was deleted for good never comes here.",
                key_of(Context::List, Action::Delete),
                key_of(Context::List, Action::Undo)
            ),
        )
    } else {
        (
            format!("No record in the trash has \"{}\" in its name, its id or its user.", trash.words),
            format!(
                "{} shows all again; {} changes the words.",
                key_of(Context::Trash, Action::Back),
                key_of(Context::Trash, Action::Search)
            ),
        )
    };
    let rows = wrapped(&title, usize::from(area.width.saturating_sub(2)).max(1)).count();
    let part = |from: usize| {
        let from = u16::try_from(from).unwrap_or(u16::MAX).min(area.height);
        Rect { y: area.y + from, height: area.height - from, ..area }
    };
    paragraph(&title, Role::Heading, theme, part(1), buf);
    paragraph(&advice, Role::Dim, theme, part(1 + rows), buf);
}
