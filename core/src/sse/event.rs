//! From lines to an event.

use alloc::string::String;
use bytes::Bytes;
use bytestring::ByteString;

use super::{SseEvent, TooLarge};
use crate::text::number;

/// The names of the contract's events: most need no reference to what was pushed.
const NAMES: [&str; 4] = ["chunk", "status", "done", "error"];

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
    Line(ByteString),
    /// Several lines, joined.
    Lines(String),
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

        // Only fields that are kept cost a reference to the buffer.
        let value = |at: usize| text(buffer, start + at, end);
        if let Some(at) = value_of(line, b"data") {
            self.add_data(value(at));
        } else if let Some(at) = value_of(line, b"event") {
            let name = line.get(at..).unwrap_or_default();
            let known = NAMES.into_iter().find(|known| known.as_bytes() == name);
            self.name = known.map_or_else(|| value(at), ByteString::from_static);
        } else if let Some(at) = value_of(line, b"id") {
            if line.iter().all(|byte| *byte != 0) {
                self.id = Some(value(at));
            }
        } else if let Some(at) = value_of(line, b"retry")
            && let Some(retry) = number(line.get(at..).unwrap_or_default())
        {
            self.retry = Some(retry);
        }
        Ok(())
    }

    /// Whether a line that begins with `start` and `more` is still within the limit.
    #[inline]
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
    pub(super) fn finish(&mut self, last_id: &mut String) -> Option<SseEvent> {
        self.size = 0;
        let name = core::mem::take(&mut self.name);
        let id = self.id.take();
        if let Some(id) = &id {
            // Copied, as a reference would keep all that was pushed with it.
            last_id.clear();
            last_id.push_str(id);
        }
        let data = match core::mem::take(&mut self.data) {
            Data::None => return None,
            Data::Line(line) => line,
            Data::Lines(lines) => lines.into(),
        };
        Some(SseEvent { name, id, data })
    }

    fn add_data(&mut self, value: ByteString) {
        match &mut self.data {
            Data::None => self.data = Data::Line(value),
            Data::Line(first) => self.data = Data::Lines([&**first, "\n", &*value].concat()),
            Data::Lines(lines) => {
                lines.push('\n');
                lines.push_str(&value);
            }
        }
    }
}

/// A part of a line. What is not UTF-8 becomes U+FFFD. Doing so line by line is the same as doing it to the
/// whole stream first, as no broken sequence reaches over the ASCII bytes between.
fn text(buffer: &Bytes, start: usize, end: usize) -> ByteString {
    ByteString::try_from(buffer.slice(start..end)).unwrap_or_else(|_| {
        let bytes = buffer.get(start..end).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned().into()
    })
}

fn is_comment(line: &[u8]) -> bool {
    line.first() == Some(&b':')
}

/// Where the value begins in a line `name: value`, if it is of this name. The space is optional; without a
/// colon the line is all name.
#[inline]
fn value_of(line: &[u8], name: &[u8]) -> Option<usize> {
    match line.strip_prefix(name)? {
        [b':', b' ', ..] => Some(name.len() + 2),
        [b':', ..] => Some(name.len() + 1),
        [] => Some(name.len()),
        _ => None,
    }
}
