//! Files and folders that an export writes, whole or not at all.

#[cfg(unix)]
use std::process::Command;

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

fn write(target: &Target, text: &str) -> Result<Written> {
    let mut sink = Sink::open(target)?;
    sink.write_all(text.as_bytes()).map_err(|e| sink.error(e))?;
    sink.finish()
}

fn free(folder: &Path, name: &str) -> Target {
    Target::Free { folder: folder.to_owned(), name: name.to_owned() }
}

#[test]
fn a_file_is_replaced_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let written = write(&Target::named(&path, false), "one").unwrap();
    assert_eq!(written, Written { path: Some(path.clone()), bytes: 3, cut: false });
    let refused = write(&Target::named(&path, false), "two").unwrap_err().to_string();
    assert_eq!(refused, format!("{}: exists; --overwrite replaces it", path.display()));
    assert_eq!(fs::read(&path).unwrap(), b"one");
    write(&Target::named(&path, true), "three").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"three");
    assert_eq!(names(folder.path()), ["a.csv"]);
}

#[test]
fn a_file_that_appears_meanwhile_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let sink = Sink::open(&Target::named(&path, false)).unwrap();
    fs::write(&path, "theirs").unwrap();
    assert!(matches!(sink.finish(), Err(Error::Advised { .. })));
    assert_eq!((fs::read(&path).unwrap(), names(folder.path()).len()), (b"theirs".to_vec(), 1));
}

#[test]
fn a_free_name_is_found_and_stays_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        write(&free(folder.path(), "../a_steps.csv"), "x").unwrap();
    }
    assert_eq!(names(folder.path()), [".._a_steps (2).csv", ".._a_steps (3).csv", ".._a_steps.csv"]);
    let long = write(&free(folder.path(), &("é".repeat(300) + ".csv")), "x").unwrap();
    assert!(long.cut);
    let made = [free_folder(folder.path(), "all").unwrap(), free_folder(folder.path(), "all").unwrap()];
    assert_eq!(made, [folder.path().join("all"), folder.path().join("all (2)")]);
}

#[test]
fn what_is_not_finished_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = Sink::open(&free(folder.path(), "a.csv")).unwrap();
    sink.write_all(&vec![b'x'; 3 * BUFFER]).unwrap();
    drop(sink);
    let cancel = Cancel::default();
    let mut sink = Sink::open(&free(folder.path(), "a.csv")).unwrap().cancelled_by(cancel.clone());
    sink.write_all(b"x").unwrap();
    cancel.cancel();
    let e = sink.write_all(b"y").unwrap_err();
    assert!(matches!(sink.error(e), Error::Cancelled));
    assert!(matches!(sink.finish(), Err(Error::Cancelled)));
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn a_lost_folder_is_named() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("gone");
    let missing = write(&free(&folder, "a.csv"), "x").unwrap_err().to_string();
    assert!(
        missing.starts_with(&format!("{}: ", folder.display())) && !missing.contains(".part"),
        "{missing}"
    );
    fs::create_dir(&folder).unwrap();
    let sink = Sink::open(&free(&folder, "a.csv")).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let lost = sink.finish().unwrap_err().to_string();
    assert!(lost.starts_with(&format!("{}: ", folder.join("a.csv").display())), "{lost}");
    assert!(
        write(&Target::named(outer.path(), true), "x")
            .unwrap_err()
            .to_string()
            .ends_with("name a file in it")
    );
}

#[test]
fn a_taken_name_is_not_taken_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let file = || tempfile::NamedTempFile::new_in(folder.path()).unwrap().into_temp_path();
    assert!(take_name(file(), &path).is_ok());
    assert_eq!(take_name(file(), &path).unwrap_err().0.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(names(folder.path()), ["a"]);
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_rights_that_any_has() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let written = write(&free(folder.path(), "a.csv"), "x").unwrap().path.unwrap();
    fs::write(folder.path().join("plain"), "x").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&written), mode(&folder.path().join("plain")));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    write(&Target::named(&link, true), "new").unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&file).unwrap(), b"new");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_straight() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reading = pipe.clone();
    let reader = std::thread::spawn(move || fs::read(reading).unwrap());
    write(&Target::named(&pipe, false), "through").unwrap();
    assert_eq!(reader.join().unwrap(), b"through");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_exactly() {
    let full = write(&Target::named(Path::new("/dev/full"), false), "x").unwrap_err().to_string();
    assert_eq!(
        full,
        "/dev/full: the disk is full (No space left on device); make room, or name a place on another disk"
    );
}

#[test]
fn a_closed_pipe_is_known() {
    let e = stream_error(None, io::Error::from(io::ErrorKind::BrokenPipe));
    assert!(e.is_broken_pipe());
    assert!(!stream_error(None, io::Error::from(io::ErrorKind::StorageFull)).is_broken_pipe());
}
