//! The tabs of a record, by name: THE table of their digits, titles and descriptions.

use strum::VariantArray;

/// The name of a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, VariantArray)]
pub enum TabId {
    #[default]
    Overview,
    Steps,
    Table,
    Map,
    Charts,
    Log,
    Files,
}

/// How a tab is opened and what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TabFacts {
    /// The digit that opens it.
    pub keys: &'static [&'static str],
    pub title: &'static str,
    /// For the help.
    pub description: &'static str,
}

impl TabId {
    pub fn facts(self) -> TabFacts {
        let (keys, title, description): (&[&str], _, _) = match self {
            TabId::Overview => (&["1"], "Overview", "overview of the record"),
            TabId::Steps => (&["2"], "Steps", "its steps as a tree"),
            TabId::Table => (&["3"], "Table", "its parameters and outputs as a table"),
            TabId::Map => (&["4"], "Map", "what became of each step in each iteration"),
            TabId::Charts => (&["5"], "Charts", "its numeric outputs as charts"),
            TabId::Log => (&["6"], "Log", "its log"),
            TabId::Files => (&["7"], "Files", "its files"),
        };
        TabFacts { keys, title, description }
    }

    /// The tab with this title.
    pub fn titled(title: &str) -> Option<TabId> {
        TabId::VARIANTS.iter().copied().find(|tab| tab.facts().title == title)
    }

    /// The tab after or before, around the end.
    pub fn beside(self, forward: bool) -> TabId {
        let all = TabId::VARIANTS;
        let at = all.iter().position(|tab| *tab == self).unwrap_or(0);
        let to = if forward { at + 1 } else { at + all.len() - 1 } % all.len();
        all.get(to).copied().unwrap_or_default()
    }
}
