//! Which columns the list of records has: those that there are, and what the user has chosen of them, as a plain value
//! that can be written down and read again.

use strum::VariantArray;

/// A column of the list, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
pub enum ListColumn {
    Outcome,
    Id,
    /// Signs of what is said of it: star, verdict, note or tags.
    Marks,
    Name,
    By,
    Started,
    Ended,
    Took,
    Iterations,
    /// Failures: failed steps, and phases that failed without one.
    Failures,
    Steps,
    FailedSteps,
    Deck,
    Mode,
    Status,
    Verdict,
    Tags,
    Note,
    Output,
    Spark,
}

/// From this width on the list has the column of who started a record.
const WITH_BY: u16 = 86;
/// From this width on it has sparklines.
const WITH_OUTPUT: u16 = 90;

impl ListColumn {
    /// Its word: as its title, where it has one.
    pub fn word(self) -> &'static str {
        match self {
            ListColumn::Outcome => "outcome",
            ListColumn::Id => "id",
            ListColumn::Marks => "marks",
            ListColumn::Name => "name",
            ListColumn::By => "by",
            ListColumn::Started => "started",
            ListColumn::Ended => "ended",
            ListColumn::Took => "took",
            ListColumn::Iterations => "iter",
            ListColumn::Failures => "err",
            ListColumn::Steps => "steps",
            ListColumn::FailedSteps => "failed",
            ListColumn::Deck => "deck",
            ListColumn::Mode => "mode",
            ListColumn::Status => "status",
            ListColumn::Verdict => "verdict",
            ListColumn::Tags => "tags",
            ListColumn::Note => "note",
            ListColumn::Output => "output",
            ListColumn::Spark => "spark",
        }
    }

    /// The column with this word, or with the name that it has in the file.
    fn named(word: &str) -> Option<Self> {
        let stored = match word {
            "submitted_by" => Some(ListColumn::By),
            "start_time" => Some(ListColumn::Started),
            "end_time" => Some(ListColumn::Ended),
            "platform" => Some(ListColumn::Deck),
            "repeat_mode" => Some(ListColumn::Mode),
            "star" => Some(ListColumn::Marks),
            _ => None,
        };
        stored.or_else(|| Self::VARIANTS.iter().copied().find(|column| column.word() == word))
    }

    /// Without these a list tells nothing: they can't be hidden.
    pub fn is_always_there(self) -> bool {
        matches!(self, ListColumn::Outcome | ListColumn::Id | ListColumn::Name)
    }

    /// The width from which on a list has it where nothing was chosen; `None` for one that must be chosen.
    fn comes_from(self) -> Option<u16> {
        match self {
            ListColumn::By => Some(WITH_BY),
            ListColumn::Output | ListColumn::Spark => Some(WITH_OUTPUT),
            ListColumn::Outcome
            | ListColumn::Id
            | ListColumn::Marks
            | ListColumn::Name
            | ListColumn::Started
            | ListColumn::Took
            | ListColumn::Iterations
            | ListColumn::Failures => Some(0),
            ListColumn::Ended
            | ListColumn::Steps
            | ListColumn::FailedSteps
            | ListColumn::Deck
            | ListColumn::Mode
            | ListColumn::Status
            | ListColumn::Verdict
            | ListColumn::Tags
            | ListColumn::Note => None,
        }
    }
}

/// What the user has chosen of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Choice {
    /// Nothing: it is there as at first, where there is room.
    #[default]
    AsAtFirst,
    /// It stays before columns that nobody chose.
    Stays,
    Hidden,
}

/// The columns of the list as the user has chosen them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListColumns {
    choices: [Choice; ListColumn::VARIANTS.len()],
    /// Columns whose cells on screen are all alike are left out.
    pub only_differing: bool,
}

/// In a text: all columns that are there at first.
const AT_FIRST: &str = "default";
/// In a text: only those that differ.
const DIFFERING: &str = "differ";

impl ListColumns {
    fn choice(&self, column: ListColumn) -> Choice {
        self.choices.get(column as usize).copied().unwrap_or_default()
    }

    fn choose(&mut self, column: ListColumn, choice: Choice) {
        if let Some(place) = self.choices.get_mut(column as usize) {
            *place = choice;
        }
    }

    /// The columns that a list of this width may have, in their order.
    pub fn of_width(&self, width: u16) -> Vec<ListColumn> {
        let wanted = |column: &ListColumn| match self.choice(*column) {
            Choice::AsAtFirst => column.comes_from().is_some_and(|from| width >= from),
            Choice::Stays => true,
            Choice::Hidden => column.is_always_there(),
        };
        ListColumn::VARIANTS.iter().copied().filter(wanted).collect()
    }

    /// It was chosen: where room is short, those that nobody chose go first.
    pub fn stays(&self, column: ListColumn) -> bool {
        self.choice(column) == Choice::Stays
    }

    /// It was hidden.
    pub fn is_hidden(&self, column: ListColumn) -> bool {
        match self.choice(column) {
            Choice::AsAtFirst => column.comes_from().is_none(),
            Choice::Stays => false,
            Choice::Hidden => !column.is_always_there(),
        }
    }

    /// Hides a column that is on screen or was chosen, chooses another.
    pub fn toggle(&mut self, column: ListColumn, is_shown: bool) {
        let gone = if column.comes_from().is_some() { Choice::Hidden } else { Choice::AsAtFirst };
        let choice = if is_shown || self.stays(column) { gone } else { Choice::Stays };
        if !column.is_always_there() {
            self.choose(column, choice);
        }
    }

