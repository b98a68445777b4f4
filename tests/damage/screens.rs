//! The true screens on a lab: keys that go through every tab, and what was on them.

use std::{
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use ratatui::{buffer::Buffer, layout::Size};

use ivorylens::{
    model::query::ListQuery,
    services::{lab::Lab, own_files::OwnFiles},
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

/// Through the list, the tabs of a record, and back.
const KEYS: &str = "j e s Enter 2 e j Enter 3 j 4 5 Enter Esc 6 7 Esc / a Enter Esc G Enter 2 ]";

/// Everything that was on the screens, one after the other.
pub fn walk(lab: Lab) -> String {
    let (sender, events) = channel();
    let worker = Worker::spawn(lab, sender, Duration::ZERO).unwrap();
    let first: Box<dyn Screen> = Box::new(Records::new(ListQuery::default(), start::record));
    let options = AppOptions {
        on_server: false,
        wrong: Vec::new(),
        opened: "lab".to_owned(),
        export_folder: ".".into(),
        theme: Theme { ascii: false, color: false },
        between: Between::Nothing,
        slow: false,
        title: false,
        bell: false,
        messages: false,
        own: OwnFiles::default(),
        tab: TabId::default(),
    };
    let mut app = App::new(options, first, worker, Size { width: 120, height: 40 });
    let mut seen = String::new();
    settle(&mut app, &events, &mut seen);
    for key in KEYS.split(' ') {
        app.handle(Event::Key(key.parse().unwrap()));
        settle(&mut app, &events, &mut seen);
    }
    seen
}

fn settle(app: &mut App, events: &Receiver<Event>, seen: &mut String) {
    loop {
        while app.waits() > 0 {
            // Somebody else bounds the wait.
            app.handle(events.recv().unwrap());
        }
        app.drawn();
        app.take_orders();
        seen.push_str(&text(&app.view()));
        if !app.wants().rest {
            return;
        }
        app.handle(Event::Rest);
    }
}

fn text(screen: &Buffer) -> String {
    let width = usize::from(screen.area.width);
    let cells: Vec<&str> = screen.content().iter().map(ratatui::buffer::Cell::symbol).collect();
    cells.chunks(width).map(|line| line.concat() + "\n").collect()
}
