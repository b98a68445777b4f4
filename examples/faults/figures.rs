//! What many runs came to, in numbers.

use std::{collections::BTreeMap, fmt};

/// A run in which a fault was wanted.
pub struct Outcome {
    /// The command made the call so often that it failed.
    pub met: bool,
    pub code: Option<i32>,
    /// What is wrong, and the command that does it again.
    pub wrong: Option<(String, String)>,
    /// What can't be otherwise, as the call that tidies up failed.
    pub excused: bool,
}

#[derive(Default)]
pub struct Figures {
    faults: u64,
    codes: BTreeMap<Option<i32>, u64>,
    excused: u64,
    pub failures: Vec<(String, String)>,
}

impl Figures {
    pub fn count(&mut self, outcome: &Outcome) {
        self.faults += 1;
        *self.codes.entry(outcome.code).or_default() += 1;
        self.excused += u64::from(outcome.excused);
        if let Some((what, again)) = &outcome.wrong {
            println!("FAILURE: {what}\n    {again}");
            self.failures.push((what.clone(), again.clone()));
        }
    }

    /// The failures by what they are, with one command for each.
    pub fn print(&self) {
        let mut kinds: BTreeMap<String, (u64, &str)> = BTreeMap::new();
        for (what, again) in &self.failures {
            // Without numbers and paths, which differ from run to run.
            let kind = what.split([':', '(']).next().unwrap_or_default();
            let kind: String = kind.chars().filter(|letter| !letter.is_ascii_digit()).collect();
            kinds.entry(kind).or_insert((0, again)).0 += 1;
        }
        println!("\nfaults: {self}");
        for (kind, (times, again)) in kinds {
            println!("{times} x {kind}\n    such as {again}");
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} faults injected; exits", self.faults)?;
        for (code, times) in &self.codes {
            match code {
                Some(code) => write!(f, " {code}: {times},")?,
                None => write!(f, " by a signal or killed: {times},")?,
            }
        }
        write!(f, " {} left a file that could not be removed, {} failures", self.excused, self.failures.len())
    }
}
