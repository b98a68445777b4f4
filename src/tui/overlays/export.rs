//! The export menu: what there is to export of a record, and where it goes.

use std::path::Path;

use ratatui::{buffer::Buffer, layout::Rect};
use strum::VariantArray;

use super::{Menu, MenuEntry, export_folder::ExportFolder};
use crate::{
    model::format,
    services::{
        export_kind::{ExportDescription, ExportKind, ExportOrigin},
        files::FileEntry,
        request::{Answer, Ask},
    },
    style::Theme,
    tui::{
        key::Key,
        keymap::Context,
        screen::{Effect, Input, Overlay, ScreenCx, Subject},
    },
};

/// The export menu of a record.
#[derive(Debug)]
pub struct ExportMenu {
    subject: Subject,
    folder: ExportFolder,
    files: Option<Vec<FileEntry>>,
    /// What stands first.
    first: Option<ExportKind>,
    menu: Menu,
}

impl ExportMenu {
    pub fn new(subject: Subject, folder: &Path) -> Self {
        let menu = Menu::new("", Vec::new());
        let folder = ExportFolder::new(folder);
        let mut export = ExportMenu { subject, folder, files: None, first: None, menu };
        export.rebuild();
        export
    }

    /// With this one first.
    #[must_use]
    pub fn offering(mut self, first: Option<ExportKind>) -> Self {
        self.first = first;
        self.rebuild();
        self
    }

    fn rebuild(&mut self) {
        let mut kinds = ExportKind::VARIANTS.to_vec();
        kinds.sort_by_key(|kind| Some(*kind) != self.first);
        let mut entries: Vec<MenuEntry> = kinds.into_iter().map(|kind| self.entry(kind)).collect();
        entries.push(self.folder.entry());
        let title = format!("Export #{} {}", self.subject.run, self.subject.name);
        self.menu.replace(title, entries);
    }

    fn entry(&self, kind: ExportKind) -> MenuEntry {
        let ExportDescription { letter, title: name, origin, .. } = kind.describe();
        let effect = Effect::Export { run: self.subject.run, kind, folder: self.folder.path(), make: false };
        let entry = MenuEntry::new(letter, name, effect);
        let Some(files) = &self.files else { return entry };
        let Some(file) = files.iter().find(|file| file.kind == kind) else {
            // What is no file of the record is made all the same.
            return if matches!(origin, ExportOrigin::Folder | ExportOrigin::Made(_)) {
                entry
            } else {
                MenuEntry::disabled(letter, name, "none")
            };
        };
        match (file.size(), file.why_missing()) {
            (_, Some(why)) => MenuEntry::disabled(letter, name, file.note()).why(why),
            (Some(bytes), None) => entry.note(format!("{}  {}", file.name, format::bytes(bytes))),
            (None, None) => entry.note(file.name.clone()),
        }
    }
}

impl Overlay for ExportMenu {
    fn context(&self) -> Context {
        Context::Menu
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        if let Some(effects) = self.folder.update(&input, cx) {
            self.rebuild();
            return effects;
        }
        match input {
            Input::Shown => {
                self.rebuild();
                if self.files.is_none() {
                    return vec![Effect::Ask(Ask::Files { run: self.subject.run })];
                }
            }
            Input::Answer { result: Ok(Answer::Files(files)), .. } => {
                self.files = Some(files);
                self.rebuild();
            }
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
        error::{Error, Missing},
        services::{files::FileState, request::Slot},
        tui::testing::{behind, closes, cx},
    };

    fn menu() -> ExportMenu {
        ExportMenu::new(Subject { run: 25, name: "a".to_owned() }, Path::new("/out"))
    }

    fn press(menu: &mut ExportMenu, key: &str) -> Vec<Effect> {
        menu.update(Input::Key(key.parse().unwrap()), &cx())
    }

    #[test]
    fn letters_choose_and_do_not_move() {
        for kind in ExportKind::VARIANTS {
            let letter = kind.describe().letter.to_string();
            let outcome = press(&mut menu(), &letter);
            assert!(matches!(behind(&outcome), [Effect::Export { run: 25, kind: k, .. }] if k == kind));
        }
    }

    #[test]
    fn what_is_not_there_says_why() {
        let mut menu = menu();
        let log = FileEntry {
            kind: ExportKind::Log,
            name: "25.log".to_owned(),
            state: FileState::Missing(Missing::Log { run: 25, path: "/data/25.log".into() }),
        };
        menu.update(Input::Answer { slot: Slot::Files, result: Ok(Answer::Files(vec![log])) }, &cx());
        let outcome = press(&mut menu, "l");
        assert!(!closes(&outcome));
        assert!(
            matches!(behind(&outcome), [Effect::Say(m)] if m.text.ends_with("no log: /data/25.log is not there"))
        );
        assert!(matches!(behind(&press(&mut menu, "a")), [Effect::Export { .. }]));
    }

    #[test]
    fn what_is_in_hand_stands_first() {
        let mut menu = menu().offering(Some(ExportKind::Log));
        let outcome = menu.update(Input::Action(crate::tui::action::Action::Open), &cx());
        assert!(matches!(behind(&outcome), [Effect::Export { kind: ExportKind::Log, .. }]));
        assert!(matches!(
            behind(&press(&mut menu, "s")),
            [Effect::Export { kind: ExportKind::StepsCsv, .. }]
        ));
    }

    #[test]
    fn the_folder_can_be_changed() {
        let mut menu = menu();
        assert!(!closes(&press(&mut menu, "f")));
        menu.update(Input::Typed("/elsewhere".to_owned()), &cx());
        let outcome = press(&mut menu, "s");
        assert!(
            matches!(behind(&outcome), [Effect::Export { folder, .. }] if folder == Path::new("/elsewhere"))
        );
    }

    /// Also where `s` came before the answer did, it goes nowhere else.
    #[test]
    fn a_folder_that_is_refused_is_not_kept() {
        let mut menu = menu();
        let asked = menu.update(Input::Typed("/elsewhere".to_owned()), &cx());
        assert!(matches!(asked.as_slice(), [Effect::Ask(Ask::Folder { .. })]));
        menu.update(
            Input::Answer { slot: Slot::Folder, result: Ok(Answer::Folder("/elsewhere".into())) },
            &cx(),
        );
        menu.update(Input::Typed("/etc/passwd".to_owned()), &cx());
        let error = Error::File { path: "/etc/passwd".into(), reason: "this is a file".to_owned() };
        let said = menu.update(Input::Answer { slot: Slot::Folder, result: Err(error) }, &cx());
        assert!(matches!(said.as_slice(), [Effect::Say(m)] if m.text == "/etc/passwd: this is a file"));
        let outcome = press(&mut menu, "s");
        assert!(
            matches!(behind(&outcome), [Effect::Export { folder, .. }] if folder == Path::new("/elsewhere"))
        );
    }
}
