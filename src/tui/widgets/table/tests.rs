//! What a table looks like at several sizes, and that it keeps to its area.

use proptest::prelude::*;

use super::*;
use crate::tui::widgets::testing::{lines, stays_inside};

const ASCII: Theme = Theme { ascii: true, color: false };

fn records() -> Vec<Column<'static>> {
    vec![
        Column::new("", 1),
        Column::new("id", 3).right().gap(1),
        Column::soft("name", 8, 14).grow(1),
        Column::new("by", 5).priority(1),
        Column::new("took", 7).right().priority(5),
        Column::new("iter", 4).right().priority(4),
    ]
}

fn row(i: usize) -> Option<Vec<Span<'static>>> {
    let id = 61usize.checked_sub(i)?;
    if id == 58 {
        return None;
    }
    let name = if id == 60 { "温度計 after restart" } else { "still going" };
    let cells = ["▶".to_owned(), id.to_string(), name.into(), "admin".into(), "0.1 s".into(), "2".into()];
    Some(cells.into_iter().map(Span::plain).collect())
}

fn draw(width: u16, height: u16, scroll: &Scroll, theme: &Theme) -> Buffer {
    let columns = records();
    let placed = layout(&columns, width, Overflow::Drop);
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    let hidden = Hidden::default();
    TableView { columns: &columns, placed: &placed, scroll, row, active: None, hidden, theme }
        .draw(area, &mut buf);
    buf
}

#[test]
fn wide_enough_for_all() {
    let mut scroll = Scroll::new(61, 4);
    scroll.to(1);
    assert_eq!(
        lines(&draw(50, 5, &scroll, &Theme::default())),
        [
            "    id  name                  by        took  iter",
            " ▶  61  still going           admin    0.1 s     2",
            "▌▶  60  温度計 after restart  admin    0.1 s     2",
            " ▶  59  still going           admin    0.1 s     2",
            " …   …  …                     …            …     …",
        ]
    );
}

#[test]
fn narrow_drops_by_priority_and_cuts() {
    let scroll = Scroll::new(61, 2);
    assert_eq!(
        lines(&draw(32, 3, &scroll, &ASCII)),
        [
            "    id  name          took  iter",
            ">▶  61  still g..    0.1 s     2",
            " ▶  60  温度計 ..    0.1 s     2",
        ]
    );
    assert_eq!(lines(&draw(10, 2, &scroll, &ASCII)), ["    id    ", ">▶  61    "]);
}

#[test]
fn empty_and_tiny() {
    assert_eq!(lines(&draw(12, 2, &Scroll::new(0, 1), &ASCII)), ["    id      ", "            "]);
    assert_eq!(lines(&draw(1, 1, &Scroll::new(5, 0), &ASCII)), [" "]);
}

#[test]
fn moving_by_one_changes_two_cells() {
    let mut scroll = Scroll::new(61, 9);
    let before = draw(60, 10, &scroll, &Theme::default());
    scroll.move_by(1);
    let after = draw(60, 10, &scroll, &Theme::default());
    assert_eq!(before.diff(&after).len(), 2);
}

#[test]
fn sideways_keeps_the_frozen_columns() {
    let columns: Vec<_> =
        ["row", "temp", "volume", "yield", "note"].into_iter().map(|t| Column::new(t, 6)).collect();
    let placed = layout(&columns, 25, Overflow::Sideways { frozen: 1, first: 1 });
    assert_eq!(
        placed.iter().map(|p| (p.column, p.x, p.width)).collect::<Vec<_>>(),
        [(0, 1, 6), (2, 9, 6), (3, 17, 6),]
    );
    assert_eq!(last_first(&columns, 25, 1), 2);
    assert_eq!(last_first(&columns, 80, 1), 0);
    let cut = layout(&columns, 12, Overflow::Sideways { frozen: 1, first: 0 });
    assert_eq!(cut.last().map(|p| (p.column, p.width)), Some((1, 3)));
}

#[test]
fn only_rows_on_screen_are_asked_for() {
    let asked = std::cell::RefCell::new(Vec::new());
    let columns = records();
    let placed = layout(&columns, 40, Overflow::Drop);
    let mut scroll = Scroll::new(50_000, 3);
    scroll.bottom();
    let area = Rect::new(0, 0, 40, 4);
    let row = |i| {
        asked.borrow_mut().push(i);
        None
    };
    let view = TableView {
        columns: &columns,
        placed: &placed,
        scroll: &scroll,
        row,
        active: Some(1),
        hidden: Hidden::default(),
        theme: &ASCII,
    };
    view.draw(area, &mut Buffer::empty(area));
    assert_eq!(asked.into_inner(), [49_997, 49_998, 49_999]);
}

proptest! {
    #[test]
    fn any_size_and_text(
        w in 0u16..=60, h in 0u16..=20, len in 0usize..40, at in 0usize..50,
        specs in prop::collection::vec((0u16..20, 0u16..30, 0u16..3, 0u8..4, 0u16..4), 0..8),
        text in ".{0,12}", sideways in any::<bool>(),
    ) {
        let columns: Vec<_> = specs.iter().map(|&(min, want, grow, priority, gap)| {
            Column::soft(text.clone(), min, want).grow(grow).priority(priority).gap(gap)
        }).collect();
        let narrow = if sideways { Overflow::Sideways { frozen: 1, first: at % 5 } } else { Overflow::Drop };
        let placed = layout(&columns, w, narrow);
        let mut x = 1;
        for p in &placed {
            prop_assert!(p.x >= x && p.x + p.width <= w, "{placed:?}");
            x = p.x + p.width;
        }
        let mut scroll = Scroll::new(len, usize::from(h.saturating_sub(1)));
        scroll.to(at);
        let theme = Theme::default();
        let row = |i| (i % 3 > 0).then(|| vec![Span::plain(text.clone()); columns.len()]);
        let hidden = Hidden { frozen: 1, left: at * 7, right: len * 99 };
        let (columns, placed, scroll, theme) = (&columns, &placed, &scroll, &theme);
        let view = TableView { columns, placed, scroll, row, active: None, hidden, theme };
        stays_inside(w, h, |area, buf| view.draw(area, buf));
    }
}
