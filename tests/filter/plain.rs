//! Records read by plain statements, and terms of filter words with what they mean of these: slow, and nothing of the
//! program's own.

use std::{collections::HashSet, path::Path};

use jiff::civil::DateTime;
use rusqlite::{Connection, OpenFlags, types::ValueRef};
use serde_json::Value;

/// A record with all that is asked of it.
#[derive(Debug, Default, Clone)]
pub struct PlainRun {
    pub id: i64,
    pub name: String,
    pub user: Option<String>,
    pub deck: Option<String>,
    pub mode: Option<String>,
    pub status: Option<String>,
    pub start: Option<DateTime>,
    pub end: Option<DateTime>,
    pub has_end: bool,
    pub iterations: i64,
    pub steps: i64,
    pub failed: i64,
    pub failed_phases: bool,
    pub methods: Vec<String>,
    pub events: Vec<(String, Option<String>)>,
    /// Parameters and outputs of all phases, and of main only.
    pub cells: [Vec<Value>; 2],
    pub main: [Vec<Value>; 2],
    /// Texts of its failures as the database has them.
    pub errors: Vec<String>,
    /// What is told by other ways: its outcome or state, files and more that are there, and two counts.
    pub stands: String,
    pub has: HashSet<&'static str>,
    pub tries: i64,
    pub slow: i64,
    /// A cell that no JSON reader but Python's takes.
    pub odd: bool,
}

pub type Meaning = Box<dyn Fn(&PlainRun) -> Option<bool>>;

type Row = Vec<(String, Option<String>)>;

fn rows(file: &Connection, sql: &str) -> Vec<Row> {
    let Ok(mut statement) = file.prepare(sql) else { return Vec::new() };
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let read = statement.query_map([], |row| {
        let cell = |at: usize| match row.get_ref(at).unwrap() {
            ValueRef::Null => None,
            ValueRef::Integer(number) => Some(number.to_string()),
            ValueRef::Real(number) => Some(number.to_string()),
            ValueRef::Text(text) | ValueRef::Blob(text) => Some(String::from_utf8_lossy(text).into_owned()),
        };
        Ok(names.iter().enumerate().map(|(at, name)| (name.clone(), cell(at))).collect())
    });
    read.unwrap().map(Result::unwrap).collect()
}

fn get(row: &Row, name: &str) -> Option<String> {
    row.iter().find(|(column, _)| column == name).and_then(|(_, cell)| cell.clone())
}

fn time(text: Option<&String>) -> Option<DateTime> {
    text.and_then(|text| text.replace(' ', "T").parse().ok())
}

/// All records of a database.
pub fn runs(data: &Path) -> Vec<PlainRun> {
    let file = data.join("ivoryos.db");
    let file = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let phases = rows(&file, "SELECT * FROM workflow_phases ORDER BY id");
    let steps = rows(&file, "SELECT * FROM workflow_steps ORDER BY id");
    let old = phases.is_empty() && file.prepare("SELECT 1 FROM workflow_phases").is_err();
    let of_runs = rows(&file, "SELECT * FROM workflow_runs ORDER BY id");
    of_runs.iter().map(|row| one(row, &phases, &steps, old)).collect()
}

