//! Plain types that every other module speaks in: no SQL, no terminal.

pub mod clean;
pub mod digest;
pub mod format;
pub mod heads;
pub mod json;
pub mod outcome;
pub mod query;
pub mod run;
pub mod series;
pub mod stamp;
pub mod value;
