//! A log narrowed to the lines with some words and the lines around them.

use super::{Loadable, LogTab, lines::split};
use crate::{
    model::{format::count_of, needle::Needle},
    services::{log::LogNarrow, request::Ask},
    style::Role,
    tui::{
        action::Action,
        screen::Effect,
        screens::read_by,
        widgets::reader::{Reader, TextLine},
    },
};

/// Lines before and behind each match at first, and at most.
const CONTEXT: usize = 2;
const MOST: usize = 50;

/// What is shown in the place of the whole log.
#[derive(Debug)]
pub(super) struct NarrowedLog {
    pub words: String,
    pub context: usize,
    pub reader: Reader,
    matches: u64,
    more: bool,
}

impl NarrowedLog {
    /// `12 lines with "pump", 2 around each`.
    pub fn says(&self) -> String {
        let lines = count_of(self.matches, "line", "lines");
        let more = if self.more { "the first " } else { "" };
        format!("{more}{lines} with \"{}\", {} around each", self.words, self.context)
    }
}

impl LogTab {
    /// No words show the whole log again.
    pub(super) fn narrow_to(&mut self, words: String) -> Vec<Effect> {
        if words.is_empty() {
            self.narrow = None;
            return self.fetch();
        }
        let context = self.narrow.as_ref().map_or(CONTEXT, |n| n.context);
        self.ask_narrow(words, context)
    }

    fn ask_narrow(&mut self, words: String, context: usize) -> Vec<Effect> {
        vec![self.requests.ask(Ask::LogNarrow { run: self.run, words, context })]
    }

    pub(super) fn narrowed(&mut self, words: String, context: usize, found: LogNarrow) -> Vec<Effect> {
        if found.matches == 0 {
            return vec![Effect::say(format!("No line of the log has \"{words}\""))];
        }
        let mut reader = Reader::default();
        reader.set_size(self.reader.size());
        if self.reader.wraps() {
            reader.turn_wrap();
        }
        reader.set_words(Needle::new(&words));
        let mut has_windows = false;
        reader.change(0, |all| {
            let mut reached = None;
            for (at, bytes) in &found.lines {
                if reached.is_some_and(|end| end != *at) {
                    let gap =
                        TextLine { text: "--".to_owned(), kind: Role::Dim, at: *at, ..TextLine::default() };
                    all.push(TextLine { ends: true, ..gap });
                }
                reached = Some(at + bytes.len() as u64);
                let new = split(bytes, *at, found.encoding);
                has_windows |= new.has_windows;
                all.extend(new.lines);
            }
        });
        if let (true, Loadable::There(window)) = (has_windows, &mut self.window) {
            window.met_windows();
        }
        self.narrow = Some(NarrowedLog { words, context, reader, matches: found.matches, more: found.more });
        Vec::new()
    }

    /// What a key does while it is narrowed; `None` for keys that mean the same as else.
    pub(super) fn act_narrow(&mut self, action: Action) -> Option<Vec<Effect>> {
        let narrow = self.narrow.as_mut()?;
        if read_by(&mut narrow.reader, action) {
            return Some(Vec::new());
        }
        match action {
            Action::Back => self.narrow = None,
            Action::Open => {
                let first = narrow.reader.first();
                let at = narrow.reader.lines().get(first).map_or(0, |line| line.at);
                self.narrow = None;
                return Some(self.go(at, None));
            }
            Action::More | Action::Less | Action::Fit | Action::Reload => {
                let context = match action {
                    Action::More => (narrow.context + 1).min(MOST),
                    Action::Less => narrow.context.saturating_sub(1),
                    Action::Fit => CONTEXT,
                    _ => narrow.context,
                };
                let words = narrow.words.clone();
                return Some(self.ask_narrow(words, context));
            }
            _ => return None,
        }
        Some(Vec::new())
    }

    pub(super) fn can_narrow(narrow: &NarrowedLog, action: Action) -> bool {
        match action {
            Action::Left => narrow.reader.can_left(),
            Action::Right => narrow.reader.can_right(),
            Action::More => narrow.context < MOST,
            Action::Less => narrow.context > 0,
            Action::Narrow | Action::Back | Action::Open | Action::Fit | Action::Wrap | Action::Reload => {
                true
            }
            other => other.moves(),
        }
    }
}
