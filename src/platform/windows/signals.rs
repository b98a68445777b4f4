//! Console events: Ctrl-C, Ctrl-Break, the closed window, the end of the session. They are noted, and waits hear them.
//!
//! Windows ends the process by itself some seconds after a window was closed; until then the handler (tokio's) does not
//! return, so that all work ends at its next check and what is to go at the end goes.

use std::{
    future::poll_fn,
    io,
    sync::{
        Arc, Condvar, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
        mpsc::{Sender, channel},
    },
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use tokio::signal::windows;

use crate::platform::Heard;

/// What was noted, by the numbers that such an end has elsewhere (signal.h).
struct Noted {
    flag: Arc<AtomicBool>,
    number: AtomicU8,
    /// Whoever is to be told, too.
    tell: Mutex<Option<Sender<u8>>>,
}

const INTERRUPTED: u8 = 2;
const BROKEN: u8 = 3;
const CLOSED: u8 = 1;
const TERMINATED: u8 = 15;

static NOTED: OnceLock<Noted> = OnceLock::new();

/// Everything that a wait may wait for rings it.
static BELL: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

/// Notes from now on the events that end the program.
///
/// # Errors
/// Where the system does not give them.
pub fn catch() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut events = {
        let _entered = runtime.enter();
        Events {
            interrupt: windows::ctrl_c()?,
            stop: windows::ctrl_break()?,
            close: windows::ctrl_close()?,
            leave: windows::ctrl_logoff()?,
            shut_down: windows::ctrl_shutdown()?,
        }
    };
    let _ = NOTED.set(Noted { flag: Arc::default(), number: AtomicU8::new(0), tell: Mutex::new(None) });
    let hear = move || {
        loop {
            note(runtime.block_on(events.next()));
        }
    };
    thread::Builder::new().name("console".to_owned()).spawn(hear).map(drop)
}

struct Events {
    interrupt: windows::CtrlC,
    stop: windows::CtrlBreak,
    close: windows::CtrlClose,
    leave: windows::CtrlLogoff,
    shut_down: windows::CtrlShutdown,
}

impl Events {
    /// The number of the next one.
    async fn next(&mut self) -> u8 {
        poll_fn(|cx| {
            let came = [
                (self.interrupt.poll_recv(cx), INTERRUPTED),
                (self.stop.poll_recv(cx), BROKEN),
                (self.close.poll_recv(cx), CLOSED),
                (self.leave.poll_recv(cx), TERMINATED),
                (self.shut_down.poll_recv(cx), TERMINATED),
            ];
            let number = came.iter().find(|(came, _)| came.is_ready()).map(|(_, number)| *number);
            number.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

fn note(number: u8) {
    let Some(noted) = NOTED.get() else { return };
    // The flag behind the number: whoever sees it finds that.
    noted.number.store(number, Ordering::Release);
    noted.flag.store(true, Ordering::Release);
    ring();
    if let Some(tell) = &*noted.tell.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = tell.send(number);
    }
}

/// Wakes all waits, which look whether what they wait for is there.
pub(super) fn ring() {
    let _held = BELL.0.lock().unwrap_or_else(PoisonError::into_inner);
    BELL.1.notify_all();
}

/// The event that came, if one did.
pub fn noted() -> Option<u8> {
    let noted = NOTED.get().filter(|noted| noted.flag.load(Ordering::Acquire))?;
    Some(noted.number.load(Ordering::Acquire))
}

/// Is set when the system asks the program to end; `None` before events are noted.
pub fn flag() -> Option<Arc<AtomicBool>> {
    NOTED.get().map(|noted| Arc::clone(&noted.flag))
}

/// Sleeps until there is an answer, at most so long if a time is given. What there is at once is given after an event,
/// too: last words are said.
///
/// # Errors
/// When an event came, also before.
pub(super) fn wait_for<T>(
    mut answer: impl FnMut() -> Option<T>,
    time: Option<Duration>,
) -> io::Result<Option<T>> {
    let until = time.and_then(|time| Instant::now().checked_add(time));
    let mut held = BELL.0.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(answer) = answer() {
            return Ok(Some(answer));
        }
        if noted().is_some() {
            // Not `Interrupted`, which writers answer by trying again.
            return Err(io::Error::other("ended by a signal"));
        }
        held = match until {
            None => BELL.1.wait(held).unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(None);
                }
                BELL.1.wait_timeout(held, left).unwrap_or_else(PoisonError::into_inner).0
            }
        };
    }
}

/// Waits a little for an answer, also after an event: what can be done at once still is.
pub(super) fn last_words<T>(mut answer: impl FnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + AT_ONCE;
    let mut held = BELL.0.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match answer() {
            None if !left.is_zero() => {
                held = BELL.1.wait_timeout(held, left).unwrap_or_else(PoisonError::into_inner).0;
            }
            answer => return answer,
        }
    }
}

/// Sleeps for so long.
///
/// # Errors
/// When an event came, also before.
pub fn pause(time: Duration) -> io::Result<()> {
    wait_for(|| None::<()>, Some(time)).map(drop)
}

/// What takes longer waits for somebody.
const AT_ONCE: Duration = Duration::from_millis(200);

/// An event that was sent a moment ago may be heard a little later.
pub const A_MOMENT: Duration = Duration::from_millis(20);

/// Windows has no shell that stops a program and brings it back.
///
/// # Errors
/// None here.
pub fn stop() -> io::Result<bool> {
    Ok(false)
}

/// Tells of events from now on; it ends when `tell` says false. A new size of the window comes with the keys here.
///
/// # Errors
/// When the system gives no thread.
pub fn hear(mut tell: impl FnMut(Heard) -> bool + Send + 'static) -> io::Result<()> {
    let (sender, events) = channel();
    if let Some(noted) = NOTED.get() {
        noted.tell.lock().unwrap_or_else(PoisonError::into_inner).replace(sender);
    }
    if let Some(number) = noted() {
        tell(Heard::End(number));
    }
    let hear = move || {
        for number in events {
            if !tell(Heard::End(number)) {
                break;
            }
        }
    };
    thread::Builder::new().name("signals".to_owned()).spawn(hear).map(drop)
}

/// Nothing ends a program so here.
pub fn end_by(_: i32) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_with_its_answer_and_with_its_time() {
        assert_eq!(wait_for(|| Some(1), None).unwrap(), Some(1));
        assert_eq!(wait_for(|| None::<u8>, Some(Duration::ZERO)).unwrap(), None);
        let there = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&there);
        let waiting =
            thread::spawn(move || wait_for(|| seen.load(Ordering::Acquire).then_some(2), None).unwrap());
        there.store(true, Ordering::Release);
        ring();
        assert_eq!(waiting.join().unwrap(), Some(2));
    }
}
