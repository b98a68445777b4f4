//! A poison round: a damaged file is looked at, a good one is put in its place, and whatever was kept or is still open must
//! answer rightly from then on.

use std::{
    fmt::Write as _,
    fs::{self, File},
    path::PathBuf,
};

use tempfile::TempDir;

use ivorylens::{
    checkpoint::Cx,
    error::{Error, Result},
    services::{
        answer,
        delete::{self, Confirmed, DeleteHow},
        lab::Lab,
        request::{Answer, Ask},
    },
    store::{Cache, Limits, Options},
};

use super::{
    base::Base,
    bound::Watch,
    figures::Figures,
    harm::{Harm, page_size},
    others::Others,
    question::{Question, asks, heard},
    random::Random,
    rows::Tables,
    truth::Truth,
};
use crate::common::lab::{NOON, stopped};

/// How the good file comes back.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// A copy beside it that takes its name.
    Renamed,
    /// The same, with the times that the file had.
    RenamedWithItsTimes,
    /// Its bytes written over the damaged ones: `cp`.
    InPlace,
    /// The damaged one is deleted first: the new one may get its inode.
    Removed,
}

const WAYS: [Way; 4] = [Way::Renamed, Way::RenamedWithItsTimes, Way::InPlace, Way::Removed];

/// What a round came to: figures, and what was wrong.
pub struct Outcome {
    pub figures: Figures,
    pub wrong: Vec<String>,
}

struct Round<'a> {
    random: Random,
    watch: &'a Watch,
    base: &'static Base,
    data: PathBuf,
    file: PathBuf,
    /// Where the truth is read from.
    aside: PathBuf,
    options: Options,
    /// The screens, if they are open all the while.
    screens: Option<Lab>,
    figures: Figures,
    wrong: Vec<String>,
    _home: TempDir,
}

/// Plays one round.
pub fn round(seed: u64, bases: &'static [Base], watch: &Watch) -> Outcome {
    let mut round = Round::new(seed, bases, watch);
    round.before();
    let damaged = !round.random.once_in(6);
    if damaged {
        round.damage();
    }
    round.put_back(damaged);
    round.after();
    round.figures.rounds += 1;
    let Round { figures, wrong, .. } = round;
    Outcome { figures, wrong }
}

/// Limits by which a small file is kept, as by default else, or all tiny.
fn limits(random: &mut Random) -> Limits {
    let kept = Limits { cached_rows: 20, cached_changes: 10, kept_records: 5, ..Limits::default() };
    let quick = Limits { delete_pause: Limits::tiny().delete_pause, catalogue_rest: 0, ..kept };
    match random.below(3) {
        // All of a small file is compared before an answer, as by default.
        0 => Limits { awaited_audit: usize::MAX, ..Limits::tiny() },
        1 => quick,
        _ => Limits { verified_steps: 50, fingerprint_distance: 64, unsettled_ids: 16, ..quick },
    }
}

impl<'a> Round<'a> {
    fn new(seed: u64, bases: &'static [Base], watch: &'a Watch) -> Self {
        let mut random = Random::new(seed);
        let home = tempfile::tempdir().unwrap();
        let base = random.one_of(bases);
        let data = base.data(home.path());
        let limits = limits(&mut random);
        let patience = std::time::Duration::ZERO;
        let cache = Cache::Within(home.path().join("cache"));
        let options = Options { patience, limits, cache, ..Options::default() };
        let small = limits.index_rows_first == Limits::tiny().index_rows_first;
        watch.did(format!("{}, {} limits", base.name, if small { "tiny" } else { "usual" }));
        Self {
            random,
            watch,
            base,
            file: data.join("ivoryos.db"),
            aside: home.path().join("sound.db"),
            data,
            options,
            screens: None,
            figures: Figures::default(),
            wrong: Vec::new(),
            _home: home,
        }
    }

    fn did(&mut self, what: impl Into<String>) {
        self.watch.did(what);
    }

    /// Notes a fault; what the round did so far goes with it.
    fn fault(&mut self, what: String) {
        self.did(format!("=> {what}"));
        self.wrong.push(what);
    }

    fn open(&self) -> Result<Lab> {
        Lab::open(&self.file, self.options.clone(), false, stopped(NOON)).map(Lab::without_rest)
    }

    /// The lab goes on, or not; the file is looked at while it is sound, or not; screens are opened, or not.
    fn before(&mut self) {
        // What is put back later is an older backup then.
        if self.random.once_in(4) {
            let hour = Others::on(&self.file).an_hour(&mut self.random);
            self.did(format!("the lab goes on: {hour}"));
        }
        let runs = Others::on(&self.file).runs();
        if !self.random.once_in(3) {
            self.command(&runs);
        }
        if self.random.once_in(3) {
            self.did("screens are opened");
            self.screens = self.open().ok();
            self.use_screens(&runs);
        }
    }

