//! The screens: everything that knows the terminal.

pub mod action;
pub mod command;
pub mod effect;
pub mod event;
pub mod key;
pub mod keymap;
pub mod overlays;
pub mod screens;
pub mod theme;
pub mod widgets;
pub mod worker;
