//! The first walk over the tables: broken off, with a lab that writes in between, up and down.

use proptest::prelude::*;
use rusqlite::Connection;

use super::{
    Lab,
    deeds::{Deed, deed},
    locate_soon,
};
use crate::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::Error,
    store::{
        Remains,
        sqlite::{
            Store,
            index::{IndexTable, Kind},
        },
    },
};

/// A lab that writes, and screens that ask, between two pieces of the first walk.
struct Meanwhile<'a> {
    store: &'a Store,
    lab: Connection,
    run: i64,
    pieces: usize,
    cancel: usize,
}

impl Checkpoint for Meanwhile<'_> {
    fn check(&mut self, progress: Progress) -> crate::error::Result<()> {
        assert!(progress.total.is_none_or(|total| progress.done <= total));
        self.pieces += 1;
        if self.pieces == self.cancel {
            return Err(Error::Cancelled);
        }
        if self.pieces % 3 == 1 {
            locate_soon(self.store, &[self.run])?;
        }
        if self.pieces % 5 == 1 {
            let sql = "INSERT INTO workflow_phases (run_id, name, start_time) VALUES (?, 'main', 'now')";
            self.lab.execute(sql, [self.run]).unwrap();
            let phase = self.lab.last_insert_rowid();
            let sql =
                "INSERT INTO workflow_steps (phase_id, method_name, start_time) VALUES (?, 'stir', 'now')";
            self.lab.execute(sql, [phase]).unwrap();
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whether all was read in one walk, or the walk was broken off and the newest rows were read first.
    #[test]
    fn however_the_first_walk_goes_the_index_says_what_plain_queries_say(
        deeds in prop::collection::vec(deed(), 1..30),
        more in prop::collection::vec(deed(), 0..6),
        cancel in 0..30_usize,
        begun in any::<bool>(),
    ) {
        let mut lab = Lab::new(false);
        let mut audit = false;
        for deed in &deeds {
            audit |= lab.act(deed);
        }
        let run = lab.run();
        if begun {
            lab.store.index_piece().unwrap();
        }
        let writer = Connection::open(lab.folder.path().join("ivoryos.db")).unwrap();
        let mut meanwhile = Meanwhile { store: &lab.store, lab: writer, run, pieces: 0, cancel };
        match lab.store.complete(&mut meanwhile) {
            Ok(()) => prop_assert!(lab.store.is_whole()),
            Err(error) => prop_assert!(matches!(error, Error::Cancelled) && meanwhile.pieces == cancel),
        }
        drop(meanwhile);
        // Others were begun since.
        lab.begun = 0;
        if std::mem::take(&mut audit) {
            lab.audit();
        }
        lab.compare()?;
        for deed in &more {
            audit |= lab.act(deed);
        }
        if audit {
            lab.audit();
        }
        lab.compare()?;
    }
}

/// A walk up leaves what a walk down leaves.
#[test]
fn both_walks_find_the_same() {
    let mut lab = Lab::new(false);
    lab.many(60, &Deed::Run { phases: 3, steps: 7, fail: 2 });
    lab.act(&Deed::LatePhase { run: 4, steps: 2 });
    lab.many(3, &Deed::LabDeletes { run: 9 });
    lab.step(Some(i64::MAX), 1, true);
    lab.step(Some(i64::MIN), 2, true);
    lab.store.complete(&mut Cx::quiet()).unwrap();
    let down = Lab::open(&lab.folder, false);
    while down.index_piece().unwrap() != Remains::Nothing {}
    for kind in [Kind::Phases, Kind::Steps] {
        let (up, down) = (lab.store.index.borrow(), down.index.borrow());
        let (up, down) = (up.table(kind), down.table(kind));
        assert!(up.ranges.iter().eq(down.ranges.iter()));
        assert!(up.failed.within(i64::MIN, i64::MAX).eq(down.failed.within(i64::MIN, i64::MAX)));
        let what = |t: &IndexTable| (t.begun, t.low, t.high, t.tail, t.probe, t.audit);
        assert_eq!(what(up), what(down));
    }
    // As many fingerprints as a walk down makes: not one for each phase.
    let marks = lab.store.index.borrow().table(Kind::Phases).marks.up_from(0).count();
    assert!(marks < 60 * 3 / 4, "{marks}");
}
