//! Tab 4: the map of the record, its steps by its iterations, a sign a cell; the cursor names its cell below.

mod cursor;
mod draw;
mod keys;
mod layout;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};

use crate::{
    checkpoint::Progress,
    error::Result,
    model::map_cell::MapCell,
    services::{
        map::{CellDetail, CellPlace, types::RecordMap},
        moment::Moment,
        request::{Answer, Ask, Slot},
    },
    style::{Role, Theme},
    tui::{
        action::{About, Action},
        bindings::key_of,
        keymap::Context,
        requests::Requests,
        screen::{Aim, CopyItem, Effect, Goto, Input, ScreenCx, Tab},
        screens::loadable::{Loadable, paragraph},
        tab::TabId,
    },
};
use cursor::{MapCursor, MapWindow};
use layout::MapLayout;

#[derive(Debug, Default)]
pub(super) struct MapTab {
    run: i64,
    map: Loadable<Arc<RecordMap>>,
    cursor: MapCursor,
    window: MapWindow,
    /// The first row that is seen.
    top: usize,
    /// What stands behind a cell: of the cursor's, once that has come.
    detail: Option<Box<CellDetail>>,
    /// The map was read anew since: the detail may be another one.
    stale: bool,
    /// Where the cursor goes when the whole map is there.
    goal: Option<MapGoal>,
    progress: Option<Progress>,
    /// All of the record is on its way, and is to be read once more then.
    again: bool,
    requests: Requests,
    size: Size,
}

/// Where the cursor is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
enum MapGoal {
    Iteration(i64),
    /// Where another tab stood: nothing is said where there is no such cell.
    Cell(CellPlace),
    /// The next failed cell, or the one before.
    Failed(bool),
}

impl MapTab {
    pub fn new(run: i64) -> Self {
        MapTab { run, ..MapTab::default() }
    }

    fn whole(&self) -> bool {
        self.map.get().is_some_and(|map| map.every == 1 && map.knows_slow)
    }

    /// What was whole does not fall back to a beginning.
    fn ask(&mut self) -> Effect {
        let (run, whole) = (self.run, self.whole());
        self.requests.ask(if whole { Ask::MapWhole { run } } else { Ask::Map { run } })
    }

    fn place(&self) -> Option<CellPlace> {
        self.cursor.place(self.map.get()?)
    }

    /// What stands behind the cursor's cell, where that is known.
    fn detail(&self) -> Option<&CellDetail> {
        self.detail.as_deref().filter(|detail| Some(&detail.place) == self.place().as_ref())
    }

    /// Asks for what stands behind the cursor's cell.
    fn ask_detail(&mut self) -> Option<Effect> {
        let place = self.place()?;
        if self.detail().is_some() && !self.stale {
            return None;
        }
        let ask = Ask::MapCell { run: self.run, place };
        let coming = self.requests.coming(Slot::MapCell).is_some_and(|(known, ())| *known == ask);
        (!coming || self.stale).then(|| {
            self.stale = false;
            self.requests.ask(ask)
        })
    }

    fn lay_out(&mut self) {
        let Some(map) = self.map.get() else { return };
        let layout = MapLayout::of(map, self.size);
        self.window.columns = layout.columns;
        self.window.reveal(self.cursor.at, map.iterations.len());
        let last = layout.all_rows.saturating_sub(layout.rows);
        let row = self.cursor.row;
        self.top = self.top.clamp((row + 1).saturating_sub(layout.rows), row).min(last);
    }

    fn learn(&mut self, map: Arc<RecordMap>) -> Vec<Effect> {
        self.cursor = match self.map.get().filter(|old| !old.is_empty()) {
            Some(old) => self.cursor.in_new(old, &map),
            // What failed first is looked for first.
            None => {
                let failed = MapCursor { side: cursor::Side::Prep, ..MapCursor::default() };
                let first = Some(failed).filter(|first| first.cell(&map) == MapCell::Failed);
                first.or_else(|| failed.next_failed(&map, true)).unwrap_or_default().inside(&map)
            }
        };
        self.map = Loadable::There(map);
        self.stale = true;
        self.progress = None;
        self.lay_out();
        let mut effects = Vec::new();
        if !self.whole() || std::mem::take(&mut self.again) {
            effects.push(self.requests.ask(Ask::MapWhole { run: self.run }));
        }
        if self.whole()
            && let Some(goal) = self.goal.take()
        {
            effects.extend(self.go(goal));
        }
        effects
    }

