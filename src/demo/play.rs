//! Plays a workflow through, with whatever goes wrong in it, as IvoryOS's runner would.

use super::{
    instruments::{Scene, measure},
    python::{dumped, dumped_list, made, repr, text},
    random::{Random, round},
    recipes::{Act, Arg, Parameter, Recipe, RepeatMode},
    story::{Story, StoryStep, shown},
    troubles::NOT_A_NUMBER,
};
use crate::model::value::{Dict, Text, Value};

/// Stands in a log line for the base of the run's file names, which has the start time in it.
pub const STEM: &str = "{stem}";

/// What goes wrong in a run, or what the operator does to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    Fine,
    /// The call fails so often, is retried, then works.
    Retried(u32),
    /// The call fails and the operator goes on without it.
    Ignored,
    /// The call fails and the operator stops the run.
    GivenUp,
    /// A condition can't be evaluated: the runner itself ends the run.
    Condition,
    StopAfter,
    StopNow,
    Paused,
    Asked,
    /// The server dies in the call.
    Killed,
    /// The call has not come back yet.
    Running,
    EarlyStop,
    /// The operator changes a later row of the table.
    Edited,
    /// The row's values can't be converted.
    Invalid,
}

/// What to play.
pub struct Part<'a> {
    /// The run's name in its file-safe form.
    pub name: &'a str,
    pub recipe: &'a Recipe,
    /// Iterations, or batches of the table.
    pub count: usize,
    /// Samples in each.
    pub samples: usize,
    pub trouble: Mishap,
    /// The iteration (from 1) and the call in which it happens.
    pub at: (usize, &'a str),
    /// As IvoryOS before 1.7 kept it: no prep or cleanup, no outputs, iterations from 0.
    pub old: bool,
}

/// How an iteration, or the run, goes on.
#[derive(PartialEq, Eq)]
pub(super) enum NextMove {
    On,
    /// No more iterations, but cleanup.
    Last,
    /// Nothing more.
    Over,
}

/// Plays it through; the same generator state gives the same story.
pub fn play(part: &Part<'_>, random: &mut Random) -> Story {
    let mut player =
        Player { part, random, story: Story { ended: true, ..Story::default() }, rows: Vec::new() };
    player.rows = player.all_rows();
    let next = player.run();
    let story = &mut player.story;
    if next == NextMove::On && !part.old {
        story.status = story.status.or(Some("completed"));
    }
    if part.old {
        story.status = None;
        story.events.clear();
    }
    player.story
}

pub(super) struct Player<'a> {
    pub(super) part: &'a Part<'a>,
    pub(super) random: &'a mut Random,
    pub(super) story: Story,
    /// The parameters of each sample of each iteration.
    pub(super) rows: Vec<Vec<Dict>>,
}

