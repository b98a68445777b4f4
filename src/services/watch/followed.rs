//! A record that is watched: what it did when it was looked at last, and what has happened to it since.

use jiff::civil::DateTime;

use super::{
    failed::SinceWhen,
    happening::{Happening, WhatHappened},
    known::{Followed, ToldFailures},
};
use crate::{
    checkpoint::Cx,
    error::Result,
    model::{
        event_end::EventEnd,
        outcome::{ALIVE_FOR, Outcome},
        run::Run,
        timestamp::seconds_between,
    },
    services::{
        events::{self, LazyEvents},
        lab::Lab,
        run_progress,
        run_state::{self, RunState, Standing},
        why::{
            self, report,
            types::{Depth, Failure},
        },
    },
};

/// A moment at which the lab is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct LookMoment {
    pub newest: i64,
    pub now: DateTime,
    pub first_look: DateTime,
    pub last_look: DateTime,
}

/// A wait that is none of before began so many seconds later at least: events and logs have whole seconds.
const ANOTHER: f64 = 2.0;

/// What was seen of a record that is looked at.
struct Seen<'a> {
    events: &'a LazyEvents<'a>,
    standing: Option<Standing>,
    turns: usize,
    look: LookMoment,
}

/// Something that happened, before it is known how far the record is.
struct Draft {
    what: WhatHappened,
    at: Option<DateTime>,
    text: Option<String>,
    failure: Option<Failure>,
}

impl Draft {
    fn new(what: WhatHappened, at: Option<DateTime>, text: Option<String>) -> Self {
        Self { what, at, text, failure: None }
    }

    fn failed(failure: Failure) -> Self {
        let text = failure.text.as_ref().map(|told| told.value.clone());
        Self {
            at: failure.end.at().or(failure.start.at()),
            text,
            what: WhatHappened::Failed,
            failure: Some(failure),
        }
    }
}

impl Followed {
    /// A record that is there when the lab is looked at first: nothing of it is told.
    pub fn begin(lab: &Lab, run: Run, look: LookMoment, cx: &mut Cx<'_>) -> Result<Self> {
        let events = LazyEvents::of(&run);
        let standing = run_state::standing(lab, &events, look.newest, cx)?;
        let failures = ToldFailures::begin(lab, &events, cx)?;
        let seen = Seen { events: &events, turns: turns(&events), standing: None, look };
        Ok(seen.followed(&standing, failures, None))
    }

    /// Is this the record that it was?
    pub fn is(&self, run: &Run) -> bool {
        self.run.id == run.id && self.run.start == run.start
    }

    /// One that died with others behind it: nothing is read of it until its row changes.
    pub fn rests(&self, newest: i64) -> bool {
        self.state == RunState::Died && self.run.id != newest
    }

    /// A failure was seen whose text may come.
    pub fn is_held(&self) -> bool {
        self.failures.is_held()
    }
}

/// What happened to a record since `before`; without that it has just begun. And what it does now, unless it has ended.
pub(super) fn look_at(
    lab: &Lab,
    before: Option<&Followed>,
    run: &Run,
    look: LookMoment,
    cx: &mut Cx<'_>,
) -> Result<(Option<Followed>, Vec<Happening>)> {
    if let Some(before) = before.filter(|before| before.rests(look.newest) && before.run == *run) {
        return Ok((Some(before.clone()), Vec::new()));
    }
    let events = LazyEvents::of(run);
    let standing = match run_state::is_open(run) {
        true => Some(run_state::standing(lab, &events, look.newest, cx)?),
        false => None,
    };
    let state = standing.as_ref().map(|standing| standing.state);
    let mut failures = before.map(|before| before.failures.clone()).unwrap_or_default();
    let since = SinceWhen { first_look: look.first_look, running: state == Some(RunState::Running) };
    let new = failures.look(lab, &events, since, cx)?;
    let last_text = new.iter().rev().find_map(|failure| Some(failure.text.as_ref()?.value.clone()));
    let last_text = last_text.or_else(|| before?.last_text.clone());
    let seen = Seen { events: &events, turns: turns(&events), standing, look };
    let drafts = if before.is_none() && seen.was_copied() { Vec::new() } else { seen.drafts(before, new) };
    let happenings = seen.told(lab, drafts, last_text.as_deref(), cx)?;
    let followed = seen.standing.as_ref().map(|standing| seen.followed(standing, failures, last_text));
    Ok((followed, happenings))
}

/// How a record ended, or that it died; `None` while it runs or waits.
pub(super) fn ending(lab: &Lab, run: &Run, look: LookMoment, cx: &mut Cx<'_>) -> Result<Option<Happening>> {
    let events = LazyEvents::of(run);
    let standing = match run_state::is_open(run) {
        true => Some(run_state::standing(lab, &events, look.newest, cx)?),
        false => None,
    };
    let seen = Seen { events: &events, turns: 0, standing, look };
    let draft =
        seen.turn(None).filter(|draft| matches!(draft.what, WhatHappened::Ended | WhatHappened::Died));
    Ok(seen.told(lab, draft.into_iter().collect(), None, cx)?.pop())
}

fn turns(events: &LazyEvents<'_>) -> usize {
    events.all().iter().filter(|event| is_turn(&event.kind)).count()
}

fn is_turn(kind: &str) -> bool {
    matches!(kind, "resumed" | events::RETRIED)
}

