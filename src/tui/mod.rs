//! The screens: everything that knows the terminal.
//!
//! Input thread, signals and worker send into one channel ([`event`]); the loop below receives all that is there,
//! lets the [`app`] change, draws once when that is due (`frame_timer`), and sleeps again.

pub mod action;
pub mod app;
mod bell;
pub mod bindings;
pub mod clipboard;
pub mod command;
pub mod configured;
mod copier;
pub mod event;
mod filter_completion;
mod frame_diff;
mod frame_timer;
pub mod history;
mod input;
pub mod key;
pub mod key_wishes;
pub mod keymap;
pub mod late_lab;
pub mod list_columns;
pub mod overlays;
mod requests;
pub mod screen;
pub mod screens;
pub mod start;
pub mod tab;
pub mod tag;
pub mod terminal;
#[cfg(test)]
pub mod testing;

pub mod widgets;
pub mod worker;

use std::{
    io::{self, Write},
    sync::mpsc::channel,
    time::Instant,
};

use crate::{
    error::{Error, Result},
    signals,
};

#[cfg(any(test, fuzzing))]
pub use input::fuzz::terminal_input;

use app::{App, AppOptions, TerminalOrder};
use copier::Copier;
use event::{Event, Queue};
use frame_timer::FrameTimer;
use screen::Screen;
use terminal::{Guard, Painter};
use worker::{Answerer, PACE, Worker};

/// Shows the first screen and runs until the user leaves or the terminal is gone; gives the exit code.
///
/// # Errors
/// When there is no terminal, or the system gives no thread; [`Error::Unfinished`] for a delete that the user's leaving
/// ended half-way. A terminal that goes away later is no error: no message could be shown.
pub fn run<A: Answerer + Send + 'static>(
    options: AppOptions,
    first: Box<dyn Screen>,
    answerer: A,
) -> Result<u8> {
    terminal::check(std::env::var("TERM").ok().as_deref())?;
    let broken = |source| Error::Io { path: "terminal".into(), source };
    let (sender, receiver) = channel();
    event::hear_signals(sender.clone()).map_err(broken)?;
    let worker = Worker::spawn(answerer, sender.clone(), PACE).map_err(broken)?;
    let guard = Guard::take(options.title).map_err(broken)?;
    let mut copier = Copier::new(sender.clone());
    input::read_keys(sender, options.slow).map_err(broken)?;
    let pace = FrameTimer::new(options.slow, Instant::now());
    let mut app = App::new(options, first, worker, terminal::size());
    let mut events = Queue::new(receiver);
    // Errors from here on are those of a terminal that is gone, or that read nothing when a signal came.
    let gone = |_| signals::noted().map_or(GONE, signals::exit_code);
    let ended = turn(&mut app, &guard, &mut events, &mut copier, pace).unwrap_or_else(gone);
    drop(guard);
    app.keep();
    app.close_down(&mut events).map(|()| ended)
}

/// The exit code where the terminal is gone: as after SIGHUP.
const GONE: u8 = 129;

/// Receive, update, draw.
fn turn(
    app: &mut App,
    guard: &Guard,
    events: &mut Queue,
    copier: &mut Copier,
    mut pace: FrameTimer,
) -> io::Result<u8> {
    let mut painter = Painter::new(terminal::out()?);
    loop {
        if draw_if_due(app, &mut painter, &mut pace, Instant::now())? {
            events.drop_keys();
        }
        let batch = events.next(pace.next(app.wants()));
        // A window that is as large as before may have been smaller meanwhile.
        if batch.iter().any(|event| matches!(event, Event::Resize(_))) {
            painter.forget();
        }
        if let Some(code) = handle(app, batch, &mut pace, Instant::now()) {
            return Ok(code);
        }
        for order in app.take_orders() {
            match order {
                TerminalOrder::Send(bytes) => {
                    painter.send(&bytes)?;
                    continue;
                }
                TerminalOrder::Hand(copy, taker) => {
                    copier.hand(copy, taker);
                    continue;
                }
                TerminalOrder::Suspend if guard.suspend()? => {}
                TerminalOrder::Suspend => app.handle(Event::Unstoppable),
                TerminalOrder::Redraw => guard.retake()?,
                TerminalOrder::Repaint => {}
            }
            painter.forget();
            app.handle(Event::Resize(terminal::size()));
        }
    }
}

