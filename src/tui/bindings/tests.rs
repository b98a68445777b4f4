use super::*;
use crate::tui::tab::TabId;

fn key(name: &str) -> Key {
    name.parse().unwrap()
}

fn wish(place: Option<Context>, action: Action, keys: &[&str]) -> KeyWish {
    KeyWish { place, action, keys: keys.iter().map(|name| key(name)).collect(), line: 1 }
}

fn wished<T>(wishes: Vec<KeyWish>, work: impl FnOnce() -> T) -> T {
    with(Bindings::of(wishes), work)
}

/// Keys of features that don't work yet are not in the keymap.
#[test]
fn later_keys_are_free() {
    for key in ["c"] {
        for context in Context::all() {
            assert_eq!(lookup(context, key.parse().unwrap()), None, "{key} in {context:?}");
        }
    }
}

#[test]
fn keys_are_inherited() {
    let key = |name: &str| name.parse().unwrap();
    assert_eq!(lookup(Context::Tab(TabId::Steps), key("j")), Some(Action::Down));
    assert_eq!(lookup(Context::Tab(TabId::Log), key("J")), Some(Action::NextRecord));
    assert_eq!(lookup(Context::List, key("J")), None);
    assert_eq!(lookup(Context::Prompt, key("j")), None);
    assert_eq!(lookup(Context::Confirm, key("y")), Some(Action::Yes));
    for context in Context::all().filter(|c| *c != Context::Global) {
        assert_eq!(lookup(context, key("Ctrl-c")), Some(Action::Quit));
        assert_eq!(lookup(context, key("Esc")), Some(Action::Back));
    }
}

#[test]
fn a_wish_takes_the_place_of_the_usual_keys_and_takes_keys_from_others() {
    wished(vec![wish(None, Action::Down, &["n", "F5"])], || {
        for context in [Context::List, Context::Tab(TabId::Log), Context::Help] {
            assert_eq!(lookup(context, key("n")), Some(Action::Down), "{context:?}");
            assert_eq!(lookup(context, key("j")), None, "{context:?}");
        }
        // It may stand in front of a line there.
        assert_eq!(lookup(Context::Menu, key("n")), None);
        assert_eq!(lookup(Context::Menu, key("F5")), Some(Action::Down));
        // There it was no's, which has no other.
        assert_eq!(lookup(Context::Confirm, key("n")), Some(Action::Down));
        assert_eq!(key_of(Context::List, Action::Down), "n");
        assert_eq!(key_of(Context::List, Action::SearchNext), "(no key: search-next)");
    });
    assert_eq!(lookup(Context::List, key("j")), Some(Action::Down), "as before");
}

#[test]
fn a_wish_for_a_place_is_for_it_and_what_inherits_from_it() {
    let wishes = vec![
        wish(None, Action::Down, &["z"]),
        wish(Some(Context::Record), Action::Down, &["n"]),
        wish(Some(Context::Tab(TabId::Log)), Action::Up, &["n"]),
    ];
    wished(wishes, || {
        assert_eq!(lookup(Context::List, key("z")), Some(Action::Down));
        assert_eq!(lookup(Context::Tab(TabId::Steps), key("n")), Some(Action::Down));
        assert_eq!(lookup(Context::Tab(TabId::Steps), key("z")), None);
        // Nearer wishes have the key.
        assert_eq!(lookup(Context::Tab(TabId::Log), key("n")), Some(Action::Up));
        assert_eq!(key_of(Context::Tab(TabId::Steps), Action::Down), "n");
    });
}

#[test]
fn keys_that_type_are_typed_in_texts_and_the_usual_ones_stay_there() {
    let wishes = vec![wish(None, Action::Back, &["x", "Ctrl-g"]), wish(None, Action::Open, &["o"])];
    wished(wishes, || {
        assert_eq!(lookup(Context::List, key("x")), Some(Action::Back));
        assert_eq!(lookup(Context::Prompt, key("x")), None);
        assert_eq!(lookup(Context::Prompt, key("Ctrl-g")), Some(Action::Back));
        assert_eq!(
            (lookup(Context::Prompt, key("o")), lookup(Context::List, key("o"))),
            (None, Some(Action::Open))
        );
        assert_eq!(lookup(Context::Prompt, key("Enter")), Some(Action::Open));
        assert_eq!(lookup(Context::List, key("Enter")), None);
    });
}

