//! Asking for a password on the terminal, without showing it.

use crate::{model::sanitize::sanitize, platform::terminal::ask_silently};

/// Asks for the password of a database; `None` where there is no terminal, none was typed, or a signal came.
pub fn ask(address: &str) -> Option<String> {
    let line = ask_silently(&format!("Password for {}: ", sanitize(address)))?;
    Some(line.trim_end_matches(['\r', '\n']).to_owned()).filter(|password| !password.is_empty())
}
