//! What was deleted comes back as it was; and at any moment, whatever ends the program, each row is in the lab's database or
//! in the trash.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;
mod trash {
    #[cfg(unix)]
    pub mod kills;
    pub mod lab;
    pub mod others;
    pub mod writers;
}

use ivorylens::{
    checkpoint::Cx,
    services::trash::{Which, restore},
    store::{Limits, Options},
};

use common::{Set, lab::Made};
use trash::lab::{StopAfter, TrashLab, dump, server};

/// Every set of the reference data, with the limits of every day and with such that all goes in pieces.
#[test]
fn every_record_comes_back_as_it_was() {
    for (set, limits) in [
        ("ivoryos-1.7.2", Limits::default()),
        ("ivoryos-1.7.2", Limits::tiny()),
        ("ivoryos-1.4.0", Limits::tiny()),
        ("ivoryos-1.2.5", Limits::tiny()),
        ("odd", Limits::tiny()),
    ] {
        let set = Set::open(set);
        let lab = TrashLab::of(set.copy(), Options { limits, ..Options::without_cache() });
        let before = lab.dump();
        let runs = lab.runs();
        for run in &runs {
            lab.delete(&[*run]).unwrap();
            assert!(!lab.runs().contains(run));
            lab.restore_last().unwrap();
            assert_eq!(lab.dump(), before, "#{run}");
        }
        lab.delete(&runs).unwrap();
        assert!(lab.runs().is_empty() && lab.has_no_orphans());
        let back = lab.restore_last().unwrap();
        assert_eq!(back.records.len(), runs.len());
        assert_eq!(lab.dump(), before, "all of them");
        assert!(lab.entries().is_empty());
    }
}

#[test]
fn every_record_comes_back_to_any_source() {
    common::memory::run_again(&["every_record_comes_back_as_it_was"], 0);
}

/// IvoryOS gives the highest id plus one: of the newest record that is the one that was freed.
#[test]
fn a_record_whose_ids_were_given_away_gets_new_ones() {
    for limits in [Limits::default(), Limits::tiny()] {
        let made = Made::with_long(6, (9, 4));
        let lab = TrashLab::of(made.data().to_path_buf(), Options { limits, ..Options::without_cache() });
        let newest = *lab.runs().last().unwrap();
        let (others, own) = (lab.rows_but(newest), lab.without_ids(newest));
        lab.delete(&[newest]).unwrap();
        let taken = lab.new_record("came later", 3);
        assert_eq!(taken, newest, "the id is used again");
        let later = lab.without_ids(taken);
        let back = lab.restore_last().unwrap();
        let now = back.records[0].run;
        assert_eq!((back.records[0].was, now), (newest, newest + 1));
        assert_eq!(lab.without_ids(now), own, "all but the ids");
        assert_eq!(lab.without_ids(taken), later);
        assert_eq!(lab.rows_but_these(&[taken, now]), others);
        assert!(lab.has_no_orphans() && lab.entries().is_empty());
        // And the next record does not get into it.
        let next = lab.new_record("and another", 2);
        assert_eq!((next, lab.without_ids(now)), (now + 1, own));
    }
}

/// The first ids of a table are free, the last ones are another record's: a large record of which a part is there.
#[test]
fn a_part_that_is_missing_gets_new_ids_behind_the_part_that_is_there() {
    let made = Made::with_long(4, (12, 4));
    let newest = made.long;
    server(&made.database()).execute("DELETE FROM workflow_runs WHERE id > ?", [newest]).unwrap();
    let lab = TrashLab::of(made.data().to_path_buf(), Options::tiny());
    let own = lab.without_ids(newest);
    // It ends half-way, with some of its last phases gone.
    let halfway = (0..).find_map(|after| {
        let part = lab.delete_with(&[newest], &mut Cx::new(&mut StopAfter(after))).ok()?;
        (part.phases > 4).then_some(part)
    });
    assert_eq!(halfway.unwrap().stopped.unwrap().part, Some(newest));
    // Its last phases and steps are gone, and their ids are given to another record.
    let other = lab.new_record("came later", 4);
    let back = lab.restore_last().unwrap();
    assert_eq!(back.records[0].run, newest, "its own id was never free");
    assert_eq!(lab.without_ids(newest), own);
    assert_eq!(lab.without_ids(other).len(), 1 + 4 + 4);
    assert!(lab.has_no_orphans() && lab.entries().is_empty());
}

