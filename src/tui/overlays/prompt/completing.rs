//! Tab in the line at the bottom: the word is completed, or what could stand there is listed.

use super::{super::folders, Prompt, Purpose};
use crate::{
    error::{Error, Result},
    model::query::ListQuery,
    services::request::{Answer, Ask},
    tui::{
        command,
        filter_completion::{self, Completed, Open},
        screen::Effect,
    },
};

impl Prompt {
    /// Filter words: at once, or behind the answer that says which values there are.
    pub(super) fn complete_filter(&mut self) -> Vec<Effect> {
        let words = self.words();
        let done = match filter_completion::open_end(&words) {
            Open::Name { begun } => filter_completion::names(&words, &begun),
            Open::Value { of, begun, at } if filter_completion::looked_up(of) => {
                match self.values.as_ref().filter(|values| values.of == of) {
                    Some(values) => filter_completion::values(&words, (&begun, at), values),
                    None => {
                        self.say("...".to_owned());
                        self.waiting = words;
                        return vec![Effect::Ask(Ask::FilterValues { query: ListQuery::default(), of })];
                    }
                }
            }
            Open::Value { of, begun, at } => filter_completion::choices(&words, of, &begun, at),
            Open::Other => Completed { words: words.clone(), offered: Vec::new() },
        };
        let changed = done.words != words;
        self.set(&done.words);
        let effects = self.changed(changed);
        if self.mark.is_none() || done.offered.len() > 1 {
            self.say(offer(done.offered.iter().map(String::as_str)));
        }
        effects
    }

    fn say(&mut self, note: String) {
        (self.note, self.mark) = (note, None);
    }

    /// Which values there are, for the completion that waits for it.
    pub(super) fn values_came(&mut self, result: Result<Answer>) -> Vec<Effect> {
        match result {
            Ok(Answer::FilterValues(values)) => {
                self.values = Some(values);
                // Words that went on meanwhile are not touched.
                if self.waiting == self.words() { self.complete_filter() } else { Vec::new() }
            }
            Ok(_) | Err(Error::Cancelled) => Vec::new(),
            Err(error) => {
                self.say(error.on_screen());
                Vec::new()
            }
        }
    }

    pub(super) fn complete(&mut self) {
        let (line, offered) = match self.purpose {
            Purpose::Command => command::complete(&self.words(), &self.views),
            Purpose::Folder => folders::complete(&self.words()),
            Purpose::Tags => return self.complete_tag(),
            Purpose::Search | Purpose::Filter | Purpose::Lines => return,
        };
        let ends = if self.purpose == Purpose::Folder { '/' } else { ' ' };
        let word = |line: &String| match line.split_once(' ') {
            // Names have blanks.
            Some(("view" | "forget", name)) => name.to_owned(),
            _ => line.trim_end_matches('/').rsplit(ends).next().unwrap_or_default().to_owned(),
        };
        let offered: Vec<String> = offered.iter().map(word).collect();
        self.note = offer(offered.iter().map(String::as_str));
        self.set(&line);
    }
}

impl Prompt {
    /// The last word, as a tag in use.
    fn complete_tag(&mut self) {
        let words = self.words();
        let from = words.rfind([' ', ',']).map_or(0, |at| at + 1);
        let from = from + usize::from(words.get(from..).is_some_and(|word| word.starts_with('-')));
        let begun = words.get(from..).unwrap_or_default();
        let fits = self.tags.iter().filter(|(tag, _)| tag.starts_with(begun));
        let found = fits.map(|(tag, _)| (tag.clone(), tag.clone())).collect();
        let done = filter_completion::completed(&words, from, begun, found);
        self.set(&done.words);
        self.note = match self.tags.is_empty() {
            true => "no tag is in use yet".to_owned(),
            false => offer(done.offered.iter().map(String::as_str)),
        };
    }
}

/// What could stand there, in a line.
fn offer<'a>(offered: impl Iterator<Item = &'a str>) -> String {
    let offered: Vec<&str> = offered.collect();
    match offered.len() {
        0 => "nothing to complete".to_owned(),
        1 => String::new(),
        _ => offered.join("  "),
    }
}
