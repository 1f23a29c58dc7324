//! The seam between the client's verbs and the protocols that carry them.
//!
//! A [`Transport`] carries one operation to one endpoint and brings back one answer, or a stream of
//! answers. It makes a single attempt: deadlines, retries, credentials and resuming are the client's.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bytestring::ByteString;

use crate::address::{Endpoint, HttpUrl, NodeAddress};
use crate::auth::Credential;
use crate::client::{Spent, not_allowed};
use crate::json::Json;
use crate::message::{Message, Pattern, check_task_id};
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
use crate::task::TaskStatus;
use crate::{Error, ErrorCode, Result};

/// How a request's payload is held on its way: JSON text, or a host's own handle to a value.
pub trait Payload: Clone + From<Json> + MaybeSend + MaybeSync + 'static {}
impl<T: Clone + From<Json> + MaybeSend + MaybeSync + 'static> Payload for T {}

/// Carries operations to nodes.
pub trait Transport<P>: MaybeSend + MaybeSync + 'static {
    /// Makes one attempt at an operation. Where a stream answers it, returns once that has begun.
    fn carry<'a>(&'a self, request: &'a Request<P>) -> BoxFuture<'a, Result<Reply>>;

    /// Where an address is reached, for a transport that knows its nodes by itself. By default the
    /// client looks addresses up in documents that it asks the transport for.
    fn locate(&self, address: &NodeAddress) -> Option<Endpoint> {
        let _ = address;
        None
    }
}

/// One operation for one endpoint.
pub struct Request<P> {
    /// Where to.
    pub endpoint: Arc<Endpoint>,
    /// What.
    pub operation: Operation<P>,
    /// What the call that it is part of has paid, where there is a payer.
    pub(crate) spent: Option<Spent>,
    /// As whom.
    pub credential: Option<Credential>,
    /// The caller's additional headers.
    pub headers: Vec<(String, String)>,
    /// Whether the payloads of a call's answers are parsed when their type is known, further up. A transport then need
    /// only find where they end: whether they are JSON will turn out there.
    pub parsed_later: bool,
}

impl<P> Request<P> {
    /// The URL below which the request goes: the node's, or that which discovery is asked below.
    pub(crate) fn target(&self) -> &str {
        match (&self.operation, &self.endpoint.base) {
            (Operation::Discover, Some(base)) => base,
            (Operation::DidDocument { url }, _) => url.as_str(),
            _ => &self.endpoint.url,
        }
    }
}

/// What a transport can be asked to carry.
pub enum Operation<P> {
    /// A node call: its pattern says which.
    // Boxed, as a message is large, and futures that hold it move it along.
    Call(Box<Message<P>>),
    /// Asks for the rest of a stream.
    ResumeStream {
        /// The stream.
        stream_id: ByteString,
        /// The last sequence that arrived.
        after: u64,
        /// The correlation id of the message that began it.
        correlation_id: Option<ByteString>,
    },
    /// Ends a stream at the node.
    EndStream {
        /// The stream.
        stream_id: ByteString,
    },
    /// Asks for a task's status.
    TaskStatus {
        /// The task.
        task_id: ByteString,
    },
    /// Listens to a task's status.
    TaskEvents {
        /// The task.
        task_id: ByteString,
    },
    /// Gives a task the input that it waits for.
    TaskInput {
        /// The task.
        task_id: ByteString,
        /// The input.
        message: Box<Message<P>>,
    },
    /// Cancels a task.
    CancelTask {
        /// The task.
        task_id: ByteString,
    },
    /// Asks for the discovery document.
    Discover,
    /// Asks for a DID's document.
    DidDocument {
        /// Where it is.
        url: HttpUrl,
    },
}

impl<P> Operation<P> {
    /// Asks for a task's status.
    ///
    /// # Errors
    /// `invalid_options` for what is no task's id.
    pub fn task_status(task_id: &str) -> Result<Self> {
        let task_id = checked_task_id(task_id)?;
        Ok(Self::TaskStatus { task_id })
    }

    /// Cancels a task.
    ///
    /// # Errors
    /// `invalid_options` for what is no task's id.
    pub fn cancel_task(task_id: &str) -> Result<Self> {
        let task_id = checked_task_id(task_id)?;
        Ok(Self::CancelTask { task_id })
    }

