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
        chart::{self, ChartPart, Charts, OutputName},
        records,
        request::{Answer, Ask},
    },
    store::Options,
    tui::{
        screens::record::{
            RecordScreen,
            tests::{open, screen},
        },
        tab::TabId,
        testing::{Harness, fake},
    },
};

fn series(name: &str, ys: &[f64]) -> Series {
    let points = ys.iter().zip(1..).map(|(y, i)| Point {
        x: f64::from(i),
        y: *y,
        iteration: i.into(),
        ..Point::default()
    });
    Series {
        name: name.into(),
        is_parameter: name.starts_with("in_"),
        points: points.collect(),
        ..Series::default()
    }
    .linked()
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
                let one = outputs.iter().find(|one| one.name == output.name).unwrap();
                let points = one.points.iter().filter(|p| (*from..=*to).contains(&p.iteration)).copied();
                let (points, output) = (points.collect(), output.name.clone());
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
            " output                    last        min        max       mean  n",
            "▌delivered  ▁▅█▂      0.939119…        0.5    3.45408    1.71756  4",
            " k          ▁▅█▁      0.128542…  0.128542…  0.164445…  0.142017…  4",
            " x          ▁▅█▂      0.939999…        0.5       3.46       1.72  4  parameter",
            " temp       ▁▅█▁             20         20         60         35  4  parameter",
        ]
    );
    assert!(harness.style(1, 6).add_modifier.contains(Modifier::DIM));
    assert!(!harness.style(1, 4).add_modifier.contains(Modifier::DIM));
    assert!(line(&lines, "? help").ends_with("1/4"));
}

/// The sparkline gives way.
#[test]
fn how_many_values_are_missing_is_told_in_whole() {
    let mut ys: Vec<f64> = (0..4000).map(|i| f64::from(i) * 1.2345 - 1000.0).collect();
    ys.iter_mut().step_by(20).for_each(|y| *y = f64::NAN);
    for columns in [80, 84, 120] {
        let harness = with(vec![series("absorbance_450nm", &ys)], (columns, 24));
        let lines = harness.lines();
        assert!(line(&lines, "absorbance").trim_end().ends_with(" 3,800 of 4,000"), "{columns}: {lines:#?}");
    }
}

#[test]
fn one_output_is_read_with_the_cursor() {
    let mut harness = open(16, TabId::Charts, (80, 24));
    harness.press(&["Enter"]);
    let lines = harness.lines();
    assert!(line(&lines, "delivered over iteration").ends_with("j k other outputs"));
    assert!(line(&lines, "iteration 4 ").contains("min 0.5   max 3.45408   n 4"), "{lines:#?}");
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
    assert!(line(&harness.lines(), "delivered = 3.45408").starts_with('▌'), "{}", harness.text());
    harness.press(&["5"]);
    assert!(harness.text().contains(" iteration 3   delivered 3.45"), "{}", harness.text());
}

/// Esc comes back to the chart as it was, once, and then leaves as before.
#[test]
fn esc_comes_back_to_the_chart_as_it_was() {
    let mut harness = open(16, TabId::Charts, (80, 24));
    harness.press(&["j", "Enter", "h", "+"]);
    let chart = harness.lines();
    assert!(line(&chart, "k over iteration").contains("zoomed"), "{chart:#?}");
    harness.press(&["Enter"]);
    assert!(
        line(&harness.lines(), "rate_constant                   0.0 s   k = 0.164").starts_with('▌'),
        "{}",
        harness.text()
    );
    // Moving about in Steps does not lose the way back, nor does reading a step.
    harness.press(&["g", "j", "Enter", "G", "}", "Esc"]);
    assert_eq!(harness.lines(), chart);
    harness.press(&["Esc"]);
    assert!(harness.lines()[4].contains("delivered"), "the list of charts: {}", harness.text());
    // A tab's key forgets it, in each of its ways.
    for keys in [&["1", "2"][..], &["Shift-Tab", "Tab"], &["J", "K"]] {
        let mut harness = open(16, TabId::Charts, (80, 24));
        harness.press(&["Enter", "Enter"]).press(keys).press(&["Esc"]);
        assert!(harness.text().contains("first screen"), "{keys:?}\n{}", harness.text());
    }
    // All at once, as one who knows the way types it.
    let mut harness = open(16, TabId::Charts, (80, 24));
    harness.press(&["j", "Enter", "h", "+"]).press_at_once(&["Enter", "j", "j"]).settle();
    harness.press(&["Esc"]);
    assert_eq!(harness.lines(), chart);
}

/// From the table to the steps and back, by the same rule.
#[test]
fn esc_comes_back_from_any_jump() {
    let mut harness = open(16, TabId::Table, (80, 24));
    harness.press(&["j", "j"]);
    let table = harness.lines();
    harness.press(&["Enter"]);
    assert!(line(&harness.lines(), "main 3").starts_with('▌'), "{}", harness.text());
    harness.press(&["k", "Esc"]);
    assert_eq!(harness.lines(), table);
}

#[test]
fn a_sample_leads_to_its_own_step() {
    let mut harness = open(10, TabId::Charts, (120, 40));
    for (to, place, mass) in [("g", "sample 1 of 2", "10.9129"), ("l", "sample 2 of 2", "10.8367")] {
        harness.press(&["g", "j", "Enter"]);
        assert!(harness.text().contains("mass over iteration"), "{}", harness.text());
        harness.press(&["g", to, "Enter"]);
        let shown = harness.lines();
        let step = line(&shown, "▌");
        assert!(step.contains("weigh") && step.contains(place) && step.contains(mass), "{shown:#?}");
        harness.press(&["Esc", "Esc"]);
    }
    // A parameter was set by no step: the iteration then.
    harness.press(&["G", "Enter", "Enter"]);
    assert!(line(&harness.lines(), "main 3").starts_with('▌'), "{}", harness.text());
}

