//! The charts tab over the reference data and over made series.

use std::sync::Arc;

use jiff::civil::date;
use proptest::prelude::*;
use ratatui::style::Modifier;

use crate::{
    checkpoint::Cx,
    demo::{self, Plan},
    model::{
        downsample::WHOLE,
        query::ListQuery,
        series::{Point, Series},
    },
    services::{
        chart::{self, ChartPart, Charts},
        records,
        request::{Answer, Ask},
    },
    store::Options,
    tui::{
        screens::record::{RecordScreen, tests::open},
        tab::TabId,
        testing::{Harness, fake},
    },
};

fn series(name: &str, ys: &[f64]) -> Series {
    let points =
        ys.iter().zip(1..).map(|(y, i)| Point { x: f64::from(i), y: *y, iteration: i.into(), sample: 0 });
    Series { name: name.into(), is_parameter: name.starts_with("in_"), points: points.collect() }
}

fn charts(outputs: &[Series]) -> Charts {
    Charts { outputs: outputs.iter().map(Into::into).collect(), every: 1 }
}

/// Record 7 with these outputs; its neighbour, record 8, has all but the first.
fn with(outputs: Vec<Series>, (width, height): (u16, u16)) -> Harness {
    let answerer = fake(move |ask| {
        Some(match ask {
            Ask::Charts { run: 7 } | Ask::ChartsWhole { run: 7 } => Answer::Charts(charts(&outputs)),
            Ask::Charts { run: 8 } => Answer::Charts(charts(outputs.get(1..).unwrap_or_default())),
            Ask::ChartPart { output, from, to, .. } => {
                let one = outputs.iter().find(|one| one.name == *output).unwrap();
                let points = one.points.iter().filter(|p| (*from..=*to).contains(&p.iteration)).copied();
                let (points, output) = (points.collect(), output.clone());
                Answer::ChartPart(ChartPart { output, from: *from, to: *to, points, whole: true })
            }
            _ => return None,
        })
    });
    Harness::new(Box::new(RecordScreen::new(7, TabId::Charts, ListQuery::default())), answerer, width, height)
}

fn line<'a>(lines: &'a [String], words: &str) -> &'a str {
    lines.iter().find(|l| l.contains(words)).unwrap_or_else(|| panic!("{words} in {lines:#?}"))
}

#[test]
fn outputs_stand_in_columns_results_first() {
    let harness = open(16, TabId::Charts, (80, 24));
    let lines = harness.lines();
    assert_eq!(
        lines.get(3..8).unwrap(),
        [
            " output                               last     min     max    mean  n",
            "▌delivered  ▁▅█▂                     0.939   0.500   3.454   1.718  4",
            " k          ▁▅█▁                    0.1285  0.1285  0.1644  0.1420  4",
            " x          ▁▅█▂                      0.94    0.50    3.46    1.72  4  parameter",
            " temp       ▁▅█▁                        20      20      60      35  4  parameter",
        ]
    );
    assert!(harness.style(1, 6).add_modifier.contains(Modifier::DIM));
    assert!(!harness.style(1, 4).add_modifier.contains(Modifier::DIM));
    assert!(line(&lines, "? help").ends_with("1/4"));
}

#[test]
fn one_output_is_read_with_the_cursor() {
    let mut harness = open(16, TabId::Charts, (80, 24));
    harness.press(&["Enter"]);
    let lines = harness.lines();
    assert!(line(&lines, "delivered over iteration").ends_with("j k other outputs"));
    assert!(line(&lines, "iteration 4 ").contains("min 0.500   max 3.454   n 4"), "{lines:#?}");
    assert!(lines.iter().any(|l| l.contains('●')) && lines.iter().any(|l| l.contains('┬')));
    harness.press(&["h", "h"]);
    assert!(harness.text().contains(" iteration 2   delivered 1.97704 "), "{}", harness.text());
    harness.press(&["g"]);
    assert!(harness.text().contains(" iteration 1   delivered 0.5"), "{}", harness.text());
    harness.press(&["j"]);
    assert!(
        harness.text().contains("k over iteration") && harness.text().contains(" iteration 1   k 0.1285")
    );
    harness.press(&["k", "+"]);
    assert!(line(&harness.lines(), "delivered over").contains("zoomed"));
    harness.press(&["_"]);
    assert!(!harness.text().contains("zoomed"));
    harness.press(&["y"]);
    assert!(
        harness.text().contains("v  value") && harness.text().contains("o  output's name"),
        "{}",
        harness.text()
    );
    harness.press(&["Esc", "Esc"]);
    assert!(line(&harness.lines(), "delivered").starts_with('▌'));
}

