//! Terminals that count emoji and ambiguous letters otherwise than we do: what stands beside these is right all the same.

use proptest::prelude::*;
use ratatui::{layout::Rect, style::Style};
use unicode_segmentation::UnicodeSegmentation;

use super::*;

/// How a terminal counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    /// As we do.
    Clusters,
    /// Every character by itself; U+FE0F and the joiner count nothing.
    Characters,
    /// As we do, but what is ambiguous is wide.
    Ambiguous,
}

const ALL: [Counts; 3] = [Counts::Clusters, Counts::Characters, Counts::Ambiguous];

/// A terminal that knows what the encoder sends, and does not wrap.
struct Model {
    counts: Counts,
    width: usize,
    /// `None` where the glyph in front covers the column.
    cells: Vec<Vec<Option<String>>>,
    at: (usize, usize),
    is_behind_the_last: bool,
}

impl Model {
    fn new(counts: Counts, (width, height): (usize, usize)) -> Self {
        Model {
            counts,
            width,
            cells: vec![vec![Some(" ".to_owned()); width]; height],
            at: (0, 0),
            is_behind_the_last: false,
        }
    }

    fn take(&mut self, bytes: &str) {
        let mut rest = bytes;
        while let Some(c) = rest.chars().next() {
            if let Some(sequence) = rest.strip_prefix("\x1b[") {
                let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                self.sequence(&sequence[..end], &sequence[end..=end]);
                rest = &sequence[end + 1..];
            } else if matches!(c, '\r' | '\n') {
                self.at = if c == '\r' { (0, self.at.1) } else { (self.at.0, self.at.1 + 1) };
                rest = &rest[1..];
            } else {
                let text = &rest[..rest.find(['\x1b', '\r', '\n']).unwrap_or(rest.len())];
                text.graphemes(true).for_each(|cluster| self.cluster(cluster));
                rest = &rest[text.len()..];
            }
        }
    }

    fn sequence(&mut self, numbers: &str, last: &str) {
        let mut numbers = numbers.split(';').map(|n| n.parse().unwrap_or(1_usize));
        let first = numbers.next().unwrap();
        let (x, y) = self.at;
        match last {
            "H" => self.at = (numbers.next().unwrap_or(1) - 1, first - 1),
            "G" => self.at = (first - 1, y),
            "C" => self.at = ((x + first).min(self.width - 1), y),
            "K" => (x..self.width).for_each(|x| self.put(x, y, " ", 1)),
            "X" => (x..(x + first).min(self.width)).for_each(|x| self.put(x, y, " ", 1)),
            "m" => {}
            other => panic!("{other}"),
        }
    }

    fn cluster(&mut self, cluster: &str) {
        let width = match self.counts {
            Counts::Clusters => cluster.width(),
            Counts::Ambiguous if cluster.chars().count() == 1 => cluster.width_cjk(),
            Counts::Ambiguous => cluster.width(),
            Counts::Characters => return cluster.chars().for_each(|c| self.character(c)),
        };
        self.glyph(cluster, width.max(1));
    }

    fn character(&mut self, c: char) {
        match c.width().unwrap_or(0) {
            0 if matches!(c, '\u{fe0f}' | '\u{200d}') => {}
            // An accent belongs to the glyph in front; behind the last column the cursor stands on it.
            0 => {
                let (x, y) = self.at;
                let here = self.is_behind_the_last.then_some(x);
                let at = here.or_else(|| (0..x).rev().find(|x| self.cells[y][*x].is_some())).unwrap();
                self.cells[y][at].as_mut().unwrap().push(c);
            }
            width => self.glyph(&c.to_string(), width),
        }
    }

    fn glyph(&mut self, glyph: &str, width: usize) {
        let (x, y) = self.at;
        if x + width <= self.width {
            self.put(x, y, glyph, width);
        }
        self.is_behind_the_last = x + width >= self.width;
        self.at = ((x + width).min(self.width - 1), y);
    }

    /// A glyph that loses one of its columns loses the other too.
    fn put(&mut self, x: usize, y: usize, glyph: &str, width: usize) {
        let row = &mut self.cells[y];
        let begins = (0..=x).rev().find(|x| row[*x].is_some()).unwrap();
        let ends = (x + width..self.width).find(|x| row[*x].is_some()).unwrap_or(self.width);
        row[begins..ends].fill(Some(" ".to_owned()));
        row[x] = Some(glyph.to_owned());
        row[x + 1..x + width].fill(None);
    }

