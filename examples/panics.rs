//! A screen that panics at the first key: shows (and lets a test see) that the terminal is given back first.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use ivorylens::{
    checkpoint::Checkpoint,
    error::Result,
    services::request::{Answer, Ask},
    style::Theme,
    tui::{
        action::Action,
        app::Options,
        clipboard::Between,
        keymap::Context,
        screen::{Cx, Effect, Input, Screen},
    },
};

#[derive(Debug)]
struct Trap;

impl Screen for Trap {
    fn context(&self) -> Context {
        Context::List
    }

    fn can(&self, _: Action) -> bool {
        true
    }

    #[expect(clippy::panic, reason = "this is what it is for")]
    fn update(&mut self, input: Input, _: &Cx<'_>) -> Vec<Effect> {
        if let Input::Action(action) = input {
            panic!("a screen failed at {action:?}");
        }
        Vec::new()
    }

    fn view(&self, _: &Theme, area: Rect, buf: &mut Buffer) {
        buf.set_string(area.x, area.y, "press j", Style::new());
    }
}

fn main() -> Result<()> {
    let options = Options {
        opened: "nothing".to_owned(),
        export_folder: ".".into(),
        theme: Theme { ascii: false, color: false },
        between: Between::Nothing,
        slow: false,
    };
    let nothing = |_: &Ask, _: &mut dyn Checkpoint| -> Result<Answer> { Ok(Answer::Changed(false)) };
    ivorylens::tui::run(options, Box::new(Trap), nothing).map(drop)
}
