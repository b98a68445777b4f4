//! What can be typed for commands that act on many records.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::arg_values::{some_filter, whole};
use crate::model::filter::words::Filter;

/// Records that a command acts on: one or the other must be given.
#[derive(Debug, Args)]
pub struct ChosenRecords {
    /// Ids of records, as list shows them
    #[arg(value_name = "ID", required_unless_present = "filter", conflicts_with = "filter", allow_negative_numbers = true, value_parser = whole::<i64>)]
    pub ids: Vec<i64>,
    /// The records that these words mean: ivorylens man list
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, value_hint = ValueHint::Other, value_parser = some_filter)]
    pub filter: Option<Filter>,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub records: ChosenRecords,
    /// The folder that these folders go into, made if missing
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, required_unless_present = "combined")]
    pub output: Option<PathBuf>,
    /// One CSV with the rows of all their data CSVs, - for stdout
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub combined: Option<PathBuf>,
    /// Replace that file if it exists
    #[arg(long, requires = "combined")]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct DeleteArgs {
    #[command(flatten)]
    pub records: ChosenRecords,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Also a record that may be running
    #[arg(long)]
    pub force: bool,
    /// Say what would go, change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Past the trash: nothing can be taken back
    #[arg(long, conflicts_with = "with_files")]
    pub permanent: bool,
    /// Log and result files that belong to these records alone go along into the trash
    #[arg(long)]
    pub with_files: bool,
}
