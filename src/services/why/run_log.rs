//! What a log says of one record: its own log, or its part of the folder's `default.log`; of a large one what stands around
//! some moments and at its end.

use std::ops::Range;

use jiff::{ToSpan, civil::DateTime};

use super::{
    arguments::LoggedCall,
    entries::{self, Entry},
    overlap::{self, Neighbours},
    types::Origin,
};
use crate::{
    checkpoint::{Cx, Progress},
    error::{Error, Result},
    model::{
        encoding::{BEGINNING, Encoding},
        run::Run,
        timestamp::whole_second,
    },
    services::{data_file::DataFile, lab::Lab, paths},
};

/// A log up to this size is read whole, and so much of the end of a larger one.
const WHOLE: u64 = 8 << 20;
/// What is read around one moment at most.
const AROUND: u64 = 256 << 10;
/// In a log up to this size lines are counted.
const COUNTED: u64 = 64 << 20;
/// Bytes that are read at once while a time is looked for.
const BLOCK: u64 = 64 << 10;
/// Entries behind an error that are kept with it.
const BEHIND: usize = 2;
/// Moments that are looked up in a large log.
const MOMENTS: usize = 200;

/// The entries of a record's log that were read, in order.
#[derive(Debug)]
pub struct RunLog {
    pub file: LogFile,
    pub entries: Vec<Entry>,
    /// Only what stands around the moments and at the end.
    pub in_part: bool,
}

/// An open log.
#[derive(Debug)]
pub struct LogFile {
    file: DataFile,
    encoding: Encoding,
    pub origin: Origin,
}

/// The log of a record: of a large one what stands around these moments and at its end, or with `all` all that tells of
/// errors. `None` where there is none that can be read.
pub fn read(
    lab: &Lab,
    run: &Run,
    moments: &[DateTime],
    all: bool,
    cx: &mut Cx<'_>,
) -> Result<Option<RunLog>> {
    let Some((file, neighbours)) = opened(lab, run, cx)? else { return Ok(None) };
    let Some(neighbours) = neighbours else {
        let (entries, in_part) = file.told(0..file.file.size, moments, all, cx)?;
        return Ok(Some(RunLog { file, entries, in_part }));
    };
    let from = match run.start.at() {
        Some(start) => file.seek(whole_second(start), cx)?,
        None => 0,
    };
    let to = match neighbours.end(run) {
        Some(end) => file.seek(second_behind(end), cx)?,
        None => file.file.size,
    };
    let (entries, in_part) = file.told(from..to.max(from), moments, all, cx)?;
    let entries = neighbours.of_run(run, entries);
    Ok(Some(RunLog { file, entries, in_part }))
}

/// What the log of a record says in a stretch of time.
pub fn between(
    lab: &Lab,
    run: &Run,
    (from, to): (DateTime, DateTime),
    cx: &mut Cx<'_>,
) -> Result<Option<RunLog>> {
    let Some((file, neighbours)) = opened(lab, run, cx)? else { return Ok(None) };
    let start = file.seek(whole_second(from), cx)?;
    let end = file.seek(second_behind(to), cx)?.max(start);
    let (entries, in_part) = file.part(start..end, &[from], cx)?;
    let entries = match neighbours {
        Some(neighbours) => neighbours.of_run(run, entries),
        None => entries,
    };
    Ok(Some(RunLog { file, entries, in_part }))
}

/// The entries around a byte of a record's log.
pub fn around(lab: &Lab, run: &Run, at: u64, cx: &mut Cx<'_>) -> Result<Option<RunLog>> {
    let Some((file, neighbours)) = opened(lab, run, cx)? else { return Ok(None) };
    let from = file.aligned(at.saturating_sub(AROUND));
    let to = at.saturating_add(BLOCK).min(file.file.size).max(from);
    let entries = file.entries(from..to)?;
    let entries = match neighbours {
        Some(neighbours) => neighbours.of_run(run, entries),
        None => entries,
    };
    Ok(Some(RunLog { file, entries, in_part: true }))
}

/// Where the first entry from a time on begins in a record's own log.
pub fn first_from(lab: &Lab, run: &Run, time: DateTime, cx: &mut Cx<'_>) -> Result<Option<u64>> {
    let Some((file, None)) = opened(lab, run, cx)? else { return Ok(None) };
    Ok(Some(file.seek(whole_second(time), cx)?))
}

