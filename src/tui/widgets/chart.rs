//! One chart: title and legend in the first line, under it axes, curves and the cursor.

use ratatui::{buffer::Buffer, layout::Rect};

use super::text::{Span, cut, put, put_spans, spans_width};
use crate::{
    formats::{
        chart::{Chart, Prepared},
        grid::Ink,
        scale::Xy,
    },
    style::{Role, Theme},
};

/// A chart, ready to be drawn.
pub struct ChartView<'a> {
    pub chart: &'a Chart,
    /// From [`Chart::prepare`] with the [`size`] of this area: made when window or size change, not while drawing.
    pub prepared: &'a Prepared,
    /// Where the cursor stands; its y may be NaN.
    pub cursor: Option<Xy>,
    pub theme: &'a Theme,
}

/// Columns and rows of the chart itself in an area: its first line is for the title, its first column empty.
pub fn size(area: Rect) -> (usize, usize) {
    (usize::from(area.width.saturating_sub(1)), usize::from(area.height.saturating_sub(1)))
}

impl ChartView<'_> {
    pub fn draw(&self, area: Rect, buf: &mut Buffer) {
        self.header(area, buf);
        let mut text = [0u8; 4];
        let grid = self.prepared.draw(self.cursor);
        for (y, row) in (1..area.height).zip(grid.rows()) {
            for (x, glyph) in (1..area.width).zip(row) {
                let kind = match glyph.ink {
                    Ink::Blank => continue,
                    Ink::Axis | Ink::Label => Role::Dim,
                    Ink::Series(i) => Role::Series(i),
                    Ink::Cursor => Role::Selected,
                };
                put(buf, area, x, y, glyph.ch.encode_utf8(&mut text), self.theme.style(kind));
            }
        }
    }

    /// Title at the left, legend at the right; what has no room is cut, the title last.
    fn header(&self, area: Rect, buf: &mut Buffer) {
        let room = area.width.saturating_sub(2);
        let title = cut(&self.chart.title(), usize::from(room), self.theme.ellipsis());
        let behind = put(buf, area, 1, 0, &title, self.theme.style(Role::Heading));
        let mut legend = Vec::new();
        for (i, (mark, name)) in self.chart.legend(self.theme.ascii).into_iter().enumerate() {
            legend.push(Span::new(format!("  {mark} "), Role::Series(i)));
            legend.push(Span::plain(name));
        }
        let left = area.width.saturating_sub(behind).saturating_sub(1);
        let taken = u16::try_from(spans_width(&legend)).unwrap_or(u16::MAX).min(left);
        let x = area.width.saturating_sub(taken).saturating_sub(1);
        put_spans(buf, area, (x, 0, taken), &legend, self.theme);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        formats::{chart::Curve, reduce::ReduceMode},
        tui::widgets::testing::{lines, stays_inside},
    };
    use proptest::prelude::*;

    fn chart(curves: Vec<(&str, Vec<Xy>)>) -> Chart {
        let curves = curves.into_iter().map(|(name, points)| Curve { name: name.into(), points }).collect();
        Chart { x_name: "iteration".into(), whole_x: true, curves, ..Chart::default() }
    }

    fn draw(chart: &Chart, area: Rect, cursor: Option<Xy>, theme: &Theme) -> Vec<String> {
        let prepared = chart.prepare(chart.fit(), size(area), theme.ascii);
        let mut buf = Buffer::empty(area);
        ChartView { chart, prepared: &prepared, cursor, theme }.draw(area, &mut buf);
        lines(&buf)
    }

    #[test]
    fn one_curve_with_a_cursor() {
        let c = chart(vec![(
            "yield (%)",
            vec![(1.0, 24.0), (2.0, 61.0), (3.0, 98.0), (4.0, f64::NAN), (5.0, 50.0)],
        )]);
        let area = Rect::new(0, 0, 36, 9);
        assert_eq!(
            draw(&c, area, Some((3.0, 98.0)), &Theme::default()),
            [
                " yield (%) over iteration           ",
                "    │             ⢀⠔●               ",
                " 80 ┤          ⢀⠤⠊⠁ ┊               ",
                "    │        ⡠⠒⠁    ┊               ",
                " 60 ┤     ⡠⠔•       ┊              •",
                " 40 ┤  ⢀⡠⠒⠁         ┊               ",
                "    │•⠔⠁            ┊               ",
                "    └┬──────┬───────┬───────┬──────┬",
                "     1      2       3       4      5"
            ]
        );
    }

    #[test]
    fn two_curves_in_ascii() {
        let c =
            chart(vec![("mass", vec![(1.0, 1.0), (3.0, 3.0)]), ("flow_mL", vec![(1.0, 3.0), (3.0, 1.0)])]);
        let area = Rect::new(0, 0, 40, 7);
        assert_eq!(
            draw(&c, area, None, &Theme { ascii: true, color: false }),
            [
                " over iteration       * mass  o flow_mL ",
                " 3 +oooooo                        ******",
                "   |      oooooooooooo************      ",
                " 2 +      ************oooooooooooo      ",
                " 1 +******                        oooooo",
                "   ++-----------------+----------------+",
                "    1                 2                3"
            ]
        );
        assert_eq!(draw(&c, Rect::new(0, 0, 1, 1), None, &Theme::default()), [" "]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_size_and_data(
            w in 0u16..=60, h in 0u16..=20, scatter: bool, name in ".{0,20}",
            points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..20),
        ) {
            let mut c = chart(vec![(name.as_str(), points.clone()), ("other", points)]);
            c.mode = if scatter { ReduceMode::Scatter } else { ReduceMode::Line };
            let theme = Theme::default();
            // Prepared for another size than the area has: a resize that has not been answered yet.
            for size in [size(Rect::new(0, 0, w, h)), (61, 21)] {
                let prepared = c.prepare(c.fit(), size, false);
                let view = ChartView { chart: &c, prepared: &prepared, cursor: Some((1.0, 1.0)), theme: &theme };
                stays_inside(w, h, |area, buf| view.draw(area, buf));
            }
        }
    }
}
