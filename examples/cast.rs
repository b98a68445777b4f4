//! Records the demo as an asciinema cast: `cargo run --example cast -- docs/pictures/demo.cast`.
//!
//! The screens run in a pseudo-terminal and get real keys; each screen that has all its answers is one event of the
//! recording. Lab and clock are those of the pictures, so the same program makes the same file. How long a screen stands
//! is made up: about as long as it takes to read.

use std::{
    error::Error,
    fs,
    io::{Read, Write},
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

use jiff::civil::{DateTime, date};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::json;

use ivorylens::{
    demo::{Plan, make},
    services::{lab::Lab, own_files::OwnFiles},
    signals,
    store::Options,
    style::Theme,
    tui::start::{ScreenConfig, ScreenOptions, start},
};

/// Keys, and the screen that they lead to.
struct Scene {
    keys: &'static str,
    /// What the screen shows when all its answers are there.
    shows: &'static [&'static str],
    /// How long it stands.
    seconds: f64,
    /// What a player shows at its mark; nothing where it is on the way to another one.
    title: &'static str,
}

const fn scene(
    keys: &'static str,
    shows: &'static [&'static str],
    seconds: f64,
    title: &'static str,
) -> Scene {
    Scene { keys, shows, seconds, title }
}

const SCENES: &[Scene] = &[
    scene("", &["3 stopped after an error", "37 iterations done"], 5.0, "The list of records"),
    scene("j", &["12 iterations done", "equivalents"], 1.0, ""),
    scene("j", &["6 iterations done", "iteration 5, step 2"], 4.0, "Its preview: the reason first"),
    scene("e", &["no other failure", "Resume script", "usually 6.2 s"], 8.0, "e: why it failed"),
    scene("\r", &["solvent = 'NaOH", "usually 6.2 s"], 5.0, "Enter: the step"),
    scene("6", &["ValueError: syringe", "line 66"], 5.0, "6: the log, at the same moment"),
    scene("\x1b", &["no other failure", "Resume script"], 0.5, ""),
    scene("\x1b", &["3 stopped after an error", "6 iterations done"], 1.0, ""),
    scene(
        "/status:error",
        &["3 of 61 records with status:error", "11 iterations done"],
        4.0,
        "/: filter words",
    ),
    scene("\r", &["3 of 61 records with status:error", "Enter open"], 1.0, ""),
    scene("\x1b", &["3 stopped after an error", "11 iterations done"], 1.0, ""),
    scene(":57\r", &["7 iterations done", "device closed"], 1.5, ""),
    scene("4", &["not reached", "usually 2.1 s"], 6.0, "4: what became of each step in each iteration"),
    scene("\x1b", &["3 stopped after an error", "7 iterations done"], 0.5, ""),
    scene(":17\r", &["400 iterations done"], 1.0, ""),
    scene("5", &["line_pressure", "0.715"], 2.5, "5: charts"),
    scene("\r", &["over iteration", "sd 0.715"], 6.0, ""),
    scene("?", &["to the step that made this point"], 5.0, "?: the keys that work here"),
];

/// Columns and rows of the terminal.
const SIZE: (u16, u16) = (130, 30);
/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);
/// What tells this program that it is the one in the terminal.
const SCREENS: &str = "--screens";

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    match (words.next(), words.next()) {
        (Some(word), Some(data)) if word == SCREENS => screens(Path::new(&data)),
        (Some(file), None) => Ok(fs::write(file, record()?)?),
        _ => Err("name the file for the recording".into()),
    }
}

fn now() -> DateTime {
    date(2026, 11, 24).at(7, 2, 11, 0)
}

/// What runs in the terminal: the screens on a clock that stands still.
fn screens(data: &Path) -> Result<(), Box<dyn Error>> {
    signals::catch()?;
    let lab = Lab::open(&data.join("ivoryos.db"), Options::default(), false, Arc::new(now))?;
    let theme = Theme { ascii: false, color: true };
    let own = OwnFiles::default();
    let config = ScreenConfig::default();
    let screens = ScreenOptions { theme, slow: false, title: false, bell: false, own, fresh: true, config };
    start(lab, Some("lab-pc:ivoryos_data"), screens)?;
    Ok(())
}

/// The recording: a line of JSON about it, then one for each event.
fn record() -> Result<String, Box<dyn Error>> {
    let home = tempfile::tempdir()?;
    let data = "ivoryos_data";
    make(&Plan::demo(now()), &home.path().join(data))?;
    let mut terminal = Terminal::start(home.path(), data)?;
    let (columns, rows) = SIZE;
    let about = json!({
        "version": 2, "width": columns, "height": rows, "title": "ivorylens demo", "env": {"TERM": TERM},
    });
    let mut cast = format!("{about}\n{}\n", json!([0, "o", HIDE_CURSOR]));
    let mut at = 0.5;
    let mut before = vec![String::new(); rows.into()];
    for scene in SCENES {
        let screen = terminal.play(scene)?;
        if !scene.title.is_empty() {
            cast += &format!("{}\n", json!([at, "m", scene.title]));
        }
        let lines = lines(&screen);
        let changed = (1..).zip(lines.iter().zip(&before)).filter(|(_, (now, before))| now != before);
        let drawn: String = changed.map(|(y, (line, _))| format!("\x1b[{y};1H{line}\x1b[m\x1b[K")).collect();
        cast += &format!("{}\n", json!([at, "o", drawn]));
        // Hundredths: sums of doubles would have more digits.
        at = ((at + scene.seconds) * 100.0).round() / 100.0;
        before = lines;
    }
    // A player stops at the last event.
    cast += &format!("{}\n", json!([at, "o", ""]));
    terminal.leave()?;
    Ok(cast)
}

