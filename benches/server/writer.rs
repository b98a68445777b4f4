//! A writer of IvoryOS's manner: a commit as a step starts, one as it ends; and what its commits take beside ivorylens.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use postgres::Client;

use super::{ask, common, open, page, server::Server};
use ivorylens::{
    checkpoint::Cx,
    model::query::{ListQuery, Place},
    services::request::Ask,
};

/// How long each round lasts, and how far commits are apart.
const ROUND: Duration = Duration::from_secs(8);
const APART: Duration = Duration::from_millis(20);
const ROUNDS: usize = 3;
/// A screen that follows looks so often.
const LOOKS_APART: Duration = Duration::from_millis(250);
/// Records that are deleted at once.
const DELETED: i64 = 5;

/// Prints what the commits take alone and beside each kind of work, in alternating rounds.
pub fn beside(uri: &str, server: &Server, database: &str) {
    for round in 1..=ROUNDS {
        println!("round {round}");
        measure("alone", server, database, |_| {});
        measure("beside lists and records", server, database, |over| {
            let lab = open(uri);
            let newest = common::deep_record();
            while !over.load(Ordering::Relaxed) {
                ask(&lab, &page(ListQuery::default(), Place::Top));
                ask(&lab, &Ask::OverviewWhole { run: newest });
                // As the screens do: what is done behind them rests between its pieces.
                let idle = lab.idle(&mut Cx::quiet());
                thread::sleep(idle.and_then(|idle| idle.pause).unwrap_or_default().min(LOOKS_APART));
            }
        });
        measure("beside the steps CSV of the long record", server, database, |over| {
            while !over.load(Ordering::Relaxed) {
                run(uri, &["steps", &common::deep_record().to_string()]);
            }
        });
        let mut client = server.connect(database);
        measure("beside deletes into the trash and restores", server, database, |over| {
            while !over.load(Ordering::Relaxed) {
                let sql = "select id from workflow_runs where id < $1 order by id desc limit $2";
                let rows = client.query(sql, &[&(common::deep_record() as i32), &DELETED]).unwrap();
                let ids: Vec<String> = rows.iter().map(|row| row.get::<_, i32>(0).to_string()).collect();
                let mut words: Vec<&str> = vec!["delete", "--yes"];
                words.extend(ids.iter().map(String::as_str));
                run(uri, &words);
                run(uri, &["restore", "--last"]);
            }
        });
    }
}

/// Runs the program to its end.
fn run(uri: &str, words: &[&str]) {
    static HOME: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let home = HOME.get_or_init(|| tempfile::tempdir().unwrap()).path();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ivorylens"));
    command.args(["--db", uri]).args(words).env("HOME", home).env("XDG_STATE_HOME", home.join("state"));
    command.env("XDG_CACHE_HOME", home.join("cache")).stdin(Stdio::null()).stdout(Stdio::null());
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ended.stderr));
}

fn measure(what: &str, server: &Server, database: &str, work: impl FnOnce(&AtomicBool) + Send) {
    let over = AtomicBool::new(false);
    let mut client = server.connect(database);
    let (mut times, failed) = thread::scope(|scope| {
        scope.spawn(|| work(&over));
        let written = write(&mut client);
        over.store(true, Ordering::Relaxed);
        written
    });
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    println!(
        "{what:<50} {:>5} commits, {failed} failed; median {:>8.2?}, 99th percentile {:>8.2?}, longest {:>8.2?}",
        times.len(),
        at(50),
        at(99),
        at(100)
    );
}

/// Steps of a new record for a round: what each commit with its statement took, and how many failed.
fn write(client: &mut Client) -> (Vec<Duration>, usize) {
    let record = "insert into workflow_runs(name, platform, start_time) values ('written', 'deck', localtimestamp) returning id";
    let run: i32 = client.query_one(record, &[]).unwrap().get(0);
    let phase = "insert into workflow_phases(run_id, name, repeat_index, start_time) \
                 values ($1, 'main', 0, localtimestamp) returning id";
    let phase: i32 = client.query_one(phase, &[&run]).unwrap().get(0);
    let (mut times, mut failed) = (Vec::new(), 0);
    let begun = Instant::now();
    while begun.elapsed() < ROUND {
        let at = Instant::now();
        let starts = "insert into workflow_steps(phase_id, step_index, method_name, start_time, run_error, output) \
                      values ($1, 0, 'deck.stir', localtimestamp, false, '{}') returning id";
        let step = client.query_one(starts, &[&phase]);
        times.push(at.elapsed());
        thread::sleep(APART.saturating_sub(at.elapsed()));
        let Ok(step) = step else {
            failed += 1;
            continue;
        };
        let at = Instant::now();
        let ended = client.transaction().and_then(|mut tx| {
            let id = step.get::<_, i32>(0);
            tx.query("select * from workflow_steps where id = $1", &[&id])?;
            tx.execute(
                "update workflow_steps set end_time = localtimestamp, output = '{\"a\": 1.5}' where id = $1",
                &[&id],
            )?;
            tx.commit()
        });
        failed += usize::from(ended.is_err());
        times.push(at.elapsed());
        thread::sleep(APART.saturating_sub(at.elapsed()));
    }
    (times, failed)
}
