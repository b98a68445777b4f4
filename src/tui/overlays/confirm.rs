//! Asks before a delete: shows what would go, and only a deliberate answer makes an [`Agreed`].

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use super::{
    agreed::{self, Agreed},
    centred, cover, frame,
};
use crate::{
    error::Error,
    model::{
        format::{self, count_of},
        outcome::Outcome,
        sanitize,
    },
    services::{
        delete::{Bill, BillItem, DeleteHow},
        files::FileEntry,
        request::{Answer, Ask},
    },
    style::{Role, Theme},
    tui::{
        action::Action,
        key::{Code, Key},
        keymap::Context,
        screen::{Effect, Input, Overlay, ScreenCx},
        widgets::{pane::wrap, text::cut_middle},
    },
};

#[derive(Debug, Default)]
enum State {
    #[default]
    Waiting,
    Failed(String),
    /// The file was locked: asked again when this is shown again.
    Locked(String),
    Bill(Bill),
}

/// The overlay that asks before a delete.
#[derive(Debug, Default)]
pub struct Confirm {
    runs: Vec<i64>,
    state: State,
    /// The bill has been on the terminal: keys typed from now on are an answer.
    armed: bool,
    /// Digits, where an id or a count is wanted.
    typed: String,
    /// What is chosen: past the trash, or with the files.
    how: DeleteHow,
    note: Note,
    top: usize,
    size: Size,
}

/// What the last key is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Note {
    #[default]
    None,
    Enter,
    /// The number that is wanted was not typed.
    Number,
    /// Files were wanted of records that go past the trash.
    FilesPast,
    /// Files were wanted where there are none.
    NoFiles,
}

impl Confirm {
    pub fn new(runs: Vec<i64>) -> Self {
        Confirm { runs, ..Confirm::default() }
    }

    /// What has to be typed before `y`, and what that is.
    fn wanted(&self) -> Option<(String, &'static str)> {
        if let State::Bill(bill) = &self.state { agreed::wanted(bill) } else { None }
    }

    /// Digits and corrections where a number is wanted. Any other letter shows that no answer is meant: a word typed
    /// at the screen below must not end in `y`, nor its other letters act there.
    fn other_key(&mut self, key: Key) -> Vec<Effect> {
        let erase = key.code == Code::Backspace;
        let digit = key.typed().is_some_and(|typed| typed.is_ascii_digit());
        if self.armed && (erase || digit) {
            self.type_in(key.typed(), erase);
        } else if key.typed().is_some() && !digit {
            let text =
                format!("Not deleted: {key} is no answer to that. Letters are not taken until Esc or Enter.");
            return vec![Effect::Close, Effect::say(text), Effect::Deafen];
        }
        Vec::new()
    }

    fn type_in(&mut self, typed: Option<char>, erase: bool) {
        match typed.filter(char::is_ascii_digit) {
            Some(digit) if self.wanted().is_some_and(|(code, _)| self.typed.len() < code.len()) => {
                self.typed.push(digit);
                // What was said is about the number before.
                self.note = Note::None;
            }
            _ if erase => {
                self.typed.pop();
                self.note = Note::None;
            }
            _ => {}
        }
    }

    fn agree(&mut self) -> Vec<Effect> {
        let State::Bill(bill) = &self.state else { return Vec::new() };
        match Agreed::to(bill, &self.typed, self.how) {
            Some(agreed) => vec![Effect::Close, Effect::Delete(agreed)],
            None => {
                self.note = Note::Number;
                Vec::new()
            }
        }
    }

    /// Has it files that could go along?
    fn has_files(&self) -> bool {
        let files = |bill: &Bill| bill.items.iter().flat_map(|item| &item.files).any(goes_along);
        matches!(&self.state, State::Bill(bill) if files(bill))
    }

    /// `P`: past the trash or into it; files have nowhere to go then.
    fn turn_permanent(&mut self) {
        self.how = DeleteHow { permanent: !self.how.permanent, with_files: false, ..self.how };
        self.note = Note::None;
    }

