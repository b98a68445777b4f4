//! Draws the app: the screen, what stands on top of it, and the bottom line.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Clear, Widget},
};

use super::{
    super::{
        action::Action,
        bindings::{self, key_of},
        keymap::{self, Context},
        widgets::text::{ascii_only, put},
    },
    App, SMALLEST,
    jobs::how_far,
};
use crate::{
    model::sanitize,
    style::{Role, Theme},
    tui::screen::{FOLLOW_SIGN, Tone},
};

/// Columns of a window's title.
const LONGEST_TITLE: usize = 120;

impl App {
    /// The whole window, drawn. Reads only.
    pub fn view(&self) -> Buffer {
        let area = Rect::new(0, 0, self.size.width, self.size.height);
        let mut buf = Buffer::empty(area);
        if self.too_small() {
            too_small(area, &mut buf);
            return buf;
        }
        let theme = &self.options.theme;
        let [body, bottom] =
            [Rect { height: area.height - 1, ..area }, Rect { y: area.bottom() - 1, height: 1, ..area }];
        if let Some(top) = self.screens.last() {
            top.content.view(theme, body, &mut buf);
        }
        let sign = if self.follow.on { FOLLOW_SIGN.min(bottom.width) } else { 0 };
        let left = Rect { width: bottom.width - sign, ..bottom };
        self.bottom(theme, left, &mut buf);
        for layer in &self.overlays {
            let full = layer.content.has_bottom_line();
            layer.content.view(theme, if full { area } else { body }, &mut buf);
            if full && self.is_locked_out() {
                say_at_right(self.awaited(), theme, left, &mut buf);
            }
        }
        self.message(theme, (area, sign), &mut buf);
        let right = Rect { x: left.right(), width: sign, ..bottom };
        self.follow_sign(theme, right, &mut buf);
        if theme.ascii {
            ascii_only(&mut buf);
        }
        buf
    }

    /// The window's title, without control codes and not longer than a window can show; `None` where it is left alone.
    pub fn title(&self) -> Option<String> {
        let top = self.screens.last().filter(|_| self.options.title)?;
        let own = || top.content.title(&self.options.opened);
        let title = self.title_at_work(&*top.content).unwrap_or_else(own);
        let clean = sanitize::sanitize(&title);
        let theme = &self.options.theme;
        let short = sanitize::cut_with(&clean, LONGEST_TITLE, theme.ellipsis());
        Some(if theme.ascii { sanitize::ascii(&short).into_owned() } else { short.into_owned() })
    }

    /// The footer, or how far the background work is.
    fn bottom(&self, theme: &Theme, row: Rect, buf: &mut Buffer) {
        let back = || key_of(self.context(), Action::Back);
        let right = match (&self.slow, self.screens.last()) {
            (Some(_), _) if self.is_locked_out() => format!("{}  {} cancels", self.awaited(), back()),
            _ if self.is_locked_out() => self.awaited().to_owned(),
            (Some((_, progress)), _) => format!("reading{}  {} cancels", how_far(Some(*progress)), back()),
            (None, Some(top)) if self.overlays.is_empty() => top.content.position().unwrap_or_default(),
            _ => String::new(),
        };
        let right = match self.indexing {
            Some(progress) if self.slow.is_none() && !self.is_locked_out() => {
                format!("indexing{}  {right}", how_far(Some(progress)))
            }
            _ => right,
        };
        let right = sanitize::sanitize(&right);
        let taken = sanitize::width(&right);
        let width = usize::from(row.width).saturating_sub(taken + 3);
        match self.jobs.last() {
            Some(job) => {
                let status = job.status();
                let status = sanitize::sanitize(&status);
                let status = sanitize::cut(&status, width).into_owned();
                Line::from(vec![Span::raw(" "), Span::styled(status, theme.style(Role::Message))])
                    .render(row, buf);
            }
            None => self.footer(theme, width).render(row, buf),
        }
        Line::from(vec![Span::styled(right, theme.style(Role::Dim)), Span::raw(" ")])
            .right_aligned()
            .render(row, buf);
    }

