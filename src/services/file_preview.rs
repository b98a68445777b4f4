//! Files of a record as something to look at: the beginning of a data CSV as rows, of others as text.

#[cfg(any(test, fuzzing))]
pub mod fuzz;

use std::io::{self, Write};

use super::{
    data_file::DataFile,
    export::{self, Outlet},
    files,
    lab::Lab,
    optimizer::{self, PlotsContent},
};
use crate::{
    checkpoint::Cx,
    error::{Error, Result},
    model::{
        encoding::file_text,
        partial::Partial,
        run::Run,
        sanitize::{sanitize_bytes, sanitize_lines},
        value::Value,
    },
    services::export_kind::{ExportKind, ExportOrigin, MadeExport},
};

/// A file as something to look at.
#[derive(Debug, Clone, PartialEq)]
pub enum FileView {
    Rows { columns: Vec<String>, rows: Vec<Vec<String>>, more: bool },
    Text { text: String, more: bool },
}

/// How many bytes of a file are shown; the rest is for an export.
const SHOWN: usize = 1 << 20;

/// # Errors
/// [`Error::Missing`] where the file is not there.
pub fn view(lab: &Lab, run: &Run, kind: ExportKind, cx: &mut Cx<'_>) -> Result<Partial<FileView>> {
    match kind.describe().origin {
        ExportOrigin::Made(MadeExport::DataCsv | MadeExport::StepsCsv) => {
            Ok(beginning(lab, run, kind, cx)?.map(|(bytes, more)| rows(&bytes, more)))
        }
        ExportOrigin::Made(MadeExport::PlotJson | MadeExport::ChartSvg | MadeExport::Why)
        | ExportOrigin::Folder => Ok(beginning(lab, run, kind, cx)?.map(|(bytes, more)| text(&bytes, more))),
        ExportOrigin::OnDisk(_) if kind == ExportKind::OptimizerPlots => plots(lab, run).map(Partial::whole),
        ExportOrigin::OnDisk(open) => {
            let file = open(lab, run)?;
            let (bytes, more) = head(&file)?;
            let is_csv = kind == ExportKind::ResultFile
                && file.path.extension().is_none_or(|e| e.eq_ignore_ascii_case("csv"));
            Ok(Partial::whole(if is_csv { rows(&bytes, more) } else { text(&bytes, more) }))
        }
    }
}

/// The beginning of what an export would write: the export is ended when enough is there.
fn beginning(lab: &Lab, run: &Run, kind: ExportKind, cx: &mut Cx<'_>) -> Result<Partial<(Vec<u8>, bool)>> {
    let mut out = Beginning(Vec::new());
    let mut outlet = Outlet::new(&mut out, files::export_name(lab, run, kind));
    let more = match export::write(lab, run, kind, &mut outlet, cx) {
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::WriteZero => true,
        other => other.map(|()| false)?,
    };
    let lacks = outlet.lacks;
    Ok(Partial::lacking((out.0, more), lacks))
}

struct Beginning(Vec<u8>);

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() >= SHOWN {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn head(file: &DataFile) -> Result<(Vec<u8>, bool)> {
    let mut bytes = file.read_at(0, SHOWN as u64 + 1)?;
    let more = bytes.len() > SHOWN;
    bytes.truncate(SHOWN);
    Ok((bytes, more))
}

fn text(bytes: &[u8], more: bool) -> FileView {
    FileView::Text { text: sanitize_lines(&file_text(bytes)).into_owned(), more }
}

fn rows(bytes: &[u8], more: bool) -> FileView {
    let text = file_text(bytes);
    let mut options = csv::ReaderBuilder::new();
    options.delimiter(delimiter(&text)).has_headers(false).flexible(true);
    let mut reader = options.from_reader(text.as_bytes());
    let texts = |r: csv::StringRecord| r.iter().map(|cell| sanitize_lines(cell).into_owned()).collect();
    let mut rows: Vec<Vec<String>> = reader.records().map_while(|r| r.ok()).map(texts).collect();
    if more {
        // The last row may be cut.
        rows.pop();
    }
    let columns = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
    FileView::Rows { columns, rows, more }
}

/// What stands between the titles: a semicolon where numbers have decimal commas, a tab, or a comma.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.bytes().take_while(|byte| *byte != b'\n') {
        quoted ^= byte == b'"';
        counts.iter_mut().filter(|(sign, _)| !quoted && *sign == byte).for_each(|(_, n)| *n += 1);
    }
    // Of equals the comma, which is ours and IvoryOS's.
    counts.into_iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(sign, _)| sign)
}