    /// What is wrong beside the glyphs that terminals count differently.
    fn wrong(&self, frame: &Buffer) -> Option<String> {
        for (y, row) in frame.content.chunks(self.width).enumerate() {
            // Columns that such a glyph may have: its own, where the terminal has nothing else to show.
            let mut own = 0;
            for (x, cell) in glyphs(row).into_iter().enumerate() {
                let there = &self.cells[y][x];
                let certain = cell.filter(|cell| disputed(cell) == (columns(cell), columns(cell)));
                if let Some(cell) = certain.filter(|cell| there.as_deref() != Some(cell.symbol())) {
                    return Some(format!("column {x} row {y}: {there:?} for {:?}", cell.symbol()));
                }
                own = cell.map_or(own, |cell| if certain.is_some() { 0 } else { columns(cell) });
                let symbol =
                    |at: usize| glyphs(row).get(at).copied().flatten().map(|cell| cell.symbol().to_owned());
                let stale = cell.is_none()
                    && own == 2
                    && x > 0
                    && there.as_deref().is_some_and(|there| {
                        there != " " && !symbol(x - 1).is_some_and(|lead| lead.contains(there))
                    });
                if stale {
                    return Some(format!("column {x} row {y}: {there:?} is left over"));
                }
            }
        }
        None
    }
}

fn shown(counts: Counts, frames: &[&str]) -> String {
    let width = 10;
    let mut model = Model::new(counts, (width, 1));
    let mut before = Buffer::empty(Rect::new(0, 0, 10, 1));
    for text in frames {
        let mut after = Buffer::empty(before.area);
        after.set_string(0, 0, text, Style::new());
        model.take(&changes(&before, &after));
        assert_eq!(model.wrong(&after), None, "{counts:?} {frames:?}");
        before = after;
    }
    model.cells[0].iter().flatten().map(String::as_str).collect()
}

/// A heart that is two columns wide for us and one for others: the letter that stood behind it is gone.
#[test]
fn an_emoji_leaves_nothing_of_what_stood_there() {
    for counts in ALL {
        let text = shown(counts, &["abcdefghij", "❤\u{fe0f}cdefghij"]);
        assert!(!text.contains('b'), "{counts:?}: {text}");
        assert_eq!(shown(counts, &["❤\u{fe0f}cd", "abcd"]), "abcd      ");
        assert_eq!(shown(counts, &["x❤\u{fe0f}y❤\u{fe0f}z", "x  y  z"]), "x  y  z   ");
    }
    assert_eq!(shown(Counts::Characters, &["abcdefghij", "❤\u{fe0f}cdefghij"]), "❤ cdefghij");
}

/// Three people who are joined: two columns, or six.
#[test]
fn what_stands_behind_joined_emoji_is_drawn_again() {
    let family = "👨\u{200d}👩\u{200d}👧";
    for counts in ALL {
        shown(counts, &["abcdefghij", &format!("a{family}defghij"), "abcdefghij"]);
        shown(counts, &["          ", &format!("       x{family}")]);
        shown(counts, &["👍🏽 liked", "🇩🇪 Mainz", "1\u{fe0f}\u{20e3} first"]);
    }
}

#[test]
fn what_stands_behind_ambiguous_letters_is_drawn_again() {
    for counts in ALL {
        shown(counts, &["5 mLxabcde", "25 °Cabcde", "é bcdefghi", "──────────", "── ab ── c"]);
    }
    // In front of the ASCII letters, not of each line.
    let bytes = changes(&frame(&["          "]), &frame(&["a────b"]));
    assert_eq!(bytes.matches('G').count(), 1, "{bytes:?}");
}

fn any_text() -> impl Strategy<Value = String> {
    let odd = [
        "❤\u{fe0f}",
        "👨\u{200d}👩\u{200d}👧",
        "👍🏽",
        "🇩🇪",
        "1\u{fe0f}\u{20e3}",
        "─",
        "°",
        "é",
        "❤",
        "温",
        "👍",
        "e\u{301}",
    ];
    let piece =
        prop_oneof![3 => "[a-c ]{1,3}", 2 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned)];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_terminal_shows_what_all_count_alike(
        frames in prop::collection::vec(prop::collection::vec((0..12_u16, any_text()), 2), 1..5),
    ) {
        for counts in ALL {
            let area = Rect::new(0, 0, 12, 2);
            let mut model = Model::new(counts, (12, 2));
            let mut before = Buffer::empty(area);
            for rows in &frames {
                let mut after = Buffer::empty(area);
                for (y, (x, text)) in (0..).zip(rows) {
                    after.set_stringn(*x, y, text, usize::from(12 - x), Style::new());
                }
                let bytes = changes(&before, &after);
                model.take(&bytes);
                prop_assert_eq!(model.wrong(&after), None, "{:?} {:?}", counts, bytes);
                before = after;
            }
        }
    }
}
