//! Building a node's answers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ancp_core::Json;
use ancp_core::message::{
    AddressUri, Caller as CallerMeta, EnvelopeError, Message, MessageType, Ncp, NodeId, Route,
    timestamp, uuid_v4,
};
use bytestring::ByteString;

use crate::Failure;

/// What a node says to one request.
pub enum Answer {
    /// One message.
    Reply(Box<Reply>),
    /// Nothing to say: it is done.
    Done,
    /// The chunks of a stream.
    Stream(crate::stream::StreamConnection),
    /// The states of a task.
    TaskEvents(crate::task::TaskWatch),
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Reply(Box::new(reply))
    }
}

/// An answer of one message.
#[derive(Clone, Debug)]
pub struct Reply {
    /// How it went, as an HTTP status.
    pub status: u16,
    /// The answer.
    pub message: Message<Json>,
    /// The task that was begun.
    pub task_id: Option<String>,
    /// When to try again.
    pub retry_after: Option<Duration>,
}

impl Reply {
    pub(crate) fn new(status: u16, message: Message<Json>) -> Self {
        Self {
            status,
            message,
            task_id: None,
            retry_after: None,
        }
    }

    /// The failure that it tells of.
    pub(crate) fn is_retryable(&self) -> bool {
        let error = self.message.ncp.as_ref().and_then(|ncp| ncp.error.as_ref());
        error.is_some_and(|error| error.retryable)
    }
}

/// What ties answers to their request: whom they go to, and the correlation id.
///
/// The texts are copied out of the request, as a slice would keep all of its body in memory for as
/// long as the answer is remembered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thread {
    correlation_id: Option<ByteString>,
    source: Option<AddressUri>,
}

impl Thread {
    fn of(message: &Message<Json>) -> Self {
        let correlation_id = message.correlation_id.as_ref().unwrap_or(&message.id);
        let source = message.route.as_ref().map(|route| &route.source);
        Self {
            correlation_id: Some(copy(correlation_id)),
            source: source.and_then(|source| AddressUri::parse(copy(source.as_str())).ok()),
        }
    }

    /// As much as could be read of a message.
    pub(crate) fn of_read(read: &Result<Message<Json>, EnvelopeError>) -> Self {
        match read {
            Ok(message) => Self::of(message),
            Err(error) => Self::of_unreadable(error),
        }
    }

    fn of_unreadable(error: &EnvelopeError) -> Self {
        let correlation_id = error.correlation_id.as_ref().or(error.id.as_ref());
        Self {
            correlation_id: correlation_id.map(|id| copy(id)),
            source: None,
        }
    }

    pub(crate) fn correlation_id(&self) -> Option<&str> {
        self.correlation_id.as_deref()
    }
}

fn copy(text: &str) -> ByteString {
    ByteString::from(text.to_owned())
}

/// The node as its messages name it.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) node_id: NodeId,
    pub(crate) tenant_id: ByteString,
    /// The node's own address.
    pub(crate) address: AddressUri,
    /// Whom answers go to where the request does not say.
    pub(crate) client: AddressUri,
}

impl Identity {
    /// A Response from this node.
    pub(crate) fn answer(&self, thread: &Thread, ncp: Ncp, payload: Json) -> Message<Json> {
        let ours = |address: &&AddressUri| address.tenant() == &*self.tenant_id;
        let destination = thread.source.as_ref().filter(ours).unwrap_or(&self.client);
        let route = Route {
            source: self.address.clone(),
            destination: destination.clone(),
            tenant_id: self.tenant_id.clone(),
        };
        let ncp = Ncp {
            node_id: Some(self.node_id.clone()),
            ..ncp
        };
        response(thread, Some(route), ncp, payload)
    }

    /// A success.
    pub(crate) fn success(
        &self,
        thread: &Thread,
        caller: CallerMeta,
        payload: Json,
    ) -> Message<Json> {
        let ncp = Ncp {
            caller: Some(Box::new(caller)),
            ..Ncp::default()
        };
        self.answer(thread, ncp, payload)
    }

    /// A failure.
    pub(crate) fn failure(&self, thread: &Thread, failure: &Failure) -> Reply {
        let message = self.answer(thread, error_ncp(failure), Json::null());
        failed(failure, message)
    }
}

/// A failure where no node is known.
pub(crate) fn failure_of_no_node(thread: &Thread, failure: &Failure) -> Reply {
    failed(
        failure,
        response(thread, None, error_ncp(failure), Json::null()),
    )
}

fn failed(failure: &Failure, message: Message<Json>) -> Reply {
    Reply {
        retry_after: failure.delay(),
        ..Reply::new(failure.status(), message)
    }
}

pub(crate) fn error_ncp(failure: &Failure) -> Ncp {
    Ncp {
        error: Some(Box::new(failure.to_meta())),
        ..Ncp::default()
    }
}

fn response(thread: &Thread, route: Option<Route>, ncp: Ncp, payload: Json) -> Message<Json> {
    Message {
        id: new_id(),
        kind: MessageType::Response,
        route,
        timestamp: now(),
        protocol_version: ByteString::from_static("1.0"),
        correlation_id: thread.correlation_id.clone(),
        reply_to: None,
        ncp: Some(ncp),
        extensions: Vec::new(),
        payload,
    }
}

/// The time, as messages write it.
pub(crate) fn now() -> ByteString {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = elapsed.unwrap_or_default().as_millis();
    timestamp::from_unix_millis(u64::try_from(millis).unwrap_or_default()).into()
}

/// A fresh message id.
pub(crate) fn new_id() -> ByteString {
    uuid_v4(random())
}

/// A name that can't be guessed: of a task, a stream or a key.
pub(crate) fn random_name() -> String {
    random::<16>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// # Panics
/// Without randomness from the operating system there is no safe way on.
#[allow(clippy::expect_used)]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
