//! The byte formats that IvoryOS gives, and safe writing: pure functions over model types.

pub mod chart;
pub mod columns;
pub mod grid;
pub mod json;
pub mod names;
pub mod plot;
pub mod pycsv;
pub mod reduce;
pub mod repr;
pub mod scale;
pub mod spark;
mod steady;
pub mod svg;
pub mod text_chart;
pub mod write;
