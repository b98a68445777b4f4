//! Opening, closing, and values of any size.

use ratatui::{buffer::Buffer, layout::Rect};

use super::*;
use crate::{
    model::{json::read_cell, value::Cell},
    tui::widgets::{scroll::Scroll, testing::lines, tree::TreeView},
};

fn value(json: &str) -> Value {
    match read_cell(json.as_bytes()) {
        Cell::Json(value) => value,
        other => panic!("{other:?}"),
    }
}

/// A tree of its own, so wide.
fn tree(root: &Value, width: u16) -> JsonTree {
    JsonTree::new(root, width, 0)
}

fn draw(tree: &JsonTree, root: &Value, width: u16, height: u16) -> Vec<String> {
    let theme = Theme { ascii: true, color: false };
    let scroll = Scroll::new(tree.len(), usize::from(height));
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    let line = |i| tree.line(root, i, &Needle::default(), &theme);
    TreeView { scroll: &scroll, line, theme: &theme }.draw(buf.area, &mut buf);
    lines(&buf)
}

#[test]
fn opens_and_closes() {
    let root = value(
        r#"{"name": "probe", "ok": true, "pair": [1, 2.5], "deep": {"a": {"b": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}}, "none": {}}"#,
    );
    let mut tree = tree(&root, 40);
    assert!(!tree.toggle(&root, 0) && !tree.toggle(&root, 4) && !tree.toggle(&root, 99));
    assert!(tree.toggle(&root, 3) && tree.toggle(&root, 4));
    assert_eq!(
        draw(&tree, &root, 40, 8),
        [
            ">    name = 'probe'                     ",
            "     ok = True                          ",
            "   + pair = [1, 2.5]                    ",
            "   - deep = 1 entry                     ",
            "     - a = 1 entry                      ",
            "       + b = 16 elements                ",
            "     none = {}                          ",
            "                                        "
        ]
    );
    assert_eq!((tree.parent(5), tree.parent(4), tree.parent(3)), (Some(4), Some(3), None));
    assert!(tree.close(&root, 3));
    assert_eq!(tree.len(), 5);
    assert!(tree.open(&root, 3));
    assert_eq!(tree.len(), 7, "what was open inside is open again");
}

#[test]
fn a_long_list_opens_in_windows() {
    let items: Vec<Value> = (0..100_000).map(Value::Int).collect();
    let root = Value::List(vec![Value::List(items)]);
    let mut tree = tree(&root, 40);
    assert!(tree.toggle(&root, 0));
    assert_eq!(tree.len(), 1 + 200 + 1);
    let last = |tree: &JsonTree| {
        tree.line(&root, tree.len() - 1, &Needle::default(), &Theme::default()).unwrap().label
    };
    assert_eq!(last(&tree), [Span::dim("… 99,800 more: Enter")]);
    assert!(tree.toggle(&root, 201));
    assert_eq!(last(&tree), [Span::dim("… 99,600 more: Enter")]);
    assert_eq!(tree.parent(401), Some(0));
    while tree.open(&root, tree.len() - 1) {}
    assert_eq!(tree.len(), 100_001);
}

#[test]
fn long_strings_open_into_their_lines_and_keys_are_clean() {
    let root = value(
        r#"{"trace\u001b[2J": "Traceback:\n  File \"deck.py\"\u0007\n\nRuntimeError", "lone": "\ud83d"}"#,
    );
    let mut tree = tree(&root, 40);
    assert!(tree.toggle(&root, 0));
    assert_eq!(
        draw(&tree, &root, 60, 6),
        [
            ">  - trace␛[2J = 42 characters                              ",
            "       Traceback:                                           ",
            "         File \"deck.py\"␇                                    ",
            "                                                            ",
            "       RuntimeError                                         ",
            "     lone = '\\ud83d'                                        "
        ]
    );
}

#[test]
fn single_values_and_deep_ones() {
    let one = value("3");
    assert_eq!(draw(&tree(&one, 40), &one, 12, 1), [">    3      "]);
    let empty = value("[]");
    assert!(tree(&empty, 40).is_empty());
    let deep = value(&format!("{}1{}", "[".repeat(800), "]".repeat(800)));
    let mut tree = tree(&deep, 40);
    while tree.open(&deep, tree.len() - 1) {}
    assert_eq!(tree.len(), 800);
    draw(&tree, &deep, 20, 5);
}

/// What is drawn of a tree of which all is open: the rows below a line that ends in its name, put together.
fn rows_below(tree: &JsonTree, root: &Value, width: u16, head: &str) -> String {
    let drawn = draw(tree, root, width, u16::try_from(tree.len()).unwrap());
    let at = drawn.iter().position(|line| line.contains(head)).unwrap();
    let left = drawn[at].find(head).unwrap();
    drawn[at + 1..].iter().map(|line| line.get(left + 2..).unwrap_or("").trim_end_matches(' ')).collect()
}

