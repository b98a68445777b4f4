//! Opens the screens on an opened data folder.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use super::{
    action::Action,
    app::AppOptions,
    bindings::key_of,
    clipboard::Between,
    keymap::Context,
    late_lab::LateLab,
    list_columns::ListColumns,
    screens::{record::RecordScreen, records::Records},
    tab::TabId,
    terminal,
};
use crate::{
    config::file::ToldWrong,
    error::Result,
    model::{format::clock, query::ListQuery},
    platform::{files::real_path, folders::home, users::host_name},
    services::{
        lab::{Lab, folder_of, share_warning},
        own_files::{
            OwnFiles,
            last_screen::{self, LastScreen},
            views::{self, KeptView},
        },
    },
    style::Theme,
    tui::screen::{Screen, Visit},
};

/// How the screens are to be.
#[derive(Debug, Clone)]
pub struct ScreenOptions {
    pub theme: Theme,
    /// The link to the terminal is slow.
    pub slow: bool,
    /// The window gets a title.
    pub title: bool,
    /// Rings when a followed record fails, waits, ends or dies.
    pub bell: bool,
    pub own: OwnFiles,
    /// Not as they were left.
    pub fresh: bool,
    pub config: ScreenConfig,
}

/// What the list begins with where it was not left otherwise, and what is wrong in config.toml.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScreenConfig {
    /// The name of a kept view.
    pub view: Option<String>,
    /// As the list writes them; empty are those that it has by itself.
    pub columns: String,
    /// Records on a page; 0 is as IvoryOS has it.
    pub per_page: usize,
    pub wrong: Vec<ToldWrong>,
}

/// What is said of lines that mean nothing: the first, and where the others are.
fn told_wrong(wrong: &[ToldWrong]) -> Option<String> {
    let first = wrong.first()?;
    Some(match wrong.len() {
        1 => format!("{first}."),
        all => format!("{first} ({} more: :config has all).", all - 1),
    })
}

/// Shows the list of records, and runs until the user leaves; gives the exit code. The header shows what is opened:
/// `named`, or the machine and the folder.
///
/// # Errors
/// As [`super::run`].
pub fn start(lab: Lab, named: Option<&str>, screens: ScreenOptions) -> Result<u8> {
    let file = || opened(lab.folder(), lab.file_name(), host(variable));
    let name = lab.server().map_or_else(file, str::to_owned);
    let name = match lab.copied_at() {
        // In front, where it is not cut: what the lab writes now is not in it.
        Some(at) => format!("private copy of {}, {name}", clock(at, lab.now())),
        None => name,
    };
    let (first, tab) = left_list(&screens, lab.warning());
    let options = options(named.map_or(name, str::to_owned), lab.folder(), (screens, tab));
    let options = AppOptions { on_server: lab.server().is_some(), ..options };
    super::run(options, Box::new(first), lab)
}

