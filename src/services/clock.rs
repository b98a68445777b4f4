//! The lab PC's clock: what "now" is, and a file's time on it.

use std::{
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::regular_file::read_small;

/// Tells the lab PC's local time; tests pass a fixed one.
pub type Clock = Arc<dyn Fn() -> DateTime + Send + Sync>;

/// The clock on the wall.
pub fn wall_clock() -> Clock {
    Arc::new(|| Timestamp::now().to_zoned_datetime(zone()).datetime())
}

/// The lab PC's time zone. `/etc/localtime` is read where it exists: to find the zone's name, a thousand zone files
/// would have to be compared with it, and the first screen would wait.
fn zone() -> TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    let own = || TimeZone::tzif("Local", &read_small("/etc/localtime".as_ref(), 1 << 20).ok()?).ok();
    let named = std::env::var_os("TZ").is_some();
    ZONE.get_or_init(|| own().filter(|_| !named).unwrap_or_else(TimeZone::system)).clone()
}

/// A file's time on the lab PC's clock.
pub fn local_time(time: SystemTime) -> Option<DateTime> {
    Some(Timestamp::try_from(time).ok()?.to_zoned_datetime(zone()).datetime())
}
