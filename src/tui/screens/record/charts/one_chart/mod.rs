//! The one-chart view of an output: the part of it that is shown, and the cursor that reads its values.

#[cfg(test)]
mod tests;

use crate::{
    formats::{
        chart::{Chart, Prepared},
        scale::Viewport,
    },
    model::{
        downsample::Downsampled,
        series::{Point, Series},
    },
    services::chart::ChartPart,
};

/// A chart with a cursor. Reduced once for each window and size, drawn as often as needed.
#[derive(Debug)]
pub(super) struct OneChart {
    /// Which output, counted from 0.
    pub index: usize,
    pub chart: Chart,
    pub prepared: Prepared,
    /// The points with a number, by x.
    points: Vec<Point>,
    /// Where the cursor stands among them.
    cursor: usize,
    fit: Viewport,
    window: Viewport,
    mean: f64,
    shape: ChartSize,
    /// All points are there, and no part is ever asked for.
    whole: bool,
    /// The part that is known better than the rest: from, to, and whether all points of it are there.
    part: Option<(f64, f64, bool)>,
    /// The iteration that the cursor goes to once its point is known.
    sought: Option<i64>,
    /// The x that the cursor was led to as the highest or the lowest.
    led_to: Option<f64>,
}

/// Columns and rows of the chart, and whether it is drawn in ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ChartSize {
    pub size: (usize, usize),
    pub ascii: bool,
}

/// A zoom shows at least so much of x: one iteration.
const CLOSEST: f64 = 1.0;

impl OneChart {
    /// All of an output, the cursor on its last point.
    pub fn new(index: usize, output: &Downsampled, shape: ChartSize) -> Self {
        let chart = Chart::over_iterations(&output.series);
        let points = sorted(output.series.points.clone());
        let fit = chart.fit();
        let prepared = chart.prepare(fit, shape.size, shape.ascii);
        let mean = output.tally.stats().map_or(0.0, |stats| stats.mean);
        let cursor = points.len().saturating_sub(1);
        let (whole, part, sought, led_to) = (output.whole, None, None, None);
        let window = fit;
        OneChart {
            index,
            chart,
            prepared,
            points,
            cursor,
            fit,
            window,
            mean,
            shape,
            whole,
            part,
            sought,
            led_to,
        }
    }

    /// Iterations to ask for, now: a window far smaller than the chart has not all its points. `coming` are on their
    /// way.
    pub fn wants(&self, coming: Option<(i64, i64)>) -> Option<(i64, i64)> {
        if let Some(range) = self.sought.and_then(|n| Some((n, self.behind(n)?.1.iteration))) {
            return (coming != Some(range)).then_some(range);
        }
        let Viewport { x0, x1, .. } = self.window;
        let width = x1 - x0;
        if self.whole || width * 2.0 > self.fit.x1 - self.fit.x0 {
            return None;
        }
        let covers = |from: f64, to: f64| from <= x0 && x1 <= to;
        let fine =
            |(from, to, whole): (f64, f64, bool)| covers(from, to) && (whole || width * 4.0 > to - from);
        let is_coming = coming.is_some_and(|(from, to)| covers(from as f64, to as f64));
        if self.part.is_some_and(fine) || is_coming {
            return None;
        }
        Some(((x0 - width / 2.0).floor() as i64, (x1 + width / 2.0).ceil() as i64))
    }

    /// What was asked for does not come.
    pub fn give_up(&mut self) {
        self.sought = None;
    }

    pub fn is_seeking(&self) -> bool {
        self.sought.is_some()
    }

    /// To the first point of an iteration, or to the next one behind it; false where there is none.
    pub fn seek(&mut self, iteration: i64) -> bool {
        self.sought = self.behind(iteration).map(|_| iteration);
        let found = self.is_seeking();
        self.arrive();
        found
    }

    /// The first of the known points that is not in front of an iteration.
    fn behind(&self, iteration: i64) -> Option<(usize, &Point)> {
        let at = self.points.partition_point(|p| p.x < iteration as f64);
        Some((at, self.points.get(at)?))
    }

