//! Marks records for an action on many at once, and does what is done with all of them.

use std::{ops::RangeInclusive, path::Path, sync::Arc};

use super::{
    Action, Effect, ListQuery, Records,
    picks::{PickRange, Picks},
};
use crate::{
    error::{Error, Result},
    model::{
        format::{count, count_of},
        mark::RecordMark,
    },
    services::{
        page::Page,
        picked::{PickWhich, PickedCount, PickedRuns},
        request::{Answer, Ask, Slot},
    },
    tui::{
        bindings::key_of,
        keymap::Context,
        overlays::{Confirm, ExportMenu, Marking, PickedExport, mark_keys},
        screen::MarkTarget,
        screens::scroll_by,
    },
};

/// Nobody reads a bill of more records.
const MOST_DELETED: usize = 100_000;

impl Records {
    /// Is anything marked, or will be?
    pub(super) fn picks(&self) -> bool {
        let picking = &self.picking;
        !picking.picked.is_empty() || picking.range.is_some() || self.requests.is_coming(Slot::Pick)
    }

    /// The places of a range that is being marked.
    pub(super) fn pick_range(&self) -> Option<RangeInclusive<usize>> {
        let (range, at) = (self.picking.range?, self.list.scroll().selected()?);
        Some(range.at.min(at)..=range.at.max(at))
    }

