//! Exports, deletes and restores: they run in the background, tell how far they are, and end with a message.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    App, News, SELF,
    export_words::{combined_told, good, many_told, told},
    mark_words, restored_words,
};
use crate::{
    checkpoint::Progress,
    error::{Error, Result},
    model::{
        call::CallQuery,
        format::{self, count_of},
        query::ListQuery,
    },
    services::{
        calls::CallFormat,
        delete::Deleted,
        export::many::PickedForm,
        export_kind::ExportKind,
        picked::Picked,
        request::{Answer, Ask, Slot},
        trash::{InTrash, Restored, Which},
    },
    tui::{
        action::Action,
        bindings::key_of,
        event::Event,
        keymap::Context,
        overlays::{Menu, MenuEntry, agreed::Agreed},
        screen::{Effect, Input, Message, Tone},
        tag::Tag,
    },
};

/// An export that is wanted.
#[derive(Debug, Clone)]
pub(super) struct Export {
    pub what: Exportable,
    pub folder: PathBuf,
    pub make: bool,
}

/// What there is to export.
#[derive(Debug, Clone)]
pub(super) enum Exportable {
    Record { run: i64, kind: ExportKind },
    Calls { query: CallQuery, form: CallFormat },
    Picked { query: ListQuery, picked: Arc<Picked>, form: PickedForm },
}

impl Export {
    fn ask(self) -> Ask {
        let Export { what, folder, make } = self;
        match what {
            Exportable::Record { run, kind } => Ask::Export { run, kind, folder, make },
            Exportable::Calls { query, form } => Ask::ExportCalls { query, form, folder, make },
            Exportable::Picked { query, picked, form } => {
                Ask::ExportPicked { query, picked, form, folder, make }
            }
        }
    }

    fn effect(self) -> Effect {
        let Export { what, folder, make } = self;
        match what {
            Exportable::Record { run, kind } => Effect::Export { run, kind, folder, make },
            Exportable::Calls { query, form } => Effect::ExportCalls { query, form, folder, make },
            Exportable::Picked { query, picked, form } => {
                Effect::ExportPicked { query, picked, form, folder, make }
            }
        }
    }

    fn is_one_file(&self) -> bool {
        !matches!(self.what, Exportable::Picked { form: PickedForm::Folders, .. })
    }

    fn label(&self) -> String {
        match &self.what {
            Exportable::Record { run, kind } => format!("{} of #{run}", kind.title()),
            Exportable::Calls { form, .. } => form.title().to_owned(),
            Exportable::Picked { picked, form, .. } => {
                let records = count_of(picked.len() as u64, "record", "records");
                match form {
                    PickedForm::Folders => records,
                    PickedForm::OneCsv => format!("the data of {records}"),
                }
            }
        }
    }
}

/// Something that runs in the background.
#[derive(Debug)]
pub(super) struct Job {
    tag: Tag,
    /// `steps CSV of #25`
    pub label: String,
    doing: &'static str,
    /// A delete past the trash.
    permanent: bool,
    progress: Option<Progress>,
    /// Bytes that are written, where it tells them.
    bytes: Option<u64>,
    export: Option<Export>,
    /// The user did something else meanwhile: its end must not be missed.
    pub keys_since: bool,
}

impl Job {
    /// For the bottom line.
    pub fn status(&self) -> String {
        // What is done stays.
        let is_in_parts = self.bytes.is_some() && !self.export.as_ref().is_some_and(Export::is_one_file);
        let ends = if is_in_parts { "ends it" } else { "cancels" };
        let back = key_of(Context::List, Action::Back);
        format!("{} {}{}   {back} {ends}", self.doing, self.label, self.how_far())
    }

    /// Of many records `  37 of 214, 1.2 GB`.
    fn how_far(&self) -> String {
        match (self.progress, self.bytes) {
            (Some(Progress { done, total: Some(total) }), Some(bytes)) => {
                format!("  {} of {}, {}", format::count(done), format::count(total), format::bytes(bytes))
            }
            (progress, _) => how_far(progress),
        }
    }
}

/// `  40 %`, or as much as is known.
pub(super) fn how_far(progress: Option<Progress>) -> String {
    match progress {
        Some(Progress { done, total: Some(total) }) if total > 0 => {
            format!("  {} %", u128::from(done.min(total)) * 100 / u128::from(total))
        }
        Some(Progress { done, .. }) if done > 0 => format!("  {done}"),
        _ => " ...".to_owned(),
    }
}

impl App {
    pub(super) fn export(&mut self, export: Export) {
        self.options.export_folder.clone_from(&export.folder);
        self.start(export.clone().ask(), "Exporting", export.label(), Some(export));
    }

