//! Where the records of a lab are: in a file of its data folder, or in a database on a server with the folder beside it.

use std::{
    ffi::OsString,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::lab::{Clock, Lab};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    store::{Options, find},
};

#[cfg(feature = "postgres")]
use crate::store::{
    Database,
    postgres::{PgStore, address::ServerAddress},
};

/// Asks for the password of a database, of which this is the address; `None` where nobody can be asked.
pub type AskPassword<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A lab that can be opened.
#[derive(Debug, Clone)]
pub enum LabPlace {
    /// The path of its database.
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Server(Box<ServerPlace>),
}

/// A database on a server.
#[cfg(feature = "postgres")]
#[derive(Debug, Clone)]
pub struct ServerPlace {
    address: ServerAddress,
    /// What has `logs/` and `results/`.
    folder: Option<PathBuf>,
    /// What is said of the place before it is opened.
    warning: Option<String>,
    /// The address is a guess: another database there means that there is no lab.
    otherwise: Option<String>,
}

/// Variables that name IvoryOS's database: its own, and one that other programs use too.
const OWN_VARIABLE: &str = "IVORYOS_DB_URI";
const SHARED_VARIABLE: &str = "DATABASE_URL";

/// What IvoryOS calls it.
const DATA_FOLDER: &str = "ivoryos_data";

impl LabPlace {
    /// The lab that an address, a path or the environment names; `env` is asked for variables.
    ///
    /// # Errors
    /// Where there is none, or it is of a kind that can't be opened.
    pub fn find(
        address: Option<&str>,
        path: Option<&Path>,
        env: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self> {
        if let Some(address) = address {
            return Self::of_address(address, path, env, None);
        }
        let missing = match find(path) {
            // The lab PC's data folder has no database where the records are on a server.
            Err(error) if path.is_none_or(has_files_alone) => error,
            found => return found.map(Self::File),
        };
        let variable =
            |name: &str| env(name).and_then(|value| value.into_string().ok()).filter(|v| !v.is_empty());
        let near = path.map(Path::to_owned).or_else(data_folder_near);
        let folder_of = |address: &str| near.as_deref().filter(|_| is_of_server(address));
        if let Some(address) =
            variable(OWN_VARIABLE).filter(|address| path.is_none() || is_of_server(address))
        {
            return Self::of_address(&address, folder_of(&address), env, None);
        }
        match variable(SHARED_VARIABLE).filter(|address| is_of_server(address)) {
            Some(address) => Self::of_address(&address, folder_of(&address), env, Some(missing.to_string())),
            None => Err(missing),
        }
    }

    fn of_address(
        address: &str,
        path: Option<&Path>,
        env: &dyn Fn(&str) -> Option<OsString>,
        otherwise: Option<String>,
    ) -> Result<Self> {
        let kind = address.split([':', '+']).next().unwrap_or_default().to_lowercase();
        match kind.as_str() {
            "postgresql" | "postgres" => Self::of_server(address, path, env, otherwise),
            "sqlite" => match (address.split_once(":///"), path) {
                (_, Some(_)) => Err(Error::Usage(
                    "the database is a file, and its lab the folder that it is in; leave the other path away".to_owned(),
                )),
                (Some((_, file)), None) => find(Some(Path::new(file))).map(Self::File),
                (None, None) => Err(Error::Usage("sqlite needs a path: sqlite:///PATH".to_owned())),
            },
            "mysql" | "mariadb" => Err(Error::Usage(
                "IvoryOS's records are in a MySQL database, which ivorylens can't read; it reads SQLite and PostgreSQL".to_owned(),
            )),
            _ => Err(Error::Usage(
                "this is no address of a database; give postgresql://USER@HOST:PORT/BASE, or a path without --db".to_owned(),
            )),
        }
    }

    /// What is to be said of it before it is opened.
    pub fn warning(&self) -> Option<&str> {
        match self {
            Self::File(_) => None,
            #[cfg(feature = "postgres")]
            Self::Server(place) => place.warning.as_deref(),
        }
    }

    /// The records are on a server, not in a file.
    pub fn is_on_server(&self) -> bool {
        !matches!(self, Self::File(_))
    }

    /// The name by which the user's own files know the lab.
    pub fn file(&self) -> PathBuf {
        match self {
            Self::File(file) => file.clone(),
            #[cfg(feature = "postgres")]
            Self::Server(place) => place.address.shown().into(),
        }
    }
}

/// Whether it is IvoryOS's data folder, or has one, without any database of its.
fn has_files_alone(path: &Path) -> bool {
    let own = path.join(DATA_FOLDER);
    let folder = if own.is_dir() { own } else { path.to_owned() };
    let has = |name: &str| folder.join(name).exists();
    // One that can't be looked at is there.
    let lacks = |name: &str| {
        let about = [path, &*folder].map(|folder| folder.join(name).symlink_metadata());
        about.iter().all(|about| about.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound))
    };
    (has("logs") || has("results")) && lacks("ivoryos.db") && lacks("ivoryos_edge.db")
}

