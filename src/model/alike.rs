//! The known word that a wrong one was probably meant as.

/// From here on two words are alike: a letter wrong, left out, or two that changed places.
const ALIKE: f64 = 0.78;

/// The most similar of the known words, if there is one: small and capital letters are the same, and two letters or more may be
/// its beginning.
pub fn like<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let alike = known.into_iter().map(|known| {
        let lower = known.to_lowercase();
        let begins = word.len() > 1 && lower.starts_with(&word);
        (if begins || lower == word { 1.0 } else { strsim::jaro(&word, &lower) }, known)
    });
    alike.filter(|(like, _)| *like > ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

/// The question whether that was meant, with a blank behind it; nothing where no word is alike.
pub fn meant(word: &str, known: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    let alike = like(word, known.iter().map(AsRef::as_ref));
    alike.map(|alike| format!("did you mean {alike}? ")).unwrap_or_default()
}

/// What there is, behind a word that is none of it: `did you mean down? There are down, up`.
pub fn choices(word: &str, known: &[impl AsRef<str>]) -> String {
    let all: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    let meant = meant(word, known);
    let there_are = if meant.is_empty() { "there are" } else { "There are" };
    format!("{meant}{there_are} {}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_is_known() {
        let known = ["color", "columns", "ascii", "trash-age"];
        for (word, meant) in
            [("colour", "color"), ("ASCII", "ascii"), ("trash", "trash-age"), ("colunms", "columns")]
        {
            assert_eq!(like(word, known), Some(meant), "{word}");
        }
        assert_eq!((like("shoe", known), like("", known)), (None, None));
        assert_eq!(choices("colour", &known[..2]), "did you mean color? There are color, columns");
        assert_eq!(choices("shoe", &known[..2]), "there are color, columns");
    }
}
