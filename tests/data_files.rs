//! What stands in the place of a record's files: links, pipes, loops, folders, files of terabytes. Nothing outside of the
//! data folder is read, nothing is waited for, and the reason is said everywhere.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use ivorylens::{
    checkpoint::Cx,
    model::run::Run,
    services::{
        delete,
        export::{self, Outlet},
        export_kind::ExportKind,
        file_preview, files,
        lab::Lab,
        paths,
    },
};

use common::{
    NEW, Ran, Set,
    lab::{NOON, stopped},
};

/// A record with a log, a result file's name and optimizer plots.
const ID: &str = "16";

/// A copy of the data folder whose files are put out of their places.
struct Place {
    set: Set,
    data: PathBuf,
    log: PathBuf,
    plots: PathBuf,
}

impl Place {
    fn new() -> Self {
        let set = Set::open(NEW);
        let data = set.copy();
        let lab = lab(&data);
        let of = |kind| {
            let entries = files::entries(&lab, &run(&lab));
            entries.iter().find(|file| file.kind == kind).unwrap().path().unwrap().to_owned()
        };
        let (log, plots) = (of(ExportKind::Log), of(ExportKind::OptimizerPlots));
        Self { set, data, log, plots }
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.set.run_in(&self.data, &self.data, args)
    }

