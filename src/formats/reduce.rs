//! Makes a series of any length as short as the picture is wide, without losing a peak or a gap.

use super::scale::{Viewport, Xy, known};

/// How points become a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReduceMode {
    /// Joined in the order of x; gaps break the line.
    #[default]
    Line,
    Scatter,
}

/// A series reduced to what a picture can show: made once for a window and a size, drawn as often as needed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reduced {
    pub mode: ReduceMode,
    /// Lines: pieces of two points or more without a gap.
    pub parts: Vec<Vec<Xy>>,
    /// One for each dot with points that no line leads to or from; of a scatter one for each dot with any.
    pub lone: Vec<Xy>,
    /// All points in the window, unless they are more than its columns of dots.
    pub few: Option<Vec<Xy>>,
}

/// The dot, of `dots`, at this share of the way; far outside is one dot outside.
pub(crate) fn dot(share: f64, dots: usize) -> i64 {
    let at = (share * dots.saturating_sub(1) as f64).round();
    if at < 0.0 {
        -1
    } else if at >= dots as f64 {
        i64::try_from(dots).unwrap_or(i64::MAX)
    } else {
        at as i64
    }
}

/// Keeps of each column of dots the first, lowest, highest and last point of a line; of lone points and of a scatter,
/// one point a dot. Points outside of the window stay only where a line leads to them.
pub fn reduce(points: &[Xy], window: &Viewport, columns: usize, rows: usize, mode: ReduceMode) -> Reduced {
    let parts = match mode {
        ReduceMode::Scatter => {
            let lone = scatter(points, window, columns, rows);
            return Reduced { mode, lone, ..Reduced::default() };
        }
        ReduceMode::Line if points.windows(2).all(|w| matches!(w, [a, b] if a.0 <= b.0)) => {
            line(points.iter().copied(), window, columns)
        }
        ReduceMode::Line => {
            let mut sorted: Vec<Xy> = points.iter().copied().filter(|p| !p.0.is_nan()).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            line(sorted.into_iter(), window, columns)
        }
    };
    let (lines, alone): (Vec<_>, Vec<_>) =
        parts.into_iter().filter(|part| !part.is_empty()).partition(|part| part.len() > 1);
    let lone = scatter(&alone.concat(), window, columns, rows);
    Reduced { mode, parts: merged(lines, window, columns), lone, few: few(points, window, columns) }
}

fn inside(p: Xy, window: &Viewport) -> bool {
    let within = |share: f64| (0.0..=1.0).contains(&share);
    known(p) && within(window.across(p.0)) && within(window.upward(p.1))
}

fn few(points: &[Xy], window: &Viewport, most: usize) -> Option<Vec<Xy>> {
    let seen: Vec<Xy> = points.iter().copied().filter(|p| inside(*p, window)).take(most + 1).collect();
    Some(seen).filter(|seen| seen.len() <= most)
}

/// Many pieces that each lie in one column of dots, as where every third iteration is missing among thousands: those
/// that lie over each other become one upright piece, which lights the same dots and leads over no gap.
fn merged(parts: Vec<Vec<Xy>>, window: &Viewport, columns: usize) -> Vec<Vec<Xy>> {
    if parts.len() <= columns {
        return parts;
    }
    let column = |p: &Xy| dot(window.across(p.0), columns);
    let ends = |part: &Vec<Xy>| part.first().map(column) == part.last().map(column);
    let (upright, mut kept): (Vec<_>, Vec<_>) = parts.into_iter().partition(ends);
    let mut upright: Vec<(i64, Xy, Xy)> = upright
        .iter()
        .filter_map(|part| {
            let low = part.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
            let high = part.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
            Some((column(low), *low, *high))
        })
        .collect();
    upright.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.1.total_cmp(&b.1.1)));
    let mut joined: Vec<(i64, Xy, Xy)> = Vec::new();
    for one in upright {
        match joined.last_mut().filter(|last| last.0 == one.0 && one.1.1 <= last.2.1) {
            Some(last) if one.2.1 > last.2.1 => last.2 = one.2,
            Some(_) => {}
            None => joined.push(one),
        }
    }
    kept.extend(joined.into_iter().map(|(_, low, high)| vec![low, (low.0, high.1)]));
    kept
}

