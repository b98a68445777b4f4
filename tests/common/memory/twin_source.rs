//! A lab's file as a PostgreSQL server has it: before each question the server's rows follow the file's.

use std::{
    cell::{Cell, RefCell},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use postgres::{Client, NoTls};
use rusqlite::{Connection, OpenFlags};

use ivorylens::{
    checkpoint::Cx,
    error::{Error, Result},
    model::{
        activity::Activity,
        call::{Call, CallColumns},
        partial::Partial,
        phase_summary::{PhaseRef, PhaseSummary},
        query::Order,
        run::{Phase, Run, Step},
        run_facts::RunFacts,
        run_tally::RunTally,
        scanned::{CellColumns, ScannedCell},
        step_time::StepTime,
    },
    store::{
        Beginning, DeleteTarget, Engine, FactColumns, Features, Gone, IdPlace, KeptPlace, Limits, Options,
        PhaseWalk, RowCounts, Source, TextColumn, Version, Worked,
        postgres::{PgStore, address::ServerAddress},
        saved::{Keeper, SavedRecord, ToldBack},
    },
};

use super::{place, sql_error, twin::Twin, version};

/// The rows of a file in a schema of their own, and the store that reads them.
pub struct TwinSource {
    server: String,
    file: PathBuf,
    place: (u64, u64),
    limits: Limits,
    connection: Connection,
    followed: Cell<i64>,
    twin: RefCell<Twin>,
    store: PgStore,
}

static SCHEMAS: AtomicUsize = AtomicUsize::new(0);

impl TwinSource {
    /// Puts the file's rows into a new schema of the database with this address.
    ///
    /// # Errors
    /// Whatever keeps the file, or the server, from being read.
    pub fn open(file: &Path, server: &str, limits: Limits) -> Result<Self> {
        let (place, sql) = (place(file)?, |error| sql_error(file, error));
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(sql)?;
        connection.busy_timeout(Duration::ZERO).map_err(sql)?;
        let followed = Cell::new(version(&connection).map_err(sql)?);
        let schema = format!("twin_{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::connect(server, NoTls).unwrap();
        client.batch_execute(&format!("create schema {schema}; set search_path = {schema}")).unwrap();
        let twin = RefCell::new(Twin::new(client, &connection).map_err(sql)?);
        let address = format!("{server}?options=-c%20search_path%3D{schema}");
        let address = ServerAddress::read(&address, &|_| None)?;
        let store = PgStore::open(
            address,
            Options { patience: Duration::ZERO, limits, ..Options::default() },
            &|_| None,
            &Cx::quiet(),
        )?;
        let server = server.to_owned();
        Ok(Self { server, file: file.to_path_buf(), place, limits, connection, followed, twin, store })
    }

    fn store(&self) -> Result<&PgStore> {
        let sql = |error| sql_error(&self.file, error);
        let now = version(&self.connection).map_err(sql)?;
        if self.followed.get() != now {
            self.twin.borrow_mut().follow(&self.connection).map_err(sql)?;
            self.followed.set(now);
        }
        Ok(&self.store)
    }
}

/// Questions that the store answers as they are.
macro_rules! asked {
    ($($name:ident($($given:ident: $kind:ty),*) -> $answer:ty;)*) => {$(
        fn $name(&self, $($given: $kind),*) -> Result<$answer> {
            self.store()?.$name($($given),*)
        }
    )*};
}

impl Source for TwinSource {
    fn features(&self) -> Features {
        self.store.features()
    }

    fn refuse_another(&self, cx: &Cx<'_>) -> Result<()> {
        if place(&self.file)? == self.place { self.store()?.refuse_another(cx) } else { Err(Error::Replaced) }
    }

    fn reopened(&self, _: &Cx<'_>) -> Result<Box<dyn Source>> {
        Ok(Box::new(Self::open(&self.file, &self.server, self.limits)?))
    }

    fn kept_place(&self, cx: &Cx<'_>) -> Option<KeptPlace> {
        self.store.kept_place(cx)
    }

    fn has_work(&self) -> bool {
        self.store.has_work()
    }

    fn is_written(&self) -> bool {
        self.store.is_written()
    }

    asked! {
        engine(cx: &Cx<'_>) -> Engine;
        version(cx: &Cx<'_>) -> Version;
        run_ids(from: IdPlace, order: Order, count: usize, cx: &Cx<'_>) -> Vec<i64>;
        runs(ids: &[i64], cx: &Cx<'_>) -> Vec<Run>;
        run_facts(from: i64, rows: usize, columns: FactColumns, see: &mut dyn FnMut(&RunFacts<'_>), cx: &Cx<'_>) -> ();
        ranks(column: TextColumn, cells: &[&[u8]], cx: &Cx<'_>) -> Vec<u32>;
        matching(keyword: &str, cells: &[&[u8]], cx: &Cx<'_>) -> Vec<bool>;
        activity(run: i64, cx: &Cx<'_>) -> Activity;
        longest_step(method: &str, cx: &Cx<'_>) -> Option<f64>;
        phase_summaries(run: i64, cx: &mut Cx<'_>) -> Partial<Vec<PhaseSummary>>;
        summaries_of_many(runs: &[i64], cx: &mut Cx<'_>) -> Partial<Vec<Vec<PhaseSummary>>>;
        tallies(runs: &[i64], cx: &mut Cx<'_>) -> Partial<Vec<RunTally>>;
        cells(runs: &[i64], columns: CellColumns, see: &mut dyn FnMut(i64, &ScannedCell<'_>), cx: &mut Cx<'_>) -> Partial<()>;
        beginning(run: i64, sums: bool, cx: &mut Cx<'_>) -> Option<Beginning>;
        spread(run: i64, phases: usize, cx: &mut Cx<'_>) -> Option<(Vec<PhaseRef>, u64)>;
        phase_refs(run: i64, phases: &[i64], with_steps: bool, cx: &mut Cx<'_>) -> Partial<Vec<PhaseRef>>;
        phase_of_step(run: i64, step: i64, cx: &mut Cx<'_>) -> Partial<Option<PhaseRef>>;
        phases(phases: &[&PhaseRef], cx: &Cx<'_>) -> Vec<Option<Phase>>;
        failed_phases(from: i64, see: &mut dyn FnMut(Phase), cx: &Cx<'_>) -> PhaseWalk;
        steps(phases: &[&PhaseRef], cx: &Cx<'_>) -> Vec<Vec<Step>>;
        step_times(phases: &[&PhaseRef], see: &mut dyn FnMut(usize, &StepTime<'_>), cx: &Cx<'_>) -> ();
        calls(ids: (i64, i64), columns: CallColumns, see: &mut dyn FnMut(Call) -> ControlFlow<()>, cx: &Cx<'_>) -> ();
        row_counts(runs: &[i64], cx: &mut Cx<'_>) -> Vec<RowCounts>;
        give_rows(targets: &[DeleteTarget<'_>], keeper: &mut dyn Keeper, cx: &mut Cx<'_>) -> ();
        delete(targets: &[DeleteTarget<'_>], keeper: Option<&mut dyn Keeper>, cx: &mut Cx<'_>) -> Gone;
        restore(records: &mut [Box<dyn SavedRecord + '_>], back: ToldBack<'_>, cx: &mut Cx<'_>) -> ();
        prepare(cx: &mut Cx<'_>) -> ();
        work(cx: &mut Cx<'_>) -> Worked;
    }
}
