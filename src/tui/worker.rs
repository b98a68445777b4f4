//! The one thread that owns the data: questions in, answers out, the newest one of a slot wins.

use std::{
    any::Any,
    cell::Cell,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{effect::Slot, event::Event};
use crate::{
    error::{Error, Result},
    services::{
        self, Idle,
        ask::{Answer, Ask},
        lab::Lab,
        pulse::{Progress, Pulse, until_taken_back},
    },
};

/// Answers questions on the worker's thread. May be asked again from inside a beat of its own pulse.
pub trait Answerer {
    /// # Errors
    /// Whatever keeps it from answering; [`Error::Cancelled`] when the pulse said so.
    fn answer(&self, ask: &Ask, pulse: &mut dyn Pulse) -> Result<Answer>;

    /// Is there work for [`Answerer::idle`]?
    fn has_work(&self) -> bool {
        false
    }

    /// Does a little work while nobody asks; `None` when nothing is to be done until somebody asked.
    fn idle(&self) -> Option<Idle> {
        None
    }

    /// Ends the statement that runs at this moment, from another thread.
    fn interrupter(&self) -> Option<Interrupter> {
        None
    }
}

pub type Interrupter = Box<dyn Fn() + Send>;

impl<F: Fn(&Ask, &mut dyn Pulse) -> Result<Answer>> Answerer for F {
    fn answer(&self, ask: &Ask, pulse: &mut dyn Pulse) -> Result<Answer> {
        self(ask, pulse)
    }
}

impl Answerer for Lab {
    fn answer(&self, ask: &Ask, pulse: &mut dyn Pulse) -> Result<Answer> {
        services::answer(self, ask, pulse)
    }

    fn has_work(&self) -> bool {
        Lab::has_work(self)
    }

    fn idle(&self) -> Option<Idle> {
        services::idle(self)
    }

    fn interrupter(&self) -> Option<Interrupter> {
        let handle = self.store.interrupt_handle();
        Some(Box::new(move || handle.interrupt()))
    }
}

/// A screen or an overlay while it lives; 0 is the app itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(pub u64);

/// Who asked, in which slot, and the question's own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    pub layer: LayerId,
    pub slot: Slot,
    pub number: u64,
}

impl Tag {
    fn same_place(&self, other: &Tag) -> bool {
        self.layer == other.layer && self.slot == other.slot
    }
}

struct Job {
    tag: Tag,
    ask: Ask,
    cancel: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    queue: Vec<Job>,
    /// Innermost last: a beat of the first may run the next.
    running: Vec<(Tag, Arc<AtomicBool>)>,
    interrupter: Option<Interrupter>,
    closed: bool,
}

impl State {
    /// Sets the flag of running questions. A statement is interrupted only if it belongs to one of them, and never
    /// that of a delete, which ends at its own beats.
    fn cancel_running(&mut self, which: impl Fn(&Tag) -> bool) {
        for (_, cancel) in self.running.iter().filter(|(tag, _)| which(tag)) {
            cancel.store(true, Ordering::Release);
        }
        let innermost = self.running.last().is_some_and(|(tag, _)| which(tag) && tag.slot != Slot::Delete);
        if innermost && let Some(interrupt) = &self.interrupter {
            interrupt();
        }
    }

