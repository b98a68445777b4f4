//! Several people: a second one who shares, one who may only read, and what is whose at the end.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    process::Command,
};

use rusqlite::Connection;

use ivorylens::{
    model::mark::{MarkChange, Verdict},
    services::marks::Sharing,
};

use crate::{
    common::Ran,
    users::{SharedLab, User, files, ran},
};

#[test]
fn what_a_second_user_shares_comes_to_the_first_ones() {
    let lab = SharedLab::new();
    let (mara, lee) = (lab.user("mara"), lab.user("lee"));
    let rows = lab.rows();
    mara.note(20, "the pump was dry");
    mara.tags(21, &["salt"]);
    mara.said(&["delete", "7", "9", "--yes"]);
    mara.said(&["share"]);
    // What lee said and deleted before.
    let before = lab.data().with_file_name("before");
    fs::rename(lab.folder(), &before).unwrap();
    lee.note(20, "the valve was shut");
    lee.tags(21, &["sugar"]);
    lee.said(&["delete", "25", "4", "--yes", "--with-files"]);
    fs::rename(&before, lab.folder()).unwrap();
    // Both are seen, but what is lee's is theirs.
    assert_eq!(lee.tags_of(21), ["salt", "sugar"]);
    assert_eq!(mara.tags_of(21), ["salt"]);
    let listed = lee.run(&["trash"]);
    assert!(listed.err.contains("2 records that you deleted before are in your own trash"), "{}", listed.err);
    let said = lee.said(&["share"]);
    assert!(
        said.contains("the marks of 2 records and 2 records in the trash moved to those of others"),
        "{said}"
    );
    assert!(said.contains("\nentries 1-2 are now 3-4\n"), "{said}");
    assert_eq!(lab.shared_entries(), [(1, 7), (2, 9), (3, 25), (4, 4)]);
    assert_eq!((lee.own_marks(), lee.own_entries().len()), (0, 0));
    assert_eq!(mara.tags_of(21), ["salt", "sugar"]);
    let both = mara.note_of(20).unwrap();
    assert!(both.contains("the pump was dry") && both.contains("the valve was shut"), "{both}");
    // Each entry is the one that was deleted.
    assert!(mara.said(&["restore", "3"]).starts_with("#25 is back"));
    mara.said(&["restore", "1", "2", "4"]);
    assert_eq!(lab.rows(), rows);
}

/// A record that is marked again takes what was said of it before along: it is not in two places.
#[test]
fn a_mark_from_before_goes_along_when_its_record_is_marked() {
    let lab = SharedLab::new();
    let (mara, lee) = (lab.user("mara"), lab.user("lee"));
    lee.tags(21, &["own"]);
    lee.tags(20, &["too"]);
    mara.said(&["share"]);
    lee.tags(21, &["more"]);
    assert_eq!((lee.own_marks(), mara.tags_of(21)), (1, vec!["more".to_owned(), "own".to_owned()]));
    assert_eq!((mara.tags_of(20), lee.tags_of(20)), (Vec::new(), vec!["too".to_owned()]));
}

#[test]
fn who_ends_it_takes_all_back_and_others_keep_their_own() {
    let lab = SharedLab::new();
    let (mara, lee) = (lab.user("mara"), lab.user("lee"));
    let rows = lab.rows();
    lee.tags(18, &["own"]);
    mara.said(&["share"]);
    lee.tags(21, &["shared"]);
    mara.note(20, "the pump was dry");
    mara.said(&["delete", "25", "--yes", "--with-files"]);
    lee.said(&["delete", "4", "--yes"]);
    let data = lab.files_of_lab();
    let said = mara.said(&["share", "--stop"]);
    assert!(
        said.starts_with("the marks of 2 records and 2 records in the trash moved back, into ")
            && said.contains(&format!("nobody shares any more: {} is gone\n", lab.folder().display())),
        "{said}"
    );
    assert!(!lab.folder().exists());
    assert_eq!(lab.files_of_lab(), data);
    assert_eq!((mara.tags_of(21), lee.tags_of(21)), (vec!["shared".to_owned()], Vec::new()));
    assert_eq!((lee.tags_of(18), lee.own_entries().len()), (vec!["own".to_owned()], 0));
    assert_eq!(mara.own_entries(), [(1, 25), (2, 4)]);
    // Nobody of others can look into what is one's own.
    for path in files(mara.own_file().parent().unwrap()).keys() {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077 == 0, !is_kept(path), "{path:?}");
    }
    mara.said(&["restore", "1", "2"]);
    assert_eq!(lab.rows(), rows);
    mara.refuses(1, "nobody shares", &["share", "--stop"]);
}

