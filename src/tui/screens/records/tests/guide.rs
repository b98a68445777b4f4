//! The recipes of the guide find something.

use super::*;
use crate::{model::filter::words::Filter, services::records};

/// The lines of the first block below a heading of the guide, each without what is said behind it.
fn recipes() -> Vec<String> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let (_, section) = guide.split_once("\n## Find records\n").expect("the section is there");
    let block = section.split("```").nth(1).unwrap();
    let words = |line: &str| line.split("   ").next().unwrap_or_default().trim().to_owned();
    block.lines().skip(1).map(words).filter(|line| !line.is_empty()).collect()
}

#[test]
fn each_recipe_of_the_guide_finds_records() {
    let folder = tempfile::tempdir().unwrap();
    make(&Plan::demo(NOW()), folder.path()).unwrap();
    let lab = lab(&folder.path().join("ivoryos.db"));
    let recipes = recipes();
    assert!(recipes.len() >= 10, "{recipes:?}");
    for recipe in recipes {
        let filter = Filter::read(&recipe).unwrap_or_else(|error| panic!("{recipe}: {error}"));
        let query = ListQuery { filter, ..ListQuery::default() };
        let found = records::count(&lab, &query, &mut Cx::quiet()).unwrap();
        assert!((1..61).contains(&found), "{recipe}: {found}");
    }
}