    /// The most useful keys that work now, in at most `width` columns; the help stays when nothing else fits.
    fn footer(&self, theme: &Theme, width: usize) -> Line<'static> {
        let context = self.context();
        let hints = match (self.overlays.last(), self.screens.last()) {
            (Some(top), _) => hints(context, |action| top.content.can(action), |_| None),
            (None, Some(top)) => hints(context, |action| self.can(action), |action| top.content.hint(action)),
            (None, None) => Vec::new(),
        };
        let size = |hint: &(String, &str)| sanitize::width(&hint.0) + hint.1.len() + 3;
        let kept = hints.iter().find(|hint| hint.1 == Action::Help.facts().hint);
        let reserved = kept.map_or(0, size);
        let mut spans = Vec::new();
        let mut used = 0;
        let mut cut = false;
        for hint in hints.iter().filter(|hint| Some(*hint) != kept) {
            if used + size(hint) + reserved + 2 > width {
                cut = true;
                break;
            }
            used += size(hint);
            push_hint(&mut spans, hint, theme);
        }
        if cut {
            spans.push(Span::styled(format!(" {}", theme.ellipsis()), theme.style(Role::Dim)));
        }
        if let Some(help) = kept {
            push_hint(&mut spans, help, theme);
        }
        Line::from(spans)
    }

    /// News stand over the bottom line, and over the lines above it when they are long. That the lab's lock is waited for
    /// stays beside them.
    fn message(&self, theme: &Theme, (area, sign): (Rect, u16), buf: &mut Buffer) {
        let Some(news) = &self.news else { return };
        let kind = match news.message.tone {
            Tone::Quiet => Role::Message,
            Tone::Good => Role::Good,
            Tone::Bad => Role::Failed,
        };
        let text = sanitize::sanitize(&news.message.text);
        let text = if news.hold {
            format!("{text}   ({})", key_of(self.context(), Action::Back))
        } else {
            text.into_owned()
        };
        let typing = matches!(self.context(), Context::Prompt) && area.height > 1;
        let area = Rect { width: area.width - if typing { 0 } else { sign }, ..area };
        let waits = self.is_locked_out() && usize::from(area.width) >= 2 * self.awaited().len();
        let taken = if waits { self.awaited().len() + 4 } else { 2 };
        let columns = usize::from(area.width).saturating_sub(taken).max(1);
        let lines = wrapped(&text, columns, usize::from(area.height / 2).max(1));
        let height = u16::try_from(lines.len()).unwrap_or(area.height).min(area.height);
        let height = height.min(area.height - u16::from(typing));
        let bottom = area.bottom() - u16::from(typing);
        for (y, line) in (bottom - height..bottom).zip(lines) {
            let row = Rect { y, height: 1, ..area };
            Clear.render(row, buf);
            Line::from(vec![Span::raw(" "), Span::styled(line, theme.style(kind))]).render(row, buf);
            if waits && y + 1 == bottom {
                say_at_right(self.awaited(), theme, row, buf);
            }
        }
    }

    /// That the lab is followed: at the right end of the last line, on all screens and beside what is typed or told.
    fn follow_sign(&self, theme: &Theme, cells: Rect, buf: &mut Buffer) {
        if cells.width > 0 {
            Clear.render(cells, buf);
            let said = format!(" {} {}", theme.following(), self.follow_words());
            put(buf, cells, 0, 0, &said, theme.style(Role::Accent));
        }
    }
}

/// Says that the lab's lock is waited for at the right end of a line, where nothing else stands there.
fn say_at_right(awaited: &'static str, theme: &Theme, row: Rect, buf: &mut Buffer) {
    let said = Line::from(vec![Span::styled(awaited, theme.style(Role::Dim)), Span::raw(" ")]);
    let taken = u16::try_from(said.width()).unwrap_or(u16::MAX).min(row.width);
    let free =
        (row.right() - taken..row.right()).all(|x| buf.cell((x, row.y)).is_none_or(|c| c.symbol() == " "));
    if free {
        said.right_aligned().render(row, buf);
    }
}

fn push_hint(spans: &mut Vec<Span<'static>>, hint: &(String, &'static str), theme: &Theme) {
    spans.push(Span::raw(" "));
    spans.push(Span::styled(hint.0.clone(), theme.style(Role::Key)));
    spans.push(Span::raw(format!(" {} ", hint.1)));
}

/// Key and word of what can be done, most useful first.
fn hints(
    context: Context,
    can: impl Fn(Action) -> bool,
    now: impl Fn(Action) -> Option<&'static str>,
) -> Vec<(String, &'static str)> {
    let all = bindings::in_force();
    let mut rows: Vec<_> = all.rows(context).iter().filter(|row| row.rank > 0 && can(row.action)).collect();
    // What is another thing than always comes first.
    rows.sort_by_key(|row| (now(row.action).is_none(), row.rank));
    let word = |action: Action| match (context, action) {
        (Context::Menu, Action::Open) => "choose",
        (Context::Prompt, Action::Open) => "done",
        (Context::Confirm, Action::Back) => "cancel",
        _ => now(action).unwrap_or(keymap::told(context, action).hint),
    };
    rows.iter().filter_map(|row| Some((row.keys.first()?.to_string(), word(row.action)))).collect()
}

/// Cuts at spaces where there are any; at most so many lines.
fn wrapped(text: &str, columns: usize, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && lines.len() < most {
        let fit = sanitize::fit(rest, columns);
        // A character wider than the line: drop the rest rather than turn forever.
        if fit.is_empty() {
            break;
        }
        let at =
            if fit.len() == rest.len() { fit.len() } else { fit.rfind(' ').map_or(fit.len(), |at| at + 1) };
        let (line, later) = rest.split_at(at);
        lines.push(line.trim_end().to_owned());
        rest = later;
    }
    lines
}

fn too_small(area: Rect, buf: &mut Buffer) {
    let text = format!("window too small (needs {}x{})", SMALLEST.width, SMALLEST.height);
    let lines = wrapped(&text, usize::from(area.width), usize::from(area.height));
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        Line::from(line).render(Rect { y, height: 1, ..area }, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_wrap_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrapped("Wrote /a/b.csv  12 kB", 14, 3), ["Wrote", "/a/b.csv  12", "kB"]);
        assert_eq!(wrapped("abcdefgh", 3, 2), ["abc", "def"]);
        assert!(wrapped("漢字", 1, 3).is_empty());
    }

    #[test]
    fn hints_are_in_order_of_use() {
        let hints_of = || hints(Context::List, |_| true, |_| None);
        let keys: Vec<String> = hints_of().into_iter().map(|hint| hint.0).collect();
        assert_eq!(
            (keys.first().map(String::as_str), keys.last().map(String::as_str)),
            (Some("Enter"), Some("?"))
        );
        assert!(
            hints(Context::List, |action| action != Action::Delete, |_| None)
                .iter()
                .all(|hint| hint.0 != "D")
        );
    }
}
