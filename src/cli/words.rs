//! Reads the command line, and says what was probably meant where its words make no sense.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{
    CommandFactory, Error, Parser,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::args::Cli;
use crate::{
    model::{alike::like, sanitize::sanitize},
    platform::names::shell_word,
};

/// Bytes of a wrong word that are shown.
const LONG: usize = 200;

/// The names of labs that the file has which an option names, or the usual one.
pub type LabNames<'a> = &'a dyn Fn(Option<&Path>) -> Vec<String>;

/// The command line in words that this program was started with. `labs` is asked where a word could be a lab.
///
/// # Errors
/// What clap says, with a tip where one is known.
pub fn parse(words: &[OsString], labs: LabNames<'_>) -> Result<Cli, Error> {
    match Cli::try_parse_from(words) {
        Ok(cli) => {
            let lone = cli.path.as_deref().filter(|_| cli.command.is_none());
            let labs = || labs(cli.common.config.as_deref());
            match lone.and_then(|word| Some((word, meant(word, &labs)?))) {
                Some((word, tip)) => Err(no_command(word, Some(tip))),
                None => Ok(cli),
            }
        }
        Err(said) if said.use_stderr() => Err(explained(said, words, labs)),
        Err(asked) => Err(asked),
    }
}

fn explained(mut said: Error, words: &[OsString], labs: LabNames<'_>) -> Error {
    // Only `help` asks for a command by its name.
    if let Some(ContextValue::String(word)) = said.get(ContextKind::InvalidSubcommand) {
        let word = Path::new(word);
        return no_command(word, command_like(word).map(|command| did_you_mean(&command)));
    }
    // As far as it can be read.
    let read = Cli::command().ignore_errors(true).try_get_matches_from(words);
    let Ok(read) = read else { return said };
    let command = read.subcommand_name();
    let path = |name: &str| read.try_get_one::<PathBuf>(name).ok().flatten();
    let first = path("path");
    let labs = || labs(path("config").map(PathBuf::as_path));
    if let (None, Some(first)) = (command, first)
        && !first.exists()
        && is_word(first)
        && !is_lab(first, &labs())
    {
        return no_command(first, meant(first, &labs));
    }
    let about = match said.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(about)) => about.clone(),
        Some(ContextValue::Strings(about)) => about.join(" "),
        _ => String::new(),
    };
    let wrong = match said.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(wrong)) => wrong.clone(),
        _ if said.kind() == ErrorKind::UnknownArgument => about.clone(),
        _ => String::new(),
    };
    let is_filter = about.starts_with("--filter");
    let is_tag = about.starts_with("--tag") || about.starts_with("--untag");
    let lacks_id = if about.contains("<ID>") { " ID" } else { "" };
    let data = named_data(&wrong, command).filter(|_| !is_filter && !is_tag);
    let data = data.map(|tip| tip + lacks_id);
    let tip = data.or_else(|| match (said.kind(), command) {
        (ErrorKind::ArgumentConflict, Some(command)) if is_filter || about.contains("[ID]") => Some(format!(
            "name records by their ids or by --filter, not both: see ivorylens {command} --help"
        )),
        (ErrorKind::UnknownArgument, Some("list")) if !about.starts_with('-') => {
            let word = shell_word(&about);
            Some(format!("did you mean --keyword {word} (in names and users), or -d {word} (the data)?"))
        }
        (ErrorKind::UnknownArgument, None) => {
            let command = command_like(Path::new(&wrong))?;
            Some(format!("there is a command '{command}': see ivorylens {command} --help"))
        }
        _ if about.contains("<ID>") || about.contains("[ID]") => {
            let id = "an ID is the number of a record, as in ivorylens show 25; ivorylens list shows them";
            let by_words = matches!(command, Some("delete" | "export" | "mark"));
            Some(format!("{id}{}", if by_words { "; --filter EXPR names records by words" } else { "" }))
        }
        _ if about.contains("<N>") || about.contains("[N]") => Some(
            "an N is the number of an entry; ivorylens trash lists them, --last means the newest delete"
                .to_owned(),
        ),
        _ if about.contains("<NAME>") => {
            Some("a NAME is that of a file of results/; ivorylens show ID lists those of a record".to_owned())
        }
        _ => None,
    });
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg] {
        if let Some(ContextValue::String(word)) = said.get(kind) {
            let word = shortened(&sanitize(word));
            said.insert(kind, ContextValue::String(word));
        }
    }
    if let Some(tip) = tip {
        let tips = vec![StyledStr::from(sanitize(&tip).into_owned())];
        said.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    said
}