/// Nothing locks anybody in, and Enter agrees to nothing.
#[test]
fn some_keys_are_fixed() {
    let wishes = vec![
        wish(None, Action::Quit, &[]),
        wish(None, Action::Down, &["Ctrl-c"]),
        wish(Some(Context::Confirm), Action::Yes, &["Enter"]),
        wish(None, Action::Up, &["5"]),
    ];
    wished(wishes, || {
        for context in Context::all().filter(|context| *context != Context::Global) {
            assert_eq!(lookup(context, key("Ctrl-c")), Some(Action::Quit), "{context:?}");
        }
        assert_eq!(lookup(Context::List, key("Q")), None);
        assert_eq!(lookup(Context::Confirm, key("Enter")), Some(Action::Open));
        // Numbers are typed there.
        assert_eq!(lookup(Context::Confirm, key("5")), None);
        assert_eq!(key_of(Context::List, Action::Quit), "Ctrl-c");
    });
}

/// What asks or takes a text can be left, whatever is wanted.
#[test]
fn some_keys_stay_beside_the_wanted_ones() {
    let wishes = vec![
        wish(Some(Context::Confirm), Action::Back, &[]),
        wish(Some(Context::Menu), Action::Back, &["F2"]),
        wish(Some(Context::Prompt), Action::Open, &["Ctrl-g"]),
        wish(Some(Context::Note), Action::Keep, &[]),
        wish(None, Action::Down, &["Esc"]),
        wish(None, Action::Up, &["x"]),
    ];
    wished(wishes, || {
        for context in [Context::Confirm, Context::Menu, Context::Prompt, Context::Note, Context::Help] {
            assert_eq!(lookup(context, key("Esc")), Some(Action::Back), "{context:?}");
        }
        assert_eq!(lookup(Context::List, key("Esc")), Some(Action::Down));
        assert_eq!(
            (key_of(Context::Menu, Action::Back), lookup(Context::Menu, key("x"))),
            ("F2".into(), None)
        );
        assert_eq!(
            lookup(Context::Menu, key("k")),
            Some(Action::Up),
            "a letter chooses, so the usual one moves"
        );
        assert_eq!(lookup(Context::Prompt, key("Enter")), Some(Action::Open));
        assert_eq!(key_of(Context::Prompt, Action::Open), "Ctrl-g");
        assert_eq!(key_of(Context::Note, Action::Keep), "Ctrl-x");
    });
}

/// A digit that is another action's opens no tab, and what was on it has no key there.
#[test]
fn a_row_knows_the_keys_that_it_has_now() {
    let row = KEYMAP.iter().find(|row| row.action == Action::Sort).unwrap();
    wished(vec![wish(Some(Context::List), Action::Sort, &["2"])], || {
        assert_eq!(in_force().now(row), [key("2"), key("s")]);
        assert_eq!(lookup(Context::Tab(TabId::Map), key("2")), Some(Action::Show(TabId::Steps)));
    });
}

/// Where an action has no key its command is named, so that what was said can be done.
#[test]
fn an_action_without_a_key_is_named_by_its_command() {
    let none = |action| wish(None, action, &[]);
    wished(vec![none(Action::Help), none(Action::Undo), none(Action::Star)], || {
        assert_eq!(key_of(Context::List, Action::Help), ":help");
        assert_eq!(key_of(Context::Confirm, Action::Undo), ":trash");
        assert_eq!(key_of(Context::List, Action::Star), "(no key: star)");
        assert_eq!(key_here(Context::List, Action::Help), None);
    });
    let commands: Vec<&str> = Action::all().filter_map(Action::command).collect();
    // Some want more words behind them, and say which.
    let is_known = |word: &&str| match crate::tui::command::parse(word) {
        Ok(_) => true,
        Err(said) => !said.starts_with("no command"),
    };
    assert!(commands.contains(&"help") && commands.iter().all(is_known), "{commands:?}");
}

/// Each word in braces is an action, so that no brace is ever seen.
#[test]
fn descriptions_name_keys_that_are_in_force() {
    let told = |context, action| crate::tui::keymap::told(context, action).description;
    for context in Context::all() {
        for row in in_force().rows(context) {
            for text in [told(context, row.action), row.action.facts().description] {
                let words = text.split('{').skip(1).map(|part| part.split_once('}').unwrap().0);
                assert!(
                    words.clone().all(|word| Action::all().any(|action| action.word() == word)),
                    "{text}"
                );
            }
        }
    }
    wished(vec![wish(None, Action::Back, &["Ctrl-g"]), wish(None, Action::Pick, &["m"])], || {
        let text = spelt(Context::List, Action::PickRange.facts().description);
        assert_eq!(text, "mark a range: v or m keeps it, Ctrl-g drops it");
    });
}
