//! What has to hold of any bytes at all: one function for each reader of what others write, without a way out but an
//! assertion. The fuzzer calls them (`fuzz/`), and a test with the inputs that are kept in `fuzz/corpus`.

pub use crate::{
    formats::python_literal::fuzz::python,
    model::{filter::fuzz::filter_words, json::fuzz::json},
    services::{file_preview::fuzz::csv_views, why::fuzz::log_entries},
    store::sqlite::kept_index,
    tui::terminal_input,
};

/// Ends with an assertion where something does not hold of these bytes.
pub type Holds = fn(&[u8]);

/// Each target by the name of its folder of inputs.
pub const TARGETS: [(&str, Holds); 7] = [
    ("csv_views", csv_views),
    ("filter_words", filter_words),
    ("json", json),
    ("kept_index", kept_index),
    ("log_entries", log_entries),
    ("python", python),
    ("terminal_input", terminal_input),
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn what_the_fuzzer_kept_still_holds() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        let mut folders: Vec<_> = fs::read_dir(&corpus).unwrap().map(|f| f.unwrap().file_name()).collect();
        folders.sort();
        assert_eq!(folders, TARGETS.map(|(name, _)| name), "a folder for each target");
        for (name, holds) in TARGETS {
            let inputs: Vec<_> =
                fs::read_dir(corpus.join(name)).unwrap().map(|f| f.unwrap().path()).collect();
            assert!(inputs.len() > 20, "{name}: only {} inputs", inputs.len());
            for input in inputs {
                let bytes = fs::read(&input).unwrap();
                let held = std::panic::catch_unwind(|| holds(&bytes));
                assert!(held.is_ok(), "{}", input.display());
            }
        }
    }
}
