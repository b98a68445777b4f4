//! `u`: what it takes back, and what it waits for.

use std::sync::{Arc, Mutex};

use super::*;
use crate::{
    services::trash::{EntryState, Restored, RestoredRecord, TrashEntry, TrashList, Which},
    tui::testing::copied_at,
};

/// What the trash has of two deletes, and a restore that goes on until it is cancelled, where that is wanted.
fn with_trash(ask: &Ask, endless: bool, cx: &mut Cx<'_>) -> Result<Answer> {
    let entry = |n, batch, run| TrashEntry {
        n,
        batch,
        run,
        name: "mash tun".to_owned(),
        start: String::new(),
        deleted_at: "2026-11-24T03:14:20".to_owned(),
        deleted_by: "mara".to_owned(),
        phases: 1,
        steps: 1,
        bytes: 900,
        state: EntryState::Gone,
    };
    Ok(match ask {
        Ask::Trash => Answer::Trash(TrashList {
            entries: vec![entry(9, 3, 7), entry(8, 3, 6), entry(2, 1, 5)],
            as_of: copied_at(),
            ..TrashList::default()
        }),
        Ask::Restore { .. } if endless => {
            for done in 1.. {
                cx.check(Progress { done: done.min(2), total: Some(4) })?;
                std::thread::yield_now();
            }
            return Err(Error::Cancelled);
        }
        Ask::Restore { which: Which::Entries(numbers) } => {
            let record = |n: &i64| RestoredRecord {
                n: *n,
                was: n - 2,
                run: n - 2,
                name: "mash tun".to_owned(),
                rows: 3,
                phases: 1,
                steps: 1,
                files: Vec::new(),
            };
            let records: Vec<_> = numbers.iter().map(record).collect();
            Answer::Restored(Restored { of: records.len(), records, ..Restored::default() })
        }
        other => return answer(other, cx),
    })
}

/// All of the newest delete, nothing of the one before it; the screens hear of it.
#[test]
fn u_takes_back_the_newest_delete() {
    let mut harness =
        Harness::new(Numbers::first(), |ask: &Ask, cx: &mut Cx<'_>| with_trash(ask, false, cx), 80, 10);
    harness.press(&["u"]);
    assert!(last_line(&harness).contains("2 records are back"), "{}", harness.text());
    assert!(harness.text().contains("restored [9, 8] Some(7)"), "{}", harness.text());
    // Who did something else meanwhile is not led away, and the message stays until Esc.
    harness.press_at_once(&["u", "j"]).settle();
    assert!(harness.text().contains("restored [9, 8] None"), "{}", harness.text());
    assert!(last_line(&harness).contains("2 records are back   (Esc)"), "{}", harness.text());
}

#[test]
fn esc_ends_a_restore() {
    let mut harness =
        Harness::new(Numbers::first(), |ask: &Ask, cx: &mut Cx<'_>| with_trash(ask, true, cx), 80, 10);
    harness.press_at_once(&["u"]);
    while !last_line(&harness).contains("Bringing back 2 records  50 %   Esc cancels") {
        harness.next();
    }
    // A second one waits for it, and Esc takes first that back.
    harness.press_at_once(&["u", "Esc"]);
    assert!(last_line(&harness).contains("The keys typed ahead are dropped."), "{}", harness.text());
    harness.press_at_once(&["j", "Esc"]).answers();
    assert!(
        last_line(&harness).contains("Cancelled: 2 records: nothing was put back."),
        "{}",
        harness.text()
    );
}

/// What it takes back may be the delete that still runs.
#[test]
fn u_waits_for_the_delete_before_it() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| {
        let words = match ask {
            Ask::Delete { .. } => Some("delete"),
            Ask::Trash => Some("trash"),
            Ask::Restore { .. } => Some("restore"),
            _ => None,
        };
        noted.lock().unwrap().extend(words);
        with_trash(ask, false, cx)
    };
    let mut harness = Harness::new(Numbers::first(), answerer, 80, 10);
    harness.press(&["D"]);
    harness.press_at_once(&["y", "u"]).settle();
    assert_eq!(*asked.lock().unwrap(), ["delete", "trash", "restore"]);
    assert!(harness.text().contains("restored [9, 8]"), "{}", harness.text());
}
