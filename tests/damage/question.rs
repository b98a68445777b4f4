//! What is asked of a lab, as commands and as screens ask it, and what it says, in a form that can be compared.

use std::{collections::HashSet, fmt::Write as _, hash::Hash};

use ivorylens::{
    checkpoint::Cx,
    error::Result,
    model::{
        phase_summary::PhaseSummary,
        query::{ListQuery, Order, Place, SortKey},
    },
    services::{
        delete::{self, Bill},
        export::{self, Outlet},
        export_kind::ExportKind,
        lab::Lab,
        overview::{self, Overview, PhaseSteps},
        records,
        request::{Answer, Ask},
        run_row::RunRow,
        table::types::{TableAt, TablePart, TableRows},
    },
};

/// A command, about a record where it is about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    List(ListQuery),
    Show(i64),
    /// The ids of a record's phases and steps, which no command prints.
    Ids(i64),
    Export(i64, ExportKind),
    DryRun(i64),
}

/// The exports that are made, and the log.
pub const EXPORTS: [ExportKind; 5] =
    [ExportKind::StepsCsv, ExportKind::DataCsv, ExportKind::PlotJson, ExportKind::ChartSvg, ExportKind::Log];

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    pub text: String,
    /// A row that is in it twice.
    pub twice: Option<String>,
}

impl Said {
    fn plain(text: String) -> Self {
        Self { text, twice: None }
    }
}

impl Question {
    /// Every question about a record.
    pub fn about(run: i64) -> Vec<Self> {
        let own = [Self::Ids(run), Self::Show(run), Self::DryRun(run)];
        own.into_iter().chain(EXPORTS.map(|kind| Self::Export(run, kind))).collect()
    }

    /// Lists by each key, one with words.
    pub fn lists() -> Vec<Self> {
        let by = |sort, order, keyword: &str| {
            Self::List(ListQuery { keyword: keyword.to_owned(), sort, order, ..ListQuery::default() })
        };
        SortKey::ALL
            .iter()
            .flat_map(|key| [by(*key, Order::Descending, ""), by(*key, Order::Ascending, "a")])
            .collect()
    }

    /// Asks as a command does, which waits for the index where it needs it.
    ///
    /// # Errors
    /// As any read.
    pub fn ask(&self, lab: &Lab, cx: &mut Cx<'_>) -> Result<Said> {
        match self {
            Self::List(query) => {
                let rows = records::rows(lab, query, (0, u64::MAX), cx)?;
                return Ok(Said {
                    text: listed(&rows),
                    twice: twice("record", rows.iter().map(|row| row.run.id)),
                });
            }
            Self::Export(_, ExportKind::Log) => {}
            Self::Show(run) | Self::Ids(run) | Self::Export(run, _) | Self::DryRun(run) => {
                lab.run(*run, cx)?;
                lab.prepare(cx)?;
            }
        }
        match self {
            Self::List(_) => Ok(Said::default()),
            Self::Show(run) => Ok(shown(&overview::overview(lab, *run, true, cx)?.value)),
            Self::Ids(run) => ids(lab, *run, cx),
            Self::Export(run, kind) => exported(lab, *run, *kind, cx),
            Self::DryRun(run) => Ok(Said::plain(billed(&delete::bill(lab, &[*run], cx)?))),
        }
    }
}

fn ids(lab: &Lab, run: i64, cx: &mut Cx<'_>) -> Result<Said> {
    let phases = overview::phase_list(lab, run, true, cx)?.value.phases;
    let phases: Vec<i64> = phases.iter().map(PhaseSummary::id).collect();
    let steps = overview::phase_steps(lab, run, &phases, cx)?.value;
    let twice = twice("phase", phases.iter().copied()).or_else(|| twice_steps(&steps));
    let owned = steps.iter().map(|one| (one.phase, one.steps.iter().map(|step| step.id).collect()));
    Ok(Said { text: owned_text(owned.collect()), twice })
}

/// Phases with the ids of their steps.
pub fn owned_text(mut owned: Vec<(i64, Vec<i64>)>) -> String {
    owned.sort();
    owned.iter().fold(String::new(), |mut text, (phase, steps)| {
        writeln!(text, "phase {phase}: {steps:?}").unwrap();
        text
    })
}