    /// `f`: the files go along, or stay.
    fn turn_files(&mut self) {
        self.note = match (self.how.permanent, self.has_files()) {
            (true, _) => Note::FilesPast,
            (_, false) => Note::NoFiles,
            _ => Note::None,
        };
        if self.note == Note::None {
            self.how.with_files = !self.how.with_files;
        }
    }

    fn scroll(&mut self, action: Action) {
        let (theme, columns) = (Theme { ascii: true, color: false }, columns(self.size.width));
        let foot = self.foot(&theme, columns).len();
        let rows = usize::from(self.size.height).saturating_sub(foot + 2).max(1);
        let last = self.bill_lines(&theme, columns).len().saturating_sub(rows);
        self.top = action.moved(self.top, rows, last);
    }

    fn bill_lines(&self, theme: &Theme, columns: usize) -> Vec<Line<'static>> {
        let bill = match &self.state {
            State::Waiting => {
                return vec![Line::styled("counting what would go ...", theme.style(Role::Dim))];
            }
            State::Failed(why) | State::Locked(why) => {
                return wrapped(&sanitize::sanitize(why), columns, theme.style(Role::Failed));
            }
            State::Bill(bill) => bill,
        };
        let mut lines: Vec<Line<'static>> =
            bill.items.iter().flat_map(|item| item_lines(item, self.how, theme, columns)).collect();
        if bill.items.len() > 1 {
            let sum = |of: fn(&BillItem) -> u64| bill.items.iter().map(of).sum::<u64>();
            lines.push(Line::from(format!(
                "together {} records, {}, {}",
                bill.items.len(),
                count_of(sum(|item| item.phases), "phase", "phases"),
                count_of(sum(|item| item.steps), "step", "steps")
            )));
        }
        if self.how.with_files {
            let shared = "A file that another record has too stays on disk.";
            lines.extend(wrapped(shared, columns, theme.style(Role::Dim)));
        }
        lines
    }

    /// What undo costs; no longer than a line of the smallest window.
    fn fate(&self, theme: &Theme) -> Option<Line<'static>> {
        let State::Bill(bill) = &self.state else { return None };
        let (text, kind) = match (self.how.permanent, bill.items.len()) {
            (true, _) => ("For good: nothing can be taken back", Role::Failed),
            (_, 1) => ("Kept in the trash: u brings it back", Role::Normal),
            _ => ("Kept in the trash: u brings all back", Role::Normal),
        };
        Some(Line::styled(text, theme.style(kind)))
    }

    /// What undo costs, what is to be typed, the keys, and a word about the last key.
    fn foot(&self, theme: &Theme, columns: usize) -> Vec<Line<'static>> {
        let mut lines: Vec<Line<'static>> = self.fate(theme).into_iter().collect();
        let asked = self.wanted().map(|(_, text)| format!("{text}: {}_", self.typed)).unwrap_or_default();
        lines.extend(wrapped(&asked, columns, theme.style(Role::Normal)));
        let mut keys = vec![Span::styled("[ Esc  Cancel ]", theme.style(Role::Heading)), Span::raw("   ")];
        match self.wanted() {
            Some((code, _)) if code != self.typed => {
                keys.push(Span::raw("type "));
                keys.push(Span::styled(code, theme.style(Role::Key)));
                keys.push(Span::raw(", then y"));
            }
            _ if matches!(self.state, State::Bill(_)) => {
                keys.push(Span::styled("y", theme.style(Role::Key)));
                keys.push(Span::raw(if self.how.permanent { " delete for good" } else { " delete" }));
            }
            _ => {}
        }
        for (key, what) in self.choices() {
            let taken: usize = keys.iter().map(Span::width).sum();
            if taken + 4 + what.len() <= columns {
                keys.push(Span::styled(format!("   {key}"), theme.style(Role::Key)));
                keys.push(Span::raw(format!(" {what}")));
            }
        }
        lines.push(Line::from(keys));
        lines.extend(wrapped(&self.note(), columns, theme.style(Role::Message)));
        lines
    }

    /// The keys that choose how it is deleted; the bottom line has them too.
    fn choices(&self) -> Vec<(&'static str, &'static str)> {
        if !matches!(self.state, State::Bill(_)) {
            return Vec::new();
        }
        let mut choices = vec![("P", if self.how.permanent { "into the trash" } else { "for good" })];
        if self.can(Action::WithFiles) {
            choices.push(("f", if self.how.with_files { "without files" } else { "with its files" }));
        }
        choices
    }

    fn note(&self) -> String {
        match (self.note, self.wanted()) {
            (Note::None, _) => String::new(),
            (Note::Enter, None) => "Enter does nothing: y deletes, Esc leaves all as it is.".to_owned(),
            (Note::Enter, Some((code, _))) => {
                format!("Enter does nothing: {code} and y delete, Esc leaves all as it is.")
            }
            (Note::FilesPast, _) => "Files go along into the trash only: P first.".to_owned(),
            (Note::NoFiles, _) => "There are no files that could go along.".to_owned(),
            (Note::Number, Some((code, _))) if self.typed.is_empty() => {
                format!("Type {code} first, then y: nothing was deleted.")
            }
            (Note::Number, _) => "Not that number: nothing was deleted.".to_owned(),
        }
    }
}

