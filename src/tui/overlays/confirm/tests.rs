//! What is an answer to the question before a delete, and what it shows.

use super::{view::item_lines, *};
use crate::{
    model::{outcome::Outcome, run::Run, timestamp::Timestamp},
    services::{delete::BillItem, run_row::RunRow, trash::SizeInTrash},
    tui::testing::{behind, closes, cx},
};

fn bill(guarded: &[bool]) -> Bill {
    let item = |(i, guarded): (usize, &bool)| BillItem {
        row: RunRow {
            run: Run {
                id: 61 + i as i64,
                name: format!("run {i}"),
                start: Timestamp::default(),
                ..Run::default()
            },
            outcome: Outcome::Unfinished,
            took: None,
            stopped_in_error: false,
            mark: None,
            unread: false,
            standing: None,
        },
        phases: 2,
        steps: 5,
        files: Vec::new(),
        guarded: *guarded,
        large: *guarded,
    };
    Bill { items: guarded.iter().enumerate().map(item).collect(), ..Bill::default() }
}

/// A confirmation that has been seen.
fn seen(guarded: &[bool]) -> Confirm {
    let mut confirm = Confirm::new(vec![61]);
    confirm.update(
        Input::Answer { slot: crate::services::request::Slot::Bill, result: Ok(Answer::Bill(bill(guarded))) },
        &cx(),
    );
    confirm.update(Input::Drawn, &cx());
    confirm
}

fn press(confirm: &mut Confirm, keys: &[&str]) -> Option<Agreed> {
    for key in keys {
        let key = key.parse().unwrap();
        let input =
            crate::tui::bindings::lookup(Context::Confirm, key).map_or(Input::Key(key), Input::Action);
        let outcome = confirm.update(input, &cx());
        if let Some(Effect::Delete(agreed)) = outcome.into_iter().nth(1) {
            return Some(agreed);
        }
    }
    None
}

#[test]
fn y_deletes_one_and_enter_does_nothing() {
    let mut confirm = seen(&[false]);
    assert!(press(&mut confirm, &["Enter", "Enter"]).is_none());
    assert_eq!(confirm.note, Note::Enter);
    let agreed = press(&mut confirm, &["y"]).unwrap();
    assert_eq!(agreed.label(), "#61 run 0");
    assert!(
        matches!(agreed.ask(), Ask::Delete { items, how: DeleteHow { force: false, .. } } if items.len() == 1)
    );
}

#[test]
fn keys_before_it_was_seen_are_no_answer() {
    let mut confirm = Confirm::new(vec![61]);
    assert!(press(&mut confirm, &["y"]).is_none());
    confirm.update(Input::Drawn, &cx());
    confirm.update(
        Input::Answer {
            slot: crate::services::request::Slot::Bill,
            result: Ok(Answer::Bill(bill(&[false]))),
        },
        &cx(),
    );
    assert!(press(&mut confirm, &["y"]).is_none(), "only the waiting was seen, not the bill");
    assert!(confirm.is_unseen());
    confirm.update(Input::Drawn, &cx());
    assert!(press(&mut confirm, &["y"]).is_some());
}

#[test]
fn a_guarded_one_wants_its_id_and_many_their_count() {
    assert!(press(&mut seen(&[true]), &["y"]).is_none());
    assert!(press(&mut seen(&[true]), &["6", "2", "y"]).is_none());
    let agreed = press(&mut seen(&[true]), &["6", "2", "Backspace", "1", "y"]).unwrap();
    assert!(matches!(agreed.ask(), Ask::Delete { how: DeleteHow { force: true, .. }, .. }));
    assert!(press(&mut seen(&[false, false, false]), &["y"]).is_none());
    assert_eq!(press(&mut seen(&[false, false, false]), &["3", "y"]).unwrap().label(), "3 records");
    let mut many = seen(&[false, false, false]);
    assert!(press(&mut many, &["y"]).is_none());
    assert_eq!(many.note, Note::Number);
    press(&mut many, &["3"]);
    assert_eq!(many.note, Note::None, "what was said is about the number before");
}

