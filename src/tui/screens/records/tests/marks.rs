//! Stars, verdicts, tags and notes by keys, on one record and on many; what is unread.

use super::*;

/// A copy whose user keeps marks.
fn marking(width: u16, height: u16) -> (TempDir, Harness) {
    let (folder, lab) = without_logs();
    let folders = UserFolders { state: Some(folder.path().join("state")), config: None };
    (folder, Harness::new(first(), lab.keeping_in(&folders), width, height))
}

/// The row of a record.
fn row(harness: &Harness, id: i64) -> String {
    let wanted = id.to_string();
    let is_its = |line: &String| line.split_whitespace().take(3).any(|word| word == wanted);
    harness.lines().into_iter().skip(2).find(is_its).unwrap_or_default()
}

#[test]
fn a_star_is_seen_at_once_and_goes_again() {
    let (_folder, mut harness) = marking(80, 24);
    let before = harness.lines();
    harness.press(&["j", "*"]);
    assert!(row(&harness, 60).contains("60 ★"), "{}", harness.text());
    assert!(last_line(&harness).ends_with("starred"), "{}", last_line(&harness));
    harness.press(&["*"]);
    assert!(last_line(&harness).ends_with("no star"), "{}", last_line(&harness));
    harness.press(&["k"]);
    assert_eq!(harness.lines(), before, "without marks the room is the name's");
}

#[test]
fn a_verdict_is_chosen_and_found() {
    let (_folder, mut harness) = marking(100, 24);
    harness.press(&["V"]);
    assert!(harness.text().contains("Verdict on #61"), "{}", harness.text());
    harness.press(&["b"]);
    assert!(last_line(&harness).ends_with("verdict bad"), "{}", last_line(&harness));
    assert!(row(&harness, 61).contains("61  B"), "{}", row(&harness, 61));
    harness.press(&["/"]).type_text("verdict:bad").press(&["Enter"]);
    assert!(line(&harness, 0).contains("1 of 61 records"), "{}", line(&harness, 0));
    harness.press(&["V", "Enter"]);
    assert!(
        last_line(&harness).ends_with("it was so before"),
        "the menu stands on it: {}",
        last_line(&harness)
    );
}

#[test]
fn tags_are_typed_completed_and_taken_away() {
    let (_folder, mut harness) = marking(120, 24);
    harness.press(&["t"]).type_text("salt pH-7").press(&["Enter"]);
    assert!(last_line(&harness).ends_with("tag salt, tag pH-7"), "{}", last_line(&harness));
    harness.press(&["j", "t"]).type_text("sa").press(&["Tab"]);
    assert_eq!(last_line(&harness), "tags: salt");
    harness.press(&["Enter", "t"]);
    assert!(harness.text().contains("has salt;"), "{}", harness.text());
    harness.type_text("-sa").press(&["Tab", "Enter"]);
    assert!(last_line(&harness).ends_with("tag salt taken away"), "{}", last_line(&harness));
    harness.press(&["t"]).type_text("-").press(&["Enter"]);
    assert!(harness.text().contains("at least one letter"), "{}", harness.text());
    harness.press(&["Esc", "f", "t"]);
    assert!(harness.text().contains("pH-7") && harness.text().contains("salt"), "{}", harness.text());
    harness.press(&["Enter"]);
    assert!(line(&harness, 0).contains("1 of 61 records"), "{}", line(&harness, 0));
}

#[test]
fn a_note_is_written_found_and_asked_about_once() {
    let (_folder, mut harness) = marking(160, 40);
    harness.press(&["i"]).type_text("the pump was dry").press(&["Enter"]).type_text("twice");
    assert!(harness.text().contains("Note on #61"), "{}", harness.text());
    harness.press(&["Ctrl-c"]);
    assert!(harness.app.ends().is_none(), "a note is not lost by one key");
    harness.press(&["Left", "Esc"]);
    assert!(harness.text().contains("Ctrl-x keeps it, Esc again drops it"), "{}", harness.text());
    harness.press(&["Ctrl-u", "Ctrl-r", "Ctrl-x"]);
    assert!(last_line(&harness).ends_with("note kept"), "{}", last_line(&harness));
    let beside = harness.text();
    assert!(beside.contains("the pump was dry") && beside.contains("twice"), "the preview: {beside}");
    harness.press(&["/"]).type_text("note:dry").press(&["Enter"]);
    assert!(line(&harness, 0).contains("1 of 61 records"), "{}", line(&harness, 0));
    // Nothing changed: nothing is asked.
    harness.press(&["i", "Esc"]);
    assert!(!harness.text().contains("Note on"), "{}", harness.text());
    harness.press(&["i", "Ctrl-f"]).type_text("pump").press(&["Enter", "Esc", "x", "Esc", "Esc"]);
    harness.press(&["i"]);
    assert!(!harness.text().contains("pumpx"), "it was dropped: {}", harness.text());
}

