//! One output as a big chart: what part of it is looked at, and the cursor that reads its values.

use crate::{
    export::{
        chart::{Chart, Prepared},
        scale::Window,
    },
    model::{
        digest::Digested,
        series::{Point, Series},
    },
    services::ask::ChartPart,
};

/// A chart with a cursor. Reduced once for each window and size, drawn as often as needed.
#[derive(Debug)]
pub(super) struct Big {
    /// Which output, counted from 0.
    pub index: usize,
    pub chart: Chart,
    pub prepared: Prepared,
    /// The points with a number, by x.
    points: Vec<Point>,
    /// Where the cursor stands among them.
    cursor: usize,
    fit: Window,
    window: Window,
    mean: f64,
    shape: Shape,
    /// All points are there, and no part is ever asked for.
    whole: bool,
    /// The part that is known better than the rest: from, to, and whether all points of it are there.
    part: Option<(f64, f64, bool)>,
    /// The part that is on its way.
    coming: Option<(f64, f64)>,
}

/// Columns and rows of the chart, and whether it is drawn in ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shape {
    pub size: (usize, usize),
    pub ascii: bool,
}

/// A zoom shows at least so much of x: one iteration.
const CLOSEST: f64 = 1.0;

impl Big {
    /// All of an output, the cursor on its last point.
    pub fn new(index: usize, output: &Digested, shape: Shape) -> Self {
        let chart = Chart::over_iterations(&output.series);
        let points = sorted(output.series.points.clone());
        let fit = chart.fit();
        let prepared = chart.prepare(fit, shape.size, shape.ascii);
        let mean = output.tally.stats().map_or(0.0, |stats| stats.mean);
        let cursor = points.len().saturating_sub(1);
        let (whole, part, coming) = (output.whole, None, None);
        Big { index, chart, prepared, points, cursor, fit, window: fit, mean, shape, whole, part, coming }
    }

    /// Iterations to ask for, now: a window far smaller than the chart has not all its points.
    pub fn wants(&mut self) -> Option<(i64, i64)> {
        let Window { x0, x1, .. } = self.window;
        let width = x1 - x0;
        if self.whole || width * 2.0 > self.fit.x1 - self.fit.x0 {
            return None;
        }
        let covers = |from: f64, to: f64| from <= x0 && x1 <= to;
        let fine =
            |(from, to, whole): (f64, f64, bool)| covers(from, to) && (whole || width * 4.0 > to - from);
        if self.part.is_some_and(fine) || self.coming.is_some_and(|(from, to)| covers(from, to)) {
            return None;
        }
        let (from, to) = ((x0 - width / 2.0).floor(), (x1 + width / 2.0).ceil());
        self.coming = Some((from, to));
        Some((from as i64, to as i64))
    }

    pub fn is_coming(&self) -> bool {
        self.coming.is_some()
    }

    /// What was asked for does not come.
    pub fn give_up(&mut self) {
        self.coming = None;
    }

    /// A part is known better now; the cursor stays on its point.
    pub fn learn(&mut self, output: &Digested, part: &ChartPart) {
        self.coming = None;
        let outside = |p: &&Point| p.iteration < part.from || p.iteration > part.to;
        let mut points: Vec<Point> =
            output.series.points.iter().filter(outside).chain(&part.points).copied().collect();
        let here = self.at().map(|p| p.x);
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        let series = Series { name: part.output.clone(), points, ..Series::default() };
        self.chart = Chart::over_iterations(&series);
        self.points = sorted(series.points);
        self.cursor = here.map_or(0, |x| self.nearest(x));
        self.part = Some((part.from as f64, part.to as f64, part.whole));
        self.window = self.window.fit_y(self.chart.points());
        self.prepare();
    }

    /// Another output, or the same one read again, looked at in the same place.
    pub fn turned_to(&self, index: usize, output: &Digested) -> Big {
        let mut big = Big::new(index, output, self.shape);
        if let Some(here) = self.at().filter(|_| self.cursor + 1 < self.points.len()) {
            big.cursor = big.nearest(here.x);
        }
        if self.is_zoomed() && big.fit.x0 < self.window.x1 && big.fit.x1 > self.window.x0 {
            let Window { x0, x1, .. } = self.window;
            big.look_at(Window { x0, x1, ..big.fit });
            big.reveal();
        }
        big
    }

    /// The point under the cursor.
    pub fn at(&self) -> Option<&Point> {
        self.points.get(self.cursor)
    }

    pub fn is_zoomed(&self) -> bool {
        self.window != self.fit
    }

    pub fn can_zoom_in(&self) -> bool {
        self.points.len() > 1 && self.window.x1 - self.window.x0 > CLOSEST
    }

    pub fn reshape(&mut self, shape: Shape) {
        self.shape = shape;
        self.prepare();
    }

    fn prepare(&mut self) {
        self.prepared = self.chart.prepare(self.window, self.shape.size, self.shape.ascii);
    }