fn scatter(points: &[Xy], window: &Viewport, columns: usize, rows: usize) -> Vec<Xy> {
    let mut taken = vec![false; columns.saturating_mul(rows)];
    let mut kept = Vec::new();
    for p in points.iter().filter(|p| known(**p)) {
        let (x, y) = (dot(window.across(p.0), columns), dot(window.upward(p.1), rows));
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { continue };
        if x < columns
            && y < rows
            && let Some(seen) = taken.get_mut(y * columns + x)
            && !std::mem::replace(seen, true)
        {
            kept.push(*p);
        }
    }
    kept
}

/// The points of one column of dots so far.
struct Column {
    at: i64,
    /// First, lowest, highest, last, each with its place.
    kept: [(usize, Xy); 4],
}

fn line(points: impl Iterator<Item = Xy>, window: &Viewport, columns: usize) -> Vec<Vec<Xy>> {
    let (mut parts, mut part, mut column) = (Vec::new(), Vec::new(), None::<Column>);
    for (i, p) in points.enumerate() {
        if !known(p) {
            close(column.take(), &mut part, columns);
            parts.push(std::mem::take(&mut part));
            continue;
        }
        let share = window.across(p.0);
        let at = if share < 0.0 {
            -1
        } else if share > 1.0 {
            columns as i64
        } else {
            dot(share, columns)
        };
        match &mut column {
            Some(c) if c.at == at => {
                let [_, low, high, last] = &mut c.kept;
                if p.1 < low.1.1 {
                    *low = (i, p);
                }
                if p.1 > high.1.1 {
                    *high = (i, p);
                }
                *last = (i, p);
            }
            _ => {
                let old = column.replace(Column { at, kept: [(i, p); 4] });
                close(old, &mut part, columns);
            }
        }
    }
    close(column, &mut part, columns);
    parts.push(part);
    parts
}

