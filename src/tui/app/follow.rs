//! Following: one state for the whole program. While it is on, the app asks four times a second whether the lab wrote
//! something, and tells the screen on top; those below it read again when they are shown. It counts new records, and says
//! what happens to records.

use super::{App, Follow, SELF, TerminalOrder};
use crate::{
    error::{Error, Result},
    model::{format::count, sanitize},
    services::{
        news::{AtWork, LabNews, NewsWanted},
        request::{Answer, Ask, Rank, Slot},
        run_state::RunState,
        watch::{Happening, WhatHappened},
    },
    style::Theme,
    tui::{
        action::Action,
        bell,
        bindings::key_of,
        screen::{Input, Message, Screen, Tone},
        tag::Tag,
        widgets::text::{cut, width},
    },
};

/// Ticks after which the screen on top reads again though the file did not change: what shows no sign of life any more
/// is not called running for ever. A minute.
const OLD: u32 = 240;

/// Ticks until a database that was not there is looked for again.
const AWAY: u32 = 8;

/// The largest number that the sign has room for.
const MOST: u64 = 9_999;

impl App {
    /// F: begins to follow, or ends it.
    pub(super) fn turn_follow(&mut self) {
        let on = !self.follow.on;
        self.set_follow(on);
        if on {
            self.look();
            self.ask_news(true);
            self.quietly(format!("Following; {} ends it.", key_of(self.context(), Action::Follow)));
        } else {
            self.quietly("Following ended.");
        }
    }

    /// b: rings, or not.
    pub(super) fn turn_bell(&mut self) {
        self.options.bell = !self.options.bell;
        let follows = if self.follow.on {
            String::new()
        } else {
            format!("; {} follows", key_of(self.context(), Action::Follow))
        };
        self.quietly(match self.options.bell {
            true => format!("The bell rings when a followed record fails, waits, ends or dies{follows}."),
            false => "The bell does not ring any more.".to_owned(),
        });
    }

    fn set_follow(&mut self, on: bool) {
        self.follow = Follow { on, ..Follow::default() };
        self.cancel(SELF, Slot::Changed);
        self.cancel(SELF, Slot::News);
        let screens: Vec<_> = self.screens.iter().map(|layer| layer.id).collect();
        let overlays = self.overlays.iter().map(|layer| layer.id);
        for id in screens.into_iter().chain(overlays).collect::<Vec<_>>() {
            self.tell(id, Input::Followed);
        }
    }

    /// A quarter of a second has passed.
    pub(super) fn tick(&mut self) {
        if !self.follow.on {
            return;
        }
        if let Some(left) = self.follow.away.as_mut().filter(|left| **left > 0) {
            *left -= 1;
            return;
        }
        self.follow.still += 1;
        if self.follow.still >= OLD {
            self.tell_news();
        } else {
            self.look();
        }
    }

    /// Asks whether something changed; not before all that the screen on top asked for is there, so that a change is
    /// answered once.
    fn look(&mut self) {
        let own = |tag: &Tag| tag.layer == SELF && matches!(tag.slot, Slot::Changed | Slot::News);
        if self.top_waits() || self.pending.iter().any(own) {
            return;
        }
        let run = self.screens.last().and_then(|top| top.content.follows());
        self.ask(SELF, Ask::Changed { run });
    }

    /// The screen on top has not yet all that it asked for; what is read behind it can take long.
    fn top_waits(&self) -> bool {
        let waits = |tag: &Tag| tag.slot.facts().rank > Rank::Search;
        self.screens
            .last()
            .is_some_and(|top| self.pending.iter().any(|tag| tag.layer == top.id && waits(tag)))
    }

    fn tell_news(&mut self) {
        self.follow.still = 0;
        if let Some(top) = self.screens.last().map(|layer| layer.id) {
            self.tell(top, Input::News);
        }
    }

    /// Asks what is new in the lab: records that came, and what happened to any.
    fn ask_news(&mut self, begins: bool) {
        let list = self.screens.iter().rev().find_map(|layer| layer.content.list());
        let query = list.map(|list| list.query.clone()).unwrap_or_default();
        self.follow.words.clone_from(&query.filter);
        let run = self.screens.last().and_then(|top| top.content.follows());
        let wanted = NewsWanted { query, since: self.follow.seen.or(self.last_seen()), run, begins };
        self.ask(SELF, Ask::News(wanted));
    }

    /// The record at the end where new ones come, while the list stands there.
    fn end(&self) -> Option<i64> {
        self.screens.last()?.content.list()?.end
    }

    /// The newest record that the list had when it was read, where that is known.
    fn last_seen(&self) -> Option<i64> {
        let list = self.screens.last()?.content.list()?;
        list.end.filter(|_| list.is_by_time)
    }

