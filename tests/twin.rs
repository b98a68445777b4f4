//! The same lab in a file and on a PostgreSQL server: every question that a screen asks has the same answer.

#![cfg(all(unix, feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use ivorylens::{
    checkpoint::Cx,
    model::{
        call::CallQuery,
        filter::{field::FilterField, words::Filter},
        query::{ListQuery, Order, Place, SortKey},
    },
    services::{
        answer,
        chart::OutputName,
        export_kind::ExportKind,
        find_step::StepSearch,
        lab::Lab,
        log::LogAt,
        map::{CellPlace, MapPart},
        moment::{Moment, MomentKind},
        next_failure::Spot,
        request::{Answer, Ask},
        run_row::RunRow,
        table::types::{TableAt, TablePart},
    },
    store::{Limits, Options},
};

use common::{
    NEW, Set,
    lab::{NOON, lab_with, stopped},
    memory::lab_on_server,
    server::Server,
};

/// Sets that a server can hold: with phases.
const SETS: [&str; 3] = [NEW, "ivoryos-1.4.0", "odd"];

/// What is said, without what the databases need not have in common: where the steps of a phase stand, and how many bytes
/// the rows of a record are.
fn said(lab: &Lab, ask: &Ask) -> String {
    let text = match answer(lab, ask, &mut Cx::quiet()) {
        Ok(answered) => format!("{:?}", answered.value),
        Err(error) => format!("{error:?}"),
    };
    without(&without(&text, "ranges: ", ", steps: "), "in_trash: SizeInTrash { bytes: ", ", is_estimate")
}

fn without(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once(to).map_or(part, |(_, rest)| rest))
}

struct Pair {
    set: &'static str,
    file: Lab,
    server: Lab,
}

impl Pair {
    #[track_caller]
    fn check(&self, ask: &Ask) {
        let (here, there) = (said(&self.file, ask), said(&self.server, ask));
        if here == there {
            return;
        }
        let at =
            here.bytes().zip(there.bytes()).position(|(a, b)| a != b).unwrap_or(here.len().min(there.len()));
        let around = |text: &str| {
            let bytes = &text.as_bytes()[at.saturating_sub(200)..text.len().min(at + 200)];
            String::from_utf8_lossy(bytes).into_owned()
        };
        panic!("{} {ask:?}:\n{}\n{}", self.set, around(&here), around(&there));
    }

    fn answer(&self, ask: &Ask) -> Answer {
        answer(&self.file, ask, &mut Cx::quiet()).unwrap().value
    }

    /// Every question about one record; those about its steps and points where that is wanted.
    fn check_record(&self, run: i64, with_steps: bool) {
        let steps = || Ask::PhasesWhole { run };
        let Answer::Phases(list) = self.answer(&steps()) else { panic!("no phases") };
        let phases: Vec<i64> = list.phases.iter().map(|phase| phase.id()).collect();
        let part = TablePart { look: 0, sort: None, at: TableAt::Place(0), rows: 50 };
        let search = |words: &str| StepSearch { words: words.into(), from: None, here: false, forward: true };
        let asks = [
            Ask::Record { run },
            Ask::Exists { run },
            Ask::RowDetails { runs: vec![run] },
            Ask::Why { run },
            Ask::WhyWhole { run, all_of_log: true },
            Ask::Preview { run, whole: false },
            Ask::Preview { run, whole: true },
            Ask::Overview { run },
            Ask::OverviewWhole { run },
            Ask::Phases { run },
            steps(),
            Ask::Steps { run, phases: phases.clone() },
            Ask::NextFailed { run, from: None, forward: true },
            Ask::NextFailed { run, from: None, forward: false },
            Ask::FindStep { run, search: search("mass") },
            Ask::FindStep { run, search: search("heat") },
            Ask::Table { run },
            Ask::TableWhole { run, part: part.clone() },
            Ask::TableRows { run, part },
            Ask::Map { run },
            Ask::MapWhole { run },
            Ask::SlowSteps { run },
            Ask::Charts { run },
            Ask::ChartsWhole { run },
            Ask::Log { run, at: LogAt::Start, bytes: 300 },
            Ask::LogNarrow { run, words: "Error".into(), context: 1 },
            Ask::Files { run },
            Ask::CallsAround { run },
            Ask::Bill { runs: vec![run] },
        ];
        asks.iter().for_each(|ask| self.check(ask));
        for kind in [ExportKind::StepsCsv, ExportKind::DataCsv, ExportKind::Log] {
            self.check(&Ask::FileView { run, kind });
        }
        if with_steps {
            self.check_steps(run, &phases);
            self.check_points(run);
        }
    }

    /// Every step, where its lines are in the log, and its cell of the map.
    fn check_steps(&self, run: i64, phases: &[i64]) {
        let Answer::Steps(all) = self.answer(&Ask::Steps { run, phases: phases.to_vec() }) else {
            panic!("no steps")
        };
        for of in all {
            for step in &of.steps {
                let step = step.id;
                self.check(&Ask::Step { run, phase: of.phase, step });
                let from = Moment::Spot(Spot::Step { phase: of.phase, step });
                self.check(&Ask::Moment { run, from, wanted: MomentKind::LogByte });
            }
        }
        let Answer::Map(map) = self.answer(&Ask::MapWhole { run }) else { panic!("no map") };
        for iteration in &map.iterations {
            for row in &map.rows {
                let part = MapPart::Iteration(*iteration);
                let place = CellPlace { part, step_index: row.step_index, method: row.method.clone() };
                self.check(&Ask::MapCell { run, place });
            }
        }
    }

