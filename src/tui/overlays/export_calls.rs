//! The export menu of calls by hand: which form, and where it goes.

use std::path::Path;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Menu, MenuEntry, export_folder::ExportFolder};
use crate::{
    model::{call::CallQuery, format::count_of},
    services::calls::CallFormat,
    style::Theme,
    tui::{
        key::Key,
        keymap::Context,
        screen::{Effect, Input, Overlay, ScreenCx},
    },
};

/// The export menu of the calls that a query finds.
#[derive(Debug)]
pub struct CallsExport {
    query: CallQuery,
    /// How many they are, where that is known.
    calls: Option<u64>,
    folder: ExportFolder,
    menu: Menu,
}

impl CallsExport {
    pub fn new(query: CallQuery, calls: Option<u64>, folder: &Path) -> Self {
        let menu = Menu::new("", Vec::new());
        let mut export = CallsExport { query, calls, folder: ExportFolder::new(folder), menu };
        export.rebuild();
        export
    }

    fn rebuild(&mut self) {
        let entry = |letter, name: &str, form: CallFormat| {
            let (query, folder) = (self.query.clone(), self.folder.path());
            let effect = Effect::ExportCalls { query, form, folder, make: false };
            MenuEntry::new(letter, name, effect).note(form.file_name())
        };
        let entries = vec![
            entry('c', "CSV", CallFormat::Csv),
            entry('l', "JSON lines", CallFormat::JsonLines),
            self.folder.entry(),
        ];
        let calls = self.calls.map(|n| count_of(n, "call by hand", "calls by hand"));
        let title = format!("Export {}", calls.as_deref().unwrap_or("these calls by hand"));
        self.menu.replace(title, entries);
    }
}

impl Overlay for CallsExport {
    fn context(&self) -> Context {
        Context::Menu
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        if let Some(effects) = self.folder.update(&input, cx) {
            self.rebuild();
            return effects;
        }
        match input {
            Input::Shown => self.rebuild(),
            Input::Answer { result: Err(error), .. } => return vec![Effect::fail(error.on_screen())],
            other => return self.menu.update(other, cx),
        }
        Vec::new()
    }

    fn wants(&self, key: Key) -> bool {
        self.menu.wants(key)
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.menu.view(theme, area, buf);
    }

    fn is_about_file(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Error,
        services::request::{Ask, Slot},
        tui::testing::cx,
    };

    #[test]
    fn a_folder_is_looked_at_and_one_that_is_refused_is_not_kept() {
        let mut export = CallsExport::new(CallQuery::default(), Some(3), Path::new("/out"));
        let effects = export.update(Input::Typed("/proc/foo".to_owned()), &cx());
        let asked = Ask::Folder { folder: "/proc/foo".into() };
        assert!(matches!(effects.as_slice(), [Effect::Ask(ask)] if *ask == asked), "{effects:?}");
        let error = Error::Refused("no file can be made there".to_owned());
        let said = export.update(Input::Answer { slot: Slot::Folder, result: Err(error) }, &cx());
        assert_eq!(said.len(), 1);
        assert_eq!(export.folder.path(), Path::new("/out"));
    }
}
