//! The next error of a log: an entry that IvoryOS begins as one.

use super::{Log, ROOM, first_piece};
use crate::{checkpoint::Cx, error::Result, model::needle::Needle, services::why::entries};

/// What stands in each such line.
const IN_EACH: &str = "rror";

impl Log {
    /// Where the next error begins behind the line with this byte, or from the first line on, or the last one in front of it.
    pub(super) fn find_error(
        &mut self,
        from: Option<u64>,
        forward: bool,
        cx: &mut Cx<'_>,
    ) -> Result<Option<u64>> {
        if from.is_none() && forward && self.is_error(0)? {
            return Ok(Some(0));
        }
        let (needle, mut from) = (Needle::new(IN_EACH), from.unwrap_or(0));
        while let Some((at, false)) = self.find(&needle, from, forward, cx)? {
            if self.is_error(at)? {
                return Ok(Some(at));
            }
            from = at;
        }
        Ok(None)
    }

    /// Does an error begin with the line at this byte?
    fn is_error(&mut self, at: u64) -> Result<bool> {
        let read = self.read(at, ROOM)?;
        let (len, _) = first_piece(&read, at, self.encoding);
        let line = self.encoding.shown(read.get(..len).unwrap_or_default(), at == 0);
        Ok(entries::is_error_line(&line.text))
    }
}
