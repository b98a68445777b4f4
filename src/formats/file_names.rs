//! The names of exported files: IvoryOS's own, made safe for any folder, and the next free one.

use unicode_properties::{GeneralCategoryGroup as Group, UnicodeGeneralCategory};

use crate::{
    model::{run::Run, sanitize::mark},
    platform::names,
};

/// Bytes that a file's name may have.
pub const LONGEST: usize = 255;

/// The endings of our files, longest first, so that a cut name still says what is in the file.
const ENDINGS: [&str; 7] =
    ["_plots.json", "_plots.png", "_plot.json", "_result.csv", "_steps.csv", "_plot.svg", ".csv"];

/// Python 3.11's `keyword.kwlist`.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// IvoryOS's `validate`: what Python calls no word character becomes `_`, a leading digit gets one in front, a Python
/// keyword one behind.
pub fn validate(name: &str) -> String {
    let mut valid = String::with_capacity(name.len() + 1);
    if name.chars().next().is_some_and(is_digit) {
        valid.push('_');
    }
    valid.extend(name.chars().map(|c| if is_word(c) { c } else { '_' }));
    if KEYWORDS.contains(&valid.as_str()) {
        valid.push('_');
    }
    valid
}

/// Python's `\w`: letters, all kinds of numbers, and `_`; no combining marks.
fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    matches!(c.general_category_group(), Group::Letter | Group::Number)
}

/// Python's `\d`: decimal digits of any script.
fn is_digit(c: char) -> bool {
    c.general_category() == unicode_properties::GeneralCategory::DecimalNumber
}

/// What a record's file names begin with: its data_path as it stands, else its name and start to the minute.
pub fn base(run: &Run) -> String {
    match (run.data_path.as_ref().filter(|p| !p.is_empty()), run.start.at()) {
        (Some(path), _) => path.clone(),
        (None, Some(start)) => format!("{}_{}", validate(&run.name), start.strftime("%Y-%m-%d %H-%M")),
        (None, None) => format!("{}_{}", validate(&run.name), run.id),
    }
}

/// The base with every `.csv` taken out, as IvoryOS does for the steps CSV; also the folder of "everything".
pub fn stem(run: &Run) -> String {
    base(run).replace(".csv", "")
}

pub fn data_csv(run: &Run) -> String {
    let base = base(run);
    if base.ends_with(".csv") { base } else { base + ".csv" }
}

pub fn steps_csv(run: &Run) -> String {
    stem(run) + "_steps.csv"
}

pub fn plot_json(run: &Run) -> String {
    stem(run) + "_plot.json"
}

pub fn why_md(run: &Run) -> String {
    stem(run) + "_why.md"
}

pub fn plot_svg(run: &Run) -> String {
    stem(run) + "_plot.svg"
}

/// The optimizer plots, here and in `results/`.
pub fn plots_json(run: &Run) -> String {
    stem(run) + "_plots.json"
}

/// An optimizer plot that is one image.
pub fn plots_png(run: &Run) -> String {
    stem(run) + "_plots.png"
}

/// The log's name in `logs/`; none without a start, which is a part of it.
pub fn log(run: &Run) -> Option<String> {
    let start = run.start.at()?;
    Some(format!("{}_{}.log", validate(&run.name), start.strftime("%Y-%m-%d %H-%M-%S")))
}

/// A name that can stand in any folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeName {
    pub name: String,
    /// The name was too long for a file; the user is told.
    pub cut: bool,
}

/// A name out of the data as the name of one file: separators, control characters and those that a terminal hides or that
/// turn the others round (Unicode's Cf and their like) become `_`, so do names that mean a folder, and a dash in front, which
/// commands would take for an option; what is too long is cut in front of the ending. It never leads out of its folder.
pub fn safe_file_name(name: &str) -> SafeName {
    let plain = |c: char| if matches!(c, '/' | '\\') || mark(c).is_some() { '_' } else { c };
    let name: String = match name {
        "" | "." | ".." => "_".to_owned(),
        name => name.strip_prefix('-').map_or(name.to_owned(), |rest| format!("_{rest}")),
    };
    let name: String = name.chars().map(plain).collect();
    let (front, ending) = split_ending(&name);
    let short = shorten(front, LONGEST - ending.len());
    SafeName { cut: short.len() < front.len(), name: names::writable(format!("{short}{ending}")) }
}

/// The `n`th try for a free name: the name itself, then ` (2)`, ` (3)`... in front of the file type.
pub fn numbered(name: &str, n: u32) -> String {
    if n < 2 {
        return name.to_owned();
    }
    let (front, file_type) = split_type(name);
    let ending = format!(" ({n}){file_type}");
    format!("{}{ending}", shorten(front, LONGEST.saturating_sub(ending.len())))
}

/// A name with a word in front of the file type.
pub fn marked(name: &str, word: &str) -> String {
    let (front, file_type) = split_type(name);
    format!("{front}{word}{file_type}")
}

/// Splits a name at one of our endings, else at the file type.
fn split_ending(name: &str) -> (&str, &str) {
    let front = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
    let Some(front) = front else { return split_type(name) };
    name.split_at_checked(front.len()).unwrap_or((name, ""))
}

