//! Tab 7: the record's files, those on disk and those that an export makes; Enter looks into one.

mod csv_table;
mod open;
mod search;
#[cfg(test)]
mod tests;
mod view;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use crate::{
    error::Result,
    model::format::count,
    services::{
        export_kind::ExportKind,
        files::FileEntry,
        request::{Answer, Ask, Slot},
    },
    style::Theme,
    tui::{
        action::Action,
        keymap::Context,
        screen::{CopyItem, Effect, Goto, Input, ScreenCx, Tab},
        screens::loadable::Loadable,
        screens::scroll_by,
        tab::TabId,
        widgets::scroll::Scroll,
    },
};
use open::{OpenFile, Shown};

#[derive(Debug)]
pub(super) struct FilesTab {
    run: i64,
    files: Loadable<Vec<FileEntry>>,
    scroll: Scroll,
    open: Option<OpenFile>,
    size: Size,
}

impl FilesTab {
    pub fn new(run: i64) -> Self {
        Self { run, files: Loadable::Waiting, scroll: Scroll::default(), open: None, size: Size::default() }
    }

    /// The list, and the file that is open.
    fn ask(&self) -> Vec<Effect> {
        let list = Effect::Ask(Ask::Files { run: self.run });
        let open = self.open.as_ref().map(|open| self.ask_view(open.kind));
        std::iter::once(list).chain(open).collect()
    }

    fn ask_view(&self, kind: ExportKind) -> Effect {
        Effect::Ask(Ask::FileView { run: self.run, kind })
    }

    fn all(&self) -> &[FileEntry] {
        self.files.get().map(Vec::as_slice).unwrap_or_default()
    }

    fn entry(&self, kind: ExportKind) -> Option<&FileEntry> {
        self.all().iter().find(|file| file.kind == kind)
    }

    /// The file under the bar, or the open one.
    fn current(&self) -> Option<&FileEntry> {
        match &self.open {
            Some(open) => self.entry(open.kind),
            None => self.all().get(self.scroll.selected()?),
        }
    }

    fn answer(&mut self, result: Result<Answer>) -> Vec<Effect> {
        match result {
            Ok(Answer::Files(files)) => {
                self.scroll.set_len(files.len());
                self.files = Loadable::There(files);
                let open = self.open.as_ref().map(|open| open.kind);
                if let Some(at) = self.all().iter().position(|file| Some(file.kind) == open) {
                    self.scroll.to(at);
                }
                Vec::new()
            }
            Ok(_) => Vec::new(),
            Err(e) => self.files.fail(&e),
        }
    }

    fn in_list(&mut self, action: Action) -> Vec<Effect> {
        match action {
            _ if action.moves() => scroll_by(&mut self.scroll, action),
            Action::Open => return self.open_selected(),
            _ => {}
        }
        Vec::new()
    }

    fn open_selected(&mut self) -> Vec<Effect> {
        let Some(file) = self.current() else { return Vec::new() };
        match (file.kind, file.why_missing()) {
            (_, Some(why)) => vec![Effect::say(format!("{why}."))],
            // It has a tab that reads logs of any size.
            (ExportKind::Log, _) => vec![Effect::Goto(Goto::Tab(TabId::Log))],
            (kind, _) => {
                self.open = Some(OpenFile::new(kind, view::open_size(self.size)));
                vec![self.ask_view(kind)]
            }
        }
    }

    /// Words first, then the file.
    fn back(&mut self) -> Vec<Effect> {
        if self.open.as_mut().is_some_and(OpenFile::clear_search) {
            return Vec::new();
        }
        self.open = None;
        vec![Effect::Cancel(Slot::FileView)]
    }
}

impl Tab for FilesTab {
    fn context(&self) -> Context {
        Context::Tab(TabId::Files)
    }

    fn can(&self, action: Action) -> bool {
        if let Some(open) = &self.open {
            return open.can(action);
        }
        match action {
            Action::Reload => true,
            _ if action.moves() => !self.scroll.is_empty(),
            Action::Open => !self.scroll.is_empty(),
            _ => false,
        }
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.scroll.set_height(usize::from(size.height.saturating_sub(1)));
                if let Some(open) = &mut self.open {
                    open.resize(view::open_size(size));
                }
                Vec::new()
            }
            Input::Shown if self.files.get().is_none() => self.ask(),
            Input::Action(Action::Reload) => self.ask(),
            Input::Action(Action::Back) => self.back(),
            Input::Action(action) => match &mut self.open {
                Some(open) => open.act(action),
                None => self.in_list(action),
            },
            Input::Goto(Goto::Row(n)) => self.open.as_mut().map(|open| open.go_to_row(n)).unwrap_or_default(),
            Input::Search(words) => self
                .open
                .as_mut()
                .map(|open| open.search_by(|search, _, texts| search.typed(&words, texts)))
                .unwrap_or_default(),
            Input::SearchDone(words) => {
                self.open.as_mut().map(|open| open.search_done(words)).unwrap_or_default()
            }
            Input::Answer { slot: Slot::Files, result } => self.answer(result),
            Input::Answer { slot: Slot::FileView, result } => {
                self.open.as_mut().map(|open| open.answer(result)).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        view::view(self, theme, area, buf);
    }

    fn has_come(&self) -> bool {
        self.files.has_come() && self.open.as_ref().is_none_or(|open| open.shown.has_come())
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        self.open.as_ref().is_some_and(OpenFile::has_rows).then_some(Goto::Row(n))
    }

    fn export_in_hand(&self) -> Option<ExportKind> {
        self.current().map(|file| file.kind)
    }

    fn copies(&self) -> Vec<CopyItem> {
        let mut items = Vec::new();
        if let Some(file) = self.current() {
            items.extend(file.path().map(|path| CopyItem::new('p', "path", path.display().to_string())));
            items.push(CopyItem::new('f', "file name", file.name.clone()));
            items.extend(file.why_missing().map(|why| CopyItem::new('w', "why not", why)));
        }
        let shown = self.open.as_ref().and_then(|open| open.shown.get());
        if let Some(Shown::CsvTable(table)) = shown {
            items.extend(table.row_text().map(|text| CopyItem::new('r', "row", text)));
        }
        items
    }

    fn position(&self) -> Option<String> {
        let place = |at: usize, of: usize| Some(format!("{}/{}", count(at as u64 + 1), count(of as u64)));
        match self.open.as_ref().map(|open| open.shown.get()) {
            Some(Some(Shown::CsvTable(table))) => place(table.scroll.selected()?, table.scroll.len()),
            Some(Some(Shown::Text(reader))) if !reader.lines().is_empty() => {
                place(reader.first(), reader.lines().len())
            }
            Some(_) => None,
            None => place(self.scroll.selected()?, self.scroll.len()),
        }
    }

    fn beside(&self, run: i64) -> Option<Box<dyn Tab>> {
        let mut files = FilesTab::new(run);
        files.scroll = self.scroll;
        files.open = self.open.as_ref().map(|open| OpenFile::new(open.kind, Size::default()));
        Some(Box::new(files))
    }
}
