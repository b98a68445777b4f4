//! The keys in force: those of the table, and in their place those that the user wants. Lookup, help, footer and messages ask
//! here.
//!
//! A thread has one set of them, as texts everywhere name keys: those of the screens.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use super::{
    action::Action,
    key::Key,
    keymap::{Context, KEYMAP, KeyRow, Section, is_fixed, stays},
};

/// Keys that the user wants for an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyWish {
    /// Where; `None` is everywhere.
    pub place: Option<Context>,
    pub action: Action,
    pub keys: Vec<Key>,
    /// Of config.toml.
    pub line: usize,
}

/// The keys of an action in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    pub action: Action,
    /// The first is the one that the footer shows; none where other actions have them.
    pub keys: Vec<Key>,
    pub section: Section,
    /// Place in the footer, small first; 0 is not in the footer.
    pub rank: u16,
}

/// What each key means in each context.
#[derive(Debug, Clone)]
pub struct Bindings {
    places: Vec<(Context, Vec<KeyBinding>)>,
    wishes: Vec<KeyWish>,
}

thread_local! {
    static IN_FORCE: RefCell<Rc<Bindings>> = RefCell::new(Rc::new(Bindings::of(Vec::new())));
}

/// Those of this thread.
pub fn in_force() -> Rc<Bindings> {
    IN_FORCE.with_borrow(Rc::clone)
}

/// Does something while these are in force on this thread.
pub fn with<T>(bindings: Bindings, work: impl FnOnce() -> T) -> T {
    let before = IN_FORCE.replace(Rc::new(bindings));
    let done = work();
    IN_FORCE.set(before);
    done
}

/// What the key means here; `None` when it is bound to nothing.
pub fn lookup(context: Context, key: Key) -> Option<Action> {
    let all = in_force();
    all.rows(context).iter().find(|row| row.keys.contains(&key)).map(|row| row.action)
}

/// The key of an action, as a text names it: its first one here, else on some other screen; where it has none, what is typed
/// in its place.
pub fn key_of(context: Context, action: Action) -> String {
    let elsewhere = || Context::all().find_map(|context| key_here(context, action));
    key_here(context, action).or_else(elsewhere).unwrap_or_else(|| {
        let command = action.command();
        command.map_or_else(|| format!("(no key: {})", action.word()), |command| format!(":{command}"))
    })
}

/// The first key of an action in a context; `None` where others have them all.
pub fn key_here(context: Context, action: Action) -> Option<String> {
    let all = in_force();
    let mut rows = all.rows(context).iter().filter(|row| row.action == action);
    rows.find_map(|row| row.keys.first()).map(Key::to_string)
}

/// A text that names actions in braces, `{back}`, with their keys here.
pub fn spelt(context: Context, text: &str) -> String {
    let mut parts = text.split('{');
    let mut spelt = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (word, rest) = part.split_once('}').unwrap_or((part, ""));
        match Action::all().find(|action| action.word() == word) {
            Some(action) => spelt.push_str(&key_of(context, action)),
            None => spelt.push_str(word),
        }
        spelt.push_str(rest);
    }
    spelt
}

/// What a key means in some other context: for the message when it means nothing here.
pub fn elsewhere(key: Key) -> Option<Action> {
    Context::all().filter(|context| context.is_screen()).find_map(|context| lookup(context, key))
}

impl Bindings {
    /// The table with these wishes, which do not contradict each other.
    pub fn of(wishes: Vec<KeyWish>) -> Self {
        let places = Context::all().map(|context| (context, bound(context, &wishes))).collect();
        Self { places, wishes }
    }

    /// The actions that there are in a context, nearest context first, with their keys.
    pub fn rows(&self, context: Context) -> &[KeyBinding] {
        self.places.iter().find(|(at, _)| *at == context).map_or(&[], |(_, rows)| rows)
    }

    /// What the user wants, as far as it is in force.
    pub fn wishes(&self) -> &[KeyWish] {
        &self.wishes
    }

    /// The keys that a row of the table has now, in whichever context it works: of one for screens those that it has there.
    pub fn now(&self, row: &KeyRow) -> Vec<Key> {
        let mut keys = Vec::new();
        let is_for_screens = row.contexts.iter().any(|at| at.is_screen());
        let contexts = row.contexts.iter().filter(|at| at.is_screen() == is_for_screens);
        for context in contexts.flat_map(|at| at.heirs()) {
            let rows = self.rows(context).iter().filter(|bound| bound.action == row.action);
            for key in rows.flat_map(|bound| &bound.keys) {
                if !keys.contains(key) {
                    keys.push(*key);
                }
            }
        }
        keys
    }
}

/// How near to a context its keys are wanted: fixed ones, a wish for it, for its parents, for everywhere, by nobody.
type Nearness = usize;
const FIXED: Nearness = 0;
const EVERYWHERE: Nearness = usize::MAX - 1;
const BY_NOBODY: Nearness = usize::MAX;

/// The rows of a context. A key that several want is that of the nearest wish.
fn bound(context: Context, wishes: &[KeyWish]) -> Vec<KeyBinding> {
    let mut owners: HashMap<Key, (Nearness, usize)> = HashMap::new();
    let mut rows: Vec<KeyBinding> = Vec::new();
    for row in KEYMAP.iter().filter(|row| row.works_in(context)) {
        let (nearness, mut keys) = keys_of(row, context, wishes);
        let staying = usual(row).filter(|key| stays(context, row.action, &key.to_string()));
        let owned = keys.iter().map(|key| (nearness, *key)).chain(staying.clone().map(|key| (FIXED, key)));
        for (nearness, key) in owned {
            let mine = (nearness, rows.len());
            owners.entry(key).and_modify(|owner| *owner = mine.min(*owner)).or_insert(mine);
        }
        for key in staying {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        rows.push(KeyBinding { action: row.action, keys, section: row.section, rank: row.rank });
    }
    for (n, row) in rows.iter_mut().enumerate() {
        row.keys.retain(|key| owners.get(key).is_some_and(|(_, owner)| *owner == n));
    }
    rows
}

/// The keys of the table.
fn usual(row: &KeyRow) -> impl Iterator<Item = Key> + Clone + use<> {
    row.keys.iter().filter_map(|name| name.parse().ok())
}

/// The keys that are wanted for a row in a context.
fn keys_of(row: &KeyRow, context: Context, wishes: &[KeyWish]) -> (Nearness, Vec<Key>) {
    if row.keys.iter().any(|key| is_fixed(context, row.action, key)) {
        return (FIXED, usual(row).collect());
    }
    let of_action = || wishes.iter().filter(|wish| wish.action == row.action);
    let near = context.chain().enumerate().find_map(|(n, at)| {
        of_action().find(|wish| wish.place == Some(at)).map(|wish| (FIXED + 1 + n, wish))
    });
    let wanted =
        near.or_else(|| of_action().find(|wish| wish.place.is_none()).map(|wish| (EVERYWHERE, wish)));
    let Some((nearness, wish)) = wanted else { return (BY_NOBODY, usual(row).collect()) };
    let keys: Vec<Key> = wish.keys.iter().copied().filter(|key| !context.types(*key)).collect();
    // What is wanted for everywhere does not take the last key where that would be typed, or choose a line.
    let has_letters = matches!(context, Context::Prompt | Context::Note | Context::Menu);
    let is_left = !keys.is_empty() || wish.place.is_some() || !has_letters;
    if is_left { (nearness, keys) } else { (BY_NOBODY, usual(row).collect()) }
}

#[cfg(test)]
mod tests;
