//! What stands on top of a screen and takes its keys until it is closed.

pub mod menu;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

pub use menu::{Entry, Menu};

use super::{
    effect::Effect,
    keymap::Context,
    screens::{Cx, Input},
    theme::Theme,
};

/// One of the overlays; each is made by its own constructor.
#[derive(Debug)]
pub enum Overlay {
    Menu(Menu),
}

/// What an overlay answers to an input.
#[derive(Debug, Default)]
pub struct Outcome {
    pub effects: Vec<Effect>,
    /// It is done and goes away, before its effects are carried out.
    pub close: bool,
}

impl Outcome {
    /// Nothing happens.
    pub fn stay() -> Self {
        Outcome::default()
    }

    /// It goes away.
    pub fn close(effects: Vec<Effect>) -> Self {
        Outcome { effects, close: true }
    }

    /// It stays, and something is done.
    pub fn effects(effects: Vec<Effect>) -> Self {
        Outcome { effects, close: false }
    }
}

impl Overlay {
    pub fn context(&self) -> Context {
        match self {
            Overlay::Menu(_) => Context::Menu,
        }
    }

    pub fn update(&mut self, input: Input, _cx: &Cx<'_>) -> Outcome {
        match self {
            Overlay::Menu(menu) => menu.update(&input),
        }
    }

    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        match self {
            Overlay::Menu(menu) => menu.view(theme, area, buf),
        }
    }
}

/// A box of this size in the middle, or as much as there is.
pub fn centred(area: Rect, size: Size) -> Rect {
    let width = size.width.min(area.width);
    let height = size.height.min(area.height);
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}
