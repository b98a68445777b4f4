//! An export menu: what there is to export of something, where it goes, and what is said when that can't be.

use std::{fmt::Debug, path::Path};

use super::{Menu, MenuEntry, export_folder::ExportFolder, file_menu::FileMenu};
use crate::{
    services::request::{Answer, Ask},
    tui::screen::{Effect, Input, ScreenCx},
};

/// What an export menu is of.
pub trait ExportOffer: Debug {
    fn title(&self) -> String;

    /// What there is to choose; the files go into this folder.
    fn entries(&self, folder: &Path) -> Vec<MenuEntry>;

    /// What is asked when the menu is shown, as its entries would say more then.
    fn lacks(&self) -> Option<Ask> {
        None
    }

    /// Takes the answer to that.
    fn learn(&mut self, _: Answer) {}
}

/// The export menu of what is offered.
#[derive(Debug)]
pub struct ExportMenu<O> {
    offer: O,
    folder: ExportFolder,
    menu: Menu,
}

impl<O: ExportOffer> ExportMenu<O> {
    pub fn new(offer: O, folder: &Path) -> Self {
        let mut export =
            ExportMenu { offer, folder: ExportFolder::new(folder), menu: Menu::new("", Vec::new()) };
        export.rebuild();
        export
    }

    fn rebuild(&mut self) {
        let mut entries = self.offer.entries(&self.folder.path());
        entries.push(self.folder.entry());
        self.menu.replace(self.offer.title(), entries);
    }
}

impl<O: ExportOffer> FileMenu for ExportMenu<O> {
    fn menu(&self) -> &Menu {
        &self.menu
    }

    fn take(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        if let Some(effects) = self.folder.update(&input, cx) {
            self.rebuild();
            return effects;
        }
        match input {
            Input::Shown => {
                self.rebuild();
                self.offer.lacks().map(Effect::Ask).into_iter().collect()
            }
            Input::Answer { result: Ok(answer), .. } => {
                self.offer.learn(answer);
                self.rebuild();
                Vec::new()
            }
            Input::Answer { result: Err(error), .. } => vec![Effect::fail(error.on_screen())],
            other => self.menu.take(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Error,
        services::request::Slot,
        tui::{
            screen::Overlay,
            testing::{behind, cx},
        },
    };

    /// Says where it would go, and which folder it was told of.
    #[derive(Debug, Default)]
    struct Sketch {
        learned: bool,
    }

    impl ExportOffer for Sketch {
        fn title(&self) -> String {
            "Export a sketch".to_owned()
        }

        fn entries(&self, folder: &Path) -> Vec<MenuEntry> {
            let said = format!("{} {}", folder.display(), self.learned);
            vec![MenuEntry::new('s', "sketch", Effect::say(said))]
        }

        fn lacks(&self) -> Option<Ask> {
            (!self.learned).then_some(Ask::Files { run: 8 })
        }

        fn learn(&mut self, answer: Answer) {
            self.learned = matches!(answer, Answer::Files(_));
        }
    }

    fn chosen(menu: &mut ExportMenu<Sketch>) -> String {
        match behind(&menu.update(Input::Key("s".parse().unwrap()), &cx())) {
            [Effect::Say(message)] => message.text.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_asks_for_what_is_lacking_until_that_has_come() {
        let mut menu = ExportMenu::new(Sketch::default(), Path::new("/out"));
        let asked = menu.update(Input::Shown, &cx());
        assert!(matches!(asked.as_slice(), [Effect::Ask(Ask::Files { run: 8 })]), "{asked:?}");
        menu.update(Input::Answer { slot: Slot::Files, result: Ok(Answer::Files(Vec::new())) }, &cx());
        assert!(menu.update(Input::Shown, &cx()).is_empty());
        assert_eq!(chosen(&mut menu), "/out true");
    }

    #[test]
    fn it_is_offered_again_when_it_is_shown_again() {
        let mut menu = ExportMenu::new(Sketch::default(), Path::new("/out"));
        assert_eq!(chosen(&mut menu), "/out false");
        menu.update(Input::Shown, &cx());
        assert_eq!(chosen(&mut menu), "/out false");
    }

    #[test]
    fn an_error_is_said() {
        let mut menu = ExportMenu::new(Sketch::default(), Path::new("/out"));
        let error = Error::Refused("the disk is full".to_owned());
        let said = menu.update(Input::Answer { slot: Slot::Files, result: Err(error) }, &cx());
        assert!(matches!(said.as_slice(), [Effect::Say(m)] if m.text == "the disk is full"), "{said:?}");
        assert_eq!(chosen(&mut menu), "/out false");
    }
}
