//! Kept views as lines of a menu: a name, and what the list is then.

use super::MenuEntry;
use crate::{
    model::{
        kept_list::KeptList,
        query::{Order, SortKey},
    },
    services::own_files::views::KeptView,
    tui::screen::{Effect, Input},
};

/// Letters that move in no menu and leave none.
const LETTERS: &str = "abcdefhilmnoprstuvwxyz";

/// A line for each view, without the letters that are taken.
pub fn entries(views: &[KeptView], taken: &str) -> Vec<MenuEntry> {
    let letters = LETTERS.chars().filter(|letter| !taken.contains(*letter)).map(Some);
    let letters = letters.chain(std::iter::repeat(None));
    let entry = |(view, letter): (&KeptView, Option<char>)| {
        let used = Effect::Tell(Input::View(view.clone()));
        MenuEntry::new(letter.unwrap_or(' '), view.name.clone(), used).note(about(&view.list))
    };
    views.iter().zip(letters).map(entry).collect()
}

fn about(list: &KeptList) -> String {
    let words = if list.filter.is_empty() { "all records" } else { &list.filter };
    let (sort, order) = (SortKey::default().column(), Order::default().word());
    let is_usual = [sort, ""].contains(&list.sort.as_str()) && [order, ""].contains(&list.order.as_str());
    if is_usual { words.to_owned() } else { format!("{words}, by {} {}", list.sort, list.order) }
}
