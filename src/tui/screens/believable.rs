//! Every number on a screen is the stored one, or says that it is cut and is true as far as it goes.

use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{record::RecordScreen, records::Records};
use crate::{
    checkpoint::Cx,
    formats::number::{self, tests::tells},
    model::{json, query::ListQuery},
    services::{chart, lab::Lab},
    tui::{
        screen::Screen,
        start,
        tab::TabId,
        testing::{Harness, copied_set, lab_of},
    },
};

/// A record whose iterations have these outputs: a row each, as JSON has them.
struct Stored {
    folder: TempDir,
    rows: Vec<Vec<String>>,
}

impl Stored {
    fn new(rows: Vec<Vec<String>>) -> Stored {
        let (folder, file) = copied_set();
        let db = Connection::open(&file).unwrap();
        db.execute_batch(
            "DELETE FROM workflow_steps; DELETE FROM workflow_phases; DELETE FROM workflow_runs; \
             INSERT INTO workflow_runs(id, name, platform, start_time, end_time, repeat_mode, status) VALUES \
             (1, 'made', 'deck', '2026-11-24 03:00:00.000000', '2026-11-24 03:01:00.000000', 'repeat', 'completed')",
        )
        .unwrap();
        for (row, n) in rows.iter().zip(1..) {
            let fields: Vec<String> =
                row.iter().enumerate().map(|(i, number)| format!("\"out{i}\": {number}")).collect();
            let context = format!("{{{}}}", fields.join(", "));
            db.execute(
                "INSERT INTO workflow_phases(run_id, name, repeat_index, outputs, status, start_time, end_time) VALUES \
                 (1, 'main', ?1, ?2, 'done', '2026-11-24 03:00:00.000000', '2026-11-24 03:00:01.000000')",
                (n, format!("[{context}]")),
            )
            .unwrap();
            db.execute(
                "INSERT INTO workflow_steps(phase_id, step_index, method_name, start_time, end_time, run_error, output) VALUES \
                 (?1, 1, 'read', '2026-11-24 03:00:00.000000', '2026-11-24 03:00:01.000000', 0, ?2)",
                (db.last_insert_rowid(), context),
            )
            .unwrap();
        }
        Stored { folder, rows }
    }

    fn lab(&self) -> Lab {
        lab_of(&self.folder.path().join("ivoryos.db"))
    }

    fn on(&self, screen: Box<dyn Screen>, width: u16) -> Harness {
        Harness::new(screen, self.lab(), width, 24)
    }

    fn tab(&self, tab: TabId, width: u16) -> Harness {
        self.on(Box::new(RecordScreen::new(1, tab, ListQuery::default())), width)
    }

