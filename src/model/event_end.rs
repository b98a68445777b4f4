//! What the end of a record's events says: that it waits for somebody, or that an error was its last turn.

use super::value::{Cell, RawCell, Value};

/// What the last of a record's events say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventEnd {
    /// The last event is a pause, an intervention or an error: nothing goes on before somebody does something.
    pub waits: bool,
    /// Behind the last error the record neither tried again nor went on.
    pub in_error: bool,
}

impl EventEnd {
    /// Of a record's events as they are stored; what is no list of events says nothing.
    pub fn of(events: &RawCell) -> Self {
        let Cell::Json(Value::List(all)) = events.read() else { return Self::default() };
        let mut end = Self::default();
        for event in &all {
            let Value::Dict(event) = event else { continue };
            if let Some(Value::Str(kind)) = event.get("kind") {
                end.see(kind.as_str().unwrap_or_default());
            }
        }
        end
    }

    /// Takes the next event's kind.
    pub fn see(&mut self, kind: &str) {
        self.waits = matches!(kind, "paused" | "intervention" | "error");
        match kind {
            "error" => self.in_error = true,
            "retried" | "resumed" => self.in_error = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(kinds: &[&str]) -> (bool, bool) {
        let events: Vec<String> = kinds.iter().map(|kind| format!("{{\"kind\": \"{kind}\"}}")).collect();
        let cell = RawCell(Some(format!("[{}]", events.join(", ")).into_bytes().into()));
        let end = EventEnd::of(&cell);
        (end.waits, end.in_error)
    }

    #[test]
    fn the_last_events_tell_who_waits_and_what_ended_in_an_error() {
        assert_eq!(end(&[]), (false, false));
        assert_eq!(end(&["paused"]), (true, false));
        assert_eq!(end(&["paused", "resumed"]), (false, false));
        assert_eq!(end(&["intervention"]), (true, false));
        assert_eq!(end(&["error"]), (true, true));
        assert_eq!(end(&["error", "retried"]), (false, false));
        assert_eq!(end(&["error", "retried", "error", "stop_now"]), (false, true));
        assert_eq!(end(&["error", "resumed", "paused", "stop_now"]), (false, false));
        for odd in ["7", "[", "[1, {}, {\"kind\": null}]", "{\"kind\": \"error\"}"] {
            let cell = RawCell(Some(odd.as_bytes().into()));
            assert_eq!(EventEnd::of(&cell), EventEnd::default(), "{odd}");
        }
        assert_eq!(EventEnd::of(&RawCell(None)), EventEnd::default());
    }
}
