//! The column of ids: four bytes each, as long as all of them fit.

use std::ops::Range;

/// Ids, ascending.
#[derive(Debug)]
pub enum Ids {
    Small(Vec<u32>),
    Large(Vec<i64>),
}

impl Default for Ids {
    fn default() -> Self {
        Ids::Small(Vec::new())
    }
}

impl Ids {
    pub fn len(&self) -> usize {
        match self {
            Ids::Small(ids) => ids.len(),
            Ids::Large(ids) => ids.len(),
        }
    }

    pub fn get(&self, at: usize) -> Option<i64> {
        match self {
            Ids::Small(ids) => ids.get(at).copied().map(i64::from),
            Ids::Large(ids) => ids.get(at).copied(),
        }
    }

    pub fn last(&self) -> Option<i64> {
        self.get(self.len().checked_sub(1)?)
    }

    pub fn iter(&self) -> impl Iterator<Item = i64> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    pub fn push(&mut self, id: i64) {
        let small = u32::try_from(id);
        if small.is_err() {
            self.widen();
        }
        match (self, small) {
            (Ids::Small(ids), Ok(small)) => ids.push(small),
            (Ids::Large(ids), _) => ids.push(id),
            (Ids::Small(_), Err(_)) => {}
        }
    }

    fn widen(&mut self) {
        if let Ids::Small(ids) = self {
            *self = Ids::Large(ids.iter().copied().map(i64::from).collect());
        }
    }

    /// How many ids stand in front of the first one for which `before` is false.
    pub fn partition_point(&self, before: impl Fn(i64) -> bool) -> usize {
        match self {
            Ids::Small(ids) => ids.partition_point(|id| before(i64::from(*id))),
            Ids::Large(ids) => ids.partition_point(|id| before(*id)),
        }
    }

    /// The place of an id.
    pub fn find(&self, id: i64) -> Option<usize> {
        let at = self.partition_point(|other| other < id);
        (self.get(at) == Some(id)).then_some(at)
    }

    pub fn same(&self, places: &Range<usize>, piece: &Ids) -> bool {
        places.len() == piece.len() && places.clone().all(|at| self.get(at) == piece.get(at - places.start))
    }

    pub fn replace(&mut self, places: &Range<usize>, piece: &Ids) {
        if matches!(piece, Ids::Large(_)) {
            self.widen();
        }
        match (self, piece) {
            (Ids::Small(ids), Ids::Small(piece)) => {
                ids.splice(places.clone(), piece.iter().copied());
            }
            (Ids::Large(ids), piece) => {
                ids.splice(places.clone(), piece.iter());
            }
            (Ids::Small(_), Ids::Large(_)) => {}
        }
    }

    pub fn shrink(&mut self) {
        match self {
            Ids::Small(ids) => ids.shrink_to_fit(),
            Ids::Large(ids) => ids.shrink_to_fit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ids_of_any_size_come_back(
            ids in prop::collection::btree_set(prop_oneof![0..40_i64, any::<i64>()], 0..40),
            piece in prop::collection::btree_set(prop_oneof![10..20_i64, any::<i64>()], 0..9),
        ) {
            let mut all = Ids::default();
            ids.iter().for_each(|id| all.push(*id));
            let mut fresh = Ids::default();
            piece.iter().for_each(|id| fresh.push(*id));
            prop_assert!(all.iter().eq(ids.iter().copied()));
            for id in ids.iter().chain(&piece) {
                prop_assert_eq!(all.find(*id), ids.iter().position(|other| other == id));
            }
            let places = all.partition_point(|id| id < 10)..all.partition_point(|id| id < 20);
            let mut plain: Vec<i64> = ids.into_iter().collect();
            prop_assert_eq!(all.same(&places, &fresh), plain[places.clone()].iter().eq(&piece));
            plain.splice(places.clone(), piece);
            all.replace(&places, &fresh);
            prop_assert!(all.iter().eq(plain));
        }
    }
}
