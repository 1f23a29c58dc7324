//! Writing server-sent events.

use std::time::Duration;

use ancp_core::Json;
use ancp_core::message::Message;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use tokio::time::{Instant, sleep_until};

use super::body::cut;
use crate::faults::Fault;
use crate::stream::{StreamConnection, StreamEvent};
use crate::task::TaskWatch;

/// The connection is to be cut in the middle.
#[derive(Debug)]
pub(super) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl std::error::Error for Cut {}

/// Where events come from.
pub(super) enum Events {
    Stream(StreamConnection),
    Task(TaskWatch),
}

impl Events {
    async fn next(&mut self) -> Option<String> {
        match self {
            Self::Stream(connection) => Some(match connection.next().await? {
                StreamEvent::Chunk(number, message) => write("chunk", Some(number), &message),
                StreamEvent::Done(message) => write("done", None, &message),
                StreamEvent::Error(message) => write("error", None, &message),
            }),
            Self::Task(watch) => Some(write("status", None, &watch.next().await?)),
        }
    }
}

fn write(event: &str, id: Option<u64>, message: &Message<Json>) -> String {
    let mut text = format!("event: {event}\n");
    if let Some(id) = id {
        text.push_str(&format!("id: {id}\n"));
    }
    // Line ends within JSON are whitespace: each begins a further `data` line.
    let envelope = message.to_envelope();
    let lines = envelope
        .split('\n')
        .flat_map(|line| line.trim_end_matches('\r').split('\r'));
    for line in lines {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text
}

/// The body of an event stream, with its keep-alive comments and its faults.
pub(super) fn body(
    events: Events,
    keep_alive: Duration,
    retry: Option<Duration>,
    fault: &Fault,
) -> impl Stream<Item = Result<Bytes, Cut>> + Send + use<> {
    let writer = Writer {
        events,
        keep_alive,
        quiet_until: Instant::now() + keep_alive,
        head: retry.map(|delay| format!("retry: {}\n\n", delay.as_millis())),
        count: 0,
        drop_after: fault.drop_after_events,
        stall_after: fault.stall_after_events,
        stall_silently: !fault.keep_alive_while_stalled,
        skip: fault.skip_event,
        repeat: fault.repeat_event,
        over: false,
    };
    stream::unfold(writer, |mut writer| async {
        let piece = writer.next().await?;
        Some((piece.map(Bytes::from), writer))
    })
}

struct Writer {
    events: Events,
    keep_alive: Duration,
    quiet_until: Instant,
    head: Option<String>,
    /// Events had from the source on this connection.
    count: u64,
    drop_after: Option<u64>,
    stall_after: Option<u64>,
    stall_silently: bool,
    skip: Option<u64>,
    repeat: Option<u64>,
    over: bool,
}

impl Writer {
    async fn next(&mut self) -> Option<Result<String, Cut>> {
        if self.over {
            return None;
        }
        if let Some(head) = self.head.take() {
            return Some(Ok(head));
        }
        loop {
            if self.drop_after.is_some_and(|limit| self.count >= limit) {
                self.over = true;
                return Some(cut().await);
            }
            let stalled = self.stall_after.is_some_and(|limit| self.count >= limit);
            tokio::select! {
                event = self.events.next(), if !stalled => {
                    self.quiet_until = Instant::now() + self.keep_alive;
                    let event = event?;
                    self.count += 1;
                    if self.skip == Some(self.count) {
                        continue;
                    }
                    let twice = self.repeat == Some(self.count);
                    return Some(Ok(if twice { event.repeat(2) } else { event }));
                }
                () = sleep_until(self.quiet_until), if !(stalled && self.stall_silently) => {
                    self.quiet_until = Instant::now() + self.keep_alive;
                    return Some(Ok(": keep-alive\n\n".into()));
                }
                // Stalled: nothing comes until the reader gives up.
                () = std::future::pending() => {}
            }
        }
    }
}
