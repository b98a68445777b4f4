//! The trash as a person meets it: with a real lab whose trash is in a temporary folder, and with made entries.

use std::{path::PathBuf, sync::Arc};

use jiff::{SignedDuration, civil::DateTime};
use tempfile::TempDir;

use super::TrashScreen;
use crate::{
    checkpoint::Cx,
    model::query::ListQuery,
    services::{
        answer,
        lab::Lab,
        own_files::UserFolders,
        request::{Answer, Ask},
        trash::{self, EntryState, TrashEntry, TrashList, Which},
    },
    store,
    style::Theme,
    tui::{
        screen::Screen,
        screens::records::Records,
        start,
        testing::{Harness, copied_at, copied_set, fake, lab_with, options, reference_lab},
    },
};

fn records() -> Box<dyn Screen> {
    Box::new(Records::new(ListQuery::default(), start::record))
}

/// A copy of the newest set, whose records may be deleted, with a trash beside it.
struct Kept {
    folder: TempDir,
    file: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let (folder, file) = copied_set();
        Self { folder, file }
    }

    fn lab(&self, after: SignedDuration) -> Lab {
        let clock = move || -> DateTime { copied_at().saturating_add(after) };
        let folders = UserFolders { state: Some(self.folder.path().join("state")), config: None };
        let lab = lab_with(&self.file, store::Options::without_cache(), Arc::new(clock));
        lab.keeping_in(&folders)
    }

    fn open(&self, after: SignedDuration) -> Harness {
        Harness::new(records(), self.lab(after), 80, 24)
    }
}

fn selected(harness: &Harness) -> String {
    harness.lines().into_iter().find(|line| line.starts_with('▌')).unwrap_or_default()
}

fn last(harness: &Harness) -> String {
    harness.lines().last().cloned().unwrap_or_default()
}

/// Deletes a record by its id.
fn delete(harness: &mut Harness, run: &str) {
    harness.press(&[":"]).type_text(run).press(&["Enter", "D", "y"]);
}

#[test]
fn what_is_deleted_comes_back_with_u() {
    let kept = Kept::new();
    let mut harness = kept.open(SignedDuration::ZERO);
    harness.press(&[":"]).type_text("44").press(&["Enter"]);
    let (before, row) = (harness.lines()[..23].to_vec(), selected(&harness));
    harness.press(&["D", "y"]);
    assert!(last(&harness).contains("in the trash (") && last(&harness).contains(", u brings it back"));
    assert!(harness.lines()[0].contains("60 records"), "{}", harness.text());
    harness.press(&["G", "u"]);
    assert!(last(&harness).contains("Back: #44 "), "{}", harness.text());
    assert_eq!((selected(&harness), &harness.lines()[..2]), (row, &before[..2]));
    harness.press(&["u"]);
    assert!(last(&harness).contains("Nothing to take back: the trash is empty."), "{}", harness.text());
}

/// In the screen of another record, too, and after it is in its place there.
#[test]
fn u_in_a_record_takes_back_another() {
    let kept = Kept::new();
    let mut harness = kept.open(SignedDuration::ZERO);
    delete(&mut harness, "46");
    harness.press(&["Enter", "2", "u"]);
    assert!(last(&harness).contains("Back: #46 "), "{}", harness.text());
    harness.press(&["Esc"]);
    assert!(harness.lines()[0].contains("61 records"), "{}", harness.text());
}

#[test]
fn past_the_trash_nothing_comes_back() {
    let kept = Kept::new();
    let mut harness = kept.open(SignedDuration::ZERO);
    harness.press(&[":"]).type_text("44").press(&["Enter", "D", "P", "y"]);
    assert!(harness.text().contains(" for good: "), "{}", harness.text());
    harness.press(&["u"]);
    assert!(last(&harness).contains("the trash is empty"), "{}", harness.text());
    harness.press(&[":"]).type_text("trash").press(&["Enter"]);
    assert!(harness.text().contains("The trash is empty."), "{}", harness.text());
    harness.press(&["Esc"]);
    assert!(harness.lines()[0].contains("60 records"), "{}", harness.text());
}

#[test]
fn the_trash_is_listed_looked_at_and_brought_back_from() {
    let kept = Kept::new();
    let mut harness = kept.open(SignedDuration::ZERO);
    delete(&mut harness, "25");
    delete(&mut harness, "44");
    harness.press(&[":"]).type_text("trash").press(&["Enter"]);
    assert!(harness.lines()[0].contains("2 records"), "{}", harness.text());
    assert!(selected(&harness).contains("44"), "{}", harness.text());
    harness.press(&["j", "Enter"]);
    let text = harness.text();
    assert!(text.contains("in the trash") && text.contains("Ended with an error"), "{text}");
    assert!(text.contains("undefined_thing") && !text.contains("e: more"), "{text}");
    harness.press(&["D"]);
    assert!(last(&harness).contains("no meaning here"), "{}", harness.text());
    harness.press(&["u"]);
    assert!(last(&harness).contains("Back: #25 "), "{}", harness.text());
    assert!(harness.lines()[0].contains("1 record "), "back on the list: {}", harness.text());
    harness.press_at_once(&["u", "u"]).settle();
    assert!(harness.text().contains("The trash is empty."), "{}", harness.text());
    harness.press(&["Esc", "Esc"]);
    assert!(harness.lines()[0].contains("61 records"), "{}", harness.text());
}