#[test]
fn enter_leads_to_the_steps_that_made_the_point() {
    let mut harness = open(16, TabId::Charts, (80, 24));
    harness.press(&["Enter", "h", "Enter"]);
    assert!(line(&harness.lines(), "main 3").starts_with('▌'), "{}", harness.text());
    harness.press(&["5"]);
    assert!(harness.text().contains(" iteration 3   delivered 3.45"), "{}", harness.text());
}

#[test]
fn samples_of_a_batch_are_told_apart() {
    let mut harness = open(10, TabId::Charts, (80, 24));
    harness.press(&["Enter", "g"]);
    assert!(harness.text().contains("iteration 1  sample 1 "), "{}", harness.text());
    harness.press(&["l"]);
    assert!(harness.text().contains("iteration 1  sample 2 "), "{}", harness.text());
}

#[test]
fn the_neighbour_shows_the_same_output() {
    let outputs = || vec![series("mass_mg", &[1.0, 2.0]), series("flow", &[5.0, 6.0, 9.0])];
    let mut harness = with(outputs(), (80, 24));
    harness.press(&["j", "Enter", "J"]);
    assert!(
        harness.text().contains("#8") && harness.text().contains("flow over iteration"),
        "{}",
        harness.text()
    );
    harness.press(&["K", "k"]);
    assert!(harness.text().contains("mass (mg) over iteration"), "{}", harness.text());
    harness.press(&["J"]);
    assert!(harness.text().contains("#8 has no output mass_mg."), "{}", harness.text());
    assert!(line(&harness.lines(), "flow").starts_with('▌'));
    harness.press(&["K"]);
    assert!(harness.text().contains("mass (mg) over iteration"), "{}", harness.text());
    harness.press(&["K"]);
    assert!(harness.text().contains("Charts { run: 6 } is not here"), "{}", harness.text());
}

#[test]
fn one_point_constants_and_gaps() {
    let outputs = vec![series("one", &[2.5]), series("same", &[3.0; 4]), series("none", &[f64::NAN; 3])];
    let mut harness = with(outputs, (80, 24));
    assert!(line(&harness.lines(), "none").trim_end().ends_with('0'));
    harness.press(&["Enter", "h", "l", "+", "-"]);
    assert!(
        harness.text().contains(" iteration 1   one 2.5") && harness.text().contains('●'),
        "{}",
        harness.text()
    );
    harness.press(&["j"]);
    assert!(harness.text().contains("same 3.0") && harness.text().contains("n 4"), "{}", harness.text());
    harness.press(&["j", "h", "+"]);
    assert!(harness.text().contains("3 values, none of them a finite number"), "{}", harness.text());
}

/// Of 50,000 points not all are in memory; zoomed in, each of them is there.
#[test]
fn a_long_series_is_read_where_it_is_looked_at() {
    let ys: Vec<f64> = (0..50_000).map(|n| f64::from(n * 7_919 % 1_000) + 0.5).collect();
    let mut harness = with(vec![series("mass", &ys)], (80, 24));
    assert!(line(&harness.lines(), "mass").ends_with("50,000"), "{}", harness.text());
    harness.press(&["Enter", "g"]).press(&["+"; 12]);
    for (value, iteration) in ys.iter().zip(1..).skip(1).take(5) {
        harness.press(&["l"]);
        let read = format!("iteration {iteration}   mass {value:?} ");
        assert!(harness.text().contains(&read), "{read}\n{}", harness.text());
    }
    harness.press_at_once(&["PgDn", "l", "l"]).settle();
    assert!(harness.text().contains("zoomed"), "{}", harness.text());
    harness.press(&["_"]);
    assert!(!harness.text().contains("zoomed"), "{}", harness.text());
}

