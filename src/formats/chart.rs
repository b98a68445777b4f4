//! What a chart shows: curves over a common x, in a window.

use super::{
    grid::{Grid, GridFrame, mark},
    reduce::{ReduceMode, Reduced},
    scale::{Viewport, Xy},
};
use crate::model::series::Series;

/// One curve.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    pub name: String,
    /// A NaN or infinite y is a gap.
    pub points: Vec<Xy>,
}

impl From<&Series> for Curve {
    /// With a gap in front of each point to which no line leads.
    fn from(series: &Series) -> Self {
        let mut points: Vec<Xy> = Vec::with_capacity(series.points.len());
        for p in &series.points {
            if let Some(before) =
                points.last().filter(|before| before.1.is_finite() && !p.joined && p.y.is_finite())
            {
                points.push((before.0 / 2.0 + p.x / 2.0, f64::NAN));
            }
            points.push((p.x, p.y));
        }
        Self { name: series.name.clone(), points }
    }
}

/// Curves that share their axes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chart {
    pub x_name: String,
    /// x counts (iterations): no ticks between whole numbers.
    pub whole_x: bool,
    pub mode: ReduceMode,
    pub curves: Vec<Curve>,
    /// Where the numbers are from, where that is not the usual place.
    pub note: Option<&'static str>,
}

impl Chart {
    /// One output over the iterations.
    pub fn over_iterations(series: &Series) -> Self {
        let curves = vec![Curve::from(series)];
        let note = series.from_steps.then_some("from the steps");
        Self { x_name: "iteration".into(), whole_x: true, mode: ReduceMode::Line, curves, note }
    }

    /// All points of all curves.
    pub fn points(&self) -> impl Iterator<Item = Xy> {
        self.curves.iter().flat_map(|c| c.points.iter().copied())
    }

    pub fn fit(&self) -> Viewport {
        Viewport::fit(self.points())
    }

    /// `yield_pct over temp_C`; several curves stand in the legend.
    pub fn title(&self) -> String {
        let over = self.over();
        match self.curves.as_slice() {
            [only] => format!("{} over {over}", only.name),
            _ => format!("over {over}"),
        }
    }

    /// `temp_C`, `iteration, from the steps`.
    pub fn over(&self) -> String {
        let note = self.note.map(|note| format!(", {note}")).unwrap_or_default();
        format!("{}{note}", self.x_name)
    }

    /// Sign and name of each curve; empty for a single one.
    pub fn legend(&self, ascii: bool) -> Vec<(char, String)> {
        if self.curves.len() < 2 {
            return Vec::new();
        }
        self.curves.iter().enumerate().map(|(i, c)| (mark(i, ascii), c.name.clone())).collect()
    }

    /// Everything that drawing needs and that costs time with many points: made once for a window and a size.
    pub fn prepare(&self, window: Viewport, size: (usize, usize), ascii: bool) -> Prepared {
        let frame = GridFrame::new(window, self.whole_x, size, ascii);
        let curves = self.curves.iter().map(|c| frame.reduce(&c.points, self.mode)).collect();
        Prepared { frame, curves }
    }
}

/// A chart, reduced for a window and a size in cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    frame: GridFrame,
    curves: Vec<Reduced>,
}

impl Prepared {
    /// The cursor stands at a point; its y may be NaN.
    pub fn draw(&self, cursor: Option<Xy>) -> Grid {
        self.frame.draw(&self.curves, cursor)
    }

    pub fn window(&self) -> Viewport {
        self.frame.window
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::series::Point;

    #[test]
    fn a_series_keeps_its_samples_apart_and_its_gaps() {
        let point = |x, y| Point { x, y, iteration: 1, sample: 1, ..Point::default() };
        let series = Series {
            name: "yield_pct".into(),
            points: vec![point(1.25, 3.0), point(1.5, f64::NAN)],
            ..Series::default()
        };
        let mut chart = Chart::over_iterations(&series);
        assert_eq!(chart.title(), "yield_pct over iteration");
        assert_eq!(chart.legend(false), []);
        assert_eq!(chart.points().map(|p| p.0).collect::<Vec<_>>(), [1.25, 1.5]);
        assert!(chart.curves[0].points[1].1.is_nan());
        chart.curves.push(Curve { name: "mass".into(), points: Vec::new() });
        assert_eq!(chart.title(), "over iteration");
        assert_eq!(chart.legend(true), [('*', "yield_pct".to_owned()), ('o', "mass".to_owned())]);
    }
}
