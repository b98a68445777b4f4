//! A PostgreSQL server of a test's own: in a temporary folder, on a free port, gone at the end.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use postgres::{Client, NoTls};
use tempfile::TempDir;

/// A running server.
pub struct Server {
    folder: TempDir,
    programs: PathBuf,
    /// Whom it runs as: it refuses root.
    user: Option<(u32, u32)>,
    port: u16,
    databases: AtomicUsize,
    options: String,
}

/// Where Debian's package `postgresql`, and others, put the server's programs, the newest at the end.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.split('.').next()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path);
    found.into_iter().rev().map(|(_, path)| path).chain(on_path).find(|path| path.join("initdb").is_file())
}

fn of_postgres() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut parts = line.split(':').skip(2);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The one that tests share which run at the same time.
static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());

impl Server {
    /// The one that tests of a program share, gone with the last of them; `None` as with [`Server::start`].
    pub fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// Starts one; `None`, and a word about it, where no server is installed.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// The same with options of the server.
    pub fn start_with(options: &str) -> Option<Self> {
        let is_root = rustix::process::geteuid().is_root();
        let user = if is_root { of_postgres() } else { None };
        let Some(programs) = programs().filter(|_| !is_root || user.is_some()) else {
            eprintln!(
                "no PostgreSQL server is installed (Debian: apt-get install postgresql): nothing was tested"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        if let Some((user, group)) = user {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let options = options.to_owned();
        let server = Self { folder, programs, user, port, databases: AtomicUsize::new(0), options };
        let data = server.data();
        let words = ["-D", &data, "-U", "lab", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
        server.run("initdb", &words);
        server.resume();
        Some(server)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    /// A file in the server's own folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, program: &str, words: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command.args(words).current_dir(self.folder.path()).env("LC_ALL", "C");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        // The server must not keep a pipe of ours open.
        let log = fs::File::options().create(true).append(true).open(self.path("said")).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let ended = command.status().unwrap();
        let said = || fs::read_to_string(self.path("said")).unwrap_or_default();
        assert!(ended.success(), "{program}: {}", said());
    }

    /// Starts it again after [`Server::halt`].
    pub fn resume(&self) {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c autovacuum=off {}",
            self.port,
            self.folder.path().display(),
            self.options
        );
        let log = self.path("log");
        self.run("pg_ctl", &["-D", &self.data(), "-w", "-l", log.to_str().unwrap(), "-o", &options, "start"]);
    }

    /// Ends it as a crash does, with all connections.
    pub fn halt(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    /// Lets users in as these lines of `pg_hba.conf` say, and nobody else.
    pub fn allow(&self, lines: &str) {
        fs::write(self.path("data/pg_hba.conf"), lines).unwrap();
        // A reload would be noticed some time later.
        self.halt();
        self.resume();
    }

    /// Takes encrypted connections with this certificate and key.
    pub fn encrypt(&self, certificate: &Path, key: &Path) {
        let own = |from: &Path, name: &str| {
            let to = self.path(name);
            fs::copy(from, &to).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
            if let Some((user, group)) = self.user {
                std::os::unix::fs::chown(&to, Some(user), Some(group)).unwrap();
            }
        };
        own(certificate, "data/server.crt");
        own(key, "data/server.key");
        self.connect("postgres").batch_execute("alter system set ssl = on").unwrap();
        self.halt();
        self.resume();
    }

    pub fn address(&self) -> std::net::SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// The address of a database.
    pub fn uri(&self, name: &str) -> String {
        format!("postgresql://lab@127.0.0.1:{}/{name}", self.port)
    }

    pub fn connect(&self, name: &str) -> Client {
        Client::connect(&self.uri(name), NoTls).unwrap()
    }

    fn next(&self) -> String {
        format!("lab{}", self.databases.fetch_add(1, Ordering::Relaxed))
    }

    /// A new database with what plain SQL makes; its name.
    pub fn create(&self, sql: &str) -> String {
        let name = self.next();
        self.connect("postgres")
            .batch_execute(&format!("create database {name} template template0"))
            .unwrap();
        self.connect(&name).batch_execute(sql).unwrap();
        name
    }

    /// A copy of a database, which nobody may have open; its name.
    pub fn copy(&self, of: &str) -> String {
        let name = self.next();
        self.connect("postgres").batch_execute(&format!("create database {name} template {of}")).unwrap();
        name
    }

    /// The database of a reference set.
    pub fn of_set(&self, set: &Path) -> String {
        self.create(&fs::read_to_string(set.join("dump.sql")).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.halt();
            return;
        }
        let pid = fs::read_to_string(self.path("data/postmaster.pid")).unwrap_or_default();
        let pid =
            pid.lines().next().and_then(|pid| pid.parse().ok()).and_then(rustix::process::Pid::from_raw);
        // The test has failed already: whatever this comes to.
        let _ = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::QUIT));
    }
}
