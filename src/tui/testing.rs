//! For tests: an app that is driven by the names of keys and shows its screen as lines.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use jiff::civil::{DateTime, date};
use ratatui::{buffer::Buffer, layout::Size, style::Style};

use super::{
    app::{App, AppOptions, TerminalOrder},
    clipboard::Between,
    event::Event,
    tab::TabId,
    widgets::testing::lines,
    worker::{Answerer, Worker},
};
use crate::{
    checkpoint::Cx,
    error::Error,
    model::{outcome::Outcome, run::Run},
    services::{
        lab::{Clock, Lab},
        own_files::OwnFiles,
        record_head::RecordHead,
        request::{Answer, Ask},
        run_row::RunRow,
    },
    store,
    style::Theme,
    tui::screen::{Effect, Screen, ScreenCx},
};

#[path = "../../tests/common/memory/mod.rs"]
mod memory;
#[path = "../../tests/common/played.rs"]
pub mod played;
#[cfg(all(unix, feature = "postgres"))]
#[path = "../../tests/common/server.rs"]
#[allow(dead_code, reason = "the test programs use the rest")]
mod server;

/// An app with a fake or a real answerer.
pub struct Harness {
    pub app: App,
    events: Receiver<Event>,
    /// Everything that was sent beside drawing.
    pub orders: Vec<TerminalOrder>,
}

/// Ten minutes after the data folders of the tests were copied: what was killed before is silent, what went on is not.
pub fn copied_at() -> DateTime {
    date(2026, 11, 24).at(3, 14, 20, 0)
}

/// The database of a data folder of the tests: `ivoryos-1.7.2`, `odd` ...
pub fn reference_file(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(set).join("ivoryos_data/ivoryos.db")
}

/// A copy of the newest set's database, which may be changed, and the folder that it is in.
pub fn copied_set() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ivoryos.db");
    std::fs::copy(reference_file("ivoryos-1.7.2"), &file).unwrap();
    (folder, file)
}

/// A lab on this database, without a kept index, at the moment of [`copied_at`].
pub fn lab_of(file: &Path) -> Lab {
    lab_with(file, store::Options::without_cache(), Arc::new(copied_at))
}

/// A lab on this database; in memory where that is wanted.
pub fn lab_with(file: &Path, options: store::Options, clock: Clock) -> Lab {
    memory::lab_where_wanted(file, options, clock).unwrap()
}

/// A lab on a data folder of the tests.
pub fn reference_lab(set: &str) -> Lab {
    lab_of(&reference_file(set))
}

/// The usual options: no colours, Unicode.
pub fn options() -> AppOptions {
    AppOptions {
        opened: "lab-pc:ivoryos_data".to_owned(),
        export_folder: "/out".into(),
        theme: Theme { ascii: false, color: false },
        between: Between::Nothing,
        slow: false,
        title: false,
        bell: false,
        messages: true,
        own: OwnFiles::default(),
        tab: TabId::default(),
        on_server: false,
        wrong: Vec::new(),
    }
}

impl Harness {
    /// Starts the app, and waits for its first answers.
    pub fn new(
        first: Box<dyn Screen>,
        answerer: impl Answerer + Send + 'static,
        width: u16,
        height: u16,
    ) -> Self {
        let mut harness = Harness::unanswered(first, answerer, width, height);
        harness.settle();
        harness
    }

    /// Starts the app and takes no answer yet: what it looks like while it waits.
    pub fn unanswered(
        first: Box<dyn Screen>,
        answerer: impl Answerer + Send + 'static,
        width: u16,
        height: u16,
    ) -> Self {
        Harness::with(options(), first, answerer, Size { width, height })
    }

    /// The same with other options.
    pub fn with(
        options: AppOptions,
        first: Box<dyn Screen>,
        answerer: impl Answerer + Send + 'static,
        size: Size,
    ) -> Self {
        let (sender, events) = channel();
        let worker = Worker::spawn(answerer, sender, Duration::ZERO).unwrap();
        let app = App::new(options, first, worker, size);
        Harness { app, events, orders: Vec::new() }
    }

    /// Presses keys by name (`j`, `Ctrl-d`, `Enter`), waiting for all answers and drawing after each.
    pub fn press(&mut self, keys: &[&str]) -> &mut Self {
        for key in keys {
            self.press_at_once(&[key]);
            self.settle();
        }
        self
    }

    /// Presses keys that were typed ahead: no answer and no drawing between them.
    pub fn press_at_once(&mut self, keys: &[&str]) -> &mut Self {
        for key in keys {
            self.app.handle(Event::Key(key.parse().unwrap()));
        }
        self
    }