impl Overlay for Confirm {
    fn context(&self) -> Context {
        Context::Confirm
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => self.size = size,
            Input::Shown if matches!(self.state, State::Waiting | State::Locked(_)) => {
                return vec![Effect::Ask(Ask::Bill { runs: self.runs.clone() })];
            }
            Input::Answer { result: Ok(Answer::Bill(bill)), .. } if bill.items.is_empty() => {
                self.state = State::Failed("There is nothing to delete: it is gone already.".to_owned());
            }
            Input::Answer { result: Ok(Answer::Bill(bill)), .. } => self.state = State::Bill(bill),
            Input::Answer { result: Err(error @ Error::Busy { .. }), .. } => {
                self.state = State::Locked(error.on_screen());
            }
            Input::Answer { result: Err(error), .. } => self.state = State::Failed(error.on_screen()),
            Input::Drawn => self.armed = matches!(self.state, State::Bill(_)),
            Input::Action(Action::Back | Action::Close | Action::No) => return vec![Effect::Close],
            Input::Action(Action::Open) => self.note = Note::Enter,
            Input::Action(Action::Yes) if self.armed => return self.agree(),
            Input::Action(Action::Permanent) if self.armed => self.turn_permanent(),
            Input::Action(Action::WithFiles) if self.armed => self.turn_files(),
            Input::Action(action) => self.scroll(action),
            Input::Key(key) => return self.other_key(key),
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let columns = columns(area.width);
        let lines = self.bill_lines(theme, columns);
        let feet = self.foot(theme, columns);
        let height = u16::try_from(lines.len() + feet.len() + 3).unwrap_or(u16::MAX);
        let at = centred(area, Size { width: WIDTH, height });
        cover(at, buf);
        let block = frame(theme).title(Span::styled(" Delete? ", theme.style(Role::Heading)));
        let inner = block.inner(at);
        block.render(at, buf);
        let foot = u16::try_from(feet.len()).unwrap_or(u16::MAX).min(inner.height);
        let body = Rect { height: inner.height - foot, ..inner };
        for (y, line) in (body.y..body.bottom()).zip(lines.iter().skip(self.top)) {
            line.render(Rect { y, height: 1, ..body }, buf);
        }
        for (y, line) in (body.bottom()..inner.bottom()).zip(feet) {
            line.render(Rect { y, height: 1, ..inner }, buf);
        }
    }

    fn can(&self, action: Action) -> bool {
        let is_bill = matches!(self.state, State::Bill(_));
        match action {
            Action::Yes => is_bill && self.wanted().is_none_or(|(code, _)| code == self.typed),
            Action::Permanent => is_bill,
            Action::WithFiles => self.has_files() && !self.how.permanent,
            _ => true,
        }
    }

