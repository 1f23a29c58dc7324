//! Server-sent events, as WHATWG HTML defines them, from bytes in pushes of any size.
//!
//! The decoder is bounded: one event may not be larger than a limit, so that a node can't make a
//! client buffer without end. It takes linear time whatever the pushes look like.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod event;
mod line;
#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use bytestring::ByteString;

use crate::{Error, ErrorCode};
use event::{Builder, Ended};
use line::line_length;

/// An optional byte order mark may stand before the first line.
const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// One event. Its name and its id are the decoder's, until it is asked for the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The `event` field; empty where there was none.
    pub name: &'a str,
    /// The `id` field of this very event. [`Decoder::last_id`] has the one that lasts over events.
    pub id: Option<&'a str>,
    /// The `data` lines, joined with line feeds. Often a slice of a pushed buffer, which it keeps
    /// alive.
    pub data: ByteString,
}

/// One event, or one comment, was over the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a server-sent event is over the client's limit")
    }
}

impl core::error::Error for TooLarge {}

impl From<TooLarge> for Error {
    fn from(_: TooLarge) -> Self {
        Error::new(
            ErrorCode::ResponseTooLarge,
            "a server-sent event is over the client's limit",
        )
        .maybe_delivered(true)
    }
}

/// Decodes the event stream of one connection.
///
/// ```
/// use ancp_core::sse::Decoder;
/// let mut decoder = Decoder::new(1024);
/// decoder.push("event: chunk\nid: 1\ndata: {\"a\"".into());
/// assert_eq!(decoder.next_event()?, None);
/// decoder.push(":1}\n\n".into());
/// let event = decoder.next_event()?.unwrap();
/// assert_eq!((event.name, &*event.data), ("chunk", "{\"a\":1}"));
/// assert_eq!(event.id, Some("1"));
/// # Ok::<(), ancp_core::sse::TooLarge>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    max_event_bytes: usize,
    /// What was pushed and not yet read: the rest of one buffer, and the buffers after it.
    input: Bytes,
    at: usize,
    queue: VecDeque<Bytes>,
    /// How much of the byte order mark has been seen; all of it once it is decided.
    bom: usize,
    /// The last line ended in CR: a LF that follows belongs to it.
    after_cr: bool,
    /// The start of a line that goes on in a later push. It holds no line end, so that no byte is
    /// looked at twice.
    partial: Vec<u8>,
    event: Builder,
    last_id: String,
    too_large: bool,
}

impl Decoder {
    /// A decoder that refuses events of more than `max_event_bytes`: the sum of an event's lines,
    /// without their ends. A comment counts by itself.
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            max_event_bytes,
            input: Bytes::new(),
            at: 0,
            queue: VecDeque::new(),
            bom: 0,
            after_cr: false,
            partial: Vec::new(),
            event: Builder::default(),
            last_id: String::new(),
            too_large: false,
        }
    }

    /// Takes the next bytes of the connection. They are read by [`next_event`](Self::next_event),
    /// which should be called until it has no more before the next push, as nothing else bounds
    /// what is queued here.
    pub fn push(&mut self, bytes: Bytes) {
        if !self.too_large {
            self.queue.push_back(bytes);
        }
    }

    /// The next whole event, or `None` until more bytes are pushed. What stands unfinished at the
    /// end of a connection is no event.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] once and for all; the events before it have come.
    pub fn next_event(&mut self) -> Result<Option<SseEvent<'_>>, TooLarge> {
        if self.too_large {
            return Err(TooLarge);
        }
        match self.advance() {
            Ok(Some(ended)) => Ok(Some(SseEvent {
                name: match ended.has_name {
                    true => &self.event.name.text,
                    false => "",
                },
                id: ended.has_id.then_some(&*self.last_id),
                data: ended.data,
            })),
            Ok(None) => Ok(None),
            Err(error) => {
                self.too_large = true;
                self.input = Bytes::new();
                self.queue = VecDeque::new();
                self.partial = Vec::new();
                self.event = Builder::default();
                Err(error)
            }
        }
    }

    /// The last event id: that of the last event that had one.
    pub fn last_id(&self) -> &str {
        &self.last_id
    }

    /// The latest `retry` value in milliseconds.
    pub fn retry(&self) -> Option<u64> {
        self.event.retry
    }

    fn advance(&mut self) -> Result<Option<Ended>, TooLarge> {
        loop {
            let rest = self.input.get(self.at..).unwrap_or_default();
            let Some(&first) = rest.first() else {
                self.at = 0;
                // Also lets go of what was read.
                self.input = Bytes::new();
                match self.queue.pop_front() {
                    Some(next) => self.input = next,
                    None => return Ok(None),
                }
                continue;
            };
            if let Some(&expected) = BOM.get(self.bom) {
                self.bom_byte(first, expected);
                continue;
            }
            if self.after_cr {
                self.after_cr = false;
                if first == b'\n' {
                    self.at += 1;
                    continue;
                }
            }
            let Some(length) = line_length(rest) else {
                self.event
                    .room_for(&self.partial, rest, self.max_event_bytes)?;
                if self.partial.is_empty() {
                    // Most events are about as long as the one before.
                    self.partial.reserve(rest.len().max(self.event.last_size));
                }
                self.partial.extend_from_slice(rest);
                self.at = self.input.len();
                continue;
            };
            let (start, end) = (self.at, self.at + length);
            self.at = end + 1;
            // A lone CR ends the line at once: waiting for the byte after it would hold an event
            // back until the next one.
            self.after_cr = rest.get(length) == Some(&b'\r');
            let line = rest.get(..length).unwrap_or_default();
            if self.partial.is_empty() {
                if length == 0 {
                    if let Some(ended) = self.event.finish(&mut self.last_id) {
                        return Ok(Some(ended));
                    }
                } else if let Some(value) = self.event.line(line, self.max_event_bytes)? {
                    self.event.add_data(&self.input, start + value, end);
                }
            } else {
                self.event
                    .room_for(&self.partial, line, self.max_event_bytes)?;
                self.partial.extend_from_slice(line);
                let line = Bytes::from(core::mem::take(&mut self.partial));
                if let Some(value) = self.event.line(&line, self.max_event_bytes)? {
                    self.event.add_data(&line, value, line.len());
                }
            }
        }
    }

    /// Reads one byte while the byte order mark is undecided.
    fn bom_byte(&mut self, byte: u8, expected: u8) {
        if byte == expected {
            self.bom += 1;
            self.at += 1;
        } else {
            // It was none: what looked like one begins the first line.
            self.partial
                .extend_from_slice(BOM.get(..self.bom).unwrap_or_default());
            self.bom = BOM.len();
        }
    }
}
