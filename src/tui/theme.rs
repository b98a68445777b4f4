//! Colours and glyphs: what the terminal can, and what each kind of text looks like in it.

/// What the terminal can.
#[derive(Debug, Clone, Default)]
pub struct Theme {
    /// Only ASCII signs.
    pub ascii: bool,
}
