//! `watch`: a line when something happens to a record, for people or as JSON, until its end or for ever.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use super::{
    args::{Common, WatchArgs, WatchFormat},
    chosen, index_wait, message,
    out::stdout_error,
};
use crate::{
    checkpoint::{Cx, Freshness},
    error::{Error, Missing, Result},
    formats::json::{JsonWriter, Layout},
    model::{
        filter::words::Filter,
        format,
        outcome::Outcome,
        sanitize::{ascii, sanitize},
        timestamp::Timestamp,
    },
    output::{self, Patient},
    services::{
        filter,
        lab::Lab,
        run_state::RunState,
        watch::{Happening, Watcher, WhatHappened, ending},
    },
    signals,
};

/// The exit code where the record did not complete.
const NOT_COMPLETED: u8 = 5;

/// Between two looks at whether anything has changed.
const TICK: Duration = Duration::from_millis(250);

/// Watches the lab; gives the exit code.
pub fn run(lab: Lab, common: &Common, args: &WatchArgs) -> Result<u8> {
    if let Some(id) = args.until_end {
        lab.run(id, &signals::cx())?;
    }
    index_wait::rows(&lab)?;
    index_wait::told(chosen::LOOKING, |cx| filter::ids::prepare(&lab, &args.filter, cx))?;
    let printer = Printer {
        out: output::stdout()?,
        terminal: io::stdout().is_terminal(),
        plain: common.plain(),
        format: args.format,
    };
    let mut watch = Watch {
        lab,
        watcher: Watcher::with(args.until_end),
        printer,
        filter: args.filter.clone(),
        until_end: args.until_end,
        untold: Vec::new(),
        lost: None,
    };
    watch.begin()
}

struct Watch {
    lab: Lab,
    watcher: Watcher,
    printer: Printer,
    /// What is told is of records that these words mean when it is.
    filter: Filter,
    until_end: Option<i64>,
    /// What has happened and is not told yet: the lab's lock kept the words from being asked.
    untold: Vec<Happening>,
    /// Set while there is no file to look at: what was said of that last.
    lost: Option<String>,
}

impl Watch {
    fn begin(&mut self) -> Result<u8> {
        self.look()?;
        if let Some(id) = self.until_end
            && let Some(code) = self.over(id)?
        {
            return Ok(code);
        }
        message(&self.greeting());
        loop {
            self.lab.rest();
            self.printer.out.pause_while_open(TICK).map_err(stdout_error)?;
            if let Some(code) = self.tick()? {
                return Ok(code);
            }
        }
    }

    /// Tells how a record ended, if it has; gives the exit code then.
    fn over(&mut self, id: i64) -> Result<Option<u8>> {
        let run = self.lab.run(id, &signals::cx())?;
        let Some(ended) = ending(&self.lab, &run, &mut cx())? else { return Ok(None) };
        let exit = code(&ended);
        self.tell(vec![ended])?;
        Ok(Some(exit))
    }

    /// `watching ivoryos_data: #61 dye runs`.
    fn greeting(&self) -> String {
        let named = self.watcher.going_on().map(|(run, state)| {
            let does = if state == RunState::Waits { "waits" } else { "runs" };
            format!("#{} {} {does}", run.id, run.shown_name())
        });
        let named: Vec<String> = named.collect();
        let going = if named.is_empty() { "nothing runs".to_owned() } else { named.join(", ") };
        format!("watching {}: {going}", self.lab.folder().display())
    }

    /// Looks, where something may have changed; gives the exit code at the end.
    fn tick(&mut self) -> Result<Option<u8>> {
        if self.lost.is_some() {
            return self.find_again();
        }
        let due = match self.watcher.is_due(&self.lab, &signals::cx()) {
            Ok(true) => self.look(),
            Ok(false) if self.untold.is_empty() => return Ok(None),
            Ok(false) => self.tell(Vec::new()),
            Err(error) => Err(error),
        };
        self.answered(due)
    }

