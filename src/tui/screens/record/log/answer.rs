//! The answers to the log tab, and what each is used for.

use super::{Loadable, LogTab, PIECE, Wanted, lines, window::LogWindow};
use crate::{
    error::{ErrorKind, Result},
    model::{format::count_of, outcome::Outcome},
    services::{
        log::{LogAt, LogPiece},
        request::{Answer, Ask, Slot},
    },
    tui::screen::Effect,
};

/// Does the log of such a record open at its end?
pub(super) fn at_end(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Error | Outcome::Running | Outcome::Unfinished)
}

impl LogTab {
    pub(super) fn answer(&mut self, slot: Slot, result: Result<Answer>) -> Vec<Effect> {
        let Some((ask, wanted)) = self.requests.answered(slot) else { return Vec::new() };
        let mut effects = self.took(ask, wanted, result);
        if self.is_idle() && std::mem::take(&mut self.again) {
            effects.extend(self.reload());
        }
        if self.is_idle() && std::mem::take(&mut self.late_news) {
            effects.extend(self.read_news());
        }
        effects
    }

    fn took(&mut self, ask: Ask, wanted: Wanted, result: Result<Answer>) -> Vec<Effect> {
        match (result, ask) {
            (Ok(Answer::Log(piece)), _) => self.piece(wanted, &piece),
            (Ok(Answer::Moment(step)), _) => Self::to_step(step),
            (Ok(Answer::LogNarrow(found)), Ask::LogNarrow { words, context, .. }) => {
                self.narrowed(words, context, found)
            }
            (Ok(_), _) => Vec::new(),
            (Err(e), _) if e.kind() == ErrorKind::Cancelled && self.window.get().is_some() => Vec::new(),
            // Following waits for a log that is not there (any more), without a message at each tick.
            (Err(_), _) if wanted == Wanted::News => Vec::new(),
            (Err(e), _) if wanted == Wanted::Step => Effect::not_found(&e),
            (Err(e), _) => self.window.fail(&e),
        }
    }

    fn piece(&mut self, wanted: Wanted, piece: &LogPiece) -> Vec<Effect> {
        let margin = self.margin() * 2;
        match wanted {
            Wanted::Find { forward } => return self.found(piece.found, piece.wrapped, forward),
            Wanted::Error { forward } => return self.error_found(piece.found, forward),
            Wanted::Step => {}
            Wanted::Line(number) => {
                let line = piece.line.unwrap_or(number);
                self.reader.set_hit(Some(piece.offset));
                let mut effects = self.go(piece.offset, piece.line);
                if line < number {
                    effects.push(Effect::say(format!("The log has {}.", count_of(line, "line", "lines"))));
                }
                return effects;
            }
            Wanted::Above => {
                if let Loadable::There(window) = &mut self.window {
                    window.above(piece, &mut self.reader, margin);
                }
            }
            Wanted::Below | Wanted::News => return self.more(piece, margin, wanted == Wanted::News),
            Wanted::Open(_) | Wanted::Start | Wanted::End => {
                self.replace(piece);
                if piece.offset > 0 || wanted == Wanted::End || matches!(wanted, Wanted::Open(o) if at_end(o))
                {
                    self.reader.bottom();
                }
                if wanted == Wanted::Open(Outcome::Error)
                    && let Some(error) = lines::last_error(self.reader.lines())
                {
                    self.reader.set_hit(self.reader.lines().get(error).map(|line| line.at));
                    self.reader.show(error);
                }
            }
            Wanted::Place { at, line } => {
                self.replace(piece);
                let index = self.reader.lines().partition_point(|l| l.at <= at).saturating_sub(1);
                self.learn(index, line);
                self.show(index, at);
            }
            Wanted::Again { at } => {
                let number = self.line_number();
                self.replace(piece);
                let index = self.reader.lines().partition_point(|l| l.at <= at).saturating_sub(1);
                self.learn(index, number);
                self.reader.change(index, |_| {});
            }
        }
        self.fetch()
    }

    /// What follows the lines; `news` is more than there was when the file was looked at last.
    fn more(&mut self, piece: &LogPiece, margin: usize, news: bool) -> Vec<Effect> {
        let Loadable::There(window) = &mut self.window else { return Vec::new() };
        let stay = news && self.reader.at_bottom();
        if !window.below(piece, &mut self.reader, margin) {
            // Another file under the same name.
            return self.ask(Wanted::End, LogAt::End, PIECE);
        }
        if stay {
            if !window.has_end() {
                return self.ask(Wanted::End, LogAt::End, PIECE);
            }
            self.reader.bottom();
        }
        self.fetch()
    }

    fn replace(&mut self, piece: &LogPiece) {
        let mut window = LogWindow::default();
        window.replace(piece, &mut self.reader);
        self.window = Loadable::There(window);
    }
}
