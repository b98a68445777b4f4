//! How what is for people looks on stdout: its width and colours on a terminal, plain and in full into a pipe.

use std::borrow::Cow;

use super::{args::Common, out::color_wanted};
use crate::{
    model::outcome::Outcome,
    platform::terminal::columns_of_stdout,
    services::{run_row::RunRow, trouble::Trouble},
    style::{Role, Theme},
};

/// What stdout can.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub theme: Theme,
    /// Columns of the terminal; `None` into a pipe or a file, where all is printed.
    pub room: Option<usize>,
}

/// The width of a terminal that does not say how wide it is.
const USUAL: usize = 80;

impl Look {
    pub fn of(common: &Common) -> Self {
        let theme = Theme { color: color_wanted(common.settings.color.value), ..common.theme() };
        Self { theme, room: room() }
    }

    /// Text in the colour of what it is.
    pub fn paint<'t>(&self, text: &'t str, role: Role) -> Cow<'t, str> {
        let style = self.theme.ansi(role);
        if !self.theme.color || style.is_plain() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(format!("{style}{text}{style:#}"))
    }
}

/// What a record's outcome is shown as: one that needs somebody stands out.
pub fn outcome_role(row: &RunRow, failures: u64) -> Role {
    match row.outcome {
        _ if Trouble::of(row, failures).is_some() => Role::Failed,
        Outcome::Running => Role::Selected,
        Outcome::Completed => Role::Good,
        Outcome::Error | Outcome::Stopped | Outcome::Unfinished | Outcome::Ended => Role::Normal,
    }
}

fn room() -> Option<usize> {
    let said = usize::from(columns_of_stdout()?);
    Some(if said == 0 { USUAL } else { said })
}
