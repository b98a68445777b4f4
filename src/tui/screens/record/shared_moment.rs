//! The moment of a record that was looked at last, and the tabs that stand there.

use crate::{
    services::moment::{Moment, MomentKind},
    tui::{
        action::Action,
        screen::{Aim, Goto},
        tab::TabId,
    },
};

/// The moment of the record that was looked at last.
#[derive(Debug, Default)]
pub(super) struct SharedMoment {
    at: Option<Moment>,
    /// The tabs that stand there.
    there: Vec<TabId>,
    /// The user went somewhere in the tab on top since it came there.
    moved: bool,
}

impl SharedMoment {
    /// The user went somewhere in the tab on top.
    pub fn moved(&mut self) {
        self.moved = true;
    }

    /// Tabs were led there by a jump.
    pub fn jumped(&mut self, to: Moment, there: Vec<TabId>) {
        *self = Self { at: Some(to), there, moved: false };
    }

    /// A tab is left in which the user went to this moment, if it knows one.
    pub fn leave(&mut self, tab: TabId, at: Option<Moment>) {
        if std::mem::take(&mut self.moved)
            && let Some(at) = at
        {
            self.jumped(at, vec![tab]);
        }
    }

    /// Where a tab that comes on top is to be led, unless it is there.
    pub fn lead(&mut self, tab: TabId) -> Option<Moment> {
        if self.there.contains(&tab) {
            return None;
        }
        let at = self.at.clone()?;
        self.there.push(tab);
        Some(at)
    }
}

/// Could this action have gone to another moment?
pub(super) fn goes(action: Action) -> bool {
    !matches!(
        action,
        Action::Reload | Action::Follow | Action::Wrap | Action::Search | Action::Narrow | Action::Sort
    )
}

/// What a tab is led by; `None` for one that knows no moments.
pub(super) fn kind_of(tab: TabId) -> Option<MomentKind> {
    match tab {
        TabId::Steps => Some(MomentKind::Spot),
        TabId::Table | TabId::Charts => Some(MomentKind::Iteration),
        TabId::Log => Some(MomentKind::LogByte),
        TabId::Map => Some(MomentKind::Cell),
        TabId::Overview | TabId::Files => None,
    }
}

pub(super) fn aim_of(moment: &Moment) -> Option<Aim> {
    match moment {
        Moment::Spot(spot) => Some(Aim::Spot(*spot)),
        Moment::Iteration(n) => Some(Aim::Iteration(*n)),
        Moment::LogByte(at) => Some(Aim::LogByte(*at)),
        Moment::Cell(place) => Some(Aim::Cell(place.clone())),
        Moment::Point { .. } => None,
    }
}

/// The moment of a place that is jumped to.
pub(super) fn of_goto(goto: Goto) -> Option<Moment> {
    match goto {
        Goto::Spot(spot) => Some(Moment::Spot(spot)),
        Goto::Iteration(n) => Some(Moment::Iteration(n)),
        Goto::LogByte(at) => Some(Moment::LogByte(at)),
        Goto::Tab(_) | Goto::Record(_) | Goto::Row(_) | Goto::Line(_) | Goto::Call(_) => None,
    }
}