    fn damage(&mut self) {
        let sound = fs::read(&self.file).unwrap();
        let (mut bytes, size) = (sound.clone(), page_size(&sound));
        for _ in 0..=self.random.below(3) {
            let harm = Harm::any(&mut self.random, sound.len(), size);
            harm.put(&mut bytes, size);
            self.did(harm.to_string());
        }
        let way = *self.random.one_of(&WAYS);
        self.place(&bytes, way);
        self.did(format!("the damaged file comes by {way:?}"));
        let runs = Others::on(&self.good(&sound)).runs();
        for _ in 0..=self.random.below(3) {
            match self.random.below(4) {
                0 if self.screens.is_some() => self.use_screens(&runs),
                1 => self.other_screens(&runs),
                _ => self.command(&runs),
            }
        }
    }

    /// Screens that are opened on the file as it is, used, and left.
    fn other_screens(&mut self, runs: &[i64]) {
        let kept = self.screens.take();
        match self.watch.catch("opening screens", || self.open()) {
            Ok(opened) => self.screens = opened.ok(),
            Err(panic) => self.fault(format!("PANIC in opening screens: {panic}")),
        }
        self.did("other screens are opened");
        self.use_screens(runs);
        self.screens = kept;
    }

    /// The good file, aside.
    fn good(&self, bytes: &[u8]) -> PathBuf {
        fs::write(&self.aside, bytes).unwrap();
        self.aside.clone()
    }

    fn place(&self, bytes: &[u8], way: Way) {
        let new = self.file.with_extension("new");
        match way {
            Way::InPlace => fs::write(&self.file, bytes).unwrap(),
            Way::Removed => {
                fs::remove_file(&self.file).unwrap();
                fs::write(&self.file, bytes).unwrap();
            }
            Way::Renamed | Way::RenamedWithItsTimes => {
                let time = self.file.metadata().unwrap().modified().unwrap();
                fs::write(&new, bytes).unwrap();
                if matches!(way, Way::RenamedWithItsTimes) {
                    File::options().append(true).open(&new).unwrap().set_modified(time).unwrap();
                }
                fs::rename(&new, &self.file).unwrap();
            }
        }
    }

    /// Puts a good file in the place of the damaged one: the same, an older or newer one, or one in which others wrote.
    fn put_back(&mut self, damaged: bool) {
        let aside = self.good(&self.base.bytes);
        let mut others = Others::on(&aside);
        let mut random = Random::new(self.random.next());
        let what = match random.below(6) {
            _ if !damaged => String::new(),
            0 | 1 => "as it was".to_owned(),
            2 | 3 => format!("newer: {}", others.an_hour(&mut random)),
            4 => format!("another: {}", others.ids_used_again(&mut random)),
            _ => others.vacuum(),
        };
        drop(others);
        if damaged {
            let (way, bytes) = (*random.one_of(&WAYS), fs::read(&aside).unwrap());
            self.place(&bytes, way);
            self.did(format!("the good file comes by {way:?}, {what}"));
        }
        if !damaged || random.once_in(4) {
            if damaged && random.once_in(2) {
                let runs = Others::on(&self.file).runs();
                self.command(&runs);
            }
            let mut others = Others::on(&self.file);
            let ordinary = random.once_in(3);
            let what =
                if ordinary { others.an_hour(&mut random) } else { others.ids_used_again(&mut random) };
            self.did(format!("others write: {what}"));
        }
        self.random = random;
    }

    /// Commands on a file that may be damaged: they may fail, but end.
    fn command(&mut self, runs: &[i64]) {
        let run = *self.random.one_of(runs);
        let about = Question::about(run);
        let question = match self.random.below(5) {
            0 => self.random.one_of(&Question::lists()).clone(),
            _ => self.random.one_of(&about).clone(),
        };
        let what = format!("command {question:?}");
        let watch = self.watch;
        let asked = watch.catch(&what, || question.ask(&self.open()?, &mut watch.cx()));
        self.looked(&what, asked.map(|said| said.map(|_| ())));
    }

