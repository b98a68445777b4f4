//! The lines of `[keys]` as what they mean: which are wishes that can be granted, and what is told of the others.

use unicode_width::UnicodeWidthChar as _;

use super::{
    action::Action,
    bindings::KeyWish,
    key::{Code, Key},
    keymap::{Context, KEYMAP, is_fixed, stays},
};
use crate::{
    config::file::{KeyLine, OnLine, WrongLine},
    model::alike::{choices, meant},
};

/// The last function key that a terminal sends.
const LAST_F: u8 = 20;

/// Reads them in their order: of two that want one key for different actions the first counts.
pub fn read(lines: &[KeyLine]) -> (Vec<KeyWish>, Vec<WrongLine>) {
    let (mut wishes, mut wrong): (Vec<KeyWish>, Vec<WrongLine>) = (Vec::new(), Vec::new());
    for line in lines {
        let (place, action) = match names(line) {
            Ok(known) => known,
            Err(said) => {
                wrong.push(WrongLine { line: Some(line.line), said });
                continue;
            }
        };
        let mut keys = Vec::new();
        for OnLine { value, line: at } in &line.keys {
            match key(value).and_then(|key| fits(key, (place, action), &wishes)) {
                Ok(key) if keys.contains(&key) => {}
                Ok(key) => keys.push(key),
                Err(said) => wrong.push(WrongLine { line: Some(*at), said }),
            }
        }
        // Where none of them could be a key the usual ones stay.
        if !keys.is_empty() || line.keys.is_empty() {
            wishes.push(KeyWish { place, action, keys, line: line.line });
        }
    }
    (wishes, wrong)
}

/// The place and the action that a line names.
fn names(line: &KeyLine) -> Result<(Option<Context>, Action), String> {
    let place = match &line.place {
        None => None,
        Some(word) => {
            let known = Context::all().find(|context| context.word() == Some(word));
            Some(known.ok_or_else(|| {
                let all: Vec<_> = Context::all().filter_map(Context::word).collect();
                format!("there is no place {word:?} for keys; {}", choices(word, &all))
            })?)
        }
    };
    let known = Action::all().find(|action| action.word() == line.action);
    let action = known.ok_or_else(|| {
        let all: Vec<String> =
            Action::all().filter(|action| is_anywhere(*action, place)).map(Action::word).collect();
        format!("there is no action {:?}; {}", line.action, choices(&line.action, &all))
    })?;
    if !is_anywhere(action, place) {
        let words: Vec<_> =
            Context::all().filter(|at| is_in(action, *at)).filter_map(Context::word).collect();
        let place = place.and_then(Context::word).unwrap_or_default();
        let others = match &*words {
            [] => String::new(),
            [one] => format!(", or in [keys.{one}]"),
            more => format!(", or in [keys.X] with X one of {}", more.join(", ")),
        };
        return Err(format!(
            "{} has no meaning in keys.{place}; it could stand in [keys]{others}",
            line.action
        ));
    }
    Ok((place, action))
}

fn is_in(action: Action, context: Context) -> bool {
    KEYMAP.iter().any(|row| row.action == action && row.works_in(context))
}

fn is_anywhere(action: Action, place: Option<Context>) -> bool {
    place.is_none_or(|place| place.heirs().any(|context| is_in(action, context)))
}

