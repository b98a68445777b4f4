//! A list of records as it is written down for another time: its words, order and columns, as texts that may mean nothing
//! any more when they are read again.

use super::{
    filter::words::Filter,
    query::{ListQuery, Order, SortKey},
};

/// What a list is of, and how it looks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptList {
    /// Filter words.
    pub filter: String,
    /// The word of a [`SortKey`]; empty is the first order.
    pub sort: String,
    /// The word of an [`Order`]; empty is the first one.
    pub order: String,
    /// As the list writes its columns; empty are those at first.
    pub columns: String,
}

impl KeptList {
    pub fn of(query: &ListQuery, columns: String) -> Self {
        KeptList {
            filter: query.filter.text().to_owned(),
            sort: query.sort.column().to_owned(),
            order: query.order.word().to_owned(),
            columns,
        }
    }

    /// What is to be asked for.
    ///
    /// # Errors
    /// Which of its words mean nothing, where, and what could stand there.
    pub fn query(&self) -> Result<ListQuery, String> {
        Ok(ListQuery {
            filter: self.words()?,
            sort: self.sort()?,
            order: self.order()?,
            ..ListQuery::default()
        })
    }

    fn words(&self) -> Result<Filter, String> {
        Filter::read(&self.filter).map_err(|wrong| {
            let place = self.filter.get(..wrong.at.start).unwrap_or(&self.filter).chars().count() + 1;
            format!("filter \"{}\", sign {place}: {}", self.filter, wrong.message)
        })
    }

    fn sort(&self) -> Result<SortKey, String> {
        let known = SortKey::ALL.into_iter().find(|key| key.column() == self.sort);
        known.or_else(|| self.sort.is_empty().then(SortKey::default)).ok_or_else(|| {
            let all = SortKey::ALL.map(SortKey::column).join(", ");
            format!("sort \"{}\" is no order of the list; there are {all}", self.sort)
        })
    }

    fn order(&self) -> Result<Order, String> {
        let known = Order::ALL.into_iter().find(|order| order.word() == self.order);
        known
            .or_else(|| self.order.is_empty().then(Order::default))
            .ok_or_else(|| format!("order \"{}\": there are asc and desc", self.order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_down_is_read_again() {
        for key in SortKey::ALL {
            for order in Order::ALL {
                for words in ["", "status:error (user:mara or \"two words\")", "name~\"ä|ö\""] {
                    let filter = Filter::read(words).unwrap();
                    let query = ListQuery { filter, sort: key, order, ..ListQuery::default() };
                    assert_eq!(KeptList::of(&query, String::new()).query(), Ok(query));
                }
            }
        }
        assert_eq!(KeptList::default().query(), Ok(ListQuery::default()));
    }

    #[test]
    fn what_means_nothing_is_named_with_its_place() {
        let filter = KeptList { filter: "µ stat:error".to_owned(), ..KeptList::default() };
        let said = filter.query().unwrap_err();
        assert!(said.starts_with("filter \"µ stat:error\", sign 3: "), "{said}");
        let sort = KeptList { sort: "colour".to_owned(), ..KeptList::default() };
        assert!(sort.query().unwrap_err().contains("\"colour\" is no order of the list; there are id, name"));
        let order = KeptList { order: "up".to_owned(), ..KeptList::default() };
        assert_eq!(order.query(), Err("order \"up\": there are asc and desc".to_owned()));
    }
}
