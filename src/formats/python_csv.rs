//! Rows as Python's `csv.writer` writes them: quotes only where needed, a lone empty field as `""`.

use std::io::{self, Write};

/// Which of Python's writers a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `csv.writer` as it comes: rows end with CR LF.
    Excel,
    /// pandas' `to_csv`: rows end with LF.
    Pandas,
}

/// Which fields with a line break in them get quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineBreaks {
    /// Those with a CR or an LF, as Python does since 3.11.9 and 3.12.3.
    #[default]
    Any,
    /// Those with a character of the row's own end, as older Pythons do.
    OfTheRow,
}

/// Writes rows field by field. A row is gathered in one buffer that all rows share, then written at once.
///
/// The csv crate is not used for this: it cannot write a row without fields, which pandas does write for a
/// table without columns.
pub struct RowWriter<W: Write> {
    out: W,
    row: Vec<u8>,
    fields: usize,
    end: &'static [u8],
    delimiter: u8,
    breaks: LineBreaks,
}

impl<W: Write> RowWriter<W> {
    /// `out` gets one call for each row, so it should be buffered.
    pub fn new(out: W, dialect: Dialect) -> Self {
        let end: &[u8] = match dialect {
            Dialect::Excel => b"\r\n",
            Dialect::Pandas => b"\n",
        };
        Self { out, row: Vec::new(), fields: 0, end, delimiter: b',', breaks: LineBreaks::default() }
    }

    /// Separates fields by another byte than a comma.
    #[must_use]
    pub fn delimited_by(mut self, delimiter: u8) -> Self {
        self.delimiter = delimiter;
        self
    }

    #[must_use]
    pub fn with_breaks(mut self, breaks: LineBreaks) -> Self {
        self.breaks = breaks;
        self
    }

    /// Adds a field to the row.
    pub fn field(&mut self, text: &str) {
        self.field_bytes(text.as_bytes());
    }

    /// The same for a field of a file in whatever encoding that has ASCII in it.
    pub fn field_bytes(&mut self, text: &[u8]) {
        if self.fields > 0 {
            self.row.push(self.delimiter);
        }
        self.fields += 1;
        if !text.iter().any(|b| self.asks_for_quotes(*b)) {
            return self.row.extend_from_slice(text);
        }
        self.row.push(b'"');
        for (n, piece) in text.split(|b| *b == b'"').enumerate() {
            if n > 0 {
                self.row.extend_from_slice(b"\"\"");
            }
            self.row.extend_from_slice(piece);
        }
        self.row.push(b'"');
    }

    /// Ends the row and hands it on.
    pub fn end_row(&mut self) -> io::Result<()> {
        if self.fields == 1 && self.row.is_empty() {
            self.row.extend_from_slice(b"\"\"");
        }
        self.row.extend_from_slice(self.end);
        let written = self.out.write_all(&self.row);
        self.row.clear();
        self.fields = 0;
        written
    }

    /// A whole row.
    pub fn row<'a>(&mut self, fields: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
        fields.into_iter().for_each(|field| self.field(field));
        self.end_row()
    }

    /// Gives the writer back, unflushed; a row that was not ended is dropped.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn asks_for_quotes(&self, byte: u8) -> bool {
        match byte {
            b'"' => true,
            b'\r' | b'\n' => self.breaks == LineBreaks::Any || self.end.contains(&byte),
            _ => byte == self.delimiter,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(dialect: Dialect, breaks: LineBreaks, rows: &[Vec<String>]) -> String {
        let mut writer = RowWriter::new(Vec::new(), dialect).with_breaks(breaks);
        for row in rows {
            writer.row(row.iter().map(String::as_str)).unwrap();
        }
        String::from_utf8(writer.into_inner()).unwrap()
    }

    fn one(dialect: Dialect, breaks: LineBreaks, fields: &[&str]) -> String {
        written(dialect, breaks, &[fields.iter().map(|f| (*f).to_owned()).collect()])
    }

    #[test]
    fn quotes_are_set_only_where_needed() {
        let fields = ["a b", "a,b", "say \"hi\"", "two\nlines", "it's", "\\", ""];
        let want = "a b,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",it's,\\,";
        assert_eq!(one(Dialect::Excel, LineBreaks::Any, &fields), format!("{want}\r\n"));
        assert_eq!(one(Dialect::Pandas, LineBreaks::Any, &fields), format!("{want}\n"));
    }

    #[test]
    fn a_lone_empty_field_is_quoted_and_no_field_is_an_empty_row() {
        assert_eq!(one(Dialect::Pandas, LineBreaks::Any, &[""]), "\"\"\n");
        assert_eq!(one(Dialect::Excel, LineBreaks::Any, &["", ""]), ",\r\n");
        assert_eq!(one(Dialect::Pandas, LineBreaks::Any, &[]), "\n");
    }

    #[test]
    fn a_carriage_return_alone_is_quoted_as_the_python_version_does() {
        assert_eq!(one(Dialect::Pandas, LineBreaks::Any, &["a\rb"]), "\"a\rb\"\n");
        assert_eq!(one(Dialect::Pandas, LineBreaks::OfTheRow, &["a\rb"]), "a\rb\n");
        assert_eq!(one(Dialect::Excel, LineBreaks::OfTheRow, &["a\rb"]), "\"a\rb\"\r\n");
    }

    #[test]
    fn another_delimiter_asks_for_quotes_instead_of_the_comma() {
        let mut writer = RowWriter::new(Vec::new(), Dialect::Pandas).delimited_by(b'\t');
        writer.row(["a,b", "c\td"]).unwrap();
        assert_eq!(writer.into_inner(), b"a,b\t\"c\td\"\n");
    }

    proptest! {
        #[test]
        fn any_rows_read_back(
            excel in any::<bool>(),
            rows in (1_usize..5).prop_flat_map(|width| {
                prop::collection::vec(prop::collection::vec("[a,\"\r\n é]{0,6}", width), 1..5)
            }),
        ) {
            let dialect = if excel { Dialect::Excel } else { Dialect::Pandas };
            let text = written(dialect, LineBreaks::Any, &rows);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let back: Result<Vec<Vec<String>>, _> = reader.deserialize().collect();
            prop_assert_eq!(back.unwrap(), rows);
        }
    }
}