/// The key with this name, as terminals send it.
fn key(name: &str) -> Result<Key, String> {
    let Ok(key) = name.parse::<Key>() else {
        let meant = meant(name, Key::names());
        let names = Key::names().collect::<Vec<_>>().join(", ");
        return Err(format!(
            "{name:?} is no key; {meant}a character, Ctrl- and a small letter, F1 to F{LAST_F}, {names} could stand there"
        ));
    };
    let sent = match (key.code, key.ctrl) {
        (Code::Char('i'), true) => Some("Tab".to_owned()),
        (Code::Char('j' | 'm'), true) => Some("Enter".to_owned()),
        (Code::Char('h'), true) => Some("Backspace".to_owned()),
        (Code::Char('['), true) => Some("Esc".to_owned()),
        (Code::Char(c), true) if c.is_uppercase() => Some(format!("Ctrl-{}", c.to_lowercase())),
        _ => None,
    };
    match (sent, key.code) {
        (Some(sent), _) => {
            Err(format!("a terminal does not tell {name} from {sent}; {sent:?} could stand there"))
        }
        (None, Code::F(n)) if !(1..=LAST_F).contains(&n) => {
            Err(format!("no terminal sends {name}; F1 to F{LAST_F} could stand there"))
        }
        (None, Code::Char(c)) if c != ' ' && (c.is_control() || c.is_whitespace()) => {
            Err(format!("{name:?} is no key; its name could stand there, as Tab, Enter or Space"))
        }
        (None, Code::Char(c)) if c.width().unwrap_or(0) == 0 => {
            Err(format!("{name:?} is no key by itself; a character that can be seen could stand there"))
        }
        (None, _) => Ok(key),
    }
}

/// The key, if this action can have it there beside the wishes before it.
fn fits(key: Key, (place, action): (Option<Context>, Action), wishes: &[KeyWish]) -> Result<Key, String> {
    let mut where_it_is = places(place, action).peekable();
    if place == Some(Context::Confirm) && key.code == Code::Enter && action != Action::Open {
        return Err(format!(
            "Enter agrees to nothing here; another key could stand there for {}",
            action.word()
        ));
    }
    if is_fixed(Context::Global, Action::Quit, &key.to_string()) && action != Action::Quit {
        return Err(format!(
            "{key} leaves the program, always; another key could stand there for {}",
            action.word()
        ));
    }
    if place == Some(Context::Menu) && Context::Menu.types(key) {
        return Err(format!(
            "{key} chooses the line of a menu that has it in front; a key that is no letter, as Ctrl-g, F2 or Space, could stand there"
        ));
    }
    if where_it_is.peek().is_some() && where_it_is.all(|at| at.types(key)) {
        return Err(format!(
            "{key} is typed there; a key that types and moves nothing, as Ctrl-g, F2 or Enter, could stand there"
        ));
    }
    let staying = |at: Context| {
        let mut rows = KEYMAP.iter().filter(move |row| row.action != action && row.works_in(at));
        rows.find(|row| stays(at, row.action, &key.to_string()))
    };
    if let Some(row) = place.and_then(staying) {
        let (stays, wanted) = (row.action.word(), action.word());
        return Err(format!("{key} is {stays} there, always; another key could stand there for {wanted}"));
    }
    let taken = wishes.iter().find(|other| {
        let contradicts = |at: Context| is_in(other.action, at) && !at.types(key);
        let same_level = other.place == place && other.action != action;
        same_level && other.keys.contains(&key) && places(place, action).any(contradicts)
    });
    match taken {
        Some(other) => Err(format!(
            "{key} is {}, by line {}; another key could stand there for {}",
            other.action.word(),
            other.line,
            action.word()
        )),
        None => Ok(key),
    }
}