    /// What stands at the end of the list on screen is seen; other words make another list, in which other records are new.
    pub(super) fn stand(&mut self) {
        if !self.follow.on {
            return;
        }
        let end = self.end();
        if end > self.follow.seen && self.follow.seen.is_some() {
            self.follow.seen = end;
            self.follow.new = 0;
            if end < self.follow.newest {
                self.ask_news(false);
            }
        }
        let list = self.screens.last().and_then(|top| top.content.list());
        let other_words = list.is_some_and(|list| list.query.filter != self.follow.words);
        if (other_words || self.follow.owes_news) && !self.top_waits() {
            self.follow.owes_news = false;
            self.ask_news(false);
        }
    }

    /// The answer to what following asked.
    pub(super) fn looked(&mut self, slot: Slot, result: Result<Answer>) {
        match result {
            Ok(Answer::Changed(changed)) => {
                let was_away = self.follow.away.take().is_some();
                if was_away {
                    self.quietly("Following again.");
                }
                if changed || was_away {
                    self.tell_news();
                    self.follow.owes_news = true;
                }
            }
            Ok(Answer::News(news)) => self.learn(*news),
            // The lab was writing at this moment: the next tick asks again.
            Ok(_) | Err(Error::Busy { .. } | Error::Cancelled) => {}
            // What can't be read is said by the screen that shows it.
            Err(_) if slot == Slot::News => {}
            // A server that is started again, a disk that comes back: said once, then looked for.
            Err(error @ Error::Open { .. }) => {
                if self.follow.away.replace(AWAY).is_none() {
                    let text = format!("Following waits: {}", error.on_screen());
                    self.say(Message { text, tone: Tone::Bad });
                }
            }
            Err(error) => {
                self.set_follow(false);
                let text = format!("Not following any more: {}", error.on_screen());
                self.say(Message { text, tone: Tone::Bad });
            }
        }
    }

    fn learn(&mut self, news: LabNews) {
        let seen = self.follow.seen.or(self.last_seen());
        let follow = &mut self.follow;
        // The newest one may have been deleted, and its id be used again.
        follow.seen = seen.map_or(news.newest, |seen| Some(seen).min(news.newest));
        (follow.newest, follow.new, follow.at_work) = (news.newest, news.new, news.at_work);
        // Of any record: whoever looks at an old one is called too.
        let told: Vec<&Happening> = news.happenings.iter().filter(|one| tone(one).is_some()).collect();
        let Some(last) = told.last() else { return };
        let more = match told.len() {
            1 => String::new(),
            many => format!("   (and {} more before)", count(many as u64 - 1)),
        };
        // One line: it stands over the last one of the screen until a key.
        let room =
            usize::from(self.size.width).saturating_sub(width(&self.follow_words()) + width(&more) + 6);
        let text = format!("{}{more}", cut(&last.sentence(), room, self.options.theme.ellipsis()));
        if self.options.bell && told.iter().any(|one| one.what != WhatHappened::GoesOn) {
            let said = format!("ivorylens: {}", last.sentence());
            let said = if self.options.theme.ascii { sanitize::ascii(&said).into_owned() } else { said };
            let bytes = bell::ring(&said, self.options.between, self.options.messages);
            self.orders.push(TerminalOrder::Send(bytes));
        }
        self.say(Message { text, tone: tone(last).unwrap_or(Tone::Quiet) });
    }

    /// What stands for following: new records are worth more than the word.
    pub(super) fn follow_words(&self) -> String {
        match self.follow.new {
            0 => "following".to_owned(),
            new if new < MOST => format!("{} new", count(new)),
            _ => format!("{}+ new", MOST),
        }
    }

    /// The window's title where a record is at work: the one on screen, or the newest.
    pub(super) fn title_at_work(&self, top: &dyn Screen) -> Option<String> {
        let at_work = self.follow.at_work.as_ref().filter(|_| self.follow.on)?;
        let is_shown = top.follows().is_none_or(|run| run == at_work.run);
        let rest = match top.follows() {
            Some(_) => self.options.opened.clone(),
            None => top.title(&self.options.opened),
        };
        is_shown.then(|| format!("{} · {rest}", at_work_words(at_work, &self.options.theme)))
    }
}

/// `▶ #61 dye 3/240`, `! #61 dye waits`.
fn at_work_words(one: &AtWork, theme: &Theme) -> String {
    let name = format!("#{} {}", one.run, one.name);
    let place = match (one.iteration, one.of) {
        (Some(n), Some(of)) => format!(" {n}/{of}"),
        (Some(n), None) => format!(" {n}"),
        (None, _) => String::new(),
    };
    match one.state {
        RunState::Waits => format!("! {name} waits"),
        _ => format!("{} {name}{place}", if theme.ascii { ">" } else { "▶" }),
    }
}

/// How what happened is meant; `None` for what is no news to somebody who follows.
fn tone(happening: &Happening) -> Option<Tone> {
    use crate::model::outcome::Outcome;
    match happening.what {
        WhatHappened::Started => None,
        WhatHappened::Failed | WhatHappened::Waits | WhatHappened::Died => Some(Tone::Bad),
        WhatHappened::GoesOn => Some(Tone::Quiet),
        WhatHappened::Ended if happening.outcome == Outcome::Error => Some(Tone::Bad),
        WhatHappened::Ended => Some(Tone::Good),
    }
}