/// What was deleted days ago is not taken back by a slip.
#[test]
fn an_old_delete_is_shown_and_not_taken_back_at_once() {
    let kept = Kept::new();
    delete(&mut kept.open(SignedDuration::ZERO), "44");
    let mut next_day = kept.open(SignedDuration::from_hours(25));
    next_day.press(&["u"]);
    let text = next_day.text();
    assert!(text.contains("The newest delete is of Nov 24 03:14: not taken back at once."), "{text}");
    assert!(selected(&next_day).contains("44"), "{text}");
    next_day.press(&["u"]);
    assert!(next_day.text().contains("Back: #44 "), "{}", next_day.text());
}

#[test]
fn another_program_may_have_brought_it_back() {
    let kept = Kept::new();
    let mut harness = kept.open(SignedDuration::ZERO);
    delete(&mut harness, "44");
    harness.press(&[":"]).type_text("trash").press(&["Enter"]);
    let other = kept.lab(SignedDuration::ZERO);
    assert_eq!(trash::restore(&other, &Which::Last, &mut Cx::quiet()).unwrap().records.len(), 1);
    harness.press(&["u"]);
    assert!(harness.text().contains("there is nothing to take back"), "{}", harness.text());
    assert!(harness.text().contains("The trash is empty."), "{}", harness.text());
}

fn entry(n: i64, batch: i64, run: i64, name: &str) -> TrashEntry {
    TrashEntry {
        n,
        batch,
        run,
        name: name.to_owned(),
        start: "2026-11-23 22:10:05.500000".to_owned(),
        deleted_at: format!("2026-11-24T03:0{batch}:11"),
        deleted_by: if batch == 2 { "mara" } else { "l.okafor" }.to_owned(),
        phases: 12,
        steps: 1_480,
        bytes: 214_000 * n as u64,
        state: if n == 4 { EntryState::Saved } else { EntryState::Gone },
    }
}

/// Two deletes, one of them of three records, one of which is not all deleted.
fn made() -> Answer {
    let entries = vec![
        entry(4, 3, 1_207, "titration, slow arm"),
        entry(3, 2, 991, "滴定 夜間"),
        entry(2, 2, 990, "titration"),
        entry(1, 2, 12, "blank"),
    ];
    Answer::Trash(TrashList { entries, as_of: copied_at(), ..TrashList::default() })
}

fn made_screen(theme: Theme, width: u16, height: u16) -> Harness {
    let lab = reference_lab("ivoryos-1.7.2");
    let answerer = fake(move |ask| match ask {
        Ask::Trash => Some(made()),
        Ask::TrashedRecord { .. } => {
            Some(answer(&lab, &Ask::OverviewWhole { run: 25 }, &mut Cx::quiet()).unwrap().value)
        }
        _ => None,
    });
    let options = crate::tui::app::AppOptions { theme, ..options() };
    let screen = Box::new(TrashScreen::default());
    let mut harness = Harness::with(options, screen, answerer, ratatui::layout::Size { width, height });
    harness.settle();
    harness
}

#[test]
fn looks() {
    for (width, height) in [(40, 10), (80, 24), (160, 50)] {
        let mut harness = made_screen(Theme { ascii: false, color: false }, width, height);
        insta::assert_snapshot!(format!("trash-{width}x{height}"), harness.text());
        harness.press(&["Enter"]);
        insta::assert_snapshot!(format!("trashed-{width}x{height}"), harness.text());
    }
    let mut harness = made_screen(Theme { ascii: true, color: false }, 80, 24);
    let list = harness.text();
    harness.press(&["Enter"]);
    assert!(list.is_ascii() && harness.text().is_ascii(), "{list}\n{}", harness.text());
}

#[test]
fn words_narrow_the_trash() {
    let mut harness = made_screen(Theme { ascii: false, color: false }, 80, 24);
    for (words, first) in [("titr", "titration"), ("okafor", "1207"), ("#99", "991"), ("滴定", "991")] {
        harness.press(&["/"]).type_text(words);
        assert!(harness.lines()[2].contains(first), "{words}: {}", harness.text());
        harness.press(&["Esc"]);
        assert!(harness.lines()[0].contains("4 records"), "{}", harness.text());
    }
    harness.press(&["/"]).type_text("nothing has this").press(&["Enter"]);
    assert!(harness.text().contains("No record in the trash has \"nothing has this\""), "{}", harness.text());
    harness.press(&["Esc"]);
    assert!(harness.lines()[0].contains("4 records"), "{}", harness.text());
}
