//! `demo` beside its screens: what it shows where there is no terminal, and a lab that stays in the cache folder.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use jiff::civil::DateTime;

use super::{
    args::Common,
    export::text_chart,
    list,
    look::Look,
    out::{print, stdout, stdout_error},
    show,
};
use crate::{
    demo,
    error::{Error, Result},
    model::query::ListQuery,
    platform::files::temporary_for_user_alone,
    services::{lab::Lab, overview, records},
    signals,
};

/// Prints what the screens would show of a made-up lab.
pub fn without_terminal(lab: &Lab, common: &Common) -> Result<()> {
    list::people(lab, common, &ListQuery::default(), 0, 20)?;
    let rows = records::rows(lab, &ListQuery::default(), (0, 1_000), &mut signals::cx())?;
    // A record worth a look: one with a long chart.
    let mut best = None;
    for row in &rows {
        let overview = overview::overview(lab, row.run.id, true, &mut signals::cx())?.value;
        let points = overview.outputs.iter().map(|o| o.series.points.len()).max().unwrap_or(0);
        if best.as_ref().is_none_or(|(most, _)| points > *most) {
            best = Some((points, overview));
        }
    }
    if let Some((_, overview)) = best {
        print(&format!("\n{}\n", show::text(lab, &overview, (None, None), Look::of(common))))?;
        print(&text_chart(lab, &overview.row.run, common.plain())?)?;
    }
    print(
        "\nThis is a made-up lab. To open the screens run `ivorylens demo` in a terminal;\nfor a real one `ivorylens PATH`, or `ivorylens --help` for all commands.\n",
    )
}

/// Makes the lab of `demo --path` in the user's cache folder, where it is not there yet, and prints its path.
///
/// # Errors
/// Where there is no cache folder, or it can't be written.
pub fn keep(cache: Option<PathBuf>, now: DateTime) -> Result<()> {
    let cache = cache.ok_or_else(|| {
        Error::Refused("there is no cache folder to make a lab in; set XDG_CACHE_HOME or HOME".into())
    })?;
    let folder = cache.join("ivorylens").join("demo");
    if !is_current(&folder) {
        make_anew(&folder, now)?;
    }
    let mut out = stdout()?;
    let path = folder.join("ivoryos_data");
    out.write_all(path.as_os_str().as_encoded_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .map_err(stdout_error)?;
    out.finish().map(|_| ())
}

/// The file that says which lab it is.
const VERSION: &str = "version";

fn version() -> String {
    format!("{}\n", demo::DATA_VERSION)
}

fn is_current(folder: &Path) -> bool {
    let database = folder.join("ivoryos_data").join("ivoryos.db");
    fs::read_to_string(folder.join(VERSION)).is_ok_and(|said| said == version()) && database.is_file()
}

/// Made beside its place and moved there, so that nobody meets a half lab.
fn make_anew(folder: &Path, now: DateTime) -> Result<()> {
    let parent = folder.parent().unwrap_or(folder);
    fs::create_dir_all(parent).map_err(Error::io(parent))?;
    let made = temporary_for_user_alone(tempfile::Builder::new().prefix("demo-"))
        .tempdir_in(parent)
        .map_err(Error::io(parent))?;
    demo::make(&demo::Plan::demo(now), &made.path().join("ivoryos_data"))?;
    fs::write(made.path().join(VERSION), version()).map_err(Error::io(folder))?;
    if let Err(source) = fs::remove_dir_all(folder)
        && source.kind() != std::io::ErrorKind::NotFound
    {
        return Err(Error::Io { path: folder.to_owned(), source });
    }
    match fs::rename(made.path(), folder) {
        // Another one made it at the same time.
        Err(_) if is_current(folder) => Ok(()),
        moved => moved.map_err(Error::io(folder)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_kept_lab_is_made_once_and_anew_when_its_data_changed() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("ivorylens").join("demo");
        let now = date(2026, 11, 24).at(8, 0, 0, 0);
        let mine = folder.join("ivoryos_data").join("mine");
        keep(Some(cache.path().to_owned()), now).unwrap();
        fs::write(&mine, "x").unwrap();
        keep(Some(cache.path().to_owned()), now).unwrap();
        assert!(mine.exists(), "it was made twice");
        fs::write(folder.join(VERSION), "0\n").unwrap();
        keep(Some(cache.path().to_owned()), now).unwrap();
        assert!(!mine.exists() && is_current(&folder));
        let left: Vec<_> =
            fs::read_dir(cache.path().join("ivorylens")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["demo"]);
        assert!(keep(None, now).is_err());
    }
}
