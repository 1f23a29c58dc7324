//! From lines to an event.

use alloc::string::String;
use core::mem;

use bytes::Bytes;
use bytestring::ByteString;

use super::TooLarge;
use crate::text::number;

/// The event whose lines are being read.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) name: Field,
    id: Field,
    data: Data,
    /// Bytes of the event's lines so far.
    size: usize,
    /// The size of the event before.
    pub(super) last_size: usize,
    /// Lasts over events.
    pub(super) retry: Option<u64>,
}

/// A short text, in memory that serves one event after the other.
#[derive(Debug, Default)]
pub(super) struct Field {
    pub(super) text: String,
    is_set: bool,
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

/// An event that has ended.
pub(super) struct Ended {
    pub(super) has_name: bool,
    pub(super) has_id: bool,
    pub(super) data: ByteString,
}

impl Builder {
    /// Reads one line that is not empty, without its end. Of a data line it tells where the value begins, for
    /// [`add_data`](Self::add_data).
    #[inline]
    pub(super) fn line(&mut self, line: &[u8], max: usize) -> Result<Option<usize>, TooLarge> {
        self.room_for(line, &[], max)?;
        if is_comment(line) {
            return Ok(None);
        }
        self.size += line.len();
        let value = |at: usize| line.get(at..).unwrap_or_default();
        if let Some(at) = value_of(line, b"data") {
            return Ok(Some(at));
        } else if let Some(at) = value_of(line, b"event") {
            self.name.set(value(at));
        } else if let Some(at) = value_of(line, b"id") {
            if line.iter().all(|byte| *byte != 0) {
                self.id.set(value(at));
            }
        } else if let Some(at) = value_of(line, b"retry")
            && let Some(retry) = number(value(at))
        {
            self.retry = Some(retry);
        }
        Ok(None)
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
    #[inline]
    pub(super) fn finish(&mut self, last_id: &mut String) -> Option<Ended> {
        self.last_size = mem::take(&mut self.size);
        let has_name = mem::take(&mut self.name.is_set);
        let has_id = mem::take(&mut self.id.is_set);
        if has_id {
            mem::swap(last_id, &mut self.id.text);
        }
        let data = match mem::take(&mut self.data) {
            Data::None => return None,
            Data::Line(line) => line,
            Data::Lines(lines) => lines.into(),
        };
        Some(Ended {
            has_name,
            has_id,
            data,
        })
    }

    /// Adds the value of a data line: `line[start..end]`.
    #[inline]
    pub(super) fn add_data(&mut self, line: &Bytes, start: usize, end: usize) {
        let value = ByteString::try_from(line.slice(start..end)).unwrap_or_else(|_| {
            let bytes = line.get(start..end).unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned().into()
        });
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

impl Field {
    /// Takes a value. What is not UTF-8 becomes U+FFFD. Doing so line by line is the same as doing it to the whole
    /// stream first, as no broken sequence reaches over the ASCII bytes between.
    fn set(&mut self, value: &[u8]) {
        self.is_set = true;
        // Often the name of the event before.
        if self.text.as_bytes() != value {
            self.text.clear();
            self.text.push_str(&String::from_utf8_lossy(value));
        }
    }
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