fn one(row: &Row, phases: &[Row], steps: &[Row], old: bool) -> PlainRun {
    let id = get(row, "id").unwrap();
    let own: Vec<&Row> = phases.iter().filter(|phase| get(phase, "run_id").as_ref() == Some(&id)).collect();
    let ids: HashSet<String> = own.iter().filter_map(|phase| get(phase, "id")).collect();
    let is_own = |step: &&Row| match old {
        true => get(step, "workflow_id").as_ref() == Some(&id),
        false => get(step, "phase_id").is_some_and(|phase| ids.contains(&phase)),
    };
    let steps: Vec<&Row> = steps.iter().filter(is_own).collect();
    let numbers: Vec<Option<String>> = if old {
        let main = steps.iter().filter(|step| get(step, "phase").as_deref() == Some("script"));
        main.map(|step| get(step, "repeat_index")).collect()
    } else {
        let main = own.iter().filter(|phase| get(phase, "name").as_deref() == Some("main"));
        main.map(|phase| get(phase, "repeat_index")).collect()
    };
    let different: HashSet<&String> = numbers.iter().flatten().collect();
    let unnumbered = if old { 0 } else { numbers.iter().filter(|number| number.is_none()).count() };
    let has_failed = |row: &Row| get(row, "run_error").as_deref() == Some("1");
    let [start, end] = ["start_time", "end_time"].map(|column| get(row, column));
    let mut run = PlainRun {
        id: id.parse().unwrap(),
        name: get(row, "name").unwrap_or_default(),
        user: get(row, "submitted_by"),
        deck: get(row, "platform"),
        mode: get(row, "repeat_mode"),
        status: get(row, "status"),
        start: time(start.as_ref()),
        end: time(end.as_ref()),
        has_end: end.is_some(),
        iterations: (different.len() + unnumbered) as i64,
        steps: steps.len() as i64,
        failed: steps.iter().filter(|step| has_failed(step)).count() as i64,
        failed_phases: own.iter().any(|phase| get(phase, "status").as_deref() == Some("failed")),
        methods: steps.iter().map(|step| get(step, "method_name").unwrap_or_default()).collect(),
        ..PlainRun::default()
    };
    if let Some(Ok(Value::Array(events))) = get(row, "events").map(|text| serde_json::from_str(&text)) {
        let text = |event: &Value, key: &str| event[key].as_str().map(str::to_owned);
        let events =
            events.iter().map(|event| (text(event, "kind").unwrap_or_default(), text(event, "detail")));
        run.events = events.collect();
    }
    let of_event = |detail: &String| match detail.split_once(": ") {
        Some((called, text)) if called.contains('.') && !called.contains(' ') => text.to_owned(),
        _ => detail.clone(),
    };
    let errors = run.events.iter().filter(|(kind, _)| kind == "error");
    run.errors = errors.filter_map(|(_, detail)| detail.as_ref().map(of_event)).collect();
    for phase in own {
        run.errors.extend(phase_error(phase));
        for (side, column) in ["parameters", "outputs"].into_iter().enumerate() {
            match get(phase, column).map(|text| serde_json::from_str::<Value>(&text)) {
                Some(Ok(value)) => {
                    if get(phase, "name").as_deref() == Some("main") {
                        run.main[side].push(value.clone());
                    }
                    run.cells[side].push(value);
                }
                Some(Err(_)) => run.odd = true,
                None => {}
            }
        }
    }
    run
}

/// What a failed phase says: its message, and what it says of single fields beside that.
fn phase_error(phase: &Row) -> Option<String> {
    let error: Value = serde_json::from_str(&get(phase, "error")?).ok()?;
    let mut text = error["message"].as_str()?.to_owned();
    for (name, said) in error["fields"].as_object().into_iter().flatten() {
        let said = said.as_str().unwrap_or_default();
        if !text.contains(said) {
            text.push_str(&format!("\n{name}: {said}"));
        }
    }
    (get(phase, "status").as_deref() == Some("failed")).then_some(text)
}

/// The dicts of cells: of a list each of its items.
fn dicts(cells: &[Value]) -> Vec<&serde_json::Map<String, Value>> {
    let mut found = Vec::new();
    for cell in cells {
        match cell {
            Value::Object(dict) => found.push(dict),
            Value::Array(all) => found.extend(dicts(all)),
            _ => {}
        }
    }
    found
}

fn leaves(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(all) => all.iter().flat_map(leaves).collect(),
        Value::Null | Value::Object(_) => Vec::new(),
        other => vec![other.clone()],
    }
}

impl PlainRun {
    /// The values of a name in the main phases, lists opened.
    pub fn values(&self, side: usize, name: &str) -> Vec<Value> {
        dicts(&self.main[side]).iter().filter_map(|dict| dict.get(name)).flat_map(leaves).collect()
    }

    pub fn names(&self, side: usize) -> Vec<String> {
        dicts(&self.cells[side]).iter().flat_map(|dict| dict.keys().cloned()).collect()
    }

    pub fn main_names(&self, side: usize) -> Vec<String> {
        dicts(&self.main[side]).iter().flat_map(|dict| dict.keys().cloned()).collect()
    }

    pub fn took(&self) -> Option<f64> {
        Some(self.end?.duration_since(self.start?).as_secs_f64())
    }
}
