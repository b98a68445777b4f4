//! kill -9 and a full disk at any write. More kills: `IVORYLENS_KILLS=200 cargo test --release --test trash kill`.

#![cfg(target_os = "linux")]

use std::{
    fs::File,
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::inotify::{self, WatchFlags},
};

use ivorylens::store::Options;

use super::lab::{TrashLab, folders};
use crate::common::{Set, lab::Made};

/// Longer than anything takes.
const PATIENCE: Timespec = Timespec { tv_sec: 30, tv_nsec: 0 };

fn program(lab: &TrashLab, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.arg("--data").arg(lab.database()).args(args);
    command.env_remove("IVORYLENS_DATA").env("XDG_STATE_HOME", lab.state());
    command.env("HOME", lab.state()).env("XDG_CACHE_HOME", lab.state());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Kills the program behind so many writes into the lab's folder and the trash's; false where it ended before.
fn killed(lab: &TrashLab, args: &[&str], writes: usize) -> bool {
    let watch = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
    let trash = lab.place().file;
    std::fs::create_dir_all(trash.parent().unwrap()).unwrap();
    let what = WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::DELETE;
    for folder in [lab.database().parent().unwrap(), trash.parent().unwrap()] {
        inotify::add_watch(&watch, folder, what).unwrap();
    }
    let mut watch = File::from(watch);
    let mut child = program(lab, args).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    // It ends where the process does, also one that is not waited for yet.
    let ended = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).unwrap();
    let mut seen = 0;
    while seen < writes {
        let mut heard = [PollFd::new(&watch, PollFlags::IN), PollFd::new(&ended, PollFlags::IN)];
        assert!(poll(&mut heard, Some(&PATIENCE)).unwrap() > 0, "nothing happens");
        if !heard[0].revents().is_empty() {
            // As small as events come, so that few are taken at once.
            let mut event = [0; 64];
            assert!(watch.read(&mut event).unwrap() > 0);
            seen += 1;
        } else {
            assert!(child.wait().unwrap().success());
            return false;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

fn run(lab: &TrashLab, args: &[&str]) -> bool {
    program(lab, args).status().unwrap().success()
}

/// The same numbers for the same seed.
fn random(seed: &mut u64, below: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize % below
}

#[test]
fn a_kill_leaves_each_row_somewhere_and_the_next_command_finishes() {
    let rounds = std::env::var("IVORYLENS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    let mut seed = std::env::var("IVORYLENS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(7);
    println!("seed {seed}");
    let made = Made::with_long(5, (900, 8));
    let lab = TrashLab::of(made.data().to_path_buf(), Options::without_cache());
    let (before, long) = (lab.dump(), made.long.to_string());
    let (mut kills, delete, restore) = (0, ["delete", &long, "2", "--yes", "--force"], ["restore", "--last"]);
    for round in 0..rounds {
        // A delete writes some thousand times, mostly at its end; some are killed early.
        let below = [60, 400, 4_000][round % 3];
        let was_killed = killed(&lab, &delete, random(&mut seed, below));
        kills += usize::from(was_killed);
        lab.assert_whole(&before);
        let left: Vec<String> =
            lab.runs().iter().map(i64::to_string).filter(|run| *run == long || run == "2").collect();
        if !left.is_empty() {
            let mut again = vec!["delete", "--yes", "--force"];
            again.extend(left.iter().map(String::as_str));
            assert!(run(&lab, &again), "round {round}");
        }
        assert_eq!(lab.runs().len(), lab.all() - 2, "round {round}");
        while !lab.entries().is_empty() {
            kills += usize::from(killed(&lab, &restore, random(&mut seed, below)));
            lab.assert_whole(&before);
            if !lab.entries().is_empty() {
                assert!(run(&lab, &restore), "round {round}");
            }
        }
        assert_eq!(lab.dump(), before, "round {round}");
    }
    assert!(kills > rounds / 2, "{kills} kills");
}

/// Runs the program with files that may have no more than so many blocks of 512 bytes.
fn limited(lab: &TrashLab, blocks: usize, args: &[&str]) -> bool {
    let program = program(lab, args);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -f {blocks}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_ivorylens")]);
    command.args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap().success()
}

/// A file that can't grow is what a full disk is to each write, in turn.
#[test]
fn where_no_more_can_be_written_nothing_is_lost() {
    let set = Set::open("ivoryos-1.7.2");
    let lab = TrashLab::of(set.copy(), Options::without_cache());
    let before = lab.dump();
    let most = blocks(&lab.database()) + 64;
    let (mut failed, mut done) = (0, 0);
    for blocks in (0..most).step_by(9).chain([most * 2]) {
        let deleted = limited(&lab, blocks, &["delete", "25", "24", "--yes"]);
        lab.assert_whole(&before);
        if deleted {
            done += 1;
            while !lab.entries().is_empty() && !limited(&lab, blocks, &["restore", "--last"]) {
                lab.assert_whole(&before);
                assert!(run(&lab, &["restore", "--last"]), "{blocks} blocks");
            }
        } else {
            failed += 1;
            while !lab.entries().is_empty() {
                assert!(run(&lab, &["restore", "--last"]), "{blocks} blocks");
            }
        }
        assert_eq!(lab.dump(), before, "{blocks} blocks");
    }
    assert!(failed > 10 && done > 0, "{failed} failed, {done} did not");
}

fn blocks(file: &Path) -> usize {
    usize::try_from(file.metadata().unwrap().len() / 512).unwrap()
}

/// The trash of the tests is where the program has it.
#[test]
fn the_program_and_the_tests_have_one_trash() {
    let set = Set::open("ivoryos-1.7.2");
    let lab = TrashLab::of(set.copy(), Options::without_cache());
    assert!(run(&lab, &["delete", "25", "--yes"]));
    assert_eq!(lab.entries().len(), 1);
    assert!(folders(lab.state()).own_place(&lab.database()).unwrap().file.exists());
}