/// To the true point, also where the chart was drawn without it; never to another record.
#[test]
fn a_number_moves_the_cursor_to_that_iteration() {
    let ys: Vec<f64> = (0..50_000_u32)
        .map(|n| if (100..200).contains(&n) { f64::NAN } else { f64::from(n * 7_919 % 1_000) + 0.5 })
        .collect();
    let mut harness = with(vec![series("mass", &ys)], (80, 24));
    harness.press(&["Enter"]);
    let at = |harness: &Harness, n: usize| {
        let read = format!("iteration {n}   mass {:?} ", ys[n - 1]);
        assert!(harness.text().contains(&read), "{read}\n{}", harness.text());
    };
    for (typed, n) in
        [("25000", 25_000), ("33333", 33_333), ("1", 1), ("8", 8), ("101", 201), ("50000", 50_000)]
    {
        harness.press(&[":"]).type_text(typed).press(&["Enter"]);
        at(&harness, n);
    }
    harness.press(&["+"; 9]).press(&[":"]).type_text("12347").press(&["Enter"]);
    at(&harness, 12_347);
    harness.press(&["h"]);
    at(&harness, 12_346);
    harness.press_at_once(&[":", "2", "3", "Enter", "l", "l"]).settle();
    at(&harness, 25);
    harness.press(&[":"]).type_text("50001").press(&["Enter"]);
    assert!(harness.text().contains("No point at iteration 50001 or behind it."), "{}", harness.text());
    at(&harness, 25);
    harness.press(&["Esc", ":", "8", "Enter"]);
    assert!(harness.lines()[0].contains("#8"), "{}", harness.text());
}

/// A record of more iterations than are read before something is shown.
#[test]
fn a_long_record_shows_its_shape_before_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let now = date(2026, 11, 24).at(8, 0, 0, 0);
    let plan = Plan::sized(10, 1..=3, 3, 7, now).with(|size| size.deep = Some((1_300, 1)));
    demo::make(&plan, folder.path()).unwrap();
    let open = || {
        let file = folder.path().join("ivoryos.db");
        crate::tui::testing::lab_with(&file, Options::without_cache(), Arc::new(move || now))
    };
    let lab = open();
    let all = records::rows(&lab, &ListQuery::default(), (0, u64::MAX), &mut Cx::quiet()).unwrap();
    let ids: Vec<i64> = all.iter().map(|row| row.run.id).collect();
    let run = *ids
        .iter()
        .max_by_key(|id| lab.phase_summaries(**id, &mut Cx::quiet()).unwrap().value.len())
        .unwrap();

    let record = Box::new(RecordScreen::new(run, TabId::Charts, ListQuery::default()));
    let mut harness = Harness::unanswered(record, open(), 80, 24);
    while !harness.text().contains("output") {
        harness.next();
    }
    let first = harness.lines();
    assert!(first[4].ends_with("…      …") || first[4].ends_with("…"), "{first:#?}");
    harness.press_at_once(&["Enter"]);
    assert!(harness.text().contains("iterations so far"), "{}", harness.text());
    harness.press_at_once(&["Esc"]).settle();
    let then = harness.lines();
    assert!(then[4].ends_with("1,300"), "{then:#?}");

    let whole = chart::all(&lab, run, &mut Cx::quiet()).unwrap().value;
    let series = chart::series(&lab, run, &mut Cx::quiet()).unwrap().value;
    for (one, all) in whole.outputs.iter().zip(&series) {
        assert_eq!((one.tally.stats(), one.values), (all.stats(), all.points.len() as u64));
        assert_eq!(one.whole, all.points.len() <= WHOLE);
        let mut among = all.points.iter();
        assert!(one.series.points.iter().all(|p| among.any(|q| p == q)), "{}", all.name);
        assert!(!one.whole || one.series.points.len() == all.points.len(), "{}", all.name);
    }
    assert!(whole.outputs.iter().any(|one| one.whole) && whole.outputs.iter().any(|one| !one.whole));
    for one in &series {
        let part = chart::part(&lab, run, &one.name, (200, 300), &mut Cx::quiet()).unwrap().value;
        let inside: Vec<Point> =
            one.points.iter().filter(|p| (200..=300).contains(&p.iteration)).copied().collect();
        assert!(part.whole && part.points == inside && !inside.is_empty());
    }
}

