//! Menus about the records of the open file: what is drawn and which letters they take is their menu's.

use std::fmt::Debug;

use ratatui::{buffer::Buffer, layout::Rect};

use super::Menu;
use crate::{
    style::Theme,
    tui::{
        key::Key,
        keymap::Context,
        screen::{Effect, Input, Overlay, ScreenCx},
    },
};

/// A menu about records of the file that is open, with more behind it than its entries.
pub trait FileMenu: Debug {
    fn menu(&self) -> &Menu;

    fn take(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect>;
}

impl<M: FileMenu> Overlay for M {
    fn context(&self) -> Context {
        self.menu().context()
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        self.take(input, cx)
    }

    fn wants(&self, key: Key) -> bool {
        self.menu().wants(key)
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        self.menu().view(theme, area, buf);
    }

    fn is_about_file(&self) -> bool {
        true
    }
}