    /// The oldest of the most urgent questions above a rank.
    fn take(&mut self, above: Option<u8>) -> Option<Job> {
        let rank = |job: &Job| job.tag.slot.rank();
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

    /// Sleeps until there is a question or the pause is over.
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

/// Nobody asked for so long: time for other work. Questions in a row come faster.
const QUIET: Duration = Duration::from_millis(15);

/// The handle. Dropping it cancels what runs and waits for the thread to end.
pub struct Worker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Progress is told once in this time.
pub const PACE: Duration = Duration::from_millis(100);

/// The thread's name; the panic hook leaves the screen alone for it.
pub const THREAD: &str = "worker";

impl Worker {
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn<A: Answerer + Send + 'static>(
        answerer: A,
        events: Sender<Event>,
        pace: Duration,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        shared.lock().interrupter = answerer.interrupter();
        let desk = Arc::clone(&shared);
        let work = move || {
            let desk = Desk { shared: &desk, answerer: &answerer, events, pace, told: Cell::default() };
            let mut pause = answerer.has_work().then_some(QUIET);
            loop {
                match desk.shared.wait(pause) {
                    Next::Job(job) => {
                        desk.run(&job);
                        pause = answerer.has_work().then_some(QUIET);
                    }
                    Next::Idle => pause = desk.idle(),
                    Next::End => break,
                }
            }
        };
        let thread = thread::Builder::new().name(THREAD.to_owned()).spawn(work)?;
        Ok(Worker { shared, thread: Some(thread) })
    }

    /// Queues a question. In a replaceable slot it takes the place of an older one, which gets no reply if it was
    /// queued, and a reply that nobody waits for if it ran.
    pub fn ask(&self, tag: Tag, ask: Ask) {
        let mut state = self.shared.lock();
        if tag.slot.replaceable() {
            state.queue.retain(|job| !job.tag.same_place(&tag));
            state.cancel_running(|running| running.same_place(&tag));
        }
        state.queue.push(Job { tag, ask, cancel: Arc::default() });
        drop(state);
        self.shared.wake.notify_one();
    }

    /// The user, or the end of a screen, takes questions back. One that was still queued gets no reply: true when
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
        drop(state);
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's side.
struct Desk<'a> {
    shared: &'a Shared,
    answerer: &'a dyn Answerer,
    events: Sender<Event>,
    pace: Duration,
    /// The progress of idle work that was told last.
    told: Cell<Option<Progress>>,
}

impl Desk<'_> {
    /// Work that nobody asked for; a fault in it ends it until somebody asks.
    fn idle(&self) -> Option<Duration> {
        let done = catch_unwind(AssertUnwindSafe(|| self.answerer.idle())).ok().flatten();
        let (progress, news) = done.map_or((None, false), |done| (done.progress, done.news));
        let before = self.told.replace(progress);
        if news || before != progress {
            let _ = self.events.send(Event::Index { progress, news });
        }
        Some(done?.pause)
    }

    fn run(&self, job: &Job) {
        self.shared.lock().running.push((job.tag, Arc::clone(&job.cancel)));
        let mut beat = Beat { desk: self, job, told: Instant::now() };
        let answered = catch_unwind(AssertUnwindSafe(|| {
            until_taken_back(&job.cancel, || self.answerer.answer(&job.ask, &mut beat))
        }));
        self.shared.lock().running.pop();
        let result = match answered {
            // SQLite's own word for an interrupt is no news.
            Ok(Err(_)) if job.cancel.load(Ordering::Acquire) => Err(Error::Cancelled),
            Ok(result) => result,
            Err(panic) => Err(Error::Refused(format!("a fault in the program: {}", text(panic.as_ref())))),
        };
        let _ = self.events.send(Event::Reply { tag: job.tag, result });
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words for it")
}

struct Beat<'a> {
    desk: &'a Desk<'a>,
    job: &'a Job,
    told: Instant,
}

impl Beat<'_> {
    fn wanted(&self) -> Result<()> {
        if self.job.cancel.load(Ordering::Acquire) { Err(Error::Cancelled) } else { Ok(()) }
    }
}

