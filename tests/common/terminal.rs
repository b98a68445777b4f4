//! A pseudo-terminal with a program in it: keys in, the screen as a person sees it out; waits for what is shown.

use std::{
    io::{Read, Write},
    path::Path,
    process::Command,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Longer than anything takes; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    /// The terminal's modes before the program ran.
    modes: String,
    /// What the program keeps of the user's own, where nothing else was said.
    _own: tempfile::TempDir,
    /// How long a wait may take.
    pub patience: Duration,
}

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// Whole drawings that were sent.
    clears: usize,
    ended: bool,
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        // One may lie across two reads.
        let from = self.raw.len().saturating_sub(3);
        self.raw.extend_from_slice(bytes);
        let new = self.raw.get(from..).unwrap_or_default();
        self.clears += new.windows(4).filter(|w| w == b"\x1b[2J").count();
    }
}

impl Terminal {
    /// Runs a program in a terminal of this size.
    pub fn start(program: &Path, args: &[&str], here: &Path, (columns, rows): (u16, u16)) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(here);
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8")] {
            command.env(name, value);
        }
        for name in ["NO_COLOR", "IVORYLENS_DATA", "IVORYLENS_CONFIG", "TMUX", "STY"] {
            command.env_remove(name);
        }
        for name in ["HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(name, here);
        }
        Self::start_command(command, (columns, rows))
    }

    pub fn start_command(mut command: CommandBuilder, (columns, rows): (u16, u16)) -> Self {
        let own = tempfile::tempdir().unwrap();
        for name in ["XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            // Who runs the tests keeps what is theirs.
            if command.get_env(name).map(ToOwned::to_owned) == std::env::var_os(name) {
                command.env(name, own.path());
            }
        }
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let modes = modes(pair.master.as_ref());
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        let parser = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
        let seen =
            Arc::new((Mutex::new(Seen { parser, raw: Vec::new(), clears: 0, ended: false }), Condvar::new()));
        let shared = Arc::clone(&seen);
        // The slave stays open here until the program ends, or its last words would be lost on some systems.
        let slave = pair.slave;
        thread::spawn(move || {
            let mut piece = [0; 4096];
            loop {
                let read = reader.read(&mut piece).unwrap_or(0);
                let mut seen = shared.0.lock().unwrap();
                match piece.get(..read).filter(|p| !p.is_empty()) {
                    Some(bytes) => seen.take(bytes),
                    None => seen.ended = true,
                }
                shared.1.notify_all();
                if seen.ended {
                    return;
                }
            }
        });
        drop(slave);
        Self { child, master: pair.master, keys, seen, modes, _own: own, patience: PATIENCE }
    }

    pub fn send(&mut self, keys: &str) -> &mut Self {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        self
    }

    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.seen
            .0
            .lock()
            .unwrap()
            .parser
            .screen_mut()
            .set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
        self.master.resize(size(columns, rows)).unwrap();
        self
    }

    /// Resizes and waits for the whole new drawing: whatever was drawn before is over then, and keys that the
    /// program drops because they came too early are keys from before this.
    pub fn redrawn(&mut self, columns: u16, rows: u16) -> &mut Self {
        let before = self.seen.0.lock().unwrap().clears;
        self.resize(columns, rows);
        self.wait_for("a whole drawing", |seen| (seen.clears > before).then_some(()));
        self
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until the screen is as wanted, and gives it.
    pub fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.wait_for(what, |seen| {
            let text = seen.parser.screen().contents();
            wanted(&text).then_some(text)
        })
    }

    /// Waits until the screen shows a text.
    pub fn shows(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Waits until the program has sent these bytes.
    pub fn sends(&self, bytes: &str) {
        self.wait_for(bytes, |seen| String::from_utf8_lossy(&seen.raw).contains(bytes).then_some(()));
    }

    /// Waits until the screen lacks a text.
    pub fn lacks(&self, text: &str) -> String {
        self.wait(&format!("no {text}"), |screen| !screen.contains(text))
    }

    fn wait_for<T>(&self, what: &str, wanted: impl Fn(&Seen) -> Option<T>) -> T {
        let until = Instant::now() + self.patience;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            if let Some(found) = wanted(&seen) {
                return found;
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !seen.ended,
                "waited for {what:?}, ended: {}, the screen is:\n{}",
                seen.ended,
                seen.parser.screen().contents()
            );
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Everything that the program sent.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    /// The screen as it is now.
    pub fn screen(&self) -> String {
        self.seen.0.lock().unwrap().parser.screen().contents()
    }

    /// Drops what the program sent until now.
    pub fn forget(&self) {
        let mut seen = self.seen.0.lock().unwrap();
        let from = seen.raw.len().saturating_sub(3);
        seen.raw.drain(..from);
    }

    pub fn process(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits until the program is gone; the terminal must be as it was before.
    pub fn ends_restored(&mut self) -> ExitStatus {
        let sent = self.raw_until_end();
        let status = self.child.wait().unwrap();
        let modes = modes(self.master.as_ref());
        assert_eq!(modes, self.modes, "line modes are not restored");
        let many = |mark: &[u8]| sent.windows(mark.len()).filter(|part| *part == mark).count();
        // What was sent first may be forgotten here.
        assert!(many(b"\x1b[22;2t") <= many(b"\x1b[23;2t"), "the window keeps a title that is not its own");
        let mut parser = vt100::Parser::default();
        parser.process(&sent);
        let screen = parser.screen();
        assert!(!screen.alternate_screen(), "still on the other screen");
        assert!(!screen.hide_cursor(), "the cursor stays hidden");
        assert!(!screen.bracketed_paste(), "pasted text stays marked");
        status
    }

    fn raw_until_end(&self) -> Vec<u8> {
        let mut seen = self.seen.0.lock().unwrap();
        while !seen.ended {
            let (next, timeout) = self.seen.1.wait_timeout(seen, PATIENCE).unwrap();
            seen = next;
            assert!(!timeout.timed_out(), "the program goes on:\n{}", seen.parser.screen().contents());
        }
        seen.raw.clone()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the system does with keys and lines of a terminal; on Windows nothing that could be left changed.
#[cfg(unix)]
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}

#[cfg(windows)]
fn modes(_: &dyn MasterPty) -> String {
    String::new()
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}
