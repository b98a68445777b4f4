//! Copies that a program takes: handed over by a thread of its own, so that one that hangs stops no key.

use std::{
    ffi::OsString,
    io::Write,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use super::{
    clipboard::{CopyTaker, CopyText},
    event::Event,
};

/// A program that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two looks whether it is done.
const A_MOMENT: Duration = Duration::from_millis(5);

/// Hands copies over one after the other, and tells of each by [`Event::Copied`].
#[derive(Debug)]
pub struct Copier {
    /// In the place of the taker's own program, for tests.
    program: Option<OsString>,
    patience: Duration,
    events: Sender<Event>,
    /// The thread's end of the line; it is started by the first copy.
    line: Option<Sender<(CopyText, CopyTaker)>>,
}

impl Copier {
    pub fn new(events: Sender<Event>) -> Self {
        Copier { program: None, patience: PATIENCE, events, line: None }
    }

    /// Begins to hand a copy over.
    pub fn hand(&mut self, copy: CopyText, taker: CopyTaker) {
        let line = self.line.get_or_insert_with(|| {
            let (line, copies) = channel();
            let (program, patience, events) = (self.program.clone(), self.patience, self.events.clone());
            let hand = move || hand_all(&copies, program.as_ref(), patience, &events);
            // Without a thread the line is dead, and the copy goes another way below.
            let _ = thread::Builder::new().name("copies".to_owned()).spawn(hand);
            line
        });
        if let Err(unsent) = line.send((copy, taker)) {
            let _ = self.events.send(Event::Copied { copy: unsent.0.0, taken: false });
        }
    }
}

fn hand_all(
    copies: &Receiver<(CopyText, CopyTaker)>,
    program: Option<&OsString>,
    patience: Duration,
    events: &Sender<Event>,
) {
    for (copy, taker) in copies {
        let (own, args) = taker.program();
        let mut command = Command::new(program.map_or(own.as_ref(), OsString::as_os_str));
        let taken = load(command.args(args), taker.bytes(&copy.text), patience);
        if events.send(Event::Copied { copy, taken }).is_err() {
            return;
        }
    }
}

/// Has a program read a text; did it read all, and end well?
fn load(command: &mut Command, text: Vec<u8>, patience: Duration) -> bool {
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    let written = child.stdin.take().map(|mut stdin| {
        // Ends with the child, which reads all or closes its end.
        thread::Builder::new().name("copy".to_owned()).spawn(move || stdin.write_all(&text).is_ok())
    });
    let ends_well = waited(&mut child, patience);
    let all =
        written.and_then(Result::ok).is_some_and(|writing| ends_well && writing.join().unwrap_or(false));
    ends_well && all
}

/// Did it end well in time? It is gone in any case.
fn waited(child: &mut Child, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < until => thread::sleep(A_MOMENT),
            _ => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

#[cfg(test)]
mod tests {
    /// Programs are scripts of a shell.
    #[cfg(unix)]
    mod unix {
        use std::{fs, os::unix::fs::PermissionsExt};

        use super::super::*;

        /// What comes of a copy where `tmux` is this script; its standard input and arguments lie in the folder.
        fn copied(script: &str, text: &str, patience: Duration) -> (bool, String) {
            let folder = tempfile::tempdir().unwrap();
            let program = folder.path().join("tmux");
            let taken = folder.path().join("taken");
            fs::write(&program, format!("#!/bin/sh\nTAKEN='{}'\n{script}\n", taken.display())).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            let (events, received) = channel();
            let mut copier = Copier { program: Some(program.into()), patience, events, line: None };
            let copy = CopyText { what: "row".to_owned(), text: text.to_owned() };
            copier.hand(copy.clone(), CopyTaker::Tmux);
            let Ok(Event::Copied { copy: told, taken: is_taken }) = received.recv() else {
                panic!("no word")
            };
            assert_eq!(told, copy);
            (is_taken, fs::read_to_string(taken).unwrap_or_default())
        }

        #[test]
        fn tmux_gets_the_whole_text_whatever_is_in_it() {
            let text = format!("$HOME; `x`\n{}\u{1b}é", "y".repeat(70_000));
            let script = "echo \"$*\" > \"$TAKEN\"; cat >> \"$TAKEN\"";
            assert_eq!(copied(script, &text, PATIENCE), (true, format!("load-buffer -w -\n{text}")));
        }

        #[test]
        fn a_tmux_that_refuses_is_told() {
            assert!(!copied("echo 'unknown option -- w' >&2; exit 1", &"x".repeat(70_000), PATIENCE).0);
            assert!(!copied("exec 0<&-; exit 0", &"x".repeat(70_000), PATIENCE).0, "it did not read all");
        }

        /// It neither reads nor ends.
        #[test]
        fn a_tmux_that_hangs_is_given_up() {
            assert!(!copied("exec sleep 1000", &"x".repeat(70_000), Duration::ZERO).0);
        }

        #[test]
        fn without_tmux_the_copy_goes_another_way() {
            let (events, received) = channel();
            let mut copier = Copier::new(events);
            copier.program = Some("/nowhere/tmux".into());
            copier.hand(CopyText { what: "id".to_owned(), text: "1".to_owned() }, CopyTaker::Tmux);
            assert!(matches!(received.recv(), Ok(Event::Copied { taken: false, .. })));
        }
    }
}