#[test]
fn old_records_say_that_their_numbers_are_from_the_steps() {
    for size in [(40, 10), (80, 24), (160, 50)] {
        let lab = crate::tui::testing::reference_lab("ivoryos-1.4.0");
        let mut harness = screen(2, TabId::Charts, lab, size);
        let text = harness.text();
        assert!(text.contains("from the steps") && text.contains("delivered"), "{text}");
        harness.press(&["j", "Enter", "m"]);
        let lines = harness.lines();
        assert!(line(&lines, "mass over iteration").contains("from the steps"), "{lines:#?}");
        assert!(line(&lines, "iteration 3").contains("mass 10.657"), "{lines:#?}");
        harness.press(&["Enter"]);
        assert!(line(&harness.lines(), "▌").contains("weigh"), "{}", harness.text());
        harness.press(&["Esc", "1"]);
        harness.press(&["G"]);
        assert!(size.1 < 24 || harness.text().contains("from the steps"), "{}", harness.text());
    }
}

/// m works while only some iterations are known: it goes to the true one when all are.
#[test]
fn m_waits_for_all_of_a_long_record() {
    let ys: Vec<f64> = (0..2_000).map(|n| f64::from(n * 7_919 % 1_000)).collect();
    let all = series("mass", &ys);
    let some = Series { points: all.points.iter().step_by(200).copied().collect(), ..all.clone() };
    let answerer = fake(move |ask| {
        Some(match ask {
            Ask::Charts { .. } => Answer::Charts(Charts { outputs: vec![(&some).into()], every: 200 }),
            Ask::ChartsWhole { .. } => Answer::Charts(charts(std::slice::from_ref(&all))),
            _ => return None,
        })
    });
    let record = Box::new(RecordScreen::new(7, TabId::Charts, ListQuery::default()));
    let mut harness = Harness::unanswered(record, answerer, 80, 24);
    harness.press_at_once(&["Enter", "m", "y"]).settle();
    let highest = ys.iter().position(|y| *y == 999.0).unwrap() + 1;
    harness.press(&["Esc"]);
    assert!(harness.text().contains(&format!("iteration {highest}   mass 999.0")), "{}", harness.text());
    harness.press(&["m"]);
    assert!(harness.text().contains("iteration 1   mass 0.0"), "{}", harness.text());
    harness.press(&["?"]);
    assert!(harness.text().contains("to the highest point of a chart"), "{}", harness.text());
}

/// The figures in the list, on the line below a chart, and in a copy.
#[test]
fn the_standard_deviation_is_among_the_figures() {
    let outputs = || vec![series("mass", &[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), series("one", &[3.0])];
    let mut harness = with(outputs(), (120, 24));
    let lines = harness.lines();
    assert!(line(&lines, " sd ").contains("output") && line(&lines, "mass").contains("2.14"), "{lines:#?}");
    harness.press(&["Enter"]);
    assert!(line(&harness.lines(), "iteration 8").contains("sd 2.14   n 8"), "{}", harness.text());
    harness.press(&["y"]);
    assert!(harness.text().contains("t  its numbers"), "{}", harness.text());
    let mut narrow = with(outputs(), (50, 24));
    assert!(
        !narrow.text().contains("2.14") && line(&narrow.lines(), "mass").ends_with('8'),
        "{}",
        narrow.text()
    );
    narrow.press(&["j", "Enter"]);
    assert!(!narrow.text().contains("sd"), "{}", narrow.text());
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
    assert!(harness.text().contains("mass_mg over iteration"), "{}", harness.text());
    harness.press(&["J"]);
    assert!(harness.text().contains("#8 has no output mass_mg."), "{}", harness.text());
    assert!(line(&harness.lines(), "flow").starts_with('▌'));
    harness.press(&["K"]);
    assert!(harness.text().contains("mass_mg over iteration"), "{}", harness.text());
    harness.press(&["K"]);
    assert!(harness.text().contains("Charts { run: 6 } is not here"), "{}", harness.text());
}

#[test]
fn one_point_constants_and_gaps() {
    let outputs = vec![series("one", &[2.5]), series("same", &[3.0; 4]), series("none", &[f64::NAN; 3])];
    let mut harness = with(outputs, (80, 24));
    assert!(line(&harness.lines(), "none").trim_end().ends_with("0 of 3"));
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
        let name = OutputName { name: one.name.clone(), from_steps: false };
        let part = chart::part(&lab, run, &name, (200, 300), &mut Cx::quiet()).unwrap().value;
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
    assert!(harness.text().contains("iteration 4   deliv… 0.9391199999999995"), "{}", harness.text());
    harness.resize(160, 50);
    assert!(harness.lines().iter().filter(|l| l.contains('┤')).count() > 4, "{}", harness.text());
}

#[test]
fn waits_with_an_ellipsis() {
    let lab = crate::tui::testing::reference_lab("ivoryos-1.7.2");
    let record = Box::new(RecordScreen::new(7, TabId::Charts, ListQuery::default()));
    assert!(Harness::unanswered(record, lab, 80, 24).text().contains('…'));
}

const KEYS: [&str; 21] = [
    "m", "j", "k", "PgDn", "PgUp", "Ctrl-d", "Ctrl-u", "g", "G", "h", "l", "+", "-", "_", "Enter", "Enter",
    "R", "J", "K", "Esc", "Tab",
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
