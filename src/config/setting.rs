//! THE table of what can be set: the word of each setting, what it may be, and what it is for.

/// What can be set in config.toml, beside labs and keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
pub enum Setting {
    Data,
    View,
    Columns,
    PerPage,
    Color,
    Ascii,
    Slow,
    Title,
    Bell,
    TrashAge,
}

/// What is told of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingFacts {
    /// Its name in the file.
    pub word: &'static str,
    /// What could stand there.
    pub wanted: &'static str,
    /// What it is for.
    pub told: &'static str,
}

impl Setting {
    pub fn facts(self) -> SettingFacts {
        let (word, wanted, told) = match self {
            Setting::Data => (
                "data",
                "the name of a lab out of [labs], or a path from / or ~ on",
                "what is opened where no data is named",
            ),
            Setting::View => {
                ("view", "the name of a kept view", "the view with which the list begins where none was left")
            }
            Setting::Columns => (
                "columns",
                "columns as :columns takes them, \"id,name,deck\" or \"default,-by\"",
                "the columns of the list at first",
            ),
            Setting::PerPage => ("per-page", "10, 20 or 50", "records on a page"),
            Setting::Color => ("color", "\"auto\", \"always\" or \"never\"", "colours"),
            Setting::Ascii => ("ascii", "true or false", "plain ASCII instead of line drawing and braille"),
            Setting::Slow => ("slow", "true or false", "fewer redraws, for slow links"),
            Setting::Title => ("title", "true or false", "the window gets a title"),
            Setting::Bell => (
                "bell",
                "true or false",
                "on screen: ring when a followed record fails, waits for a person, ends or dies",
            ),
            Setting::TrashAge => (
                "trash-age",
                "a length of time with its unit, as \"30d\", \"2w\" or \"1mo\"",
                "what trash empty removes without --older-than: what was deleted so long ago",
            ),
        };
        SettingFacts { word, wanted, told }
    }
}
