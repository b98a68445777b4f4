//! The help: what the keys do, made from the live keymap; `/` narrows it.

use std::ops::Range;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    text::{Line, Span},
    widgets::Widget,
};
use strum::VariantArray;

use super::{cover, frame};
use crate::{
    model::{map_cell::MapCell, needle::Needle, outcome::Outcome},
    services::run_state::RunState,
    style::{Role, Theme},
    tui::{
        action::Action,
        bindings::{self, Bindings, key_here, key_of, spelt},
        command,
        key::Key,
        keymap::{self, Context, KEYMAP, KeyRow, Section},
        screen::{Effect, Input, Overlay, ScreenCx},
        widgets::{pane::wrap, text::width},
    },
};

#[derive(Debug, Clone, PartialEq, Eq)]
enum HelpLine {
    Heading(&'static str),
    Keys {
        keys: String,
        text: String,
        /// It could do something now.
        now: bool,
    },
    /// A sign on the screens, in Unicode and in ASCII.
    Sign {
        signs: [&'static str; 2],
        text: &'static str,
    },
}

/// What records without an end do.
const STATES: [(RunState, &str); 3] = [
    (RunState::Running, "Running: it shows signs of life, or is in a step that may take so long"),
    (RunState::Waits, "Waits for a person: paused, an error to decide on, an input, an intervention"),
    (RunState::Died, "Died: it has no end time, and nothing is done in it any more"),
];

/// Signs that are no outcome.
const SIGNS: [([&str; 2], &str); 8] = [
    (["…", ".."], "cut here, or not known yet; in a number digits are missing"),
    (["~", "~"], "about so much: an integer that a chart cannot hold exactly"),
    (["!", "!"], "in the table: a value that IvoryOS found invalid"),
    (["‹3 ›8", "<3 >8"], "so many columns are out of sight at the left and right"),
    (["▸ ▾", "+ -"], "closed, open: opening it turns it"),
    (["↻", "~"], "in a log: what its line said before was written over"),
    (["◆ ◇", "M m"], "on the list: marked for export, delete and marks; in a range that is being marked"),
    (["·", "."], "none: no step failed"),
];

/// All keys of the screens and the commands behind `:`, below their headings: for the man page.
pub fn all_keys() -> Vec<(&'static str, Vec<(String, String)>)> {
    let all = bindings::in_force();
    let of = |section: &Section| {
        let rows = joined(of_rows(&all, KEYMAP.iter().filter(|row| row.section == *section)));
        let text = |action: Action| spelt(Context::List, action.facts().description);
        let lines = rows.into_iter().map(|(action, keys)| (keys.join(", "), text(action)));
        (section.title(), lines.collect())
    };
    let commands = command::USAGE.iter().map(|(usage, text)| (format!(":{usage}"), (*text).to_owned()));
    Section::ALL.iter().map(of).chain([("Commands", commands.collect())]).collect()
}

/// A row of a line that is shown.
#[derive(Debug)]
struct HelpRow {
    line: usize,
    /// Of its text.
    part: Range<usize>,
    /// It begins with the keys.
    has_keys: bool,
}

/// What the keys do.
#[derive(Debug, Default)]
pub struct Help {
    all: Vec<HelpLine>,
    words: String,
    /// The words before `/` was pressed.
    before: String,
    shown: Vec<HelpLine>,
    rows: Vec<HelpRow>,
    top: usize,
    size: Size,
}

impl Help {
    /// For a screen's context; `can` says which actions could do something now.
    pub fn new(context: Context, can: impl Fn(Action) -> bool) -> Self {
        let mut all = Vec::new();
        let bindings = bindings::in_force();
        let rows = bindings.rows(context);
        for section in Section::ALL {
            let here = rows.iter().filter(|row| row.section == section);
            let here = joined(here.map(|row| (row.action, row.keys.clone())));
            let lines = here.into_iter().map(|(action, keys)| HelpLine::Keys {
                keys: keys.join("  "),
                text: spelt(context, keymap::told(context, action).description),
                now: can(action),
            });
            push(&mut all, section.title(), lines.collect());
        }
        let is_here = |row: &&KeyRow| rows.iter().any(|here| here.action == row.action);
        let screens = |row: &&KeyRow| row.contexts.iter().any(|at| at.is_screen());
        let elsewhere = KEYMAP.iter().filter(screens).filter(|row| !is_here(row));
        let elsewhere = joined(of_rows(&bindings, elsewhere));
        let lines = elsewhere.into_iter().map(|(action, keys)| HelpLine::Keys {
            keys: keys.join("  "),
            text: spelt(context, action.facts().description),
            now: false,
        });
        push(&mut all, "On other screens", lines.collect());
        let commands = command::USAGE.iter();
        let lines = commands.map(|(usage, text)| HelpLine::Keys {
            keys: format!(":{usage}"),
            text: (*text).to_owned(),
            now: true,
        });
        push(&mut all, "Commands", lines.collect());
        let ended = Outcome::VARIANTS.iter().filter(|outcome| outcome.has_ended());
        let outcomes = ended.map(|outcome| HelpLine::Sign {
            signs: [outcome.glyph(false), outcome.glyph(true)],
            text: outcome.label(),
        });
        let outcomes =
            outcomes.chain(STATES.map(|(state, text)| HelpLine::Sign {
                signs: [state.glyph(false), state.glyph(true)],
                text,
            }));
        let others = SIGNS.iter().map(|(signs, text)| HelpLine::Sign { signs: *signs, text });
        let cells = MapCell::VARIANTS.iter().filter(|cell| **cell != MapCell::None);
        let cells = cells
            .map(|cell| HelpLine::Sign { signs: [cell.glyph(false), cell.glyph(true)], text: cell.told() });
        push(&mut all, "Signs", outcomes.chain(cells).chain(others).collect());
        let mut help = Help { shown: all.clone(), all, ..Help::default() };
        help.lay_out();
        help
    }

    fn height(&self) -> usize {
        usize::from(self.size.height.saturating_sub(2)).max(1)
    }

    /// Columns of the keys.
    fn keys_width(&self) -> usize {
        if self.size.width < 62 { 13 } else { 24 }
    }

    fn last_top(&self) -> usize {
        self.rows.len().saturating_sub(self.height())
    }

    /// Texts that are longer than their room go on in the next row.
    fn lay_out(&mut self) {
        let room = usize::from(self.size.width).saturating_sub(self.keys_width() + 7).max(8);
        let column = self.keys_width();
        let rows = |(line, shown): (usize, &HelpLine)| {
            // Long keys have a row of their own.
            let parts = wrap(shown.text(), room).into_iter();
            let alone = (width(shown.keys(false)) > column).then_some(0..0);
            let row = |(n, part)| HelpRow { line, part, has_keys: n == 0 };
            alone.into_iter().chain(parts).enumerate().map(row).collect::<Vec<_>>()
        };
        self.rows = self.shown.iter().enumerate().flat_map(rows).collect();
        self.top = self.top.min(self.last_top());
    }

    fn narrow(&mut self, words: String) {
        self.words = words;
        let wanted: Vec<Needle> = self.words.split_whitespace().map(Needle::new).collect();
        let mut shown: Vec<HelpLine> = Vec::new();
        for line in &self.all {
            match line {
                HelpLine::Heading(_) => {
                    shown.pop_if(|last| matches!(last, HelpLine::Heading(_)));
                    shown.push(line.clone());
                }
                HelpLine::Keys { keys, text, .. } => {
                    if wanted.iter().all(|word| word.is_in(text) || word.is_in(keys)) {
                        shown.push(line.clone());
                    }
                }
                HelpLine::Sign { signs, text } => {
                    let is_in = |word: &Needle| word.is_in(text) || signs.iter().any(|sign| word.is_in(sign));
                    if wanted.iter().all(is_in) {
                        shown.push(line.clone());
                    }
                }
            }
        }
        shown.pop_if(|last| matches!(last, HelpLine::Heading(_)));
        self.shown = shown;
        self.top = 0;
        self.lay_out();
    }
}

impl HelpLine {
    fn text(&self) -> &str {
        match self {
            HelpLine::Heading(text) | HelpLine::Sign { text, .. } => text,
            HelpLine::Keys { text, .. } => text,
        }
    }

    fn keys(&self, ascii: bool) -> &str {
        match self {
            HelpLine::Heading(_) => "",
            HelpLine::Keys { keys, .. } => keys,
            HelpLine::Sign { signs: [sign, plain], .. } => {
                if ascii {
                    plain
                } else {
                    sign
                }
            }
        }
    }

    fn drawn(&self, row: &HelpRow, column: usize, theme: &Theme) -> Line<'_> {
        let text = self.text().get(row.part.clone()).unwrap_or_default();
        let now = match self {
            HelpLine::Heading(_) => return Line::styled(text, theme.style(Role::Heading)),
            HelpLine::Keys { now, .. } => *now,
            HelpLine::Sign { .. } => true,
        };
        let keys = if row.has_keys { self.keys(theme.ascii) } else { "" };
        let kind = |usual| theme.style(if now { usual } else { Role::Dim });
        Line::from(vec![
            Span::styled(format!("  {keys:<column$} "), kind(Role::Key)),
            Span::styled(text, kind(Role::Normal)),
        ])
    }
}

impl Overlay for Help {
    fn context(&self) -> Context {
        Context::Help
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => {
                self.size = size;
                self.lay_out();
            }
            Input::Action(Action::Search) => {
                self.before.clone_from(&self.words);
                return vec![Effect::Search { words: self.words.clone() }];
            }
            Input::Search(words) | Input::SearchDone(Some(words)) => self.narrow(words),
            Input::SearchDone(None) => self.narrow(self.before.clone()),
            Input::Action(Action::Back) if !self.words.is_empty() => self.narrow(String::new()),
            Input::Action(Action::Back | Action::Close | Action::Help) => return vec![Effect::Close],
            Input::Action(action) => self.top = action.moved(self.top, self.height(), self.last_top()),
            _ => {}
        }
        self.top = self.top.min(self.last_top());
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        cover(area, buf);
        let title =
            if self.words.is_empty() { " Keys ".to_owned() } else { format!(" Keys: {} ", self.words) };
        let last = (self.top + self.height()).min(self.rows.len());
        let place = format!(" {}-{last} of {} ", (self.top + 1).min(last), self.rows.len());
        let back = key_of(Context::Help, Action::Back);
        let search =
            key_here(Context::Help, Action::Search).map(|key| format!(" {key} search ")).unwrap_or_default();
        let block = frame(theme)
            .title(title)
            .title_bottom(format!("{search} {back} close "))
            .title_bottom(Line::from(place).right_aligned());
        let inner = block.inner(area);
        block.render(area, buf);
        if self.shown.is_empty() {
            Line::from(format!("No key or command has these words; {back} shows all.")).render(inner, buf);
        }
        let column = self.keys_width();
        for (y, row) in (inner.y..inner.bottom()).zip(self.rows.iter().skip(self.top)) {
            if let Some(line) = self.shown.get(row.line) {
                line.drawn(row, column, theme).render(Rect { y, height: 1, ..inner }, buf);
            }
        }
    }
}

