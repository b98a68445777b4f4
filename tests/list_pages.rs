//! Pages of the list for the screens, from memory, while others change the file.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a broken case must stop its test")]

mod common;

use rusqlite::{Connection, Row};

use ivorylens::{
    checkpoint::Cx,
    model::{
        query::{ListQuery, Order, Place, SortKey},
        run::Run,
        timestamp::Timestamp,
        value::RawCell,
    },
    services::{
        answer,
        events::LazyEvents,
        lab::Lab,
        page::Page,
        records,
        request::{Answer, Ask},
        run_row,
    },
};

use common::{
    NEW, Set,
    lab::{NOON, lab, stopped},
};

/// A lab's file that may be written, and a screen's look at it.
struct Both {
    _set: Set,
    writer: Connection,
    lab: Lab,
}

fn both() -> Both {
    let set = Set::open(NEW);
    let data = set.copy();
    let writer = Connection::open(data.join("ivoryos.db")).unwrap();
    writer.execute_batch("PRAGMA foreign_keys=OFF").unwrap();
    Both { _set: set, writer, lab: lab(&data, stopped(NOON)) }
}

impl Both {
    fn page(&self, query: &ListQuery, place: Place, rows: usize) -> Page {
        let ask = Ask::Page { query: query.clone(), place, rows };
        let Answer::Page(page) = answer(&self.lab, &ask, &mut Cx::quiet()).unwrap().value else {
            panic!("no page")
        };
        page
    }

    /// The whole list is as plain queries have it.
    fn assert_plain(&self, query: &ListQuery) {
        let page = self.page(query, Place::Top, 1_000);
        let plain = self.plain(query);
        let row = |run| run_row::with_outcome(&self.lab, &LazyEvents::of(run), &Cx::quiet()).unwrap();
        assert_eq!(page.rows, plain.iter().map(row).collect::<Vec<_>>(), "{query:?}");
        // What commands read.
        assert_eq!(
            page.rows,
            records::rows(&self.lab, query, (0, 1_000), &mut Cx::quiet()).unwrap(),
            "{query:?}"
        );
        let all = self.number("SELECT count(*) FROM workflow_runs");
        let failed = self.number("SELECT count(*) FROM workflow_runs WHERE status = 'error'");
        assert_eq!((page.all, page.failed), (all, failed), "{query:?}");
        assert_eq!((page.total, page.uncounted), (plain.len() as u64, false), "{query:?}");
    }

    /// The whole list by one query.
    fn plain(&self, query: &ListQuery) -> Vec<Run> {
        let (column, order) = (query.sort.column(), direction(query.order));
        let sql = format!(
            "SELECT id, name, platform, start_time, end_time, data_path, repeat_mode, status, events, submitted_by \
             FROM workflow_runs WHERE ?1 = '%%' OR name LIKE ?1 OR submitted_by LIKE ?1 \
             ORDER BY {column} {order}, id ASC"
        );
        let mut statement = self.writer.prepare(&sql).unwrap();
        let runs = statement.query_map([format!("%{}%", query.keyword)], run).unwrap();
        runs.map(Result::unwrap).collect()
    }

    fn number(&self, sql: &str) -> u64 {
        let number: i64 = self.writer.query_row(sql, [], |row| row.get(0)).unwrap();
        number.unsigned_abs()
    }

    /// Works while nobody asks, until there are news.
    fn wait_for_news(&self) {
        loop {
            let Some(idle) = self.lab.idle(&mut Cx::quiet()) else { panic!("the work failed") };
            if idle.news {
                return;
            }
            assert!(idle.pause.is_some(), "an end without news");
        }
    }
}

fn direction(order: Order) -> &'static str {
    match order {
        Order::Ascending => "ASC",
        Order::Descending => "DESC",
    }
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    let time = |at: usize| -> rusqlite::Result<Timestamp> {
        Ok(Timestamp::read(row.get::<_, Option<String>>(at)?.as_deref()))
    };
    Ok(Run {
        id: row.get(0)?,
        name: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
        platform: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        start: time(3)?,
        end: time(4)?,
        data_path: row.get(5)?,
        repeat_mode: row.get(6)?,
        status: row.get(7)?,
        events: RawCell(row.get::<_, Option<String>>(8)?.map(|text| text.into_bytes().into())),
        submitted_by: row.get(9)?,
    })
}

fn query(keyword: &str, sort: SortKey, order: Order) -> ListQuery {
    ListQuery { keyword: keyword.to_owned(), sort, order, ..ListQuery::default() }
}

