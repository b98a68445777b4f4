//! Work that may panic or never end, on a thread of its own: what came of it, within a bound.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, Once,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use ivorylens::checkpoint::{Cancel, Cx};

/// Longer than any piece of the work takes on a busy machine.
pub const BOUND: Duration = Duration::from_secs(20);

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The worker's side: it says what it is about to do, and its panics are caught.
pub struct Watch {
    told: Sender<String>,
    cancel: Arc<AtomicBool>,
    /// What was done so far: it is there also after a hang.
    pub deeds: Deeds,
}

/// What work did, line by line.
pub type Deeds = Arc<Mutex<Vec<String>>>;

impl Watch {
    /// Notes what was done.
    pub fn did(&self, what: impl Into<String>) {
        self.deeds.lock().unwrap().push(what.into());
    }

    /// Says what comes next; the bound begins anew.
    pub fn next(&self, what: impl Into<String>) {
        // Nobody listens any more after a hang.
        let _ = self.told.send(what.into());
    }

    /// A whole answer that is taken back when the bound is over.
    pub fn cx(&self) -> Cx<'static> {
        Cx::unwatched(Cancel::by(Arc::clone(&self.cancel)))
    }

    /// What the work gives, or the words and the place of its panic.
    pub fn catch<T>(&self, what: &str, work: impl FnOnce() -> T) -> Result<T, String> {
        self.next(what);
        catch(work)
    }
}

/// What the work gives, or the words and the place of its panic.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    keep_panics();
    let before = WATCHED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    WATCHED.set(before);
    done.map_err(|_| PANIC.take().unwrap_or_default())
}

/// Panics of watched work are kept and not printed.
fn keep_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if WATCHED.get() { PANIC.set(Some(info.to_string().replace('\n', " "))) } else { usual(info) }
        }));
    });
}

/// Does the work on a thread of its own.
///
/// # Errors
/// What it was doing when a piece of it took longer than the bound, and whether taking it back ended it.
pub fn bounded<T: Send + 'static>(
    deeds: &Deeds,
    work: impl FnOnce(&Watch) -> T + Send + 'static,
) -> Result<T, String> {
    let (told, heard) = channel();
    let (give, done) = channel();
    let cancel = Arc::new(AtomicBool::new(false));
    let watch = Watch { told, cancel: Arc::clone(&cancel), deeds: Arc::clone(deeds) };
    let thread = thread::spawn(move || {
        let made = work(&watch);
        // It may be too late for it.
        let _ = give.send(made);
    });
    let mut last = String::from("the beginning");
    loop {
        match heard.recv_timeout(BOUND) {
            Ok(what) => last = what,
            Err(RecvTimeoutError::Timeout) => return Err(hang(&last, &cancel, &heard)),
            // Its end of the channel is gone: it ended, one way or another.
            Err(RecvTimeoutError::Disconnected) => {
                return match thread.join() {
                    Ok(()) => Ok(done.recv().unwrap()),
                    Err(panic) => std::panic::resume_unwind(panic),
                };
            }
        }
    }
}

fn hang(what: &str, cancel: &AtomicBool, heard: &Receiver<String>) -> String {
    cancel.store(true, Ordering::Release);
    let ended = !matches!(heard.recv_timeout(BOUND / 4), Err(RecvTimeoutError::Timeout));
    let how = if ended { "ends when it is taken back" } else { "can't be taken back" };
    format!("HANG (more than {} s, {how}): {what}", BOUND.as_secs())
}
