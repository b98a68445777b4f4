//! Signals: those that end the program are noted, and waits hear them.
//!
//! Nothing that waits for somebody else (a full pipe, a pipe without a reader, an answer that is not typed) ends by
//! itself when a signal was noted: such waits watch for it too.

use std::{
    ffi::c_int,
    fs, io,
    ops::RangeInclusive,
    os::fd::AsFd,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Signal, kill_current_process_group},
};
use signal_hook::{
    consts::{
        SIGABRT, SIGALRM, SIGBUS, SIGCONT, SIGHUP, SIGINT, SIGPROF, SIGQUIT, SIGSYS, SIGTERM, SIGTRAP,
        SIGTSTP, SIGUSR1, SIGUSR2, SIGVTALRM, SIGWINCH, SIGXCPU, SIGXFSZ,
    },
    flag,
    iterator::Signals,
    low_level::{self, pipe},
};

use crate::platform::Heard;

/// What was noted.
struct Noted {
    flag: Arc<AtomicBool>,
    /// The last one.
    number: Arc<AtomicUsize>,
    /// Can be read from the first signal on: nobody ever reads it.
    woken: io::PipeReader,
}

static NOTED: OnceLock<Noted> = OnceLock::new();

/// Notes from now on the signals that end the program. A file that grows larger than it may be (SIGXFSZ) is an error of
/// the write, not the end.
///
/// # Errors
/// Where the system does not give them.
pub fn catch() -> io::Result<()> {
    // Not ignored but handled, by nothing: a program that this one starts would keep ignoring it.
    flag::register(SIGXFSZ, Arc::default())?;
    let (woken, wakes) = io::pipe()?;
    let noted = Noted { flag: Arc::default(), number: Arc::default(), woken };
    for signal in ending() {
        // The flag last but one: whoever sees it finds the number, whoever is woken finds both.
        flag::register_usize(signal, Arc::clone(&noted.number), usize::try_from(signal).unwrap_or_default())?;
        flag::register(signal, Arc::clone(&noted.flag))?;
        pipe::register(signal, wakes.try_clone()?)?;
    }
    let _ = NOTED.set(noted);
    Ok(())
}

/// The signals that ask the program to end: all but those that whoever started it has it ignore, such as nohup.
fn ending() -> impl Iterator<Item = c_int> {
    [SIGINT, SIGTERM, SIGHUP, SIGQUIT].into_iter().filter(|signal| !is_ignored(*signal))
}

/// Was this signal ignored when the program began?
fn is_ignored(signal: c_int) -> bool {
    static IGNORED: OnceLock<u64> = OnceLock::new();
    let of_process = || mask(&fs::read_to_string("/proc/self/status").unwrap_or_default());
    let ignored = IGNORED.get_or_init(of_process);
    u32::try_from(signal - 1).is_ok_and(|bit| ignored.checked_shr(bit).unwrap_or_default() & 1 == 1)
}

/// The ignored signals in what Linux tells about a process.
fn mask(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// The signal that came, if one did.
pub fn noted() -> Option<u8> {
    let noted = NOTED.get().filter(|noted| noted.flag.load(Ordering::Acquire))?;
    u8::try_from(noted.number.load(Ordering::Acquire)).ok()
}

/// Is set when a signal asks the program to end; `None` before signals are noted.
pub fn flag() -> Option<Arc<AtomicBool>> {
    NOTED.get().map(|noted| Arc::clone(&noted.flag))
}

/// Sleeps until this can be read or written. What can be at once still is after a signal: last words are said.
///
/// # Errors
/// When a signal came, also before; it is no failure of the file.
pub fn wait(file: &impl AsFd, wanted: PollFlags) -> io::Result<()> {
    watch(Some(PollFd::new(file, wanted)), None).map(|_| ())
}

/// Sleeps for so long.
///
/// # Errors
/// When a signal came, also before.
pub fn pause(time: Duration) -> io::Result<()> {
    watch(None, Some(time)).map(|_| ())
}

/// Sleeps for so long; a pipe or terminal that nobody has open any more ends it.
///
/// # Errors
/// [`io::ErrorKind::BrokenPipe`] then; when a signal came, also before.
pub fn pause_while_open(out: &impl AsFd, time: Duration) -> io::Result<()> {
    // That the other side is gone is told unasked.
    let gone = watch(Some(PollFd::new(out, PollFlags::empty())), Some(time))?;
    if gone { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
}

/// Can this be read or written without a wait?
pub fn is_ready(file: &impl AsFd, wanted: PollFlags) -> bool {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut [PollFd::new(file, wanted)], Some(&now)), Ok(1..))
}

/// A signal that was sent a moment ago may be heard a little later.
pub const A_MOMENT: Duration = Duration::from_millis(20);

/// Stops this process with all of its group, as Ctrl-Z stops a program that takes no keys of its own: the script that
/// started it stops too, else its shell would wait for it for ever. Returns when it goes on. False where it did not
/// stop: nobody could bring it back (no shell with job control above it), which the system knows, or whoever started it
/// has it ignore that.
///
/// # Errors
/// Where the system refuses.
pub fn stop() -> io::Result<bool> {
    if is_ignored(SIGTSTP) {
        return Ok(false);
    }
    let continued = Arc::new(AtomicBool::new(false));
    let heard = flag::register(SIGCONT, Arc::clone(&continued))?;
    stop_group()?;
    if !continued.load(Ordering::Acquire) {
        let _ = pause(A_MOMENT);
    }
    low_level::unregister(heard);
    Ok(continued.load(Ordering::Acquire))
}

