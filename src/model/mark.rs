//! What people say of a record: a star, a verdict, tags, a note; how it changes, and how two of one record become one.

use std::collections::BTreeSet;

/// What was found of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, strum::VariantArray)]
pub enum Verdict {
    Good,
    Bad,
    /// It has to be looked at again.
    Check,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Good => "good",
            Verdict::Bad => "bad",
            Verdict::Check => "check",
        }
    }

    /// What it is called for people.
    pub fn label(self) -> &'static str {
        match self {
            Verdict::Check => "check again",
            other => other.word(),
        }
    }

    pub fn named(word: &str) -> Option<Self> {
        use strum::VariantArray as _;
        Self::VARIANTS.iter().copied().find(|verdict| verdict.word() == word)
    }
}

/// The marks of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordMark {
    pub star: bool,
    pub verdict: Option<Verdict>,
    pub tags: BTreeSet<String>,
    pub note: String,
    /// The login name of who changed it last.
    pub by: String,
    /// When, by the lab PC's clock: `YYYY-MM-DDTHH:MM:SS.ffffff`, so that later is greater.
    pub at: String,
}

/// The longest tag, in characters, and the longest note, in bytes.
const LONGEST_TAG: usize = 60;
pub const LONGEST_NOTE: usize = 1 << 20;

/// A change of a record's marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkChange {
    Star(bool),
    /// Off where all of the records that are meant have one, else on.
    TurnStar,
    Verdict(Option<Verdict>),
    Tag(String),
    Untag(String),
    Note {
        text: String,
        /// The note that was there when this one was written from it: if somebody else wrote another one meanwhile, both
        /// are kept. `None` takes the place of any.
        was: Option<String>,
    },
}

impl RecordMark {
    /// Nothing is said of the record any more.
    pub fn is_empty(&self) -> bool {
        !self.star && self.verdict.is_none() && self.tags.is_empty() && self.note.is_empty()
    }

    /// Changes it; false where it was so before.
    pub fn change(&mut self, change: &MarkChange, by: &str, at: &str) -> bool {
        let before = self.clone();
        match change {
            MarkChange::Star(star) => self.star = *star,
            MarkChange::TurnStar => self.star = !self.star,
            MarkChange::Verdict(verdict) => self.verdict = *verdict,
            MarkChange::Tag(tag) => drop(self.tags.insert(tag.clone())),
            MarkChange::Untag(tag) => drop(self.tags.remove(tag)),
            MarkChange::Note { text, was } => {
                let is_anothers = was.as_ref().is_some_and(|was| *was != self.note);
                self.note = if is_anothers { self.with_note(text) } else { text.clone() };
            }
        }
        if *self == before {
            return false;
        }
        by.clone_into(&mut self.by);
        // The clock may have gone back.
        self.at = at.max(before.at.as_str()).to_owned();
        true
    }

    /// A note in front of this one, where neither has the other.
    fn with_note(&self, newer: &str) -> String {
        let older = &self.note;
        if newer.contains(older.as_str()) {
            return newer.to_owned();
        }
        if older.contains(newer) {
            return older.clone();
        }
        format!(
            "{newer}\n\n{} ({}):\n{older}",
            self.by,
            self.at.get(..16).unwrap_or(&self.at).replace('T', " ")
        )
    }

    /// Two of one record as one: the later one counts, tags are joined. With `both_notes` no note is lost.
    #[must_use]
    pub fn joined(&self, other: &RecordMark, both_notes: bool) -> RecordMark {
        let (newer, older) = if other.at > self.at { (other, self) } else { (self, other) };
        let mut joined = newer.clone();
        joined.tags.extend(older.tags.iter().cloned());
        if both_notes {
            joined.note = older.with_note(&newer.note);
        }
        joined
    }
}

/// A tag as it is kept; what can be none is told.
///
/// # Errors
/// A sentence for people.
pub fn tag_of(typed: &str) -> Result<String, String> {
    let tag = typed.trim();
    if tag.is_empty() {
        return Err("a tag has at least one letter".to_owned());
    }
    if tag.starts_with('-') {
        return Err(format!("{tag}: a tag begins with no dash, as that takes one away"));
    }
    if tag.chars().any(|c| c.is_whitespace() || c.is_control() || c == ',') {
        return Err(format!("{}: a tag has no blanks and no commas", tag.escape_debug()));
    }
    if tag.chars().count() > LONGEST_TAG {
        return Err(format!("a tag has at most {LONGEST_TAG} letters"));
    }
    Ok(tag.to_owned())
}

