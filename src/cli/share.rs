//! `share`: marks and trash for all who work with a lab, and `share --stop`.

use super::{agree::tell_all, message};
use crate::{
    error::Result,
    model::sanitize::sanitize,
    services::{
        lab::Lab,
        sharing::{self, MovedOver},
    },
    signals,
};

pub fn run(lab: &Lab, stop: bool) -> Result<()> {
    if stop {
        return end(lab);
    }
    let done = sharing::share(lab, &mut signals::cx())?;
    let folder = sanitize(&done.folder.display().to_string()).into_owned();
    let first = match (done.moved.words(), done.is_new) {
        (None, true) => format!("marks and trash of this lab are shared from now on, in {folder}"),
        (None, false) => {
            format!("marks and trash of this lab are shared in {folder}; nothing of yours was elsewhere")
        }
        (Some(moved), true) => format!("{moved} moved to {folder}, where they are shared from now on"),
        (Some(moved), false) => format!("{moved} moved to those of others, in {folder}"),
    };
    let mut lines = format!("{first}\n");
    lines.push_str(&numbers(&done.moved));
    lines
        .push_str(&format!("who can write there: {}\n", sanitize(&sharing::words_of_writers(&done.writers))));
    lines.push_str("share --stop ends it\n");
    told(&done.moved, &lines, &first);
    Ok(())
}

fn end(lab: &Lab) -> Result<()> {
    let done = sharing::stop(lab, &mut signals::cx())?;
    let file = sanitize(&done.file.display().to_string()).into_owned();
    let folder = sanitize(&done.folder.display().to_string()).into_owned();
    let first = match done.moved.words() {
        Some(moved) => format!("{moved} moved back, into {file}"),
        None => "nothing was shared that could move back".to_owned(),
    };
    let gone = if done.stays { "stays, as other files are in it" } else { "is gone" };
    let lines = format!("{first}\n{}nobody shares any more: {folder} {gone}\n", numbers(&done.moved));
    told(&done.moved, &lines, &first);
    Ok(())
}

/// The line about entries with other numbers.
pub(super) fn numbers(moved: &MovedOver) -> String {
    moved.numbers().map(|numbers| format!("{numbers}\n")).unwrap_or_default()
}

/// Says what moved, and what is to be known about the files.
pub(super) fn told(moved: &MovedOver, lines: &str, done: &str) {
    moved.notices.iter().for_each(|notice| message(notice));
    tell_all(lines, done);
}
