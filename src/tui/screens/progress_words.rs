//! In words how far a record has come that has no end, from long to short.

use jiff::civil::DateTime;

use crate::{
    model::format::{clock_short, duration},
    services::run_progress::RunProgress,
    style::Theme,
    tui::widgets::text::width,
};

/// `iteration 42/240 · for 48 min · 1 min 12 s each · through 00:05`, or as much of it as fits, what matters first;
/// `None` where it is in no iteration yet, or nothing fits.
pub(super) fn fitting(
    progress: &RunProgress,
    as_of: DateTime,
    columns: usize,
    theme: &Theme,
) -> Option<String> {
    let n = progress.iteration?;
    let place = match progress.of {
        Some(of) => format!("{n}/{of}"),
        None => n.to_string(),
    };
    let elapsed = progress.elapsed(as_of).filter(|seconds| *seconds >= 0.0);
    let elapsed = elapsed.map(|seconds| format!("for {}", duration(seconds)));
    let each = progress.usual.map(|seconds| format!("{} each", duration(seconds)));
    let through = progress.through.map(|at| {
        // Then an iteration takes longer than usual.
        let word = if at < as_of { "was due" } else { "through" };
        format!("{word} {}", clock_short(at, as_of))
    });
    let [long, short] = [format!("iteration {place}"), place].map(Some);
    let variants = [
        [&long, &elapsed, &each, &through],
        [&short, &elapsed, &each, &through],
        [&short, &elapsed, &None, &through],
        [&short, &None, &None, &through],
        [&short, &None, &None, &None],
    ];
    let dot = format!(" {} ", theme.dot());
    let all = variants.map(|parts| parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(&dot));
    all.into_iter().find(|words| width(words) <= columns)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_matters_stays_longest() {
        let at = |hour, minute| date(2026, 11, 24).at(hour, minute, 0, 0);
        let progress = RunProgress {
            start: Some(at(22, 10)),
            iteration: Some(7),
            of: Some(96),
            usual: Some(95.0),
            through: Some(date(2026, 11, 25).at(0, 31, 0, 0)),
            ..RunProgress::default()
        };
        let theme = Theme { ascii: false, color: false };
        let words = |columns| fitting(&progress, at(22, 20), columns, &theme);
        let whole = "iteration 7/96 · for 10 min 0 s · 1 min 35 s each · through Nov 25 00:31";
        assert_eq!(words(80).as_deref(), Some(whole));
        let shorter = "7/96 · for 10 min 0 s · 1 min 35 s each · through Nov 25 00:31";
        assert_eq!(words(65).as_deref(), Some(shorter));
        assert_eq!(words(50).as_deref(), Some("7/96 · for 10 min 0 s · through Nov 25 00:31"));
        assert_eq!(words(30).as_deref(), Some("7/96 · through Nov 25 00:31"));
        assert_eq!(words(10).as_deref(), Some("7/96"));
        assert_eq!(words(3), None);
        let late = date(2026, 11, 25).at(0, 40, 0, 0);
        assert_eq!(fitting(&progress, late, 20, &theme).as_deref(), Some("7/96 · was due 00:31"));
        // It waits: nobody knows when it is through; the clock went back; nothing is counted.
        let waits = RunProgress { through: None, of: None, ..progress.clone() };
        let ascii = Theme { ascii: true, color: false };
        assert_eq!(fitting(&waits, at(22, 0), 80, &ascii).as_deref(), Some("iteration 7 - 1 min 35 s each"));
        assert_eq!(fitting(&RunProgress::default(), at(22, 0), 80, &theme), None);
    }
}
