//! Records that are marked for an action on many at once.

use super::*;

fn head(harness: &Harness) -> String {
    line(harness, 0)
}

/// The ids of the rows with this sign.
fn signed(harness: &Harness, sign: char) -> Vec<i64> {
    let row = |line: &String| {
        let mut cells = line.chars().skip(2);
        (cells.next() == Some(sign)).then(|| cells.collect::<String>())
    };
    let rows: Vec<String> = harness.lines().iter().filter_map(row).collect();
    rows.iter().filter_map(|row| row.split_whitespace().next()?.parse().ok()).collect()
}

fn marked(harness: &Harness) -> Vec<i64> {
    signed(harness, '◆')
}

fn in_range(harness: &Harness) -> Vec<i64> {
    signed(harness, '◇')
}

#[test]
fn space_marks_and_goes_down_and_again_lets_go() {
    let mut harness = real_screen(80, 24);
    assert!(!head(&harness).contains("marked"));
    harness.press(&["Space", "j", "Space"]);
    assert_eq!((marked(&harness), selected_id(&harness)), (vec![61, 59], 58));
    assert!(head(&harness).contains("2 marked   61 records"), "{}", head(&harness));
    harness.press(&["k", "Space"]);
    assert_eq!((marked(&harness), selected_id(&harness)), (vec![61], 58));
    harness.press(&["G", "Space", "Space"]);
    assert!(head(&harness).contains("1 marked"), "on the last one the cursor stays: {}", head(&harness));
}

/// What is marked moves nothing.
#[test]
fn signs_stand_where_nothing_stood() {
    for (width, height) in [(40, 10), (80, 24), (160, 50)] {
        let mut harness = real_screen(width, height);
        let before = harness.lines();
        harness.press(&["Space", "g"]);
        let rows = 1..usize::from(height) - 1;
        for (at, (was, is)) in
            before.iter().zip(harness.lines()).enumerate().filter(|(at, _)| rows.contains(at))
        {
            let without: String = is.replacen('◆', " ", 1);
            assert_eq!(was.trim_end(), without.trim_end(), "line {at} of {width}x{height}");
        }
        assert_eq!(marked(&harness), [61], "{width}x{height}");
        assert!(head(&harness).contains("1 marked"), "{width}x{height}: {}", head(&harness));
    }
}

#[test]
fn they_stay_under_other_words_and_in_another_order() {
    let mut harness = real_screen(100, 24);
    harness.press(&["Space", "Space", "/"]).type_text("alpha").press(&["Enter", "Space"]);
    assert_eq!(marked(&harness).len(), 1);
    assert!(head(&harness).contains("3 marked, 2 not shown"), "{}", head(&harness));
    harness.press(&["S", "n"]);
    assert!(head(&harness).contains("3 marked, 2 not shown"), "{}", head(&harness));
    harness.press(&["/"]).type_text(" nothing_at_all").press(&["Enter"]);
    assert!(head(&harness).contains("3 marked, 3 not shown"), "{}", head(&harness));
    harness.press(&["R", "]"]);
    assert!(head(&harness).contains("3 marked, 3 not shown"), "{}", head(&harness));
}

#[test]
fn esc_takes_one_layer_at_a_time() {
    let mut harness = real_screen(80, 24);
    harness.press(&["/"]).type_text("alpha").press(&["Enter", "Space", "v", "j"]);
    assert!(head(&harness).contains("1 marked, range of 2"), "{}", head(&harness));
    harness.press(&["Esc"]);
    assert!(head(&harness).contains("1 marked ") && in_range(&harness).is_empty(), "{}", head(&harness));
    harness.press(&["Esc"]);
    assert!(!head(&harness).contains("marked") && head(&harness).contains("with \"alpha\""));
    assert_eq!(last_line(&harness), " 1 record is not marked any more.");
    harness.press(&["Esc"]);
    assert!(head(&harness).contains("61 records"), "{}", head(&harness));
    harness.press(&["Esc"]);
    assert!(last_line(&harness).contains("first screen"));
}

#[test]
fn a_range_is_shown_at_once_and_goes_up_and_down() {
    let (_folder, lab) = many(400);
    let mut harness = Harness::new(first(), lab, 80, 24);
    harness.press(&["j", "j", "v", "j", "j"]);
    assert_eq!(in_range(&harness), [398, 397, 396]);
    harness.press(&["k", "k", "k"]);
    assert_eq!(in_range(&harness), [399, 398]);
    harness.press(&["v"]);
    assert_eq!((marked(&harness), in_range(&harness)), (vec![399, 398], vec![]));
    harness.press(&["j", "v", "G", "Space"]);
    assert!(
        head(&harness).contains("400 records") && head(&harness).contains("399 marked"),
        "{}",
        head(&harness)
    );
    assert_eq!(selected_id(&harness), 1, "Space keeps the range, and stays");
}