/// A delete that is ended at each of its checkpoints, and a restore that is ended at each of its own.
#[test]
fn whatever_ends_it_no_row_is_in_neither_and_the_next_command_finishes() {
    let made = Made::with_long(4, (10, 4));
    let lab = TrashLab::of(made.data().to_path_buf(), Options::tiny());
    let before = lab.dump();
    let (mut after, mut ended) = (0, 0);
    loop {
        let deleted = lab.delete_with(&[made.long, 1], &mut Cx::new(&mut StopAfter(after)));
        let whole = deleted.as_ref().is_ok_and(|deleted| deleted.stopped.is_none());
        lab.assert_whole(&before);
        if !whole {
            ended += 1;
            let left: Vec<i64> = lab.runs().into_iter().filter(|run| [made.long, 1].contains(run)).collect();
            lab.delete(&left).unwrap();
            lab.assert_whole(&before);
        }
        assert!(lab.runs().len() == 2 || lab.runs().len() == lab.all() - 2);
        // A restore of all is ended everywhere once, another one here and there.
        for steps in (0..).step_by(if after == 0 { 1 } else { 11 }) {
            let all = Which::Entries(lab.entries().iter().map(|entry| entry.n).collect());
            let back = restore(lab.lab(), &all, &mut Cx::new(&mut StopAfter(steps)));
            lab.assert_whole(&before);
            if back.is_ok_and(|back| back.stopped.is_none()) {
                break;
            }
        }
        assert_eq!(lab.dump(), before);
        if whole {
            break;
        }
        after += 1;
    }
    assert!(ended > 10, "it was ended {ended} times");
}

/// A record that is back in part, under its own ids, can be deleted again: its entry goes on.
#[test]
fn a_record_that_is_back_in_part_can_be_deleted_again() {
    let made = Made::with_long(4, (10, 4));
    let lab = TrashLab::of(made.data().to_path_buf(), Options::tiny());
    let before = lab.dump();
    lab.delete(&[made.long]).unwrap();
    let half = (0..).find_map(|steps| {
        let all = Which::Entries(lab.entries().iter().map(|entry| entry.n).collect());
        restore(lab.lab(), &all, &mut Cx::new(&mut StopAfter(steps))).err()?;
        lab.runs().contains(&made.long).then_some(steps)
    });
    assert!(half.is_some() && lab.dump() != before);
    lab.delete(&[made.long]).unwrap();
    lab.assert_whole(&before);
    assert_eq!((lab.runs().contains(&made.long), lab.entries().len()), (false, 1));
    lab.restore_last().unwrap();
    assert_eq!(lab.dump(), before);
}

/// What a killed delete left, of which nothing was deleted, is settled by the next one and by a restore.
#[test]
fn an_entry_whose_rows_are_all_in_place_is_done() {
    let made = Made::with_long(4, (5, 3));
    let lab = TrashLab::of(made.data().to_path_buf(), Options::without_cache());
    let before = lab.dump();
    lab.keep_only(2);
    assert_eq!(lab.entries().len(), 1, "it counts from the moment when it is on disk");
    let back = lab.restore_last().unwrap();
    assert_eq!((back.records[0].rows, back.records[0].run), (0, 2));
    assert!(lab.entries().is_empty());
    assert_eq!(lab.dump(), before);
    // A delete of the same record joins the entry; the newest batch is its own.
    lab.keep_only(2);
    let n = lab.entries()[0].n;
    lab.delete(&[3]).unwrap();
    lab.delete(&[2]).unwrap();
    let entries = lab.entries();
    assert_eq!(entries.iter().map(|entry| entry.run).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(entries[0].n, n);
    assert_eq!(lab.restore_last().unwrap().records[0].run, 2);
    assert_eq!(lab.restore_last().unwrap().records[0].run, 3);
    assert_eq!(dump(&lab.database()), before);
}
