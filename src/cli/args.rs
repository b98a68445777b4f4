//! The command line: what can be typed, and the help for it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::{
    arg_values::{filter, one_of, whole, within},
    chosen_args::{DeleteArgs, ExportArgs},
    list_fields::{FieldParser, ListField},
    mark_args::{MarkArgs, MarksArgs},
    trash_args::{RestoreArgs, TrashArgs},
};
use crate::{
    config::{
        file::Config,
        settings::{AllSettings, ByOptions},
    },
    model::{
        filter::words::Filter,
        query::{Order, SortKey},
    },
    style::{ColorChoice, Theme},
};

/// IvoryOS's run records in a terminal: list, inspect, chart, export and delete, safely beside a running lab.
#[derive(Debug, Parser)]
#[command(name = "ivorylens", version, subcommand_precedence_over_arg = true)]
#[command(
    after_help = "Examples:\n  ivorylens ~/lab/ivoryos_data      open the screens\n  ivorylens demo                    \
                        the same on a made-up lab\n  ivorylens list --keyword pump     a list for scripts\n  \
                        ivorylens man | man -l -          keys, environment, files, exit status"
)]
pub struct Cli {
    /// An ivoryos_data folder, a folder that has one, a .db file, or a lab by its name in config.toml
    pub path: Option<PathBuf>,

    /// On screen: ring when a followed record fails, waits for a person, ends or dies
    #[arg(long, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub bell: Option<bool>,

    /// The screens as at first, not as they were left
    #[arg(long)]
    pub fresh: bool,

    #[command(flatten)]
    pub common: Common,

    #[command(subcommand)]
    pub command: Option<CliCommand>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Common {
    /// Folder, .db file or name of a lab [default: IVORYLENS_DATA]
    #[arg(short, long, global = true, value_name = "PATH")]
    pub data: Option<PathBuf>,

    /// IvoryOS's database on a PostgreSQL server
    #[arg(long, global = true, value_name = "URI")]
    pub db: Option<String>,

    /// Look at a private copy, if it can't be read in place
    #[arg(long, global = true)]
    pub copy: bool,

    /// Seconds to wait for the lab's lock
    #[arg(long, global = true, value_name = "S", default_value_t = 5, value_parser = |text: &str| within(text, 0..=3600))]
    pub wait: u64,

    /// Colours: auto, always or never [default: auto]
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = true, value_parser = one_of(ColorChoice::ALL.map(|choice| (choice.word(), choice))))]
    pub color: Option<ColorChoice>,

    /// Plain ASCII instead of line drawing and braille
    #[arg(long, global = true, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub ascii: Option<bool>,

    /// Fewer redraws, for slow links
    #[arg(long, global = true, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub slow: Option<bool>,

    /// Leave the title of the terminal's window as it is
    #[arg(long, global = true, value_name = "BOOL", hide_possible_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub no_title: Option<bool>,

    /// Settings, labs, keys [default: IVORYLENS_CONFIG]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,

    /// What is in force of options, environment and file.
    #[arg(skip)]
    pub settings: AllSettings,

    /// What the file says.
    #[arg(skip)]
    pub file: Config,
}

impl Cli {
    /// What options say of settings.
    pub fn by_options(&self) -> ByOptions {
        let Common { data, color, ascii, slow, no_title, .. } = &self.common;
        let path = self.path.clone().map(|path| (path, "PATH"));
        ByOptions {
            data: path.or_else(|| data.clone().map(|path| (path, "--data"))),
            color: *color,
            ascii: *ascii,
            slow: *slow,
            title: no_title.map(|not| !not),
            bell: self.bell,
        }
    }
}

impl Common {
    /// Is plain ASCII wanted, by the option or by a locale that has nothing else?
    pub fn plain(&self) -> bool {
        self.theme().ascii
    }

    /// Colours and glyphs that the terminal, the locale and the options allow.
    pub fn theme(&self) -> Theme {
        let AllSettings { ascii, color, .. } = &self.settings;
        Theme::detect(|name| std::env::var(name).ok(), ascii.value, color.value)
    }
}

