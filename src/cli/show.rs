//! `show`: a record for people: what it was, how it ended, phases, failed steps.

use super::{
    args::Common,
    look::{Look, outcome_role},
    mark_text::{self, mark_text},
    out::print,
    table::{PrintedCell, PrintedColumn, TextTable},
};
use crate::{
    error::Result,
    formats::number::{counted, figures},
    model::{
        format,
        map_cell::MapCell,
        phase_summary::PhaseSummary,
        run_tally::RunTally,
        sanitize::{sanitize, sanitize_lines},
    },
    services::{
        calls,
        files::FileEntry,
        lab::Lab,
        overview::{self, Overview},
        slow_steps,
        why::{
            report,
            types::{Failure, FailureKind},
        },
    },
    signals,
    style::{Role, cell_role},
};

pub fn run(lab: &Lab, common: &Common, id: i64) -> Result<()> {
    mark_text::warn(lab);
    let overview = overview::overview(lab, id, true, &mut signals::cx())?.value;
    let calls = calls::around(lab, id, &mut signals::cx())?.words();
    let (slow, look) = (slow_steps::of_record(lab, id, &mut signals::cx())?.value, Look::of(common));
    let slow = slow.words(look.theme.dot());
    print(&text(lab, &overview, (calls.as_deref(), slow.as_deref()), look))
}

/// A record as text, with what is said of the calls by hand around it and of its slow steps.
pub fn text(lab: &Lab, record: &Overview, (calls, slow): (Option<&str>, Option<&str>), look: Look) -> String {
    let mut text = head(lab, record, look);
    if let Some(mark) = &record.row.mark {
        text.push_str(&mark_text(mark, look, lab.now()));
    }
    if let Some(calls) = calls {
        text.push_str(&format!("{calls}: ivorylens calls lists them\n"));
    }
    if let Some(slow) = slow {
        text.push_str(&format!(
            "{}: ivorylens map shows where\n",
            look.paint(slow, cell_role(MapCell::Slow))
        ));
    }
    if let Some(failure) = &record.first_failure {
        text.push_str(&reason(failure, look));
    }
    text.push_str(&phases(&record.phases, look));
    if !record.events.is_empty() {
        text.push('\n');
    }
    for event in &record.events {
        let time = event.time.at().map(format::time_of_day).unwrap_or_default();
        let detail = event.detail.as_deref().unwrap_or_default();
        let gap = if detail.is_empty() { "" } else { ": " };
        let line = format!("{time}  {}{gap}{}", sanitize(&event.label), sanitize_lines(detail));
        text.push_str(&indented(&line, "          "));
    }
    text.push_str(&outputs(record, look));
    text.push('\n');
    for file in record.files.iter().filter(|file| file.path().is_some()) {
        let path = file.path().map(|p| p.display().to_string()).unwrap_or_default();
        let size = file.size().map(format::bytes).unwrap_or_default();
        text.push_str(&format!("{} ({size})\n", sanitize(&path)));
    }
    for why in record.files.iter().filter_map(FileEntry::why_unusable) {
        text.push_str(&format!("note: {}\n", sanitize(why)));
    }
    for odd in &record.odd {
        text.push_str(&format!("note: {}\n", sanitize(odd)));
    }
    text
}

fn head(lab: &Lab, record: &Overview, look: Look) -> String {
    let run = &record.row.run;
    let start = run.start.at().map_or_else(|| run.start.python(), format::date_time);
    let end = run.end.at().map_or_else(|| run.end.python(), format::date_time);
    let took = record.row.took.map(|t| format!(", {}", format::duration(t))).unwrap_or_default();
    let mut lines = vec![
        look.paint(&format!("#{} {}", run.id, sanitize(run.shown_name())), Role::Heading).into_owned(),
        look.paint(
            &format!("{} {}", record.row.glyph(look.theme.ascii), record.row.label()),
            outcome_role(&record.row, RunTally::of(&record.phases).failures),
        )
        .into_owned(),
    ];
    if let Some(evidence) = record.row.evidence() {
        lines.push(sanitize(evidence).into_owned());
    }
    let words = [run.submitted_by.as_deref(), run.repeat_mode.as_deref(), Some(run.platform.as_str())];
    let words: Vec<_> = words.into_iter().flatten().filter(|w| !w.is_empty()).map(sanitize).collect();
    lines.push(words.join(", "));
    lines.push(match (start.is_empty(), end.is_empty()) {
        (true, _) => "never started".to_owned(),
        (false, true) => format!("started {start}"),
        (false, false) => format!("{start} to {end}{took}"),
    });
    if run.start.at().is_some_and(|at| at > lab.now()) {
        lines.push("the start lies ahead of this computer's clock".to_owned());
    }
    lines.retain(|l| !l.is_empty());
    lines.join("\n") + "\n"
}

