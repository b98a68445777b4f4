//! What config.toml says of keys and columns, which the screens alone know; and the keys that are in force, for who prints them.

use super::{
    action::Action,
    bindings::{self, Bindings, KeyWish},
    key::Key,
    key_wishes,
    keymap::{Context, KEYMAP, is_fixed},
    list_columns::ListColumns,
};
use crate::config::{
    file::{Config, OnLine, WrongLine},
    settings::{KeyInForce, SetBy},
};

/// The keys that it wants. What means nothing of keys and columns is added to what is wrong, and no longer stands there.
pub fn take(config: &mut Config) -> Bindings {
    let (wishes, mut wrong) = key_wishes::read(&config.keys);
    if let Some(OnLine { value, line }) = &config.columns
        && let Err(said) = ListColumns::read(value)
    {
        wrong.push(WrongLine { line: Some(*line), said: format!("columns: {said}") });
        config.columns = None;
    }
    config.add_wrong(wrong);
    Bindings::of(wishes)
}

/// The keys of all actions on this thread: those for everywhere in the order of actions, then those for a place.
pub fn keys_in_force() -> Vec<KeyInForce> {
    let all = bindings::in_force();
    let for_all =
        |action: Action| all.wishes().iter().find(|wish| wish.place.is_none() && wish.action == action);
    let everywhere = Action::all().map(|action| for_all(action).map_or_else(|| usual(&all, action), wished));
    let of_place = |at: Context| all.wishes().iter().filter(move |wish| wish.place == Some(at)).map(wished);
    everywhere.chain(Context::all().flat_map(of_place)).collect()
}

fn wished(wish: &KeyWish) -> KeyInForce {
    KeyInForce {
        place: wish.place.and_then(Context::word),
        action: wish.action.word(),
        keys: wish.keys.iter().map(Key::to_string).collect(),
        by: SetBy::Line(wish.line),
    }
}

/// What is left of the usual keys of an action.
fn usual(all: &Bindings, action: Action) -> KeyInForce {
    let is_free = |key: &str| !is_fixed(Context::Global, action, key);
    let rows = KEYMAP.iter().filter(|row| row.action == action);
    let mut keys: Vec<String> = Vec::new();
    for row in rows {
        let now: Vec<String> = all.now(row).iter().map(Key::to_string).collect();
        for key in row.keys.iter().filter(|key| is_free(key) && now.iter().any(|now| now == *key)) {
            if !keys.iter().any(|known| known == key) {
                keys.push((*key).to_owned());
            }
        }
    }
    KeyInForce { place: None, action: action.word(), keys, by: SetBy::Default }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::*;
    use crate::config::{
        file::KeyLine,
        open::open,
        setting::Setting,
        settings::{AllSettings, ByOptions},
    };

    #[test]
    fn what_screens_know_is_checked_and_what_is_in_force_is_listed() {
        let line = |place: Option<&str>, action: &str, key: &str, line| KeyLine {
            place: place.map(str::to_owned),
            action: action.to_owned(),
            keys: vec![OnLine { value: key.to_owned(), line }],
            line,
        };
        let mut config = Config {
            columns: Some(OnLine { value: "id,shoe".to_owned(), line: 1 }),
            keys: vec![
                line(None, "down", "n", 3),
                line(None, "up", "nope", 4),
                line(Some("list"), "sort", "h", 6),
            ],
            ..Config::default()
        };
        let bindings = take(&mut config);
        assert_eq!(config.columns, None);
        let wrong: Vec<_> = config.wrong.iter().map(|wrong| wrong.line).collect();
        assert_eq!(wrong, [Some(1), Some(4)]);
        assert!(config.wrong[0].said.starts_with("columns: no column \"shoe\"; there are outcome, id"));
        bindings::with(bindings, || {
            let all = keys_in_force();
            let of = |place, action: &str| {
                let found = all.iter().find(|one| one.place == place && one.action == action).unwrap();
                (found.keys.join(" "), found.by)
            };
            assert_eq!(of(None, "down"), ("n".to_owned(), SetBy::Line(3)));
            assert_eq!(of(None, "up"), ("k Up".to_owned(), SetBy::Default));
            assert_eq!(of(None, "quit"), ("Q".to_owned(), SetBy::Default));
            assert_eq!(of(None, "search-next"), (String::new(), SetBy::Default));
            assert_eq!(of(Some("list"), "sort"), ("h".to_owned(), SetBy::Line(6)));
            assert_eq!(all.len(), Action::all().count() + 1);
        });
    }

    /// The example of the guide is right, and has all settings.
    #[test]
    fn the_guides_example_is_a_config_toml() {
        let guide = include_str!("../../docs/guide.md");
        let example = guide.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), example).unwrap();
        let mut config = open(Some(file.path()), None, Some("/home/ann".as_ref())).unwrap();
        let bindings = take(&mut config);
        assert_eq!(config.told(), []);
        let settings = AllSettings::of(
            &ByOptions::default(),
            &|name| (name == "LANG").then(|| "C.UTF-8".into()),
            &config,
        );
        assert!(Setting::VARIANTS.iter().all(|setting| matches!(settings.set_by(*setting), SetBy::Line(_))));
        assert_eq!((config.labs.len(), bindings.wishes().len()), (3, 4));
        // All places for keys are named.
        let words: Vec<_> = Context::all().filter_map(Context::word).collect();
        assert!(words.iter().all(|word| guide.contains(&format!("`{word}`"))));
    }
}
