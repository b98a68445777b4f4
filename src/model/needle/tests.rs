//! The needle against its plain definition: the text folded letter by letter, and every place tried.

use proptest::prelude::*;
use unicode_normalization::{char::canonical_combining_class, is_nfc};

use super::*;

fn found<'a>(words: &str, text: &'a str) -> Vec<&'a str> {
    Needle::new(words).ranges(text).into_iter().map(|range| &text[range]).collect()
}

#[test]
fn small_letters_find_capitals() {
    assert_eq!(found("ärger", "ÄRGER, Ärger, ärger"), ["ÄRGER", "Ärger", "ärger"]);
    assert_eq!(found("насос", "Насос НАСОС насосы"), ["Насос", "НАСОС", "насос"]);
    assert_eq!(found("pump", "Pump PUMP pump"), ["Pump", "PUMP", "pump"]);
    assert_eq!(found("λόγος", "ΛΌΓΟΣ λόγος"), ["ΛΌΓΟΣ", "λόγος"]);
    assert_eq!(found("λόγοσ", "λόγος"), ["λόγος"]);
    assert_eq!(found("i̇z", "İZ"), ["İZ"]);
    assert_eq!(found("iz", "İZ İz"), [] as [&str; 0]);
    assert_eq!(found("ß", "ẞ"), ["ẞ"]);
}

#[test]
fn a_capital_is_exact() {
    assert_eq!(found("Ärger", "ÄRGER, Ärger, ärger"), ["Ärger"]);
    assert_eq!(found("A\u{308}rger", "ÄRGER, Ärger, ärger"), ["Ärger"]);
    assert_eq!(found("Насос", "Насос НАСОС насосы"), ["Насос"]);
    assert_eq!(found("Pump", "Pump PUMP pump"), ["Pump"]);
    assert_eq!(found("kΩ", "KΩ kω k\u{2126}"), ["k\u{2126}"]);
}

#[test]
fn the_same_letter_is_found_however_it_is_written() {
    assert_eq!(found("grün", "gru\u{308}n GRU\u{308}N grün"), ["gru\u{308}n", "GRU\u{308}N", "grün"]);
    assert_eq!(found("u\u{308}", "ü ue u"), ["ü"]);
    assert_eq!(found("u", "u\u{308} u"), ["u"]);
    assert_eq!(found("5 Å", "5 \u{212b}, 5 A\u{30a}"), ["5 \u{212b}", "5 A\u{30a}"]);
    assert_eq!(found("300 K", "300 \u{212a}"), ["300 \u{212a}"]);
    assert_eq!(found("k", "\u{212a} é"), ["\u{212a}"]);
    for (words, text) in [("5 μl", "5 µL"), ("5 µl", "5 μL"), ("5 µL", "5 μL"), ("μs", "µs")] {
        assert_eq!(found(words, text), [text], "{words}");
    }
    assert_eq!(found("ㄱ", "각"), [] as [&str; 0]);
    assert_eq!(found("각", "가\u{11a8}"), ["가\u{11a8}"]);
}

#[test]
fn a_place_covers_whole_letters() {
    assert_eq!(found("q", "q\u{308}y"), ["q\u{308}"]);
    assert_eq!(found("\u{308}", "q\u{308}q\u{308}"), ["q\u{308}", "q\u{308}"]);
    assert_eq!(found("⚠", "⚠\u{fe0f}!"), ["⚠\u{fe0f}"]);
    assert_eq!(found("aa", "aaaaa é"), ["aa", "aa"]);
    assert_eq!(Needle::new("b").find("äbb"), Some(2..3));
    assert_eq!(Needle::new("b").find("ä"), None);
}

#[test]
fn no_words_are_nowhere() {
    let none = Needle::new("");
    assert!(none.is_empty() && !none.is_in("") && !none.is_in("é") && none.ranges("a").is_empty());
    assert_eq!(none, Needle::default());
    assert!(!Needle::new("é").is_in("e"));
}

