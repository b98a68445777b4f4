//! The byte formats that IvoryOS gives, and safe writing: pure functions over model types.

pub mod call;
pub mod chart;
pub mod file_names;
pub mod grid;
pub mod json;
pub mod number;
pub mod pandas;
pub mod plot_json;
pub mod python_csv;
pub mod python_literal;
pub mod python_repr;
pub mod reduce;
pub mod scale;
pub mod spark;
pub mod svg;
pub mod text_chart;
