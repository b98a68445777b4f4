//! Numbers of a record over its iterations, for sparklines and charts.

/// One output over the iterations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    pub name: String,
    /// A parameter of the iterations, which IvoryOS stores among their outputs.
    pub is_parameter: bool,
    /// Its numbers were found in the outputs of steps, as the phases of its record keep none.
    pub from_steps: bool,
    pub points: Vec<Point>,
    /// The first and the last iteration that were looked at, also those without a number.
    pub iterations: Option<(i64, i64)>,
}

/// One number: x is the iteration (samples of a batch spread between it and the next), y the value.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// Iteration + b / (n + 1) for sample b = 1..n of a batch; the iteration itself for a single value.
    pub x: f64,
    /// NaN is a gap.
    pub y: f64,
    /// The value was stored as an integer (or a boolean).
    pub is_integer: bool,
    pub iteration: i64,
    /// Which of the numbers of its iteration, from 1; 0 for the only one.
    pub sample: u32,
    /// What it is called.
    pub place: PointPlace,
    /// A line leads here from the point before: both are single values, of iterations that follow each other.
    pub joined: bool,
}

/// Where a number stands in its iteration, from 1; 0 where there is only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PointPlace {
    /// Of a batch.
    pub sample: u32,
    /// Of a list.
    pub value: u32,
}

/// A stored number as near as a double is to it, and how it was stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    pub value: f64,
    pub is_integer: bool,
}

impl Point {
    pub fn number(&self) -> Number {
        Number { value: self.y, is_integer: self.is_integer }
    }
}

/// Which points a line leads to, told point by point in the order of x.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Chain {
    /// The iteration that a line can go on from.
    last: Option<i64>,
}

impl Chain {
    /// The next point, joined or not.
    pub fn link(&mut self, point: Point) -> Point {
        let single = point.sample == 0 && point.y.is_finite();
        let follows = self.last.and_then(|last| last.checked_add(1)) == Some(point.iteration);
        self.last = single.then_some(point.iteration);
        Point { joined: single && follows, ..point }
    }

    /// A point that no line leads to or from.
    pub fn alone(&mut self, point: Point) -> Point {
        self.last = None;
        Point { joined: false, ..point }
    }
}

/// Last, smallest, mean and largest finite value, how far they lie apart, and how many points there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    pub last: Number,
    pub min: Number,
    pub mean: f64,
    pub max: Number,
    /// The standard deviation of the values as a sample (n - 1); `None` for a single one, and where it is too large
    /// for a double.
    pub sd: Option<f64>,
    /// Decimals of the value that has most of them.
    pub decimals: u16,
    /// Finite points.
    pub n: usize,
}

impl Series {
    /// None where no point is finite.
    pub fn stats(&self) -> Option<Stats> {
        let mut tally = Tally::default();
        self.points.iter().for_each(|p| tally.take(p.number()));
        tally.stats()
    }

    /// The same with its points joined where a line leads.
    #[cfg(test)]
    pub fn linked(mut self) -> Self {
        let mut chain = Chain::default();
        self.points.iter_mut().for_each(|p| *p = chain.link(*p));
        self
    }
}

/// The numbers of a series, value by value.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    stats: Option<Stats>,
    /// The root of the sum of squared distances from the mean (Welford's): for values whose squares are no doubles.
    apart: f64,
    /// The first value, and the sums of the distances from it and of their squares.
    first: f64,
    distances: Sum,
    squares: Sum,
}

impl Tally {
    pub fn take(&mut self, number: Number) {
        let y = number.value;
        if !y.is_finite() {
            return;
        }
        let decimals = if number.is_integer { 0 } else { decimals(y) };
        let Some(s) = &mut self.stats else {
            self.first = y;
            self.stats =
                Some(Stats { last: number, min: number, mean: y, max: number, sd: None, decimals, n: 1 });
            return;
        };
        s.n += 1;
        s.last = number;
        if y < s.min.value {
            s.min = number;
        }
        if y > s.max.value {
            s.max = number;
        }
        s.decimals = s.decimals.max(decimals);
        let n = s.n as f64;
        let far = y - s.mean;
        s.mean += if far.is_finite() { far / n } else { y / n - s.mean / n };
        self.apart = self.apart.hypot(far * ((n - 1.0) / n).sqrt());
        let (distance, rest) = sum_of(y, -self.first);
        let (square, square_rest) = product_of(distance, distance);
        self.distances.add(distance, rest);
        self.squares.add(square, square_rest + 2.0 * distance * rest);
    }

    /// None where no value was finite.
    pub fn stats(self) -> Option<Stats> {
        let stats = self.stats?;
        let n = stats.n as f64;
        let mean = Some(self.mean(n)).filter(|mean| mean.is_finite()).unwrap_or(stats.mean);
        let sd = self.squares_apart(n).unwrap_or(self.apart) / (n - 1.0).sqrt();
        Some(Stats { mean, sd: Some(sd).filter(|sd| stats.n > 1 && sd.is_finite()), ..stats })
    }

    fn mean(&self, n: f64) -> f64 {
        let shift = self.distances.divided(n);
        let (mean, rest) = sum_of(self.first, shift.0);
        mean + (rest + shift.1)
    }

    /// The root of the sum of squared distances from the mean; `None` where squares left what doubles can hold.
    fn squares_apart(&self, n: f64) -> Option<f64> {
        let (sum, rest) = (self.distances.0, self.distances.1);
        let (square, square_rest) = product_of(sum, sum);
        let of_mean = Sum(square, square_rest + 2.0 * sum * rest).divided(n);
        let mut apart = self.squares;
        apart.add(-of_mean.0, -of_mean.1);
        let is_held = self.squares.0.is_finite() && square.is_finite() && self.squares.0 > 1e-250;
        is_held.then(|| apart.0.max(0.0).sqrt())
    }
}

