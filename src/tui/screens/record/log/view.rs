//! Draws the log: where it is in the first line, its lines below.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{LogTab, lines::tail, narrow::NarrowedLog};
use crate::{
    model::{format::bytes, sanitize::sanitize},
    style::{Role, Theme},
    tui::{
        screens::loadable::paragraph,
        widgets::text::{Span, put, put_spans, spans_width},
    },
};

/// Rows of the header.
pub(super) const HEADER: u16 = 1;

/// ```text
///  …/logs/table_run_2026-11-24 03-00-25.log   Windows-1252   1.2 MB   37 %
/// ▌2026-11-24 03:00:44 - Executing prep steps
/// ```
pub(super) fn view(log: &LogTab, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if log.window.placeholder(theme, area, buf) {
        return;
    }
    header(log, theme, Rect { height: area.height.min(HEADER), ..area }, buf);
    let body =
        Rect { y: area.y + area.height.min(HEADER), height: area.height.saturating_sub(HEADER), ..area };
    if log.reader.lines().is_empty() {
        paragraph("The log is empty.", Role::Dim, theme, body, buf);
    } else if let Some(narrow) = &log.narrow {
        narrow.reader.draw(theme, body, buf);
    } else {
        log.reader.draw(theme, body, buf);
    }
}

fn header(log: &LogTab, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let Some(window) = log.window.get() else { return };
    let narrow = log.narrow.as_ref().map(NarrowedLog::says);
    let mut facts: Vec<(&str, Role)> = narrow.iter().map(|n| (n.as_str(), Role::Accent)).collect();
    if log.reader.wraps() {
        facts.push(("wrapped", Role::Dim));
    }
    facts.extend(window.encoding().map(|name| (name, Role::Dim)));
    let (size, share) = (bytes(window.size), log.percent());
    facts.extend([(size.as_str(), Role::Dim), (share.as_str(), Role::Dim)]);
    let mut spans = Vec::new();
    for (text, kind) in facts {
        spans.push(Span::plain("   "));
        spans.push(Span::new(text, kind));
    }
    let right = u16::try_from(spans_width(&spans)).unwrap_or(row.width).min(row.width.saturating_sub(1));
    let left = row.width.saturating_sub(right + 2);
    let path = window.path.display().to_string();
    let path = sanitize(&path);
    put(
        buf,
        Rect { width: left + 1, ..row },
        1,
        0,
        &tail(&path, usize::from(left), theme.ellipsis()),
        theme.style(Role::Dim),
    );
    put_spans(buf, row, (row.width.saturating_sub(right + 1), 0, right), &spans, theme);
}
