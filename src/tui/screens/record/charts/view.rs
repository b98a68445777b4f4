//! Draws the charts: the list of outputs, or one of them as one chart.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use super::{ChartsTab, one_chart::OneChart};
use crate::{
    formats::{
        number::{self, counted, figures, stored},
        scale::known,
    },
    model::{
        downsample::Downsampled,
        format::{count, count_of},
        series::Stats,
    },
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screens::loadable::paragraph,
        tab::TabId,
        widgets::{
            chart::{self, ChartView},
            table::{Hidden, TableView},
            text::{Span, cut, put_spans, spans_width, width},
        },
    },
};

fn none() -> String {
    let steps = key_of(Context::Tab(TabId::Charts), Action::Show(TabId::Steps));
    format!("No numeric outputs in this record: nothing to draw. {steps} shows what its steps returned.")
}
const FROM_STEPS: &str = " from the steps: the phases of this record keep no numbers";

/// Lines below the list, of so many, that say where its numbers are from.
pub(super) fn note_height(outputs: &[Downsampled], lines: usize) -> usize {
    usize::from(lines > 4 && outputs.first().is_some_and(|one| one.series.from_steps))
}

pub(super) fn view(charts: &ChartsTab, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if charts.outputs.placeholder(theme, area, buf) {
        return;
    }
    let outputs = charts.all();
    match &charts.one_chart {
        _ if outputs.is_empty() => paragraph(&none(), Role::Dim, theme, area, buf),
        Some(one_chart) => {
            if let Some(output) = outputs.get(one_chart.index) {
                let stats = output.tally.stats().filter(|_| charts.every() == 1);
                Shown { one_chart, output, stats, charts, theme }.draw(area, buf);
            }
        }
        None => {
            let note = u16::try_from(note_height(outputs, usize::from(area.height))).unwrap_or(0);
            let below = Rect { y: area.bottom().saturating_sub(note), height: note, ..area };
            put_spans(buf, below, (0, 0, below.width), &[Span::dim(FROM_STEPS)], theme);
            let area = Rect { height: area.height.saturating_sub(note), ..area };
            let list = &charts.list;
            let row = |i| list.row(i);
            let (columns, placed, scroll) = (&list.columns, &list.placed, &charts.scroll);
            TableView { columns, placed, scroll, row, active: None, hidden: Hidden::default(), theme }
                .draw(area, buf);
        }
    }
}

/// The chart's part of the tab: all but the last line, which reads the cursor.
pub(super) fn chart_size(size: Size) -> (usize, usize) {
    chart::size(Rect::new(0, 0, size.width, size.height.saturating_sub(1)))
}

/// The one-chart view and what is known about its output.
struct Shown<'a> {
    one_chart: &'a OneChart,
    output: &'a Downsampled,
    stats: Option<Stats>,
    charts: &'a ChartsTab,
    theme: &'a Theme,
}

impl Shown<'_> {
    /// ```text
    ///  yield over iteration                           h l cursor   j k other outputs
    ///  80 ┤ ...
    ///  iteration 37   yield 88.1         min 24.9   mean 61   max 98.2   n 50
    /// ```
    fn draw(&self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let [above, below] = [
            Rect { height: area.height.saturating_sub(1), ..area },
            Rect { y: area.bottom().saturating_sub(1), height: area.height.min(1), ..area },
        ];
        let cursor = self.one_chart.at().map(|p| (p.x, p.y));
        let (chart, prepared) = (&self.one_chart.chart, &self.one_chart.prepared);
        ChartView { chart, prepared, cursor, theme }.draw(above, buf);
        if !chart.points().any(known) {
            let at = Rect { x: above.x + 1, y: above.y + 1, width: above.width.saturating_sub(1), height: 1 };
            let values = count_of(self.output.values, "value", "values");
            let text = format!("{values}, none of them a finite number");
            paragraph(&text, Role::Dim, theme, at.intersection(above), buf);
        }
        self.header(above, buf);
        self.reading(below, buf);
    }

    /// At the right of the title, where there is room.
    fn header(&self, area: Rect, buf: &mut Buffer) {
        let keys = |actions: [Action; 2]| actions.map(|action| key_of(Context::OneChart, action)).join(" ");
        let mut spans = Vec::new();
        if self.one_chart.is_zoomed() {
            spans.push(Span::dim("zoomed"));
        }
        if self.one_chart.at().is_some() {
            let keys = Span::new(keys([Action::Left, Action::Right]), Role::Key);
            spans.extend([Span::plain("   "), keys, Span::dim(" cursor")]);
        }
        if self.charts.all().len() > 1 {
            let keys = Span::new(keys([Action::Down, Action::Up]), Role::Key);
            spans.extend([Span::plain("   "), keys, Span::dim(" other outputs")]);
        }
        let wide = spans_width(&spans);
        let title = width(&self.one_chart.chart.title());
        if area.height > 0 && title + wide + 4 <= usize::from(area.width) {
            let wide = u16::try_from(wide).unwrap_or(area.width);
            put_spans(buf, area, (area.width.saturating_sub(wide + 1), 0, wide), &spans, self.theme);
        }
    }

    /// What the cursor reads, and at the right the output's numbers where there is room.
    fn reading(&self, row: Rect, buf: &mut Buffer) {
        let mut left = vec![Span::plain(" ")];
        if let Some(point) = self.one_chart.at() {
            left.extend([Span::dim("iteration "), Span::plain(point.iteration.to_string())]);
            for (word, n) in [("  sample ", point.place.sample), ("  value ", point.place.value)] {
                if n > 0 {
                    left.extend([Span::dim(word), Span::plain(n.to_string())]);
                }
            }
            // The name gives way to the value, which is cut as a number.
            let (value, ellipsis) = (stored(point.number()), self.theme.ellipsis());
            let room = usize::from(row.width).saturating_sub(spans_width(&left) + 4);
            let name = cut(&self.output.series.name, room.saturating_sub(width(&value)).max(6), ellipsis);
            let value = number::cut(&value, room.saturating_sub(width(&name)), ellipsis);
            left.extend([Span::dim(format!("   {name} ")), Span::new(value, Role::Heading)]);
        }
        put_spans(buf, row, (0, 0, row.width), &left, self.theme);
        let room = usize::from(row.width).saturating_sub(spans_width(&left));
        let right = self.facts(room);
        let wide = spans_width(&right);
        if wide < room {
            let wide = u16::try_from(wide).unwrap_or(row.width);
            put_spans(buf, row, (row.width.saturating_sub(wide + 1), 0, wide), &right, self.theme);
        }
    }

    /// The output's numbers, once all of it is known.
    fn facts(&self, room: usize) -> Vec<Span<'static>> {
        let every = self.charts.every();
        if every > 1 {
            return vec![Span::dim(format!("   1 of {} iterations so far", count(every)))];
        }
        let Some(stats) = self.stats else { return Vec::new() };
        let [_, min, mean, max, sd] = figures(&stats);
        let numbers = [min, mean, max, sd, counted(self.output)];
        let mut facts: Vec<_> = ["min", "mean", "max", "sd", "n"].into_iter().zip(numbers).collect();
        facts.retain(|(_, number)| !number.is_empty());
        for least in ["sd", "mean"] {
            let wide = facts.iter().map(|(title, number)| width(title) + width(number) + 4).sum::<usize>();
            if wide >= room {
                facts.retain(|(title, _)| *title != least);
            }
        }
        let spans = |(title, number)| [Span::dim(format!("   {title} ")), Span::plain(number)];
        facts.into_iter().flat_map(spans).collect()
    }
}
