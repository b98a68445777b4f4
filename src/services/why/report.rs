//! A record's failures as people read them: the parts of one failure, all of them as text, and as Markdown.

use super::{
    entries::{TRACEBACK, is_entry},
    signature,
    types::{Difference, Failure, FailureKind, LastGood, Origin, Same, Share, Why},
};
use crate::{
    formats::python_repr::py_repr,
    model::{
        call::Call,
        format,
        outcome::Outcome,
        sanitize::{sanitize, sanitize_lines},
        value::{Dict, Value},
    },
    services::{calls::CallLine, run_state::RunState},
};

/// One part of what is told of a failure, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportPart {
    pub title: &'static str,
    pub origin: Option<Origin>,
    pub lines: Vec<String>,
}

/// Characters of one value in a line.
const LONGEST_VALUE: usize = 200;

/// `iteration 1, step 2 reactor.flaky (sample 1 of 2, try 1 of 3)`.
pub fn place(failure: &Failure) -> String {
    let mut parts = Vec::new();
    match (failure.phase.as_deref(), failure.iteration) {
        (Some("main"), Some(n)) => parts.push(format!("iteration {n}")),
        (Some(name), _) => parts.push(name.to_owned()),
        (None, _) => {}
    }
    let method = failure.called.as_deref().or(failure.method.as_deref());
    if let Some(method) = method {
        let index = failure.step_index.map(|n| format!(" {n}")).unwrap_or_default();
        parts.push(format!("step{index} {method}"));
    }
    let share = |word, share: Option<Share>| Some(format!("{word} {} of {}", share?.n, share?.of));
    let shares: Vec<String> =
        [share("sample", failure.sample), share("try", failure.attempt)].into_iter().flatten().collect();
    let shares = if shares.is_empty() { String::new() } else { format!(" ({})", shares.join(", ")) };
    if parts.is_empty() {
        parts.push("the record".to_owned());
    }
    sanitize(&format!("{}{shares}", parts.join(", "))).into_owned()
}

/// The reason in words: its text, else the class of the exception, else that nothing tells it.
pub fn reason(failure: &Failure) -> String {
    let text = failure.text.as_ref().map(|told| told.value.trim()).filter(|text| !text.is_empty());
    let text = text.or(failure.exception.as_deref()).unwrap_or(match failure.kind {
        FailureKind::Step => "the step failed; neither the database nor a log says why",
        FailureKind::Phase => "the phase failed; the database does not say why",
        FailureKind::Run => "the record ended with an error; neither the database nor a log says which",
        FailureKind::Unfinished if failure.step.is_none() => "no step was begun",
        FailureKind::Unfinished if failure.end.is_none() => "this step never ended",
        FailureKind::Unfinished => "nothing came behind this step",
    });
    sanitize_lines(text).into_owned()
}

/// What the failure has in common with others that read alike, also where only the log tells of it.
pub fn signature(failure: &Failure) -> String {
    if let Some(told) = &failure.signature {
        return told.value.clone();
    }
    let method = failure.called.as_deref().or(failure.method.as_deref());
    let method = method.map(|method| format!("{method}: ")).unwrap_or_default();
    format!("{method}{}", signature::of_message(&reason(failure)))
}

/// What is told of a failure, the most telling first. Of the traceback only what stands from the last frame outside
/// IvoryOS's own files on, unless it is wanted whole.
pub fn parts(failure: &Failure, whole_traceback: bool) -> Vec<ReportPart> {
    let log = failure.log.as_ref().map(|log| log.origin);
    let mut parts = vec![ReportPart {
        title: "reason",
        origin: failure.text.as_ref().map(|told| told.origin),
        lines: lines_of(&reason(failure)),
    }];
    let mut add = |title, origin, lines: Vec<String>| {
        if !lines.is_empty() {
            parts.push(ReportPart { title, origin, lines });
        }
    };
    let class = failure.exception.as_deref().filter(|class| reason(failure) != *class);
    add("exception", log, class.map(|class| sanitize(class).into_owned()).into_iter().collect());
    let inputs = failure.inputs.as_ref();
    add("inputs", inputs.map(|told| told.origin), inputs.map(|told| values(&told.value)).unwrap_or_default());
    let traceback =
        failure.traceback.as_deref().map(|whole| if whole_traceback { whole } else { last_frames(whole) });
    add("traceback", log, traceback.map(lines_of).unwrap_or_default());
    add("last good", Some(Origin::Step), failure.last_good.as_ref().map(last_good).unwrap_or_default());
    let slow = failure.slow_before.iter().map(|slow| slow.words("-")).collect();
    add("slow before", Some(Origin::Step), slow);
    let same = failure.same.as_ref();
    add("same elsewhere", same.map(|same| same.origin), same.map(same_elsewhere).unwrap_or_default());
    let place = failure.log.as_ref();
    add("log", log, place.map(|place| without_traceback(&place.text)).unwrap_or_default());
    parts
}