    fn columns(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    /// Last, min, mean, max and sd of an output, as text in full. Integers that a double can't hold say so.
    fn figures(&self, output: usize) -> [String; 5] {
        let series = chart::series(&self.lab(), 1, &mut Cx::quiet()).unwrap().value;
        number::figures(&series[output].stats().unwrap())
    }
}

fn words(line: &str) -> Vec<&str> {
    line.trim_start_matches('▌').split_whitespace().filter(|word| *word != "│").collect()
}

/// Which outputs these columns are: neighbours, of which at least one has its name in full.
fn columns_of(titles: &[&str]) -> Vec<usize> {
    let outputs: Vec<&&str> = titles.iter().filter(|title| title.starts_with('o')).collect();
    let number = |title: &str| title.strip_prefix("out")?.parse::<usize>().ok();
    let named = outputs.iter().enumerate().find_map(|(at, title)| number(title)?.checked_sub(at));
    named.map_or(Vec::new(), |first| (first..first + outputs.len()).collect())
}

/// The table, after some keys that change widths and move sideways.
fn table_is_true(made: &Stored, width: u16, keys: &[&str]) {
    let mut harness = made.tab(TabId::Table, width);
    harness.press(keys);
    let lines = harness.lines();
    // Marks of columns out of sight may stand between them.
    let titles = words(&lines[3]);
    let shown = columns_of(&titles);
    for (row, line) in made.rows.iter().zip(lines.get(4..).unwrap()).take(17) {
        let cells = words(line);
        for (column, cell) in shown.iter().zip(cells.get(1..).unwrap_or_default()) {
            assert!(tells(cell, &row[*column], "…"), "{cell} of {} in\n{}", row[*column], harness.text());
        }
    }
}

/// What the steps added, beside them and opened.
fn steps_are_true(made: &Stored, width: u16) {
    let mut harness = made.tab(TabId::Steps, width);
    for keys in [&[][..], &["j", "Enter"]] {
        harness.press(keys);
        let (mut row, mut seen) = (None, 0);
        for line in harness.lines() {
            let words = words(&line);
            if let Some(n) = words.iter().position(|word| *word == "main") {
                row = words.get(n + 1).and_then(|n| made.rows.get(n.parse::<usize>().ok()? - 1));
            }
            for pair in words.windows(3).filter(|pair| pair[1] == "=") {
                let output = pair[0].strip_prefix("out").and_then(|n| row?.get(n.parse::<usize>().ok()?));
                let Some(stored) = output else { continue };
                let value = pair[2].split(',').next().unwrap_or_default();
                // Opened, a value that has no room goes on in rows of its own.
                let wraps = !value.is_empty() && stored.starts_with(value);
                assert!(wraps || tells(value, stored, "…"), "{value} of {stored}\n{}", harness.text());
                seen += 1;
            }
        }
        assert!(seen > 0 || width < 60, "{}", harness.text());
    }
}

/// The list of outputs: whatever figures have room.
fn chart_list_is_true(made: &Stored, width: u16) {
    let harness = made.tab(TabId::Charts, width);
    let lines = harness.lines();
    let titles = words(&lines[3]);
    let names = ["last", "min", "mean", "max", "sd"];
    for (output, line) in (0..made.columns()).zip(lines.get(4..).unwrap()) {
        let (cells, figures) = (words(line), made.figures(output));
        let filled = |title: &&&str| !(**title == "sd" && figures[4].is_empty());
        for (title, cell) in titles.iter().rev().filter(filled).zip(cells.iter().rev()) {
            if let Some(n) = names.iter().position(|name| name == title) {
                assert!(tells(cell, &figures[n], "…"), "{cell} of {} in\n{}", figures[n], harness.text());
            }
        }
    }
}

/// The big chart's reading at each point, and the figures beside it.
fn one_chart_is_true(made: &Stored, width: u16) {
    let mut harness = made.tab(TabId::Charts, width);
    harness.press(&["Enter", "g"]);
    for row in made.rows.iter().take(4) {
        let text = harness.text();
        let read = text.lines().rev().find(|line| line.contains("iteration ") && !line.contains("over"));
        let words: Vec<&str> = read.unwrap_or_default().split_whitespace().collect();
        let value = words.iter().position(|word| *word == "out0").and_then(|n| words.get(n + 1));
        if let Some(value) = value.filter(|_| !row[0].contains("00000000000000000")) {
            let whole = row[0].parse::<i64>().is_err() || row[0].len() < 16;
            assert!(!whole || tells(value, &row[0], "…"), "{value} of {} in\n{text}", row[0]);
        }
        harness.press(&["l"]);
    }
}

fn overview_and_preview_are_true(made: &Stored, width: u16) {
    let harness = made.tab(TabId::Overview, width);
    let names = ["last", "min", "mean", "max", "sd"];
    for output in 0..made.columns() {
        let name = format!(" out{output} ");
        let lines = harness.lines();
        // In a wide window they stand in the column at the right.
        let mut parts = lines.iter().map(|line| line.rsplit('│').next().unwrap());
        let Some(line) = parts.find(|line| line.starts_with(&name)) else { continue };
        let (cells, figures) = (words(line), made.figures(output));
        for pair in cells.windows(2) {
            if let Some(n) = names.iter().position(|name| *name == pair[0]) {
                assert!(
                    tells(pair[1], &figures[n], "…"),
                    "{} of {}\n{}",
                    pair[1],
                    figures[n],
                    harness.text()
                );
            }
        }
    }
    let harness = made.on(Box::new(Records::new(ListQuery::default(), start::record)), width.max(120));
    for output in 0..made.columns() {
        let name = format!("│ out{output} ");
        let lines = harness.lines();
        let Some(line) = lines.iter().find_map(|line| line.split_once(&name)) else { continue };
        let last = words(line.1).last().copied().unwrap_or_default();
        assert!(tells(last, &made.figures(output)[0], "…"), "{last}\n{}", harness.text());
    }
}

/// The data CSV as a table.
fn csv_is_true(made: &Stored, width: u16, keys: &[&str]) {
    let mut harness = made.tab(TabId::Files, width);
    let place = |h: &Harness| h.lines().iter().any(|l| l.starts_with('▌') && l.contains("data CSV"));
    for _ in 0..9 {
        if !place(&harness) {
            harness.press(&["j"]);
        }
    }
    assert!(place(&harness), "{}", harness.text());
    harness.press(&["Enter"]).press(keys);
    let lines = harness.lines();
    let Some(at) = lines.iter().position(|line| line.contains("out")) else { return };
    let titles = words(&lines[at]);
    // The first column stays where it is.
    let (first, others) = titles.split_first().unwrap();
    let shown: Vec<usize> = [0].into_iter().chain(columns_of(others)).collect();
    assert!(first.starts_with('o'), "{}", harness.text());
    for (row, line) in made.rows.iter().zip(lines.get(at + 1..).unwrap()).take(15) {
        for (column, cell) in shown.iter().zip(words(line)) {
            let Some(stored) = row.get(*column) else { continue };
            // A float of a whole number in a column of pandas may lose its exponent's form, never its value.
            assert!(tells(cell, stored, "…"), "{cell} of {stored} in\n{}", harness.text());
        }
    }
}

fn stored_number() -> impl Strategy<Value = String> {
    let text = |value: f64| number::stored(crate::model::series::Number { value, is_integer: false });
    prop_oneof![
        (-12i32..12, -99_999i64..99_999).prop_map(move |(power, n)| text(n as f64 * 10f64.powi(power))),
        any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(text),
        (-20_000i64..20_000).prop_map(|n| n.to_string()),
        (0.0..1.0f64).prop_map(text),
    ]
}

const KEYS: [&str; 8] = ["h", "l", "l", "+", "-", "-", "_", "j"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_column_of_stored_numbers_at_any_width(
        (columns, rows) in (1usize..5).prop_flat_map(|n| {
            (Just(n), prop::collection::vec(prop::collection::vec(stored_number(), n), 1..8))
        }),
        width in 40u16..160,
        keys in prop::collection::vec(prop::sample::select(&KEYS[..]), 0..9),
    ) {
        prop_assert_eq!(rows.first().map(Vec::len), Some(columns));
        prop_assert!(rows.iter().flatten().all(|text| json::read(text.as_bytes()).is_ok()));
        let made = Stored::new(rows);
        table_is_true(&made, width, &keys);
        steps_are_true(&made, width);
        chart_list_is_true(&made, width);
        one_chart_is_true(&made, width);
        overview_and_preview_are_true(&made, width);
        csv_is_true(&made, width, &keys[..keys.len().min(3)]);
    }
}

#[test]
fn columns_over_many_decades_line_up_at_their_points() {
    let column = ["52011.7", "655.5", "7.81", "0.42", "0.00011", "30"];
    let made = Stored::new(column.iter().map(|text| vec![(*text).to_owned()]).collect());
    let harness = made.tab(TabId::Table, 80);
    let cells: Vec<String> =
        harness.lines().get(4..10).unwrap().iter().map(|l| l.replace('▌', " ")).collect();
    assert_eq!(
        cells,
        [
            "    1  52011.7",
            "    2    655.5",
            "    3      7.81",
            "    4      0.42",
            "    5      0.00011",
            "    6     30"
        ]
    );
}

#[test]
fn columns_out_of_sight_are_counted_at_the_edge() {
    let row: Vec<String> = (0..30).map(|n| format!("{n}.25")).collect();
    let made = Stored::new(vec![row]);
    let mut harness = made.tab(TabId::Table, 60);
    let titles = |h: &Harness| h.lines()[3].clone();
    assert!(titles(&harness).ends_with("›22"), "{}", titles(&harness));
    harness.press(&["l"; 12]);
    assert!(titles(&harness).contains("‹6") && titles(&harness).ends_with("›17"), "{}", titles(&harness));
    harness.press(&["l"; 30]);
    assert!(titles(&harness).contains("‹23") && !titles(&harness).contains('›'), "{}", titles(&harness));
}