    fn answer(&mut self, slot: Slot, result: Result<Answer>) -> Vec<Effect> {
        self.requests.answered(slot);
        match result {
            Ok(Answer::Map(map)) => self.learn(map),
            Ok(Answer::MapCell(detail)) => {
                self.detail = Some(detail);
                Vec::new()
            }
            Ok(_) => Vec::new(),
            Err(e) if slot == Slot::MapCell => Effect::not_found(&e),
            Err(e) => {
                (self.goal, self.again) = (None, false);
                self.map.fail(&e)
            }
        }
    }
}

impl Tab for MapTab {
    fn context(&self) -> Context {
        Context::Tab(TabId::Map)
    }

    fn can(&self, action: Action) -> bool {
        let is_error = matches!(action, Action::NextError | Action::PreviousError);
        if is_error && self.map.get().is_none_or(|map| map.every != 1) {
            // It is known later whether there is one.
            return !matches!(self.map, Loadable::Failed(_));
        }
        let Some(map) = self.map.get().filter(|map| !map.is_empty()) else { return false };
        let iterations = map.iterations.len();
        match action {
            Action::More => self.window.can_zoom_in(iterations),
            Action::Less | Action::Fit => self.window.is_zoomed(iterations),
            Action::NextIteration | Action::PreviousIteration => iterations > 1,
            Action::Left | Action::Right | Action::Open | Action::NextError | Action::PreviousError => true,
            _ => action.moves(),
        }
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        let failed = matches!(input, Input::Answer { result: Err(_), .. });
        let mut effects = match input {
            Input::Resize(size) => {
                self.size = size;
                self.lay_out();
                Vec::new()
            }
            Input::Shown if self.map.get().is_none() => vec![self.ask()],
            Input::Shown => self.goal.take().map(|goal| self.go(goal)).unwrap_or_default(),
            Input::Action(Action::Reload) if self.requests.is_coming(Slot::MapWhole) => {
                self.again = true;
                Vec::new()
            }
            Input::Action(Action::Reload) => vec![self.ask()],
            Input::Action(action) => self.act(action),
            Input::Goto(Goto::Iteration(n)) => self.go(MapGoal::Iteration(n)),
            Input::Answer { slot, result } => self.answer(slot, result),
            Input::Progress { slot: Slot::MapWhole, progress } => {
                self.progress = Some(progress);
                Vec::new()
            }
            _ => Vec::new(),
        };
        // What just failed would fail again.
        if !failed {
            effects.extend(self.ask_detail());
        }
        effects
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        if self.map.placeholder(theme, area, buf) {
            return;
        }
        let Some(map) = self.map.get() else { return };
        if map.is_empty() {
            let key = |tab| key_of(Context::Tab(TabId::Map), Action::Show(tab));
            let text = match map.every {
                0 => "Reading the steps of this record ...".to_owned(),
                _ => {
                    format!(
                        "No map: the file has no steps of this record, or none in an iteration with a number. {} shows its steps, {} its log.",
                        key(TabId::Steps),
                        key(TabId::Log)
                    )
                }
            };
            paragraph(&text, Role::Dim, theme, area, buf);
            return;
        }
        let layout = MapLayout::of(map, area.as_size());
        let (cursor, window, top, detail) = (self.cursor, self.window, self.top, self.detail());
        let progress = self.progress;
        draw::Drawing { cursor, window, top, detail, progress, map, layout, theme }.draw(area, buf);
    }

    fn has_come(&self) -> bool {
        self.map.has_come()
    }

    /// Where Enter leads to is on its way, or where the cursor goes.
    fn awaits(&self, about: About) -> bool {
        self.goal.is_some() || about == About::Cursor && self.requests.is_coming(Slot::MapCell)
    }

    fn numbered(&self, n: u64) -> Option<Goto> {
        i64::try_from(n).ok().map(Goto::Iteration)
    }

    fn moment(&self) -> Option<Moment> {
        self.place().map(Moment::Cell)
    }

    fn aim(&mut self, aim: Aim) {
        if let Aim::Cell(place) = aim {
            self.goal = Some(MapGoal::Cell(place));
        }
    }

    fn copies(&self) -> Vec<CopyItem> {
        let Some(map) = self.map.get() else { return Vec::new() };
        let words: String =
            draw::place_words(self.cursor, self.detail(), map).into_iter().map(|span| span.text).collect();
        let mut items = vec![CopyItem::new('r', "cell", words.trim())];
        let error = self.detail().and_then(|detail| detail.error.clone());
        items.extend(error.map(|error| CopyItem::new('e', "error", error)));
        items
    }

    fn position(&self) -> Option<String> {
        let map = self.map.get().filter(|map| !map.iterations.is_empty())?;
        Some(format!("{}/{}", self.cursor.at + 1, map.iterations.len()))
    }
}