    /// Every point of a chart, and the step that made it.
    fn check_points(&self, run: i64) {
        let Answer::Charts(charts) = self.answer(&Ask::ChartsWhole { run }) else { panic!("no charts") };
        for output in &charts.outputs {
            let name = OutputName { name: output.series.name.clone(), from_steps: output.series.from_steps };
            self.check(&Ask::ChartPart { run, output: name.clone(), from: 0, to: 9 });
            for iteration in 1..4 {
                self.check(&Ask::PointStep { run, output: name.clone(), iteration, sample: 0 });
            }
        }
    }
}

fn pair(set: &'static str, server: &Server) -> Pair {
    let (data, clock) = (Set::open(set).data(), || stopped(NOON));
    let file = lab_with(&data, Options::without_cache(), clock());
    let uri = server.uri("postgres");
    let server = lab_on_server(&data.join("ivoryos.db"), &uri, Limits::default(), clock()).unwrap();
    Pair { set, file, server }
}

fn all_ids(lab: &Lab) -> Vec<i64> {
    let ask = Ask::Page { query: ListQuery::default(), place: Place::Top, rows: 10_000 };
    let Answer::Page(page) = answer(lab, &ask, &mut Cx::quiet()).unwrap().value else { panic!("no page") };
    page.rows.iter().map(|row| row.run.id).collect()
}

#[test]
fn every_question_has_the_same_answer() {
    let Some(server) = Server::start() else { return };
    std::thread::scope(|scope| {
        for set in SETS {
            let server = &server;
            scope.spawn(move || {
                let pair = pair(set, server);
                let ids = all_ids(&pair.file);
                check_lists(&pair, &ids);
                check_calls(&pair);
                for (n, run) in ids.iter().enumerate() {
                    pair.check_record(*run, n % 4 == 0);
                }
            });
        }
    });
}

/// NULL stands at the other end on a server; all else is the same in these sets.
fn check_lists(pair: &Pair, ids: &[i64]) {
    let page = |lab: &Lab, query: &ListQuery| {
        let ask = Ask::PageWhole { query: query.clone(), place: Place::Top, rows: 10_000 };
        match answer(lab, &ask, &mut Cx::quiet()).unwrap().value {
            Answer::Page(page) => page,
            other => panic!("{other:?}"),
        }
    };
    for sort in SortKey::ALL {
        for order in [Order::Ascending, Order::Descending] {
            let query = ListQuery { sort, order, ..ListQuery::default() };
            let (here, there) = (page(&pair.file, &query), page(&pair.server, &query));
            let is_null = |row: &RunRow| match sort {
                SortKey::SubmittedBy => row.run.submitted_by.is_none(),
                SortKey::StartTime => row.run.start.is_none(),
                SortKey::EndTime => row.run.end.is_none(),
                SortKey::Mode => row.run.repeat_mode.is_none(),
                SortKey::Status => row.run.status.is_none(),
                _ => false,
            };
            let (null, full): (Vec<_>, Vec<_>) = here.rows.iter().cloned().partition(is_null);
            let wanted = match order {
                Order::Ascending => [full, null].concat(),
                Order::Descending => [null, full].concat(),
            };
            assert_eq!(there.rows, wanted, "{} {query:?}", pair.set);
            assert_eq!((here.total, here.failed), (there.total, there.failed));
        }
    }
    for words in
        ["status:error", "-has:log", "step:dose", "out.mass>5", "iter>1", "error:e", "took>1", "slow>0"]
    {
        let query = ListQuery { filter: Filter::read(words).unwrap(), ..ListQuery::default() };
        pair.check(&Ask::PageWhole { query: query.clone(), place: Place::Top, rows: 100 });
        pair.check(&Ask::FilterValues { query, of: FilterField::Status });
    }
    for of in FilterField::all() {
        pair.check(&Ask::FilterValues { query: ListQuery::default(), of });
    }
    for from in ids.iter().step_by(7) {
        for forward in [true, false] {
            pair.check(&Ask::Neighbour { query: ListQuery::default(), from: *from, forward });
            pair.check(&Ask::TroubledRecord { query: ListQuery::default(), from: *from, forward });
        }
    }
}

fn check_calls(pair: &Pair) {
    for words in ["", "dose", "µ", "error", "2.5"] {
        let query = CallQuery { words: words.into(), ..CallQuery::default() };
        for place in [Place::Top, Place::Bottom] {
            pair.check(&Ask::Calls { query: query.clone(), place, rows: 3 });
            pair.check(&Ask::CallsWhole { query: query.clone(), place, rows: 100 });
        }
    }
    for id in 0..12 {
        pair.check(&Ask::Call { id });
    }
}
