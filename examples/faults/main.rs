//! Lets system calls of the program fail, each in its turn, and looks at what it leaves: Linux with strace (6.0 or later).
//!
//! ```text
//! cargo build --release && cargo run --release --example faults -- [--lab small|large] [--only WORDS] [--call NAME] [--thorough]
//! ```
//!
//! For each command, each system call and each error, the first call fails, then the second, and so on, until the command
//! meets the fault no more; once only that call fails, once it and all later ones. After each run: no panic, no hang, no
//! success with less than the whole output, no half file, a sound database without orphans in which other records are
//! untouched, and right answers afterwards from whatever is kept in the cache folder.
//!
//! The small lab has no cache folder, the large one an index that is kept. `--only` takes the commands whose name has
//! these words, `--call` one system call, `--thorough` every call instead of ever fewer behind the fortieth. It prints its
//! figures, and of each failure the command that makes it again.

#![expect(clippy::unwrap_used, reason = "a broken set-up must stop it")]

mod check;
mod commands;
mod figures;
mod inject;
mod place;
#[path = "../../tests/damage/rows.rs"]
mod rows;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use ivorylens::{
    checkpoint::Cx,
    services::{
        export,
        export_kind::ExportKind,
        lab::{Lab, wall_clock},
    },
    store::Options,
};

use commands::{COMMANDS, Command};
use figures::Figures;
use inject::{CALLS, Fault};
use place::Place;

/// Calls that all get their turn; behind them ever fewer do.
const ALL: u32 = 40;

struct Wanted {
    lab: Option<String>,
    only: String,
    call: Option<String>,
    thorough: bool,
    program: PathBuf,
}

impl Wanted {
    fn has(&self, large: bool) -> bool {
        self.lab.as_deref().is_none_or(|lab| lab == if large { "large" } else { "small" })
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [word, data, run, folder] = words.as_slice()
        && word == commands::EVERYTHING
    {
        return everything(Path::new(data), run.parse().unwrap(), Path::new(folder));
    }
    let wanted = wanted(&words);
    if !wanted.program.is_file() {
        eprintln!("{} is not there; build it first, with the same profile", wanted.program.display());
        std::process::exit(2);
    }
    let mut figures = Figures::default();
    for large in [false, true].into_iter().filter(|large| wanted.has(*large)) {
        let mut place = Place::made(large, &wanted.program);
        for command in COMMANDS.iter().filter(|command| command.name.contains(&wanted.only)) {
            place.begin(command);
            for (call, errors) in CALLS {
                if wanted.call.as_deref().is_none_or(|name| name == call) {
                    errors
                        .iter()
                        .for_each(|error| both(&mut place, command, (call, error), &wanted, &mut figures));
                }
            }
            println!("{}: {figures}", place.title(command));
        }
    }
    figures.print();
    std::process::exit(i32::from(!figures.failures.is_empty()));
}

/// Only one call fails, then it and all behind it.
fn both(
    place: &mut Place,
    command: &Command,
    (call, error): (&str, &str),
    wanted: &Wanted,
    figures: &mut Figures,
) {
    for lasting in [false, true] {
        let mut when = 1;
        loop {
            let fault = Fault { call, error, when, lasting };
            let outcome = place.run(command, &fault);
            if !outcome.met {
                break;
            }
            figures.count(&outcome);
            when += if wanted.thorough || when < ALL { 1 } else { when / 10 };
        }
    }
}

fn wanted(words: &[String]) -> Wanted {
    let behind = |option: &str| {
        let at = words.iter().position(|word| word == option)?;
        words.get(at + 1).cloned()
    };
    // target/PROFILE/examples/faults stands beside target/PROFILE/ivorylens.
    let beside = || std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("ivorylens");
    Wanted {
        lab: behind("--lab"),
        only: behind("--only").unwrap_or_default(),
        call: behind("--call"),
        thorough: words.iter().any(|word| word == "--thorough"),
        program: behind("--program").map_or_else(beside, PathBuf::from),
    }
}

/// Exports all that there is of a record, as the screens do; no command does.
fn everything(data: &Path, run: i64, folder: &Path) {
    let options = Options::default();
    let exported = Lab::open(&data.join("ivoryos.db"), options, false, wall_clock())
        .and_then(|lab| export::into_folder(&lab, run, ExportKind::Everything, folder, &mut Cx::quiet()));
    // A note says which file is not among them, and why; some are missing without a fault, too.
    let is_missing =
        |note: &String| note.contains(".csv is not there") || note.contains("has no optimizer plots");
    let said = match exported {
        Ok(exported) => exported.notes.into_iter().filter(|note| !is_missing(note)).collect(),
        Err(error) => vec![error.to_string()],
    };
    if !said.is_empty() {
        // Where no write works there are no words either.
        let _ = writeln!(std::io::stderr(), "{}", said.join("\n"));
        std::process::exit(1);
    }
}
