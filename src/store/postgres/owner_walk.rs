//! Finding out whose phases and steps are whose: IvoryOS has no index on that, and a statement that looks for the rows of
//! one record reads all. Until a walk over both tables is through, and for what is to be right whatever others did to old
//! rows, the server is asked each time.
//!
//! Rows get rising ids. So after a commit the last ones are read again; changes further back are found by the next walk,
//! which goes on in the background after every change, slowly.

use std::collections::{HashMap, HashSet};

use tokio_postgres::types::Type;

use super::{
    PgStore,
    cells::{id, number},
    columns::{PHASES, STEPS},
    owners::{OwnedRows, OwnerWalk, RowOwners, StepsOfPhase},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::Result,
    store::{Remains, Source as _, Worked},
};

/// Rows that a piece of a walk looks at.
const PIECE: i64 = 20_000;
/// The last ids of both tables, which are read again after each commit.
const UNSETTLED: i64 = 1_000;

impl PgStore {
    /// The phases of these records by run, and their steps by phase; `None` where that is not known of all.
    pub(super) fn owned(&self, runs: &[i64], cx: &Cx<'_>) -> Result<Option<OwnedRows>> {
        if self.owners.known.borrow().is_none() {
            return Ok(None);
        }
        self.catch_up(cx)?;
        let known = self.owners.known.borrow();
        let Some((found, _)) = &*known else { return Ok(None) };
        let of = |run: &i64| {
            // One without phases may have got them back under old ids.
            let phases = found.phases.get(run).filter(|phases| !phases.is_empty())?;
            let steps = |phase: &i64| (*phase, found.steps.get(phase).copied().unwrap_or(StepsOfPhase::NONE));
            Some((*run, phases.iter().map(steps).collect()))
        };
        Ok(runs.iter().map(of).collect())
    }

    /// The steps of these phases; `None` before that is known of all.
    pub(super) fn known_steps(
        &self,
        phases: &[i64],
        cx: &Cx<'_>,
    ) -> Result<Option<HashMap<i64, StepsOfPhase>>> {
        if self.owners.are_unknown() {
            return Ok(None);
        }
        self.catch_up(cx)?;
        let known = self.owners.known.borrow();
        let Some((found, _)) = &*known else { return Ok(None) };
        Ok(Some(phases.iter().filter_map(|phase| Some((*phase, *found.steps.get(phase)?))).collect()))
    }

    /// Finds out whose all rows are, to the end.
    pub(super) fn own_all(&self, cx: &mut Cx<'_>) -> Result<()> {
        while self.owners.known.borrow().is_none() {
            let progress = self.walk_on(cx)?.1;
            cx.check(progress)?;
        }
        Ok(())
    }

    /// Goes on with the walk.
    pub(super) fn work_on_owners(&self, cx: &Cx<'_>) -> Result<Worked> {
        let is_first = self.owners.known.borrow().is_none();
        if !is_first {
            self.catch_up(cx)?;
        }
        if !self.owners.has_work() {
            return Ok(Worked { remains: Remains::Nothing, news: false, progress: None });
        }
        let (news, progress) = self.walk_on(cx)?;
        let remains = match (self.owners.known.borrow().is_none(), self.owners.has_work()) {
            (true, _) => Remains::Build,
            (_, true) => Remains::Audit,
            _ => Remains::Nothing,
        };
        Ok(Worked { remains, news, progress: Some(progress).filter(|_| is_first) })
    }

