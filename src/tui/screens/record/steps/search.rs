//! `/`, n and N: words in the lines that are open, and by way of the worker in all that is closed.
//!
//! Both are asked each time: the nearest line that shows the words, and the nearest phase or step that has them in the
//! file. Whichever comes first from where the search began is gone to, and opened as far as the words are hidden.

use super::{
    StepsTab,
    detail::OpenStep,
    hits,
    tree::{Anchor, At, Inner},
};
use crate::{
    model::needle::Needle,
    services::{
        find_step::StepSearch,
        next_failure::Spot,
        request::{Ask, Slot},
    },
    tui::{action::Action, bindings::key_of, keymap::Context, screen::Effect},
};

#[derive(Debug, Default)]
pub(super) struct Search {
    /// Empty finds nothing.
    pub needle: Needle,
    /// Before the words that are being typed.
    before: Option<Before>,
    /// Where the search that is under way began.
    origin: Origin,
    /// Is led to: its steps or what is in it are still being read.
    goal: Option<Spot>,
    /// What the last search came to, which Enter says again: a key that follows takes a message away.
    told: Option<String>,
    /// What the words that are being typed have opened: phases, and steps in them.
    opened: Vec<(i64, Option<i64>)>,
}

#[derive(Debug)]
struct Before {
    needle: Needle,
    origin: Origin,
}

/// A place in the tree, and whether it counts itself.
#[derive(Debug, Clone, Copy, Default)]
struct Origin {
    anchor: Option<Anchor>,
    here: bool,
    forward: bool,
}

impl StepsTab {
    pub(super) fn start_search(&mut self) -> Vec<Effect> {
        let origin = Origin { anchor: self.anchor(), here: true, forward: true };
        self.search.before = Some(Before { needle: self.search.needle.clone(), origin });
        self.search.opened.clear();
        vec![Effect::Search { words: String::new() }]
    }

    fn anchor(&self) -> Option<Anchor> {
        self.scroll.selected().and_then(|line| self.tree.anchor(line))
    }

    /// While words are typed: the first place with them, from where the search began.
    pub(super) fn search_for(&mut self, words: &str) -> Vec<Effect> {
        let mut effects = self.stop_search();
        self.search.needle = Needle::new(words);
        let origin = self.search.before.as_ref().map(|before| before.origin);
        let origin = origin.unwrap_or(Origin { anchor: self.anchor(), here: true, forward: true });
        self.close_opened();
        self.scroll.jump(self.line_of(origin));
        effects.extend(self.ask_for(origin));
        effects
    }

    /// Enter keeps the words; Esc, or none, goes back to those before.
    pub(super) fn search_done(&mut self, words: Option<String>) -> Vec<Effect> {
        match words.filter(|words| !words.is_empty()) {
            Some(words) if words == self.search.needle.text() => {
                self.search.before = None;
                self.search.opened.clear();
                self.search.told.take().map(Effect::say).into_iter().collect()
            }
            Some(words) => {
                let effects = self.search_for(&words);
                self.search.before = None;
                effects
            }
            None => {
                let effects = self.stop_search();
                self.close_opened();
                if let Some(Before { needle, origin }) = self.search.before.take() {
                    self.search.needle = needle;
                    self.scroll.jump(self.line_of(origin));
                }
                effects
            }
        }
    }

    pub(super) fn search_on(&mut self, forward: bool) -> Option<Effect> {
        self.search.opened.clear();
        self.ask_for(Origin { anchor: self.anchor(), here: false, forward })
    }

    /// A search is under way, or what it found is being read.
    pub(super) fn is_searching(&self) -> bool {
        self.search.goal.is_some() || self.requests.is_coming(Slot::FindStep)
    }

    fn stop_search(&mut self) -> Vec<Effect> {
        self.search.goal = None;
        self.search.told = None;
        self.requests.cancel(Slot::FindStep).into_iter().collect()
    }

    /// Closes what the words typed so far had opened.
    fn close_opened(&mut self) {
        for (phase, step) in std::mem::take(&mut self.search.opened) {
            let Some(place) = self.tree.place(phase) else { continue };
            match step {
                Some(step) => {
                    self.tree.change(place, |open| open.opened.remove(&step));
                }
                None => {
                    self.tree.fold(place);
                }
            }
        }
        self.settle();
    }

    fn line_of(&self, origin: Origin) -> usize {
        origin.anchor.and_then(|anchor| self.tree.line_of(anchor)).unwrap_or(0)
    }

    fn ask_for(&mut self, origin: Origin) -> Option<Effect> {
        self.search.origin = origin;
        self.search.told = None;
        if self.search.needle.is_empty() {
            return None;
        }
        let line = self.line_of(origin);
        let at = self.tree.at(line);
        // From inside an opened step the rest of it is looked at here.
        let inside = matches!(at, Some(At::Inner(place, n)) if !self.is_step(place, n));
        let words = self.search.needle.text().to_owned();
        let search = StepSearch {
            words,
            from: at.and_then(|at| self.spot_at(at)),
            here: origin.here && !inside,
            forward: origin.forward,
        };
        Some(self.requests.ask(Ask::FindStep { run: self.run, search }))
    }

    fn is_step(&self, place: usize, n: usize) -> bool {
        matches!(self.tree.inner(place, n), Some((_, Inner::Step(_))))
    }

    fn spot_at(&self, at: At) -> Option<Spot> {
        let (At::Phase(place) | At::Inner(place, _)) = at;
        let phase = self.tree.phases().get(place)?.id();
        let step = self.tree.step_at(at).map(|(_, step)| step.id);
        Some(step.map_or(Spot::Phase(phase), |step| Spot::Step { phase, step }))
    }

