//! Numbers of a record over its iterations, for sparklines and charts.

/// One output over the iterations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    pub name: String,
    /// A parameter of the iterations, which IvoryOS stores among their outputs.
    pub is_parameter: bool,
    pub points: Vec<Point>,
}

/// One number: x is the iteration (samples of a batch spread between it and the next), y the value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Iteration + b / (n + 1) for sample b = 1..n of a batch; the iteration itself for a single value.
    pub x: f64,
    /// NaN is a gap.
    pub y: f64,
    pub iteration: i64,
    /// From 1 in a batch, 0 for a single value.
    pub sample: u32,
}

/// Last, smallest, mean and largest finite value, and how many points there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    pub last: f64,
    pub min: f64,
    pub mean: f64,
    pub max: f64,
    /// Finite points.
    pub n: usize,
}

impl Series {
    /// None where no point is finite.
    pub fn stats(&self) -> Option<Stats> {
        let mut tally = Tally::default();
        self.points.iter().for_each(|p| tally.take(p.y));
        tally.stats()
    }
}

/// The numbers of a series, value by value.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally(Option<Stats>);

impl Tally {
    pub fn take(&mut self, y: f64) {
        if !y.is_finite() {
            return;
        }
        let Some(s) = &mut self.0 else {
            self.0 = Some(Stats { last: y, min: y, mean: y, max: y, n: 1 });
            return;
        };
        s.n += 1;
        s.last = y;
        s.min = s.min.min(y);
        s.max = s.max.max(y);
        s.mean += (y - s.mean) / s.n as f64;
    }

    /// None where no value was finite.
    pub fn stats(self) -> Option<Stats> {
        self.0
    }
}
