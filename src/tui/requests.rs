//! The requests of a screen that are under way: one in each slot, and what its answer is for.
//!
//! Each request that is in here is answered exactly once, also with an error or [`crate::error::Error::Cancelled`],
//! unless its screen asks anew in the same slot or takes it back.

use super::screen::Effect;
use crate::services::request::{Ask, Slot};

/// The requests of one screen that are under way; `P` says what an answer is for, where the request does not.
#[derive(Debug)]
pub struct Requests<P = ()> {
    open: Vec<(Ask, P)>,
}

impl<P> Default for Requests<P> {
    fn default() -> Self {
        Requests { open: Vec::new() }
    }
}

impl<P> Requests<P> {
    /// Asks; a request in the same slot that is still open is forgotten.
    pub fn ask_for(&mut self, ask: Ask, purpose: P) -> Effect {
        self.note(&ask, purpose);
        Effect::Ask(ask)
    }

    /// Remembers a request whose effect was made elsewhere.
    pub fn note(&mut self, ask: &Ask, purpose: P) {
        self.answered(ask.slot());
        self.open.push((ask.clone(), purpose));
    }

    /// The answer of a slot came: what was asked, and what for.
    pub fn answered(&mut self, slot: Slot) -> Option<(Ask, P)> {
        let at = self.open.iter().position(|(ask, _)| ask.slot() == slot)?;
        Some(self.open.remove(at))
    }

    /// What is under way in a slot.
    pub fn coming(&self, slot: Slot) -> Option<&(Ask, P)> {
        self.open.iter().find(|(ask, _)| ask.slot() == slot)
    }

    pub fn is_coming(&self, slot: Slot) -> bool {
        self.coming(slot).is_some()
    }

    /// Takes a request back: its answer does not come.
    pub fn cancel(&mut self, slot: Slot) -> Option<Effect> {
        self.answered(slot).map(|_| Effect::Cancel(slot))
    }

    /// Takes back those that are for this.
    pub fn cancel_if(&mut self, which: impl Fn(&P) -> bool) -> Vec<Effect> {
        let gone = self.open.extract_if(.., |(_, purpose)| which(purpose));
        gone.map(|(ask, _)| Effect::Cancel(ask.slot())).collect()
    }
}

impl<P: Default> Requests<P> {
    pub fn ask(&mut self, ask: Ask) -> Effect {
        self.ask_for(ask, P::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_has_one_request_and_forgets_it_with_the_answer() {
        let mut requests = Requests::default();
        requests.ask_for(Ask::Charts { run: 1 }, "first");
        requests.ask_for(Ask::Files { run: 1 }, "files");
        assert!(matches!(
            requests.ask_for(Ask::Charts { run: 2 }, "second"),
            Effect::Ask(Ask::Charts { run: 2 })
        ));
        assert!(requests.is_coming(Slot::Files));
        assert_eq!(requests.answered(Slot::Charts), Some((Ask::Charts { run: 2 }, "second")));
        assert_eq!(requests.answered(Slot::Charts), None);
        assert!(matches!(requests.cancel(Slot::Files), Some(Effect::Cancel(Slot::Files))));
        assert!(requests.cancel(Slot::Files).is_none(), "nothing is taken back that is not under way");
    }
}
