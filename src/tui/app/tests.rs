//! Drives the app with a small screen of numbers and a made-up answerer.

mod any_keys;
mod deletes;
mod exports;
mod follow;
mod terminal;
mod undo;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    style::Style,
};

use super::AppOptions;
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    model::{outcome::Outcome, run::Run},
    services::{
        delete::{Bill, BillItem, Deleted},
        export::Exported,
        export_kind::ExportKind,
        files::{FileEntry, FileState},
        request::{Answer, Ask},
        run_row::RunRow,
        trash::InTrash,
    },
    style::Theme,
    tui::{
        action::Action,
        event::Event,
        keymap::Context,
        screen::{CopyItem, Effect, Goto, Input, Screen, ScreenCx, Subject},
        tab::TabId,
        testing::{Harness, options},
    },
};

/// Shows which answers it got; every move asks anew.
#[derive(Debug)]
struct Numbers {
    context: Context,
    at: i64,
    seen: Vec<String>,
    size: Size,
}

impl Numbers {
    fn first() -> Box<dyn Screen> {
        Box::new(Numbers { context: Context::List, at: 1, seen: Vec::new(), size: Size::default() })
    }

    fn ask(&self) -> Vec<Effect> {
        vec![Effect::Ask(Ask::RowDetails { runs: vec![self.at] })]
    }
}

impl Screen for Numbers {
    fn context(&self) -> Context {
        self.context
    }

    fn can(&self, action: Action) -> bool {
        !matches!(action, Action::NextError | Action::PreviousError | Action::Back | Action::Undo)
    }

    fn update(&mut self, input: Input, cx: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => self.size = size,
            Input::Action(Action::Down) => {
                self.at = self.at.saturating_add(1);
                return self.ask();
            }
            Input::Shown => return self.ask(),
            Input::Action(Action::Open | Action::Show(_)) => {
                let mut next = Numbers {
                    context: Context::Tab(TabId::Log),
                    at: self.at.saturating_mul(100),
                    seen: Vec::new(),
                    size: self.size,
                };
                next.seen.push(format!("of {}", cx.opened));
                return vec![Effect::Push(Box::new(next))];
            }
            Input::Action(Action::Search) => return vec![Effect::Search { words: String::new() }],
            Input::Action(action) => self.seen.push(format!("{action:?}")),
            Input::Answer { result: Ok(Answer::Neighbour(Some(n))), .. } => {
                self.seen.push(format!("answer {n}"))
            }
            Input::Answer { result, .. } => self.seen.push(format!("{result:?}")),
            Input::Search(words) => self.seen.push(format!("words {words}")),
            Input::SearchDone(words) => self.seen.push(format!("done {words:?}")),
            Input::Goto(place) => self.seen.push(format!("{place:?}")),
            Input::Restored { entries, lead_to } => {
                self.seen.push(format!("restored {entries:?} {lead_to:?}"));
            }
            Input::Deleted(runs) => self.seen.push(format!("deleted {runs:?}")),
            Input::News => self.seen.push("news".to_owned()),
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, _: &Theme, area: Rect, buf: &mut Buffer) {
        assert_eq!(area.as_size(), self.size, "a screen knows its size before it draws");
        for (y, line) in (area.y..area.bottom()).zip(self.seen.iter().rev()) {
            buf.set_stringn(area.x, y, line, usize::from(area.width), Style::new());
        }
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        Some(Goto::Line(n))
    }

    fn subject(&self) -> Option<Subject> {
        Some(Subject { run: self.at, name: "a \x1b[2Jname".to_owned(), key: Default::default(), mark: None })
    }

    fn copies(&self) -> Vec<CopyItem> {
        vec![CopyItem { letter: 'i', what: "id".to_owned(), text: self.at.to_string() }]
    }

    fn position(&self) -> Option<String> {
        Some(format!("{}/9", self.at))
    }
}

fn bill(runs: &[i64]) -> Bill {
    let item = |run: &i64| BillItem {
        row: RunRow {
            run: Run { id: *run, name: "still going".to_owned(), ..Run::default() },
            outcome: Outcome::Error,
            took: None,
            stopped_in_error: false,
            mark: None,
            unread: false,
            standing: None,
        },
        phases: 2,
        steps: 5,
        files: Vec::new(),
        guarded: *run == 100,
        large: false,
    };
    Bill { items: runs.iter().map(item).collect(), ..Bill::default() }
}

fn answer(ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
    cx.check(Progress { done: 1, total: Some(4) })?;
    Ok(match ask {
        Ask::RowDetails { runs } => Answer::Neighbour(runs.first().copied()),
        Ask::Changed { .. } => Answer::Changed(true),
        Ask::Folder { folder } => Answer::Folder(folder.clone()),
        Ask::Files { .. } => Answer::Files(vec![FileEntry {
            kind: ExportKind::StepsCsv,
            name: "steps.csv".to_owned(),
            state: FileState::Made,
        }]),
        Ask::Bill { runs } => Answer::Bill(bill(runs)),
        Ask::Delete { items, .. } => Answer::Deleted(Deleted {
            runs: items.iter().map(|i| i.run).collect(),
            phases: 2,
            steps: 5,
            in_trash: Some(InTrash { entries: vec![4], bytes: 214_000, ..InTrash::default() }),
            ..Deleted::default()
        }),
        Ask::Export { folder, .. } => {
            Answer::Exported(Exported { files: vec![(folder.join("steps.csv"), 1234)], notes: Vec::new() })
        }
        other => return Err(Error::Refused(format!("{other:?}"))),
    })
}

fn start() -> Harness {
    Harness::new(Numbers::first(), answer, 80, 24)
}

fn last_line(harness: &Harness) -> String {
    harness.lines().last().unwrap().clone()
}

