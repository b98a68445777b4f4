//! `export`: all files of records, each in a folder of its own; what can't be exported of one does not keep the others.

use std::{
    io::{self, ErrorKind as IoError, IsTerminal, Write},
    path::Path,
};

use super::{
    chosen,
    chosen_args::ExportArgs,
    index_wait, message,
    out::{stdout, stdout_error},
};
use crate::{
    error::{Error, Result},
    model::{format, run::Run},
    output::{Patient, Sink},
    services::{
        export::{self, ExportedFolder},
        lab::Lab,
    },
    signals,
};

/// Of what was done before the end, so many records are named.
const NAMED: usize = 20;

pub fn run(lab: &Lab, args: &ExportArgs) -> Result<()> {
    let folder = &args.output;
    if folder == Path::new("-") {
        return Err(Error::Usage("-o names the folder that those of the records go into".to_owned()));
    }
    let Some(ids) = chosen::ids(lab, &args.records)? else {
        message(&format!("{}; nothing was exported", chosen::nobody(&args.records)));
        return Ok(());
    };
    // All that are missing are named before anything is made.
    let runs = lab.runs(&ids, &signals::cx())?;
    export::check_folder(lab, folder)?;
    index_wait::rows(lab)?;
    make(folder)?;
    let mut exports = Exports {
        lab,
        folder,
        total: runs.len(),
        out: stdout()?,
        progress: ProgressLine::on_stderr(),
        done: Vec::new(),
        failed: 0,
        bytes: 0,
    };
    let ended = runs.iter().enumerate().try_for_each(|(at, run)| exports.one(at, run));
    exports.progress.clear();
    exports.end(ended)
}

/// Makes the folder, not those above it.
fn make(folder: &Path) -> Result<()> {
    match std::fs::create_dir(folder) {
        Err(error) if error.kind() == IoError::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) if error.kind() == IoError::NotFound => {
            Err(Error::NoFolder { folder: folder.to_path_buf() })
        }
        made => made.map_err(Error::io(folder)),
    }
}

/// The exports under way.
struct Exports<'a> {
    lab: &'a Lab,
    folder: &'a Path,
    total: usize,
    out: Sink,
    progress: ProgressLine,
    /// Records whose folder is there.
    done: Vec<i64>,
    /// Records of which something could not be exported.
    failed: usize,
    bytes: u64,
}

impl Exports<'_> {
    /// Exports a record.
    ///
    /// # Errors
    /// What ends the others too.
    fn one(&mut self, at: usize, run: &Run) -> Result<()> {
        self.progress.show(&format!("{} of {}, {}", at + 1, self.total, format::bytes(self.bytes)));
        let made = self.files(run);
        self.progress.clear();
        let name = format!("#{} {}", run.id, run.shown_name());
        let made = match made {
            Err(error) if ends_all(&error) => return Err(error),
            Err(error) => {
                self.failed += 1;
                message(&format!("{name}: {error}"));
                return Ok(());
            }
            Ok(made) => made,
        };
        self.failed += usize::from(!made.unreadable.is_empty());
        self.bytes += made.files.iter().map(|(_, bytes)| bytes).sum::<u64>();
        self.done.push(run.id);
        made.unreadable.iter().chain(&made.notes).for_each(|note| message(&format!("{name}: {note}")));
        let line = [made.path.as_os_str().as_encoded_bytes(), b"\n"].concat();
        self.out.write_all(&line).and_then(|()| self.out.flush()).map_err(stdout_error)
    }

    fn files(&self, run: &Run) -> Result<ExportedFolder> {
        let mut cx = signals::cx();
        let now = self.lab.run(run.id, &cx)?;
        if now.name != run.name || now.start != run.start {
            return Err(Error::Refused("its id is another record's by now".to_owned()));
        }
        export::everything(self.lab, &now, self.folder, &mut cx)
    }

    /// Says what came of all.
    fn end(self, ended: Result<()>) -> Result<()> {
        let records = format::count_of(self.total as u64, "record", "records");
        if let Err(error) = ended {
            if !error.is_broken_pipe() {
                message(&format!("{} of {records} exported{}", self.done.len(), self.named()));
            }
            return Err(error);
        }
        let place = self.folder.display();
        if self.failed > 0 {
            return Err(Error::Refused(format!(
                "{} of {records} could not be exported whole, as said above; {} in {place}",
                self.failed,
                match self.done.len() {
                    0 => "none is".to_owned(),
                    1 => "1 is".to_owned(),
                    many => format!("{many} are"),
                },
            )));
        }
        message(&format!("{place}: {records} exported ({})", format::bytes(self.bytes)));
        Ok(())
    }

    /// `: #61, #60 and 12 more, the last is #40`.
    fn named(&self) -> String {
        let ids = |ids: &[i64]| ids.iter().map(|id| format!("#{id}")).collect::<Vec<_>>().join(", ");
        match (self.done.split_at_checked(NAMED), self.done.last()) {
            (_, None) => String::new(),
            (Some((first, rest)), Some(last)) if !rest.is_empty() => {
                format!(": {} and {} more, the last is #{last}", ids(first), rest.len())
            }
            _ => format!(": {}", ids(&self.done)),
        }
    }
}

/// Would it be the same with all records that come next?
fn ends_all(error: &Error) -> bool {
    let is_full =
        |kind| matches!(kind, IoError::StorageFull | IoError::QuotaExceeded | IoError::ReadOnlyFilesystem);
    match error {
        _ if signals::noted().is_some() => true,
        Error::Cancelled | Error::Replaced | Error::Busy { .. } | Error::Open { .. } => true,
        Error::NoFolder { .. } => true,
        Error::Io { source, .. } => is_full(source.kind()),
        _ => false,
    }
}

/// A line on stderr that is written over, where stderr is a terminal.
struct ProgressLine {
    out: Option<Patient>,
    width: usize,
}

impl ProgressLine {
    fn on_stderr() -> Self {
        let err = io::stderr();
        Self { out: Patient::of(&err).ok().filter(|_| err.is_terminal()), width: 0 }
    }

    fn show(&mut self, text: &str) {
        self.clear();
        self.write(text.as_bytes());
        self.width = text.len();
    }

    /// Without codes, which not all terminals know.
    fn clear(&mut self) {
        if self.width > 0 {
            self.write(format!("\r{}\r", " ".repeat(self.width)).as_bytes());
            self.width = 0;
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        // Nobody is left to tell when stderr itself is gone.
        let _ = self.out.as_mut().map(|out| out.write_all(bytes));
    }
}
