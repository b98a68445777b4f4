//! Makes text from the data safe for a terminal: control codes become visible marks.
