//! The message model of the wire contract, sections 1 and 2, and its two encodings.

#![deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)
)]

mod address;
mod error;
mod ids;
mod kind;
mod node_id;
mod read;
#[cfg(test)]
mod tests;
pub mod timestamp;
mod write;

use alloc::boxed::Box;
use alloc::vec::Vec;
use bytestring::ByteString;

pub use address::{AddressUri, Scheme};
pub(crate) use address::{node_text, service_text};
pub use error::EnvelopeError;
pub use ids::{InvalidId, check_action, check_task_id, check_tenant_id, check_uuid_v4, uuid_v4};
pub use kind::{MessageType, Pattern};
pub use node_id::NodeId;
pub(crate) use read::PlainAnswer;
pub(crate) use write::PlainMessage;

use crate::ErrorCode;
use crate::json::Json;

/// What this client writes.
pub(crate) const PROTOCOL_VERSION: &str = "1.0";

/// One ANCP message. `P` is how the payload is held: JSON text, or whatever a host keeps values in.
#[derive(Clone, Debug, PartialEq)]
pub struct Message<P = Json> {
    /// UUID v4, lower case.
    pub id: ByteString,
    /// What kind of message it is.
    pub kind: MessageType,
    /// Source, destination and tenant; absent where the sender knows no tenant.
    pub route: Option<Route>,
    /// RFC 3339, as it came or as it will be written.
    pub timestamp: ByteString,
    /// `1.{digits}`; `1.0` is what this client writes.
    pub protocol_version: ByteString,
    /// Ties an answer to its request.
    pub correlation_id: Option<ByteString>,
    /// Where answers should go, where that is not the source.
    pub reply_to: Option<AddressUri>,
    /// The `ncp` metadata: what makes the message a node call or its answer.
    pub ncp: Option<Ncp>,
    /// Other extensions, carried along unread, in their order.
    pub extensions: Vec<(ByteString, Json)>,
    /// The payload.
    pub payload: P,
}

impl<P> Message<P> {
    /// The same message with its payload held in another way.
    pub fn map_payload<Q>(self, convert: impl FnOnce(P) -> Q) -> Message<Q> {
        Message {
            id: self.id,
            kind: self.kind,
            route: self.route,
            timestamp: self.timestamp,
            protocol_version: self.protocol_version,
            correlation_id: self.correlation_id,
            reply_to: self.reply_to,
            ncp: self.ncp,
            extensions: self.extensions,
            payload: convert(self.payload),
        }
    }
}

/// Where a message comes from and goes to. The three stand together or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Who sends.
    pub source: AddressUri,
    /// Who receives.
    pub destination: AddressUri,
    /// The tenant that both belong to.
    pub tenant_id: ByteString,
}

/// The `ncp` metadata of section 2. Which fields stand depends on whether it is a request or an answer.
// Large fields that few messages have are boxed, as messages are moved along from layer to layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ncp {
    /// The action called.
    pub action: Option<ByteString>,
    /// The pattern of the call.
    pub pattern: Option<Pattern>,
    /// The node called or answering.
    pub node_id: Option<NodeId>,
    /// W3C trace context.
    pub traceparent: Option<ByteString>,
    /// W3C trace context, vendors' part.
    pub tracestate: Option<ByteString>,
    /// Proof of payment.
    pub receipt_id: Option<ByteString>,
    /// Whom the node authenticated.
    pub caller: Option<Box<Caller>>,
    /// The state of a task.
    pub task: Option<Box<TaskMeta>>,
    /// The place in a stream.
    pub stream: Option<StreamMeta>,
    /// What went wrong.
    pub error: Option<Box<ErrorMeta>>,
}

/// Whom the node authenticated.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// `jwt`, `apiKey`, `did` or `none`.
    pub mode: ByteString,
    /// Absent with `none`.
    pub subject: Option<ByteString>,
}

/// `ncp.task`.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskMeta {
    /// The task's id.
    pub task_id: ByteString,
    /// The action that runs.
    pub action: ByteString,
    /// The state, as text: states that this version does not know are kept.
    pub state: ByteString,
    /// From 0 to 1.
    pub progress: Option<f64>,
    /// A sentence for people.
    pub message: Option<ByteString>,
    /// RFC 3339.
    pub created_at: ByteString,
    /// RFC 3339.
    pub updated_at: ByteString,
    /// Why it failed.
    pub error: Option<Box<ErrorMeta>>,
}

/// `ncp.stream`.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamMeta {
    /// The stream's id.
    pub stream_id: ByteString,
    /// The chunk's number, from 1; in a final message the last chunk's.
    pub sequence: u64,
    /// Whether the stream can be resumed.
    pub resumable: bool,
    /// Whether the stream is complete with this message.
    pub is_final: bool,
}

/// `ncp.error`.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorMeta {
    /// The code.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: ByteString,
    /// Whether trying again may help.
    pub retryable: bool,
    /// More, as JSON.
    pub details: Option<Json>,
}
