//! What changed between two frames, in few bytes: moves, styles and blanks are said in the shortest way that is safe.

use std::{fmt::Write as _, ops::Range};

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

mod scroll;

/// What is shorter is not worth looking for lines that moved.
const FEW_BYTES: usize = 64;

/// The bytes that turn a terminal that shows `before` into one that shows `after`, of the same size. They find the
/// terminal without colours, attributes and margins, and leave it so.
pub fn changes(before: &Buffer, after: &Buffer) -> String {
    let written = rewritten(before, after);
    if written.len() <= FEW_BYTES {
        return written;
    }
    let Some(scroll) = scroll::find(before, after) else { return written };
    let mut moved = scroll.bytes(usize::from(after.area.height));
    moved.push_str(&rewritten(&scroll.applied(before), after));
    if moved.len() < written.len() { moved } else { written }
}

/// All of a frame, whatever the terminal shows and whichever margins, colours and attributes it has.
pub fn whole(frame: &Buffer) -> String {
    format!("\x1b[r\x1b[m\x1b[2J{}", rewritten(&Buffer::empty(frame.area), frame))
}

/// The same as [`changes`] without moving lines.
fn rewritten(before: &Buffer, after: &Buffer) -> String {
    let mut pen = Pen::default();
    let width = usize::from(after.area.width).max(1);
    let rows = before.content.chunks(width).zip(after.content.chunks(width));
    for (y, (old, new)) in (0..).zip(rows).filter(|(_, (old, new))| old != new) {
        pen.row(y, &glyphs(old), &glyphs(new));
    }
    if pen.look != Look::default() {
        pen.out.push_str("\x1b[m");
    }
    pen.out
}

/// A row by columns; `None` where a wide glyph covers the column.
fn glyphs(row: &[Cell]) -> Vec<Option<&Cell>> {
    let mut covered = 0;
    let glyph = |cell| {
        if covered > 0 {
            covered -= 1;
            return None;
        }
        covered = columns(cell) - 1;
        Some(cell)
    };
    row.iter().map(glyph).collect()
}

fn columns(cell: &Cell) -> usize {
    let symbol = cell.symbol();
    if symbol.len() == 1 { 1 } else { symbol.width().max(1) }
}

/// The fewest and the most columns in which terminals show this. They don't agree on the sign U+FE0F, which makes an
/// emoji of a letter, on emoji that are joined to one, and on letters that are wide among Chinese ones.
fn disputed(cell: &Cell) -> (usize, usize) {
    let (symbol, ours) = (cell.symbol(), columns(cell));
    if symbol.is_ascii() {
        return (ours, ours);
    }
    let flag = |c: char| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c);
    let alone = |c: char| if flag(c) { 2 } else { c.width_cjk().unwrap_or(0) };
    let first = symbol.chars().next().and_then(UnicodeWidthChar::width).unwrap_or(1).max(1);
    (ours.min(first), ours.max(symbol.chars().map(alone).sum()))
}

/// One column for us, and two where letters that are ambiguous are wide: such are all lines and bars.
fn is_ambiguous(cell: &Cell) -> bool {
    columns(cell) == 1 && disputed(cell).1 > 1 && cell.symbol().chars().nth(1).is_none()
}

/// What of a style is seen where nothing is written.
const ON_BLANKS: Modifier =
    Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT).union(Modifier::HIDDEN);

/// How the terminal writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    fg: Color,
    bg: Color,
    attributes: Modifier,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        Look { fg: cell.fg, bg: cell.bg, attributes: cell.modifier }
    }

    /// Nothing but the background is seen of it on a blank.
    fn is_quiet(self) -> bool {
        !self.attributes.intersects(ON_BLANKS)
    }

    /// Does it show this cell as it should be?
    fn shows(self, cell: &Cell) -> bool {
        let wanted = Look::of(cell);
        let blank = cell.symbol() == " " && self.is_quiet() && wanted.is_quiet();
        self == wanted || blank && self.bg == wanted.bg
    }
}

