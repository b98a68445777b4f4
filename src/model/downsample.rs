//! A series of any length, read point by point, in bounded memory: whole while it is short, else of each stretch the
//! points that a chart needs.

use super::series::{Chain, Point, Series, Tally};

/// Points up to which a series is kept whole where its length is not to matter.
pub const WHOLE: usize = 8_192;
/// Else it is cut into at most so many stretches of the same number of points, and at least half as many.
const STRETCHES: usize = 2_048;

/// A series that grows. Its points come in the order of x.
#[derive(Debug, Clone)]
pub struct Downsampler {
    /// Points up to which it is kept whole.
    limit: usize,
    /// Those that are kept of the closed stretches, or all of a short series.
    kept: Vec<Point>,
    /// Where each closed stretch ends among them.
    ends: Vec<usize>,
    /// The stretch that is not full yet.
    open: Vec<Point>,
    /// Points of a stretch; 0 while all are kept.
    stretch: usize,
    tally: Tally,
    values: u64,
    chain: Chain,
}

impl Downsampler {
    pub fn new(limit: usize) -> Downsampler {
        Downsampler {
            limit,
            kept: Vec::new(),
            ends: Vec::new(),
            open: Vec::new(),
            stretch: 0,
            tally: Tally::default(),
            values: 0,
            chain: Chain::default(),
        }
    }

    /// The next point: joined to the one before it where a line leads.
    pub fn take(&mut self, point: Point) {
        let point = self.chain.link(point);
        self.push(point);
    }

    /// The next point, to and from which no line leads.
    pub fn take_alone(&mut self, point: Point) {
        let point = self.chain.alone(point);
        self.push(point);
    }

    /// A point in front of the series: only whether a line leads on from it is remembered.
    pub fn pass(&mut self, point: Point, alone: bool) {
        if alone {
            self.chain.alone(point)
        } else {
            self.chain.link(point)
        };
    }

    fn push(&mut self, point: Point) {
        self.values += 1;
        self.tally.take(point.number());
        if self.stretch == 0 && self.kept.len() < self.limit {
            self.kept.push(point);
            return;
        }
        if self.stretch == 0 {
            self.stretch = (self.kept.len() / STRETCHES * 2).max(2);
            let all = std::mem::take(&mut self.kept);
            all.chunks(self.stretch).for_each(|some| self.close(some));
        }
        self.open.push(point);
        if self.open.len() >= self.stretch {
            let full = std::mem::take(&mut self.open);
            self.close(&full);
            if self.ends.len() >= STRETCHES {
                self.halve();
            }
        }
    }

    fn close(&mut self, points: &[Point]) {
        keep(points, &mut self.kept);
        self.ends.push(self.kept.len());
    }

    /// Two stretches become one.
    fn halve(&mut self) {
        self.stretch *= 2;
        let kept = std::mem::take(&mut self.kept);
        let ends = std::mem::take(&mut self.ends);
        let mut from = 0;
        for pair in ends.chunks(2) {
            let to = pair.last().copied().unwrap_or(from);
            self.close(kept.get(from..to).unwrap_or_default());
            from = to;
        }
    }

    /// `about` is the series without its points.
    pub fn finish(mut self, about: Series) -> Downsampled {
        let whole = self.stretch == 0;
        keep(&self.open, &mut self.kept);
        self.kept.shrink_to_fit();
        let series = Series { points: self.kept, ..about };
        Downsampled { series, tally: self.tally, values: self.values, whole }
    }
}

/// What is kept of a series, and what is known of all of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Downsampled {
    pub series: Series,
    /// Of all its values.
    pub tally: Tally,
    /// How many values there are.
    pub values: u64,
    /// No point is left out.
    pub whole: bool,
}

#[cfg(test)]
impl From<&Series> for Downsampled {
    fn from(series: &Series) -> Self {
        let mut digest = Downsampler::new(WHOLE);
        series.points.iter().for_each(|point| digest.take(*point));
        digest.finish(Series { points: Vec::new(), ..series.clone() })
    }
}

