//! Filter words: what they mean, how a tree is written, what is said of wrong ones, and that nothing panics.

use proptest::prelude::*;
use strum::VariantArray as _;

use super::{
    error::FilterError,
    field::{FieldKind, FilterField},
    parse, parse_term,
    pattern::TextPattern,
    tree::{
        Compared, Computed, FilterExpr, FilterOp, FilterTerm, Operand, ValueSide, ValuesOf, WrittenNumber,
    },
    words::Filter,
};

fn read(text: &str) -> String {
    match parse::whole(text) {
        Ok(Some(expr)) => expr.to_string(),
        Ok(None) => String::new(),
        Err(wrong) => format!("{} at {:?}", wrong.message, wrong.at),
    }
}

fn wrong(text: &str) -> FilterError {
    match parse::whole(text) {
        Err(wrong) => wrong,
        read => panic!("{text:?} is {read:?}"),
    }
}

#[test]
fn words_terms_and_brackets_are_read() {
    for (text, means) in [
        ("", ""),
        ("  mara ", "mara"),
        ("status:error user:mara", "status:error user:mara"),
        ("a and b or c", "a b or c"),
        ("a (b or c) d", "a (b or c) d"),
        ("(a b) c", "(a b) c"),
        ("-a-b", "-a-b"),
        ("not a", "-a"),
        ("-(a b)", "-(a b)"),
        ("--a", "--a"),
        ("\"and\" \"a b\"", "\"and\" \"a b\""),
        ("\"C:\\\\x\"", "\"C:\\\\x\""),
        ("/re.d\\/x (y)/", "/re.d\\/x (y)/"),
        ("user=\"\"", "user=\"\""),
        ("STATUS:Error started:Tue", "status:error started:tue"),
        ("user:a,\"b c\",d", "user:a,\"b c\",d"),
        ("name~a(b|c)d", "name~\"a(b|c)d\""),
        ("(name~a[)]b,c)", "name~\"a[)]b,c\""),
        ("out.yield>0.8 in.temp<=60", "out.yield>0.8 in.temp<=60"),
        ("out.\"temp (°C)\">65", "out.\"temp (°C)\">65"),
        ("max(out.yield)>=5 n(in.\"a b\")=0", "max(out.yield)>=5 n(in.\"a b\")=0"),
        ("max (out.yield)", "max out.yield"),
        ("started>2026-11-24T03:04 started:tue", "started>2026-11-24T03:04 started:tue"),
        ("took>1h30min", "took>1h30min"),
        ("nota orb android", "nota orb android"),
        ("a!b", "\"a!b\""),
        ("in.temp out.", "in.temp out."),
    ] {
        assert_eq!(read(text), means, "{text:?}");
    }
}

