//! `/`, n and N in a log: first in the lines that are in memory, then in the file.

use super::{LogTab, Wanted};
use crate::{
    model::needle::Needle,
    services::{log::LogAt, request::Slot},
    tui::screen::Effect,
};

/// What Esc goes back to.
#[derive(Debug)]
pub(super) struct BeforeSearch {
    words: Needle,
    hit: Option<u64>,
    /// The first line on screen, in bytes of the file.
    at: u64,
}

impl LogTab {
    pub(super) fn start_search(&mut self) -> Vec<Effect> {
        let at = self.reader.lines().get(self.reader.first()).map_or(0, |line| line.at);
        self.before = Some(BeforeSearch { words: self.reader.words().clone(), hit: self.reader.hit(), at });
        vec![Effect::Search { words: String::new() }]
    }

    /// The words have changed: the first place with them, from where the search began.
    pub(super) fn search(&mut self, words: String) -> Vec<Effect> {
        self.reader.set_words(Needle::new(&words));
        self.reader.set_hit(None);
        let Some(at) = self.before.as_ref().map(|b| b.at) else { return Vec::new() };
        if self.reader.words().is_empty() {
            return self.back_to(at);
        }
        let here = self.window.get().and_then(|w| w.line_at(at, self.reader.lines()));
        match here {
            Some(line) => self.find_from(Some(line), true),
            None => self.find_in_file(at.saturating_sub(1), true),
        }
    }

    pub(super) fn search_done(&mut self, words: Option<String>) -> Vec<Effect> {
        let before = self.before.take();
        match (words, before) {
            (Some(words), _) => {
                if words.is_empty() {
                    self.clear_search();
                } else if self.reader.words().text() != words {
                    self.reader.set_words(Needle::new(&words));
                    return self.search_on(true);
                }
                Vec::new()
            }
            (None, Some(BeforeSearch { words, hit, at })) => {
                self.reader.set_words(words);
                self.reader.set_hit(hit);
                self.back_to(at)
            }
            (None, None) => Vec::new(),
        }
    }

    pub(super) fn clear_search(&mut self) {
        self.reader.set_words(Needle::default());
        self.reader.set_hit(None);
    }

    /// The next or previous line with the words.
    pub(super) fn search_on(&mut self, forward: bool) -> Vec<Effect> {
        self.find_from(self.reader.search_start(forward), forward)
    }

    /// From a line in memory on; `None` is above all of them.
    fn find_from(&mut self, from: Option<usize>, forward: bool) -> Vec<Effect> {
        if let Some(line) = from.and_then(|from| self.reader.find(from, forward)) {
            self.reader.set_hit(self.reader.lines().get(line).map(|l| l.at));
            self.reader.show(line);
            let mut effects = self.stop_finding();
            effects.extend(self.fetch());
            return effects;
        }
        let Some(window) = self.window.get() else { return Vec::new() };
        if window.start == 0 && window.has_end() {
            let other_end = if forward { 0 } else { self.reader.lines().len() };
            let line = self.reader.find(other_end, forward).and_then(|line| self.reader.lines().get(line));
            return self.found(line.map(|line| line.at), true, forward);
        }
        if !forward {
            return self.find_in_file(window.start, false);
        }
        // The search begins behind the line that holds this byte; a line without end is looked at again.
        let open = self.reader.lines().last().filter(|line| !line.ends).map(|line| line.at);
        self.find_in_file(open.unwrap_or(window.end).saturating_sub(1), true)
    }

    fn find_in_file(&mut self, from: u64, forward: bool) -> Vec<Effect> {
        let words = self.reader.words().text().to_owned();
        self.ask(Wanted::Find { forward }, LogAt::Find { words, from, forward }, 1)
    }

    /// Where the search has led; `again` when that is behind the end that it came to first.
    pub(super) fn found(&mut self, at: Option<u64>, again: bool, forward: bool) -> Vec<Effect> {
        let words = self.reader.words().text().to_owned();
        let Some(at) = at else {
            let mut effects = self.stop_finding();
            effects.push(Effect::say(format!("\"{words}\" is not found in this log")));
            return effects;
        };
        let is_only = self.reader.hit() == Some(at);
        self.reader.set_hit(Some(at));
        let mut effects = self.go(at, None);
        if again {
            effects.push(Effect::say(match (is_only, forward) {
                (true, _) => format!("\"{words}\" is nowhere else in this log"),
                (false, true) => format!("\"{words}\": from the top again"),
                (false, false) => format!("\"{words}\": from the end again"),
            }));
        }
        effects
    }

    /// A search that still runs is not wanted any more.
    fn stop_finding(&mut self) -> Vec<Effect> {
        let finds =
            matches!(self.requests.coming(Slot::Log), Some((_, Wanted::Find { .. } | Wanted::Place { .. })));
        if finds { self.requests.cancel(Slot::Log).into_iter().collect() } else { Vec::new() }
    }

    /// Ends a search; the line with this byte becomes the first on screen.
    fn back_to(&mut self, at: u64) -> Vec<Effect> {
        let mut effects = self.stop_finding();
        effects.extend(match self.window.get().and_then(|w| w.line_at(at, self.reader.lines())) {
            Some(line) => {
                self.reader.change(line, |_| {});
                self.fetch()
            }
            None => self.go(at, None),
        });
        effects
    }
}
