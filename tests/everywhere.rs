//! The static binary where there is nothing else: as the only file of a root folder, in a terminal, with a time zone and
//! hosts of its own.
//!
//! `packaging/try` makes the binary and runs this. Without IVORYLENS_STATIC, which names one, and where the system
//! allows no chroot, that is said and nothing is tested.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a broken case must stop its test")]

#[path = "common/terminal.rs"]
#[expect(dead_code, reason = "one screen needs less than the other tests")]
mod terminal;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use jiff::civil::DateTime;
use portable_pty::CommandBuilder;
use tempfile::TempDir;

use terminal::Terminal;

/// A root folder that holds the program and a place for temporary files.
struct Root {
    folder: TempDir,
    /// What starts a program in another root folder.
    chroot: &'static [&'static str],
}

/// Who is not root may be it in a namespace of users of their own.
const CHROOTS: [&[&str]; 2] = [&["chroot"], &["unshare", "--map-root-user", "chroot"]];

impl Root {
    fn with_the_binary() -> Option<Self> {
        let Some(binary) = std::env::var_os("IVORYLENS_STATIC") else {
            eprintln!("IVORYLENS_STATIC names no static binary: nothing was tested");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        // What chroot says of a program that is not there; of a root that it may not change to it says something else.
        let allowed = |chroot: &&&[&str]| {
            let ran = command(chroot, folder.path(), "/nothing").output();
            ran.is_ok_and(|output| output.status.code() == Some(127))
        };
        let Some(chroot) = CHROOTS.iter().find(allowed) else {
            eprintln!("this system allows no chroot: nothing was tested");
            return None;
        };
        fs::create_dir(folder.path().join("tmp")).unwrap();
        fs::copy(&binary, folder.path().join("ivorylens")).unwrap();
        Some(Self { folder, chroot })
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn run(&self, variables: &[(&str, &str)], args: &[&str]) -> Output {
        let mut command = command(self.chroot, self.folder.path(), "/ivorylens");
        command.env_clear().envs(variables.iter().copied()).args(args);
        // chroot itself is looked for.
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).output().unwrap()
    }

    /// What the program prints.
    fn prints(&self, variables: &[(&str, &str)], args: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.run(variables, args);
        assert!(status.success(), "{args:?}: {status}, {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }
}

fn command(chroot: &[&str], root: &Path, program: &str) -> Command {
    let (first, rest) = chroot.split_first().unwrap();
    let mut command = Command::new(first);
    command.args(rest).arg(root).arg(program);
    command
}

#[test]
fn it_starts_as_the_only_file_there_is() {
    let Some(root) = Root::with_the_binary() else { return };
    assert_eq!(root.prints(&[], &["--version"]), concat!("ivorylens ", env!("CARGO_PKG_VERSION"), "\n"));
    let demo = root.prints(&[], &["demo"]);
    assert!(demo.contains("flow_optimizer") && demo.contains("`ivorylens demo`"), "{demo}");
    assert!(root.prints(&[], &["man"]).contains(".SH KEYS"));
}

#[test]
fn its_screens_open_and_give_the_terminal_back() {
    let Some(root) = Root::with_the_binary() else { return };
    let (first, rest) = root.chroot.split_first().unwrap();
    let mut command = CommandBuilder::new(first);
    command.args(rest);
    command.args([root.folder.path().to_str().unwrap(), "/ivorylens", "demo", "--still"]);
    for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8")] {
        command.env(name, value);
    }
    let mut terminal = Terminal::start_command(command, (110, 28));
    terminal.shows("61 records");
    terminal.send("e").shows("traceback");
    assert!(terminal.send("qq").ends_restored().success());
}

#[test]
fn its_time_is_that_of_the_zone() {
    let Some(root) = Root::with_the_binary() else { return };
    let at_bench = bench_zone();
    root.put("usr/share/zoneinfo/Lab/Bench", &at_bench);
    // The made-up lab has its times from the clock of the system.
    let newest = |variables: &[(&str, &str)], home: &str| -> DateTime {
        let variables: Vec<_> = variables.iter().copied().chain([("HOME", home)]).collect();
        let lab = root.prints(&variables, &["demo", "--path"]);
        let list = root.prints(
            &variables,
            &["list", "-d", lab.trim_end(), "--columns", "start_time", "--format", "csv", "--per-page", "1"],
        );
        let time = list.lines().nth(1).unwrap_or_default();
        time.parse().unwrap_or_else(|error| panic!("{list}: {error}"))
    };
    let universal = newest(&[("TZ", "UTC")], "/universal");
    // A minute may pass between two of them.
    let hours = |time: DateTime| (time.duration_since(universal).as_mins() + 30).div_euclid(60);
    assert_eq!(hours(newest(&[("TZ", "Lab/Bench")], "/variable")), 9);
    assert_eq!(hours(newest(&[], "/none")), 0, "it is UTC where nothing says a zone");
    root.put("etc/localtime", &at_bench);
    assert_eq!(hours(newest(&[], "/system")), 9);
}

/// A file of zoneinfo: nine hours east at any time, in both versions of its data.
fn bench_zone() -> Vec<u8> {
    let mut head = b"TZif2".to_vec();
    head.extend([0; 15]);
    // Of the six counts, one kind of time and the four bytes of its name.
    for count in [0_u32, 0, 0, 0, 1, 4] {
        head.extend(count.to_be_bytes());
    }
    head.extend((9_i32 * 3600).to_be_bytes());
    head.extend(*b"\0\0LAB\0");
    [head.clone(), head, b"\nLAB-9\n".to_vec()].concat()
}

#[test]
fn hosts_have_their_names_and_modules_of_the_system_are_left_alone() {
    let Some(root) = Root::with_the_binary() else { return };
    root.put("etc/hosts", "127.0.0.1 labdb\n");
    root.put("etc/nsswitch.conf", "hosts: probe files dns\n");
    root.put("etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    let module = module_that_ends_who_loads_it(&root);
    for place in ["lib", "lib64", "usr/lib", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"] {
        root.put(&format!("{place}/libnss_probe.so.2"), &module);
    }
    // Nobody listens on port 1: what is said of a host whose name is known, and of one whose name is not.
    for (host, said) in [("labdb", "refused"), ("nowhere.invalid", "failed to lookup address")] {
        let address = format!("postgresql://mara:x@{host}:1/lab?sslmode=disable");
        let output = root.run(&[("HOME", "/")], &["list", "--db", &address]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{host}: {}, {error}", output.status);
        assert!(error.contains(said), "{host}: {error}");
    }
}

fn module_that_ends_who_loads_it(root: &Root) -> Vec<u8> {
    root.put("probe.c", "__attribute__((constructor)) static void end(void) { __builtin_trap(); }\n");
    let (source, built) = (root.folder.path().join("probe.c"), root.folder.path().join("probe.so"));
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-nostdlib", "-o"]).args([&built, &source]);
    assert!(cc.status().unwrap().success());
    fs::read(built).unwrap()
}