/// A note as it is kept: its lines end with a line feed, the last one without; of nothing but blanks none is left.
///
/// # Errors
/// A sentence for people where it is longer than [`LONGEST_NOTE`].
pub fn note_of(typed: &str) -> Result<String, String> {
    let note = typed.replace("\r\n", "\n");
    let note = if note.trim().is_empty() { "" } else { note.trim_end_matches('\n') };
    if note.len() > LONGEST_NOTE {
        return Err(format!("a note has at most {} MB", LONGEST_NOTE >> 20));
    }
    Ok(note.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(note: &str, at: &str) -> RecordMark {
        RecordMark {
            note: note.to_owned(),
            by: "mara".to_owned(),
            at: at.to_owned(),
            ..RecordMark::default()
        }
    }

    #[test]
    fn a_change_says_who_and_when_and_one_that_changes_nothing_does_not() {
        let mut mark = RecordMark::default();
        assert!(mark.change(&MarkChange::Star(true), "mara", "2026-11-28T08:00:00.000001"));
        assert!(!mark.change(&MarkChange::Star(true), "lee", "2026-11-28T09:00:00.000000"));
        assert_eq!((mark.by.as_str(), mark.at.as_str()), ("mara", "2026-11-28T08:00:00.000001"));
        assert!(mark.change(&MarkChange::Tag("salt".to_owned()), "lee", "2026-11-28T07:00:00.000000"));
        assert_eq!(mark.at, "2026-11-28T08:00:00.000001", "a clock that went back makes nothing older");
        assert!(mark.change(&MarkChange::Untag("salt".to_owned()), "lee", "2026-11-28T10:00:00.000000"));
        assert!(
            mark.change(&MarkChange::Star(false), "lee", "2026-11-28T10:00:00.000000") && mark.is_empty()
        );
    }

    #[test]
    fn a_note_that_somebody_else_wrote_meanwhile_stays() {
        let mut mark = noted("first", "2026-11-28T08:00:00.000000");
        let mine = MarkChange::Note { text: "mine".to_owned(), was: Some(String::new()) };
        assert!(mark.change(&mine, "lee", "2026-11-28T08:01:00.000000"));
        assert_eq!(mark.note, "mine\n\nmara (2026-11-28 08:00):\nfirst");
        let plain = MarkChange::Note { text: "only this".to_owned(), was: None };
        mark.change(&plain, "lee", "2026-11-28T08:02:00.000000");
        assert_eq!(mark.note, "only this");
    }

    #[test]
    fn of_two_the_later_counts_and_tags_are_joined() {
        let mut older = noted("older", "2026-11-28T08:00:00.000000");
        older.tags.insert("a".to_owned());
        let mut newer = noted("newer", "2026-11-28T09:00:00.000000");
        newer.tags.insert("b".to_owned());
        let joined = older.joined(&newer, false);
        assert_eq!(joined, newer.joined(&older, false));
        assert_eq!((joined.note.as_str(), joined.tags.len()), ("newer", 2));
        let both = older.joined(&newer, true);
        assert_eq!(both.note, "newer\n\nmara (2026-11-28 08:00):\nolder");
        assert_eq!(both.joined(&older, true).note, both.note, "it is not there twice");
    }

    #[test]
    fn what_can_be_no_tag_is_told() {
        assert_eq!(tag_of("  pH-7 "), Ok("pH-7".to_owned()));
        for wrong in ["", "-x", "a b", "a,b", "a\u{7}", &"x".repeat(61)] {
            assert!(tag_of(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn notes_have_one_kind_of_lines_and_a_bound() {
        assert_eq!(note_of("one\r\n\r\ntwo\r\n\n"), Ok("one\n\ntwo".to_owned()));
        assert_eq!(note_of(" as it is \r"), Ok(" as it is \r".to_owned()));
        assert_eq!(note_of("\n"), Ok(String::new()));
        assert!(
            note_of(&"x".repeat(LONGEST_NOTE)).is_ok() && note_of(&"x".repeat(LONGEST_NOTE + 1)).is_err()
        );
    }
}
