//! Plain types that every other module speaks in: no SQL, no terminal.

pub mod activity;
pub mod call;
pub mod downsample;
pub mod encoding;
pub mod event_end;
pub mod format;
pub mod json;
pub mod map_cell;
pub mod natural_order;
pub mod needle;
pub mod not_kept;
pub mod outcome;
pub mod partial;
pub mod phase_summary;
pub mod query;
pub mod run;
pub mod run_facts;
pub mod run_tally;
pub mod sanitize;
pub mod series;
pub mod step_time;
pub mod time_key;
pub mod time_words;
pub mod timestamp;
pub mod value;
