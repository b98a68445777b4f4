//! Where the parts of the overview stand: the reason first, then as many phases as there is room for, so that events and
//! outputs are on screen too; in wide windows those stand beside.

use super::{
    lines::{self, Beside, OverviewLine, Room},
    phases::{self, MANY},
};
use crate::services::overview::Overview;

/// The lines: one column or two.
#[derive(Debug, Default)]
pub(super) struct OverviewLines {
    pub left: Vec<OverviewLine>,
    pub right: Vec<OverviewLine>,
    /// Columns of the left one; 0 where there is one.
    pub split: u16,
    /// Some of a long text, or of many events or phases, is not among them.
    pub folded: bool,
}

impl OverviewLines {
    pub fn len(&self) -> usize {
        self.left.len().max(self.right.len())
    }
}

/// Windows from this width on have two columns.
const TWO: u16 = 130;
/// Rows of phases, and of events, that are shown however small the window is.
const LEAST: usize = 4;

type Block = Vec<OverviewLine>;

pub(super) fn of(data: &Overview, beside: Beside<'_>, room: Room) -> OverviewLines {
    let numbers = lines::numbers(data);
    let rest: Vec<Block> = [numbers, lines::file_lines(&data.files), lines::odd(data)]
        .into_iter()
        .filter(|block| !block.is_empty())
        .collect();
    let has_right = !rest.is_empty() || !data.events.is_empty();
    let split = if room.columns >= TWO && has_right { room.columns * 2 / 5 } else { 0 };
    let right = Room { columns: room.columns - split - u16::from(split > 0), ..room };
    let left = if split > 0 { Room { columns: split, ..room } } else { room };
    let mut top = lines::evidence(data, left.columns);
    top.extend(lines::top(data, beside, left));
    let mut events = lines::event_lines(&data.events, right);
    let rows = usize::from(room.rows);
    let height = |block: &Block| if block.is_empty() { 0 } else { block.len() + 1 };
    let others = rest.iter().map(height).sum::<usize>();
    // The first line, and an empty one above the phases.
    let used = 2 + top.len() + if split > 0 { 0 } else { others + height(&events) };
    let most = if room.unfolded { MANY } else { rows.saturating_sub(used).clamp(LEAST, MANY) };
    let phases = phases::of(data, most);
    let mut all = OverviewLines { split, ..OverviewLines::default() };
    if !room.unfolded {
        let phase_rows = phases.rows.len() + usize::from(phases.hidden > 0);
        let used = others + if split > 0 { 0 } else { 2 + top.len() + phase_rows };
        all.folded = lines::shorten(&mut events, rows.saturating_sub(used + 1).max(LEAST));
        all.folded |= phases.hidden > 0 && (data.phases.len() <= MANY || data.events.len() > lines::EVENTS);
    }
    all.left = vec![lines::outcome(data, &phases)];
    all.left.extend(top);
    add(&mut all.left, lines::phase_lines(phases, data, room));
    let to = if split > 0 { &mut all.right } else { &mut all.left };
    add(to, events);
    for block in rest {
        add(to, block);
    }
    all.folded |= all.left.iter().chain(&all.right).any(lines::is_more_of_a_text);
    all
}

/// A part below those that are there.
fn add(lines: &mut Vec<OverviewLine>, block: Block) {
    if !lines.is_empty() && !block.is_empty() {
        lines.push(OverviewLine::Empty);
    }
    lines.extend(block);
}
