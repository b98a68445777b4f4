//! Whatever records a file has and whatever is done to it, the catalogue says what plain queries say.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rusqlite::{Connection, ToSql, params, types::Value};

use super::{Catalogue, Due, RunCounts};
use crate::{
    checkpoint::{Cancel, Checkpoint, Cx, Progress},
    error::{Error, Result},
    model::{
        query::{ListQuery, Order, SortKey},
        run_facts::{StoredText, StoredTime},
    },
    store::{
        Cache, Database, FactColumns, Limits, Source,
        sqlite::{Options, Store},
    },
};

/// Without types, so that a cell keeps what is put into it.
const TABLES: &str = "CREATE TABLE workflow_runs(id INTEGER PRIMARY KEY, name, start_time, end_time, status, submitted_by, platform, repeat_mode); \
    CREATE TABLE workflow_phases(id INTEGER PRIMARY KEY, run_id INTEGER, name); \
    CREATE TABLE workflow_steps(id INTEGER PRIMARY KEY, phase_id INTEGER, method_name)";

struct Lab {
    _folder: tempfile::TempDir,
    lab: Connection,
    store: Store,
    catalogue: Catalogue,
}

/// All records in a list's order, and of each whether it has the words and whether it failed.
struct Plain(Vec<(i64, bool, bool)>);

impl Plain {
    fn of(lab: &Connection, query: &ListQuery) -> Self {
        let direction = if query.order == Order::Ascending { "ASC" } else { "DESC" };
        let sql = format!(
            "SELECT id, coalesce(?1 = '%%' OR name LIKE ?1, 0) OR coalesce(submitted_by LIKE ?1, 0), \
             coalesce(status = 'error', 0) FROM workflow_runs ORDER BY {} {direction}, id",
            query.sort.column()
        );
        let mut statement = lab.prepare(&sql).unwrap();
        let words = format!("%{}%", query.keyword);
        let rows = statement.query_map([words], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        Self(rows.collect::<rusqlite::Result<_>>().unwrap())
    }

    fn list(&self) -> Vec<i64> {
        self.0.iter().filter(|row| row.1).map(|row| row.0).collect()
    }

    fn counts(&self) -> RunCounts {
        RunCounts { all: self.0.len() as u64, failed: self.0.iter().filter(|row| row.2).count() as u64 }
    }

    fn place(&self, id: i64) -> Option<usize> {
        self.0.iter().position(|row| row.0 == id)
    }

    fn position(&self, id: i64) -> Option<u64> {
        Some(self.0[..self.place(id)?].iter().filter(|row| row.1).count() as u64)
    }

    fn neighbour(&self, id: i64, forward: bool) -> Option<i64> {
        let at = self.place(id)?;
        let wanted = |row: &&(i64, bool, bool)| row.1;
        let found = if forward {
            self.0[at + 1..].iter().find(wanted)
        } else {
            self.0[..at].iter().rev().find(wanted)
        };
        found.map(|row| row.0)
    }
}

impl Lab {
    fn new(tables: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ivoryos.db");
        let lab = Connection::open(&path).unwrap();
        lab.execute_batch("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY").unwrap();
        lab.execute_batch(tables).unwrap();
        let store = Store::open(&path, Options::tiny()).unwrap();
        Lab { _folder: folder, lab, store, catalogue: Catalogue::new(Limits::tiny()) }
    }

    fn write(&self, sql: &str, values: &[&dyn ToSql]) {
        self.lab.execute(sql, values).unwrap();
    }

    fn add(&self, name: &Value, user: &Value) {
        let sql = "INSERT INTO workflow_runs(name, submitted_by, status) VALUES (?, ?, 'error')";
        self.write(sql, params![name, user]);
    }

    fn ready(&self) {
        self.catalogue.ready(&self.store, FactColumns::ALL, &mut Cx::quiet()).unwrap();
    }

    fn piece(&self) -> bool {
        self.catalogue.piece(&self.store, &Cx::quiet()).unwrap()
    }

    /// Everything that is known is what the file has.
    fn is_right(&self, keywords: &[&str]) -> bool {
        let plain = |query: &ListQuery| Plain::of(&self.lab, query);
        let counts = self.catalogue.counts() == plain(&ListQuery::default()).counts();
        let queries = keywords.iter().flat_map(|keyword| queries(keyword));
        counts && queries.into_iter().all(|query| self.lists(&query) == plain(&query).list())
    }

