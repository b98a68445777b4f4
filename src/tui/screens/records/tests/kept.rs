//! Views under names, and the list as it was left the last time.

use std::{fs, path::PathBuf};

use super::*;
use crate::{
    config::file::ToldWrong,
    services::own_files::{OwnFiles, last_screen, views},
    tui::{
        app::AppOptions,
        start::{ScreenConfig, ScreenOptions, left_list},
        testing::options,
    },
};

/// A user, and a copy of the reference database that may be changed.
struct User {
    folder: TempDir,
    own: OwnFiles,
    config: ScreenConfig,
    width: u16,
    height: u16,
}

impl User {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(reference_file("ivoryos-1.7.2"), folder.path().join("ivoryos.db")).unwrap();
        let place = |name: &str| Some(folder.path().join("own").join(name));
        let own = OwnFiles { views: place("views.json"), last_screen: place("LAB/screen.json") };
        User { folder, own, config: ScreenConfig::default(), width: 80, height: 24 }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("ivoryos.db")
    }

    fn start_with(&self, fresh: bool, warning: Option<String>) -> Harness {
        let AppOptions { theme, .. } = options();
        let screens = ScreenOptions {
            theme,
            own: self.own.clone(),
            fresh,
            config: self.config.clone(),
            slow: false,
            title: false,
            bell: false,
        };
        let (first, tab) = left_list(&screens, warning);
        let wrong = self.config.wrong.clone();
        let options = AppOptions { own: self.own.clone(), tab, wrong, ..options() };
        let lab = rested(lab(&self.database()));
        Harness::with(options, Box::new(first), lab, Size { width: self.width, height: self.height })
    }

    fn start(&self) -> Harness {
        let mut harness = self.start_with(false, None);
        harness.settle();
        harness
    }

    fn change(&self, sql: &str) {
        rusqlite::Connection::open(self.database()).unwrap().execute_batch(sql).unwrap();
    }

    /// What the file of the last screen says.
    fn last(&self) -> Option<last_screen::LastScreen> {
        last_screen::read(self.own.last_screen.as_deref().unwrap())
    }
}

fn run(harness: &mut Harness, command: &str) {
    harness.press(&[":"]).type_text(command).press(&["Enter"]);
}

/// The line with the bar.
fn selected(harness: &Harness) -> String {
    harness.lines().into_iter().find(|line| line.starts_with('▌')).unwrap_or_default()
}

/// Head and rows, whichever is selected.
fn rows(harness: &Harness) -> Vec<String> {
    harness.lines()[..20].iter().map(|line| line.replace('▌', " ")).collect()
}