    /// Types a text, a key for each character.
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.app.handle(Event::Key(super::key::Key::char(c)));
            self.settle();
        }
        self
    }

    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.app.handle(Event::Resize(Size { width, height }));
        self.settle();
        self
    }

    pub fn handle(&mut self, event: Event) -> &mut Self {
        self.app.handle(event);
        self.settle();
        self
    }

    /// Waits until every request has its answer, draws as the loop does, and sends [`Event::Rest`].
    pub fn settle(&mut self) {
        self.answers();
        self.draw();
        // Seeing something can ask for more, and so can rest.
        self.answers();
        while self.app.wants().rest {
            self.app.handle(Event::Rest);
            self.answers();
        }
    }

    /// Waits until every request has its answer.
    pub fn answers(&mut self) {
        while self.app.waits() > 0 {
            self.next();
        }
    }

    /// Waits for one event of the worker.
    pub fn next(&mut self) {
        let event = self.events.recv_timeout(Duration::from_secs(60)).expect("the worker answers");
        self.app.handle(event);
    }

    fn draw(&mut self) {
        self.orders.extend(self.app.take_orders());
        self.app.view();
        self.app.drawn();
    }

    pub fn buffer(&self) -> Buffer {
        self.app.view()
    }

    /// The screen, a string for each line, with white space at the end removed.
    pub fn lines(&self) -> Vec<String> {
        lines(&self.buffer()).iter().map(|line| line.trim_end().to_owned()).collect()
    }

    /// The screen as one text.
    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// The style of a cell.
    pub fn style(&self, x: u16, y: u16) -> Style {
        self.buffer().cell((x, y)).unwrap().style()
    }
}

/// The surroundings of a screen that is driven without an app.
pub fn cx() -> ScreenCx<'static> {
    ScreenCx {
        opened: "x",
        export_folder: Path::new("/out"),
        ascii: true,
        slow: false,
        follows: false,
        tab: TabId::default(),
    }
}

/// Does an overlay go away with this?
pub fn closes(effects: &[Effect]) -> bool {
    matches!(effects, [Effect::Close, ..])
}

/// What an overlay wants beside going away.
pub fn behind(effects: &[Effect]) -> &[Effect] {
    match effects {
        [Effect::Close, rest @ ..] => rest,
        all => all,
    }
}

/// THE fake answerer: what a test has to say, and to all else the usual answers of a made lab, which has the records
/// that [`MADE`] holds and nothing in them.
pub fn fake(own: impl Fn(&Ask) -> Option<Answer> + Send + 'static) -> impl Answerer + Send + 'static {
    move |ask: &Ask, _: &mut Cx<'_>| match (own(ask), ask) {
        (Some(answer), _) => Ok(answer),
        (None, Ask::Record { run }) => Ok(Answer::Record(Box::new(made_head(*run)))),
        (None, Ask::Exists { run }) => Ok(Answer::Exists(MADE.contains(run))),
        (None, Ask::Neighbour { from, forward, .. }) => {
            Ok(Answer::Neighbour(Some(if *forward { from + 1 } else { from - 1 })))
        }
        (None, other) => Err(Error::Refused(format!("{other:?} is not here"))),
    }
}

fn made_head(run: i64) -> RecordHead {
    RecordHead { row: Some(made_row(run)), progress: None, as_of: copied_at() }
}

/// The records of the fake's lab.
pub const MADE: Range<i64> = 6..90;

/// A record of the fake's lab.
pub fn made_row(run: i64) -> RunRow {
    let run = Run { id: run, name: "made".into(), ..Run::default() };
    RunRow {
        run,
        outcome: Outcome::Completed,
        took: None,
        stopped_in_error: false,
        standing: None,
        mark: None,
        unread: false,
    }
}

/// The screens and the services need nothing of SQLite: none of their tests has to be left out.
#[test]
fn the_screens_stand_on_any_source() {
    memory::run_again(&["tui::screens", "tui::app", "services::"], 150);
}

/// The same with the records on a server: what follows, marks, deletes, and reads many rows.
#[cfg(all(unix, feature = "postgres"))]
#[test]
fn the_screens_stand_on_a_server() {
    let screens = [
        "tui::app",
        "tui::screens::records::tests::follow",
        "tui::screens::records::tests::marks",
        "tui::screens::record::table",
        "tui::screens::trash",
        "tui::screens::calls",
        "services::watch",
    ];
    // It is of a file from before phases existed.
    memory::run_again_on_server(&screens, &["a_lab_without_calls_says_so"], 95);
}
