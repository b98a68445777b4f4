//! Poison rounds with the program itself and the usual limits, on a database large enough that its index is kept.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread,
};

use ivorylens::{
    services::lab::Lab,
    store::{Cache, Options},
};

use super::{
    base::Base,
    bound::{BOUND, Watch},
    figures::Figures,
    harm::{Harm, page_size},
    poison::Outcome,
    question::{Question, owned_text},
    random::Random,
    rows::Tables,
};
use crate::common::lab::{NOON, stopped};

/// A page or some are overwritten, the program looks, the good file comes back, and the program deletes a record.
pub fn round(seed: u64, base: &'static Base, watch: &Watch) -> Outcome {
    let mut random = Random::new(seed);
    let home = tempfile::tempdir().unwrap();
    let data = base.data(home.path());
    let file = data.join("ivoryos.db");
    let before = Tables::of(&file).unwrap();
    let runs = before.runs();
    let mut outcome = Outcome { figures: Figures { rounds: 1, ..Figures::default() }, wrong: Vec::new() };
    let look = |what: &str, words: &[&str]| {
        watch.next(format!("{what} {words:?}"));
        let (code, err) = run(&data, home.path(), words)?;
        watch.did(format!("{what} {words:?}: exit {code:?} {}", err.trim()));
        let sound = code.is_some_and(|code| code < 5) && !err.contains("panicked");
        if sound { Ok(code == Some(0)) } else { Err(format!("PANIC in {what} {words:?}: {code:?} {err}")) }
    };

    if random.once_in(3) {
        outcome.took(look("sound:", &["steps", "1"]));
    }
    let mut bytes = base.bytes.clone();
    for _ in 0..=random.below(2) {
        let harm = Harm::any(&mut random, base.bytes.len(), page_size(&base.bytes));
        harm.put(&mut bytes, page_size(&base.bytes));
        watch.did(harm.to_string());
    }
    put(&file, &bytes, random.once_in(2));
    for word in random.some_of(&["steps", "show", "data", "plot"], 2) {
        let id = random.one_of(&runs).to_string();
        outcome.took(look("damaged:", &[word, &id]));
    }
    put(&file, &base.bytes, random.once_in(2));
    if random.once_in(2) {
        outcome.all_are_right(&before, &file, home.path(), watch);
    }
    let gone = *random.one_of(&runs);
    outcome.figures.deletes += 1;
    let deleted = look("good again:", &["delete", &gone.to_string(), "--yes", "--force"]);
    if deleted == Ok(false) {
        outcome.wrong.push(format!("WRONG: record {gone} can't be deleted"));
    }
    outcome.took(deleted);
    let after = Tables::of(&file).unwrap();
    let orphans = after.orphans().len();
    if orphans > 0 {
        outcome.figures.orphans += 1;
        outcome.wrong.push(format!("ORPHANS: {orphans} after record {gone} was deleted"));
    } else if after.rows != before.without(gone) && after.rows != before.rows {
        outcome.figures.lost += 1;
        outcome.wrong.push(format!("LOST: rows of others went with record {gone}"));
    }
    outcome.all_are_right(&after, &file, home.path(), watch);
    outcome
}

impl Outcome {
    /// A look that ended well or was refused; a fault is noted.
    fn took(&mut self, look: Result<bool, String>) {
        self.figures.looks += 1;
        match look {
            Ok(answered) => self.figures.refused += u64::from(!answered),
            Err(fault) => self.wrong.push(fault),
        }
    }

    /// The ids of all records by what the program kept.
    fn all_are_right(&mut self, truth: &Tables, file: &Path, home: &Path, watch: &Watch) {
        let options = Options { cache: Cache::Within(home.join("cache")), ..Options::default() };
        let asked = watch.catch("all records by what is kept", || {
            let lab = Lab::open(file, options, false, stopped(NOON))?;
            let of = |run: i64| Question::Ids(run).ask(&lab, &mut watch.cx()).map(|said| (run, said.text));
            truth.runs().into_iter().map(of).collect::<ivorylens::error::Result<Vec<_>>>()
        });
        match asked {
            Err(panic) => self.wrong.push(format!("PANIC on the good file: {panic}")),
            Ok(Err(error)) => self.wrong.push(format!("WRONG: the good file: {error}")),
            Ok(Ok(all)) => {
                self.figures.answers += all.len() as u64;
                for (run, text) in all {
                    if text != owned_text(truth.owned(run)) {
                        self.figures.wrong += 1;
                        self.wrong.push(format!("WRONG ANSWER on the good file: ids of record {run}"));
                    }
                }
            }
        }
    }
}

fn put(file: &Path, bytes: &[u8], in_place: bool) {
    if in_place {
        return fs::write(file, bytes).unwrap();
    }
    let new = file.with_extension("new");
    fs::write(&new, bytes).unwrap();
    fs::rename(new, file).unwrap();
}

/// How the program ends, and what it says in the error channel; an error where it does not end.
fn run(data: &Path, home: &Path, words: &[&str]) -> Result<(Option<i32>, String), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.arg("--data").arg(data).args(words).current_dir(home);
    command.env_remove("IVORYLENS_DATA").env("HOME", home).env("XDG_CACHE_HOME", home.join("cache"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id().to_string();
    let (give, done) = channel();
    thread::spawn(move || give.send(child.wait_with_output().unwrap()));
    // Before the bound of the round is over.
    let Ok(output) = done.recv_timeout(BOUND * 3 / 4) else {
        let _ = Command::new("kill").args(["-KILL", &id]).status();
        return Err(format!("HANG: {words:?}"));
    };
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}
