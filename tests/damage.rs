//! Damaged databases: no panic, no hang, no row twice without a word; and once the good file is back, no answer and no
//! delete that is wrong because of what was seen before.
//!
//! Short by default. The long forms print their figures:
//! `IVORYLENS_DAMAGE_ROUNDS=500 cargo test --release --test damage -- --nocapture poison` plays poison rounds with the
//! seeds from `IVORYLENS_DAMAGE_SEED` (0) on; a failure names its seed, and one round with it does the same again.
//! `IVORYLENS_SWEEP_EVERY=1 cargo test --release --test damage -- --nocapture sweep` does every page over every other, four
//! values at every byte, and a cut at every byte, with every command and the screens on each (some hours; `=20` does every
//! twentieth byte and every page).

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;
mod damage {
    pub mod base;
    pub mod bound;
    pub mod figures;
    pub mod harm;
    pub mod others;
    pub mod poison;
    pub mod programs;
    pub mod question;
    pub mod random;
    pub mod rows;
    pub mod screens;
    pub mod sweep;
    pub mod truth;
}

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use common::NEW;
use damage::{
    base,
    bound::{Deeds, Watch, bounded},
    figures::{Figures, SweepFigures},
    harm::Harm,
    poison::{self, Outcome},
    programs,
    sweep::{Kind, Sweep, harms},
};

/// Rounds of the short form.
const ROUNDS: u64 = 10;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

/// What many cases came to, and the first of those that went wrong.
#[derive(Default)]
struct Tally {
    figures: Figures,
    wrong: Vec<String>,
    bad: u64,
}

/// So many failures are told.
const TOLD: usize = 12;

impl Tally {
    fn round(&mut self, seed: u64, verbose: bool, play: fn(u64, &Watch) -> Outcome) {
        let deeds = Deeds::default();
        let wrong = match bounded(&deeds, move |watch| play(seed, watch)) {
            Ok(outcome) => {
                self.figures += outcome.figures;
                outcome.wrong
            }
            Err(hang) => {
                self.figures.hangs += 1;
                vec![hang]
            }
        };
        let deeds = deeds.lock().unwrap();
        self.figures.panics += wrong.iter().filter(|what| what.contains("PANIC")).count() as u64;
        if let Some(what) = wrong.first() {
            self.bad += 1;
            if self.wrong.len() < TOLD || verbose {
                println!("seed {seed}: {what}\n    {}", deeds.join("\n    "));
                self.wrong.push(format!("seed {seed}: {what}"));
            }
        } else if verbose {
            println!("seed {seed}: right\n    {}", deeds.join("\n    "));
        }
    }
}

/// Plays the rounds that are wanted, or so few.
fn play(few: u64, play: fn(u64, &Watch) -> Outcome) {
    let rounds = number("IVORYLENS_DAMAGE_ROUNDS");
    let first = number("IVORYLENS_DAMAGE_SEED").unwrap_or_default();
    let mut tally = Tally::default();
    let many = rounds.unwrap_or(few);
    for seed in first..first + many {
        tally.round(seed, rounds == Some(1), play);
    }
    println!("poison: {}, {} rounds with a failure", tally.figures, tally.bad);
    let again = "IVORYLENS_DAMAGE_ROUNDS=1 IVORYLENS_DAMAGE_SEED=<seed> does one of them again";
    let wrong = tally.wrong.join("\n");
    assert!(tally.wrong.is_empty(), "{} of {many} rounds failed; {again}:\n{wrong}", tally.bad);
}

#[cfg(unix)]
#[test]
fn poison_rounds() {
    // Made before the bound of a round begins.
    base::poisoned();
    play(ROUNDS, |seed, watch| poison::round(seed, base::poisoned(), watch));
}

#[test]
fn poison_rounds_of_the_program() {
    base::large();
    play(1, |seed, watch| programs::round(seed, base::large(), watch));
}

/// A harm to a database, with its number.
type Case = (usize, &'static base::Base, Harm);

/// Cases of the short form, for each database and kind of harm.
const FEW: usize = 10;

/// All cases, or those of the short form.
fn cases(every: Option<usize>) -> Vec<Case> {
    let mut cases = Vec::new();
    for base in base::swept() {
        let thin = every.unwrap_or(1);
        // Of the many small pages not all pairs, unless all is wanted.
        let pages = if base.pages() < 100 { 1 } else { thin };
        for (kind, thinner) in [(Kind::Pages, pages), (Kind::Bytes, thin), (Kind::Cuts, thin)] {
            let all = harms(kind, base, (0, thinner));
            // Spread over the whole file.
            let every = if every.is_some() { 1 } else { all.len() / FEW };
            cases.extend(all.into_iter().skip(every / 2).step_by(every).map(|harm| (base, harm)));
        }
    }
    cases.into_iter().enumerate().map(|(number, (base, harm))| (number, base, harm)).collect()
}

/// A case's number says which of three records is asked about, and with which limits.
const EACH: usize = 6;

/// After so many cases the long form says how far it is.
const SAID: usize = 2_000;

/// Does cases until there are none left.
fn sweep(cases: &[Case], next: &AtomicUsize, all: &Mutex<(SweepFigures, Vec<String>)>) {
    let mut kept: Option<(&'static str, Sweep)> = None;
    while let Some((number, base, harm)) = cases.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
        let mut over = match kept.take() {
            Some((name, over)) if name == base.name => over,
            _ => Sweep::over(base),
        };
        let done = bounded(&Deeds::default(), move |watch| {
            over.case(number, harm, watch);
            over
        });
        let mut all = all.lock().unwrap();
        if number % SAID == SAID - 1 {
            println!("{} of {}: {}", number + 1, cases.len(), all.0);
        }
        match done {
            Ok(mut over) => {
                all.0 += std::mem::take(&mut over.figures);
                all.1.append(&mut over.wrong);
                kept = Some((base.name, over));
            }
            Err(hang) => {
                all.0.hangs += 1;
                all.1.push(hang);
            }
        }
    }
}

#[test]
fn sweep_of_small_databases() {
    let every = number("IVORYLENS_SWEEP_EVERY").map(|every| usize::try_from(every).unwrap());
    let cases = cases(every);
    let (next, all) = (AtomicUsize::new(0), Mutex::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| sweep(&cases, &next, &all));
        }
    });
    let (figures, wrong) = all.into_inner().unwrap();
    println!("sweep: {figures}");
    let told =
        wrong.iter().take(if every.is_some() { 200 } else { TOLD }).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} failures:\n{told}", wrong.len());
}

/// Damages that a version of the program met with a panic, a hang or rows twice.
const MET: [(&str, Harm); 6] = [
    (NEW, Harm::Page { page: 23, from: 9 }),
    (NEW, Harm::Byte { at: 118_788, value: 0xff }),
    (NEW, Harm::Page { page: 12, from: 13 }),
    ("odd", Harm::Page { page: 20, from: 28 }),
    ("odd", Harm::Page { page: 37, from: 11 }),
    ("odd", Harm::Page { page: 15, from: 7 }),
];

#[test]
fn damages_that_were_met_before() {
    let of = |name| base::swept().iter().find(|base| base.name == name).unwrap();
    let cases = MET.iter().flat_map(|(name, harm)| vec![(of(*name), *harm); EACH]);
    let cases: Vec<Case> = cases.enumerate().map(|(number, (base, harm))| (number, base, harm)).collect();
    let (next, all) = (AtomicUsize::new(0), Mutex::default());
    sweep(&cases, &next, &all);
    let (figures, wrong) = all.into_inner().unwrap();
    assert_eq!(figures.cases, cases.len() as u64);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
