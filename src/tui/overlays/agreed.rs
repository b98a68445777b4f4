//! What the user agreed to delete: only a bill that was shown, and the number that it wants typed, make one.

use crate::services::{
    delete::{Bill, BillItem, Confirmed, DeleteHow},
    request::Ask,
};

/// Records that the user agreed to delete. Only the overlays make one.
#[derive(Debug)]
pub struct Agreed {
    items: Vec<Confirmed>,
    how: DeleteHow,
}

impl Agreed {
    /// What `y` agrees to, with what was chosen; `None` where something else has to be typed first than this.
    pub(super) fn to(bill: &Bill, typed: &str, chosen: DeleteHow) -> Option<Agreed> {
        if wanted(bill).is_some_and(|(number, _)| number != typed) {
            return None;
        }
        let confirmed = |item: &BillItem| Confirmed {
            run: item.row.run.id,
            name: item.row.run.name.clone(),
            start: item.row.run.start.clone(),
        };
        let how = DeleteHow { force: bill.items.iter().any(|item| item.guarded), ..chosen };
        Some(Agreed { items: bill.items.iter().map(confirmed).collect(), how })
    }

    pub fn ask(self) -> Ask {
        Ask::Delete { items: self.items, how: self.how }
    }

    /// Past the trash: nothing of it can be taken back.
    pub fn is_permanent(&self) -> bool {
        self.how.permanent
    }

    /// `#25 a name`, or `3 records`.
    pub fn label(&self) -> String {
        match self.items.as_slice() {
            [one] => format!("#{} {}", one.run, one.name),
            many => format!("{} records", many.len()),
        }
    }
}

/// Records that a question names, where more than one may be running.
const NAMED: usize = 3;

/// The number that has to be typed before `y`, and the words that ask for it: of many how many they are, so that it was
/// seen.
pub(super) fn wanted(bill: &Bill) -> Option<(String, String)> {
    let running: Vec<i64> =
        bill.items.iter().filter(|item| item.guarded).map(|item| item.row.run.id).collect();
    let many = bill.items.len();
    match running.as_slice() {
        [id] if many == 1 => {
            Some((id.to_string(), "It may still be running. To delete it type its id".to_owned()))
        }
        _ if many <= 1 => None,
        ids => {
            let running =
                if ids.is_empty() { String::new() } else { format!("{} may still be running. ", named(ids)) };
            Some((many.to_string(), format!("{running}To delete them type how many they are")))
        }
    }
}

/// `#60, #61`; of more than can be named their number.
fn named(ids: &[i64]) -> String {
    if ids.len() > NAMED {
        return format!("{} of them", ids.len());
    }
    ids.iter().map(|id| format!("#{id}")).collect::<Vec<_>>().join(", ")
}