impl Seen<'_> {
    fn run(&self) -> &Run {
        self.events.run
    }

    fn state(&self) -> Option<RunState> {
        self.standing.as_ref().map(|standing| standing.state)
    }

    fn followed(&self, standing: &Standing, failures: ToldFailures, last_text: Option<String>) -> Followed {
        Followed {
            run: self.run().clone(),
            state: standing.state,
            until: standing.until,
            since: standing.since,
            turns: self.turns,
            failures,
            last_text,
        }
    }

    /// One that is new in the file but was over before: somebody copied it there.
    fn was_copied(&self) -> bool {
        let ended_before = |end| seconds_between(end, self.look.last_look) > ALIVE_FOR;
        self.state() == Some(RunState::Died) || self.run().end.at().is_some_and(ended_before)
    }

    fn drafts(&self, before: Option<&Followed>, new: Vec<Failure>) -> Vec<Draft> {
        let mut drafts = Vec::new();
        if before.is_none() {
            drafts.push(Draft::new(WhatHappened::Started, self.run().start.at(), None));
        }
        let went_on = before.is_some_and(|before| self.went_on(before));
        drafts.extend(before.filter(|_| went_on).map(|before| self.goes_on(before)));
        drafts.extend(new.into_iter().map(Draft::failed));
        drafts.extend(self.turn(before.map(|before| before.state).filter(|_| !went_on)));
        drafts
    }

    /// It waited, or was taken for dead, and goes on, or waits for something else.
    fn went_on(&self, before: &Followed) -> bool {
        let another = || {
            let since = self.standing.as_ref().and_then(|standing| standing.since);
            let apart = |(a, b)| seconds_between(a, b).abs() > ANOTHER;
            self.turns > before.turns || before.since.zip(since).is_some_and(apart)
        };
        match (before.state, self.state()) {
            (RunState::Waits | RunState::Died, Some(RunState::Running)) => !self.is_stopping(),
            (RunState::Waits, Some(RunState::Waits)) => another(),
            _ => false,
        }
    }

    /// Somebody stopped it, and its end is about to be written.
    fn is_stopping(&self) -> bool {
        self.events
            .all()
            .last()
            .is_some_and(|event| matches!(event.kind.as_str(), "stop_now" | "cleanup_skipped"))
    }

    /// By whom, where an event says that; a resume of old versions and an input are only in the log.
    fn goes_on(&self, before: &Followed) -> Draft {
        let by = self.events.all().iter().rfind(|event| is_turn(&event.kind));
        let by = by.filter(|_| self.turns > before.turns);
        Draft::new(
            WhatHappened::GoesOn,
            by.and_then(|event| event.time.at()),
            by.map(|event| event.label.clone()),
        )
    }

    /// What became of it.
    fn turn(&self, was: Option<RunState>) -> Option<Draft> {
        let Some(standing) = &self.standing else {
            return Some(Draft::new(WhatHappened::Ended, self.run().end.at(), None));
        };
        let evidence = || Some(standing.evidence.clone());
        match standing.state {
            RunState::Waits if was != Some(RunState::Waits) => {
                Some(Draft::new(WhatHappened::Waits, standing.since, evidence()))
            }
            RunState::Died if was != Some(RunState::Died) => {
                Some(Draft::new(WhatHappened::Died, None, evidence()))
            }
            _ => None,
        }
    }

    fn outcome(&self) -> Outcome {
        Outcome::of(self.run(), self.state() == Some(RunState::Running))
    }

    /// Why it ended: its error, or who ended it.
    fn reason(&self, lab: &Lab, failure: Option<&str>, cx: &mut Cx<'_>) -> Result<Option<String>> {
        if self.outcome() != Outcome::Error {
            return Ok(why::instead(self.events.all()));
        }
        // A failure that somebody retried or resumed is not what ended it.
        let went_on = self.turns > 0 && !EventEnd::of(&self.run().events).in_error;
        if let Some(failure) = failure.filter(|_| !went_on) {
            return Ok(Some(failure.to_owned()));
        }
        let all = why::of_record(lab, self.run().id, Depth::Beginning, cx)?.value;
        let last = all.failures.into_iter().rev().find_map(|failure| failure.text);
        Ok(last.map(|told| told.value))
    }

    /// With how far the record is; `failure` is the text of its last failure.
    fn told(
        &self,
        lab: &Lab,
        mut drafts: Vec<Draft>,
        failure: Option<&str>,
        cx: &mut Cx<'_>,
    ) -> Result<Vec<Happening>> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(ended) = drafts.iter_mut().find(|draft| draft.what == WhatHappened::Ended) {
            ended.text = self.reason(lab, failure, cx)?;
        }
        let waits = self.state() == Some(RunState::Waits);
        let progress = run_progress::of_record(lab, self.events, waits, cx)?.value;
        let happening = |draft: Draft| {
            let of_failure = draft.failure.as_ref();
            Happening {
                at: draft.at.unwrap_or(self.look.now),
                what: draft.what,
                id: self.run().id,
                name: self.run().name.clone(),
                outcome: self.outcome(),
                state: self.state(),
                text: draft.text,
                place: of_failure.map(report::place),
                iteration: match of_failure {
                    Some(failure) => failure.iteration,
                    None => progress.iteration,
                },
                of: progress.of,
            }
        };
        Ok(drafts.into_iter().map(happening).collect())
    }
}