/// The actions of some rows of the table, with the keys that they have now.
fn of_rows<'a>(
    all: &'a Bindings,
    rows: impl Iterator<Item = &'a KeyRow> + 'a,
) -> impl Iterator<Item = (Action, Vec<Key>)> + 'a {
    rows.map(|row| (row.action, all.now(row)))
}

/// The names of keys with the same action on one line, each once. What has no key is left out.
fn joined(rows: impl Iterator<Item = (Action, Vec<Key>)>) -> Vec<(Action, Vec<String>)> {
    let mut lines: Vec<(Action, Vec<String>)> = Vec::new();
    for (action, keys) in rows {
        let known = match lines.iter().position(|(known, _)| *known == action) {
            Some(at) => at,
            None => {
                lines.push((action, Vec::new()));
                lines.len() - 1
            }
        };
        if let Some((_, names)) = lines.get_mut(known) {
            for name in keys.iter().map(Key::to_string) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    lines.retain(|(_, keys)| !keys.is_empty());
    lines
}

fn push(all: &mut Vec<HelpLine>, title: &'static str, lines: Vec<HelpLine>) {
    if !lines.is_empty() {
        all.push(HelpLine::Heading(title));
        all.extend(lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::{closes, cx};

    fn texts(help: &Help) -> Vec<&str> {
        help.shown.iter().map(HelpLine::text).collect()
    }

    /// Every key of a screen is told, those of other screens too.
    #[test]
    fn tells_every_action_of_the_screens() {
        let help = Help::new(Context::List, |_| true);
        for row in
            KEYMAP.iter().filter(|row| row.contexts.iter().any(|at| at.chain().any(|c| c == Context::Global)))
        {
            let told = [row.action.facts(), keymap::told(Context::List, row.action)];
            let told = told.map(|facts| spelt(Context::List, facts.description));
            let is_it = |text: &&&str| told.iter().any(|told| told == **text);
            assert_eq!(texts(&help).iter().filter(is_it).count(), 1, "{row:?}");
        }
    }

    #[test]
    fn words_narrow_it_and_escape_widens_it_again() {
        let mut help = Help::new(Context::List, |_| true);
        let full = help.shown.len();
        help.update(Input::Search("csv".to_owned()), &cx());
        assert!(texts(&help).contains(&Action::Export.facts().description));
        assert!(!texts(&help).contains(&Action::Down.facts().description));
        help.update(Input::Search("no such words".to_owned()), &cx());
        assert!(help.shown.is_empty());
        assert!(!closes(&help.update(Input::Action(Action::Back), &cx())));
        assert_eq!(help.shown.len(), full);
        assert!(closes(&help.update(Input::Action(Action::Back), &cx())));
    }

    #[test]
    fn scrolls_to_its_end_and_no_further() {
        let mut help = Help::new(Context::Tab(crate::tui::tab::TabId::Log), |_| false);
        help.update(Input::Resize(Size { width: 80, height: 12 }), &cx());
        help.update(Input::Action(Action::Bottom), &cx());
        assert_eq!(help.top + 10, help.rows.len());
        help.update(Input::Action(Action::PageUp), &cx());
        assert_eq!(help.top + 20, help.rows.len());
        help.update(Input::Resize(Size { width: 80, height: 300 }), &cx());
        assert_eq!(help.top, 0);
    }

    /// No key twice, what Enter does here, and every text whole in narrow windows too.
    #[test]
    fn texts_are_whole_and_enter_is_told_for_each_tab() {
        for context in [Context::List, Context::OneChart]
            .into_iter()
            .chain(crate::tui::tab::TabId::VARIANTS.iter().map(|tab| Context::Tab(*tab)))
        {
            let mut help = Help::new(context, |_| true);
            for line in &help.shown {
                if let HelpLine::Keys { keys, .. } = line {
                    let all: Vec<&str> = keys.split("  ").collect();
                    let some: std::collections::HashSet<&&str> = all.iter().collect();
                    assert_eq!(all.len(), some.len(), "{keys}");
                }
            }
            assert!(!texts(&help).contains(&Action::Open.facts().description), "{context:?}");
            for width in [40, 80, 160] {
                help.update(Input::Resize(Size { width, height: 300 }), &cx());
                let mut buf = Buffer::empty(Rect::new(0, 0, width, 300));
                help.view(&Theme { ascii: false, color: false }, buf.area, &mut buf);
                let drawn: String =
                    crate::tui::widgets::testing::lines(&buf).join(" ").split_whitespace().collect();
                for text in texts(&help) {
                    let words: Vec<&str> = text.split_whitespace().collect();
                    assert!(
                        words.iter().all(|word| drawn.contains(word)),
                        "{text} in {width}: {}",
                        crate::tui::widgets::testing::lines(&buf).join("\n")
                    );
                }
            }
        }
        assert!(texts(&Help::new(Context::List, |_| true)).contains(&Outcome::Ended.label()));
    }
}
