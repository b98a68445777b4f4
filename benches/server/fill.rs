//! Takes the rows of a lab's file into a database on a server, with IvoryOS's tables.

use std::{io::Write as _, path::Path};

use postgres::Client;
use rusqlite::{Connection, OpenFlags, types::ValueRef};

/// As IvoryOS 1.7.2 makes them.
const TABLES: &str = "
    create table workflow_runs(id serial primary key, name varchar(128) not null, platform varchar(128) not null,
        start_time timestamp, end_time timestamp, data_path varchar(256), repeat_mode varchar(64),
        status varchar(32), events json, submitted_by varchar(50));
    create table workflow_phases(id serial primary key,
        run_id integer not null references workflow_runs on delete cascade, name varchar(64) not null,
        repeat_index integer, parameters json, outputs json, status varchar(32), error json,
        start_time timestamp, end_time timestamp);
    create table workflow_steps(id serial primary key, phase_id integer references workflow_phases on delete cascade,
        step_index integer, method_name varchar(128) not null, start_time timestamp, end_time timestamp,
        run_error boolean, output json);
    create table single_steps(id serial primary key, method_name varchar(128) not null, kwargs json not null,
        start_time timestamp, end_time timestamp, run_error varchar(128), output json);";

pub fn fill(client: &mut Client, file: &Path) {
    client.batch_execute(TABLES).unwrap();
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    for table in ["workflow_runs", "workflow_phases", "workflow_steps", "single_steps"] {
        let mut statement = db.prepare(&format!("select * from {table}")).unwrap();
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let copy = format!("copy {table} ({}) from stdin", columns.join(", "));
        let mut to = client.copy_in(&copy).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> = (0..columns.len()).map(|at| cell(row.get_ref(at).unwrap())).collect();
            writeln!(to, "{}", cells.join("\t")).unwrap();
        }
        to.finish().unwrap();
        let next = format!("select setval('{table}_id_seq', (select coalesce(max(id), 1) from {table}))");
        client.batch_execute(&next).unwrap();
    }
    client.batch_execute("vacuum analyze").unwrap();
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "\\N".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text)
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\r', "\\r")
            .replace('\t', "\\t"),
    }
}