#[test]
fn what_is_wrong_says_where_and_what_could_stand_there() {
    for (text, at, says) in [
        ("stat:error", 0..4, "unknown field \"stat\": did you mean status?"),
        ("a usr:x", 2..5, "did you mean user?"),
        ("zzz:1", 0..3, "there are status user"),
        ("status:err", 7..10, "completed stopped error"),
        ("user:", 0..5, "user=\"\" finds those without"),
        ("iter:", 0..5, "as in iter:5"),
        ("iter>x", 5..6, "\"x\" is no number"),
        ("iter>inf", 5..8, "no number"),
        ("took>5parsecs", 5..13, "no length of time"),
        ("started>yesteryear", 8..18, "2026-11-24"),
        ("user<a", 4..5, "user takes : = != ~, not <"),
        ("id~5", 2..3, "id takes"),
        ("(a", 0..1, "not closed"),
        ("a)", 1..2, "no bracket is open"),
        ("()", 1..2, "a term is missing"),
        ("a or", 4..4, "a term is missing"),
        ("or a", 0..2, "or stands between"),
        ("and a", 0..3, "and stands between"),
        ("a and and b", 6..9, "and stands between"),
        ("a - b", 2..3, "a term is missing behind this"),
        ("out.\"a", 4..5, "this quote is not closed"),
        ("\"a\"b", 3..4, "a space belongs here"),
        ("a\"b\"", 1..2, "a space belongs here"),
        ("/[/", 0..3, "unclosed character class"),
        ("name~(", 5..6, "can't be read"),
        ("iter > 5", 5..6, "right behind a field"),
        ("out.>5", 0..4, "a name belongs behind out."),
        ("max(out.a)", 0..10, "an operator belongs behind this"),
        ("max(out.a>5", 9..10, "a bracket belongs here"),
        ("out.x<a", 6..7, "no number"),
        ("max(out.x)=a", 11..12, "no number"),
        ("star:5", 5..6, "star has no \"5\": there are yes no"),
        ("/(a{999}){999}/", 0..15, "too much memory"),
    ] {
        let wrong = wrong(text);
        assert!(wrong.message.contains(says), "{text:?}: {}", wrong.message);
        assert_eq!(wrong.at, at, "{text:?}: {}", wrong.message);
    }
    let deep = format!("{}a", "(".repeat(100_000));
    assert!(wrong(&deep).message.contains("brackets in each other"));
    assert!(wrong(&format!("{}a", "-".repeat(100_000))).message.contains("negations"));
}

#[test]
fn the_place_is_marked_below_the_words() {
    let text = "mara usr:x";
    assert_eq!(
        wrong(text).marked(text, |text| text.chars().count()),
        "unknown field \"usr\": did you mean user?\n  mara usr:x\n       ^^^"
    );
}

/// Of words of any length those around the place are shown.
#[test]
fn long_words_are_shown_around_the_place() {
    let text = format!("{}) {}", "a ".repeat(50_000), "b ".repeat(50_000));
    let marked = wrong(&text).marked(&text, |text| text.chars().count());
    let lines: Vec<&str> = marked.lines().collect();
    let [_, shown, mark] = lines.as_slice() else { panic!("{marked:.300}") };
    assert!(shown.len() < 300 && shown.starts_with("  ...") && shown.ends_with("..."), "{shown}");
    assert_eq!(shown.as_bytes()[mark.find('^').unwrap()], b')', "{marked}");
}

/// Typed key by key, what is not finished at the end is no error and narrows nothing.
#[test]
fn a_last_term_that_is_not_finished_is_left_out() {
    let typed = |text: &str| match Filter::typed(text) {
        Ok(filter) => filter.text().to_owned(),
        Err(wrong) => format!("! {}", wrong.message),
    };
    for (text, means) in [
        ("mara status:", "mara"),
        ("mara status:er", "mara"),
        ("mara status:error", "mara status:error"),
        ("mara (", "mara"),
        ("mara (a or", "mara a"),
        ("(a b", "a b"),
        ("a and", "a"),
        ("-", ""),
        ("a not ", "a"),
        ("\"two wo", "\"two wo\""),
        ("/re", "/re/"),
        ("/[", ""),
        ("name~[a", ""),
        ("out.\"te", ""),
        ("out.\"te\"", ""),
        ("max(out.te", ""),
        ("max(out.te)", ""),
        ("took>5m", "took>5m"),
        ("took>5mi", ""),
        ("a started>2026-1", "a"),
        ("iter>", ""),
        ("user:a,", ""),
    ] {
        assert_eq!(typed(text), means, "{text:?}");
    }
    for text in ["stat:e", "iter>x a", "a)", "tga:ju", "user<"] {
        assert!(typed(text).starts_with('!'), "{text:?}: {}", typed(text));
    }
    for text in ["status:", "(a", "a or", "user:", "\"a", "status:er", "iter>x"] {
        assert!(wrong(text).unfinished, "{text:?}");
    }
    for text in ["stat:", "a)", "iter>x ", "/[/"] {
        assert!(!wrong(text).unfinished, "{text:?}");
    }
}

