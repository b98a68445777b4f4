//! The cursor and the window of the one-chart view.

use proptest::prelude::*;

use super::*;

fn series(ys: &[f64]) -> Series {
    let point = |(i, y): (usize, &f64)| {
        let iteration = i64::try_from(i).unwrap() + 1;
        Point { x: iteration as f64, y: *y, iteration, ..Point::default() }
    };
    Series { name: "mass".into(), points: ys.iter().enumerate().map(point).collect(), ..Series::default() }
        .linked()
}

fn made(ys: &[f64]) -> OneChart {
    OneChart::new(0, &Downsampled::from(&series(ys)), ChartSize { size: (60, 12), ascii: false })
}

fn iteration(chart: &OneChart) -> i64 {
    chart.at().unwrap().iteration
}

#[test]
fn the_cursor_skips_gaps_and_stops_at_the_ends() {
    let mut chart = made(&[1.0, f64::NAN, 3.0, 4.0]);
    assert_eq!(iteration(&chart), 4);
    chart.step(true);
    assert_eq!(iteration(&chart), 4);
    chart.step(false);
    chart.step(false);
    assert_eq!(iteration(&chart), 1);
    chart.step(false);
    assert_eq!(iteration(&chart), 1);
    chart.last();
    assert_eq!(iteration(&chart), 4);
    chart.first();
    assert_eq!(iteration(&chart), 1);
}

#[test]
fn a_peak_among_many_points_is_read() {
    let mut ys = vec![1.0; 50_000];
    ys[31_415] = 9.0;
    let mut chart = made(&ys);
    let mut seen = Vec::new();
    for _ in 0..200 {
        chart.step(false);
        seen.push(iteration(&chart));
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
    let mut chart = OneChart::new(0, &output, ChartSize { size: (60, 12), ascii: false });
    assert_eq!(chart.wants(None), None, "all of it is seen well enough");
    let mut asked = 0;
    while chart.can_zoom_in() && chart.window.x1 - chart.window.x0 > 60.0 {
        chart.zoom(true);
        if let Some(range) = chart.wants(None) {
            assert!(chart.wants(Some(range)).is_none(), "asked for once");
            chart.learn(&output, &part(&long, range));
            asked += 1;
        }
        assert_eq!(iteration(&chart), 50_000, "the cursor stays");
    }
    assert!((1..12).contains(&asked), "{asked}");
    for n in 1..40 {
        chart.step(false);
        assert_eq!(chart.at().map(|p| (p.iteration, p.y)), Some((50_000 - n, ys[50_000 - n as usize - 1])));
    }
    chart.pan(-1_000.0);
    assert!(chart.wants(None).is_some(), "elsewhere there is more again");
    chart.give_up();
    assert!(chart.wants(None).is_some());
}

#[test]
fn m_goes_to_the_highest_then_the_lowest() {
    let mut ys: Vec<f64> = (0..60_000).map(|n| f64::from(n * 7_919 % 1_000)).collect();
    (ys[31_415], ys[40_000], ys[271], ys[272]) = (5_000.0, 5_000.0, -7.0, f64::NAN);
    let mut chart = made(&ys);
    for n in [31_416, 272, 31_416, 272] {
        chart.high_low();
        assert_eq!(iteration(&chart), n);
    }
    // Also from within a part, which moves to it.
    while chart.can_zoom_in() {
        chart.zoom(true);
    }
    chart.high_low();
    assert_eq!(iteration(&chart), 31_416);
    assert!((0.0..=1.0).contains(&chart.window.across(31_416.0)), "{:?}", chart.window);
    // The first time always to the highest, also from there.
    let mut last = made(&[2.0, 1.0, 3.0]);
    for n in [3, 2, 3] {
        last.high_low();
        assert_eq!(iteration(&last), n);
    }
    let mut same = made(&[2.0, 2.0]);
    same.high_low();
    same.high_low();
    assert_eq!(iteration(&same), 1);
    made(&[f64::NAN]).high_low();
}

/// A gap of one iteration in 50,000 is one as soon as one looks near enough, and nowhere is one that is not there.
#[test]
fn a_gap_of_a_long_series_is_seen_near_by() {
    let long = series(&(0..50_000).map(|n| if n == 24_999 { f64::NAN } else { 1.0 }).collect::<Vec<_>>());
    let mut without = long.clone();
    without.points.remove(24_999);
    for (long, cursor) in [(long.linked(), 24_990.0), (without.linked(), 25_010.0)] {
        let output = Downsampled::from(&long);
        let mut chart = OneChart::new(0, &output, ChartSize { size: (60, 12), ascii: false });
        chart.cursor = chart.nearest(cursor);
        while chart.window.x1 - chart.window.x0 > 150.0 {
            chart.zoom(true);
            if let Some(range) = chart.wants(None) {
                chart.learn(&output, &part(&long, range));
            }
        }
        let inside = |p: &&(f64, f64)| p.0 > chart.window.x0 && p.0 < chart.window.x1;
        let gaps: Vec<f64> = chart.chart.curves[0]
            .points
            .iter()
            .filter(|p| p.1.is_nan())
            .filter(inside)
            .map(|p| p.0)
            .collect();
        assert!(!gaps.is_empty() && gaps.iter().all(|x| (24_999.5..25_000.6).contains(x)), "{gaps:?}");
    }
}

#[test]
fn zoom_is_about_the_cursor_and_panning_keeps_it_in_sight() {
    let ys: Vec<f64> = (0..100).map(f64::from).collect();
    let mut chart = made(&ys);
    for _ in 0..50 {
        chart.step(false);
    }
    assert_eq!(iteration(&chart), 50);
    chart.zoom(true);
    let window = chart.window;
    assert!((window.x1 - window.x0 - 49.5).abs() < 1e-9 && (25.0..26.0).contains(&window.x0), "{window:?}");
    assert!(window.y1 < 80.0, "as high as its points: {window:?}");
    for _ in 0..40 {
        chart.step(true);
    }
    assert!(chart.window.x0 > 30.0 && (0.0..=1.0).contains(&chart.window.across(chart.at().unwrap().x)));
    chart.pan(9.0);
    assert_eq!((iteration(&chart), chart.window.x1), (100, 100.0));
    for _ in 0..20 {
        chart.zoom(true);
    }
    assert!(!chart.can_zoom_in());
    for _ in 0..20 {
        chart.zoom(false);
    }
    assert!(!chart.is_zoomed());
}

#[test]
fn another_output_keeps_the_place() {
    let ys: Vec<f64> = (0..100).map(f64::from).collect();
    let mut first = made(&ys);
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
        let mut chart = made(&ys);
        for key in moves {
            match key {
                0 => chart.step(true),
                1 | 2 => chart.step(false),
                3 => chart.first(),
                4 => chart.last(),
                5 => chart.zoom(true),
                6 => chart.zoom(false),
                7 => chart.pan(0.5),
                8 => chart.pan(-1.0),
                _ => chart.zoom_to_fit(),
            }
            if let Some(point) = chart.at() {
                let share = chart.window.across(point.x);
                prop_assert!((-1e-6..=1.000_001).contains(&share), "{share}");
            }
            let cursor = chart.at().map(|p| (p.x, p.y));
            prop_assert_eq!(chart.prepared.draw(cursor).rows().count(), 12);
        }
    }
}
