//! Draws real screens of the made-up lab as SVG pictures for the README: `cargo run --example picture -- docs/pictures`.

use std::{error::Error, fmt::Write as _, fs, path::Path, sync::mpsc::channel, time::Duration};

use jiff::civil::{DateTime, date};
use ratatui::{
    buffer::{Buffer, Cell},
    layout::Size,
    style::{Color, Modifier},
};

use ivorylens::{
    checkpoint::Cx,
    demo::{Plan, make},
    formats::svg::escape,
    model::query::ListQuery,
    services::{lab::Lab, own_files::OwnFiles},
    store::Options as StoreOptions,
    style::Theme,
    tui::{
        app::{App, AppOptions},
        clipboard::Between,
        event::Event,
        screen::Screen,
        screens::records::Records,
        start,
        tab::TabId,
        worker::Worker,
    },
};

/// A picture: its file, the size of the terminal, the keys that lead there.
const PICTURES: [(&str, Size, &str); 6] = [
    ("why", Size { width: 110, height: 28 }, "e"),
    ("records", Size { width: 110, height: 26 }, ""),
    ("preview", Size { width: 150, height: 30 }, "j j"),
    ("steps", Size { width: 110, height: 26 }, "e Enter"),
    ("map", Size { width: 110, height: 18 }, ": 5 7 Enter 4"),
    ("chart", Size { width: 110, height: 26 }, ": 1 7 Enter 5 Enter"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name the folder for the pictures")?;
    fs::create_dir_all(&folder)?;
    let now = date(2026, 11, 24).at(7, 2, 11, 0);
    let home = tempfile::tempdir()?;
    let data = home.path().join("ivoryos_data");
    make(&Plan::demo(now), &data)?;
    for (name, size, keys) in PICTURES {
        let picture = screen(&data, now, size, keys)?;
        fs::write(Path::new(&folder).join(format!("{name}.svg")), svg(&picture))?;
    }
    Ok(())
}

/// The screen after some keys, each with all its answers.
fn screen(data: &Path, now: DateTime, size: Size, keys: &str) -> Result<Buffer, Box<dyn Error>> {
    let clock = std::sync::Arc::new(move || now);
    let lab = Lab::open(&data.join("ivoryos.db"), StoreOptions::default(), false, clock)?;
    // Nobody has asked for a while: all is counted.
    while lab.idle(&mut Cx::quiet()).is_some_and(|idle| idle.pause.is_some()) {}
    let options = AppOptions {
        on_server: false,
        wrong: Vec::new(),
        opened: "lab-pc:ivoryos_data".to_owned(),
        export_folder: ".".into(),
        theme: Theme { ascii: false, color: true },
        between: Between::Nothing,
        slow: false,
        title: false,
        bell: false,
        messages: false,
        own: OwnFiles::default(),
        tab: TabId::default(),
    };
    let (sender, events) = channel();
    let worker = Worker::spawn(lab, sender, Duration::ZERO)?;
    let first: Box<dyn Screen> = Box::new(Records::new(ListQuery::default(), start::record));
    let mut app = App::new(options, first, worker, size);
    let settle = |app: &mut App| -> Result<(), Box<dyn Error>> {
        loop {
            while app.waits() > 0 {
                app.handle(events.recv_timeout(Duration::from_secs(60))?);
            }
            app.drawn();
            app.take_orders();
            app.handle(Event::Rest);
            if app.waits() == 0 {
                return Ok(());
            }
        }
    };
    settle(&mut app)?;
    for key in keys.split_whitespace() {
        app.handle(Event::Key(key.parse()?));
        settle(&mut app)?;
    }
    Ok(app.view())
}

const CELL: (usize, usize) = (9, 19);
const INK: &str = "#d8dee9";
const DIM: &str = "#7d8799";
const PAPER: &str = "#1c2128";

fn svg(screen: &Buffer) -> String {
    let (columns, rows) = (usize::from(screen.area.width), usize::from(screen.area.height));
    let (width, height) = (columns * CELL.0 + 20, rows * CELL.1 + 20);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" \
         font-size=\"15\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n"
    );
    for y in 0..screen.area.height {
        let mut x = 0;
        while x < screen.area.width {
            let Some(first) = screen.cell((x, y)) else { break };
            let (look, start, mut text) = (Look::of(first), x, String::new());
            while let Some(cell) = screen.cell((x, y)).filter(|c| Look::of(c) == look) {
                text.push_str(cell.symbol());
                x += 1;
            }
            run(&mut out, &look, (usize::from(start), usize::from(y)), &text);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// How a run of cells looks.
#[derive(PartialEq)]
struct Look {
    ink: &'static str,
    bold: bool,
    reversed: bool,
    underlined: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let dim = cell.modifier.contains(Modifier::DIM);
        let ink = match cell.fg {
            Color::Red | Color::LightRed => "#ff6b6b",
            Color::Green | Color::LightGreen => "#8fce72",
            Color::Yellow | Color::LightYellow => "#e5c07b",
            Color::Blue | Color::LightBlue => "#6cb2f7",
            Color::Magenta | Color::LightMagenta => "#d38aea",
            Color::Cyan | Color::LightCyan => "#56c8d8",
            _ if dim => DIM,
            _ => INK,
        };
        Self {
            ink,
            bold: cell.modifier.contains(Modifier::BOLD),
            reversed: cell.modifier.contains(Modifier::REVERSED),
            underlined: cell.modifier.contains(Modifier::UNDERLINED),
        }
    }
}

fn run(out: &mut String, look: &Look, (x, y): (usize, usize), text: &str) {
    let (left, top, columns) = (x * CELL.0 + 10, y * CELL.1 + 10, text.chars().count());
    if look.reversed {
        let wide = columns * CELL.0;
        let _ = writeln!(
            out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{}\" fill=\"{}\"/>",
            CELL.1, look.ink
        );
    }
    if text.trim().is_empty() {
        return;
    }
    let ink = if look.reversed { PAPER } else { look.ink };
    let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
    let line = if look.underlined { " text-decoration=\"underline\"" } else { "" };
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"{}\" fill=\"{ink}\"{weight}{line} xml:space=\"preserve\" textLength=\"{}\">{}</text>",
        top + 14,
        columns * CELL.0,
        escape(text)
    );
}
