//! For the tests of the widgets: a buffer as lines, and a guard around an area.

use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
};

/// The buffer's lines with their white space; the second half of a wide character is left out.
pub fn lines(buf: &Buffer) -> Vec<String> {
    let one = |y| {
        let (mut line, mut skip) = (String::new(), 0);
        for x in buf.area.left()..buf.area.right() {
            if skip == 0 {
                let symbol = buf.cell((x, y)).map_or("?", Cell::symbol);
                line.push_str(symbol);
                skip = unicode_width::UnicodeWidthStr::width(symbol).max(1);
            }
            skip -= 1;
        }
        line
    };
    (buf.area.top()..buf.area.bottom()).map(one).collect()
}

/// Draws into the middle of a larger buffer, and outside of a smaller one: nothing around the area may change.
pub fn stays_inside(width: u16, height: u16, draw: impl Fn(Rect, &mut Buffer)) {
    let area = Rect::new(3, 2, width, height);
    let mut buf = Buffer::filled(Rect::new(0, 0, width + 6, height + 4), Cell::new("#"));
    draw(area, &mut buf);
    for position in buf.area.positions().filter(|p| !area.contains(*p)) {
        assert_eq!(buf.cell(position).map(Cell::symbol), Some("#"), "{position} is outside of {area}");
    }
    draw(area, &mut Buffer::empty(Rect::new(0, 0, width / 2 + 2, height / 2 + 2)));
}
