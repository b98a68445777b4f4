//! `marks adopt`: takes over what is kept of a lab under the path that it had before, and the line that offers it.

use super::{
    info::offered,
    message,
    share::{numbers, told},
};
use crate::{
    error::Result,
    model::sanitize::sanitize,
    services::{lab::Lab, marks, sharing},
    signals,
};

pub fn run(lab: &Lab) -> Result<()> {
    let done = sharing::adopt(lab, &mut signals::cx())?;
    let from = sanitize(&done.from.database.display().to_string()).into_owned();
    let moved = done.moved.words().unwrap_or_else(|| "nothing".to_owned());
    let first = format!("{moved} taken over from {from}");
    let mut lines = format!("{first}\n{}", numbers(&done.moved));
    if let (true, Some(folder)) = (done.stays, done.from.file.parent()) {
        lines.push_str(&format!(
            "{} stays, as other files are in it\n",
            sanitize(&folder.display().to_string())
        ));
    }
    told(&done.moved, &lines, &first);
    Ok(())
}

/// Says that something is kept of the lab under the path that it had before.
pub fn offer(lab: &Lab) {
    if let Some(moved) = marks::moved(lab, &signals::cx()) {
        message(&offered(&moved));
    }
}
