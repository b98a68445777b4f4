//! The screens: everything that knows the terminal.
//!
//! Input thread, signals and worker send into one channel ([`event`]); the loop below receives all that is there,
//! lets the [`app`] change, draws once, and sleeps again.

pub mod action;
pub mod app;
pub mod clipboard;
pub mod command;
pub mod effect;
pub mod event;
pub mod key;
pub mod keymap;
pub mod overlays;
pub mod screens;
pub mod start;
pub mod terminal;
#[cfg(test)]
pub mod testing;
pub mod theme;
pub mod widgets;
pub mod worker;

use std::{io, sync::mpsc::channel};

use app::{App, Options, Order};
use event::{Event, Queue};
use screens::Screen;
use terminal::{Guard, Painter};
use worker::{Answerer, PACE, Worker};

use crate::error::{Error, Result};

/// Shows the first screen and runs until the user leaves or the terminal is gone.
///
/// # Errors
/// When there is no terminal, or the system gives no thread; [`Error::Unfinished`] for a delete that the user's leaving
/// ended half-way. A terminal that goes away later is no error: there is nobody left to tell.
pub fn run<A: Answerer + Send + 'static>(
    options: Options,
    first: Box<dyn Screen>,
    answerer: A,
) -> Result<()> {
    terminal::check(std::env::var("TERM").ok().as_deref())?;
    let broken = |source| Error::Io { path: "terminal".into(), source };
    let (sender, receiver) = channel();
    event::hear_signals(sender.clone()).map_err(broken)?;
    let worker = Worker::spawn(answerer, sender.clone(), PACE).map_err(broken)?;
    let guard = Guard::take().map_err(broken)?;
    event::read_keys(sender).map_err(broken)?;
    let mut app = App::new(options, first, worker, terminal::size());
    let mut events = Queue::new(receiver);
    // Errors from here on are those of a terminal that is gone.
    let _gone = turn(&mut app, &guard, &mut events);
    drop(guard);
    app.close_down(&mut events)
}

/// Receive, update, draw.
fn turn(app: &mut App, guard: &Guard, events: &mut Queue) -> io::Result<()> {
    let mut painter = Painter::new(io::stdout());
    loop {
        painter.draw(app.view())?;
        if app.drawn() {
            events.drop_keys();
        }
        for event in events.next(app.wants_ticks()) {
            app.handle(event);
            if app.ends() {
                return Ok(());
            }
        }
        for order in app.take_orders() {
            match order {
                Order::Send(ref bytes) => painter.send(bytes)?,
                Order::Suspend => guard.suspend()?,
                Order::Redraw => guard.retake()?,
            }
            if !matches!(order, Order::Send(_)) {
                painter.forget();
                app.handle(Event::Resize(terminal::size()));
            }
        }
    }
}
