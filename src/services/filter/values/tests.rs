//! What is offered finds as many records as are told.

use std::{collections::HashMap, sync::Arc};

use rusqlite::Connection;

use super::*;
use crate::{
    model::filter::words::Filter,
    services::records,
    store::Options,
    tui::testing::{copied_at, lab_with, reference_file},
};

const FIELDS: [FilterField; 7] = [
    FilterField::Status,
    FilterField::User,
    FilterField::Name,
    FilterField::Deck,
    FilterField::Mode,
    FilterField::Started,
    FilterField::Step,
];

fn lab(file: &std::path::Path) -> Lab {
    lab_with(file, Options::without_cache(), Arc::new(copied_at))
}

fn of_field(lab: &Lab, filter: &str, of: FilterField) -> FilterValues {
    let query = ListQuery { filter: Filter::read(filter).unwrap(), ..ListQuery::default() };
    values(lab, &query, of, &mut Cx::quiet()).unwrap().value
}

fn told(values: &FilterValues) -> Vec<(String, u64)> {
    values.values.iter().map(|value| (value.text.clone(), value.records)).collect()
}

/// Each value of each field, in the list of these words.
fn check(lab: &Lab, filter: &str, set: &str) -> usize {
    let mut checked = 0;
    for of in FIELDS {
        for value in of_field(lab, filter, of).values {
            let words = Filter::read(filter).unwrap().and(value.term.clone(), true);
            assert_eq!(Filter::read(words.text()).unwrap().expr(), words.expr(), "{set}: {}", words.text());
            let query = ListQuery { filter: words, ..ListQuery::default() };
            let found = records::count(lab, &query, &mut Cx::quiet()).unwrap();
            assert_eq!(found, value.records, "{set}: {}", query.filter.text());
            checked += 1;
        }
    }
    checked
}

#[test]
fn each_value_of_every_set_finds_what_is_told() {
    let sets =
        std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")).unwrap();
    let mut checked = HashMap::new();
    for set in sets {
        let set = set.unwrap().file_name().into_string().unwrap();
        let file = reference_file(&set);
        if !file.is_file() {
            continue;
        }
        for filter in ["", "-status:completed", "step:a or user:e"] {
            *checked.entry(set.clone()).or_insert(0) += check(&lab(&file), filter, &set);
        }
    }
    assert!(checked.len() >= 3 && checked["ivoryos-1.7.2"] > 30, "{checked:?}");
}

/// Users in several spellings, none at all, with line ends and quotes.
#[test]
fn spellings_that_find_each_other_are_one_value() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ivoryos.db");
    std::fs::copy(reference_file("ivoryos-1.7.2"), &file).unwrap();
    let writer = Connection::open(&file).unwrap();
    let users =
        ["Mara", "mara", "MARA", "", "a\nb", "say \"x\"", "Ångström", "ångström", "A\u{30a}ngstro\u{308}m"];
    for (id, user) in (1..).zip(users) {
        writer.execute("UPDATE workflow_runs SET submitted_by = ? WHERE id = ?", (user, id)).unwrap();
    }
    writer.execute("UPDATE workflow_runs SET submitted_by = NULL WHERE id > 9", ()).unwrap();
    writer
        .execute("UPDATE workflow_steps SET method_name = upper(method_name) WHERE id % 2 = 0", ())
        .unwrap();
    drop(writer);
    let lab = lab(&file);
    assert!(check(&lab, "", "made") > 20);
    assert_eq!(
        told(&of_field(&lab, "id<10", FilterField::User)),
        [
            ("A\u{30a}ngstro\u{308}m".to_owned(), 3),
            ("MARA".to_owned(), 3),
            ("a\nb".to_owned(), 1),
            ("nobody".to_owned(), 1),
            ("say \"x\"".to_owned(), 1)
        ]
    );
    let first = of_field(&lab, "", FilterField::User).values.remove(0);
    assert_eq!((first.text.as_str(), first.records), ("nobody", 53));
    assert_eq!(of_field(&lab, "", FilterField::Took).values, []);
}

#[test]
fn of_very_many_values_the_most_frequent_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let plan = crate::demo::Plan::sized(230, 1..=1, 1, 3, copied_at());
    crate::demo::make(&plan, folder.path()).unwrap();
    let file = folder.path().join("ivoryos.db");
    let writer = Connection::open(&file).unwrap();
    writer
        .execute("UPDATE workflow_runs SET name = CASE WHEN id < 6 THEN 'often' ELSE 'n' || id END", ())
        .unwrap();
    drop(writer);
    let names = of_field(&lab(&file), "", FilterField::Name);
    assert_eq!((names.values.len(), names.more), (MOST, 26));
    assert_eq!((names.values[0].text.as_str(), names.values[0].records), ("often", 5));
    assert_eq!(names.left_out().as_deref(), Some("and 26 more"));
}
