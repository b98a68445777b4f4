//! Reads config.toml, and puts in force what options, environment and file say.

use std::path::{Path, PathBuf};

use super::{args::Cli, out::message};
use crate::{
    config::{
        file::Config,
        open::open,
        settings::{AllSettings, SetBy},
    },
    error::{Error, Result},
    model::alike::like,
    platform::folders::home,
    services::own_files::UserFolders,
};

/// The variable that names the file.
const VARIABLE: &str = "IVORYLENS_CONFIG";

/// Reads the file that the option or the variable names, else the usual one.
///
/// # Errors
/// Where the named one is not there.
pub fn read_config(option: Option<&Path>) -> Result<Config> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let named = option.map(Path::to_path_buf).or_else(|| variable(VARIABLE));
    let usual = UserFolders::of(|name| std::env::var_os(name)).config_file();
    let home = home(|name| std::env::var_os(name));
    open(named.as_deref(), usual.as_deref(), home.as_deref())
}

/// Puts it in force.
pub fn settle(cli: &mut Cli, config: Config) {
    cli.common.settings = AllSettings::of(&cli.by_options(), &|name| std::env::var_os(name), &config);
    cli.common.file = config;
}

/// Says what is wrong in the file, a line each.
pub fn tell_wrong(config: &Config) {
    config.told().iter().for_each(|wrong| message(&wrong.to_string()));
}

/// The address and the path of the lab that is meant.
///
/// # Errors
/// Which lab was probably meant by a word that is neither a lab nor a path.
pub fn lab_meant<'a>(
    db: Option<&'a str>,
    settings: &'a AllSettings,
    config: &'a Config,
) -> Result<(Option<&'a str>, Option<&'a Path>)> {
    // Of another lab than the one with this address.
    let is_other = db.is_some() && matches!(settings.data.by, SetBy::Line(_));
    let Some(data) = settings.data.value.as_deref().filter(|_| !is_other) else { return Ok((db, None)) };
    if let Some(lab) = config.lab(data) {
        return Ok((db.or(lab.db.as_deref()), lab.data.as_deref()));
    }
    let word = data.to_str().filter(|word| !word.contains(['/', '\\']) && !data.exists());
    let meant =
        word.and_then(|word| Some((word, like(word, config.labs.iter().map(|lab| lab.name.as_str()))?)));
    match meant {
        Some((word, meant)) => Err(Error::Usage(format!(
            "there is no path {word:?}, and no lab of this name; did you mean {meant}?"
        ))),
        None => Ok((db, Some(data))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{file::NamedLab, settings::ByOptions};

    #[test]
    fn a_lab_is_meant_by_its_name_before_a_path() {
        let lab = |name: &str, data: Option<&str>, db: Option<&str>| NamedLab {
            name: name.to_owned(),
            data: data.map(Into::into),
            db: db.map(str::to_owned),
            line: 1,
        };
        let (here, far) =
            (lab("reactor", Some("/r"), None), lab("far", Some("/f"), Some("postgresql://x/y")));
        let config = Config { labs: vec![here, far], ..Config::default() };
        let meant = |db: Option<&str>, data: &str| {
            let given = ByOptions { data: Some((data.into(), "PATH")), ..ByOptions::default() };
            let settings = AllSettings::of(&given, &|_| None, &config);
            lab_meant(db, &settings, &config)
                .map(|(db, path)| (db.map(str::to_owned), path.map(Path::to_path_buf)))
                .map_err(|error| error.to_string())
        };
        assert_eq!(meant(None, "reactor"), Ok((None, Some("/r".into()))));
        assert_eq!(meant(None, "far"), Ok((Some("postgresql://x/y".to_owned()), Some("/f".into()))));
        assert_eq!(
            meant(Some("postgresql://z/"), "far"),
            Ok((Some("postgresql://z/".to_owned()), Some("/f".into())))
        );
        assert_eq!(meant(None, "./reactor"), Ok((None, Some("./reactor".into()))));
        assert!(meant(None, "reactr").unwrap_err().contains("did you mean reactor?"));
        assert_eq!(meant(None, "elsewhere"), Ok((None, Some("elsewhere".into()))));
        let of_file = AllSettings::of(
            &ByOptions::default(),
            &|_| None,
            &Config {
                data: Some(crate::config::file::OnLine { value: "far".into(), line: 1 }),
                ..config.clone()
            },
        );
        assert_eq!(
            lab_meant(Some("postgresql://z/"), &of_file, &config).unwrap(),
            (Some("postgresql://z/"), None)
        );
        assert_eq!(lab_meant(None, &of_file, &config).unwrap().0, Some("postgresql://x/y"));
    }
}
