//! Requests in, answers out, with made-up answers.

mod locked;
// An open database can't be replaced on Windows; that it is not open while nobody asks is tested in `rest.rs`.
#[cfg(unix)]
mod replaced;

use std::sync::{
    atomic::{AtomicI64, Ordering},
    mpsc::{Receiver, channel},
};

use super::*;
use crate::{
    checkpoint::Progress,
    services::request::Slot,
    tui::tag::{LayerId, Tag},
};

const LAYER: LayerId = LayerId(1);

fn tag(slot: Slot, number: u64) -> Tag {
    Tag { layer: LAYER, slot, number }
}

fn fill(run: i64) -> Ask {
    Ask::RowDetails { runs: vec![run] }
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

/// A worker that checks on requests with a negative run until it is cancelled, and tells when it starts.
fn worker(pace: Duration) -> (Worker, Receiver<Event>, Receiver<i64>) {
    let (events, received) = channel();
    let (starts, started) = channel();
    let answer = move |ask: &Ask, cx: &mut Cx<'_>| {
        let Ask::RowDetails { runs } = ask else { panic!("only fills") };
        let run = *runs.first().unwrap();
        starts.send(run).unwrap();
        for done in 0.. {
            if run > 0 {
                break;
            }
            cx.check(Progress { done, total: None })?;
            std::thread::yield_now();
        }
        assert_ne!(run, 13, "thirteen");
        Ok(Answer::Neighbour(Some(run)))
    };
    (Worker::spawn(answer, events, pace).unwrap(), received, started)
}

#[test]
fn the_newest_wins_over_the_running_and_the_queued() {
    let (worker, events, started) = worker(PACE);
    worker.ask(tag(Slot::Page, 1), fill(-1));
    assert_eq!(started.recv().unwrap(), -1);
    // In one breath, so that 2 is still queued when 3 comes.
    {
        let mut state = worker.shared.lock();
        state.queue.push(Job { tag: tag(Slot::Page, 2), ask: fill(2), cancel: Cancel::default() });
    }
    worker.ask(tag(Slot::Page, 3), fill(3));
    let replies: Vec<_> = [reply(&events), reply(&events)].into_iter().collect();
    assert!(matches!(replies.as_slice(), [(1, Err(Error::Cancelled)), (3, Ok(Answer::Neighbour(Some(3))))]));
}

#[test]
fn exports_are_not_replaced_and_others_run_between_their_pieces() {
    let (worker, events, started) = worker(PACE);
    worker.ask(tag(Slot::Export, 1), fill(-1));
    assert_eq!(started.recv().unwrap(), -1);
    worker.ask(tag(Slot::Export, 2), fill(2));
    worker.ask(tag(Slot::Page, 3), fill(3));
    assert!(matches!(reply(&events), (3, Ok(_))));
    worker.cancel(|tag| tag.number == 1);
    assert!(matches!(reply(&events), (1, Err(Error::Cancelled))));
    assert!(matches!(reply(&events), (2, Ok(_))));
}

#[test]
fn a_panic_is_an_error_and_the_next_question_is_answered() {
    let (worker, events, _started) = worker(PACE);
    worker.ask(tag(Slot::Page, 1), fill(13));
    let (_, result) = reply(&events);
    assert!(result.unwrap_err().to_string().contains("thirteen"));
    worker.ask(tag(Slot::Page, 2), fill(2));
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

/// Answers with the number of the file that it opened last; exports go on until they are to end.
struct Numbered {
    opened: i64,
    /// The file that is there; below 0 one that can't be opened.
    there: Arc<AtomicI64>,
    starts: Sender<()>,
}

impl Answerer for Numbered {
    fn answer(&self, ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
        if matches!(ask, Ask::Export { .. }) {
            self.starts.send(()).unwrap();
            loop {
                cx.check(Progress::default())?;
                std::thread::yield_now();
            }
        }
        match self.there.load(Ordering::Acquire) == self.opened {
            true => Ok(Answer::Neighbour(Some(self.opened))),
            false => Err(Error::Replaced),
        }
    }

    fn reopen(&mut self, _: &Cx<'_>) -> Result<()> {
        self.opened = Some(self.there.load(Ordering::Acquire))
            .filter(|there| *there >= 0)
            .ok_or_else(|| Error::Refused("garbage".to_owned()))?;
        Ok(())
    }
}

/// What is told: the numbers of the requests with what was answered, 0 for a file that was replaced.
fn told(events: &Receiver<Event>, many: usize) -> Vec<(u64, String)> {
    let told = |event| match event {
        Event::Reply { tag, result: Ok(Answer::Neighbour(Some(file))) } => {
            Some((tag.number, format!("file {file}")))
        }
        Event::Reply { tag, result } => Some((tag.number, result.unwrap_err().to_string())),
        Event::Replaced => Some((0, "replaced".to_owned())),
        _ => None,
    };
    let next = || events.recv_timeout(Duration::from_secs(30)).unwrap();
    std::iter::repeat_with(next).filter_map(told).take(many).collect()
}

fn numbered() -> (Worker, Receiver<Event>, Receiver<()>, Arc<AtomicI64>) {
    let (events, received) = channel();
    let (starts, started) = channel();
    let there = Arc::new(AtomicI64::new(1));
    let answerer = Numbered { opened: 1, there: Arc::clone(&there), starts };
    (Worker::spawn(answerer, events, PACE).unwrap(), received, started, there)
}

fn says(number: u64, what: impl Into<String>) -> (u64, String) {
    (number, what.into())
}

#[test]
fn a_question_that_meets_another_file_is_answered_from_that() {
    let (worker, events, _, there) = numbered();
    worker.ask(tag(Slot::Page, 1), fill(1));
    assert_eq!(told(&events, 1), [says(1, "file 1")]);
    there.store(-1, Ordering::Release);
    worker.ask(tag(Slot::Page, 2), fill(1));
    worker.ask(tag(Slot::Steps, 3), fill(1));
    let mut errors = told(&events, 2);
    errors.sort();
    assert_eq!(errors, [says(2, "garbage"), says(3, "garbage")]);
    there.store(2, Ordering::Release);
    worker.ask(tag(Slot::Page, 4), fill(1));
    assert_eq!(told(&events, 2), [says(0, "replaced"), says(4, "file 2")]);
    worker.shared.lock().running.push((tag(Slot::Page, 5), Cancel::default()));
    worker.cancel(|tag| tag.number == 5);
}

#[test]
fn exports_of_another_file_end_after_it_is_told() {
    let (worker, events, started, there) = numbered();
    let export = || {
        let (kind, folder) = (services::export_kind::ExportKind::StepsCsv, "/out".into());
        Ask::Export { run: 1, kind, folder, make: false }
    };
    worker.ask(tag(Slot::Export, 1), export());
    worker.ask(tag(Slot::Export, 2), export());
    started.recv().unwrap();
    there.store(2, Ordering::Release);
    worker.ask(tag(Slot::Page, 3), fill(1));
    let replaced = Error::Replaced.to_string();
    let all = [says(0, "replaced"), says(1, &replaced), says(2, &replaced), says(3, "file 2")];
    assert_eq!(told(&events, 4), all);
}