/// The data folder here or in a parent folder, which has logs and results alone.
fn data_folder_near() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let named = |folder: &Path| folder.file_name().is_some_and(|name| name == DATA_FOLDER);
    let of = |folder: &Path| if named(folder) { folder.to_owned() } else { folder.join(DATA_FOLDER) };
    here.ancestors().map(of).find(|folder| has_files_alone(folder))
}

fn is_of_server(address: &str) -> bool {
    address.starts_with("postgresql") || address.starts_with("postgres:")
}

#[cfg(not(feature = "postgres"))]
impl LabPlace {
    fn of_server(
        _: &str,
        _: Option<&Path>,
        _: &dyn Fn(&str) -> Option<OsString>,
        _: Option<String>,
    ) -> Result<Self> {
        Err(Error::Usage("this ivorylens was built without PostgreSQL; take one that has it".to_owned()))
    }

    /// # Errors
    /// As [`Lab::open`].
    pub fn open(
        &self,
        options: Options,
        copy: bool,
        clock: Clock,
        _: AskPassword<'_>,
        cx: &Cx<'_>,
    ) -> Result<Lab> {
        let Self::File(file) = self;
        Lab::open_for(file, options, copy, clock, cx)
    }
}

#[cfg(feature = "postgres")]
impl LabPlace {
    fn of_server(
        address: &str,
        path: Option<&Path>,
        env: &dyn Fn(&str) -> Option<OsString>,
        otherwise: Option<String>,
    ) -> Result<Self> {
        let address = ServerAddress::read(address, &|name| env(name)?.into_string().ok())?;
        let is_shown = address.has_open_password && otherwise.is_none();
        let warning = is_shown.then(|| {
            "the password is a part of the address, which others can see in the list of processes or in your history; put it \
             into ~/.pgpass"
                .to_owned()
        });
        let folder = path.map(data_folder).transpose()?;
        Ok(Self::Server(Box::new(ServerPlace { address, folder, warning, otherwise })))
    }

    /// Opens it.
    ///
    /// # Errors
    /// As [`Lab::open`].
    pub fn open(
        &self,
        options: Options,
        copy: bool,
        clock: Clock,
        ask: AskPassword<'_>,
        cx: &Cx<'_>,
    ) -> Result<Lab> {
        let place = match self {
            Self::File(file) => return Lab::open_for(file, options, copy, clock, cx),
            Self::Server(place) => place,
        };
        if copy {
            return Err(Error::Usage("--copy is for files; leave it away".to_owned()));
        }
        let Options { limits, lock_news, .. } = options.clone();
        let opened = PgStore::open(place.address.clone(), options, ask, cx);
        let store = match (opened, &place.otherwise) {
            // Some other program's database.
            (Err(Error::Open { .. }), Some(otherwise)) => return Err(Error::Usage(otherwise.clone())),
            (opened, _) => opened?,
        };
        let database = Database::new(Box::new(store), limits);
        let (file, name) = (PathBuf::from(place.address.shown()), place.address.brief());
        let lab = Lab::on_server(database, file, name, place.folder.clone(), clock, cx);
        Ok(lab.telling(lock_news))
    }
}

