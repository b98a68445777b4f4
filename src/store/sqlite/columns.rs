//! Which columns this file's version has; a missing one is read as NULL.

use rusqlite::{Connection, Result};

use super::index::Kind;
use crate::{
    model::{call::CallColumns, scanned::CellColumns},
    store::FactColumns,
};

/// What is to be done with a file that is not IvoryOS's.
pub(super) const NAME_THE_DATABASE: &str = "name IvoryOS's ivoryos.db or its folder";
/// What is said of a database of IvoryOS NextGen.
pub(super) const NEXT_GEN: &str =
    "this is a database of IvoryOS NextGen (ivoryos_edge.db), which keeps records in another way";
/// What is to be done with what only another program reads.
pub(super) const NOT_YET: &str =
    "this program can't open it yet; name an ivoryos_data folder or an ivoryos.db";

/// The select lists of this file.
pub struct KnownColumns {
    pub runs: String,
    pub phases: String,
    /// What the catalogue knows of records.
    run_facts: [&'static str; 8],
    /// A phase without its parameters and outputs.
    pub phase_summaries: String,
    /// What is counted of phases: id, owner, name, iteration, status.
    pub phase_counts: String,
    /// The statement that reads the events of stopped records; `None` where no record has any.
    pub stopped_events: Option<&'static str>,
    /// The status of a phase, and the cells of `CellColumns`; NULL for what there is not.
    phase_cells: [&'static str; 4],
    pub steps: String,
    /// A step without its output.
    pub steps_without_output: String,
    /// The status of a phase, and its error, where the file has them.
    pub has_phase_errors: bool,
    /// id, owner, began and ended by these names, and of steps the method.
    pub phase_times: String,
    pub step_times: String,
    /// The statement that reads the methods of steps, with their owners.
    pub methods: Option<String>,
    /// What the index reads of both tables, by id up and down.
    index: [String; 4],
    /// Calls by hand with their times alone, and whole; `None` where the file has no table of them.
    calls: Option<[String; 2]>,
    pub has_status: bool,
    /// False in files from before phases existed (1.2.5 and older).
    pub has_phases: bool,
}

/// The columns of the newest version, in the order in which rows are read.
const RUN: &str = "id name platform start_time end_time data_path repeat_mode status events submitted_by";
const PHASE: &str = "id run_id name repeat_index parameters outputs status error start_time end_time";
const STEP: &str = "id phase_id step_index method_name start_time end_time run_error output";
const CALL: &str = "id method_name kwargs start_time end_time run_error output";
/// Of a call, for those who want to know when it was.
const CALL_TIMES: &str = "id NULL NULL start_time end_time NULL NULL";
/// The columns of `RunFacts`, in their order.
const FACTS: [&str; 8] =
    ["id", "name", "submitted_by", "platform", "repeat_mode", "status", "start_time", "end_time"];

/// What is looked at of phases: how they ended, and the columns of `CellColumns`.
const CELLS: [&str; 4] = ["status", "parameters", "outputs", "error"];

/// Cells that can be long and that a list of phases does not need.
const HEAVY: [&str; 2] = ["parameters", "outputs"];

impl KnownColumns {
    /// Id, owner, failed, and two columns that tell rows apart, of a range of ids up to a limit.
    pub fn index_sql(&self, kind: Kind, up: bool) -> &str {
        let [phases_up, phases_down, steps_up, steps_down] = &self.index;
        match (kind, up) {
            (Kind::Phases, true) => phases_up,
            (Kind::Phases, false) => phases_down,
            (Kind::Steps, true) => steps_up,
            (Kind::Steps, false) => steps_down,
        }
    }

    /// The statement that reads what the catalogue knows of records from an id on.
    pub fn run_facts(&self, columns: FactColumns) -> String {
        let FactColumns { names, users, kinds, times } = columns;
        let wanted = [true, names, users, kinds, kinds, kinds, times, times];
        let columns =
            self.run_facts.iter().zip(wanted).map(|(column, wanted)| if wanted { column } else { "NULL" });
        let columns: Vec<&str> = columns.collect();
        format!("SELECT {} FROM workflow_runs WHERE id >= ? ORDER BY id LIMIT ?", columns.join(", "))
    }

    /// Does the catalogue have something from this column?
    pub fn has_fact(&self, column: &str) -> bool {
        self.run_facts.contains(&column)
    }

    /// The statement that reads these cells of phases; `None` where the file has none of them.
    pub fn phase_cells(&self, columns: CellColumns) -> Option<String> {
        let [status, cells @ ..] = self.phase_cells;
        let of = |(cell, wanted)| if wanted { cell } else { "NULL" };
        let cells: Vec<&str> = cells.into_iter().zip(columns.of_phases()).map(of).collect();
        cells.iter().any(|cell| *cell != "NULL").then(|| {
            let cells = cells.join(", ");
            by_id("workflow_phases", &format!("id, run_id, name, {status}, {cells}"))
        })
    }

    /// The statement that reads calls by hand of a range of ids, newest first.
    pub fn calls(&self, columns: CallColumns) -> Option<&str> {
        let [times, all] = self.calls.as_ref()?;
        Some(if columns == CallColumns::All { all } else { times })
    }

    /// Looks once at what is there; `Err` with a reason and what to do where this is not IvoryOS's.
    pub fn look(connection: &Connection) -> Result<std::result::Result<Self, (String, &'static str)>> {
        let runs = names(connection, "workflow_runs")?;
        let phases = names(connection, "workflow_phases")?;
        let steps = names(connection, "workflow_steps")?;
        let calls = names(connection, "single_steps")?;
        let has_phases = !phases.is_empty();
        if !has_phases && ["run_id", "instrument", "method"].iter().all(|column| has(&steps, column)) {
            return Ok(Err((NEXT_GEN.to_owned(), NOT_YET)));
        }
        let others =
            |what: String| Ok(Err((format!("this is not an IvoryOS database ({what})"), NAME_THE_DATABASE)));
        for (table, have, need) in [
            ("workflow_runs", &runs, &["id", "name", "start_time", "end_time"][..]),
            ("workflow_steps", &steps, if has_phases { &["id", "phase_id"] } else { &["id", "workflow_id"] }),
            ("workflow_phases", &phases, if has_phases { &["id", "run_id", "name"] } else { &[] }),
        ] {
            if have.is_empty() && !need.is_empty() {
                return others(format!("no table {table}"));
            }
            if let Some(missing) = need.iter().find(|n| !has(have, n)) {
                return others(format!("{table} has no column {missing}"));
            }
        }
        Ok(Ok(Self {
            runs: select(RUN, &runs),
            phases: select(PHASE, &phases),
            run_facts: FACTS.map(|column| known(&runs, column)),
            phase_summaries: select(
                PHASE,
                &phases.iter().filter(|c| !HEAVY.contains(&c.as_str())).cloned().collect::<Vec<_>>(),
            ),
            phase_counts: select("id run_id name repeat_index status", &phases),
            stopped_events: (has(&runs, "status") && has(&runs, "events")).then_some(
                "SELECT id, events FROM workflow_runs WHERE id BETWEEN ? AND ? AND status = 'stopped' ORDER BY id",
            ),
            phase_cells: CELLS.map(|column| known(&phases, column)),
            steps: select(STEP, &steps),
            steps_without_output: select(STEP.trim_end_matches(" output"), &steps),
            phase_times: times("run_id", &phases),
            step_times: format!("{}, {} AS method", times(owner(has_phases), &steps), select("method_name", &steps)),
            methods: has(&steps, "method_name")
                .then(|| by_id("workflow_steps", &format!("id, {}, method_name", owner(has_phases)))),
            index: index(&phases, &steps, has_phases),
            calls: has(&calls, "id").then(|| [CALL_TIMES, CALL].map(|columns| newest_first(columns, &calls))),
            has_status: has(&runs, "status"),
            has_phase_errors: has(&phases, "status") && has(&phases, "error"),
            has_phases,
        }))
    }
}

fn by_id(table: &str, columns: &str) -> String {
    format!("SELECT {columns} FROM {table} WHERE id BETWEEN ? AND ? ORDER BY id")
}

fn newest_first(columns: &str, have: &[String]) -> String {
    let columns = select(columns, have);
    format!("SELECT {columns} FROM single_steps WHERE id BETWEEN ? AND ? ORDER BY id DESC")
}

/// The column of a step that names what it belongs to.
fn owner(has_phases: bool) -> &'static str {
    if has_phases { "phase_id" } else { "workflow_id" }
}

fn times(owner: &str, have: &[String]) -> String {
    let (began, ended) = (known(have, "start_time"), known(have, "end_time"));
    format!("id, {owner} AS owner, {began} AS began, {ended} AS ended")
}

fn index(phases: &[String], steps: &[String], has_phases: bool) -> [String; 4] {
    let owner = owner(has_phases);
    let phases = select("id run_id NULL start_time name", phases);
    let steps = select(&format!("id {owner} run_error start_time method_name"), steps);
    let up = |table: &str, columns: &str, order: &str| {
        format!("SELECT {columns} FROM {table} WHERE id >= ? AND id <= ? ORDER BY id {order} LIMIT ?")
    };
    [
        up("workflow_phases", &phases, "ASC"),
        up("workflow_phases", &phases, "DESC"),
        up("workflow_steps", &steps, "ASC"),
        up("workflow_steps", &steps, "DESC"),
    ]
}

fn has(columns: &[String], name: &str) -> bool {
    columns.iter().any(|c| c == name)
}

/// The column, or NULL where there is none of this name.
fn known<'a>(have: &[String], name: &'a str) -> &'a str {
    if has(have, name) { name } else { "NULL" }
}

fn names(connection: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let rows = statement.query_map([table], |r| r.get(0))?;
    rows.collect()
}

/// The wanted columns as a select list, NULL in the place of each that there is not.
fn select(wanted: &str, have: &[String]) -> String {
    wanted.split(' ').map(|name| known(have, name)).collect::<Vec<_>>().join(", ")
}
