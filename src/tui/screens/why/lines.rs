//! The error view as lines: made when a failure comes or the window changes, so that drawing costs what is on screen.

use ratatui::layout::Size;

use super::blocks::{self, Block, BlockLine, BlockShape, Looks};
use crate::{
    model::format::count_of,
    services::why::{report, types::Why},
    style::Role,
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        tab::TabId,
        widgets::{
            pane::wrap_rows,
            text::{Span, spans_width, width},
        },
    },
};

/// A line; a rule has a title.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct WhyLine {
    pub rule: bool,
    pub spans: BlockLine,
    /// Where it comes from, at the right.
    pub origin: String,
}

/// The lines: one column or two.
#[derive(Debug, Default)]
pub(super) struct WhyLines {
    pub left: Vec<WhyLine>,
    pub right: Vec<WhyLine>,
    /// Columns of the left one; 0 where there is one.
    pub split: u16,
    /// Some of a long text is not among them.
    pub folded: bool,
}

impl WhyLines {
    pub fn len(&self) -> usize {
        self.left.len().max(self.right.len())
    }
}

/// Windows from this width on have two columns.
const TWO: u16 = 130;
/// Narrower columns have a part's word above it.
const NARROW: usize = 60;
/// Rows of a body from which on the head ends with an empty line of its own.
const ROOMY: usize = 27;
/// Columns of a part's word.
const LABEL: usize = 12;
/// More rows of one part are nobody's reading, and cost a frame.
const MOST: usize = 20_000;
/// Rows of a part at most where its beginning is shown.
const BEGINNING: usize = 400;

/// Rows of the head.
const HEAD: u16 = 2;
/// Windows from this height on have an empty line below the head.
const ROOMY_WINDOW: u16 = HEAD + ROOMY as u16 + 1;

pub(super) fn head_height(size: Size) -> u16 {
    HEAD + u16::from(size.height >= ROOMY_WINDOW)
}

/// What is left below the head.
pub(super) fn body_size(size: Size) -> Size {
    Size { height: size.height.saturating_sub(head_height(size)), ..size }
}

/// The lines of a record's failure with this number, or what the record has instead.
pub(super) fn of(why: &Why, at: usize, looks: Looks, size: Size) -> WhyLines {
    let Some(failure) = why.failures.get(at) else { return nothing(why, size) };
    let unfolded = looks.unfolded;
    let blocks = blocks::of(why, (at, failure), looks);
    // The second column is for traceback and log.
    let has_right = blocks.iter().any(|block| block.shape == BlockShape::Ruled);
    let split = if size.width >= TWO && has_right { size.width * 9 / 20 } else { 0 };
    let room = Room { columns: usize::from(size.width), rows: usize::from(size.height), unfolded };
    let folded = failure.traceback.is_some() && !unfolded;
    let mut all = WhyLines { split, folded, ..WhyLines::default() };
    if split > 0 {
        let (right, left) = blocks.into_iter().partition(|block: &Block| block.shape == BlockShape::Ruled);
        let columns = usize::from(split);
        all.left = all.column(left, Room { columns, ..room });
        all.right = all.column(right, Room { columns: room.columns.saturating_sub(columns + 2), ..room });
    } else {
        all.left = all.column(blocks, room);
    }
    let end = if all.right.is_empty() { &mut all.left } else { &mut all.right };
    end.extend(notes(why, looks, failure.log.as_ref().is_some_and(blocks::log_goes_on)));
    all
}

/// The room for a column.
#[derive(Debug, Clone, Copy)]
struct Room {
    columns: usize,
    rows: usize,
    unfolded: bool,
}

