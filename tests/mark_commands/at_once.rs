//! Two who mark at once lose nothing. More of it: `IVORYLENS_MARKS=2000 cargo test --release --test mark_commands at_once`.

use std::{collections::BTreeMap, thread};

use ivorylens::{
    checkpoint::Cx,
    model::mark::{MarkChange, Verdict},
    services::{lab::Lab, marks, run_row},
};

use super::made::MarkLab;
use crate::common::lab::{NOON, lab, stopped};

const RECORDS: [i64; 8] = [3, 9, 13, 20, 21, 24, 25, 59];

fn rounds(usual: usize) -> usize {
    std::env::var("IVORYLENS_MARKS").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

fn seed() -> u64 {
    let seed = std::env::var("IVORYLENS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(7);
    println!("seed {seed}");
    seed
}

/// The same numbers for the same seed.
fn random(seed: &mut u64, below: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize % below
}

/// What a writer left of a record that must be there at the end.
type Left = BTreeMap<i64, Vec<String>>;

/// Runs two writers at once; gives what they left.
fn two(write: impl Fn(u64) -> Left + Sync) -> [Left; 2] {
    let seed = seed();
    thread::scope(|scope| {
        let other = scope.spawn(|| write(seed + 1));
        let one = write(seed);
        [one, other.join().unwrap()]
    })
}

/// Tags and notes as a new process reads them.
fn assert_all_there(made: &MarkLab, left: &[Left], notes: &[Left]) {
    let lab = open(made);
    for (run, tags) in left.iter().flatten() {
        let mark = run_row::record(&lab, *run, &Cx::quiet()).unwrap().unwrap().mark.unwrap();
        let missing: Vec<&String> = tags.iter().filter(|tag| !mark.tags.contains(*tag)).collect();
        assert!(missing.is_empty(), "of {run} {missing:?} are lost");
    }
    for (run, lines) in notes.iter().flatten() {
        let mark = run_row::record(&lab, *run, &Cx::quiet()).unwrap().unwrap().mark.unwrap();
        for line in lines {
            assert!(mark.note.lines().any(|there| there == line), "{run} lost {line}: {}", mark.note);
        }
    }
}

fn open(made: &MarkLab) -> Lab {
    lab(&made.data, stopped(NOON)).keeping_in(&made.folders())
}

#[test]
fn two_processes_at_random_lose_no_mark() {
    let (made, rounds) = (MarkLab::new(), rounds(12));
    let before = made.bytes();
    let left = two(|mut seed| {
        let (mut left, who) = (Left::new(), seed);
        for round in 0..rounds {
            let (run, tag) = (RECORDS[random(&mut seed, RECORDS.len())], format!("t{who}-{round}"));
            let also: &[&str] =
                [&["--star"][..], &["--unstar"], &["--verdict", "bad"], &["--untag", "nobody"]]
                    [random(&mut seed, 4)];
            let id = run.to_string();
            let ran = made.run(&[&["mark", &id, "--tag", &tag], also].concat());
            assert_eq!(ran.code, Some(0), "{}", ran.err);
            left.entry(run).or_default().push(tag);
        }
        left
    });
    assert_all_there(&made, &left, &[]);
    assert_eq!(made.bytes(), before);
}

/// Notes that are written from what somebody read before: both stay.
#[test]
fn two_who_write_the_same_notes_at_once_lose_none() {
    let (made, rounds) = (MarkLab::new(), rounds(60));
    let both = |mut seed: u64| {
        let (mut tags, mut notes, who) = (Left::new(), Left::new(), seed);
        let lab = open(&made);
        let change = |run: i64, changes: &[MarkChange]| {
            marks::change(&lab, &[run], changes, &mut Cx::quiet()).unwrap();
        };
        for round in 0..rounds {
            let run = RECORDS[random(&mut seed, RECORDS.len())];
            let tag = format!("t{who}-{round}");
            let verdict = [Some(Verdict::Good), Some(Verdict::Bad), None][random(&mut seed, 3)];
            change(run, &[MarkChange::Tag(tag.clone()), MarkChange::Verdict(verdict)]);
            tags.entry(run).or_default().push(tag);
            if let std::collections::btree_map::Entry::Vacant(first) = notes.entry(run) {
                let row = run_row::record(&lab, run, &Cx::quiet()).unwrap().unwrap();
                let was = row.mark.map(|mark| mark.note.clone()).unwrap_or_default();
                let line = format!("note of {who} on {run}");
                let text = if was.is_empty() { line.clone() } else { format!("{was}\n{line}") };
                change(run, &[MarkChange::Note { text, was: Some(was) }]);
                first.insert(vec![line]);
            }
        }
        (tags, notes)
    };
    let notes = std::sync::Mutex::new(Vec::new());
    let left = two(|seed| {
        let (tags, mine) = both(seed);
        notes.lock().unwrap().push(mine);
        tags
    });
    assert_all_there(&made, &left, &notes.into_inner().unwrap());
}
