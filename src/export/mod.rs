//! The byte formats that IvoryOS gives, and safe writing: pure functions over model types.

pub mod columns;
pub mod json;
pub mod names;
pub mod plot;
pub mod pycsv;
pub mod repr;
pub mod spark;
pub mod write;
