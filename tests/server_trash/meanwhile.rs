//! What others do to a record's rows between the keeping of them and the delete.

use std::cell::RefCell;

use ivorylens::{
    checkpoint::{Checkpoint, Cx, Progress},
    error::Result,
    store::Limits,
};

use super::lab::{HOW, RULES, ServerLab, made, tiny};
use crate::common::server::Server;

/// Does something at the checkpoint behind so many.
struct DoAt<'a>(usize, &'a dyn Fn());

impl Checkpoint for DoAt<'_> {
    fn check(&mut self, _: Progress) -> Result<()> {
        if self.0 == 0 {
            (self.1)();
        }
        self.0 = self.0.wrapping_sub(1);
        Ok(())
    }
}

/// Deletes and restores a record while this is done at a checkpoint; false where the delete has less of them.
fn came_back(server: &Server, deed: &str, limits: Limits, at: usize) -> bool {
    let lab = ServerLab::of(server, &made(RULES), limits);
    let now = RefCell::new(None);
    let act = || {
        // What it names may be gone by then.
        let done = server.connect(&lab.database).batch_execute(deed);
        *now.borrow_mut() = Some(done.map(|()| lab.tables()).unwrap_or_default());
    };
    lab.delete_with(&[1], HOW, &mut Cx::new(&mut DoAt(at, &act))).unwrap();
    assert_eq!(lab.count("select count(*) from workflow_runs where id = 1"), 0);
    lab.restore_all(&mut Cx::quiet()).unwrap();
    let Some(then) = now.into_inner() else { return false };
    let back = lab.tables();
    for (name, rows) in then {
        let has_all = rows.iter().all(|row| back.get(&name).is_some_and(|back| back.contains(row)));
        assert!(has_all, "{deed} at {at}: {name}");
    }
    true
}

/// How many checkpoints such a delete has.
fn moments(server: &Server, limits: Limits) -> usize {
    let lab = ServerLab::of(server, &made(RULES), limits);
    let never = || {};
    let mut counts = DoAt(usize::MAX, &never);
    lab.delete_with(&[1], HOW, &mut Cx::new(&mut counts)).unwrap();
    usize::MAX - counts.0
}

#[test]
fn what_others_do_meanwhile_is_kept_too() {
    let Some(server) = Server::start() else { return };
    for (deed, limits) in [
        ("insert into c(run, note) values (1, 'late')", tiny()),
        ("update c set note = 'changed' where run = 1", Limits::default()),
        (
            "insert into n(phase) values (1); insert into measured(sample, run) values (1, 1)",
            Limits::default(),
        ),
        (
            "insert into workflow_steps(phase_id, method_name) values (1, 'late'); \
             insert into r select 7, max(id) from workflow_steps",
            Limits::default(),
        ),
        (
            "create table new(id serial primary key, run int references workflow_runs on delete cascade); \
             insert into new(run) values (1)",
            Limits::default(),
        ),
        ("alter table c add more int default 5", Limits::default()),
    ] {
        // From the moment when all is kept on, and some before it.
        let kept = moments(&server, limits);
        assert!(kept > 5, "{kept} checkpoints");
        for at in (0..kept).step_by(6).chain(kept - 3..kept) {
            assert!(came_back(&server, deed, limits, at), "{deed} at {at}");
        }
    }
}
