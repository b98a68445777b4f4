//! Files that instruments wrote, as tables and as texts on the screen.

use crate::{
    model::sanitize::mark,
    services::file_preview::{FileView, rows, text},
};

/// Whatever the file holds, nothing of it reaches the terminal that could move its cursor or change its state. The first
/// byte says whether the file goes on.
pub fn csv_views(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let more = first & 1 > 0;
    for view in [rows(bytes, more), text(bytes, more)] {
        match view {
            FileView::Rows { columns, rows, .. } => {
                assert!(!columns.is_empty() || rows.is_empty(), "rows without titles");
                columns.iter().chain(rows.iter().flatten()).for_each(|cell| is_safe(cell));
            }
            FileView::Text { text, .. } => is_safe(&text),
        }
    }
}

fn is_safe(text: &str) {
    let odd = text.chars().find(|c| *c != '\n' && mark(*c).is_some());
    assert_eq!(odd, None, "in {text:?}");
}
