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
        let mut finite = self.points.iter().map(|p| p.y).filter(|y| y.is_finite());
        let first = finite.next()?;
        let mut s = Stats { last: first, min: first, mean: first, max: first, n: 1 };
        for y in finite {
            s.n += 1;
            s.last = y;
            s.min = s.min.min(y);
            s.max = s.max.max(y);
            s.mean += (y - s.mean) / s.n as f64;
        }
        Some(s)
    }
}
