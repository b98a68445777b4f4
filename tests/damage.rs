//! Damaged databases: no panic, no hang, no row twice without a word; and once the good file is back, no answer and no
//! delete that is wrong because of what was seen before.
//!
//! Short by default. The long forms print their figures:
//! `IVORYLENS_DAMAGE_ROUNDS=500 cargo test --release --test damage -- --nocapture poison` plays poison rounds with the
//! seeds from `IVORYLENS_DAMAGE_SEED` (0) on; a failure names its seed, and one round with it does the same again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;
mod damage {
    pub mod base;
    pub mod bound;
    pub mod figures;
    pub mod harm;
    pub mod others;
    pub mod poison;
    pub mod question;
    pub mod random;
    pub mod truth;
}

use damage::{
    base,
    bound::{Deeds, bounded},
    figures::Figures,
    poison,
};

/// Rounds of the short form.
const ROUNDS: u64 = 12;

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
    fn round(&mut self, seed: u64, verbose: bool) {
        let deeds = Deeds::default();
        let wrong = match bounded(&deeds, move |watch| poison::round(seed, base::poisoned(), watch)) {
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

#[test]
fn poison_rounds() {
    let rounds = number("IVORYLENS_DAMAGE_ROUNDS");
    let first = number("IVORYLENS_DAMAGE_SEED").unwrap_or_default();
    let mut tally = Tally::default();
    let many = rounds.unwrap_or(ROUNDS);
    for seed in first..first + many {
        tally.round(seed, rounds == Some(1));
    }
    println!("poison: {}, {} rounds with a failure", tally.figures, tally.bad);
    let again = "IVORYLENS_DAMAGE_ROUNDS=1 IVORYLENS_DAMAGE_SEED=<seed> does one of them again";
    assert!(
        tally.wrong.is_empty(),
        "{} of {many} rounds failed; {again}:\n{}",
        tally.bad,
        tally.wrong.join("\n")
    );
}