#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Open the screens on a realistic made-up lab, kept in a temporary folder
    #[command(
        after_help = "Its newest record goes on while the screens are open. The lab of --path stays.\n\n\
                            Examples:\n  ivorylens demo\n  ivorylens list -d \"$(ivorylens demo --path)\""
    )]
    Demo {
        /// Nothing in it changes while it is shown
        #[arg(long)]
        still: bool,
        /// Make it in the cache folder, once, and print its path
        #[arg(long, conflicts_with = "still")]
        path: bool,
    },
    /// List records
    #[command(
        after_help = "Examples:\n  ivorylens list --keyword pump --sort name --order asc\n  ivorylens list --format jsonl | \
                            jq 'select(.outcome == \"error\")'\n  ivorylens list --filter 'status:error started>7d' \
                            --columns id,name,failed,took --format csv"
    )]
    List(ListArgs),
    /// Show a record: what it was, how it ended, phases, steps
    #[command(after_help = "Examples:\n  ivorylens show 25\n  ivorylens show 25 --json | jq .workflow_info")]
    Show {
        /// The record's id, as list shows it
        #[arg(allow_negative_numbers = true, value_parser = whole::<i64>)]
        id: i64,
        /// Everything as JSON, with the keys of IvoryOS's own route
        #[arg(long, conflicts_with = "view")]
        json: bool,
        /// The config table and the events as JSON, as the page shows them
        #[arg(long)]
        view: bool,
    },
    /// Why a record failed: place, inputs, text, traceback, log
    #[command(
        after_help = "Examples:\n  ivorylens why 25\n  ivorylens why 25 --json | jq '.failures[].text'\n  ivorylens why --since yesterday"
    )]
    Why(WhyArgs),
    /// Tell what happens: a line when a record starts, fails, waits, goes on, ends, dies
    #[command(
        after_help = "It begins with what runs now, on stderr, and goes on until Ctrl-C. Each line of jsonl has at, \
                            what (started, failed, waits, goes_on, ended, died), id, name, outcome, state, text, iteration, \
                            of. Each failed step is a line, also one that is tried again.\n\n\
                            Examples:\n  ivorylens watch\n  ivorylens watch --until-end 61 && echo through\n  \
                            ivorylens watch --filter 'user:ann failed>0'\n  \
                            ivorylens watch --format jsonl | while read -r line; do ...; done"
    )]
    Watch(WatchArgs),
    /// What became of each step in each iteration: a map, a sign for each
    #[command(after_help = "Of iterations that share a column the worst is shown; --json has each.\n\n\
                            Examples:\n  ivorylens map 25\n  ivorylens map 25 --json | jq '.cells | flatten | group_by(.) | \
                            map({(.[0]): length}) | add'")]
    Map {
        /// The record's id, as list shows it
        #[arg(allow_negative_numbers = true, value_parser = whole::<i64>)]
        id: i64,
        /// As JSON, not reduced
        #[arg(long)]
        json: bool,
    },
    /// Write the steps CSV
    #[command(after_help = "Examples:\n  ivorylens steps 25 > steps.csv\n  ivorylens steps 25 -O")]
    Steps {
        /// The record's id, as list shows it
        #[arg(allow_negative_numbers = true, value_parser = whole::<i64>)]
        id: i64,
        #[command(flatten)]
        output: Output,
    },
    /// Write the data CSV
    #[command(after_help = "Examples:\n  ivorylens data 25 | head\n  ivorylens data 25 -o yields.csv")]
    Data {
        /// The record's id, as list shows it
        #[arg(allow_negative_numbers = true, value_parser = whole::<i64>)]
        id: i64,
        #[command(flatten)]
        output: Output,
    },
    /// Numbers per iteration: a text chart, or JSON, or SVG
    #[command(after_help = "Lines join only iterations that follow each other.\n\n\
                      Examples:\n  ivorylens plot 25\n  ivorylens plot 25 --svg -o yield.svg")]
    Plot {
        /// The record's id, as list shows it
        #[arg(allow_negative_numbers = true, value_parser = whole::<i64>)]
        id: i64,
        /// The plot data as IvoryOS gives it
        #[arg(long, conflicts_with = "svg")]
        json: bool,
        /// A chart as a picture
        #[arg(long)]
        svg: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Write the log file
    #[command(after_help = "Example:\n  ivorylens log 25 | grep Error")]
    Log {
        /// The record's id, as list shows it
        #[arg(allow_negative_numbers = true, value_parser = whole::<i64>)]
        id: i64,
        #[command(flatten)]
        output: Output,
    },
    /// Write a file of results/
    #[command(after_help = "Example:\n  ivorylens file 'First_run_2026-11-24 03-00-13.csv' -O")]
    File {
        /// Its name, as show lists it
        name: String,
        #[command(flatten)]
        output: Output,
    },
    /// Write the optimizer plots: the stored file, or JSON as IvoryOS gives it
    #[command(after_help = "Example:\n  ivorylens plots 16 --json | jq .type")]
    Plots {
        /// The record's id, as list shows it
        #[arg(allow_negative_numbers = true, value_parser = whole::<i64>)]
        id: i64,
        /// JSON as IvoryOS gives it
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Write all files of records, a folder for each, or all their data as one CSV
    #[command(
        override_usage = "ivorylens export [OPTIONS] <ID>... [-o <DIR>] [--combined <FILE>]\n       ivorylens export \
                          [OPTIONS] --filter <EXPR> [-o <DIR>] [--combined <FILE>]",
        after_help = "-o prints the path of each folder; nothing is written over. The one CSV has record, name and started in \
                      front of the columns of all.\n\n\
                      Examples:\n  ivorylens export 24 25 -o out\n  ivorylens export --filter 'name:dye started:2026-11' -o november\n  \
                      ivorylens export --filter 'user:mara started>=mon' --combined week.csv"
    )]
    Export(ExportArgs),
    /// List calls by hand: what people did on the instruments outside of runs
    #[command(
        after_help = "Newest first. T is a day (2026-11-24), a minute (2026-11-24T03:04, 03:04), today, yesterday, or so \
                            long before now (2d, 6h, 30min); --until takes the day or minute in.\n\n\
                            Examples:\n  ivorylens calls --since 2d\n  ivorylens calls --json | jq 'select(.run_error != \
                            null)'"
    )]
    Calls(CallsArgs),
    /// Delete records with their phases and steps: says what goes and asks first
    #[command(
        override_usage = "ivorylens delete [OPTIONS] <ID>...\n       ivorylens delete [OPTIONS] --filter <EXPR>",
        after_help = "They go into your trash, from which restore brings them back.\n\nExamples:\n  ivorylens delete 12 13 --dry-run\n  ivorylens delete 12 --yes\n  ivorylens delete \
                            --filter 'status:error started<2026-10' --dry-run\n  ivorylens delete 12 --with-files\n  \
                            ivorylens restore --last"
    )]
    Delete(DeleteArgs),
    /// List what was deleted and can be taken back, or remove it for good
    #[command(
        override_usage = "ivorylens trash [list] [OPTIONS]\n       ivorylens trash empty [--older-than <TIME>] [OPTIONS]",
        after_help = "Newest first. A delete that did not end is marked as unfinished: deleting the record again, or restore, \
                            ends it.\n\nExamples:\n  ivorylens trash\n  ivorylens trash list --format jsonl | jq \
                            'select(.deleted_by == \"ann\") | .n'\n  ivorylens trash empty --older-than 30d"
    )]
    Trash(TrashArgs),
    /// Take deletes back: records come back with all rows, and the files that went along
    #[command(
        override_usage = "ivorylens restore [OPTIONS] <N>...\n       ivorylens restore [OPTIONS] --last",
        after_help = "A record gets its id back, or a new one where another record has it by now. What ends half-way goes on \
                            with the same command.\n\n\
                            Examples:\n  ivorylens restore --last\n  ivorylens restore 12 13"
    )]
    Restore(RestoreArgs),
    /// Share your marks and your trash with all who work with this lab, in its data folder
    #[command(
        after_help = "Makes ivoryos_data/.ivorylens, with the mode and the group of the data folder, and moves your marks and trash \
                            there; where others share already, yours come to theirs. Entries of the trash get new numbers. What \
                            you have read stays yours.\n\nExamples:\n  ivorylens share\n  ivorylens share --stop"
    )]
    Share {
        /// Take all back into your own file, and remove the folder
        #[arg(long)]
        stop: bool,
    },
    /// Mark records with a star, a verdict, tags and a note, or print their marks
    #[command(
        override_usage = "ivorylens mark [OPTIONS] <ID>...\n       ivorylens mark [OPTIONS] --filter <EXPR>",
        after_help = "Without anything to mark with it prints the marks. They are kept in a file of their own, never in the lab's \
                            database; --filter finds them: star:yes, verdict:bad, tag:salt, note:pump.\n\n\
                            Examples:\n  ivorylens mark 25 --verdict bad --note 'the pump was dry'\n  ivorylens mark 24 25 --tag salt \
                            --star\n  ivorylens mark --filter 'status:error started:today' --verdict check\n  ivorylens mark 25 \
                            --note - < note.txt"
    )]
    Mark(MarkArgs),
    /// Write all marks as JSON lines, take in those of such a file, or of a lab that was moved
    #[command(
        override_usage = "ivorylens marks export [-o <FILE>] [OPTIONS]\n       ivorylens marks import <FILE> [OPTIONS]\n       ivorylens marks adopt [OPTIONS]",
        after_help = "A line has id, start_time, name, star, verdict, tags, note, by and at: who changed the marks last, and \
                            when. Of marks that both have the newer ones stay, and all tags. Marks of records that are not in this lab \
                            are kept, too. Where a line is wrong nothing is taken in. Where a lab has another path by now, adopt takes over marks and trash from the old one.\n\n\
                            Examples:\n  ivorylens marks export -o marks.jsonl\n  ivorylens marks import marks.jsonl\n  \
                            ivorylens marks export | jq -r 'select(.verdict == \"bad\") | .id'"
    )]
    Marks(MarksArgs),
    /// Show where everything is kept, versions and sizes
    #[command(after_help = "Of a path that is not there, files and bytes are null.\n\n\
                            Examples:\n  ivorylens info\n  ivorylens info --json | jq -r .database.path")]
    Info {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print what is in force of options, environment and config.toml, and all keys
    #[command(
        after_help = "Its output is a config.toml: each line says where it comes from, and what has no effect is a comment.\n\n\
                            Examples:\n  ivorylens config\n  ivorylens config > ~/.config/ivorylens/config.toml\n  \
                            ivorylens config --json | jq .keys"
    )]
    Config {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  ivorylens completions bash > /etc/bash_completion.d/ivorylens")]
    Completions {
        /// Whose
        shell: clap_complete::Shell,
    },
    /// Print the man page of the program, or of a command
    #[command(after_help = "Examples:\n  ivorylens man | man -l -\n  ivorylens man list > ivorylens-list.1")]
    Man {
        /// One of the commands
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct WhyArgs {
    /// The record's id, as list shows it [default: the newest with a failure]
    #[arg(allow_negative_numbers = true, value_parser = whole::<i64>)]
    pub id: Option<i64>,
    /// All records with a failure that started since then, grouped by what failed
    #[arg(long, value_name = "TIME", conflicts_with = "id")]
    pub since: Option<String>,
    /// As JSON; with --since a list
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct WatchArgs {
    /// text (for people) or jsonl
    #[arg(long, default_value = "text", hide_possible_values = true)]
    pub format: WatchFormat,
    /// Only of records that these words mean then: ivorylens man watch
    #[arg(long, value_name = "EXPR", default_value = "", hide_default_value = true, allow_hyphen_values = true, value_hint = ValueHint::Other, value_parser = filter)]
    pub filter: Filter,
    /// End with this record, whatever the filter: exit 0 if it completed, else 5
    #[arg(long, value_name = "ID", allow_negative_numbers = true, value_parser = whole::<i64>)]
    pub until_end: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    Text,
    Jsonl,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// In name or submitted_by; % and _ are wildcards
    #[arg(long, default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    pub keyword: String,
    /// Records that these words mean: ivorylens man list
    #[arg(long, value_name = "EXPR", default_value = "", hide_default_value = true, allow_hyphen_values = true, value_hint = ValueHint::Other, value_parser = filter)]
    pub filter: Filter,
    /// One of the columns but data_path, state and those of marks
    #[arg(long, value_name = "KEY", hide_possible_values = true, default_value = "id", value_parser = one_of(SortKey::ALL.map(|key| (key.column(), key))))]
    pub sort: SortKey,
    /// Only these columns, in this order: id, name, platform, start_time, end_time, data_path, repeat_mode, status, submitted_by, outcome, state, iter, steps, failed (steps), err (failures), took, star, verdict, tags, note, unread
    #[arg(long, value_name = "NAME,...", hide_possible_values = true, value_delimiter = ',', value_parser = FieldParser)]
    pub columns: Vec<ListField>,
    /// Ascending or descending
    #[arg(long, default_value = "desc", value_parser = one_of(Order::ALL.map(|order| (order.word(), order))))]
    pub order: Order,
    /// Page; below 1 the first [default: all records]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<i64>)]
    pub page: Option<i64>,
    /// Records on a page [default: per-page, or 10]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = |text: &str| within(text, 1..=u64::MAX))]
    pub per_page: Option<u64>,
    /// table, json (as IvoryOS's route), jsonl, csv or tsv
    #[arg(long, default_value = "table", hide_possible_values = true)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct CallsArgs {
    /// Only those that began at this time or later
    #[arg(long, value_name = "T")]
    pub since: Option<String>,
    /// Only those that began up to this time
    #[arg(long, value_name = "T")]
    pub until: Option<String>,
    /// table, jsonl or csv
    #[arg(long, default_value = "table", hide_possible_values = true)]
    pub format: CallsFormat,
    /// JSON lines
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CallsFormat {
    Table,
    Jsonl,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Jsonl,
    Csv,
    Tsv,
}

#[derive(Debug, Args)]
pub struct Output {
    /// Write to this file; - is stdout
    #[arg(short, long, value_name = "FILE", conflicts_with = "own_name")]
    pub output: Option<PathBuf>,
    /// Write here under IvoryOS's own file name
    #[arg(short = 'O', long)]
    pub own_name: bool,
    /// Replace the file that -o names
    #[arg(long, requires = "output")]
    pub overwrite: bool,
}
