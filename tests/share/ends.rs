//! Moves that are killed at any write, and people who mark while others share and end that.

#![cfg(target_os = "linux")]

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Read as _,
    path::Path,
    process::Stdio,
};

use rusqlite::Connection;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::inotify::{self, WatchFlags},
};

use crate::users::{SharedLab, User, entries};

/// Longer than anything takes.
const PATIENCE: Timespec = Timespec { tv_sec: 30, tv_nsec: 0 };

/// Kills the program behind so many writes into these folders; false where it ended before.
fn killed(user: &User, data: &Path, args: &[&str], writes: usize, folders: &[&Path]) -> bool {
    let watch = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
    let what = WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::DELETE;
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        inotify::add_watch(&watch, *folder, what).unwrap();
    }
    let mut watch = File::from(watch);
    let mut command = user.command(data, args);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let ended = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).unwrap();
    for _ in 0..writes {
        let mut heard = [PollFd::new(&watch, PollFlags::IN), PollFd::new(&ended, PollFlags::IN)];
        assert!(poll(&mut heard, Some(&PATIENCE)).unwrap() > 0, "nothing happens");
        if heard[0].revents().is_empty() {
            assert!(child.wait().unwrap().success());
            return false;
        }
        assert!(watch.read(&mut [0; 64]).unwrap() > 0);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

/// Each entry is somewhere, and after the same again in one place only.
#[test]
fn what_a_kill_ends_goes_on_with_the_same_again() {
    let lab = SharedLab::new();
    let mara = lab.user("mara");
    let rows = lab.rows();
    for run in [21, 20, 19] {
        mara.tags(run, &["salt"]);
    }
    let deleted: BTreeSet<i64> = [25, 24, 7, 9].into();
    mara.said(&["delete", "25", "--yes", "--with-files"]);
    mara.said(&["delete", "24", "7", "9", "--yes"]);
    let log = lab.data().join("logs/error_ends_the_table_2026-11-24 03-00-52.log");
    let (own, shared) = (mara.own_file(), lab.folder().join("ivorylens.db"));
    assert!(!log.exists());
    let mut kills = 0;
    for writes in (1..120).step_by(11) {
        for args in [&["share"][..], &["share", "--stop"]] {
            let folders = [own.parent().unwrap(), lab.data(), &lab.folder()];
            kills += usize::from(killed(&mara, lab.data(), args, writes, &folders));
            let there = || [&own, &shared].map(|file| entries(file)).concat();
            let runs: BTreeSet<i64> = there().into_iter().map(|(_, run)| run).collect();
            assert_eq!(runs, deleted, "{args:?} {writes}");
            for run in [21, 20, 19] {
                assert_eq!(mara.tags_of(run), ["salt"], "{args:?} {writes}");
            }
            if args.len() == 1 || lab.folder().exists() {
                mara.said(args);
            }
            assert_eq!(there().len(), deleted.len(), "{args:?} {writes}");
            let all_in = if args.len() == 1 { &shared } else { &own };
            assert_eq!(entries(all_in).len(), deleted.len(), "{args:?} {writes}");
            assert_eq!(lab.folder().exists(), args.len() == 1);
        }
    }
    assert!(kills > 7, "{kills} kills");
    mara.said(&["share"]);
    while !lab.shared_entries().is_empty() {
        mara.said(&["restore", "--last"]);
    }
    assert_eq!(lab.rows(), rows);
    assert!(log.exists(), "its file came along each time");
    let left = fs::read_dir(lab.folder().join("trash-files")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing is left of it");
}

/// The same for what is taken over.
#[test]
fn a_killed_take_over_is_offered_again() {
    let mut kills = 0;
    for writes in (1..60).step_by(9) {
        let lab = SharedLab::new();
        let mara = lab.user("mara");
        mara.tags(21, &["salt"]);
        mara.tags(20, &["salt"]);
        mara.said(&["delete", "7", "9", "--yes"]);
        let old = mara.own_file();
        let away = lab.data().with_file_name("away");
        fs::rename(lab.data(), &away).unwrap();
        let there = lab.user_at("mara", &away);
        let own = there.own_file();
        fs::create_dir_all(own.parent().unwrap()).unwrap();
        let folders = [own.parent().unwrap(), old.parent().unwrap()];
        let was_killed = killed(&there, &away, &["marks", "adopt"], writes, &folders);
        kills += usize::from(was_killed);
        if there.run(&["trash"]).err.contains("marks adopt") {
            there.said(&["marks", "adopt"]);
        }
        assert_eq!(entries(&own).iter().map(|(_, run)| *run).collect::<Vec<_>>(), [7, 9], "{writes}");
        assert_eq!((there.tags_of(21), there.tags_of(20)), (vec!["salt".into()], vec!["salt".into()]));
    }
    assert!(kills > 1, "{kills} kills");
}

/// All that several people mark at random is there at the end, whoever shares and ends it meanwhile.
#[test]
fn what_is_marked_while_others_share_is_all_there() {
    const MARKS: i64 = 40;
    let lab = SharedLab::new();
    let (mara, lee, kim) = (lab.user("mara"), lab.user("lee"), lab.user("kim"));
    mara.tags(1, &["first"]);
    std::thread::scope(|scope| {
        for (user, name) in [(&lee, "lee"), (&kim, "kim"), (&mara, "mara")] {
            scope.spawn(move || {
                for n in 0..MARKS {
                    user.tags(1 + n % 7, &[&format!("{name}-{n}")]);
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..6 {
                mara.said(&["share"]);
                mara.said(&["share", "--stop"]);
            }
        });
        scope.spawn(|| {
            for _ in 0..4 {
                lee.said(&["share"]);
            }
        });
    });
    mara.said(&["share"]);
    let mut found = BTreeSet::new();
    for user in [&mara, &lee, &kim] {
        found.extend((1..=7).flat_map(|run| user.tags_of(run)));
    }
    let mut wanted: BTreeSet<String> = ["first".to_owned()].into();
    for name in ["mara", "lee", "kim"] {
        wanted.extend((0..MARKS).map(|n| format!("{name}-{n}")));
    }
    assert_eq!(wanted.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new());
    for file in [mara.own_file(), lee.own_file(), lab.folder().join("ivorylens.db")] {
        let check: String = Connection::open(file)
            .unwrap()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok");
    }
}
