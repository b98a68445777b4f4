//! What is said of records that were put back.

use crate::{
    model::format::{count, count_of},
    services::trash::{FileBack, Restored, RestoredRecord},
    tui::{
        action::Action,
        bindings::key_of,
        keymap::Context,
        screen::{Message, Tone},
    },
};

/// New ids and files that a message names.
const NAMED: usize = 3;

/// What came back, under which ids, and what did not.
pub(super) fn told(restored: &Restored) -> Message {
    let records = &restored.records;
    let moved: Vec<&RestoredRecord> = records.iter().filter(|record| record.run != record.was).collect();
    let mut parts = vec![match (&restored.stopped, records.as_slice()) {
        (Some(cause), _) => {
            let (back, of) = (count(records.len() as u64), count(restored.of as u64));
            format!("{}: {back} of {of} records are back", cause.on_screen())
        }
        (None, [one]) => format!("Back: #{} {}", one.run, one.name),
        (None, many) => format!("{} are back", count_of(many.len() as u64, "record", "records")),
    }];
    parts.extend(moved.iter().take(NAMED).map(|record| format!("#{} is now #{}", record.was, record.run)));
    let unnamed = moved.len().saturating_sub(NAMED);
    if unnamed > 0 {
        parts.push(format!("{} more have new ids", count(unnamed as u64)));
    }
    let files: Vec<String> = records.iter().flat_map(|record| &record.files).filter_map(odd_file).collect();
    parts.extend(files.iter().take(NAMED).cloned());
    if files.len() > NAMED {
        parts.push(format!("so are {} more files", count((files.len() - NAMED) as u64)));
    }
    parts.extend(
        restored
            .stopped
            .as_ref()
            .map(|_| format!("{} goes on with the rest", key_of(Context::List, Action::Undo))),
    );
    parts.extend(restored.notice.clone());
    let is_whole = restored.stopped.is_none() && !records.iter().flat_map(|record| &record.files).any(stays);
    Message { text: parts.join("; "), tone: if is_whole { Tone::Good } else { Tone::Bad } }
}

fn stays(file: &FileBack) -> bool {
    matches!(file, FileBack::Stays(_) | FileBack::Lost(_))
}

/// A file that is not where it was.
fn odd_file(file: &FileBack) -> Option<String> {
    match file {
        FileBack::Back(_) => None,
        FileBack::Beside(path) => Some(format!("a file is beside its place, as {}", path.display())),
        FileBack::Stays(why) => Some(format!("a file is still in the trash: {why}")),
        FileBack::Lost(path) => {
            Some(format!("a file is gone, somebody removed it from the trash: {}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::StopCause;

    fn record(was: i64, run: i64) -> RestoredRecord {
        RestoredRecord {
            n: was,
            was,
            run,
            name: "tilt 5°".to_owned(),
            rows: 9,
            phases: 2,
            steps: 6,
            files: Vec::new(),
        }
    }

    fn of(records: Vec<RestoredRecord>) -> Restored {
        Restored { of: records.len(), records, ..Restored::default() }
    }

    #[test]
    fn what_is_back_is_told_with_new_ids() {
        assert_eq!(told(&of(vec![record(25, 25)])).text, "Back: #25 tilt 5°");
        assert_eq!(told(&of(vec![record(41, 97)])).text, "Back: #97 tilt 5°; #41 is now #97");
        let many = (1..=12).map(|run| record(run, run)).collect();
        assert_eq!(told(&of(many)).text, "12 records are back");
        let many = (1..=5).map(|run| record(run, run + 90)).collect();
        assert_eq!(
            told(&of(many)).text,
            "5 records are back; #1 is now #91; #2 is now #92; #3 is now #93; 2 more have new ids"
        );
    }

    #[test]
    fn what_is_not_back_is_told() {
        let mut half = of(vec![record(7, 7)]);
        (half.of, half.stopped) = (3, Some(StopCause::Cancelled));
        let message = told(&half);
        assert_eq!(message.text, "Ended: 1 of 3 records are back; u goes on with the rest");
        assert_eq!(message.tone, Tone::Bad);
        let mut one = record(7, 7);
        one.files = vec![
            FileBack::Back("/lab/a.csv".into()),
            FileBack::Beside("/lab/a (restored 1).log".into()),
            FileBack::Stays("/lab/b.log: no room".to_owned()),
        ];
        assert_eq!(
            told(&of(vec![one])).text,
            "Back: #7 tilt 5°; a file is beside its place, as /lab/a (restored 1).log; a file is still in the trash: \
             /lab/b.log: no room"
        );
    }
}
