//! `map`: what became of each step in each iteration, as text that fits the terminal, or as JSON.

use std::io::{self, Write};

use super::{
    args::Common,
    look::Look,
    out::{print, stdout, stdout_error},
};
use crate::{
    error::Result,
    formats::json::{JsonWriter, Layout},
    model::{
        format::{count, count_of},
        map_cell::MapCell,
        sanitize::{ascii, cut_with, sanitize, width},
    },
    services::{
        lab::Lab,
        map::{
            self,
            axis::{columns, fitting, numbers},
            types::{EdgeCell, MapRow, RecordMap},
        },
        run_row, slow_steps,
    },
    signals,
    style::{Role, cell_role},
};

pub fn run(lab: &Lab, common: &Common, id: i64, json: bool) -> Result<()> {
    let mut cx = signals::cx();
    let map = map::whole(lab, id, &mut cx)?.value;
    if json {
        let mut json = JsonWriter::new(stdout()?, Layout::Line);
        let written = write(&mut json, &map);
        return written.and_then(|()| json.finish()).map_err(stdout_error)?.finish().map(|_| ());
    }
    let look = Look::of(common);
    let mut text = head(lab, id, &map, look)?;
    if map.is_empty() {
        text.push_str("no step of it is in the file, or none in an iteration with a number\n");
        return print(&text);
    }
    text.push_str(&grid(&map, look));
    text.push_str(&legend(&map, look));
    let slow = slow_steps::of_record(lab, id, &mut cx)?.value;
    if let Some(words) = slow.words(look.theme.dot()) {
        text.push_str(&format!("{words}\n"));
    }
    print(&text)
}

/// `#21 error_then_retry`, then how it ended and how large it is.
fn head(lab: &Lab, id: i64, map: &RecordMap, look: Look) -> Result<String> {
    let run = lab.run(id, &signals::cx())?;
    let row = run_row::record(lab, id, &signals::cx())?;
    let outcome = row.map(|row| format!("{}, ", row.outcome.label())).unwrap_or_default();
    let title = format!("#{id} {}", sanitize(run.shown_name()));
    Ok(format!(
        "{}\n{outcome}{} of {}\n\n",
        look.paint(&title, Role::Heading),
        count_of(map.iterations.len() as u64, "iteration", "iterations"),
        count_of(map.rows.len() as u64, "step", "steps")
    ))
}

/// Columns of a terminal that does not say, and in a pipe.
const USUAL: usize = 80;
/// No wider is the name of a step, where it leaves less than two thirds to the map.
const NAME: usize = 28;
/// Between the names and prep, and on both sides of the iterations.
const GAPS: usize = 6;

fn name(row: &MapRow, look: Look) -> String {
    let index = row.step_index.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let name = format!("{index:>3} {}", sanitize(&row.method));
    if look.theme.ascii { ascii(&name).into_owned() } else { name }
}

/// Rows of cells with the step's name in front, prep at the left and cleanup at the right.
fn grid(map: &RecordMap, look: Look) -> String {
    let room = look.room.unwrap_or(USUAL);
    let names: Vec<String> = map.rows.iter().map(|row| name(row, look)).collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0).min(NAME).min(room / 3);
    let each = fitting(map.iterations.len(), room.saturating_sub(widest + GAPS));
    let shown = columns(0, each, map.iterations.len(), usize::MAX);
    let sign = |cell: MapCell| look.paint(cell.glyph(look.theme.ascii), cell_role(cell)).into_owned();
    let edge =
        |edges: &[EdgeCell], n: usize| edges.get(n).map_or_else(|| " ".to_owned(), |one| sign(one.cell));
    let above = format!("{:widest$}    {}", "", numbers(&map.iterations, &shown));
    let mut text = format!("{}\n", look.paint(above.trim_end(), Role::Dim));
    if map.failed_alone(&(0..map.iterations.len())) {
        let failed = look.paint(MapCell::Failed.glyph(look.theme.ascii), Role::Failed);
        let mark = |range| if map.failed_alone(range) { &*failed } else { " " };
        let marks: String = shown.iter().map(mark).collect();
        text.push_str(&format!("{:widest$}    {}\n", "", marks.trim_end()));
    }
    for n in 0..map.rows.len().max(map.prep.len()).max(map.cleanup.len()) {
        let name = names.get(n).map(|name| cut_with(name, widest, look.theme.ellipsis())).unwrap_or_default();
        let pad = " ".repeat(widest.saturating_sub(width(&name)));
        let cell = |range| map.first_of(n, range).map_or_else(|| " ".to_owned(), |(cell, _)| sign(cell));
        let cells: String = shown.iter().map(cell).collect();
        let line = format!("{name}{pad}  {} {cells} {}", edge(&map.prep, n), edge(&map.cleanup, n));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if each > 1 {
        let words = format!("a column is {each} iterations: the worst of them is shown");
        text.push_str(&format!("{}\n", look.paint(&words, Role::Dim)));
    }
    if !map.prep.is_empty() || !map.cleanup.is_empty() {
        text.push_str(&format!("{}\n", look.paint("at the left prep, at the right cleanup", Role::Dim)));
    }
    text
}

/// The signs that occur, and how many cells have each.
fn legend(map: &RecordMap, look: Look) -> String {
    let said = |cell: MapCell| {
        let sign = look.paint(cell.glyph(look.theme.ascii), cell_role(cell)).into_owned();
        (map.count(cell) > 0).then(|| format!("{sign} {} {}", count(map.count(cell)), cell.word()))
    };
    let shown = [MapCell::Failed, MapCell::Running, MapCell::Retried, MapCell::Slow, MapCell::Ok];
    let said: Vec<String> = shown.into_iter().filter_map(said).collect();
    let unreached = look.paint(MapCell::Unreached.glyph(look.theme.ascii), Role::Dim).into_owned();
    format!("\n{}   {unreached} not reached   blank: not in this iteration\n", said.join("   "))
}

/// Not reduced.
fn write<W: Write>(json: &mut JsonWriter<W>, map: &RecordMap) -> io::Result<()> {
    json.begin_dict()?;
    json.entry("iterations", |json| json.list(&map.iterations, |json, n| json.integer(*n)))?;
    json.entry("steps", |json| {
        json.list(&map.rows, |json, row| {
            json.begin_dict()?;
            step(json, row.step_index, &row.method)?;
            json.end_dict()
        })
    })?;
    json.entry("cells", |json| {
        json.list(0..map.rows.len(), |json, row| {
            json.list(0..map.iterations.len(), |json, at| json.string(map.cell(row, at).word()))
        })
    })?;
    json.entry("prep", |json| json.list(&map.prep, edge))?;
    json.entry("cleanup", |json| json.list(&map.cleanup, edge))?;
    json.end_dict()
}

fn step<W: Write>(json: &mut JsonWriter<W>, step_index: Option<i64>, method: &str) -> io::Result<()> {
    json.entry("step_index", |json| json.or_null(step_index, JsonWriter::integer))?;
    json.entry("method", |json| json.string(method))
}

fn edge<W: Write>(json: &mut JsonWriter<W>, edge: &EdgeCell) -> io::Result<()> {
    json.begin_dict()?;
    step(json, edge.step_index, &edge.method)?;
    json.entry("cell", |json| json.string(edge.cell.word()))?;
    json.end_dict()
}
