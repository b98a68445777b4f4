//! The export menu: what there is to export of a record, and where it goes.

use std::path::{Path, PathBuf};

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Menu, MenuEntry, Prompt, prompt::Purpose};
use crate::{
    model::format,
    services::{
        export_kind::ExportKind,
        files::FileEntry,
        request::{Answer, Ask},
    },
    style::Theme,
    tui::{
        key::Key,
        keymap::Context,
        screen::{Cx, Effect, Input, Overlay, Subject},
    },
};

/// What there is to export, with the letter that chooses it and its name for people.
pub const KINDS: [(ExportKind, char, &str); 8] = [
    (ExportKind::StepsCsv, 's', "steps CSV"),
    (ExportKind::DataCsv, 'd', "data CSV"),
    (ExportKind::PlotJson, 'p', "plot JSON"),
    (ExportKind::ChartSvg, 'c', "chart SVG"),
    (ExportKind::Log, 'l', "log"),
    (ExportKind::ResultFile, 'r', "result file"),
    (ExportKind::OptimizerPlots, 'o', "optimizer plots"),
    (ExportKind::Everything, 'a', "everything"),
];

/// The name for people: `steps CSV`.
pub fn name(kind: ExportKind) -> &'static str {
    KINDS.iter().find(|(known, ..)| *known == kind).map_or("export", |(.., name)| name)
}

/// A note without what stands beside it: the record's id, the file's name.
pub fn short_note(note: &str) -> &str {
    if note.starts_with('/') && note.ends_with(" is not there") {
        return "not there";
    }
    let id = note.strip_prefix("record ").and_then(|rest| rest.split_once(' '));
    match id {
        Some((id, rest)) if id.bytes().all(|b| b.is_ascii_digit()) => {
            let why = rest.strip_prefix("has ").unwrap_or(rest);
            match why.split_once(": /") {
                Some((what, path)) if path.ends_with(" is not there") => what,
                _ => why,
            }
        }
        _ => note,
    }
}

/// The export menu of a record.
#[derive(Debug)]
pub struct ExportMenu {
    subject: Subject,
    folder: PathBuf,
    files: Option<Vec<FileEntry>>,
    menu: Menu,
}

impl ExportMenu {
    pub fn new(subject: Subject, folder: &Path) -> Self {
        let menu = Menu::new("", Vec::new());
        let mut export = ExportMenu { subject, folder: folder.to_owned(), files: None, menu };
        export.rebuild();
        export
    }

    fn rebuild(&mut self) {
        let mut entries: Vec<MenuEntry> =
            KINDS.iter().map(|(kind, letter, name)| self.entry(*kind, *letter, name)).collect();
        let prompt = Prompt::new(Purpose::Text("folder: "), &self.folder.to_string_lossy());
        let change = Effect::Open(Box::new(prompt));
        entries.push(MenuEntry::new('f', "folder", change).note(self.folder.to_string_lossy()).staying());
        let title = format!("Export #{} {}", self.subject.run, self.subject.name);
        self.menu.replace(title, entries);
    }

    fn entry(&self, kind: ExportKind, letter: char, name: &str) -> MenuEntry {
        let effect = Effect::Export { run: self.subject.run, kind, folder: self.folder.clone() };
        let entry = MenuEntry::new(letter, name, effect);
        let Some(files) = &self.files else { return entry };
        let Some(file) = files.iter().find(|file| file.kind == kind) else {
            return if kind == ExportKind::Everything {
                entry
            } else {
                MenuEntry::disabled(letter, name, "none")
            };
        };
        match file.size {
            Some(bytes) => entry.note(format!("{}  {}", file.name, format::bytes(bytes))),
            None if file.is_missing() => {
                let why = file.note.as_deref().unwrap_or_default();
                MenuEntry::disabled(letter, name, short_note(why)).why(why)
            }
            None => entry.note(file.name.clone()),
        }
    }
}

impl Overlay for ExportMenu {
    fn context(&self) -> Context {
        Context::Menu
    }

    fn update(&mut self, input: Input, cx: &Cx<'_>) -> Vec<Effect> {
        match input {
            Input::Shown => {
                self.rebuild();
                if self.files.is_none() {
                    let ask = Ask::Files { run: self.subject.run };
                    return vec![Effect::Ask(ask)];
                }
            }
            Input::Typed(folder) => {
                let typed = folder.trim();
                self.folder = if typed.is_empty() { cx.export_folder.to_owned() } else { expand(typed) };
                self.rebuild();
            }
            Input::Answer { result: Ok(Answer::Files(files)), .. } => {
                self.files = Some(files);
                self.rebuild();
            }
            Input::Answer { result: Err(error), .. } => {
                return vec![Effect::fail(error.to_string())];
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

/// `~/` as the shell means it.
fn expand(typed: &str) -> PathBuf {
    match (typed.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(typed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::{behind, closes, cx};

    fn menu() -> ExportMenu {
        ExportMenu::new(Subject { run: 25, name: "a".to_owned() }, Path::new("/out"))
    }

    fn press(menu: &mut ExportMenu, key: &str) -> Vec<Effect> {
        menu.update(Input::Key(key.parse().unwrap()), &cx())
    }

    #[test]
    fn letters_choose_and_do_not_move() {
        for (kind, letter, _) in KINDS {
            let letter = letter.to_string();
            let outcome = press(&mut menu(), &letter);
            assert!(matches!(behind(&outcome), [Effect::Export { run: 25, kind: k, .. }] if *k == kind));
        }
    }

    #[test]
    fn notes_leave_out_what_stands_beside_them() {
        for (note, short) in [
            ("/data/results/a.csv is not there", "not there"),
            ("record 5 has no log: /data/logs/a.log is not there", "no log"),
            ("record 5 has no optimizer plots", "no optimizer plots"),
            ("record of last week: see /data", "record of last week: see /data"),
        ] {
            assert_eq!(short_note(note), short);
        }
    }

    #[test]
    fn what_is_not_there_says_why() {
        let mut menu = menu();
        let log = FileEntry {
            kind: ExportKind::Log,
            name: "25.log".to_owned(),
            made: false,
            path: None,
            size: None,
            note: Some("record 25 has no log: /data/25.log is not there".to_owned()),
        };
        menu.update(
            Input::Answer {
                slot: crate::services::request::Slot::Files,
                result: Ok(Answer::Files(vec![log])),
            },
            &cx(),
        );
        let outcome = press(&mut menu, "l");
        assert!(!closes(&outcome));
        assert!(
            matches!(behind(&outcome), [Effect::Say(m)] if m.text.ends_with("no log: /data/25.log is not there"))
        );
        assert!(matches!(behind(&press(&mut menu, "a")), [Effect::Export { .. }]));
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
}
