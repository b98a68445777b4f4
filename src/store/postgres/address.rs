//! Which server and database are meant, and what is needed to connect.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    password_file::{self, Variables, is_folder},
    settings::{self, Settings},
    uri::{self, encoded},
};
use crate::{
    error::{Error, Result},
    platform::folders::{SOCKET_FOLDERS, libpq_files},
};

/// How a connection is encrypted, as libpq means it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    Disable,
    /// Where the server can, whoever it is.
    Prefer,
    /// Always, whoever it is.
    Require,
    /// Always, and the certificate is of a known authority.
    VerifyCa,
    /// The same, and it is of this host.
    VerifyFull,
}

/// A server and a database on it, with all that is needed to connect but a password that has to be asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// A name, an IP address, or a folder of sockets, and the port.
    pub hosts: Vec<(String, u16)>,
    pub user: String,
    pub database: String,
    pub(super) password: Option<String>,
    /// It stood in the address, so the list of processes shows it.
    pub has_open_password: bool,
    pub encryption: Encryption,
    pub root_certificate: Option<PathBuf>,
    /// The client's own certificate and key.
    pub certificate: Option<(PathBuf, PathBuf)>,
    pub options: Option<String>,
    pub application: String,
    /// Seconds.
    pub connect_timeout: Option<u64>,
}

impl std::fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.shown())
    }
}

const PORT: u16 = 5432;
/// No statement is thought to take longer, whatever is allowed.
const LONGEST: Duration = Duration::from_secs(3_600);
/// As `sslrootcert` the authorities that the system trusts.
pub const SYSTEM: &str = "system";

impl ServerAddress {
    /// Reads a URI (`postgresql://user@host:port/base?sslmode=require`, with or without `+driver`); what it does not say
    /// comes from the service file, then from libpq's variables.
    ///
    /// # Errors
    /// [`Error::Usage`] where it is no such URI, and [`Error::File`] for a service file that can't be read.
    pub fn read(uri: &str, env: Variables<'_>) -> Result<Self> {
        let settings = uri::parse(uri).map_err(|reason| usage(&reason))?;
        let has_open_password = settings.contains_key("password");
        let settings = settings::with_libpqs(settings, env)?;
        Self::of(&settings, has_open_password, env).map_err(|reason| usage(&reason))
    }

    fn of(
        settings: &Settings,
        has_open_password: bool,
        env: Variables<'_>,
    ) -> std::result::Result<Self, String> {
        let get = |key: &str| settings.get(key).filter(|value| !value.is_empty());
        let user = get("user")
            .cloned()
            .or_else(|| env("USER"))
            .or_else(|| env("LOGNAME"))
            .or_else(|| env("USERNAME"));
        let user = user.ok_or("it names no user")?;
        let hosts = hosts(get("host").map(String::as_str), get("port").map(String::as_str))?;
        let database = get("dbname").cloned().unwrap_or_else(|| user.clone());
        let files = libpq_files(env);
        let own = |name: &str| Some(files.certificates.as_ref()?.join(name)).filter(|path| path.is_file());
        let root_certificate = get("sslrootcert").map(PathBuf::from).or_else(|| own("root.crt"));
        let pair = (get("sslcert").map(PathBuf::from).or_else(|| own("postgresql.crt")))
            .zip(get("sslkey").map(PathBuf::from).or_else(|| own("postgresql.key")));
        let is_systems = root_certificate.as_ref().is_some_and(|file| file.as_os_str() == SYSTEM);
        let mut encryption = match get("sslmode").map(String::as_str) {
            // As libpq: anybody has a certificate of some authority of the system's, so the name must be right.
            None if is_systems => Encryption::VerifyFull,
            Some(mode) if is_systems && mode != "verify-full" => {
                return Err(format!("sslrootcert={SYSTEM} wants sslmode=verify-full, not {mode}"));
            }
            None | Some("prefer" | "allow") => Encryption::Prefer,
            Some("disable") => Encryption::Disable,
            Some("require") => Encryption::Require,
            Some("verify-ca") => Encryption::VerifyCa,
            Some("verify-full") => Encryption::VerifyFull,
            Some(other) => return Err(format!("sslmode={other} is none of libpq's")),
        };
        // libpq takes a certificate of authorities that is there for the wish to look at it.
        if encryption == Encryption::Require && root_certificate.is_some() {
            encryption = Encryption::VerifyCa;
        }
        let seconds =
            |text: &String| text.parse().map_err(|_| format!("connect_timeout={text} is no number"));
        let password = get("password").cloned().or_else(|| {
            let file = get("passfile").map(PathBuf::from);
            let file = file.or_else(|| files.passwords.clone())?;
            let of = |(host, port): &(String, u16)| password_file::find(&file, host, *port, &database, &user);
            hosts.iter().find_map(of)
        });
        Ok(Self {
            password,
            has_open_password,
            encryption,
            root_certificate,
            certificate: pair,
            options: get("options").cloned(),
            application: get("application_name").cloned().unwrap_or_else(|| "ivorylens".to_owned()),
            connect_timeout: get("connect_timeout").map(seconds).transpose()?,
            hosts,
            user,
            database,
        })
    }

    /// The same with a password that was asked for.
    #[must_use]
    pub fn with_password(self, password: String) -> Self {
        Self { password: Some(password), ..self }
    }

