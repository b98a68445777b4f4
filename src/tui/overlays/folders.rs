//! Completes the path of a folder while it is typed, as a shell does.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::platform::{folders::home, names::SEPARATORS};

/// Entries of a folder that are looked at.
const MOST: usize = 10_000;

/// `~` and what begins with `~/` as the shell means them.
pub fn expand(typed: &str) -> PathBuf {
    let behind = |line: &char| typed.strip_prefix(&format!("~{line}"));
    let rest = if typed == "~" { Some("") } else { SEPARATORS.iter().find_map(behind) };
    match (rest, home(|name| env::var_os(name))) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(typed),
    }
}

/// The path with as much added as all folders that begin so agree on, and these folders.
pub fn complete(typed: &str) -> (String, Vec<String>) {
    let (above, begun) =
        typed.rsplit_once(SEPARATORS).map_or(("", typed), |(above, _)| typed.split_at(above.len() + 1));
    let place = if above.is_empty() { PathBuf::from(".") } else { expand(above) };
    let mut found = named(&place, begun);
    found.sort();
    let Some(first) = found.first() else { return (typed.to_owned(), Vec::new()) };
    let mut common = first.clone();
    while !found.iter().all(|name| name.starts_with(&common)) {
        common.pop();
    }
    let end = if found.len() == 1 { "/" } else { "" };
    let lines = found.iter().map(|name| format!("{above}{name}/")).collect();
    (format!("{above}{common}{end}"), lines)
}

/// Folders in one whose names begin so, hidden ones only where the dot is typed.
fn named(place: &Path, begun: &str) -> Vec<String> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten().take(MOST);
    let fits = |name: &String| {
        name.starts_with(begun)
            && begun.starts_with('.') == name.starts_with('.')
            && !name.contains(char::is_control)
    };
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(fits);
    names.filter(|name| place.join(name).is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_alone_are_completed() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().to_string_lossy().into_owned();
        for name in ["results 2026", "results 2027", "reports", ".hidden"] {
            fs::create_dir_all(folder.path().join(name).join("in it")).unwrap();
        }
        fs::write(folder.path().join("resume.txt"), "x").unwrap();
        let line = |rest: &str| format!("{here}/{rest}");
        assert_eq!(complete(&line("rep")), (line("reports/"), vec![line("reports/")]));
        let (completed, offered) = complete(&line("res"));
        assert_eq!(completed, line("results 202"));
        assert_eq!(offered, [line("results 2026/"), line("results 2027/")]);
        assert_eq!(complete(&line("")).0, line("re"));
        assert_eq!(complete(&line(".h")).0, line(".hidden/"));
        assert_eq!(complete(&line("reports/")).0, line("reports/in it/"));
        assert_eq!(complete(&line("nothing")), (line("nothing"), Vec::new()));
    }
}
