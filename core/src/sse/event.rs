//! From lines to an event.

use alloc::string::String;
use alloc::vec::Vec;
use bytes::{Buf, Bytes};
use bytestring::ByteString;

use super::{SseEvent, TooLarge};
use crate::text::number;

/// The event whose lines are being read.
#[derive(Debug, Default)]
pub(super) struct Builder {
    name: ByteString,
    id: Option<ByteString>,
    data: Data,
    /// Bytes of the event's lines so far.
    size: usize,
    /// Lasts over events.
    pub(super) retry: Option<u64>,
}

#[derive(Debug, Default)]
enum Data {
    #[default]
    None,
    /// One line, where it was pushed.
    Line(Bytes),
    /// Several lines, joined.
    Lines(Vec<u8>),
}

impl Builder {
    /// Reads one line that is not empty: `buffer[start..end]`, without its end.
    pub(super) fn line(
        &mut self,
        buffer: &Bytes,
        start: usize,
        end: usize,
        max: usize,
    ) -> Result<(), TooLarge> {
        let line = buffer.get(start..end).unwrap_or_default();
        self.room_for(line, &[], max)?;
        if is_comment(line) {
            return Ok(());
        }
        self.size += line.len();

        // `name: value`, where the space is optional; without a colon the line is all name.
        let (name, skip) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => {
                let space = line.get(colon + 1) == Some(&b' ');
                (
                    line.get(..colon).unwrap_or_default(),
                    colon + 1 + usize::from(space),
                )
            }
            None => (line, line.len()),
        };
        // Only fields that are kept cost a reference to the buffer.
        let value = || {
            let mut value = buffer.slice(start..end);
            value.advance(skip);
            value
        };
        match name {
            b"data" => self.add_data(value()),
            b"event" => self.name = text(value()),
            b"id" => {
                let id = value();
                if !id.contains(&0) {
                    self.id = Some(text(id));
                }
            }
            b"retry" => {
                if let Some(retry) = number(line.get(skip..).unwrap_or_default()) {
                    self.retry = Some(retry);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a line that begins with `start` and `more` is still within the limit.
    pub(super) fn room_for(&self, start: &[u8], more: &[u8], max: usize) -> Result<(), TooLarge> {
        // Comments are kept nowhere: any number of them may stand in an event.
        let before = if is_comment(if start.is_empty() { more } else { start }) {
            0
        } else {
            self.size
        };
        if before.saturating_add(start.len() + more.len()) > max {
            Err(TooLarge)
        } else {
            Ok(())
        }
    }

    /// The empty line: ends the event, which is none without data.
    pub(super) fn finish(&mut self, last_id: &mut ByteString) -> Option<SseEvent> {
        self.size = 0;
        let name = core::mem::take(&mut self.name);
        let id = self.id.take();
        if let Some(id) = &id {
            *last_id = id.clone();
        }
        let data = match core::mem::take(&mut self.data) {
            Data::None => return None,
            Data::Line(line) => text(line),
            Data::Lines(lines) => text(Bytes::from(lines)),
        };
        Some(SseEvent { name, id, data })
    }

    fn add_data(&mut self, value: Bytes) {
        self.data = match core::mem::take(&mut self.data) {
            Data::None => Data::Line(value),
            Data::Line(first) => Data::Lines([&first, &b"\n"[..], &value].concat()),
            Data::Lines(mut lines) => {
                lines.push(b'\n');
                lines.extend_from_slice(&value);
                Data::Lines(lines)
            }
        };
    }
}

fn is_comment(line: &[u8]) -> bool {
    line.first() == Some(&b':')
}

/// What is not UTF-8 becomes U+FFFD. Doing so line by line is the same as doing it to the whole
/// stream first, as no broken sequence reaches over the ASCII bytes between.
fn text(bytes: Bytes) -> ByteString {
    match ByteString::try_from(bytes.clone()) {
        Ok(text) => text,
        Err(_) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}
