//! Which tables and columns this database has, and how each is read; a missing one is read as NULL.

use super::link::Link;
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    model::call::CallColumns,
    store::TextColumn,
};

/// The tables of records, and of calls by hand.
pub const RUNS: &str = "workflow_runs";
pub const PHASES: &str = "workflow_phases";
pub const STEPS: &str = "workflow_steps";
pub const CALLS: &str = "single_steps";

/// The select lists of this database.
pub struct ServerColumns {
    pub runs: String,
    /// A record's columns for the catalogue, behind its id.
    pub facts: [String; 7],
    pub events: String,
    pub has_status: bool,
    pub phases: PhaseColumns,
    pub steps: StepColumns,
    /// Calls by hand with their times alone, and whole; `None` where there is no table of them.
    calls: Option<[String; 2]>,
    /// What stands behind the name of a text column to sort by, where it is not the database's own order.
    collations: Vec<(String, String)>,
}

/// Those of phases.
pub struct PhaseColumns {
    pub all: String,
    pub summaries: String,
    pub cells: String,
    pub failed: String,
    /// Start and end.
    pub times: String,
    /// Phases say how they ended.
    pub has_status: bool,
}

/// Those of steps.
pub struct StepColumns {
    pub all: String,
    pub without_output: String,
    pub methods: String,
    pub run_error: String,
    /// Method, start and end.
    pub activity: String,
}

/// A column of a table as the server describes it.
struct Column {
    table: String,
    name: String,
    kind: String,
    collation: Option<String>,
}

struct Columns(Vec<Column>);

const LOOK: &str = "select c.relname::text, a.attname::text, format_type(a.atttypid, null), \
     case when a.attcollation not in (0, 100) then format('%I.%I', n.nspname, o.collname) end \
     from pg_attribute a join pg_class c on c.oid = a.attrelid \
     left join pg_collation o on o.oid = a.attcollation left join pg_namespace n on n.oid = o.collnamespace \
     where c.oid in (to_regclass('workflow_runs'), to_regclass('workflow_phases'), to_regclass('workflow_steps'), \
     to_regclass('single_steps')) and a.attnum > 0 and not a.attisdropped order by a.attrelid, a.attnum";

impl Columns {
    /// Why these are no tables that can be read, and what to do.
    fn refused(&self) -> Option<(String, String)> {
        let needed = [(RUNS, "id"), (RUNS, "name"), (PHASES, "id"), (PHASES, "run_id"), (STEPS, "phase_id")];
        let (table, name) = needed.into_iter().find(|(table, name)| self.find(table, name).is_none())?;
        if self.find(RUNS, "id").is_some() && self.find(STEPS, "workflow_id").is_some() {
            return Some((
                "these are records of an IvoryOS from before it had phases (1.2 or older), which are read from its files \
                 alone and not from a server"
                    .to_owned(),
                "name its ivoryos.db, or the database of a newer IvoryOS".to_owned(),
            ));
        }
        Some((
            format!("this is no database of IvoryOS's records (no column {name} of a table {table})"),
            "name the database in which IvoryOS keeps them, or ask for the right to read it".to_owned(),
        ))
    }

    fn find(&self, table: &str, name: &str) -> Option<&Column> {
        self.0.iter().find(|column| column.table == table && column.name == name)
    }

    fn of(&self, table: &str, name: &str, kind: &str) -> String {
        match self.find(table, name) {
            None => format!("null::{kind}"),
            // No cast: the order of an index on it is used.
            Some(column) if column.kind == kind => format!("{table}.{name}"),
            Some(_) => format!("{table}.{name}::{kind}"),
        }
    }

    fn number(&self, table: &str, name: &str) -> String {
        self.of(table, name, "bigint")
    }

    fn text(&self, table: &str, name: &str) -> String {
        self.of(table, name, "text")
    }

    fn time(&self, table: &str, name: &str) -> String {
        self.of(table, name, "timestamp without time zone")
    }

    /// JSON as it is stored. IvoryOS writes None as JSON's `null`: to us it is NULL.
    fn json(&self, table: &str, name: &str) -> String {
        format!("nullif({}, 'null')", self.text(table, name))
    }

    /// Start and end.
    fn times(&self, table: &str) -> [String; 2] {
        ["start_time", "end_time"].map(|name| self.time(table, name))
    }
}

fn list(columns: &[String]) -> String {
    columns.join(", ")
}

