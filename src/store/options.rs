//! How a database is opened: the patience with its locks, how much is done at a time, what is kept, and who hears of waits.

use std::{path::PathBuf, time::Duration};

use super::Limits;
use crate::checkpoint::LockNews;

/// How a database is to be opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long to wait for a lock of the lab's.
    pub patience: Duration,
    /// How long to wait for it while a file is opened; as long as else where nothing is said.
    pub opening: Option<Duration>,
    /// How much is read or deleted at a time.
    pub limits: Limits,
    /// Where the index and the catalogue of a file are kept for the next start.
    pub cache: Cache,
    /// Who hears that a lock of the lab's, or its server, is waited for.
    pub lock_news: LockNews,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(5),
            opening: None,
            limits: Limits::default(),
            cache: Cache::User,
            lock_news: LockNews::default(),
        }
    }
}

impl Options {
    /// As by default, but nothing is read from the user's cache folder or left there.
    pub fn without_cache() -> Self {
        Self { cache: Cache::Nowhere, ..Self::default() }
    }

    /// Tiny limits and no cache, for tests.
    pub fn tiny() -> Self {
        Self { limits: Limits::tiny(), ..Self::without_cache() }
    }
}

/// The folder of the cache files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cache {
    /// The user's own: `$XDG_CACHE_HOME`, else `~/.cache`.
    User,
    /// This one, with a folder of our name in it.
    Within(PathBuf),
    /// Nothing is kept.
    Nowhere,
}
