//! Colours and glyphs: what the terminal can, and what each kind of text looks like in it.

use ratatui::style::{Color, Modifier, Style};

use crate::{model::map_cell::MapCell, platform::terminal::SHOWS_UNICODE};

/// What a piece of text is; the theme says what that looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Role {
    #[default]
    Normal,
    /// Secondary: units, column heads, what is not there yet.
    Dim,
    Accent,
    /// Only for what failed, or needs somebody.
    Failed,
    Good,
    /// Titles.
    Heading,
    /// The bar at the left of the selected row.
    Selected,
    /// News in the bottom line.
    Message,
    /// Words that a search found.
    Hit,
    /// The one of them where the search stands.
    CurrentHit,
    /// A key in the footer or in the help.
    Key,
    /// A curve of a chart, counted from 0.
    Series(usize),
}

/// What a cell of the map looks like: each state has a colour of its own.
pub fn cell_role(cell: MapCell) -> Role {
    match cell {
        MapCell::Failed => Role::Failed,
        MapCell::Running => Role::Selected,
        MapCell::Retried => Role::Series(2),
        MapCell::Slow => Role::Series(1),
        MapCell::Ok => Role::Series(3),
        MapCell::Unreached => Role::Dim,
        MapCell::None => Role::Normal,
    }
}

/// What the user asked for with `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    pub const ALL: [ColorChoice; 3] = [ColorChoice::Auto, ColorChoice::Always, ColorChoice::Never];

    pub fn word(self) -> &'static str {
        match self {
            ColorChoice::Auto => "auto",
            ColorChoice::Always => "always",
            ColorChoice::Never => "never",
        }
    }
}

/// What the terminal can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Only ASCII glyphs of our own; the data's text stays as it is.
    pub ascii: bool,
    pub color: bool,
}

/// No red: that is for what failed.
const SERIES: [Color; 6] =
    [Color::Cyan, Color::Magenta, Color::Yellow, Color::Green, Color::Blue, Color::LightMagenta];

impl Theme {
    /// `env` looks up an environment variable.
    ///
    /// ASCII where asked for, where the locale (`LC_ALL`, else `LC_CTYPE`, else `LANG`) is unset, C or POSIX or
    /// names an encoding other than UTF-8, and on terminals whose font has no braille.
    /// No colours with `NO_COLOR` or on a dumb terminal, unless they are asked for.
    pub fn detect(env: impl Fn(&str) -> Option<String>, ascii: bool, choice: ColorChoice) -> Self {
        let set = |name| env(name).filter(|v: &String| !v.is_empty());
        let term = set("TERM").unwrap_or_default();
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => set("NO_COLOR").is_none() && term != "dumb" && !term.starts_with("vt"),
        };
        Self { ascii: ascii || Self::only_ascii(env).is_some(), color }
    }

    /// The variable for which there is nothing but ASCII: the terminal's font or the locale has no more.
    pub fn only_ascii(env: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
        let set = |name| env(name).filter(|v: &String| !v.is_empty());
        let term = set("TERM").unwrap_or_default();
        if ["dumb", "linux", "vt100", "vt102", "vt220", "ansi", "cons25"].contains(&term.as_str()) {
            return Some("TERM");
        }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, set(name)?)));
        let (name, locale) = locale.map_or(("LANG", None), |(name, locale)| (name, Some(locale)));
        (!speaks_utf8(locale.as_deref())).then_some(name)
    }

    pub fn style(&self, kind: Role) -> Style {
        let plain = Style::new();
        let coloured = |color: Color| if self.color { plain.fg(color) } else { plain };
        match kind {
            Role::Normal | Role::Message => plain,
            Role::Dim => plain.add_modifier(Modifier::DIM),
            Role::Accent | Role::Good => coloured(Color::Cyan),
            Role::Failed => coloured(Color::Red).add_modifier(Modifier::BOLD),
            Role::Heading => plain.add_modifier(Modifier::BOLD),
            Role::Selected | Role::Key => coloured(Color::Cyan).add_modifier(Modifier::BOLD),
            Role::Hit => coloured(Color::Cyan).add_modifier(Modifier::UNDERLINED),
            Role::CurrentHit => plain.add_modifier(Modifier::REVERSED),
            Role::Series(i) => coloured(SERIES.get(i % SERIES.len()).copied().unwrap_or_default()),
        }
    }

    /// The same as escape codes, for lines that are printed.
    pub fn ansi(&self, kind: Role) -> anstyle::Style {
        let style = self.style(kind);
        let color = style.fg.and_then(|color| match color {
            Color::Red => Some(anstyle::AnsiColor::Red),
            Color::Cyan => Some(anstyle::AnsiColor::Cyan),
            Color::Magenta => Some(anstyle::AnsiColor::Magenta),
            Color::Yellow => Some(anstyle::AnsiColor::Yellow),
            Color::Green => Some(anstyle::AnsiColor::Green),
            _ => None,
        });
        let has = |modifier| style.add_modifier.contains(modifier);
        let mut ansi = anstyle::Style::new().fg_color(color.map(anstyle::Color::Ansi));
        for (modifier, effect) in [
            (Modifier::BOLD, anstyle::Effects::BOLD),
            (Modifier::DIM, anstyle::Effects::DIMMED),
            (Modifier::UNDERLINED, anstyle::Effects::UNDERLINE),
            (Modifier::REVERSED, anstyle::Effects::INVERT),
        ] {
            if has(modifier) {
                ansi = ansi.effects(ansi.get_effects() | effect);
            }
        }
        ansi
    }

    fn pick(&self, glyph: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { glyph }
    }

    /// The mark at the left of the selected row, one column.
    pub fn bar(&self) -> &'static str {
        self.pick("▌", ">")
    }

    /// Beside a record that is marked for an action, and beside one that a range would mark, one column.
    pub fn picked(&self, is_kept: bool) -> &'static str {
        if is_kept { self.pick("◆", "M") } else { self.pick("◇", "m") }
    }

    /// Of a record with a star, one column.
    pub fn star(&self) -> &'static str {
        self.pick("★", "*")
    }

    /// Of a record with a note, one column.
    pub fn note(&self) -> &'static str {
        self.pick("✎", "n")
    }

    /// In front of what can be closed (`true`) or opened.
    pub fn fold(&self, open: bool) -> &'static str {
        if open { self.pick("▾", "-") } else { self.pick("▸", "+") }
    }

    /// Where text was cut, and for what is not there yet.
    pub fn ellipsis(&self) -> &'static str {
        self.pick("…", "..")
    }

    /// In front of how many columns are out of sight at the left.
    pub fn more_left(&self) -> &'static str {
        self.pick("‹", "<")
    }

    /// In front of how many columns are out of sight at the right.
    pub fn more_right(&self) -> &'static str {
        self.pick("›", ">")
    }

    /// In front of what was written over something else in its line, two columns.
    pub fn written_over(&self) -> &'static str {
        self.pick("↻ ", "~ ")
    }

    /// In front of the word for following.
    pub fn following(&self) -> &'static str {
        self.pick("►", ">")
    }

    pub fn rule(&self) -> &'static str {
        self.pick("─", "-")
    }

    pub fn upright_rule(&self) -> &'static str {
        self.pick("│", "|")
    }

    /// Between facts on one line.
    pub fn dot(&self) -> &'static str {
        self.pick("·", "-")
    }

    pub fn arrow(&self) -> &'static str {
        self.pick("→", "->")
    }

    /// Which way a column is sorted.
    pub fn sorted(&self, ascending: bool) -> &'static str {
        if ascending { self.pick("▴", "^") } else { self.points_down() }
    }

    /// Above what is meant.
    pub fn points_down(&self) -> &'static str {
        self.pick("▾", "v")
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self { ascii: false, color: true }
    }
}