/// The folder that a path means where only `logs/` and `results/` are wanted.
#[cfg(feature = "postgres")]
fn data_folder(path: &Path) -> Result<PathBuf> {
    let about = path.metadata().map_err(Error::io(path))?;
    if !about.is_dir() {
        return Err(Error::open(path, "this is not a folder", "name the folder with logs/ and results/"));
    }
    let own = path.join(DATA_FOLDER);
    Ok(if own.is_dir() { own } else { path.to_path_buf() })
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    #[test]
    fn an_address_goes_before_a_path_and_a_path_before_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("ivoryos_data")).unwrap();
        std::fs::write(folder.path().join("ivoryos_data/ivoryos.db"), "").unwrap();
        let env = |name: &str| match name {
            OWN_VARIABLE => Some("postgresql://ann@own/x".into()),
            SHARED_VARIABLE => Some("postgresql://ann@shared/x".into()),
            _ => None,
        };
        let found = |address, path: Option<&Path>| LabPlace::find(address, path, &env).unwrap().file();
        let (path, db) = (Some(folder.path()), Some("postgresql://ann:pw@db/x"));
        assert_eq!(found(db, path), Path::new("postgresql://ann@db/x"));
        assert!(found(None, path).ends_with("ivoryos_data/ivoryos.db"));
        let sqlite = format!("sqlite:///{}", folder.path().display());
        assert!(found(Some(&sqlite), None).ends_with("ivoryos_data/ivoryos.db"));
        let said = |db| LabPlace::find(Some(db), None, &env).unwrap_err().to_string();
        assert!(said("mysql+pymysql://a:pw@b/c").contains("MySQL database, which ivorylens can't read"));
        assert!(said("some/path").contains("or a path without --db"));
    }

    #[test]
    fn a_data_folder_without_a_database_goes_beside_the_server_of_ivoryos() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join(DATA_FOLDER);
        std::fs::create_dir_all(data.join("logs")).unwrap();
        let none = |_: &str| None;
        for variable in [OWN_VARIABLE, SHARED_VARIABLE] {
            let env = |name: &str| (name == variable).then(|| "postgresql://ann@own/x".into());
            for path in [folder.path(), &data] {
                let Ok(LabPlace::Server(place)) = LabPlace::find(None, Some(path), &env) else {
                    panic!("{}", path.display())
                };
                assert_eq!(place.folder.as_deref(), Some(&*data));
                assert!(LabPlace::find(None, Some(path), &none).is_err());
            }
            // What is no data folder, or has records of another IvoryOS, was not meant so.
            assert!(LabPlace::find(None, Some(&data.join("logs")), &env).is_err());
        }
        let sqlite = |name: &str| (name == OWN_VARIABLE).then(|| "sqlite:///elsewhere.db".into());
        assert!(LabPlace::find(None, Some(&data), &sqlite).is_err());
        std::fs::write(data.join("ivoryos_edge.db"), "").unwrap();
        let env = |_: &str| Some("postgresql://ann@own/x".into());
        assert!(LabPlace::find(None, Some(&data), &env).is_err());
    }

    #[test]
    fn the_folder_beside_a_server_has_logs_and_results() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(data_folder(folder.path()).unwrap(), folder.path());
        std::fs::create_dir(folder.path().join("ivoryos_data")).unwrap();
        assert!(data_folder(folder.path()).unwrap().ends_with("ivoryos_data"));
        assert!(data_folder(&folder.path().join("none")).is_err());
    }
}
