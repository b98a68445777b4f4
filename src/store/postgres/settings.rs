//! What libpq's variables and service files say beside an address.

use std::collections::BTreeMap;

use super::password_file::{self, Variables};
use crate::error::Result;

/// Settings by libpq's names for them.
pub type Settings = BTreeMap<String, String>;

/// Settings that a URI may name, and libpq's variables for them.
const VARIABLES: [(&str, &str); 13] = [
    ("host", "PGHOST"),
    ("port", "PGPORT"),
    ("user", "PGUSER"),
    ("dbname", "PGDATABASE"),
    ("password", "PGPASSWORD"),
    ("service", "PGSERVICE"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("options", "PGOPTIONS"),
    ("passfile", "PGPASSFILE"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
];

/// The settings of an address; what it does not say comes from the service file, then from libpq's variables.
///
/// # Errors
/// [`crate::error::Error::File`] for a service that no file has.
pub fn with_libpqs(mut settings: Settings, env: Variables<'_>) -> Result<Settings> {
    let service = settings.get("service").cloned().or_else(|| env("PGSERVICE"));
    if let Some(service) = service.filter(|service| !service.is_empty()) {
        for (key, value) in password_file::service(&service, env)? {
            settings.entry(key).or_insert(value);
        }
    }
    for (key, variable) in VARIABLES {
        if let Some(value) = env(variable).filter(|value| !value.is_empty()) {
            settings.entry(key.to_owned()).or_insert(value);
        }
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_before_a_service_and_that_before_variables() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("services");
        std::fs::write(&file, "[lab]\nhost=of service\nport=5433\nuser=of service\n").unwrap();
        let file = file.to_str().unwrap().to_owned();
        let env = |name: &str| match name {
            "PGSERVICEFILE" => Some(file.clone()),
            "PGSERVICE" => Some("lab".to_owned()),
            "PGDATABASE" | "PGPORT" => Some("of variable".to_owned()),
            "PGOPTIONS" => Some(String::new()),
            _ => None,
        };
        let settings = Settings::from([("user".to_owned(), "of address".to_owned())]);
        let all: Vec<String> =
            with_libpqs(settings, &env).unwrap().into_iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            all,
            ["dbname=of variable", "host=of service", "port=5433", "service=lab", "user=of address"]
        );
    }
}
