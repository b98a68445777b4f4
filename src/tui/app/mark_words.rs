//! Changes of marks that are under way, and what is said of them.

use crate::{
    model::{
        format::count_of,
        mark::{MarkChange, Verdict},
    },
    services::{marks::Marked, sharing::Adopted},
    tui::{
        screen::{MarkTarget, Message, Tone},
        tag::Tag,
    },
};

/// A change that is under way.
#[derive(Debug)]
pub(super) struct OpenChange {
    pub tag: Tag,
    pub target: MarkTarget,
    pub changes: Vec<MarkChange>,
    pub label: String,
}

/// What is said of marks and trash that were taken over.
pub(super) fn taken_over(adopted: &Adopted) -> Message {
    let moved = &adopted.moved;
    let words = moved.words().unwrap_or_else(|| "nothing".to_owned());
    let parts = [Some(format!("Taken over: {words}")), moved.numbers()].into_iter().flatten();
    let parts: Vec<String> = parts.chain(moved.notices.iter().cloned()).collect();
    Message { text: parts.join("; "), tone: Tone::Good }
}

/// What is said of a change that was made.
pub(super) fn told(label: &str, changes: &[MarkChange], marked: &Marked) -> String {
    let star = |star: bool| if star { "starred" } else { "no star" }.to_owned();
    let words = changes.iter().map(|change| match change {
        MarkChange::Star(on) => star(*on),
        MarkChange::TurnStar => star(marked.starred == Some(true)),
        MarkChange::Verdict(verdict) => match verdict {
            Some(verdict) => format!("verdict {}", Verdict::label(*verdict)),
            None => "no verdict".to_owned(),
        },
        MarkChange::Tag(tag) => format!("tag {tag}"),
        MarkChange::Untag(tag) => format!("tag {tag} taken away"),
        MarkChange::Note { text, .. } if text.is_empty() => "note taken away".to_owned(),
        MarkChange::Note { .. } => "note kept".to_owned(),
    });
    let words: Vec<String> = words.collect();
    let was_so = match marked.changed {
        0 => "; it was so before".to_owned(),
        changed if changed < marked.records => {
            let others = count_of((marked.records - changed) as u64, "of them was", "of them were");
            format!("; {others} so before")
        }
        _ => String::new(),
    };
    let notice = marked.notice.as_ref().map(|notice| format!("; {notice}")).unwrap_or_default();
    format!("{label}: {}{was_so}{notice}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_with_what_was_so_before() {
        let told_of = |changes: &[MarkChange], records, changed, starred| {
            let marked = Marked { records, changed, starred, notice: None };
            told("#25 pump test", changes, &marked)
        };
        assert_eq!(told_of(&[MarkChange::TurnStar], 1, 1, Some(true)), "#25 pump test: starred");
        assert_eq!(told_of(&[MarkChange::TurnStar], 1, 1, Some(false)), "#25 pump test: no star");
        let tags = [MarkChange::Tag("salt".to_owned()), MarkChange::Untag("old".to_owned())];
        assert_eq!(
            told_of(&tags, 3, 1, None),
            "#25 pump test: tag salt, tag old taken away; 2 of them were so before"
        );
        let verdict = [MarkChange::Verdict(Some(Verdict::Check))];
        assert_eq!(told_of(&verdict, 1, 0, None), "#25 pump test: verdict check again; it was so before");
    }
}