    /// The address as it is shown, and by which the database is known: never with a password.
    pub fn shown(&self) -> String {
        let host = |(host, port): &(String, u16)| {
            let host = if is_ip6(host) { format!("[{host}]") } else { host.clone() };
            if *port == PORT { host } else { format!("{host}:{port}") }
        };
        let (user, database) = (encoded(&self.user), encoded(&self.database));
        match self.hosts.first() {
            Some((folder, port)) if is_folder(folder) => {
                let port = if *port == PORT { String::new() } else { format!("&port={port}") };
                format!("postgresql://{user}@/{database}?host={}{port}", encoded(folder))
            }
            _ => {
                let hosts: Vec<String> = self.hosts.iter().map(host).collect();
                format!("postgresql://{user}@{}/{database}", hosts.join(","))
            }
        }
    }

    /// How long its options let a statement take, an hour where they set no limit or one that is not understood; `None`
    /// where they say nothing of it.
    pub fn statement_timeout(&self) -> Option<Duration> {
        let (_, said) = self.options.as_ref()?.split_once("statement_timeout=")?;
        let said = said.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
        let (number, unit) = said.split_at(said.bytes().take_while(u8::is_ascii_digit).count());
        let number = number.parse().ok().filter(|number| *number > 0);
        let time = match (number, unit) {
            (Some(number), "" | "ms") => Duration::from_millis(number),
            (Some(number), "s") => Duration::from_secs(number),
            _ => LONGEST,
        };
        Some(time.min(LONGEST))
    }

    /// `host/base`, for the head of a screen.
    pub fn brief(&self) -> String {
        let host = self.hosts.first().map_or("", |(host, _)| host);
        let host = if is_folder(host) { "localhost" } else { host };
        format!("{host}/{}", self.database)
    }
}

fn usage(reason: &str) -> Error {
    Error::Usage(format!(
        "the address of the database can't be used: {reason}; give postgresql://USER@HOST:PORT/BASE"
    ))
}

fn is_ip6(host: &str) -> bool {
    host.contains(':') && !is_folder(host)
}

/// Names and ports, one port for all or one for each.
fn hosts(names: Option<&str>, ports: Option<&str>) -> std::result::Result<Vec<(String, u16)>, String> {
    let socket = || {
        let there = SOCKET_FOLDERS.iter().find(|folder| Path::new(folder).join(".s.PGSQL.5432").exists());
        there.map_or("localhost", |folder| folder).to_owned()
    };
    let names: Vec<String> = match names {
        Some(names) => names.split(',').map(str::to_owned).collect(),
        None => vec![socket()],
    };
    let ports: Vec<&str> = ports.unwrap_or_default().split(',').collect();
    let port = |at: usize| match ports.get(at).or_else(|| ports.first().filter(|_| ports.len() == 1)) {
        None | Some(&"") => Ok(PORT),
        Some(text) => text.parse().map_err(|_| format!("{text} is no port")),
    };
    names.into_iter().enumerate().map(|(at, name)| Ok((name, port(at)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(uri: &str) -> ServerAddress {
        ServerAddress::read(uri, &|name| (name == "USER").then(|| "mara".to_owned())).unwrap()
    }

    #[test]
    fn the_time_of_a_statement_is_as_the_options_say() {
        for (options, seconds) in [
            ("", None),
            ("?options=-c%20statement_timeout%3D2500", Some(2)),
            ("?options=-c%20statement_timeout%3D90s%20-c%20geqo%3Doff", Some(90)),
            ("?options=-c%20statement_timeout%3D0", Some(3_600)),
            ("?options=-c%20statement_timeout%3D2h", Some(3_600)),
        ] {
            let address = read(&format!("postgresql://ann@db/x{options}"));
            assert_eq!(address.statement_timeout().map(|time| time.as_secs()), seconds, "{options}");
        }
    }

    #[test]
    fn addresses_are_read_as_ivoryos_does_and_shown_without_their_password() {
        for (uri, shown) in [
            ("postgresql://ann:s%40cret@db.lab/ivory", "postgresql://ann@db.lab/ivory"),
            ("postgresql+psycopg2://ann:pw@db.lab:5433/ivory", "postgresql://ann@db.lab:5433/ivory"),
            ("postgres://ann@db.lab:5432/ivory", "postgresql://ann@db.lab/ivory"),
            ("postgresql://db.lab", "postgresql://mara@db.lab/mara"),
            (
                "postgresql:///ivory?host=/run/pg&port=5433&user=ann&password=x",
                "postgresql://ann@/ivory?host=%2Frun%2Fpg&port=5433",
            ),
            ("postgresql://a%2Fb@[::1]:5434/c%20d", "postgresql://a%2Fb@[::1]:5434/c%20d"),
            ("postgresql://ann@one,two:5433/x", "postgresql://ann@one,two:5433/x"),
        ] {
            let address = read(uri);
            assert_eq!(address.shown(), shown);
            assert!(!format!("{address:?}").contains("pw"));
            assert_eq!(read(shown).shown(), shown, "what is shown means the same");
        }
        let address = read("postgresql://ann:s%40cret@db.lab/ivory?sslmode=verify-full&connect_timeout=3");
        assert_eq!(address.password.as_deref(), Some("s@cret"));
        assert!(address.has_open_password);
        assert_eq!((address.encryption, address.connect_timeout), (Encryption::VerifyFull, Some(3)));
        assert_eq!(address.brief(), "db.lab/ivory");
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_password() {
        for uri in [
            "mysql://a:pw@b/c",
            "postgresql://a:pw@b:port/c",
            "postgresql://a:pw%@b/c",
            "postgresql://a:pw@b/c?sslmode=perhaps",
            "postgresql://a:pw@b/c?x",
        ] {
            let said = ServerAddress::read(uri, &|_| None).unwrap_err().to_string();
            assert!(!said.contains("pw") && said.contains("; give postgresql://"), "{said}");
        }
    }
}