/// The smallest window shows what is asked, how to say no, and what a wrong answer did.
#[test]
fn the_question_is_whole_in_the_smallest_window() {
    let area = Rect::new(0, 0, 40, 9);
    let mut confirm = seen(&[true]);
    confirm.update(Input::Resize(area.as_size()), &cx());
    for (key, answer) in [("y", "Type 61 first, then y"), ("Enter", "61 and y delete")] {
        press(&mut confirm, &[key]);
        let mut buf = Buffer::empty(area);
        confirm.view(&Theme { ascii: false, color: false }, area, &mut buf);
        let lines = crate::tui::widgets::testing::lines(&buf);
        let text = lines.iter().map(|line| line.trim_matches(['│', ' '])).collect::<Vec<_>>().join(" ");
        assert!(text.contains("To delete it type its id: _"), "{text}");
        assert!(text.contains("[ Esc  Cancel ]   type 61, then y"), "{text}");
        assert!(text.contains(answer), "{text}");
    }
}

#[test]
fn y_is_offered_when_the_number_is_typed() {
    let foot = |confirm: &Confirm| {
        let lines = confirm.foot(&Theme { ascii: true, color: false }, 60);
        lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
    };
    let mut many = seen(&[false; 12]);
    for (key, offered) in [("Enter", false), ("1", false), ("2", true), ("Backspace", false)] {
        press(&mut many, &[key]);
        assert_eq!(many.can(Action::Yes), offered, "{key}");
        assert_eq!(foot(&many).contains("   y delete"), offered, "{key}");
        assert_eq!(foot(&many).contains("type 12, then y"), !offered, "{key}");
    }
    let one = seen(&[false]);
    assert!(one.can(Action::Yes) && foot(&one).contains("   y delete   P for good"), "{}", foot(&one));
    assert!(!Confirm::new(vec![1]).can(Action::Yes), "nothing is known yet");
}

#[test]
fn files_that_cant_be_looked_at_are_named_with_the_reason() {
    use crate::services::{export_kind::ExportKind, files::FileState};
    let mut item = bill(&[false]).items.remove(0);
    let unusable = FileState::Unusable { why: String::new(), reason: "no permission; ask".to_owned() };
    let there = FileState::OnDisk { path: "/lab/a.csv".into(), size: 1200, content: None };
    for (kind, name, state) in
        [(ExportKind::Log, "a\u{202e}.log", unusable), (ExportKind::ResultFile, "a\u{202e}.csv", there)]
    {
        item.files.push(FileEntry { kind, name: name.to_owned(), state });
    }
    let theme = Theme { ascii: false, color: false };
    let text: Vec<String> =
        item_lines(&item, DeleteHow::default(), &theme, 60).iter().map(ToString::to_string).collect();
    let text = text.join("\n");
    assert!(text.contains("can't be looked at: a�.log: no permission; ask"), "{text}");
    assert!(text.contains("stays on disk: a�.csv  1.2 kB"), "{text}");
    let along = DeleteHow { with_files: true, ..DeleteHow::default() };
    let text: Vec<String> = item_lines(&item, along, &theme, 60).iter().map(ToString::to_string).collect();
    let text = text.join("\n");
    assert!(text.contains("goes along: a�.csv  1.2 kB") && !text.contains("goes along: a�.log"), "{text}");
}

/// A confirmation of a record with a result file, that has been seen.
fn seen_with_file() -> Confirm {
    use crate::services::{export_kind::ExportKind, files::FileState};
    let mut bill = bill(&[false]);
    let state = FileState::OnDisk { path: "/lab/cell 7.csv".into(), size: 88, content: None };
    let file = FileEntry { kind: ExportKind::ResultFile, name: "cell 7.csv".to_owned(), state };
    bill.items[0].files.push(file);
    let mut confirm = Confirm { state: State::Bill(bill), ..Confirm::new(vec![61]) };
    confirm.update(Input::Resize(Size { width: 40, height: 9 }), &cx());
    confirm.update(Input::Drawn, &cx());
    confirm
}

fn drawn(confirm: &Confirm, width: u16, height: u16) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    confirm.view(&Theme { ascii: true, color: false }, area, &mut buf);
    crate::tui::widgets::testing::lines(&buf).join("\n")
}

#[test]
fn the_size_in_the_trash_is_said_where_there_is_room() {
    let mut confirm = seen(&[false, false]);
    let State::Bill(bill) = &mut confirm.state else { panic!("no bill") };
    bill.in_trash = SizeInTrash { bytes: 214_000, is_estimate: true };
    assert!(drawn(&confirm, 80, 23).contains("Kept in the trash (about 214 kB): u brings all back"));
    assert!(drawn(&confirm, 40, 9).contains("Kept in the trash: u brings all back"));
}

