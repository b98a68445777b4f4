//! Frames whose lines moved: few bytes, and every terminal shows the frame all the same, also at a new size.

use std::num::NonZeroU16;

use proptest::prelude::*;
use ratatui::{layout::Rect, style::Style};

use super::{
    model::{ALL, Model},
    *,
};

/// A line of a log that has little in common with the next one.
fn line(n: usize) -> String {
    let words: Vec<_> = (1..9).map(|k| format!("{:x}", (n + 1) * (k * 7_919 + n * 104_729))).collect();
    format!("{n} {}", words.join(" "))
}

/// A head, so many lines from this one, and a footer.
fn log(first: usize, height: usize) -> Buffer {
    let lines = (first..first + height - 2).map(line);
    let head = ["the head".to_owned()];
    let all: Vec<_> = head.into_iter().chain(lines).chain([format!("line {first}")]).collect();
    frame(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

fn moved(before: &Buffer, after: &Buffer) -> String {
    let bytes = changes(before, after);
    let (width, height) = (usize::from(after.area.width), usize::from(after.area.height));
    for counts in ALL {
        let mut model = Model::new(counts, (width, height));
        model.take(&rewritten(&Buffer::empty(before.area), before));
        model.take(&bytes);
        assert_eq!(model.wrong(after), None, "{counts:?} {bytes:?}");
        assert!(model.has_no_margins());
    }
    bytes
}

#[test]
fn a_log_that_moves_by_a_line_sends_that_line() {
    let bytes = moved(&log(10, 24), &log(11, 24));
    assert!(bytes.starts_with("\x1b[2;23r\x1b[2H\x1b[M\x1b[r"), "{bytes:?}");
    assert!(bytes.contains(&line(32)) && !bytes.contains(&line(31)), "{bytes:?}");
    assert!(bytes.len() < line(32).len() + 50, "{bytes:?}");
    let bytes = moved(&log(11, 24), &log(10, 24));
    assert!(bytes.starts_with("\x1b[2;23r\x1b[2H\x1b[L\x1b[r"), "{bytes:?}");
    let bytes = moved(&log(11, 24), &log(18, 24));
    assert!(bytes.starts_with("\x1b[2;23r\x1b[2H\x1b[7M\x1b[r"), "{bytes:?}");
}

/// To the last row no margins are needed.
#[test]
fn lines_that_move_to_the_end_of_the_screen_need_no_margins() {
    let all: Vec<_> = (0..10).map(line).collect();
    let part = |from: usize| frame(&all[from..from + 6].iter().map(String::as_str).collect::<Vec<_>>());
    assert!(moved(&part(0), &part(1)).starts_with("\x1b[1H\x1b[M"));
    assert!(moved(&part(1), &part(0)).starts_with("\x1b[1H\x1b[L"));
}

/// The selected line has another style before and after, and another pane stands beside the list.
#[test]
fn a_list_beside_a_preview_moves_too() {
    let list = |first: usize, preview: &str| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 100, 20));
        for (y, n) in (0..20).zip(first..) {
            let look = if y == 19 { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
            buffer.set_string(0, y, format!("{:<79}", line(n)), look);
            buffer.set_string(80, y, format!("{preview} {y}"), Style::new());
        }
        buffer
    };
    let bytes = moved(&list(3, "one"), &list(4, "another"));
    assert!(bytes.contains("\x1b[M") && bytes.len() < 800, "{} bytes: {bytes:?}", bytes.len());
}

#[test]
fn where_moving_saves_nothing_all_is_written() {
    let one = frame(&["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"]);
    let other = frame(&["bbbbbbbb", "xxxxxxxx", "yyyyyyyy", "zzzzzzzz"]);
    assert_eq!(moved(&one, &other), rewritten(&one, &other));
    let equal = frame(&["aaaaaaaa"; 5]);
    assert_eq!(moved(&equal, &equal), "");
}