impl WhyLines {
    /// The parts below each other: with empty lines between where all has room, else as much as each needs at least.
    fn column(&mut self, blocks: Vec<Block>, room: Room) -> Vec<WhyLine> {
        let most = if room.unfolded { MOST } else { BEGINNING };
        let mut made: Vec<(usize, BlockShape, Made)> = blocks
            .into_iter()
            .map(|block| (block.least, block.shape, rows(&block, room.columns, most)))
            .collect();
        let mut total: usize = made.iter().map(|(_, _, made)| made.rows.len()).sum();
        let gaps = made.len().saturating_sub(1);
        let has_gaps = room.unfolded || total + gaps <= room.rows;
        if total > room.rows && !room.unfolded {
            // The longest part gives way first, so that a short one is not cut for nothing.
            made.sort_by_key(|(least, ..)| *least == usize::MAX);
            for (least, shape, made) in &mut made {
                let least = least.saturating_add(usize::from(*shape == BlockShape::Ruled));
                total -= made.fold(least);
            }
        }
        let mut lines = Vec::new();
        for (n, (_, _, made)) in made.into_iter().enumerate() {
            // A small window has no empty line below its head.
            let leads = room.rows < ROOMY && room.rows > total + gaps;
            if has_gaps && (n > 0 || leads) {
                lines.push(WhyLine::default());
            }
            self.folded |= made.more;
            lines.extend(made.rows);
        }
        lines
    }
}

/// The rows of a part.
struct Made {
    rows: Vec<WhyLine>,
    /// There are more.
    more: bool,
}

impl Made {
    /// Shortens it to so many rows, the last of which says that there are more; gives how many rows went.
    fn fold(&mut self, least: usize) -> usize {
        let before = self.rows.len();
        if before <= least {
            return 0;
        }
        self.rows.truncate(least);
        self.more = true;
        if let Some(last) = self.rows.last_mut()
            && least > 1
        {
            let hidden = count_of((before - least + 1) as u64, "more line", "more lines");
            last.spans = vec![Span::dim(format!(
                "{}{hidden}: {} shows all",
                indent(last),
                key_of(Context::Why, Action::Unfold)
            ))];
        }
        before - self.rows.len()
    }
}

/// The blanks in front of a row's words.
fn indent(line: &WhyLine) -> String {
    let text = line.spans.first().map(|span| span.text.as_ref()).unwrap_or_default();
    let blank = text.len() - text.trim_start().len();
    " ".repeat(blank.clamp(1, LABEL))
}

fn rows(block: &Block, columns: usize, most: usize) -> Made {
    let narrow = columns < NARROW;
    let indent = match block.shape {
        BlockShape::Labelled if !narrow => LABEL,
        _ => 1,
    };
    let beside = if block.origin.is_empty() || narrow || block.shape == BlockShape::Ruled {
        0
    } else {
        width(&block.origin) + 2
    };
    let room = columns.saturating_sub(indent + beside + 1).max(8);
    let word = if narrow { width(&block.title) + 2 } else { 0 };
    let beside = room.saturating_sub(word);
    let mut lines = if block.flows { flowing(&block.lines, beside) } else { block.lines.clone() };
    if narrow
        && block.shape == BlockShape::Labelled
        && let Some(first) = lines.first_mut()
    {
        first.insert(0, Span::dim(format!("{}  ", block.title)));
    }
    let mut all = lines.iter().flat_map(|line| wrapped(line, room));
    let mut rows: Vec<WhyLine> = Vec::new();
    if block.shape == BlockShape::Ruled {
        let spans = vec![Span::dim(block.title.clone())];
        rows.push(WhyLine { rule: true, spans, origin: block.origin.clone() });
    }
    for (n, mut spans) in all.by_ref().take(most).enumerate() {
        let is_first = n == 0 && rows.is_empty();
        let label = if is_first && indent == LABEL { block.title.as_str() } else { "" };
        let label = format!(" {label:<width$}", width = indent - 1);
        spans.insert(0, Span::dim(label));
        let origin = if is_first { block.origin.clone() } else { String::new() };
        rows.push(WhyLine { spans, origin, rule: false });
    }
    if narrow && block.shape == BlockShape::Reason {
        if let Some(first) = rows.first_mut() {
            first.origin.clear();
        }
        if !block.origin.is_empty() {
            rows.push(WhyLine {
                spans: vec![Span::dim(format!(" ({})", block.origin))],
                ..WhyLine::default()
            });
        }
    }
    Made { rows, more: all.next().is_some() }
}