    fn lists(&self, query: &ListQuery) -> Vec<i64> {
        let listing = self.catalogue.list(&self.store, query, None, &Cx::quiet()).unwrap();
        let all = self.catalogue.part(&listing, 0, u64::MAX);
        assert_eq!(self.catalogue.len(&listing), all.len() as u64);
        let plain = Plain::of(&self.lab, query);
        let failed = plain.0.iter().filter(|row| row.1 && row.2 && all.contains(&row.0)).count();
        assert_eq!(self.catalogue.failed(&listing), failed as u64, "{query:?}");
        for (id, has_words, _) in &plain.0 {
            assert!(
                !all.contains(id) || self.catalogue.is_listed(&listing, *id) && *has_words,
                "{id} {query:?}"
            );
        }
        all
    }

    /// As much as is done at once while nobody asks; true for news.
    fn rest(&self) -> bool {
        let mut news = false;
        while self.catalogue.is_due() {
            news |= self.piece();
        }
        news
    }
}

fn queries(keyword: &str) -> Vec<ListQuery> {
    let both = [Order::Ascending, Order::Descending];
    let query = |sort, order| ListQuery { keyword: keyword.to_owned(), sort, order, ..ListQuery::default() };
    let keys = SortKey::STORED.iter().chain(&SortKey::MORE_STORED);
    keys.flat_map(|sort| both.map(|order| query(*sort, order))).collect()
}

/// Letters that meet every rule of LIKE.
fn letters() -> impl Strategy<Value = String> {
    const LETTERS: [&str; 18] = [
        "a", "A", "b", "K", "k", "_", "%", "\\", "é", "É", "\u{212a}", "\u{fffd}", "\u{fffe}", "\u{ffff}",
        "\0", "💧", "1", " ",
    ];
    prop::collection::vec(prop::sample::select(LETTERS.to_vec()), 0..5).prop_map(|all| all.concat())
}

/// What is asked for while words are typed.
fn typed(keyword: &str) -> impl Iterator<Item = &str> {
    keyword.char_indices().filter_map(|(at, c)| keyword.get(..at + c.len_utf8()))
}

fn cell() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => letters().prop_map(Value::Text),
        1 => Just(Value::Null),
        1 => letters().prop_map(|text| Value::Blob(text.into_bytes())),
        1 => prop::collection::vec(prop::sample::select(b"a\xff\xc3\xa9\xed\x00".to_vec()), 1..4).prop_map(Value::Blob),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![1_i64, -1, 11, i64::MAX, i64::MAX - 1, i64::MIN, 1 << 60])
            .prop_map(Value::Integer),
        prop::sample::select(vec![
            1.0,
            1.5e30,
            -0.5,
            11.5,
            -1e30,
            9_223_372_036_854_775_807.0,
            1_152_921_504_606_846_976.0
        ])
        .prop_map(Value::Real),
    ]
}

/// Times in both of their forms, and what is none.
fn time() -> impl Strategy<Value = Value> {
    let texts = [
        "2026-11-24 03:04:05.000001",
        "2026-11-24 03:04:05.000000",
        "2026-11-24 03:04:05",
        "2026-11-24 03:04:04.999999",
        "2026-11-24 03:04",
        "2026-11-24T03:04:05.000001",
        "2026-11-24 03:04:05.0000010",
        "2026-11-24 03:04:61.000000",
        "soon",
        "",
    ];
    let text = |text: &str| Value::Text(text.to_owned());
    prop_oneof![
        8 => prop::sample::select(texts.to_vec()).prop_map(text),
        2 => Just(Value::Null),
        1 => number(),
        1 => Just(Value::Blob(b"2026-11-24 03:04:05".to_vec())),
    ]
}

