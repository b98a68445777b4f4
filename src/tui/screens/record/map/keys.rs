//! What keys do in the map: move, zoom, the next failed cell, open the step.

use super::{
    MapGoal, MapTab,
    cursor::{MapCursor, Side, rows},
    layout::MapLayout,
};
use crate::{
    services::map::types::RecordMap,
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screen::{Effect, Goto},
        tab::TabId,
    },
};

impl MapTab {
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Open => return self.open(),
            Action::NextError => return self.go(MapGoal::Failed(true)),
            Action::PreviousError => return self.go(MapGoal::Failed(false)),
            _ => {}
        }
        let Some(map) = self.map.get().cloned() else { return Vec::new() };
        let iterations = map.iterations.len();
        match action {
            Action::More => self.window.zoom(true, iterations),
            Action::Less => self.window.zoom(false, iterations),
            Action::Fit => self.window.fit(),
            Action::NextIteration => self.one_on(&map, true),
            Action::PreviousIteration => self.one_on(&map, false),
            Action::Left => self.sideways(&map, false),
            Action::Right => self.sideways(&map, true),
            Action::Top => self.cursor = MapCursor { side: Side::Main, at: 0, ..self.cursor }.inside(&map),
            Action::Bottom => {
                let at = iterations.saturating_sub(1);
                self.cursor = MapCursor { side: Side::Main, at, ..self.cursor }.inside(&map);
            }
            _ if action.moves() => {
                let page = MapLayout::of(&map, self.size).rows;
                let last = rows(&map, self.cursor.side).saturating_sub(1);
                self.cursor.row = action.moved(self.cursor.row, page, last);
                self.most_telling(&map);
            }
            _ => {}
        }
        self.lay_out();
        Vec::new()
    }

    /// Of the iterations that share the cursor's column the one that is seen.
    fn most_telling(&mut self, map: &RecordMap) {
        let shared = self.window.shared(self.cursor.at, map.iterations.len());
        if self.cursor.side == Side::Main && shared.len() > 1 {
            let seen = map.first_of(self.cursor.row, &shared);
            self.cursor.at = seen.map_or(shared.start, |(_, at)| at);
        }
    }

    /// To the column of an iteration.
    fn column_of(&mut self, map: &RecordMap, at: usize) {
        self.cursor = MapCursor { side: Side::Main, at, ..self.cursor }.inside(map);
        self.most_telling(map);
    }

    /// A column on, from prep to the iterations and from those to cleanup.
    fn sideways(&mut self, map: &RecordMap, right: bool) {
        let shared = self.window.shared(self.cursor.at, map.iterations.len());
        let last = map.iterations.len().saturating_sub(1);
        let side = |side| MapCursor { side, ..self.cursor };
        let (to, at) = match (self.cursor.side, right) {
            (Side::Main, true) if shared.end <= last => (Side::Main, shared.end),
            (Side::Main, false) if shared.start > 0 => (Side::Main, shared.start - 1),
            (Side::Main, true) => (Side::Cleanup, self.cursor.at),
            (Side::Main, false) => (Side::Prep, self.cursor.at),
            (Side::Prep, true) if rows(map, Side::Main) > 0 => (Side::Main, 0),
            (Side::Cleanup, false) if rows(map, Side::Main) > 0 => (Side::Main, last),
            (Side::Prep, true) => (Side::Cleanup, self.cursor.at),
            (Side::Cleanup, false) => (Side::Prep, self.cursor.at),
            _ => return,
        };
        if to == Side::Main {
            self.column_of(map, at);
        } else if rows(map, to) > 0 {
            self.cursor = side(to).inside(map);
        }
    }

    /// To the next iteration or the one before, also within a column.
    fn one_on(&mut self, map: &RecordMap, forward: bool) {
        let at = match (self.cursor.side, forward) {
            (Side::Prep, true) => 0,
            (Side::Cleanup, false) => map.iterations.len().saturating_sub(1),
            (Side::Main, true) => self.cursor.at + 1,
            (Side::Main, false) => self.cursor.at.saturating_sub(1),
            _ => return,
        };
        if rows(map, Side::Main) > 0 {
            self.cursor = MapCursor { side: Side::Main, at, ..self.cursor }.inside(map);
        }
    }

    /// The cursor is sent somewhere: at once, or when all of the record is known.
    pub(super) fn go(&mut self, goal: MapGoal) -> Vec<Effect> {
        let Some(map) = self.map.get().cloned().filter(|map| map.every == 1) else {
            self.goal = Some(goal);
            return Vec::new();
        };
        let to = match goal {
            MapGoal::Iteration(n) => map
                .place_of(n)
                .map(|at| MapCursor { side: Side::Main, at, ..self.cursor })
                .ok_or_else(|| format!("There is no iteration {n} in this record.")),
            MapGoal::Cell(place) => Ok(self.cursor.on(&map, &place).unwrap_or(self.cursor)),
            MapGoal::Failed(forward) => self.cursor.next_failed(&map, forward).ok_or_else(|| {
                let (way, other, goes) = if forward {
                    ("further", Action::PreviousError, "goes back")
                } else {
                    ("earlier", Action::NextError, "goes on")
                };
                let back = format!("{} {goes}", key_of(Context::Tab(TabId::Map), other));
                format!("No {way} failed cell in this record; {back}.")
            }),
        };
        match to {
            Ok(cursor) => self.cursor = cursor.inside(&map),
            Err(text) => return vec![Effect::say(text), Effect::DropKeys],
        }
        self.lay_out();
        Vec::new()
    }

    /// To the step of the cell, or to its phase where the step did not run.
    fn open(&self) -> Vec<Effect> {
        match self.detail().map(|detail| detail.spot) {
            Some(Some(spot)) => vec![Effect::Goto(Goto::Spot(spot))],
            Some(None) => vec![Effect::say(format!(
                "This step is gone from the file; {} reads the map again.",
                key_of(Context::Tab(TabId::Map), Action::Reload)
            ))],
            None => Vec::new(),
        }
    }
}
