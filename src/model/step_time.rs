//! A step without its output: what is read where all steps of a record are looked at, and what makes it the same step
//! elsewhere.

use std::sync::Arc;

use super::{run::Step, timestamp::seconds_between};

/// What a step was, how long it took and how it ended; its method's name lives as long as the reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepTime<'a> {
    pub id: i64,
    pub step_index: Option<i64>,
    pub method: &'a str,
    /// Seconds from start to end; `None` without both.
    pub took: Option<f64>,
    pub has_end: bool,
    pub failed: bool,
}

impl<'a> StepTime<'a> {
    pub fn of(step: &'a Step) -> Self {
        let times = step.start.at().zip(step.end.at());
        Self {
            id: step.id,
            step_index: step.step_index,
            method: &step.method_name,
            took: times.map(|(start, end)| seconds_between(start, end)),
            has_end: !step.end.is_none(),
            failed: step.run_error == Some(true),
        }
    }
}

/// Which step of a workflow: the same one in every iteration and every record of a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepKey {
    /// Of the phase: steps are counted anew in each.
    pub phase: Arc<str>,
    pub step_index: Option<i64>,
    pub method: Arc<str>,
}

impl StepKey {
    pub fn of(phase: &Arc<str>, step: &StepTime<'_>) -> Self {
        Self { phase: Arc::clone(phase), step_index: step.step_index, method: step.method.into() }
    }

    pub fn is(&self, phase: &str, step: &StepTime<'_>) -> bool {
        self.step_index == step.step_index && &*self.method == step.method && &*self.phase == phase
    }
}
