//! Ends a statement that takes long and that nobody waits for any more: by a message to the server on a connection of its own,
//! from a thread that sleeps while nothing takes long.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle, Thread},
    time::Duration,
};

use postgres::CancelToken;

use super::{address::ServerAddress, tls};
use crate::checkpoint::Cancel;

/// How soon a flag is seen.
const APART: Duration = Duration::from_millis(50);

/// What is being waited for.
struct Waiting {
    cancel: Cancel,
    token: CancelToken,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Option<Waiting>>,
    /// The thread sleeps until it is woken.
    sleeps: AtomicBool,
    /// A statement was ended, it or by mistake the one behind it.
    has_ended: AtomicBool,
    is_over: AtomicBool,
}

impl Shared {
    fn set(&self, waiting: Option<Waiting>) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = waiting;
    }
}

/// The thread, while the connection lives.
pub struct StatementWatch {
    shared: Arc<Shared>,
    thread: Thread,
    joins: Option<JoinHandle<()>>,
}

impl StatementWatch {
    /// `None` where the system gives no thread: then statements end by themselves.
    pub fn start(address: &ServerAddress) -> Option<Self> {
        let shared = Arc::new(Shared::default());
        let (seen, address) = (Arc::clone(&shared), address.clone());
        let joins =
            thread::Builder::new().name("statements".into()).spawn(move || watch(&seen, &address)).ok()?;
        Some(Self { shared, thread: joins.thread().clone(), joins: Some(joins) })
    }

    /// While the guard lives, this flag ends the statement.
    pub fn begin(&self, cancel: &Cancel, token: CancelToken) -> Watching<'_> {
        self.shared.set(Some(Waiting { cancel: cancel.clone(), token }));
        if self.shared.sleeps.load(Ordering::Acquire) {
            self.thread.unpark();
        }
        Watching(self)
    }

    /// Whether a statement was ended since this was asked before.
    pub fn take_ended(&self) -> bool {
        self.shared.has_ended.swap(false, Ordering::AcqRel)
    }
}

/// A statement under way.
pub struct Watching<'a>(&'a StatementWatch);

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.0.shared.set(None);
    }
}

impl Drop for StatementWatch {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        self.thread.unpark();
        if let Some(joins) = self.joins.take() {
            // It has nothing to say.
            let _ = joins.join();
        }
    }
}

fn watch(shared: &Shared, address: &ServerAddress) {
    while !shared.is_over.load(Ordering::Acquire) {
        let waiting = shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Waiting { cancel, token }) = &*waiting else {
            shared.sleeps.store(true, Ordering::Release);
            drop(waiting);
            thread::park();
            shared.sleeps.store(false, Ordering::Release);
            // Most statements are over before this.
            thread::park_timeout(APART);
            continue;
        };
        if cancel.is_cancelled() {
            shared.has_ended.store(true, Ordering::Release);
            // Where that fails the statement ends by itself.
            let _ = token.cancel_query(tls::connector(address, address.encryption));
        }
        drop(waiting);
        thread::park_timeout(APART);
    }
}
