//! Colours and glyphs: what the terminal can, and what each kind of text looks like in it.