    /// A folder that is not there: `y` makes it.
    fn offer_folder(&mut self, export: Export, folder: &Path) {
        let make = Export { make: true, ..export }.effect();
        let leave = Effect::say("Nothing was written.");
        let entries =
            vec![MenuEntry::new('y', "make it and export", make), MenuEntry::new('n', "leave it", leave)];
        let title = format!("There is no folder {}", folder.display());
        self.open(Box::new(Menu::new(title, entries).select(1)));
    }

    pub(super) fn delete(&mut self, agreed: Agreed) {
        let label = agreed.label();
        self.start(agreed.ask(), "Deleting", label, None);
    }

    pub(super) fn restore(&mut self, entries: Vec<i64>, label: String) {
        self.start(Ask::Restore { which: Which::Entries(entries) }, "Bringing back", label, None);
    }

    pub(super) fn adopt(&mut self) {
        self.start(Ask::Adopt, "Taking over", "marks and trash".to_owned(), None);
    }

    /// Does a delete or a restore run?
    pub(super) fn changes_trash(&self) -> bool {
        self.jobs.iter().any(|job| matches!(job.tag.slot, Slot::Delete | Slot::Restore))
    }

    fn start(&mut self, ask: Ask, doing: &'static str, label: String, export: Option<Export>) {
        let tag = Tag { layer: SELF, slot: ask.slot(), number: self.number() };
        self.pending.push(tag);
        let permanent = matches!(&ask, Ask::Delete { how, .. } if how.permanent);
        self.jobs.push(Job {
            tag,
            label,
            doing,
            permanent,
            progress: None,
            bytes: None,
            export,
            keys_since: false,
        });
        self.worker.ask(tag, ask);
    }

    pub(super) fn job_progress(&mut self, tag: Tag, progress: Progress, bytes: Option<u64>) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.tag == tag) {
            (job.progress, job.bytes) = (Some(progress), bytes);
        }
    }

    /// The newest job ends at its next check; false when there is none.
    pub(super) fn cancel_job(&mut self) -> bool {
        let Some(job) = self.jobs.last() else { return false };
        let (tag, label) = (job.tag, job.label.clone());
        // One that was still queued is gone without a reply.
        if self.worker.cancel(|running| *running == tag) {
            self.jobs.retain(|job| job.tag != tag);
            self.pending.retain(|pending| *pending != tag);
        }
        self.quietly(format!("Cancelling {label}"));
        true
    }

    pub(super) fn job_done(&mut self, tag: Tag, result: Result<Answer>) {
        let Some(at) = self.jobs.iter().position(|job| job.tag == tag) else { return };
        let job = self.jobs.remove(at);
        let message = match result {
            Ok(Answer::Exported(exported)) => good(told(&exported)),
            Ok(Answer::ExportedMany(many)) => match job.export {
                Some(export) => many_told(&many, &export.folder),
                None => return,
            },
            Ok(Answer::Combined(done)) => combined_told(&done),
            Ok(Answer::Deleted(deleted)) => {
                let screens: Vec<_> = self.screens.iter().map(|layer| layer.id).collect();
                for id in screens {
                    self.tell(id, Input::Deleted(deleted.runs.clone()));
                }
                if deleted.stopped.as_ref().is_some_and(|stopped| stopped.part.is_some()) {
                    self.reload();
                }
                gone(&job.label, &deleted, job.permanent)
            }
            Ok(Answer::Restored(restored)) => {
                self.restored(&restored, job.keys_since);
                restored_words::told(&restored)
            }
            Ok(Answer::Adopted(adopted)) => {
                self.marks_changed();
                mark_words::taken_over(&adopted)
            }
            Ok(_) => return,
            Err(Error::Cancelled) => {
                let text = match tag.slot {
                    Slot::Delete => format!("Cancelled: {}: nothing was deleted.", job.label),
                    Slot::Restore => format!("Cancelled: {}: nothing was put back.", job.label),
                    Slot::Adopt => "Cancelled: what is not here yet is still there.".to_owned(),
                    _ => format!("Cancelled: {} was not written.", job.label),
                };
                Message { text, tone: Tone::Quiet }
            }
            Err(error) => {
                if tag.slot == Slot::Restore {
                    // Somebody else may have put it back.
                    self.restored(&Restored::default(), true);
                }
                let text = format!("{}: {}", job.label, error.on_screen());
                if let (Error::NoFolder { folder }, Some(export)) = (&error, job.export) {
                    return self.offer_folder(export, folder);
                }
                Message { text, tone: Tone::Bad }
            }
        };
        self.news = Some(News { message, hold: job.keys_since, locked: false });
    }
}

