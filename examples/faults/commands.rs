//! The commands that meet the faults.

/// What a command leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// It prints.
    Output,
    /// Files in the folder OUT.
    Files,
    /// A database without the record.
    LessRows,
}

#[derive(Debug, Clone, Copy)]
pub struct Command {
    pub name: &'static str,
    /// RUN is a usual record, LONG the long one, OUT the folder for files.
    pub words: &'static str,
    pub leaves: Leaves,
}

const fn prints(name: &'static str, words: &'static str) -> Command {
    Command { name, words, leaves: Leaves::Output }
}

const fn writes(name: &'static str, words: &'static str) -> Command {
    Command { name, words, leaves: Leaves::Files }
}

const fn deletes(name: &'static str, words: &'static str) -> Command {
    Command { name, words, leaves: Leaves::LessRows }
}

/// The word that this program itself understands: everything of a record into a folder.
pub const EVERYTHING: &str = "everything";

pub const COMMANDS: [Command; 13] = [
    prints("list", "list --format csv"),
    prints("list by name", "list --format csv --sort name --keyword a"),
    prints("show", "show RUN --json"),
    prints("steps", "steps RUN"),
    prints("data", "data RUN"),
    prints("plot", "plot LONG --json"),
    writes("steps into a file", "steps LONG -o OUT/steps.csv"),
    writes("data into a file", "data LONG -o OUT/data.csv"),
    writes("chart into a file", "plot RUN --svg -o OUT/chart.svg"),
    writes("log into a file", "log LOGGED -o OUT/log.log"),
    writes("everything into a folder", "everything"),
    deletes("delete", "delete RUN --yes --force"),
    deletes("delete the long record", "delete LONG --yes --force"),
];