fn open_all(tree: &mut JsonTree, root: &Value) {
    let mut line = 0;
    while line < tree.len() {
        if !tree.open(root, line) {
            line += 1;
        }
    }
}

/// Words without blanks between them, so that no row ends with one that can't be seen.
fn numbered(n: usize, between: &str) -> String {
    (1..=n).map(|i| format!("{i:05}")).collect::<Vec<_>>().join(between)
}

#[test]
fn a_long_text_is_whole_at_any_width() {
    let text = numbered(900, "/");
    let root = value(&format!("{{\"deep\": {{\"deeper\": [{{\"trace\": \"{text}\"}}]}}}}"));
    let mut tree = tree(&root, 80);
    open_all(&mut tree, &root);
    for width in [40, 80, 160, 41] {
        tree.lay_out(&root, width);
        open_all(&mut tree, &root);
        assert_eq!(rows_below(&tree, &root, width, "trace = 5,399 characters"), text, "{width}");
    }
}

#[test]
fn a_text_with_blanks_is_broken_at_them() {
    let text = numbered(60, " ");
    let root = value(&format!("{{\"notes\": \"first\\n\\n  {text}\"}}"));
    let mut tree = tree(&root, 40);
    open_all(&mut tree, &root);
    let drawn = draw(&tree, &root, 40, 5);
    assert_eq!(
        drawn,
        [
            ">  - notes = 368 characters             ",
            "       first                            ",
            "                                        ",
            "         00001 00002 00003 00004 00005  ",
            "       00006 00007 00008 00009 00010    ",
        ]
    );
}

/// Emoji with joiners, combining marks and wide signs stay whole.
#[test]
fn no_sign_is_torn() {
    let text = "e\u{301}温👩\u{200d}🔬 ".repeat(60);
    let root = value(&format!("{{\"s\": \"{}\"}}", text.trim_end()));
    for width in [40u16, 53, 80] {
        let mut tree = tree(&root, width);
        open_all(&mut tree, &root);
        let pieces: String = (1..tree.len())
            .map(|line| {
                tree.line(&root, line, &Needle::default(), &Theme::default()).unwrap().label[0]
                    .text
                    .to_string()
            })
            .collect();
        let shown = sanitize(text.trim_end()).into_owned();
        assert_eq!(pieces, shown, "{width}");
    }
}

#[test]
fn a_name_without_room_has_rows_of_its_own() {
    let name = numbered(40, "_");
    let root = value(&format!("{{\"{name}\": 12.5, \"short\": {{\"{name}\": [1, 2]}}}}"));
    for width in [40u16, 80, 160] {
        let mut tree = tree(&root, width);
        open_all(&mut tree, &root);
        let drawn = draw(&tree, &root, width, u16::try_from(tree.len()).unwrap());
        let flat: String = drawn.iter().map(|l| l.replace([' ', '>', '-'], "")).collect();
        assert!(flat.starts_with(&format!("{name}=12.5short=1entry{name}=2elements0=11=2")), "{flat}");
        let node = drawn.iter().position(|line| line.contains("2 elements")).unwrap();
        assert_eq!(tree.parent(node + 1), Some(node));
        let first = drawn.iter().rposition(|line| line.contains("00001_")).unwrap();
        assert!(tree.close(&root, first), "a row of a name is its node's");
    }
}

/// Numbers that have no room open too.
#[test]
fn digits_without_room_open() {
    let digits = "7".repeat(90);
    let root = value(&format!("{{\"n\": {digits}, \"f\": -1.2345678901234567e-101}}"));
    let mut tree = tree(&root, 40);
    open_all(&mut tree, &root);
    let drawn = draw(&tree, &root, 40, 5);
    let flat: String = drawn[1..4].iter().map(|line| line.trim()).collect();
    assert_eq!(flat, digits);
    assert_eq!(drawn[4], "     f = -1.2345678901234567e-101       ");
}

#[test]
fn megabytes_open_in_rows_and_say_how_much_is_left() {
    let text = "temperature ramp ".repeat(130_000);
    let root = value(&format!("{{\"log\": \"{text}\"}}"));
    let mut tree = tree(&root, 80);
    assert!(tree.open(&root, 0));
    assert_eq!(tree.len(), 1 + 200 + 1);
    let last = |tree: &JsonTree| {
        tree.line(&root, tree.len() - 1, &Needle::default(), &Theme::default()).unwrap().label[0]
            .text
            .to_string()
    };
    assert_eq!(last(&tree), "… 2,196,400 more bytes: Enter");
    while tree.open(&root, tree.len() - 1) {}
    assert_eq!(tree.len(), 1 + text.len().div_ceil(68));
    assert!(last(&tree).ends_with("ramp "));
}
