//! The arithmetic of charts: the window that is looked at, and round ticks.

/// A point of a chart; a NaN or infinite y is a gap.
pub type Xy = (f64, f64);

/// The part of the plane that a chart shows; always finite and never empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    pub x0: f64,
    pub x1: f64,
    pub y0: f64,
    pub y1: f64,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { x0: 0.0, x1: 1.0, y0: 0.0, y1: 1.0 }
    }
}

/// Values beyond this are not zoomed or panned to.
const FARTHEST: f64 = 1e300;

impl Viewport {
    /// All points; a single point or a constant series stands in the middle. Without a point, 0 to 1.
    pub fn fit(points: impl IntoIterator<Item = Xy>) -> Self {
        let (mut x, mut y) = (Extent::default(), Extent::default());
        for (px, py) in points.into_iter().filter(|p| known(*p)) {
            x.add(px);
            y.add(py);
        }
        let ((x0, x1), (y0, y1)) = (x.range(), y.range());
        Self { x0, x1, y0, y1 }
    }

    /// The same x, and the y of the points in it.
    pub fn fit_y(self, points: impl IntoIterator<Item = Xy>) -> Self {
        let mut y = Extent::default();
        points.into_iter().filter(|p| known(*p) && p.0 >= self.x0 && p.0 <= self.x1).for_each(|p| y.add(p.1));
        if y.low > y.high {
            return self;
        }
        let (y0, y1) = y.range();
        Self { y0, y1, ..self }
    }

    /// Nearer (factor above 1) or farther; the point `at` stays where it is on screen.
    pub fn zoom(self, factor: f64, at: Xy) -> Self {
        let Self { y0, y1, .. } = self;
        let (y0, y1) = zoomed(y0, y1, factor, at.1);
        Self { y0, y1, ..self.zoom_x(factor, at.0) }
    }

    /// As [`Viewport::zoom`], sideways only.
    pub fn zoom_x(self, factor: f64, at: f64) -> Self {
        let (x0, x1) = zoomed(self.x0, self.x1, factor, at);
        Self { x0, x1, ..self }
    }

    /// Moves by parts of the window: 0.5 is half a window to the right or up.
    pub fn pan(self, right: f64, up: f64) -> Self {
        let (x0, x1) = panned(self.x0, self.x1, right);
        let (y0, y1) = panned(self.y0, self.y1, up);
        Self { x0, x1, y0, y1 }
    }

    /// The window moved sideways, as little as it takes to show `x`.
    pub fn reveal(self, x: f64) -> Self {
        let share = self.across(x);
        if share < 0.0 {
            self.pan(share, 0.0)
        } else if share > 1.0 {
            self.pan(share - 1.0, 0.0)
        } else {
            self
        }
    }

    /// Where x stands: 0 at the left edge, 1 at the right one.
    pub fn across(&self, x: f64) -> f64 {
        share(x, self.x0, self.x1)
    }

    /// Where y stands: 0 at the lower edge, 1 at the upper one.
    pub fn upward(&self, y: f64) -> f64 {
        share(y, self.y0, self.y1)
    }
}

/// Are both coordinates finite?
pub fn known((x, y): Xy) -> bool {
    x.is_finite() && y.is_finite()
}

struct Extent {
    low: f64,
    high: f64,
}

impl Default for Extent {
    fn default() -> Self {
        Self { low: f64::INFINITY, high: f64::NEG_INFINITY }
    }
}

impl Extent {
    fn add(&mut self, v: f64) {
        self.low = self.low.min(v);
        self.high = self.high.max(v);
    }

    fn range(&self) -> (f64, f64) {
        if self.low > self.high {
            return (0.0, 1.0);
        }
        let middle = self.low / 2.0 + self.high / 2.0;
        if self.high / 2.0 - self.low / 2.0 > thinnest(middle) {
            return (self.low, self.high);
        }
        let around = if middle == 0.0 { 1.0 } else { (middle.abs() / 10.0).max(1e-300) };
        ((middle - around).max(f64::MIN), (middle + around).min(f64::MAX))
    }
}

/// The smallest half window around a value that doubles can still tell apart.
fn thinnest(middle: f64) -> f64 {
    (middle.abs() * 1e-12).max(1e-300)
}

