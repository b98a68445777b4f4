//! Draws one line of the overview.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    layout::OverviewLines,
    lines::{OVERVIEW, OverviewLine, SeriesRow, Widths},
    phases::PhaseLine,
};
use crate::{
    formats::{number::PointColumn, spark::sparkline},
    model::{format::duration_short, outcome::Outcome},
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::key_of,
        widgets::{
            bar::bar,
            text::{Align, Span, fit, put, put_spans, width},
        },
    },
};

/// The widest that bars and sparklines get: longer ones are no easier to read.
const BAR: usize = 48;
const SPARK: usize = 32;
/// Columns of a figure where not all have room in full.
const NARROW: usize = 9;
/// `59 min 59 s`, and a space between it and the bar.
const TOOK: usize = 12;

/// The lines from one on, in one column or two.
pub(super) fn all_lines(lines: &OverviewLines, first: usize, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let split = lines.split.min(area.width);
    let column = |lines: &[OverviewLine], area: Rect, buf: &mut Buffer| {
        for (y, one) in (0..area.height).zip(lines.iter().skip(first)) {
            line(one, theme, Rect { y: area.y + y, height: 1, ..area }, buf);
        }
    };
    if split == 0 {
        return column(&lines.left, area, buf);
    }
    column(&lines.left, Rect { width: split, ..area }, buf);
    let right = Rect { x: area.x + split, width: area.width - split, ..area };
    for y in 0..right.height {
        put(buf, right, 0, y, theme.upright_rule(), theme.style(Role::Dim));
    }
    column(
        &lines.right,
        Rect { x: right.x + 1.min(right.width), width: right.width.saturating_sub(1), ..right },
        buf,
    );
}

fn line(line: &OverviewLine, theme: &Theme, row: Rect, buf: &mut Buffer) {
    match line {
        OverviewLine::Empty => {}
        OverviewLine::Text(spans) => all(spans, theme, row, buf),
        OverviewLine::Outcome { glyphs: [glyph, ascii], label, kind, facts } => {
            let mut spans = vec![
                Span::plain(" "),
                Span::new(if theme.ascii { *ascii } else { *glyph }, *kind),
                Span::plain(" "),
                Span::new(*label, *kind),
            ];
            for fact in facts {
                spans.push(Span::dim(format!(" {} {fact}", theme.dot())));
            }
            all(&spans, theme, row, buf);
        }
        OverviewLine::Place { place, time, told, leads_on } => {
            let facts = [(place.as_str(), Role::Normal), (time.as_str(), Role::Dim), (told, Role::Dim)];
            let mut spans = Vec::new();
            for (fact, kind) in facts.into_iter().filter(|(fact, _)| !fact.is_empty()) {
                spans.push(Span::plain(if spans.is_empty() { " " } else { "  " }));
                spans.push(Span::new(fact, kind));
            }
            if *leads_on {
                let key = Span::new(key_of(OVERVIEW, Action::NextError), Role::Key);
                spans.extend([Span::plain("   "), key, Span::dim(": more")]);
            }
            all(&spans, theme, row, buf);
        }
        OverviewLine::Phase(phase, columns) => self::phase(phase, *columns, theme, row, buf),
        OverviewLine::Series(series, columns) => self::series(series, *columns, theme, row, buf),
    }
}

fn all(spans: &[Span<'_>], theme: &Theme, row: Rect, buf: &mut Buffer) {
    put_spans(buf, row, (0, 0, row.width), spans, theme);
}

/// `✖main 2      ████████▏   0.8 s   2 steps  1 failed`: failed ones are marked at the left.
fn phase(phase: &PhaseLine, columns: Widths, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let failed = phase.failed > 0 || phase.status.as_deref() == Some("failed");
    let mark = if failed { Outcome::Error.glyph(theme.ascii) } else { " " };
    let label = fit(&phase.label, columns.label, Align::Left, theme.ellipsis());
    let wide = usize::from(row.width).saturating_sub(columns.label + TOOK + columns.facts + 4).min(BAR);
    let took = match duration_short(phase.took) {
        none if none.is_empty() => "no end".to_owned(),
        known => known,
    };
    let length = if phase.took.is_finite() { phase.took } else { 0.0 };
    let mut spans = vec![Span::new(mark, Role::Failed), Span::plain(label), Span::plain("  ")];
    if wide >= 4 {
        let bar = bar(phase.from, length, columns.total, wide, theme);
        spans.push(Span::new(bar, if failed { Role::Failed } else { Role::Accent }));
    }
    spans.push(Span::plain(fit(&took, TOOK, Align::Right, theme.ellipsis())));
    spans.extend(phase.facts());
    all(&spans, theme, row, buf);
}

/// `mass   ▁█   last 10.41  min 9.17  mean 9.79  max 10.41  n 2`; the numbers that have no room are left out.
fn series(series: &SeriesRow, columns: Widths, theme: &Theme, row: Rect, buf: &mut Buffer) {
    const NAMES: [&str; 6] = ["last", "min", "mean", "max", "n", "sd"];
    let label = fit(&series.name, columns.label, Align::Left, theme.ellipsis());
    let kind = if series.is_parameter { Role::Dim } else { Role::Normal };
    put(buf, row, 1, 0, &label, theme.style(kind));
    let mut left = usize::from(row.width).saturating_sub(columns.label + 4);
    let wide = SPARK.min(left / 3).min(columns.spark);
    let at = columns.label + 3;
    let text = sparkline(&series.points, wide, theme.ascii);
    put(buf, row, column(at), 0, &text, theme.style(Role::Accent));
    left = left.saturating_sub(wide);
    let mut x = at + wide;
    // All figures, cut, before some in full.
    let needs =
        |widths: [usize; 6]| NAMES.iter().zip(widths).map(|(name, wide)| 3 + width(name) + wide).sum();
    let mut widths = columns.numbers;
    if left < needs(widths) {
        widths = widths.map(|wide| wide.min(NARROW));
    }
    for ((name, text), widest) in NAMES.iter().zip(&series.numbers).zip(widths) {
        let needed = 2 + width(name) + 1 + widest;
        if needed > left || text.is_empty() {
            break;
        }
        let number = PointColumn::default().place(text, widest, theme.ellipsis());
        let spans = [Span::dim(format!("  {name} ")), Span::plain(number)];
        put_spans(buf, row, (column(x), 0, column(needed)), &spans, theme);
        x += needed;
        left -= needed;
    }
}

fn column(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
