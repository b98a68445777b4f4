//! Whatever names a file has and whatever is done to it, memory says what plain queries say.

use std::{path::Path, sync::Arc};

use proptest::prelude::*;
use rusqlite::{Connection, ToSql, params, types::Value};

use super::Due;
use crate::{
    checkpoint::{Checkpoint, Progress, Quiet, cancellable},
    error::{Error, Result},
    model::query::{ListQuery, Order, SortKey},
    store::sqlite::{Options, Store},
};

/// Without types, so that a cell keeps what is put into it.
const TABLES: &str = "CREATE TABLE workflow_runs(id INTEGER PRIMARY KEY, name, start_time, end_time, status, submitted_by); \
    CREATE TABLE workflow_phases(id INTEGER PRIMARY KEY, run_id INTEGER, name); \
    CREATE TABLE workflow_steps(id INTEGER PRIMARY KEY, phase_id INTEGER, method_name)";

struct Lab {
    _folder: tempfile::TempDir,
    lab: Connection,
    store: Store,
}

impl Lab {
    fn new(tables: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ivoryos.db");
        let lab = Connection::open(&path).unwrap();
        lab.execute_batch("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY").unwrap();
        lab.execute_batch(tables).unwrap();
        let store = Store::open(&path, Options::tiny()).unwrap();
        Lab { _folder: folder, lab, store }
    }

    fn write(&self, sql: &str, values: &[&dyn ToSql]) {
        self.lab.execute(sql, values).unwrap();
    }

    fn add(&self, name: &Value, user: &Value) {
        let sql = "INSERT INTO workflow_runs(name, submitted_by, status) VALUES (?, ?, 'error')";
        self.write(sql, params![name, user]);
    }

    /// Everything that memory knows is what the file has.
    fn is_right(&self, keywords: &[&str], sorts: &[SortKey]) -> bool {
        let counts = self.store.names_counts() == self.store.counts().unwrap();
        let queries = keywords.iter().flat_map(|keyword| queries(keyword, sorts));
        counts && queries.into_iter().all(|query| self.lists(&query) == self.store.listed(&query).unwrap())
    }

    fn lists(&self, query: &ListQuery) -> Vec<i64> {
        let listing = self.store.names_listing(query).unwrap().unwrap();
        let all = self.store.names_part(&listing, 0, u64::MAX);
        assert_eq!(self.store.names_len(&listing), all.len() as u64);
        all
    }

    /// As much as is done at once while nobody asks; true for news.
    fn rest(&self) -> bool {
        let mut news = false;
        while self.store.names_due() == Due::Now {
            news |= self.store.names_piece().unwrap();
        }
        news
    }
}

fn queries(keyword: &str, sorts: &[SortKey]) -> Vec<ListQuery> {
    let both = [Order::Ascending, Order::Descending];
    let query = |sort, order| ListQuery { keyword: keyword.to_owned(), sort, order };
    sorts.iter().flat_map(|sort| both.map(|order| query(*sort, order))).collect()
}

