//! What a client makes of a stream: wire contract, section 4.
//!
//! A pure state machine. The driver owns connection, timers and payloads, tells the machine what
//! happened, and does what it says. It holds in every case that a consumer sees the chunks 1, 2,
//! 3… each once, and then either all of them or an error.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

use core::time::Duration;

use bytestring::ByteString;

use crate::message::{StreamMeta, check_task_id};
use crate::retry::is_passing;
use crate::{Error, ErrorCode};

/// How far a client goes to keep a stream alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// Resumes in a row without a new chunk.
    pub max_resumes: u32,
    /// The wait before a resume, where the node names none.
    pub default_retry: Duration,
    /// The longest wait before a resume, whatever the node asks for. A node keeps a lost stream
    /// for 60 s unless set otherwise, so that a longer wait would find it gone; and a wait without
    /// bound would be a stream that hangs for ever.
    pub max_retry: Duration,
}

impl Default for StreamLimits {
    /// 5 resumes, 1 s, 60 s.
    fn default() -> Self {
        Self {
            max_resumes: 5,
            default_retry: Duration::from_secs(1),
            max_retry: Duration::from_secs(60),
        }
    }
}

/// What to do with an event.
#[derive(Clone, Debug)]
#[must_use]
pub enum Step {
    /// Hand the chunk to the consumer.
    Deliver,
    /// Drop it: the consumer has it.
    Skip,
    /// Chunks are missing: close the connection and call [`StreamMachine::on_lost`].
    Lost,
    /// The stream is complete; the event's payload is its summary.
    Complete,
    /// The stream has failed.
    Fail(Error),
}

/// What to do about a lost connection.
#[derive(Clone, Debug)]
#[must_use]
pub enum Recovery {
    /// Wait, then ask the node for what comes after a chunk.
    Resume {
        /// The stream.
        stream_id: ByteString,
        /// The last chunk that was delivered (0: none), for `Last-Event-ID`.
        after: u64,
        /// The wait.
        delay: Duration,
    },
    /// Wait, then send the request again, with the same message id and bytes.
    Repeat {
        /// The wait.
        delay: Duration,
    },
    /// The stream has failed.
    Fail(Error),
}

/// The client's side of one stream, over all its connections.
///
/// Connections are told to it with [`opened`](Self::opened), their events with the `on_…` methods,
/// their loss with [`on_lost`](Self::on_lost). Once it has said that the stream is complete or has
/// failed, it ignores events and recovers from nothing.
#[derive(Debug)]
pub struct StreamMachine {
    limits: StreamLimits,
    retry: Duration,
    stream_id: Option<ByteString>,
    /// Chunks that the consumer has: 1 to this.
    delivered: u64,
    /// What the last chunk said.
    resumable: bool,
    /// Since the last new chunk.
    resumes: u32,
    /// Why the connection was lost last.
    cause: Option<Error>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// The node broke the contract and may still be at work.
    Abandoned,
    Ended,
}

impl StreamMachine {
    /// A stream that was asked for.
    pub fn new(limits: StreamLimits) -> Self {
        Self {
            limits,
            retry: limits.default_retry.min(limits.max_retry),
            stream_id: None,
            delivered: 0,
            resumable: false,
            resumes: 0,
            cause: None,
            phase: Phase::Open,
        }
    }

    /// The node accepted the request (first, repeated or resumed), with the stream's id where the
    /// answer named it (HTTP: the last segment of `Location`). Only the answer to a request that
    /// began the stream names it; it is ignored once the id is known.
    ///
    /// # Errors
    ///
    /// `invalid_response` for what can't be a stream's id; the stream has failed.
    pub fn opened(&mut self, stream_id: Option<ByteString>) -> Result<(), Error> {
        match stream_id {
            Some(id) if self.phase == Phase::Open && self.stream_id.is_none() => self.adopt(id),
            _ => Ok(()),
        }
    }

    /// The node asked for another wait before a resume, in milliseconds.
    pub fn set_retry(&mut self, millis: u64) {
        self.retry = Duration::from_millis(millis).min(self.limits.max_retry);
    }

    /// A chunk came. `id` is the sequence that the server-sent event's id tells, 0 where it tells none; `None` on a
    /// transport whose events have no ids.
    pub fn on_chunk(&mut self, meta: &StreamMeta, id: Option<u64>) -> Step {
        if self.phase != Phase::Open {
            return Step::Skip;
        }
        if meta.sequence == 0 {
            return Step::Fail(self.abandon("a chunk of the stream has sequence 0"));
        }
        if id.is_some_and(|id| id != meta.sequence) {
            return Step::Fail(self.abandon("the id of an event is not its chunk's sequence"));
        }
        if let Some(error) = self.foreign(meta) {
            return Step::Fail(error);
        }
        if meta.sequence <= self.delivered {
            return Step::Skip;
        }
        if meta.sequence - self.delivered > 1 {
            return self.missing();
        }
        if self.stream_id.is_none()
            && let Err(error) = self.adopt(meta.stream_id.clone())
        {
            return Step::Fail(error);
        }
        self.delivered = meta.sequence;
        self.resumable = meta.resumable;
        self.resumes = 0;
        self.cause = None;
        Step::Deliver
    }

