//! The overlays: they are drawn over a screen and take its keys until they are closed.

pub mod agreed;
pub mod confirm;
pub mod export;
pub mod export_calls;
mod export_folder;
mod export_menu;
pub mod export_picked;
mod file_menu;
pub mod filter_menu;
mod folders;
pub mod help;
pub mod kept_views;
pub mod mark_keys;
pub mod marking;
pub mod menu;
mod note;
pub mod prompt;

use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
    symbols::border,
    widgets::{Block, Clear, Padding, Widget},
};

use crate::{model::sanitize, style::Theme};

pub use confirm::Confirm;
pub use export::RecordExport;
pub use export_calls::CallsExport;
pub use export_menu::ExportMenu;
pub use export_picked::PickedExport;
pub use filter_menu::FilterMenu;
pub use help::Help;
pub use marking::Marking;
pub use menu::{Menu, MenuEntry};
pub use note::NoteEditor;
pub use prompt::Prompt;

/// Clears the area of an overlay; a wide character that would lose its right half is cleared too.
fn cover(at: Rect, buf: &mut Buffer) {
    let at = at.intersection(buf.area);
    Clear.render(at, buf);
    if let Some(x) = at.x.checked_sub(1).filter(|x| *x >= buf.area.x) {
        for y in at.y..at.bottom() {
            if let Some(cell) = buf.cell_mut((x, y))
                && sanitize::width(cell.symbol()) > 1
            {
                cell.set_symbol(" ");
            }
        }
    }
}

/// The frame around an overlay.
fn frame(theme: &Theme) -> Block<'static> {
    let block = Block::bordered().padding(Padding::horizontal(1));
    if theme.ascii { block.border_set(ASCII_FRAME) } else { block }
}

const ASCII_FRAME: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// A box of this size in the middle, or as much as there is.
pub fn centred(area: Rect, size: Size) -> Rect {
    let width = size.width.min(area.width);
    let height = size.height.min(area.height);
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_half_character_is_left_beside_an_overlay() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 1));
        buf.set_string(0, 0, "漢字漢", ratatui::style::Style::new());
        cover(Rect::new(3, 0, 2, 1), &mut buf);
        let symbols: Vec<_> = (0..6).map(|x| buf.cell((x, 0)).unwrap().symbol().to_owned()).collect();
        assert_eq!(symbols.get(..5).unwrap(), ["漢", " ", " ", " ", " "]);
    }
}
