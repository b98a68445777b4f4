//! The error view over the reference data and the demo: what stands where, and what the keys do.

use crate::{
    model::query::ListQuery,
    services::lab::Lab,
    tui::{
        screens::records::Records,
        start,
        testing::{Harness, reference_lab},
    },
};

fn list(lab: Lab, (width, height): (u16, u16)) -> Harness {
    Harness::new(Box::new(Records::new(ListQuery::default(), start::record)), lab, width, height)
}

/// The list with this record selected.
fn at(run: i64, size: (u16, u16)) -> Harness {
    let mut harness = list(reference_lab("ivoryos-1.7.2"), size);
    harness.press(&[":"]).type_text(&run.to_string()).press(&["Enter"]);
    harness
}

/// The screen without the footer, which says what the keymap says.
fn body(harness: &Harness) -> String {
    let mut lines = harness.lines();
    lines.pop();
    lines.join("\n").trim_end().to_owned()
}

#[test]
fn a_failure_in_each_size() {
    for run in [13, 21, 24, 25] {
        for (width, height) in [(80, 24), (160, 50), (40, 10)] {
            let mut harness = at(run, (width, height));
            harness.press(&["e"]);
            insta::assert_snapshot!(format!("why-{run}-{width}x{height}"), body(&harness));
        }
    }
}
