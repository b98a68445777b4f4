//! The question before a delete as lines: the bill, what undo costs, and what is to be typed or pressed.

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use super::{Confirm, Note, State, goes_along};
use crate::{
    model::{
        format::{self, count_of},
        outcome::Outcome,
        sanitize,
    },
    services::{
        delete::{BillItem, DeleteHow},
        files::FileEntry,
    },
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::{key_here, key_of},
        keymap::Context,
        overlays::{centred, cover, frame},
        screen::Overlay,
        widgets::{pane::wrap, text::cut_middle},
    },
};

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

impl Confirm {
    pub(super) fn scroll(&mut self, action: Action) {
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
        if let Some(others) = bill.other_rows_words() {
            let said = format!("and {others}");
            lines.extend(wrapped(&sanitize::sanitize(&said), columns, theme.style(Role::Normal)));
        }
        if self.how.with_files {
            let shared = "A file that another record has too stays on disk.";
            lines.extend(wrapped(shared, columns, theme.style(Role::Dim)));
        }
        lines
    }

    /// Of many records how many they are, with what they have; in the smallest window without that.
    fn sum(&self, columns: usize) -> Option<Line<'static>> {
        let State::Bill(bill) = &self.state else { return None };
        let sum = |of: fn(&BillItem) -> u64| bill.items.iter().map(of).sum::<u64>();
        let records = count_of(bill.items.len() as u64, "record", "records");
        let all = format!(
            "{records}, {}, {} in all",
            count_of(sum(|item| item.phases), "phase", "phases"),
            count_of(sum(|item| item.steps), "step", "steps")
        );
        let text = if all.len() <= columns { all } else { format!("{records} in all") };
        (bill.items.len() > 1).then(|| Line::from(text))
    }

    /// What undo costs, in one line; in the smallest window without how much that is.
    fn fate(&self, theme: &Theme, columns: usize) -> Option<Line<'static>> {
        let State::Bill(bill) = &self.state else { return None };
        if self.how.permanent {
            return Some(Line::styled("For good: nothing can be taken back", theme.style(Role::Failed)));
        }
        if bill.no_trash.is_some() {
            let text = format!(
                "The trash can't be written: {} deletes for good",
                key_of(Context::Confirm, Action::Permanent)
            );
            return Some(Line::styled(
                text.get(..columns).unwrap_or(&text).to_owned(),
                theme.style(Role::Failed),
            ));
        }
        let all = if bill.items.len() == 1 { "it" } else { "all" };
        let undo = key_of(Context::List, Action::Undo);
        let kept = |size: &str| format!("Kept in the trash{size}: {undo} brings {all} back");
        let goes = |file: &FileEntry| self.how.with_files && goes_along(file);
        let size = bill.size_with(goes).words().map(|size| kept(&format!(" ({size})")));
        let text = size.filter(|text| text.len() <= columns).unwrap_or_else(|| kept(""));
        Some(Line::styled(text, theme.style(Role::Normal)))
    }

    /// What undo costs, what is to be typed, the keys, and a word about the last key.
    pub(super) fn foot(&self, theme: &Theme, columns: usize) -> Vec<Line<'static>> {
        let mut lines: Vec<Line<'static>> = self.sum(columns).into_iter().collect();
        lines.extend(self.fate(theme, columns));
        let asked = self.wanted().map(|(_, text)| format!("{text}: {}_", self.typed)).unwrap_or_default();
        lines.extend(wrapped(&asked, columns, theme.style(Role::Normal)));
        let mut keys = vec![
            Span::styled(
                format!("[ {}  Cancel ]", key_of(Context::Confirm, Action::Back)),
                theme.style(Role::Heading),
            ),
            Span::raw("   "),
        ];
        match self.wanted() {
            Some((code, _)) if code != self.typed => {
                keys.push(Span::raw("type "));
                keys.push(Span::styled(code, theme.style(Role::Key)));
                keys.push(Span::raw(format!(", then {}", key_of(Context::Confirm, Action::Yes))));
            }
            _ if matches!(self.state, State::Bill(_)) => {
                keys.push(Span::styled(key_of(Context::Confirm, Action::Yes), theme.style(Role::Key)));
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
    fn choices(&self) -> Vec<(String, &'static str)> {
        if !matches!(self.state, State::Bill(_)) {
            return Vec::new();
        }
        let how = if self.how.permanent { "into the trash" } else { "for good" };
        let files = if self.how.with_files { "without files" } else { "with its files" };
        let choices = [(Action::Permanent, how), (Action::WithFiles, files)];
        let can = choices.into_iter().filter(|(action, _)| self.can(*action));
        can.filter_map(|(action, what)| Some((key_here(Context::Confirm, action)?, what))).collect()
    }

    fn note(&self) -> String {
        let [yes, back] = [Action::Yes, Action::Back].map(|action| key_of(Context::Confirm, action));
        match (self.note, self.wanted()) {
            (Note::None, _) => String::new(),
            (Note::Enter, None) => format!("Enter does nothing: {yes} deletes, {back} leaves all as it is."),
            (Note::Enter, Some((code, _))) => {
                format!("Enter does nothing: {code} and {yes} delete, {back} leaves all as it is.")
            }
            (Note::FilesPast, _) => {
                format!(
                    "Files go along into the trash only: {} first.",
                    key_of(Context::Confirm, Action::Permanent)
                )
            }
            (Note::NoFiles, _) => "There are no files that could go along.".to_owned(),
            (Note::Number, Some((code, _))) if self.typed.is_empty() => {
                format!("Type {code} first, then {yes}: nothing was deleted.")
            }
            (Note::Number, _) => "Not that number: nothing was deleted.".to_owned(),
        }
    }

    /// The bill, and below it, always whole, what is to be pressed.
    pub(super) fn draw(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let columns = columns(area.width);
        let lines = self.bill_lines(theme, columns);
        let feet = self.foot(theme, columns);
        let height = u16::try_from(lines.len() + feet.len() + 3).unwrap_or(u16::MAX);
        let at = centred(area, Size { width: WIDTH, height });
        cover(at, buf);
        let block = frame(theme).title(Span::styled(" Delete? ", theme.style(Role::Heading)));
        let inner = block.inner(at);
        let foot = u16::try_from(feet.len()).unwrap_or(u16::MAX).min(inner.height);
        let below = lines.len().saturating_sub(self.top + usize::from(inner.height - foot));
        let more = format!(" {} below ", count_of(below as u64, "more line", "more lines"));
        let block =
            if below > 0 { block.title_bottom(Span::styled(more, theme.style(Role::Dim))) } else { block };
        block.render(at, buf);
        let body = Rect { height: inner.height - foot, ..inner };
        for (y, line) in (body.y..body.bottom()).zip(lines.iter().skip(self.top)) {
            line.render(Rect { y, height: 1, ..body }, buf);
        }
        for (y, line) in (body.bottom()..inner.bottom()).zip(feet) {
            line.render(Rect { y, height: 1, ..inner }, buf);
        }
    }
}

/// A record of the bill.
pub(super) fn item_lines(
    item: &BillItem,
    how: DeleteHow,
    theme: &Theme,
    columns: usize,
) -> Vec<Line<'static>> {
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
        let back = key_of(Context::List, Action::Back);
        let how = format!("   goes in pieces: {back} ends that half-way, deleting again finishes it");
        lines.extend(wrapped(&how, columns, theme.style(Role::Dim)));
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
