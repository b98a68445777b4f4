//! The parts of what is told of a failure, with what of each is shown where there is little room.

use crate::{
    model::sanitize::{sanitize, sanitize_lines},
    services::run_state::RunState,
    services::why::{
        report::{self, ReportPart},
        types::{Failure, LogPlace, Origin, Why},
    },
    style::Role,
    tui::widgets::text::Span,
};

/// How it is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Looks {
    /// All of the traceback and of long texts.
    pub unfolded: bool,
    /// Which other records have the same is on its way.
    pub others_come: bool,
    /// No failure is missing.
    pub is_whole: bool,
}

/// A line of a part: spans that are cut or wrapped together.
pub(super) type BlockLine = Vec<Span<'static>>;

/// How a part stands on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockShape {
    /// Without a word in front.
    Reason,
    /// Behind a word.
    Labelled,
    /// Below a rule.
    Ruled,
}

/// A part.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub title: String,
    /// Where it comes from.
    pub origin: String,
    pub shape: BlockShape,
    pub lines: Vec<BlockLine>,
    /// Short ones stand beside each other.
    pub flows: bool,
    /// So many rows of it where not all has room.
    pub least: usize,
}

/// What is told of the record's failure with this number, in the order of the screen.
pub(super) fn of(why: &Why, (at, failure): (usize, &Failure), looks: Looks) -> Vec<Block> {
    let parts = report::parts(failure, looks.unfolded);
    let mut blocks: Vec<Block> = parts.into_iter().filter_map(|part| block(part, failure, looks)).collect();
    let plain = |text: String| vec![Span::plain(text)];
    if failure.same.is_none() && failure.signature.is_some() && looks.others_come {
        blocks.push(labelled("also", String::new(), vec![vec![Span::dim("...")]], 1));
    }
    if let (Some(state), Some(evidence)) = (why.row.state(), why.row.evidence()) {
        let text = match state {
            RunState::Waits => sanitize(evidence).into_owned(),
            _ => format!("{}: {}", state.word(), sanitize(evidence)),
        };
        blocks.push(labelled("record", String::new(), vec![plain(text)], 2));
    }
    let calls = if at == 0 { report::calls_before(why) } else { Vec::new() };
    if !calls.is_empty() {
        blocks.push(labelled("by hand", String::new(), calls.into_iter().map(plain).collect(), 2));
    }
    // What differs and who else has it are a few lines: they stand above the traceback.
    blocks.sort_by_key(|block| match block.title.as_str() {
        "" => 0,
        "exception" => 1,
        "inputs" => 2,
        "last good" => 3,
        "also" | "slow" => 4,
        "record" => 5,
        "by hand" => 6,
        "traceback" => 7,
        _ => 8,
    });
    blocks
}

fn labelled(title: &str, origin: String, lines: Vec<BlockLine>, least: usize) -> Block {
    Block { title: title.to_owned(), origin, shape: BlockShape::Labelled, lines, flows: false, least }
}

fn block(part: ReportPart, failure: &Failure, looks: Looks) -> Option<Block> {
    let from = part.origin.map(Origin::words).unwrap_or_default().to_owned();
    let all = |kind: Role| part.lines.iter().map(|line| vec![Span::new(line.clone(), kind)]).collect();
    Some(match part.title {
        "reason" => Block { shape: BlockShape::Reason, ..labelled("", from, all(Role::Failed), 5) },
        "inputs" => Block { flows: true, ..labelled("inputs", from, all(Role::Normal), 3) },
        "exception" => labelled("exception", from, all(Role::Normal), 1),
        "traceback" => {
            let lines = if looks.unfolded { part.lines } else { without_message(part.lines) };
            let lines = lines.into_iter().map(|line| vec![Span::plain(line)]).collect();
            Block { shape: BlockShape::Ruled, ..labelled("traceback", from, lines, 5) }
        }
        "log" => {
            let place = failure.log.as_ref()?;
            let numbers = place.lines.map(line_numbers).unwrap_or_default();
            let lines = log_lines(&part.lines, failure);
            let file = sanitize(&place.file).into_owned();
            Block { shape: BlockShape::Ruled, ..labelled(&format!("log{numbers}"), file, lines, usize::MAX) }
        }
        "same elsewhere" => labelled("also", from, all(Role::Normal), 1),
        "slow before" => labelled("slow", from, all(Role::Normal), 3),
        title => labelled(title, from, all(Role::Normal), 3),
    })
}

/// The frames alone: what stands behind them is the reason, which is told already.
fn without_message(mut lines: Vec<String>) -> Vec<String> {
    if let Some(last) = lines.iter().rposition(|line| line.starts_with(' ')) {
        lines.truncate(last + 1);
    }
    lines
}

/// The lines of the log; the day is not said again.
fn log_lines(lines: &[String], failure: &Failure) -> Vec<BlockLine> {
    let day = failure.start.at().map(|at| at.strftime("%Y-%m-%d ").to_string());
    let told = |line: &String| {
        let line = sanitize_lines(line);
        let Some((time, text)) = head(&line) else { return vec![Span::dim(line.into_owned())] };
        let time = day.as_deref().and_then(|day| time.strip_prefix(day)).unwrap_or(time);
        let is_error = text.starts_with("Error ") || text.starts_with("Input type error");
        let kind = if is_error { Role::Failed } else { Role::Normal };
        vec![Span::dim(format!("{time}  ")), Span::new(text.to_owned(), kind)]
    };
    lines.iter().map(told).collect()
}

/// The time of an entry and what it says.
fn head(line: &str) -> Option<(&str, &str)> {
    let (time, text) = line.split_once(" - ")?;
    (time.len() == 19 && time.bytes().filter(u8::is_ascii_digit).count() == 14).then_some((time, text))
}

/// `, line 4 to 20`.
pub(super) fn line_numbers((from, to): (u64, u64)) -> String {
    if from == to { format!(", line {from}") } else { format!(", line {from} to {to}") }
}

/// Does more of the log belong to a failure than is shown?
pub(super) fn log_goes_on(place: &LogPlace) -> bool {
    place.lines.is_some_and(|(from, to)| to - from + 1 > place.text.len() as u64)
}