/// A pasted text goes into the note; one that could not be kept is there again.
#[test]
fn a_note_is_pasted_and_not_lost() {
    let (folder, mut harness) = marking(100, 30);
    harness.press(&["*", "i"]);
    harness.app.handle(Event::Paste("pump dry\r\nsee mail".to_owned()));
    let own = std::fs::read_dir(folder.path().join("state")).unwrap().next().unwrap().unwrap().path();
    let file = own.join("ivorylens.db");
    let version = |n: i64| {
        rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", n).unwrap();
    };
    version(99);
    harness.press(&["Ctrl-x"]);
    let text = harness.text();
    assert!(text.contains("not kept: Ctrl-x tries again") && text.contains("see mail"), "{text}");
    version(2);
    harness.press(&["Ctrl-x"]);
    assert!(last_line(&harness).ends_with("note kept"), "{}", last_line(&harness));
    harness.press(&["/"]).type_text("note:mail").press(&["Enter"]);
    assert!(line(&harness, 0).contains("1 of 61 records"), "{}", line(&harness, 0));
}

#[test]
fn all_that_is_marked_for_an_action_is_meant() {
    let (_folder, mut harness) = marking(80, 24);
    harness.press(&["Space", "Space", "*"]);
    assert!(last_line(&harness).contains("2 records: starred"), "{}", last_line(&harness));
    assert!(row(&harness, 61).contains('★') && row(&harness, 60).contains('★'), "{}", harness.text());
    harness.press(&["v", "j", "t"]).type_text("day").press(&["Enter"]);
    assert!(last_line(&harness).contains("4 records: tag day"), "{}", last_line(&harness));
    harness.press(&["*"]);
    assert!(
        last_line(&harness).contains("4 records: starred; 2 of them were so before"),
        "{}",
        last_line(&harness)
    );
    harness.press(&["*"]);
    assert!(last_line(&harness).contains("4 records: no star"), "{}", last_line(&harness));
    harness.press(&["V", "o"]);
    assert!(last_line(&harness).contains("4 records: verdict good"), "{}", last_line(&harness));
}

#[test]
fn what_comes_is_bold_until_it_is_opened_or_all_is_read() {
    let (folder, mut harness) = marking(80, 24);
    let bold = |harness: &Harness, id: i64| {
        let at = harness.lines().iter().position(|line| *line == row(harness, id)).unwrap();
        let row = row(harness, id);
        let column = row.chars().take_while(|sign| !sign.is_ascii_digit()).count();
        let cell = harness.buffer()[(u16::try_from(column).unwrap(), u16::try_from(at).unwrap())].clone();
        cell.modifier.contains(ratatui::style::Modifier::BOLD)
    };
    let server = rusqlite::Connection::open(folder.path().join("ivoryos.db")).unwrap();
    let came = "INSERT INTO workflow_runs(name, platform, start_time, end_time)
        VALUES ('came later', 'deck', '2026-11-24 03:00:00.000000', '2026-11-24 03:01:00.000000')";
    server.execute(came, []).unwrap();
    harness.press(&["R"]);
    assert!(bold(&harness, 62), "{}", harness.text());
    assert!(!bold(&harness, 60), "{}", harness.text());
    harness.press(&["U"]);
    assert!(last_line(&harness).contains("All records count as read"), "{}", last_line(&harness));
    assert!(!bold(&harness, 62));
}

/// The lab's folder has another name than the last time.
#[test]
fn what_a_moved_lab_left_is_offered_and_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let folders = UserFolders { state: Some(folder.path().join("state")), config: None };
    let (old, new) = (folder.path().join("lab"), folder.path().join("renamed"));
    std::fs::create_dir(&old).unwrap();
    std::fs::copy(reference_file("ivoryos-1.7.2"), old.join("ivoryos.db")).unwrap();
    let open = |folder: &Path| rested(lab(&folder.join("ivoryos.db"))).keeping_in(&folders);
    Harness::new(first(), open(&old), 80, 24).press(&["*"]);
    std::fs::rename(&old, &new).unwrap();
    let mut harness = Harness::new(first(), open(&new), 100, 24);
    let offered = harness.text();
    assert!(offered.contains("before: 1 record with marks, 0 in the trash"), "{offered}");
    harness.press(&["n"]);
    assert!(last_line(&harness).contains("ivorylens marks adopt"), "{}", last_line(&harness));
    drop(harness);
    let mut harness = Harness::new(first(), open(&new), 100, 24);
    harness.press(&["y"]);
    assert!(last_line(&harness).contains("Taken over: the marks of 1 record"), "{}", last_line(&harness));
    assert!(row(&harness, 61).contains('★'), "{}", harness.text());
}