/// Words of any length as a sentence can name them.
fn shortened(word: &str) -> String {
    let short = word.get(..word.floor_char_boundary(LONG)).unwrap_or_default();
    if short.len() < word.len() { format!("{short}...") } else { word.to_owned() }
}

/// Where a path stands in the place of something else.
fn named_data(wrong: &str, command: Option<&str>) -> Option<String> {
    let command = command?;
    let path = Path::new(wrong);
    // A number with a dot is a number that was mistyped.
    let is_path = || path.exists() || !is_word(path) && wrong.parse::<f64>().is_err();
    let is_data = !wrong.is_empty() && !wrong.starts_with('-') && is_path();
    is_data.then(|| format!("did you mean the data? ivorylens {command} -d {}", shell_word(wrong)))
}

/// Could it be a command? A path that is meant as one has a slash or a dot in it.
fn is_word(word: &Path) -> bool {
    word.to_str().is_some_and(|word| !word.is_empty() && !word.contains(['/', '.', '\\', ' ']))
}

/// The command that a word is like where nothing has this path.
fn command_like(word: &Path) -> Option<String> {
    if word.exists() || !is_word(word) {
        return None;
    }
    let command = Cli::command();
    like(word.to_str()?, command.get_subcommands().map(clap::Command::get_name)).map(str::to_owned)
}

fn is_lab(word: &Path, labs: &[String]) -> bool {
    labs.iter().any(|lab| word.to_str() == Some(lab))
}

/// What a lone word that is neither a path nor a lab was meant as: a command, the id of a record, or a lab.
fn meant(word: &Path, labs: &dyn Fn() -> Vec<String>) -> Option<String> {
    if word.exists() || !is_word(word) && !word.to_str()?.starts_with('#') {
        return None;
    }
    let labs = labs();
    if is_lab(word, &labs) {
        return None;
    }
    let lab = like(word.to_str()?, labs.iter().map(String::as_str));
    let id = word.to_str().map(|word| word.trim_start_matches('#'))?;
    if id.parse::<i64>().is_ok() && !word.exists() {
        return Some(format!("did you mean the record with this id? ivorylens show {id}"));
    }
    let command = || command_like(word).map(|command| did_you_mean(&command));
    lab.map(|lab| format!("did you mean the lab '{lab}'? See ivorylens config")).or_else(command)
}

fn did_you_mean(command: &str) -> String {
    format!("did you mean '{command}'? See ivorylens {command} --help")
}

