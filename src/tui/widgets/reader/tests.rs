//! Scrolling, wrapping and searching a text, also with any sizes and words.

use proptest::prelude::*;

use super::*;
use crate::tui::widgets::testing::{lines, stays_inside};

fn line(text: &str, at: u64) -> TextLine {
    TextLine { text: text.to_owned(), at, ends: true, ..TextLine::default() }
}

/// A reader whose text has `width` columns.
fn reader(texts: &[&str], width: u16, height: u16) -> Reader {
    let mut reader = Reader::default();
    reader.change(0, |lines| lines.extend(texts.iter().zip(0..).map(|(text, at)| line(text, at))));
    reader.set_size(Size { width: width + 1, height });
    reader
}

fn drawn(reader: &Reader) -> Vec<String> {
    let mut buf = Buffer::empty(Rect::new(0, 0, reader.size.width, reader.size.height));
    reader.draw(&Theme { ascii: true, color: false }, buf.area, &mut buf);
    lines(&buf).iter().map(|l| l.trim_end().to_owned()).collect()
}

#[test]
fn scrolls_and_stops_at_the_ends() {
    let mut reader = reader(&["a", "b", "c", "d", "e"], 4, 2);
    reader.page(1);
    assert_eq!(drawn(&reader), [" c", " d"]);
    reader.page(9);
    assert_eq!(drawn(&reader), [" d", " e"]);
    assert!(reader.at_bottom());
    reader.move_by(-1);
    assert_eq!(drawn(&reader), [" c", " d"]);
    assert!(!reader.at_bottom());
    reader.move_by(-99);
    assert_eq!(drawn(&reader), [" a", " b"]);
}

#[test]
fn wrapped_lines_scroll_by_rows() {
    let mut reader = reader(&["abcdefgh", "xy", "123456"], 3, 3);
    reader.turn_wrap();
    assert_eq!(drawn(&reader), [" abc", " def", " gh"]);
    reader.move_by(2);
    assert_eq!(drawn(&reader), [" gh", " xy", " 123"]);
    reader.move_by(9);
    assert_eq!(drawn(&reader), [" xy", " 123", " 456"]);
    reader.move_by(-2);
    assert_eq!(drawn(&reader), [" def", " gh", " xy"]);
}

#[test]
fn sideways_by_half_a_screen() {
    let mut reader = reader(&["abcdefgh", "xy"], 4, 2);
    assert!(reader.can_right() && !reader.can_left());
    reader.sideways(true);
    assert_eq!(drawn(&reader), [" cde>", ""]);
    reader.sideways(true);
    assert_eq!(drawn(&reader), [" efgh", ""]);
    assert!(!reader.can_right() && reader.can_left());
    reader.sideways(false);
    reader.sideways(false);
    assert!(!reader.can_left());
}

#[test]
fn hits_come_into_sight_and_stand_out() {
    let far = format!("{}needle", "-".repeat(100));
    let mut reader = reader(&["Needle", "b", "c", "d", &far], 12, 2);
    reader.set_words(Needle::new("needle"));
    assert_eq!(
        (reader.find(0, true), reader.find(1, true), reader.find(3, false)),
        (Some(0), Some(4), Some(0))
    );
    reader.set_hit(Some(4));
    reader.show(4);
    assert_eq!(drawn(&reader), ["", ">------needle"]);
    assert_eq!(reader.visible_hit(), Some(4));
    reader.turn_wrap();
    reader.show(4);
    assert_eq!(drawn(&reader), [">------------", ">----needle"]);
    reader.set_words(Needle::new("Needle"));
    assert_eq!((reader.find(0, true), reader.find(1, true)), (Some(0), None));
}

#[test]
fn hits_are_found_however_they_are_written() {
    let mut reader = reader(&["25 °C", "KU\u{308}HLUNG Kühlung"], 20, 2);
    reader.set_words(Needle::new("kühl"));
    assert_eq!((reader.find(0, true), reader.find(1, false)), (Some(1), Some(1)));
    reader.set_hit(Some(1));
    let mut buf = Buffer::empty(Rect::new(0, 0, 21, 2));
    let theme = Theme { ascii: false, color: false };
    reader.draw(&theme, buf.area, &mut buf);
    let plain = buf[(20, 0)].style();
    let marked = (0..21).filter(|x| buf[(*x, 1)].style() != plain).collect::<Vec<_>>();
    assert_eq!(marked, [0, 1, 2, 3, 4, 9, 10, 11, 12]);
}

proptest! {
    #[test]
    fn any_size_and_moves(
        texts in prop::collection::vec("[ -~]{0,30}|[a温é\u{301}度 ]{0,20}", 0..12),
        size in (0u16..40, 0u16..12),
        moves in prop::collection::vec((0u8..9, -20isize..20), 0..20),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut reader = reader(&texts, size.0, size.1);
        reader.set_words(Needle::new("a"));
        for (kind, n) in moves {
            match kind {
                0 => reader.move_by(n),
                1 => reader.page(n),
                2 => reader.half_page(n),
                3 => reader.bottom(),
                4 => reader.sideways(n > 0),
                5 => reader.turn_wrap(),
                6 => reader.show(n.unsigned_abs()),
                7 => reader.set_size(Size { width: u16::try_from(n.unsigned_abs()).unwrap(), height: size.1 }),
                _ => reader.top(),
            }
            stays_inside(reader.size.width, reader.size.height, |area, buf| {
                reader.draw(&Theme::default(), area, buf);
            });
            if reader.at_bottom() && reader.height() > 0 && !texts.is_empty() {
                prop_assert_eq!(reader.last(), texts.len() - 1);
            }
        }
    }
}

/// What is looked at stays on screen, wrapped and not: the line of the search, one a third down, the end.
#[test]
fn wrapping_keeps_the_place() {
    let long = |n: usize| TextLine {
        text: if n.is_multiple_of(3) {
            format!("{n:03} {}", "word ".repeat(40))
        } else {
            format!("{n:03} short")
        },
        at: n as u64,
        ends: true,
        ..TextLine::default()
    };
    let mut reader = Reader::default();
    reader.set_size(Size { width: 40, height: 12 });
    reader.change(0, |lines| *lines = (0..200).map(long).collect());
    let shown = |reader: &Reader| (reader.first()..=reader.last()).collect::<Vec<_>>();
    for target in [7, 60, 100, 199] {
        reader.set_hit(Some(target as u64));
        reader.show(target);
        let row = |reader: &Reader| reader.shown().position(|(line, _)| line == target);
        let before = row(&reader).unwrap();
        for _ in 0..4 {
            reader.turn_wrap();
            assert!(row(&reader).is_some_and(|now| now.abs_diff(before) <= 1 || target == 199), "{target}");
        }
        reader.set_hit(None);
        let third = |reader: &Reader| reader.shown().nth(4).unwrap().0;
        let (looked_at, is_start, is_end) = (third(&reader), reader.first() == 0, reader.at_bottom());
        reader.turn_wrap();
        // From the beginning of a text one reads on, and its end is looked at for what comes.
        let stays = match (is_start, is_end) {
            (true, _) => reader.first() == 0,
            (_, true) => reader.at_bottom(),
            _ => shown(&reader).contains(&looked_at),
        };
        assert!(stays, "{looked_at}");
        reader.turn_wrap();
    }
    reader.bottom();
    reader.turn_wrap();
    assert!(reader.at_bottom());
    reader.turn_wrap();
    assert!(reader.at_bottom());
}
