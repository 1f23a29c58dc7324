//! Server-sent events as the stream of answers that they carry.

use super::answer::{message, skimmed};
use super::{HttpBody, too_large};
use crate::Result;
use crate::platform::BoxFuture;
use crate::sse::{Decoder, SseEvent};
use crate::text::number;
use crate::transport::{Batch, Event, EventKind, Events};
use alloc::boxed::Box;

pub(super) struct SseEvents {
    body: Box<dyn HttpBody>,
    decoder: Decoder,
    max_event_bytes: usize,
    of_task: bool,
    /// Whether somebody else parses the chunks' payloads.
    parsed_later: bool,
}

impl SseEvents {
    pub(super) fn new(
        body: Box<dyn HttpBody>,
        max_event_bytes: usize,
        of_task: bool,
        parsed_later: bool,
    ) -> Self {
        Self {
            body,
            decoder: Decoder::new(max_event_bytes),
            max_event_bytes,
            of_task,
            parsed_later,
        }
    }

    fn decode(&mut self) -> Batch {
        let mut batch = Batch::default();
        loop {
            let event = match self.decoder.next_event() {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(_) => {
                    batch.failure = Some(too_large(self.max_event_bytes));
                    break;
                }
            };
            match read(&event, self.of_task, self.parsed_later) {
                Ok(Some(event)) => batch.events.push(event),
                Ok(None) => {}
                Err(error) => {
                    batch.failure = Some(error);
                    break;
                }
            }
        }
        batch.retry_ms = self.decoder.retry();
        batch
    }
}

/// Reads an event; one that is not of a stream, or of a task, is not looked into.
fn read(event: &SseEvent<'_>, of_task: bool, parsed_later: bool) -> Result<Option<Event>> {
    let kind = match (event.name, of_task) {
        ("" | "chunk", false) => EventKind::Chunk,
        ("done", false) => EventKind::Done,
        ("error", false) => EventKind::Error,
        ("status", true) => EventKind::Status,
        _ => return Ok(None),
    };
    let message = match kind {
        EventKind::Chunk if parsed_later => skimmed(&event.data),
        _ => message(&event.data),
    };
    Ok(Some(Event {
        kind,
        sequence: Some(event.id.map_or(0, sequence)),
        message: message?,
    }))
}

/// The sequence that an id is: no sign, no leading zero. 0 where it is none.
fn sequence(id: &str) -> u64 {
    match id.starts_with('0') {
        true => 0,
        false => number(id.as_bytes()).unwrap_or(0),
    }
}

impl Events for SseEvents {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async move {
            let Some(bytes) = self.body.read().await? else {
                return Ok(None);
            };
            self.decoder.push(bytes);
            Ok(Some(self.decode()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::sequence;

    #[test]
    fn an_id_is_a_sequence_as_one_writes_it() {
        assert_eq!(sequence("1"), 1);
        assert_eq!(sequence("120"), 120);
        assert_eq!(sequence("18446744073709551615"), u64::MAX);
        for none in ["", "0", "03", "+3", "-3", " 3", "3 ", "3.0", "x"] {
            assert_eq!(sequence(none), 0, "{none:?}");
        }
    }
}
