//! What the export menu of a record offers: its tables, texts, charts and files.

use std::path::Path;

use strum::VariantArray;

use super::{MenuEntry, export_menu::ExportOffer};
use crate::{
    model::format,
    services::{
        export_kind::{ExportDescription, ExportKind, ExportOrigin},
        files::FileEntry,
        request::{Answer, Ask},
    },
    tui::screen::{Effect, Subject},
};

/// A record.
#[derive(Debug)]
pub struct RecordExport {
    subject: Subject,
    /// What stands first.
    first: Option<ExportKind>,
    files: Option<Vec<FileEntry>>,
}

impl RecordExport {
    /// Of a record; the one that is in hand stands first.
    pub fn new(subject: Subject, first: Option<ExportKind>) -> Self {
        RecordExport { subject, first, files: None }
    }

    fn entry(&self, kind: ExportKind, folder: &Path) -> MenuEntry {
        let ExportDescription { letter, title: name, origin, .. } = kind.describe();
        let effect = Effect::Export { run: self.subject.run, kind, folder: folder.to_owned(), make: false };
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

impl ExportOffer for RecordExport {
    fn title(&self) -> String {
        format!("Export #{} {}", self.subject.run, self.subject.name)
    }

    fn entries(&self, folder: &Path) -> Vec<MenuEntry> {
        let mut kinds = ExportKind::VARIANTS.to_vec();
        kinds.sort_by_key(|kind| Some(*kind) != self.first);
        kinds.into_iter().map(|kind| self.entry(kind, folder)).collect()
    }

    fn lacks(&self) -> Option<Ask> {
        self.files.is_none().then_some(Ask::Files { run: self.subject.run })
    }

    fn learn(&mut self, answer: Answer) {
        if let Answer::Files(files) = answer {
            self.files = Some(files);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::{Error, Missing},
        services::{files::FileState, request::Slot},
        tui::{
            overlays::ExportMenu,
            screen::{Input, Overlay},
            testing::{behind, closes, cx},
        },
    };

    fn with_first(first: Option<ExportKind>) -> ExportMenu<RecordExport> {
        let subject = Subject { run: 25, name: "a".to_owned(), key: Default::default(), mark: None };
        ExportMenu::new(RecordExport::new(subject, first), Path::new("/out"))
    }

    fn menu() -> ExportMenu<RecordExport> {
        with_first(None)
    }

    fn press(menu: &mut ExportMenu<RecordExport>, key: &str) -> Vec<Effect> {
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
        let mut menu = with_first(Some(ExportKind::Log));
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