    /// The open screens are asked something, and left alone for a while.
    fn use_screens(&mut self, runs: &[i64]) {
        let Some(mut lab) = self.screens.take() else { return };
        let run = *self.random.one_of(runs);
        for _ in 0..self.random.below(4) {
            let ask = self.random.one_of(&asks(run, &[1, 2, 3])).clone();
            let what = format!("screens {ask:?}");
            let watch = self.watch;
            let asked = watch.catch(&what, || ask_screens(&mut lab, &ask, &mut watch.cx()));
            self.looked(&what, asked.map(|said| said.map(|_| ())));
        }
        let pieces = *self.random.one_of(&[0, 3, 30, PIECES]);
        let what = format!("screens left alone for {pieces} pieces");
        let rested = self.watch.catch(&what, || rest(&lab, pieces));
        self.looked(&what, rested.map(Ok));
        self.screens = Some(lab);
    }

    fn looked(&mut self, what: &str, how: std::result::Result<Result<()>, String>) {
        self.figures.looks += 1;
        match how {
            Ok(Ok(())) => self.did(what),
            Ok(Err(error)) => {
                self.figures.refused += 1;
                self.did(format!("{what}: {error}"));
            }
            Err(panic) => self.fault(format!("PANIC in {what}: {panic}")),
        }
    }

    /// The file is good: everything must be right now, from the kept index, on the open screens, and in a delete.
    fn after(&mut self) {
        let aside = self.aside.clone();
        fs::copy(&self.file, &aside).unwrap();
        let truth = Truth::of(&aside, &self.data);
        assert!(truth.tables.orphans().is_empty(), "the good file is none");
        // A delete alone would meet what the questions before it mend.
        let first = self.random.once_in(2);
        if !first {
            self.commands_are_right(&truth, false);
            self.screens_are_right(&truth);
        }
        let gone = self.delete_is_right(&truth);
        fs::copy(&self.file, &aside).unwrap();
        if gone {
            let truth = Truth::of(&aside, &self.data);
            self.commands_are_right(&truth, true);
            self.screens_are_right(&truth);
        }
    }

    fn commands_are_right(&mut self, truth: &Truth, all: bool) {
        let runs = truth.tables.runs();
        let mut questions = self.random.some_of(&Question::lists(), 2);
        for run in self.random.some_of(&runs, if all { 2 } else { 6 }) {
            questions.extend(self.random.some_of(&Question::about(run), 4));
        }
        for question in questions {
            let watch = self.watch;
            let what = format!("command {question:?}");
            let said = watch.catch(&what, || question.ask(&self.open()?, &mut watch.cx()));
            self.right(&what, said.map(|said| said.map_err(|e| e.to_string())), &truth.answer(&question));
        }
        // All records from one index, in any order.
        let Ok(lab) = self.open() else { return self.fault("the good file can't be opened".to_owned()) };
        for run in self.random.some_of(&runs, runs.len()) {
            let question = Question::Ids(run);
            let watch = self.watch;
            let said = watch.catch("ids of all records", || question.ask(&lab, &mut watch.cx()));
            let what = format!("ids of record {run}, all records from one index");
            self.right(&what, said.map(|said| said.map_err(|e| e.to_string())), &truth.answer(&question));
        }
    }

    /// The screens that were open all the while, or new ones, once they had the time to look through the file.
    fn screens_are_right(&mut self, truth: &Truth) {
        let how = if self.screens.is_some() { "open screens" } else { "new screens" };
        let Some(mut lab) = self.screens.take().or_else(|| self.open().ok()) else {
            return self.fault("the good file can't be opened".to_owned());
        };
        let watch = self.watch;
        let about = |run: i64| {
            let phases: Vec<i64> = truth.tables.owned(run).into_iter().map(|(phase, _)| phase).collect();
            asks(run, &phases)
        };
        let asked: Vec<Ask> =
            self.random.some_of(&truth.tables.runs(), 3).into_iter().flat_map(about).collect();
        // What is shown is asked for anew when more is known: the second answer is to be right.
        for ask in &asked {
            let what = format!("{how} at once: {ask:?}");
            let said = watch.catch(&what, || ask_screens(&mut lab, ask, &mut watch.cx()).map(|_| ()));
            self.looked(&what, said);
        }
        let rested = watch.catch(how, || rest(&lab, PIECES));
        self.looked(how, rested.map(Ok));
        for ask in asked {
            let what = format!("{how}: {ask:?}");
            let said = watch.catch(&what, || ask_screens(&mut lab, &ask, &mut watch.cx()));
            let said = said.map(|said| said.map(|answer| heard(&answer)).map_err(|e| e.to_string()));
            self.right(&what, said, &truth.screen(&ask));
        }
        self.screens = Some(lab);
    }

