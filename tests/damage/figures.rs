//! What many cases came to, in numbers.

use std::{fmt, ops::AddAssign};

#[derive(Debug, Default, Clone, Copy)]
pub struct Figures {
    pub rounds: u64,
    /// Questions to files that may be damaged, and those that were refused with an error.
    pub looks: u64,
    pub refused: u64,
    /// Questions to good files that were compared, and those that were answered wrongly.
    pub answers: u64,
    pub wrong: u64,
    pub deletes: u64,
    /// Deletes that left orphans, and those that took rows of others.
    pub orphans: u64,
    pub lost: u64,
    pub panics: u64,
    pub hangs: u64,
}

impl AddAssign for Figures {
    fn add_assign(&mut self, more: Self) {
        self.rounds += more.rounds;
        self.looks += more.looks;
        self.refused += more.refused;
        self.answers += more.answers;
        self.wrong += more.wrong;
        self.deletes += more.deletes;
        self.orphans += more.orphans;
        self.lost += more.lost;
        self.panics += more.panics;
        self.hangs += more.hangs;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rounds, {} looks ({} refused), {} answers on good files ({} wrong), {} deletes ({} left orphans, {} \
             took others' rows), {} panics, {} hangs",
            self.rounds,
            self.looks,
            self.refused,
            self.answers,
            self.wrong,
            self.deletes,
            self.orphans,
            self.lost,
            self.panics,
            self.hangs
        )
    }
}

/// Of the sweep.
#[derive(Debug, Default, Clone, Copy)]
pub struct SweepFigures {
    pub cases: u64,
    pub answers: u64,
    pub errors: u64,
    /// Files that could not even be opened.
    pub unopened: u64,
    /// Walks through the true screens.
    pub screens: u64,
    pub twice: u64,
    pub panics: u64,
    pub hangs: u64,
}

impl AddAssign for SweepFigures {
    fn add_assign(&mut self, more: Self) {
        self.cases += more.cases;
        self.answers += more.answers;
        self.errors += more.errors;
        self.unopened += more.unopened;
        self.screens += more.screens;
        self.twice += more.twice;
        self.panics += more.panics;
        self.hangs += more.hangs;
    }
}

impl fmt::Display for SweepFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cases ({} files that can't be opened): {} answers, {} errors, {} walks through the screens; {} answers \
             with a row twice, {} panics, {} hangs",
            self.cases,
            self.unopened,
            self.answers,
            self.errors,
            self.screens,
            self.twice,
            self.panics,
            self.hangs
        )
    }
}
