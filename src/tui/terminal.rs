//! The terminal: taken over and given back whatever happens; only changed cells are sent.

use std::{
    io::{self, IsTerminal, Write},
    panic,
    sync::{
        Mutex, MutexGuard, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crossterm::{
    cursor, event, queue,
    style::{Print, ResetColor},
    terminal::{self as term, BeginSynchronizedUpdate, EndSynchronizedUpdate},
};
use ratatui::{buffer::Buffer, layout::Size};

use super::frame_diff;
use crate::{
    error::{Error, Result},
    output::Patient,
    platform, signals,
};

/// Is there something to draw on?
///
/// # Errors
/// When there is not: one line that names the commands to use.
pub fn check(term: Option<&str>) -> Result<()> {
    let why = if !io::stdin().is_terminal() {
        "standard input is not a terminal"
    } else if !io::stdout().is_terminal() {
        "standard output is not a terminal"
    } else if matches!(term, Some("dumb")) {
        "this terminal (TERM=dumb) can't show screens"
    } else {
        return Ok(());
    };
    Err(Error::Usage(format!(
        "{why}; use the commands: ivorylens list, show ID, steps ID, data ID, log ID ... (ivorylens --help names them all)"
    )))
}

/// Has this kind of terminal a title? The Linux console would show the words.
pub fn has_title(term: Option<&str>) -> bool {
    match term {
        None => platform::terminal::NAMELESS_HAS_TITLE,
        Some(term) => !matches!(term, "" | "linux" | "dumb"),
    }
}

/// The window's own title is kept by the terminal while ours stands there.
static TITLED: AtomicBool = AtomicBool::new(false);
const KEEP_TITLE: &str = "\x1b[22;2t";
const OWN_TITLE: &str = "\x1b[23;2t";

/// True from taking the terminal over to giving it back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Held while the terminal changes hands.
fn changing() -> MutexGuard<'static, ()> {
    static CHANGING: Mutex<()> = Mutex::new(());
    CHANGING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal while it is ours; dropping it gives it back.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal over: raw mode, other screen, no cursor, pasted text marked, the title kept. A panic of this thread gives
    /// it back before it says its words.
    ///
    /// # Errors
    /// When the terminal refuses; it is as before then.
    pub fn take(titled: bool) -> io::Result<Self> {
        hook_panics();
        TITLED.store(titled, Ordering::Release);
        let guard = Guard(());
        enter()?;
        Ok(guard)
    }

    /// Gives the terminal back, stops with the whole group, and takes the terminal again when it goes on; false where
    /// nobody could have brought it back, so that it did not stop.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn suspend(&self) -> io::Result<bool> {
        leave();
        let stopped = platform::signals::stop()?;
        enter()?;
        Ok(stopped)
    }

    /// Takes the terminal again after another program had it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn retake(&self) -> io::Result<()> {
        enter()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// A program that is to end leaves the terminal as it is, which is an error: `kill %1` continues a stopped one in the
/// background, where taking the terminal would stop it again.
fn enter() -> io::Result<()> {
    platform::terminal::stop_in_background()?;
    let _changing = changing();
    if signals::noted().is_some() {
        return Err(io::Error::other("ended by a signal"));
    }
    let was_taken = TAKEN.swap(true, Ordering::AcqRel);
    platform::terminal::take_keys()?;
    let mut out = io::stdout();
    // A second one would keep our own title.
    if TITLED.load(Ordering::Acquire) && !was_taken {
        queue!(out, Print(KEEP_TITLE))?;
    }
    // Without wrapping, what a terminal shows wider than we count does not reach the next line.
    queue!(
        out,
        term::EnterAlternateScreen,
        term::DisableLineWrap,
        event::EnableBracketedPaste,
        cursor::Hide
    )?;
    out.flush()
}

/// Gives the terminal back and ends the program by a signal that nothing else answers.
pub fn die_by(signal: i32) {
    // Held to the end: nobody takes the terminal again in the moment that is left.
    let changing = changing();
    give_back(&changing);
    platform::signals::end_by(signal);
}

fn leave() {
    give_back(&changing());
}

/// Errors are ignored: without a terminal they could not be shown.
fn give_back(_: &MutexGuard<'_, ()>) {
    if !TAKEN.swap(false, Ordering::AcqRel) {
        return;
    }
    let mut out = io::stdout();
    platform::terminal::drop_unread();
    // In the middle of a frame lines may have margins between which they move.
    let _ = queue!(
        out,
        EndSynchronizedUpdate,
        Print("\x1b[r"),
        ResetColor,
        event::DisableBracketedPaste,
        term::EnableLineWrap,
        term::LeaveAlternateScreen,
        cursor::Show
    );
    if TITLED.load(Ordering::Acquire) {
        let _ = queue!(out, Print(OWN_TITLE));
    }
    let _ = out.flush();
    let _ = platform::terminal::give_keys_back();
}

/// A panic of the thread that draws leaves the screen first; one of the worker's becomes a message instead.
fn hook_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let drawing = thread::current().id();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == drawing {
                leave();
                before(info);
            } else if !TAKEN.load(Ordering::Acquire) {
                before(info);
            }
        }));
    });
}

/// The terminal without the standard library's buffer, which would send a frame line by line.
///
/// # Errors
/// When the system gives no second handle.
pub fn out() -> io::Result<Patient> {
    Patient::stdout()
}

