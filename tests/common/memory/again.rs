//! The tests of a program, once more on labs in memory.

use std::{path::Path, process::Command};

use ivorylens::{
    error::Result,
    services::lab::{Clock, Lab},
    store::{Database, Limits, Options},
};

use super::{MemorySource, Rules};

/// Set to `memory`, the tests' labs stand on a [`MemorySource`].
const VARIABLE: &str = "IVORYLENS_TEST_SOURCE";

/// The tests' labs stand on a [`MemorySource`].
pub fn is_wanted() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|source| source == "memory")
}

/// A lab on this file: in memory where that is wanted, and the file has the name that such a lab's has.
///
/// # Errors
/// Whatever keeps the file from being read.
pub fn lab_where_wanted(file: &Path, options: Options, clock: Clock) -> Result<Lab> {
    if is_wanted() && file.ends_with("ivoryos.db") {
        return lab(file, Rules::sqlite(), options.limits, clock);
    }
    Lab::open(file, options, false, clock)
}

/// A lab on this file in memory.
///
/// # Errors
/// Whatever keeps the file from being read.
pub fn lab(file: &Path, rules: Rules, limits: Limits, clock: Clock) -> Result<Lab> {
    let folder = file.parent().unwrap_or(Path::new(".")).to_path_buf();
    let source = MemorySource::open(file, rules)?;
    Ok(Lab::with(Database::new(Box::new(source), limits), folder, clock))
}

/// Runs tests of this program again, on labs in memory: those that a filter names, or all. More than `least` must pass.
pub fn run_again(filters: &[&str], least: usize) {
    // This is the other run, which comes by here where nothing is filtered.
    if is_wanted() {
        return;
    }
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.env(VARIABLE, "memory").args(filters);
    let ended = tests.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    let passed =
        said.split_once("test result: ok. ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    assert!(ended.status.success(), "{said}{}", String::from_utf8_lossy(&ended.stderr));
    assert!(passed.is_some_and(|passed: usize| passed > least), "{passed:?} passed\n{said}");
}