    /// Reads the last rows again, where anything was committed.
    fn catch_up(&self, cx: &Cx<'_>) -> Result<()> {
        let now = self.version(cx)?;
        let tail = match &*self.owners.known.borrow() {
            Some((found, version)) if *version != now => {
                (found.last_phase - UNSETTLED, found.last_step - UNSETTLED)
            }
            _ => return Ok(()),
        };
        self.owners.doubted.set(true);
        let phases = self.phases_behind(tail.0, i64::MAX, cx)?;
        let sql =
            format!("select distinct phase_id::int8 from {STEPS} where id > $1 and phase_id is not null");
        let mut touched: HashSet<i64> =
            self.rows(&sql, &[(&tail.1, Type::INT8)], cx, |row| id(row, 0))?.into_iter().collect();
        let mut from = tail.1;
        if let Some((found, _)) = &*self.owners.known.borrow() {
            touched
                .extend(found.steps.iter().filter(|(_, steps)| steps.last > tail.1).map(|(phase, _)| *phase));
            let firsts =
                touched.iter().filter_map(|phase| found.steps.get(phase)).map(|steps| steps.first - 1);
            from = firsts.fold(from, i64::min);
        }
        let wanted: Vec<i64> = touched.iter().copied().collect();
        let counted = self.count_steps(
            "join unnest($2) as w(own) on phase_id = own where id > $1",
            &[(&from, Type::INT8), (&wanted, Type::INT8_ARRAY)],
            cx,
        )?;
        if let Some((found, version)) = &mut *self.owners.known.borrow_mut() {
            found.phases.values_mut().for_each(|own| own.retain(|phase| *phase <= tail.0));
            found.last_phase = tail.0;
            phases.into_iter().for_each(|(phase, run)| found.own(run, phase));
            found.steps.retain(|phase, _| !touched.contains(phase));
            found.last_step = tail.1;
            counted.into_iter().for_each(|(phase, steps)| found.add(phase, steps));
            *version = now;
        }
        Ok(())
    }

    /// A piece of the walk, begun where none is under way; whether one ended that found what was not known, and how far it
    /// is.
    fn walk_on(&self, cx: &Cx<'_>) -> Result<(bool, Progress)> {
        let begun = self.owners.walk.borrow_mut().take();
        let mut walk = match begun {
            Some(walk) => walk,
            None => {
                self.owners.doubted.set(false);
                OwnerWalk { found: RowOwners::default(), at_steps: false, version: self.version(cx)? }
            }
        };
        let piece = self.walk_piece(&mut walk, cx);
        if !matches!(piece, Ok(None)) {
            // What was taken back goes on from here, too.
            *self.owners.walk.borrow_mut() = Some(walk);
            return Ok((false, piece?.unwrap_or_default()));
        }
        // What was committed while it went on is in its last rows, or for the next one to find.
        let before = self.owners.known.borrow_mut().replace((walk.found, walk.version));
        self.catch_up(cx)?;
        let known = self.owners.known.borrow();
        let news = before.is_some_and(|(before, _)| known.as_ref().is_some_and(|(now, _)| *now != before));
        Ok((news, Progress::default()))
    }

    /// The next rows of a walk, and how far it is then; `None` at its end.
    fn walk_piece(&self, walk: &mut OwnerWalk, cx: &Cx<'_>) -> Result<Option<Progress>> {
        if !walk.at_steps {
            let phases = self.phases_behind(walk.found.last_phase, PIECE, cx)?;
            walk.at_steps = (phases.len() as i64) < PIECE;
            phases.into_iter().for_each(|(phase, run)| walk.found.own(run, phase));
            return Ok(Some(Progress::default()));
        }
        let before = walk.found.last_step;
        let some = format!(
            "select max(id)::int8 from (select id from {STEPS} where id > $1 order by id limit {PIECE}) as s"
        );
        let to = self.rows(&some, &[(&before, Type::INT8)], cx, |row| number(row, 0))?;
        let Some(to) = to.into_iter().next().flatten() else { return Ok(None) };
        let within = [(&before as _, Type::INT8), (&to as _, Type::INT8)];
        let counted = self.count_steps("where id > $1 and id <= $2 and phase_id is not null", &within, cx)?;
        counted.into_iter().for_each(|(phase, steps)| walk.found.add(phase, steps));
        walk.found.last_step = to;
        let last = self.rows(&format!("select max(id)::int8 from {STEPS}"), &[], cx, |row| number(row, 0))?;
        let total = last.into_iter().next().flatten().map(i64::unsigned_abs);
        Ok(Some(Progress { done: to.unsigned_abs(), total }))
    }

    /// Phases with their runs, by id from behind one on.
    fn phases_behind(&self, behind: i64, rows: i64, cx: &Cx<'_>) -> Result<Vec<(i64, i64)>> {
        let sql = format!(
            "select id::int8, run_id::int8 from {PHASES} where id > $1 and run_id is not null order by {PHASES}.id limit $2"
        );
        let values = [(&behind as _, Type::INT8), (&rows as _, Type::INT8)];
        self.rows(&sql, &values, cx, |row| Ok((id(row, 0)?, id(row, 1)?)))
    }
}