/// Files that went along keep their modes; they are behind a folder that is one's own.
fn is_kept(path: &Path) -> bool {
    path.is_file() && path.components().any(|part| part.as_os_str() == "trash-files")
}

/// Whoever may write the shared file may say anything in it: nothing of it leads out of the lab's folder.
#[test]
fn a_path_that_somebody_wrote_down_leads_nowhere_else() {
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    mara.said(&["share"]);
    let private = lab.home().join("private");
    fs::write(&private, "mara's").unwrap();
    for (path, kept) in
        [("stolen", format!("../../../../{}", private.display())), ("../stolen", "file".to_owned())]
    {
        mara.said(&["delete", "25", "--yes", "--with-files"]);
        let shared = Connection::open(lab.folder().join("ivorylens.db")).unwrap();
        shared.execute("UPDATE trash_files SET path = ?, kept = ?", (path.as_bytes(), kept)).unwrap();
        mara.refuses(1, "this leads out of the lab's folder", &["restore", "--last"]);
        assert_eq!(fs::read(&private).unwrap(), b"mara's");
        shared.execute("DELETE FROM trash_files", []).unwrap();
        mara.said(&["restore", "--last"]);
        lab.set_log(25);
    }
    assert!(!lab.data().join("stolen").exists() && !lab.data().with_file_name("stolen").exists());
}

/// The program as somebody who may not write in the data folder: as root another user, else by the modes.
struct Reader {
    user: User,
    program: std::path::PathBuf,
    is_root: bool,
}

impl Reader {
    fn of(lab: &SharedLab) -> Self {
        let user = lab.user("reader");
        let program = lab.home().join("ivorylens");
        fs::copy(env!("CARGO_BIN_EXE_ivorylens"), &program).unwrap();
        let open = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        open(lab.home());
        open(&lab.home().join("reader"));
        // Of the set's own folder.
        lab.data().ancestors().take(3).skip(1).for_each(open);
        Self { user, program, is_root: lab.data().metadata().unwrap().uid() == 0 }
    }

    /// A program as this user starts it.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(if self.is_root { "setpriv".as_ref() } else { program.as_os_str() });
        if self.is_root {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
        }
        command.current_dir("/").envs(self.user.envs()).env_remove("IVORYLENS_DATA");
        command
    }

    fn run(&self, lab: &SharedLab, args: &[&str]) -> Ran {
        ran(self.command(&self.program).arg("--data").arg(lab.data()).args(args))
    }

    /// Runs a test in a process of theirs.
    fn is_itself(&self, lab: &SharedLab, test: &str) {
        let program = self.program.with_file_name("tests");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let done = ran(self.command(&program).args(["--exact", test]).env(READER, lab.data()));
        assert_eq!(done.code, Some(0), "{}{}", String::from_utf8_lossy(&done.out), done.err);
        assert!(String::from_utf8_lossy(&done.out).contains("1 passed"));
    }

    fn said(&self, lab: &SharedLab, args: &[&str]) -> String {
        let ran = self.run(lab, args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        String::from_utf8(ran.out).unwrap()
    }

    /// Ids of the records that words mean.
    fn found(&self, lab: &SharedLab, words: &str) -> Vec<String> {
        let said = self.said(lab, &["list", "--filter", words, "--columns", "id", "--format", "csv"]);
        said.lines().skip(1).map(str::to_owned).collect()
    }
}

/// Set in the process that is the reader.
const READER: &str = "IVORYLENS_TEST_READER";

