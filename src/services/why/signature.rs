//! What failures that read alike have in common: method and message with quoted texts, numbers, hex and paths left blank.

use super::pairing::is_method;

/// What stands where something was left out.
pub(super) const BLANK: char = '…';

/// The signature of an error event: `deck.pump.dose: 3.5 mL left` is `pump.dose: … mL left`.
pub fn of_event(detail: &str) -> String {
    let called =
        detail.split_once(": ").or_else(|| detail.trim_end().strip_suffix(':').map(|called| (called, "")));
    match called.filter(|(called, _)| is_call(called)) {
        Some((called, text)) => {
            let method = called.strip_prefix("deck.").unwrap_or(called);
            format!("{method}: {}", blanked(text)).trim_end().to_owned()
        }
        None => blanked(detail),
    }
}

/// The message of an error event, without the method in front of it.
pub fn message_of(detail: &str) -> &str {
    let called = detail.split_once(": ").filter(|(called, _)| is_call(called));
    called.map_or(detail, |(_, message)| message)
}

/// A name with a dot, as events begin with: no word of a message.
pub(super) fn is_call(called: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    called.contains('.') && called.chars().all(plain) && is_method(called, called)
}

/// The signature of a phase's message.
pub fn of_message(message: &str) -> String {
    blanked(message.lines().next().unwrap_or_default())
}

/// A text with all left out that changes from one failure to the next.
fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let (used, blank) = match quoted(rest, before) {
            Some(end) => {
                out.push(c);
                out.push(BLANK);
                out.push(c);
                before = c;
                rest = rest.get(end..).unwrap_or_default();
                continue;
            }
            None => {
                let long = path(rest, before).or_else(|| hex(rest, before)).or_else(|| number(rest));
                (long.unwrap_or(c.len_utf8()), long.is_some())
            }
        };
        if !blank {
            out.push(if c.is_whitespace() { ' ' } else { c });
        } else if !out.ends_with(BLANK) {
            out.push(BLANK);
        }
        before = rest.get(..used).and_then(|part| part.chars().next_back()).unwrap_or(c);
        rest = rest.get(used..).unwrap_or_default();
    }
    out
}

/// How long a quoted text is that begins here: an apostrophe within a word is none.
fn quoted(text: &str, before: char) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    if before.is_alphanumeric() {
        return None;
    }
    let mut at = quote.len_utf8();
    let mut escaped = false;
    for c in text.get(at..)?.chars() {
        at += c.len_utf8();
        if c == quote && !escaped {
            let next = text.get(at..)?.chars().next();
            if next.is_none_or(|next| !next.is_alphanumeric()) {
                return Some(at);
            }
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// How long a path is that begins here: `/opt/lab/x.csv`, `C:\lab`, `./results/a`.
fn path(text: &str, before: char) -> Option<usize> {
    if before.is_alphanumeric() {
        return None;
    }
    let end = text.find(|c: char| {
        c.is_whitespace() || matches!(c, '\'' | '"' | '`' | ',' | ';' | ')' | '(' | ']' | '>')
    });
    let word = text.get(..end.unwrap_or(text.len()))?;
    let word = word.trim_end_matches(['.', ':']);
    let drive = word.as_bytes().get(1) == Some(&b':') && matches!(word.as_bytes().get(2), Some(b'\\' | b'/'));
    let rooted = ["/", "~/", "./", "../", "\\\\"].iter().any(|start| word.starts_with(start));
    let parts = word.split(['/', '\\']).filter(|part| !part.is_empty()).count();
    (drive || (rooted && parts > 0)).then_some(word.len())
}

/// How long a hexadecimal number or an identifier like `3f2a-91cc` is that begins here.
fn hex(text: &str, before: char) -> Option<usize> {
    if before.is_alphanumeric() {
        return None;
    }
    let start = if text.starts_with("0x") || text.starts_with("0X") { 2 } else { 0 };
    let digits = text.get(start..)?;
    let digit = |c: char| c.is_ascii_hexdigit() || (c == '-' && start == 0);
    let end = digits.find(|c| !digit(c)).unwrap_or(digits.len());
    let word = digits.get(..end)?.trim_end_matches('-');
    let next = digits.get(word.len()..)?.chars().next();
    let whole = next.is_none_or(|c| !c.is_alphanumeric());
    let mixed = word.contains(|c: char| c.is_ascii_digit()) && word.len() >= 6;
    (whole && !word.is_empty() && (start == 2 || mixed)).then_some(start + word.len())
}

/// How long a number is that begins here, with its sign, decimals and exponent.
fn number(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')) && digit(1));
    if !digit(at) {
        return None;
    }
    loop {
        while digit(at) {
            at += 1;
        }
        match bytes.get(at) {
            Some(b'.' | b',' | b':' | b'-') if digit(at + 1) => at += 1,
            Some(b'e' | b'E') if digit(at + 1) => at += 1,
            Some(b'e' | b'E') if matches!(bytes.get(at + 1), Some(b'-' | b'+')) && digit(at + 2) => at += 2,
            _ => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_left_out() {
        for (text, wanted) in [
            (
                "sensor 'probe' timed out (try 1), \"quoted\", naïve, 100 %",
                "sensor '…' timed out (try …), \"…\", naïve, … %",
            ),
            ("can't read /dev/ttyUSB0: no answer", "can't read …: no answer"),
            ("C:\\lab\\run 3.csv is locked", "… ….csv is locked"),
            ("object at 0x7f3a1c at 1.5e-07, -3,5 mL", "object at … at …, … mL"),
            ("session 3fa85f64-5717-4562-b3fc lost", "session … lost"),
            ("valve3 stuck since 2026-11-24 03:00:44", "valve… stuck since … …"),
            ("温度 25 °C を超えました", "温度 … °C を超えました"),
            ("the door isn't shut", "the door isn't shut"),
            ("", ""),
        ] {
            assert_eq!(blanked(text), wanted, "{text}");
        }
    }

    #[test]
    fn an_event_has_its_method_in_front() {
        assert_eq!(of_event("deck.pump.dose: 3.5 mL left"), "pump.dose: … mL left");
        assert_eq!(of_event("deck.pump.dose: "), "pump.dose:");
        assert_eq!(of_event("Error: 3"), "Error: …");
    }
}