/// The record's log, or `default.log` with the records that ran beside it.
fn opened(lab: &Lab, run: &Run, cx: &mut Cx<'_>) -> Result<Option<(LogFile, Option<Neighbours>)>> {
    match paths::existing_log(lab, run) {
        Ok(file) => Ok(Some((LogFile::of(file, Origin::Log)?, None))),
        Err(Error::Missing(_)) if run.start.at().is_some() => {
            match DataFile::open(lab, lab.folder(), lab.folder().join("default.log")) {
                Ok(file) => {
                    let neighbours = overlap::neighbours(lab, run, cx)?;
                    Ok(Some((LogFile::of(file, Origin::DefaultLog)?, Some(neighbours))))
                }
                Err(_) => Ok(None),
            }
        }
        // A log that can't be read is told by the files; the failures are told without it.
        Err(_) => Ok(None),
    }
}

fn second_behind(time: DateTime) -> DateTime {
    whole_second(time).saturating_add(1.second())
}

impl LogFile {
    fn of(file: DataFile, origin: Origin) -> Result<Self> {
        let encoding = Encoding::of(&file.read_at(0, BEGINNING as u64)?);
        Ok(Self { file, encoding, origin })
    }

    /// Its name in the data folder.
    pub fn name(&self) -> String {
        let name = self.file.path.file_name().unwrap_or_default().to_string_lossy();
        if self.origin == Origin::Log { format!("logs/{name}") } else { name.into_owned() }
    }

    /// The entries of a part of the file, all of them, or those around some moments and at the end.
    fn part(&self, part: Range<u64>, moments: &[DateTime], cx: &mut Cx<'_>) -> Result<(Vec<Entry>, bool)> {
        if part.end - part.start <= WHOLE {
            return Ok((self.entries(part)?, false));
        }
        let mut pieces = Vec::new();
        for moment in moments.iter().take(MOMENTS) {
            let from = self.seek(whole_second(*moment), cx)?.clamp(part.start, part.end);
            pieces.push(from..from.saturating_add(AROUND).min(part.end));
            cx.check(Progress::default())?;
        }
        let tail = self.entry_start(part.end - WHOLE)?;
        pieces.push(tail..part.end);
        pieces.sort_by_key(|piece| piece.start);
        let mut all: Vec<Entry> = Vec::new();
        for piece in pieces {
            let from = all.last().map_or(piece.start, |last| last.end().max(piece.start));
            if from < piece.end {
                all.extend(self.entries(from..piece.end)?);
            }
        }
        Ok((all, true))
    }

    /// What is wanted of a part of the file, and whether the rest was not looked at.
    fn told(
        &self,
        part: Range<u64>,
        moments: &[DateTime],
        all: bool,
        cx: &mut Cx<'_>,
    ) -> Result<(Vec<Entry>, bool)> {
        let (mut entries, in_part) = self.part(part.clone(), moments, cx)?;
        if in_part && all {
            entries.extend(self.errors(part, cx)?);
            entries.sort_by_key(|entry| entry.offset);
            entries.dedup_by_key(|entry| entry.offset);
        }
        Ok((entries, in_part && !all))
    }

    /// The errors in a part of any size, each with the call in front of it and the entries behind it.
    fn errors(&self, part: Range<u64>, cx: &mut Cx<'_>) -> Result<Vec<Entry>> {
        let (mut found, mut call, mut behind) = (Vec::new(), None, 0);
        let mut from = part.start;
        while from < part.end {
            let to = if part.end - from <= WHOLE { part.end } else { self.entry_start(from + WHOLE)? };
            let to = to.clamp(from + 1, part.end);
            for entry in self.entries(from..to)? {
                if entry.is_error() {
                    found.extend(call.take());
                    found.push(entry);
                    behind = BEHIND;
                } else if LoggedCall::of(&entry).is_some() {
                    call = Some(entry.clone());
                    found.extend((behind > 0).then_some(entry));
                    behind = behind.saturating_sub(1);
                } else if behind > 0 {
                    found.push(entry);
                    behind -= 1;
                }
            }
            from = to;
            cx.check(Progress { done: from - part.start, total: Some(part.end - part.start) })?;
        }
        Ok(found)
    }

