//! What was typed before into the line at the bottom, while the program runs: Up brings it back.

/// What a line is typed for; each has a past of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// `/`
    Words,
    /// `/` on the list of records
    Filter,
    /// `&`
    Lines,
    /// `:`
    Command,
}

/// More than anybody looks through.
const KEPT: usize = 100;

/// The lines that were typed, the newest last; none twice.
#[derive(Debug, Default)]
pub struct History {
    words: Vec<String>,
    filters: Vec<String>,
    lines: Vec<String>,
    commands: Vec<String>,
}

impl History {
    pub fn of(&self, typed: Typed) -> &[String] {
        match typed {
            Typed::Words => &self.words,
            Typed::Filter => &self.filters,
            Typed::Lines => &self.lines,
            Typed::Command => &self.commands,
        }
    }

    pub fn remember(&mut self, typed: Typed, line: String) {
        if line.trim().is_empty() {
            return;
        }
        let past = match typed {
            Typed::Words => &mut self.words,
            Typed::Filter => &mut self.filters,
            Typed::Lines => &mut self.lines,
            Typed::Command => &mut self.commands,
        };
        past.retain(|old| *old != line);
        past.push(line);
        let spare = past.len().saturating_sub(KEPT);
        past.drain(..spare);
    }
}

/// A walk through the past of a line that is being typed.
#[derive(Debug, Default)]
pub struct Recall {
    past: Vec<String>,
    /// How many lines back.
    back: usize,
    /// What stood there before.
    draft: String,
}

impl Recall {
    pub fn new(past: &[String]) -> Self {
        Recall { past: past.to_vec(), ..Recall::default() }
    }

    /// The line before; `None` where there is none.
    pub fn older(&mut self, typed: &str) -> Option<String> {
        if self.back == 0 {
            typed.clone_into(&mut self.draft);
            // What stands there already would be no news.
            if self.past.last().is_some_and(|last| last == typed) && self.past.len() > 1 {
                self.back = 1;
            }
        }
        let older = self.past.len().checked_sub(self.back + 1).and_then(|at| self.past.get(at))?;
        self.back += 1;
        Some(older.clone())
    }

    /// The line behind, in the end what stood there at first.
    pub fn newer(&mut self) -> Option<String> {
        self.back = self.back.checked_sub(1)?;
        match self.back {
            0 => Some(std::mem::take(&mut self.draft)),
            back => self.past.len().checked_sub(back).and_then(|at| self.past.get(at)).cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_past_without_doubles() {
        let mut history = History::default();
        for line in ["valve", "stirrer", "  ", "", "valve"] {
            history.remember(Typed::Words, line.to_owned());
        }
        history.remember(Typed::Command, "page 2".to_owned());
        assert_eq!(history.of(Typed::Words), ["stirrer", "valve"]);
        assert_eq!((history.of(Typed::Command).len(), history.of(Typed::Lines).len()), (1, 0));
        for n in 0..200 {
            history.remember(Typed::Lines, n.to_string());
        }
        assert_eq!((history.of(Typed::Lines).len(), history.of(Typed::Lines)[0].as_str()), (KEPT, "100"));
    }

    #[test]
    fn up_goes_back_and_down_comes_back_to_what_was_typed() {
        let mut recall = Recall::new(&["first".to_owned(), "second".to_owned()]);
        assert_eq!(recall.newer(), None);
        assert_eq!(recall.older("dra").as_deref(), Some("second"));
        assert_eq!(recall.older("second").as_deref(), Some("first"));
        assert_eq!(recall.older("first"), None);
        assert_eq!(recall.newer().as_deref(), Some("second"));
        assert_eq!(recall.newer().as_deref(), Some("dra"));
        assert_eq!(recall.newer(), None);
        assert_eq!(Recall::new(&[]).older(""), None);
        let mut filled = Recall::new(&["first".to_owned(), "second".to_owned()]);
        assert_eq!(filled.older("second").as_deref(), Some("first"));
    }
}
