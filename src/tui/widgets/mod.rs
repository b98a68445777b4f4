//! What the screens are drawn with: widgets that know nothing of the app.

pub mod bar;
pub mod chart;
pub mod json_tree;
pub mod marks;
pub mod opened;
pub mod pane;
pub mod reader;
pub mod scroll;
pub mod table;
pub mod text;
pub mod tree;

#[cfg(test)]
pub(crate) mod testing;
