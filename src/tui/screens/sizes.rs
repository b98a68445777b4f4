//! Each screen over the reference data at the sizes that are promised: what a person sees, line by line.

use strum::VariantArray;

use super::{record::RecordScreen, records::Records};
use crate::{
    checkpoint::Cx,
    demo::{Plan, make},
    error::Error,
    model::query::ListQuery,
    services::{
        lab::Lab,
        request::{Answer, Ask},
    },
    tui::{
        screen::Screen,
        start,
        tab::TabId,
        testing::{Harness, copied_at, lab_of, reference_lab},
        worker::Answerer,
    },
};

const SIZES: [(u16, u16); 3] = [(80, 24), (160, 50), (40, 10)];

/// All is counted: nobody has asked for a while.
fn reference() -> Lab {
    let lab = reference_lab("ivoryos-1.7.2");
    while lab.idle(&mut Cx::quiet()).is_some_and(|idle| idle.pause.is_some()) {}
    lab
}

fn records() -> Box<dyn Screen> {
    Box::new(Records::new(ListQuery::default(), start::record))
}

/// Compares a screen with what it was, at each size. Paths differ from machine to machine.
fn same<A: Answerer + Send + 'static>(
    name: &str,
    screen: impl Fn() -> Box<dyn Screen>,
    answerer: impl Fn() -> A,
) {
    for (width, height) in SIZES {
        let harness = Harness::new(screen(), answerer(), width, height);
        insta::assert_snapshot!(format!("{name}-{width}x{height}"), harness.text());
    }
}

#[test]
fn the_list() {
    same("records", records, reference);
}

#[test]
fn an_empty_list() {
    let folder = tempfile::tempdir().unwrap();
    make(&Plan::sized(0, 1..=1, 1, 7, copied_at()), folder.path()).unwrap();
    let path = folder.path().join("ivoryos.db");
    same("records-empty", records, || lab_of(&path));
}

#[test]
fn tabs_of_charts_log_and_files() {
    for (tab, run) in [(TabId::Charts, 16), (TabId::Log, 21), (TabId::Files, 16)] {
        let screen = || -> Box<dyn Screen> { Box::new(RecordScreen::new(run, tab, ListQuery::default())) };
        for (width, height) in SIZES {
            let text = Harness::new(screen(), reference(), width, height).text();
            // The log's header has its path, which is another one on each machine.
            let shown: Vec<&str> =
                text.lines().filter(|l| !l.contains(".log  ") || tab == TabId::Files).collect();
            insta::assert_snapshot!(format!("{}-{width}x{height}", tab.facts().title), shown.join("\n"));
        }
    }
}

#[test]
fn a_broken_database_says_so_on_every_screen() {
    let broken = || {
        |_: &Ask, _: &mut Cx<'_>| -> crate::error::Result<Answer> {
            Err(Error::Refused("ivoryos.db: the database is damaged; restore a backup".to_owned()))
        }
    };
    same("records-broken", records, broken);
    for tab in TabId::VARIANTS.iter().copied() {
        let screen = || -> Box<dyn Screen> { Box::new(RecordScreen::new(7, tab, ListQuery::default())) };
        for (width, height) in SIZES {
            let text = Harness::new(screen(), broken(), width, height).text();
            assert!(text.contains("damaged"), "{tab:?} at {width}x{height} does not say why:\n{text}");
        }
    }
}
