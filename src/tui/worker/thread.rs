//! The worker's thread: how it answers a request, and opens a file that was replaced.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::Sender,
    time::{Duration, Instant},
};

use super::{super::event::Event, Answerer, Job, Next, QUIET, Shared, Tag};
use crate::{
    checkpoint::{Cancel, Checkpoint, Cx, Progress},
    error::{Error, Result},
    services::request::Answer,
};

/// The thread's side.
pub(super) struct WorkerThread<'a> {
    shared: &'a Shared,
    answerer: &'a mut dyn Answerer,
    events: Sender<Event>,
    pace: Duration,
    /// The progress of idle work that was sent last.
    told: Cell<Option<Progress>>,
    /// The file is another one by now: nothing more is read until it is opened anew.
    lost: Cell<bool>,
    /// Replies to exports and deletes that ran then. Sent after the new file is open, so that their messages stay.
    late: RefCell<Vec<Event>>,
}

impl<'a> WorkerThread<'a> {
    pub fn new(
        shared: &'a Shared,
        answerer: &'a mut dyn Answerer,
        events: Sender<Event>,
        pace: Duration,
    ) -> Self {
        WorkerThread {
            shared,
            answerer,
            events,
            pace,
            told: Cell::default(),
            lost: Cell::default(),
            late: RefCell::default(),
        }
    }

    /// Answers until the handle is gone.
    pub fn serve(&mut self) {
        let mut pause = self.pause();
        loop {
            if pause.is_none() {
                self.answerer.rest();
            }
            match self.shared.wait(pause) {
                Next::Job(job) => {
                    match self.find_again(&job) {
                        Ok(()) => self.run(job),
                        Err(error) => self.reply(job.tag, Err(error)),
                    }
                    pause = self.pause();
                }
                Next::Idle => pause = self.idle(),
                Next::End => break,
            }
        }
        self.tell_late();
    }

    fn pause(&self) -> Option<Duration> {
        (self.answerer.has_work() || self.lost.get()).then_some(QUIET)
    }

    /// Opens the file that stands in the place of a lost one, for a request that runs inside no other one. What
    /// was to be exported or deleted then was chosen in the old file, and is not done with the new one.
    fn find_again(&mut self, job: &Job) -> Result<()> {
        if !self.lost.get() {
            return Ok(());
        }
        let found = self.shared.work(job, || self.answerer.reopen(&Cx::unwatched(job.cancel.clone())));
        let mut chosen = Vec::new();
        if found.is_ok() {
            self.lost.set(false);
            let mut state = self.shared.lock();
            chosen.extend(state.queue.extract_if(.., |job| !job.tag.slot.facts().replaceable));
            drop(state);
            let _ = self.events.send(Event::Replaced);
        }
        self.tell_late();
        for job in chosen {
            self.reply(job.tag, Err(Error::Replaced));
        }
        found.and_then(|()| if job.tag.slot.facts().replaceable { Ok(()) } else { Err(Error::Replaced) })
    }

    fn tell_late(&self) {
        for event in self.late.take() {
            let _ = self.events.send(event);
        }
    }

    /// Does a piece of background work; after a fault in it there is none until the next request.
    fn idle(&self) -> Option<Duration> {
        self.tell_late();
        let cancel = Cancel::default();
        {
            let mut state = self.shared.lock();
            if state.closed || !state.queue.is_empty() {
                return Some(Duration::ZERO);
            }
            state.idle = cancel.clone();
        }
        let mut cx = Cx::unwatched(cancel);
        let work = || if self.lost.get() { None } else { self.answerer.idle(&mut cx) };
        let done = catch_unwind(AssertUnwindSafe(work)).ok().flatten();
        let (progress, news) = done.map_or((None, false), |done| (done.progress, done.news));
        let before = self.told.replace(progress);
        if news || before != progress {
            let _ = self.events.send(Event::Index { progress, news });
        }
        done?.pause
    }

    /// Answers a request. One that met another file than it began with waits until that is open.
    fn run(&self, job: Job) {
        let mut checkpoint = JobCheckpoint { thread: self, job: &job, told: Instant::now() };
        let mut cx = Cx::cancelled_by(job.cancel.clone(), &mut checkpoint);
        let result = self.shared.work(&job, || self.answerer.answer(&job.ask, &mut cx));
        self.lost.set(self.lost.get() || matches!(result, Err(Error::Replaced)));
        match result {
            Err(Error::Replaced) if job.tag.slot.facts().replaceable => self.shared.lock().queue.push(job),
            result if self.lost.get() && !job.tag.slot.facts().replaceable => {
                self.late.borrow_mut().push(Event::Reply { tag: job.tag, result });
            }
            result => self.reply(job.tag, result),
        }
    }

    fn reply(&self, tag: Tag, result: Result<Answer>) {
        let _ = self.events.send(Event::Reply { tag, result });
    }
}

struct JobCheckpoint<'a, 'd> {
    thread: &'a WorkerThread<'d>,
    job: &'a Job,
    told: Instant,
}

impl JobCheckpoint<'_, '_> {
    fn wanted(&self) -> Result<()> {
        match self.job.cancel.is_cancelled() {
            true => Err(Error::Cancelled),
            false if self.thread.lost.get() => Err(Error::Replaced),
            false => Ok(()),
        }
    }
}

impl Checkpoint for JobCheckpoint<'_, '_> {
    fn check(&mut self, progress: Progress) -> Result<()> {
        self.pass(progress, None)
    }

    fn check_written(&mut self, progress: Progress, bytes: u64) -> Result<()> {
        self.pass(progress, Some(bytes))
    }
}

impl JobCheckpoint<'_, '_> {
    fn pass(&mut self, progress: Progress, bytes: Option<u64>) -> Result<()> {
        self.wanted()?;
        if self.told.elapsed() >= self.thread.pace {
            self.told = Instant::now();
            let _ = self.thread.events.send(Event::Progress { tag: self.job.tag, progress, bytes });
        }
        while !self.thread.lost.get() {
            let next = self.thread.shared.lock().take(Some(self.job.tag.slot.facts().rank));
            let Some(next) = next else { break };
            self.thread.run(next);
        }
        self.wanted()
    }
}
