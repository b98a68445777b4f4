//! Windows stay finite, ticks are round.

use proptest::prelude::*;

use super::*;

#[test]
fn fits_points_and_centres_constants() {
    let all = Viewport::fit([(1.0, 5.0), (3.0, f64::NAN), (2.0, -1.0)]);
    assert_eq!(all, Viewport { x0: 1.0, x1: 2.0, y0: -1.0, y1: 5.0 });
    let one = Viewport::fit([(1.0, 20.0)]);
    assert!((one.across(1.0) - 0.5).abs() < 1e-9 && (one.upward(20.0) - 0.5).abs() < 1e-9);
    assert_eq!(Viewport::fit([(0.0, 0.0)]), Viewport { x0: -1.0, x1: 1.0, y0: -1.0, y1: 1.0 });
    assert_eq!(Viewport::fit([]), Viewport::default());
}

#[test]
fn zoom_keeps_the_cursor_and_pan_moves_by_parts() {
    let w = Viewport { x0: 0.0, x1: 10.0, y0: 0.0, y1: 1.0 };
    let near = w.zoom_x(2.0, 2.5);
    assert_eq!((near.x0, near.x1, near.y1), (1.25, 6.25, 1.0));
    assert_eq!(near.across(2.5), w.across(2.5));
    assert_eq!(w.pan(0.5, 1.0), Viewport { x0: 5.0, x1: 15.0, y0: 1.0, y1: 2.0 });
    assert_eq!(w.reveal(12.0).x1, 12.0);
    assert_eq!(w.reveal(-1.0).x0, -1.0);
    assert_eq!(w.reveal(3.0), w);
    assert_eq!(w.fit_y([(1.0, 3.0), (2.0, 4.0), (11.0, 99.0)]).y1, 4.0);
    assert_eq!(w.fit_y([(99.0, 1.0)]), w);
}

#[test]
fn nearest_point_has_a_number() {
    let points = [(1.0, 1.0), (2.0, f64::NAN), (4.0, 1.0)];
    assert_eq!(nearest(&points, 2.0), Some(0));
    assert_eq!(nearest(&points, 2.5), Some(0));
    assert_eq!(nearest(&points, 3.0), Some(2));
    assert_eq!(nearest(&[], 0.0), None);
}

#[test]
fn ticks_are_round_and_of_one_precision() {
    let shown = |low, high, most, whole| ticks(low, high, most, whole).labels;
    assert_eq!(shown(20.0, 100.0, 5, false), ["20", "40", "60", "80", "100"]);
    assert_eq!(shown(0.0, 1.0, 6, false), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(shown(-0.2, 0.1, 4, false), ["-0.2", "-0.1", "0.0", "0.1"]);
    assert_eq!(shown(1.0, 3.0, 9, true), ["1", "2", "3"]);
    assert_eq!(shown(1e9, 3e9, 3, false), ["1e9", "2e9", "3e9"]);
    assert_eq!(shown(0.0, 2e-6, 3, false), ["0", "1e-6", "2e-6"]);
    assert_eq!(shown(9.168, 10.412, 3, false), ["9.5", "10.0"]);
    assert_eq!(shown(1.0, 1.0, 3, false), [""; 0]);
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -1e3..1e3, Just(f64::MAX), Just(f64::MIN), Just(0.0), Just(f64::NAN)]
}

proptest! {
    #[test]
    fn windows_stay_windows(
        points in prop::collection::vec((number(), number()), 0..5),
        moves in prop::collection::vec((0u8..4, number(), number()), 0..80),
    ) {
        let mut w = Viewport::fit(points.iter().copied());
        for (op, a, b) in moves {
            w = match op {
                0 => w.zoom(a, (b, b)),
                1 => w.zoom_x(2.0, b),
                2 => w.pan(a, b),
                _ => w.reveal(a),
            };
            for (low, high) in [(w.x0, w.x1), (w.y0, w.y1)] {
                prop_assert!(low < high && low.is_finite() && high.is_finite(), "{w:?}");
                let t = ticks(low, high, 7, false);
                prop_assert!(t.values.len() <= 8 && t.values.iter().all(|v| v.is_finite()), "{t:?}");
            }
        }
    }

    #[test]
    fn ticks_lie_inside(low in -1e9..1e9, span in 1e-3..1e9, most in 1usize..12) {
        let t = ticks(low, low + span, most, false);
        prop_assert!(t.values.len() <= most);
        prop_assert!(most < 3 || !t.values.is_empty());
        let slack = span * 1e-9;
        prop_assert!(t.values.iter().all(|v| *v >= low - slack && *v <= low + span + slack), "{t:?}");
    }
}
