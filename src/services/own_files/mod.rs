//! The user's own files beside the cache: where they are, and how one is written. Nothing of them is in the lab's folder.

pub mod last_screen;
pub mod views;

use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    platform::{
        files::{make_private_folders, real_path},
        folders::program_folders,
        names::bytes_of,
    },
    store::{Options, own::OwnPlace},
};

/// The folders of the user's own files; `None` for one in which nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserFolders {
    /// What the user wants in each lab.
    pub config: Option<PathBuf>,
    /// What was the last time in this lab.
    pub state: Option<PathBuf>,
}

impl UserFolders {
    /// `$XDG_CONFIG_HOME` and `$XDG_STATE_HOME`, else those in `HOME`; without any, none.
    pub fn of(env: impl Fn(&str) -> Option<OsString>) -> Self {
        let all = program_folders(env);
        let ours = |all: Option<PathBuf>| all.map(|all| all.join("ivorylens"));
        Self { config: ours(all.config), state: ours(all.state) }
    }

    /// The file of kept views.
    pub fn views(&self) -> Option<PathBuf> {
        Some(self.config.as_ref()?.join("views.json"))
    }

    /// The file of settings.
    pub fn config_file(&self) -> Option<PathBuf> {
        Some(self.config.as_ref()?.join("config.toml"))
    }

    /// All files for the screens of the lab with this database.
    pub fn of_lab(&self, database: &Path) -> OwnFiles {
        OwnFiles { views: self.views(), last_screen: self.last_screen(database) }
    }

    /// Where what is kept of the lab with this database is: marks and the trash.
    pub fn own_place(&self, database: &Path) -> Option<OwnPlace> {
        let database = known_as(database)?;
        let file = self.state.as_ref()?.join(lab_name(&database)).join("ivorylens.db");
        let lab = bytes_of(&database).into_owned();
        Some(OwnPlace { file, lab, is_shared: false, patience: Options::default().patience })
    }

    /// The file about the screens of the lab with this database.
    fn last_screen(&self, database: &Path) -> Option<PathBuf> {
        Some(self.state.as_ref()?.join(lab_name(&known_as(database)?)).join("screen.json"))
    }
}

/// The user's own files that the screens of a lab read and write; `None` for one that is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnFiles {
    pub views: Option<PathBuf>,
    pub last_screen: Option<PathBuf>,
}

/// The real path of a database, or the address of one on a server; `None` for a file that is not there.
fn known_as(database: &Path) -> Option<PathBuf> {
    let is_address = database.to_str().is_some_and(|text| text.starts_with("postgresql://"));
    if is_address { Some(database.to_path_buf()) } else { real_path(database).ok() }
}

/// The longest readable part of a name.
const READABLE: usize = 40;

/// The name of a lab's folder in the state folder: for people the end of the path, for us all of it in a number.
fn lab_name(database: &Path) -> String {
    let folders: Vec<_> = database.parent().into_iter().flat_map(Path::components).collect();
    let last = folders.iter().rev().take(2).rev().map(|part| part.as_os_str().to_string_lossy());
    let file = database.file_stem().filter(|stem| *stem != "ivoryos").map(|stem| stem.to_string_lossy());
    let readable = last.chain(file).collect::<Vec<_>>().join("_");
    let signs = readable.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' });
    let signs: Vec<char> = signs.collect();
    let cut: String = signs.iter().skip(signs.len().saturating_sub(READABLE)).collect();
    format!("{}-{:016x}", cut.trim_matches('_'), fnv(database.as_os_str().as_encoded_bytes()))
}

/// FNV-1a, which is the same in every version and on every machine: what it names is found again.
fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// Makes the folder of a file of the user's own, for them alone.
fn make_folder(file: &Path) -> io::Result<&Path> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    make_private_folders(folder)?;
    Ok(folder)
}

/// Writes a file of the user's own: whole or not at all, for them alone. A link stays one.
fn replace(file: &Path, bytes: &[u8], to_disk: bool) -> io::Result<()> {
    let file = real_path(file).unwrap_or_else(|_| file.to_path_buf());
    let mut out = tempfile::NamedTempFile::new_in(make_folder(&file)?)?;
    out.write_all(bytes)?;
    if to_disk {
        out.as_file().sync_all()?;
    }
    out.persist(&file).map(|_| ()).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use std::fs;

    #[cfg(unix)]
    use super::*;

    #[cfg(unix)]
    #[test]
    fn folders_are_those_of_the_system() {
        let of = |known: &[(&str, &str)]| {
            let known: Vec<_> = known.iter().map(|(n, v)| ((*n).to_owned(), OsString::from(v))).collect();
            let find = move |name: &str| known.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
            UserFolders::of(find)
        };
        let both = of(&[("XDG_CONFIG_HOME", "/c"), ("XDG_STATE_HOME", "/s"), ("HOME", "/h")]);
        assert_eq!(both.views(), Some("/c/ivorylens/views.json".into()));
        assert_eq!(both.state, Some("/s/ivorylens".into()));
        let home = of(&[("XDG_CONFIG_HOME", "not/absolute"), ("XDG_STATE_HOME", ""), ("HOME", "/h")]);
        assert_eq!(home.config, Some("/h/.config/ivorylens".into()));
        assert_eq!(home.state, Some("/h/.local/state/ivorylens".into()));
        assert_eq!((of(&[]), of(&[]).views()), (UserFolders::default(), None));
    }

    #[cfg(unix)]
    #[test]
    fn each_lab_has_a_name_that_people_can_read() {
        let name = |path: &str| lab_name(Path::new(path));
        assert_eq!(name("/home/mara/lab 2/ivoryos_data/ivoryos.db"), "lab_2_ivoryos_data-d26753e786b86604");
        assert!(name("/x/ivoryos_data/old.db").starts_with("x_ivoryos_data_old-"));
        assert!(name("/実験/データ/ivoryos.db").trim_start_matches('-').len() >= 16);
        assert_ne!(name("/a/lab/ivoryos.db"), name("/b/lab/ivoryos.db"));
        let long = name(&format!("/{}/{}/ivoryos.db", "a".repeat(250), "b".repeat(250)));
        assert!(long.len() <= READABLE + 17 && !long.contains('/'), "{long}");
    }

    /// The same lab by another path has the same name.
    #[cfg(unix)]
    #[test]
    fn a_link_leads_to_the_same_lab() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("lab")).unwrap();
        fs::write(folder.path().join("lab/ivoryos.db"), "").unwrap();
        std::os::unix::fs::symlink(folder.path().join("lab"), folder.path().join("link")).unwrap();
        let folders = UserFolders { state: Some("/s".into()), config: None };
        let of = |name: &str| folders.last_screen(&folder.path().join(name).join("ivoryos.db"));
        assert_eq!(of("lab"), of("link"));
        assert!(of("lab").is_some() && of("none").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_the_users_alone_and_a_link_stays() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/deep/file");
        replace(&path, b"1", true).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, b"2", false).unwrap();
        assert!(link.is_symlink() && fs::read(&path).unwrap() == b"2");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left there");
        assert!(replace(&path.join("below a file"), b"3", false).is_err());
    }
}