    /// The node said that the stream is complete.
    pub fn on_done(&mut self, meta: &StreamMeta) -> Step {
        if self.phase != Phase::Open {
            return Step::Skip;
        }
        if let Some(error) = self.foreign(meta) {
            return Step::Fail(error);
        }
        if meta.sequence > self.delivered {
            return self.missing();
        }
        if meta.sequence < self.delivered {
            return Step::Fail(self.abandon("the stream ended before its last chunk"));
        }
        self.phase = Phase::Ended;
        Step::Complete
    }

    /// The node said that the stream has failed.
    pub fn on_error(&mut self, error: Error) -> Step {
        if self.phase != Phase::Open {
            return Step::Skip;
        }
        self.phase = Phase::Ended;
        Step::Fail(error)
    }

    /// The connection ended, broke or went silent, or a step was [`Step::Lost`]; also on an
    /// attempt to recover.
    pub fn on_lost(&mut self, why: Option<Error>) -> Recovery {
        self.recover(why, None)
    }

    /// The attempt to recover failed before there was a stream of events. A failure that passes
    /// counts as a resume, for which the node's `Retry-After` is obeyed where it is longer than
    /// the stream's own wait; any other ends the stream.
    pub fn on_recovery_failed(&mut self, error: Error, retry_after: Option<Duration>) -> Recovery {
        // Section 4 leaves 408 out for a resume. A repeated request is a call like any other.
        let passing = is_passing(&error) && (error.status() != 408 || self.stream_id.is_none());
        if passing && self.phase == Phase::Open {
            return self.recover(Some(error), retry_after);
        }
        self.end();
        Recovery::Fail(error)
    }

    /// The stream to end at the node when the consumer stops early or the stream has failed.
    /// `None` where closing the connection is enough: the stream is over, or can't be resumed.
    pub fn end_target(&self) -> Option<&ByteString> {
        if self.phase == Phase::Ended || !self.may_resume() {
            return None;
        }
        self.stream_id.as_ref()
    }

    fn recover(&mut self, why: Option<Error>, retry_after: Option<Duration>) -> Recovery {
        if why.is_some() {
            self.cause = why;
        }
        if self.phase != Phase::Open || !self.may_resume() {
            return Recovery::Fail(self.interrupted("the stream was lost and can't be resumed"));
        }
        if self.resumes >= self.limits.max_resumes {
            return Recovery::Fail(self.interrupted("the stream was lost and resuming it failed"));
        }
        self.resumes += 1;
        let asked = retry_after.unwrap_or_default().min(self.limits.max_retry);
        let delay = self.retry.max(asked);
        match &self.stream_id {
            Some(stream_id) => Recovery::Resume {
                stream_id: stream_id.clone(),
                after: self.delivered,
                delay,
            },
            // No chunk has come, as it would have named the stream.
            None => Recovery::Repeat { delay },
        }
    }

    /// Before the first chunk there is nothing to lose: whatever the stream is, it can be asked
    /// for again.
    fn may_resume(&self) -> bool {
        self.delivered == 0 || self.resumable
    }

    /// The id becomes part of URLs, so that it must be one.
    fn adopt(&mut self, id: ByteString) -> Result<(), Error> {
        if check_task_id(&id).is_err() {
            return Err(self.abandon("the stream's id is malformed"));
        }
        self.stream_id = Some(id);
        Ok(())
    }

    fn foreign(&mut self, meta: &StreamMeta) -> Option<Error> {
        let known = self.stream_id.as_ref()?;
        (*known != meta.stream_id).then(|| self.abandon("the stream's id has changed"))
    }

    fn missing(&mut self) -> Step {
        self.cause = Some(broken("chunks of the stream are missing"));
        Step::Lost
    }

    fn abandon(&mut self, message: &str) -> Error {
        self.phase = Phase::Abandoned;
        broken(message)
    }

    fn end(&mut self) {
        if self.phase == Phase::Open {
            self.phase = Phase::Ended;
        }
    }

    /// Tells the cause in words: as a `source` it would cost the WebAssembly client 6 KB of
    /// formatting code that nothing there can show.
    fn interrupted(&mut self, message: &str) -> Error {
        self.end();
        let Some(cause) = self.cause.take() else {
            return Error::new(ErrorCode::StreamInterrupted, message).maybe_delivered(true);
        };
        let message = [message, cause.code().as_str(), cause.message()].join(": ");
        let error = Error::new(ErrorCode::StreamInterrupted, message).maybe_delivered(true);
        match cause.request_id() {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    }
}

fn broken(message: &str) -> Error {
    Error::new(ErrorCode::InvalidResponse, message).maybe_delivered(true)
}
