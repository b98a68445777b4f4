//! A lab's file as plain lists of rows.

use std::{collections::HashMap, sync::Arc};

use rusqlite::{Connection, Row, types::ValueRef};

use ivorylens::{
    model::{
        call::Call,
        phase_summary::{PhaseRef, PhaseSummary},
        run::{Phase, Run, Step},
        run_facts::{RunFacts, StoredTime},
        time_key::TimeKey,
        timestamp::Timestamp,
        value::RawCell,
    },
    store::{FactColumns, RowCounts},
};

use super::cells::StoredCells;

/// All rows of a file.
pub struct Tables {
    pub version: i64,
    pub keeps_outcomes: bool,
    pub keeps_outputs: bool,
    /// By id.
    pub runs: Vec<RunCells>,
    /// By run and id.
    phases: Vec<Phase>,
    /// By phase and id.
    pub steps: Vec<Step>,
    /// By id.
    pub calls: Vec<Call>,
    pub cells: StoredCells,
}

/// A record, and the cells that lists are made of: name, user, deck, mode, status, start, end.
pub struct RunCells {
    pub run: Run,
    cells: [Option<String>; 7],
}

impl RunCells {
    pub fn facts(&self, wanted: FactColumns) -> RunFacts<'_> {
        let FactColumns { names, users, kinds, times } = wanted;
        let [name, user, deck, mode, status, start, end] = &self.cells;
        RunFacts {
            id: self.run.id,
            name: bytes(name).filter(|_| names),
            user: bytes(user).filter(|_| users),
            deck: bytes(deck).filter(|_| kinds),
            mode: bytes(mode).filter(|_| kinds),
            status: bytes(status).filter(|_| kinds),
            start: stored_time(bytes(start).filter(|_| times)),
            end: stored_time(bytes(end).filter(|_| times)),
        }
    }
}

impl Tables {
    pub fn read(connection: &Connection, version: i64) -> rusqlite::Result<Self> {
        // One transaction: no table is newer than another.
        let connection = connection.unchecked_transaction()?;
        let has = |table: &str, column: &str| {
            let sql = "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2";
            connection.prepare(sql)?.exists([table, column])
        };
        let keeps_outputs = has("workflow_phases", "id")?;
        let runs = rows(&connection, "SELECT * FROM workflow_runs ORDER BY id", run)?;
        let steps = "SELECT * FROM workflow_steps ORDER BY";
        let (phases, steps) = if keeps_outputs {
            let sql = "SELECT * FROM workflow_phases ORDER BY run_id, id";
            (rows(&connection, sql, phase)?, rows(&connection, &format!("{steps} phase_id, id"), step)?)
        } else {
            made_of_steps(rows(&connection, &format!("{steps} workflow_id, id"), |row| {
                Ok((phase_of_step(row)?, step(row)?))
            })?)
        };
        let calls = match has("single_steps", "id")? {
            true => rows(&connection, "SELECT * FROM single_steps ORDER BY id", call)?,
            false => Vec::new(),
        };
        Ok(Self {
            version,
            keeps_outcomes: has("workflow_runs", "status")?,
            keeps_outputs,
            runs,
            phases,
            steps,
            calls,
            cells: StoredCells::read(&connection)?,
        })
    }

    pub fn run(&self, id: i64) -> Option<&Run> {
        let at = self.runs.binary_search_by_key(&id, |row| row.run.id).ok()?;
        self.runs.get(at).map(|row| &row.run)
    }

    pub fn phases_of(&self, run: i64) -> &[Phase] {
        let from = self.phases.partition_point(|phase| phase.run_id < run);
        let to = self.phases.partition_point(|phase| phase.run_id <= run);
        self.phases.get(from..to).unwrap_or_default()
    }

    pub fn phase(&self, run: i64, id: i64) -> Option<&Phase> {
        let phases = self.phases_of(run);
        phases.get(phases.binary_search_by_key(&id, |phase| phase.id).ok()?)
    }

    pub fn steps_of(&self, phase: i64) -> &[Step] {
        let from = self.steps.partition_point(|step| step.phase_id < phase);
        let to = self.steps.partition_point(|step| step.phase_id <= phase);
        self.steps.get(from..to).unwrap_or_default()
    }

    pub fn phase_ref(&self, run: i64, id: i64) -> PhaseRef {
        let steps = self.steps_of(id);
        let failed = steps.iter().filter(|step| step.run_error == Some(true)).count() as u64;
        PhaseRef::of(run, id, steps.len() as u64, failed)
    }

    pub fn summary(&self, phase: &Phase) -> PhaseSummary {
        PhaseSummary {
            phase_ref: self.phase_ref(phase.run_id, phase.id),
            name: phase.name.as_str().into(),
            repeat_index: phase.repeat_index,
            status: phase.status.as_deref().map(Arc::from),
            has_error: !phase.error.is_null(),
            start: phase.start.clone(),
            end: phase.end.clone(),
        }
    }