/// The error of a delete that ended half-way after the last frame.
pub(super) fn unfinished(events: Vec<Event>) -> Result<()> {
    let stopped = events.into_iter().find_map(|event| match event {
        Event::Reply { result: Ok(Answer::Deleted(deleted)), .. } => deleted.stopped,
        _ => None,
    });
    stopped.map_or(Ok(()), |stopped| Err(Error::Unfinished(stopped)))
}

fn gone(label: &str, deleted: &Deleted, permanent: bool) -> Message {
    let is_one = deleted.runs.len() == 1;
    match (&deleted.stopped, &deleted.in_trash) {
        (Some(stopped), in_trash) => {
            let any = in_trash.as_ref().is_some_and(|kept| !kept.entries.is_empty());
            let undo = key_of(Context::List, Action::Undo);
            let back = if any { format!("; {undo} brings back what is gone") } else { String::new() };
            Message { text: format!("{label}: {stopped}{back}"), tone: Tone::Bad }
        }
        (None, Some(kept)) => good(format!("Deleted {label}: {}", kept_words(kept, is_one))),
        (None, None) if !permanent => good(format!("Deleted {label}: in the trash, :trash shows it")),
        (None, None) => good(format!(
            "Deleted {label} for good: {}, {}; {} files are still on disk",
            count_of(deleted.phases, "phase", "phases"),
            count_of(deleted.steps, "step", "steps"),
            if is_one { "its" } else { "their" },
        )),
    }
}

/// `in the trash (214 kB), u brings it back`, and what was not as it was to be.
fn kept_words(kept: &InTrash, is_one: bool) -> String {
    let files = match kept.files as u64 {
        0 => String::new(),
        files => format!(" with {}", count_of(files, "file", "files")),
    };
    let what = if is_one { "it" } else { "all" };
    let undo = key_of(Context::List, Action::Undo);
    let mut text = format!("in the trash{files} ({}), {undo} brings {what} back", format::bytes(kept.bytes));
    if !kept.left.is_empty() {
        text.push_str(&format!("; still on disk: {}", kept.left.join("; ")));
    }
    if let Some(notice) = &kept.notice {
        text.push_str(&format!("; {notice}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_says_what_is_known() {
        assert_eq!(how_far(None), " ...");
        assert_eq!(how_far(Some(Progress { done: 7, total: None })), "  7");
        assert_eq!(how_far(Some(Progress { done: 1, total: Some(3) })), "  33 %");
        assert_eq!(how_far(Some(Progress { done: u64::MAX, total: Some(u64::MAX) })), "  100 %");
    }

    #[test]
    fn a_delete_tells_how_many_of_each() {
        let gone = |label: &str, runs: &[i64], phases, steps| {
            let deleted = Deleted { runs: runs.to_vec(), phases, steps, ..Deleted::default() };
            gone(label, &deleted, true).text
        };
        assert_eq!(
            gone("#24 a", &[24], 1, 0),
            "Deleted #24 a for good: 1 phase, 0 steps; its files are still on disk"
        );
        assert_eq!(
            gone("2 records", &[24, 25], 1_200, 1),
            "Deleted 2 records for good: 1,200 phases, 1 step; their files are still on disk"
        );
    }

    #[test]
    fn a_delete_into_the_trash_says_how_it_comes_back() {
        let gone = |label: &str, runs: &[i64], kept: InTrash| {
            let deleted = Deleted { runs: runs.to_vec(), in_trash: Some(kept), ..Deleted::default() };
            gone(label, &deleted, false).text
        };
        let kept = InTrash { entries: vec![3], bytes: 214_000, ..InTrash::default() };
        assert_eq!(
            gone("#25 pump test", &[25], kept.clone()),
            "Deleted #25 pump test: in the trash (214 kB), u brings it back"
        );
        let left = vec!["/lab/a.log: Permission denied".to_owned()];
        let kept = InTrash { files: 2, left, notice: Some("the old file is a.bad".to_owned()), ..kept };
        assert_eq!(
            gone("2 records", &[25, 26], kept),
            "Deleted 2 records: in the trash with 2 files (214 kB), u brings all back; still on disk: \
             /lab/a.log: Permission denied; the old file is a.bad"
        );
        assert_eq!(
            super::gone("#25 a", &Deleted { runs: vec![25], ..Deleted::default() }, false).text,
            "Deleted #25 a: in the trash, :trash shows it"
        );
    }
}