fn speaks_utf8(locale: Option<&str>) -> bool {
    let Some(locale) = locale else { return SHOWS_UNICODE };
    let name = locale.split('@').next().unwrap_or_default();
    match name.split_once('.') {
        Some((_, encoding)) => ["utf-8", "utf8"].contains(&encoding.to_ascii_lowercase().as_str()),
        None => name != "C" && name != "POSIX",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(vars: &[(&str, &str)], ascii: bool, choice: ColorChoice) -> Theme {
        let find = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Theme::detect(find, ascii, choice)
    }

    const LAB: (&str, &str) = ("LANG", "en_US.UTF-8");
    const TERM: (&str, &str) = ("TERM", "xterm-256color");

    #[test]
    fn a_usual_terminal_has_colours_and_braille() {
        assert_eq!(detect(&[LAB, TERM], false, ColorChoice::Auto), Theme { ascii: false, color: true });
        assert!(!detect(&[("LANG", "C.utf8"), TERM], false, ColorChoice::Auto).ascii);
        assert!(!detect(&[("LANG", "de_DE"), TERM], false, ColorChoice::Auto).ascii);
    }

    #[test]
    fn ascii_when_asked_or_when_the_locale_or_font_has_no_more() {
        assert!(detect(&[LAB, TERM], true, ColorChoice::Auto).ascii);
        for locale in ["C", "POSIX", "de_DE.ISO-8859-1", "de_DE.iso88591@euro"] {
            assert!(detect(&[("LANG", locale), TERM], false, ColorChoice::Auto).ascii, "{locale}");
        }
        assert!(detect(&[LAB, ("LC_ALL", "C"), TERM], false, ColorChoice::Auto).ascii);
        assert!(
            !detect(&[("LANG", "C"), ("LC_ALL", ""), ("LC_CTYPE", "en_GB.UTF-8")], false, ColorChoice::Auto)
                .ascii
        );
        assert!(detect(&[LAB, ("TERM", "linux")], false, ColorChoice::Auto).ascii);
    }

    #[test]
    fn no_color_is_obeyed_unless_colours_are_asked_for() {
        let vars = [LAB, TERM, ("NO_COLOR", "1")];
        assert!(!detect(&vars, false, ColorChoice::Auto).color);
        assert!(detect(&vars, false, ColorChoice::Always).color);
        assert!(!detect(&[LAB, TERM], false, ColorChoice::Never).color);
        assert!(detect(&[LAB, TERM, ("NO_COLOR", "")], false, ColorChoice::Auto).color);
        assert!(!detect(&[LAB, ("TERM", "dumb")], false, ColorChoice::Auto).color);
    }

    #[test]
    fn without_colours_no_style_has_one_and_ascii_glyphs_are_ascii() {
        let plain = Theme { ascii: true, color: false };
        for kind in [Role::Accent, Role::Failed, Role::Selected, Role::Hit, Role::Series(4)] {
            assert_eq!(plain.style(kind).fg, None, "{kind:?}");
        }
        let glyphs = [
            plain.bar(),
            plain.picked(true),
            plain.picked(false),
            plain.fold(true),
            plain.fold(false),
            plain.ellipsis(),
            plain.rule(),
            plain.upright_rule(),
            plain.dot(),
            plain.following(),
            plain.arrow(),
            plain.sorted(true),
            plain.sorted(false),
        ];
        assert!(glyphs.iter().all(|g| g.is_ascii()));
    }
}
