//! What can be typed behind `:`, and how its words are completed.

use strum::VariantArray;

use crate::{
    model::query::{Order, SortKey},
    services::export_kind::ExportKind,
    tui::{action::Action, bindings::key_of, keymap::Context, list_columns::ListColumns},
};

/// A command. The first five go to the screen, where it wants them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A number alone: the screen says what it counts ([`super::screen::Screen::numbered`]).
    Number(u64),
    /// Without an order: the one that the web page starts with, or turned if this key sorts already.
    Sort(SortKey, Option<Order>),
    /// Other columns, and the menu of columns with this line selected.
    Columns {
        chosen: Option<ListColumns>,
        menu: Option<usize>,
    },
    /// Keeps the list under this name; without one, the kept ones.
    View(Option<String>),
    /// No longer keeps the view of this name.
    Forget(String),
    /// A page, from 1.
    Page(u64),
    /// Rows of a page: 10, 20 or 50.
    PerPage(u64),
    /// Without a kind: the menu.
    Export(Option<ExportKind>),
    /// These records; without ids the selected one.
    Delete(Vec<i64>),
    Trash,
    /// What is wrong in config.toml.
    Config,
    Reload,
    Help,
    Quit,
}

/// Every command as it is written, and what it does; the first words are what Tab offers.
pub const USAGE: [(&str, &str); 14] = [
    ("sort COLUMN [asc|desc]", "sort the list by a column"),
    ("columns [NAME,...]", "these columns, as id,name,deck or default,-by; or choose from the menu"),
    ("view [NAME]", "keep words, order and columns under a name; or choose a kept one"),
    ("forget NAME", "no longer keep a view"),
    ("page N", "to a page of the list"),
    ("per-page 10|20|50", "rows of a page"),
    ("export [KIND]", "export at once, or choose from the menu"),
    ("delete [ID ...]", "delete this record, or those with these ids, after the bill"),
    ("trash", "what was deleted: look at it, bring it back"),
    ("config", "what is wrong in config.toml"),
    ("reload", "read the file again"),
    ("help", "the keys"),
    ("quit", "leave the program"),
    ("25", "to the record with this id; in a text to this line"),
];

/// First words, as they are offered.
const WORDS: [&str; 13] = [
    "sort", "columns", "view", "forget", "page", "per-page", "export", "delete", "trash", "config", "reload",
    "help", "quit",
];

/// Reads a typed line.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn parse(line: &str) -> Result<Command, String> {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    if let Ok(number) = first.trim_start_matches('#').parse() {
        return alone(Command::Number(number), first, &rest);
    }
    match first {
        "sort" => sort(&rest),
        "columns" if rest.is_empty() => Ok(Command::Columns { chosen: None, menu: Some(0) }),
        "columns" => {
            let chosen = Some(ListColumns::read(&rest.join(","))?);
            Ok(Command::Columns { chosen, menu: None })
        }
        "view" | "views" if rest.is_empty() => Ok(Command::View(None)),
        "view" => Ok(Command::View(Some(rest.join(" ")))),
        "forget" if rest.is_empty() => Err(format!("forget which view? {} offers them", tab())),
        "forget" => Ok(Command::Forget(rest.join(" "))),
        "page" => number(&rest, "page 3").map(Command::Page),
        "per-page" => match number(&rest, "per-page 20")? {
            n @ (10 | 20 | 50) => Ok(Command::PerPage(n)),
            n => Err(format!("per-page {n}: 10, 20 or 50")),
        },
        "export" => export(&rest),
        "delete" => delete(&rest),
        "trash" => alone(Command::Trash, first, &rest),
        "config" => alone(Command::Config, first, &rest),
        "reload" => alone(Command::Reload, first, &rest),
        "help" => alone(Command::Help, first, &rest),
        "quit" | "q" => alone(Command::Quit, first, &rest),
        "" => Err(format!("give an id, a line number or a command; {} completes", tab())),
        other => Err(format!("no command {other:?}; there are {}", WORDS.join(", "))),
    }
}

/// The key that completes.
fn tab() -> String {
    key_of(Context::Prompt, Action::Complete)
}

fn alone(command: Command, word: &str, rest: &[&str]) -> Result<Command, String> {
    if rest.is_empty() { Ok(command) } else { Err(format!("{word} takes nothing behind it")) }
}

fn number(rest: &[&str], example: &str) -> Result<u64, String> {
    match rest {
        [one] => {
            one.parse().ok().filter(|n| *n > 0).ok_or_else(|| format!("{one:?} is no number; say {example}"))
        }
        _ => Err(format!("one number, as in {example}")),
    }
}

