//! Sparklines in the theme's glyphs.

use crate::{export::spark::sparkline, tui::theme::Theme};

/// A column a point, at most `width` columns; gaps are spaces, peaks are never lost.
pub fn spark(points: &[f64], width: usize, theme: &Theme) -> String {
    sparkline(points, width, theme.ascii)
}
