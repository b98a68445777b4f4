//! `/`, n and N over things that stand in an order and are all known: names of columns and outputs, lines, cells.

use crate::{model::needle::Needle, tui::screen::Effect};

/// The words, and what Esc goes back to.
#[derive(Debug, Default)]
pub(super) struct WordSearch {
    needle: Needle,
    before: Option<(Needle, usize)>,
    /// What the words typed so far came to, which Enter says again: a key that follows takes a message away.
    told: Option<String>,
}

/// What is searched.
pub(super) struct Things<'a> {
    pub all: usize,
    pub has: &'a dyn Fn(usize, &Needle) -> bool,
    /// Said where nothing has the words, which stand for `{}`.
    pub missing: &'a str,
}

/// Where to go, and what to say.
#[derive(Debug, Default)]
pub(super) struct Sought {
    pub to: Option<usize>,
    pub said: Vec<Effect>,
}

impl WordSearch {
    pub fn needle(&self) -> &Needle {
        &self.needle
    }

    /// Forgets the words; false where there were none.
    pub fn clear(&mut self) -> bool {
        !std::mem::take(&mut self.needle).is_empty()
    }

    /// The prompt opens; `at` is where one is.
    pub fn start(&mut self, at: usize) -> Vec<Effect> {
        self.before = Some((self.needle.clone(), at));
        vec![Effect::Search { words: String::new() }]
    }

    /// The words have changed: the first thing with them, from where the search began.
    pub fn typed(&mut self, words: &str, things: &Things<'_>) -> Sought {
        self.needle = Needle::new(words);
        self.told = None;
        let at = self.before.as_ref().map_or(0, |(_, at)| *at);
        if self.needle.is_empty() {
            return Sought { to: Some(at), said: Vec::new() };
        }
        let mut sought = self.look(things, (at, true), true);
        sought.to = sought.to.or(Some(at));
        sought
    }

    /// Enter keeps the words; Esc, or none, goes back to those before.
    pub fn done(&mut self, words: Option<String>, things: &Things<'_>) -> Sought {
        match words.filter(|words| !words.is_empty()) {
            Some(words) => {
                let sought = if self.needle.text() == words {
                    Sought { to: None, said: self.told.take().map(Effect::say).into_iter().collect() }
                } else {
                    self.typed(&words, things)
                };
                self.before = None;
                sought
            }
            None => {
                let Some((needle, at)) = self.before.take() else { return Sought::default() };
                self.needle = needle;
                Sought { to: Some(at), said: Vec::new() }
            }
        }
    }

    /// The next or previous thing with the words.
    pub fn on(&mut self, forward: bool, at: usize, things: &Things<'_>) -> Sought {
        self.look(things, (at, false), forward)
    }

    /// From one thing on, which counts itself where the search begins `here`, round the end.
    fn look(&mut self, things: &Things<'_>, (at, here): (usize, bool), forward: bool) -> Sought {
        let all = things.all;
        let place = |n: usize| if forward { (at + n) % all } else { (at + all - n % all) % all };
        let first = usize::from(!here);
        let found =
            (first..all + first).map(|n| (n, place(n))).find(|(_, to)| (things.has)(*to, &self.needle));
        let words = format!("\"{}\"", self.needle.text());
        let (to, text) = match found {
            None => (None, Some(things.missing.replace("{}", &words))),
            Some((n, to)) if n == all => (Some(to), Some(format!("{words}: this is the only place"))),
            Some((n, to)) if forward && at + n >= all => {
                (Some(to), Some(format!("{words}: from the top again")))
            }
            Some((n, to)) if !forward && n > at => (Some(to), Some(format!("{words}: from the end again"))),
            Some((_, to)) => (Some(to), None),
        };
        self.told = text.clone().filter(|_| self.before.is_some());
        Sought { to, said: text.map(Effect::say).into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["iter", "Größe (mm)", "yield", "size_mm", "größe 2"];

    fn things() -> Things<'static> {
        Things { all: NAMES.len(), has: &|n, needle| needle.is_in(NAMES[n]), missing: "No name has {}." }
    }

    fn text(sought: &Sought) -> Option<&str> {
        match sought.said.as_slice() {
            [Effect::Say(message)] => Some(&message.text),
            _ => None,
        }
    }

    #[test]
    fn goes_round_both_ways_and_says_so() {
        let mut search = WordSearch::default();
        search.start(2);
        let sought = search.typed("grö", &things());
        assert_eq!((sought.to, text(&sought)), (Some(4), None));
        assert_eq!(search.done(Some("grö".into()), &things()).to, None);
        let sought = search.on(true, 4, &things());
        assert_eq!((sought.to, text(&sought)), (Some(1), Some("\"grö\": from the top again")));
        let sought = search.on(false, 1, &things());
        assert_eq!((sought.to, text(&sought)), (Some(4), Some("\"grö\": from the end again")));
        search.typed("yield", &things());
        let sought = search.on(true, 2, &things());
        assert_eq!((sought.to, text(&sought)), (Some(2), Some("\"yield\": this is the only place")));
    }

    #[test]
    fn what_is_nowhere_is_told_with_enter_too_and_esc_goes_back() {
        let mut search = WordSearch::default();
        search.start(3);
        let sought = search.typed("zzz", &things());
        assert_eq!((sought.to, text(&sought)), (Some(3), Some("No name has \"zzz\".")));
        assert_eq!(text(&search.done(Some("zzz".into()), &things())), Some("No name has \"zzz\"."));
        search.start(1);
        search.typed("yield", &things());
        assert_eq!(search.done(None, &things()).to, Some(1));
        assert_eq!(search.needle().text(), "zzz");
        let none = Things { all: 0, ..things() };
        assert_eq!(search.on(true, 0, &none).to, None);
    }
}
