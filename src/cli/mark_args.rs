//! What can be typed for `mark` and `marks`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{arg_values::one_of, chosen_args::ChosenRecords};
use crate::{
    error::{Error, Result},
    model::mark::{MarkChange, Verdict, tag_of},
};

/// `none` takes it away.
pub type SaidVerdict = Option<Verdict>;

const VERDICTS: [(&str, SaidVerdict); 4] = [
    ("good", Some(Verdict::Good)),
    ("bad", Some(Verdict::Bad)),
    ("check", Some(Verdict::Check)),
    ("none", None),
];

#[derive(Debug, Args)]
pub struct MarkArgs {
    #[command(flatten)]
    pub records: ChosenRecords,
    /// Give a star
    #[arg(long)]
    pub star: bool,
    /// Take the star away
    #[arg(long, conflicts_with = "star")]
    pub unstar: bool,
    /// good, bad or check (again); none takes it away
    #[arg(long, value_name = "VERDICT", hide_possible_values = true, value_parser = one_of(VERDICTS))]
    pub verdict: Option<SaidVerdict>,
    /// Give a tag; can be given several times
    #[arg(long, value_name = "TAG", value_hint = ValueHint::Other, value_parser = tag_of)]
    pub tag: Vec<String>,
    /// Take a tag away; can be given several times
    #[arg(long, value_name = "TAG", value_hint = ValueHint::Other, value_parser = tag_of)]
    pub untag: Vec<String>,
    /// Write this note; - reads stdin, '' takes the note away
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, value_hint = ValueHint::Other)]
    pub note: Option<String>,
}

impl MarkArgs {
    /// The changes that are wanted, but that of the note.
    ///
    /// # Errors
    /// [`Error::Usage`] where a tag is to be given and taken away.
    pub fn changes(&self) -> Result<Vec<MarkChange>> {
        if let Some(both) = self.tag.iter().find(|tag| self.untag.contains(tag)) {
            return Err(Error::Usage(format!("{both} can't be given and taken away at once; name it once")));
        }
        let star = match (self.star, self.unstar) {
            (true, _) => Some(MarkChange::Star(true)),
            (_, true) => Some(MarkChange::Star(false)),
            _ => None,
        };
        let tags = self.tag.iter().cloned().map(MarkChange::Tag);
        let untags = self.untag.iter().cloned().map(MarkChange::Untag);
        Ok(star.into_iter().chain(self.verdict.map(MarkChange::Verdict)).chain(tags).chain(untags).collect())
    }
}

#[derive(Debug, Args)]
pub struct MarksArgs {
    /// export, import, or adopt: take over those of a lab that was moved
    #[arg(value_name = "ACTION", hide_possible_values = true)]
    pub action: MarksAction,
    /// import: a file that export wrote; - is stdin
    #[arg(value_name = "FILE", required_if_eq("action", "import"), value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// export: write to this file; - is stdout
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// export: replace the file that -o names
    #[arg(long, requires = "output")]
    pub overwrite: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MarksAction {
    Export,
    Import,
    Adopt,
}