/// What the catalogue holds of a text cell, as a value of SQLite.
fn shown(cell: StoredText<'_>) -> Value {
    cell.map_or(Value::Null, |text| Value::Text(String::from_utf8_lossy(text).into_owned()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_cells_and_odd_words_are_matched_and_sorted_as_sqlite_does(
        cells in prop::collection::vec((cell(), cell(), any::<bool>(), time(), time()), 1..12),
        numbers in prop::option::of(number()),
        keywords in prop::collection::vec(letters(), 1..4),
    ) {
        let lab = Lab::new(TABLES);
        for (name, user, as_text, start, end) in &cells {
            lab.add(name, user);
            let sql = "UPDATE workflow_runs SET start_time = ?, end_time = ? WHERE id = last_insert_rowid()";
            lab.write(sql, params![start, end]);
            let sql = "UPDATE workflow_runs SET platform = ?2, repeat_mode = ?1, status = iif(id % 3, status, ?2) \
                       WHERE id = last_insert_rowid()";
            lab.write(sql, params![name, user]);
            // Text that is no UTF-8.
            if *as_text {
                lab.write("UPDATE workflow_runs SET name = CAST(name AS TEXT) WHERE id = last_insert_rowid()", &[]);
            }
        }
        if let Some(number) = &numbers {
            lab.add(number, number);
        }
        lab.ready();
        let keywords: Vec<&str> = keywords.iter().flat_map(|keyword| typed(keyword)).collect();
        prop_assert!(lab.is_right(&keywords), "{:?} in {:?}, {:?}", keywords, cells, numbers);
        for query in keywords.iter().flat_map(|keyword| queries(keyword)) {
            let listing = lab.catalogue.list(&lab.store, &query, None, &Cx::quiet()).unwrap();
            let plain = Plain::of(&lab.lab, &query);
            for id in [1, 2, 5, 12, 14] {
                prop_assert_eq!(lab.catalogue.position(&listing, id), plain.position(id), "{} {:?}", id, query);
                for forward in [true, false] {
                    let known = lab.catalogue.neighbour(&listing, id, forward);
                    prop_assert_eq!(known, plain.neighbour(id, forward), "{} {:?}", id, query);
                }
            }
        }
    }

    #[test]
    fn what_changes_is_known_at_once_or_comes_as_news(deeds in prop::collection::vec(deed(), 1..25)) {
        const WORDS: [&str; 4] = ["", "a", "b", "_"];
        let lab = Lab::new(TABLES);
        for n in 0..9 {
            lab.add(&Value::Text(format!("a{n}")), &Value::Null);
        }
        lab.ready();
        let mut by_hand = false;
        for (turn, deed) in deeds.into_iter().enumerate() {
            by_hand |= deed.is_by_hand();
            match deed {
                Deed::Look | Deed::LookAndRest => {
                    lab.ready();
                    let right = lab.is_right(&WORDS);
                    prop_assert!(right || by_hand);
                    if matches!(deed, Deed::LookAndRest) {
                        let news = lab.rest();
                        prop_assert!(lab.is_right(&WORDS));
                        prop_assert!(right || news);
                        by_hand = false;
                    }
                }
                Deed::Piece => {
                    lab.piece();
                }
                other => other.done(&lab, turn),
            }
        }
        lab.ready();
        lab.rest();
        prop_assert!(lab.is_right(&WORDS));
    }
}

/// What the lab, or somebody by hand, does between two looks.
#[derive(Debug, Clone)]
enum Deed {
    Look,
    LookAndRest,
    Piece,
    Append(&'static str),
    DeleteNewest,
    NewestEnds,
    DeleteAny(i64),
    Rename(i64, &'static str),
    Merge(i64, &'static str),
    DeleteMany(i64),
    AppendMany,
}

fn deed() -> impl Strategy<Value = Deed> {
    let name = || prop::sample::select(vec!["a", "b", "ab", "c"]);
    prop_oneof![
        4 => Just(Deed::LookAndRest),
        3 => Just(Deed::Look),
        3 => Just(Deed::Piece),
        5 => name().prop_map(Deed::Append),
        3 => Just(Deed::DeleteNewest),
        2 => Just(Deed::NewestEnds),
        2 => (0..20_i64).prop_map(Deed::DeleteAny),
        1 => (0..20_i64, name()).prop_map(|(id, name)| Deed::Rename(id, name)),
        1 => (-5..30_i64, name()).prop_map(|(id, name)| Deed::Merge(id, name)),
        1 => (0..9_i64).prop_map(Deed::DeleteMany),
        1 => Just(Deed::AppendMany),
    ]
}

impl Deed {
    /// IvoryOS does not do it.
    fn is_by_hand(&self) -> bool {
        matches!(self, Deed::DeleteAny(_) | Deed::Rename(..) | Deed::Merge(..))
    }

    fn done(&self, lab: &Lab, turn: usize) {
        let newest = "(SELECT max(id) FROM workflow_runs)";
        match self {
            Deed::Append(name) => lab.add(&Value::Text(format!("{name}{turn}")), &Value::Null),
            Deed::DeleteNewest => lab.write(&format!("DELETE FROM workflow_runs WHERE id = {newest}"), &[]),
            Deed::NewestEnds => {
                lab.write(&format!("UPDATE workflow_runs SET status = NULL WHERE id = {newest}"), &[]);
            }
            Deed::DeleteAny(id) => lab.write("DELETE FROM workflow_runs WHERE id = ?", &[id]),
            Deed::Rename(id, name) => {
                lab.write("UPDATE workflow_runs SET submitted_by = ? WHERE id = ?", params![name, id]);
            }
            Deed::Merge(id, name) => {
                lab.write("INSERT OR REPLACE INTO workflow_runs(id, name) VALUES (?, ?)", params![id, name]);
            }
            Deed::DeleteMany(id) => lab.write("DELETE FROM workflow_runs WHERE id > ?", &[id]),
            Deed::AppendMany => {
                (0..12).for_each(|n| lab.add(&Value::Null, &Value::Text(format!("{turn} {n}"))))
            }
            Deed::Look | Deed::LookAndRest | Deed::Piece => {}
        }
    }
}

/// Checks this often, then ends the work.
struct Ends(usize);

impl Checkpoint for Ends {
    fn check(&mut self, _: Progress) -> Result<()> {
        self.0 = self.0.checked_sub(1).ok_or(Error::Cancelled)?;
        Ok(())
    }
}

#[test]
fn a_newer_stroke_ends_the_work_and_loses_nothing_of_it() {
    let lab = Lab::new(TABLES);
    (0..20).for_each(|_| lab.add(&Value::Text("a".into()), &Value::Null));
    let ended = lab.catalogue.ready(&lab.store, FactColumns::ALL, &mut Cx::new(&mut Ends(1)));
    assert!(matches!(ended, Err(Error::Cancelled)));
    let known = lab.catalogue.counts().all;
    assert!((2..20).contains(&known), "{known}");
    lab.piece();
    assert!(lab.catalogue.counts().all > known);
    lab.ready();
    let query = ListQuery { keyword: "a".to_owned(), ..ListQuery::default() };
    let cancel = Cancel::default();
    cancel.cancel();
    let ended = lab.catalogue.list(&lab.store, &query, None, &Cx::unwatched(cancel));
    assert!(matches!(ended, Err(Error::Cancelled)));
    assert_eq!(lab.lists(&query).len(), 20);
}

/// SQLite compares these texts in another way.
#[test]
fn files_in_utf_16_and_with_collations_are_sorted_as_sqlite_does() {
    let utf16 = format!("PRAGMA encoding = 'UTF-16'; {TABLES}");
    let collated = TABLES.replace("name,", "name COLLATE NOCASE,");
    for tables in [utf16, collated] {
        let lab = Lab::new(&tables);
        for name in ["b", "A", "a", "\u{1f4a7}", "\u{ffff}", "B", "é", "a"] {
            lab.add(&Value::Text(name.into()), &Value::Text(name.to_uppercase()));
        }
        lab.ready();
        assert!(lab.is_right(&["", "a", "É"]));
        assert!(lab.catalogue.is_whole() && lab.catalogue.due() == Due::Never);
    }
}

/// Old files have neither users nor outcomes.
#[test]
fn files_without_users_and_outcomes_are_searched_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let store = Store::open(&root.join("ivoryos-1.2.5/ivoryos_data/ivoryos.db"), Options::tiny()).unwrap();
    let catalogue = Catalogue::new(Limits::tiny());
    catalogue.ready(&store, FactColumns::ALL, &mut Cx::quiet()).unwrap();
    assert_eq!(catalogue.counts().failed, 0);
    for query in queries("e") {
        let listing = catalogue.list(&store, &query, None, &Cx::quiet()).unwrap();
        let mut found = catalogue.part(&listing, 0, u64::MAX);
        found.sort_unstable();
        let named = |id: &i64| catalogue.facts(*id, |facts| shown(facts.name)).unwrap();
        assert!(!found.is_empty());
        assert!(
            found
                .iter()
                .all(|id| matches!(named(id), Value::Text(name) if name.to_lowercase().contains('e')))
        );
    }
}

/// Each column of each record, as the file has it.
#[test]
fn the_columns_are_those_of_the_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    for set in ["ivoryos-1.7.2", "odd"] {
        let file = root.join(set).join("ivoryos_data/ivoryos.db");
        let store = Store::open(&file, Options::tiny()).unwrap();
        let catalogue = Catalogue::new(Limits::tiny());
        catalogue.ready(&store, FactColumns::ALL, &mut Cx::quiet()).unwrap();
        let plain = Connection::open(&file).unwrap();
        let sql = "SELECT id, name, submitted_by, platform, repeat_mode, status, start_time, end_time FROM workflow_runs";
        let mut statement = plain.prepare(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let id: i64 = row.get(0).unwrap();
            let cells: Vec<Value> = (1..8).map(|at| row.get(at).unwrap()).collect();
            let known = catalogue.facts(id, |facts| {
                let time = |time| match time {
                    StoredTime::Null => Value::Null,
                    StoredTime::At(key) => Value::Text(key.text()),
                    StoredTime::Odd { cell, .. } => shown(Some(cell)),
                };
                let texts = [facts.name, facts.user, facts.deck, facts.mode, facts.status].map(shown);
                texts.into_iter().chain([time(facts.start), time(facts.end)]).collect::<Vec<_>>()
            });
            assert_eq!(known, Some(cells), "{set} {id}");
        }
    }
}

/// A lab whose catalogue is kept in a folder.
struct Kept {
    folder: tempfile::TempDir,
    lab: Connection,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lab = Connection::open(folder.path().join("ivoryos.db")).unwrap();
        lab.execute_batch(TABLES).unwrap();
        for n in 0..30 {
            let sql = "INSERT INTO workflow_runs(name, submitted_by, status, platform, start_time) VALUES (?, ?, ?, 'd', ?)";
            let start = format!("2026-11-24 03:{:02}:00.000000", 59 - n);
            lab.execute(sql, params![format!("n{}", n % 7), format!("u{}", n % 3), "error", start]).unwrap();
        }
        // Times that are none, and none at all.
        let odd = "UPDATE workflow_runs SET end_time = CASE id WHEN 3 THEN 'soon' WHEN 4 THEN 7 END";
        lab.execute_batch(odd).unwrap();
        Self { folder, lab }
    }

    fn store(&self) -> Store {
        let cache = Cache::Within(self.folder.path().join("cache"));
        Store::open(&self.folder.path().join("ivoryos.db"), Options { cache, ..Options::tiny() }).unwrap()
    }

    /// A start that asks for one list: its ids, and whether the records were read for it.
    fn list(&self, query: &ListQuery) -> (Vec<i64>, bool) {
        let database = Database::new(Box::new(self.store()), Limits::tiny());
        let list = database.list_once(query, &mut Cx::quiet()).unwrap();
        // Only a walk over the records rests.
        let read = database.catalogue().inner.borrow().rests_until.is_some();
        (database.catalogue().part(&list, 0, u64::MAX), read)
    }

    fn file(&self) -> PathBuf {
        self.store().kept_place(&Cx::quiet()).unwrap().path
    }
}

#[test]
fn what_is_kept_is_used_in_the_same_state_of_the_file_only() {
    let kept = Kept::new();
    let all = ["", "n1", "u2"].into_iter().flat_map(queries);
    let all: Vec<ListQuery> =
        all.filter(|query| query.sort != SortKey::Id || !query.keyword.is_empty()).collect();
    for query in &all {
        assert_eq!(kept.list(query).0, Plain::of(&kept.lab, query).list(), "{query:?}");
        assert_eq!(kept.list(query), (Plain::of(&kept.lab, query).list(), false), "{query:?} was kept");
    }
    // In the middle, where nobody looks.
    kept.lab.execute_batch("UPDATE workflow_runs SET name = 'n1', start_time = NULL WHERE id = 5").unwrap();
    for query in &all {
        let (list, read) = kept.list(query);
        assert_eq!(list, Plain::of(&kept.lab, query).list(), "{query:?}");
        assert!(read || query != &all[0], "a kept catalogue of another state was used");
    }
    // Another file at the same path, of the same size. An open one can't be removed on Windows.
    if cfg!(windows) {
        return;
    }
    let path = kept.folder.path().join("ivoryos.db");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, bytes).unwrap();
    assert!(kept.list(&all[0]).1);
}

#[test]
fn a_damaged_cache_file_is_never_believed() {
    let kept = Kept::new();
    let queries: Vec<ListQuery> = queries("n1").into_iter().chain(queries("u2")).collect();
    let right: Vec<Vec<i64>> = queries.iter().map(|query| kept.list(query).0).collect();
    let file = kept.file();
    let bytes = std::fs::read(&file).unwrap();
    let mut refused = 0;
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        for damaged in [damaged, bytes[..at].to_vec()] {
            std::fs::write(&file, damaged).unwrap();
            let at = at % queries.len();
            let (list, read) = kept.list(&queries[at]);
            assert_eq!(list, right[at]);
            refused += usize::from(read);
        }
    }
    assert!(refused > bytes.len() / 7, "{refused} of {}", bytes.len() / 7);
}
