//! The export menu of the marked records: all files of each, and where they go.

use std::{path::Path, sync::Arc};

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Menu, MenuEntry, export_folder::ExportFolder};
use crate::{
    model::{format::count_of, query::ListQuery},
    services::picked::Picked,
    style::Theme,
    tui::{
        key::Key,
        keymap::Context,
        screen::{Effect, Input, Overlay, ScreenCx},
    },
};

/// The export menu of the marked records.
#[derive(Debug)]
pub struct PickedExport {
    /// The list in whose order they are exported.
    query: ListQuery,
    picked: Arc<Picked>,
    folder: ExportFolder,
    menu: Menu,
}

impl PickedExport {
    pub fn new(query: ListQuery, picked: Arc<Picked>, folder: &Path) -> Self {
        let menu = Menu::new("", Vec::new());
        let mut export = PickedExport { query, picked, folder: ExportFolder::new(folder), menu };
        export.rebuild();
        export
    }

    fn rebuild(&mut self) {
        let (query, picked, folder) = (self.query.clone(), Arc::clone(&self.picked), self.folder.path());
        let effect = Effect::ExportPicked { query, picked, folder, make: false };
        let all = MenuEntry::new('a', "all files", effect).note("a folder for each record");
        let many = count_of(self.picked.len() as u64, "marked record", "marked records");
        self.menu.replace(format!("Export {many}"), vec![all, self.folder.entry()]);
    }
}

impl Overlay for PickedExport {
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