#[test]
fn a_value_is_added_once() {
    let term = |text: &str| match parse::whole(text).unwrap() {
        Some(FilterExpr::Term(term)) => term,
        other => panic!("{other:?}"),
    };
    let filter = Filter::default().and(term("user=mara"), true);
    assert_eq!(filter.text(), "user=mara");
    let filter = filter.and(term("status:error"), false);
    assert_eq!(filter.text(), "user=mara -status:error");
    assert_eq!(filter.and(term("status:error"), false), filter);
    let any = Filter::read("a or b").unwrap().and(term("id=5"), true);
    assert_eq!(any.text(), "(a or b) id=5");
}

#[test]
fn numbers_compare_exactly() {
    let compare = |written: &str, with: i64| WrittenNumber::read(written).unwrap().compare_whole(with);
    use std::cmp::Ordering::{Equal, Greater, Less};
    assert_eq!(compare("9007199254740993", 9_007_199_254_740_992), Less);
    assert_eq!(compare("9007199254740993", 9_007_199_254_740_993), Equal);
    assert_eq!([compare("1.5", 1), compare("1.5", 2), compare("2.0", 2)], [Less, Greater, Equal]);
    assert_eq!([compare("-1.5", -1), compare("-1.5", -2)], [Greater, Less]);
    assert_eq!([compare("1e30", i64::MAX), compare("-1e30", i64::MIN)], [Less, Greater]);
    let float = |written: &str, with: f64| WrittenNumber::read(written).unwrap().compare(with);
    assert_eq!(float("9007199254740993", 9_007_199_254_740_992.0), Some(Less));
    assert_eq!(float("5", 5.0), Some(Equal));
    assert_eq!(float("0.1", 0.1), Some(Equal));
    assert_eq!(float("5", f64::NAN), None);
    assert_eq!(float("5", f64::INFINITY), Some(Greater));
    assert_eq!(float("5", f64::NEG_INFINITY), Some(Less));
    for text in ["", "inf", "nan", "1_000", "0x10", "1,5", "٣", "infinity", "1e999"] {
        assert_eq!(WrittenNumber::read(text), None, "{text:?}");
    }
}

#[test]
fn patterns_mind_no_case_and_no_way_of_writing_an_accent() {
    let words = |words: &str, text: &str| TextPattern::words(words).unwrap().is_in(text);
    assert!(words("mara", "Tamara") && words("ÜBER", "über") && words("проба", "ПРОБА"));
    assert!(
        words("5 µl", "5 μL")
            && words("é", "cafe\u{301}")
            && words("e\u{301}", "CAFÉ")
            && words("e", "e\u{301}")
    );
    assert!(words("a%b", "xa%by") && !words("a%b", "axb") && !words("a_b", "axb") && !words("a.b", "axb"));
    let whole = |words: &str, text: &str| TextPattern::whole(words).unwrap().is_in(text);
    assert!(whole("Mara", "mara") && !whole("mara", "tamara") && !whole("mara", "mara\n"));
    assert!(whole("", "") && !whole("", "a"));
    assert!(TextPattern::regex("^re.d$").unwrap().is_in("READ"));
    assert!(!TextPattern::regex("(?-i)read").unwrap().is_in("READ"));
}

