//! ivorylens.db: what this program keeps of a lab for its user, apart from the lab's own folder. SQLite too, whatever the
//! lab's database is.

mod entry;
mod file;
mod keeper;
mod lock;
mod size;
mod trash;
mod trash_words;

pub use entry::TrashedRecord;
pub use file::{FirstRecord, OwnFile, OwnPlace};
pub use keeper::TrashKeeper;
pub use lock::TrashLock;
pub use size::TrashSize;
pub use trash::{EntryState, TrashEntry};
pub use trash_words::unwritable;