#[test]
fn the_footer_shows_what_can_be_done_and_the_place() {
    let mut harness = start();
    let footer = last_line(&harness);
    assert!(footer.starts_with(" Enter open  / search  x export  D delete  Space mark  i note"), "{footer}");
    assert!(footer.ends_with("1/9") && footer.contains("? help"), "{footer}");
    assert!(!footer.contains("next error"), "it has none");
    harness.resize(40, 10);
    let narrow = last_line(&harness);
    assert!(narrow.contains("…") && narrow.contains("? help") && narrow.ends_with("1/9"), "{narrow}");
}

#[test]
fn only_the_newest_answer_arrives() {
    let mut harness = start();
    harness.press_at_once(&["j", "j", "j"]).settle();
    assert!(harness.text().starts_with("answer 4"));
    assert!(!harness.text().contains("answer 3") && !harness.text().contains("Cancelled"));
}

#[test]
fn screens_open_and_esc_peels_but_never_leaves() {
    let mut harness = start();
    harness.press(&["Enter"]);
    assert!(harness.text().contains("answer 100\nof lab-pc:ivoryos_data"));
    harness.press(&["Esc"]);
    assert!(harness.text().starts_with("answer 1"));
    harness.press(&["Esc", "Esc"]);
    assert!(harness.app.ends().is_none() && last_line(&harness).contains("q leaves"));
    harness.press(&["5", "q"]);
    assert!(harness.app.ends().is_none());
    harness.press(&["q"]);
    assert_eq!(harness.app.ends(), Some(0));
}

#[test]
fn quit_keys_leave_from_anywhere() {
    for way in [
        &["Q"][..],
        &["?", "Q"],
        &["?", "/", "Ctrl-c"],
        &["D", "Q"],
        &["x", "f", "Ctrl-c"],
        &[":", "q", "Enter"],
    ] {
        assert_eq!(start().press(way).app.ends(), Some(0), "{way:?}");
    }
}

#[test]
fn unknown_keys_say_so_and_the_next_key_clears_it() {
    let mut harness = start();
    for (key, says) in
        [("Ctrl-s", "bound to nothing"), ("c", "bound to nothing"), ("w", "no meaning here"), ("e", "now")]
    {
        harness.press(&[key]);
        assert!(last_line(&harness).contains(says), "{key}: {}", last_line(&harness));
    }
    harness.press(&["j"]);
    assert!(last_line(&harness).contains("? help"));
}

#[test]
fn words_are_told_while_they_are_typed() {
    let mut harness = start();
    harness.press(&["/"]).type_text("qj");
    assert!(harness.text().starts_with("words qj\nwords q\n"), "{}", harness.text());
    assert_eq!(last_line(&harness), "/qj");
    harness.press(&["Enter"]);
    assert!(harness.text().starts_with("done Some(\"qj\")"));
    harness.press(&["/", "a", "Esc"]);
    assert!(harness.text().starts_with("done None"));
}

#[test]
fn pasted_text_goes_into_fields_only() {
    let mut harness = start();
    harness.handle(Event::Paste("Dy\n".to_owned()));
    assert!(!harness.text().contains("Delete") && last_line(&harness).contains("text fields"));
    harness.press(&["/"]).handle(Event::Paste("red wine\nq".to_owned()));
    assert!(harness.text().starts_with("words red wine\n"));
    harness.press(&["Esc", "D"]).handle(Event::Paste("y".to_owned()));
    assert!(!harness.text().contains("deleted"));
}

#[test]
fn commands_reach_the_screen_that_takes_them() {
    let mut harness = start();
    harness.press(&[":", "2", "5", "Enter"]);
    assert!(harness.text().starts_with("Line(25)"));
    harness.press(&[":"]).type_text("page 2").press(&["Enter"]);
    assert!(last_line(&harness).contains("no meaning here"));
    harness.press(&[":"]).type_text("frob").press(&["Enter"]);
    assert!(harness.text().contains("no command \"frob\""));
}

#[test]
fn help_lists_the_keys_and_narrows() {
    let mut harness = start();
    harness.press(&["?"]);
    assert!(harness.text().contains("j  Down") && harness.text().contains("Ctrl-d"));
    harness.press(&["/"]).type_text("clipboard or none");
    assert!(harness.text().contains("No key or command"));
    harness.press(&["Esc", "?"]);
    assert!(!harness.text().contains(" Keys "));
}

#[test]
fn a_screen_that_is_gone_is_not_told() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let counting = move |ask: &Ask, cx: &mut Cx<'_>| {
        count.fetch_add(1, Ordering::Relaxed);
        answer(ask, cx)
    };
    let mut harness = Harness::new(Numbers::first(), counting, 80, 24);
    harness.press_at_once(&["Enter", "Esc"]).settle();
    assert!(harness.text().starts_with("answer 1\n") && !harness.text().contains("answer 100"));
    assert!(asked.load(Ordering::Relaxed) <= 3);
}

/// A fault while answering is a message, and the program goes on.
#[test]
fn a_fault_of_the_worker_is_an_answer() {
    let fault = |ask: &Ask, cx: &mut Cx<'_>| match ask {
        Ask::RowDetails { runs } if runs == &[2] => panic!("two"),
        _ => answer(ask, cx),
    };
    let mut harness = Harness::new(Numbers::first(), fault, 80, 24);
    harness.press(&["j"]);
    assert!(harness.text().contains("a fault in the program: two"));
    harness.press(&["j"]);
    assert!(harness.text().starts_with("answer 3"));
}

#[test]
fn tabs_go_round() {
    assert_eq!(TabId::Files.beside(true), TabId::Overview);
    assert_eq!(TabId::Overview.beside(false), TabId::Files);
    assert_eq!(TabId::Table.beside(true), TabId::Map);
}
