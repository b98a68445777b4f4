//! A chart as lines of text, for the command line.

use super::{chart::Chart, scale::known};
use crate::model::sanitize::{self, cut_with, sanitize};

/// Title and legend, then the chart, in at most `width` columns and about `height` lines. Lines end with `\n` and
/// have no spaces at their ends.
pub fn text_chart(chart: &Chart, width: usize, height: usize, ascii: bool) -> String {
    let mut out = String::new();
    let ellipsis = if ascii { ".." } else { "…" };
    let legend = chart.legend(ascii).into_iter().map(|(mark, name)| format!("{mark} {name}"));
    for text in std::iter::once(chart.title()).chain(legend) {
        let safe = sanitize(&text);
        let safe = if ascii { sanitize::ascii(&safe) } else { safe.as_ref().into() };
        push(&mut out, &cut_with(&safe, width, ellipsis));
    }
    if !chart.points().any(known) {
        push(&mut out, &cut_with("no numbers", width, ellipsis));
        return out;
    }
    let grid = chart.prepare(chart.fit(), (width, height), ascii).draw(None);
    for row in grid.rows() {
        push(&mut out, &row.iter().map(|g| g.ch).collect::<String>());
    }
    out
}

fn push(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::chart::Curve;

    fn chart(names: &[&str]) -> Chart {
        let curve = |(i, name): (usize, &&str)| Curve {
            name: (*name).into(),
            points: (1..=5).map(|x| (f64::from(x), f64::from(x * x) + i as f64 * 5.0)).collect(),
        };
        let curves = names.iter().enumerate().map(curve).collect();
        Chart { x_name: "iteration".into(), whole_x: true, curves, ..Chart::default() }
    }

    #[test]
    fn one_curve() {
        let text = text_chart(&chart(&["yield_pct"]), 30, 8, false);
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "yield_pct over iteration",
                "   │                       ⣀⠔•",
                "20 ┤                    ⣀⠔⠊",
                "   │                ⢀⡠⠔•",
                "10 ┤             •⠔⠊⠁",
                "   │       ⢀⣀⠤⠔⠊⠉",
                "   │•⡠⠤⠔⠒⠒•⠁",
                "   └──────┬────────────┬──────",
                "          2            4"
            ]
        );
    }

    #[test]
    fn two_curves_have_a_legend() {
        let text = text_chart(&chart(&["mass\x1b[2J", "flow_mL"]), 30, 8, true);
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "over iteration",
                "* mass?[2J",
                "o flow_mL",
                "30 +                       ooo",
                "   |                    ooo***",
                "20 +              oooooo***",
                "10 +       ooooooo*****",
                "   |ooooooo*******",
                "   |******",
                "   +------+------------+------",
                "          2            4"
            ]
        );
    }

    #[test]
    fn no_numbers() {
        let mut gaps = chart(&["mass"]);
        gaps.curves[0].points = vec![(1.0, f64::NAN)];
        assert_eq!(text_chart(&gaps, 40, 8, true), "mass over iteration\nno numbers\n");
    }
}