    /// `3 marked, 1 not shown`, `range of 5`; `None` where nothing is marked.
    pub(super) fn picked_words(&self) -> Option<String> {
        let picking = &self.picking;
        let all = picking.picked.len() as u64;
        let marked = (all > 0).then(|| format!("{} marked", count(all)));
        let hidden = picking.listed.map_or(0, |listed| all.saturating_sub(listed));
        let hidden = (hidden > 0).then(|| format!("{} not shown", count(hidden)));
        let range = self.pick_range().map(|range| format!("range of {}", count(range.count() as u64)));
        let parts: Vec<String> = [marked, hidden, range].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Space: the record under the cursor, or the range that is open.
    pub(super) fn pick_one(&mut self) -> Vec<Effect> {
        if self.picking.range.is_some() {
            return self.keep_range();
        }
        let Some(run) = self.list.selected().map(|row| row.run.clone()) else { return Vec::new() };
        let is_picked = Arc::make_mut(&mut self.picking.picked).turn(&run);
        self.picking.listed = self
            .picking
            .listed
            .map(|listed| if is_picked { listed.saturating_add(1) } else { listed.saturating_sub(1) });
        let mut effects: Vec<Effect> = Vec::new();
        if self.requests.is_coming(Slot::PickedListed) || self.picking.listed.is_none() {
            effects.extend(self.count_picked());
        }
        self.list.go(|scroll| scroll_by(scroll, Action::Down));
        effects.extend(self.ask_for_missing());
        effects
    }

    /// v: begins a range at the cursor, or keeps the one that is open.
    pub(super) fn turn_range(&mut self) -> Vec<Effect> {
        if self.picking.range.is_some() {
            return self.keep_range();
        }
        let from = self.list.selected_id().zip(self.list.scroll().selected());
        self.picking.range = from.map(|(from, at)| PickRange { from, at });
        Vec::new()
    }

    /// a: all of the list, or none.
    pub(super) fn pick_all(&mut self) -> Vec<Effect> {
        self.picking.range = None;
        self.ask_pick(PickWhich::All)
    }

    fn keep_range(&mut self) -> Vec<Effect> {
        match (self.picking.range, self.list.selected_id()) {
            (Some(range), Some(to)) => self.ask_pick(PickWhich::Between(range.from, to)),
            _ => Vec::new(),
        }
    }

    fn ask_pick(&mut self, which: PickWhich) -> Vec<Effect> {
        let picked = Arc::clone(&self.picking.picked);
        vec![self.requests.ask(Ask::Pick { query: self.shown.clone(), which, picked })]
    }

    /// How many of them the list shows now.
    fn count_picked(&mut self) -> Option<Effect> {
        let picked = Arc::clone(&self.picking.picked);
        if picked.is_empty() {
            self.picking.listed = None;
            return self.requests.cancel(Slot::PickedListed);
        }
        Some(self.requests.ask(Ask::PickedListed { query: self.shown.clone(), picked }))
    }

    /// x, D and the keys of marks, for all that is marked. A range that is open belongs to it.
    pub(super) fn act_on_picked(&mut self, action: Action, folder: &Path) -> Vec<Effect> {
        if self.requests.is_coming(Slot::Pick) {
            self.picking.then = Some(action);
            return Vec::new();
        }
        if self.picking.range.is_some() {
            self.picking.then = Some(action);
            return self.keep_range();
        }
        let (many, picked) = (self.picking.picked.len(), Arc::clone(&self.picking.picked));
        let query = self.shown.clone();
        match action {
            _ if many == 0 => vec![Effect::say("No record is marked.")],
            Action::Delete if many > MOST_DELETED => vec![Effect::fail(format!(
                "{} are marked: {} takes at most {}, as nobody reads a longer bill. Nothing was deleted.",
                count_of(many as u64, "record", "records"),
                key_of(Context::List, Action::Delete),
                count(MOST_DELETED as u64)
            ))],
            Action::Delete => vec![self.requests.ask(Ask::PickedRuns { query, picked })],
            Action::Star | Action::Verdict | Action::Tags => {
                let label = count_of(many as u64, "record", "records");
                let target = MarkTarget::Picked { query, picked };
                vec![mark_keys::wanted(Marking { target, label, mark: RecordMark::default() }, action)]
            }
            _ => vec![Effect::Open(Box::new(ExportMenu::new(PickedExport { query, picked }, folder)))],
        }
    }

    /// The marks with those that were asked for.
    pub(super) fn picked(&mut self, result: Result<Answer>, folder: &Path) -> Vec<Effect> {
        let then = self.picking.then.take();
        match result {
            Ok(Answer::Picked(picked)) => {
                self.picking.range = None;
                self.picking.listed = None;
                self.picking.picked = Arc::new(picked);
                let mut effects: Vec<Effect> = self.count_picked().into_iter().collect();
                effects.extend(then.into_iter().flat_map(|action| self.act_on_picked(action, folder)));
                effects
            }
            Ok(_) => Vec::new(),
            Err(error) => {
                let said = match error {
                    Error::Cancelled => Effect::say("Cancelled: nothing more was marked."),
                    error => Effect::fail(error.on_screen()),
                };
                vec![said, Effect::DropKeys]
            }
        }
    }

    pub(super) fn counted(&mut self, count: PickedCount) -> Vec<Effect> {
        self.picking.forget(&count.gone);
        self.picking.listed = Some(count.listed);
        Vec::new()
    }

    /// The question before a delete, for those that are there.
    pub(super) fn ask_before_delete(&mut self, found: PickedRuns) -> Vec<Effect> {
        let lost = found.gone.len() as u64;
        self.picking.forget(&found.gone);
        let mut effects: Vec<Effect> =
            if lost > 0 { self.count_picked().into_iter().collect() } else { Vec::new() };
        let are = if lost == 1 { "is" } else { "are" };
        let gone =
            format!("{} of those marked {are} gone, or another by now", count_of(lost, "record", "records"));
        if found.runs.is_empty() {
            effects.extend([Effect::say(format!("{gone}: nothing to delete.")), Effect::DropKeys]);
            return effects;
        }
        effects.push(Effect::Open(Box::new(Confirm::new(found.runs))));
        effects.extend((lost > 0).then(|| Effect::say(format!("{gone}: not marked any more."))));
        effects
    }

    /// Esc: one layer of what is marked; `None` where there is none.
    pub(super) fn let_go(&mut self) -> Option<Vec<Effect>> {
        self.picking.then = None;
        if let Some(back) = self.requests.cancel(Slot::PickedRuns) {
            return Some(vec![back, Effect::say("Nothing was deleted.")]);
        }
        if let Some(back) = self.requests.cancel(Slot::Pick) {
            return Some(vec![back, Effect::say("Nothing more was marked.")]);
        }
        if self.picking.range.take().is_some() {
            return Some(Vec::new());
        }
        let many = self.picking.picked.len() as u64;
        if many == 0 {
            return None;
        }
        self.picking = Picks::default();
        let mut effects: Vec<Effect> = self.requests.cancel(Slot::PickedListed).into_iter().collect();
        let are = if many == 1 { "is" } else { "are" };
        let records = count_of(many, "record", "records");
        effects.push(Effect::say(format!("{records} {are} not marked any more.")));
        Some(effects)
    }

    /// Records whose ids are others' by now are not marked any more.
    pub(super) fn drop_others(&mut self, page: &Page) {
        let others = page.rows.iter().filter(|row| self.picking.picked.is_another(&row.run));
        let others: Vec<i64> = others.map(|row| row.run.id).collect();
        self.picking.forget(&others);
    }

    /// After a page was taken: a range stays with its record, and ends with its list. `moved` is where the selected record
    /// stood and stands.
    pub(super) fn picking_goes_on(
        &mut self,
        before: &ListQuery,
        moved: (Option<usize>, Option<usize>),
        is_scrolled: bool,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(range) = &mut self.picking.range {
            let offset = self.list.page().map_or(0, |page| super::list::whole(page.offset));
            let rows = self.list.page().into_iter().flat_map(|page| &page.rows);
            let found = rows.zip(offset..).find(|(row, _)| row.run.id == range.from).map(|(_, at)| at);
            range.at = match (found, moved) {
                (Some(at), _) => at,
                (None, (Some(was), Some(is))) => range.at.saturating_add(is).saturating_sub(was),
                _ => range.at,
            };
            if *before != self.shown {
                self.picking.range = None;
                effects.push(Effect::say(
                    "The range was dropped, as the list is another one; what is marked stays.",
                ));
            }
        }
        if !is_scrolled && !self.picking.picked.is_empty() {
            effects.extend(self.count_picked());
        }
        effects
    }
}
