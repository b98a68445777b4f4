//! Any keys at any size.

use proptest::prelude::*;

use super::*;
use crate::tui::{event::Event, key::Key, keymap::KEYMAP};

#[derive(Debug, Clone)]
enum Step {
    Key(Key),
    Paste(String),
    Size(u16, u16),
    Tick,
}

fn step() -> impl Strategy<Value = Step> {
    let names: Vec<&'static str> = KEYMAP.iter().flat_map(|row| row.keys.iter().copied()).collect();
    let bound = prop::sample::select(names).prop_map(|name| Step::Key(name.parse().unwrap()));
    let typed = any::<char>().prop_map(|c| Step::Key(Key::char(c)));
    let size = (1..=200u16, 1..=60u16).prop_map(|(width, height)| Step::Size(width, height));
    let tiny = (1..=45u16, 1..=12u16).prop_map(|(width, height)| Step::Size(width, height));
    prop_oneof![
        8 => bound,
        2 => typed,
        1 => ".{0,8}".prop_map(Step::Paste),
        1 => size,
        1 => tiny,
        1 => Just(Step::Tick)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_keys_and_no_size_make_it_fall(steps in prop::collection::vec(step(), 1..60)) {
        let mut harness = start();
        for step in steps {
            match step {
                Step::Key(key) => harness.app.handle(Event::Key(key)),
                Step::Paste(text) => harness.app.handle(Event::Paste(text)),
                Step::Size(width, height) => harness.app.handle(Event::Resize(Size { width, height })),
                Step::Tick => harness.app.handle(Event::Tick),
            }
            harness.settle();
        }
    }
}
