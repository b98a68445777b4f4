//! The screens: everything that knows the terminal.
//!
//! Input thread, signals and worker send into one channel ([`event`]); the loop below receives all that is there,
//! lets the [`app`] change, draws once when that is due (`frame_timer`), and sleeps again.

pub mod action;
pub mod app;
pub mod clipboard;
pub mod command;
pub mod event;
mod frame_diff;
mod frame_timer;
pub mod history;
mod input;
pub mod key;
pub mod keymap;
pub mod late_lab;
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

use std::{io, sync::mpsc::channel, time::Instant};

use crate::{
    error::{Error, Result},
    signals,
};

use app::{App, AppOptions, TerminalOrder};
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
    let guard = Guard::take().map_err(broken)?;
    input::read_keys(sender, options.slow).map_err(broken)?;
    let pace = FrameTimer::new(options.slow, Instant::now());
    let mut app = App::new(options, first, worker, terminal::size());
    let mut events = Queue::new(receiver);
    // Errors from here on are those of a terminal that is gone, or that read nothing when a signal came.
    let gone = |_| signals::noted().map_or(GONE, signals::exit_code);
    let ended = turn(&mut app, &guard, &mut events, pace).unwrap_or_else(gone);
    drop(guard);
    app.close_down(&mut events).map(|()| ended)
}

/// The exit code where the terminal is gone: as after SIGHUP.
const GONE: u8 = 129;

/// Receive, update, draw.
fn turn(app: &mut App, guard: &Guard, events: &mut Queue, mut pace: FrameTimer) -> io::Result<u8> {
    let mut painter = Painter::new(terminal::out()?);
    loop {
        let now = Instant::now();
        if is_due(pace.frame(app.wants()), now) {
            let sent = painter.draw(app.view())?;
            pace.drawn(now, sent);
            if app.drawn() {
                events.drop_keys();
            }
        }
        let mut batch = events.next(pace.next(app.wants()));
        let now = Instant::now();
        batch.extend(is_due(pace.rest(app.wants()), now).then_some(Event::Rest));
        batch.extend(is_due(pace.tick(app.wants()), now).then_some(Event::Tick));
        if is_due(pace.again(app.wants()), now) {
            pace.tries(now);
            batch.push(Event::Again);
        }
        if !batch.is_empty() {
            pace.happened(now, batch.iter().any(|event| matches!(event, Event::Key(_))));
        }
        for event in batch {
            app.handle(event);
            if let Some(code) = app.ends() {
                return Ok(code);
            }
        }
        for order in app.take_orders() {
            match order {
                TerminalOrder::Send(ref bytes) => painter.send(bytes)?,
                TerminalOrder::Suspend => guard.suspend()?,
                TerminalOrder::Redraw => guard.retake()?,
            }
            if !matches!(order, TerminalOrder::Send(_)) {
                painter.forget();
                app.handle(Event::Resize(terminal::size()));
            }
        }
    }
}

fn is_due(at: Option<Instant>, now: Instant) -> bool {
    at.is_some_and(|at| at <= now)
}