fn zoomed(low: f64, high: f64, factor: f64, at: f64) -> (f64, f64) {
    let at = if at.is_finite() { at.clamp(low, high) } else { low / 2.0 + high / 2.0 };
    let factor = if factor.is_finite() { factor.clamp(1e-3, 1e3) } else { 1.0 };
    let (left, right) = (at - (at - low) / factor, at + (high - at) / factor);
    let fits = right / 2.0 - left / 2.0 > thinnest(at) && left > -FARTHEST && right < FARTHEST;
    if fits { (left, right) } else { (low, high) }
}

fn panned(low: f64, high: f64, by: f64) -> (f64, f64) {
    let step = (high / 2.0 - low / 2.0) * by * 2.0;
    let (left, right) = (low + step, high + step);
    let fits = left > -FARTHEST && right < FARTHEST && right / 2.0 - left / 2.0 > thinnest(left);
    if fits { (left, right) } else { (low, high) }
}

/// Clamped far outside of the window, so that what is drawn from it stays finite.
fn share(v: f64, low: f64, high: f64) -> f64 {
    let s = (v / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
    if s.is_nan() { 0.5 } else { s.clamp(-1e6, 1e6) }
}

/// The point with a number whose x is nearest to `x`; of equals the first.
pub fn nearest(points: &[Xy], x: f64) -> Option<usize> {
    let far = |p: &Xy| (p.0 / 2.0 - x / 2.0).abs();
    let known = points.iter().enumerate().filter(|(_, p)| known(**p));
    known.min_by(|a, b| far(a.1).total_cmp(&far(b.1))).map(|(i, _)| i)
}

/// Round values on an axis and their labels, all with the same decimals.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ticks {
    pub values: Vec<f64>,
    pub labels: Vec<String>,
}

impl Ticks {
    /// Columns of the widest label.
    pub fn width(&self) -> usize {
        self.labels.iter().map(String::len).max().unwrap_or(0)
    }
}

/// At most `most` ticks between `low` and `high`, 1, 2 or 5 times a power of ten apart; `whole` for axes that count.
pub fn ticks(low: f64, high: f64, most: usize, whole: bool) -> Ticks {
    let half = high / 2.0 - low / 2.0;
    if most == 0 || !half.is_finite() || half <= 0.0 {
        return Ticks::default();
    }
    let raw = (half / most as f64 * 2.0).clamp(f64::MIN_POSITIVE, 1e308);
    let mut power = raw.log10().floor() as i32 - 1;
    let mut steps = std::iter::from_fn(|| {
        power += 1;
        Some([1.0, 2.0, 5.0].map(|m| (m * 10f64.powi(power), power)))
    })
    .take(6)
    .flatten();
    let fits = |(step, _): &(f64, i32)| {
        let n = (high / step).floor() - (low / step).ceil() + 1.0;
        step.is_finite() && n <= most as f64 && (!whole || *step >= 1.0)
    };
    let Some((step, power)) = steps.find(fits) else { return Ticks::default() };
    let first = (low / step).ceil();
    let count = ((high / step).floor() - first).clamp(-1.0, most as f64) as i64;
    let values: Vec<f64> =
        (0..=count).map(|i| round_to((first + i as f64) * step, power)).filter(|v| v.is_finite()).collect();
    let labels = labels(&values, power);
    Ticks { values, labels }
}

/// Takes off what multiplying left behind (`0.30000000000000004`).
fn round_to(value: f64, power: i32) -> f64 {
    let decimals = usize::try_from(-power).unwrap_or(0);
    if decimals > 300 { value } else { format!("{value:.decimals$}").parse().unwrap_or(value) }
}

fn labels(values: &[f64], power: i32) -> Vec<String> {
    let largest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    if (1e-5..1e7).contains(&largest) || largest == 0.0 {
        let decimals = usize::try_from(-power).unwrap_or(0).min(17);
        return values.iter().map(|v| plain(*v, decimals)).collect();
    }
    let decimals = usize::try_from(largest.log10().floor() as i32 - power).unwrap_or(0).min(15);
    values.iter().map(|v| if *v == 0.0 { "0".into() } else { format!("{v:.decimals$e}") }).collect()
}

fn plain(value: f64, decimals: usize) -> String {
    // Adding zero takes the sign off a negative zero.
    format!("{:.decimals$}", value + 0.0)
}

#[cfg(test)]
mod tests;