/// Where a wish counts.
fn places(place: Option<Context>, action: Action) -> impl Iterator<Item = Context> {
    let all = Context::all().filter(move |at| place.is_none_or(|place| at.chain().any(|up| up == place)));
    all.filter(move |at| is_in(action, *at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tui::{bindings::Bindings, keymap::KeyRow};

    fn line(place: Option<&str>, action: &str, keys: &[&str], line: usize) -> KeyLine {
        let keys = keys.iter().map(|key| OnLine { value: (*key).to_owned(), line }).collect();
        KeyLine { place: place.map(str::to_owned), action: action.to_owned(), keys, line }
    }

    fn said(lines: &[KeyLine]) -> Vec<String> {
        read(lines).1.into_iter().map(|wrong| format!("{}: {}", wrong.line.unwrap(), wrong.said)).collect()
    }

    /// Every action by its name, with the keys that it has, in each place where it means something.
    #[test]
    fn every_name_is_read_back() {
        for action in Action::all() {
            for place in Context::all().filter(|at| is_in(action, *at)) {
                let here = |row: &&KeyRow| row.action == action && row.works_in(place);
                let row = KEYMAP.iter().find(here).unwrap();
                let line = line(place.word(), &action.word(), row.keys, 3);
                let (wishes, wrong) = read(&[line]);
                assert_eq!(wrong, [], "{}", action.word());
                let place = place.word().map(|_| place);
                let keys = row.keys.iter().map(|key| key.parse().unwrap()).collect();
                assert_eq!(wishes, [KeyWish { place, action, keys, line: 3 }]);
            }
        }
    }

    /// The whole table, written down as it is, contradicts nothing and changes nothing.
    #[test]
    fn the_table_itself_can_be_wished() {
        let actions: Vec<Action> = Action::all().collect();
        let keys = |action: &Action| KEYMAP.iter().find(|row| row.action == *action).unwrap().keys;
        let lines: Vec<_> =
            actions.iter().map(|action| line(None, &action.word(), keys(action), 1)).collect();
        let (wishes, wrong) = read(&lines);
        assert_eq!(wrong, []);
        let (wished, usual) = (Bindings::of(wishes), Bindings::of(Vec::new()));
        for context in Context::all() {
            assert_eq!(wished.rows(context), usual.rows(context), "{context:?}");
        }
    }

    #[test]
    fn what_can_be_no_wish_is_told() {
        for (line, wanted) in [
            (
                line(None, "dwon", &["n"], 4),
                "4: there is no action \"dwon\"; did you mean down? There are down, up, page-down",
            ),
            (
                line(Some("lst"), "down", &["n"], 4),
                "4: there is no place \"lst\" for keys; did you mean list? There are list",
            ),
            (
                line(Some("list"), "wrap", &["n"], 4),
                "4: wrap has no meaning in keys.list; it could stand in [keys], or in [keys.X] with X one of log, files",
            ),
            (line(None, "down", &["PgDown"], 4), "4: \"PgDown\" is no key; did you mean PgDn?"),
            (
                line(None, "down", &["Ctrl-N"], 4),
                "4: a terminal does not tell Ctrl-N from Ctrl-n; \"Ctrl-n\" could stand there",
            ),
            (line(None, "down", &["Ctrl-m"], 4), "4: a terminal does not tell Ctrl-m from Enter"),
            (line(None, "down", &["F99"], 4), "4: no terminal sends F99; F1 to F20"),
            (line(None, "down", &["\t"], 4), "4: \"\\t\" is no key; its name could stand there"),
            (line(None, "down", &["Ctrl-c"], 4), "4: Ctrl-c leaves the program, always"),
            (line(None, "keep", &["k"], 4), "4: k is typed there; a key that types and moves nothing"),
            (line(Some("prompt"), "open", &["o"], 4), "4: o is typed there"),
            (line(Some("question"), "yes", &["Enter"], 4), "4: Enter agrees to nothing here"),
            (line(Some("menu"), "back", &["x"], 4), "4: x chooses the line of a menu that has it in front"),
            (line(Some("menu"), "down", &["Esc"], 4), "4: Esc is back there, always; another key"),
            (line(Some("prompt"), "complete", &["Enter"], 4), "4: Enter is open there, always"),
            (line(Some("note-editor"), "back", &["Ctrl-x"], 4), "4: Ctrl-x is keep there, always"),
            (line(None, "down", &["\u{301}"], 4), "4: \"\\u{301}\" is no key by itself"),
            (
                line(None, "down", &["ab"], 4),
                "4: \"ab\" is no key; a character, Ctrl- and a small letter, F1 to F20, ",
            ),
            (
                line(Some("list"), "narrow", &["n"], 4),
                "4: narrow has no meaning in keys.list; it could stand in [keys], or in [keys.log]",
            ),
        ] {
            let told = said(std::slice::from_ref(&line));
            assert!(told.len() == 1 && told[0].starts_with(wanted), "{told:?}");
        }
    }

    #[test]
    fn of_two_lines_with_one_key_the_first_counts() {
        let two = |first: KeyLine, second: KeyLine| said(&[first, second]);
        let told = two(line(None, "down", &["n"], 1), line(None, "up", &["n", "p"], 2));
        assert_eq!(told, ["2: n is down, by line 1; another key could stand there for up"]);
        // The rest of the line counts.
        let (wishes, _) = read(&[line(None, "down", &["n"], 1), line(None, "up", &["n", "p"], 2)]);
        assert_eq!(wishes[1].keys, [Key::char('p')]);
        // In different places both can be meant, and what is wanted for one place goes before everywhere.
        for (first, second) in [
            (line(None, "wrap", &["z"], 1), line(None, "sort", &["z"], 2)),
            (line(None, "down", &["z"], 1), line(Some("list"), "sort", &["z"], 2)),
            (line(Some("record"), "down", &["z"], 1), line(Some("steps"), "up", &["z"], 2)),
            (line(None, "yes", &["z"], 1), line(None, "sort", &["z"], 2)),
        ] {
            assert_eq!(two(first, second), Vec::<String>::new());
        }
        // Nothing that could be a key: the usual ones stay.
        assert_eq!(read(&[line(None, "down", &["Foo"], 1)]).0, []);
        assert_eq!(read(&[line(None, "down", &[], 1)]).0[0].keys, []);
    }

    fn any_lines() -> impl Strategy<Value = Vec<KeyLine>> {
        let places = Context::all().map(Context::word).collect::<Vec<_>>();
        let actions = Action::all().map(Action::word).collect::<Vec<_>>();
        let names = KEYMAP.iter().flat_map(|row| row.keys.iter().copied()).chain(["x", "Foo", "Ctrl-m", "5"]);
        let keys = prop::collection::vec(prop::sample::select(names.collect::<Vec<_>>()), 0..3);
        let one = (prop::sample::select(places), prop::sample::select(actions), keys);
        let one = one.prop_map(|(place, action, keys)| line(place, &action, &keys, 1));
        prop::collection::vec(one, 0..12)
    }

    proptest! {
        /// Whatever is wished, a key means one thing, Ctrl-c leaves, and in a text letters are typed.
        #[test]
        fn nobody_is_locked_in(lines in any_lines()) {
            let bindings = Bindings::of(read(&lines).0);
            for context in Context::all() {
                let rows = bindings.rows(context);
                let mut all: Vec<_> = rows.iter().flat_map(|row| &row.keys).collect();
                let of = |name: &str| {
                    let key: Key = name.parse().unwrap();
                    rows.iter().find(|row| row.keys.contains(&key)).map(|row| row.action)
                };
                prop_assert_eq!(of("Ctrl-c"), Some(Action::Quit));
                if !context.is_screen() {
                    prop_assert_eq!(of("Esc"), Some(Action::Back));
                }
                if context == Context::Prompt {
                    prop_assert_eq!(of("Enter"), Some(Action::Open));
                }
                if context == Context::Note {
                    prop_assert_eq!(of("Ctrl-x"), Some(Action::Keep));
                }
                if context == Context::Confirm {
                    prop_assert_eq!(of("Enter"), Some(Action::Open));
                }
                if matches!(context, Context::Prompt | Context::Note) {
                    prop_assert!(all.iter().all(|key| key.typed().is_none()));
                }
                all.sort_by_key(|key| key.to_string());
                prop_assert!(all.windows(2).all(|two| two[0] != two[1]));
            }
        }
    }
}