#[test]
fn what_stands_alone_is_left_as_it_is_by_nfc() {
    for c in ('\0'..=char::MAX).filter(|c| stands_alone(*c)) {
        let small: String = lower(c).collect();
        assert_eq!(lowered(&c.to_string()), small);
        assert!(is_nfc(&c.to_string()) && is_nfc(&small), "{c:?}");
        assert_eq!(canonical_combining_class(c), 0, "{c:?}");
        for before in ['a', 'と', '가', 'й'] {
            let beside: String = [before, c].iter().collect();
            assert_eq!(beside.nfc().collect::<String>(), beside);
        }
    }
}

#[test]
fn words_may_stand_across_a_cut() {
    let heating = Needle::new("heizung");
    assert_eq!(heating.across("die HEI", "ZUNG läuft"), Some((4, 4)));
    assert_eq!(heating.across("heizung", "läuft"), None);
    assert_eq!(Needle::new("ü läuft").across("Gemu\u{308}", " läuft"), Some((3, 7)));
    assert_eq!(Needle::new("ab").across(&"ü".repeat(999), "b"), None);
}

/// A search in bytes goes by letters of ASCII: which of them can also be written with others?
#[test]
fn few_letters_become_ascii() {
    let mut made: Vec<char> = Vec::new();
    for c in ('\u{80}'..=char::MAX).filter(|c| !stands_alone(*c) || lower(*c).any(|c| c.is_ascii())) {
        made.extend(
            [true, false].map(|fold| folded(&c.to_string(), fold)).concat().chars().filter(char::is_ascii),
        );
    }
    made.sort_unstable();
    made.dedup();
    assert_eq!(made, [';', 'K', '`', 'i', 'k']);
}

/// Where the words are, in bytes, by trying every letter as the first and every later one as the last.
fn plainly(words: &str, text: &str) -> Vec<Range<usize>> {
    let exact =
        words.chars().any(|c| c.to_lowercase().collect::<String>() != c.to_string() || c.is_uppercase());
    let fold = |text: &str| -> String {
        let cased = |c: char| if exact { c.to_string() } else { c.to_lowercase().collect() };
        let text: String = text.nfd().map(cased).collect::<String>().nfc().collect();
        let text = text.replace('µ', "μ");
        if exact { text } else { text.replace('ς', "σ") }
    };
    let wanted = fold(words);
    let letters: Vec<(usize, &str)> = text.grapheme_indices(true).collect();
    let (mut found, mut first) = (Vec::new(), 0);
    while first < letters.len() && !wanted.is_empty() {
        let folded = fold(letters[first].1);
        let reach = (first..letters.len()).find(|last| {
            let all: String = letters[first..=*last].iter().map(|(_, letter)| fold(letter)).collect();
            (0..folded.len()).any(|at| all.as_bytes()[at..].starts_with(wanted.as_bytes()))
        });
        match reach {
            Some(last) => {
                found.push(letters[first].0..letters[last].0 + letters[last].1.len());
                first = last + 1;
            }
            None => first += 1,
        }
    }
    found
}

/// Few letters, so that words are found; each with its relatives.
const LETTERS: &str =
    "[aAüÜuU\u{308}\u{307}\u{323}iİIıςσΣµμΜkK\u{212a}Å\u{212b}가\u{11a8}각qx \u{200d}🧪\u{fe0f}]";

fn letters(most: usize) -> impl Strategy<Value = String> {
    prop::string::string_regex(&format!("{LETTERS}{{0,{most}}}")).unwrap()
}

proptest! {
    #[test]
    fn finds_what_the_plain_definition_finds(words in letters(3), text in letters(14)) {
        let needle = Needle::new(&words);
        let ranges = needle.ranges(&text);
        prop_assert_eq!(&ranges, &plainly(&words, &text));
        prop_assert_eq!(needle.find(&text), ranges.first().cloned());
        prop_assert_eq!(needle.is_in(&text), !ranges.is_empty());
        let written: String = text.nfd().collect();
        prop_assert_eq!(needle.is_in(&written), needle.is_in(&text));
    }

    #[test]
    fn any_text_has_its_own_parts(text in "\\PC{1,20}", from in 0_usize..20, len in 1_usize..6) {
        let letters: Vec<&str> = text.graphemes(true).collect();
        let from = from.min(letters.len() - 1);
        let words = letters[from..(from + len).min(letters.len())].concat();
        prop_assert!(Needle::new(&words).is_in(&text));
        prop_assert_eq!(Needle::new(&words).ranges(&text), plainly(&words, &text));
    }
}