fn close(column: Option<Column>, part: &mut Vec<Xy>, columns: usize) {
    let Some(Column { at, mut kept }) = column else { return };
    let [first, .., last] = kept;
    if at < 0 {
        part.push(last.1);
    } else if at >= columns as i64 {
        part.push(first.1);
    } else {
        kept.sort_by_key(|k| k.0);
        let mut before = None;
        for (i, p) in kept {
            if before != Some(i) {
                part.push(p);
            }
            before = Some(i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn gaps_break_the_line_and_neighbours_outside_stay() {
        let points =
            [(0.0, 1.0), (1.0, 1.0), (2.0, 3.0), (3.0, f64::NAN), (4.0, 2.0), (9.0, 5.0), (10.0, 5.0)];
        let window = Viewport { x0: 1.5, x1: 5.0, y0: 0.0, y1: 5.0 };
        let r = reduce(&points, &window, 10, 10, ReduceMode::Line);
        assert_eq!(r.parts, [vec![(1.0, 1.0), (2.0, 3.0)], vec![(4.0, 2.0), (9.0, 5.0)]]);
    }

    #[test]
    fn unsorted_lines_go_by_x() {
        let r = reduce(
            &[(2.0, 1.0), (1.0, 0.0), (3.0, 2.0)],
            &Viewport::fit([(1.0, 0.0), (3.0, 2.0)]),
            9,
            9,
            ReduceMode::Line,
        );
        assert_eq!(r.parts, [vec![(1.0, 0.0), (2.0, 1.0), (3.0, 2.0)]]);
    }

    /// Lowest and highest dot of each column of dots, of eight rows.
    fn extremes(points: impl Iterator<Item = Xy>, w: &Viewport, columns: usize) -> BTreeMap<i64, (i64, i64)> {
        let mut out = BTreeMap::new();
        for p in points.filter(|p| known(*p)) {
            let y = dot(w.upward(p.1), 8);
            let e = out.entry(dot(w.across(p.0), columns)).or_insert((y, y));
            *e = (e.0.min(y), e.1.max(y));
        }
        out
    }

    fn series() -> impl Strategy<Value = Vec<Xy>> {
        let y = prop_oneof![8 => -1e3..1e3, 1 => Just(f64::NAN), 1 => any::<f64>()];
        prop::collection::vec((-50.0..50.0, y), 0..400)
    }

    #[test]
    fn points_without_a_line_are_told_from_lines() {
        let gap = f64::NAN;
        let points = [(0.0, 1.0), (0.5, gap), (1.0, 2.0), (2.0, 3.0), (2.5, gap), (3.0, 1.0)];
        let window = Viewport::fit(points);
        let r = reduce(&points, &window, 40, 20, ReduceMode::Line);
        assert_eq!(r.parts, [vec![(1.0, 2.0), (2.0, 3.0)]]);
        assert_eq!(r.lone, [(0.0, 1.0), (3.0, 1.0)]);
        assert_eq!(r.few.map(|few| few.len()), Some(4));
        assert_eq!(reduce(&points, &window, 3, 20, ReduceMode::Line).few, None);
    }

    proptest! {
        /// However many gaps, what is drawn stays bounded by the picture, and the dots of a column are the same.
        #[test]
        fn many_pieces_get_few(n in 1_000usize..9_000, every in 2usize..9, columns in 4usize..40) {
            let y = |i: usize| if i.is_multiple_of(every) { f64::NAN } else { (i * 7919 % 1000) as f64 };
            let points: Vec<Xy> = (0..n).map(|i| (i as f64, y(i))).collect();
            let window = Viewport::fit(points.iter().copied());
            let r = reduce(&points, &window, columns, 8, ReduceMode::Line);
            prop_assert!(r.lone.len() <= columns * 8);
            let kept = r.parts.iter().flatten().chain(&r.lone).copied();
            prop_assert_eq!(extremes(kept, &window, columns), extremes(points.iter().copied(), &window, columns));
        }

        #[test]
        fn every_column_keeps_its_lowest_and_highest(points in series(), columns in 1usize..40) {
            let window = Viewport::fit(points.iter().copied());
            let r = reduce(&points, &window, columns, 8, ReduceMode::Line);
            let kept = r.parts.iter().flatten().chain(&r.lone).copied();
            prop_assert_eq!(extremes(kept, &window, columns), extremes(points.iter().copied(), &window, columns));
        }

        #[test]
        fn a_long_series_gets_short(n in 1usize..5000, columns in 1usize..40) {
            let points: Vec<Xy> = (0..n).map(|i| (i as f64, (i * 7919 % 1000) as f64)).collect();
            let window = Viewport::fit(points.iter().copied());
            let r = reduce(&points, &window, columns, 8, ReduceMode::Line);
            prop_assert!(r.parts.iter().flatten().count() <= 4 * columns);
        }

        #[test]
        fn a_scatter_lights_the_same_dots(points in series(), columns in 1usize..20, rows in 1usize..20) {
            let window = Viewport::fit(points.iter().copied());
            let r = reduce(&points, &window, columns, rows, ReduceMode::Scatter);
            let dots = |ps: &[Xy]| -> std::collections::BTreeSet<(i64, i64)> {
                ps.iter().filter(|p| known(**p))
                    .map(|p| (dot(window.across(p.0), columns), dot(window.upward(p.1), rows))).collect()
            };
            prop_assert_eq!(r.lone.len(), dots(&r.lone).len());
            prop_assert_eq!(dots(&r.lone), dots(&points));
        }
    }
}
