//! What the screens of a lab were when they were left: the list, the selected record, the tab. It is no loss where that
//! can't be kept.

use std::{path::Path, sync::mpsc::channel, thread, time::Duration};

use serde_json::{Value, json};

use super::{replace, views::list_of};
use crate::{
    model::{kept_list::KeptList, run::Run},
    regular_file::read_small,
};

/// A record as it was seen: ids are used again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenRecord {
    pub id: i64,
    pub start: String,
    pub name: String,
}

impl SeenRecord {
    pub fn of(run: &Run) -> Self {
        SeenRecord { id: run.id, start: run.start.python(), name: run.name.clone() }
    }

    /// Is it this one, as far as can be told?
    pub fn is(&self, run: &Run) -> bool {
        *self == SeenRecord::of(run)
    }
}

/// What the screens were.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LastScreen {
    pub list: KeptList,
    pub record: Option<SeenRecord>,
    /// The title of the tab that was open last.
    pub tab: Option<String>,
}

const VERSION: u64 = 1;
/// Larger than any such file.
const MOST: u64 = 1 << 18;
/// Whoever leaves waits no longer for a file system that does not answer.
const PATIENCE: Duration = Duration::from_millis(300);

/// What was kept; `None` where there is nothing that can be read.
pub fn read(file: &Path) -> Option<LastScreen> {
    let root: Value = serde_json::from_slice(&read_small(file, MOST).ok()?).ok()?;
    if root.get("version")?.as_u64()? != VERSION {
        return None;
    }
    Some(LastScreen {
        list: root.get("list").map(list_of).unwrap_or_default(),
        record: root.get("record").and_then(record_of),
        tab: root.get("tab").and_then(Value::as_str).map(str::to_owned),
    })
}

fn record_of(record: &Value) -> Option<SeenRecord> {
    let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(SeenRecord { id: record.get("id")?.as_i64()?, start: text("start")?, name: text("name")? })
}

/// Keeps it for the next start, if that is done soon.
pub fn write(file: &Path, last: &LastScreen) {
    let (file, bytes) = (file.to_path_buf(), text(last).into_bytes());
    let (done, is_done) = channel();
    // No harm comes of a thread that the end of the program takes away: the file is replaced at once or not at all.
    let writes = move || {
        let _ = done.send(replace(&file, &bytes, false));
    };
    if thread::Builder::new().spawn(writes).is_ok() {
        let _ = is_done.recv_timeout(PATIENCE);
    }
}

fn text(last: &LastScreen) -> String {
    let KeptList { filter, sort, order, columns } = &last.list;
    let record = last
        .record
        .as_ref()
        .map(|SeenRecord { id, start, name }| json!({"id": id, "start": start, "name": name}));
    let root = json!({
        "version": VERSION,
        "list": {"filter": filter, "sort": sort, "order": order, "columns": columns},
        "record": record,
        "tab": last.tab,
    });
    format!("{root:#}\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn any_last() -> impl Strategy<Value = LastScreen> {
        let texts = ("\\PC*", ".*", "[a-z]*", ".*").prop_map(|(filter, sort, order, columns)| KeptList {
            filter,
            sort,
            order,
            columns,
        });
        let record = (any::<i64>(), ".*", ".*").prop_map(|(id, start, name)| SeenRecord { id, start, name });
        (texts, proptest::option::of(record), proptest::option::of(".*"))
            .prop_map(|(list, record, tab)| LastScreen { list, record, tab })
    }

    proptest! {
        #[test]
        fn what_was_kept_is_read_again(last in any_last()) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("state/LAB/screen.json");
            write(&file, &last);
            prop_assert_eq!(read(&file), Some(last));
        }
    }

    #[test]
    fn what_cannot_be_read_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("screen.json");
        assert_eq!(read(&file), None);
        write(&file, &LastScreen { tab: Some("Map".to_owned()), ..LastScreen::default() });
        let whole = fs::read(&file).unwrap();
        for cut in 0..whole.len() - 2 {
            fs::write(&file, &whole[..cut]).unwrap();
            assert_eq!(read(&file), None, "{cut} bytes");
        }
        for odd in ["[]", "{}", "null", "{\"version\": 2}", "{\"version\": \"1\"}", "\u{0}"] {
            fs::write(&file, odd).unwrap();
            assert_eq!(read(&file), None, "{odd}");
        }
        // A part that is odd is left out.
        fs::write(&file, "{\"version\":1,\"record\":{\"id\":\"x\"},\"tab\":4,\"list\":[1],\"new\":{}}")
            .unwrap();
        assert_eq!(read(&file), Some(LastScreen::default()));
        fs::File::create(&file).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(read(&file), None, "too large");
    }

    #[test]
    fn no_place_to_keep_it_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::write(&taken, "a file").unwrap();
        write(&taken.join("LAB/screen.json"), &LastScreen::default());
        assert_eq!(fs::read(&taken).unwrap(), b"a file");
    }

    #[test]
    fn a_record_with_the_same_id_may_be_another() {
        let run = Run { id: 7, name: "stir".to_owned(), ..Run::default() };
        let seen = SeenRecord::of(&run);
        assert!(seen.is(&run));
        assert!(!seen.is(&Run { name: "heat".to_owned(), ..run.clone() }));
        let start = crate::model::timestamp::Timestamp::read(Some("2026-11-24T03:00:00"));
        assert!(!seen.is(&Run { start, ..run }));
    }
}
