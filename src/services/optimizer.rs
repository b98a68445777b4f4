//! The optimizer's plots of a record: pieces of HTML, or the path of a picture.

use std::path::{Component, Path};

use super::{data_file::DataFile, lab::Lab, paths};
use crate::{
    error::{Error, Missing, Result},
    formats::file_names,
    model::{
        format::bytes,
        json,
        run::Run,
        value::{Dict, Value},
    },
    platform::files::real_path,
};

/// The optimizer's plots of a record.
#[derive(Debug)]
pub struct PlotsFile {
    /// The file whose bytes are the plots: `results/..._plots.json` itself, or the picture that it names.
    pub file: DataFile,
    pub content: PlotsContent,
}

/// What the bytes of the plots are.
#[derive(Debug)]
pub enum PlotsContent {
    /// Pieces of HTML by name.
    Pieces(Dict),
    /// The same, of so many bytes that they are exported only.
    Large,
    Picture,
}

impl PlotsFile {
    /// The name that an export of it gets.
    pub fn name(&self, run: &Run) -> String {
        match self.content {
            PlotsContent::Pieces(_) | PlotsContent::Large => file_names::plots_json(run),
            PlotsContent::Picture => file_names::plots_png(run),
        }
    }

    /// What is said where plots would have to be held in memory whole that are too large for that.
    pub fn too_large(&self, run: &Run) -> Error {
        let path = self.file.path.display();
        let (has, most) = (bytes(self.file.size), bytes(MOST));
        Error::Advised {
            said: format!("{path}: it has {has}, and plots of up to {most} are shown"),
            command: format!("ivorylens plots {} -o FILE writes them as they are", run.id),
            screen: "an export (x) writes them as they are".to_owned(),
        }
    }
}

/// Bytes of plots that are held in memory: those of IvoryOS have some hundred thousand.
pub const MOST: u64 = 64_000_000;

/// The file whose bytes are the plots.
///
/// # Errors
/// As [`read`].
pub fn file(lab: &Lab, run: &Run) -> Result<DataFile> {
    read(lab, run).map(|plots| plots.file)
}

/// # Errors
/// [`Error::Missing`] where the record has no plots or the picture is gone, [`Error::File`] where the file holds
/// anything else, and as [`DataFile::open`].
pub fn read(lab: &Lab, run: &Run) -> Result<PlotsFile> {
    #[cfg(test)]
    READS.set(READS.get() + 1);
    let file = paths::made_by_ivoryos(lab, &file_names::plots_json(run), Missing::Plots { run: run.id })?;
    let odd = |reason: &str| {
        let reason = format!("{reason}; look at the file itself");
        Error::File { path: file.path.clone(), reason }
    };
    if file.size > MOST {
        let begin = file.read_at(0, 4096)?;
        return match begin.trim_ascii_start().first() {
            Some(b'{') => Ok(PlotsFile { file, content: PlotsContent::Large }),
            _ => Err(odd("neither plots by name nor the path of a picture")),
        };
    }
    let bytes = file.read_at(0, MOST)?;
    match json::read(&bytes).map_err(|_| odd("this is no JSON, so no optimizer plots"))? {
        Value::Dict(pieces) => Ok(PlotsFile { file, content: PlotsContent::Pieces(pieces) }),
        Value::Str(picture) if picture.lossy().ends_with(".png") => {
            Ok(PlotsFile { file: find_picture(lab, &picture.lossy())?, content: PlotsContent::Picture })
        }
        _ => Err(odd("neither plots by name nor the path of a picture")),
    }
}

#[cfg(test)]
thread_local! {
    /// How often optimizer plots were looked for.
    pub(super) static READS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// The path as the server wrote it, if that leads into the data folder; else the file of that name in `results/`
/// (the folder may have been moved).
fn find_picture(lab: &Lab, written: &str) -> Result<DataFile> {
    let path = Path::new(written);
    let results = lab.results();
    let gone = || Error::Missing(Missing::Picture { name: written.to_owned(), folder: results.clone() });
    // The server writes it from where it was started: the folder that holds the data folder.
    let home = real_path(lab.folder()).ok();
    let direct = home.as_deref().and_then(Path::parent).map(|p| DataFile::open(lab, &results, p.join(path)));
    let direct = match direct {
        Some(Ok(file)) => return Ok(file),
        Some(Err(error)) => error,
        None => gone(),
    };
    let name = path.components().next_back().and_then(|c| match c {
        Component::Normal(name) => Some(name.to_owned()),
        _ => None,
    });
    let beside = name.map_or_else(|| Err(gone()), |name| DataFile::open(lab, &results, results.join(name)));
    beside.map_err(|error| match (error, direct) {
        (Error::Missing(_), Error::Missing(_)) => gone(),
        (Error::Missing(_), why) | (why, _) => why,
    })
}