#[test]
fn past_the_trash_is_chosen_and_said() {
    let how = |confirm: &mut Confirm| match press(confirm, &["y"]).unwrap().ask() {
        Ask::Delete { how, .. } => (how.permanent, how.with_files),
        other => panic!("{other:?}"),
    };
    for (width, height) in [(40, 9), (80, 23), (160, 49)] {
        let mut confirm = seen_with_file();
        assert!(drawn(&confirm, width, height).contains("Kept in the trash: u brings it back"));
        press(&mut confirm, &["P"]);
        let text = drawn(&confirm, width, height);
        assert!(text.contains("For good: nothing can be taken back"), "{text}");
        assert!(text.contains("y delete for good"), "{text}");
        assert_eq!(how(&mut confirm), (true, false));
    }
    let mut confirm = seen_with_file();
    press(&mut confirm, &["P", "P"]);
    assert!(drawn(&confirm, 80, 23).contains("Kept in the trash"));
    assert_eq!(how(&mut confirm), (false, false));
}

#[test]
fn files_go_along_into_the_trash_only() {
    let mut confirm = seen_with_file();
    press(&mut confirm, &["f"]);
    let text = drawn(&confirm, 80, 23);
    assert!(text.contains("goes along: cell 7.csv") && text.contains("f without files"), "{text}");
    press(&mut confirm, &["P"]);
    let text = drawn(&confirm, 80, 23);
    assert!(text.contains("stays on disk: cell 7.csv") && !confirm.can(Action::WithFiles), "{text}");
    press(&mut confirm, &["f"]);
    assert!(drawn(&confirm, 80, 23).contains("Files go along into the trash only: P first."));
    press(&mut confirm, &["P", "f"]);
    let agreed = press(&mut confirm, &["y"]).unwrap();
    assert!(matches!(
        agreed.ask(),
        Ask::Delete { how: DeleteHow { with_files: true, permanent: false, .. }, .. }
    ));
    let mut none = seen(&[false]);
    press(&mut none, &["f"]);
    assert!(drawn(&none, 80, 23).contains("There are no files that could go along."));
}

/// A choice needs a bill that was seen, as an answer does.
#[test]
fn nothing_is_chosen_before_the_bill_is_seen() {
    let mut confirm = seen_with_file();
    confirm.armed = false;
    press(&mut confirm, &["P", "f"]);
    assert_eq!(confirm.how, DeleteHow::default());
}

#[test]
fn esc_n_and_q_leave() {
    for key in ["Esc", "n", "q"] {
        let action = crate::tui::bindings::lookup(Context::Confirm, key.parse().unwrap());
        let outcome = seen(&[false]).update(Input::Action(action.unwrap()), &cx());
        assert!(closes(&outcome) && behind(&outcome).is_empty(), "{key}");
    }
}

/// An id is not taken for the number of records, nor that for an id: many are counted, whichever may be running.
#[test]
fn of_many_the_count_is_wanted_where_one_may_be_running() {
    let mut guarded = vec![false; 61];
    guarded[60] = true;
    let mut confirm = seen(&guarded);
    let text = drawn(&confirm, 80, 24);
    assert!(text.contains("#121 may still be running. To delete them type how many they are"), "{text}");
    assert!(text.contains("61 records, 122 phases, 305 steps in all"), "{text}");
    assert!(text.contains(" more lines below "), "{text}");
    assert!(press(&mut confirm, &["1", "2", "1", "y"]).is_none());
    assert!(drawn(&confirm, 40, 9).contains("61 records in all"));
    assert_eq!(press(&mut seen(&guarded), &["6", "1", "y"]).unwrap().label(), "61 records");
}

#[test]
fn files_that_go_along_count_in_the_size() {
    let mut confirm = seen_with_file();
    let State::Bill(bill) = &mut confirm.state else { panic!("no bill") };
    bill.in_trash = SizeInTrash { bytes: 100, is_estimate: false };
    assert!(drawn(&confirm, 80, 23).contains("Kept in the trash (100 B)"));
    press(&mut confirm, &["f"]);
    assert!(drawn(&confirm, 80, 23).contains("Kept in the trash (188 B)"));
}

#[test]
fn a_trash_that_cant_be_written_is_not_promised() {
    let mut confirm = seen(&[false]);
    let State::Bill(bill) = &mut confirm.state else { panic!("no bill") };
    bill.no_trash = Some("a newer ivorylens wrote it".to_owned());
    let text = drawn(&confirm, 80, 23);
    assert!(
        text.contains("The trash can't be written: P deletes for good") && !text.contains("Kept"),
        "{text}"
    );
}