/// All that is on screen, however its lines are broken.
fn said(harness: &Harness) -> String {
    harness.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn head(harness: &Harness) -> String {
    line(harness, 0)
}

#[test]
fn a_list_is_kept_under_a_name_and_used_again() {
    let user = User::new();
    let mut harness = user.start();
    harness.press(&["f"]);
    assert!(harness.text().contains(":view NAME keeps this list"), "{}", harness.text());
    harness.press(&["Esc"]);
    run(&mut harness, "view");
    assert!(last_line(&harness).contains("No view is kept yet: :view NAME"), "{}", harness.text());
    harness.press(&["/"]).type_text("user:admin -status:completed").press(&["Enter"]);
    run(&mut harness, "sort took asc");
    run(&mut harness, "columns id,name,deck");
    let kept = rows(&harness);
    run(&mut harness, "view bad  ones");
    assert!(last_line(&harness).contains("Kept as \"bad ones\": f lists it."), "{}", harness.text());
    harness.press(&["Esc"]);
    run(&mut harness, "sort id desc");
    run(&mut harness, "columns default");
    assert_ne!(rows(&harness), kept);
    // From the menu of values, also behind a look at one of them.
    harness.press(&["f", "u", "Esc"]);
    let words = "user:admin -status:completed, by took asc";
    assert!(harness.text().contains(&format!("a  bad ones  {words}")), "{}", harness.text());
    harness.press(&["a"]);
    assert_eq!(rows(&harness), kept);
    // And from one of their own.
    run(&mut harness, "view more");
    harness.press(&["Esc"]);
    run(&mut harness, "columns default");
    harness.press(&[":"]).type_text("views").press(&["Enter"]);
    assert!(
        harness.text().contains("Kept views") && harness.text().contains("b  more"),
        "{}",
        harness.text()
    );
    harness.press(&["j", "k", "Enter"]);
    assert_eq!(rows(&harness), kept);
    run(&mut harness, "view more");
    assert!(last_line(&harness).contains("Kept as \"more\" in the place of the one before"));
    harness.press(&[":"]).type_text("forget ba").press(&["Tab", "Enter"]);
    assert!(last_line(&harness).contains("\"bad ones\" is no longer kept."), "{}", harness.text());
    run(&mut harness, "forget bad ones");
    assert!(last_line(&harness).contains("No view \"bad ones\" is kept"), "{}", harness.text());
    assert_eq!(views::all(user.own.views.as_deref().unwrap()).unwrap().len(), 1);
}

#[test]
fn a_view_is_there_where_no_record_matches_and_in_the_smallest_window() {
    let user = User { width: 40, height: 10, ..User::new() };
    let mut harness = user.start();
    run(&mut harness, "view all of them");
    harness.press(&["/"]).type_text("xyzzy").press(&["Enter"]);
    assert!(harness.text().contains("0 with"), "{}", harness.text());
    run(&mut harness, "view");
    assert!(harness.text().contains("all of them"), "{}", harness.text());
    harness.press(&["a"]);
    assert!(head(&harness).contains("61 records"), "{}", harness.text());
}

#[test]
fn a_view_that_means_nothing_any_more_is_said_and_the_list_stays() {
    let user = User::new();
    let file = user.own.views.clone().unwrap();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut harness = user.start();
    let before = harness.lines()[..20].to_vec();
    for (view, wrong) in [
        (
            "{\"filter\": \"alpha stat:error\"}",
            "View \"w\": filter \"alpha stat:error\", sign 7: unknown field",
        ),
        ("{\"sort\": \"colour\"}", "View \"w\": sort \"colour\" is no order of the list"),
        ("{\"columns\": \"id,shoe\"}", "View \"w\": columns: no column \"shoe\""),
    ] {
        fs::write(&file, format!("{{\"views\": {{\"w\": {view}}}}}")).unwrap();
        harness.press(&["f", "a"]);
        assert!(said(&harness).contains(wrong), "{}", harness.text());
        harness.press(&["Esc"]);
        assert_eq!(harness.lines()[..20], before);
    }
    // No JSON: said, and kept beside what is new.
    fs::write(&file, "my words").unwrap();
    harness.press(&["f"]);
    assert!(harness.text().contains("views.json"), "{}", harness.text());
    harness.press(&["Esc"]);
    run(&mut harness, "view");
    assert!(said(&harness).contains("is no JSON"), "{}", harness.text());
    run(&mut harness, "view new");
    assert!(said(&harness).replace(' ', "").contains("views.badnow"), "{}", harness.text());
    assert_eq!(fs::read_to_string(file.with_extension("bad")).unwrap(), "my words");
}

#[test]
fn views_are_of_lists_and_need_a_folder() {
    let mut harness = real_screen(80, 24);
    for command in ["view a", "view", "forget a"] {
        run(&mut harness, command);
        assert!(last_line(&harness).contains("set HOME or XDG_CONFIG_HOME"), "{command}: {}", harness.text());
    }
    harness.press(&["Enter"]);
    run(&mut harness, "view a");
    assert!(last_line(&harness).contains("Views are of the list of records"), "{}", harness.text());
}

#[test]
fn the_list_comes_as_it_was_left() {
    let user = User::new();
    let mut harness = user.start();
    harness.press(&["/"]).type_text("alpha or name:table").press(&["Enter"]);
    run(&mut harness, "sort name asc");
    run(&mut harness, "columns default,deck,-took");
    harness.press(&["G", "k"]);
    let (lines, record) = (harness.lines()[..20].to_vec(), selected(&harness));
    // The tab that was open last, in whichever record.
    harness.press(&["5", "J", "Esc", "k"]);
    assert_eq!(selected(&harness), record, "J and k");
    harness.press(&["Enter"]);
    assert!(harness.text().contains("5 Charts"), "{}", harness.text());
    harness.press(&["Esc"]);
    harness.app.keep();
    let mut again = user.start();
    assert_eq!((&again.lines()[..20], selected(&again)), (lines.as_slice(), record));
    let said = "As you left it: alpha or name:table; Esc shows all.";
    assert!(last_line(&again).contains(said), "{}", again.text());
    again.press(&["Esc"]);
    assert!(head(&again).contains("61 records"), "{}", again.text());
    let mut again = user.start();
    let overview = again.press(&["1"]).text();
    let mut again = user.start();
    assert_ne!(again.press(&["Enter"]).text(), overview);
    // Without what was left; it is left anew at the end.
    let mut fresh = user.start_with(true, None);
    fresh.settle();
    assert!(head(&fresh).contains("61 records") && !last_line(&fresh).contains("As you left it"));
    assert_eq!(fresh.press(&["Enter"]).press(&["Esc"]).app.ends(), None);
    fresh.app.keep();
    assert_eq!(user.last().unwrap().tab.as_deref(), Some("Overview"));
    assert!(user.last().unwrap().list.filter.is_empty());
}

/// Below the first page: the record is led to behind it, and keys typed ahead wait for that.
#[test]
fn a_record_far_down_is_led_to() {
    let user = User { height: 10, ..User::new() };
    let mut harness = user.start();
    harness.press(&["G", "k", "k"]);
    let record = selected(&harness);
    harness.app.keep();
    assert_eq!(selected(&user.start()), record);
    let mut ahead = user.start_with(false, None);
    ahead.press_at_once(&["k", "j", "j"]);
    ahead.settle();
    harness.press(&["j"]);
    assert_eq!(selected(&ahead), selected(&harness));
}

#[test]
fn a_record_that_is_gone_or_another_one_is_the_first() {
    for change in [
        "DELETE FROM workflow_steps; DELETE FROM workflow_phases; DELETE FROM workflow_runs WHERE id = 3",
        "UPDATE workflow_runs SET name = 'another' WHERE id = 3",
        "UPDATE workflow_runs SET start_time = '2026-11-24 01:02:03.000000' WHERE id = 3",
    ] {
        let user = User { height: 12, ..User::new() };
        let mut harness = user.start();
        let first = selected(&harness);
        run(&mut harness, "3");
        harness.app.keep();
        assert_eq!(user.last().unwrap().record.unwrap().id, 3);
        user.change(change);
        assert_eq!(selected(&user.start())[..24], first[..24], "{change}");
    }
}

#[test]
fn what_was_left_and_means_nothing_is_said_and_left_out() {
    let user = User::new();
    let mut harness = user.start();
    harness.press(&["j"]);
    harness.app.keep();
    let file = user.own.last_screen.clone().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"filter\": \"\"", "\"filter\": \"colour:red\"")).unwrap();
    let mut again = user.start_with(false, Some("The share may be slow.".to_owned()));
    again.settle();
    assert!(head(&again).contains("61 records"), "{}", again.text());
    let all = said(&again);
    assert!(all.contains("Not as you left it: filter \"colour:red\", sign 1: unknown field"), "{all}");
    assert!(all.contains(". The share may be slow."), "{all}");
    for damaged in ["", "{\"version\": 9}", "[1]"] {
        fs::write(&file, damaged).unwrap();
        assert!(!user.start().text().contains("left it"), "{damaged}");
    }
}

