//! What is said when an export has ended.

use std::path::Path;

use crate::error::StopCause;
use crate::{
    model::format::{self, count_of},
    services::export::{
        Exported,
        combined::CombinedCsv,
        many::{ManyExported, done_words},
    },
    tui::screen::{Message, Tone},
};

/// Records that are named in a message.
const NAMED: usize = 3;

pub(super) fn good(text: String) -> Message {
    Message { text, tone: Tone::Good }
}

/// Of one export: where it is, how large, and what the user should know.
pub(super) fn told(exported: &Exported) -> String {
    let bytes: u64 = exported.files.iter().map(|(_, bytes)| bytes).sum();
    let mut text = match exported.files.as_slice() {
        [] => "Nothing to export: no file was written".to_owned(),
        [(path, bytes)] => format!("Wrote {}  {}", path.display(), format::bytes(*bytes)),
        [(first, _), ..] => {
            let folder = first.parent().unwrap_or(first);
            format!(
                "Wrote {} files into {}  {}",
                exported.files.len(),
                folder.display(),
                format::bytes(bytes)
            )
        }
    };
    for note in &exported.notes {
        text.push_str("; ");
        text.push_str(note);
    }
    text
}

/// Of many records: where they are, or which are done and why not all.
pub(super) fn many_told(many: &ManyExported, folder: &Path) -> Message {
    let mut text = match &many.ended {
        Some(cause) => {
            format!("{}: {}, in {}", cause.on_screen(), done_words(&many.done, many.total), folder.display())
        }
        None => {
            let records = count_of(many.done.len() as u64, "record", "records");
            format!("{records} exported into {}  {}", folder.display(), format::bytes(many.bytes))
        }
    };
    if many.failed > 0 {
        let failed = count_of(many.failed as u64, "record", "records");
        let more = many.failed.saturating_sub(many.troubles.len());
        let more =
            if more > 0 { format!("; and {} more", format::count(more as u64)) } else { String::new() };
        text = format!("{text}; {failed} not whole: {}{more}", many.troubles.join("; "));
    }
    if many.gone > 0 {
        text = format!("{text}; {} gone by now", count_of(many.gone as u64, "record is", "records are"));
    }
    let is_whole = many.failed == 0 && many.gone == 0;
    let tone = match many.ended {
        None if is_whole => Tone::Good,
        Some(StopCause::Cancelled) if is_whole => Tone::Quiet,
        _ => Tone::Bad,
    };
    Message { text, tone }
}

/// Of one file of many records: where it is, its rows, and who has none.
pub(super) fn combined_told(done: &CombinedCsv) -> Message {
    let file = done.file.as_deref().unwrap_or(Path::new("")).display();
    let mut parts = vec![format!("Wrote {file}  {}, {}", done.rows_words(), format::bytes(done.bytes))];
    parts.extend(done.without_words(NAMED));
    parts.extend(done.gone_words(NAMED));
    parts.extend(done.troubles.iter().take(NAMED).map(|why| format!("not in it: {why}")));
    let more = done.troubles.len().saturating_sub(NAMED) as u64;
    parts.extend((more > 0).then(|| format!("nor {} more", count_of(more, "record", "records"))));
    parts.extend(done.notes.iter().cloned());
    let is_whole = done.troubles.is_empty() && done.gone.is_empty();
    Message { text: parts.join("; "), tone: if is_whole { Tone::Good } else { Tone::Bad } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_of_many_tells_what_is_done_and_what_is_not() {
        let many =
            ManyExported { total: 3, done: vec![9, 7, 5], bytes: 1_200_000_000, ..ManyExported::default() };
        let told = |many: &ManyExported| many_told(many, Path::new("/out"));
        assert_eq!(told(&many), good("3 records exported into /out  1.2 GB".to_owned()));
        let troubles = vec!["#5: 5.log: Permission denied".to_owned()];
        let part = ManyExported { failed: 2, troubles, gone: 1, ..many.clone() };
        let told_part = told(&part);
        assert_eq!(
            told_part.text,
            "3 records exported into /out  1.2 GB; 2 records not whole: #5: 5.log: Permission denied; and 1 more; \
             1 record is gone by now"
        );
        assert_eq!(told_part.tone, Tone::Bad);
        let full = StopCause::Failed { kind: crate::error::ErrorKind::Failed, reason: "no room".to_owned() };
        let ended = ManyExported { ended: Some(full), total: 5, ..many };
        assert_eq!(told(&ended).text, "no room: 3 of 5 records exported: #9, #7, #5, in /out");
    }

    #[test]
    fn an_export_tells_path_size_and_notes() {
        let one = Exported { files: vec![("/out/a.csv".into(), 1234)], notes: vec!["1 odd cell".into()] };
        assert_eq!(told(&one), "Wrote /out/a.csv  1.2 kB; 1 odd cell");
        let two = Exported { files: vec![("/out/a".into(), 1), ("/out/b".into(), 2)], notes: Vec::new() };
        assert_eq!(told(&two), "Wrote 2 files into /out  3 B");
    }

    #[test]
    fn one_file_of_many_tells_its_rows_and_who_has_none() {
        let done = CombinedCsv {
            file: Some("/out/combined.csv".into()),
            bytes: 1_200_000,
            rows: 5_120,
            records: 211,
            ..CombinedCsv::default()
        };
        assert_eq!(
            combined_told(&done),
            good("Wrote /out/combined.csv  5,120 rows of 211 records, 1.2 MB".to_owned())
        );
        let part = CombinedCsv {
            rows: 1,
            records: 1,
            without: vec![9, 7, 5, 3],
            gone: vec![2],
            troubles: vec!["#1: 1.csv: Permission denied".to_owned()],
            ..done
        };
        let told = combined_told(&part);
        assert_eq!(
            told.text,
            "Wrote /out/combined.csv  1 row of 1 record, 1.2 MB; 4 records have no data: #9, #7, #5 and 1 more; 1 record is \
             gone by now: #2; not in it: #1: 1.csv: Permission denied"
        );
        assert_eq!(told.tone, Tone::Bad);
    }
}