/// Lines of the log but for those of tracebacks, which are told by themselves.
fn without_traceback(lines: &[String]) -> Vec<String> {
    let mut shown = Vec::with_capacity(lines.len());
    let mut within = false;
    for line in lines {
        let begins = line.starts_with(TRACEBACK);
        within = begins || (within && !is_entry(line));
        if begins {
            shown.push(format!("{TRACEBACK} ..."));
        } else if !within {
            shown.push(line.clone());
        }
    }
    shown
}

fn lines_of(text: &str) -> Vec<String> {
    sanitize_lines(text).lines().map(str::to_owned).collect()
}

/// From the last frame on that is not in IvoryOS's own files.
pub fn last_frames(traceback: &str) -> &str {
    let mut last = None;
    let mut at = 0;
    for line in traceback.split_inclusive('\n') {
        if line.starts_with("  File ") && !is_ivoryos(line) {
            last = Some(at);
        }
        at += line.len();
    }
    last.and_then(|at| traceback.get(at..)).unwrap_or(traceback)
}

fn is_ivoryos(frame: &str) -> bool {
    let file = frame.split('"').nth(1).unwrap_or_default();
    file.split(['/', '\\']).any(|part| part == "ivoryos")
}

/// A line for each value: `volume = 1.5`.
fn values(values: &Dict) -> Vec<String> {
    values.iter().map(|(name, value)| format!("{} = {}", sanitize(&name.lossy()), short(value))).collect()
}

fn short(value: &Value) -> String {
    let text = py_repr(value);
    let text = match text.char_indices().nth(LONGEST_VALUE) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    };
    sanitize(&text).into_owned()
}

fn last_good(good: &LastGood) -> Vec<String> {
    let iteration = good.iteration.map(|n| format!(", iteration {n}")).unwrap_or_default();
    let mut lines = vec![format!("#{}{iteration}", good.run)];
    let took = |took: Option<f64>| took.map_or_else(|| "?".to_owned(), format::duration);
    if let Some(line) = lines.first_mut() {
        line.push_str(&format!(": took {} then, {} now", took(good.took.0), took(good.took.1)));
        if good.inputs.is_empty() && good.outputs.is_empty() {
            line.push_str("; the same inputs and outputs");
        }
    }
    lines.extend(good.inputs.iter().map(|difference| differs("input", difference)));
    lines.extend(good.outputs.iter().map(|difference| differs("output", difference)));
    lines
}

fn differs(word: &str, difference: &Difference) -> String {
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "none".to_owned(), short);
    let name = difference.name.lossy();
    format!("{word} {}: {} then, {} now", sanitize(&name), value(&difference.then), value(&difference.now))
}

fn same_elsewhere(same: &Same) -> Vec<String> {
    if same.failures == 1 {
        return vec!["no other failure in the database reads like it".to_owned()];
    }
    let since = same.since.at().map(|at| format!(" since {}", format::date_time(at))).unwrap_or_default();
    let ids: Vec<String> = same.ids.iter().map(|id| format!("#{id}")).collect();
    let failures = format::count_of(same.failures, "failure", "failures");
    let records = format::count_of(same.records, "record", "records");
    vec![format!("{failures} of {records}{since}: {}", ids.join(" ")), sanitize(&same.signature).into_owned()]
}

/// The record in one line: `#21 error_then_retry, completed`.
pub fn head(why: &Why) -> String {
    let run = &why.row.run;
    let state = match why.row.state() {
        Some(RunState::Running) => "is running".to_owned(),
        Some(RunState::Waits) => "waits for a person".to_owned(),
        Some(RunState::Died) => "died".to_owned(),
        None => why.row.outcome.label().to_lowercase(),
    };
    sanitize(&format!("#{} {}: {state}", run.id, run.name)).into_owned()
}

