//! What is right: plain queries on the sound file, and all services on a database that was read whole into plain lists.

use std::{cell::RefCell, collections::HashMap, path::Path};

use ivorylens::{
    checkpoint::Cx,
    services::{answer, lab::Lab, request::Ask},
    store::{Database, Limits},
};

use super::{
    question::{Question, Said, heard, owned_text},
    rows::Tables,
};
use crate::common::{
    lab::{NOON, stopped},
    memory::{MemorySource, Rules},
};

/// What a sound file holds.
pub struct Truth {
    lab: Lab,
    pub tables: Tables,
    /// What was asked before.
    said: RefCell<HashMap<String, Result<Said, String>>>,
}

impl Truth {
    /// Of this file, which belongs to that data folder.
    pub fn of(file: &Path, folder: &Path) -> Self {
        let source = MemorySource::open(file, Rules::sqlite()).unwrap();
        let database = Database::new(Box::new(source), Limits::default());
        let lab = Lab::with(database, folder.to_path_buf(), stopped(NOON));
        Self { lab, tables: Tables::of(file).unwrap(), said: RefCell::default() }
    }

    pub fn answer(&self, question: &Question) -> Result<Said, String> {
        let key = format!("{question:?}");
        if let Some(known) = self.said.borrow().get(&key) {
            return known.clone();
        }
        let said = match question {
            Question::Ids(run) if self.tables.rows.contains_key(&("workflow_runs", *run)) => {
                Ok(Said { text: owned_text(self.tables.owned(*run)), twice: None })
            }
            other => other.ask(&self.lab, &mut Cx::quiet()).map_err(|e| e.to_string()),
        };
        self.said.borrow_mut().insert(key, said.clone());
        said
    }

    pub fn screen(&self, ask: &Ask) -> Result<Said, String> {
        let key = format!("{ask:?}");
        if let Some(known) = self.said.borrow().get(&key) {
            return known.clone();
        }
        let said = answer(&self.lab, ask, &mut Cx::quiet());
        let said = said.map(|answer| heard(&answer.value)).map_err(|e| e.to_string());
        self.said.borrow_mut().insert(key, said.clone());
        said
    }
}
