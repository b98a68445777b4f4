//! The line at the bottom, driven by keys.

use super::*;
use crate::tui::testing::{behind, closes, cx};

fn key(prompt: &mut Prompt, name: &str) -> Vec<Effect> {
    prompt.update(Input::Key(name.parse().unwrap()), &cx())
}

fn told(outcome: &[Effect]) -> Option<String> {
    match outcome {
        [Effect::Tell(Input::Search(words))] => Some(words.clone()),
        _ => None,
    }
}

#[test]
fn every_change_of_a_search_is_told() {
    let mut prompt = Prompt::new(Purpose::Search, "re");
    assert_eq!(told(&key(&mut prompt, "d")).as_deref(), Some("red"));
    assert_eq!(told(&key(&mut prompt, "Left")), None);
    assert_eq!(told(&key(&mut prompt, "Backspace")).as_deref(), Some("rd"));
    assert_eq!(told(&key(&mut prompt, "Ctrl-u")).as_deref(), Some("d"));
    assert_eq!(told(&prompt.update(Input::Paste("a\u{1b}b\nc".to_owned()), &cx())).as_deref(), Some("abd"));
}

#[test]
fn leaving_says_whether_the_words_stay() {
    let mut prompt = Prompt::new(Purpose::Search, "red");
    let outcome = prompt.update(Input::Action(Action::Open), &cx());
    assert!(closes(&outcome));
    assert!(
        matches!(behind(&outcome), [Effect::Tell(Input::SearchDone(Some(w))), Effect::Remember(..)] if w == "red")
    );
    let outcome = Prompt::new(Purpose::Search, "").update(Input::Key("Backspace".parse().unwrap()), &cx());
    assert!(matches!(behind(&outcome), [Effect::Tell(Input::SearchDone(None))]));
}

#[test]
fn a_wrong_command_stays_to_be_mended() {
    let mut prompt = Prompt::new(Purpose::Command, "per-page 3");
    assert!(!closes(&prompt.update(Input::Action(Action::Open), &cx())));
    assert!(prompt.note.contains("10, 20 or 50"));
    key(&mut prompt, "Backspace");
    assert!(prompt.note.is_empty());
    for digit in ["2", "0"] {
        key(&mut prompt, digit);
    }
    let outcome = prompt.update(Input::Action(Action::Open), &cx());
    assert!(matches!(behind(&outcome), [Effect::Run(command::Command::PerPage(20)), Effect::Remember(..)]));
}

#[test]
fn a_long_note_is_whole_above_the_line() {
    let theme = Theme { ascii: true, color: false };
    for (width, line) in [(80, "sort err_or"), (40, "quti"), (60, "export pdf")] {
        let mut prompt = Prompt::new(Purpose::Command, line);
        prompt.update(Input::Action(Action::Open), &cx());
        let area = Rect::new(0, 0, width, 10);
        let mut buf = Buffer::empty(area);
        prompt.view(&theme, area, &mut buf);
        let lines = crate::tui::widgets::testing::lines(&buf);
        let (typed, above) = lines.split_last().unwrap();
        assert!(typed.starts_with(&format!(":{line}")), "{typed}");
        let above: Vec<&String> = above.iter().filter(|line| !line.trim().is_empty()).collect();
        assert!(above.len() > 1 || width == 60, "{above:?}");
        assert!(above.iter().all(|line| line.starts_with(' ') && !line.starts_with("  ")), "{above:?}");
        let text = above.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        assert_eq!(text, prompt.note);
    }
}

#[test]
fn up_brings_what_was_typed_before() {
    let past = ["stirrer".to_owned(), "valve".to_owned()];
    let mut prompt = Prompt::new(Purpose::Search, "").recalling(&past);
    key(&mut prompt, "v");
    assert_eq!(told(&key(&mut prompt, "Up")).as_deref(), Some("valve"));
    assert_eq!(told(&key(&mut prompt, "Up")).as_deref(), Some("stirrer"));
    assert_eq!(told(&key(&mut prompt, "Up")), None);
    key(&mut prompt, "Down");
    assert_eq!(told(&key(&mut prompt, "Down")).as_deref(), Some("v"));
    assert_eq!(told(&key(&mut prompt, "Down")), None);
    let mut wrong = Prompt::new(Purpose::Command, "nonsense");
    assert!(!closes(&wrong.update(Input::Action(Action::Open), &cx())));
}

#[test]
fn tab_completes_and_lists() {
    let mut prompt = Prompt::new(Purpose::Command, "p");
    prompt.update(Input::Action(Action::Complete), &cx());
    assert_eq!(prompt.note, "page  per-page");
    key(&mut prompt, "e");
    prompt.update(Input::Action(Action::Complete), &cx());
    assert_eq!(prompt.words(), "per-page ");
}
