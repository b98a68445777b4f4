//! config.toml: labs by name, who wins, what is said of wrong lines, what `config` prints, and other keys in a terminal.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use portable_pty::CommandBuilder;
use serde_json::Value;
use tempfile::TempDir;

use common::{NEW, Set, terminal::Terminal};

/// A home with a config.toml, and a lab elsewhere.
struct Home {
    home: TempDir,
    data: PathBuf,
    _set: Set,
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Home {
    /// `{data}` in the text is the lab.
    fn with(text: &str) -> Self {
        let set = Set::open(NEW);
        let (home, data) = (tempfile::tempdir().unwrap(), set.copy());
        let made = Self { home, data, _set: set };
        fs::create_dir_all(made.file().parent().unwrap()).unwrap();
        fs::write(made.file(), text.replace("{data}", &made.data.to_str().unwrap().replace('\\', r"\\")))
            .unwrap();
        made
    }

    fn file(&self) -> PathBuf {
        self.home.path().join("ivorylens").join("config.toml")
    }

    fn said_with(&self, env: &[(&str, &str)], args: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
        command.args(args).current_dir(self.home.path()).stdin(Stdio::null());
        for name in ["IVORYLENS_DATA", "IVORYLENS_CONFIG", "NO_COLOR", "LC_ALL", "LC_CTYPE", "TERM"] {
            command.env_remove(name);
        }
        command.env_remove("IVORYOS_DB_URI").env_remove("DATABASE_URL").env("LANG", "C.UTF-8");
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
            command.env(name, self.home.path());
        }
        let output = command.envs(env.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn said(&self, args: &[&str]) -> Said {
        self.said_with(&[], args)
    }

    /// What `config --json` says of a setting: its value and who set it.
    fn setting(&self, env: &[(&str, &str)], name: &str, args: &[&str]) -> (Value, String) {
        let said = self.said_with(env, &[args, &["config", "--json"]].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
        let all: Value = serde_json::from_str(&said.out).unwrap();
        let one = &all["settings"][name];
        (one["value"].clone(), one["by"].as_str().unwrap().to_owned())
    }
}

#[test]
fn a_lab_is_opened_by_its_name() {
    let home = Home::with("[labs]\nreactor = \"{data}\"\n");
    let named = home.said(&["-d", "reactor", "list", "--format", "csv"]);
    assert_eq!((named.code, named.err.as_str()), (Some(0), ""));
    assert_eq!(named.out, home.said(&["-d", home.data.to_str().unwrap(), "list", "--format", "csv"]).out);
    let by_variable = home.said_with(&[("IVORYLENS_DATA", "reactor")], &["list", "--format", "csv"]);
    assert_eq!(by_variable.out, named.out);
    let wrong = home.said(&["-d", "reactr", "list"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("no lab of this name; did you mean reactor?"), "{}", wrong.err);
    // Without a terminal the screens say what else there is; a word that is neither command nor lab is told from that.
    assert!(!home.said(&["reactor"]).err.contains("did you mean"));
    let wrong = home.said(&["reactr"]);
    assert!(wrong.code == Some(2) && wrong.err.contains("did you mean the lab 'reactor'?"), "{}", wrong.err);
    // Where none is named.
    fs::write(
        home.file(),
        fs::read_to_string(home.file()).unwrap().replace("[labs]", "data = \"reactor\"\n[labs]"),
    )
    .unwrap();
    assert_eq!(home.said(&["list", "--format", "csv"]).out, named.out);
}

#[test]
fn an_option_goes_before_the_environment_before_the_file() {
    let home =
        Home::with("color = \"always\"\nslow = true\ntitle = false\ndata = \"/of/file\"\nper-page = 20\n");
    let at = |line: usize| format!("{}:{line}", home.file().display());
    let setting = |env: &[(&str, &str)], name: &str, args: &[&str]| home.setting(env, name, args);
    let no_color = [("NO_COLOR", "1")];
    assert_eq!(
        setting(&no_color, "color", &["--color", "auto"]),
        ("auto".into(), "option --color".to_owned())
    );
    assert_eq!(setting(&no_color, "color", &[]), ("never".into(), "NO_COLOR".to_owned()));
    assert_eq!(setting(&[], "color", &[]), ("always".into(), at(1)));
    assert_eq!(setting(&[], "slow", &["--slow=false"]), (false.into(), "option --slow".to_owned()));
    assert_eq!(setting(&[], "slow", &[]), (true.into(), at(2)));
    assert_eq!(setting(&[], "title", &["--no-title=false"]), (true.into(), "option --no-title".to_owned()));
    assert_eq!(setting(&[], "bell", &[]), (false.into(), "default".to_owned()));
    assert_eq!(setting(&[], "bell", &["--bell"]), (true.into(), "option --bell".to_owned()));
    let data = [("IVORYLENS_DATA", "/of/variable")];
    // With its drive on Windows.
    let whole = |path: &str| Value::from(std::path::absolute(path).unwrap().to_str().unwrap());
    assert_eq!(setting(&data, "data", &["-d", "/given"]), (whole("/given"), "option --data".to_owned()));
    assert_eq!(setting(&data, "data", &[]), (whole("/of/variable"), "IVORYLENS_DATA".to_owned()));
    assert_eq!(setting(&[], "data", &[]), (whole("/of/file"), at(4)));
    assert_eq!(setting(&[("LANG", "C")], "ascii", &["--ascii=false"]), (true.into(), "LANG".to_owned()));
    assert_eq!(setting(&[], "per-page", &[]), (20.into(), at(5)));
    // A page of the list has so many.
    let path = home.data.to_str().unwrap();
    let rows = |args: &[&str]| {
        home.said(&[&["-d", path, "list", "--format", "jsonl"], args].concat()).out.lines().count()
    };
    assert_eq!((rows(&["--page", "1"]), rows(&["--page", "1", "--per-page", "3"]), rows(&[])), (20, 3, 61));
}

#[test]
fn which_file_counts() {
    let home = Home::with("slow = true\n");
    let other = home.home.path().join("other.toml");
    fs::write(&other, "bell = true\n").unwrap();
    let other = other.to_str().unwrap();
    let in_info = |args: &[&str]| {
        let said = home.said(&[&["-d", home.data.to_str().unwrap(), "info", "--json"], args].concat());
        let all: Value = serde_json::from_str(&said.out).unwrap();
        (all["config"]["path"].as_str().unwrap().to_owned(), all["config"]["bytes"].as_u64())
    };
    assert_eq!(in_info(&[]), (home.file().to_str().unwrap().to_owned(), Some(12)));
    assert_eq!(in_info(&["--config", other]), (other.to_owned(), Some(12)));
    let by = |env: &[(&str, &str)], args: &[&str]| {
        let all: Value =
            serde_json::from_str(&home.said_with(env, &[args, &["config", "--json"]].concat()).out).unwrap();
        all["file"].clone()
    };
    let variable = [("IVORYLENS_CONFIG", other)];
    assert_eq!(by(&[], &[]), home.file().to_str().unwrap());
    assert_eq!(by(&variable, &[]), other);
    assert_eq!(by(&variable, &["--config", home.file().to_str().unwrap()]), home.file().to_str().unwrap());
    if cfg!(unix) {
        assert_eq!(by(&[("IVORYLENS_CONFIG", "/dev/null")], &[]), Value::Null);
    }
    for said in [
        home.said(&["--config", "/no/such.toml", "config"]),
        home.said_with(&[("IVORYLENS_CONFIG", "/no/such.toml")], &["list"]),
    ] {
        assert_eq!(said.code, Some(2));
        assert!(said.err.contains("/no/such.toml: there is no such file of settings; "), "{}", said.err);
    }
}

#[test]
fn wrong_lines_are_told_and_the_rest_counts() {
    let home = Home::with(
        "data = \"{data}\"\nslwo = true\nper-page = \"many\"\ncolumns = \"id,shoe\"\n[keys]\ndwon = \"n\"\nup = \"j\"\ndown = \"j\"\n",
    );
    let said = home.said(&["list", "--format", "csv"]);
    assert_eq!(said.code, Some(0));
    assert_eq!(said.out.lines().count(), 62);
    let file = home.file();
    let lines: Vec<&str> = said.err.lines().collect();
    for (line, wanted) in lines.iter().zip([
        "2: there is no setting \"slwo\"; did you mean slow? There are data, ",
        "3: per-page can't be \"many\"; 10, 20 or 50 could stand there",
        "4: columns: no column \"shoe\"; there are outcome, id",
        "6: there is no action \"dwon\"; did you mean down? There are down, up",
        "8: j is up, by line 7; another key could stand there for down",
    ]) {
        assert!(line.starts_with(&format!("ivorylens: {}:{wanted}", file.display())), "{line}");
    }
    assert_eq!(lines.len(), 5, "{}", said.err);
    // What is no TOML at all counts for nothing, and says so.
    fs::write(&file, "slow = true\nbell = yes\n").unwrap();
    let said = home.said(&["-d", home.data.to_str().unwrap(), "list"]);
    assert!(said.code == Some(0) && said.err.contains("config.toml:2: this is no TOML: "), "{}", said.err);
    // Completions and help need no settings.
    assert_eq!(home.said(&["completions", "bash"]).err, "");
}

/// What `config` prints can be saved, and says the same then.
#[test]
fn its_output_is_a_config_toml() {
    let text = "data = \"bench\"\ntrash-age = \"2w\"\nview = \"a \\\"b\\\" \u{e9}\"\n[labs]\nbench = \"{data}\"\nfar = { db = \"postgresql://ann@x/y\", data = \"/z\" }\n\
                [keys]\ndown = [\"n\", \"F5\"]\nbell = []\n[keys.list]\nexport = \"\\\\\"\n";
    let home = Home::with(text);
    let first = home.said(&["config"]);
    assert_eq!((first.code, first.err.as_str()), (Some(0), ""));
    assert!(first.out.contains(&format!("# {}:2\n", home.file().display())), "{}", first.out);
    assert!(
        first.out.contains("# up = [\"k\", \"Up\"]") && first.out.contains("# search-next = []"),
        "{}",
        first.out
    );
    let saved = home.home.path().join("saved.toml");
    fs::write(&saved, &first.out).unwrap();
    let json = |args: &[&str]| {
        let said = home.said(&[args, &["config", "--json"]].concat());
        assert_eq!(said.err, "");
        let all: Value = serde_json::from_str(&said.out).unwrap();
        let values: Vec<Value> =
            all["settings"].as_object().unwrap().values().map(|one| one["value"].clone()).collect();
        let key = |one: &Value| (one["place"].clone(), one["action"].clone(), one["keys"].clone());
        let keys: Vec<_> = all["keys"].as_array().unwrap().iter().map(key).collect();
        (values, all["labs"].clone(), keys)
    };
    assert_eq!(json(&[]), json(&["--config", saved.to_str().unwrap()]));
}

#[test]
fn the_age_of_what_is_removed_from_the_trash_can_be_set() {
    let home = Home::with("trash-age = \"30d\"\ndata = \"{data}\"\n");
    let said = home.said(&["trash", "empty"]);
    assert!(
        said.code == Some(0) && said.err.contains("nothing in the trash was deleted so long ago"),
        "{}",
        said.err
    );
    fs::write(home.file(), "").unwrap();
    let said = home.said(&["-d", home.data.to_str().unwrap(), "trash", "empty", "--yes"]);
    assert!(
        said.code == Some(2) && said.err.contains("--older-than TIME, or trash-age in config.toml"),
        "{}",
        said.err
    );
}

/// Other keys work, and footer, help, messages and man page name them.
#[cfg(unix)]
#[test]
fn a_key_that_was_bound_to_something_else_works_and_is_told() {
    let home = Home::with(
        "[labs]\nreactor = \"{data}\"\n[keys]\ndown = \"n\"\nhelp = \"F2\"\nback = [\"Ctrl-g\", \"Esc\"]\nquit = []\n",
    );
    let man = home.said(&["man"]).out;
    assert!(man.contains("\\fBn\\fR\ndown one line") || man.contains("fBn\\fR"), "{man}");
    let mut command = CommandBuilder::new(Path::new(env!("CARGO_BIN_EXE_ivorylens")));
    command.args(["reactor"]);
    command.cwd(home.home.path());
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8")] {
        command.env(name, value);
    }
    for name in ["NO_COLOR", "IVORYLENS_DATA", "IVORYLENS_CONFIG", "TMUX", "STY"] {
        command.env_remove(name);
    }
    for name in ["HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
        command.env(name, home.home.path());
    }
    let mut terminal = Terminal::start_command(command, (100, 30));
    terminal.shows("still_going");
    terminal.shows("F2 help");
    let is_second = |screen: &str| screen.lines().any(|line| line.starts_with('▌') && line.contains(" 60 "));
    terminal.send("n").wait("the second record", is_second);
    terminal.send("j").shows("j is bound to nothing; F2 shows the keys.");
    terminal.send("Q").shows("Q is bound to nothing");
    terminal.send("\x1bOQ").shows("down one line");
    let help = terminal.shows("Ctrl-g close");
    assert!(help.lines().any(|line| line.contains(" n ") && line.contains("down one line")), "{help}");
    terminal.send("\x07").lacks("down one line");
    // Whatever was bound, Ctrl-C leaves.
    assert!(terminal.send("\x03").ends_restored().success());
}
