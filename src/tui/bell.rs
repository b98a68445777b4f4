//! The terminal's bell, and a message to the desktop of whoever sits at it (OSC 9).

use super::clipboard::Between;
use crate::model::sanitize;

/// Longer messages are cut: desktops show no more, and GNU screen passes no more in one piece.
const LONGEST: usize = 200;

/// The bytes that ring, and say this where the terminal can: `between` it and the program may stand another one.
pub fn ring(text: &str, between: Between, can_say: bool) -> Vec<u8> {
    let mut bytes = vec![0x07];
    if can_say {
        let clean = sanitize::sanitize(text);
        let short = sanitize::cut_with(&clean, LONGEST, "...");
        bytes.extend(between.passed(&format!("\x1b]9;{short}\x1b\\")).into_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(text: &str, between: Between) -> String {
        String::from_utf8(ring(text, between, true)).unwrap()
    }

    #[test]
    fn it_is_wrapped_for_what_stands_between_and_holds_no_control_codes() {
        assert_eq!(rung("#7 dye waits", Between::Nothing), "\x07\x1b]9;#7 dye waits\x1b\\");
        assert_eq!(rung("#7", Between::Tmux), "\x07\x1bPtmux;\x1b\x1b]9;#7\x1b\x1b\\\x1b\\");
        assert_eq!(rung("#7", Between::Screen), "\x07\x1bP\x1b]9;#7\x1b\\\x1bP\x07\x1b\\");
        let evil = rung("a\x1b]0;title\x07\u{9c}\nb", Between::Nothing);
        assert_eq!(evil.matches('\x1b').count(), 2, "{evil:?}");
        assert_eq!(evil.matches('\x07').count(), 1, "{evil:?}");
        assert!(rung(&"測".repeat(5_000), Between::Nothing).chars().count() < 210);
        assert_eq!(ring("#7", Between::Nothing, false), b"\x07");
    }
}
