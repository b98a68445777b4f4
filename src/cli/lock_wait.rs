//! A command that waits for the lab's lock, or for its server, says so, once.

use std::{
    io::{self, IsTerminal},
    sync::Once,
};

use super::out::message;
use crate::{checkpoint::LockNews, services::lab_place::LabPlace};

/// Who hears of the waits of a command: somebody who looks on. In a file of messages it would be no error.
pub fn told(place: &LabPlace) -> LockNews {
    let news = LockNews::default();
    if io::stderr().is_terminal() {
        let whom = if place.is_on_server() { "server" } else { "lab's lock" };
        let (text, once) = (format!("{}: waits for the {whom} ...", place.file().display()), Once::new());
        news.hear(move |waits| {
            if waits {
                once.call_once(|| message(&text));
            }
        });
    }
    news
}
