//! The dependency tree and the manifest keep what the README promises.

#![expect(clippy::unwrap_used, reason = "a broken case must stop its test")]

use std::{collections::HashMap, fs, path::Path};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn there_is_one_version_of_each_terminal_crate() {
    let lock = read("Cargo.lock");
    let mut versions: HashMap<&str, usize> = HashMap::new();
    for line in lock.lines() {
        if let Some(name) = line.strip_prefix("name = ") {
            *versions.entry(name.trim_matches('"')).or_default() += 1;
        }
    }
    for name in ["ratatui", "ratatui-core", "crossterm", "rusqlite", "signal-hook", "unicode-width"] {
        assert_eq!(versions.get(name), Some(&1), "{name}");
    }
}

#[test]
fn the_readme_names_the_rust_version_of_the_manifest() {
    let manifest = read("Cargo.toml");
    let version = manifest.lines().find_map(|l| l.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    assert!(read("README.md").contains(&format!("Rust {version}")), "README.md does not say Rust {version}");
    assert!(manifest.contains("edition = \"2024\""));
    assert!(manifest.contains("unsafe_code = \"forbid\""));
}
