//! The sweep: one damage at a time, at every place of a small database, and every command and screen on each: an answer, or
//! "damaged", but no panic, no hang, and no row twice without a word.

use std::{fs, path::Path, time::Duration};

use ivorylens::{
    checkpoint::Cx,
    error::{Error, Result},
    services::{answer, export_kind::ExportKind, lab::Lab, request::Ask},
    store::{Limits, Options},
};

use super::{
    base::Base,
    bound::Watch,
    figures::SweepFigures,
    harm::{Harm, page_size},
    others::Others,
    question::{Question, Said, asks, heard},
    screens,
};
use crate::common::lab::{NOON, stopped};

/// Which kind of harm, at every place or some of them.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Every page over every other.
    Pages,
    /// Single bytes: all bits set, none, the lowest turned, the highest turned.
    Bytes,
    /// The file ends early.
    Cuts,
}

/// The harms of a kind: one of so many, from the one at `from` on.
pub fn harms(kind: Kind, base: &Base, (from, every): (usize, usize)) -> Vec<Harm> {
    let (bytes, size) = (&base.bytes, page_size(&base.bytes));
    let pages = bytes.len() / size;
    match kind {
        Kind::Pages => {
            let pairs = (0..pages * pages).skip(from).step_by(every);
            let pairs = pairs.map(|n| Harm::Page { page: n / pages, from: n % pages });
            pairs.filter(|harm| !matches!(harm, Harm::Page { page, from } if page == from)).collect()
        }
        Kind::Bytes => {
            let places = (0..bytes.len() * 4).skip(from).step_by(every);
            let byte = |n: usize| {
                let (at, old) = (n / 4, bytes[n / 4]);
                Harm::Byte { at, value: [0, 0xff, old ^ 1, old ^ 0x80][n % 4] }
            };
            places
                .map(byte)
                .filter(|harm| !matches!(harm, Harm::Byte { at, value } if bytes[*at] == *value))
                .collect()
        }
        Kind::Cuts => (0..bytes.len()).skip(from).step_by(every).map(|at| Harm::Cut { at }).collect(),
    }
}

/// A damaged file's own folder, and what is asked about it.
pub struct Sweep {
    base: &'static Base,
    folder: tempfile::TempDir,
    /// Records with steps, one from the beginning, the middle and the end.
    runs: Vec<i64>,
    /// Files that could be opened.
    opened: usize,
    pub figures: SweepFigures,
    pub wrong: Vec<String>,
}

impl Sweep {
    pub fn over(base: &'static Base) -> Self {
        let folder = tempfile::tempdir().unwrap();
        base.data(folder.path());
        let all = Others::on(&file(folder.path())).runs();
        let runs = [0, all.len() / 3, all.len() - 1].map(|at| all[at]).to_vec();
        Self { base, folder, runs, opened: 0, figures: SweepFigures::default(), wrong: Vec::new() }
    }

    /// Does one harm and asks everything.
    pub fn case(&mut self, number: usize, harm: Harm, watch: &Watch) {
        let mut bytes = self.base.bytes.clone();
        harm.put(&mut bytes, page_size(&self.base.bytes));
        fs::write(file(self.folder.path()), &bytes).unwrap();
        self.figures.cases += 1;
        let limits = if number.is_multiple_of(2) { Limits::default() } else { Limits::tiny() };
        let run = self.runs[number % self.runs.len()];
        for question in questions(run) {
            let what = format!("{}: {harm}: command {question:?}", self.base.name);
            let said = watch.catch(&what, || question.ask(&self.open(limits)?, &mut watch.cx()));
            self.count(&what, said);
        }
        match self.open(limits) {
            Ok(lab) => {
                self.services(&lab, run, harm, watch);
                self.opened += 1;
                if self.opened.is_multiple_of(SCREENS) {
                    self.screens(harm, watch);
                }
            }
            Err(_) => self.figures.unopened += 1,
        }
    }

    fn open(&self, limits: Limits) -> Result<Lab> {
        let options = Options { limits, patience: Duration::ZERO, ..Options::without_cache() };
        Lab::open(&file(self.folder.path()), options, false, stopped(NOON))
    }

    /// What the screens ask, at once, with the work between it that is done while nobody asks.
    fn services(&mut self, lab: &Lab, run: i64, harm: Harm, watch: &Watch) {
        for ask in asks(run, &[1, 2, 3]) {
            let what = format!("{}: {harm}: screens {ask:?}", self.base.name);
            let said = watch.catch(&what, || at_once(lab, &ask, &mut watch.cx()));
            self.count(&what, said);
        }
    }

    /// The true screens, with keys.
    fn screens(&mut self, harm: Harm, watch: &Watch) {
        let what = format!("{}: {harm}: keys", self.base.name);
        let Ok(lab) = self.open(Limits::default()) else { return };
        self.figures.screens += 1;
        let shown = watch.catch(&what, || screens::walk(lab));
        let shown =
            shown.map(|screen| match screen.lines().find(|line| line.contains("a fault in the program")) {
                Some(fault) => Ok(Said { text: String::new(), twice: Some(fault.to_owned()) }),
                None => Ok(Said { text: screen, twice: None }),
            });
        self.count(&what, shown);
    }

    fn count(&mut self, what: &str, said: std::result::Result<Result<Said>, String>) {
        match said {
            Err(panic) => {
                self.figures.panics += 1;
                self.wrong.push(format!("PANIC: {what}: {panic}"));
            }
            Ok(Ok(Said { twice: Some(twice), .. })) => {
                self.figures.twice += 1;
                self.wrong.push(format!("TWICE: {what}: {twice}"));
            }
            Ok(Ok(_)) => self.figures.answers += 1,
            Ok(Err(error)) => {
                self.figures.errors += 1;
                if matches!(error, Error::Cancelled) {
                    self.wrong.push(format!("CANCELLED: {what}"));
                }
            }
        }
    }
}

/// One opened file in so many is also looked at with the true screens.
const SCREENS: usize = 20;

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("ivoryos_data/ivoryos.db")
}

/// The commands of the sweep.
fn questions(run: i64) -> Vec<Question> {
    let lists = Question::lists();
    let about = [
        Question::Ids(run),
        Question::Show(run),
        Question::Export(run, ExportKind::StepsCsv),
        Question::Export(run, ExportKind::DataCsv),
        Question::Export(run, ExportKind::PlotJson),
        Question::DryRun(run),
    ];
    [lists[0].clone(), lists[3].clone()].into_iter().chain(about).collect()
}

fn at_once(lab: &Lab, ask: &Ask, cx: &mut Cx<'_>) -> Result<Said> {
    let said = answer(lab, ask, cx).map(|answer| heard(&answer.value));
    lab.idle(&mut Cx::quiet());
    said
}
