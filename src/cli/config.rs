//! `config`: what is in force, and who set it, as a config.toml or as JSON.

use std::{
    fmt::Write as _,
    io::{self, Write},
    path::Path,
};

use strum::VariantArray;
use toml_writer::{ToTomlKey as _, ToTomlValue as _};

use super::{
    args::Common,
    out::{print, stdout, stdout_error},
};
use crate::{
    config::{
        file::{Config, NamedLab},
        setting::Setting,
        settings::{AllSettings, KeyInForce, SetBy},
    },
    error::Result,
    formats::json::{JsonWriter, Layout},
    platform::folders::NOTHING,
};

/// Prints it.
///
/// # Errors
/// Where stdout can't take it.
pub fn config(common: &Common, keys: &[KeyInForce], json: bool) -> Result<()> {
    if json {
        let mut out = stdout()?;
        as_json(&mut out, common, keys).map_err(stdout_error)?;
        return out.finish().map(|_| ());
    }
    print(&as_toml(&common.settings, &common.file, keys))
}

/// A value of a setting.
enum SettingValue {
    Text(String),
    Number(u64),
    Switch(bool),
}

/// The value that is in force; `None` where there is none.
fn value(settings: &AllSettings, config: &Config, setting: Setting) -> Option<SettingValue> {
    let text = |text: &Option<String>| text.clone().map(SettingValue::Text);
    match setting {
        Setting::Data => {
            let data = settings.data.value.as_deref()?;
            let named = data.to_str().filter(|data| data.contains("://"));
            if let Some(address) = named {
                return Some(SettingValue::Text(without_password(address)));
            }
            let path = if config.lab(data).is_some() { data.to_path_buf() } else { from_root(data) };
            text(&path.to_str().map(str::to_owned))
        }
        Setting::View => text(&settings.view.value),
        Setting::Columns if settings.columns.value.is_empty() => {
            Some(SettingValue::Text("default".to_owned()))
        }
        Setting::Columns => Some(SettingValue::Text(settings.columns.value.clone())),
        Setting::PerPage => Some(SettingValue::Number(settings.per_page.value)),
        Setting::Color => Some(SettingValue::Text(settings.color.value.word().to_owned())),
        Setting::Ascii => Some(SettingValue::Switch(settings.ascii.value)),
        Setting::Slow => Some(SettingValue::Switch(settings.slow.value)),
        Setting::Title => Some(SettingValue::Switch(settings.title.value)),
        Setting::Bell => Some(SettingValue::Switch(settings.bell.value)),
        Setting::TrashAge => text(&settings.trash_age.value.as_ref().map(|wanted| wanted.text.clone())),
    }
}

/// As it means the same in another folder.
fn from_root(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Who set it, in words.
fn words(by: SetBy, config: &Config) -> String {
    match by {
        SetBy::Option("PATH") => "PATH of the command line".to_owned(),
        SetBy::Option(name) => format!("option {name}"),
        SetBy::Variable(name) => name.to_owned(),
        SetBy::Line(line) => {
            let path = config.path.as_deref().unwrap_or(Path::new("config.toml"));
            format!("{}:{line}", path.display())
        }
        SetBy::Default => "default".to_owned(),
    }
}

fn as_toml(settings: &AllSettings, config: &Config, keys: &[KeyInForce]) -> String {
    let mut out = String::new();
    let file = match config.path.as_deref() {
        None => "no file: there is neither HOME nor XDG_CONFIG_HOME".to_owned(),
        Some(path) if path == Path::new(NOTHING) => "no file".to_owned(),
        Some(path) if config.is_there => path.display().to_string(),
        Some(path) => format!("{}, which is not there", path.display()),
    };
    said(&mut out, &format!("# What is in force of options, environment and {}.", comment(&file)));
    said(&mut out, "");
    for setting in Setting::VARIANTS {
        let facts = setting.facts();
        said(&mut out, &format!("# {}: {}.", facts.told, facts.wanted));
        match value(settings, config, *setting) {
            Some(value) => {
                let value = match value {
                    SettingValue::Text(text) => text.to_toml_value(),
                    SettingValue::Number(number) => number.to_string(),
                    SettingValue::Switch(is_on) => is_on.to_string(),
                };
                set(&mut out, facts.word, &value, &words(settings.set_by(*setting), config));
            }
            None => said(&mut out, &format!("# {} is not set", facts.word)),
        }
    }
    said(&mut out, "\n[labs]");
    for lab in &config.labs {
        set(&mut out, &lab.name.to_toml_key(), &lab_value(lab), &words(SetBy::Line(lab.line), config));
    }
    let mut place = None;
    said(
        &mut out,
        "\n[keys]\n# Ctrl-c leaves the program, always. What has the usual keys is a comment, as an action may take them.",
    );
    for key in keys {
        if key.place != place {
            place = key.place;
            said(&mut out, &format!("\n[keys.{}]", place.unwrap_or_default()));
        }
        let names: Vec<String> = key.keys.iter().map(|name| name.to_toml_value()).collect();
        let names =
            if let [name] = names.as_slice() { name.clone() } else { format!("[{}]", names.join(", ")) };
        let usual = if key.by == SetBy::Default { "# " } else { "" };
        set(&mut out, &format!("{usual}{}", key.action), &names, &words(key.by, config));
    }
    out
}

fn lab_value(lab: &NamedLab) -> String {
    let text = |path: &Path| path.display().to_string().to_toml_value();
    match (lab.data.as_deref(), lab.db.as_deref().map(without_password)) {
        (Some(data), Some(db)) => format!("{{ data = {}, db = {} }}", text(data), db.to_toml_value()),
        (Some(data), None) => text(data),
        (None, db) => db.unwrap_or_default().to_toml_value(),
    }
}

/// An address as it may be shown: what is printed here is shown to others.
fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (place, base) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let place = match place.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => place.to_owned(),
    };
    let Some((base, settings)) = base.split_once('?') else { return format!("{scheme}://{place}{base}") };
    let is_shown = |setting: &&str| !setting.starts_with("password=");
    let settings: Vec<&str> = settings.split('&').filter(is_shown).collect();
    let settings = if settings.is_empty() { String::new() } else { format!("?{}", settings.join("&")) };
    format!("{scheme}://{place}{base}{settings}")
}