#[test]
fn what_others_delete_is_out_of_the_page_at_once() {
    let both = both();
    let first = both.page(&ListQuery::default(), Place::Top, 1_000).total;
    for (keyword, sort, id) in [("", SortKey::Id, 30), ("e", SortKey::Name, 20), ("", SortKey::StartTime, 10)]
    {
        both.writer.execute("DELETE FROM workflow_runs WHERE id = ?", [id]).unwrap();
        both.assert_plain(&query(keyword, sort, Order::Ascending));
        both.assert_plain(&query(keyword, sort, Order::Descending));
    }
    assert_eq!(both.page(&ListQuery::default(), Place::Top, 5).total, first - 3);
}

/// Deck, mode and status sort as their columns do; how it ended in the order of its words.
#[test]
fn what_describes_a_record_sorts_as_in_the_file() {
    let both = both();
    let decks = "UPDATE workflow_runs SET platform = CASE id % 4 WHEN 0 THEN 'Zeta' WHEN 1 THEN 'alpha' WHEN 2 THEN '' \
                 ELSE platform END; UPDATE workflow_runs SET repeat_mode = NULL WHERE id % 5 = 2";
    both.writer.execute_batch(decks).unwrap();
    for sort in SortKey::MORE_STORED {
        for keyword in ["", "e"] {
            both.assert_plain(&query(keyword, sort, Order::Ascending));
            both.assert_plain(&query(keyword, sort, Order::Descending));
        }
    }
    let ends = "CASE status WHEN 'completed' THEN 0 WHEN 'stopped' THEN 1 WHEN 'error' THEN 2 \
                ELSE iif(end_time IS NULL, 3, 4) END";
    both.writer.execute_batch("UPDATE workflow_runs SET status = NULL WHERE id IN (7, 11)").unwrap();
    for (order, word) in [(Order::Ascending, "ASC"), (Order::Descending, "DESC")] {
        let sql = format!("SELECT id FROM workflow_runs ORDER BY {ends} {word}, id DESC");
        let mut statement = both.writer.prepare(&sql).unwrap();
        let plain: Vec<i64> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let page = both.page(&query("", SortKey::Outcome, order), Place::Top, 1_000);
        assert_eq!(page.rows.iter().map(|row| row.run.id).collect::<Vec<_>>(), plain, "{word}");
    }
}

#[test]
fn every_part_of_a_list_is_cut_from_the_whole() {
    let both = both();
    for sort in SortKey::ALL {
        for keyword in ["", "E"] {
            let query = query(keyword, sort, Order::Descending);
            let all = both.page(&query, Place::Top, 1_000);
            let last = both.page(&query, Place::Bottom, 7);
            assert_eq!((last.offset, last.total), (all.total - 7, all.total));
            assert_eq!(last.rows, all.rows[all.rows.len() - 7..], "{query:?}");
            let behind = both.page(&query, Place::Offset(999), 7);
            assert_eq!(behind.rows, all.rows[all.rows.len() - 1..], "{query:?}");
            let middle = both.page(&query, Place::Around(all.rows[12].run.id), 6);
            assert_eq!((middle.offset, middle.rows.as_slice()), (9, &all.rows[9..15]), "{query:?}");
        }
    }
}

/// A large file's first page waits for no numbers; they follow, and the screen is told.
#[test]
fn numbers_follow_the_first_page() {
    let both = both();
    both.writer.execute("UPDATE workflow_runs SET id = 100000 WHERE id = 61", []).unwrap();
    let first = both.page(&ListQuery::default(), Place::Top, 9);
    assert_eq!((first.uncounted, first.rows.len(), first.total), (true, 9, 9));
    both.wait_for_news();
    both.assert_plain(&ListQuery::default());
}

/// A walk while nobody asks finds what was changed where nobody looked.
#[test]
fn changes_out_of_sight_come_as_news() {
    let both = both();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300) \
                INSERT INTO workflow_runs(name, platform) SELECT 'new', '' FROM n";
    both.writer.execute(many, []).unwrap();
    let count = || both.page(&query("pump", SortKey::Id, Order::Descending), Place::Top, 9).total;
    assert_eq!(count(), 0);
    both.writer.execute("UPDATE workflow_runs SET name = 'A PUMP' WHERE id = 5", []).unwrap();
    assert_eq!(count(), 0, "answered at once");
    both.wait_for_news();
    assert_eq!(count(), 1);
}

/// Not "no records", where there are some.
#[test]
fn a_page_behind_the_end_says_so() {
    let set = Set::open(NEW);
    for (words, said) in [
        (
            &["list", "--page", "8"][..],
            "the list has 61 records on 7 pages of 10: this page is behind its end",
        ),
        (&["list", "--page", "9999", "--per-page", "61"], "61 records on 1 page of 61"),
        (&["list", "--keyword", "First_run", "--page", "9999"], "the list has 1 record on 1 page of 10"),
        (&["list", "--keyword", "no such", "--page", "2"], "no record matches"),
    ] {
        let ran = set.run(words);
        assert!(ran.err.contains(said) && ran.out.is_empty(), "{}", ran.err);
    }
}
