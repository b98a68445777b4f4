//! What became of a step in an iteration: a cell of the map, with its signs and its word.

use strum::VariantArray;

/// The state of a cell. Of several that share a place the first in this order is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, VariantArray)]
pub enum MapCell {
    /// With an error, or it was begun when the record died.
    Failed,
    Running,
    /// Failed, then tried again until it worked.
    Retried,
    /// It took much longer than usual.
    Slow,
    Ok,
    /// The iteration ended early, or is not so far: before this step.
    Unreached,
    /// The iteration ended well without it.
    None,
}

impl MapCell {
    pub fn word(self) -> &'static str {
        match self {
            MapCell::Failed => "failed",
            MapCell::Running => "running",
            MapCell::Retried => "retried",
            MapCell::Slow => "slow",
            MapCell::Ok => "ok",
            MapCell::Unreached => "unreached",
            MapCell::None => "none",
        }
    }

    /// For the help.
    pub fn told(self) -> &'static str {
        match self {
            MapCell::Failed => "in the map: failed, or begun when the record died",
            MapCell::Running => "in the map: running",
            MapCell::Retried => "in the map: failed, then tried again until it worked",
            MapCell::Slow => "in map and steps: took longer than 1 s and twice its usual time",
            MapCell::Ok => "in the map: ended well",
            MapCell::Unreached => "in the map: the iteration ended early, or is not so far",
            MapCell::None => "in the map: the iteration ended well without it",
        }
    }

    /// One column wide, each another one.
    pub fn glyph(self, ascii: bool) -> &'static str {
        let (glyph, plain) = match self {
            MapCell::Failed => ("✖", "x"),
            MapCell::Running => ("▶", ">"),
            MapCell::Retried => ("↻", "r"),
            MapCell::Slow => ("◆", "s"),
            MapCell::Ok => ("▪", "+"),
            MapCell::Unreached => ("╌", "-"),
            MapCell::None => (" ", " "),
        };
        if ascii { plain } else { glyph }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::sanitize::width;

    #[test]
    fn no_two_states_look_alike() {
        for ascii in [false, true] {
            let glyphs: HashSet<&str> = MapCell::VARIANTS.iter().map(|cell| cell.glyph(ascii)).collect();
            assert_eq!(glyphs.len(), MapCell::VARIANTS.len());
            assert!(glyphs.iter().all(|glyph| width(glyph) == 1 && (!ascii || glyph.is_ascii())));
        }
        let words: HashSet<&str> = MapCell::VARIANTS.iter().map(|cell| cell.word()).collect();
        assert_eq!(words.len(), MapCell::VARIANTS.len());
    }
}
