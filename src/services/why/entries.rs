//! The entries of a log: a line that begins with its time, and the lines up to the next such.

use jiff::civil::DateTime;

use crate::model::{encoding::Encoding, timestamp::Timestamp};

/// One entry of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where it begins in the file, and its bytes.
    pub offset: u64,
    pub length: u64,
    /// Whole seconds.
    pub time: DateTime,
    /// What its first line says behind the time.
    pub text: String,
    /// The lines below, without line ends.
    pub more: Vec<String>,
}

/// Bytes of `2026-11-24 03:00:44 - `.
const HEAD: usize = 22;

/// Lines of one entry that are kept, and bytes of each: more than a traceback has.
const MOST_LINES: usize = 100_000;
const LONGEST: usize = 4 << 20;

/// How IvoryOS begins the entries of errors.
pub const ERROR_ENTRY: &str = "Error during ";
const INPUT_ENTRY: &str = "Input type error: ";

impl Entry {
    /// An error of a wrong input, from before phases had errors of their own.
    pub fn is_about_inputs(&self) -> bool {
        self.text.starts_with(INPUT_ENTRY)
    }

    pub fn is_error(&self) -> bool {
        tells_error(&self.text)
    }

    pub fn end(&self) -> u64 {
        self.offset + self.length
    }

    /// The message of an error and all that stands below it up to a traceback.
    pub fn message(&self, prefix: &str) -> Option<String> {
        let first = self.text.strip_prefix(prefix)?;
        let below = self.more.iter().take_while(|line| !is_traceback(line));
        let mut message = first.to_owned();
        for line in below {
            message.push('\n');
            message.push_str(line);
        }
        Some(message.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// From the head of the traceback to the end.
    pub fn traceback(&self) -> Option<String> {
        let from = self.more.iter().position(|line| is_traceback(line))?;
        let lines = self.more.get(from..)?.join("\n");
        Some(lines.trim_end_matches(['\n', '\r']).to_owned())
    }
}

/// Which iteration the log says begins, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count<'a> {
    /// The record's name; `None` for a batch of a config table.
    pub name: Option<&'a str>,
    pub n: u64,
    pub of: u64,
}

impl<'a> Count<'a> {
    /// `Executing NAME experiment: 3/240`, and of a config table `Executing 2 of 3 with kwargs = [...]`.
    pub fn of_text(text: &'a str) -> Option<Self> {
        let told = text.strip_prefix("Executing ")?;
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let repeat = || {
            let (name, counts) = told.rsplit_once(" experiment: ")?;
            let (n, of) = counts.split_once('/')?;
            Some(Self { name: Some(name), n: number(n)?, of: number(of)? })
        };
        let batch = || {
            let (n, of) = told.split_once(" with kwargs = ")?.0.split_once(" of ")?;
            Some(Self { name: None, n: number(n)?, of: number(of)? })
        };
        batch().or_else(repeat)
    }
}

/// The head of a traceback.
pub const TRACEBACK: &str = "Traceback (most recent call last):";

/// Also that of a group of exceptions, which is drawn as a tree.
fn is_traceback(line: &str) -> bool {
    line.starts_with(TRACEBACK) || line.trim_start_matches([' ', '+']).starts_with(GROUP)
}

const GROUP: &str = "Exception Group Traceback (most recent call last):";

fn tells_error(text: &str) -> bool {
    text.starts_with(INPUT_ENTRY) || (text.starts_with(ERROR_ENTRY) && text.contains(':'))
}

/// Whether an entry that tells of an error begins with this line.
pub fn is_error_line(line: &str) -> bool {
    is_entry(line) && line.get(HEAD..).is_some_and(tells_error)
}

/// Whether an entry begins with this line.
pub fn is_entry(line: &str) -> bool {
    line.as_bytes().get(..HEAD).is_some_and(is_head)
}

/// The class that stands behind the last frame of a traceback.
pub fn exception(traceback: &str) -> Option<String> {
    if traceback.contains(GROUP) {
        let named = |line: &str| {
            let line = line.strip_prefix("  | ").filter(|line| !line.starts_with(' '))?;
            class(line.split(':').next()?)
        };
        return traceback.lines().find_map(named);
    }
    let lines: Vec<&str> = traceback.lines().collect();
    let last = lines.iter().rposition(|line| line.starts_with("  File "))?;
    let line = lines.get(last + 1..)?.iter().find(|line| !line.is_empty() && !line.starts_with(' '))?;
    class(line.split(':').next()?)
}

/// The name of a class: nothing else stands there.
fn class(name: &str) -> Option<String> {
    let name = name.trim();
    let is_name = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    (is_name && !name.is_empty()).then(|| name.to_owned())
}

/// The entries in bytes of a file that begin at `offset`. Lines in front of the first one with a time are left out.
pub fn entries(bytes: &[u8], offset: u64, encoding: Encoding) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for (start, line) in lines(bytes, encoding) {
        let at = offset + start as u64;
        let line = if at == 0 { encoding.without_mark(line) } else { line };
        match head(line, encoding) {
            Some((time, text)) => {
                found.push(Entry { offset: at, length: 0, time, text, more: Vec::new() });
            }
            None => {
                if let Some(entry) = found.last_mut().filter(|entry| entry.more.len() < MOST_LINES) {
                    entry.more.push(text(line, encoding));
                }
            }
        }
        if let Some(entry) = found.last_mut() {
            entry.length = at + line.len() as u64 - entry.offset;
        }
    }
    found
}

