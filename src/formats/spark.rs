//! Sparklines: a series as one line of bars, reduced without losing its highest and lowest point.

use crate::model::series::Series;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const SIGNS: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// A column a point, or at most `width` columns of several points each. NaN and infinities are gaps (spaces);
/// a series of one value stands in the middle.
pub fn sparkline(points: &[f64], width: usize, ascii: bool) -> String {
    let columns = reduce(points, width);
    let finite = columns.iter().flatten().copied();
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let levels = if ascii { &SIGNS } else { &BARS };
    let glyph = |v: f64| {
        let share = if low < high { (v / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) } else { 0.43 };
        levels.get((share * 7.0).round() as usize).copied().unwrap_or(' ')
    };
    columns.iter().map(|c| c.map_or(' ', glyph)).collect()
}

/// The values of a series for a sparkline: NaN for each iteration without one. Where most iterations are missing, as in
/// the first look at a long record, none of them is shown.
pub fn spark_values(series: &Series) -> Vec<f64> {
    let points = &series.points;
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let (from, to) = series.iterations.unwrap_or((first.iteration, last.iteration));
    let missing = |before: i64, next: i64| {
        usize::try_from(next.saturating_sub(before).saturating_sub(1)).unwrap_or_default()
    };
    let most = points.len().saturating_mul(4).saturating_add(256);
    let between = points.windows(2).map(|pair| match pair {
        [a, b] => missing(a.iteration, b.iteration),
        _ => 0,
    });
    let (ahead, behind) =
        (missing(from.saturating_sub(1), first.iteration), missing(last.iteration, to.saturating_add(1)));
    let all = between.fold(ahead.saturating_add(behind), usize::saturating_add);
    if all > most {
        return points.iter().map(|p| p.y).collect();
    }
    let mut values = vec![f64::NAN; ahead];
    let mut before = first.iteration;
    for p in points {
        values.extend(std::iter::repeat_n(f64::NAN, missing(before, p.iteration)));
        values.push(p.y);
        before = p.iteration;
    }
    values.extend(std::iter::repeat_n(f64::NAN, behind));
    values
}

/// Points of a column from which on their mean stands for them: the farthest of so many tells nothing but noise.
const MANY: usize = 16;

/// One value for each column: the one farthest from the series' mean, or the mean of many; the highest and the lowest
/// of all points stay.
fn reduce(points: &[f64], width: usize) -> Vec<Option<f64>> {
    let finite = |v: &f64| v.is_finite().then_some(*v);
    if points.len() <= width {
        return points.iter().map(finite).collect();
    }
    if width == 0 {
        return Vec::new();
    }
    let known = || points.iter().enumerate().filter_map(|(i, v)| Some((i, finite(v)?)));
    let count = known().count().max(1) as f64;
    let mean: f64 = known().map(|(_, v)| v / count).sum();
    let column = |i: usize| (i as u128 * width as u128 / points.len() as u128) as usize;
    let mut columns: Vec<Option<f64>> = vec![None; width];
    let many = points.len() / width >= MANY;
    let mut counts = vec![0.0; if many { width } else { 0 }];
    for (i, v) in known().filter(|_| many) {
        if let (Some(slot), Some(n)) = (columns.get_mut(column(i)), counts.get_mut(column(i))) {
            *n += 1.0;
            let old = slot.unwrap_or_default();
            *slot = Some(old + (v / *n - old / *n));
        }
    }
    for (i, v) in known().filter(|_| !many) {
        if let Some(slot) = columns.get_mut(column(i)) {
            let farther = |old: f64| (v / 2.0 - mean / 2.0).abs() > (old / 2.0 - mean / 2.0).abs();
            if slot.is_none_or(farther) {
                *slot = Some(v);
            }
        }
    }
    let top = known().max_by(|a, b| a.1.total_cmp(&b.1));
    let bottom = known().min_by(|a, b| a.1.total_cmp(&b.1));
    if let (Some(top), Some(bottom)) = (top, bottom) {
        // Of two in one column the highest; the other then comes beside it.
        for (i, v) in [bottom, top].into_iter().filter(|_| many) {
            if let Some(slot) = columns.get_mut(column(i)) {
                *slot = Some(v);
            }
        }
        keep_both(&mut columns, (column(top.0), top), (column(bottom.0), bottom));
    }
    columns
}