/// Of some points the first, the lowest, the highest and the last with a number, and a gap where there is one. A line
/// leads from one to the next where it leads to all that were between them.
fn keep(points: &[Point], into: &mut Vec<Point>) {
    let lower = |a: (usize, Point), b: (usize, Point)| if b.1.y < a.1.y { b } else { a };
    let higher = |a: (usize, Point), b: (usize, Point)| if b.1.y > a.1.y { b } else { a };
    let known = || points.iter().copied().enumerate().filter(|(_, p)| p.y.is_finite());
    let mut places: Vec<usize> =
        [known().next(), known().reduce(lower), known().reduce(higher), known().next_back()]
            .into_iter()
            .flatten()
            .map(|(n, _)| n)
            .chain(points.iter().position(|p| !p.y.is_finite()))
            .collect();
    places.sort_unstable();
    places.dedup();
    let mut from = 0;
    for place in places {
        let between = points.get(from..=place).unwrap_or_default();
        let joined = between.iter().all(|p| p.joined);
        into.extend(between.last().map(|p| Point { joined, ..*p }));
        from = place + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(n: usize, y: f64) -> Point {
        Point { x: n as f64, y, iteration: i64::try_from(n).unwrap(), ..Point::default() }
    }

    fn digested(ys: impl IntoIterator<Item = f64>) -> Downsampled {
        let mut digest = Downsampler::new(WHOLE);
        ys.into_iter().enumerate().for_each(|(n, y)| digest.take(point(n, y)));
        digest.finish(Series { name: "mass".to_owned(), ..Series::default() })
    }

    #[test]
    fn a_short_series_is_kept_whole() {
        let all = digested((0..WHOLE).map(|n| n as f64));
        assert!(all.whole && all.series.points.len() == WHOLE);
        let more = digested((0..=WHOLE).map(|n| n as f64));
        assert!(!more.whole && more.series.points.len() <= WHOLE && more.values == WHOLE as u64 + 1);
    }

    #[test]
    fn a_long_one_takes_no_more_memory_and_loses_no_peak() {
        for n in [20_000, 100_000, 1_000_000] {
            let y = |i: usize| {
                if i == n / 3 {
                    9.0
                } else if i == n / 2 {
                    f64::NAN
                } else {
                    (i % 7) as f64 / 7.0
                }
            };
            let all = digested((0..n).map(y));
            assert!(
                (2_000..=5 * STRETCHES).contains(&all.series.points.len()),
                "{}",
                all.series.points.len()
            );
            assert!(all.series.points.iter().any(|p| p.iteration == (n / 3) as i64));
            assert!(all.series.points.iter().any(|p| p.iteration == (n / 2) as i64), "the gap");
            assert_eq!(all.series.points.last().unwrap().iteration, n as i64 - 1);
            assert_eq!(all.tally.stats().unwrap().n, n - 1);
        }
    }

    /// A line between two kept points crosses no iteration without a number, and no line is lost where all have one.
    #[test]
    fn no_line_leads_over_a_gap() {
        let n = 60_000;
        let gap = |i: usize| i == 17_000 || i == 59_990 || (30_000..33_000).contains(&i);
        let mut digest = Downsampler::new(WHOLE);
        // One gap is a number that is none, the others are iterations that are not there.
        for i in (0..n).filter(|i| !gap(*i) || *i == 17_000) {
            digest.take(point(i, if gap(i) { f64::NAN } else { (i % 97) as f64 }));
        }
        let points = digest.finish(Series::default()).series.points;
        let mut broken = 0;
        for pair in points.windows(2).filter(|pair| pair[0].y.is_finite() && pair[1].y.is_finite()) {
            let (from, to) = (pair[0].iteration as usize, pair[1].iteration as usize);
            assert_eq!(pair[1].joined, !(from..to).any(gap), "{from} to {to}");
            broken += usize::from(!pair[1].joined);
        }
        assert!(broken >= 2, "{broken}");
    }

    proptest! {
        /// Each kept point is one of the series, in order; each stretch of x has its lowest and highest.
        #[test]
        fn what_is_kept_is_true(
            n in WHOLE..40_000usize,
            seed in any::<u64>(),
            part in 0usize..60,
        ) {
            let y = |i: usize| ((i as u64).wrapping_mul(seed | 1) >> 40) as f64;
            let all = digested((0..n).map(y));
            let points = &all.series.points;
            prop_assert!(points.iter().all(|p| p.y == y(p.x as usize)));
            prop_assert!(points.windows(2).all(|w| w[0].x < w[1].x));
            let stats = Series { points: (0..n).map(|i| point(i, y(i))).collect(), ..Series::default() }.stats();
            prop_assert_eq!(all.tally.stats(), stats);
            // In any sixtieth, a little widened, nothing stands out of what is kept.
            let wide = n / 60;
            let (from, to) = (part * wide, (part + 1) * wide);
            let slack = n / STRETCHES * 2 + 1;
            let highest = (from..to).map(y).fold(f64::MIN, f64::max);
            let near = |p: &&Point| p.x as usize + slack >= from && (p.x as usize) < to + slack;
            prop_assert!(points.iter().filter(near).any(|p| p.y >= highest));
        }
    }
}