impl Pulse for Beat<'_> {
    fn beat(&mut self, progress: Progress) -> Result<()> {
        self.wanted()?;
        if self.told.elapsed() >= self.desk.pace {
            self.told = Instant::now();
            let _ = self.desk.events.send(Event::Progress { tag: self.job.tag, progress });
        }
        loop {
            let next = self.desk.shared.lock().take(Some(self.job.tag.slot.rank()));
            let Some(next) = next else { break };
            self.desk.run(&next);
        }
        self.wanted()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    const LAYER: LayerId = LayerId(1);

    fn tag(slot: Slot, number: u64) -> Tag {
        Tag { layer: LAYER, slot, number }
    }

    fn fill(run: i64) -> Ask {
        Ask::Fill { runs: vec![run] }
    }

    fn reply(events: &Receiver<Event>) -> (u64, Result<Answer>) {
        loop {
            match events.recv_timeout(Duration::from_secs(30)).unwrap() {
                Event::Reply { tag, result } => return (tag.number, result),
                Event::Progress { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// A worker that beats on questions with a negative run until it is cancelled, and tells when it starts.
    fn worker(pace: Duration) -> (Worker, Receiver<Event>, Receiver<i64>) {
        let (events, received) = channel();
        let (starts, started) = channel();
        let answer = move |ask: &Ask, pulse: &mut dyn Pulse| {
            let Ask::Fill { runs } = ask else { panic!("only fills") };
            let run = *runs.first().unwrap();
            starts.send(run).unwrap();
            for done in 0.. {
                if run > 0 {
                    break;
                }
                pulse.beat(Progress { done, total: None })?;
                thread::yield_now();
            }
            assert_ne!(run, 13, "thirteen");
            Ok(Answer::Neighbour(Some(run)))
        };
        (Worker::spawn(answer, events, pace).unwrap(), received, started)
    }

    #[test]
    fn the_newest_wins_over_the_running_and_the_queued() {
        let (worker, events, started) = worker(PACE);
        worker.ask(tag(Slot::List, 1), fill(-1));
        assert_eq!(started.recv().unwrap(), -1);
        // In one breath, so that 2 is still queued when 3 comes.
        {
            let mut state = worker.shared.lock();
            state.queue.push(Job { tag: tag(Slot::List, 2), ask: fill(2), cancel: Arc::default() });
        }
        worker.ask(tag(Slot::List, 3), fill(3));
        let replies: Vec<_> = [reply(&events), reply(&events)].into_iter().collect();
        assert!(matches!(
            replies.as_slice(),
            [(1, Err(Error::Cancelled)), (3, Ok(Answer::Neighbour(Some(3))))]
        ));
    }

    #[test]
    fn exports_are_not_replaced_and_others_run_between_their_pieces() {
        let (worker, events, started) = worker(PACE);
        worker.ask(tag(Slot::Export, 1), fill(-1));
        assert_eq!(started.recv().unwrap(), -1);
        worker.ask(tag(Slot::Export, 2), fill(2));
        worker.ask(tag(Slot::List, 3), fill(3));
        assert!(matches!(reply(&events), (3, Ok(_))));
        worker.cancel(|tag| tag.number == 1);
        assert!(matches!(reply(&events), (1, Err(Error::Cancelled))));
        assert!(matches!(reply(&events), (2, Ok(_))));
    }

    #[test]
    fn a_panic_is_an_error_and_the_next_question_is_answered() {
        let (worker, events, _started) = worker(PACE);
        worker.ask(tag(Slot::List, 1), fill(13));
        let (_, result) = reply(&events);
        assert!(result.unwrap_err().to_string().contains("thirteen"));
        worker.ask(tag(Slot::List, 2), fill(2));
        assert!(matches!(reply(&events), (2, Ok(_))));
    }

    #[test]
    fn dropping_the_handle_ends_what_runs() {
        let (worker, events, started) = worker(PACE);
        worker.ask(tag(Slot::Export, 1), fill(-1));
        worker.ask(tag(Slot::Export, 2), fill(-2));
        started.recv().unwrap();
        drop(worker);
        assert!(matches!(reply(&events), (1, Err(Error::Cancelled))));
        assert!(events.try_recv().is_err());
    }

    #[test]
    fn progress_is_told() {
        let (worker, events, _started) = worker(Duration::ZERO);
        worker.ask(tag(Slot::Export, 1), fill(-1));
        let first = events.recv_timeout(Duration::from_secs(30)).unwrap();
        assert!(matches!(first, Event::Progress { progress: Progress { done: 0, total: None }, .. }));
        drop(worker);
    }

    /// Interrupts reach a statement only while one that is to end runs innermost.
    #[test]
    fn interrupts_hit_only_what_is_cancelled() {
        let hits = Arc::new(Mutex::new(0));
        let counter = Arc::clone(&hits);
        let mut state = State {
            interrupter: Some(Box::new(move || *counter.lock().unwrap() += 1)),
            running: vec![(tag(Slot::Export, 1), Arc::default()), (tag(Slot::List, 2), Arc::default())],
            ..State::default()
        };
        state.cancel_running(|tag| tag.number == 1);
        assert_eq!(*hits.lock().unwrap(), 0);
        assert!(state.running.first().unwrap().1.load(Ordering::Acquire));
        state.cancel_running(|tag| tag.number == 2);
        assert_eq!(*hits.lock().unwrap(), 1);
        state.running = vec![(tag(Slot::Delete, 3), Arc::default())];
        state.cancel_running(|_| true);
        assert_eq!(*hits.lock().unwrap(), 1);
    }
}
