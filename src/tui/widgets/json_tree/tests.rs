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

fn draw(tree: &JsonTree, root: &Value, width: u16, height: u16) -> Vec<String> {
    let theme = Theme { ascii: true, color: false };
    let scroll = Scroll::new(tree.len(), usize::from(height));
    let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
    let line = |i| tree.line(root, i, &theme);
    TreeView { scroll: &scroll, line, theme: &theme }.draw(buf.area, &mut buf);
    lines(&buf)
}

#[test]
fn opens_and_closes() {
    let root = value(
        r#"{"name": "probe", "ok": true, "pair": [1, 2.5], "deep": {"a": {"b": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}}, "none": {}}"#,
    );
    let mut tree = JsonTree::new(&root);
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
    let mut tree = JsonTree::new(&root);
    assert!(tree.toggle(&root, 0));
    assert_eq!(tree.len(), 1 + 200 + 1);
    let last = |tree: &JsonTree| tree.line(&root, tree.len() - 1, &Theme::default()).unwrap().label;
    assert_eq!(last(&tree), [Span::dim("… 99,800 more")]);
    assert!(tree.toggle(&root, 201));
    assert_eq!(last(&tree), [Span::dim("… 99,600 more")]);
    assert_eq!(tree.parent(401), Some(0));
    while tree.open(&root, tree.len() - 1) {}
    assert_eq!(tree.len(), 100_001);
}

#[test]
fn long_strings_open_into_their_lines_and_keys_are_clean() {
    let root = value(
        r#"{"trace\u001b[2J": "Traceback:\n  File \"deck.py\"\u0007\n\nRuntimeError", "lone": "\ud83d"}"#,
    );
    let mut tree = JsonTree::new(&root);
    assert!(tree.toggle(&root, 0));
    assert_eq!(
        draw(&tree, &root, 60, 6),
        [
            ">  - trace␛[2J = 'Traceback:\\n  File \"deck.py\"\\x07\\n\\nRunt..",
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
    assert_eq!(draw(&JsonTree::new(&one), &one, 12, 1), [">    3      "]);
    let empty = value("[]");
    assert!(JsonTree::new(&empty).is_empty());
    let deep = value(&format!("{}1{}", "[".repeat(800), "]".repeat(800)));
    let mut tree = JsonTree::new(&deep);
    while tree.open(&deep, tree.len() - 1) {}
    assert_eq!(tree.len(), 800);
    draw(&tree, &deep, 20, 5);
}
