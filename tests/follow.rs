//! A lab that is played while a pseudo-terminal follows it: F is pressed once, on the list, and all screens go on.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use std::{env, path::Path, sync::Arc};

use jiff::civil::date;
use portable_pty::CommandBuilder;

use ivorylens::{
    services::{lab::Lab, own_files::OwnFiles},
    store::Options,
    style::Theme,
    tui::start::{ScreenConfig, ScreenOptions, start},
};

use common::{played::Played, terminal::Terminal};

/// The data folder that the test below shows.
const SHOWN: &str = "IVORYLENS_TEST_FOLLOWED";

/// Not a test of its own: the screens on a played lab, at a moment of its day.
#[test]
fn the_screens_of_a_played_lab() {
    let Some(data) = env::var_os(SHOWN) else { return };
    let clock = Arc::new(|| date(2026, 11, 24).at(8, 5, 0, 0));
    let file = Path::new(&data).join("ivoryos.db");
    let lab = Lab::open(&file, Options::without_cache(), false, clock).unwrap();
    let theme = Theme { ascii: false, color: true };
    let screens = ScreenOptions {
        theme,
        slow: false,
        title: true,
        bell: true,
        own: OwnFiles::default(),
        fresh: false,
        config: ScreenConfig::default(),
    };
    assert_eq!(start(lab, Some("a played lab"), screens).unwrap(), 0);
}

fn shown(played: &Played) -> Terminal {
    let mut command = CommandBuilder::new(env::current_exe().unwrap());
    command.args(["--exact", "the_screens_of_a_played_lab", "--nocapture"]);
    command.env(SHOWN, played.data());
    command.env("TERM", "xterm-256color");
    command.env_remove("TMUX");
    command.env_remove("STY");
    Terminal::start_command(command, (100, 30))
}

/// The line with the bar.
fn selected(screen: &str) -> &str {
    screen.lines().find(|line| line.starts_with('▌')).unwrap_or_default()
}

fn outputs(played: &Played, value: f64) {
    let sql = "UPDATE workflow_phases SET outputs = ? WHERE id = ?";
    let outputs = format!("[{{\"yield\": {value}}}]");
    played.db.execute(sql, rusqlite::params![outputs, played.phase]).unwrap();
}

/// The iteration that is open ends, and the next one begins.
fn go_on(played: &mut Played, value: f64, next: i64, time: &str) {
    played.end_step(false, time);
    outputs(played, value);
    played.end_phase(Some("done"), time);
    played.log(&format!("Executing dye experiment: {next}/4"), time);
    played.phase("main", next, time);
    played.step(1, "stir", time);
}

fn begin(played: &mut Played) {
    played.start("dye", "08:00:00");
    played.log("Executing dye experiment: 1/4", "08:00:00");
    played.phase("main", 1, "08:00:00");
    played.step(1, "stir", "08:00:00");
}

#[test]
fn a_lab_that_is_played_is_followed_through_all_screens() {
    let mut played = Played::empty();
    for (name, time) in [("one", "07:30:00"), ("two", "07:40:00")] {
        played.start(name, time);
        played.end("completed", time);
    }
    let mut terminal = shown(&played);
    terminal.shows("2 records");
    terminal.send("F").shows("► following");
    // A new record is counted, and the selection stays where it was.
    begin(&mut played);
    let screen = terminal.shows("► 1 new");
    assert!(selected(&screen).contains("two"), "{screen}");
    terminal.sends("\x1b]2;▶ #3 dye 1/4 · ");
    terminal.send("g").wait("the new record", |text| selected(text).contains("dye"));
    terminal.shows("► following");
    // Steps: the cursor at the end goes along.
    terminal.send("\r").shows("Overview");
    terminal.send("2G").wait("its last row", |text| selected(text).contains("stir"));
    go_on(&mut played, 1.5, 2, "08:01:00");
    let screen = terminal.wait("the second iteration", |text| {
        text.contains("main 2") && selected(text).contains("running") && text.contains(" 4/4 ")
    });
    assert!(screen.contains("2/4") && screen.contains("1 min 0 s each"), "{screen}");
    // The log at its end, then the charts.
    terminal.send("6").shows("Executing dye experiment: 2/4");
    played.log("Comment: half way", "08:01:30");
    terminal.shows("Comment: half way");
    terminal.send("5").shows("yield");
    go_on(&mut played, 2.75, 3, "08:02:00");
    terminal.shows("2.75");
    // It waits for a person.
    played.event("error", Some("deck.mixer.stir: jam"), "08:02:10");
    played.end_step(true, "08:02:10");
    terminal.shows("#3 dye waits");
    terminal.sends("\x07\x1b]9;ivorylens: #3 dye waits, iteration 3/4");
    terminal.sends("\x1b]2;! #3 dye waits · ");
    // It goes on, and completes.
    played.event("retried", None, "08:02:20");
    played.step(1, "stir", "08:02:20");
    terminal.shows("#3 dye goes on");
    go_on(&mut played, 3.5, 4, "08:03:00");
    terminal.shows("3.5");
    played.end_step(false, "08:04:00");
    played.end_phase(Some("done"), "08:04:00");
    played.end("completed", "08:04:01");
    terminal.shows("#3 dye completed");
    terminal.sends("\x1b]9;ivorylens: #3 dye completed\x1b\\");
    terminal.wait("the record's end", |text| text.contains("Completed") && text.contains("► following"));
    // Back on the list, where g still holds: the selection goes along with the next one, which fails.
    terminal.send("\x1b").shows("3 records");
    terminal.shows("► following");
    played.start("bad", "08:04:30");
    terminal.wait("the next record", |text| selected(text).contains("bad"));
    played.end("error", "08:04:40");
    terminal.shows("#4 bad ended with an error");
    terminal.sends("\x07\x1b]9;ivorylens: #4 bad ended with an error");
    terminal.send("F").lacks("► following");
    terminal.shows("as of 08:05:00");
    assert!(terminal.send("q").ends_restored().success());
}
