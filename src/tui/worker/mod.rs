//! The one thread that owns the data: requests in, answers out; a newer request of a slot replaces an older one.

#[cfg(test)]
mod tests;
mod thread;

use std::{
    any::Any,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc::Sender},
    thread::{Builder, JoinHandle},
    time::Duration,
};

use super::event::Event;
use crate::{
    checkpoint::{Cancel, Cx, LockNews},
    error::{Error, Result},
    services::{
        self, Idle,
        lab::Lab,
        request::{Answer, Ask, Rank},
    },
    tui::tag::Tag,
};
use thread::WorkerThread;

/// Answers requests on the worker's thread. May be asked again from inside a call of its own checkpoint.
pub trait Answerer {
    /// # Errors
    /// Whatever keeps it from answering; [`Error::Cancelled`] when the checkpoint said so.
    fn answer(&self, ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer>;

    /// Is there work for [`Answerer::idle`]?
    fn has_work(&self) -> bool {
        false
    }

    /// Does a piece of background work while no request is queued; `None` when there is none until the next request.
    fn idle(&self, _: &mut Cx<'_>) -> Option<Idle> {
        None
    }

    /// Nobody asks for a while, and there is no background work.
    fn rest(&mut self) {}

    /// After [`Error::Replaced`]: opens the file that is there now; what was known of the old one is forgotten.
    ///
    /// # Errors
    /// Whatever keeps it from being opened; then nothing has changed.
    fn reopen(&mut self, _: &Cx<'_>) -> Result<()> {
        Err(Error::Replaced)
    }

    /// Where it tells that it waits for somebody's lock.
    fn lock_news(&self) -> LockNews {
        LockNews::default()
    }
}

impl<F: Fn(&Ask, &mut Cx<'_>) -> Result<Answer>> Answerer for F {
    fn answer(&self, ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
        self(ask, cx)
    }
}

impl Answerer for Lab {
    fn answer(&self, ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
        services::answer(self, ask, cx).map(|answer| answer.value)
    }

    fn has_work(&self) -> bool {
        Lab::has_work(self)
    }

    fn idle(&self, cx: &mut Cx<'_>) -> Option<Idle> {
        Lab::idle(self, cx)
    }

    fn rest(&mut self) {
        Lab::rest(self);
    }

    fn reopen(&mut self, cx: &Cx<'_>) -> Result<()> {
        Lab::reopen(self, cx)
    }

    fn lock_news(&self) -> LockNews {
        Lab::lock_news(self).clone()
    }
}

struct Job {
    tag: Tag,
    ask: Ask,
    cancel: Cancel,
}

#[derive(Default)]
struct State {
    queue: Vec<Job>,
    /// Innermost last: a check of the first may run the next.
    running: Vec<(Tag, Cancel)>,
    /// Of the background work that is under way.
    idle: Cancel,
    closed: bool,
}

impl State {
    /// Takes running requests back. A statement of theirs that runs at this moment ends too.
    fn cancel_running(&mut self, which: impl Fn(&Tag) -> bool) {
        self.running.iter().filter(|(tag, _)| which(tag)).for_each(|(_, cancel)| cancel.cancel());
    }

    /// The oldest of the most urgent requests above a rank.
    fn take(&mut self, above: Option<Rank>) -> Option<Job> {
        let rank = |job: &Job| job.tag.slot.facts().rank;
        let best =
            self.queue.iter().map(rank).filter(|rank| above.is_none_or(|above| *rank > above)).max()?;
        let at = self.queue.iter().position(|job| rank(job) == best)?;
        Some(self.queue.remove(at))
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on a request, which others may take back meanwhile.
    fn work<T>(&self, job: &Job, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.lock().running.push((job.tag, job.cancel.clone()));
        let done = catch_unwind(AssertUnwindSafe(work));
        self.lock().running.pop();
        match done {
            // The database's own error for a statement that was ended says nothing more.
            Ok(Err(_)) if job.cancel.is_cancelled() => Err(Error::Cancelled),
            Ok(result) => result,
            Err(panic) => Err(Error::Refused(format!("a fault in the program: {}", text(panic.as_ref())))),
        }
    }

    /// Sleeps until there is a request or the pause is over.
    fn wait(&self, pause: Option<Duration>) -> Next {
        let mut state = self.lock();
        loop {
            if state.closed {
                return Next::End;
            }
            if let Some(job) = state.take(None) {
                return Next::Job(job);
            }
            let Some(pause) = pause else {
                state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let (woken, time) = self.wake.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner);
            if time.timed_out() {
                return Next::Idle;
            }
            state = woken;
        }
    }
}

/// What the thread does next.
enum Next {
    Job(Job),
    /// Nobody asks.
    Idle,
    /// The handle is gone.
    End,
}

/// Nobody asked for so long: time for other work. Requests in a row come faster.
const QUIET: Duration = Duration::from_millis(15);

/// The handle. Dropping it cancels what runs and waits for the thread to end.
pub struct Worker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Progress is sent at most once in this time.
pub const PACE: Duration = Duration::from_millis(100);

/// The thread's name; the panic hook leaves the screen alone for it.
pub const THREAD: &str = "worker";

impl Worker {
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn<A: Answerer + Send + 'static>(
        mut answerer: A,
        events: Sender<Event>,
        pace: Duration,
    ) -> io::Result<Self> {
        let locks = events.clone();
        answerer.lock_news().hear(move |waits| {
            // Nobody hears it when the program ends.
            let _ = locks.send(Event::Locked(waits));
        });
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let work = move || {
            WorkerThread::new(&of_thread, &mut answerer, events, pace).serve();
        };
        let thread = Builder::new().name(THREAD.to_owned()).spawn(work)?;
        Ok(Worker { shared, thread: Some(thread) })
    }

    /// Queues a request. In a replaceable slot it takes the place of an older one, which gets no reply if it was
    /// queued, and a reply that is ignored if it ran.
    pub fn ask(&self, tag: Tag, ask: Ask) {
        let mut state = self.shared.lock();
        if tag.slot.facts().replaceable {
            state.queue.retain(|job| !job.tag.same_place(&tag));
            state.cancel_running(|running| running.same_place(&tag));
        }
        state.queue.push(Job { tag, ask, cancel: Cancel::default() });
        // Background work that waits for the lab's lock would keep the request waiting too.
        state.idle.end_waits();
        drop(state);
        self.shared.wake.notify_one();
    }

    /// The user, or the end of a screen, takes requests back. One that was still queued gets no reply: true when
    /// there was one.
    pub fn cancel(&self, which: impl Fn(&Tag) -> bool) -> bool {
        let mut state = self.shared.lock();
        let before = state.queue.len();
        state.queue.retain(|job| !which(&job.tag));
        let dropped = state.queue.len() < before;
        state.cancel_running(which);
        dropped
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        state.queue.clear();
        state.cancel_running(|_| true);
        state.idle.cancel();
        drop(state);
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words for it")
}
