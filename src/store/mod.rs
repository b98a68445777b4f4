//! What a lab's database must answer, whichever it is.

pub mod sqlite;

pub use sqlite::{
    Beginning, Cache, DeleteTarget, Due, Gone, Limits, Listing, Located, Options, ReadSummaries, RunCounts,
    Stopped, Store, Work, find, private_copy,
};
