//! Charts as an SVG picture: one panel under the other, each with its axes, ticks, legend and curves.

use std::fmt::Write;

use super::{
    chart::Chart,
    reduce::{ReduceMode, reduce},
    scale::{Viewport, Xy, known, ticks},
};
use crate::model::sanitize::sanitize;

/// Pixels.
const WIDTH: f64 = 760.0;
const PANEL: f64 = 300.0;
const HEAD: f64 = 40.0;
/// The curves' part of a panel: from the left, from the panel's top, width and height.
const PLOT: (f64, f64, f64, f64) = (80.0, 34.0, 650.0, 206.0);
/// Points of a curve up to which each has a circle; of more only those without a line.
const CIRCLES: usize = 100;
/// Told apart on white by people who do not see all colours, too; none is red.
const COLOURS: [&str; 6] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#000000"];

/// A whole SVG file with a panel for each chart. Every number in it is finite, every text escaped.
pub fn svg(title: &str, charts: &[Chart]) -> String {
    let height = HEAD + PANEL * charts.len().max(1) as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<title>{name}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"bold\">{name}</text>\n",
        name = escape(title)
    );
    for (i, chart) in charts.iter().enumerate() {
        panel(&mut out, chart, i, HEAD + PANEL * i as f64);
    }
    if charts.is_empty() {
        text(&mut out, (WIDTH / 2.0, HEAD + PANEL / 2.0), "middle", "no numbers");
    }
    out.push_str("</svg>\n");
    out
}

/// Text for XML: no control codes, no markup.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in sanitize(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Writing into a string cannot fail.
macro_rules! add {
    ($out:expr, $($what:tt)*) => {
        let _ = writeln!($out, $($what)*);
    };
}

fn text(out: &mut String, (x, y): Xy, anchor: &str, words: &str) {
    add!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>", escape(words));
}

fn panel(out: &mut String, chart: &Chart, index: usize, top: f64) {
    let window = chart.fit();
    let (left, up, width, height) = PLOT;
    add!(out, "<g transform=\"translate(0 {top})\">");
    legend(out, chart);
    text(out, (left + width / 2.0, up + height + 42.0), "middle", &chart.over());
    axes(out, chart, &window);
    if chart.points().any(known) {
        add!(
            out,
            "<clipPath id=\"plot{index}\"><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/></clipPath>",
            left - 4.0,
            up - 4.0,
            width + 8.0,
            height + 8.0
        );
        add!(out, "<g clip-path=\"url(#plot{index})\">");
        curves(out, chart, &window);
        add!(out, "</g>");
    } else {
        text(out, (left + width / 2.0, up + height / 2.0), "middle", "no numbers");
    }
    add!(out, "</g>");
}

/// Names of the curves along the top, each in its colour; they take turns over the width.
fn legend(out: &mut String, chart: &Chart) {
    let (left, _, width, _) = PLOT;
    let each = width / chart.curves.len().max(1) as f64;
    for (i, curve) in chart.curves.iter().enumerate() {
        let x = left + each * i as f64;
        // A letter takes about 7 pixels; the sign and a space in front of it 14.
        let name =
            crate::model::sanitize::cut(&sanitize(&curve.name), ((each - 18.0) / 7.0).max(1.0) as usize)
                .into_owned();
        add!(out, "<rect x=\"{x:.1}\" y=\"9\" width=\"10\" height=\"10\" fill=\"{}\"/>", colour(i));
        text(out, (x + 14.0, 18.0), "start", &name);
    }
}

fn colour(series: usize) -> &'static str {
    COLOURS.get(series % COLOURS.len()).copied().unwrap_or("#000000")
}

fn axes(out: &mut String, chart: &Chart, window: &Viewport) {
    let (left, up, width, height) = PLOT;
    let bottom = up + height;
    let across = ticks(window.x0, window.x1, 10, chart.whole_x);
    let upward = ticks(window.y0, window.y1, 6, false);
    add!(out, "<g stroke=\"#dddddd\" stroke-width=\"1\">");
    for value in &upward.values {
        let y = up + (1.0 - window.upward(*value)) * height;
        add!(out, "<line x1=\"{left}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\"/>", left + width);
    }
    add!(out, "</g>");
    add!(out, "<path d=\"M{left} {up}V{bottom}H{}\" fill=\"none\" stroke=\"#444444\"/>", left + width);
    for (value, label) in upward.values.iter().zip(&upward.labels) {
        let y = up + (1.0 - window.upward(*value)) * height;
        text(out, (left - 8.0, y + 4.0), "end", label);
    }
    for (value, label) in across.values.iter().zip(&across.labels) {
        let x = left + window.across(*value) * width;
        add!(out, "<path d=\"M{x:.1} {bottom}v5\" stroke=\"#444444\"/>");
        text(out, (x, bottom + 20.0), "middle", label);
    }
}

