//! What the export menu of the marked records offers: all files of each, or the data of all as one file.

use std::{path::Path, sync::Arc};

use super::{MenuEntry, export_menu::ExportOffer};
use crate::{
    model::{format::count_of, query::ListQuery},
    services::{
        export::{combined::FILE_NAME, many::PickedForm},
        picked::Picked,
    },
    tui::screen::Effect,
};

/// The marked records.
#[derive(Debug)]
pub struct PickedExport {
    /// The list in whose order they are exported.
    pub query: ListQuery,
    pub picked: Arc<Picked>,
}

impl ExportOffer for PickedExport {
    fn title(&self) -> String {
        format!("Export {}", count_of(self.picked.len() as u64, "marked record", "marked records"))
    }

    fn entries(&self, folder: &Path) -> Vec<MenuEntry> {
        let effect = |form| {
            let (query, picked) = (self.query.clone(), Arc::clone(&self.picked));
            Effect::ExportPicked { query, picked, form, folder: folder.to_owned(), make: false }
        };
        vec![
            MenuEntry::new('a', "all files", effect(PickedForm::Folders)).note("a folder for each record"),
            MenuEntry::new('d', "data of all as one CSV", effect(PickedForm::OneCsv)).note(FILE_NAME),
        ]
    }
}
