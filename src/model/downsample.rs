//! A series of any length, read point by point, in bounded memory: whole while it is short, else of each stretch the
//! points that a chart needs.

use super::series::{Point, Series, Tally};

/// Points up to which a series is kept whole where its length is not to matter.
pub const WHOLE: usize = 8_192;
/// Else it is cut into at most so many stretches of the same number of points, and at least half as many.
const STRETCHES: usize = 2_048;

/// A series that grows. Its points come in the order of x.
#[derive(Debug)]
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
        }
    }

    pub fn take(&mut self, point: Point) {
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

    pub fn finish(mut self, name: String, is_parameter: bool) -> Downsampled {
        let whole = self.stretch == 0;
        keep(&self.open, &mut self.kept);
        self.kept.shrink_to_fit();
        let series = Series { name, is_parameter, points: self.kept };
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
        digest.finish(series.name.clone(), series.is_parameter)
    }
}

/// Of some points the first, the lowest, the highest and the last with a number, and a gap where there is one.
fn keep(points: &[Point], into: &mut Vec<Point>) {
    let finite = || points.iter().enumerate().filter(|(_, p)| p.y.is_finite());
    let order = |a: &(usize, &Point), b: &(usize, &Point)| a.1.y.total_cmp(&b.1.y);
    let mut places: Vec<usize> =
        [finite().next(), finite().min_by(order), finite().max_by(order), finite().next_back()]
            .into_iter()
            .flatten()
            .map(|(n, _)| n)
            .chain(points.iter().position(|p| !p.y.is_finite()))
            .collect();
    places.sort_unstable();
    places.dedup();
    into.extend(places.into_iter().filter_map(|n| points.get(n)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(n: usize, y: f64) -> Point {
        Point { x: n as f64, y, is_integer: false, iteration: i64::try_from(n).unwrap(), sample: 0 }
    }

    fn digested(ys: impl IntoIterator<Item = f64>) -> Downsampled {
        let mut digest = Downsampler::new(WHOLE);
        ys.into_iter().enumerate().for_each(|(n, y)| digest.take(point(n, y)));
        digest.finish("mass".to_owned(), false)
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
