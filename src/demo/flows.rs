//! The workflows that the sized data runs again and again.

use std::collections::BTreeSet;

use super::{
    random::Random,
    words::{DECKS, METHODS, QUANTITIES, RESULTS, THINGS, VERBS},
};

/// One of the workflows that run again and again.
pub struct Flow {
    pub name: String,
    pub deck: &'static str,
    pub parameters: Vec<&'static str>,
    pub solvent: bool,
    pub results: Vec<&'static str>,
    /// Numbers in the trace that comes back with the first result; 0 for none.
    pub trace: u64,
    pub prep: Vec<&'static str>,
    pub main: Vec<&'static str>,
    pub cleanup: Vec<&'static str>,
}

pub const FLOWS: usize = 200;

pub fn flow(i: usize, steps: u32, random: &mut Random) -> Flow {
    let methods = |n: u32, random: &mut Random| (0..n).map(|_| random.word(&METHODS)).collect();
    let some = |words: &[&'static str], n: u64, random: &mut Random| {
        let chosen: BTreeSet<&'static str> = (0..n).map(|_| random.word(words)).collect();
        chosen.into_iter().collect()
    };
    let verb = VERBS.get(i % VERBS.len()).copied().unwrap_or_default();
    let thing = THINGS.get(i / VERBS.len() % THINGS.len()).copied().unwrap_or_default();
    let parameters = 2 + random.below(4);
    let results = 1 + random.below(3);
    let main = (f64::from(steps) * random.between(0.6, 1.4)).round().max(1.0) as u32;
    Flow {
        name: format!("{verb}_{thing}"),
        deck: random.word(&DECKS),
        parameters: some(&QUANTITIES, parameters, random),
        solvent: random.chance(0.5),
        results: some(&RESULTS, results, random),
        trace: if random.chance(0.125) { 8 << random.below(3) } else { 0 },
        prep: methods(steps / 5, random),
        main: methods(main, random),
        cleanup: methods(steps / 5, random),
    }
}