fn plots(lab: &Lab, run: &Run) -> Result<FileView> {
    let plots = optimizer::read(lab, run)?;
    let path = plots.file.path.display();
    let pieces = match &plots.content {
        PlotsContent::Pieces(pieces) => pieces,
        PlotsContent::Large => return Err(plots.too_large(run)),
        PlotsContent::Picture => {
            let text = format!("PNG image, {} bytes\n{path}\n", plots.file.size);
            return Ok(FileView::Text { text: sanitize_bytes(text.as_bytes()), more: false });
        }
    };
    let mut text = format!("{path}\n");
    let mut more = false;
    for (name, html) in pieces.iter() {
        text.push_str(&format!("\n{}\n", name.lossy()));
        match html {
            Value::Str(html) => text.push_str(&html.lossy()),
            other => crate::formats::python_repr::repr(other, &mut text),
        }
        text.push('\n');
        if text.len() > SHOWN {
            more = true;
            break;
        }
    }
    text.truncate(text.floor_char_boundary(SHOWN));
    Ok(FileView::Text { text: sanitize_bytes(text.as_bytes()), more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> [Vec<u8>; 4] {
        let marked = format!("\u{feff}{text}");
        let utf16 = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let windows = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
        [text.as_bytes().to_vec(), marked.into_bytes(), windows, utf16]
    }

    #[test]
    fn columns_are_told_apart_as_the_titles_are() {
        let cells = |text: &str| match rows(text.as_bytes(), false) {
            FileView::Rows { columns, rows, .. } => (columns, rows),
            other => panic!("{other:?}"),
        };
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let (titles, all) = cells("a;b;c\n-5,5;0,00011;\"x;y\"\n");
        assert_eq!((titles, all), (row(&["a", "b", "c"]), vec![row(&["-5,5", "0,00011", "x;y"])]));
        assert_eq!(cells("a\tb, c\td\n1\t2\t3\n").0, row(&["a", "b, c", "d"]));
        assert_eq!(cells("\"a;b;c\",d\n1,2\n").0, row(&["a;b;c", "d"]));
        assert_eq!(cells("one\n1\n").0, row(&["one"]));
    }

    #[test]
    fn tables_and_texts_are_read_in_each_encoding() {
        let table = "Größe,Ø in µm\r\n\"ä, ö\",3\r\n";
        for bytes in written(table) {
            let FileView::Rows { columns, rows, .. } = rows(&bytes, false) else { panic!("no table") };
            assert_eq!(
                (columns.join("|"), rows.concat().join("|")),
                ("Größe|Ø in µm".into(), "ä, ö|3".into())
            );
        }
        for bytes in written("Rührer\r\n\tan") {
            let view = FileView::Text { text: "Rührer\n        an".to_owned(), more: false };
            assert_eq!(text(&bytes, false), view);
        }
    }

    #[test]
    fn a_letter_that_is_cut_at_the_end_makes_no_other_text_of_its_line() {
        let view = FileView::Text { text: "Rührer l\u{e4}uft f\\xc3".to_owned(), more: true };
        assert_eq!(text(b"R\xc3\xbchrer l\xc3\xa4uft f\xc3", true), view);
    }
}