    fn bill(&self) -> String {
        let ran = self.run(&["delete", ID, "--dry-run"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        String::from_utf8(ran.out).unwrap()
    }

    /// The log can't be read: the command, the record's page and the bill say why, and nobody gives a byte of it.
    fn log_is_refused(&self, why: &str) {
        let log = self.log.to_str().unwrap();
        let ran = self.run(&["log", ID]);
        assert_eq!((ran.code, ran.out.len()), (Some(1), 0), "{}", ran.err);
        assert!(
            ran.err.contains(&format!("{log}: ")) && ran.err.contains(why),
            "{:?} lacks {why:?}",
            ran.err
        );
        assert!(ran.err.contains("; "), "{:?} says nothing to do", ran.err);
        let shown = String::from_utf8(self.run(&["show", ID]).out).unwrap();
        assert!(shown.contains(&format!("note: {log}: ")) && shown.contains(why), "{shown}");
        let bill = self.bill();
        assert!(bill.contains(&format!("can't be looked at: {log}: ")) && bill.contains(why), "{bill}");
        assert!(!bill.contains(&format!("stays on disk: {log}")), "{bill}");
        let lab = lab(&self.data);
        let entries = files::entries(&lab, &run(&lab));
        let entry = entries.iter().find(|file| file.kind == ExportKind::Log).unwrap();
        assert!(entry.note().contains(why) && !entry.note().contains(log), "{}", entry.note());
        assert!(paths::about_log(&lab, &run(&lab)).is_none());
    }
}

/// A lab that ran on Windows has its folders in the names of its files with the other line.
#[test]
fn a_name_with_folders_of_windows_is_found_and_leads_nowhere_else() {
    let place = Place::new();
    let folder = place.data.join("results/day 1");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("a.csv"), "x,y\n").unwrap();
    let found = place.run(&["file", "day 1\\a.csv"]);
    assert_eq!((found.code, found.out.as_slice()), (Some(0), b"x,y\n".as_slice()), "{}", found.err);
    for name in ["..\\ivoryos.db", "day 1\\..\\..\\ivoryos.db", "\\a.csv"] {
        assert_eq!(place.run(&["file", name]).code, Some(3), "{name}");
    }
    // One that has such a line in its name itself comes first.
    fs::write(place.data.join("results/day 1\\a.csv"), "itself\n").unwrap();
    assert_eq!(place.run(&["file", "day 1\\a.csv"]).out, b"itself\n");
}

fn lab(data: &Path) -> Lab {
    common::lab::lab(data, stopped(NOON))
}

fn run(lab: &Lab) -> Run {
    lab.run(ID.parse().unwrap(), &Cx::quiet()).unwrap()
}

/// Puts a link in a file's place.
fn link(place: &Path, to: impl AsRef<Path>) {
    fs::remove_file(place).unwrap();
    symlink(to, place).unwrap();
}

#[test]
fn a_link_out_of_the_data_folder_is_not_followed() {
    let place = Place::new();
    let secret = place.set.place().keep().join("secret");
    fs::write(&secret, "the secret\n").unwrap();
    // Read as a file, the second one would wait for the kernel's next message.
    for target in [secret.as_path(), Path::new("/proc/kmsg"), Path::new("/dev/zero"), Path::new("/etc")] {
        link(&place.log, target);
        place.log_is_refused(&format!("a link out of the data folder, to {}, is not read", target.display()));
    }
    link(&place.plots, &secret);
    for args in [["plots", ID], ["file", place.plots.file_name().unwrap().to_str().unwrap()]] {
        let ran = place.run(&args);
        assert_eq!((ran.code, ran.out.len()), (Some(1), 0), "{}", ran.err);
        assert!(ran.err.contains("a link out of the data folder"), "{}", ran.err);
    }
    // A delete takes no file at all: neither the link nor what it leads to.
    assert_eq!(place.run(&["delete", ID, "--yes"]).code, Some(0));
    assert_eq!(fs::read_to_string(&secret).unwrap(), "the secret\n");
    assert!(place.log.is_symlink() && place.plots.is_symlink());
}

/// Closing it would give up SQLite's locks on it.
#[test]
fn the_database_itself_is_not_opened_by_a_link() {
    let place = Place::new();
    let database = place.data.join("ivoryos.db");
    link(&place.log, &database);
    place.log_is_refused("this is the lab's database, not a file of a record");
    fs::remove_file(&place.log).unwrap();
    fs::hard_link(&database, &place.log).unwrap();
    place.log_is_refused("this is the lab's database, not a file of a record");
}

#[test]
fn links_within_the_data_folder_and_whole_folders_elsewhere_are_followed() {
    let place = Place::new();
    let text = fs::read(&place.log).unwrap();
    let logs = place.log.parent().unwrap();
    fs::rename(&place.log, place.data.join("moved.log")).unwrap();
    symlink("../moved.log", &place.log).unwrap();
    assert_eq!(place.run(&["log", ID]).out, text);
    // `logs` itself on another disk.
    let elsewhere = place.set.place().keep().join("large disk");
    fs::rename(logs, &elsewhere).unwrap();
    symlink(&elsewhere, logs).unwrap();
    fs::remove_file(&place.log).unwrap();
    fs::rename(place.data.join("moved.log"), elsewhere.join("moved.log")).unwrap();
    symlink("moved.log", &place.log).unwrap();
    assert_eq!(place.run(&["log", ID]).out, text);
    // From there, the data folder is inside as well, but nothing else.
    link(&place.log, "../secret");
    fs::write(elsewhere.parent().unwrap().join("secret"), "the secret\n").unwrap();
    place.log_is_refused("a link out of the data folder");
}

#[test]
fn what_is_no_file_is_told_as_what_it_is() {
    let place = Place::new();
    fs::remove_file(&place.log).unwrap();
    // Nobody writes into it.
    assert!(Command::new("mkfifo").arg(&place.log).status().unwrap().success());
    place.log_is_refused("this is a pipe, not a file");
    fs::remove_file(&place.log).unwrap();
    fs::create_dir(&place.log).unwrap();
    place.log_is_refused("this is a folder, not a file");
    fs::remove_dir(&place.log).unwrap();
    symlink(place.log.file_name().unwrap(), &place.log).unwrap();
    place.log_is_refused("a loop of links");
    link(&place.log, "nowhere");
    place.log_is_refused("a link to nowhere, which is not there");
    fs::remove_dir_all(place.log.parent().unwrap()).unwrap();
    fs::write(place.log.parent().unwrap(), "in the folder's place").unwrap();
    place.log_is_refused("a part of this path is no folder");
    fs::remove_file(place.log.parent().unwrap()).unwrap();
    // Only now there is none.
    let ran = place.run(&["log", ID]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.err.contains("has no log") && ran.err.contains("is not there"), "{}", ran.err);
    assert!(!place.bill().contains(place.log.to_str().unwrap()));
}

/// The other files are written, and what keeps this one from it is noted.
#[test]
fn everything_is_exported_but_what_cant_be_read() {
    let place = Place::new();
    link(&place.log, "/etc/passwd");
    let to = place.set.place();
    let done = export::into_folder(
        &lab(&place.data),
        ID.parse().unwrap(),
        ExportKind::Everything,
        to.path(),
        &mut Cx::quiet(),
    );
    let done = done.unwrap();
    assert!(done.notes.iter().any(|note| note.contains("a link out of the data folder")), "{:?}", done.notes);
    let has = |ending: &str| done.files.iter().any(|(path, _)| path.to_str().unwrap().ends_with(ending));
    assert!(has("_steps.csv") && has("_plots.json") && !has(".log"), "{:?}", done.files);
}

/// What "everything" wrote of a record: names, and what was said besides.
fn everything(set: &Set, data: &Path, id: i64) -> (Vec<String>, Vec<String>) {
    let to = set.place();
    let done = export::into_folder(&lab(data), id, ExportKind::Everything, to.path(), &mut Cx::quiet());
    let done = done.unwrap();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    (done.files.iter().map(|(path, _)| name(path)).collect(), done.notes)
}

#[test]
fn what_a_record_never_had_is_said_in_few_words() {
    let place = Place::new();
    // With a log; its result file was moved away, and it was no optimization.
    let (files, notes) = everything(&place.set, &place.data, 25);
    assert!(files.iter().any(|name| name.ends_with(".log")), "{files:?}");
    assert_eq!(notes, ["no result file, no optimizer plots"]);
}

/// The data CSV is made from what the iterations returned, or in files from before there were any is the result file.
#[test]
fn everything_has_no_two_files_of_one_name_and_none_twice() {
    for (version, other, twice) in [
        ("ivoryos-1.2.5", "yield\n7\n", false),
        ("ivoryos-1.4.0", "yield\n7\n", true),
        ("ivoryos-1.4.0", "", false),
        (NEW, "yield\n7\n", true),
    ] {
        let set = Set::open(version);
        let data = set.copy();
        let database = rusqlite::Connection::open(data.join("ivoryos.db")).unwrap();
        database.execute("UPDATE workflow_runs SET data_path = 'named.csv' WHERE id = 3", []).unwrap();
        drop(database);
        let result = data.join("results/named.csv");
        fs::create_dir_all(data.join("results")).unwrap();
        match other {
            "" => fs::write(&result, set.run_in(&data, &data, &["data", "3"]).out).unwrap(),
            other => fs::write(&result, other).unwrap(),
        }
        let (files, notes) = everything(&set, &data, 3);
        let of = |wanted: &str| files.iter().any(|name| name == wanted);
        assert!(of("named.csv") && !of("named (2).csv"), "{version}: {files:?}");
        assert_eq!(of("named_result.csv"), twice, "{version}: {files:?}");
        assert!(!notes.iter().any(|note| note.contains("result file")), "{notes:?}");
    }
}

/// Root may write anywhere, but not what is no place for files.
#[test]
fn a_folder_for_exports_is_looked_at_before_one_is_made() {
    let place = Place::new();
    let to = place.set.place();
    let lab = lab(&place.data);
    let file = to.path().join("a file");
    fs::write(&file, "x").unwrap();
    for good in ["", "new", "new/newer"] {
        export::check_folder(&lab, &to.path().join(good)).unwrap();
    }
    assert_eq!(fs::read_dir(to.path()).unwrap().count(), 1, "nothing is left of the looks");
    for (bad, why) in [
        (file.clone(), "a file, not a folder"),
        (file.join("below"), "a file, not a folder"),
        ("/proc/foo".into(), "/proc: no file can be made there; name another folder"),
        (place.data.clone(), "the lab's own folder"),
        (place.data.join("results/new"), "the lab's own folder"),
    ] {
        let said = export::check_folder(&lab, &bad).unwrap_err().on_screen();
        assert!(said.contains(why), "{said}");
    }
}

/// Makes a file of three gigabytes, of which the disk has only the beginning.
fn huge(path: &Path, begin: &str) {
    fs::write(path, begin).unwrap();
    File::options().write(true).open(path).unwrap().set_len(3 << 30).unwrap();
}

/// Held in memory these plots would be several gigabytes. They are exported as they are, and everything else says what
/// the bound is.
#[test]
fn plots_of_any_size_are_not_held_in_memory() {
    let place = Place::new();
    huge(&place.plots, "{\"a\": \"<div>");
    let bound = "it has 3.2 GB, and plots of up to 64 MB are shown; ivorylens plots 16 -o FILE";
    let ran = place.run(&["plots", ID, "--json"]);
    assert_eq!((ran.code, ran.out.len()), (Some(1), 0));
    assert!(ran.err.contains(bound), "{}", ran.err);
    let lab = lab(&place.data);
    let run = run(&lab);
    let shown = file_preview::view(&lab, &run, ExportKind::OptimizerPlots, &mut Cx::quiet());
    assert!(shown.unwrap_err().to_string().contains(bound));
    let entries = files::entries(&lab, &run);
    let entry = entries.iter().find(|file| file.kind == ExportKind::OptimizerPlots).unwrap();
    assert_eq!((entry.size(), entry.note().as_ref()), (Some(3 << 30), "HTML plots"));
    assert!(delete::bill(&lab, &[run.id], &mut Cx::quiet()).unwrap().items[0].files.len() == 2);

    // Its bytes come from the beginning, until nobody wants more.
    let mut first = [0_u8; 11];
    let mut full = first.as_mut_slice();
    let mut outlet = Outlet::new(&mut full, "plots");
    assert!(export::write(&lab, &run, ExportKind::OptimizerPlots, &mut outlet, &mut Cx::quiet()).is_err());
    assert_eq!(&first, b"{\"a\": \"<div");

    huge(&place.plots, "no plots");
    assert!(place.run(&["plots", ID]).err.contains("neither plots by name nor the path of a picture"));
    let picture = place.data.join("results/huge.png");
    huge(&picture, "PNG");
    fs::remove_file(&place.plots).unwrap();
    fs::write(&place.plots, "\"huge.png\"").unwrap();
    let ran = place.run(&["plots", ID, "--json"]);
    assert!(ran.err.contains("huge.png: it has 3.2 GB"), "{}", ran.err);
}