    /// Whether it is answered by a stream.
    pub fn has_stream(&self) -> bool {
        match self {
            Self::Call(message) => {
                let ncp = message.ncp.as_ref();
                ncp.and_then(|ncp| ncp.pattern) == Some(Pattern::Streaming)
            }
            Self::ResumeStream { .. } | Self::TaskEvents { .. } => true,
            _ => false,
        }
    }
}

pub(crate) fn checked_task_id(task_id: &str) -> Result<ByteString> {
    check_task_id(task_id).map_err(|error| not_allowed("taskId", error))?;
    Ok(task_id.into())
}

/// What an operation is answered by.
pub enum Reply {
    /// One answer.
    Answer(Answer),
    /// A stream of answers.
    Opened(Opened),
}

impl Reply {
    pub(crate) fn answer(self) -> Result<Answer> {
        match self {
            Self::Answer(answer) => Ok(answer),
            Self::Opened(_) => Err(unexpected("it is a stream")),
        }
    }

    pub(crate) fn opened(self) -> Result<Opened> {
        match self {
            Self::Opened(opened) => Ok(opened),
            Self::Answer(_) => Err(unexpected("it is no stream")),
        }
    }
}

/// One answer.
pub enum Answer {
    /// A Response.
    Message(Box<Message>),
    /// A discovery document.
    Document(Json),
    /// Accepted, with nothing to say.
    Accepted,
}

impl Answer {
    /// The payload of a Response.
    ///
    /// # Errors
    /// `invalid_response` where it is none.
    pub fn into_result(self) -> Result<Json> {
        match self {
            Self::Message(message) => Ok(message.payload),
            Self::Document(_) | Self::Accepted => Err(unexpected("it has no result")),
        }
    }

    /// The discovery document.
    ///
    /// # Errors
    /// `invalid_response` where it is none.
    pub fn into_document(self) -> Result<Json> {
        match self {
            Self::Document(document) => Ok(document),
            Self::Message(_) | Self::Accepted => Err(unexpected("it is no document")),
        }
    }

    /// The status of a task.
    ///
    /// # Errors
    /// `invalid_response` where it tells of none.
    pub fn into_status(self) -> Result<TaskStatus> {
        let Self::Message(message) = self else {
            return Err(unexpected("it tells of no task"));
        };
        let task = message.ncp.and_then(|ncp| ncp.task);
        let task = task.ok_or_else(|| unexpected("ncp.task is missing"))?;
        Ok(TaskStatus::new(*task, message.payload))
    }
}

/// The error of an answer that has not what was asked for.
pub(crate) fn unexpected(why: &str) -> Error {
    Error::new(
        ErrorCode::InvalidResponse,
        ["the answer is not what was asked for: ", why].concat(),
    )
    .maybe_delivered(true)
}

/// A stream of answers that has begun.
pub struct Opened {
    /// The stream's id, where it is known before the first chunk.
    pub stream_id: Option<ByteString>,
    /// The answers.
    pub events: Box<dyn Events>,
}

/// The answers of a stream, pulled. Dropping it closes the connection.
pub trait Events: MaybeSend {
    /// Waits for what arrives next. `None`: the connection ended. A batch without events means
    /// that the connection is alive, no more.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>>;
}

/// What arrived at once.
#[derive(Default)]
pub struct Batch {
    /// In order.
    pub events: Vec<Event>,
    /// What is wrong with the one after them; the stream can't be read further.
    pub failure: Option<Error>,
    /// The delay before resuming that the node asks for, in milliseconds.
    pub retry_ms: Option<u64>,
}

/// One event of a stream.
pub struct Event {
    /// What it tells.
    pub kind: EventKind,
    /// The sequence that the transport's own id of the event tells, on a transport whose events have ids; 0 where the
    /// event has none, or one that is no sequence.
    pub sequence: Option<u64>,
    /// The Response that it carries.
    pub message: Message,
}

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A chunk of a stream.
    Chunk,
    /// The stream is complete.
    Done,
    /// The stream failed.
    Error,
    /// A task's status.
    Status,
}