#[test]
fn no_numbers_say_so_and_nothing_opens() {
    let mut harness = with(Vec::new(), (80, 24));
    harness.press(&["Enter"]);
    assert!(harness.text().contains("No numeric outputs in this record"), "{}", harness.text());
}

#[test]
fn narrow_windows_keep_name_sparkline_and_last() {
    let mut harness = open(16, TabId::Charts, (40, 10));
    assert!(line(&harness.lines(), "delivered").contains("▁▅█▂"), "{}", harness.text());
    assert!(line(&harness.lines(), "delivered").contains("0.939"), "{}", harness.text());
    harness.press(&["Enter"]);
    assert!(harness.text().contains("iteration 4   delivered 0.93"), "{}", harness.text());
    harness.resize(160, 50);
    assert!(harness.lines().iter().filter(|l| l.contains('┤')).count() > 4, "{}", harness.text());
}

#[test]
fn waits_with_an_ellipsis() {
    let lab = crate::tui::testing::reference_lab("ivoryos-1.7.2");
    let record = Box::new(RecordScreen::new(7, TabId::Charts, ListQuery::default()));
    assert!(Harness::unanswered(record, lab, 80, 24).text().contains('…'));
}

const KEYS: [&str; 20] = [
    "j", "k", "PgDn", "PgUp", "Ctrl-d", "Ctrl-u", "g", "G", "h", "l", "+", "-", "_", "Enter", "Enter", "R",
    "J", "K", "Esc", "Tab",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_size_series_and_keys(
        size in (1u16..160, 1u16..50),
        keys in prop::collection::vec(prop::sample::select(&KEYS[..]), 0..25),
        outputs in prop::collection::vec(prop::collection::vec(any::<f64>(), 0..20), 0..5),
    ) {
        let outputs = outputs.iter().zip(["mass_mg", "\x1b[2J", "温度計 (°C)", "", "in_x"]);
        let mut harness = with(outputs.map(|(ys, name)| series(name, ys)).collect(), size);
        harness.press(&keys);
        harness.resize(size.1 * 3, size.0 / 3 + 1).press(&keys);
    }
}

/// An output is found by its name as the file has it and as it is shown; in the big chart it takes the other's place.
#[test]
fn outputs_are_found_by_their_names() {
    let mut outputs: Vec<Series> = (0..1500).map(|n| series(&format!("area_{n}_nm"), &[1.0, 2.0])).collect();
    outputs.push(series("Rührer_rpm", &[3.0, 4.0]));
    let mut harness = with(outputs, (80, 24));
    let bar = |harness: &Harness| line(&harness.lines(), "▌").to_owned();
    harness.press(&["/"]).type_text("rühr").press(&["Enter"]);
    assert!(bar(&harness).contains("Rührer"), "{}", harness.text());
    harness.press(&["/"]).type_text("area_777_").press(&["Enter", "Enter"]);
    assert!(harness.text().contains("area_777"), "{}", harness.text());
    harness.press(&["/"]).type_text("rpm").press(&["Enter"]);
    assert!(harness.lines()[3].contains("Rührer"), "{}", harness.text());
    harness.press_at_once(&["/", "z", "z", "Enter"]);
    harness.settle();
    assert!(harness.text().contains("No output has \"zz\" in its name."), "{}", harness.text());
    assert!(harness.lines()[3].contains("Rührer"), "{}", harness.text());
}
