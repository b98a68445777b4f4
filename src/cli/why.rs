//! `why`: the reason why a record failed.

use super::{
    out::{stdout, stdout_error},
    why_json,
};
use crate::{
    error::Result,
    formats::json::{JsonWriter, Layout},
    services::{lab::Lab, why},
    signals,
};

pub fn run(lab: &Lab, id: i64) -> Result<()> {
    let told = why::of_record(lab, id, true, &mut signals::cx())?.value;
    let mut json = JsonWriter::new(stdout()?, Layout::Line);
    why_json::write(&mut json, &told).and_then(|()| json.finish()).map_err(stdout_error)?.finish().map(|_| ())
}
