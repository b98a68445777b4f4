//! `share`, `share --stop` and `marks adopt`: what moves, who can write it, and what comes of it when something goes wrong.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

#[path = "share/ends.rs"]
mod ends;
#[path = "share/moved.rs"]
mod moved;
#[path = "share/people.rs"]
mod people;
#[path = "share/users.rs"]
mod users;

use std::{fs, os::unix::fs::symlink};

use ivorylens::services::marks::Sharing;

use users::{SharedLab, files, gid, mode};

#[test]
fn marks_and_trash_move_into_the_labs_folder_and_it_is_told() {
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    let rows = lab.rows();
    mara.tags(21, &["salt"]);
    mara.note(20, "the pump was dry");
    mara.said(&["delete", "25", "--yes", "--with-files"]);
    mara.said(&["delete", "7", "9", "--yes"]);
    let data = lab.files_of_lab();
    let said = mara.said(&["share"]);
    let folder = lab.folder();
    let first = format!(
        "the marks of 2 records and 3 records in the trash moved to {}, where they are shared from now on\n",
        folder.display()
    );
    assert!(said.starts_with(&first) && said.contains("who can write there: "), "{said}");
    assert!(!said.contains("are now "), "the numbers are the same: {said}");
    assert_eq!(lab.files_of_lab(), data, "nothing else of the lab's folder changed");
    assert_eq!((mara.own_marks(), mara.own_entries()), (0, Vec::new()));
    assert_eq!(lab.shared_entries(), [(1, 25), (2, 7), (3, 9)]);
    assert_eq!(mara.sharing(), Sharing::Shared);
    assert_eq!(mara.note_of(20).as_deref(), Some("the pump was dry"));
    // What is marked and deleted from now on is there too, and comes back from there.
    mara.tags(19, &["later"]);
    mara.said(&["delete", "4", "--yes"]);
    assert_eq!((mara.own_marks(), lab.shared_entries().len()), (0, 4));
    for back in [4, 7, 25] {
        let said = mara.said(&["restore", "--last"]);
        assert!(said.starts_with(&format!("#{back} is back")), "{said}");
    }
    assert_eq!(lab.rows(), rows);
    assert_eq!(lab.shared_entries(), []);
    let again = mara.said(&["share"]);
    assert!(again.contains("nothing of yours was elsewhere"), "{again}");
}

/// Whatever the umask is, those may write there who may write the data folder.
#[test]
fn the_folder_has_mode_and_group_of_the_data_folder_whatever_the_umask() {
    for data_mode in [0o775, 0o770, 0o700, 0o2777] {
        let lab = SharedLab::new();
        let group = lab.give_group(data_mode);
        let mara = lab.user("mara").with_umask("077");
        mara.tags(21, &["salt"]);
        mara.said(&["delete", "25", "--yes", "--with-files"]);
        mara.said(&["share"]);
        // Also what comes later.
        lab.set_log(24);
        mara.said(&["delete", "24", "--yes", "--with-files"]);
        let all = files(&lab.folder());
        let names: Vec<String> =
            all.keys().map(|path| path.strip_prefix(lab.folder()).unwrap().display().to_string()).collect();
        for wanted in ["ivorylens.db", "trash.lock", "trash-files", "trash-files/1", "trash-files/2"] {
            assert!(names.iter().any(|name| name == wanted), "{wanted}: {names:?}");
        }
        assert_eq!((mode(&lab.folder()), gid(&lab.folder())), (0o2000 | data_mode & 0o777, group));
        for path in all.keys() {
            let is_moved = path.components().any(|part| part.as_os_str() == "2") && path.is_file();
            if path.is_dir() {
                assert_eq!(mode(path), 0o2000 | data_mode & 0o777, "{}", path.display());
            } else if !is_moved {
                assert_eq!(mode(path) & (data_mode & 0o666), data_mode & 0o666, "{}", path.display());
            }
            assert!(is_moved || gid(path) == group, "{}", path.display());
        }
        mara.said(&["share", "--stop"]);
        assert!(!lab.folder().exists());
    }
}

