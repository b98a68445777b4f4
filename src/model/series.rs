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
    /// The value was stored as an integer (or a boolean).
    pub is_integer: bool,
    pub iteration: i64,
    /// From 1 in a batch, 0 for a single value.
    pub sample: u32,
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

/// Last, smallest, mean and largest finite value, and how many points there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    pub last: Number,
    pub min: Number,
    pub mean: f64,
    pub max: Number,
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
}

/// The numbers of a series, value by value.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally(Option<Stats>);

impl Tally {
    pub fn take(&mut self, number: Number) {
        let y = number.value;
        if !y.is_finite() {
            return;
        }
        let decimals = if number.is_integer { 0 } else { decimals(y) };
        let Some(s) = &mut self.0 else {
            self.0 = Some(Stats { last: number, min: number, mean: y, max: number, decimals, n: 1 });
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
        s.mean += (y - s.mean) / s.n as f64;
        s.decimals = s.decimals.max(decimals);
    }

    /// None where no value was finite.
    pub fn stats(self) -> Option<Stats> {
        self.0
    }
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
    use super::decimals;

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
}
