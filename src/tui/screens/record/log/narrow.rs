//! A log narrowed to the lines with some words and the lines around them.

use ratatui::layout::Size;

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
    /// The cursor is the line of its hit.
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

    pub fn set_size(&mut self, size: Size) {
        self.reader.set_size(size);
        self.put(self.cursor());
    }

    /// The line with the cursor.
    fn cursor(&self) -> usize {
        let at = self.reader.hit().unwrap_or_default();
        self.reader.lines().iter().position(|line| line.at == at && !is_gap(line)).unwrap_or_default()
    }

    fn put(&mut self, line: usize) {
        let at = self.reader.lines().get(line).map(|line| line.at);
        self.reader.set_hit(at);
        self.reader.bring(line);
    }

    /// The cursor goes from line to line, over gaps.
    fn move_cursor(&mut self, action: Action) {
        let (from, lines) = (self.cursor(), self.reader.lines());
        let to = action.moved(from, self.reader.height(), lines.len().saturating_sub(1));
        let to = if !lines.get(to).is_some_and(is_gap) {
            to
        } else if to > from {
            to + 1
        } else {
            to.saturating_sub(1)
        };
        self.put(to);
    }

    /// To the next or previous line with the words.
    fn find(&mut self, forward: bool) {
        let from = if forward { Some(self.cursor() + 1) } else { self.cursor().checked_sub(1) };
        if let Some(line) = from.and_then(|from| self.reader.find(from, forward)) {
            self.put(line);
        }
    }
}

/// Stands for the lines that are left out.
fn is_gap(line: &TextLine) -> bool {
    line.kind == Role::Dim && line.text == GAP
}

const GAP: &str = "--";

impl LogTab {
    /// No words show the whole log again.
    pub(super) fn narrow_to(&mut self, words: String) -> Vec<Effect> {
        if words.is_empty() {
            (self.narrow, self.opened_from) = (None, None);
            return self.fetch();
        }
        let context = self.narrow.as_ref().map_or(CONTEXT, |n| n.context);
        self.ask_narrow(words, context)
    }

    fn ask_narrow(&mut self, words: String, context: usize) -> Vec<Effect> {
        vec![self.requests.ask(Ask::LogNarrow { run: self.run, words, context })]
    }

    /// The same words, as the log has grown.
    pub(super) fn narrow_anew(&mut self) -> Vec<Effect> {
        let same = self.narrow.as_ref().map(|narrow| (narrow.words.clone(), narrow.context));
        same.map(|(words, context)| self.ask_narrow(words, context)).unwrap_or_default()
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
                if let Some(end) = reached.filter(|end| end != at) {
                    let gap =
                        TextLine { text: GAP.to_owned(), kind: Role::Dim, at: end, ..TextLine::default() };
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
        let (matches, more) = (found.matches, found.more);
        // With other lines around them the cursor stays where it is.
        let kept = self.narrow.take().filter(|before| before.words == words);
        let at = kept.and_then(|before| before.reader.hit()).unwrap_or_default();
        let mut narrow = NarrowedLog { words, context, reader, matches, more };
        let after = narrow.reader.lines().partition_point(|line| line.at < at);
        let exact =
            at > 0 && narrow.reader.lines().get(after).is_some_and(|line| line.at == at && !is_gap(line));
        let first = if exact { Some(after) } else { narrow.reader.find(after, true) };
        narrow.put(first.unwrap_or_default());
        (self.narrow, self.opened_from) = (Some(narrow), None);
        Vec::new()
    }

    /// The whole log is shown, with the way back.
    pub(super) fn leave_narrow(&mut self) {
        if self.narrow.is_some() {
            self.opened_from = self.narrow.take();
        }
    }

    /// The byte of the line under the cursor.
    pub(super) fn current_byte(&self) -> Option<u64> {
        if let Some(narrow) = &self.narrow {
            return narrow.reader.hit();
        }
        self.reader.lines().get(self.reader.current()?).map(|line| line.at)
    }

    /// Back from a line of the whole log.
    pub(super) fn narrow_again(&mut self) {
        self.narrow = self.opened_from.take();
        self.reader.set_hit(None);
    }

    /// What a key does while it is narrowed; `None` for keys that mean the same as else.
    pub(super) fn act_narrow(&mut self, action: Action) -> Option<Vec<Effect>> {
        let narrow = self.narrow.as_mut()?;
        if action.moves() {
            narrow.move_cursor(action);
            return Some(Vec::new());
        }
        if read_by(&mut narrow.reader, action) {
            return Some(Vec::new());
        }
        match action {
            Action::Back => self.narrow = None,
            Action::SearchNext => narrow.find(true),
            Action::SearchPrevious => narrow.find(false),
            Action::Open => {
                let at = narrow.reader.hit().unwrap_or_default();
                self.opened_from = self.narrow.take();
                self.reader.set_hit(Some(at));
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
            Action::SearchNext | Action::SearchPrevious => true,
            Action::Narrow | Action::Back | Action::Open | Action::Fit | Action::Wrap | Action::Reload => {
                true
            }
            Action::NextError | Action::PreviousError => true,
            other => other.moves(),
        }
    }
}
