//! Takes over what is kept of a lab under the path that it had before.

use super::{MovedOver, again, move_all, stop::remove_rest};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    services::{
        lab::Lab,
        marks::{self, MovedFrom},
    },
    store::own::{MovedBatches, OwnFile, OwnUse, TrashLock},
};

/// What was taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    pub from: MovedFrom,
    pub moved: MovedOver,
    /// The old folder has other files, so it stays.
    pub stays: bool,
}

/// Takes over what [`marks::moved`] found. What a kill ended goes on.
///
/// # Errors
/// [`Error::Refused`] where there is nothing; where either file can't be read or written.
pub fn adopt(lab: &Lab, cx: &mut Cx<'_>) -> Result<Adopted> {
    let nothing = "nothing is kept of this lab under another path, or something is under this one already";
    let from = marks::moved(lab, cx).ok_or_else(|| Error::Refused(nothing.to_owned()))?;
    let places = lab.own_places().ok_or_else(|| Error::Refused(nothing.to_owned()))?;
    let (first, old) = (lab.first_record(cx)?, from.place());
    again(|| {
        let old_lock = TrashLock::take(&old, cx)?;
        OwnFile::make_folder(&places.own, OwnUse::Moving)?;
        let place = places.to_write();
        let _lock = TrashLock::take(place, cx)?;
        let kept = OwnFile::open(&old, &first, OwnUse::Moving)?;
        let own = OwnFile::open(&places.own, &first, OwnUse::Moving)?;
        if let Some((up_to, opened)) = kept.opened()?
            && own.opened()?.is_none()
        {
            own.read_all_at_first(&up_to)?;
            own.open_records(&opened.into_iter().collect::<Vec<_>>())?;
        }
        let to = if place.is_shared { OwnFile::open(place, &first, OwnUse::Moving)? } else { own };
        let moved = move_all(&kept, &to, MovedBatches::Older, cx)?;
        let stays = !(kept.remove_if_empty()? && remove_rest(&old, old_lock)?);
        Ok(Adopted { from: from.clone(), moved, stays })
    })
}
