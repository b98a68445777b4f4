//! A lab that held its lock when the program started: opened for the first answer, while the screens say what they wait for.

use std::cell::OnceCell;

use super::worker::Answerer;
use crate::{
    checkpoint::{Cx, LockNews},
    error::{Error, Result},
    services::{
        Idle,
        lab::Lab,
        request::{Answer, Ask},
    },
};

/// Opens the lab, or says why it can't be.
pub type OpenLab = Box<dyn Fn(&Cx<'_>) -> Result<Lab> + Send>;

/// A lab that is opened as soon as its lock is free.
pub struct LateLab {
    lab: OnceCell<Lab>,
    open: OpenLab,
    lock_news: LockNews,
}

impl LateLab {
    /// It was waited for already: that is told at once.
    pub fn new(open: OpenLab, lock_news: LockNews) -> Self {
        lock_news.waits();
        Self { lab: OnceCell::new(), open, lock_news }
    }

    fn lab(&self, cx: &Cx<'_>) -> Result<&Lab> {
        if let Some(lab) = self.lab.get() {
            return Ok(lab);
        }
        let lab = (self.open)(cx)?;
        Ok(self.lab.get_or_init(|| lab))
    }
}

impl Answerer for LateLab {
    fn answer(&self, ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
        self.lab(cx)?.answer(ask, cx)
    }

    fn has_work(&self) -> bool {
        self.lab.get().is_some_and(Lab::has_work)
    }

    fn idle(&self, cx: &mut Cx<'_>) -> Option<Idle> {
        self.lab.get()?.idle(cx)
    }

    fn rest(&mut self) {
        if let Some(lab) = self.lab.get_mut() {
            lab.rest();
        }
    }

    fn reopen(&mut self, cx: &Cx<'_>) -> Result<()> {
        self.lab.get_mut().map_or(Err(Error::Replaced), |lab| lab.reopen(cx))
    }

    fn lock_news(&self) -> LockNews {
        self.lock_news.clone()
    }
}