fn operand(of: &Compared, op: FilterOp) -> BoxedStrategy<Operand> {
    let number = prop_oneof!["[0-9]{1,20}", "-?[0-9]{1,3}\\.[0-9]{1,5}", "[1-9]e-?[0-9]"];
    let numbered = |strategy: BoxedStrategy<String>| {
        strategy.prop_map(|text| Operand { number: WrittenNumber::read(&text), text }).boxed()
    };
    let text = prop_oneof!["[a-zé μ()\",:<>=~!/\\\\-]{0,6}", "[0-9]{1,3}", Just("a\tb".to_owned())].boxed();
    if op == FilterOp::Matches {
        return "[a-c |.\"/]{0,5}".prop_map(|text| Operand::text(&text)).boxed();
    }
    match of {
        Compared::Values(of) if of.computed.is_some() || op.is_order() => numbered(number.boxed()),
        Compared::Values(_) => numbered(text),
        Compared::Field(field) => match field.facts().kind {
            FieldKind::Text => numbered(text),
            FieldKind::Number => numbered(number.boxed()),
            FieldKind::Choice(words) => prop::sample::select(words).prop_map(Operand::text).boxed(),
            FieldKind::Duration => ("[1-9][0-9]{0,2}", prop::sample::select(vec![("s", 1.0), ("min", 60.0)]))
                .prop_map(|(many, (unit, long))| {
                    let seconds = many.parse::<f64>().unwrap() * long;
                    Operand { text: format!("{many}{unit}"), number: Some(WrittenNumber::of(seconds)) }
                })
                .boxed(),
            FieldKind::Time => prop::sample::select(vec!["2026-11-24T03:04", "tue", "2d", "03:04"])
                .prop_map(Operand::text)
                .boxed(),
        },
    }
}

fn term() -> BoxedStrategy<FilterTerm> {
    let fields: Vec<Compared> = FilterField::all().map(Compared::Field).collect();
    let values = (
        prop::sample::select(vec![ValueSide::Input, ValueSide::Output]),
        "[a-z .()\"°\\\\>-]{0,5}",
        prop::option::of(prop::sample::select(Computed::VARIANTS.to_vec())),
    );
    let values =
        values.prop_map(|(side, name, computed)| Compared::Values(ValuesOf { side, name, computed }));
    let compared = prop_oneof![prop::sample::select(fields), values].prop_flat_map(|of| {
        let ops = parse_term::ops_of(&of);
        prop::sample::select(ops).prop_flat_map(move |op| {
            let many = if op == FilterOp::Matches { 1..2 } else { 1..4 };
            let of = of.clone();
            prop::collection::vec(operand(&of, op), many).prop_map(move |values| FilterTerm::Compare {
                of: of.clone(),
                op,
                values,
            })
        })
    });
    prop_oneof![
        "[a-z%_\"\\\\(): =~<>!/-]{0,6}".prop_map(FilterTerm::Word),
        "[a-c./|]{1,5}".prop_map(FilterTerm::Regex),
        compared,
    ]
    .boxed()
}

fn expr() -> impl Strategy<Value = FilterExpr> {
    term().prop_map(FilterExpr::Term).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(FilterExpr::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(FilterExpr::Or),
            inner.prop_map(|one| FilterExpr::Not(Box::new(one))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(expr in expr()) {
        let text = expr.to_string();
        let read = parse::whole(&text);
        prop_assert_eq!(read, Ok(Some(expr)), "{}", text);
    }

    #[test]
    fn nothing_panics_and_places_are_within(text in "[a-z/\"\\\\(): =~<>!,.0-9é\u{3000}-]{0,30}|(status|out|max\\(in|user|and|or|not|started)[:.=<(~]{0,2}.{0,8}") {
        for read in [parse::whole(&text), parse::typed(&text)] {
            match read {
                Ok(Some(expr)) => {
                    let again = parse::whole(&expr.to_string());
                    prop_assert_eq!(again, Ok(Some(expr)));
                }
                Ok(None) => {}
                Err(wrong) => {
                    prop_assert!(text.get(wrong.at.clone()).is_some(), "{:?}", wrong);
                    prop_assert!(!wrong.message.is_empty());
                }
            }
        }
    }

    /// Each beginning of good words is good or not finished, when it is typed.
    #[test]
    fn good_words_can_be_typed(expr in expr()) {
        let text = expr.to_string();
        for (end, _) in text.char_indices() {
            let typed = parse::typed(&text[..end]);
            prop_assert!(typed.is_ok(), "{:?}: {:?}", &text[..end], typed);
        }
    }
}
