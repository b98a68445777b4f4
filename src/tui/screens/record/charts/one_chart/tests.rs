//! The cursor and the window of a big chart.

use proptest::prelude::*;

use super::*;

fn series(ys: &[f64]) -> Series {
    let point = |(i, y): (usize, &f64)| {
        let iteration = i64::try_from(i).unwrap() + 1;
        Point { x: iteration as f64, y: *y, iteration, sample: 0 }
    };
    Series { name: "mass".into(), points: ys.iter().enumerate().map(point).collect(), ..Series::default() }
}

fn big(ys: &[f64]) -> OneChart {
    OneChart::new(0, &Downsampled::from(&series(ys)), Shape { size: (60, 12), ascii: false })
}

fn iteration(big: &OneChart) -> i64 {
    big.at().unwrap().iteration
}

#[test]
fn the_cursor_skips_gaps_and_stops_at_the_ends() {
    let mut big = big(&[1.0, f64::NAN, 3.0, 4.0]);
    assert_eq!(iteration(&big), 4);
    big.step(true);
    assert_eq!(iteration(&big), 4);
    big.step(false);
    big.step(false);
    assert_eq!(iteration(&big), 1);
    big.step(false);
    assert_eq!(iteration(&big), 1);
    big.last();
    assert_eq!(iteration(&big), 4);
    big.first();
    assert_eq!(iteration(&big), 1);
}

#[test]
fn a_peak_among_many_points_is_read() {
    let mut ys = vec![1.0; 50_000];
    ys[31_415] = 9.0;
    let mut big = big(&ys);
    let mut seen = Vec::new();
    for _ in 0..200 {
        big.step(false);
        seen.push(iteration(&big));
    }
    assert!(seen.contains(&31_416), "{seen:?}");
    assert_eq!(seen.last(), Some(&1));
}

/// What a worker would answer.
fn part(series: &Series, (from, to): (i64, i64)) -> ChartPart {
    let points = series.points.iter().filter(|p| (from..=to).contains(&p.iteration)).copied();
    ChartPart { output: series.name.clone(), from, to, points: points.collect(), whole: true }
}

#[test]
fn near_by_each_point_of_a_long_series_is_stepped_on() {
    let ys: Vec<f64> = (0..50_000).map(|n| f64::from(n * 7_919 % 1_000)).collect();
    let long = series(&ys);
    let output = Downsampled::from(&long);
    let mut big = OneChart::new(0, &output, Shape { size: (60, 12), ascii: false });
    assert_eq!(big.wants(None), None, "all of it is seen well enough");
    let mut asked = 0;
    while big.can_zoom_in() && big.window.x1 - big.window.x0 > 60.0 {
        big.zoom(true);
        if let Some(range) = big.wants(None) {
            assert!(big.wants(Some(range)).is_none(), "asked for once");
            big.learn(&output, &part(&long, range));
            asked += 1;
        }
        assert_eq!(iteration(&big), 50_000, "the cursor stays");
    }
    assert!((1..12).contains(&asked), "{asked}");
    for n in 1..40 {
        big.step(false);
        assert_eq!(big.at().map(|p| (p.iteration, p.y)), Some((50_000 - n, ys[50_000 - n as usize - 1])));
    }
    big.pan(-1_000.0);
    assert!(big.wants(None).is_some(), "elsewhere there is more again");
    big.give_up();
    assert!(big.wants(None).is_some());
}

#[test]
fn zoom_is_about_the_cursor_and_panning_keeps_it_in_sight() {
    let ys: Vec<f64> = (0..100).map(f64::from).collect();
    let mut big = big(&ys);
    for _ in 0..50 {
        big.step(false);
    }
    assert_eq!(iteration(&big), 50);
    big.zoom(true);
    let window = big.window;
    assert!((window.x1 - window.x0 - 49.5).abs() < 1e-9 && (25.0..26.0).contains(&window.x0), "{window:?}");
    assert!(window.y1 < 80.0, "as high as its points: {window:?}");
    for _ in 0..40 {
        big.step(true);
    }
    assert!(big.window.x0 > 30.0 && (0.0..=1.0).contains(&big.window.across(big.at().unwrap().x)));
    big.pan(9.0);
    assert_eq!((iteration(&big), big.window.x1), (100, 100.0));
    for _ in 0..20 {
        big.zoom(true);
    }
    assert!(!big.can_zoom_in());
    for _ in 0..20 {
        big.zoom(false);
    }
    assert!(!big.is_zoomed());
}

#[test]
fn another_output_keeps_the_place() {
    let ys: Vec<f64> = (0..100).map(f64::from).collect();
    let mut first = big(&ys);
    first.pan(-0.5);
    first.zoom(true);
    let other = first.turned_to(1, &Downsampled::from(&series(&ys[..80])));
    assert_eq!((other.index, iteration(&other)), (1, iteration(&first)));
    assert_eq!((other.window.x0, other.window.x1), (first.window.x0, first.window.x1));
    let short = first.turned_to(2, &Downsampled::from(&series(&[5.0])));
    assert_eq!((iteration(&short), short.is_zoomed()), (1, false));
}

proptest! {
    #[test]
    fn any_points_and_moves(
        ys in prop::collection::vec(prop_oneof![5 => any::<f64>(), 1 => Just(f64::NAN), 3 => Just(1.0)], 0..40),
        moves in prop::collection::vec(0u8..10, 0..40),
    ) {
        let mut big = big(&ys);
        for key in moves {
            match key {
                0 => big.step(true),
                1 | 2 => big.step(false),
                3 => big.first(),
                4 => big.last(),
                5 => big.zoom(true),
                6 => big.zoom(false),
                7 => big.pan(0.5),
                8 => big.pan(-1.0),
                _ => big.zoom_to_fit(),
            }
            if let Some(point) = big.at() {
                let share = big.window.across(point.x);
                prop_assert!((-1e-6..=1.000_001).contains(&share), "{share}");
            }
            let cursor = big.at().map(|p| (p.x, p.y));
            prop_assert_eq!(big.prepared.draw(cursor).rows().count(), 12);
        }
    }
}
