//! The list as it was left the last time or is kept under a name, and as it is written down.

use super::{Effect, Goal, ListColumns, ListLeft, Page, Records, SeenRecord};
use crate::{model::kept_list::KeptList, services::own_files::views::KeptView};

impl Records {
    /// With the record selected that was so the last time, if it is in the list and still that one.
    #[must_use]
    pub fn with_selected(mut self, record: Option<SeenRecord>) -> Self {
        self.resume = record;
        self
    }

    /// What a page is to be taken for while that record is looked for, and the record if it must be asked for. The first
    /// page does not wait for where it stands.
    pub(super) fn led_back(&mut self, page: &Page, goal: Goal) -> (Goal, Option<i64>) {
        let Some(seen) = &self.resume else { return (goal, None) };
        let id = seen.id;
        if !matches!(goal, Goal::Settle | Goal::Keep | Goal::View) && goal != Goal::Narrow(id) {
            // Somebody goes elsewhere.
            self.resume = None;
            return (goal, None);
        }
        let is_there = page.rows.iter().find(|row| row.run.id == id).map(|row| seen.is(&row.run));
        let asked_for = goal == Goal::Narrow(id);
        let (goal, further) = match (is_there, goal) {
            (Some(true), _) => (Goal::Narrow(id), None),
            // The id is that of another record now.
            (Some(false), _) if asked_for => (Goal::Row(0), None),
            (Some(false), _) => (goal, None),
            // It may be found yet.
            (None, _) if page.unread.is_some() => return (goal, None),
            (None, _) => {
                let is_all = page.offset == 0 && page.rows.len() as u64 >= page.total && !page.uncounted;
                (goal, (!asked_for && !is_all).then_some(id))
            }
        };
        if further.is_none() {
            self.resume = None;
        }
        (goal, further)
    }

    /// A list that was kept under a name.
    pub(super) fn use_view(&mut self, view: &KeptView) -> Vec<Effect> {
        let columns = match view.list.columns.as_str() {
            "" => Ok(self.first_columns),
            text => ListColumns::read(text).map_err(|wrong| format!("columns: {wrong}")),
        };
        match view.list.query().and_then(|query| Ok((query, columns?))) {
            Ok((query, columns)) => {
                self.resume = None;
                self.columns = columns;
                (self.query.sort, self.query.order) = (query.sort, query.order);
                self.columns_fit();
                self.narrow(query.filter)
            }
            Err(why) => vec![Effect::fail(format!("View \"{}\": {why}", view.name))],
        }
    }

    /// As it is to be written down: what is being typed does not count yet.
    pub(super) fn as_left(&self) -> ListLeft {
        let query = self.before.as_ref().map_or(&self.query, |(query, _)| query);
        let selected = self.list.selected().map(|row| SeenRecord::of(&row.run));
        ListLeft {
            list: KeptList::of(query, self.columns.text()),
            has_first_columns: self.columns == self.first_columns,
            record: self.resume.clone().or(selected),
        }
    }
}