#[test]
fn what_stands_in_the_way_is_refused_and_named() {
    let elsewhere = tempfile::tempdir().unwrap();
    type InTheWay<'a> = &'a dyn Fn(&SharedLab);
    let link: InTheWay = &|lab| symlink(elsewhere.path(), lab.folder()).unwrap();
    let file: InTheWay = &|lab| fs::write(lab.folder(), "x").unwrap();
    let link_for_file: InTheWay = &|lab| {
        fs::create_dir(lab.folder()).unwrap();
        symlink(elsewhere.path().join("other.db"), lab.folder().join("ivorylens.db")).unwrap();
    };
    let folder_for_file: InTheWay = &|lab| fs::create_dir_all(lab.folder().join("ivorylens.db")).unwrap();
    for (words, make) in [
        ("this is a link, where a folder is to be", link),
        ("this is a file, where a folder is to be", file),
        ("this is no file, where the shared one is to be", link_for_file),
        ("this is no file, where the shared one is to be", folder_for_file),
    ] {
        let lab = SharedLab::new();
        let mara = lab.user("mara");
        mara.tags(21, &["salt"]);
        make(&lab);
        mara.refuses(1, words, &["share"]);
        assert_eq!(mara.tags_of(21), ["salt"], "{words}");
        assert_eq!(mara.sharing(), Sharing::Alone);
        mara.tags(21, &["more"]);
        assert_eq!(mara.own_marks(), 1);
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_private_copy_and_a_database_that_lies_alone_are_not_shared() {
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    mara.refuses(1, "a private copy is not shared", &["share", "--copy"]);
    mara.refuses(1, "a private copy is not shared", &["share", "--stop", "--copy"]);
    mara.refuses(1, "nobody shares", &["share", "--stop"]);
    let alone = lab.data().with_file_name("alone");
    fs::create_dir(&alone).unwrap();
    for name in ["ivoryos.db", "other.db"] {
        fs::copy(lab.data().join("ivoryos.db"), alone.join(name)).unwrap();
    }
    fs::copy(lab.data().join("ivoryos.db"), lab.data().join("old.db")).unwrap();
    for path in [alone.join("ivoryos.db"), alone.join("other.db"), lab.data().join("old.db")] {
        let ran = mara.run_on(&path, &["share"]);
        assert_eq!(ran.code, Some(1));
        assert!(ran.err.contains("of the ivoryos.db of a data folder"), "{}", ran.err);
    }
    assert_eq!(fs::read_dir(&alone).unwrap().count(), 2);
    assert!(!lab.folder().exists());
}

/// Whatever is wrong with the shared file: the records and one's own marks stay usable.
#[test]
fn a_shared_file_that_can_not_be_used_keeps_nobody_from_the_records() {
    let lab = SharedLab::new();
    let (mara, lee) = (lab.user("mara"), lab.user("lee"));
    lee.tags(18, &["own"]);
    mara.tags(21, &["salt"]);
    mara.said(&["share"]);
    let file = lab.folder().join("ivorylens.db");
    // Of a newer program: it is read, and not written.
    let set = |version: i64| {
        rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", version).unwrap();
    };
    set(99);
    assert_eq!((mara.tags_of(21), lee.tags_of(18)), (vec!["salt".to_owned()], vec!["own".to_owned()]));
    assert!(lee.mark_refused(20).contains("a newer ivorylens wrote it"));
    mara.refuses(1, "a newer ivorylens wrote it", &["share", "--stop"]);
    lee.refuses(1, "a newer ivorylens wrote it", &["share"]);
    lee.said(&["list"]);
    set(2);
    // Damaged: told, set aside by the next one who writes, and what is one's own is there all the while.
    fs::write(&file, vec![7; 20_000]).unwrap();
    assert_eq!(lee.tags_of(18), ["own"]);
    assert!(lee.told_of_marks().unwrap().contains("can't be read: it is damaged"));
    lee.said(&["list"]);
    let info = lee.said(&["info"]);
    assert!(info.contains("it is damaged"), "{info}");
    let notice = mara.tags(20, &["new"]).unwrap();
    assert!(notice.contains("it was damaged and is kept as"), "{notice}");
    assert_eq!((mara.tags_of(20), mara.tags_of(21)), (vec!["new".to_owned()], Vec::new()));
    assert!(lab.folder().join("ivorylens.db.damaged-1").exists());
    // The set-aside one is not thrown away.
    let said = mara.said(&["share", "--stop"]);
    assert!(said.contains("stays, as other files are in it"), "{said}");
    assert_eq!((mara.tags_of(20), mara.sharing()), (vec!["new".to_owned()], Sharing::Alone));
}
