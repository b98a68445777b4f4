//! The same frames through avt, the terminal of asciinema's players: a second opinion about what the bytes mean.

use super::{
    scrolled::{CERTAIN, any_windows},
    *,
};

/// A terminal of a size.
fn terminal((width, height): (u16, u16)) -> avt::Terminal {
    avt::Terminal::new(width.into(), height.into()).unwrap()
}

/// This terminal gives each character a cell of its own, also one that others put on the letter in front of it.
fn without_clusters(mut frame: Buffer) -> Buffer {
    for cell in frame.content.iter_mut().filter(|cell| cell.symbol().chars().nth(1).is_some()) {
        cell.set_symbol("x");
    }
    frame
}

fn code(color: Color) -> Option<avt::Color> {
    match color {
        Color::Reset => None,
        Color::Indexed(n) => Some(avt::Color::Indexed(n)),
        Color::Rgb(r, g, b) => Some(avt::Color::rgb(r, g, b)),
        Color::Cyan => Some(avt::Color::Indexed(6)),
        Color::LightRed => Some(avt::Color::Indexed(9)),
        other => panic!("{other:?}"),
    }
}

/// What of a cell can be seen: its character, what is behind it, lines and reversal, and how the character looks.
type Seen = (char, Option<avt::Color>, [bool; 2], Option<(Option<avt::Color>, [bool; 3])>);

fn seen(cell: &avt::Cell) -> Seen {
    let pen = cell.pen();
    let lines = [pen.is_inverse(), pen.is_underline()];
    let look = (pen.foreground(), [pen.is_bold(), pen.is_faint(), pen.is_italic()]);
    (cell.char(), pen.background(), lines, (cell.char() != ' ' || lines != [false, false]).then_some(look))
}

fn wanted(cell: &Cell) -> Seen {
    let has = |one| cell.modifier.contains(one);
    let lines = [has(Modifier::REVERSED), has(Modifier::UNDERLINED)];
    let look = (code(cell.fg), [has(Modifier::BOLD), has(Modifier::DIM), has(Modifier::ITALIC)]);
    let sign = cell.symbol().chars().next().unwrap();
    (sign, code(cell.bg), lines, (sign != ' ' || lines != [false, false]).then_some(look))
}

/// The first cell that the terminal shows otherwise.
fn wrong(terminal: &avt::Terminal, frame: &Buffer) -> Option<String> {
    for (y, row) in frame.content.chunks(usize::from(frame.area.width)).enumerate() {
        let line = terminal.screen().line(y).unwrap().cells();
        for (x, cell) in glyphs(row).into_iter().enumerate() {
            let Some(cell) = cell else { continue };
            let there = seen(&line[x]);
            if there != wanted(cell) {
                return Some(format!("column {x} row {y}: {there:?} for {:?}", wanted(cell)));
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_second_terminal_shows_the_frame(frames in prop::collection::vec(any_frame(), 1..4)) {
        let mut terminal = terminal((WIDTH, HEIGHT));
        let mut shown = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
        for frame in frames.into_iter().map(without_clusters) {
            let bytes = changes(&shown, &frame);
            terminal.feed(bytes.as_str());
            prop_assert_eq!(wrong(&terminal, &frame), None, "{:?}", bytes);
            shown = frame;
        }
    }

    /// At a new size it keeps what it can of the old one, too.
    #[test]
    fn the_second_terminal_shows_moved_lines(frames in any_windows(CERTAIN)) {
        let mut terminal = terminal((1, 1));
        let mut shown: Option<Buffer> = None;
        for frame in frames.into_iter().map(without_clusters) {
            let bytes = match shown.take().filter(|shown| shown.area == frame.area) {
                Some(before) => changes(&before, &frame),
                None => {
                    terminal.resize(frame.area.width.into(), frame.area.height.into());
                    whole(&frame)
                }
            };
            terminal.feed(bytes.as_str());
            prop_assert_eq!(wrong(&terminal, &frame), None, "{:?}", bytes);
            shown = Some(frame);
        }
    }
}
