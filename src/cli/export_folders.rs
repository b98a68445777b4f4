//! `export`: all files of records, each in a folder of its own; what can't be exported of one does not keep the others.

use std::{
    io::{ErrorKind as IoError, Write},
    path::{Path, PathBuf},
};

use super::{
    chosen,
    chosen_args::ExportArgs,
    combined, index_wait, message, no_folder,
    out::{stdout, stdout_error},
    progress_line::ProgressLine,
};
use crate::{
    error::{Error, Result},
    model::{format, run::Run},
    output::{Sink, Target},
    services::{
        export::{
            self,
            many::{ManyExports, done_words},
        },
        lab::Lab,
    },
    signals,
};

pub fn run(lab: &Lab, args: &ExportArgs) -> Result<()> {
    let is_stdout = |path: Option<&PathBuf>| path.is_some_and(|path| path == Path::new("-"));
    if is_stdout(args.output.as_ref()) {
        return Err(Error::Usage("-o names the folder that those of the records go into".to_owned()));
    }
    if args.output.is_some() && is_stdout(args.combined.as_ref()) {
        let said = "with -o the paths of the folders go to stdout: --combined takes a file there, not -";
        return Err(Error::Usage(said.to_owned()));
    }
    let Some(ids) = chosen::ids(lab, &args.records)? else {
        message(&format!("{}; nothing was exported", chosen::nobody(&args.records)));
        return Ok(());
    };
    // All that are missing are named before anything is made.
    let runs = lab.runs(&ids, &signals::cx())?;
    if let Some(folder) = &args.output {
        export::check_folder(lab, folder)?;
    }
    index_wait::rows(lab)?;
    if let Some(folder) = &args.output {
        no_folder::warn(lab);
        make(folder)?;
    }
    let combined = match &args.combined {
        Some(file) => combined::run(lab, &runs, &Target::named(file, args.overwrite))?,
        None => None,
    };
    if let Some(folder) = &args.output {
        folders(lab, &runs, folder)?;
    }
    combined.map_or(Ok(()), Err)
}

/// All files of the records, a folder for each.
fn folders(lab: &Lab, runs: &[Run], folder: &Path) -> Result<()> {
    let mut exports = Exports {
        made: ManyExports::new(lab, folder, runs.len()),
        folder,
        out: stdout()?,
        progress: ProgressLine::on_stderr(),
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
    made: ManyExports<'a>,
    folder: &'a Path,
    out: Sink,
    progress: ProgressLine,
}

impl Exports<'_> {
    /// Exports a record.
    ///
    /// # Errors
    /// What ends the others too.
    fn one(&mut self, at: usize, run: &Run) -> Result<()> {
        let exports = &mut self.made;
        self.progress.show(&format!("{} of {}, {}", at + 1, exports.total, format::bytes(exports.bytes)));
        let is_it = |now: &Run| now.name == run.name && now.start == run.start;
        let done = exports.one(run.id, is_it, &mut signals::cx());
        self.progress.clear();
        let name = format!("#{} {}", run.id, run.shown_name());
        let one = done?;
        let notes = one.made.iter().flat_map(|made| &made.notes);
        one.troubles.iter().chain(notes).for_each(|note| message(&format!("{name}: {note}")));
        let Some(made) = &one.made else { return Ok(()) };
        let line = [made.path.as_os_str().as_encoded_bytes(), b"\n"].concat();
        self.out.write_all(&line).and_then(|()| self.out.flush()).map_err(stdout_error)
    }

    /// Says what came of all.
    fn end(self, ended: Result<()>) -> Result<()> {
        let ManyExports { done, total, failed, bytes, .. } = self.made;
        let records = format::count_of(total as u64, "record", "records");
        if let Err(error) = ended {
            if !error.is_broken_pipe() {
                message(&done_words(&done, total));
            }
            return Err(error);
        }
        let place = self.folder.display();
        if failed > 0 {
            return Err(Error::Refused(format!(
                "{failed} of {records} could not be exported whole, as said above; {} in {place}",
                match done.len() {
                    0 => "none is".to_owned(),
                    1 => "1 is".to_owned(),
                    many => format!("{many} are"),
                },
            )));
        }
        message(&format!("{place}: {records} exported ({})", format::bytes(bytes)));
        Ok(())
    }
}