/// Where nothing failed: that, and what the record has instead.
pub fn nothing(why: &Why) -> String {
    let mut words = match why.row.outcome {
        Outcome::Ended => "Nothing failed, as far as the file tells.".to_owned(),
        _ => "Nothing failed.".to_owned(),
    };
    for more in [why.instead.as_deref(), why.row.evidence()].into_iter().flatten() {
        let mut letters = more.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        words.push_str(&format!(" {first}{}.", sanitize_lines(letters.as_str())));
    }
    words
}

/// All failures of a record as text.
pub fn text(why: &Why) -> String {
    let mut text = format!("{}\n", head(why));
    if let Some(evidence) = why.row.evidence().filter(|_| !why.failures.is_empty()) {
        text.push_str(&format!("{}\n", sanitize(evidence)));
    }
    if why.failures.is_empty() {
        text.push_str(&format!("{}\n", nothing(why)));
    }
    for (n, failure) in why.failures.iter().enumerate() {
        text.push_str(&format!(
            "\nfailure {} of {}: {}{}\n",
            n + 1,
            why.total(),
            place(failure),
            time(failure)
        ));
        for part in parts(failure, true) {
            let origin = part.origin.map(|origin| format!(" ({})", origin.word())).unwrap_or_default();
            text.push_str(&format!("  {}{origin}\n", part.title));
            for line in part.lines {
                text.push_str(format!("    {line}").trim_end());
                text.push('\n');
            }
        }
    }
    let calls = calls_before(why);
    if !calls.is_empty() {
        text.push_str("\ncalls by hand within an hour before\n");
    }
    for line in calls {
        text.push_str(&format!("  {line}\n"));
    }
    text
}

/// The calls by hand before the first failure, a line each.
pub fn calls_before(why: &Why) -> Vec<String> {
    let line = |call: &Call| {
        let line = CallLine::of(call);
        let at = line.start.at().map(format::date_time).unwrap_or_else(|| line.start.python());
        let result = line.error.unwrap_or(line.result);
        format!("{at}  {} {}  {result}", line.method, line.arguments).trim_end().to_owned()
    };
    why.calls_before.iter().map(|call| sanitize(&line(call)).into_owned()).collect()
}

/// `, 24 Nov 03:00:44, took 9 ms`.
pub fn time(failure: &Failure) -> String {
    let at = failure.start.at().map(|at| format!(", {}", format::date_time(at))).unwrap_or_default();
    let took =
        crate::services::run_row::took(&failure.start, &failure.end).filter(|_| failure.step.is_some());
    format!("{at}{}", took.map(|took| format!(", took {}", format::duration(took))).unwrap_or_default())
}

/// All failures of a record as Markdown.
pub fn markdown(why: &Why) -> String {
    let mut text = format!("# {}\n", escaped(&head(why)));
    if why.failures.is_empty() {
        text.push_str(&format!("\n{}\n", escaped(&nothing(why))));
    }
    for (n, failure) in why.failures.iter().enumerate() {
        let title = format!("Failure {} of {}: {}{}", n + 1, why.total(), place(failure), time(failure));
        text.push_str(&format!("\n## {}\n", escaped(&title)));
        for part in parts(failure, true) {
            let origin = part.origin.map(|origin| format!(" ({})", origin.word())).unwrap_or_default();
            let fence = fence(&part.lines);
            text.push_str(&format!(
                "\n**{}**{origin}\n\n{fence}\n{}\n{fence}\n",
                part.title,
                part.lines.join("\n")
            ));
        }
    }
    let calls = calls_before(why);
    if !calls.is_empty() {
        let fence = fence(&calls);
        let lines = calls.join("\n");
        text.push_str(&format!("\n## Calls by hand within an hour before\n\n{fence}\n{lines}\n{fence}\n"));
    }
    text
}

/// Longer than any row of backticks in the lines.
fn fence(lines: &[String]) -> String {
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max();
    "`".repeat(longest.unwrap_or(0).max(2) + 1)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '`' | '<' | '[' | ']' | '#' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

impl Why {
    /// Failures in all.
    pub fn total(&self) -> usize {
        self.failures.len() + self.more
    }
}