fn exported(lab: &Lab, run: i64, kind: ExportKind, cx: &mut Cx<'_>) -> Result<Said> {
    let run = lab.run(run, cx)?;
    let mut bytes = Vec::new();
    let mut outlet = Outlet::new(&mut bytes, "memory");
    export::write(lab, &run, kind, &mut outlet, cx)?;
    let notes = outlet.finish();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // Steps begin at moments of their own; a row of another table that is read as a step has none.
    let begins = |line: &&str| line.split(',').nth(3).is_some_and(|start| !start.is_empty());
    let lines = || text.lines().filter(begins);
    let twice = (kind == ExportKind::StepsCsv).then(|| twice("line", lines())).flatten();
    Ok(Said { text: format!("{text}{notes:?}"), twice })
}

fn listed(rows: &[RunRow]) -> String {
    rows.iter().fold(String::new(), |mut text, row| {
        writeln!(text, "{row:?}").unwrap();
        text
    })
}

fn shown(overview: &Overview) -> Said {
    let Overview { row, progress, phases, partial, events, first_failure, outputs, files, odd } = overview;
    let text = format!(
        "{row:?} {progress:?} {partial:?} {events:?} {first_failure:?} {outputs:?} {} files {odd:?}\n{}",
        files.len(),
        summaries(phases)
    );
    Said { text, twice: twice("phase", phases.iter().map(PhaseSummary::id)) }
}

/// Not where they stand in the file, which each database says in its own way.
fn summaries(phases: &[PhaseSummary]) -> String {
    phases.iter().fold(String::new(), |mut text, one| {
        let PhaseSummary { phase_ref, name, repeat_index, status, has_error, start, end } = one;
        let counts = (phase_ref.id, phase_ref.run, phase_ref.steps, phase_ref.failed);
        writeln!(text, "{counts:?} {name} {repeat_index:?} {status:?} {has_error} {start:?} {end:?}")
            .unwrap();
        text
    })
}

/// Not whether it is large, which is a matter of limits.
fn billed(bill: &Bill) -> String {
    bill.items.iter().fold(String::new(), |mut text, item| {
        let about = (item.row.run.id, item.phases, item.steps, item.guarded, item.files.len());
        writeln!(text, "{about:?} {:?}", item.row).unwrap();
        text
    })
}

fn twice_steps(phases: &[PhaseSteps]) -> Option<String> {
    twice("step", phases.iter().flat_map(|phase| phase.steps.iter().map(|step| step.id)))
}

fn twice<T: Hash + Eq + std::fmt::Debug>(what: &str, rows: impl Iterator<Item = T>) -> Option<String> {
    let mut seen = HashSet::new();
    rows.fold(None, |found, row| {
        let shown = format!("{what} {row:?} twice");
        if seen.insert(row) { found } else { found.or(Some(shown)) }
    })
}

/// What the screens ask: the list, and a record's tabs.
pub fn asks(run: i64, phases: &[i64]) -> Vec<Ask> {
    let query = ListQuery::default();
    let by_name = ListQuery { sort: SortKey::Name, order: Order::Ascending, ..ListQuery::default() };
    let phases = phases.to_vec();
    vec![
        Ask::Page { query, place: Place::Top, rows: 30 },
        Ask::Page { query: by_name, place: Place::Bottom, rows: 30 },
        Ask::RowDetails { runs: vec![run] },
        Ask::Preview { run, whole: false },
        Ask::OverviewWhole { run },
        Ask::PhasesWhole { run },
        Ask::Steps { run, phases },
        Ask::NextFailed { run, from: None, forward: true },
        Ask::TableWhole { run, part: TablePart { look: 0, sort: None, at: TableAt::Place(0), rows: 50 } },
        Ask::ChartsWhole { run },
        Ask::FileView { run, kind: ExportKind::DataCsv },
        Ask::Bill { runs: vec![run] },
    ]
}

/// What a screen was answered.
pub fn heard(answer: &Answer) -> Said {
    match answer {
        Answer::Page(page) => {
            let numbers = (page.offset, page.total, page.all, page.failed, page.running);
            let twice = twice("record", page.rows.iter().map(|row| row.run.id));
            Said { text: format!("{numbers:?}\n{}", listed(&page.rows)), twice }
        }
        Answer::Overview(overview) => shown(overview),
        Answer::Phases(list) => Said {
            text: summaries(&list.phases),
            twice: twice("phase", list.phases.iter().map(PhaseSummary::id)),
        },
        Answer::Steps(phases) => Said { text: format!("{phases:?}"), twice: twice_steps(phases) },
        Answer::Bill(bill) => Said::plain(billed(bill)),
        Answer::Table(shape) => {
            let mut shape = shape.clone();
            shape.look = 0;
            shape.window = TableRows { look: 0, ..shape.window };
            Said::plain(format!("{shape:?}"))
        }
        other => Said::plain(format!("{other:?}")),
    }
}