    fn right<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: &str,
        got: std::result::Result<T, String>,
        want: &T,
    ) {
        self.figures.answers += 1;
        match got {
            Err(panic) => self.fault(format!("PANIC on the good file in {what}: {panic}")),
            Ok(got) if got == *want => {}
            Ok(got) => {
                self.figures.wrong += 1;
                let differs = difference(&format!("{want:?}"), &format!("{got:?}"));
                self.fault(format!("WRONG ANSWER on the good file: {what}: {differs}"));
            }
        }
    }

    /// Deletes a record by the kept index, or on the open screens; false where nothing was deleted.
    fn delete_is_right(&mut self, truth: &Truth) -> bool {
        let run = *self.random.one_of(&truth.tables.runs());
        let screens = self.screens.take().filter(|_| self.random.once_in(2));
        let how = if screens.is_some() { "screens" } else { "command" };
        let watch = self.watch;
        let what = format!("{how} deletes record {run}");
        let deleted = watch.catch(&what, || {
            let mut lab = screens.map_or_else(|| self.open(), Ok)?;
            // A delete that meets another file is asked for again of that.
            match delete(&mut lab, run, &mut watch.cx()) {
                Err(Error::Replaced) => delete(&mut lab, run, &mut watch.cx()),
                done => done,
            }
        });
        self.figures.deletes += 1;
        let there = Tables::of(&self.file).unwrap();
        match deleted {
            Err(panic) => self.fault(format!("PANIC in {what}: {panic}")),
            Ok(Err(error)) => self.fault(format!("WRONG: {what}: {error}")),
            Ok(Ok(())) => {
                self.did(what.clone());
                let want = truth.tables.without(run);
                let orphans = there.orphans();
                if !orphans.is_empty() {
                    self.figures.orphans += 1;
                    self.fault(format!("ORPHANS: {what} leaves {}: {}", orphans.len(), first(&orphans)));
                }
                let lost: Vec<_> = want.keys().filter(|key| !there.rows.contains_key(*key)).collect();
                if !lost.is_empty() {
                    self.figures.lost += 1;
                    self.fault(format!("LOST: {what} takes {} rows of others: {}", lost.len(), first(&lost)));
                }
                if orphans.is_empty() && lost.is_empty() && there.rows != want {
                    self.fault(format!("WRONG: {what} leaves other rows than it should"));
                }
            }
        }
        there.rows != truth.tables.rows
    }
}

fn first<T: std::fmt::Debug>(some: &[T]) -> String {
    some.iter().take(3).fold(String::new(), |mut text, one| {
        write!(text, "{one:?} ").unwrap();
        text
    })
}

/// Pieces of background work after which all of it is done, by far.
const PIECES: usize = 20_000;

/// Leaves the screens alone for so many pieces of background work, or until there is none.
fn rest(lab: &Lab, pieces: usize) {
    for _ in 0..pieces {
        if !lab.has_work() || lab.idle(&mut Cx::quiet()).is_none_or(|idle| idle.pause.is_none()) {
            return;
        }
    }
}

/// Asks as the worker does: a replaced file is opened, and asked again.
fn ask_screens(lab: &mut Lab, ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
    match answer(lab, ask, cx) {
        Err(Error::Replaced) => {
            lab.reopen(cx)?;
            answer(lab, ask, cx).map(|answer| answer.value)
        }
        done => done.map(|answer| answer.value),
    }
}

/// As both faces do: the bill, then what it showed.
fn delete(lab: &mut Lab, run: i64, cx: &mut Cx<'_>) -> Result<()> {
    let bill = match ask_screens(lab, &Ask::Bill { runs: vec![run] }, cx)? {
        Answer::Bill(bill) => bill,
        other => return Err(Error::Refused(format!("a bill is answered with {other:?}"))),
    };
    let seen = bill.items.into_iter().map(|item| item.row.run);
    let items: Vec<_> = seen.map(|run| Confirmed { run: run.id, name: run.name, start: run.start }).collect();
    let gone =
        delete::delete(lab, &items, DeleteHow { force: true, permanent: true, with_files: false }, cx)?;
    gone.stopped.map_or(Ok(()), |stopped| Err(Error::Unfinished(stopped)))
}

/// Where two texts begin to differ.
fn difference(want: &str, got: &str) -> String {
    let at = want.bytes().zip(got.bytes()).position(|(a, b)| a != b).unwrap_or(want.len().min(got.len()));
    let around = |text: &str| -> String {
        let bytes = &text.as_bytes()[at.saturating_sub(60)..text.len().min(at + 60)];
        String::from_utf8_lossy(bytes).into_owned()
    };
    format!("want {} bytes ..{}.. got {} bytes ..{}..", want.len(), around(want), got.len(), around(got))
}
