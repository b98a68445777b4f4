//! `/`, n and N: an output by its name, in the list or as the big chart.

use super::{
    super::word_search::{Sought, Things, WordSearch},
    ChartsTab,
};
use crate::{model::needle::Needle, tui::screen::Effect};

impl ChartsTab {
    pub(super) fn start_search(&mut self) -> Vec<Effect> {
        self.search.start(self.scroll.selected().unwrap_or(0))
    }

    pub(super) fn search_by(
        &mut self,
        search: impl FnOnce(&mut WordSearch, &Things<'_>) -> Sought,
    ) -> Vec<Effect> {
        let mut words = std::mem::take(&mut self.search);
        let outputs = self.all();
        let has = |n: usize, needle: &Needle| {
            outputs.get(n).is_some_and(|output| needle.is_in(&output.series.name))
        };
        let things = Things { all: outputs.len(), has: &has, missing: "No output has {} in its name." };
        let sought = search(&mut words, &things);
        self.search = words;
        if let Some(to) = sought.to {
            self.aim = None;
            self.turn_to(to);
        }
        sought.said
    }

    /// To an output, in the list or in the big chart, in the same place of it.
    pub(super) fn turn_to(&mut self, index: usize) {
        let before = self.scroll.selected();
        self.scroll.jump(index);
        if self.scroll.selected() != before && self.one_chart.is_some() {
            let old = self.one_chart.take();
            self.open(old.as_ref());
        }
    }
}
