//! What is told of a lab that is watched.

use jiff::civil::DateTime;

use crate::{
    model::{outcome::Outcome, sanitize::sanitize},
    services::run_state::RunState,
};

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhatHappened {
    Started,
    /// A step or phase of it; each try is one.
    Failed,
    /// For a person.
    Waits,
    GoesOn,
    Ended,
    Died,
}

/// Something that happened to a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// When, as the file says; else when it was seen.
    pub at: DateTime,
    pub what: WhatHappened,
    pub id: i64,
    pub name: String,
    /// How the record ended or what it does, when this was seen.
    pub outcome: Outcome,
    pub state: Option<RunState>,
    /// The text of a failure, what it waits for, who went on with it or ended it, why it counts as died.
    pub text: Option<String>,
    /// Of a failure, where: `iteration 3, step 2 reactor.stir (try 1 of 2)`.
    pub place: Option<String>,
    /// As stored: that of a failure, else the one that began last.
    pub iteration: Option<i64>,
    /// How many iterations it is to have, where that is known.
    pub of: Option<u64>,
}

impl WhatHappened {
    /// The word for scripts.
    pub fn word(self) -> &'static str {
        match self {
            WhatHappened::Started => "started",
            WhatHappened::Failed => "failed",
            WhatHappened::Waits => "waits",
            WhatHappened::GoesOn => "goes_on",
            WhatHappened::Ended => "ended",
            WhatHappened::Died => "died",
        }
    }
}

impl Happening {
    /// In one line for people, cleaned: `#61 dye failed: iteration 3, step 2 reactor.stir: valve stuck`.
    pub fn sentence(&self) -> String {
        let name = if self.name.trim().is_empty() { "(no name)" } else { &self.name };
        let iteration = self.iteration.map(|n| match self.of {
            Some(of) => format!(", iteration {n}/{of}"),
            None => format!(", iteration {n}"),
        });
        let (verb, place) = match self.what {
            WhatHappened::Started => ("started", None),
            WhatHappened::Failed => ("failed", self.place.clone().map(|place| format!(": {place}"))),
            WhatHappened::Waits => ("waits", iteration),
            WhatHappened::GoesOn => ("goes on", iteration),
            WhatHappened::Ended => match self.outcome {
                Outcome::Completed => ("completed", None),
                Outcome::Stopped => ("was stopped", iteration),
                Outcome::Error => ("ended with an error", iteration),
                Outcome::Running | Outcome::Unfinished | Outcome::Ended => ("ended", None),
            },
            WhatHappened::Died => ("died", iteration),
        };
        let text = self.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let text = text.map(|text| format!(": {}", text.lines().collect::<Vec<_>>().join(" / ")));
        let said =
            format!("#{} {name} {verb}{}{}", self.id, place.unwrap_or_default(), text.unwrap_or_default());
        sanitize(&said).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_one_clean_line() {
        let happening = Happening {
            at: DateTime::default(),
            what: WhatHappened::Failed,
            id: 7,
            name: "dye\u{1b}[31m".to_owned(),
            outcome: Outcome::Running,
            state: Some(RunState::Running),
            text: Some("two\r\nlines\u{7}\n".to_owned()),
            place: Some("iteration 2, step 1 stir".to_owned()),
            iteration: Some(2),
            of: Some(9),
        };
        let said = |what, outcome| Happening { what, outcome, ..happening.clone() }.sentence();
        let want = "#7 dye␛[31m failed: iteration 2, step 1 stir: two / lines␇";
        assert_eq!(said(WhatHappened::Failed, Outcome::Running), want);
        assert!(said(WhatHappened::Waits, Outcome::Unfinished).contains(" waits, iteration 2/9: two"));
        let nothing =
            Happening { text: Some(" ".to_owned()), name: String::new(), of: None, ..happening.clone() };
        let said = |what, outcome| Happening { what, outcome, ..nothing.clone() }.sentence();
        assert_eq!(said(WhatHappened::Ended, Outcome::Completed), "#7 (no name) completed");
        assert_eq!(said(WhatHappened::Ended, Outcome::Stopped), "#7 (no name) was stopped, iteration 2");
        assert_eq!(said(WhatHappened::GoesOn, Outcome::Running), "#7 (no name) goes on, iteration 2");
    }
}
