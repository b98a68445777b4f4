//! What is done while nobody asks: the catalogue, then what the database itself has to find out, in pieces of a few
//! milliseconds with pauses, longer ones while the lab writes.

use std::time::{Duration, Instant};

use super::{Database, Remains, Worked, catalogue::Due, database::Building};
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

impl Database {
    /// Is there background work to do?
    pub fn has_work(&self) -> bool {
        self.catalogue.due() != Due::Never || self.source().has_work()
    }

    /// Does a piece of background work; `None` when it failed: there is none until the next request.
    pub fn idle(&self, cx: &mut Cx<'_>) -> Option<Idle> {
        let (due, started) = (self.catalogue.due(), Instant::now());
        let (worked, found) = match self.piece(due, cx) {
            Ok(done) => done,
            Err(Error::Busy { .. }) => {
                let progress = self.building.get().progress;
                let worked = Worked { remains: Remains::Build, news: false, progress };
                return Some(Idle { pause: Some(LATER), ..self.told(worked, false) });
            }
            Err(_) => return None,
        };
        let pause = match (worked.remains, due) {
            (Remains::Build, _) if self.source().is_written() => Some(POLITE),
            (Remains::Build, _) => Some(PAUSE),
            (Remains::Audit, due) => {
                let rest = started.elapsed().saturating_mul(AUDIT_REST).min(LONGEST_REST);
                Some(if let Due::In(other) = due { rest.min(other) } else { rest })
            }
            (Remains::Nothing, Due::In(rest)) => Some(rest),
            (Remains::Nothing, _) => None,
        };
        if worked.remains != Remains::Build {
            self.catalogue.keep(true);
        }
        Some(Idle { pause, ..self.told(worked, found) })
    }

    fn told(&self, worked: Worked, found: bool) -> Idle {
        let rows = worked.remains == Remains::Build;
        Idle {
            pause: None,
            progress: self.shown(worked.progress),
            news: found || worked.news,
            rows_changed: worked.news,
            lacks: Lacks { catalogue: !self.catalogue.is_whole(), rows },
        }
    }

    /// A piece of the catalogue, or else of the database's own work; and whether the catalogue found news.
    fn piece(&self, due: Due, cx: &mut Cx<'_>) -> Result<(Worked, bool)> {
        // The first walk goes before all else; later ones by turns with what the database has to do.
        let turn = !self.turn.get() || !self.catalogue.is_whole() || !self.source().has_work();
        if due == Due::Now && turn {
            self.turn.set(true);
            let found = self.catalogue.piece(self.source(), cx)?;
            // The database's own work stands where it stood.
            let progress = self.building.get().progress;
            return Ok((Worked { remains: Remains::Build, news: false, progress }, found));
        }
        self.turn.set(false);
        Ok((self.source().work(cx)?, false))
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
