//! What charts look like in cells, and that they keep to their size.

use proptest::prelude::*;

use super::*;

fn lines(grid: &Grid) -> Vec<String> {
    grid.rows().map(|r| r.iter().map(|g| g.ch).collect()).collect()
}

fn draw(points: &[Xy], size: (usize, usize), ascii: bool, mode: ReduceMode) -> Vec<String> {
    let frame = GridFrame::new(Viewport::fit(points.iter().copied()), true, size, ascii);
    lines(&frame.draw(&[frame.reduce(points, mode)], None))
}

#[test]
fn a_line_with_a_gap() {
    let points = [(1.0, 0.0), (2.0, 10.0), (3.0, f64::NAN), (4.0, 5.0), (5.0, 5.0)];
    assert_eq!(
        draw(&points, (24, 8), true, ReduceMode::Line),
        [
            "10 +     *              ",
            "   |    .               ",
            "   |   .                ",
            " 5 +  .           *....*",
            "   | .                  ",
            " 0 +*                   ",
            "   +-----+--------+-----",
            "         2        4     "
        ]
    );
    assert_eq!(
        draw(&points, (24, 8), false, ReduceMode::Line),
        [
            "10 ┤    ⡰•              ",
            "   │   ⢠⠃               ",
            "   │  ⢀⠇                ",
            " 5 ┤ ⢀⠎           •⠉⠉⠉⠉•",
            "   │ ⡜                  ",
            " 0 ┤•                   ",
            "   └─────┬────────┬─────",
            "         2        4     "
        ]
    );
}

#[test]
fn one_point_and_a_constant() {
    assert_eq!(
        draw(&[(1.0, 20.0)], (16, 6), true, ReduceMode::Line),
        [
            "22 +            ",
            "   |            ",
            "20 +     *      ",
            "18 +            ",
            "   +-----+------",
            "         1      "
        ]
    );
    assert_eq!(
        draw(&[(1.0, 20.0), (2.0, 20.0)], (16, 6), false, ReduceMode::Line),
        [
            "22 ┤            ",
            "   │            ",
            "20 ┤•⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉•",
            "18 ┤            ",
            "   └┬──────────┬",
            "    1          2"
        ]
    );
}

#[test]
fn scatters_and_the_cursor() {
    let (a, b) = ([(1.0, 1.0), (3.0, 3.0)], [(1.0, 3.0), (3.0, 1.0)]);
    let frame = GridFrame::new(Viewport::fit(a), true, (18, 6), false);
    let curves = [frame.reduce(&a, ReduceMode::Scatter), frame.reduce(&b, ReduceMode::Scatter)];
    assert_eq!(
        lines(&frame.draw(&curves, Some((3.0, 3.0)))),
        [
            "3 ┤×             ●",
            "  │              ┊",
            "2 ┤              ┊",
            "1 ┤•             ×",
            "  └───────┬───────",
            "          2       "
        ]
    );
}

#[test]
fn small_charts_have_no_labels_and_empty_ones_no_curve() {
    assert_eq!(draw(&[(0.0, 0.0), (1.0, 1.0)], (4, 2), false, ReduceMode::Line), ["  ⡠•", "•⠊  "]);
    assert_eq!(
        draw(&[], (12, 5), true, ReduceMode::Line),
        ["|           ", "|           ", "|           ", "++----------", " 0          "]
    );
    assert_eq!(draw(&[(1.0, 2.0)], (1, 1), false, ReduceMode::Line), ["•"]);
    assert_eq!(draw(&[(1.0, 2.0)], (0, 0), false, ReduceMode::Line), [""; 0]);
}

#[test]
fn a_line_that_comes_from_outside_is_cut_at_the_border() {
    let points = [(0.0, 0.0), (10.0, 10.0)];
    let window = Viewport { x0: 4.0, x1: 6.0, y0: 4.0, y1: 6.0 };
    let frame = GridFrame::new(window, false, (5, 3), true);
    assert_eq!(
        lines(&frame.draw(&[frame.reduce(&points, ReduceMode::Line)], None)),
        ["    .", "  .. ", "..   "]
    );
}

proptest! {
    #[test]
    fn any_size_and_data(
        w in 0usize..60, h in 0usize..20, ascii in any::<bool>(), scatter in any::<bool>(),
        points in prop::collection::vec((any::<f64>(), prop_oneof![any::<f64>(), -10.0..10.0]), 0..60),
        cursor in any::<f64>(), zoom in any::<f64>(),
    ) {
        let window = Viewport::fit(points.iter().copied()).zoom(zoom, (cursor, cursor));
        let frame = GridFrame::new(window, false, (w, h), ascii);
        let mode = if scatter { ReduceMode::Scatter } else { ReduceMode::Line };
        let grid = frame.draw(&[frame.reduce(&points, mode), frame.reduce(&points, mode)], Some((cursor, cursor)));
        prop_assert_eq!(grid.cells.len(), w * h);
        prop_assert!(!ascii || grid.cells.iter().all(|g| g.ch.is_ascii()));
    }
}