/// The reason in red, then where it failed and where that is told.
fn reason(failure: &Failure, look: Look) -> String {
    let text = report::reason(failure);
    let lines: String = text.lines().map(|line| format!("{}\n", look.paint(line, Role::Failed))).collect();
    let place = Some(report::place(failure)).filter(|place| !place.is_empty());
    let time = failure.start.at().map(format::time_of_day);
    let told = failure.text.as_ref().map(|told| told.origin.words().to_owned());
    let facts: Vec<String> = [place, time, told].into_iter().flatten().collect();
    let failed = if failure.kind == FailureKind::Unfinished { "last step" } else { "failed" };
    format!("\n{lines}{failed}: {}\n", facts.join(", "))
}

/// Lines of text, all but the first indented.
fn indented(text: &str, by: &str) -> String {
    let mut lines = text.lines();
    let mut out = format!("{}\n", lines.next().unwrap_or_default());
    for line in lines {
        out.push_str(&format!("{by}{line}\n"));
    }
    out
}

/// Phases that are listed one by one; of more, those with failures and the ends.
const LISTED: usize = 40;

const PHASES: [PrintedColumn; 6] = [
    PrintedColumn::left("phase").cut_to(8),
    PrintedColumn::left("started").gives_way(2),
    PrintedColumn::right("took").gives_way(3),
    PrintedColumn::right("steps").gives_way(4),
    PrintedColumn::right("failed"),
    PrintedColumn::left("status").gives_way(1).cut_to(8),
];

const OUTPUTS: [PrintedColumn; 7] = [
    PrintedColumn::left("output").cut_to(12),
    PrintedColumn::right("last").cut_to(9),
    PrintedColumn::right("min").cut_to(9).gives_way(4),
    PrintedColumn::right("mean").cut_to(9).gives_way(3),
    PrintedColumn::right("max").cut_to(9).gives_way(5),
    PrintedColumn::right("sd").cut_to(9).gives_way(2),
    PrintedColumn::right("n").gives_way(1),
];

fn phases(phases: &[PhaseSummary], look: Look) -> String {
    let mut table = TextTable::new(&PHASES, look);
    let shown = |n: usize, p: &PhaseSummary| {
        phases.len() <= LISTED || n < LISTED / 2 || n >= phases.len() - LISTED / 4 || p.failed_steps() > 0
    };
    let mut left_out = 0;
    for (n, phase) in phases.iter().enumerate() {
        if !shown(n, phase) {
            left_out += 1;
            continue;
        }
        let index = phase.repeat_index.map(|n| format!(" {n}")).unwrap_or_default();
        let took = crate::services::run_row::took(&phase.start, &phase.end);
        let failed =
            if phase.failed_steps() == 0 { String::new() } else { format::count(phase.failed_steps()) };
        table.row([
            if phase.is_main() { format!("main{index}") } else { phase.name.to_string() }.into(),
            phase.start.at().map_or_else(|| phase.start.python(), format::time_of_day).into(),
            took.map(format::duration).unwrap_or_default().into(),
            format::count(phase.steps()).into(),
            PrintedCell::new(failed, Role::Failed),
            phase.status.as_deref().unwrap_or_default().into(),
        ]);
    }
    if table.is_empty() {
        return "\nno phases\n".to_owned();
    }
    let more = if left_out > 0 {
        format!("{} not listed: ivorylens steps has all\n", format::count_of(left_out, "phase", "phases"))
    } else {
        String::new()
    };
    format!("\n{}{more}", table.text())
}

fn outputs(record: &Overview, look: Look) -> String {
    let mut table = TextTable::new(&OUTPUTS, look);
    for output in &record.outputs {
        let Some(stats) = output.tally.stats() else { continue };
        let [last, min, mean, max, sd] = figures(&stats).map(PrintedCell::from);
        let name = output.series.name.as_str().into();
        table.row([name, last, min, mean, max, sd, counted(output).into()]);
    }
    let from_steps = record.outputs.iter().any(|output| output.series.from_steps);
    let note = if from_steps { "from the steps: the phases keep no numbers\n" } else { "" };
    if table.is_empty() { String::new() } else { format!("\n{}{note}", table.text()) }
}