fn curves(out: &mut String, chart: &Chart, window: &Viewport) {
    let (left, up, width, height) = PLOT;
    let place = |p: &Xy| (left + window.across(p.0) * width, up + (1.0 - window.upward(p.1)) * height);
    for (i, curve) in chart.curves.iter().enumerate() {
        let reduced = reduce(&curve.points, window, width as usize, height as usize, chart.mode);
        add!(
            out,
            "<g stroke=\"{c}\" fill=\"{c}\" stroke-width=\"1.5\" stroke-linejoin=\"round\">",
            c = colour(i)
        );
        for part in &reduced.parts {
            let points: Vec<String> = part.iter().map(place).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            add!(out, "<polyline fill=\"none\" points=\"{}\"/>", points.join(" "));
        }
        let circles = match reduced.few.filter(|few| few.len() <= CIRCLES) {
            Some(few) => few,
            // As many as stand beside each other.
            None => {
                reduce(&reduced.lone, window, width as usize / 3, height as usize / 3, ReduceMode::Scatter)
                    .lone
            }
        };
        for (x, y) in circles.iter().map(place) {
            add!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" stroke=\"none\"/>");
        }
        add!(out, "</g>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::chart::Curve;
    use proptest::prelude::*;

    fn chart(points: Vec<Xy>, mode: ReduceMode) -> Chart {
        let curves = vec![Curve { name: "yield (%) <b>&\"'\u{0}\u{1b}".into(), points }];
        Chart { x_name: "temp_C".into(), mode, curves, ..Chart::default() }
    }

    /// Every tag closed in order, every number finite, nothing that XML forbids.
    fn check(text: &str) {
        let mut open = Vec::new();
        for tag in text.split('<').skip(1) {
            let inner = tag.split('>').next().unwrap();
            let name = inner.split([' ', '/']).next().unwrap();
            if let Some(closed) = inner.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed));
            } else if !inner.ends_with('/') {
                open.push(name);
            }
            for value in inner.split('"').skip(1).step_by(2) {
                let numbers = value.split([' ', ',', '(', ')']);
                assert!(!numbers.clone().any(|n| n.contains("inf") || n.contains("NaN")), "{inner}");
            }
        }
        assert_eq!(open, [""; 0]);
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }

    #[test]
    fn a_line_with_a_gap_and_a_name_with_markup() {
        let text = svg(
            "a & b",
            &[chart(vec![(0.0, 0.0), (1.0, 10.0), (2.0, f64::NAN), (3.0, 5.0)], ReduceMode::Line)],
        );
        check(&text);
        assert!(text.contains("<title>a &amp; b</title>"));
        assert!(text.contains(">yield (%) &lt;b&gt;&amp;&quot;&#39;␀␛</text>"));
        assert!(text.contains(">temp_C</text>"));
        assert_eq!(text.matches("<polyline").count(), 1);
        assert!(text.contains("points=\"80.0,240.0 296.7,34.0\""), "{text}");
        assert_eq!(text.matches("<circle").count(), 3);
    }

    #[test]
    fn nothing_one_point_and_a_constant() {
        let empty = svg("x", &[]);
        check(&empty);
        assert!(empty.contains("no numbers"));
        assert!(svg("x", &[chart(vec![(1.0, f64::NAN)], ReduceMode::Line)]).contains("no numbers"));
        for points in [vec![(1.0, 20.0)], vec![(1.0, 20.0), (2.0, 20.0)]] {
            let text = svg("x", &[chart(points, ReduceMode::Line)]);
            check(&text);
            assert!(text.contains("cy=\"137.0\""), "{text}");
        }
    }

    #[test]
    fn fifty_thousand_points_keep_their_peak() {
        let mut points: Vec<Xy> = (0..50_000).map(|i| (f64::from(i), f64::from(i % 7))).collect();
        points[31_415].1 = 100.0;
        let text = svg("x", &[chart(points, ReduceMode::Line)]);
        check(&text);
        assert!(text.len() < 60_000, "{}", text.len());
        assert!(text.contains(",34.0 "));
    }

    proptest! {
        #[test]
        fn any_data_is_a_finite_picture(
            points in prop::collection::vec((any::<f64>(), prop_oneof![any::<f64>(), -10.0..10.0]), 0..50),
            scatter in any::<bool>(), title in ".{0,20}",
        ) {
            let mode = if scatter { ReduceMode::Scatter } else { ReduceMode::Line };
            check(&svg(&title, &[chart(points.clone(), mode), chart(points, mode)]));
        }
    }
}