    /// Another part of x, as high as its points need; nothing is made anew when it is the same.
    fn look_at(&mut self, window: Window) {
        let window = window.fit_y(self.chart.points());
        if window != self.window {
            self.window = window;
            self.prepare();
        }
    }

    fn reveal(&mut self) {
        if let Some(x) = self.at().map(|p| p.x) {
            self.look_at(self.window.reveal(x));
        }
    }

    pub fn first(&mut self) {
        self.cursor = 0;
        self.reveal();
    }

    pub fn last(&mut self) {
        self.cursor = self.points.len().saturating_sub(1);
        self.reveal();
    }

    /// To the next point that has a column of dots of its own. Where many points share one, the cursor stands on that
    /// farthest from the mean, which is the one that is seen.
    pub fn step(&mut self, right: bool) {
        let Some(here) = self.at().map(|p| p.x) else { return };
        let dot = self.dot_width();
        let column = |x: f64| ((x - self.window.x0) / dot).round();
        let beyond: &mut dyn Iterator<Item = usize> =
            if right { &mut (self.cursor + 1..self.points.len()) } else { &mut (0..self.cursor).rev() };
        let mut best: Option<(usize, f64, f64)> = None;
        for i in beyond {
            let Some(p) = self.points.get(i).filter(|p| column(p.x) != column(here)) else { continue };
            let far = (p.y - self.mean).abs();
            match best {
                Some((_, at, _)) if at != column(p.x) => break,
                Some((_, _, farthest)) if far <= farthest => {}
                _ => best = Some((i, column(p.x), far)),
            }
        }
        if let Some((i, ..)) = best {
            self.cursor = i;
        } else if right {
            self.cursor = self.points.len().saturating_sub(1);
        } else {
            self.cursor = 0;
        }
        self.reveal();
    }

    fn dot_width(&self) -> f64 {
        let dots = self.shape.size.0.max(1) * if self.shape.ascii { 1 } else { 2 };
        let wide = (self.window.x1 - self.window.x0) / dots as f64;
        if wide > 0.0 { wide } else { 1.0 }
    }

    /// Window and cursor to the right, or to the left where negative, by so many windows.
    pub fn pan(&mut self, windows: f64) {
        let Some(here) = self.at().map(|p| p.x) else { return };
        let by = (self.window.x1 - self.window.x0) * windows;
        self.cursor = self.nearest(here + by);
        self.look_at(self.inside(self.window.pan(windows, 0.0)));
        self.reveal();
    }

    /// Nearer about the cursor, or farther.
    pub fn zoom(&mut self, nearer: bool) {
        let Some(here) = self.at().map(|p| p.x).filter(|_| !nearer || self.can_zoom_in()) else { return };
        let factor = if nearer { 2.0 } else { 0.5 };
        self.look_at(self.inside(self.window.zoom_x(factor, here)));
    }

    pub fn zoom_to_fit(&mut self) {
        if self.is_zoomed() {
            self.window = self.fit;
            self.prepare();
        }
    }

    /// The window moved to where there are points; all of them where it is wider.
    fn inside(&self, window: Window) -> Window {
        let (width, all) = (window.x1 - window.x0, self.fit.x1 - self.fit.x0);
        if width >= all * (1.0 - 1e-9) {
            return self.fit;
        }
        let x0 = window.x0.clamp(self.fit.x0, (self.fit.x1 - width).max(self.fit.x0));
        Window { x0, x1: x0 + width, ..window }
    }

    fn nearest(&self, x: f64) -> usize {
        let above = self.points.partition_point(|p| p.x < x);
        let far = |i: usize| self.points.get(i).map_or(f64::INFINITY, |p| (p.x - x).abs());
        match above.checked_sub(1) {
            Some(below) if far(below) <= far(above) => below,
            _ => above.min(self.points.len().saturating_sub(1)),
        }
    }
}

