//! A command that waits for the lab's lock says so, once.

use std::{
    io::{self, IsTerminal},
    path::Path,
    sync::Once,
};

use super::out::message;
use crate::checkpoint::LockNews;

/// Who hears of the waits of a command: somebody who looks on. In a file of messages it would be no error.
pub fn told(file: &Path) -> LockNews {
    let news = LockNews::default();
    if io::stderr().is_terminal() {
        let whom =
            if file.to_str().is_some_and(|file| file.contains("://")) { "server" } else { "lab's lock" };
        let (text, once) = (format!("{}: waits for the {whom} ...", file.display()), Once::new());
        news.hear(move |waits| {
            if waits {
                once.call_once(|| message(&text));
            }
        });
    }
    news
}
