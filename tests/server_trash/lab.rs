//! A lab whose records are on a server of the test's own, with a trash, and its tables as text.

use std::{collections::BTreeMap, time::Duration};

use tempfile::TempDir;

use ivorylens::{
    checkpoint::Cx,
    error::Result,
    services::{
        delete::{Bill, Confirmed, DeleteHow, Deleted, bill, delete},
        lab::Lab,
        lab_place::LabPlace,
        own_files::UserFolders,
        trash::{Restored, Which, list, restore},
    },
    store::{Limits, Options},
};

use crate::common::{
    lab::{NOON, stopped},
    server::Server,
};

pub const HOW: DeleteHow = DeleteHow { force: true, permanent: false, with_files: false };

/// All rows of all tables, as the server writes them.
pub type Tables = BTreeMap<String, Vec<String>>;

pub struct ServerLab<'a> {
    pub server: &'a Server,
    pub database: String,
    pub lab: Lab,
    _state: TempDir,
}

/// IvoryOS's tables with three records of two phases with two steps each, and what else is made.
pub fn made(more: &str) -> String {
    format!(
        "create table workflow_runs(id serial primary key, name varchar(128) not null, platform varchar(128) not null,
             start_time timestamp, end_time timestamp, data_path varchar(256), repeat_mode varchar(64),
             status varchar(32), submitted_by varchar(50), events json);
         create table workflow_phases(id serial primary key,
             run_id integer not null references workflow_runs(id) on delete cascade, name varchar(64) not null,
             repeat_index integer, parameters json, outputs json, status varchar(32), error json,
             start_time timestamp, end_time timestamp);
         create table workflow_steps(id serial primary key,
             phase_id integer references workflow_phases(id) on delete cascade, step_index integer,
             method_name varchar(128) not null, start_time timestamp, end_time timestamp, run_error boolean,
             output json);
         insert into workflow_runs(name, platform, start_time)
             select 'run ' || n, 'deck', timestamp '2026-11-20 10:00:00.25' + n * interval '1 hour' from generate_series(1, 3) n;
         insert into workflow_phases(run_id, name, repeat_index)
             select r, 'main', p from generate_series(1, 3) r, generate_series(0, 1) p order by r, p;
         insert into workflow_steps(phase_id, step_index, method_name)
             select p, s, 'stir' from generate_series(1, 6) p, generate_series(0, 1) s order by p, s;
         {more}"
    )
}

impl<'a> ServerLab<'a> {
    pub fn of(server: &'a Server, sql: &str, limits: Limits) -> Self {
        let database = server.create(sql);
        let uri = server.uri(&database);
        let place =
            LabPlace::find(None, None, &|name| (name == "IVORYOS_DB_URI").then(|| uri.clone().into()));
        let patience = Duration::from_secs(60);
        let options = Options { limits, patience, ..Options::without_cache() };
        let lab = place.unwrap().open(options, false, stopped(NOON), &|_| None, &Cx::quiet()).unwrap();
        let state = tempfile::tempdir().unwrap();
        let folders = UserFolders { state: Some(state.path().join("ivorylens")), config: None };
        Self { server, database, lab: lab.keeping_in(&folders), _state: state }
    }

    pub fn sql(&self, sql: &str) {
        self.server.connect(&self.database).batch_execute(sql).unwrap();
    }

    pub fn count(&self, sql: &str) -> i64 {
        self.server.connect(&self.database).query_one(sql, &[]).unwrap().get(0)
    }

    /// Every table of every schema, by name.
    pub fn tables(&self) -> Tables {
        let mut client = self.server.connect(&self.database);
        let names = "select oid::regclass::text from pg_class where relkind in ('r', 'p') and relnamespace not in \
             (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema'))";
        let names: Vec<String> = client.query(names, &[]).unwrap().iter().map(|row| row.get(0)).collect();
        let mut rows = |name: &String| {
            let sql = format!("select whole_row::text from {name} as whole_row order by 1");
            client.query(&sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
        };
        names.iter().map(|name| (name.clone(), rows(name))).collect()
    }

    pub fn confirmed(&self, runs: &[i64]) -> Vec<Confirmed> {
        let found = self.lab.runs(runs, &Cx::quiet()).unwrap().into_iter();
        found.map(|run| Confirmed { run: run.id, name: run.name, start: run.start }).collect()
    }

    pub fn bill(&self, runs: &[i64]) -> Result<Bill> {
        bill(&self.lab, runs, &mut Cx::quiet())
    }

    pub fn delete_with(&self, runs: &[i64], how: DeleteHow, cx: &mut Cx<'_>) -> Result<Deleted> {
        delete(&self.lab, &self.confirmed(runs), how, cx)
    }

    pub fn delete(&self, runs: &[i64]) -> Result<Deleted> {
        let deleted = self.delete_with(runs, HOW, &mut Cx::quiet())?;
        assert_eq!(deleted.stopped, None);
        Ok(deleted)
    }

    pub fn restore_last(&self) -> Result<Restored> {
        let back = restore(&self.lab, &Which::Last, &mut Cx::quiet())?;
        assert_eq!(back.stopped, None);
        Ok(back)
    }

    /// All entries of the trash, with this context.
    pub fn restore_all(&self, cx: &mut Cx<'_>) -> Result<Restored> {
        let all = list(&self.lab).unwrap().entries.iter().map(|entry| entry.n).collect();
        restore(&self.lab, &Which::Entries(all), cx)
    }

    pub fn entries(&self) -> usize {
        list(&self.lab).unwrap().entries.len()
    }
}