/// The lines of a screen, each as what draws it. By what a cell looks like, not by what it was set to: a blank may have
/// any colour of text, according to what stood there.
fn lines(screen: &vt100::Screen) -> Vec<String> {
    let (columns, rows) = SIZE;
    let line = |y| {
        let (mut line, mut last) = (String::new(), "\x1b[m".to_owned());
        for cell in (0..columns).filter_map(|x| screen.cell(y, x)).filter(|cell| !cell.is_wide_continuation())
        {
            let look = look(cell);
            if look != last {
                line += &look;
                last = look;
            }
            line += if cell.has_contents() { cell.contents() } else { " " };
        }
        if last == "\x1b[m" {
            line.truncate(line.trim_end().len());
        }
        line
    };
    (0..rows).map(line).collect()
}

/// The escape sequence for how a cell looks.
fn look(cell: &vt100::Cell) -> String {
    let is_blank = cell.contents().trim().is_empty();
    let mut look = "\x1b[".to_owned();
    for (number, has) in [
        (1, cell.bold() && !is_blank),
        (2, cell.dim() && !is_blank),
        (3, cell.italic() && !is_blank),
        (4, cell.underline()),
        (7, cell.inverse()),
    ] {
        if has {
            look += &format!(";{number}");
        }
    }
    let shows_ink = !is_blank || cell.underline() || cell.inverse();
    if let (vt100::Color::Idx(ink), true) = (cell.fgcolor(), shows_ink) {
        look += &format!(";38;5;{ink}");
    }
    if let vt100::Color::Idx(paper) = cell.bgcolor() {
        look += &format!(";48;5;{paper}");
    }
    look + "m"
}

/// What draws an empty screen of this size.
fn blank() -> Result<vt100::Parser, Box<dyn Error>> {
    let (columns, rows) = SIZE;
    Ok(vt100::Parser::new(rows.try_into()?, columns.try_into()?, 0))
}

/// Has a frame begun that has not ended? The program tells terminals where it sends more than one piece.
fn within_frame(bytes: &[u8]) -> bool {
    let last = |mark: &[u8]| bytes.windows(mark.len()).rposition(|part| part == mark);
    last(b"\x1b[?2026h") > last(b"\x1b[?2026l")
}

const TERM: &str = "xterm-256color";
const HIDE_CURSOR: &str = "\x1b[?25l";

/// The program in a pseudo-terminal, and what it has drawn.
struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    /// What came of a frame that is not whole.
    bytes: Vec<u8>,
    parser: vt100::Parser,
}

impl Terminal {
    fn start(home: &Path, data: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = CommandBuilder::new(std::env::current_exe()?);
        command.args([SCREENS, data]);
        command.cwd(home);
        command.env("TERM", TERM);
        for name in ["HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(name, home);
        }
        for name in ["TMUX", "STY"] {
            command.env_remove(name);
        }
        let (cols, rows) = SIZE;
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 })?;
        let mut reader = pair.master.try_clone_reader()?;
        let keys = pair.master.take_writer()?;
        let child = pair.slave.spawn_command(command)?;
        let (sender, output) = channel();
        thread::spawn(move || {
            // It lives as long as its reader.
            let _master = pair.master;
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut piece) {
                if sender.send(piece.iter().take(read).copied().collect()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, keys, output, bytes: Vec::new(), parser: blank()? })
    }

    /// Presses the keys and waits for the frame that has all that is wanted.
    fn play(&mut self, scene: &Scene) -> Result<vt100::Screen, Box<dyn Error>> {
        self.keys.write_all(scene.keys.as_bytes())?;
        self.keys.flush()?;
        loop {
            if !within_frame(&self.bytes) {
                self.parser.process(&self.bytes);
                self.bytes.clear();
                let text = self.parser.screen().contents();
                if scene.shows.iter().all(|wanted| text.contains(wanted)) {
                    return Ok(self.parser.screen().clone());
                }
            }
            let Ok(more) = self.output.recv_timeout(PATIENCE) else {
                let text = self.parser.screen().contents();
                return Err(format!(
                    "after {:?} the screen lacks one of {:?}:\n{text}",
                    scene.keys, scene.shows
                )
                .into());
            };
            self.bytes.extend(more);
        }
    }

    fn leave(&mut self) -> Result<(), Box<dyn Error>> {
        self.keys.write_all(b"\x1b\x1bQ")?;
        self.keys.flush()?;
        while self.output.recv_timeout(PATIENCE).is_ok() {}
        self.child.wait()?;
        Ok(())
    }
}