    /// What comes of a look: the exit code at the end.
    fn answered(&mut self, told: Result<Vec<Happening>>) -> Result<Option<u8>> {
        match told {
            Ok(told) => self.code_of(&told),
            // Somebody else has the lab's lock: nothing is lost.
            Err(Error::Busy { .. }) => Ok(None),
            Err(Error::Replaced | Error::Open { .. }) => {
                // The next time it is looked for.
                self.lost.get_or_insert_default();
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn look(&mut self) -> Result<Vec<Happening>> {
        let happened = self.watcher.look(&self.lab, &mut cx())?;
        self.tell(happened)
    }

    /// Prints what has happened to the records that are meant; gives all that has happened. Where that can't be found out
    /// now, it is told the next time.
    fn tell(&mut self, happened: Vec<Happening>) -> Result<Vec<Happening>> {
        self.untold.extend(happened);
        let meant = self.meant()?;
        let told = std::mem::take(&mut self.untold);
        for happening in told.iter().filter(|happening| meant.contains(&happening.id)) {
            self.printer.print(happening, &self.lab)?;
        }
        Ok(told)
    }

    /// The records that something has happened to and that the words mean now.
    fn meant(&self) -> Result<Vec<i64>> {
        let mut ids: Vec<i64> = self.untold.iter().map(|happening| happening.id).collect();
        ids.dedup();
        let mut meant = Vec::with_capacity(ids.len());
        for id in ids {
            if self.filter.is_empty() || filter::ids::is_meant(&self.lab, &self.filter, id, &mut cx())? {
                meant.push(id);
            }
        }
        Ok(meant)
    }

    /// Goes on with a database that is there again, or opens the one that stands in the place of the one that is gone, as soon
    /// as there is one.
    fn find_again(&mut self) -> Result<Option<u8>> {
        let same = self.lab.refuse_another(&signals::cx());
        if same.is_ok() {
            if self.lost.take().is_some_and(|said| !said.is_empty()) {
                message(&format!(
                    "{}: the database is there again; watching it",
                    self.lab.folder().display()
                ));
            }
            let told = self.look();
            return self.answered(told);
        }
        let reason = match self.lab.reopen(&signals::cx()) {
            Ok(()) => {
                self.lost = None;
                self.watcher.replaced();
                let told = self.look();
                message(&format!(
                    "{}: the database is another one; watching it",
                    self.lab.folder().display()
                ));
                return self.answered(told);
            }
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => error.reason(),
        };
        if self.lost.as_ref() != Some(&reason) {
            message(&format!("{}: {reason}; waits for it", self.lab.folder().display()));
            self.lost = Some(reason);
        }
        Ok(None)
    }

    fn code_of(&mut self, told: &[Happening]) -> Result<Option<u8>> {
        let Some(id) = self.until_end else { return Ok(None) };
        let mut of_it = told.iter().filter(|happening| happening.id == id);
        match of_it.find(|happening| {
            matches!(happening.what, WhatHappened::Ended | WhatHappened::Died | WhatHappened::Started)
        }) {
            // The id is another record's by now.
            Some(happening) if happening.what == WhatHappened::Started => {
                Err(Error::Missing(Missing::Record { run: id, folder: self.lab.folder().to_path_buf() }))
            }
            Some(happening) => Ok(Some(code(happening))),
            None if self.watcher.follows(id) => Ok(None),
            // In another file it may have ended before, or not be there.
            None => self.over(id),
        }
    }
}

/// Which rows are whose was found out before the first look; the walks behind it are not waited for.
fn cx() -> Cx<'static> {
    let mut cx = signals::cx();
    cx.freshness = Freshness::AtOnce;
    cx
}

fn code(happening: &Happening) -> u8 {
    let completed = happening.what == WhatHappened::Ended && happening.outcome == Outcome::Completed;
    if completed { 0 } else { NOT_COMPLETED }
}

struct Printer {
    out: Patient,
    terminal: bool,
    /// Plain ASCII is wanted.
    plain: bool,
    format: WatchFormat,
}

impl Printer {
    /// A whole line at once.
    fn print(&mut self, happening: &Happening, lab: &Lab) -> Result<()> {
        let mut line = match self.format {
            WatchFormat::Text => self.text(happening, lab),
            WatchFormat::Jsonl => {
                let json = json(happening).map_err(stdout_error)?;
                let json = String::from_utf8_lossy(json.trim_ascii_end());
                if self.terminal { sanitize(&json).into_owned() } else { json.into_owned() }
            }
        };
        line.push('\n');
        self.out.write_all(line.as_bytes()).map_err(stdout_error)
    }

    fn text(&self, happening: &Happening, lab: &Lab) -> String {
        let at = happening.at;
        let today = at.date() == lab.now().date();
        let clock = if today { format::time_of_day(at) } else { format::date_time(at) };
        let line = format!("{clock} {}", happening.sentence());
        if self.plain { ascii(&line).into_owned() } else { line }
    }
}

fn json(happening: &Happening) -> io::Result<Vec<u8>> {
    let mut json = JsonWriter::new(Vec::new(), Layout::Line);
    json.begin_dict()?;
    json.entry("at", |json| json.string_or_null(Timestamp::At(happening.at).iso().as_deref()))?;
    json.entry("what", |json| json.string(happening.what.word()))?;
    json.entry("id", |json| json.integer(happening.id))?;
    json.entry("name", |json| json.string(&happening.name))?;
    json.entry("outcome", |json| json.string(happening.outcome.word()))?;
    json.entry("state", |json| json.string_or_null(happening.state.map(RunState::word)))?;
    json.entry("text", |json| json.string_or_null(happening.text.as_deref()))?;
    json.entry("iteration", |json| json.or_null(happening.iteration, JsonWriter::integer))?;
    let of = happening.of.and_then(|of| i64::try_from(of).ok());
    json.entry("of", |json| json.or_null(of, JsonWriter::integer))?;
    json.end_dict()?;
    json.finish()
}