fn said(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// A line, and who set it.
fn set(out: &mut String, name: &str, value: &str, by: &str) {
    let line = format!("{name} = {value}");
    // A text has no way to fail.
    let _ = writeln!(out, "{line:<36} # {}", comment(by));
}

/// As it can stand in a comment.
fn comment(text: &str) -> String {
    text.replace(char::is_control, "?")
}

/// Its keys are promised in the guide.
fn as_json<W: Write>(out: &mut W, common: &Common, keys: &[KeyInForce]) -> io::Result<()> {
    let (settings, config) = (&common.settings, &common.file);
    let mut json = JsonWriter::new(out, Layout::Indented);
    json.begin_dict()?;
    let path = config.path.as_deref().filter(|_| config.is_there).map(|path| path.display().to_string());
    json.entry("file", |json| json.string_or_null(path.as_deref()))?;
    json.entry("settings", |json| {
        json.begin_dict()?;
        for setting in Setting::VARIANTS {
            json.entry(setting.facts().word, |json| {
                json.begin_dict()?;
                json.entry("value", |json| match value(settings, config, *setting) {
                    None => json.string_or_null(None),
                    Some(SettingValue::Text(text)) => json.string(&text),
                    Some(SettingValue::Number(n)) => json.integer(i64::try_from(n).unwrap_or(i64::MAX)),
                    Some(SettingValue::Switch(is_on)) => json.boolean(is_on),
                })?;
                json.entry("by", |json| json.string(&words(settings.set_by(*setting), config)))?;
                json.end_dict()
            })?;
        }
        json.end_dict()
    })?;
    json.entry("labs", |json| {
        json.begin_dict()?;
        for lab in &config.labs {
            json.entry(&lab.name, |json| {
                json.begin_dict()?;
                let data = lab.data.as_deref().map(|path| path.display().to_string());
                json.entry("data", |json| json.string_or_null(data.as_deref()))?;
                json.entry("db", |json| {
                    json.string_or_null(lab.db.as_deref().map(without_password).as_deref())
                })?;
                json.end_dict()
            })?;
        }
        json.end_dict()
    })?;
    json.entry("keys", |json| {
        json.list(keys, |json, key| {
            json.begin_dict()?;
            json.entry("place", |json| json.string_or_null(key.place))?;
            json.entry("action", |json| json.string(&key.action))?;
            json.entry("keys", |json| json.list(&key.keys, |json, name| json.string(name)))?;
            json.entry("by", |json| json.string(&words(key.by, config)))?;
            json.end_dict()
        })
    })?;
    let wrong: Vec<String> = config.told().iter().map(ToString::to_string).collect();
    json.entry("wrong", |json| json.list(&wrong, |json, line| json.string(line)))?;
    json.end_dict()?;
    json.finish().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (address, shown) in [
            ("postgresql://mara:se:cret@db:5433/lab", "postgresql://mara@db:5433/lab"),
            ("postgresql://mara@db/lab?sslmode=require", "postgresql://mara@db/lab?sslmode=require"),
            ("postgresql://db/lab", "postgresql://db/lab"),
            ("postgresql:///lab?password=x&user=ann", "postgresql:///lab?user=ann"),
            ("postgresql://a@db?password=x", "postgresql://a@db"),
            ("postgresql://a:b@c@db", "postgresql://a@db"),
            ("lab", "lab"),
        ] {
            assert_eq!(without_password(address), shown);
        }
    }
}
