//! One reader of a stream.

use std::sync::Arc;
use std::time::Duration;

use ancp_core::Json;
use ancp_core::message::{Caller as CallerMeta, Message};
use tokio::sync::watch;

use super::Streams;
use super::buffer::State;
use super::entry::Entry;

/// One event of a stream.
#[derive(Clone, Debug)]
pub enum StreamEvent {
    /// A chunk with its number.
    Chunk(u64, Message<Json>),
    /// The stream is complete.
    Done(Message<Json>),
    /// The stream has failed.
    Error(Message<Json>),
}

/// One reader's connection to a stream. Dropping it begins the resume window.
pub struct StreamConnection {
    streams: Arc<Streams>,
    /// Who reads.
    caller: CallerMeta,
    entry: Arc<Entry>,
    state: watch::Receiver<State>,
    number: u64,
    /// The last chunk given.
    given: u64,
    ended: bool,
}

impl StreamConnection {
    /// Connects behind the chunk `after`, if the stream reaches from there. The old connection ends.
    pub(super) fn new(
        streams: Arc<Streams>,
        entry: Arc<Entry>,
        caller: CallerMeta,
        after: u64,
    ) -> Option<Self> {
        let mut number = 0;
        let connected = entry.state.send_if_modified(|state| {
            let connects = !state.closed && state.reaches(after);
            if connects {
                state.connection += 1;
                state.given = after;
                number = state.connection;
            }
            connects
        });
        connected.then(|| Self {
            streams,
            caller,
            state: entry.state.subscribe(),
            entry,
            number,
            given: after,
            ended: false,
        })
    }

    /// The stream's id.
    pub fn stream_id(&self) -> &str {
        &self.entry.id
    }

    /// Whether the stream can be resumed.
    pub fn is_resumable(&self) -> bool {
        self.entry.about.resumable
    }

    /// The next event. `None` behind the last one, and where the connection was replaced or the
    /// stream ended by its reader. Can be dropped and called again without losing an event.
    pub async fn next(&mut self) -> Option<StreamEvent> {
        if self.ended {
            return None;
        }
        let (number, next) = (self.number, self.given + 1);
        let ready = |state: &State| {
            state.closed || state.connection != number || state.last >= next || state.end.is_some()
        };
        let state = self.state.wait_for(ready).await.ok()?;
        if state.closed || state.connection != number {
            return None;
        }
        if let Some(chunk) = state.chunk(next) {
            let chunk = chunk.clone();
            drop(state);
            self.given = next;
            self.entry.state.send_modify(|state| {
                if state.connection == number {
                    state.given = next;
                }
            });
            return Some(StreamEvent::Chunk(next, self.addressed(chunk)));
        }
        let (end, failed) = (state.end.clone()?, state.failed);
        drop(state);
        self.ended = true;
        Some(match failed {
            true => StreamEvent::Error(end),
            false => StreamEvent::Done(self.addressed(end)),
        })
    }

    /// The message with who reads, as every success has it.
    fn addressed(&self, mut message: Message<Json>) -> Message<Json> {
        if let Some(ncp) = &mut message.ncp {
            ncp.caller = Some(Box::new(self.caller.clone()));
        }
        message
    }
}

impl Drop for StreamConnection {
    fn drop(&mut self) {
        let window = match self.entry.about.resumable {
            true => self.entry.limits.resume_window,
            false => Duration::ZERO,
        };
        let (streams, entry, number) = (self.streams.clone(), self.entry.clone(), self.number);
        // Without a runtime the node is gone already.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(window).await;
                streams.expire(&entry, number);
            });
        }
    }
}
