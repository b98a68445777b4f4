//! A file whose bytes go to the disk a little at a time: a commit of the lab's waits for what the disk has to write first.

use std::{
    fs::File,
    io::{self, Write},
};

/// Bytes between two waits for the disk: some milliseconds on a slow one.
const STRIDE: usize = 1 << 20;

pub struct PacedFile {
    file: File,
    /// Bytes since the last wait.
    since: usize,
}

impl PacedFile {
    pub fn new(file: File) -> Self {
        Self { file, since: 0 }
    }

    /// Waits until all of it is on the disk.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()
    }
}

impl Write for PacedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.since += written;
        if self.since >= STRIDE {
            self.since = 0;
            self.file.sync_data()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
