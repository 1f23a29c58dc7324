//! The chunks that a stream keeps for its reader, and how far its handler may run ahead.

use std::collections::VecDeque;

use ancp_core::Json;
use ancp_core::message::Message;

use crate::limits::Limits;

#[derive(Default)]
pub(super) struct State {
    /// The chunks that are kept, the last one being number `last`.
    pub(super) chunks: VecDeque<Message<Json>>,
    bytes: usize,
    pub(super) last: u64,
    /// The last chunk given to the connection.
    pub(super) given: u64,
    pub(super) end: Option<Message<Json>>,
    pub(super) failed: bool,
    /// The number of the latest connection: an older one ends.
    pub(super) connection: u64,
    pub(super) closed: bool,
}

impl State {
    /// The number of the chunk before the first that is kept.
    fn forgotten(&self) -> u64 {
        self.last - self.chunks.len() as u64
    }

    /// Whether a connection can go on behind the chunk `after`.
    pub(super) fn reaches(&self, after: u64) -> bool {
        (self.forgotten()..=self.last).contains(&after)
    }

    pub(super) fn chunk(&self, number: u64) -> Option<&Message<Json>> {
        let place = number.checked_sub(self.forgotten() + 1)?;
        self.chunks.get(usize::try_from(place).ok()?)
    }

    /// Whether the handler may run on: not further ahead of the reader than the buffer holds.
    pub(super) fn has_room(&self, limits: &Limits) -> bool {
        let unread = self.last.saturating_sub(self.given);
        let bytes_fit = self.bytes < limits.stream_buffer_bytes || self.oldest_is_given();
        unread < limits.stream_buffer as u64 && (bytes_fit || self.chunks.is_empty())
    }

    fn oldest_is_given(&self) -> bool {
        self.forgotten() < self.given
    }

    pub(super) fn push(&mut self, chunk: Message<Json>, limits: &Limits) {
        self.bytes += size(&chunk);
        self.chunks.push_back(chunk);
        self.last += 1;
        // Only what the reader has had makes way, and never what it gets next.
        while (self.chunks.len() > limits.stream_buffer || self.bytes > limits.stream_buffer_bytes)
            && self.oldest_is_given()
            && let Some(oldest) = self.chunks.pop_front()
        {
            self.bytes -= size(&oldest);
        }
    }
}

fn size(chunk: &Message<Json>) -> usize {
    chunk.payload.as_str().len()
}