    /// Where the sought point is known. The first point of a part is always there, also where others are left out.
    fn arrive(&mut self) {
        let Some(n) = self.sought else { return };
        let Some((at, point)) = self.behind(n) else { return };
        let start = n as f64;
        let inside = |(from, to, whole): (f64, f64, bool)| {
            from == start || whole && from <= start && point.iteration as f64 <= to
        };
        if self.whole || point.x == start || self.part.is_some_and(inside) {
            self.cursor = at;
            self.sought = None;
            self.reveal();
        }
    }

    /// A part is known better now; the cursor stays on its point.
    pub fn learn(&mut self, output: &Downsampled, part: &ChartPart) {
        let outside = |p: &&Point| p.iteration < part.from || p.iteration > part.to;
        let mut points: Vec<Point> =
            output.series.points.iter().filter(outside).chain(&part.points).copied().collect();
        let here = self.at().copied();
        if let Some(here) = here.filter(|p| !part.whole && points.iter().all(|known| known.x != p.x)) {
            // A line that leads on to the next point leads through all in between.
            let next = points.iter().filter(|p| p.x > here.x).min_by(|a, b| a.x.total_cmp(&b.x));
            let joined = next.is_some_and(|next| next.joined);
            points.push(Point { joined, ..here });
        }
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        let series = Series { points, ..output.series.clone() };
        self.chart = Chart::over_iterations(&series);
        self.points = sorted(series.points);
        self.cursor = here.map_or(0, |p| self.nearest(p.x));
        self.part = Some((part.from as f64, part.to as f64, part.whole));
        self.window = self.window.fit_y(self.chart.points());
        self.prepare();
        self.arrive();
        // The part was read for it: what has changed meanwhile is not looked for again.
        self.sought = None;
    }

    /// Another output, or the same one read again, looked at in the same place.
    pub fn turned_to(&self, index: usize, output: &Downsampled) -> OneChart {
        let mut turned = OneChart::new(index, output, self.shape);
        if let Some(here) = self.at().filter(|_| self.cursor + 1 < self.points.len()) {
            turned.cursor = turned.nearest(here.x);
        }
        if self.is_zoomed() && turned.fit.x0 < self.window.x1 && turned.fit.x1 > self.window.x0 {
            let Viewport { x0, x1, .. } = self.window;
            turned.look_at(Viewport { x0, x1, ..turned.fit });
            turned.reveal();
        }
        turned.led_to = self.led_to.filter(|_| index == self.index);
        if let Some(n) = self.sought {
            turned.seek(n);
        }
        turned
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

    pub fn reshape(&mut self, shape: ChartSize) {
        self.shape = shape;
        self.prepare();
    }

    fn prepare(&mut self) {
        self.prepared = self.chart.prepare(self.window, self.shape.size, self.shape.ascii);
    }

    /// Another part of x, as high as its points need; nothing is made anew when it is the same.
    fn look_at(&mut self, window: Viewport) {
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

    /// To the highest point; from there to the lowest. Of equal ones the first. Both are among the points of any series.
    pub fn high_low(&mut self) {
        let all = || self.points.iter().enumerate();
        let highest = all().reduce(|best, one| if one.1.y > best.1.y { one } else { best });
        let lowest = all().reduce(|best, one| if one.1.y < best.1.y { one } else { best });
        let (Some((high, _)), Some((low, _))) = (highest, lowest) else { return };
        let led_here = self.at().is_some_and(|here| self.led_to == Some(here.x));
        self.cursor = if led_here && self.cursor == high { low } else { high };
        self.led_to = self.at().map(|here| here.x);
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

    /// Viewport and cursor to the right, or to the left where negative, by so many windows.
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
    fn inside(&self, window: Viewport) -> Viewport {
        let (width, all) = (window.x1 - window.x0, self.fit.x1 - self.fit.x0);
        if width >= all * (1.0 - 1e-9) {
            return self.fit;
        }
        let x0 = window.x0.clamp(self.fit.x0, (self.fit.x1 - width).max(self.fit.x0));
        Viewport { x0, x1: x0 + width, ..window }
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