    fn is_unseen(&self) -> bool {
        !self.armed && matches!(self.state, State::Bill(_))
    }

    fn is_about_file(&self) -> bool {
        true
    }
}

/// Columns of the box, with its frame.
const WIDTH: u16 = 72;

/// Columns of its text.
fn columns(window: u16) -> usize {
    usize::from(window.min(WIDTH).saturating_sub(4)).max(1)
}

fn wrapped(text: &str, columns: usize, style: Style) -> Vec<Line<'static>> {
    let rows = wrap(text, columns).into_iter().filter_map(|range| text.get(range));
    rows.map(|row| Line::styled(row.to_owned(), style)).collect()
}

/// Can it go along into the trash?
fn goes_along(file: &FileEntry) -> bool {
    file.why_unusable().is_none() && file.path().is_some()
}

fn item_lines(item: &BillItem, how: DeleteHow, theme: &Theme, columns: usize) -> Vec<Line<'static>> {
    let outcome = item.row.outcome;
    let kind = if outcome == Outcome::Error { Role::Failed } else { Role::Normal };
    let mut lines = vec![
        Line::from(vec![
            Span::styled(format!("#{} ", item.row.run.id), theme.style(Role::Dim)),
            Span::styled(
                sanitize::sanitize(item.row.run.shown_name()).into_owned(),
                theme.style(Role::Heading),
            ),
        ]),
        Line::from(vec![
            Span::styled(
                format!("   {} {}", item.row.glyph(theme.ascii), item.row.label()),
                theme.style(kind),
            ),
            Span::raw(format!(
                ", {}, {}",
                count_of(item.phases, "phase", "phases"),
                count_of(item.steps, "step", "steps")
            )),
        ]),
    ];
    if item.large {
        let how = "   goes in pieces: Esc ends that half-way, deleting again finishes it";
        lines.extend(wrapped(how, columns, theme.style(Role::Dim)));
    }
    for file in &item.files {
        if file.why_unusable().is_some() {
            let unread = format!("   can't be looked at: {}: {}", file.name, file.note());
            lines.extend(wrapped(&sanitize::sanitize(&unread), columns, theme.style(Role::Dim)));
            continue;
        }
        let size = file.size().map(|bytes| format!("  {}", format::bytes(bytes))).unwrap_or_default();
        let fate = if how.with_files && goes_along(file) { "   goes along: " } else { "   stays on disk: " };
        let name = sanitize::sanitize(&file.name);
        // The end of a name tells the files of a record apart.
        let room = columns.saturating_sub(fate.len() + size.len());
        lines.push(Line::from(vec![
            Span::styled(fate, theme.style(Role::Dim)),
            Span::raw(format!("{}{size}", cut_middle(&name, room, theme.ellipsis()))),
        ]));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::{behind, closes, cx};
    use crate::{
        model::{run::Run, timestamp::Timestamp},
        services::run_row::RunRow,
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
            Input::Answer {
                slot: crate::services::request::Slot::Bill,
                result: Ok(Answer::Bill(bill(guarded))),
            },
            &cx(),
        );
        confirm.update(Input::Drawn, &cx());
        confirm
    }

    fn press(confirm: &mut Confirm, keys: &[&str]) -> Option<Agreed> {
        for key in keys {
            let key = key.parse().unwrap();
            let input =
                crate::tui::keymap::lookup(Context::Confirm, key).map_or(Input::Key(key), Input::Action);
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
        let text: Vec<String> =
            item_lines(&item, along, &theme, 60).iter().map(ToString::to_string).collect();
        let text = text.join("\n");
        assert!(
            text.contains("goes along: a�.csv  1.2 kB") && !text.contains("goes along: a�.log"),
            "{text}"
        );
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
            let action = crate::tui::keymap::lookup(Context::Confirm, key.parse().unwrap());
            let outcome = seen(&[false]).update(Input::Action(action.unwrap()), &cx());
            assert!(closes(&outcome) && behind(&outcome).is_empty(), "{key}");
        }
    }
}
