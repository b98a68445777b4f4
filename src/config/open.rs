//! Which file it is, and what is told where it can't be read.

use std::{io::ErrorKind, path::Path};

use super::{
    file::{Config, WrongLine},
    reader,
};
use crate::{
    error::{Error, Result, words},
    platform::folders::NOTHING,
    regular_file::read_small,
};

/// Larger than anybody's configuration.
const MOST: u64 = 1 << 18;

/// Reads the file that was named, or the usual one where there is one; `home` is what `~` means in it. What can't be
/// read or means nothing is in [`Config::wrong`].
///
/// # Errors
/// [`Error::Usage`] for a named file that is not there.
pub fn open(named: Option<&Path>, usual: Option<&Path>, home: Option<&Path>) -> Result<Config> {
    let Some(path) = named.or(usual) else { return Ok(Config::default()) };
    let config = Config { path: Some(path.to_path_buf()), ..Config::default() };
    // Where somebody wants no configuration.
    if path == Path::new(NOTHING) {
        return Ok(config);
    }
    let bytes = match read_small(path, MOST) {
        Ok(bytes) => bytes,
        Err(error) if is_missing(&error) && named.is_none() => return Ok(config),
        Err(error) if is_missing(&error) => {
            let path = path.display();
            return Err(Error::Usage(format!(
                "{path}: there is no such file of settings; name one that is there, or leave --config and IVORYLENS_CONFIG away"
            )));
        }
        Err(error) => {
            let said = format!("{}; the defaults are in force", words(&error));
            return Ok(Config { is_there: true, wrong: vec![WrongLine { line: None, said }], ..config });
        }
    };
    let read = reader::read(&bytes, home);
    Ok(Config { path: config.path, is_there: true, ..read })
}

/// Nothing is there, also where a part of the path is no folder.
fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
