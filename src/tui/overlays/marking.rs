//! The records whose marks are to be changed, and the changes that typed tags mean.

use crate::{
    model::mark::{MarkChange, RecordMark, tag_of},
    tui::screen::{Effect, MarkTarget, Subject},
};

/// The records that are meant, and what is said of them now.
#[derive(Debug, Clone, PartialEq)]
pub struct Marking {
    pub target: MarkTarget,
    /// `#25 pump test`, `3 records`
    pub label: String,
    /// Empty for several records.
    pub mark: RecordMark,
}

impl Marking {
    pub fn of(subject: Subject) -> Self {
        let label = format!("#{} {}", subject.run, subject.name);
        let mark = subject.mark.map(|mark| mark.as_ref().clone()).unwrap_or_default();
        Self { target: MarkTarget::One(subject.key), label, mark }
    }

    /// Changes them.
    pub fn changes(&self, changes: Vec<MarkChange>) -> Effect {
        Effect::Mark { target: self.target.clone(), changes, label: self.label.clone() }
    }

    pub fn is_many(&self) -> bool {
        matches!(self.target, MarkTarget::Picked { .. })
    }
}

/// The changes that typed tags mean: `salt -old` adds one and takes one away.
///
/// # Errors
/// What is wrong, in words.
pub fn tag_changes(words: &str) -> Result<Vec<MarkChange>, String> {
    let change = |word: &str| match word.strip_prefix('-') {
        Some(tag) => tag_of(tag).map(MarkChange::Untag),
        None => tag_of(word).map(MarkChange::Tag),
    };
    words.split([' ', ',']).filter(|word| !word.is_empty()).map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_tags_are_added_and_taken_away() {
        let tag = |tag: &str| MarkChange::Tag(tag.to_owned());
        let changes = tag_changes(" salt, pH-7 -old ");
        assert_eq!(changes, Ok(vec![tag("salt"), tag("pH-7"), MarkChange::Untag("old".to_owned())]));
        assert_eq!(tag_changes(""), Ok(Vec::new()));
        assert!(tag_changes("a -").is_err() && tag_changes(&"x".repeat(70)).is_err());
    }
}