/// Draws a frame where one is due. True when keys that were typed before it are to be dropped.
fn draw_if_due(
    app: &mut App,
    painter: &mut Painter<impl Write>,
    pace: &mut FrameTimer,
    now: Instant,
) -> io::Result<bool> {
    if !is_due(pace.frame(app.wants()), now) {
        return Ok(false);
    }
    let sent = painter.draw(app.view())?;
    if let Some(title) = app.title() {
        painter.entitle(title)?;
    }
    pace.drawn(now, sent);
    Ok(app.drawn())
}

/// Gives the app what was queued, and what it is time for; gives the exit code where it ends.
fn handle(app: &mut App, mut batch: Vec<Event>, pace: &mut FrameTimer, now: Instant) -> Option<u8> {
    batch.extend(is_due(pace.rest(app.wants()), now).then_some(Event::Rest));
    if is_due(pace.tick(app.wants()), now) {
        pace.ticks(now);
        batch.push(Event::Tick);
    }
    if is_due(pace.again(app.wants()), now) {
        pace.tries(now);
        batch.push(Event::Again);
    }
    if !batch.is_empty() {
        pace.happened(now, batch.iter().filter(|event| matches!(event, Event::Key(_))).count());
    }
    batch.into_iter().find_map(|event| {
        app.handle(event);
        app.ends()
    })
}

fn is_due(at: Option<Instant>, now: Instant) -> bool {
    at.is_some_and(|at| at <= now)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        frame_timer::Wants,
        testing::{Harness, reference_lab},
        *,
    };
    use crate::{model::query::ListQuery, tui::screens::records::Records};

    /// The bytes of so many downs in the list, in batches of this size that come so far apart.
    fn bytes_of_downs(many: usize, batch: usize, apart: Duration) -> usize {
        let first = Records::new(ListQuery::default(), start::record);
        let mut list = Harness::new(Box::new(first), reference_lab("ivoryos-1.7.2"), 80, 24);
        let mut now = Instant::now();
        let mut pace = FrameTimer::new(false, now);
        let mut painter = Painter::new(Vec::new());
        draw_if_due(&mut list.app, &mut painter, &mut pace, now).unwrap();
        let before = painter.sent().len();
        now += Duration::from_secs(1);
        for _ in 0..many / batch {
            let keys = (0..batch).map(|_| Event::Key("Down".parse().unwrap())).collect();
            assert_eq!(handle(&mut list.app, keys, &mut pace, now), None);
            list.answers();
            draw_if_due(&mut list.app, &mut painter, &mut pace, now).unwrap();
            now += apart;
        }
        let due = pace.frame(Wants::default()).unwrap_or(now);
        draw_if_due(&mut list.app, &mut painter, &mut pace, due).unwrap();
        assert_eq!(pace.frame(Wants::default()), None);
        assert!(list.text().contains("First_run") || many < 61, "all of them were heard");
        painter.sent().len() - before
    }

    #[test]
    fn keys_typed_ahead_are_few_frames_however_they_are_cut() {
        for (batch, micros) in [(200, 0), (100, 0), (10, 100), (1, 0), (1, 200)] {
            let bytes = bytes_of_downs(200, batch, Duration::from_micros(micros));
            assert!(bytes < 4_000, "{batch} at once, {micros} µs apart: {bytes}");
        }
        // One by one each is drawn.
        assert!(bytes_of_downs(60, 1, Duration::from_millis(40)) > 60 * 20);
    }
}
