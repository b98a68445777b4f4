//! The export menu of calls by hand: which form, and where it goes.

use std::path::{Path, PathBuf};

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Menu, MenuEntry, Prompt, folders::expand, prompt::Purpose};
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
    folder: PathBuf,
    menu: Menu,
}

impl CallsExport {
    pub fn new(query: CallQuery, calls: Option<u64>, folder: &Path) -> Self {
        let menu = Menu::new("", Vec::new());
        let mut export = CallsExport { query, calls, folder: folder.to_owned(), menu };
        export.rebuild();
        export
    }

    fn rebuild(&mut self) {
        let entry = |letter, name: &str, form: CallFormat| {
            let (query, folder) = (self.query.clone(), self.folder.clone());
            let effect = Effect::ExportCalls { query, form, folder, make: false };
            MenuEntry::new(letter, name, effect).note(form.file_name())
        };
        let prompt = Prompt::new(Purpose::Folder, &self.folder.to_string_lossy());
        let folder = MenuEntry::new('f', "folder", Effect::Open(Box::new(prompt)));
        let entries = vec![
            entry('c', "CSV", CallFormat::Csv),
            entry('l', "JSON lines", CallFormat::JsonLines),
            folder.note(self.folder.to_string_lossy()).staying(),
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
        match input {
            Input::Shown => self.rebuild(),
            Input::Typed(folder) => {
                let typed = folder.trim();
                self.folder = if typed.is_empty() { cx.export_folder.to_owned() } else { expand(typed) };
                self.rebuild();
            }
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
