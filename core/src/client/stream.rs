//! Driving a stream: connecting, the two timers, resuming, and ending it at the node.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;
use core::pin::pin;
use core::time::Duration;

use super::call::{check_response, name_of};
use super::{CallOptions, Client, Target, aborted, is_late, timed_out};
use bytestring::ByteString;

use crate::auth::Credential;
use crate::json::Json;
use crate::message::Pattern;
use crate::platform::BoxFuture;
use crate::stream::{Recovery, Step, StreamLimits, StreamMachine};
use crate::transport::{Batch, Event, EventKind, Events, Operation, Payload, Request, unexpected};
use crate::{Error, ErrorCode, Result};

impl<P: Payload> Client<P> {
    /// Calls an action that answers with a stream. Nothing is sent before the first chunk is asked for.
    ///
    /// # Errors
    /// `invalid_options`; everything else comes out of the stream.
    pub fn stream(
        &self,
        action: &str,
        payload: P,
        mut options: CallOptions,
    ) -> Result<StreamCall<P>> {
        options.check()?;
        let message = self.message(action, Pattern::Streaming, payload, &options)?;
        let correlation_id = message.correlation_id.clone();
        Ok(StreamCall {
            cancel: options.cancel.take(),
            inner: Inner {
                client: self.clone(),
                target: self.target(&options)?,
                request: self.request(Operation::Call(message), &options),
                correlation_id,
                options,
                machine: StreamMachine::new(StreamLimits::default()),
                state: State::New,
                events: None,
                credential: None,
                failure: None,
                summary: None,
            },
        })
    }
}

/// A running stream, pulled batch by batch. Dropping it ends the stream at the node.
pub struct StreamCall<P: Payload = Json> {
    cancel: Option<BoxFuture<'static, ()>>,
    inner: Inner<P>,
}

struct Inner<P: Payload> {
    client: Client<P>,
    /// Once the stream has begun, the node that it has begun on.
    target: Target,
    /// What begins the stream.
    request: Request<P>,
    correlation_id: Option<ByteString>,
    options: CallOptions,
    machine: StreamMachine,
    state: State,
    /// The connection, while it is open.
    events: Option<Box<dyn Events>>,
    /// What the node was shown for it.
    credential: Option<Credential>,
    /// What ends the stream once the chunks before it are taken.
    failure: Option<Error>,
    summary: Option<Json>,
}

enum State {
    New,
    Open,
    Lost(Recovery),
    Over,
}

impl<P: Payload> StreamCall<P> {
    /// Waits for the next chunks: what arrived together, at least one. `None`: the stream is
    /// complete.
    ///
    /// # Errors
    /// Why the stream ended short; the chunks before it have been delivered.
    pub async fn next_batch(&mut self) -> Result<Option<Vec<Json>>> {
        if matches!(self.inner.state, State::Over) && self.inner.failure.is_none() {
            return Ok(None);
        }
        let client = self.inner.client.clone();
        let begun = !matches!(self.inner.state, State::New);
        let mut result = {
            let work = pin!(self.inner.next_batch());
            client.guard(&mut self.cancel, work).await
        };
        if begun
            && let Err(error) = &result
            && error.code() == &ErrorCode::Closed
        {
            // It was running when the client was closed, though nobody waited for it then.
            result = aborted("the client was closed");
        }
        result.map_err(|error| {
            self.inner.end();
            error.with_operation(name_of(&self.inner.request.operation))
        })
    }

    /// The error for a chunk that the host could not parse
    /// ([`HttpClient::PARSES`](crate::http::HttpClient::PARSES)).
    pub fn unreadable(&self, why: &str) -> Error {
        unexpected(why).with_operation(name_of(&self.inner.request.operation))
    }

    /// What the node said at the end, once the stream is complete.
    pub fn summary(&self) -> Option<&Json> {
        self.inner.summary.as_ref()
    }
}

impl<P: Payload> Inner<P> {
    async fn next_batch(&mut self) -> Result<Option<Vec<Json>>> {
        // The limit runs while the consumer waits, not while it works.
        let mut idle_since = self.now();
        loop {
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            // The state stays as it is while something is awaited: the caller may give up there.
            match &self.state {
                State::Over => return Ok(None),
                State::New => {
                    // An ordinary call until its answer begins.
                    self.open(None, true).await?;
                    // The time until the stream begins has a limit of its own.
                    idle_since = self.now();
                }
                State::Lost(recovery) => {
                    let (delay, request) = self.resumption(recovery);
                    self.recover(delay, request).await;
                }
                State::Open => {
                    let mut chunks = Vec::new();
                    match self.read(idle_since).await {
                        Ok(Some(batch)) => {
                            let progress = !batch.events.is_empty();
                            self.take(batch, &mut chunks);
                            // Not where the consumer gets something: the next wait begins anew.
                            if progress && chunks.is_empty() {
                                idle_since = self.now();
                            }
                        }
                        Ok(None) => self.lose(None),
                        Err(error) if error.code() == &ErrorCode::Network => self.lose(Some(error)),
                        Err(error) => return Err(error),
                    }
                    if !chunks.is_empty() {
                        return Ok(Some(chunks));
                    }
                }
            }
        }
    }

    /// Reads what comes next, within both limits. `None`: the connection ended or went silent.
    async fn read(&mut self, idle_since: Duration) -> Result<Option<Batch>> {
        let Some(events) = &mut self.events else {
            return Ok(None);
        };
        let settings = &self.client.shared.settings;
        let idle = idle_since
            .saturating_add(settings.idle_timeout)
            .saturating_sub(self.client.now());
        let silence = settings.liveness_timeout.min(idle);
        match self.client.within(silence, events.next()).await {
            Some(batch) => batch,
            None if idle <= settings.liveness_timeout => {
                Err(timed_out("the stream has been idle for too long"))
            }
            None => Ok(None),
        }
    }

