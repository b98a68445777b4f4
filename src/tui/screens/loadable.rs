//! The data of a tab: not there yet, there, or why there is none.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    error::{Error, ErrorKind},
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screen::Effect,
        widgets::{pane::wrapped, text::put},
    },
};

#[derive(Debug, Default)]
pub(in crate::tui::screens) enum Loadable<T> {
    #[default]
    Waiting,
    There(T),
    /// Why not, and what to do.
    Failed(String),
}

impl<T> Loadable<T> {
    pub fn get(&self) -> Option<&T> {
        if let Loadable::There(data) = self { Some(data) } else { None }
    }

    /// Data or a failure, whatever came first.
    pub fn has_come(&self) -> bool {
        !matches!(self, Loadable::Waiting)
    }

    /// Keeps old data when reading it again fails: then the failure is said.
    pub fn fail(&mut self, error: &Error) -> Vec<Effect> {
        let reload = key_of(Context::Record, Action::Reload);
        let text = match error.kind() {
            ErrorKind::Cancelled => format!("Cancelled; {reload} reads it again."),
            ErrorKind::Missing => error.on_screen(),
            _ => format!("{}; {reload} tries again.", error.on_screen()),
        };
        if matches!(self, Loadable::There(_)) {
            return vec![Effect::fail(text)];
        }
        *self = Loadable::Failed(text);
        Vec::new()
    }

    /// Draws what stands in the place of data; false where there is data.
    pub fn placeholder(&self, theme: &Theme, area: Rect, buf: &mut Buffer) -> bool {
        match self {
            Loadable::There(_) => return false,
            Loadable::Waiting => {
                put(buf, area, 1, 0, theme.ellipsis(), theme.style(Role::Dim));
            }
            Loadable::Failed(text) => paragraph(text, Role::Failed, theme, area, buf),
        }
        true
    }
}

/// A few words in an otherwise empty place, wrapped.
pub(in crate::tui::screens) fn paragraph(
    text: &str,
    kind: Role,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let text = crate::model::sanitize::sanitize_lines(text);
    let columns = usize::from(area.width.saturating_sub(2)).max(1);
    for (y, row) in (0..area.height).zip(wrapped(&text, columns)) {
        put(buf, area, 1, y, row, theme.style(kind));
    }
}
