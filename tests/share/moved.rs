//! A lab that has another path by now, a copy of one, and a database with another name.

use std::fs;

use crate::users::{SharedLab, User, rows};

const OFFER: &str = "ivorylens marks adopt takes them over";

/// The lines of stderr that offer something.
fn offers(user: &User) -> usize {
    ["trash", "restore"]
        .iter()
        .map(|command| {
            let args = if *command == "restore" { vec!["restore", "99"] } else { vec!["trash"] };
            user.run(&args).err.lines().filter(|line| line.contains(OFFER)).count()
        })
        .sum()
}

#[test]
fn what_is_kept_of_a_moved_lab_is_offered_and_taken_over() {
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    let before = lab.rows();
    mara.tags(21, &["salt"]);
    mara.said(&["delete", "25", "--yes", "--with-files"]);
    let old = mara.own_file();
    assert_eq!(offers(&mara), 0);
    let place = lab.data().with_file_name("another place");
    let moved = place.join("ivoryos_data");
    fs::create_dir(&place).unwrap();
    fs::rename(lab.data(), &moved).unwrap();
    let there = lab.user_at("mara", &moved);
    assert_eq!((offers(&there), there.tags_of(21)), (2, Vec::new()));
    let info = there.said(&["info"]);
    assert!(info.contains("moved from") && info.contains(OFFER), "{info}");
    // Somebody else has nothing of it.
    assert_eq!(offers(&lab.user_at("lee", &moved)), 0);
    let said = there.said(&["marks", "adopt"]);
    let words = format!(
        "the marks of 1 record and 1 record in the trash taken over from {}\n",
        lab.data().join("ivoryos.db").display()
    );
    assert_eq!(said, words);
    assert_eq!((offers(&there), there.tags_of(21)), (0, vec!["salt".to_owned()]));
    assert!(!old.parent().unwrap().exists(), "nothing is left there");
    there.refuses(1, "nothing is kept of this lab under another path", &["marks", "adopt"]);
    there.said(&["restore", "--last"]);
    assert_eq!(rows(&moved), before);
}

/// The old path leads to the same records: they are two labs.
#[test]
fn a_copy_of_a_lab_is_another_lab() {
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    mara.tags(21, &["salt"]);
    let copy = lab.data().with_file_name("copied").join("ivoryos_data");
    fs::create_dir_all(&copy).unwrap();
    fs::copy(lab.data().join("ivoryos.db"), copy.join("ivoryos.db")).unwrap();
    let there = lab.user_at("mara", &copy);
    assert_eq!((offers(&there), there.tags_of(21)), (0, Vec::new()));
    there.refuses(1, "nothing is kept", &["marks", "adopt"]);
    assert_eq!(mara.tags_of(21), ["salt"]);
    // Another lab has the old path by now.
    fs::rename(lab.data(), lab.data().with_file_name("away")).unwrap();
    fs::create_dir(lab.data()).unwrap();
    let other = crate::common::Set::open("ivoryos-1.2.5");
    fs::copy(other.data().join("ivoryos.db"), lab.data().join("ivoryos.db")).unwrap();
    assert_eq!(offers(&there), 2);
    there.said(&["marks", "adopt"]);
    assert_eq!(there.tags_of(21), ["salt"]);
}

#[test]
fn a_database_with_another_name_is_a_moved_one() {
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    mara.tags(21, &["salt"]);
    let renamed = lab.data().join("summer.db");
    fs::rename(lab.data().join("ivoryos.db"), &renamed).unwrap();
    let ran = mara.run_on(&renamed, &["trash"]);
    assert!(ran.err.contains(OFFER), "{}", ran.err);
    let ran = mara.run_on(&renamed, &["marks", "adopt"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let found =
        mara.run_on(&renamed, &["list", "--filter", "tag:salt", "--columns", "id", "--format", "csv"]);
    assert_eq!(String::from_utf8(found.out).unwrap().lines().nth(1), Some("21"));
}

/// Where something is kept under the new path already, nothing is offered: it would be brought together unasked for.
#[test]
fn a_lab_with_marks_of_its_own_is_offered_nothing() {
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    mara.tags(21, &["salt"]);
    let moved = lab.data().with_file_name("moved").join("ivoryos_data");
    fs::create_dir_all(moved.parent().unwrap()).unwrap();
    fs::rename(lab.data(), &moved).unwrap();
    let there = lab.user_at("mara", &moved);
    there.tags(20, &["new"]);
    assert_eq!(offers(&there), 0);
}