    /// Written down, as [`ListColumns::read`] reads it: `default,deck,-took`.
    pub fn text(&self) -> String {
        let of_some = |choice| {
            let all = ListColumn::VARIANTS.iter().filter(|column| !column.is_always_there());
            all.filter(move |column| self.choice(**column) == choice)
        };
        let is_at_first = of_some(Choice::AsAtFirst).any(|column| column.comes_from().is_some());
        let mut words: Vec<String> = Vec::new();
        if is_at_first {
            words.push(AT_FIRST.to_owned());
            words.extend(of_some(Choice::Hidden).map(|column| format!("-{}", column.word())));
        } else {
            words.extend([ListColumn::Id, ListColumn::Name].map(|column| column.word().to_owned()));
        }
        words.extend(of_some(Choice::Stays).map(|column| column.word().to_owned()));
        words.extend(self.only_differing.then(|| DIFFERING.to_owned()));
        words.join(",")
    }

    /// Reads `id,name,iter`: exactly these columns, beside those that are always there. With `default` those that are
    /// there at first too, but for those with a minus in front.
    ///
    /// # Errors
    /// Which word is no column, and which there are.
    pub fn read(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split([',', ' ']).filter(|word| !word.is_empty()).collect();
        let takes_away = words.iter().any(|word| word.starts_with('-'));
        let mut columns = Self::default();
        if words.iter().any(|word| *word != DIFFERING) && !words.contains(&AT_FIRST) && !takes_away {
            let at_first = ListColumn::VARIANTS.iter().filter(|column| column.comes_from().is_some());
            at_first.for_each(|column| columns.choose(*column, Choice::Hidden));
        }
        for word in words {
            match (word, word.strip_prefix('-')) {
                (AT_FIRST, _) => {}
                (DIFFERING, _) => columns.only_differing = true,
                (_, Some(hidden)) => {
                    let column = column_of(hidden)?;
                    if column.is_always_there() {
                        return Err(format!("{hidden} can't be hidden: it is always shown"));
                    }
                    let at_first = column.comes_from().is_some();
                    columns.choose(column, if at_first { Choice::Hidden } else { Choice::AsAtFirst });
                }
                (word, None) => columns.choose(column_of(word)?, Choice::Stays),
            }
        }
        for column in ListColumn::VARIANTS.iter().filter(|column| column.is_always_there()) {
            columns.choose(*column, Choice::AsAtFirst);
        }
        Ok(columns)
    }

    /// All words that a text may have.
    pub fn words() -> impl Iterator<Item = &'static str> {
        ListColumn::VARIANTS.iter().map(|column| column.word()).chain([AT_FIRST, DIFFERING])
    }
}

fn column_of(word: &str) -> Result<ListColumn, String> {
    let all = || ListColumns::words().collect::<Vec<_>>().join(", ");
    ListColumn::named(word).ok_or_else(|| format!("no column {word:?}; there are {}", all()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(columns: ListColumns, width: u16) -> String {
        columns.of_width(width).iter().map(|column| column.word()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_text_names_exactly_what_is_shown() {
        for (text, wide, again) in [
            ("", "outcome id marks name by started took iter err output spark", "default"),
            ("default", "outcome id marks name by started took iter err output spark", "default"),
            ("id,name,iter", "outcome id name iter", "id,name,iter"),
            ("mode, id", "outcome id name mode", "id,name,mode"),
            ("platform,start_time", "outcome id name started deck", "id,name,started,deck"),
            ("name", "outcome id name", "id,name"),
            (
                "default,steps,-took,-output",
                "outcome id marks name by started iter err steps spark",
                "default,-took,-output,steps",
            ),
            ("-by", "outcome id marks name started took iter err output spark", "default,-by"),
            ("differ", "outcome id marks name by started took iter err output spark", "default,differ"),
            ("id,status,differ", "outcome id name status", "id,name,status,differ"),
        ] {
            let columns = ListColumns::read(text).unwrap();
            assert_eq!((words(columns, 200).as_str(), columns.text().as_str()), (wide, again), "{text:?}");
        }
        assert_eq!(words(ListColumns::default(), 85), "outcome id marks name started took iter err");
        assert_eq!(words(ListColumns::default(), 89), "outcome id marks name by started took iter err");
        assert_eq!(words(ListColumns::read("id,by").unwrap(), 20), "outcome id name by", "chosen");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let said = |text: &str| ListColumns::read(text).unwrap_err();
        let unknown = said("id,colour");
        assert!(unknown.contains("\"colour\"") && unknown.contains("steps, failed, deck, mode"), "{unknown}");
        assert!(said("default,-name").contains("name can't be hidden"));
        assert!(said("-shoe").contains("\"shoe\""));
    }

    proptest! {
        /// Whatever is switched, in any order, is the same when it is read again.
        #[test]
        fn what_is_written_down_is_read_again(
            switched in prop::collection::vec((prop::sample::select(ListColumn::VARIANTS), any::<bool>()), 0..40),
            only_differing in any::<bool>(),
        ) {
            let mut columns = ListColumns { only_differing, ..ListColumns::default() };
            for (column, is_shown) in switched {
                columns.toggle(column, is_shown);
                prop_assert_eq!(ListColumns::read(&columns.text()), Ok(columns), "{}", columns.text());
            }
        }
    }
}