impl ServerColumns {
    /// Looks once at what is there.
    ///
    /// # Errors
    /// [`Error::Open`] for a database that is not IvoryOS's, and as any read.
    pub fn look(link: &Link, cx: &Cx<'_>) -> Result<Self> {
        let mut all = Vec::new();
        for row in link.query(LOOK, &[], cx)? {
            let text = |at: usize| row.try_get::<_, Option<String>>(at).map_err(|error| link.fault(&error));
            let (table, name, kind) = (text(0)?, text(1)?, text(2)?);
            let collation = text(3)?;
            let (table, name, kind) =
                (table.unwrap_or_default(), name.unwrap_or_default(), kind.unwrap_or_default());
            all.push(Column { table, name, kind, collation });
        }
        let columns = Columns(all);
        match columns.refused() {
            Some((reason, advice)) => {
                Err(Error::Open { path: link.address().shown().into(), reason, advice })
            }
            None => Ok(Self::of(&columns)),
        }
    }

    fn of(all: &Columns) -> Self {
        let [start, end] = all.times(RUNS);
        let texts = ["name", "submitted_by", "platform", "repeat_mode", "status"];
        let [name, user, deck, mode, status] = texts.map(|name| all.text(RUNS, name));
        let events = all.json(RUNS, "events");
        let collated = all.0.iter().filter(|column| column.table == RUNS);
        let collated = collated.filter_map(|column| Some((column.name.clone(), column.collation.clone()?)));
        let runs = [
            all.number(RUNS, "id"),
            name.clone(),
            deck.clone(),
            start.clone(),
            end.clone(),
            all.text(RUNS, "data_path"),
            mode.clone(),
            status.clone(),
            events.clone(),
            user.clone(),
        ];
        Self {
            runs: list(&runs),
            facts: [name, user, deck, mode, status, start, end],
            events,
            has_status: all.find(RUNS, "status").is_some(),
            phases: PhaseColumns::of(all),
            steps: StepColumns::of(all),
            calls: all.find(CALLS, "id").map(|_| calls(all)),
            collations: collated.collect(),
        }
    }

    /// The select list of calls by hand; `None` where there is no table of them.
    pub fn calls(&self, columns: CallColumns) -> Option<&str> {
        let [times, all] = self.calls.as_ref()?;
        Some(if columns == CallColumns::All { all } else { times })
    }

    /// What stands behind a value of this column where it is sorted.
    pub fn collation(&self, column: TextColumn) -> &str {
        let name = match column {
            TextColumn::Name => "name",
            TextColumn::User => "submitted_by",
            TextColumn::Deck => "platform",
            TextColumn::Mode => "repeat_mode",
            TextColumn::Status => "status",
            TextColumn::OddTime => return "",
        };
        self.collations.iter().find(|(known, _)| known == name).map_or("", |(_, collation)| collation)
    }
}

impl PhaseColumns {
    fn of(all: &Columns) -> Self {
        let (text, json) = (|name: &str| all.text(PHASES, name), |name: &str| all.json(PHASES, name));
        let (status, times) = (text("status"), all.times(PHASES));
        let is_error = format!("({} is not null)", json("error"));
        let ids = ["id", "run_id"].map(|name| all.number(PHASES, name));
        let head = [&ids[..], &[text("name"), all.number(PHASES, "repeat_index")]].concat();
        let cells = ["parameters", "outputs", "error"].map(json);
        let [parameters, outputs, error] = cells.clone();
        let [start, _] = times.clone();
        let of_cells = [&ids[..], &[text("name"), status.clone()], &cells].concat();
        Self {
            all: list(&[&head[..], &[parameters, outputs, status.clone(), error.clone()], &times].concat()),
            summaries: list(&[&head[..], &[status, is_error], &times].concat()),
            cells: list(&of_cells),
            failed: list(&[&ids[..], &[start, error]].concat()),
            times: list(&times),
            has_status: all.find(PHASES, "status").is_some(),
        }
    }
}

impl StepColumns {
    fn of(all: &Columns) -> Self {
        let numbers = ["id", "phase_id", "step_index"].map(|name| all.number(STEPS, name));
        let [id, owner, _] = numbers.clone();
        let (method, times) = (all.text(STEPS, "method_name"), all.times(STEPS));
        let run_error = all.of(STEPS, "run_error", "boolean");
        let (one, failed) = (std::slice::from_ref(&method), std::slice::from_ref(&run_error));
        let without_output = list(&[&numbers[..], one, &times, failed].concat());
        Self {
            all: format!("{without_output}, {}", all.json(STEPS, "output")),
            without_output,
            methods: list(&[id, owner, method.clone()]),
            run_error,
            activity: list(&[&[method], &times[..]].concat()),
        }
    }
}

fn calls(all: &Columns) -> [String; 2] {
    let (id, times, none) = (all.number(CALLS, "id"), all.times(CALLS), || "null::text".to_owned());
    let some = [&[id.clone(), none(), none()], &times[..], &[none(), none()]].concat();
    let (method, kwargs) = (all.text(CALLS, "method_name"), all.json(CALLS, "kwargs"));
    let (error, output) = (all.text(CALLS, "run_error"), all.json(CALLS, "output"));
    [list(&some), list(&[&[id, method, kwargs], &times[..], &[error, output]].concat())]
}
