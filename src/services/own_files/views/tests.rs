//! Keeping, forgetting, and files that others wrote.

use std::sync::Barrier;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ivorylens/views.json");
    (folder, file)
}

fn list(filter: &str) -> KeptList {
    KeptList { filter: filter.to_owned(), sort: "took".to_owned(), ..KeptList::default() }
}

fn names(file: &Path) -> Vec<String> {
    all(file).unwrap().into_iter().map(|view| view.name).collect()
}

#[test]
fn views_are_kept_in_order_replaced_and_forgotten() {
    let (_folder, file) = place();
    assert_eq!(all(&file).unwrap(), []);
    assert!(!forget(&file, "none").unwrap() && !file.exists());
    assert_eq!(keep(&file, " long ones ", &list("took>1h")).unwrap(), ViewKept::default());
    keep(&file, "今夜", &list("status:error")).unwrap();
    let again = keep(&file, "long ones", &list("took>2h")).unwrap();
    assert!(again.replaced && again.set_aside.is_none());
    assert_eq!(names(&file), ["long ones", "今夜"]);
    assert_eq!(all(&file).unwrap()[0].list, list("took>2h"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(forget(&file, "long ones").unwrap() && !forget(&file, "long ones").unwrap());
    assert_eq!(names(&file), ["今夜"]);
}

#[test]
fn people_can_read_and_edit_it() {
    let (_folder, file) = place();
    keep(&file, "bad", &list("status:error")).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("  \"views\": {\n    \"bad\": {\n      \"filter\": \"status:error\",\n"), "{text}");
    let edited = text.replacen("{\n", "{\n \"note\": [1.50],", 1).replacen(
        "\"filter\"",
        "\"why\": \"x\", \"filter\"",
        1,
    );
    fs::write(&file, edited).unwrap();
    keep(&file, "bad", &list("died")).unwrap();
    keep(&file, "more", &list("")).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("1.50") && text.contains("\"why\": \"x\""), "{text}");
    assert_eq!(all(&file).unwrap()[0].list.filter, "died");
    // What is left out is as at first; what is no text is told when the view is used.
    fs::write(&file, "{\"views\": {\"a\": {}, \"b\": {\"filter\": 7}, \"c\": 3}}").unwrap();
    assert_eq!(names(&file), ["a", "b"]);
    assert_eq!(all(&file).unwrap()[1].list.filter, "7");
}

#[test]
fn names_that_can_not_be_typed_are_refused() {
    let (_folder, file) = place();
    for name in ["", "  ", "a\tb", "a\u{1b}[0m", &"x".repeat(61)] {
        let said = keep(&file, name, &list("")).unwrap_err().to_string();
        assert!(said.starts_with("this can't be the name of a view: it "), "{said}");
    }
    assert!(!file.exists());
}

/// Whatever is no JSON is said, stays when something is forgotten, and is put aside when something new is kept.
#[test]
fn a_damaged_file_is_never_overwritten() {
    let (_folder, file) = place();
    make_folder(&file).unwrap();
    for (n, damaged) in ["", "{\"views\": {", "[]", "{\"views\": []}", "\u{0}\u{0}"].into_iter().enumerate() {
        fs::write(&file, damaged).unwrap();
        assert!(all(&file).unwrap_err().to_string().contains("views.json: "), "{damaged:?}");
        assert!(forget(&file, "a").is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), damaged);
        let aside = keep(&file, "a", &list("x")).unwrap().set_aside.unwrap();
        let ending = if n == 0 { "bad".to_owned() } else { format!("bad{n}") };
        assert_eq!(aside, file.with_extension(ending));
        assert_eq!(
            (fs::read_to_string(&aside).unwrap(), names(&file)),
            (damaged.to_owned(), vec!["a".to_owned()])
        );
    }
}

#[test]
fn a_file_of_a_newer_version_is_read_and_not_written() {
    let (_folder, file) = place();
    make_folder(&file).unwrap();
    let newer = "{\"version\": 2, \"views\": {\"a\": {\"filter\": \"x\", \"colour\": true}}}";
    fs::write(&file, newer).unwrap();
    assert_eq!(names(&file), ["a"]);
    for done in [keep(&file, "b", &list("")).map(|_| false), forget(&file, "a")] {
        assert!(done.unwrap_err().to_string().contains("is of version 2, which this ivorylens can't write"));
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), newer);
}

#[test]
fn what_is_no_file_is_left_alone() {
    let (_folder, file) = place();
    fs::create_dir_all(&file).unwrap();
    assert!(all(&file).unwrap_err().to_string().contains("a folder"));
    assert!(keep(&file, "a", &list("")).is_err() && file.is_dir());
}

/// Sessions that keep views at once lose none.
#[test]
fn sessions_wait_for_each_other() {
    let (_folder, file) = place();
    let begin = Barrier::new(8);
    thread::scope(|scope| {
        for session in 0..8 {
            let (file, begin) = (&file, &begin);
            scope.spawn(move || {
                begin.wait();
                for n in 0..4 {
                    while keep(file, &format!("{session} {n}"), &list("")).is_err() {}
                }
            });
        }
    });
    assert_eq!(names(&file).len(), 32);
}

/// One that holds the lock and does not go on is not waited for without end.
#[test]
fn a_lock_that_is_held_is_said() {
    let (_folder, file) = place();
    let held = lock(&file).unwrap();
    assert!(keep(&file, "a", &list("")).unwrap_err().to_string().contains("another session"));
    drop(held);
    assert!(keep(&file, "a", &list("")).is_ok());
}

proptest! {
    #[test]
    fn what_was_kept_is_read_again(name in "\\PC{1,20}", filter in ".*", columns in ".*") {
        prop_assume!(!name.trim().is_empty());
        let (_folder, file) = place();
        let kept = KeptList { filter, columns, ..list("") };
        keep(&file, &name, &kept).unwrap();
        prop_assert_eq!(all(&file).unwrap(), [KeptView { name: name.trim().to_owned(), list: kept }]);
    }
}