/// Glyphs that terminals count differently, and others.
const DISPUTED: &[&str] =
    &["❤\u{fe0f} liked", "🇩🇪 Mainz", "👨\u{200d}👩\u{200d}👧", "👍🏽", "─", "°", "温", "e\u{301}", "x"];
pub const CERTAIN: &[&str] = &["温度 of 25", "👍 yes", "─", "°", "e\u{301}", "x"];

/// A window over a text that stands among rows of its own, with marks that are wide, odd or coloured.
fn any_window(width: u16, height: u16, odd: &'static [&str]) -> impl Strategy<Value = Buffer> {
    let mark = (0..width, 0..height, prop::sample::select(odd), any::<bool>());
    let window = (0..9_usize, 0..height, 0..height, 0..3_u16);
    (window, prop::collection::vec(mark, 0..3)).prop_map(move |((first, top, below, left), marks)| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let texts = ["温度 25 °C ok", "", odd[0], "── ab ── c", "plain text 1", odd[1]];
        let style = |n: usize| match n % 4 {
            0 => Style::new().bg(Color::Cyan),
            1 => Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD),
            2 => Style::new().add_modifier(Modifier::REVERSED),
            _ => Style::new(),
        };
        for (y, n) in (top.min(2)..height.saturating_sub(below.min(2))).zip(first..) {
            let text = format!("{} {}", texts[n % texts.len()], n % 7);
            buffer.set_stringn(left, y, text, usize::from(width.saturating_sub(left)), style(n % 5));
        }
        for (x, y, mark, colored) in marks {
            let style = if colored { Style::new().bg(Color::Indexed(200)) } else { Style::new() };
            buffer.set_stringn(x, y, mark, usize::from(width - x), style);
        }
        buffer
    })
}

pub fn any_windows(odd: &'static [&str]) -> impl Strategy<Value = Vec<Buffer>> {
    // Mostly several frames of one size, as between two resizes.
    let sizes = prop::collection::vec((1..26_u16, 1..10_u16, 1..5_usize), 1..4);
    sizes.prop_flat_map(|sizes| {
        let windows: Vec<_> = sizes
            .into_iter()
            .map(|(width, height, many)| prop::collection::vec(any_window(width, height, odd), many))
            .collect();
        windows.prop_map(|frames| frames.concat())
    })
}

fn size(frame: &Buffer) -> (u16, u16) {
    (frame.area.width, frame.area.height)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_terminal_shows_moved_lines(frames in any_windows(DISPUTED)) {
        for counts in ALL {
            let mut shown: Option<Buffer> = None;
            let mut model = Model::new(counts, (1, 1));
            for frame in &frames {
                let before = shown.take().filter(|shown| shown.area == frame.area).unwrap_or_else(|| {
                    let (width, height) = size(frame);
                    model = Model::new(counts, (width.into(), height.into()));
                    Buffer::empty(frame.area)
                });
                let bytes = changes(&before, frame);
                model.take(&bytes);
                prop_assert_eq!(model.wrong(frame), None, "{:?} {:?}", counts, bytes);
                prop_assert!(model.has_no_margins(), "{:?}", bytes);
                shown = Some(frame.clone());
            }
        }
    }

    /// Colours too, and at a new size in a terminal that keeps what it can of the old one.
    #[test]
    fn a_terminal_shows_moved_lines_and_their_colours(frames in any_windows(CERTAIN)) {
        let mut terminal = vt100::Parser::new(NonZeroU16::MIN, NonZeroU16::MIN, 0);
        let mut shown: Option<Buffer> = None;
        for frame in frames {
            let (width, height) = size(&frame);
            let bytes = match shown.take().filter(|shown| shown.area == frame.area) {
                Some(before) => changes(&before, &frame),
                None => {
                    terminal.screen_mut().set_size(height.try_into().unwrap(), width.try_into().unwrap());
                    whole(&frame)
                }
            };
            terminal.process(bytes.as_bytes());
            prop_assert_eq!(wrong(&terminal, &frame), None, "{:?}", bytes);
            shown = Some(frame);
        }
    }
}