    fn entries(&self, part: Range<u64>) -> Result<Vec<Entry>> {
        let bytes = self.file.read_at(part.start, part.end.saturating_sub(part.start))?;
        Ok(entries::entries(&bytes, part.start, self.encoding))
    }

    /// Where the first entry at or behind a byte begins.
    fn entry_start(&self, at: u64) -> Result<u64> {
        Ok(self.time_behind(at, self.file.size)?.map_or(at, |(start, _)| start))
    }

    /// Where the first entry begins that is not before a time; found by halving, as a log only grows.
    fn seek(&self, time: DateTime, cx: &mut Cx<'_>) -> Result<u64> {
        let (mut low, mut high) = (0, self.file.size);
        while high - low > BLOCK {
            let middle = self.aligned(low + (high - low) / 2);
            match self.time_behind(middle, high)? {
                Some((start, found)) if found < time => low = start,
                _ => high = middle,
            }
            cx.check(Progress::default())?;
            if middle <= low && high <= middle {
                break;
            }
        }
        let bytes = self.file.read_at(low, (high - low).saturating_add(BLOCK))?;
        let found = entries::entries(&bytes, low, self.encoding);
        Ok(found
            .iter()
            .find(|entry| entry.time >= time)
            .map_or_else(|| found.last().map_or(high, Entry::end), |entry| entry.offset))
    }

    /// The first entry that begins behind a byte (or at the start of the file), in front of another, and its time.
    fn time_behind(&self, at: u64, end: u64) -> Result<Option<(u64, DateTime)>> {
        let (mut from, mut room) = (self.aligned(at), BLOCK);
        while from < end {
            let bytes = self.file.read_at(from, room.min(self.file.size - from))?;
            if let Some((start, time)) = entries::first_time(&bytes, self.encoding, from == 0) {
                return Ok(Some((from + start as u64, time)));
            }
            // Its lines may be longer than the block: the last of it is looked at again with the next.
            let kept = self.encoding.last_line_end(&bytes).filter(|end| *end < bytes.len());
            let step = kept
                .map_or(bytes.len() as u64, |end| (end as u64).saturating_sub(self.encoding.unit() as u64));
            if step == 0 || bytes.is_empty() {
                room = room.saturating_mul(2);
                if room > WHOLE {
                    return Ok(None);
                }
                continue;
            }
            from += step;
        }
        Ok(None)
    }

    fn aligned(&self, at: u64) -> u64 {
        at - at % self.encoding.unit() as u64
    }

    /// The lines of a part as text, `most` at most.
    pub fn lines(&self, offset: u64, length: u64, most: usize) -> Result<Vec<String>> {
        let bytes = self.file.read_at(offset, length.min(AROUND))?;
        let mut lines = Vec::new();
        let mut start = 0;
        for end in self.encoding.line_ends(&bytes).chain([bytes.len()]).take(most + 1) {
            if start < end && lines.len() < most {
                let line = bytes.get(start..end).unwrap_or_default();
                lines.push(self.encoding.shown(line, offset == 0 && start == 0).text.into_owned());
            }
            start = end;
        }
        Ok(lines)
    }

    /// The numbers, from 1, of the lines at these bytes, which rise; `None` in a log that is too large to count them.
    pub fn line_numbers(&self, places: &[u64], cx: &mut Cx<'_>) -> Result<Option<Vec<u64>>> {
        if self.file.size > COUNTED {
            return Ok(None);
        }
        let (mut at, mut line, mut numbers) = (0, 1_u64, Vec::with_capacity(places.len()));
        let mut block = Vec::new();
        let mut block_at = 0;
        for &place in places {
            while at < place {
                if at >= block_at + block.len() as u64 {
                    (block_at, block) = (at, self.file.read_at(at, 4 << 20)?);
                    cx.check(Progress::default())?;
                    if block.is_empty() {
                        break;
                    }
                }
                let from = usize::try_from(at - block_at).unwrap_or(usize::MAX);
                let to = usize::try_from(place - block_at).unwrap_or(usize::MAX).min(block.len());
                line += self.encoding.line_ends(block.get(from..to).unwrap_or_default()).count() as u64;
                at = block_at + to as u64;
            }
            numbers.push(line);
        }
        Ok(Some(numbers))
    }
}
