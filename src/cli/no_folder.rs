//! Where the records are on a server and no data folder is named: said by what would look into logs and results.

use super::message;
use crate::services::lab::Lab;

/// Says that logs and results are looked for in vain, where they are.
pub fn warn(lab: &Lab) {
    if let Err(missing) = lab.has_folder() {
        message(&missing.to_string());
    }
}
