//! The help: what the keys do, made from the live keymap; `/` narrows it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{cover, frame};
use crate::{
    model::needle::Needle,
    style::{Role, Theme},
    tui::{
        action::Action,
        command,
        keymap::{self, Context, KEYMAP, Section},
        screen::{Effect, Input, Overlay, ScreenCx},
    },
};

#[derive(Debug, Clone, PartialEq, Eq)]
enum HelpLine {
    Heading(&'static str),
    Keys {
        keys: String,
        text: &'static str,
        /// It could do something now.
        now: bool,
    },
}

/// All keys of the screens and the commands behind `:`, below their headings: for the man page.
pub fn all_keys() -> Vec<(&'static str, Vec<(String, &'static str)>)> {
    let of = |section: &Section| {
        let rows = joined(KEYMAP.iter().filter(|row| row.section == *section));
        // Where a key has the same meaning in several rows it is named once.
        let once = |keys: String| {
            let mut named: Vec<&str> = Vec::new();
            for key in keys.split("  ") {
                if !named.contains(&key) {
                    named.push(key);
                }
            }
            named.join(", ")
        };
        let lines = rows.into_iter().map(|(action, keys)| (once(keys), action.facts().description));
        (section.title(), lines.collect())
    };
    let commands = command::USAGE.iter().map(|(usage, text)| (format!(":{usage}"), *text));
    Section::ALL.iter().map(of).chain([("Commands", commands.collect())]).collect()
}

/// What the keys do.
#[derive(Debug)]
pub struct Help {
    all: Vec<HelpLine>,
    words: String,
    /// The words before `/` was pressed.
    before: String,
    shown: Vec<HelpLine>,
    top: usize,
    height: usize,
}

impl Help {
    /// For a screen's context; `can` says which actions could do something now.
    pub fn new(context: Context, can: impl Fn(Action) -> bool) -> Self {
        let mut all = Vec::new();
        for section in Section::ALL {
            let here = joined(keymap::rows(context).filter(|row| row.section == section));
            let lines = here.into_iter().map(|(action, keys)| HelpLine::Keys {
                keys,
                text: keymap::told(context, action).description,
                now: can(action),
            });
            push(&mut all, section.title(), lines.collect());
        }
        let here: Vec<Action> = keymap::rows(context).map(|row| row.action).collect();
        let screens =
            |row: &&keymap::KeyRow| row.contexts.iter().any(|at| at.chain().any(|c| c == Context::Global));
        let elsewhere = joined(KEYMAP.iter().filter(screens).filter(|row| !here.contains(&row.action)));
        let lines = elsewhere.into_iter().map(|(action, keys)| HelpLine::Keys {
            keys,
            text: action.facts().description,
            now: false,
        });
        push(&mut all, "On other screens", lines.collect());
        let commands = command::USAGE.iter();
        let lines =
            commands.map(|(usage, text)| HelpLine::Keys { keys: format!(":{usage}"), text, now: true });
        push(&mut all, "Commands", lines.collect());
        Help { shown: all.clone(), all, words: String::new(), before: String::new(), top: 0, height: 1 }
    }

    fn last_top(&self) -> usize {
        self.shown.len().saturating_sub(self.height)
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
            }
        }
        shown.pop_if(|last| matches!(last, HelpLine::Heading(_)));
        self.shown = shown;
        self.top = 0;
    }
}

impl Overlay for Help {
    fn context(&self) -> Context {
        Context::Help
    }

    fn update(&mut self, input: Input, _: &ScreenCx<'_>) -> Vec<Effect> {
        match input {
            Input::Resize(size) => self.height = usize::from(size.height.saturating_sub(2)).max(1),
            Input::Action(Action::Search) => {
                self.before.clone_from(&self.words);
                return vec![Effect::Search { words: self.words.clone() }];
            }
            Input::Search(words) | Input::SearchDone(Some(words)) => self.narrow(words),
            Input::SearchDone(None) => self.narrow(self.before.clone()),
            Input::Action(Action::Back) if !self.words.is_empty() => self.narrow(String::new()),
            Input::Action(Action::Back | Action::Close | Action::Help) => return vec![Effect::Close],
            Input::Action(action) => self.top = action.moved(self.top, self.height, self.last_top()),
            _ => {}
        }
        self.top = self.top.min(self.last_top());
        Vec::new()
    }

    fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        cover(area, buf);
        let title =
            if self.words.is_empty() { " Keys ".to_owned() } else { format!(" Keys: {} ", self.words) };
        let last = (self.top + self.height).min(self.shown.len());
        let place = format!(" {}-{last} of {} ", (self.top + 1).min(last), self.shown.len());
        let block = frame(theme)
            .title(title)
            .title_bottom(" / search  Esc close ")
            .title_bottom(Line::from(place).right_aligned());
        let inner = block.inner(area);
        block.render(area, buf);
        if self.shown.is_empty() {
            Line::from("No key or command has these words; Esc shows all.").render(inner, buf);
        }
        let column = if inner.width < 60 { 13 } else { 24 };
        for (y, line) in (inner.y..inner.bottom()).zip(self.shown.iter().skip(self.top)) {
            let line = match line {
                HelpLine::Heading(title) => Line::styled((*title).to_owned(), theme.style(Role::Heading)),
                HelpLine::Keys { keys, text, now } => Line::from(vec![
                    Span::styled(
                        format!("  {keys:<column$} "),
                        theme.style(if *now { Role::Key } else { Role::Dim }),
                    ),
                    Span::styled(*text, theme.style(if *now { Role::Normal } else { Role::Dim })),
                ]),
            };
            line.render(Rect { y, height: 1, ..inner }, buf);
        }
    }
}

/// Keys with the same action on one line.
fn joined<'a>(rows: impl Iterator<Item = &'a keymap::KeyRow>) -> Vec<(Action, String)> {
    let mut lines: Vec<(Action, String)> = Vec::new();
    for row in rows {
        let keys = row.keys.join("  ");
        match lines.iter_mut().find(|(action, _)| *action == row.action) {
            Some((_, known)) => *known = format!("{known}  {keys}"),
            None => lines.push((row.action, keys)),
        }
    }
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

    fn texts(help: &Help) -> Vec<&'static str> {
        let text = |line: &HelpLine| match line {
            HelpLine::Heading(text) | HelpLine::Keys { text, .. } => *text,
        };
        help.shown.iter().map(text).collect()
    }

    /// Every key of a screen is told, those of other screens too.
    #[test]
    fn tells_every_action_of_the_screens() {
        let help = Help::new(Context::List, |_| true);
        for row in
            KEYMAP.iter().filter(|row| row.contexts.iter().any(|at| at.chain().any(|c| c == Context::Global)))
        {
            assert_eq!(
                texts(&help).iter().filter(|text| **text == row.action.facts().description).count(),
                1,
                "{row:?}"
            );
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
        help.update(Input::Resize(ratatui::layout::Size { width: 80, height: 12 }), &cx());
        help.update(Input::Action(Action::Bottom), &cx());
        assert_eq!(help.top + 10, help.shown.len());
        help.update(Input::Action(Action::PageUp), &cx());
        assert_eq!(help.top + 20, help.shown.len());
        help.update(Input::Resize(ratatui::layout::Size { width: 80, height: 200 }), &cx());
        assert_eq!(help.top, 0);
    }
}
