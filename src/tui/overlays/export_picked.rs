//! What the export menu of the marked records offers: all files of each.

use std::{path::Path, sync::Arc};

use super::{MenuEntry, export_menu::ExportOffer};
use crate::{
    model::{format::count_of, query::ListQuery},
    services::picked::Picked,
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
        let (query, picked) = (self.query.clone(), Arc::clone(&self.picked));
        let effect = Effect::ExportPicked { query, picked, folder: folder.to_owned(), make: false };
        vec![MenuEntry::new('a', "all files", effect).note("a folder for each record")]
    }
}
