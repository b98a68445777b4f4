use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

const COPY: &str = "ivorylens-copy-";
const DEMO: &str = "ivorylens-demo-";
const BOTH: [&str; 2] = [COPY, DEMO];

fn make(parent: &Path, prefix: &str) -> HeldFolder {
    HeldFolder::make_in(parent, prefix, &BOTH).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder as a killed process leaves it, with a file and a folder in it.
fn left(parent: &Path) -> PathBuf {
    let made = make(parent, COPY);
    fs::write(made.path.join("ivoryos.db"), "x").unwrap();
    fs::create_dir_all(made.path.join("ivoryos_data/logs")).unwrap();
    fs::write(made.path.join("ivoryos_data/logs/a.log"), "x").unwrap();
    let path = made.path.clone();
    // The lock goes, the folder stays.
    let HeldFolder { folder, .. } = &made;
    folder.unlock().unwrap();
    std::mem::forget(made);
    path
}

fn place() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_folder_is_private_and_goes_with_its_value() {
    let place = place();
    let made = make(place.path(), DEMO);
    assert!(has_name_of_ours(made.path.file_name().unwrap(), &BOTH), "{:?}", made.path);
    assert_eq!(fs::metadata(made.path()).unwrap().mode() & 0o777, 0o700);
    fs::create_dir(made.path().join("a")).unwrap();
    fs::write(made.path().join("a/b"), "x").unwrap();
    drop(made);
    assert!(names(place.path()).is_empty());
}

#[test]
fn a_panic_takes_the_folder_along() {
    let place = place();
    let work = || {
        let made = make(place.path(), COPY);
        assert!(!made.path().exists(), "this is the panic");
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_err();
    assert!(names(place.path()).is_empty());
}

#[test]
fn what_was_left_goes_when_the_next_one_is_made_and_what_is_used_stays() {
    let place = place();
    let used = make(place.path(), COPY);
    let left = left(place.path());
    // One that was killed before it could mark its own.
    let unmarked = place.path().join("ivorylens-demo-0aZ1bY2c");
    fs::create_dir(&unmarked).unwrap();
    fs::set_permissions(&unmarked, Permissions::from_mode(0o700)).unwrap();
    let next = make(place.path(), DEMO);
    assert!(!left.exists() && !unmarked.exists());
    assert!(used.path().exists() && next.path().exists());
    assert_eq!(names(place.path()).len(), 2);
}

#[test]
fn a_removal_that_was_interrupted_is_gone_on_with() {
    let place = place();
    let left = left(place.path());
    empty(&File::open(&left).unwrap(), Some(MARK)).unwrap();
    assert_eq!(names(&left), [MARK.to_str().unwrap()]);
    remove_left(place.path(), &BOTH);
    assert!(names(place.path()).is_empty());
}

/// Everything that only looks like a folder left behind.
#[test]
fn nothing_else_is_removed() {
    let place = place();
    let others = place.path().join("others");
    fs::create_dir(&others).unwrap();
    fs::write(others.join("kept"), "x").unwrap();
    let unmarked = left(place.path());
    fs::remove_file(unmarked.join(MARK.to_str().unwrap())).unwrap();
    let open_to_all = left_beside(&unmarked);
    fs::set_permissions(&open_to_all, Permissions::from_mode(0o755)).unwrap();
    let marked_by_a_link = left_beside(&unmarked);
    fs::remove_file(marked_by_a_link.join(MARK.to_str().unwrap())).unwrap();
    symlink(others.join("kept"), marked_by_a_link.join(MARK.to_str().unwrap())).unwrap();
    let otherwise_named = place.path().join("ivorylens-copy-results");
    fs::rename(left_beside(&unmarked), &otherwise_named).unwrap();
    let elsewhere = place.path().join("elsewhere");
    fs::rename(left_beside(&unmarked), &elsewhere).unwrap();
    symlink(&elsewhere, place.path().join("ivorylens-copy-LINKlink")).unwrap();
    fs::write(place.path().join("ivorylens-copy-FILEfile"), "x").unwrap();
    let before = names(place.path());
    remove_left(place.path(), &BOTH);
    assert_eq!(names(place.path()), before);
    for folder in [&unmarked, &open_to_all, &marked_by_a_link, &otherwise_named, &elsewhere] {
        assert!(folder.join("ivoryos_data/logs/a.log").exists(), "{folder:?}");
    }
}

/// Another one that was left; those that are there already stay.
fn left_beside(one: &Path) -> PathBuf {
    let parent = one.parent().unwrap();
    let apart = place();
    let made = left(apart.path());
    let to = parent.join(made.file_name().unwrap());
    fs::rename(made, &to).unwrap();
    to
}

#[test]
fn links_in_a_folder_are_removed_and_not_followed() {
    let place = place();
    let others = place.path().join("others");
    fs::create_dir(&others).unwrap();
    fs::write(others.join("kept"), "x").unwrap();
    let left = left(place.path());
    symlink(&others, left.join("a link")).unwrap();
    symlink(others.join("kept"), left.join("ivoryos_data/a link")).unwrap();
    remove_left(place.path(), &BOTH);
    assert_eq!(names(place.path()), ["others"]);
    assert_eq!(names(&others), ["kept"]);
}