/// Do both cells look the same on the terminal?
fn alike(old: &Cell, new: &Cell) -> bool {
    old.symbol() == new.symbol() && Look::of(old).shows(new)
}

/// A cell that erasing makes.
fn erased(cell: &Cell) -> bool {
    cell.symbol() == " " && Look::default().shows(cell)
}

/// What may have been covered in these columns is drawn again; behind lines and bars, only what is none itself.
fn draw_again(changed: &mut [bool], new: &[Option<&Cell>], columns: Range<usize>, but_ambiguous: bool) {
    let cells = new.iter().zip(changed).take(columns.end).skip(columns.start);
    for (cell, changed) in cells.filter_map(|(cell, changed)| Some(((*cell)?, changed))) {
        *changed |= !but_ambiguous || !is_ambiguous(cell);
    }
}

/// The move that needs to know nothing.
fn place(x: usize, y: usize) -> String {
    match (x, y) {
        (0, 0) => "\x1b[H".to_owned(),
        (0, y) => format!("\x1b[{}H", y + 1),
        (x, y) => format!("\x1b[{};{}H", y + 1, x + 1),
    }
}

#[derive(Debug, Default)]
struct Pen {
    out: String,
    /// Column and row of the cursor. Terminals differ in the width of what is not ASCII: behind that, `sure` is false,
    /// and the next move says the column as a number.
    at: Option<(usize, usize)>,
    sure: bool,
    /// So many columns further the cursor is at most.
    ahead: usize,
    look: Look,
}

impl Pen {
    fn row(&mut self, y: usize, old: &[Option<&Cell>], new: &[Option<&Cell>]) {
        let mut changed: Vec<bool> = (old.iter().zip(new))
            .map(|pair| match pair {
                (_, None) => false,
                (Some(old), Some(new)) => !alike(old, new),
                (None, Some(_)) => true,
            })
            .collect();
        for (x, cell) in (0..).zip(old).filter_map(|(x, cell)| Some((x, (*cell)?))) {
            if changed.get(x) == Some(&true) {
                draw_again(&mut changed, new, x + columns(cell)..x + disputed(cell).1, false);
            }
        }
        let mut x = 0;
        while let Some(step) = changed.iter().skip(x).position(|changed| *changed) {
            x += step;
            let rest = || new.iter().skip(x).copied();
            let blanks = rest().take_while(|cell| cell.is_some_and(erased)).count();
            let erase =
                changed.iter().skip(x).take(blanks).rposition(|changed| *changed).map_or(0, |n| n + 1);
            self.go(x, y, new);
            if erase > 3 && x + blanks == new.len() {
                self.erase("\x1b[K");
                return;
            }
            // An erased run leaves the cursor at its beginning: a move is needed behind it.
            if erase > 9 {
                self.erase(&format!("\x1b[{erase}X"));
                x += erase;
            } else if let Some(cell) = rest().next().flatten() {
                let reached = self.write(cell, new.len());
                draw_again(&mut changed, new, x + columns(cell)..reached, is_ambiguous(cell));
                x += columns(cell);
            }
        }
    }

    fn erase(&mut self, sequence: &str) {
        if self.look.bg != Color::Reset || !self.look.is_quiet() {
            self.wear(Look::default());
        }
        self.out.push_str(sequence);
    }

    /// Writes a cell; gives the column behind the last one that it may have covered.
    fn write(&mut self, cell: &Cell, width: usize) -> usize {
        if !self.look.shows(cell) {
            self.wear(Look::of(cell));
        }
        let Some((x, y)) = self.at else { return 0 };
        let (fewest, most) = disputed(cell);
        if fewest < columns(cell) {
            // Where it is shown in fewer columns, what stood in the others stays else.
            let back = place(x, y);
            self.out.extend([" ".repeat(columns(cell)), back]);
        }
        let symbol = cell.symbol();
        self.out.push_str(symbol);
        let next = x + columns(cell);
        self.sure &= symbol.len() == 1;
        self.ahead += most - columns(cell);
        // Behind the last column terminals differ; so they do behind what is wide or made of several characters.
        let known = next < width && columns(cell) == 1 && symbol.chars().nth(1).is_none();
        self.at = known.then_some((next, y));
        next + self.ahead
    }

