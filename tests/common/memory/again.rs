//! The tests of a program, once more on labs in memory, and on a server.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use ivorylens::{
    error::Result,
    services::lab::{Clock, Lab},
    store::{Database, Limits, Options},
};

use super::{MemorySource, Rules};

/// Set to `memory`, the tests' labs stand on a [`MemorySource`]; else it is the address of a server that they stand on.
const VARIABLE: &str = "IVORYLENS_TEST_SOURCE";

/// The tests' labs stand on a [`MemorySource`].
pub fn is_wanted() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|source| source == "memory")
}

/// The server that the tests' labs stand on.
fn wanted_server() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|source| source != "memory")
}

/// A lab on this file: in memory or on a server where that is wanted, and the file has the name that such a lab's has.
///
/// # Errors
/// Whatever keeps the file from being read.
pub fn lab_where_wanted(file: &Path, options: Options, clock: Clock) -> Result<Lab> {
    if is_wanted() && file.ends_with("ivoryos.db") {
        return lab(file, Rules::sqlite(), options.limits, clock);
    }
    #[cfg(all(unix, feature = "postgres"))]
    if let Some(server) = wanted_server().filter(|_| file.ends_with("ivoryos.db")) {
        return lab_on_server(file, &server, options.limits, clock);
    }
    Lab::open(file, options, false, clock)
}

/// A lab on this file with its rows on a server.
///
/// # Errors
/// Whatever keeps the file, or the server, from being read.
#[cfg(all(unix, feature = "postgres"))]
pub fn lab_on_server(file: &Path, server: &str, limits: Limits, clock: Clock) -> Result<Lab> {
    let source = super::TwinSource::open(file, server, limits)?;
    Ok(Lab::with(Database::new(Box::new(source), limits), folder_of(file), clock))
}

/// A lab on this file in memory.
///
/// # Errors
/// Whatever keeps the file from being read.
pub fn lab(file: &Path, rules: Rules, limits: Limits, clock: Clock) -> Result<Lab> {
    let source = MemorySource::open(file, rules)?;
    Ok(Lab::with(Database::new(Box::new(source), limits), folder_of(file), clock))
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// Runs tests of this program again, on labs in memory: those that a filter names, or all. More than `least` must pass.
pub fn run_again(filters: &[&str], least: usize) {
    run_again_on("memory", filters, least);
}

/// The same on labs whose rows a server has, which this starts, but for those with these names. One at a time: to a lab each
/// commit on its server is a change.
#[cfg(all(unix, feature = "postgres"))]
pub fn run_again_on_server(filters: &[&str], skipped: &[&str], least: usize) {
    // This is another run.
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let Some(server) = super::super::server::Server::start() else { return };
    let skipped = skipped.iter().flat_map(|name| ["--skip", name]);
    let words: Vec<&str> = filters.iter().copied().chain(skipped).chain(["--test-threads=1"]).collect();
    run_again_on(&server.uri("postgres"), &words, least);
}

fn run_again_on(source: &str, words: &[&str], least: usize) {
    // This is the other run, which comes by here where nothing is filtered.
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.env(VARIABLE, source).args(words);
    let ended = tests.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    let passed =
        said.split_once("test result: ok. ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    assert!(ended.status.success(), "{said}{}", String::from_utf8_lossy(&ended.stderr));
    assert!(passed.is_some_and(|passed: usize| passed > least), "{passed:?} passed\n{said}");
}
