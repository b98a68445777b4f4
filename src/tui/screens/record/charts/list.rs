//! The list of outputs: a sparkline each, with its numbers in columns. Made when data or width change.

use crate::{
    formats::{
        scale::heading,
        spark::{spark_values, sparkline},
    },
    model::{
        downsample::Downsampled,
        format::{count, format_column, sd_text},
        series::Stats,
    },
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
        let number = |i: usize, title: &'static str, priority: u8| {
            Column::new(title, widest(i, title).min(14)).right().priority(priority)
        };
        let name = widest(0, "output");
        let mut titled = vec![
            Column::soft("output", name.min(12), name.min(32)).priority(250),
            Column::soft("", 8, LONGEST).priority(1),
            number(1, "last", 240),
            number(2, "min", 220),
            number(3, "max", 220),
            number(4, "mean", 210),
            number(CELLS - 1, "n", 200),
        ];
        // It gives way first, also to the sparkline.
        let room = |without| spark_room(columns, name.min(32), &cells, without);
        let with_sd = room(None) >= WORTH_MORE;
        if with_sd {
            titled.insert(SD + 1, number(SD, "sd", 190));
        }
        if outputs.iter().any(|one| one.series.is_parameter) {
            titled.push(Column::new("", 9).priority(0));
        }
        // The sparkline is worth more than the numbers behind the last value.
        if let Some(spark) = titled.get_mut(SPARK) {
            spark.priority = 230;
            spark.want = room(if with_sd { None } else { Some(SD) }).clamp(8, LONGEST);
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

/// What is left for the sparkline when everything else has its place.
fn spark_room(columns: u16, name: u16, cells: &[[String; CELLS]], without: Option<usize>) -> u16 {
    let numbers = (1..CELLS).filter(|i| Some(*i) != without).map(|i| {
        let texts = cells.iter().filter_map(|row| row.get(i)).map(|text| width(text));
        texts.max().unwrap_or(0).clamp(4, 14) + 2
    });
    let taken = usize::from(name) + 3 + numbers.sum::<usize>();
    u16::try_from(usize::from(columns).saturating_sub(taken)).unwrap_or(0)
}

/// The numbers of one output with the same decimals.
fn cells(output: &Downsampled) -> [String; CELLS] {
    let name = heading(&output.series.name);
    let Some(Stats { last, min, mean, max, sd, n }) = output.tally.stats() else {
        let mut none = [const { String::new() }; CELLS];
        none[0] = name;
        none[CELLS - 1] = "0".into();
        return none;
    };
    let mut shown = format_column(&[last, min, max, mean]).into_iter();
    let mut next = || shown.next().unwrap_or_default();
    [name, next(), next(), next(), next(), sd_text(sd), count(n as u64)]
}
