//! An opened database with what is known of it: the catalogue goes with every delete, and with the file.

use std::{cell::Cell, sync::Arc, time::Instant};

use super::{
    DeleteTarget, FactColumns, Gone, Limits, Source,
    catalogue::{Catalogue, Chosen, Counting, Listing},
    saved::{Back, Keeper, SavedRecord, ToldBack},
};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    model::query::{ListQuery, SortKey},
};

/// Work that answers wait for: when it began, and how far it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Building {
    pub since: Option<Instant>,
    pub progress: Option<Progress>,
}

/// A database, and all its records in columns.
pub struct Database {
    pub(super) source: Box<dyn Source>,
    limits: Limits,
    pub(super) catalogue: Catalogue,
    /// Of background work.
    pub(super) building: Cell<Building>,
    /// The last piece was of the catalogue.
    pub(super) turn: Cell<bool>,
    /// It was known when the database's own work was last done which rows are whose.
    pub(super) rows_known: Cell<bool>,
}

impl Database {
    pub fn new(source: Box<dyn Source>, limits: Limits) -> Self {
        Self {
            source,
            limits,
            catalogue: Catalogue::new(limits),
            building: Cell::default(),
            turn: Cell::default(),
            rows_known: Cell::default(),
        }
    }

    /// What it answers itself.
    pub fn source(&self) -> &dyn Source {
        &*self.source
    }

    /// All records, as far as they are known.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// A list as of the last commit: what was changed out of sight (not among the last records) comes as news.
    ///
    /// # Errors
    /// As any read; [`Error::Cancelled`] when nobody wants it any more.
    pub fn list(&self, query: &ListQuery, cx: &mut Cx<'_>) -> Result<Arc<Listing>> {
        self.ready(query, FactColumns::ALL, cx)?;
        self.catalogue.list(self.source(), query, None, cx)
    }

    /// Makes the catalogue ready for a list that needs these columns.
    ///
    /// # Errors
    /// As [`Database::list`].
    pub fn ready(&self, query: &ListQuery, columns: FactColumns, cx: &mut Cx<'_>) -> Result<()> {
        self.catalogue.ready(self.source(), columns, cx)?;
        self.counted(query, cx)
    }

    /// A list of the records that were chosen of the ready catalogue; `None` where that has changed since.
    ///
    /// # Errors
    /// As [`Database::list`].
    pub fn list_chosen(
        &self,
        query: &ListQuery,
        chosen: &Arc<Chosen>,
        cx: &Cx<'_>,
    ) -> Result<Option<Arc<Listing>>> {
        if self.catalogue.state() != chosen.state {
            return Ok(None);
        }
        self.catalogue.list(self.source(), query, Some(chosen), cx).map(Some)
    }

    /// Counts what a list is sorted by: for an answer at once no more than what has just changed.
    fn counted(&self, query: &ListQuery, cx: &mut Cx<'_>) -> Result<()> {
        if !query.sort.is_counted() {
            return Ok(());
        }
        while !cx.is_at_once() && self.catalogue.count_piece(self.source(), cx)? == Counting::More {
            cx.check(self.catalogue.count_progress())?;
        }
        self.catalogue.count_end(self.source(), cx)
    }

    /// Counts all records where they are few, without waiting: their counts then come with the first list.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when nobody wants it any more, [`Error::Replaced`].
    pub fn count_few(&self, cx: &mut Cx<'_>) -> Result<()> {
        let few = self.catalogue.counts().all <= self.limits.catalogue_end as u64;
        if !few || self.catalogue.is_counted() {
            return Ok(());
        }
        match self.catalogue.count_piece(self.source(), cx) {
            Err(error @ (Error::Cancelled | Error::Replaced)) => Err(error),
            // A table of phases that can't be read keeps no list from being shown.
            _ => Ok(()),
        }
    }

    /// The same for a single list: no other columns are read than it needs, and they are kept for the next time.
    ///
    /// # Errors
    /// As [`Database::list`].
    pub fn list_once(&self, query: &ListQuery, cx: &mut Cx<'_>) -> Result<Arc<Listing>> {
        self.ready(query, columns_of(query), cx)?;
        let list = self.catalogue.list(self.source(), query, None, cx)?;
        self.catalogue.keep(false);
        Ok(list)
    }

    /// Deletes records, also from what is known.
    ///
    /// # Errors
    /// As [`Source::delete`].
    pub fn delete(
        &self,
        targets: &[DeleteTarget<'_>],
        keeper: Option<&mut dyn Keeper>,
        cx: &mut Cx<'_>,
    ) -> Result<Gone> {
        let gone = self.source.delete(targets, keeper, cx)?;
        let runs: Vec<i64> = targets.iter().take(gone.runs).map(|target| target.run).collect();
        self.catalogue.forget(&runs);
        Ok(gone)
    }

    /// Puts records back, also into what is known.
    ///
    /// # Errors
    /// As [`Source::restore`].
    pub fn restore(
        &self,
        records: &mut [Box<dyn SavedRecord + '_>],
        back: ToldBack<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<()> {
        let mut runs = Vec::new();
        let mut told = |backs: &[(usize, Back)]| {
            runs.extend(backs.iter().map(|(_, back)| back.run));
            back(backs)
        };
        let done = self.source.restore(records, &mut told, cx);
        // What can't be read now is found by the next walk.
        let _ = self.catalogue.look_again(self.source(), &runs, cx);
        done
    }

    /// Opens the database that was put in the place of this one; nothing of this one is known any more.
    ///
    /// # Errors
    /// Whatever keeps it from being opened.
    pub fn reopened(&self, cx: &Cx<'_>) -> Result<Self> {
        Ok(Self::new(self.source.reopened(cx)?, self.limits))
    }
}

/// The columns that words and order of a list need.
pub fn columns_of(query: &ListQuery) -> FactColumns {
    let searched = !query.keyword.is_empty();
    let mut columns = FactColumns { names: searched, users: searched, ..FactColumns::default() };
    match query.sort {
        SortKey::Id => {}
        SortKey::Name => columns.names = true,
        SortKey::SubmittedBy => columns.users = true,
        SortKey::Deck | SortKey::Mode | SortKey::Status => columns.kinds = true,
        SortKey::StartTime | SortKey::EndTime | SortKey::Took => columns.times = true,
        SortKey::Outcome => (columns.kinds, columns.times) = (true, true),
        // A record is counted again by its end.
        SortKey::Iterations | SortKey::Failures | SortKey::Steps | SortKey::FailedSteps => {
            columns.times = true;
        }
    }
    columns
}
