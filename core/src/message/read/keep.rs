//! What is kept of a message that is read. All else is only checked.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytestring::ByteString;

use super::super::{ErrorMeta, Message, MessageType, Ncp};
use crate::json::Json;

/// What a message is read into.
pub(super) trait Keep: Sized {
    /// Whether all of it is kept. A text that is kept costs a reference to the buffer, which for a client's answers took
    /// as long as finding it.
    const WHOLE: bool = false;

    /// Before its text is read. Where a field turns out malformed it keeps what it has here: the slip that is noted keeps
    /// the message from being used.
    fn blank() -> Self;

    fn kind(&mut self) -> &mut MessageType;
    fn correlation_id(&mut self) -> &mut Option<ByteString>;
    fn payload(&mut self) -> &mut Json;
    fn error(&mut self) -> &mut Option<Box<ErrorMeta>>;

    /// Where the rest of the metadata is kept, and that of tasks and streams, if it is.
    fn ncp(&mut self) -> Option<&mut Ncp>;

    /// The message, where all of it is kept.
    fn whole(&mut self) -> Option<&mut Message> {
        None
    }
}

impl Keep for Message {
    const WHOLE: bool = true;

    fn blank() -> Self {
        Self {
            id: ByteString::new(),
            kind: MessageType::Event,
            route: None,
            timestamp: ByteString::new(),
            protocol_version: ByteString::new(),
            correlation_id: None,
            reply_to: None,
            ncp: None,
            extensions: Vec::new(),
            payload: Json::null(),
        }
    }

    fn kind(&mut self) -> &mut MessageType {
        &mut self.kind
    }

    fn correlation_id(&mut self) -> &mut Option<ByteString> {
        &mut self.correlation_id
    }

    fn payload(&mut self) -> &mut Json {
        &mut self.payload
    }

    fn error(&mut self) -> &mut Option<Box<ErrorMeta>> {
        &mut self.ncp.get_or_insert_default().error
    }

    fn ncp(&mut self) -> Option<&mut Ncp> {
        Some(self.ncp.get_or_insert_default())
    }

    fn whole(&mut self) -> Option<&mut Message> {
        Some(self)
    }
}

/// What a client looks at in an answer: the type, the correlation id, the payload, and of the metadata task, stream and
/// error.
pub(super) struct Answer(pub(super) Message);

impl Keep for Answer {
    fn blank() -> Self {
        Self(Message::blank())
    }

    fn kind(&mut self) -> &mut MessageType {
        self.0.kind()
    }

    fn correlation_id(&mut self) -> &mut Option<ByteString> {
        self.0.correlation_id()
    }

    fn payload(&mut self) -> &mut Json {
        Keep::payload(&mut self.0)
    }

    fn error(&mut self) -> &mut Option<Box<ErrorMeta>> {
        self.0.error()
    }

    fn ncp(&mut self) -> Option<&mut Ncp> {
        self.0.ncp()
    }
}

/// The same of a plain call, whose answer has neither task nor stream: these are unknown fields to it.
pub(crate) struct PlainAnswer {
    pub(crate) kind: MessageType,
    pub(crate) correlation_id: Option<ByteString>,
    pub(crate) payload: Json,
    pub(crate) error: Option<Box<ErrorMeta>>,
}

impl Keep for PlainAnswer {
    fn blank() -> Self {
        Self {
            kind: MessageType::Event,
            correlation_id: None,
            payload: Json::null(),
            error: None,
        }
    }

    fn kind(&mut self) -> &mut MessageType {
        &mut self.kind
    }

    fn correlation_id(&mut self) -> &mut Option<ByteString> {
        &mut self.correlation_id
    }

    fn payload(&mut self) -> &mut Json {
        &mut self.payload
    }

    fn error(&mut self) -> &mut Option<Box<ErrorMeta>> {
        &mut self.error
    }

    fn ncp(&mut self) -> Option<&mut Ncp> {
        None
    }
}
