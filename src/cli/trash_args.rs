//! What can be typed for `trash` and `restore`.

use clap::Args;

use super::arg_values::whole;

#[derive(Debug, Args)]
pub struct TrashArgs {
    /// list
    pub action: Option<String>,
    /// table or jsonl
    #[arg(long, default_value = "table", hide_possible_values = true)]
    pub format: String,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Numbers of entries, as trash lists them
    #[arg(value_name = "N", required_unless_present = "last", conflicts_with = "last", value_parser = whole::<i64>)]
    pub numbers: Vec<i64>,
    /// The newest delete that was not taken back yet
    #[arg(long)]
    pub last: bool,
}