const SORTS: [SortKey; 3] = [SortKey::Id, SortKey::Name, SortKey::SubmittedBy];

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
        prop::sample::select(vec![1_i64, -1, 11, i64::MAX]).prop_map(Value::Integer),
        prop::sample::select(vec![1.0, 1.5e30, -0.5]).prop_map(Value::Real),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_names_and_odd_words_are_matched_as_sqlite_does(
        cells in prop::collection::vec((cell(), cell(), any::<bool>()), 1..12),
        numbers in prop::option::of(number()),
        keywords in prop::collection::vec(letters(), 1..4),
    ) {
        let lab = Lab::new(TABLES);
        for (name, user, as_text) in &cells {
            lab.add(name, user);
            // Text that is no UTF-8.
            if *as_text {
                lab.write("UPDATE workflow_runs SET name = CAST(name AS TEXT) WHERE id = last_insert_rowid()", &[]);
            }
        }
        if let Some(number) = &numbers {
            lab.add(number, number);
        }
        lab.store.names_ready(&mut Quiet).unwrap();
        let keywords: Vec<&str> = keywords.iter().flat_map(|keyword| typed(keyword)).collect();
        let sorts = if numbers.is_none() { &SORTS[..] } else { &[SortKey::Id] };
        prop_assert!(lab.is_right(&keywords, sorts), "{:?} in {:?}, {:?}", keywords, cells, numbers);
        for query in keywords.iter().flat_map(|keyword| queries(keyword, sorts)) {
            let listing = lab.store.names_listing(&query).unwrap().unwrap();
            for id in [1, 2, 5, 12, 14] {
                let position = lab.store.names_position(&listing, id);
                prop_assert_eq!(position, lab.store.position(&query, id).unwrap(), "{} {:?}", id, query);
                for (forward, failed) in [(true, false), (false, false), (true, true), (false, true)] {
                    let known = lab.store.names_neighbour(&query, id, forward, failed).unwrap();
                    let plain = lab.store.neighbour(&query, id, forward, failed).unwrap();
                    prop_assert_eq!(known, Some(plain), "{} {:?}", id, query);
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
        lab.store.names_ready(&mut Quiet).unwrap();
        let mut by_hand = false;
        for (turn, deed) in deeds.into_iter().enumerate() {
            by_hand |= deed.is_by_hand();
            match deed {
                Deed::Look | Deed::LookAndRest => {
                    lab.store.names_ready(&mut Quiet).unwrap();
                    let right = lab.is_right(&WORDS, &SORTS);
                    prop_assert!(right || by_hand);
                    if matches!(deed, Deed::LookAndRest) {
                        let news = lab.rest();
                        prop_assert!(lab.is_right(&WORDS, &SORTS));
                        prop_assert!(right || news);
                        by_hand = false;
                    }
                }
                Deed::Piece => {
                    lab.store.names_piece().unwrap();
                }
                other => other.done(&lab, turn),
            }
            let query = ListQuery { keyword: "a".to_owned(), ..ListQuery::default() };
            for id in 0..12 {
                let known = lab.store.names_neighbour(&query, id, true, false).unwrap();
                let plain = lab.store.neighbour(&query, id, true, false).unwrap();
                prop_assert!(known.is_none_or(|known| known == plain));
            }
        }
        lab.store.names_ready(&mut Quiet).unwrap();
        lab.rest();
        prop_assert!(lab.is_right(&WORDS, &SORTS));
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
    assert!(matches!(lab.store.names_ready(&mut Ends(1)), Err(Error::Cancelled)));
    let known = lab.store.names_counts().all;
    assert!((2..20).contains(&known), "{known}");
    lab.store.names_piece().unwrap();
    assert!(lab.store.names_counts().all > known);
    lab.store.names_ready(&mut Quiet).unwrap();
    let query = ListQuery { keyword: "a".to_owned(), ..ListQuery::default() };
    let flag = Arc::new(true.into());
    let ended = cancellable(&flag, || lab.store.names_listing(&query));
    assert!(matches!(ended, Err(Error::Cancelled)));
    assert_eq!(lab.lists(&query).len(), 20);
}

/// SQL answers for texts that SQLite compares in another way.
#[test]
fn files_in_utf_16_and_with_collations_are_left_to_sqlite() {
    let utf16 = format!("PRAGMA encoding = 'UTF-16'; {TABLES}");
    let collated = TABLES.replace("name,", "name COLLATE NOCASE,");
    for tables in [utf16, collated] {
        let lab = Lab::new(&tables);
        lab.add(&Value::Text("a".into()), &Value::Null);
        assert!(!lab.store.names_ready(&mut Quiet).unwrap());
        assert!(lab.store.names_settled() && lab.store.names_due() == Due::Never);
    }
}

/// Old files have neither users nor outcomes.
#[test]
fn files_without_users_and_outcomes_are_searched_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let store = Store::open(&root.join("ivoryos-1.2.5/ivoryos_data/ivoryos.db"), Options::tiny()).unwrap();
    assert!(store.names_ready(&mut Quiet).unwrap());
    assert_eq!(store.names_counts(), store.counts().unwrap());
    for query in queries("e", &SORTS) {
        let listing = store.names_listing(&query).unwrap().unwrap();
        assert_eq!(store.names_part(&listing, 0, u64::MAX), store.listed(&query).unwrap());
        assert!(store.names_len(&listing) > 0);
    }
}
