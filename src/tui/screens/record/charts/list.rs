//! The list of outputs: a sparkline each, with its numbers in columns. Made when data or width change.

use crate::{
    formats::{
        number::{PointColumn, figures},
        spark::sparkline,
    },
    model::{downsample::Downsampled, format::count},
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
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    parameter: bool,
    spark: String,
    /// Name, (sparkline), last, min, max, mean, n.
    cells: [String; 6],
}

const SPARK: usize = 1;
/// Columns of a sparkline, where there is more room than anything else needs.
const LONGEST: u16 = 60;
/// A number has at least so many columns, if it needs them.
const NARROW: u16 = 7;
/// And this many where all have room for that.
const SHARED: u16 = 9;

impl OutputList {
    /// While a `part` of the values is known, their numbers only tell how much room to keep.
    pub fn new(outputs: &[Downsampled], part: bool, columns: u16, ascii: bool) -> Self {
        let cells: Vec<[String; 6]> = outputs.iter().map(cells).collect();
        let widest = |i: usize, title: &str| {
            let texts = cells.iter().filter_map(|row| row.get(i)).map(|text| width(text));
            u16::try_from(texts.max().unwrap_or(0).max(title.len())).unwrap_or(u16::MAX)
        };
        let name = widest(0, "output");
        let points = outputs.iter().map(|one| one.series.points.len()).max().unwrap_or(0);
        let points = u16::try_from(points).unwrap_or(u16::MAX).clamp(8, LONGEST);
        // Where not all numbers have room in full, each has as much as the others.
        let taken = name.min(32) + points + widest(5, "n") + 8;
        let most = (columns.saturating_sub(taken) / 4).saturating_sub(2).max(SHARED);
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
            number(5, "n", 200),
        ];
        if outputs.iter().any(|one| one.series.is_parameter) {
            titled.push(Column::new("", 9).priority(0));
        }
        // The sparkline is worth more than the numbers behind the last value.
        if let Some(spark) = titled.get_mut(SPARK) {
            spark.priority = 230;
            spark.want = spark_room(columns, name.min(32), &cells, most);
        }
        let placed = layout(&titled, columns, Overflow::Drop);
        let room = placed.iter().find(|p| p.column == SPARK).map_or(0, |p| usize::from(p.width));
        let theme = Theme { ascii, color: false };
        let rows = cells.into_iter().zip(outputs).map(|(mut cells, Downsampled { series, .. })| {
            let ys: Vec<f64> = series.points.iter().map(|p| p.y).collect();
            if part {
                cells.iter_mut().skip(1).for_each(|cell| theme.ellipsis().clone_into(cell));
            }
            Row { parameter: series.is_parameter, spark: sparkline(&ys, room, ascii), cells }
        });
        let rows = rows.collect();
        OutputList { columns: titled, placed, rows }
    }

    /// The cells of a row, one for each column.
    pub fn row(&self, index: usize) -> Option<Vec<Span<'_>>> {
        let row = self.rows.get(index)?;
        let kind = |usual| if row.parameter { Role::Dim } else { usual };
        let [name, numbers @ ..] = &row.cells;
        let mut spans = vec![Span::new(name.as_str(), kind(Role::Normal))];
        spans.push(Span::new(row.spark.as_str(), kind(Role::Series(0))));
        spans.extend(numbers.iter().map(|number| Span::new(number.as_str(), kind(Role::Normal))));
        spans.push(Span::dim(if row.parameter { "parameter" } else { "" }));
        Some(spans)
    }
}

/// What is left for the sparkline when everything else has its place.
fn spark_room(columns: u16, name: u16, cells: &[[String; 6]], most: u16) -> u16 {
    let numbers = (1..6).map(|i| {
        let texts = cells.iter().filter_map(|row| row.get(i)).map(|text| width(text));
        texts.max().unwrap_or(0).clamp(4, usize::from(most.min(24))) + 2
    });
    let taken = usize::from(name) + 3 + numbers.sum::<usize>();
    u16::try_from(usize::from(columns).saturating_sub(taken)).unwrap_or(0).clamp(8, LONGEST)
}

/// Its name and its figures as text.
fn cells(output: &Downsampled) -> [String; 6] {
    let name = output.series.name.clone();
    let Some(stats) = output.tally.stats() else {
        return [name, String::new(), String::new(), String::new(), String::new(), "0".into()];
    };
    let [last, min, mean, max] = figures(&stats);
    [name, last, min, max, mean, count(stats.n as u64)]
}
