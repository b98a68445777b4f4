//! The folder of an export menu: the one that stands, and one that was typed and is looked at before it does.

use std::path::{Path, PathBuf};

use super::{MenuEntry, Prompt, folders::expand, prompt::Purpose};
use crate::{
    services::request::{Answer, Ask, Slot},
    tui::screen::{Effect, Input, ScreenCx},
};

/// Where an export menu's files go.
#[derive(Debug)]
pub(super) struct ExportFolder {
    now: PathBuf,
    /// The folder before one that is still being looked at.
    before: PathBuf,
}

impl ExportFolder {
    pub fn new(folder: &Path) -> Self {
        Self { now: folder.to_owned(), before: folder.to_owned() }
    }

    pub fn path(&self) -> PathBuf {
        self.now.clone()
    }

    /// The menu's entry that names it, and asks for another one.
    pub fn entry(&self) -> MenuEntry {
        let prompt = Prompt::new(Purpose::Folder, &self.now.to_string_lossy());
        let change = Effect::Open(Box::new(prompt));
        MenuEntry::new('f', "folder", change).note(self.now.to_string_lossy()).staying()
    }

    /// Takes what is about the folder: a typed one is looked at, and one that is refused gives way to that before.
    /// `None` for all else.
    pub fn update(&mut self, input: &Input, cx: &ScreenCx<'_>) -> Option<Vec<Effect>> {
        match input {
            Input::Typed(folder) => {
                let typed = folder.trim();
                self.now = if typed.is_empty() { cx.export_folder.to_owned() } else { expand(typed) };
                Some(vec![Effect::Ask(Ask::Folder { folder: self.path() })])
            }
            Input::Answer { result: Ok(Answer::Folder(folder)), .. } => {
                self.before.clone_from(folder);
                Some(Vec::new())
            }
            Input::Answer { slot: Slot::Folder, result: Err(error) } => {
                self.now.clone_from(&self.before);
                Some(vec![Effect::fail(error.on_screen())])
            }
            _ => None,
        }
    }
}
