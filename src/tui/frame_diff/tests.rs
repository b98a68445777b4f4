//! Random frames through a model of a terminal: what it shows is the frame.

use proptest::prelude::*;
use ratatui::{layout::Rect, style::Style, text::Line};

use super::*;

mod model;
mod scrolled;
mod second;
mod widths;

fn frame(lines: &[&str]) -> Buffer {
    Buffer::with_lines(lines.iter().map(|line| Line::from(*line)))
}

#[test]
fn a_row_of_equal_frames_is_nothing() {
    assert_eq!(changes(&frame(&["abc", "def"]), &frame(&["abc", "def"])), "");
    assert_eq!(changes(&frame(&["abc", "def"]), &frame(&["abc", "dXf"])), "\x1b[2;2HX");
}

#[test]
fn moves_are_short() {
    // Over a letter by writing it, over more by a number, to the next row by its beginning.
    assert_eq!(changes(&frame(&["abcdefghij"]), &frame(&["XbXdefghiX"])), "\x1b[HXbX\x1b[6CX");
    assert_eq!(changes(&frame(&["ab", "cd"]), &frame(&["Xb", "Xd"])), "\x1b[HX\r\nX");
    // Behind what a terminal may draw two columns wide, the column is said, and what it may cover is drawn.
    assert_eq!(changes(&frame(&["abcdefg"]), &frame(&["▌bcdefX"])), "\x1b[H▌\x1b[2Gb\x1b[7GX");
}

#[test]
fn blanks_are_erased_and_wear_no_style() {
    assert_eq!(changes(&frame(&["abcdefgh"]), &frame(&["abc     "])), "\x1b[1;4H\x1b[K");
    assert_eq!(changes(&frame(&["a0123456789012z"]), &frame(&["a             z"])), "\x1b[1;2H\x1b[13X");
    let mut bold = frame(&["a c"]);
    bold.set_style(bold.area, Style::new().add_modifier(Modifier::BOLD));
    assert_eq!(changes(&frame(&["xxx"]), &bold), "\x1b[H\x1b[1ma c\x1b[m");
    assert_eq!(changes(&frame(&["   "]), &frame(&["   "])), "");
}

#[test]
fn a_look_follows_from_the_last_or_from_none() {
    let looks = |a: Style, b: Style| {
        let mut after = frame(&["  "]);
        after.set_string(0, 0, "a", a);
        after.set_string(1, 0, "b", b);
        changes(&frame(&["  "]), &after)
    };
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let cyan = Style::new().fg(Color::Cyan);
    let dim = Style::new().add_modifier(Modifier::DIM);
    assert_eq!(looks(bold, bold.fg(Color::LightRed)), "\x1b[H\x1b[1ma\x1b[91mb\x1b[m");
    assert_eq!(looks(cyan.patch(bold), dim), "\x1b[H\x1b[1;36ma\x1b[0;2mb\x1b[m");
    assert_eq!(looks(bold, Style::new()), "\x1b[H\x1b[1ma\x1b[mb");
    assert_eq!(looks(Style::new().bg(Color::Rgb(1, 2, 3)), bold), "\x1b[H\x1b[48;2;1;2;3ma\x1b[0;1mb\x1b[m");
}

const WIDTH: u16 = 16;
const HEIGHT: u16 = 4;

/// Texts with their places and styles, one over the other.
fn any_frame() -> impl Strategy<Value = Buffer> {
    let color = prop_oneof![
        3 => Just(Color::Reset),
        1 => Just(Color::Cyan),
        1 => Just(Color::LightRed),
        1 => Just(Color::Indexed(200)),
        1 => Just(Color::Rgb(1, 2, 3)),
    ];
    let attributes = prop_oneof![
        4 => Just(Modifier::empty()),
        1 => Just(Modifier::BOLD),
        1 => Just(Modifier::DIM),
        1 => Just(Modifier::ITALIC | Modifier::UNDERLINED),
        1 => Just(Modifier::REVERSED),
    ];
    let texts = "[ab ]{1,14}| {1,16}|[温a ]{1,6}|[▌·✔ ]{1,5}|(e\u{301}|👍|a){1,3}";
    let piece = (0..WIDTH, 0..HEIGHT, texts, color.clone(), color, attributes);
    prop::collection::vec(piece, 0..7).prop_map(|pieces| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
        for (x, y, text, fg, bg, attributes) in pieces {
            let style = Style::new().fg(fg).bg(bg).add_modifier(attributes);
            buffer.set_stringn(x, y, text, usize::from(WIDTH - x), style);
        }
        // The model knows no cell that is both.
        for cell in buffer.content.iter_mut().filter(|cell| cell.modifier.contains(Modifier::BOLD)) {
            cell.modifier -= Modifier::DIM;
        }
        buffer
    })
}

fn code(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        Color::Cyan => vt100::Color::Idx(6),
        Color::LightRed => vt100::Color::Idx(9),
        other => panic!("{other:?}"),
    }
}

fn seen(cell: &vt100::Cell) -> (String, Vec<String>) {
    let symbol = if cell.has_contents() { cell.contents() } else { " " };
    let mut style = vec![format!("on {:?}", cell.bgcolor())];
    let lines = [cell.inverse(), cell.underline()];
    style.push(format!("{lines:?}"));
    if symbol != " " || lines != [false, false] {
        style.push(format!("{:?} {} {} {}", cell.fgcolor(), cell.bold(), cell.dim(), cell.italic()));
    }
    (symbol.to_owned(), style)
}

fn wanted(cell: &Cell) -> (String, Vec<String>) {
    let has = |one| cell.modifier.contains(one);
    let mut style = vec![format!("on {:?}", code(cell.bg))];
    let lines = [has(Modifier::REVERSED), has(Modifier::UNDERLINED)];
    style.push(format!("{lines:?}"));
    if cell.symbol() != " " || lines != [false, false] {
        let rest = (has(Modifier::BOLD), has(Modifier::DIM), has(Modifier::ITALIC));
        style.push(format!("{:?} {} {} {}", code(cell.fg), rest.0, rest.1, rest.2));
    }
    (cell.symbol().to_owned(), style)
}

/// The first cell that the terminal shows otherwise; those that terminals count differently may be.
fn wrong(terminal: &vt100::Parser, frame: &Buffer) -> Option<String> {
    for (y, row) in (0..).zip(frame.content.chunks(usize::from(frame.area.width))) {
        for (x, cell) in (0..).zip(glyphs(row)) {
            let certain = cell.filter(|cell| {
                let (fewest, most) = disputed(cell);
                fewest == columns(cell) && (most == fewest || is_ambiguous(cell))
            });
            let Some(cell) = certain else { continue };
            let there = seen(terminal.screen().cell(y, x).unwrap());
            if there != wanted(cell) {
                return Some(format!("column {x} row {y}: {there:?} for {:?}", wanted(cell)));
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_terminal_shows_the_frame(frames in prop::collection::vec(any_frame(), 1..4)) {
        let mut terminal = vt100::Parser::new(HEIGHT.try_into().unwrap(), WIDTH.try_into().unwrap(), 0);
        let mut shown = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
        for frame in frames {
            let bytes = changes(&shown, &frame);
            terminal.process(bytes.as_bytes());
            prop_assert_eq!(wrong(&terminal, &frame), None, "{:?}", bytes);
            shown = frame;
        }
    }
}