/// Words that are being typed as the program ends were not chosen yet.
#[test]
fn what_is_being_typed_is_not_left() {
    let user = User::new();
    let mut harness = user.start();
    harness.press(&["/"]).type_text("alpha").press(&["Enter", "/"]).type_text(" xy");
    harness.app.keep();
    assert_eq!(user.last().unwrap().list.filter, "alpha");
    // In a record, the list below it; without a place nothing is written.
    harness.press(&["Esc", "Enter", "2"]);
    harness.app.keep();
    let last = user.last().unwrap();
    assert_eq!((last.list.filter.as_str(), last.tab.as_deref()), ("alpha", Some("Steps")));
    real_screen(80, 24).app.keep();
}

/// What config.toml wants stands where nothing was left; what was left goes before it.
#[test]
fn the_list_begins_as_config_toml_wants_it() {
    let mut user = User::new();
    user.config.columns = "id,name,deck".to_owned();
    user.config.per_page = 20;
    let mut harness = user.start();
    assert!(
        harness.lines()[1].contains("deck") && !harness.lines()[1].contains("took"),
        "{}",
        harness.text()
    );
    harness.press(&["]"]);
    assert_eq!(selected_id(&harness), 41, "a page of 20 further");
    // As at first is as it wants it, also when it wants something else the next time.
    harness.app.keep();
    assert_eq!(user.last().unwrap().list.columns, "");
    user.config.columns = "id,name,mode".to_owned();
    assert!(user.start().lines()[1].contains("mode"));
    let mut harness = user.start();
    harness.press(&[":"]).type_text("columns id,name,by").press(&["Enter"]);
    harness.app.keep();
    assert!(user.start().lines()[1].contains("by"), "what was chosen stays");
}

#[test]
fn a_view_of_config_toml_is_the_first_list() {
    let mut user = User::new();
    let mut harness = user.start();
    harness
        .press(&["/"])
        .type_text("status:error")
        .press(&["Enter", ":"])
        .type_text("view bad")
        .press(&["Enter"]);
    user.config.view = Some("bad".to_owned());
    let mut harness = user.start_with(true, None);
    harness.settle();
    assert!(harness.text().contains("View \"bad\": status:error; Esc shows all."), "{}", harness.text());
    user.config.view = Some("good".to_owned());
    let mut harness = user.start_with(true, None);
    harness.settle();
    assert!(harness.text().contains("No view \"good\" is kept"), "{}", harness.text());
}

/// The first is said at the start, all of them stand behind `:config`.
#[test]
fn what_is_wrong_in_config_toml_is_reachable() {
    let mut user = User::new();
    let wrong =
        |line: usize, said: &str| ToldWrong { at: format!("/c/config.toml:{line}"), said: said.to_owned() };
    user.config.wrong =
        vec![wrong(3, "one; two"), wrong(5, "slow can't be 1; true or false could stand there")];
    let mut harness = user.start();
    assert!(
        harness.text().contains("/c/config.toml:3: one; two (1 more: :config has all)"),
        "{}",
        harness.text()
    );
    harness.press(&[":"]).type_text("config").press(&["Enter"]);
    assert!(harness.text().contains("config.toml:5"), "{}", harness.text());
    harness.press(&["j", "Enter"]);
    let said = "config.toml:5: slow can't be 1; true or false could stand there";
    assert!(harness.text().contains(said), "{}", harness.text());
    user.config.wrong.clear();
    let mut harness = user.start();
    harness.press(&[":"]).type_text("config").press(&["Enter"]);
    assert!(harness.text().contains("Nothing is wrong in config.toml"));
}
