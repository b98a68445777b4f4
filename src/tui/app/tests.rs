//! Drives the app with a small screen of numbers and a made-up answerer.

mod follow;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use proptest::prelude::*;
use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    style::Style,
};

use super::{AppOptions, TerminalOrder};
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
        trash::{EntryState, InTrash, Restored, RestoredRecord, TrashEntry, TrashList, Which},
    },
    style::Theme,
    tui::{
        action::Action,
        clipboard::Between,
        event::{Event, Signal},
        key::Key,
        keymap::{Context, KEYMAP},
        screen::{CopyItem, Effect, Goto, Input, Screen, ScreenCx, Subject},
        tab::TabId,
        testing::{Harness, copied_at, options},
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
        Some(Subject { run: self.at, name: "a \x1b[2Jname".to_owned() })
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
    assert!(footer.starts_with(" Enter open  / search  x export  D delete  Space mark  s sort"), "{footer}");
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
        [("Ctrl-s", "bound to nothing"), ("i", "bound to nothing"), ("w", "no meaning here"), ("e", "now")]
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
fn a_delete_needs_a_deliberate_y() {
    let mut harness = start();
    harness.press(&["D"]);
    let text = harness.text();
    assert!(text.contains("#1 still going") && text.contains("2 phases, 5 steps"), "{text}");
    harness.press(&["Enter", "Enter"]);
    assert!(harness.text().contains("Enter does nothing"));
    harness.press(&["y"]);
    assert!(harness.text().starts_with("deleted [1]"), "{}", harness.text());
    assert!(last_line(&harness).contains("Deleted #1 still going: in the trash (214 kB), u brings it back"));
}

/// A command that was meant for the list, typed while the question was up.
#[test]
fn a_word_typed_at_the_question_before_a_delete_does_nothing() {
    for word in [":delete 1 2", "page x"] {
        for at_once in [false, true] {
            let mut harness = start();
            let before = harness.text();
            harness.press(&["D"]);
            match at_once {
                true => word.chars().for_each(|c| harness.app.handle(Event::Key(Key::char(c)))),
                false => drop(harness.type_text(word)),
            }
            assert!(
                last_line(&harness).contains("Letters are not taken until Esc or Enter"),
                "{}",
                harness.text()
            );
            harness.press(&["Enter"]);
            assert_eq!(harness.text(), before, "{word}");
            assert!(harness.press(&["?"]).text().contains("PgDn"), "keys are keys again");
        }
    }
}

#[test]
fn keys_typed_ahead_do_not_answer_a_confirmation() {
    let mut harness = start();
    harness.press_at_once(&["D", "y", "y"]).settle();
    harness.settle();
    assert!(harness.text().contains("Delete?") && !harness.text().contains("deleted"));
    // The bill is there but was not drawn yet.
    let mut harness = start();
    harness.press_at_once(&["D"]);
    while harness.app.waits() > 0 {
        harness.next();
    }
    harness.press_at_once(&["y"]);
    assert!(harness.text().contains("Delete?") && harness.app.waits() == 0);
    assert!(harness.app.drawn(), "what is queued now is to be dropped");
    assert!(!harness.app.drawn(), "once");
}

#[test]
fn a_guarded_record_wants_its_id() {
    let mut harness = start();
    harness.press(&["Enter", "D", "y"]);
    assert!(harness.text().contains("Type 100 first"), "{}", harness.text());
    harness.press(&["9", "y"]);
    assert!(harness.text().contains("Not that number"), "{}", harness.text());
    harness.press(&["Backspace"]);
    harness.press(&["1", "0", "0", "y"]);
    assert!(harness.text().contains("deleted [100]"), "{}", harness.text());
}

#[test]
fn an_export_says_path_and_size() {
    let mut harness = start();
    harness.press(&["x"]);
    assert!(harness.text().contains("Export #1 a ␛[2Jname"), "{}", harness.text());
    harness.press(&["f", "Ctrl-u"]).type_text("/else").press(&["Enter", "s"]);
    assert_eq!(last_line(&harness), " Wrote /else/steps.csv  1.2 kB");
    harness.press(&[":"]).type_text("export log").press(&["Enter"]);
    assert_eq!(last_line(&harness), " Wrote /else/steps.csv  1.2 kB");
}

/// Exports only where the folder is to be made.
fn without_folder(ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
    match ask {
        Ask::Export { folder, make: false, .. } => Err(Error::NoFolder { folder: folder.clone() }),
        _ => answer(ask, cx),
    }
}

#[test]
fn a_folder_that_is_not_there_is_offered_to_be_made() {
    let mut harness = Harness::new(Numbers::first(), without_folder, 80, 24);
    harness.press(&["x", "f", "Ctrl-u"]).type_text("/new/one").press(&["Enter", "s"]);
    assert!(harness.text().contains("There is no folder /new/one"), "{}", harness.text());
    harness.press(&["Enter"]);
    assert_eq!(last_line(&harness), " Nothing was written.");
    harness.press(&["x", "s"]);
    assert!(harness.text().contains("There is no folder /new/one"), "{}", harness.text());
    harness.press(&["y"]);
    assert_eq!(last_line(&harness), " Wrote /new/one/steps.csv  1.2 kB");
}

#[test]
fn several_ids_are_deleted_after_one_question() {
    let mut harness = start();
    harness.press(&[":"]).type_text("delete 7 #8 7").press(&["Enter"]);
    assert!(harness.text().contains("together 2 records"), "{}", harness.text());
    assert!(harness.text().contains("type 2, then y"), "{}", harness.text());
    harness.press(&["2", "y"]);
    assert!(harness.text().contains("deleted [7, 8]"), "{}", harness.text());
    harness.press(&[":"]).type_text("delete").press(&["Enter"]);
    assert!(harness.text().contains("y delete   P for good"), "{}", harness.text());
}

/// Checks until it is cancelled when it is asked to export.
fn endless(ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
    if let Ask::Export { .. } = ask {
        for done in 1.. {
            cx.check(Progress { done: done.min(2), total: Some(4) })?;
            std::thread::yield_now();
        }
    }
    answer(ask, cx)
}

/// What the trash has of two deletes, and a restore that goes on until it is cancelled, where that is wanted.
fn with_trash(ask: &Ask, endless: bool, cx: &mut Cx<'_>) -> Result<Answer> {
    let entry = |n, batch, run| TrashEntry {
        n,
        batch,
        run,
        name: "mash tun".to_owned(),
        start: String::new(),
        deleted_at: "2026-11-24T03:14:20".to_owned(),
        deleted_by: "mara".to_owned(),
        phases: 1,
        steps: 1,
        bytes: 900,
        state: EntryState::Gone,
    };
    Ok(match ask {
        Ask::Trash => Answer::Trash(TrashList {
            entries: vec![entry(9, 3, 7), entry(8, 3, 6), entry(2, 1, 5)],
            as_of: copied_at(),
            notice: None,
        }),
        Ask::Restore { .. } if endless => {
            for done in 1.. {
                cx.check(Progress { done: done.min(2), total: Some(4) })?;
                std::thread::yield_now();
            }
            return Err(Error::Cancelled);
        }
        Ask::Restore { which: Which::Entries(numbers) } => {
            let record = |n: &i64| RestoredRecord {
                n: *n,
                was: n - 2,
                run: n - 2,
                name: "mash tun".to_owned(),
                rows: 3,
                phases: 1,
                steps: 1,
                files: Vec::new(),
            };
            let records: Vec<_> = numbers.iter().map(record).collect();
            Answer::Restored(Restored { of: records.len(), records, ..Restored::default() })
        }
        other => return answer(other, cx),
    })
}

/// All of the newest delete, nothing of the one before it; the screens hear of it.
#[test]
fn u_takes_back_the_newest_delete() {
    let mut harness =
        Harness::new(Numbers::first(), |ask: &Ask, cx: &mut Cx<'_>| with_trash(ask, false, cx), 80, 10);
    harness.press(&["u"]);
    assert!(last_line(&harness).contains("2 records are back"), "{}", harness.text());
    assert!(harness.text().contains("restored [9, 8] Some(7)"), "{}", harness.text());
    // Who did something else meanwhile is not led away, and the message stays until Esc.
    harness.press_at_once(&["u", "j"]).settle();
    assert!(harness.text().contains("restored [9, 8] None"), "{}", harness.text());
    assert!(last_line(&harness).contains("2 records are back   (Esc)"), "{}", harness.text());
}

#[test]
fn esc_ends_a_restore() {
    let mut harness =
        Harness::new(Numbers::first(), |ask: &Ask, cx: &mut Cx<'_>| with_trash(ask, true, cx), 80, 10);
    harness.press_at_once(&["u"]);
    while !last_line(&harness).contains("Bringing back 2 records  50 %   Esc cancels") {
        harness.next();
    }
    // A second one waits for it, and Esc takes first that back.
    harness.press_at_once(&["u", "Esc"]);
    assert!(last_line(&harness).contains("The keys typed ahead are dropped."), "{}", harness.text());
    harness.press_at_once(&["j", "Esc"]).answers();
    assert!(
        last_line(&harness).contains("Cancelled: 2 records: nothing was put back."),
        "{}",
        harness.text()
    );
}

/// What it takes back may be the delete that still runs.
#[test]
fn u_waits_for_the_delete_before_it() {
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| {
        let words = match ask {
            Ask::Delete { .. } => Some("delete"),
            Ask::Trash => Some("trash"),
            Ask::Restore { .. } => Some("restore"),
            _ => None,
        };
        noted.lock().unwrap().extend(words);
        with_trash(ask, false, cx)
    };
    let mut harness = Harness::new(Numbers::first(), answerer, 80, 10);
    harness.press(&["D"]);
    harness.press_at_once(&["y", "u"]).settle();
    assert_eq!(*asked.lock().unwrap(), ["delete", "trash", "restore"]);
    assert!(harness.text().contains("restored [9, 8]"), "{}", harness.text());
}

#[test]
fn a_long_export_shows_progress_lets_others_through_and_esc_cancels_it() {
    let mut harness = Harness::new(Numbers::first(), endless, 80, 24);
    harness.press_at_once(&["x", "s"]);
    while !last_line(&harness).contains("50 %") {
        harness.next();
    }
    assert!(last_line(&harness).contains("Exporting steps CSV of #1  50 %   Esc cancels"));
    harness.press_at_once(&["j"]);
    while !harness.text().contains("answer 2") {
        harness.next();
    }
    harness.press_at_once(&["q"]);
    assert!(harness.app.ends().is_none() && last_line(&harness).contains("not done yet"));
    harness.press(&["Esc"]);
    assert!(last_line(&harness).contains("was not written"), "{}", last_line(&harness));
    // Keys were pressed meanwhile, so it stays until it is put away.
    harness.press(&["j"]);
    assert!(last_line(&harness).contains("was not written.   (Esc)"));
    harness.press(&["Esc"]);
    assert!(last_line(&harness).contains("? help"));
}

#[test]
fn copies_leave_through_the_terminal() {
    let mut harness = start();
    harness.press(&["y", "i"]);
    assert!(
        matches!(harness.orders.as_slice(), [TerminalOrder::Send(bytes)] if bytes == b"\x1b]52;c;MQ==\x1b\\")
    );
    assert_eq!(last_line(&harness), " Copied id");
}

#[test]
fn copies_inside_tmux_go_to_tmux_and_say_which_way_they_went() {
    let inside = AppOptions { between: Between::Tmux, ..options() };
    let mut harness = Harness::with(inside, Numbers::first(), answer, Size { width: 120, height: 24 });
    harness.press(&["y", "i"]);
    let [TerminalOrder::Tmux(copy)] = harness.orders.as_slice() else { panic!("{:?}", harness.orders) };
    let copy = copy.clone();
    assert_eq!((copy.what.as_str(), copy.text.as_str()), ("id", "1"));
    harness.orders.clear();
    harness.press(&["j"]).handle(Event::Copied { copy: copy.clone(), taken: true });
    assert_eq!(last_line(&harness), " Copied id to tmux's buffer and, if it lets it through, the clipboard");
    assert!(harness.orders.is_empty(), "it arrived already");
    harness.handle(Event::Copied { copy, taken: false });
    assert!(last_line(&harness).starts_with(" Sent id through tmux"), "{}", last_line(&harness));
    assert!(
        matches!(harness.orders.as_slice(), [TerminalOrder::Send(bytes)] if bytes.starts_with(b"\x1b]52;"))
    );
}

#[test]
fn a_title_has_no_control_codes_and_an_end() {
    let title = |opened: &str, ascii: bool| {
        let theme = Theme { ascii, color: false };
        let titled = AppOptions { title: true, opened: opened.to_owned(), theme, ..options() };
        Harness::with(titled, Numbers::first(), answer, Size { width: 80, height: 24 }).app.title().unwrap()
    };
    assert_eq!(title("lab-pc:data", false), "ivorylens lab-pc:data");
    let odd = title("a\x1b]0;b\x07c\u{9c}d\n", false);
    assert!(!odd.contains(char::is_control), "{odd:?}");
    assert!(title(&"long ".repeat(1000), false).chars().count() <= 120);
    assert!(title("Zürich · Labor", true).is_ascii());
    assert_eq!(start().app.title(), None, "it is left alone");
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
fn signals_and_a_lost_terminal() {
    for (event, code) in
        [(Event::Signal(Signal::End(15)), 143), (Event::Signal(Signal::End(1)), 129), (Event::Closed, 129)]
    {
        let mut harness = start();
        harness.app.handle(event);
        assert_eq!(harness.app.ends(), Some(code));
    }
    let mut harness = start();
    harness.press(&["Ctrl-z"]).handle(Event::Signal(Signal::Stop)).handle(Event::Signal(Signal::Continue));
    assert_eq!(harness.orders, [TerminalOrder::Suspend, TerminalOrder::Suspend, TerminalOrder::Redraw]);
}

#[test]
fn ctrl_l_and_reading_again_draw_all_anew_from_anywhere() {
    for before in [&[][..], &["?"], &["x"], &["/", "a"], &["D"]] {
        let mut harness = start();
        harness.press(before).orders.clear();
        let text = harness.text();
        harness.press(&["Ctrl-l"]);
        assert_eq!(harness.orders, [TerminalOrder::Repaint], "{before:?}");
        assert_eq!(harness.text(), text, "{before:?}");
    }
    let mut harness = start();
    harness.press(&["R"]);
    assert_eq!(harness.orders, [TerminalOrder::Repaint]);
}

#[test]
fn a_window_too_small_says_so_and_only_leaving_works() {
    let mut harness = start();
    harness.resize(39, 24);
    assert_eq!(harness.lines().first().unwrap(), "window too small (needs 40x10)");
    harness.press(&["D", "y", "j"]);
    harness.resize(80, 24);
    assert!(harness.text().starts_with("answer 1"));
    assert_eq!(harness.resize(3, 2).press(&["Q"]).app.ends(), Some(0));
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

#[test]
fn tabs_go_round() {
    assert_eq!(TabId::Files.beside(true), TabId::Overview);
    assert_eq!(TabId::Overview.beside(false), TabId::Files);
    assert_eq!(TabId::Table.beside(true), TabId::Map);
}
