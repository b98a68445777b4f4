//! How an engine sorts texts and searches them.

/// What engines do in different ways when they sort and search.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// NULL stands before every value in an ascending order.
    pub nulls_lowest: bool,
    pub texts: TextOrder,
    /// LIKE minds case, and backslash takes the meaning from the character behind it.
    pub strict_like: bool,
}

#[derive(Debug, Clone, Copy)]
pub enum TextOrder {
    /// By bytes.
    Bytes,
    /// Letters first without regard to case, then the small one before the capital: about what en_US.UTF-8 does.
    Letters,
}

impl Rules {
    pub fn sqlite() -> Self {
        Self { nulls_lowest: true, texts: TextOrder::Bytes, strict_like: false }
    }

    pub fn postgres() -> Self {
        Self { nulls_lowest: false, texts: TextOrder::Letters, strict_like: true }
    }

    /// What a text is sorted by.
    pub fn key(self, text: &str) -> (String, Vec<bool>, String) {
        match self.texts {
            TextOrder::Bytes => (String::new(), Vec::new(), text.to_owned()),
            TextOrder::Letters => {
                (text.to_lowercase(), text.chars().map(char::is_uppercase).collect(), text.to_owned())
            }
        }
    }

    /// IvoryOS's search: the keyword between two `%`.
    pub fn pattern(self, keyword: &str) -> Vec<Like> {
        let mut pattern = Vec::new();
        let words = format!("%{keyword}%");
        let mut letters = words.chars();
        while let Some(letter) = letters.next() {
            pattern.push(match letter {
                '\\' if self.strict_like => Like::Letter(letters.next().unwrap_or('\\')),
                '%' => Like::Any,
                '_' => Like::One,
                letter => Like::Letter(self.folded(letter)),
            });
        }
        pattern
    }

    pub fn matches(self, pattern: &[Like], text: &[u8]) -> bool {
        let text = String::from_utf8_lossy(text);
        is_like(&text.chars().map(|letter| self.folded(letter)).collect::<Vec<_>>(), pattern)
    }

    fn folded(self, letter: char) -> char {
        if self.strict_like { letter } else { letter.to_ascii_lowercase() }
    }
}

/// A part of a LIKE pattern.
pub enum Like {
    Any,
    One,
    Letter(char),
}

fn is_like(text: &[char], pattern: &[Like]) -> bool {
    match (pattern, text) {
        ([], _) => text.is_empty(),
        ([Like::Any, rest @ ..], _) => {
            is_like(text, rest) || text.split_first().is_some_and(|(_, behind)| is_like(behind, pattern))
        }
        ([Like::One, rest @ ..], [_, behind @ ..]) => is_like(behind, rest),
        ([Like::Letter(wanted), rest @ ..], [letter, behind @ ..]) => {
            letter == wanted && is_like(behind, rest)
        }
        (_, []) => false,
    }
}