    pub fn counts(&self, run: i64) -> RowCounts {
        let mut counts = RowCounts::default();
        for phase in self.phases_of(run) {
            let phase_ref = self.phase_ref(run, phase.id);
            counts.phases += u64::from(self.keeps_outputs);
            counts.steps += phase_ref.steps;
            counts.failed_steps += phase_ref.failed;
        }
        counts
    }
}

/// Files from before phases existed: one phase for each name and iteration, with the id of its first step.
fn made_of_steps(steps: Vec<(Phase, Step)>) -> (Vec<Phase>, Vec<Step>) {
    let (mut phases, mut own): (Vec<Phase>, Vec<Step>) = Default::default();
    let mut places = HashMap::new();
    for (mut phase, mut step) in steps {
        let next = phases.len();
        let key = (phase.run_id, phase.name.clone(), phase.repeat_index);
        let place = *places.entry(key).or_insert(next);
        if let Some(first) = phases.get_mut(place) {
            first.end = phase.end;
            step.phase_id = first.id;
        } else {
            step.phase_id = phase.id;
            if phase.name == "script" {
                phase.name = "main".to_owned();
            }
            phases.push(phase);
        }
        own.push(step);
    }
    phases.sort_by_key(|phase| (phase.run_id, phase.id));
    own.sort_by_key(|step| (step.phase_id, step.id));
    (phases, own)
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map([], read)?.collect()
}

fn run(row: &Row<'_>) -> rusqlite::Result<RunCells> {
    let columns = ["name", "submitted_by", "platform", "repeat_mode", "status", "start_time", "end_time"];
    let run = Run {
        id: row.get("id")?,
        name: text(row, "name").unwrap_or_default(),
        platform: text(row, "platform").unwrap_or_default(),
        start: time(row, "start_time"),
        end: time(row, "end_time"),
        data_path: text(row, "data_path"),
        repeat_mode: text(row, "repeat_mode"),
        status: text(row, "status"),
        events: cell(row, "events"),
        submitted_by: text(row, "submitted_by"),
    };
    Ok(RunCells { run, cells: columns.map(|column| text(row, column)) })
}

fn phase(row: &Row<'_>) -> rusqlite::Result<Phase> {
    Ok(Phase {
        id: row.get("id")?,
        run_id: row.get("run_id")?,
        name: text(row, "name").unwrap_or_default(),
        repeat_index: number(row, "repeat_index"),
        parameters: cell(row, "parameters"),
        outputs: cell(row, "outputs"),
        status: text(row, "status"),
        error: cell(row, "error"),
        start: time(row, "start_time"),
        end: time(row, "end_time"),
    })
}

fn phase_of_step(row: &Row<'_>) -> rusqlite::Result<Phase> {
    Ok(Phase {
        id: row.get("id")?,
        run_id: row.get("workflow_id")?,
        name: text(row, "phase").unwrap_or_default(),
        repeat_index: number(row, "repeat_index"),
        start: time(row, "start_time"),
        end: time(row, "end_time"),
        ..Phase::default()
    })
}

fn step(row: &Row<'_>) -> rusqlite::Result<Step> {
    Ok(Step {
        id: row.get("id")?,
        phase_id: number(row, "phase_id").unwrap_or_default(),
        step_index: number(row, "step_index"),
        method_name: text(row, "method_name").unwrap_or_default(),
        start: time(row, "start_time"),
        end: time(row, "end_time"),
        run_error: text(row, "run_error").map(|flag| !matches!(flag.as_str(), "" | "0" | "0.0")),
        output: cell(row, "output"),
    })
}

fn call(row: &Row<'_>) -> rusqlite::Result<Call> {
    Ok(Call {
        id: row.get("id")?,
        method_name: text(row, "method_name").unwrap_or_default(),
        kwargs: cell(row, "kwargs"),
        start: time(row, "start_time"),
        end: time(row, "end_time"),
        run_error: text(row, "run_error"),
        output: cell(row, "output"),
    })
}

/// A cell as text; `None` for NULL, and for a column that there is not.
pub fn text(row: &Row<'_>, column: &str) -> Option<String> {
    cell(row, column).0.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn cell(row: &Row<'_>, column: &str) -> RawCell {
    RawCell(match row.get_ref(column).unwrap_or(ValueRef::Null) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string().into_bytes().into()),
        ValueRef::Real(number) => Some(number.to_string().into_bytes().into()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.into()),
    })
}

pub fn time(row: &Row<'_>, column: &str) -> Timestamp {
    Timestamp::read(text(row, column).as_deref())
}

fn number(row: &Row<'_>, column: &str) -> Option<i64> {
    text(row, column)?.parse().ok()
}

fn stored_time(cell: Option<&[u8]>) -> StoredTime<'_> {
    let Some(cell) = cell else { return StoredTime::Null };
    let odd = || StoredTime::Odd { cell, before: TimeKey::behind(cell) };
    TimeKey::of_text(cell).map_or_else(odd, StoredTime::At)
}

fn bytes(cell: &Option<String>) -> Option<&[u8]> {
    cell.as_deref().map(str::as_bytes)
}