/// A sum in twice the digits of a double, and what it lacks: means and deviations of values that lie close together or
/// nearly cancel out are right to their last digit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Sum(f64, f64);

impl Sum {
    fn add(&mut self, value: f64, rest: f64) {
        let (sum, lost) = sum_of(self.0, value);
        let (sum, lost) = sum_of(sum, lost + self.1 + rest);
        *self = Sum(sum, lost);
    }

    fn divided(self, by: f64) -> Sum {
        let first = self.0 / by;
        let left = (-first).mul_add(by, self.0) + self.1;
        let (sum, rest) = sum_of(first, left / by);
        Sum(sum, rest)
    }
}

/// A sum, and what rounding took from it.
fn sum_of(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// A product, and what rounding took from it.
fn product_of(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

/// Digits behind the point of the shortest text that is this number.
fn decimals(y: f64) -> u16 {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(y);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let behind = mantissa.split_once('.').map_or("", |(_, behind)| behind).trim_end_matches('0');
    let power: i64 = exponent.parse().unwrap_or(0);
    u16::try_from((behind.len() as i64 - power).max(0)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(ys: &[f64]) -> Option<Stats> {
        let mut tally = Tally::default();
        ys.iter().for_each(|y| tally.take(Number { value: *y, is_integer: false }));
        tally.stats()
    }

    fn sd(ys: &[f64]) -> Option<f64> {
        of(ys)?.sd
    }

    #[test]
    fn the_standard_deviation_is_that_of_a_sample() {
        assert_eq!(
            sd(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).map(|sd| format!("{sd:.6}")).unwrap(),
            "2.138090"
        );
        assert_eq!(sd(&[3.5; 9]), Some(0.0));
        assert_eq!((sd(&[]), sd(&[8.0]), sd(&[8.0, f64::NAN])), (None, None, None));
        // Large values that lie close together, where sums of squares have no digit left.
        assert_eq!(
            sd(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]).map(|sd| (sd * sd).round()),
            Some(30.0)
        );
        // As exact fractions say.
        let near = sd(&[71_234.000_000_01, 71_234.000_000_05, 71_234.000_000_03]).unwrap();
        let exact = {
            let steps = [0.0, 71_234.000_000_05 - 71_234.000_000_01, 71_234.000_000_03 - 71_234.000_000_01];
            let mean = steps.iter().sum::<f64>() / 3.0;
            (steps.iter().map(|step| (step - mean).powi(2)).sum::<f64>() / 2.0).sqrt()
        };
        assert!((near / exact - 1.0).abs() < 1e-12, "{near} {exact}");
        assert_eq!(of(&[3.0, -3.0, 3.0, -3.0]).unwrap().mean, 0.0);
        let huge = sd(&[1e200, 3e200]).unwrap();
        assert!((huge / 2e200 - 0.5f64.sqrt()).abs() < 1e-12, "{huge}");
        let tiny = sd(&[1e-200, 3e-200]).unwrap();
        assert!((tiny / 2e-200 - 0.5f64.sqrt()).abs() < 1e-12, "{tiny}");
    }

    /// What no double can say is not said; the mean always is.
    #[test]
    fn values_at_the_ends_have_a_mean_and_no_infinite_deviation() {
        let stats = of(&[f64::MAX, f64::MIN, f64::MAX, f64::MIN]).unwrap();
        assert!(stats.mean.is_finite() && stats.sd.is_none(), "{stats:?}");
    }

    #[test]
    fn only_single_values_of_following_iterations_are_joined() {
        let point = |iteration, sample, y| Point { y, iteration, sample, ..Point::default() };
        let mut chain = Chain::default();
        let points = [
            (1, 0, 1.0, false),
            (2, 0, 1.0, true),
            (4, 0, 1.0, false),
            (5, 1, 1.0, false),
            (5, 2, 1.0, false),
            (6, 0, 1.0, false),
            (7, 0, f64::NAN, false),
            (8, 0, 1.0, false),
            (9, 0, 1.0, true),
        ];
        for (iteration, sample, y, joined) in points {
            assert_eq!(chain.link(point(iteration, sample, y)).joined, joined, "{iteration}");
        }
        assert!(!chain.alone(point(10, 0, 1.0)).joined);
        assert!(!chain.link(point(11, 0, 1.0)).joined);
        assert!(!chain.link(point(i64::MIN, 0, 1.0)).joined);
    }

    #[test]
    fn decimals_are_those_of_the_shortest_text() {
        let cases = [
            (0.0, 0),
            (1250.75, 2),
            (-7.0, 0),
            (0.1, 1),
            (1.5e-7, 8),
            (1e22, 0),
            (1.25e22, 0),
            (5e-324, 324),
        ];
        for (number, n) in cases {
            assert_eq!(decimals(number), n, "{number}");
        }
    }

    proptest! {
        #[test]
        fn as_the_sum_over_all_values_says(ys in prop::collection::vec(-1e6..1e6, 2..200)) {
            let n = ys.len() as f64;
            let mean = ys.iter().sum::<f64>() / n;
            let plain = (ys.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
            prop_assert!((sd(&ys).unwrap() - plain).abs() <= plain.abs() * 1e-9 + 1e-9);
        }
    }
}
