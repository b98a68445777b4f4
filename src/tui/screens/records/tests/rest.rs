//! What is drawn at once and what waits until no key has come for a while.

use super::*;
use crate::tui::testing::options;

/// Keys with all that is asked for at once, but no rest.
fn press_on(harness: &mut Harness, keys: &[&str]) {
    for key in keys {
        harness.press_at_once(&[key]).answers();
    }
}

/// The record that the preview is of.
fn previewed(harness: &Harness) -> String {
    line(harness, 1).rsplit('#').next().unwrap_or_default().trim().to_owned()
}

/// Rows with a sparkline.
fn sparks(harness: &Harness) -> usize {
    let lines = harness.lines();
    let rows = lines.iter().skip(2).filter_map(|line| line.split('│').next());
    rows.filter(|row| row.contains(['▁', '█', '▄'])).count()
}

#[test]
fn the_preview_follows_when_the_keys_rest() {
    let (_folder, lab) = many(40);
    let mut harness = Harness::new(first(), lab, 120, 12);
    assert_eq!((previewed(&harness).as_str(), harness.app.wants().rest), ("40", false));
    press_on(&mut harness, &["j", "j", "j"]);
    assert_eq!((previewed(&harness).as_str(), selected_id(&harness)), ("40", 37));
    assert!(harness.app.wants().rest);
    harness.handle(Event::Rest);
    assert_eq!((previewed(&harness).as_str(), harness.app.wants().rest), ("37", false));
    // Back where it was: nothing is left to wait for.
    press_on(&mut harness, &["j", "k"]);
    harness.handle(Event::Rest);
    assert_eq!(harness.app.waits(), 0);
}

#[test]
fn the_next_page_has_all_it_shows_in_memory() {
    let (_folder, lab) = many(100);
    let mut harness = Harness::new(first(), lab, 80, 12);
    for _ in 0..3 {
        harness.press_at_once(&["PgDn"]);
        assert!(!harness.app.wants().answers, "the frame waits for nothing");
        let rows = harness.lines();
        assert!(rows.iter().skip(2).take(9).all(|row| !row.contains("     …")), "{rows:#?}");
        harness.answers();
    }
}

#[test]
fn a_frame_that_lacks_rows_waits_for_them() {
    let (_folder, lab) = many(400);
    let mut harness = Harness::new(first(), lab, 80, 12);
    harness.press_at_once(&["G"]);
    assert!(harness.app.wants().answers);
    harness.answers();
    assert!(!harness.app.wants().answers);
    // Once it is drawn without them, no other frame waits.
    harness.press_at_once(&["g"]).app.drawn();
    assert!(!harness.app.wants().answers);
}

#[test]
fn the_first_question_waits_for_no_count() {
    let (asks, asked) = std::sync::mpsc::channel();
    let answerer = move |ask: &Ask, _: &mut Cx<'_>| {
        asks.send(ask.clone()).unwrap();
        Ok(Answer::Page(Page::default()))
    };
    Harness::new(first(), answerer, 80, 12);
    assert!(matches!(asked.recv().unwrap(), Ask::Page { place: Place::Top, .. }));
}

#[test]
fn a_slow_link_gets_sparklines_when_the_keys_rest() {
    let (_folder, lab) = many(60);
    let slow = crate::tui::app::AppOptions { slow: true, ..options() };
    let mut harness = Harness::with(slow, first(), lab, Size { width: 200, height: 12 });
    harness.settle();
    let all = sparks(&harness);
    assert!(all > 0, "{}", harness.text());
    press_on(&mut harness, &["j", "j"]);
    assert_eq!(sparks(&harness), all, "the list did not scroll");
    press_on(&mut harness, &["PgDn"]);
    assert_eq!(sparks(&harness), 0, "{}", harness.text());
    press_on(&mut harness, &["PgDn"]);
    harness.handle(Event::Rest);
    assert!(sparks(&harness) > 0 && !harness.app.wants().rest, "{}", harness.text());
}

#[test]
fn a_usual_link_gets_them_at_once() {
    let (_folder, lab) = many(60);
    let mut harness = Harness::new(first(), lab, 200, 12);
    press_on(&mut harness, &["PgDn"]);
    assert!(sparks(&harness) > 0, "{}", harness.text());
}

/// A list whose first page came before anybody counted: no catalogue is read while nobody asks.
fn uncounted(records: u32) -> (TempDir, Harness) {
    let (folder, lab) = many(records);
    let writer = rusqlite::Connection::open(folder.path().join("ivoryos.db")).unwrap();
    let far = format!("PRAGMA foreign_keys=OFF; UPDATE workflow_runs SET id = 100000 WHERE id = {records}");
    writer.execute_batch(&far).unwrap();
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| answer(&lab, ask, cx).map(|answer| answer.value);
    let harness = Harness::new(first(), answerer, 80, 12);
    assert!(line(&harness, 0).ends_with('…'), "{}", harness.text());
    (folder, harness)
}

#[test]
fn the_end_of_a_list_that_nobody_counted_is_the_real_end() {
    let (_folder, mut harness) = uncounted(400);
    harness.press(&["G"]);
    assert_eq!(selected_id(&harness), 1);
    assert!(
        line(&harness, 0).contains("400 records") && last_line(&harness).ends_with("400/400"),
        "{}",
        harness.text()
    );
    // The list is read again before the answer is there: it still leads to the end.
    let (_folder, mut harness) = uncounted(400);
    harness.press_at_once(&["G"]).handle(Event::Index { progress: None, news: true });
    harness.settle();
    assert_eq!(selected_id(&harness), 1);
}

#[test]
fn so_is_a_page_of_it() {
    let (_folder, mut harness) = uncounted(400);
    assert!(last_line(&harness).ends_with(" 1"), "no number that nobody counted: {}", harness.text());
    harness.press(&[":"]).type_text("page 31").press(&["Enter"]);
    // The newest has the id 100000, and 399 to 1 follow it.
    assert_eq!(selected_id(&harness), 100, "{}", harness.text());
}
