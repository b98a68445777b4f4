//! The screens: everything that knows the terminal.

pub mod theme;
pub mod widgets;
