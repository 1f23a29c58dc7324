use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::Stream;
use serde::de::DeserializeOwned;

use super::read;
use crate::Result;
use crate::address::NodeAddress;
use crate::client::{CallOptions, Client, StreamCall};
use crate::json::Json;
use crate::platform::{BoxFuture, MaybeSend};

/// The chunks of a stream, pulled: the network is read only as fast as they are taken. It ends
/// after the last chunk or the first error. Dropping it ends the stream at the node.
///
/// Its setters are options for the call, before the first chunk is asked for.
#[must_use = "nothing is sent until a chunk is asked for"]
pub struct ChunkStream<C> {
    state: State,
    /// Chunks that arrived together and are not taken yet.
    ready: VecDeque<Json>,
    summary: Option<Json>,
    action: String,
    chunk: std::marker::PhantomData<fn() -> C>,
}

enum State {
    New {
        client: Client<Json>,
        payload: Result<Json>,
        options: CallOptions,
    },
    Idle(Box<StreamCall<Json>>),
    Reading(BoxFuture<'static, (Box<StreamCall<Json>>, Batch)>),
    Over,
}

type Batch = Result<Option<Vec<Json>>>;

impl<C> ChunkStream<C> {
    pub(super) fn new(client: Client<Json>, action: &str, payload: Result<Json>) -> Self {
        Self {
            state: State::New {
                client,
                payload,
                options: CallOptions::new(),
            },
            ready: VecDeque::new(),
            summary: None,
            action: action.to_owned(),
            chunk: std::marker::PhantomData,
        }
    }

    /// The node or group that the call is for. Default: the client's. The stream stays with the node
    /// that it began on.
    pub fn address(self, address: NodeAddress) -> Self {
        self.with(|options| options.address(address))
    }

    /// How long the node may take to begin. Default: the client's time-out for calls.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|options| options.timeout(timeout))
    }

    /// Ties the call to others in logs. Default: the message's own id.
    pub fn correlation_id(self, id: impl Into<String>) -> Self {
        self.with(|options| options.correlation_id(id))
    }

    /// The receipt of a payment that was made for the action. With one, the client's payer is not asked.
    pub fn receipt_id(self, id: impl Into<String>) -> Self {
        self.with(|options| options.receipt_id(id))
    }

    /// A header for the requests of this stream.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(|options| options.header(name, value))
    }

    /// Ends the stream with `aborted` when the future is ready.
    pub fn cancel_on(self, cancel: impl Future<Output = ()> + MaybeSend + 'static) -> Self {
        self.with(|options| options.cancel_on(cancel))
    }

    /// What the node said at the end, once the stream is complete; usually null.
    pub fn summary(&self) -> Option<&Json> {
        self.summary.as_ref()
    }

    fn with(mut self, set: impl FnOnce(CallOptions) -> CallOptions) -> Self {
        if let State::New { options, .. } = &mut self.state {
            *options = set(std::mem::take(options));
        }
        self
    }

    fn poll_text(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Json>>> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(chunk)));
            }
            self.state = match std::mem::replace(&mut self.state, State::Over) {
                State::New {
                    client,
                    payload,
                    mut options,
                } => {
                    options.parsed_later = true;
                    let call =
                        payload.and_then(|payload| client.stream(&self.action, payload, options));
                    match call {
                        Ok(call) => State::Idle(Box::new(call)),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
                State::Idle(mut call) => State::Reading(Box::pin(async move {
                    let batch = call.next_batch().await;
                    (call, batch)
                })),
                State::Reading(mut reading) => {
                    let Poll::Ready((call, batch)) = reading.as_mut().poll(cx) else {
                        self.state = State::Reading(reading);
                        return Poll::Pending;
                    };
                    match batch {
                        Ok(Some(chunks)) => {
                            self.ready = chunks.into();
                            State::Idle(call)
                        }
                        Ok(None) => {
                            self.summary = call.summary().cloned();
                            State::Over
                        }
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
                State::Over => return Poll::Ready(None),
            };
        }
    }
}

impl<C: DeserializeOwned> Stream for ChunkStream<C> {
    type Item = Result<C>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<C>>> {
        let this = self.get_mut();
        let chunk = match ready!(this.poll_text(cx)) {
            Some(chunk) => chunk.and_then(|chunk| read(&chunk, &this.action)),
            None => return Poll::Ready(None),
        };
        if chunk.is_err() {
            // The rest can't be told from what is missing: the stream ends here, at the node, too.
            this.state = State::Over;
            this.ready.clear();
        }
        Poll::Ready(Some(chunk))
    }
}
