//! What people would look for in a list and this version does not keep: so that its names are answered better than others.

/// What a column or a field of this name is about that is not kept yet, in the plural.
pub fn not_kept(name: &str) -> Option<&'static str> {
    ["tags", "notes", "stars", "verdicts"]
        .into_iter()
        .find(|what| *what == name || what.strip_suffix('s') == Some(name))
}