/// Splits a name in front of its last dot; a dot in front, or far from the end, makes no file type.
fn split_type(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= 16 => name.split_at_checked(dot).unwrap_or((name, "")),
        _ => (name, ""),
    }
}

/// The beginning in at most `bytes` bytes, between two characters.
fn shorten(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::timestamp::Timestamp;

    fn run(name: &str, start: Option<&str>, data_path: Option<&str>) -> Run {
        let start = Timestamp::read(start);
        Run { id: 7, name: name.to_owned(), start, data_path: data_path.map(str::to_owned), ..Run::default() }
    }

    #[test]
    fn validate_knows_pythons_word_characters() {
        let facts = [
            ("First run", "First_run"),
            ("5 µL (v2)", "_5_µL__v2_"),
            ("2024", "_2024"),
            ("٣ runs", "_٣_runs"),
            ("²½Ⅷ", "²½Ⅷ"),
            ("e\u{301} 日本語", "e__日本語"),
            ("🧪🧪", "__"),
            ("class", "class_"),
            ("match", "match"),
            ("None", "None_"),
            ("Class", "Class"),
            ("../../etc/passwd", "______etc_passwd"),
            ("", ""),
            ("\u{200b}zero", "_zero"),
        ];
        for (name, valid) in facts {
            assert_eq!(validate(name), valid, "{name:?}");
        }
    }

    #[test]
    fn names_are_ivoryoss() {
        let start = Some("2025-04-16 17:39:49.788003");
        let unnamed = run("name.csv", start, None);
        assert_eq!(data_csv(&unnamed), "name_csv_2025-04-16 17-39.csv");
        assert_eq!(steps_csv(&unnamed), "name_csv_2025-04-16 17-39_steps.csv");
        assert_eq!(log(&unnamed).as_deref(), Some("name_csv_2025-04-16 17-39-49.log"));
        let named = run("x", start, Some("é 72 µ.csv"));
        assert_eq!(
            (data_csv(&named), steps_csv(&named)),
            ("é 72 µ.csv".to_owned(), "é 72 µ_steps.csv".to_owned())
        );
        let bare = run("x", start, Some("a.csv.b"));
        assert_eq!(
            (data_csv(&bare), plots_json(&bare)),
            ("a.csv.b.csv".to_owned(), "a.b_plots.json".to_owned())
        );
        let nothing = run("for", None, None);
        assert_eq!((steps_csv(&nothing), log(&nothing)), ("for__7_steps.csv".to_owned(), None));
    }

    #[test]
    fn a_name_never_climbs_and_fits() {
        assert_eq!(safe_file_name("../../x\\y\u{9b}.csv").name, ".._.._x_y_.csv");
        for name in ["", ".", ".."] {
            assert_eq!(safe_file_name(name), SafeName { name: "_".to_owned(), cut: false });
        }
        assert_eq!(safe_file_name("-rf --x.csv").name, "_rf --x.csv");
        // An override that turns the ending round, joiners, a soft hyphen, a tag, a line separator, a filler.
        assert_eq!(
            safe_file_name("a\u{202e}vsc.exe\u{200b}\u{200d}\u{ad}\u{e0041}\u{2028}\u{3164}.csv").name,
            "a_vsc.exe______.csv"
        );
        assert_eq!(safe_file_name("µ é 日本 e\u{301}.csv").name, "µ é 日本 e\u{301}.csv");
        let long = safe_file_name(&("é".repeat(200) + "_steps.csv"));
        assert_eq!((long.name.len(), long.cut), (254, true));
        assert!(long.name.ends_with("é_steps.csv"));
    }

    #[test]
    fn the_next_free_name_is_numbered_in_front_of_the_type() {
        assert_eq!(numbered("a_steps.csv", 1), "a_steps.csv");
        assert_eq!(numbered("a_steps.csv", 2), "a_steps (2).csv");
        assert_eq!(numbered(".csv", 2), ".csv (2)");
        assert_eq!(numbered("folder v1. final and complete", 3), "folder v1. final and complete (3)");
        assert_eq!(numbered(&("x".repeat(251) + ".csv"), 12).len(), 255);
    }

    proptest! {
        #[test]
        fn any_name_is_made_safe(name in "[\\PC\\x00-\\x2f\\\\\u{80}-\u{9f}]{0,12}", times in 1_usize..60, n in 1_u32..2000) {
            let safe = safe_file_name(&name.repeat(times)).name;
            for name in [numbered(&safe, n), safe] {
                prop_assert!(!name.contains(['/', '\\']) && !name.contains(char::is_control));
                prop_assert!(!name.starts_with('-') && !name.contains(|c| mark(c).is_some()));
                prop_assert!(name.len() <= LONGEST && !["", ".", ".."].contains(&name.as_str()));
            }
        }

        #[test]
        fn validated_names_are_words(name in "\\PC{0,12}") {
            let valid = validate(&name);
            prop_assert!(valid.chars().all(is_word));
            prop_assert!(!valid.starts_with(is_digit) && !KEYWORDS.contains(&valid.as_str()));
        }
    }
}
