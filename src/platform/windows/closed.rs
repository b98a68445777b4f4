//! Whether stdout was closed when the program began.

use std::{io, os::windows::io::AsRawHandle as _};

use super::faults;

/// Refuses a stdout that was closed: what is written to it goes nowhere, and the command would have done nothing.
///
/// # Errors
/// As a write to a closed file.
pub fn refuse_closed_stdout() -> io::Result<()> {
    if io::stdout().as_raw_handle().is_null() { Err(faults::closed()) } else { Ok(()) }
}