/// The window's size, or 80x24 where the terminal does not say it.
pub fn size() -> Size {
    let (width, height) = term::size().unwrap_or_default();
    usable(width, height)
}

/// Serial lines say 0 for what they don't know.
pub fn usable(width: u16, height: u16) -> Size {
    Size { width: if width == 0 { 80 } else { width }, height: if height == 0 { 24 } else { height } }
}

/// Sends frames: only what changed, in one piece, and nothing at all if nothing did.
#[derive(Debug)]
pub struct Painter<W> {
    out: W,
    shown: Option<Buffer>,
    /// The window's title, where it is ours.
    title: Option<String>,
}

/// What is shorter than this reaches a terminal in one piece: it needs no marks that hold the screen still meanwhile.
const ONE_PIECE: usize = 1024;

impl<W: Write> Painter<W> {
    pub fn new(out: W) -> Self {
        Painter { out, shown: None, title: None }
    }

    /// Another program may have drawn: the next frame is sent whole.
    pub fn forget(&mut self) {
        self.shown = None;
        self.title = None;
    }

    /// Gives the window this title, which has no control codes; nothing is sent where it has it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn entitle(&mut self, title: String) -> io::Result<()> {
        if self.title.as_ref() != Some(&title) {
            self.send(format!("\x1b]2;{title}\x1b\\").as_bytes())?;
            self.title = Some(title);
        }
        Ok(())
    }

    /// Shows a frame; false when the terminal shows it already.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, frame: Buffer) -> io::Result<bool> {
        let bytes = match self.shown.take().filter(|shown| shown.area == frame.area) {
            Some(shown) => frame_diff::changes(&shown, &frame),
            None => frame_diff::whole(&frame),
        };
        self.shown = Some(frame);
        if bytes.len() < ONE_PIECE {
            self.send(bytes.as_bytes())?;
        } else {
            let mut held = Vec::with_capacity(bytes.len() + 16);
            queue!(held, BeginSynchronizedUpdate)?;
            held.extend_from_slice(bytes.as_bytes());
            queue!(held, EndSynchronizedUpdate)?;
            self.send(&held)?;
        }
        Ok(!bytes.is_empty())
    }

    /// Bytes that move nothing on the screen, such as a copy.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.out.write_all(bytes)?;
        self.out.flush()
    }
}

#[cfg(test)]
impl Painter<Vec<u8>> {
    pub fn sent(&self) -> &[u8] {
        &self.out
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{layout::Rect, style::Style};

    use super::*;

    fn frame(text: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
        buffer.set_string(0, 1, text, Style::new());
        buffer
    }

    fn text(painter: &mut Painter<Vec<u8>>) -> String {
        String::from_utf8(std::mem::take(&mut painter.out)).unwrap()
    }

    #[test]
    fn a_frame_without_changes_sends_nothing() {
        let mut painter = Painter::new(Vec::new());
        painter.draw(frame("abc")).unwrap();
        assert!(text(&mut painter).contains("abc"));
        assert!(!painter.draw(frame("abc")).unwrap());
        assert_eq!(text(&mut painter), "");
    }

    #[test]
    fn only_changed_cells_are_sent_and_many_in_one_synchronized_update() {
        let mut painter = Painter::new(Vec::new());
        painter.draw(frame("abc")).unwrap();
        text(&mut painter);
        assert!(painter.draw(frame("aXc")).unwrap());
        assert_eq!(text(&mut painter), "\x1b[2;2HX");
        painter.draw(Buffer::with_lines(vec!["many"; 500])).unwrap();
        let sent = text(&mut painter);
        assert!(sent.starts_with("\x1b[?2026h") && sent.ends_with("\x1b[?2026l"), "{sent:?}");
    }

    #[test]
    fn after_forgetting_or_another_size_all_is_sent() {
        let mut painter = Painter::new(Vec::new());
        painter.draw(frame("abc")).unwrap();
        text(&mut painter);
        painter.forget();
        painter.draw(frame("abc")).unwrap();
        assert!(text(&mut painter).contains("abc"));
        painter.draw(Buffer::empty(Rect::new(0, 0, 5, 1))).unwrap();
        assert!(text(&mut painter).contains("\x1b[2J"));
    }

    #[test]
    fn a_title_is_sent_when_it_changes_and_after_another_program() {
        let mut painter = Painter::new(Vec::new());
        painter.entitle("lab · 3 failed".to_owned()).unwrap();
        assert_eq!(text(&mut painter), "\x1b]2;lab · 3 failed\x1b\\");
        painter.entitle("lab · 3 failed".to_owned()).unwrap();
        assert_eq!(text(&mut painter), "");
        painter.forget();
        painter.entitle("lab · 3 failed".to_owned()).unwrap();
        assert!(text(&mut painter).contains("3 failed"));
        assert!(has_title(Some("xterm-256color")) && has_title(Some("screen")));
        assert!(!has_title(Some("linux")) && !has_title(Some("dumb")));
        assert_eq!(has_title(None), platform::terminal::NAMELESS_HAS_TITLE);
    }

    #[test]
    fn a_dead_terminal_is_an_error() {
        struct Dead;
        impl Write for Dead {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::from(io::ErrorKind::BrokenPipe))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert!(Painter::new(Dead).draw(frame("abc")).is_err());
    }
}