/// By the signal with which a terminal stops programs of the background that write to it. SIGTSTP has a handler here, so
/// that this process would stop a little after its group; a shell that is quick would bring it back in between.
///
/// # Errors
/// Where the system refuses.
pub fn stop_group() -> io::Result<()> {
    Ok(kill_current_process_group(Signal::TTOU)?)
}

/// Signals that mean nothing here and would end the program with the terminal as it is. Who sends one (a debugger, a
/// limit of processor time) wants to see the program end by it. SIGSEGV, SIGILL and SIGFPE can't be heard.
const DEADLY: [c_int; 10] =
    [SIGABRT, SIGALRM, SIGBUS, SIGPROF, SIGSYS, SIGTRAP, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU];

/// The same by number where they have no name everywhere: SIGSTKFLT, SIGIO, SIGPWR and the real-time ones of Linux.
/// They can only be answered by leaving.
fn nameless() -> impl Iterator<Item = c_int> {
    let all: &[RangeInclusive<c_int>] =
        if cfg!(target_os = "linux") { &[16..=16, 29..=30, 34..=64] } else { &[] };
    all.iter().cloned().flatten()
}

/// Starts the thread that hears signals, the window's new size among them; it ends when `tell` says false, and behind a
/// deadly signal.
///
/// # Errors
/// When the system gives no thread or refuses a handler.
pub fn hear(mut tell: impl FnMut(Heard) -> bool + Send + 'static) -> io::Result<()> {
    let heard = ending().chain(DEADLY).chain([SIGTSTP, SIGCONT, SIGWINCH]);
    let mut heard = Signals::new(heard.filter(|signal| !is_ignored(*signal)))?;
    for signal in nameless().filter(|signal| !is_ignored(*signal)) {
        // The C library keeps some of them for itself.
        let _ = heard.add_signal(signal);
    }
    // One that came before this heard it.
    if let Some(number) = noted() {
        tell(Heard::End(number));
    }
    let hear = move || {
        for number in heard.forever() {
            let heard = match number {
                deadly if DEADLY.contains(&deadly) => {
                    tell(Heard::Deadly(deadly));
                    return;
                }
                SIGWINCH => Heard::Resize,
                SIGTSTP => Heard::Stop,
                SIGCONT => Heard::Continue,
                other => Heard::End(u8::try_from(other).unwrap_or_default()),
            };
            if !tell(heard) {
                break;
            }
        }
    };
    thread::Builder::new().name("signals".to_owned()).spawn(hear).map(drop)
}

/// Ends the program by a signal, as if nothing had answered it.
pub fn end_by(signal: i32) {
    let _ = low_level::emulate_default_handler(signal);
}

/// Was anything seen of the file?
fn watch(file: Option<PollFd<'_>>, time: Option<Duration>) -> io::Result<bool> {
    let time = time.and_then(|time| Timespec::try_from(time).ok());
    let is_file = usize::from(file.is_some());
    let woken = NOTED.get().map(|noted| PollFd::new(&noted.woken, PollFlags::IN));
    let mut watched: Vec<PollFd<'_>> = file.into_iter().chain(woken).collect();
    loop {
        match poll(&mut watched, time.as_ref()) {
            Ok(_) => break,
            Err(Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
    let (file, woken) = watched.split_at(is_file);
    let is_seen = |watched: &[PollFd<'_>]| watched.iter().any(|fd| !fd.revents().is_empty());
    // Not `Interrupted`, which writers answer by trying again.
    match is_seen(file) {
        false if is_seen(woken) => Err(io::Error::other("ended by a signal")),
        seen => Ok(seen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_stands_in_a_mask() {
        assert_eq!(mask("Name:\tx\nSigIgn:\t0000000000001003\nSigCgt:\t0\n"), 0x1003);
        assert_eq!(mask(""), 0);
        assert!(!is_ignored(SIGUSR1));
    }

    #[test]
    fn a_new_size_of_the_window_needs_no_key() {
        let (sender, receiver) = std::sync::mpsc::channel();
        hear(move |heard| sender.send(heard).is_ok()).unwrap();
        low_level::raise(SIGWINCH).unwrap();
        assert_eq!(receiver.recv(), Ok(Heard::Resize));
    }

    #[test]
    fn a_pause_ends_when_nobody_reads_any_more() {
        let (reader, writer) = io::pipe().unwrap();
        pause_while_open(&writer, Duration::ZERO).unwrap();
        drop(reader);
        let gone = pause_while_open(&writer, Duration::from_secs(600)).unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_pipe_that_can_be_written_is_not_waited_for() {
        let (reader, mut writer) = io::pipe().unwrap();
        wait(&writer, PollFlags::OUT).unwrap();
        io::Write::write_all(&mut writer, b"x").unwrap();
        wait(&reader, PollFlags::IN).unwrap();
    }
}