/// The same of a lab that holds the lock of its database, this one, at the moment.
///
/// # Errors
/// As [`super::run`].
pub fn start_late(lab: LateLab, file: &Path, screens: ScreenOptions) -> Result<u8> {
    let folder = folder_of(file);
    let (first, tab) = left_list(&screens, share_warning(file));
    let options = options(opened(&folder, file.file_name(), host(variable)), &folder, (screens, tab));
    super::run(options, Box::new(first), lab)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// The list as it was left, and the tab that was open last. The warning is said too.
pub(super) fn left_list(screens: &ScreenOptions, warning: Option<String>) -> (Records, TabId) {
    let ScreenConfig { columns, per_page, wrong, .. } = &screens.config;
    let at_first = ListColumns::read(columns).unwrap_or_default();
    let file = screens.own.last_screen.as_deref().filter(|_| !screens.fresh);
    let left = file.and_then(last_screen::read);
    let (begun, no_view) = if left.is_some() { (None, None) } else { first_view(screens) };
    let (how, not) = match &begun {
        Some(view) => (format!("View \"{}\"", view.name), format!("Not view \"{}\"", view.name)),
        None => ("As you left it".to_owned(), "Not as you left it".to_owned()),
    };
    let LastScreen { mut list, record: selected, tab } = left.unwrap_or_default();
    if let Some(view) = begun {
        list = view.list;
    }
    let (query, said) = match list.query() {
        Ok(query) if query.filter.is_empty() => (query, None),
        Ok(query) => {
            let back = key_of(Context::List, Action::Back);
            let said = format!("{how}: {}; {back} shows all.", query.filter.text());
            (query, Some(said))
        }
        Err(why) => (ListQuery::default(), Some(format!("{not}: {why}."))),
    };
    let notice: Vec<String> =
        told_wrong(wrong).into_iter().chain(no_view).chain(said).chain(warning).collect();
    let columns = Some(list.columns.as_str()).filter(|columns| !columns.is_empty());
    let columns = columns.and_then(|columns| ListColumns::read(columns).ok()).unwrap_or(at_first);
    let first = Records::new(query, record)
        .at_first(at_first, *per_page)
        .with_columns(columns)
        .with_selected(selected)
        .with_notice((!notice.is_empty()).then(|| notice.join(" ")));
    (first, tab.and_then(|title| TabId::titled(&title)).unwrap_or_default())
}

/// The view that the list is to begin with, or why not.
fn first_view(screens: &ScreenOptions) -> (Option<KeptView>, Option<String>) {
    let Some(name) = &screens.config.view else { return (None, None) };
    let kept = screens.own.views.as_deref().map_or(Ok(Vec::new()), views::all);
    match kept.map(|kept| kept.into_iter().find(|view| view.name == *name)) {
        Ok(Some(view)) => (Some(view), None),
        Ok(None) => {
            (None, Some(format!("No view \"{name}\" is kept, as config.toml wants it; :view lists them.")))
        }
        Err(error) => (None, Some(error.on_screen())),
    }
}

fn options(opened: String, folder: &Path, (screens, tab): (ScreenOptions, TabId)) -> AppOptions {
    let ScreenOptions { theme, slow, title, bell, own, config, .. } = screens;
    let export_folder = export_folder(folder, variable);
    // Where there is no title, what is meant for one is shown as text; so are messages.
    let messages = terminal::has_title(variable("TERM").as_deref());
    let (between, title) = (Between::detect(variable), title && messages);
    AppOptions {
        opened,
        export_folder,
        theme,
        between,
        slow,
        title,
        bell,
        messages,
        own,
        tab,
        on_server: false,
        wrong: config.wrong,
    }
}

/// How the list opens a record.
pub fn record(visit: Visit) -> Box<dyn Screen> {
    Box::new(RecordScreen::visit(visit))
}

/// `lab-pc:ivoryos_data`, or the path where the machine has no name.
fn opened(folder: &Path, file: Option<&OsStr>, host: Option<String>) -> String {
    let folder = real_path(folder).unwrap_or_else(|_| folder.to_path_buf());
    let file = file.filter(|file| *file != "ivoryos.db");
    let name = folder.file_name().map(|name| match file {
        Some(file) => format!("{}/{}", name.to_string_lossy(), file.to_string_lossy()),
        None => name.to_string_lossy().into_owned(),
    });
    match (host, name) {
        (Some(host), Some(name)) => format!("{host}:{name}"),
        _ => folder.display().to_string(),
    }
}

fn host(env: impl Fn(&str) -> Option<String>) -> Option<String> {
    let named = host_name().or_else(|| env("HOSTNAME"))?;
    let short = named.trim().split('.').next().unwrap_or_default();
    (!short.is_empty()).then(|| short.to_owned())
}

/// Where exports go: the current folder, or home where that can't be written or is the lab's own.
fn export_folder(data: &Path, env: impl Fn(&str) -> Option<String>) -> PathBuf {
    let data = real_path(data).unwrap_or_else(|_| data.to_path_buf());
    let here = env::current_dir().ok();
    let home = home(|name| env(name).map(Into::into));
    let fits = |folder: &PathBuf| {
        let real = real_path(folder);
        real.is_ok_and(|real| !real.starts_with(&data)) && tempfile::tempfile_in(folder).is_ok()
    };
    here.into_iter().chain(home).find(fits).unwrap_or_else(env::temp_dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_stay_out_of_the_labs_folder() {
        let data = tempfile::tempdir().unwrap();
        let inside = data.path().join("results");
        std::fs::create_dir(&inside).unwrap();
        let outside = tempfile::tempdir().unwrap();
        let here = env::current_dir().unwrap();
        let home = |folder: &Path| {
            let folder = folder.display().to_string();
            move |_: &str| Some(folder.clone())
        };
        assert_eq!(export_folder(&here, home(outside.path())), outside.path());
        assert_eq!(export_folder(&here, home(&here)), env::temp_dir());
        assert_eq!(export_folder(data.path(), home(&inside)), here);
    }

    #[test]
    fn the_head_names_machine_folder_and_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let name =
            |file: &str, host: Option<&str>| opened(&data, Some(OsStr::new(file)), host.map(str::to_owned));
        assert_eq!(name("ivoryos.db", Some("lab-pc")), "lab-pc:data");
        assert_eq!(name("old.db", Some("lab-pc")), "lab-pc:data/old.db");
        assert!(Path::new(&name("ivoryos.db", None)).ends_with("data"));
    }

    #[test]
    fn a_machine_without_a_name_has_none() {
        assert!(host(|_| Some("lab-pc.example".to_owned())).is_none_or(|name| !name.contains('.')));
    }
}