    /// The answer came: goes to the nearest place, or says that there is none.
    pub(super) fn found(&mut self, spot: Option<Spot>) -> Vec<Effect> {
        let origin = self.search.origin;
        let from = self.line_of(origin);
        // One more line stands for what is not known of the record yet.
        let way = Way { from, all: self.tree.len() + 1, here: origin.here, forward: origin.forward };
        let lines = hits::lines(&self.tree, &self.search.needle).into_iter();
        let shown = lines.map(|line| (way.to(line, false), Place::Line(line))).min_by_key(|(to, _)| *to);
        let stored = spot.map(|spot| {
            let (line, hides) = self.line_of_spot(spot);
            (way.to(line, hides), Place::Spot(spot))
        });
        let words = self.search.needle.text();
        let Some(((lines, _), place)) = shown.into_iter().chain(stored).min_by_key(|(to, _)| *to) else {
            return self.tell(format!("\"{words}\" is not found in these steps"));
        };
        let said = match way.goes_round(lines) {
            false => None,
            true if lines == way.all => Some("this is the only place"),
            true if origin.forward => Some("from the top again"),
            true => Some("from the end again"),
        };
        let said = said.map(|said| format!("\"{words}\": {said}"));
        match place {
            Place::Line(line) => self.scroll.jump(line),
            Place::Spot(spot) => self.search.goal = Some(spot),
        }
        let mut effects = self.lead_on();
        effects.extend(said.into_iter().flat_map(|said| self.tell(said)));
        effects
    }

    /// Goes to the spot that was found, as far as it is known already, and opens what hides the words there.
    pub(super) fn lead_on(&mut self) -> Vec<Effect> {
        let Some(spot) = self.search.goal else { return Vec::new() };
        let Some(place) = self.tree.place(spot.phase()) else {
            if self.tree.is_partial() {
                return Vec::new();
            }
            self.search.goal = None;
            return vec![Effect::fail(format!(
                "That step is gone; {} reads the record again.",
                key_of(Context::Record, Action::Reload)
            ))];
        };
        let phase_line = self.tree.line_of_phase(place);
        self.scroll.jump(phase_line);
        if spot == Spot::Phase(spot.phase()) && self.shows(phase_line) {
            self.search.goal = None;
            return Vec::new();
        }
        if self.tree.open_phase(place).is_none() {
            self.tree.unfold(place);
            self.search.opened.push((spot.phase(), None));
            self.settle();
        }
        let is_read = self.tree.open_phase(place).is_none_or(|open| !open.stale);
        let done = match spot {
            Spot::Step { phase, step } => self.lead_to_step(place, phase, step),
            Spot::Phase(_) => {
                let inner = self.tree.open_phase(place).map_or(0, |open| open.inner.len());
                let error = (phase_line + 1..=phase_line + inner).find(|line| self.shows(*line));
                error.map(|line| self.scroll.jump(line)).map(|()| true)
            }
        };
        if done.unwrap_or(is_read) {
            self.search.goal = None;
        }
        Vec::new()
    }

    /// Whether it is gone to; `None` where there is no such step, or its phase is not read yet.
    fn lead_to_step(&mut self, place: usize, phase: i64, step: i64) -> Option<bool> {
        let line = self.tree.line_of_step(phase, step)?;
        self.scroll.jump(line);
        if self.shows(line) {
            return Some(true);
        }
        let needle = self.search.needle.clone();
        let opened = &mut self.search.opened;
        let revealed = self.tree.change(place, |open| {
            let step = open.opened.entry(step).or_insert_with(|| {
                opened.push((phase, Some(step)));
                OpenStep::default()
            });
            (!step.stale).then(|| step.reveal(&needle))
        });
        self.settle();
        let Some(below) = revealed.flatten() else { return Some(false) };
        self.scroll.jump(line + below.map_or(0, |below| below + 1));
        Some(true)
    }

    fn shows(&self, line: usize) -> bool {
        hits::line_shows(&self.tree, &self.search.needle, line)
    }

    /// Says it, and again with Enter where the words are still being typed.
    fn tell(&mut self, text: String) -> Vec<Effect> {
        self.search.told = self.search.before.is_some().then(|| text.clone());
        vec![Effect::say(text)]
    }

    /// The line that leads to a spot, and whether that hides it.
    fn line_of_spot(&self, spot: Spot) -> (usize, bool) {
        let step = match spot {
            Spot::Step { phase, step } => self.tree.line_of_step(phase, step),
            Spot::Phase(_) => None,
        };
        // Phases that are not known yet stand behind the others.
        let phase = || self.tree.place(spot.phase()).map(|place| self.tree.line_of_phase(place));
        let line = step.or_else(phase).unwrap_or(self.tree.len());
        (line, !self.shows(line))
    }
}

/// Where the words were found.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// On a line that shows them.
    Line(usize),
    Spot(Spot),
}

/// How far lines are from where a search began, round the end.
struct Way {
    from: usize,
    all: usize,
    here: bool,
    forward: bool,
}

impl Way {
    /// Lines to go, and what comes first on one line. What a line hides stands behind what it shows.
    fn to(&self, line: usize, hides: bool) -> (usize, bool) {
        let ahead = if self.forward { line.checked_sub(self.from) } else { self.from.checked_sub(line) };
        let counts = self.here || hides && self.forward;
        let lines = ahead.filter(|lines| *lines > 0 || counts);
        let round = if self.forward { (self.all + line) - self.from } else { (self.all + self.from) - line };
        (lines.unwrap_or(round), hides == self.forward)
    }

    fn goes_round(&self, lines: usize) -> bool {
        if self.forward { self.from + lines >= self.all } else { lines > self.from }
    }
}
