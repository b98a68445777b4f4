//! What goes wrong in a run, what the operator answers, and what IvoryOS keeps of it.

use super::{
    instruments::{Fault, fault},
    play::{Mishap, NextMove, Player},
    python::{dumped, dumped_list, made, repr, text},
    recipes::{Act, RepeatMode},
    story::{StoryEvent, StoryStep, shown, traceback},
};
use crate::model::value::{Dict, Text, Value};

impl Player<'_> {
    /// Whatever comes before the call or in its place; true where the call is left out.
    pub(super) fn troubled_call(&mut self, act: &Act, index: i64, nth: usize, context: &mut Dict) -> bool {
        match self.part.trouble {
            Mishap::Retried(tries) => {
                for _ in 0..tries {
                    self.fail(act, index, nth, context, "retried");
                }
                false
            }
            Mishap::Ignored => {
                self.fail(act, index, nth, context, "resumed");
                true
            }
            Mishap::GivenUp => {
                self.fail(act, index, nth, context, "stop_now");
                self.story.status = Some("stopped");
                true
            }
            Mishap::Asked => {
                self.ask(index - 1, context);
                false
            }
            _ => false,
        }
    }

    /// A failing call, and what the operator answers after a while.
    fn fail(&mut self, act: &Act, index: i64, nth: usize, context: &mut Dict, answer: &'static str) {
        let problem: Fault = fault(act.call);
        self.call(act, index, nth, context, true);
        let (_, method) = act.call.split_once('.').unwrap_or(("", act.call));
        self.story.say(format!(
            "Error during script execution: {}\n{}",
            problem.message,
            traceback(method, &problem)
        ));
        self.story.event("error", Some(&format!("deck.{}: {}", act.call, problem.message)));
        self.story.say("Pause script");
        let minutes = self.random.between(0.6, 9.0);
        self.story.pass(60.0 * minutes);
        if answer == "stop_now" {
            self.story.event(answer, Some("Cleanup skipped."));
            for line in ["Stop execution", "Abort pending tasks", "Abort cleanup"] {
                self.story.say(line);
            }
        } else {
            self.story.event(answer, None);
            self.story.say("Resume script");
        }
    }

    fn ask(&mut self, index: i64, context: &Dict) {
        let wish = "Please refill the µ-vials, then resume";
        let start = self.story.now;
        self.story.say(format!(
            "Executing 'pause.pause' with args {}",
            repr(&Value::Dict(made([("statement", text(wish))])))
        ));
        self.story.say(format!("Human intervention required: {wish}"));
        self.story.event("intervention", Some(wish));
        self.story.say("Pause script");
        self.story.pass(0.006);
        let (end, output) = (Some(self.story.now), dumped(context));
        self.story.step(StoryStep { index, method: "pause", start, end, failed: false, output });
        let minutes = self.random.between(3.0, 25.0);
        self.story.pass(60.0 * minutes);
        self.story.event("resumed", None);
        self.story.say("Resume script");
    }

    /// The run stops in the middle of an iteration: true where it did.
    pub(super) fn stopped(&mut self, nth: usize, contexts: &[Dict]) -> bool {
        match self.part.trouble {
            Mishap::StopNow => {
                self.story.event("stop_now", Some("Cleanup skipped."));
                for line in ["Stop execution", "Abort pending tasks", "Abort cleanup"] {
                    self.story.say(line);
                }
            }
            Mishap::GivenUp => {}
            _ => return false,
        }
        if self.part.recipe.mode != RepeatMode::Table {
            self.story.say(format!("Output value: {}", shown(contexts)));
        }
        self.story.end(Some("stopped"), Some(dumped_list(contexts)));
        self.story.returned.extend_from_slice(contexts);
        self.story.status = Some("stopped");
        self.rows_not_run(nth + 1);
        let (name, of) = (self.part.name, self.part.count);
        self.story.say(format!("Stopping execution during {name}: {}/{of}", (nth + 2).min(of)));
        self.story.say("Executing cleanup steps");
        self.story.say("Skipping cleanup section due to stop signal.");
        true
    }

    /// The runner can't evaluate a condition: a table's row fails, another run's iteration stays open.
    pub(super) fn condition(&mut self, nth: usize, contexts: &[Dict]) -> NextMove {
        let message = "Error evaluating condition 'purity_limit < 95': name 'purity_limit' is not defined";
        self.story.pass(0.2);
        self.story.say(format!("Error during script execution: {message}"));
        if self.part.recipe.mode == RepeatMode::Table && !contexts.is_empty() {
            self.story.end(Some("failed"), None);
            if let Some(phase) = self.story.phases.last_mut() {
                phase.error = Some(dumped(&made([("message", text(message))])));
            }
            self.rows_not_run(nth + 1);
        }
        self.story.status = Some("error");
        NextMove::Over
    }

    fn rows_not_run(&mut self, from: usize) {
        let rows: Vec<Dict> = self.rows.iter().skip(from).flatten().map(as_typed).collect();
        if self.part.recipe.mode == RepeatMode::Table && !rows.is_empty() {
            let detail = Some(format!("{} row(s) of the table were not run.", rows.len()));
            let more = Some(("rows", rows));
            self.story.events.push(StoryEvent { at: self.story.now, kind: "rows_not_run", detail, more });
        }
    }

    pub(super) fn invalid_row(&mut self, nth: usize, contexts: &[Dict]) {
        let mut typed: Vec<Dict> = contexts.iter().map(as_typed).collect();
        if let Some(row) = typed.first_mut() {
            row.insert(Text::from("temp"), text("hot"));
        }
        self.story.begin("main", nth as i64 + 1, Some(dumped_list(&typed)));
        let now = self.story.now;
        if let Some(phase) = self.story.phases.last_mut() {
            let fields = Value::Dict(made([("temp", text(NOT_A_NUMBER))]));
            phase.error = Some(dumped(&made([("message", text(NOT_A_NUMBER)), ("fields", fields)])));
            (phase.status, phase.end) = (Some("failed"), Some(now));
        }
        self.story.say(format!("Rows failed. Row {}: {NOT_A_NUMBER}", nth + 1));
    }

    /// What the operator does between two iterations.
    pub(super) fn after(&mut self, nth: usize) -> NextMove {
        if !self.here(nth) {
            return NextMove::On;
        }
        match self.part.trouble {
            Mishap::Paused => {
                self.story.event("paused", None);
                self.story.say("Pause script");
                let minutes = self.random.between(4.0, 30.0);
                self.story.pass(60.0 * minutes);
                self.story.event("resumed", None);
                self.story.say("Resume script");
                NextMove::On
            }
            Mishap::StopAfter => {
                self.story.event("stop_after_iteration", None);
                self.story.say("Abort pending tasks");
                self.story.status = Some("stopped");
                self.rows_not_run(nth + 1);
                let (name, of) = (self.part.name, self.part.count);
                self.story.say(format!("Stopping execution during {name}: {}/{of}", nth + 2));
                NextMove::Last
            }
            Mishap::EarlyStop => {
                self.story.say("Early stopping");
                self.story.event("early_stop", Some("Every objective reached its threshold."));
                NextMove::Last
            }
            Mishap::Edited => {
                self.edit(nth + 1);
                NextMove::On
            }
            _ => NextMove::On,
        }
    }

    /// Changes the temperature of the next row.
    fn edit(&mut self, next: usize) {
        let Some(row) = self.rows.get_mut(next).and_then(|batch| batch.first_mut()) else { return };
        let from = row.get("temp").map(repr).unwrap_or_default();
        row.insert(Text::from("temp"), Value::Float(85.0));
        let change = format!("Row {}: 'temp' changed from '{from}' to '85.0'", next + 1);
        let changes = vec![made([
            ("row", Value::Int(next as i64 + 1)),
            ("action", text("edit")),
            ("field", text("temp")),
            ("from", text(&from)),
            ("to", text("85.0")),
        ])];
        self.story.say(format!("Config table edited: {change}"));
        let more = Some(("changes", changes));
        self.story.events.push(StoryEvent {
            at: self.story.now,
            kind: "table_edited",
            detail: Some(change),
            more,
        });
    }
}

pub(super) const NOT_A_NUMBER: &str = "Input type error: cannot convert 'hot' to any of ['float'].";

/// A row as it stands in the table before it is converted: all text.
fn as_typed(row: &Dict) -> Dict {
    let typed = |value: &Value| if let Value::Str(_) = value { value.clone() } else { text(&repr(value)) };
    Dict::from_entries(row.iter().map(|(key, value)| (key.clone(), typed(value))).collect())
}