/// Short lines beside each other, as far as they have room.
fn flowing(lines: &[BlockLine], room: usize) -> Vec<BlockLine> {
    const GAP: &str = "   ";
    let mut out: Vec<BlockLine> = Vec::new();
    let mut used = 0;
    for line in lines {
        let wide = spans_width(line);
        match out.last_mut() {
            Some(last) if used + GAP.len() + wide <= room => {
                last.push(Span::plain(GAP));
                last.extend(line.iter().cloned());
                used += GAP.len() + wide;
            }
            _ => {
                out.push(line.clone());
                used = wide;
            }
        }
    }
    out
}

/// The rows that a line takes; of one with a time in front the others stand behind it.
fn wrapped(line: &BlockLine, room: usize) -> impl Iterator<Item = BlockLine> {
    let (before, last) = match line.as_slice() {
        [before @ .., last] => (before.to_vec(), last.clone()),
        [] => (Vec::new(), Span::default()),
    };
    // Code is indented, and the time of a log line stands in front.
    let blank = if before.is_empty() { last.text.len() - last.text.trim_start_matches(' ').len() } else { 0 };
    let wide = spans_width(&before);
    let hang = if blank > 0 { blank + 2 } else { wide };
    let hang = if hang * 2 < room { hang } else { 0 };
    let (first, rest) = (room - wide.min(hang), room - hang);
    let ranges: Box<dyn Iterator<Item = _>> = if before.len() > 1 {
        Box::new(std::iter::empty())
    } else {
        Box::new(owned_rows(&last, first, rest))
    };
    let whole = (before.len() > 1).then(|| line.clone());
    whole.into_iter().chain(ranges.enumerate().map(move |(n, text)| {
        let mut spans = if n == 0 { before.clone() } else { vec![Span::plain(" ".repeat(hang))] };
        spans.push(Span::new(text, last.kind));
        spans
    }))
}

/// The rows of one span: so many columns of the first, and of the others.
fn owned_rows(span: &Span<'static>, first: usize, rest: usize) -> impl Iterator<Item = String> + use<> {
    let text = span.text.clone().into_owned();
    let mut at = Some(0);
    std::iter::from_fn(move || {
        let room = if at? == 0 { first } else { rest };
        let left = text.get(at?..)?;
        let row = wrap_rows(left, room.max(4)).next()?;
        let out = left.get(row.clone())?.to_owned();
        at = (row.end < left.len()).then(|| at.unwrap_or_default() + row.end);
        Some(out)
    })
}

/// What is not shown, and how to get it.
fn notes(why: &Why, looks: Looks, log_goes_on: bool) -> Vec<WhyLine> {
    let mut notes = Vec::new();
    if log_goes_on {
        notes.push(format!(
            " more lines of the log: {} shows it",
            key_of(Context::Why, Action::Show(TabId::Log))
        ));
    }
    if why.log_in_part {
        notes.push(
            " of the log only what stands around failed steps and at its end was read: + reads all"
                .to_owned(),
        );
    }
    if why.more > 0 && !looks.is_whole {
        let more = count_of(why.more as u64, "more failure", "more failures");
        notes.push(format!(" {more} of this record: + reads them"));
    }
    notes.into_iter().map(|note| WhyLine { spans: vec![Span::dim(note)], ..WhyLine::default() }).collect()
}

fn nothing(why: &Why, size: Size) -> WhyLines {
    let mut lines: Vec<WhyLine> = Vec::new();
    let room = usize::from(size.width).saturating_sub(2).max(8);
    for text in report::nothing(why).lines() {
        for mut spans in wrapped(&vec![Span::plain(text.to_owned())], room) {
            spans.insert(0, Span::plain(" "));
            lines.push(WhyLine { spans, ..WhyLine::default() });
        }
    }
    lines.push(WhyLine::default());
    let ways = [
        (Action::NextError, " the next record that failed"),
        (Action::PreviousError, " the one before"),
        (Action::Show(TabId::Overview), " its overview"),
    ];
    for (action, text) in ways {
        let key = Span::new(key_of(Context::Why, action), Role::Key);
        let spans = vec![Span::plain(" "), key, Span::dim(text)];
        lines.push(WhyLine { spans, ..WhyLine::default() });
    }
    WhyLines { left: lines, ..WhyLines::default() }
}
