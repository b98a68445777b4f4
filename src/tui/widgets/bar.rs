//! Bars on a time axis: where in the record a phase lies and how long it took.

use crate::style::Theme;

const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// `width` columns for the time from 0 to `total`, with a bar from `start`, `length` long (same unit, any). A bar
/// that is there is always seen, however short; without numbers the columns are empty.
pub fn bar(start: f64, length: f64, total: f64, width: usize, theme: &Theme) -> String {
    let known = start.is_finite() && length.is_finite() && total.is_finite() && total >= 0.0;
    if width == 0 || !known {
        return " ".repeat(width);
    }
    let scale = if total > 0.0 { width as f64 / total } else { 0.0 };
    let from = (start.max(0.0) * scale).min(width as f64);
    let to = ((start + length.max(0.0)) * scale).clamp(from, width as f64);
    let first = (from.floor() as usize).min(width - 1);
    let eighths = (((to - first as f64) * 8.0).round() as usize).max(1);
    let mut out = " ".repeat(first);
    for column in first..width {
        let left = eighths.saturating_sub((column - first) * 8);
        out.push(match left {
            0 => ' ',
            _ if theme.ascii => {
                if left >= 4 || column == first {
                    '='
                } else {
                    ' '
                }
            }
            8.. => '█',
            _ => EIGHTHS.get(left).copied().unwrap_or(' '),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bars_lie_on_the_time_axis() {
        let t = Theme::default();
        assert_eq!(bar(0.0, 5.0, 10.0, 8, &t), "████    ");
        assert_eq!(bar(5.0, 4.0, 10.0, 8, &t), "    ███▎");
        assert_eq!(bar(10.0, 0.0, 10.0, 8, &t), "       █");
        assert_eq!(bar(2.5, 0.0, 10.0, 8, &t), "  ▏     ");
        assert_eq!(bar(f64::NAN, 1.0, 10.0, 4, &t), "    ");
        assert_eq!(bar(0.0, 0.0, 0.0, 4, &t), "▏   ");
        assert_eq!(bar(5.0, 4.0, 10.0, 8, &Theme { ascii: true, color: false }), "    === ");
    }

    proptest! {
        #[test]
        fn as_wide_as_asked(s in any::<f64>(), l in any::<f64>(), t in any::<f64>(), w in 0usize..60, ascii: bool) {
            let text = bar(s, l, t, w, &Theme { ascii, color: false });
            prop_assert_eq!(text.chars().count(), w);
            let known = s.is_finite() && l.is_finite() && t.is_finite() && t >= 0.0 && w > 0;
            prop_assert_eq!(text.trim().is_empty(), !known);
        }
    }
}
