//! The man pages: the commands and options from clap, the keys from the keymap, and what stands nowhere else.

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use roff::{Roff, bold, roman};

use super::{
    args::Cli,
    filter_manual,
    out::{print_bytes, stdout_error},
};
use crate::error::{Error, Result};

/// A name and what it is, for a line of a man page.
pub type Described = (String, String);

/// What can be typed in the screens: headings, and the keys or commands below them.
pub type KeyList = Vec<(&'static str, Vec<Described>)>;

const ENVIRONMENT: [(&str, &str); 14] = [
    ("IVORYLENS_DATA", "The data, or the name of a lab, where neither PATH nor --data names it."),
    ("IVORYLENS_CONFIG", "The file of settings, labs and keys, where --config does not name it."),
    (
        "IVORYOS_DB_URI, DATABASE_URL",
        "IvoryOS's database, as it is told itself, where no data is named or found and --db is not given.",
    ),
    (
        "PGPASSFILE, PGSERVICEFILE, PGSSLMODE ...",
        "What the address of a PostgreSQL server (--db postgresql://USER@HOST:PORT/BASE) does not say, as libpq has it.",
    ),
    ("NO_COLOR", "No colours, unless --color always asks for them."),
    ("LC_ALL, LC_CTYPE, LANG", "Plain ASCII where these name no UTF-8 locale."),
    ("TERM", "No colours and no screens on a dumb terminal."),
    ("TMUX, STY", "How text reaches the clipboard from within tmux and screen."),
    ("XDG_CACHE_HOME", "Where the cache folder lies; without it ~/.cache."),
    ("XDG_CONFIG_HOME", "Where the folder of settings and kept views lies; without it ~/.config."),
    (
        "XDG_STATE_HOME",
        "Where the folder of marks, trash and how screens were left lies; without it ~/.local/state.",
    ),
    ("TMPDIR", "Where private copies and made-up labs lie; without it /tmp."),
    ("HOME", "Where exports go when the current folder can't be written."),
    ("TZ", "The time zone of the lab PC's clock, if it is another than the system's."),
];

const FILES: [(&str, &str); 10] = [
    ("ivoryos_data/ivoryos.db", "The lab's database. Only delete and restore write to it."),
    (
        "ivoryos_data/logs, ivoryos_data/results",
        "Logs and result files of the records; only read, but by delete --with-files.",
    ),
    ("~/.cache/ivorylens/", "What is known of databases for the next start. It can be removed at any time."),
    ("~/.cache/ivorylens/demo/", "The made-up lab of demo --path."),
    (
        "~/.config/ivorylens/config.toml",
        "Settings, labs by name, and keys; ivorylens config prints what is in force, in the same form.",
    ),
    ("~/.config/ivorylens/views.json", "Kept views, :view NAME: JSON that can be edited."),
    (
        "~/.local/state/ivorylens/LAB/screen.json",
        "How the screens of a lab were left; LAB is made of its path. It can be removed at any time.",
    ),
    (
        "~/.local/state/ivorylens/LAB/ivorylens.db, trash-files/",
        "Marks of a lab's records and its trash: rows of deleted records, and the files that went along.",
    ),
    (
        "ivoryos_data/.ivorylens/",
        "The same for all who work with a lab, after share; share --stop removes it.",
    ),
    ("/tmp/ivorylens-copy-*, /tmp/ivorylens-demo-*", "Private copies and made-up labs; they go at the end."),
];

const EXIT_STATUS: [(&str, &str); 7] = [
    ("0", "Done; also when the reader of the output went away."),
    ("1", "Could not be done; the reason is said in one line on stderr."),
    ("2", "Wrong usage."),
    ("3", "There is no such record, log, file or entry of the trash, or no data yet."),
    ("4", "The database, the trash or the marks stayed busy for the patience (--wait)."),
    ("5", "watch --until-end: the record did not complete."),
    ("128 + N", "Ended by signal N: 130 by Ctrl-C, 129 when the terminal went away, 143 by SIGTERM."),
];

/// Prints the page of the program, or of one of its commands.
///
/// # Errors
/// [`Error::Usage`] where there is no such command.
pub fn man(command: Option<&str>, keys: &KeyList) -> Result<()> {
    let mut all = Cli::command();
    all.build();
    all = all.mut_subcommand("help", |help| help.hide(true));
    let Some(name) = command else { return page(&all, keys) };
    let known = all.get_subcommands().find(|one| one.get_name() == name);
    let names = || all.get_subcommands().map(Command::get_name).collect::<Vec<_>>().join(", ");
    let known = known.ok_or_else(|| {
        Error::Usage(format!("there is no command {name:?} to print the page of; there are {}", names()))
    })?;
    page(&known.clone().name(format!("ivorylens-{name}")), &Vec::new())
}

fn page(command: &Command, keys: &KeyList) -> Result<()> {
    // The pages of commands, too, say which version they are of.
    let man = Man::new(command.clone()).source(concat!("ivorylens ", env!("CARGO_PKG_VERSION")));
    let mut out = Vec::new();
    let mut render = || -> std::io::Result<()> {
        man.render_title(&mut out)?;
        man.render_name_section(&mut out)?;
        man.render_synopsis_section(&mut out)?;
        man.render_description_section(&mut out)?;
        man.render_options_section(&mut out)?;
        if command.has_subcommands() {
            man.render_subcommands_section(&mut out)?;
        }
        let mut more = Roff::new();
        if command.get_arguments().any(|argument| argument.get_id() == "filter") {
            filter_words(&mut more);
        }
        if !keys.is_empty() {
            more.control("SH", ["KEYS"]);
        }
        for (title, lines) in keys {
            more.control("SS", [*title]);
            lines.iter().for_each(|(name, text)| described(&mut more, name, text));
        }
        let takes_filter = |command: &Command| command.get_arguments().any(|one| one.get_id() == "filter");
        if takes_filter(command) || command.get_subcommands().any(takes_filter) {
            filter_words(&mut more);
        }
        for (title, facts) in
            [("ENVIRONMENT", &ENVIRONMENT[..]), ("FILES", &FILES), ("EXIT STATUS", &EXIT_STATUS)]
        {
            more.control("SH", [title]);
            facts.iter().for_each(|(name, text)| described(&mut more, name, text));
        }
        more.to_writer(&mut out)?;
        man.render_extra_section(&mut out)?;
        if command.get_version().is_some() {
            man.render_version_section(&mut out)?;
        }
        see_also(command, &mut out)
    };
    render().map_err(stdout_error)?;
    print_bytes(&out)
}

/// The page of the program names those of its commands above.
fn see_also(command: &Command, out: &mut Vec<u8>) -> std::io::Result<()> {
    let mut page = Roff::new();
    if !command.has_subcommands() {
        page.control("SH", ["SEE ALSO"]);
        page.text([bold("ivorylens"), roman("(1)")]);
    }
    page.to_writer(out)
}

fn filter_words(page: &mut Roff) {
    page.control("SH", ["FILTER WORDS"]);
    page.text([roman(filter_manual::INTRO)]);
    for (title, lines) in filter_manual::parts() {
        page.control("SS", [title]);
        lines.iter().for_each(|(name, text)| described(page, name, text));
    }
}

fn described(page: &mut Roff, name: &str, text: &str) {
    page.control("TP", []);
    page.text([bold(name)]);
    page.text([roman(text)]);
}