impl Player<'_> {
    fn run(&mut self) -> NextMove {
        let recipe = self.part.recipe;
        self.story.pass(0.005);
        if self.part.trouble == Mishap::Invalid {
            self.story.say(format!("Some rows can't run as entered. Row {}: {NOT_A_NUMBER}", self.part.at.0));
        }
        self.story.say("Executing prep steps");
        if !self.part.old {
            self.side("prep", recipe.prep);
        }
        for nth in 0..self.part.count {
            match self.iteration(nth) {
                NextMove::On => {}
                NextMove::Last => break,
                NextMove::Over => return NextMove::Over,
            }
        }
        if recipe.mode == RepeatMode::Optimizer {
            self.story
                .say(format!("Optimizer plots saved to /opt/lab/ivoryos_data/results/{STEM}_plots.json"));
        }
        self.story.say("Executing cleanup steps");
        if !self.part.old {
            self.side("cleanup", recipe.cleanup);
        }
        NextMove::On
    }

    /// Prep or cleanup.
    fn side(&mut self, name: &'static str, acts: &[Act]) {
        self.story.begin(name, 1, None);
        let mut context = [Dict::default()];
        for (i, act) in acts.iter().enumerate() {
            for one in &mut context {
                self.call(act, i as i64 + 1, 0, one, false);
            }
        }
        self.story.end(None, Some(dumped_list(&context)));
    }

    pub(super) fn here(&self, nth: usize) -> bool {
        self.part.at.0 == nth + 1
    }

    fn iteration(&mut self, nth: usize) -> NextMove {
        let part = self.part;
        let mut contexts = self.rows.get(nth).cloned().unwrap_or_default();
        let parameters = (part.recipe.mode != RepeatMode::Repeat).then(|| dumped_list(&contexts));
        if part.trouble == Mishap::Invalid && self.here(nth) {
            self.invalid_row(nth, &contexts);
            return NextMove::On;
        }
        self.announce(nth, &contexts);
        self.story.begin("main", nth as i64 + i64::from(!part.old), parameters.filter(|_| !part.old));
        let mut index = 0;
        for act in part.recipe.main {
            // the question to the operator is a step of its own before the call
            let asks = part.trouble == Mishap::Asked && part.at.1 == act.call;
            index += 1 + i64::from(asks);
            let next = self.calls(act, index, nth, &mut contexts);
            if next != NextMove::On {
                return next;
            }
        }
        if part.recipe.mode != RepeatMode::Table {
            self.story.say(format!("Output value: {}", shown(&contexts)));
        }
        let outputs = dumped_list(&contexts);
        self.story.returned.append(&mut contexts);
        self.story.end((!part.old).then_some("done"), (!part.old).then_some(outputs));
        self.after(nth)
    }

    fn announce(&mut self, nth: usize, contexts: &[Dict]) {
        let (name, at, of) = (self.part.name, nth + 1, self.part.count);
        if self.part.recipe.mode == RepeatMode::Table {
            self.story.say(format!("Executing {at} of {of} with kwargs = {}", shown(contexts)));
        } else {
            self.story.say(format!("Executing {name} experiment: {at}/{of}"));
        }
        if self.part.recipe.mode == RepeatMode::Optimizer {
            self.story.say(format!("Parameters: {}", shown(contexts)));
        }
    }

    /// One step for every sample, with the trouble that belongs to it.
    fn calls(&mut self, act: &Act, index: i64, nth: usize, contexts: &mut [Dict]) -> NextMove {
        let part = self.part;
        let troubled = self.here(nth) && part.at.1 == act.call;
        if act.times > 1 {
            self.story.say(format!(
                "Repeat runs {} times: return value(s) {} are overwritten each iteration, only the value from the last iteration is saved.",
                act.times, act.saves
            ));
        }
        if troubled && part.trouble == Mishap::Condition {
            return self.condition(nth, contexts);
        }
        for lap in 0..act.times {
            for (sample, context) in contexts.iter_mut().enumerate() {
                if troubled && lap == 0 && sample == 0 && self.troubled_call(act, index, nth, context) {
                    continue;
                }
                if self.part.trouble == Mishap::GivenUp && self.story.status.is_some() {
                    continue;
                }
                self.call(act, index, nth, context, false);
                if troubled && matches!(part.trouble, Mishap::Killed | Mishap::Running) {
                    self.story.cut();
                    return NextMove::Over;
                }
            }
        }
        if troubled && self.stopped(nth, contexts) { NextMove::Over } else { NextMove::On }
    }

    /// Runs one step and keeps it; a failed one adds nothing to the context.
    pub(super) fn call(&mut self, act: &Act, index: i64, nth: usize, context: &mut Dict, failed: bool) {
        let (instrument, method) = act.call.split_once('.').unwrap_or(("", act.call));
        let args = arguments(act, context);
        self.story.pass(0.003);
        let start = self.story.now;
        self.story.say(format!("Executing '{}' with args {}", act.call, repr(&Value::Dict(args.clone()))));
        if let ("pump", Some(volume), Some(solvent)) = (instrument, args.get("volume"), args.get("solvent")) {
            let solvent = if let Value::Str(words) = solvent { words.lossy() } else { "water".into() };
            self.story.say(format!("pump: {} mL of {solvent}", repr(volume)));
        }
        if method == "comment" {
            self.story.say(format!(
                "Comment: {}",
                args.get("statement").map(repr).unwrap_or_default().trim_matches('\'')
            ));
        }
        let slow = self.random.between(0.9, 1.25);
        self.story.pass(if failed { 30.0 } else { act.seconds * slow } + 0.002);
        if !failed && !act.saves.is_empty() {
            let value = measure(act.saves, &Scene { context, args: &args, nth }, self.random);
            context.insert(Text::from(act.saves), value);
        }
        let output = if self.part.old { self.added(act, context) } else { dumped(context) };
        self.story.step(StoryStep { index, method, start, end: Some(self.story.now), failed, output });
    }

    /// Before 1.7 a step kept only what it added.
    fn added(&self, act: &Act, context: &Dict) -> String {
        let only = context.get(act.saves).map(|value| made([(act.saves, value.clone())]));
        dumped(&only.unwrap_or_default())
    }

    fn all_rows(&mut self) -> Vec<Vec<Dict>> {
        // a row that can't run is taken out of its batch
        let alone = |player: &Self, nth| player.part.trouble == Mishap::Invalid && player.here(nth);
        let samples = |player: &Self, nth| if alone(player, nth) { 1 } else { player.part.samples };
        (0..self.part.count).map(|nth| (0..samples(self, nth)).map(|_| self.row(nth)).collect()).collect()
    }

    /// The parameters of one sample; an optimizer's come closer to the best as it learns.
    fn row(&mut self, nth: usize) -> Dict {
        let mut row = Dict::default();
        let learnt = nth as f64 / self.part.count.max(1) as f64;
        for parameter in self.part.recipe.parameters {
            match *parameter {
                Parameter::Choice(name, words) => row.insert(Text::from(name), text(self.random.word(words))),
                Parameter::Number(name, low, high, places) => {
                    let anywhere = self.random.between(low, high);
                    let best = match name {
                        "temp" => 82.0,
                        "flow_rate" => 0.45,
                        _ => 1.6,
                    };
                    let optimizer = self.part.recipe.mode == RepeatMode::Optimizer;
                    let free = if optimizer { (1.0 - learnt) * (1.0 - learnt) } else { 1.0 };
                    let x = round(best + (anywhere - best) * free, places);
                    row.insert(Text::from(name), Value::Float(x));
                }
            }
        }
        row
    }
}

fn arguments(act: &Act, context: &Dict) -> Dict {
    let value = |arg: &Arg| match *arg {
        Arg::Number(x) => Value::Float(x),
        Arg::Count(n) => Value::Int(n),
        Arg::Word(word) => text(word),
        Arg::Of(name) => context.get(name).cloned().unwrap_or(Value::Null),
    };
    Dict::from_entries(act.args.iter().map(|(name, arg)| (Text::from(*name), value(arg))).collect())
}
