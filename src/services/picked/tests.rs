use std::path::Path;

use super::{of_list::*, *};
use crate::{
    checkpoint::{Cancel, Cx},
    error::Error,
    model::{
        filter::words::Filter,
        query::{ListQuery, Order, SortKey},
    },
    services::lab::Lab,
    tui::testing::{lab_of, reference_file},
};

/// A copy of the real records that a test can write to.
fn copy(folder: &Path) -> rusqlite::Connection {
    let path = folder.join("ivoryos.db");
    std::fs::copy(reference_file("ivoryos-1.7.2"), &path).unwrap();
    rusqlite::Connection::open(path).unwrap()
}

fn lab(folder: &Path) -> Lab {
    lab_of(&folder.join("ivoryos.db"))
}

fn words(words: &str) -> ListQuery {
    ListQuery { filter: Filter::read(words).unwrap(), ..ListQuery::default() }
}

fn sorted(picked: &Picked) -> Vec<i64> {
    let mut ids: Vec<i64> = picked.ids().collect();
    ids.sort_unstable();
    ids
}

/// What is known of all records identifies each as its row does, odd names and times too.
#[test]
fn a_record_is_identified_alike_by_its_row_and_by_the_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let file = copy(folder.path());
    for (id, name, start) in [
        (1, "'a'", "'2026-11-24T03:04:05'"),
        (2, "x'ff00'", "'2026-11-24 03:04:05'"),
        (3, "7", "'yesterday'"),
        (4, "NULL", "NULL"),
        (5, "'測定 µ'", "'2026-02-31 00:00:00.000000'"),
        (6, "''", "'2026-11-24'"),
        (7, "'a'", "1764000000"),
    ] {
        // Columns that IvoryOS never leaves empty can't be.
        let sql = format!("UPDATE workflow_runs SET name = {name}, start_time = {start} WHERE id = {id}");
        let _ = file.execute(&sql, []);
    }
    let lab = lab(folder.path());
    let picked =
        pick(&lab, &ListQuery::default(), PickWhich::All, &Picked::default(), &mut Cx::quiet()).unwrap();
    assert_eq!(picked.len(), 61);
    let runs = lab.source().runs(&sorted(&picked), &Cx::quiet()).unwrap();
    assert!(runs.iter().all(|run| picked.has(run)), "{:?}", runs.iter().find(|run| !picked.has(run)));
    assert!(in_order(&lab, &ListQuery::default(), &picked, &mut Cx::quiet()).unwrap().gone.is_empty());
}

#[test]
fn all_of_a_list_and_again_none() {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path());
    let lab = lab(folder.path());
    let pick = |query: &ListQuery, which, before: &Picked| {
        pick(&lab, query, which, before, &mut Cx::quiet()).unwrap()
    };
    let failed = pick(&words("status:error"), PickWhich::All, &Picked::default());
    let all = pick(&ListQuery::default(), PickWhich::All, &failed);
    assert!(failed.len() < 61 && all.len() == 61);
    let others = pick(&words("status:error"), PickWhich::All, &all);
    assert_eq!(others.len(), 61 - failed.len(), "all of these were picked");
    assert!(pick(&words("status:error"), PickWhich::All, &failed).is_empty());
    let count = count_listed(&lab, &words("status:error"), &all, &mut Cx::quiet()).unwrap();
    assert_eq!(count, PickedCount { listed: failed.len() as u64, gone: Vec::new() });
    // Words that mean none let go of none.
    assert_eq!(pick(&words("no_such_name"), PickWhich::All, &failed), failed);
}

#[test]
fn a_range_goes_along_the_list_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path());
    let lab = lab(folder.path());
    let by_name = ListQuery { sort: SortKey::Name, order: Order::Ascending, ..ListQuery::default() };
    let between = |query: &ListQuery, a, b| {
        pick(&lab, query, PickWhich::Between(a, b), &Picked::default(), &mut Cx::quiet())
            .map(|picked| sorted(&picked))
    };
    assert_eq!(between(&ListQuery::default(), 40, 37).unwrap(), [37, 38, 39, 40]);
    assert_eq!(between(&ListQuery::default(), 37, 40).unwrap(), [37, 38, 39, 40]);
    assert_eq!(between(&by_name, 51, 52).unwrap(), between(&by_name, 52, 51).unwrap());
    assert_eq!(between(&ListQuery::default(), 9, 9).unwrap(), [9]);
    let error = between(&ListQuery::default(), 37, 4_000).unwrap_err();
    assert!(error.to_string().contains("record 4000"), "{error}");
    let narrow = between(&words("name:alpha"), 40, 51).unwrap_err();
    assert!(narrow.to_string().contains("record 40"), "its end is not in this list: {narrow}");
}

/// A record that took the id of another one is not picked.
#[test]
fn ids_that_are_used_again_are_not_meant() {
    let folder = tempfile::tempdir().unwrap();
    let file = copy(folder.path());
    let lab = lab(folder.path());
    let picked =
        pick(&lab, &ListQuery::default(), PickWhich::Between(61, 58), &Picked::default(), &mut Cx::quiet())
            .unwrap();
    file.execute("DELETE FROM workflow_runs WHERE id = 60", []).unwrap();
    file.execute("UPDATE workflow_runs SET start_time = '2027-01-01 00:00:00.000000' WHERE id = 61", [])
        .unwrap();
    let found = in_order(&lab, &ListQuery::default(), &picked, &mut Cx::quiet()).unwrap();
    assert_eq!(found, PickedRuns { runs: vec![59, 58], gone: vec![60, 61] });
    let count = count_listed(&lab, &ListQuery::default(), &picked, &mut Cx::quiet()).unwrap();
    assert_eq!(count.gone, [60], "the id is there");
}

#[test]
fn the_order_is_the_lists_also_for_what_its_words_leave_out() {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path());
    let lab = lab(folder.path());
    let picked =
        pick(&lab, &ListQuery::default(), PickWhich::Between(51, 55), &Picked::default(), &mut Cx::quiet())
            .unwrap();
    let query = ListQuery { sort: SortKey::StartTime, order: Order::Ascending, ..words("status:error") };
    let found = in_order(&lab, &query, &picked, &mut Cx::quiet()).unwrap();
    assert_eq!(found.runs, [51, 52, 53, 54, 55]);
}

#[test]
fn what_is_taken_back_ends() {
    let folder = tempfile::tempdir().unwrap();
    copy(folder.path());
    let (lab, cancel) = (lab(folder.path()), Cancel::default());
    cancel.cancel();
    let mut cx = Cx::unwatched(cancel);
    let ended = pick(&lab, &ListQuery::default(), PickWhich::All, &Picked::default(), &mut cx);
    assert!(matches!(ended, Err(Error::Cancelled)), "{ended:?}");
}