/// Where the highest and the lowest point fall into one column, the one that was not taken stands beside it.
fn keep_both(columns: &mut [Option<f64>], top: (usize, (usize, f64)), bottom: (usize, (usize, f64))) {
    let has = |v: f64, columns: &[Option<f64>]| columns.contains(&Some(v));
    let (lost, taken) = match (has(top.1.1, columns), has(bottom.1.1, columns)) {
        (true, false) => (bottom, top),
        (false, true) => (top, bottom),
        _ => return,
    };
    let before = lost.1.0 < taken.1.0;
    let left = lost.0.checked_sub(1);
    let right = Some(lost.0 + 1).filter(|i| *i < columns.len());
    let beside = if before { left.or(right) } else { right.or(left) };
    if let Some(slot) = beside.and_then(|i| columns.get_mut(i)) {
        *slot = Some(lost.1.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::series::Point;
    use proptest::prelude::*;

    #[test]
    fn a_bar_a_point_with_gaps() {
        assert_eq!(sparkline(&[1.0, 2.0, f64::NAN, 8.0], 10, false), "▁▂ █");
        assert_eq!(sparkline(&[1.0, f64::INFINITY, 8.0], 10, true), "_ #");
        assert_eq!(sparkline(&[0.6, 0.6], 10, false), "▄▄");
        assert_eq!(sparkline(&[-3.0], 10, true), "-");
        assert_eq!(sparkline(&[f64::NAN; 3], 2, false), "  ");
        assert_eq!(sparkline(&[], 10, false), "");
        assert_eq!(sparkline(&[f64::MIN, 0.0, f64::MAX], 10, false), "▁▅█");
    }

    #[test]
    fn an_iteration_without_a_value_is_a_blank_column() {
        let point = |iteration, sample, y| Point { iteration, sample, y, ..Point::default() };
        let of = |points: Vec<Point>, iterations| {
            let series = Series { points, iterations, ..Series::default() };
            sparkline(&spark_values(&series), 12, false)
        };
        let some = vec![point(3, 0, 1.0), point(4, 0, 8.0), point(7, 0, 1.0)];
        assert_eq!(of(some.clone(), None), "▁█  ▁");
        assert_eq!(of(some.clone(), Some((1, 9))), "  ▁█  ▁  ");
        assert_eq!(of(vec![point(1, 1, 1.0), point(1, 2, 8.0), point(3, 1, 1.0)], None), "▁█ ▁");
        // Of a first look at many iterations: those between were not looked at.
        assert_eq!(of((0..9).map(|n| point(n * 1_000, 0, n as f64)).collect(), None), "▁▂▃▄▅▅▆▇█");
        assert_eq!(
            of(vec![point(i64::MIN, 0, 1.0), point(i64::MAX, 0, 2.0)], Some((i64::MIN, i64::MAX))),
            "▁█"
        );
        assert_eq!(of(Vec::new(), Some((1, 3))), "");
    }

    #[test]
    fn a_peak_survives_reduction() {
        let mut points = vec![1.0; 50_000];
        points[31_415] = 9.0;
        points[31_416] = 0.0;
        let line = sparkline(&points, 20, false);
        assert_eq!(line, "▂▂▂▂▂▂▂▂▂▂▂▂█▁▂▂▂▂▂▂");
    }

    /// Two outputs with the same spread look the same, whatever is farthest in each column.
    #[test]
    fn noise_is_flat() {
        let noise = |seed: u64| (0..20_000_u64).map(move |i| ((i * 7919 + seed) * 104_729 % 1_009) as f64);
        for seed in [0, 11] {
            let line = sparkline(&noise(seed).collect::<Vec<_>>(), 20, false);
            assert_eq!(line.matches(['▄', '▅']).count(), 18, "{line}");
        }
    }

    proptest! {
        #[test]
        fn shows_the_highest_and_the_lowest(
            points in prop::collection::vec(prop_oneof![9 => any::<f64>(), 1 => Just(f64::NAN)], 0..900),
            width in 0usize..40,
        ) {
            let line = sparkline(&points, width, false);
            prop_assert_eq!(line.chars().count(), points.len().min(width));
            let finite = || points.iter().filter(|v| v.is_finite());
            if width > 1 && finite().any(|v| Some(v) != finite().next()) {
                prop_assert!(line.contains('▁') && line.contains('█'), "{}", line);
            }
        }
    }
}
