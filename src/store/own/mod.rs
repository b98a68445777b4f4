//! ivorylens.db: what this program keeps of a lab for its user, apart from the lab's own folder. SQLite too, whatever the
//! lab's database is.

mod arrivals;
mod damaged;
mod entry;
mod file;
mod keeper;
mod lock;
mod marks;
mod opened;
mod own_words;
mod places;
mod size;
mod trash;

pub use arrivals::{Arrival, MovedBatches};
pub use entry::TrashedRecord;
pub use file::OwnFile;
pub use keeper::TrashKeeper;
pub use lock::TrashLock;
pub use opened::ReadUpTo;
pub use own_words::{OwnUse, WROTE_IT, unwritable};
pub use places::{OwnPlace, OwnPlaces, Sharing};
pub use size::TrashSize;
pub use trash::{EntryState, TrashEntry};
