//! What keys do in the list of outputs and on one chart: move, turn to another output, lead to a point or its step.

use super::{ChartsTab, CursorGoal};
use crate::{
    model::series::Point,
    services::{
        next_failure::Spot,
        request::{Ask, Slot},
    },
    tui::{
        action::Action,
        screen::{Effect, Goto},
        screens::scroll_by,
    },
};

impl ChartsTab {
    /// Moves the cursor of the one-chart view.
    pub(super) fn go(&mut self, goal: CursorGoal) -> Vec<Effect> {
        let Some(one_chart) = &mut self.one_chart else { return Vec::new() };
        match goal {
            _ if self.outputs.get().is_some_and(|charts| charts.every > 1) => self.goal = Some(goal),
            CursorGoal::HighLow => one_chart.high_low(),
            CursorGoal::Iteration(n) if !one_chart.seek(n) => {
                return vec![Effect::fail(format!("No point at iteration {n} or behind it."))];
            }
            CursorGoal::Iteration(_) => {}
        }
        Vec::new()
    }

    /// The cursor of the chart goes to the iteration that another tab stood at; where it has no point, it stays.
    pub(super) fn follow_lead(&mut self) {
        if self.one_chart.is_some()
            && let Some(n) = self.lead.take()
        {
            self.go(CursorGoal::Iteration(n));
        }
    }

    pub(super) fn in_list(&mut self, action: Action) {
        match action {
            _ if action.moves() => scroll_by(&mut self.scroll, action),
            Action::Open => self.open(None),
            _ => {}
        }
        self.aim = None;
    }

    pub(super) fn in_one_chart(&mut self, action: Action) -> Vec<Effect> {
        let Some(one_chart) = &mut self.one_chart else { return Vec::new() };
        match action {
            // Esc takes the way to the step back first.
            Action::Back if self.requests.is_coming(Slot::PointStep) => {
                return self.requests.cancel(Slot::PointStep).into_iter().collect();
            }
            Action::Open => return self.ask_step().into_iter().collect(),
            Action::HighLow => return self.go(CursorGoal::HighLow),
            Action::Left => one_chart.step(false),
            Action::Right => one_chart.step(true),
            Action::Top => one_chart.first(),
            Action::Bottom => one_chart.last(),
            Action::PageDown => one_chart.pan(1.0),
            Action::PageUp => one_chart.pan(-1.0),
            Action::HalfDown => one_chart.pan(0.5),
            Action::HalfUp => one_chart.pan(-0.5),
            Action::More => one_chart.zoom(true),
            Action::Less => one_chart.zoom(false),
            Action::Fit => one_chart.zoom_to_fit(),
            Action::Back => {
                self.one_chart = None;
                self.goal = None;
            }
            Action::Down => self.turn(1),
            Action::Up => self.turn(-1),
            _ => {}
        }
        Vec::new()
    }

    /// Asks which step made the point under the cursor.
    pub(super) fn ask_step(&mut self) -> Option<Effect> {
        let output = self.output_name()?;
        let Point { iteration, sample, .. } = *self.one_chart.as_ref()?.at()?;
        Some(self.requests.ask(Ask::PointStep { run: self.run, output, iteration, sample }))
    }

    /// To the step that made the point under the cursor, or to its iteration where none can be told.
    pub(super) fn jump_to(&self, spot: Option<Spot>) -> Option<Effect> {
        let point = self.one_chart.as_ref()?.at()?;
        Some(Effect::Goto(spot.map_or(Goto::Iteration(point.iteration), Goto::Spot)))
    }

    /// The next or previous output in the same place.
    fn turn(&mut self, by: isize) {
        if let Some(selected) = self.scroll.selected() {
            self.turn_to(selected.saturating_add_signed(by));
        }
    }
}
