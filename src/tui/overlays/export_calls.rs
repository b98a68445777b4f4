//! What the export menu of calls by hand offers: in which form.

use std::path::Path;

use super::{MenuEntry, export_menu::ExportOffer};
use crate::{
    model::{call::CallQuery, format::count_of},
    services::calls::CallFormat,
    tui::screen::Effect,
};

/// The calls that a query finds.
#[derive(Debug)]
pub struct CallsExport {
    pub query: CallQuery,
    /// How many they are, where that is known.
    pub calls: Option<u64>,
}

impl ExportOffer for CallsExport {
    fn title(&self) -> String {
        let calls = self.calls.map(|n| count_of(n, "call by hand", "calls by hand"));
        format!("Export {}", calls.as_deref().unwrap_or("these calls by hand"))
    }

    fn entries(&self, folder: &Path) -> Vec<MenuEntry> {
        let entry = |letter, name: &str, form: CallFormat| {
            let (query, folder) = (self.query.clone(), folder.to_owned());
            let effect = Effect::ExportCalls { query, form, folder, make: false };
            MenuEntry::new(letter, name, effect).note(form.file_name())
        };
        vec![entry('c', "CSV", CallFormat::Csv), entry('l', "JSON lines", CallFormat::JsonLines)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Error,
        services::request::{Ask, Slot},
        tui::{
            overlays::ExportMenu,
            screen::{Input, Overlay},
            testing::{behind, cx},
        },
    };

    #[test]
    fn a_folder_is_looked_at_and_one_that_is_refused_is_not_kept() {
        let calls = CallsExport { query: CallQuery::default(), calls: Some(3) };
        let mut export = ExportMenu::new(calls, Path::new("/out"));
        let effects = export.update(Input::Typed("/proc/foo".to_owned()), &cx());
        let asked = Ask::Folder { folder: "/proc/foo".into() };
        assert!(matches!(effects.as_slice(), [Effect::Ask(ask)] if *ask == asked), "{effects:?}");
        let error = Error::Refused("no file can be made there".to_owned());
        let said = export.update(Input::Answer { slot: Slot::Folder, result: Err(error) }, &cx());
        assert_eq!(said.len(), 1);
        let chosen = export.update(Input::Key("l".parse().unwrap()), &cx());
        assert!(
            matches!(behind(&chosen), [Effect::ExportCalls { folder, .. }] if folder == Path::new("/out"))
        );
    }
}
