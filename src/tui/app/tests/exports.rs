//! Exports: where they go, what is said of them, and how a long one ends.

use std::path::Path;

use super::*;

#[test]
fn an_export_says_path_and_size() {
    let mut harness = start();
    harness.press(&["x"]);
    assert!(harness.text().contains("Export #1 a ␛[2Jname"), "{}", harness.text());
    harness.press(&["f", "Ctrl-u"]).type_text("/else").press(&["Enter", "s"]);
    let written = format!(" Wrote {}  1.2 kB", Path::new("/else").join("steps.csv").display());
    assert_eq!(last_line(&harness), written);
    harness.press(&[":"]).type_text("export log").press(&["Enter"]);
    assert_eq!(last_line(&harness), written);
}

/// Exports only where the folder is to be made.
fn without_folder(ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
    match ask {
        Ask::Export { folder, make: false, .. } => Err(Error::NoFolder { folder: folder.clone() }),
        _ => answer(ask, cx),
    }
}

#[test]
fn a_folder_that_is_not_there_is_offered_to_be_made() {
    let mut harness = Harness::new(Numbers::first(), without_folder, 80, 24);
    harness.press(&["x", "f", "Ctrl-u"]).type_text("/new/one").press(&["Enter", "s"]);
    assert!(harness.text().contains("There is no folder /new/one"), "{}", harness.text());
    harness.press(&["Enter"]);
    assert_eq!(last_line(&harness), " Nothing was written.");
    harness.press(&["x", "s"]);
    assert!(harness.text().contains("There is no folder /new/one"), "{}", harness.text());
    harness.press(&["y"]);
    let written = Path::new("/new/one").join("steps.csv");
    assert_eq!(last_line(&harness), format!(" Wrote {}  1.2 kB", written.display()));
}

/// Checks until it is cancelled when it is asked to export.
fn endless(ask: &Ask, cx: &mut Cx<'_>) -> Result<Answer> {
    if let Ask::Export { .. } = ask {
        for done in 1.. {
            cx.check(Progress { done: done.min(2), total: Some(4) })?;
            std::thread::yield_now();
        }
    }
    answer(ask, cx)
}

#[test]
fn a_long_export_shows_progress_lets_others_through_and_esc_cancels_it() {
    let mut harness = Harness::new(Numbers::first(), endless, 80, 24);
    harness.press_at_once(&["x", "s"]);
    while !last_line(&harness).contains("50 %") {
        harness.next();
    }
    assert!(last_line(&harness).contains("Exporting steps CSV of #1  50 %   Esc cancels"));
    harness.press_at_once(&["j"]);
    while !harness.text().contains("answer 2") {
        harness.next();
    }
    harness.press_at_once(&["q"]);
    assert!(harness.app.ends().is_none() && last_line(&harness).contains("not done yet"));
    harness.press(&["Esc"]);
    assert!(last_line(&harness).contains("was not written"), "{}", last_line(&harness));
    // Keys were pressed meanwhile, so it stays until it is put away.
    harness.press(&["j"]);
    assert!(last_line(&harness).contains("was not written.   (Esc)"));
    harness.press(&["Esc"]);
    assert!(last_line(&harness).contains("? help"));
}