/// The range stays with the record where it began, however the list grows.
#[test]
fn a_range_stays_with_its_record_while_records_come() {
    let (folder, lab) = without_logs();
    let mut harness = Harness::new(first(), lab, 80, 24);
    harness.press(&["j", "v", "j"]);
    let file = rusqlite::Connection::open(folder.path().join("ivoryos.db")).unwrap();
    file.execute("INSERT INTO workflow_runs (name, platform) VALUES ('came', 'deck')", []).unwrap();
    harness.press(&["R"]);
    assert_eq!(in_range(&harness), [60, 59]);
    harness.press(&["v"]);
    assert_eq!(marked(&harness), [60, 59]);
    harness.press(&["v", "/"]).type_text("alpha").press(&["Enter"]);
    assert!(
        in_range(&harness).is_empty() && head(&harness).contains("2 marked, 2 not shown"),
        "{}",
        harness.text()
    );
}

#[test]
fn all_of_the_list_and_again_none() {
    let mut harness = real_screen(100, 24);
    harness.press(&["Space", "/"]).type_text("alpha").press(&["Enter", "a"]);
    let shown = marked(&harness).len();
    assert!(shown > 2 && head(&harness).contains(&format!("{} marked, 1 not shown", shown + 1)));
    harness.press(&["a"]);
    assert!(marked(&harness).is_empty() && head(&harness).contains("1 marked, 1 not shown"));
    harness.press(&["Esc", "Esc", "a"]);
    assert!(head(&harness).contains("61 marked   61 records"), "{}", head(&harness));
    harness.press(&["a"]);
    assert!(!head(&harness).contains("marked"), "{}", head(&harness));
}

/// The question is about what is marked, not about the record under the cursor; typed ahead it waits for the marks.
#[test]
fn a_delete_means_the_marked_ones_in_the_lists_order() {
    let mut harness = real_screen(80, 40);
    harness.press_at_once(&["/", "a", "l", "p", "h", "a", "Enter", "a", "D", "y"]).settle();
    let text = harness.text();
    let at = |id: &str| text.find(id).unwrap_or_else(|| panic!("{id} in {text}"));
    assert!(text.contains("Delete?") && !text.contains("#61"), "{text}");
    assert!(at("#54") < at("#53") && at("#53") < at("#52") && at("#52") < at("#51"), "{text}");
    harness
        .press(&["Esc", "Esc", "Esc", "S", "n", "/"])
        .type_text("alpha")
        .press(&["Enter", "a", "Esc", "a", "D"]);
    let text = harness.text();
    let at = |id: &str| text.find(id).unwrap_or_else(|| panic!("{id} in {text}"));
    assert!(at("#53") < at("#51"), "by name, large letters first: {text}");
    harness.press(&["Esc", "G", "D"]);
    assert!(harness.text().contains("type"), "as many as are marked: {}", harness.text());
}

#[test]
fn marks_typed_ahead_act_as_one_by_one() {
    for keys in [&["Space", "j", "Space", "D"][..], &["v", "j", "v", "D"], &["v", "j", "D"]] {
        let mut ahead = real_screen(80, 40);
        ahead.press_at_once(keys).settle();
        let mut single = real_screen(80, 40);
        single.press(keys);
        assert_eq!(ahead.text(), single.text(), "{keys:?}");
        assert!(
            ahead.text().contains(" 2 records, ") && ahead.text().contains(" in all"),
            "{}",
            ahead.text()
        );
    }
    // A command asks the same, also while the marks are on their way.
    let mut harness = real_screen(80, 40);
    harness.press_at_once(&["v", "j", "v", ":", "d", "e", "l", "e", "t", "e", "Enter"]).settle();
    assert!(harness.text().contains(" 2 records, "), "{}", harness.text());
}

/// Esc takes back what is under way, and the marks of before stay.
#[test]
fn esc_takes_back_what_is_asked_for() {
    for (keys, said) in
        [(&["Space", "D", "Esc"], "Nothing was deleted."), (&["Space", "a", "Esc"], "Nothing more")]
    {
        let mut harness = real_screen(80, 24);
        harness.press_at_once(keys).settle();
        assert_eq!(marked(&harness), [61], "{keys:?}");
        assert!(
            last_line(&harness).contains(said) && !harness.text().contains("Delete?"),
            "{}",
            harness.text()
        );
    }
}

