//! The user's own files: views that are kept and used, and what is left for the next start.

use super::App;
use crate::{
    config::file::ToldWrong,
    error::Result,
    services::own_files::{
        last_screen::{self, LastScreen},
        views::{self, KeptView, ViewKept},
    },
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        overlays::{FilterMenu, Menu, MenuEntry, kept_views},
        screen::{Message, Tone},
    },
};

/// What is said where there is neither HOME nor XDG_CONFIG_HOME.
const NO_FOLDER: &str = "There is no folder to keep views in; set HOME or XDG_CONFIG_HOME.";

impl App {
    /// Keeps for the next start what the screens are.
    pub fn keep(&self) {
        let left = self.screens.first().and_then(|first| first.content.left());
        if let (Some(file), Some(left)) = (&self.options.own.last_screen, left) {
            let tab = Some(self.options.tab.facts().title.to_owned());
            let mut list = left.list;
            if left.has_first_columns {
                list.columns.clear();
            }
            last_screen::write(file, &LastScreen { list, record: left.record, tab });
        }
    }

    /// The kept views; none where there is no folder for them.
    pub(super) fn views(&self) -> Result<Vec<KeptView>> {
        self.options.own.views.as_deref().map_or(Ok(Vec::new()), views::all)
    }

    pub(super) fn filter_menu(&self) -> Option<FilterMenu> {
        let query = self.screens.last()?.content.list()?.query.clone();
        Some(FilterMenu::new(query, self.views().map_err(|error| error.reason())))
    }

    /// `:view`: without a name the kept ones.
    pub(super) fn view_command(&mut self, name: Option<&str>) {
        let Some(left) = self.screens.last().and_then(|top| top.content.left()) else {
            let back = key_of(self.context(), Action::Back);
            self.quietly(format!("Views are of the list of records: {back} leads there."));
            return;
        };
        let said = match (name, &self.options.own.views) {
            (_, None) => Err(NO_FOLDER.to_owned()),
            (Some(name), Some(file)) => views::keep(file, name, &left.list)
                .map(|kept| told(name, &kept))
                .map_err(|error| error.on_screen()),
            (None, Some(_)) => match self.views() {
                Ok(views) if views.is_empty() => {
                    Err("No view is kept yet: :view NAME keeps words, order and columns of this list."
                        .to_owned())
                }
                Ok(views) => {
                    let entries = kept_views::entries(&views, "");
                    self.open(Box::new(Menu::new("Kept views", entries)));
                    return;
                }
                Err(error) => Err(error.on_screen()),
            },
        };
        self.say_of(said);
    }

    pub(super) fn forget_view(&mut self, name: &str) {
        let said = match self.options.own.views.as_deref().map(|file| views::forget(file, name)) {
            None => Err(NO_FOLDER.to_owned()),
            Some(Ok(true)) => Ok(format!("\"{name}\" is no longer kept.")),
            Some(Ok(false)) => Err(format!("No view \"{name}\" is kept; :view lists them.")),
            Some(Err(error)) => Err(error.on_screen()),
        };
        self.say_of(said);
    }

    /// `:config`: what is wrong in config.toml, a line each; choosing one says all of it.
    pub(super) fn config_command(&mut self) {
        if self.options.wrong.is_empty() {
            self.quietly("Nothing is wrong in config.toml; ivorylens config prints what is in force.");
            return;
        }
        let entry = |wrong: &ToldWrong| {
            let file = wrong.at.rsplit(['/', '\\']).next().unwrap_or(&wrong.at);
            // What could stand there has no room in a line.
            let what = wrong.said.split_once("; ").map_or(&*wrong.said, |(what, _)| what);
            MenuEntry::disabled(' ', file, what).why(wrong.said.clone())
        };
        let entries = self.options.wrong.iter().map(entry).collect();
        let all = key_of(Context::Menu, Action::Open);
        self.open(Box::new(Menu::new(format!("Wrong in config.toml: {all} says all of a line"), entries)));
    }

    fn say_of(&mut self, said: std::result::Result<String, String>) {
        let (text, tone) = match said {
            Ok(text) => (text, Tone::Good),
            Err(text) => (text, Tone::Bad),
        };
        self.say(Message { text, tone });
    }
}

fn told(name: &str, kept: &ViewKept) -> String {
    let menu = key_of(Context::List, Action::FilterMenu);
    let before = if kept.replaced { " in the place of the one before" } else { "" };
    let aside = kept
        .set_aside
        .as_ref()
        .map(|aside| format!(" What stood in the file was no JSON: it is {} now.", aside.display()));
    format!("Kept as \"{name}\"{before}: {menu} lists it.{}", aside.unwrap_or_default())
}
