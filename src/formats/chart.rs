//! What a chart shows: curves over a common x, in a window.

use super::{
    grid::{Grid, GridFrame, mark},
    reduce::{ReduceMode, Reduced},
    scale::{Viewport, Xy, known},
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

    /// All points. Where x counts, samples stand behind the number that they belong to, and one number is alone.
    pub fn fit(&self) -> Viewport {
        let fit = Viewport::fit(self.points());
        let mut xs = self.points().filter(|p| known(*p)).map(|p| p.0);
        match xs.next() {
            Some(x) if self.whole_x && xs.all(|other| other == x) => {
                // Half an iteration, where a number so large still has halves.
                let half = (x.abs() * 1e-9).max(0.5);
                Viewport { x0: x.floor() - half, x1: x.ceil() + half, ..fit }
            }
            Some(_) if self.whole_x => Viewport { x0: fit.x0.floor(), ..fit },
            _ => fit,
        }
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
    use proptest::prelude::*;

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

    fn over(points: Vec<Point>) -> Chart {
        Chart::over_iterations(&Series { points, ..Series::default() }.linked())
    }

    fn at(iteration: i64, sample: u32, of: u32, y: f64) -> Point {
        let x = iteration as f64 + f64::from(sample) / f64::from(of + 1);
        Point { x, y, iteration, sample, ..Point::default() }
    }

    /// There is no iteration -1, and samples stand behind the number of theirs.
    #[test]
    fn an_axis_that_counts_shows_the_iterations_there_are() {
        let labels = |chart: &Chart| {
            let text = crate::formats::text_chart::text_chart(chart, 40, 8, true);
            text.lines().last().unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(labels(&over(vec![at(0, 0, 1, 5.0)])), ["0"]);
        let far = over(vec![at(i64::MAX - 5, 0, 1, 5.0)]).fit();
        assert!(far.x0 < far.x1 && (far.across(i64::MAX as f64) - 0.5).abs() < 1e-6, "{far:?}");
        assert_eq!(labels(&over(vec![at(1, 0, 1, 5.0), at(2, 0, 1, 6.0)])), ["1", "2"]);
        assert_eq!(labels(&over((1..=4).map(|b| at(1, b, 4, f64::from(b))).collect())), ["1"]);
    }

    /// Iterations with one value, with samples, or without any, and some values that are no number.
    fn iterations() -> impl Strategy<Value = Vec<Point>> {
        let values = prop_oneof![
            6 => prop::collection::vec(-5.0..5.0, 1),
            2 => Just(Vec::new()),
            1 => prop::collection::vec(-5.0..5.0, 2..4),
            1 => Just(vec![f64::NAN]),
        ];
        prop::collection::vec(values, 1..120).prop_map(|all| {
            let points = |(n, values): (i64, Vec<f64>)| {
                let of = values.len() as u32;
                let sample = move |b: u32| if of == 1 { 0 } else { b };
                (1..).zip(values).map(move |(b, y)| at(n, sample(b), of, y)).collect::<Vec<_>>()
            };
            (1..).zip(all).flat_map(points).collect()
        })
    }

    /// Every iteration from one x to another has a single number.
    fn leads_on(points: &[Point], from: f64, to: f64) -> bool {
        let single = |n: i64| {
            let mut here = points.iter().filter(|p| p.iteration == n);
            here.next().is_some_and(|p| p.sample == 0 && p.y.is_finite()) && here.next().is_none()
        };
        (from.floor() as i64..=to.ceil() as i64).all(single)
    }

    proptest! {
        /// Whatever part is drawn in whatever size: no line leads over an iteration without a value, to a sample, or
        /// from one.
        #[test]
        fn no_line_crosses_a_gap(
            points in iterations(), size in (1usize..120, 1usize..40), ascii: bool, zoom in 1.0..20.0f64, about in 0.0..120.0f64,
        ) {
            let chart = over(points.clone());
            let window = chart.fit().zoom_x(zoom, about).fit_y(chart.points());
            let prepared = chart.prepare(window, size, ascii);
            for pair in prepared.curves.iter().flat_map(|curve| &curve.parts).flat_map(|part| part.windows(2)) {
                prop_assert!(leads_on(&points, pair[0].0, pair[1].0), "{pair:?}");
            }
            // And in the picture as a file.
            let text = crate::formats::svg::svg("x", std::slice::from_ref(&chart));
            let fit = chart.fit();
            let back = |pixel: f64| fit.x0 + (pixel - 80.0) / 650.0 * (fit.x1 - fit.x0);
            for line in text.split("<polyline").skip(1) {
                let line = line.split('"').nth(3).unwrap();
                let xs: Vec<f64> =
                    line.split(' ').map(|p| back(p.split(',').next().unwrap().parse().unwrap())).collect();
                prop_assert!(xs.len() > 1);
                for pair in xs.windows(2) {
                    prop_assert!(leads_on(&points, pair[0].round(), pair[1].round()), "{pair:?}");
                }
            }
        }

        /// Each point is seen in its cell, where there is room for marks.
        #[test]
        fn each_of_few_points_has_a_mark(points in iterations(), ascii: bool) {
            let chart = over(points.clone());
            let known = points.iter().filter(|p| p.y.is_finite()).count();
            let grid = chart.prepare(chart.fit(), (known * 2 + 12, 200), ascii).draw(None);
            let marks = grid.rows().flatten().filter(|glyph| glyph.ch == mark(0, ascii)).count();
            prop_assert!(marks <= known && (known == 0 || marks * 2 >= known), "{marks} of {known}");
        }
    }
}