/// Where the first entry of these bytes begins, and its time.
pub fn first_time(bytes: &[u8], encoding: Encoding, is_start: bool) -> Option<(usize, DateTime)> {
    // What stands in front of the first line end may be the rest of a line.
    let mut lines = lines(bytes, encoding);
    if !is_start {
        lines.next();
    }
    lines.find_map(|(start, line)| {
        let line = if is_start && start == 0 { encoding.without_mark(line) } else { line };
        Some((start, head(line, encoding)?.0))
    })
}

/// Lines with their line ends, and where each begins.
fn lines(bytes: &[u8], encoding: Encoding) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = 0;
    let mut ends = encoding.line_ends(bytes);
    std::iter::from_fn(move || {
        let end = ends.next().or_else(|| (start < bytes.len()).then_some(bytes.len()))?;
        let line = bytes.get(start..end)?;
        let at = std::mem::replace(&mut start, end);
        Some((at, line))
    })
}

fn head(line: &[u8], encoding: Encoding) -> Option<(DateTime, String)> {
    if encoding == Encoding::Bytes {
        let stamp = line.get(..HEAD)?;
        is_head(stamp).then_some(())?;
        return Some((time(std::str::from_utf8(stamp).ok()?)?, text(line.get(HEAD..)?, encoding)));
    }
    let whole = text(line, encoding);
    let stamp = whole.get(..HEAD)?;
    is_head(stamp.as_bytes()).then_some(())?;
    Some((time(stamp)?, whole.get(HEAD..)?.to_owned()))
}

fn is_head(stamp: &[u8]) -> bool {
    let fits = |(at, byte): (usize, &u8)| match at {
        4 | 7 | 20 => *byte == b'-',
        10 | 19 | 21 => *byte == b' ',
        13 | 16 => *byte == b':',
        _ => byte.is_ascii_digit(),
    };
    stamp.len() == HEAD && stamp.iter().enumerate().all(fits)
}

fn time(stamp: &str) -> Option<DateTime> {
    Timestamp::read(stamp.get(..19)).at()
}

fn text(line: &[u8], encoding: Encoding) -> String {
    let line = line.get(..line.len().min(LONGEST)).unwrap_or(line);
    let text = encoding.decoded(line, true).text;
    text.trim_end_matches(['\n', '\r']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_exceptions_has_its_class() {
        let log = "2026-11-24 03:00:44 - Error during script execution: two failed (2 sub-exceptions)\n  + Exception Group \
                   Traceback (most recent call last):\n  |   File \"/opt/lab/deck.py\", line 9, in both\n  |     names: list\n  \
                   | ExceptionGroup: two failed (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | \
                   ValueError: 1\n    +------------------------------------\n2026-11-24 03:00:45 - Pause script\n";
        let entries = entries(log.as_bytes(), 0, Encoding::Bytes);
        let traceback = entries[0].traceback().unwrap();
        assert!(traceback.starts_with("  + Exception Group") && traceback.ends_with("----"), "{traceback}");
        assert_eq!(exception(&traceback).as_deref(), Some("ExceptionGroup"));
        let text = entries[0].message("Error during script execution: ");
        assert_eq!(text.as_deref(), Some("two failed (2 sub-exceptions)"));
        assert_eq!(entries.len(), 2);
    }

    #[test]
    fn counts_of_iterations_are_read() {
        let count = |text| Count::of_text(text).map(|count| (count.name, count.n, count.of));
        assert_eq!(count("Executing dye experiment: 3/240"), Some((Some("dye"), 3, 240)));
        assert_eq!(
            count("Executing an experiment: 1/2 experiment: 4/ 9"),
            Some((Some("an experiment: 1/2"), 4, 9))
        );
        assert_eq!(count("Executing 2 of 3 with kwargs = [{'of': '7 experiment: 1/2'}]"), Some((None, 2, 3)));
        for text in [
            "Executing 'a of b.dose' with args {'x': '1/2'}",
            "Executing dye experiment: x/2",
            "Executing variable i (int): 0",
            "Stopping execution during dye: 3/5",
            "Executing prep steps",
        ] {
            assert_eq!(count(text), None, "{text}");
        }
    }

    #[test]
    fn a_long_traceback_is_whole() {
        let frames = "  File \"a.py\", line 1, in f\n    f()\n".repeat(5_000);
        let log = format!("2026-11-24 03:00:44 - Error\n{TRACEBACK}\n{frames}deck.Deep: end\n");
        let traceback = entries(log.as_bytes(), 0, Encoding::Bytes)[0].traceback().unwrap();
        assert_eq!(
            (traceback.lines().count(), exception(&traceback).as_deref()),
            (10_002, Some("deck.Deep"))
        );
    }
}
