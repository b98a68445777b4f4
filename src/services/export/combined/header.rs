//! The columns of many data CSVs as one header: each name once, in order of first appearance, behind our own.

use std::collections::{HashMap, HashSet};

/// What stands in front: the record's id, name and start.
pub(super) const OURS: [&str; 3] = ["record", "name", "started"];

/// The columns of all.
#[derive(Debug, Default)]
pub(super) struct UnionHeader {
    names: Vec<Vec<u8>>,
    /// By name, and the how manieth of that name in its file: a file may have a name twice.
    places: HashMap<(Vec<u8>, usize), usize>,
}

/// Where the columns of one record stand.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// For each of all columns the record's own one.
    pub own: Vec<Option<usize>>,
    /// It has columns that are not among them.
    pub has_new: bool,
}

impl UnionHeader {
    /// Takes note of a record's columns.
    pub(super) fn learn(&mut self, own: Vec<Vec<u8>>) {
        for key in counted(own) {
            let next = self.names.len();
            let name = &key.0;
            if !self.places.contains_key(&key) {
                self.names.push(name.clone());
                self.places.insert(key, next);
            }
        }
    }

    pub(super) fn mapping(&self, own: Vec<Vec<u8>>) -> Mapping {
        let mut mapping = Mapping { own: vec![None; self.names.len()], has_new: false };
        for (at, key) in counted(own).into_iter().enumerate() {
            match self.places.get(&key).and_then(|place| mapping.own.get_mut(*place)) {
                Some(own) => *own = Some(at),
                None => mapping.has_new = true,
            }
        }
        mapping
    }

    /// The titles, without ours: a name that is one of ours gets `_` behind it until no other column is called so.
    pub(super) fn titles(&self) -> Vec<Vec<u8>> {
        let is_ours = |name: &[u8]| OURS.iter().any(|ours| ours.as_bytes() == name);
        let mut taken: HashSet<Vec<u8>> = self.names.iter().cloned().collect();
        let mut title = |name: &Vec<u8>| {
            let mut title = name.clone();
            if is_ours(name) {
                while taken.contains(&title) {
                    title.push(b'_');
                }
                taken.insert(title.clone());
            }
            title
        };
        self.names.iter().map(&mut title).collect()
    }

    /// The names that have another title, and that.
    pub(super) fn renamed(&self) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let both = self.names.iter().zip(self.titles());
        both.filter(|(name, title)| *name != title).map(|(name, title)| (text(name), text(&title))).collect()
    }
}

fn counted(names: Vec<Vec<u8>>) -> Vec<(Vec<u8>, usize)> {
    let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
    let count = |name: Vec<u8>| {
        let so_far = seen.entry(name.clone()).or_default();
        *so_far += 1;
        (name, *so_far)
    };
    names.into_iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<Vec<u8>> {
        names.iter().map(|name| name.as_bytes().to_vec()).collect()
    }

    fn of(all: &[&[&str]]) -> UnionHeader {
        let mut columns = UnionHeader::default();
        all.iter().for_each(|own| columns.learn(names(own)));
        columns
    }

    #[test]
    fn columns_come_in_order_of_first_appearance() {
        let columns = of(&[&["b", "a"], &["a", "c"], &[]]);
        assert_eq!(columns.titles(), names(&["b", "a", "c"]));
        let own = vec![None, Some(1), Some(0)];
        assert_eq!(columns.mapping(names(&["c", "a"])), Mapping { own, has_new: false });
        assert!(columns.mapping(names(&["d"])).has_new);
    }

    #[test]
    fn a_name_that_a_file_has_twice_is_two_columns() {
        let columns = of(&[&["a", "a", ""], &["", "", "a"]]);
        assert_eq!(columns.titles(), names(&["a", "a", "", ""]));
        let own = vec![Some(2), None, Some(0), Some(1)];
        assert_eq!(columns.mapping(names(&["", "", "a"])).own, own);
    }

    #[test]
    fn a_name_that_is_ours_gets_a_line_behind_it() {
        let columns = of(&[&["name", "record", "Name", "name"], &["name_", "started"]]);
        assert_eq!(
            columns.titles(),
            names(&["name__", "record_", "Name", "name___", "name_", "started_"]),
            "what was called so keeps its name"
        );
        assert_eq!(columns.renamed().first(), Some(&("name".to_owned(), "name__".to_owned())));
    }
}