fn no_command(word: &Path, tip: Option<String>) -> Error {
    let word = word.to_string_lossy();
    let tip = tip.unwrap_or_else(|| "ivorylens --help lists the commands".to_owned());
    let mut error = Error::new(ErrorKind::InvalidSubcommand).with_cmd(&Cli::command());
    error.insert(ContextKind::InvalidSubcommand, ContextValue::String(sanitize(&word).into_owned()));
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &[&str]) -> String {
        let words: Vec<OsString> = ["ivorylens"].iter().chain(line).map(OsString::from).collect();
        let error = parse(&words, &|_| vec!["reactor".to_owned()]).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line:?}");
        error.to_string()
    }

    #[test]
    fn a_misspelt_command_is_recognised() {
        for (line, meant) in [
            (&["stpes", "25"][..], "steps"),
            (&["dlete", "3", "--yes"], "delete"),
            (&["compltions"], "completions"),
            (&["LIST"], "list"),
            (&["--ascii", "plto", "4", "--svg"], "plot"),
        ] {
            let said = said(line);
            assert!(said.contains(&format!("did you mean '{meant}'?")), "{line:?}: {said}");
        }
        assert!(said(&["frobnicate", "1"]).contains("--help lists the commands"));
        // Nothing like a command, and a path: that is said when it is opened.
        for word in ["zzz", "./lst", "lst.db"] {
            assert!(parse(&["ivorylens".into(), word.into()], &|_| Vec::new()).is_ok(), "{word}");
        }
    }

    #[test]
    fn a_lab_is_known_by_its_name() {
        let ok = |words: &[&str]| {
            let words: Vec<OsString> = ["ivorylens"].iter().chain(words).map(OsString::from).collect();
            parse(&words, &|_| vec!["restor".to_owned()]).is_ok()
        };
        assert!(ok(&["restor"]), "else it would be taken for restore");
        assert!(said(&["reactr"]).contains("did you mean the lab 'reactor'?"));
        assert!(said(&["reactr", "--slwo"]).contains("did you mean the lab 'reactor'?"));
        assert!(!said(&["reactor", "--slwo"]).contains("'reactor'"));
    }

    #[test]
    fn a_lone_number_is_a_record_and_help_knows_misspelt_commands_too() {
        for word in ["48", "#48", "007"] {
            assert!(
                said(&[word]).contains("did you mean the record with this id? ivorylens show "),
                "{word}"
            );
        }
        assert!(said(&["#48"]).contains("ivorylens show 48"));
        assert!(said(&["help", "shw"]).contains("did you mean 'show'?"));
        assert!(said(&["help", "zzz"]).contains("ivorylens --help lists the commands"));
        assert!(
            parse(&["ivorylens".into(), "help".into(), "show".into()], &|_| Vec::new())
                .unwrap_err()
                .exit_code()
                == 0
        );
    }

    #[test]
    fn numbers_are_asked_for_in_plain_words() {
        for (line, words) in [
            (&["log", "x7"][..], "this is no whole number"),
            (&["show", "99999999999999999999"], "no number so large"),
            (&["delete", "1", "2.5"], "this is no whole number"),
            (&["list", "--wait", "x"], "wanted is a whole number from 0 to 3600"),
            (&["list", "--wait", "3601"], "wanted is a whole number from 0 to 3600"),
            (&["list", "--per-page", "-4"], "wanted is a whole number from 1 on"),
            (&["list", "--page", "two"], "this is no whole number"),
        ] {
            let said = said(line);
            assert!(said.contains(words), "{line:?}: {said}");
            assert!(!said.contains("digit") && !said.contains("target type"), "{said}");
        }
        // A number it is: that there is no such record is said by who looks.
        for line in [["show", "-1"], ["delete", "-7"]] {
            let words: Vec<OsString> = ["ivorylens"].iter().chain(&line).map(OsString::from).collect();
            assert!(parse(&words, &|_| Vec::new()).is_ok(), "{line:?}");
        }
    }

    #[test]
    fn a_path_among_the_words_of_a_command_is_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_string_lossy().into_owned();
        for line in [&["list", &path][..], &["show", "25", &path], &["steps", &path], &["delete", "1", &path]]
        {
            let said = said(line);
            assert!(said.contains(&format!("ivorylens {} -d {path}", line[0])), "{line:?}: {said}");
        }
        assert!(said(&["show", &path]).contains(&format!("ivorylens show -d {path} ID")));
        let spaced = format!("list -d {}", shell_word("my lab/data"));
        assert!(said(&["list", "my lab/data"]).contains(&spaced), "{spaced}");
    }

    #[test]
    fn missing_and_odd_words_say_what_is_wanted() {
        for command in ["show", "steps", "data", "plot", "log", "plots", "delete"] {
            for line in [&[command][..], &[command, "first"]] {
                let said = said(line);
                assert!(said.contains("ivorylens list shows them"), "{line:?}: {said}");
            }
        }
        assert!(said(&["file"]).contains("ivorylens show ID lists"));
        assert!(said(&["list", "pump"]).contains("--keyword pump"));
        assert!(said(&["list", "--fromat", "csv"]).contains("--format"));
        assert!(said(&["list", "--format", "jsnol"]).contains("'jsonl'"));
    }
}
