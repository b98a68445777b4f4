//! The tag of a request, which its answer carries back: the layer that asked, the slot and a number.

use crate::services::request::Slot;

/// A screen or an overlay while it lives; 0 is the app itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(pub u64);

/// Who asked, in which slot, and the request's own number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    pub layer: LayerId,
    pub slot: Slot,
    pub number: u64,
}

impl Tag {
    /// A newer request in the same place takes that of an older one.
    pub fn same_place(&self, other: &Tag) -> bool {
        self.layer == other.layer && self.slot == other.slot
    }
}
