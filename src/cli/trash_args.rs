//! What can be typed for `trash` and `restore`.

use clap::{Args, ValueEnum};
use jiff::SignedDuration;

use super::arg_values::whole;
use crate::model::age::age;

#[derive(Debug, Args)]
pub struct TrashArgs {
    /// list, or empty: remove for good
    #[arg(
        value_name = "ACTION",
        default_value = "list",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub action: TrashAction,
    /// list: table or jsonl
    #[arg(long, default_value = "table", hide_possible_values = true, conflicts_with_all = ["older_than", "yes"])]
    pub format: TrashFormat,
    /// empty: what was deleted so long ago, as 30d, 2w, 1mo, 12h or 30min; 0d is all [default: trash-age]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = age)]
    pub older_than: Option<SignedDuration>,
    /// empty: do not ask
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrashAction {
    List,
    Empty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrashFormat {
    Table,
    Jsonl,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Numbers of entries, as trash lists them
    #[arg(value_name = "N", required_unless_present = "last", conflicts_with = "last", allow_negative_numbers = true, value_parser = whole::<i64>)]
    pub numbers: Vec<i64>,
    /// All records of the newest delete that was not taken back yet
    #[arg(long)]
    pub last: bool,
}
