//! What is done while nobody asks: the catalogue, then what the database itself has to find out, then what is counted of
//! each record, in pieces of a few milliseconds with pauses, longer ones while the lab writes.

use std::time::{Duration, Instant};

use super::{
    Database, Remains, Worked,
    catalogue::{Counting, Due},
    database::Building,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    model::partial::Lacks,
};

/// What came of a piece of background work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// How long to wait before the next piece, if no request comes before; `None` when nothing is left until the file
    /// changes.
    pub pause: Option<Duration>,
    /// How far the work has come that answers wait for, once it takes long enough to be worth showing.
    pub progress: Option<Progress>,
    /// Answers that were given before are out of date.
    pub news: bool,
    /// Rows were found that earlier answers missed: what was made of a record's rows is out of date.
    pub rows_changed: bool,
    /// What answers still lack.
    pub lacks: Lacks,
}

/// Pause between two pieces while nobody else uses the file: its lock is free half of the time.
const PAUSE: Duration = Duration::from_millis(4);
/// Pause while the lab commits: the work takes a tenth of the time at most, in shorter pieces.
const POLITE: Duration = Duration::from_millis(10);
/// An audit, which nobody waits for, rests so many times as long as a piece of it took: three thousandths of a processor.
const AUDIT_REST: u32 = 300;
/// But no longer than this: a piece that waited for a lock took none.
const LONGEST_REST: Duration = Duration::from_secs(2);
/// Pause after the lab's lock could not be had.
const LATER: Duration = Duration::from_secs(1);
/// Work that takes longer than this has its progress shown.
const LONG: Duration = Duration::from_secs(1);

/// A piece of background work.
struct Done {
    worked: Worked,
    /// The catalogue found news.
    found: bool,
    /// Records were counted.
    counted: bool,
}

impl Done {
    fn of(worked: Worked) -> Self {
        Self { worked, found: false, counted: false }
    }
}

impl Database {
    /// Is there background work to do?
    pub fn has_work(&self) -> bool {
        self.catalogue.due() != Due::Never
            || self.source().has_work()
            || self.catalogue.count_due() != Due::Never
    }

    /// Nobody asks for a while.
    pub fn rest(&mut self) {
        self.source.rest();
    }

    /// Does a piece of background work; `None` when it failed: there is none until the next request.
    pub fn idle(&self, cx: &mut Cx<'_>) -> Option<Idle> {
        let (due, started) = (self.catalogue.due(), Instant::now());
        let done = match self.piece(due, cx) {
            Ok(done) => done,
            Err(Error::Busy { .. }) => {
                let progress = self.building.get().progress;
                let worked = Worked { remains: Remains::Build, news: false, progress };
                return Some(Idle { pause: Some(LATER), ..self.told(&Done::of(worked)) });
            }
            Err(_) => return None,
        };
        let counting = if self.rows_known.get() { self.catalogue.count_due() } else { Due::Never };
        let counts = counting == Due::Now;
        let pause = match (done.worked.remains, due.or(counting)) {
            (remains, _) if counts || remains == Remains::Build => {
                Some(if self.source().is_written() { POLITE } else { PAUSE })
            }
            (Remains::Audit, due) => {
                let rest = started.elapsed().saturating_mul(AUDIT_REST).min(LONGEST_REST);
                Some(if let Due::In(other) = due { rest.min(other) } else { rest })
            }
            (_, Due::In(rest)) => Some(rest),
            (..) => None,
        };
        if done.worked.remains != Remains::Build && !counts {
            self.catalogue.keep(true);
        }
        Some(Idle { pause, ..self.told(&done) })
    }

    fn told(&self, done: &Done) -> Idle {
        let rows = done.worked.remains == Remains::Build && !done.counted;
        Idle {
            pause: None,
            progress: self.shown(done.worked.progress),
            news: done.found || done.worked.news,
            rows_changed: done.worked.news,
            lacks: Lacks {
                catalogue: !self.catalogue.is_whole(),
                rows,
                counts: rows || !self.catalogue.is_counted(),
            },
        }
    }

    /// A piece of the catalogue, or else of the counts, or of the database's own work.
    fn piece(&self, due: Due, cx: &mut Cx<'_>) -> Result<Done> {
        // The first walk goes before all else; later ones by turns with what the database has to do.
        let turn = !self.turn.get() || !self.catalogue.is_whole() || !self.source().has_work();
        if due == Due::Now && turn {
            self.turn.set(true);
            let found = self.catalogue.piece(self.source(), cx)?;
            // The database's own work stands where it stood.
            let progress = self.building.get().progress;
            let worked = Worked { remains: Remains::Build, news: false, progress };
            return Ok(Done { found, ..Done::of(worked) });
        }
        self.turn.set(false);
        // After a fault in it the database's own work goes on.
        if self.rows_known.take() && self.catalogue.count_due() == Due::Now {
            let is_first = !self.catalogue.is_counted();
            let (counting, found) = self.catalogue.count_idly(self.source(), cx)?;
            self.rows_known.set(counting != Counting::TooEarly);
            if counting != Counting::TooEarly {
                let progress = Some(self.catalogue.count_progress()).filter(|_| is_first);
                let worked = Worked { remains: Remains::Build, news: false, progress };
                return Ok(Done { worked, found, counted: true });
            }
        }
        let worked = self.source().work(cx)?;
        self.rows_known.set(worked.remains != Remains::Build);
        if worked.news {
            self.catalogue.doubt_tallies();
        }
        Ok(Done::of(worked))
    }

    /// Progress as it is shown: of long work, in large steps, so that the screen is not drawn for each piece.
    fn shown(&self, progress: Option<Progress>) -> Option<Progress> {
        const PARTS: u64 = 50;
        let since = self.building.get().since.filter(|_| progress.is_some()).unwrap_or_else(Instant::now);
        self.building.set(Building { since: progress.map(|_| since), progress });
        let progress = progress?;
        let total = progress.total.filter(|_| since.elapsed() >= LONG)?;
        let part = (total / PARTS).max(1);
        Some(Progress { done: progress.done / part * part, total: Some(total) })
    }
}