/// While what is marked is on its way, D asks about that, and not about the record under the cursor.
#[test]
fn an_action_never_means_fewer_than_are_being_marked() {
    let mut harness = real_screen(80, 40);
    harness.press(&["/"]).type_text("alpha").press(&["Enter"]);
    harness.press_at_once(&["a", ":", "d", "e", "l", "e", "t", "e", "Enter"]).settle();
    assert!(harness.text().contains(" 4 records, "), "{}", harness.text());
    // All of them again: none, and then the one under the cursor.
    harness.press(&["Esc"]).press_at_once(&["a", "D"]).settle();
    assert!(
        harness.text().contains("#54 _alpha") && !harness.text().contains(" in all"),
        "{}",
        harness.text()
    );
}

/// What can't be read marks nothing, and the keys behind it do nothing.
#[test]
fn marks_that_cannot_be_read_say_why() {
    let real = real();
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| match ask {
        Ask::Pick { .. } => Err(Error::Refused("the disk is gone".to_owned())),
        _ => answer(&real, ask, cx).map(|answer| answer.value),
    };
    let mut harness = Harness::new(first(), answerer, 80, 24);
    harness.press(&["Space"]).press_at_once(&["a", "D"]).settle();
    assert_eq!(last_line(&harness), " the disk is gone");
    assert!(marked(&harness) == [61] && !harness.text().contains("Delete?"), "{}", harness.text());
}

#[test]
fn what_is_gone_is_not_marked_any_more() {
    let (folder, lab) = without_logs();
    let mut harness = Harness::new(first(), lab, 80, 40);
    harness.press(&["j", "Space", "Space", "Space"]);
    assert_eq!(marked(&harness), [60, 59, 58]);
    let file = rusqlite::Connection::open(folder.path().join("ivoryos.db")).unwrap();
    file.execute("UPDATE workflow_runs SET name = 'another' WHERE id = 59", []).unwrap();
    file.execute("DELETE FROM workflow_runs WHERE id = 60", []).unwrap();
    harness.press(&["D"]);
    let text = harness.text();
    assert!(text.contains("#58") && !text.contains("#59") && !text.contains("#60"), "{text}");
    assert!(text.contains("2 records of those marked are gone, or another by now"), "{text}");
    harness.press(&["Esc", "R"]);
    assert_eq!(marked(&harness), [58]);
    assert!(head(&harness).contains("1 marked"), "{}", head(&harness));
}

/// Also without an action, as soon as the list is read again.
#[test]
fn a_row_that_is_another_record_is_not_marked() {
    let (folder, lab) = without_logs();
    let mut harness = Harness::new(first(), lab, 80, 24);
    harness.press(&["Space", "Space"]);
    let file = rusqlite::Connection::open(folder.path().join("ivoryos.db")).unwrap();
    file.execute("UPDATE workflow_runs SET start_time = '2027-01-01 00:00:00.000000' WHERE id = 61", [])
        .unwrap();
    harness.press(&["R"]);
    assert_eq!(marked(&harness), [60]);
    assert!(head(&harness).contains("1 marked"), "{}", head(&harness));
}

#[test]
fn deleted_records_are_not_marked_any_more() {
    let (folder, lab) = without_logs();
    let kept = UserFolders { state: Some(folder.path().join("state")), config: None };
    let mut harness = Harness::new(first(), lab.keeping_in(&kept), 80, 40);
    harness.press(&["j", "j", "j", "Space", "Space", "D", "2", "y"]);
    assert!(
        !head(&harness).contains("marked") && head(&harness).contains("59 records"),
        "{}",
        harness.text()
    );
}

#[test]
fn all_files_of_the_marked_ones_go_into_folders() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = real_screen(100, 24);
    harness.press(&["/"]).type_text("alpha").press(&["Enter", "v", "j", "x"]);
    assert!(harness.text().contains("Export 2 marked records"), "{}", harness.text());
    harness.press(&["f", "Ctrl-u"]).type_text(&folder.path().display().to_string()).press(&["Enter", "a"]);
    let made = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(made, 2, "{}", harness.text());
    assert!(harness.text().contains("2 records exported into"), "{}", harness.text());
    assert!(head(&harness).contains("2 marked"), "they stay marked: {}", head(&harness));
}

