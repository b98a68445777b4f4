//! Sparklines in the theme's glyphs.

use crate::{formats::spark::sparkline, style::Theme};

/// A column a point, at most `width` columns; gaps are spaces, peaks are never lost.
pub fn spark(points: &[f64], width: usize, theme: &Theme) -> String {
    sparkline(points, width, theme.ascii)
}