    /// Moves the cursor; over a short way by writing again what stands there.
    fn go(&mut self, x: usize, y: usize, row: &[Option<&Cell>]) {
        // Lines and bars go on without a move: it is of no use where each of them covers the next.
        let goes_on = self.ahead == 0 || row.get(x).copied().flatten().is_some_and(is_ambiguous);
        if self.at != Some((x, y)) || !goes_on {
            let mut best = place(x, y);
            let mut offer = |way: Option<String>| {
                if let Some(way) = way.filter(|way| way.len() < best.len()) {
                    best = way;
                }
            };
            match self.at {
                Some((from, at)) if at == y => {
                    offer(Some(if x == 0 { "\r".to_owned() } else { format!("\x1b[{}G", x + 1) }));
                    if self.sure && from < x {
                        offer(Some(format!("\x1b[{}C", x - from)));
                        let way = row.iter().copied().take(x).skip(from);
                        let again = |cell: &&Cell| cell.symbol().is_ascii() && self.look.shows(cell);
                        let text = way.map(|cell| Some(cell.filter(again)?.symbol())).collect();
                        offer(text);
                    }
                }
                Some((_, at)) if x == 0 && at < y => offer(Some(format!("\r{}", "\n".repeat(y - at)))),
                _ => {}
            }
            self.out.push_str(&best);
            self.at = Some((x, y));
            self.sure = true;
            self.ahead = 0;
        }
    }

    /// Takes on a look: from nothing or from the one it has, whatever is shorter.
    fn wear(&mut self, look: Look) {
        let fresh = step(Look::default(), look);
        let fresh = if fresh.is_empty() { fresh } else { format!("0;{fresh}") };
        let step = step(self.look, look);
        let shorter = if step.len() < fresh.len() { step } else { fresh };
        // Writing into a string does not fail.
        let _ = write!(self.out, "\x1b[{shorter}m");
        self.look = look;
    }
}

/// Attributes with the numbers that turn them on, in groups that one number turns off.
const ATTRIBUTES: [(&[(Modifier, u8)], u8); 7] = [
    (&[(Modifier::BOLD, 1), (Modifier::DIM, 2)], 22),
    (&[(Modifier::ITALIC, 3)], 23),
    (&[(Modifier::UNDERLINED, 4)], 24),
    (&[(Modifier::SLOW_BLINK, 5), (Modifier::RAPID_BLINK, 6)], 25),
    (&[(Modifier::REVERSED, 7)], 27),
    (&[(Modifier::HIDDEN, 8)], 28),
    (&[(Modifier::CROSSED_OUT, 9)], 29),
];

/// The numbers that lead from one look to another.
fn step(from: Look, to: Look) -> String {
    let mut codes = Vec::new();
    for (group, off) in ATTRIBUTES {
        let lost = group.iter().any(|(one, _)| (from.attributes - to.attributes).contains(*one));
        codes.extend(lost.then(|| off.to_string()));
        let kept = if lost { Modifier::empty() } else { from.attributes };
        let gained = group.iter().filter(|(one, _)| (to.attributes - kept).contains(*one));
        codes.extend(gained.map(|(_, on)| on.to_string()));
    }
    codes.extend((from.fg != to.fg).then(|| color(to.fg, 30)));
    codes.extend((from.bg != to.bg).then(|| color(to.bg, 40)));
    codes.join(";")
}

/// The number of a colour; `base` is 30 for text and 40 for what is behind it.
fn color(color: Color, base: u8) -> String {
    let named = |n: u8| (if n < 8 { base + n } else { base + 52 + n }).to_string();
    match color {
        Color::Reset => (base + 9).to_string(),
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
        Color::Indexed(n) => format!("{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

#[cfg(test)]
mod tests;