/// The points with a number, by x.
fn sorted(mut points: Vec<Point>) -> Vec<Point> {
    points.retain(|p| p.x.is_finite() && p.y.is_finite());
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn series(ys: &[f64]) -> Series {
        let point = |(i, y): (usize, &f64)| {
            let iteration = i64::try_from(i).unwrap() + 1;
            Point { x: iteration as f64, y: *y, iteration, sample: 0 }
        };
        Series {
            name: "mass".into(),
            points: ys.iter().enumerate().map(point).collect(),
            ..Series::default()
        }
    }

    fn big(ys: &[f64]) -> Big {
        Big::new(0, &Digested::from(&series(ys)), Shape { size: (60, 12), ascii: false })
    }

    fn iteration(big: &Big) -> i64 {
        big.at().unwrap().iteration
    }

    #[test]
    fn the_cursor_skips_gaps_and_stops_at_the_ends() {
        let mut big = big(&[1.0, f64::NAN, 3.0, 4.0]);
        assert_eq!(iteration(&big), 4);
        big.step(true);
        assert_eq!(iteration(&big), 4);
        big.step(false);
        big.step(false);
        assert_eq!(iteration(&big), 1);
        big.step(false);
        assert_eq!(iteration(&big), 1);
        big.last();
        assert_eq!(iteration(&big), 4);
        big.first();
        assert_eq!(iteration(&big), 1);
    }

    #[test]
    fn a_peak_among_many_points_is_read() {
        let mut ys = vec![1.0; 50_000];
        ys[31_415] = 9.0;
        let mut big = big(&ys);
        let mut seen = Vec::new();
        for _ in 0..200 {
            big.step(false);
            seen.push(iteration(&big));
        }
        assert!(seen.contains(&31_416), "{seen:?}");
        assert_eq!(seen.last(), Some(&1));
    }

    /// What a worker would answer.
    fn part(series: &Series, (from, to): (i64, i64)) -> ChartPart {
        let points = series.points.iter().filter(|p| (from..=to).contains(&p.iteration)).copied();
        ChartPart { output: series.name.clone(), from, to, points: points.collect(), whole: true }
    }

    #[test]
    fn near_by_each_point_of_a_long_series_is_stepped_on() {
        let ys: Vec<f64> = (0..50_000).map(|n| f64::from(n * 7_919 % 1_000)).collect();
        let long = series(&ys);
        let output = Digested::from(&long);
        let mut big = Big::new(0, &output, Shape { size: (60, 12), ascii: false });
        assert_eq!(big.wants(), None, "all of it is seen well enough");
        let mut asked = 0;
        while big.can_zoom_in() && big.window.x1 - big.window.x0 > 60.0 {
            big.zoom(true);
            if let Some(range) = big.wants() {
                assert!(big.is_coming() && big.wants().is_none(), "asked for once");
                big.learn(&output, &part(&long, range));
                asked += 1;
            }
            assert_eq!(iteration(&big), 50_000, "the cursor stays");
        }
        assert!((1..12).contains(&asked), "{asked}");
        for n in 1..40 {
            big.step(false);
            assert_eq!(big.at().map(|p| (p.iteration, p.y)), Some((50_000 - n, ys[50_000 - n as usize - 1])));
        }
        big.pan(-1_000.0);
        assert!(big.wants().is_some(), "elsewhere there is more again");
        big.give_up();
        assert!(big.wants().is_some());
    }

    #[test]
    fn zoom_is_about_the_cursor_and_panning_keeps_it_in_sight() {
        let ys: Vec<f64> = (0..100).map(f64::from).collect();
        let mut big = big(&ys);
        for _ in 0..50 {
            big.step(false);
        }
        assert_eq!(iteration(&big), 50);
        big.zoom(true);
        let window = big.window;
        assert!(
            (window.x1 - window.x0 - 49.5).abs() < 1e-9 && (25.0..26.0).contains(&window.x0),
            "{window:?}"
        );
        assert!(window.y1 < 80.0, "as high as its points: {window:?}");
        for _ in 0..40 {
            big.step(true);
        }
        assert!(big.window.x0 > 30.0 && (0.0..=1.0).contains(&big.window.across(big.at().unwrap().x)));
        big.pan(9.0);
        assert_eq!((iteration(&big), big.window.x1), (100, 100.0));
        for _ in 0..20 {
            big.zoom(true);
        }
        assert!(!big.can_zoom_in());
        for _ in 0..20 {
            big.zoom(false);
        }
        assert!(!big.is_zoomed());
    }

    #[test]
    fn another_output_keeps_the_place() {
        let ys: Vec<f64> = (0..100).map(f64::from).collect();
        let mut first = big(&ys);
        first.pan(-0.5);
        first.zoom(true);
        let other = first.turned_to(1, &Digested::from(&series(&ys[..80])));
        assert_eq!((other.index, iteration(&other)), (1, iteration(&first)));
        assert_eq!((other.window.x0, other.window.x1), (first.window.x0, first.window.x1));
        let short = first.turned_to(2, &Digested::from(&series(&[5.0])));
        assert_eq!((iteration(&short), short.is_zoomed()), (1, false));
    }

    proptest! {
        #[test]
        fn any_points_and_moves(
            ys in prop::collection::vec(prop_oneof![5 => any::<f64>(), 1 => Just(f64::NAN), 3 => Just(1.0)], 0..40),
            moves in prop::collection::vec(0u8..10, 0..40),
        ) {
            let mut big = big(&ys);
            for key in moves {
                match key {
                    0 => big.step(true),
                    1 | 2 => big.step(false),
                    3 => big.first(),
                    4 => big.last(),
                    5 => big.zoom(true),
                    6 => big.zoom(false),
                    7 => big.pan(0.5),
                    8 => big.pan(-1.0),
                    _ => big.zoom_to_fit(),
                }
                if let Some(point) = big.at() {
                    let share = big.window.across(point.x);
                    prop_assert!((-1e-6..=1.000_001).contains(&share), "{share}");
                }
                let cursor = big.at().map(|p| (p.x, p.y));
                prop_assert_eq!(big.prepared.draw(cursor).rows().count(), 12);
            }
        }
    }
}
