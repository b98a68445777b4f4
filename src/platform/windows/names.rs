//! Paths as bytes, and names that files can have.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// What stands between the parts of a path.
pub const SEPARATORS: &[char] = &['/', '\\'];

/// A path as it is kept in a file: with `/`, as on other systems. Halves of signs, which a name can have and no text, are
/// not kept.
pub fn bytes_of(path: &Path) -> Cow<'_, [u8]> {
    Cow::Owned(path.to_string_lossy().replace('\\', "/").into_bytes())
}

/// The path that these bytes were kept of.
pub fn path_of(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).replace('/', "\\").into()
}

/// The word as it is typed in cmd and PowerShell. No path has a double quote in it.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "\\/._-+:".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_owned() } else { format!("\"{word}\"") }
}

/// Signs that no name of a file can have, beside control codes and separators.
const REFUSED: [char; 7] = ['<', '>', ':', '"', '|', '?', '*'];

/// A name that a file can have here: `_` for what no name has, for a dot or blank at the end, and behind the name of a
/// device.
pub fn writable(name: String) -> String {
    let mut name = name.replace(REFUSED, "_");
    let end = name.trim_end_matches(['.', ' ']).len();
    let lost = name.len() - end;
    name.truncate(end);
    name.extend(std::iter::repeat_n('_', lost));
    if is_device(&name) {
        let front = name.find('.').unwrap_or(name.len());
        name.insert(front, '_');
    }
    name
}

/// Is this the name of a device, whatever stands behind a dot?
pub fn is_device(name: &str) -> bool {
    let front = name.split(['.', ':']).next().unwrap_or_default().trim_end_matches(' ').to_uppercase();
    if matches!(front.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let number = front.strip_prefix("COM").or_else(|| front.strip_prefix("LPT"));
    number.is_some_and(|number| {
        matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_name_has_becomes_a_line() {
        for (name, written) in [
            ("a run_2026-11-01 10-00_steps.csv", "a run_2026-11-01 10-00_steps.csv"),
            ("25 °C <50%>: \"a|b\"?*.csv", "25 °C _50%__ _a_b___.csv"),
            ("ends. .", "ends___"),
            ("con", "con_"),
            ("NUL.csv", "NUL_.csv"),
            ("com1.tar.gz", "com1_.tar.gz"),
            ("console.csv", "console.csv"),
            ("COM10", "COM10"),
        ] {
            assert_eq!(writable(name.to_owned()), written);
        }
    }

    #[test]
    fn paths_are_kept_with_one_kind_of_line() {
        assert_eq!(&*bytes_of(Path::new(r"logs\a.log")), b"logs/a.log");
        assert_eq!(path_of(b"logs/a.log".to_vec()), Path::new(r"logs\a.log"));
    }
}
