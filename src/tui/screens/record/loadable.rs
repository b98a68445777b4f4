//! What a tab shows depends on what has come: nothing yet, the data, or why there is none.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    error::{Error, ErrorKind},
    style::{Role, Theme},
    tui::widgets::{pane::wrap, text::put},
};

#[derive(Debug, Default)]
pub(super) enum Loadable<T> {
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

    /// Keeps old data when reading it again fails: it is still better than nothing. Gives the words to say then.
    pub fn fail(&mut self, error: &Error) -> Option<String> {
        let text = match error.kind() {
            ErrorKind::Cancelled => "Cancelled; R reads it again.".to_owned(),
            ErrorKind::Missing => error.to_string(),
            _ => format!("{error}; R tries again."),
        };
        if matches!(self, Loadable::There(_)) {
            return Some(text);
        }
        *self = Loadable::Failed(text);
        None
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
pub(super) fn paragraph(text: &str, kind: Role, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let text = crate::model::sanitize::sanitize_lines(text);
    let columns = usize::from(area.width.saturating_sub(2)).max(1);
    let rows = text.lines().flat_map(|line| {
        wrap(line, columns).into_iter().map(|range| line.get(range).unwrap_or_default()).collect::<Vec<_>>()
    });
    for (y, row) in (0..area.height).zip(rows) {
        put(buf, area, 1, y, row, theme.style(kind));
    }
}
