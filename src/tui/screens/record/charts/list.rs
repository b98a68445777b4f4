//! The list of outputs: a sparkline each, with its numbers in columns. Made when data or width change.

use crate::{
    formats::{
        number::{PointColumn, counted, figures},
        spark::{spark_values, sparkline},
    },
    model::downsample::Downsampled,
    style::{Role, Theme},
    tui::widgets::{
        table::{Column, Overflow, Placed, layout},
        text::{Span, width},
    },
};

/// What the list shows; its rows are those of the series.
#[derive(Debug, Default)]
pub(super) struct OutputList {
    pub columns: Vec<Column<'static>>,
    pub placed: Vec<Placed>,
    /// There is a column for the standard deviation.
    with_sd: bool,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    parameter: bool,
    spark: String,
    /// Name, (sparkline), last, min, max, mean, standard deviation, n.
    cells: [String; CELLS],
}

const CELLS: usize = 7;
/// Where the standard deviation stands.
const SD: usize = 5;
const SPARK: usize = 1;
/// Columns of a sparkline, where there is more room than anything else needs.
const LONGEST: u16 = 60;
/// A number has at least so many columns, if it needs them.
const NARROW: u16 = 7;
/// And this many where all have room for that.
const SHARED: u16 = 9;
/// Columns that a sparkline keeps before there is one for the standard deviation.
const WORTH_MORE: u16 = 16;

impl OutputList {
    /// While a `part` of the values is known, their numbers only tell how much room to keep.
    pub fn new(outputs: &[Downsampled], part: bool, columns: u16, ascii: bool) -> Self {
        let cells: Vec<[String; CELLS]> = outputs.iter().map(cells).collect();
        let widest = |i: usize, title: &str| {
            let texts = cells.iter().filter_map(|row| row.get(i)).map(|text| width(text));
            u16::try_from(texts.max().unwrap_or(0).max(title.len())).unwrap_or(u16::MAX)
        };
        let name = widest(0, "output");
        let is_mixed = outputs.iter().any(|one| one.series.is_parameter);
        // Whole or not at all: cut it would not say how many are missing.
        let n = widest(CELLS - 1, "n");
        let most = shared(outputs, columns, name.min(32) + n, is_mixed);
        let number = |i: usize, title: &'static str, priority: u8| {
            let wide = widest(i, title);
            Column::soft(title, wide.min(NARROW), wide.min(most))
                .numbers(PointColumn::default())
                .priority(priority)
        };
        let mut titled = vec![
            Column::soft("output", name.min(12), name.min(32)).priority(250),
            Column::soft("", 8, LONGEST).priority(1),
            number(1, "last", 240),
            number(2, "min", 220),
            number(3, "max", 220),
            number(4, "mean", 210),
            Column::soft("n", n, n).numbers(PointColumn::default()).priority(200),
        ];
        let numbers =
            |cells: &[usize]| -> u16 { cells.iter().map(|i| widest(*i, "last").min(most) + 2).sum() };
        let mut taken = name.min(32) + 3 + numbers(&[1, 2, 3, 4]) + n + 2;
        // It gives way first, also to the sparkline.
        let with_sd = columns >= taken + numbers(&[SD]) + WORTH_MORE;
        if with_sd {
            titled.insert(SD + 1, number(SD, "sd", 190));
            taken += numbers(&[SD]);
        }
        if is_mixed {
            titled.push(Column::new("", 9).priority(0));
        }
        // The sparkline is worth more than the numbers behind the last value.
        if let Some(spark) = titled.get_mut(SPARK) {
            spark.priority = 230;
            spark.want = columns.saturating_sub(taken).min(longest(outputs)).clamp(8, LONGEST);
        }
        let placed = layout(&titled, columns, Overflow::Drop);
        let wide = placed.iter().find(|p| p.column == SPARK).map_or(0, |p| usize::from(p.width));
        let theme = Theme { ascii, color: false };
        let rows = cells.into_iter().zip(outputs).map(|(mut cells, Downsampled { series, .. })| {
            let ys = spark_values(series);
            if part {
                cells.iter_mut().skip(1).for_each(|cell| theme.ellipsis().clone_into(cell));
            }
            Row { parameter: series.is_parameter, spark: sparkline(&ys, wide, ascii), cells }
        });
        let rows = rows.collect();
        OutputList { columns: titled, placed, with_sd, rows }
    }

    /// The cells of a row, one for each column.
    pub fn row(&self, index: usize) -> Option<Vec<Span<'_>>> {
        let row = self.rows.get(index)?;
        let kind = |usual| if row.parameter { Role::Dim } else { usual };
        let [name, numbers @ ..] = &row.cells;
        let mut spans = vec![Span::new(name.as_str(), kind(Role::Normal))];
        spans.push(Span::new(row.spark.as_str(), kind(Role::Series(0))));
        let shown = (1..).zip(numbers).filter(|(i, _)| *i != SD || self.with_sd);
        spans.extend(shown.map(|(_, number)| Span::new(number.as_str(), kind(Role::Normal))));
        spans.push(Span::dim(if row.parameter { "parameter" } else { "" }));
        Some(spans)
    }
}

/// Columns that each of the figures can have beside the sparklines, so that none takes the room of others.
fn shared(outputs: &[Downsampled], columns: u16, others: u16, is_mixed: bool) -> u16 {
    let points = longest(outputs).clamp(8, WORTH_MORE);
    let taken = others.saturating_add(points).saturating_add(if is_mixed { 18 } else { 7 });
    (columns.saturating_sub(taken) / (CELLS as u16 - 2)).saturating_sub(2).max(SHARED)
}

/// Columns that the longest series can use: a point or a gap each.
fn longest(outputs: &[Downsampled]) -> u16 {
    let points = outputs.iter().map(|one| spark_values(&one.series).len()).max().unwrap_or(0);
    u16::try_from(points).unwrap_or(u16::MAX)
}

/// Its name and its figures as text.
fn cells(output: &Downsampled) -> [String; CELLS] {
    let name = output.series.name.clone();
    let Some(stats) = output.tally.stats() else {
        let mut none = [const { String::new() }; CELLS];
        none[0] = name;
        none[CELLS - 1] = counted(output);
        return none;
    };
    let [last, min, mean, max, sd] = figures(&stats);
    [name, last, min, max, mean, sd, counted(output)]
}
