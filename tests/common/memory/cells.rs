//! The cells of phases and steps byte for byte, as the file has them.

use std::collections::HashMap;

use rusqlite::{Connection, types::ValueRef};

use ivorylens::model::{
    run::Phase,
    scanned::{CellColumns, ScannedCell},
};

/// A cell; `None` for NULL and for a number.
type Bytes = Option<Vec<u8>>;

/// Of each row of a table some columns by its id, and which of them there are.
type Cells<const N: usize> = (HashMap<i64, [Bytes; N]>, [bool; N]);

/// Of all phases parameters, outputs and error, of all steps the method, by their ids.
pub struct StoredCells {
    phases: HashMap<i64, [Bytes; 3]>,
    has: [bool; 3],
    methods: HashMap<i64, Bytes>,
}

impl StoredCells {
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let (phases, has) =
            cells(connection, "workflow_phases", ["parameters", "outputs", "error"]).unwrap_or_default();
        let (methods, [has_methods]) = cells(connection, "workflow_steps", ["method_name"])?;
        let methods = methods.into_iter().filter(|_| has_methods).map(|(id, [method])| (id, method));
        Ok(Self { phases, has, methods: methods.collect() })
    }

    /// What is wanted of a phase; `None` where the file has no column that is.
    pub fn phase(&self, phase: &Phase, columns: CellColumns) -> Option<ScannedCell<'_>> {
        let wanted = columns.of_phases();
        let cells = self.phases.get(&phase.id)?;
        let of = |n: usize| cells[n].as_deref().filter(|_| wanted[n]);
        (0..3).any(|n| wanted[n] && self.has[n]).then(|| ScannedCell::Phase {
            phase: phase.id,
            is_main: phase.name == "main",
            has_failed: phase.status.as_deref() == Some("failed"),
            parameters: of(0),
            outputs: of(1),
            error: of(2),
        })
    }

    pub fn step(&self, step: i64) -> Option<ScannedCell<'_>> {
        self.methods.get(&step).map(|method| ScannedCell::Step { method: method.as_deref() })
    }
}

fn cells<const N: usize>(
    connection: &Connection,
    table: &str,
    columns: [&str; N],
) -> rusqlite::Result<Cells<N>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
    let has = columns.map(|column| statement.column_index(column).is_ok());
    let rows = statement.query_map([], |row| {
        let bytes = |column| match row.get_ref(column) {
            Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => Some(bytes.to_vec()),
            _ => None,
        };
        Ok((row.get("id")?, columns.map(bytes)))
    })?;
    Ok((rows.collect::<rusqlite::Result<_>>()?, has))
}
