//! The files in which libpq looks for passwords and services.

use std::{fs, path::Path, path::PathBuf};

use crate::{
    error::{Error, Result},
    platform::{files::is_open_to_others, folders::libpq_files},
    regular_file::read_small,
};

/// The environment, as it is asked.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A host that is a folder of sockets.
pub fn is_folder(host: &str) -> bool {
    host.starts_with('/') || host.starts_with('@')
}

/// More than anybody has in such a file.
const MOST: u64 = 1 << 20;

/// The password of a user on a server, by a file as `~/.pgpass`; a file that others may read is not looked at, as libpq
/// does not.
pub fn find(file: &Path, host: &str, port: u16, database: &str, user: &str) -> Option<String> {
    if is_open_to_others(&fs::metadata(file).ok()?) {
        return None;
    }
    let text = String::from_utf8(read_small(file, MOST).ok()?).ok()?;
    let host = if is_folder(host) { "localhost" } else { host };
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut parts = parts(line).into_iter();
        let wanted = [host, &port.to_string(), database, user];
        let fits = wanted.into_iter().all(|want| parts.next().is_some_and(|has| has == "*" || has == want));
        fits.then(|| parts.next()).flatten()
    })
}

/// The five parts of a line; a backslash takes the meaning from a colon or another backslash.
fn parts(line: &str) -> Vec<String> {
    let (mut parts, mut part, mut letters) = (Vec::new(), String::new(), line.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => part.extend(letters.next()),
            ':' if parts.len() < 4 => parts.push(std::mem::take(&mut part)),
            letter => part.push(letter),
        }
    }
    parts.push(part);
    parts
}

/// What a service's section says: key and value of each line.
///
/// # Errors
/// [`Error::File`] where no file has this service.
pub fn service(name: &str, env: Variables<'_>) -> Result<Vec<(String, String)>> {
    let own = env("PGSERVICEFILE").map(PathBuf::from);
    let own = own.or_else(|| libpq_files(env).services);
    let system = env("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".to_owned());
    let files: Vec<PathBuf> = own.into_iter().chain([Path::new(&system).join("pg_service.conf")]).collect();
    for file in &files {
        let Ok(bytes) = read_small(file, MOST) else { continue };
        if let Some(found) = section(&String::from_utf8_lossy(&bytes), name) {
            return Ok(found);
        }
    }
    let path = files.into_iter().next().unwrap_or_default();
    Err(Error::File { path, reason: format!("no service {name:?} here; PGSERVICEFILE names the file") })
}

fn section(text: &str, name: &str) -> Option<Vec<(String, String)>> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) == Some(name))?;
    let own = lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.starts_with('#'));
    Some(
        own.filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_password_is_found_by_the_first_line_that_fits() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        let lines = "# h:5432:b:u:no\nh:5433:*:u:one\n*:*:b:u:tw\\:o\\\\\nlocalhost:*:*:*:three:four\n";
        fs::write(&file, lines).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        mode(0o600);
        let found = |host, port, base| find(&file, host, port, base, "u");
        assert_eq!(found("h", 5433, "x").as_deref(), Some("one"));
        assert_eq!(found("h", 5432, "b").as_deref(), Some("tw:o\\"));
        assert_eq!(found("/run/pg", 5432, "x").as_deref(), Some("three:four"));
        assert_eq!(found("other", 5432, "x"), None);
        mode(0o644);
        assert_eq!(found("h", 5433, "x"), None, "others may read it");
    }

    #[test]
    fn a_service_is_a_section_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("services");
        fs::write(&file, "[a]\nhost=one\n\n[lab]\n# host=no\nhost = two\nport=5433\n[b]\nhost=three\n")
            .unwrap();
        let path = file.to_str().unwrap().to_owned();
        let env = |name: &str| (name == "PGSERVICEFILE").then(|| path.clone());
        let found = service("lab", &env).unwrap();
        assert_eq!(found, [("host".to_owned(), "two".to_owned()), ("port".to_owned(), "5433".to_owned())]);
        assert!(service("none", &env).unwrap_err().to_string().contains("no service \"none\" here"));
    }
}