#[test]
fn the_data_of_the_marked_ones_goes_into_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = real_screen(160, 24);
    harness.press(&["/"]).type_text("alpha").press(&["Enter", "v", "j", "x"]);
    let menu = harness.text();
    assert!(menu.contains("d  data of all as one CSV") && menu.contains("combined.csv"), "{menu}");
    harness.press(&["f", "Ctrl-u"]).type_text(&folder.path().display().to_string()).press(&["Enter", "d"]);
    let said = harness.text();
    assert!(said.contains(&format!("Wrote {}  ", folder.path().join("combined.csv").display())), "{said}");
    let text = std::fs::read_to_string(folder.path().join("combined.csv")).unwrap();
    let mut ids: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    let rows = ids.len();
    ids.dedup();
    assert!(text.starts_with("record,name,started,") && ids == ["54", "53"], "{text}");
    assert!(said.contains(&format!("{rows} rows of 2 records, ")), "{said}");
    // Another time it is another file.
    harness.press(&["x", "d"]);
    assert!(harness.text().contains("combined (2).csv  "), "{}", harness.text());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn esc_ends_one_file_of_the_marked_ones_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = held_export();
    harness.press(&["/"]).type_text("alpha").press(&["Enter", "a", "x", "f", "Ctrl-u"]);
    harness.type_text(&folder.path().display().to_string()).press(&["Enter"]).press_at_once(&["d"]);
    while !last_line(&harness).contains("Exporting the data of 4 records  2 of 4, ") {
        harness.next();
    }
    assert!(last_line(&harness).contains("Esc cancels"), "{}", last_line(&harness));
    harness.press(&["Esc"]);
    assert!(
        harness.text().contains("Cancelled: the data of 4 records was not written."),
        "{}",
        harness.text()
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The list of a lab whose exports stand still before the third record.
fn held_export() -> Harness {
    let lab = real();
    let answerer = move |ask: &Ask, cx: &mut Cx<'_>| match ask {
        Ask::ExportPicked { .. } => {
            let cancel = cx.cancel().clone();
            let mut holds = Holds(cx);
            answer(&lab, ask, &mut Cx::cancelled_by(cancel, &mut holds)).map(|answer| answer.value)
        }
        _ => answer(&lab, ask, cx).map(|answer| answer.value),
    };
    Harness::new(first(), answerer, 160, 24)
}

/// Stays before the third record until it is taken back.
struct Holds<'a, 'b>(&'a mut Cx<'b>);

impl crate::checkpoint::Checkpoint for Holds<'_, '_> {
    fn check(&mut self, progress: crate::checkpoint::Progress) -> Result<()> {
        self.0.check(progress)
    }

    fn check_written(&mut self, progress: crate::checkpoint::Progress, bytes: u64) -> Result<()> {
        loop {
            self.0.check_written(progress, bytes)?;
            if progress.done != 2 {
                return Ok(());
            }
            std::thread::yield_now();
        }
    }
}

#[test]
fn esc_ends_an_export_between_two_records_and_says_which_are_done() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = held_export();
    harness.press(&["/"]).type_text("alpha").press(&["Enter", "a", "x", "f", "Ctrl-u"]);
    harness.type_text(&folder.path().display().to_string()).press(&["Enter"]).press_at_once(&["a"]);
    while !last_line(&harness).contains("Exporting 4 records  2 of 4, ") {
        harness.next();
    }
    assert!(last_line(&harness).contains("Esc ends it"), "{}", last_line(&harness));
    harness.press(&["Esc"]);
    let said = harness.text();
    assert!(said.contains("Ended: 2 of 4 records exported: #54, #53, in "), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no half folder");
}

#[test]
fn the_footer_says_what_is_meant() {
    let mut harness = real_screen(80, 24);
    harness.press(&["Space"]);
    assert!(
        last_line(&harness).starts_with(" x export marked  D delete marked  Esc let go"),
        "{}",
        last_line(&harness)
    );
    let mut wide = real_screen(160, 50);
    assert!(last_line(&wide).contains("Space mark"), "{}", last_line(&wide));
    wide.press(&["?", "/"]).type_text("range");
    assert!(wide.text().contains("mark a range"), "{}", wide.text());
}

#[test]
fn signs_in_ascii() {
    let options = crate::tui::app::AppOptions {
        theme: Theme { ascii: true, color: false },
        ..crate::tui::testing::options()
    };
    let mut harness = Harness::with(options, first(), real(), Size { width: 80, height: 24 });
    harness.settle();
    harness.press(&["j", "Space", "v", "j"]);
    assert_eq!((signed(&harness, 'M'), signed(&harness, 'm')), (vec![60], vec![59, 58]));
}
