//! The syntax of an address, as IvoryOS and libpq write it.

use super::settings::Settings;

/// The parts of a URI, and its parameters.
///
/// # Errors
/// What is wrong with it, in words without what it says.
pub fn parse(uri: &str) -> Result<Settings, String> {
    let (scheme, rest) = uri.split_once("://").ok_or("it is no URI")?;
    let kind = scheme.split('+').next().unwrap_or_default();
    if !matches!(kind, "postgresql" | "postgres") {
        return Err(format!("{kind} is no PostgreSQL"));
    }
    let mut settings = Settings::new();
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (Some(user), hosts),
        None => (None, authority),
    };
    let mut set = |key: &str, value: &str| -> Result<(), String> {
        if !value.is_empty() {
            settings.insert(key.to_owned(), decoded(value)?);
        }
        Ok(())
    };
    if let Some(user) = user {
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        set("user", user)?;
        set("password", password)?;
    }
    set("dbname", database)?;
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',').filter(|host| !host.is_empty()) {
        let (name, port) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            Some((name, port)) => (name, port.trim_start_matches(':')),
            None => host.split_once(':').unwrap_or((host, "")),
        };
        names.push(name);
        ports.push(port);
    }
    set("host", &names.join(","))?;
    if ports.iter().any(|port| !port.is_empty()) {
        set("port", &ports.join(","))?;
    }
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let (key, value) = parameter.split_once('=').ok_or("a parameter has no value")?;
        set(&decoded(key)?, value)?;
    }
    Ok(settings)
}

fn decoded(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, behind) = behind.split_at_checked(2).ok_or("a % is without its two digits")?;
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| "a % is without its two digits")?);
        rest = behind;
    }
    String::from_utf8(bytes).map_err(|_| "a part of it is no UTF-8".to_owned())
}

/// A part of a URI with all but letters, digits and a few signs encoded.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
