//! Where an export's bytes and notes go, and what all exports share.

use std::{
    fs::File,
    io::{BufReader, Read, Write},
    path::{Path, PathBuf},
};

use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    model::{partial::Lacks, run::Phase},
    services::data_file::DataFile,
};

/// Where an export's bytes go, and what it wants the user to know.
pub struct Outlet<'a> {
    pub out: &'a mut dyn Write,
    /// The name of where it goes, for messages.
    pub target: PathBuf,
    pub notes: Vec<String>,
    /// What the rows lack that were written.
    pub lacks: Lacks,
    dropped: usize,
}

/// Notes about odd cells that are kept; the rest is counted.
const NOTES: usize = 20;

impl<'a> Outlet<'a> {
    pub fn new(out: &'a mut dyn Write, target: impl Into<PathBuf>) -> Self {
        Self { out, target: target.into(), notes: Vec::new(), lacks: Lacks::default(), dropped: 0 }
    }

    pub(super) fn note(&mut self, text: impl FnOnce() -> String) {
        if self.notes.len() < NOTES {
            self.notes.push(text());
        } else {
            self.dropped += 1;
        }
    }

    /// Writes bytes that are made already.
    pub fn all(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(Error::io(&self.target))
    }

    /// All notes.
    pub fn finish(mut self) -> Vec<String> {
        if self.dropped > 0 {
            self.notes.push(format!("and {} more cells like these", self.dropped));
        }
        self.notes
    }
}

/// Phases between two checkpoints.
pub(super) const PHASES: usize = 64;

pub(super) fn odd_cell(phase: &Phase, column: &str) -> String {
    format!("record {}, phase {}: {column} is not as IvoryOS writes it", phase.run_id, phase.id)
}

/// Bytes of a file copied between two checkpoints.
const STRIDE: usize = 1 << 20;

/// The bytes of a file as they are.
pub fn copy(file: &DataFile, outlet: &mut Outlet<'_>, cx: &mut Cx<'_>) -> Result<()> {
    let mut buffer = vec![0; STRIDE];
    let mut done = 0;
    loop {
        let piece = file.fill(done, &mut buffer)?;
        if piece.is_empty() {
            return Ok(());
        }
        outlet.all(piece)?;
        done += piece.len() as u64;
        cx.check(Progress { done, total: Some(file.size) })?;
    }
}

/// Has this file of ours the bytes of that one?
pub(super) fn is_same(ours: &Path, size: u64, file: &DataFile, cx: &mut Cx<'_>) -> Result<bool> {
    if size != file.size {
        return Ok(false);
    }
    let mut ours_read = BufReader::new(File::open(ours).map_err(Error::io(ours))?);
    let (mut buffer, mut own) = (vec![0; STRIDE], vec![0; STRIDE]);
    let mut done = 0;
    loop {
        let piece = file.fill(done, &mut buffer)?;
        let same = own.get_mut(..piece.len()).unwrap_or_default();
        if piece.is_empty() {
            return Ok(true);
        }
        if ours_read.read_exact(same).is_err() || same != piece {
            return Ok(false);
        }
        done += piece.len() as u64;
        cx.check(Progress { done, total: Some(file.size) })?;
    }
}