fn sort(rest: &[&str]) -> Result<Command, String> {
    let columns = || SortKey::ALL.map(SortKey::column).join(", ");
    let (name, order) = match rest {
        [name] => (*name, None),
        [name, "asc"] => (*name, Some(Order::Ascending)),
        [name, "desc"] => (*name, Some(Order::Descending)),
        [_, word, ..] => return Err(format!("sort COLUMN asc or desc, not {word:?}")),
        [] => return Err(format!("sort by one of {}", columns())),
    };
    let key = SortKey::ALL.into_iter().find(|key| key.column() == name);
    let key = key.ok_or_else(|| format!("no column {name:?} to sort by; there are {}", columns()))?;
    Ok(Command::Sort(key, order))
}

fn export(rest: &[&str]) -> Result<Command, String> {
    let names = || ExportKind::words().collect::<Vec<_>>().join(", ");
    match rest {
        [] => Ok(Command::Export(None)),
        [name] => match ExportKind::VARIANTS.iter().find(|kind| kind.describe().word == *name) {
            Some(kind) => Ok(Command::Export(Some(*kind))),
            None => Err(format!("no export {name:?}; there are {}", names())),
        },
        _ => Err(format!("export one of {}", names())),
    }
}

fn delete(rest: &[&str]) -> Result<Command, String> {
    let mut ids = Vec::new();
    for word in rest {
        let id = word.trim_start_matches('#').trim_end_matches(',').parse();
        let id: i64 =
            id.map_err(|_| format!("{word:?} is no id; say delete 23 24, or delete alone for this record"))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(Command::Delete(ids))
}

/// What the last word of the line could become: whole lines.
fn completions(line: &str, views: &[String]) -> Vec<String> {
    if let Some((word @ ("view" | "forget"), name)) = line.split_once(' ') {
        let found = views.iter().filter(|view| view.starts_with(name.trim_start()));
        return found.map(|view| format!("{word} {view}")).collect();
    }
    let (before, word) = line.rsplit_once(' ').map_or(("", line), |(before, word)| (before, word));
    let words: Vec<&str> = before.split_whitespace().collect();
    let known: Vec<&str> = match words.as_slice() {
        [] => WORDS.to_vec(),
        ["sort"] => SortKey::ALL.map(SortKey::column).to_vec(),
        ["sort", _] => vec!["asc", "desc"],
        ["per-page"] => vec!["10", "20", "50"],
        ["export"] => ExportKind::words().collect(),
        ["columns"] => return column_completions(word),
        _ => Vec::new(),
    };
    let found = known.into_iter().filter(|known| known.starts_with(word));
    found.map(|known| words.iter().copied().chain([known]).collect::<Vec<_>>().join(" ")).collect()
}

/// Of a list of columns the last one; those that are in it already are not offered.
fn column_completions(list: &str) -> Vec<String> {
    let (before, last) = list.rsplit_once(',').map_or(("", list), |(before, last)| (before, last));
    let (minus, last) = last.strip_prefix('-').map_or(("", last), |last| ("-", last));
    let is_new = |word: &&str| !before.split(',').any(|there| there.trim_start_matches('-') == *word);
    let found = ListColumns::words().filter(|word| word.starts_with(last)).filter(is_new);
    let comma = if before.is_empty() { "" } else { "," };
    found.map(|word| format!("columns {before}{comma}{minus}{word}")).collect()
}

/// The line with as much added as all completions agree on, and the completions.
pub fn complete(line: &str, views: &[String]) -> (String, Vec<String>) {
    let found = completions(line, views);
    let Some(first) = found.first() else { return (line.to_owned(), found) };
    let mut common = first.clone();
    for other in &found {
        while !other.starts_with(&common) {
            common.pop();
        }
    }
    if found.len() == 1 && completions(&format!("{common} "), views).iter().any(|next| next != &common) {
        common.push(' ');
    }
    (if common.len() > line.len() { common } else { line.to_owned() }, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places() {
        assert_eq!(parse("25"), Ok(Command::Number(25)));
        assert_eq!(parse(" #25 "), Ok(Command::Number(25)));
        assert!(parse("25 26").is_err());
    }

    #[test]
    fn commands_read() {
        assert_eq!(parse("sort name"), Ok(Command::Sort(SortKey::Name, None)));
        assert_eq!(
            parse("sort start_time asc"),
            Ok(Command::Sort(SortKey::StartTime, Some(Order::Ascending)))
        );
        assert_eq!(parse("page 3"), Ok(Command::Page(3)));
        assert_eq!(parse("columns"), Ok(Command::Columns { chosen: None, menu: Some(0) }));
        let chosen = ListColumns::read("id,name,deck").ok();
        for line in ["columns id,name,deck", "columns id, name,deck", "columns id name platform"] {
            assert_eq!(parse(line), Ok(Command::Columns { chosen, menu: None }));
        }
        assert_eq!(parse("per-page 50"), Ok(Command::PerPage(50)));
        assert_eq!(parse("export"), Ok(Command::Export(None)));
        assert_eq!(parse("export plot"), Ok(Command::Export(Some(ExportKind::PlotJson))));
        assert_eq!(parse("q"), Ok(Command::Quit));
        assert_eq!((parse("trash"), complete("t", &[]).0.as_str()), (Ok(Command::Trash), "trash"));
        assert_eq!(parse("delete"), Ok(Command::Delete(Vec::new())));
        assert_eq!(parse("delete 23 #24 23"), Ok(Command::Delete(vec![23, 24])));
    }

    #[test]
    fn what_is_wrong_says_what_would_be_right() {
        assert!(parse("trash 3").unwrap_err().contains("nothing behind it"));
        assert!(parse("delete it").unwrap_err().contains("delete 23 24"));
        assert!(parse("per-page 30").unwrap_err().contains("10, 20 or 50"));
        assert!(parse("sort colour").unwrap_err().contains("submitted_by"));
        assert!(
            parse("columns id,shoe").unwrap_err().contains("\"shoe\"; there are outcome, id, marks, name")
        );
        assert!(parse("page 0").unwrap_err().contains("page 3"));
        assert!(parse("export pdf").unwrap_err().contains("plots"));
        assert!(parse("frobnicate").unwrap_err().contains("per-page"));
        assert!(parse("").unwrap_err().contains("Tab"));
    }

    #[test]
    fn tab_completes() {
        assert_eq!(complete("so", &[]).0, "sort ");
        assert_eq!(complete("sort n", &[]).0, "sort name ");
        assert_eq!(complete("p", &[]).0, "p");
        assert_eq!(complete("pa", &[]).0, "page");
        assert_eq!(complete("export pl", &[]).0, "export plot");
        assert_eq!(complete("export pl", &[]).1, ["export plot", "export plots"]);
        assert_eq!(complete("zz", &[]), ("zz".to_owned(), vec![]));
        assert_eq!(complete("quit", &[]).0, "quit");
        assert_eq!(complete("col", &[]).0, "columns ");
        assert_eq!(complete("columns id,na", &[]).0, "columns id,name");
        assert_eq!(
            complete("columns default,-ou", &[]).1,
            ["columns default,-outcome", "columns default,-output"]
        );
        assert!(completions("columns id,name,", &[]).iter().all(|line| !line.ends_with(",name")));
    }

    #[test]
    fn views_are_named_with_blanks() {
        let views = ["long ones".to_owned(), "long night".to_owned(), "夜".to_owned()];
        assert_eq!(parse("view  long  ones"), Ok(Command::View(Some("long ones".to_owned()))));
        assert_eq!((parse("view"), parse("views")), (Ok(Command::View(None)), Ok(Command::View(None))));
        assert_eq!(parse("forget 夜"), Ok(Command::Forget("夜".to_owned())));
        assert!(parse("forget").unwrap_err().contains("Tab"));
        assert_eq!(complete("vi", &views).0, "view ");
        assert_eq!(complete("view l", &views).0, "view long n".trim_end_matches('n'));
        assert_eq!(complete("view long o", &views).0, "view long ones");
        assert_eq!(complete("forget ", &views).1.len(), 3);
        assert_eq!(complete("forget long night", &views).0, "forget long night");
    }

    #[test]
    fn usage_and_words_agree() {
        let first = |usage: &'static str| usage.split(' ').next().unwrap();
        let told: Vec<_> = USAGE.iter().map(|(usage, _)| first(usage)).filter(|word| *word != "25").collect();
        assert_eq!(told, WORDS);
    }

    /// Whatever Tab offers as a whole command is one.
    #[test]
    fn completions_are_commands() {
        for line in ["", "export ", "sort name ", "per-page ", "columns ", "columns id,d"] {
            for offered in completions(line, &[]) {
                assert!(!matches!(parse(&offered), Err(e) if e.starts_with("no ")), "{offered}");
            }
        }
    }
}