/// What the reader does in a process of their own, in which the system does not let them write.
fn as_reader(user: &User) {
    assert_eq!((user.sharing(), user.tags_of(21)), (Sharing::ReadOnly, vec!["salt".to_owned()]));
    user.change(21, &[MarkChange::Tag("mine".to_owned())]).unwrap();
    user.change(20, &[MarkChange::Star(true)]).unwrap();
    assert_eq!((user.own_marks(), user.tags_of(21)), (2, vec!["mine".to_owned(), "salt".to_owned()]));
    // Their word is the later one; a star that others gave stays under it.
    user.change(21, &[MarkChange::Verdict(Some(Verdict::Bad))]).unwrap();
    let mark = user.mark_of(21).unwrap();
    assert!(mark.star && mark.verdict == Some(Verdict::Bad));
    user.change(21, &[MarkChange::Star(false)]).unwrap();
    assert!(!user.mark_of(21).unwrap().star);
    user.note(21, "seen");
    let note = user.note_of(21).unwrap();
    assert!(note.contains("seen") && note.contains("the pump was dry"), "{note}");
}

#[test]
fn who_can_only_read_sees_what_is_shared_and_keeps_their_own() {
    if let Some(data) = std::env::var_os(READER) {
        return as_reader(&User::here(data.into()));
    }
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    mara.tags(21, &["salt"]);
    mara.note(21, "the pump was dry");
    mara.change(21, &[MarkChange::Star(true)]).unwrap();
    mara.said(&["delete", "7", "--yes"]);
    fs::set_permissions(lab.data(), fs::Permissions::from_mode(0o755)).unwrap();
    mara.said(&["share"]);
    for (path, mode) in [("ivorylens.db", 0o444), ("", 0o555)] {
        fs::set_permissions(lab.folder().join(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    let reader = Reader::of(&lab);
    let shared = files(&lab.folder());
    assert_eq!(reader.found(&lab, "tag:salt"), ["21"]);
    let info = reader.said(&lab, &["info", "--json"]);
    assert!(
        info.contains("\"sharing\":\"read_only\"") || info.contains("\"sharing\": \"read_only\""),
        "{info}"
    );
    assert!(reader.said(&lab, &["info"]).contains("only read: you may not write there"));
    for args in [&["share"][..], &["share", "--stop"]] {
        let ran = reader.run(&lab, args);
        assert!(ran.code == Some(1) && ran.err.contains("you may not write there"), "{args:?}: {}", ran.err);
    }
    let trash = reader.run(&lab, &["trash"]);
    assert!(trash.code == Some(0) && trash.err.contains("the trash is empty"), "{}", trash.err);
    reader.is_itself(&lab, "people::who_can_only_read_sees_what_is_shared_and_keeps_their_own");
    assert_eq!(reader.found(&lab, "tag:mine"), ["21"]);
    assert_eq!(mara.tags_of(21), ["salt"]);
    assert_eq!(files(&lab.folder()), shared, "nothing of theirs is there");
    fs::set_permissions(lab.folder(), fs::Permissions::from_mode(0o755)).unwrap();
}

/// `restore --last` means the newest delete of who says it.
#[test]
fn the_last_delete_is_ones_own() {
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    for path in [lab.data().to_path_buf(), lab.data().join("ivoryos.db")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    mara.said(&["share"]);
    mara.said(&["delete", "7", "--yes"]);
    let shared = Connection::open(lab.folder().join("ivorylens.db")).unwrap();
    mara.said(&["delete", "4", "--yes"]);
    shared.execute("UPDATE trash SET deleted_by = 'somebody else' WHERE run = 4", []).unwrap();
    drop(shared);
    assert!(mara.said(&["restore", "--last"]).starts_with("#7 is back"));
    mara.refuses(3, "there is nothing to take back", &["restore", "--last"]);
    assert!(mara.said(&["restore", "2"]).starts_with("#4 is back"));
    // Who may write there may do so also as another user of the system.
    let reader = Reader::of(&lab);
    let done = reader.said(&lab, &["delete", "9", "--yes"]);
    assert!(done.contains("in the trash"), "{done}");
    assert_eq!(lab.shared_entries(), [(3, 9)]);
    assert_eq!(mara.sharing(), Sharing::Shared);
    if reader.is_root {
        mara.refuses(3, "there is nothing to take back", &["restore", "--last"]);
    }
    assert!(reader.said(&lab, &["restore", "--last"]).starts_with("#9 is back"));
}