    /// The wait before another attempt, and its request where that is not the first one's.
    fn resumption(&self, recovery: &Recovery) -> (Duration, Option<Request<P>>) {
        match recovery {
            Recovery::Resume {
                stream_id,
                after,
                delay,
            } => {
                let operation = Operation::ResumeStream {
                    stream_id: stream_id.clone(),
                    after: *after,
                    correlation_id: self.correlation_id.clone(),
                };
                (*delay, Some(self.client.request(operation, &self.options)))
            }
            Recovery::Repeat { delay } => (*delay, None),
            // Not kept as a state.
            Recovery::Fail(_) => (Duration::ZERO, None),
        }
    }

    async fn recover(&mut self, delay: Duration, request: Option<Request<P>>) {
        self.client.shared.platform.sleep(delay).await;
        if let Err(error) = self.open(request, false).await {
            if is_late(&error) {
                // A node that does not answer is as silent as a connection that was lost.
                return self.lose(Some(error));
            }
            let retry_after = error.retry_after();
            let recovery = self.machine.on_recovery_failed(error, retry_after);
            self.lost(recovery);
        }
    }

    /// Opens the stream, by its own request or another one.
    async fn open(&mut self, other: Option<Request<P>>, retry: bool) -> Result<()> {
        let limit = self
            .options
            .timeout
            .unwrap_or(self.client.shared.settings.timeout);
        let mut other = other;
        let request = other.as_mut().unwrap_or(&mut self.request);
        let attempts = self
            .client
            .attempts(&mut self.target, request, limit, retry);
        let reply = attempts.await;
        let opened = reply?.opened()?;
        self.credential = request.credential.take();
        if let Operation::Call(message) = &self.request.operation {
            // That of another message where the first one had to be paid.
            self.correlation_id.clone_from(&message.correlation_id);
        }
        self.machine.opened(opened.stream_id)?;
        self.events = Some(opened.events);
        self.state = State::Open;
        Ok(())
    }

    fn take(&mut self, batch: Batch, chunks: &mut Vec<Json>) {
        if let Some(ms) = batch.retry_ms {
            self.machine.set_retry(ms);
        }
        for mut event in batch.events {
            let step = self.step(&event).unwrap_or_else(Step::Fail);
            // Put in its place, as taking a message apart would be much more code.
            let mut payload = || mem::replace(&mut event.message.payload, Json::null());
            match step {
                Step::Deliver => chunks.push(payload()),
                Step::Skip => {}
                Step::Lost => return self.lose(None),
                Step::Complete => {
                    self.summary = Some(payload());
                    return self.end();
                }
                Step::Fail(error) => return self.fail(error),
            }
        }
        if let Some(error) = batch.failure {
            self.fail(error);
        }
    }

    /// Ends the stream with an error, at the node, too, where that is still at work.
    fn fail(&mut self, error: Error) {
        self.end();
        self.failure = Some(error);
    }

    /// What an event means for the stream.
    fn step(&mut self, event: &Event) -> Result<Step> {
        let Event {
            kind,
            sequence,
            message,
        } = event;
        if *kind == EventKind::Status {
            return Ok(Step::Skip);
        }
        check_response(message, self.correlation_id.as_deref())?;
        let ncp = message.ncp.as_ref();
        if *kind == EventKind::Error {
            let error = ncp.and_then(|ncp| ncp.error.as_ref());
            let error = error.ok_or_else(|| unexpected("ncp.error is missing"))?;
            let error = Error::from_meta(error, error.code.status());
            let error = error.without_secret(self.credential.as_ref().map(Credential::secret));
            return Ok(self.machine.on_error(error));
        }
        let meta = ncp.and_then(|ncp| ncp.stream.as_ref());
        let meta = meta.ok_or_else(|| unexpected("ncp.stream is missing"))?;
        Ok(match kind {
            EventKind::Done => self.machine.on_done(meta),
            _ => self.machine.on_chunk(meta, *sequence),
        })
    }

    fn lose(&mut self, why: Option<Error>) {
        self.events = None;
        let recovery = self.machine.on_lost(why);
        self.lost(recovery);
    }

    fn lost(&mut self, recovery: Recovery) {
        match recovery {
            Recovery::Fail(error) => self.fail(error),
            recovery => self.state = State::Lost(recovery),
        }
    }

    /// Ends the stream: here by closing its connection, and at the node where it would go on.
    fn end(&mut self) {
        let state = mem::replace(&mut self.state, State::Over);
        self.events = None;
        if matches!(state, State::New | State::Over) {
            return;
        }
        let Some(stream_id) = self.machine.end_target() else {
            return;
        };
        let client = self.client.clone();
        let platform = Arc::clone(&client.shared.platform);
        let mut request = client.request(
            Operation::EndStream {
                stream_id: stream_id.clone(),
            },
            &self.options,
        );
        let mut target = self.target.clone();
        platform.spawn(Box::pin(async move {
            // Nobody is left to hear of a failure: the node gives the stream up after its resume window.
            // A closed client ends its streams, too, so this does not go through its guard.
            let _ = client
                .attempts(&mut target, &mut request, END_LIMIT, true)
                .await;
        }));
    }

    fn now(&self) -> Duration {
        self.client.now()
    }
}

/// How long ending a stream at the node may take, in the background.
const END_LIMIT: Duration = Duration::from_secs(5);

impl<P: Payload> Drop for Inner<P> {
    fn drop(&mut self) {
        self.end();
    }
}
