//! Who can write in a folder, in words.

use crate::platform::FolderWriters;

/// Who they are.
pub fn words(writers: &FolderWriters) -> String {
    match writers {
        FolderWriters::All => "everybody who can log in here".to_owned(),
        FolderWriters::Group { owner, group } => format!("{owner} and the group {group}"),
        FolderWriters::Owner(owner) => format!("only {owner}"),
        FolderWriters::AsAbove => "whoever may write in the data folder".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_is_told() {
        let (owner, group) = ("mara".to_owned(), "lab".to_owned());
        assert_eq!(words(&FolderWriters::Owner(owner.clone())), "only mara");
        assert_eq!(words(&FolderWriters::Group { owner, group }), "mara and the group lab");
        assert_eq!(words(&FolderWriters::All), "everybody who can log in here");
    }
}
